//! One file: its limits and its encoding.

use super::yaml::MAX_BYTES;
use crate::diagnostic::{Checked, Code, Diagnostic, FileId, Place, Sources, Span, cause};
use std::{io::Read, path::Path};

/// The text of a file, or what is wrong with it. `shown` is its path in reports.
///
/// A text is returned beside a diagnostic if reports can show it. The diagnostic points into the
/// text by `file`.
pub fn read_text(path: &Path, shown: &str, file: FileId) -> (String, Option<Diagnostic>) {
    // Most files are read with one call.
    let mut bytes = Vec::with_capacity(4 << 10);
    let read =
        fs_err::File::open(path).and_then(|file| file.take(MAX_BYTES + 1).read_to_end(&mut bytes));
    if let Err(error) = read {
        return (String::new(), Some(unreadable(shown, &error)));
    }
    decoded(bytes, shown, file)
}

/// Like [`read_text`], for a file of a project. A text that an editor holds takes the place of the file.
pub fn current_text(
    root: &Path,
    shown: &str,
    file: FileId,
    sources: &Sources,
) -> (String, Option<Diagnostic>) {
    match sources.unsaved(shown) {
        Some(text) => decoded(text.as_bytes().to_vec(), shown, file),
        None => read_text(&root.join(shown), shown, file),
    }
}

/// The text of a file with these bytes, or what is wrong with them, like [`read_text`].
pub fn decoded(bytes: Vec<u8>, shown: &str, file: FileId) -> (String, Option<Diagnostic>) {
    if bytes.len() as u64 > MAX_BYTES {
        let message = "the file is larger than 1 MiB";
        let help = "a definition has a few dozen lines: is this the right file?";
        // SW004: a file is larger than 1 MiB.
        return (
            String::new(),
            Some(Diagnostic::of_path(Code::TooLarge, shown, message).help(help)),
        );
    }
    let text = match String::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => {
            let at = error.utf8_error().valid_up_to();
            let text = String::from_utf8_lossy(error.as_bytes()).into_owned();
            let span = Span::new(file, at, at + char::REPLACEMENT_CHARACTER.len_utf8());
            // SW002: a file is not UTF-8.
            let diagnostic = Diagnostic::new(Code::NotUtf8, span, "the file is not UTF-8")
                .label("the first invalid byte")
                .help("save the file as UTF-8");
            return (text, Some(diagnostic));
        }
    };
    let bom = text.starts_with('\u{feff}').then(|| {
        // SW003: a file starts with a byte order mark.
        Diagnostic::at(
            Code::ByteOrderMark,
            Place::Span(Span::new(file, 0, 0)),
            "the file starts with a byte order mark",
        )
        .help("run `sitewright fmt`, or save the file as UTF-8 without a byte order mark (BOM)")
    });
    (text, bom)
}

/// A file of a project that need not exist, such as its settings: its text and its id, or what is wrong with it. The
/// text is added to `sources` in both cases.
pub fn read_optional(
    root: &Path,
    shown: &str,
    sources: &mut Sources,
) -> Checked<Option<(String, FileId)>> {
    if let Some(problem) = linked(root, shown) {
        return Err(vec![problem]);
    }
    let path = root.join(shown);
    match std::fs::metadata(&path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Ok(found) if !found.is_file() => return Err(vec![irregular(shown)]),
        _ => {}
    }
    let (text, problem) = current_text(root, shown, sources.next_id(), sources);
    let file = sources.add(shown.to_owned(), text.clone());
    match problem {
        Some(problem) => Err(vec![problem]),
        None => Ok(Some((text, file))),
    }
}

/// The diagnostic for a file or folder that cannot be read.
pub fn unreadable(shown: &str, error: &std::io::Error) -> Diagnostic {
    let message = format!("cannot be read: {}", cause(error));
    // SW001: a file or folder cannot be read.
    Diagnostic::of_path(Code::Unreadable, shown, message)
        .help("check that it is a regular file and that its permissions let you read it")
}

/// The diagnostic for a pipe, socket or device in the place of a file. Reading it might never end.
pub fn irregular(shown: &str) -> Diagnostic {
    Diagnostic::of_path(Code::Unreadable, shown, "cannot be read: it is not a regular file")
        .help("put a plain file in its place, or remove it")
}

/// The diagnostic for a path in the project that is, or passes through, a symbolic link.
pub fn linked(root: &Path, shown: &str) -> Option<Diagnostic> {
    let ends = shown.match_indices('/').map(|(at, _)| at).chain([shown.len()]);
    let is_link = |part: &&str| root.join(part).symlink_metadata().is_ok_and(|it| it.is_symlink());
    let link = ends.map(|end| &shown[..end]).find(is_link)?;
    // SW005: a symbolic link among the definitions.
    Some(Diagnostic::of_path(Code::Symlink, link, format!("`{link}` is a symbolic link")).help(
        "put the file or folder itself there: then every clone of the project compiles the same",
    ))
}
