//! Secrets in clear text: the folder `.sitewright/secrets/`, which never leaves the machine.
//!
//! Only its owner may read the folder (0700) and its files (0600). The folder contains a
//! `.gitignore` for itself, and sitewright refuses to use it if Git tracks it anyway. Templates do
//! not render these manifests, because errors may show the output of a template.

use super::carrier::GENERATION;
use super::need::Need;
use super::password::Password;
use super::record::Record;
use crate::diagnostic::{Code, Diagnostic, cause};
use std::fs;
use std::io::{self, ErrorKind, Read, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use zeroize::Zeroizing;

/// The folder, relative to the project's folder.
pub(super) const FOLDER: &str = ".sitewright/secrets";

/// The content of its `.gitignore`: it ignores every file, including itself.
const IGNORE: &[u8] = b"*\n";

/// The first lines of the manifests.
const FIRST_LINE: &str = "# A password in clear text, made by sitewright. Never commit it.\n";

/// The file of a Secret, relative to the project's folder.
pub(super) fn path(definition: &str, secret: &str) -> String {
    format!("{FOLDER}/{definition}/{secret}.yaml")
}

/// The file of a password, relative to the project's folder.
fn file(need: &Need) -> String {
    path(&need.definition, &need.wanted.name)
}

/// The password that a run wrote for a Secret, and its generation.
pub(super) fn value(root: &Path, need: &Need) -> Option<(Password, u32)> {
    let text = read(&root.join(file(need))).ok()?;
    let value = quoted(&text, &format!("  {}: \"", need.key()))?;
    let password = match need.wanted.given {
        true => Password::given(need.wanted.form, value),
        false => Password::minted_before(need.wanted.form, value),
    };
    let generation = quoted(&text, &format!("    {GENERATION}: \""));
    let generation = generation.and_then(|value| std::str::from_utf8(value).ok()?.parse().ok());
    Some((password?, generation.unwrap_or(1)))
}

/// Whether the file for the password of a Secret exists.
pub(super) fn is_there(root: &Path, need: &Need) -> bool {
    root.join(file(need)).symlink_metadata().is_ok_and(|found| found.is_file())
}

/// The rest of the line with this start, up to its closing quote.
fn quoted<'t>(text: &'t [u8], start: &str) -> Option<&'t [u8]> {
    let line = text.split(|byte| *byte == b'\n').find(|line| line.starts_with(start.as_bytes()))?;
    line[start.len()..].strip_suffix(b"\"")
}

/// Brings the Secrets of these passwords up to date: those with a new password, and those whose
/// password is already on this machine. It returns the paths of the files that it wrote, relative
/// to the project's folder.
pub(super) fn write(
    root: &Path,
    values: &[(&Need, &Record, Option<&Password>)],
) -> Result<Vec<String>, Box<Diagnostic>> {
    let mut folder = None;
    let mut written = Vec::new();
    for (need, record, new) in values {
        let here = if new.is_none() { value(root, need).map(|(here, _)| here) } else { None };
        let Some(password) = new.or(here.as_ref()) else { continue };
        let text = manifest(need, record, password);
        let shown = file(need);
        let target = root.join(&shown);
        refuse_links(root, &shown)?;
        // The folder may have changed since the last run, so its protection is checked again.
        if folder.is_none() {
            folder = Some(prepare(root)?);
        }
        if read(&target).is_ok_and(|now| *now == *text) {
            own(&target, 0o600).map_err(|error| failed(&shown, &error))?;
            continue;
        }
        put(&target, &text).map_err(|error| failed(&shown, &error))?;
        written.push(shown);
    }
    Ok(written)
}

/// Removes the Secret in clear text if sitewright wrote one, and returns its path.
pub(super) fn remove(root: &Path, path: &str) -> Result<Option<String>, Box<Diagnostic>> {
    let target = root.join(path);
    let is_ours = read(&target).is_ok_and(|text| text.starts_with(FIRST_LINE.as_bytes()));
    if !is_ours {
        return Ok(None);
    }
    fs::remove_file(&target).map_err(|error| failed(path, &error))?;
    // Empty folders are removed too.
    let mut folder = target.parent();
    while let Some(path) = folder.filter(|path| **path != root.join(FOLDER)) {
        if fs::remove_dir(path).is_err() {
            break;
        }
        folder = path.parent();
    }
    Ok(Some(path.to_owned()))
}

/// Gives the files below a folder a second name below another folder. No value is copied.
pub(super) fn share(root: &Path, from: &str, to: &str) -> Result<(), Box<Diagnostic>> {
    let start = format!("{FOLDER}/{from}/");
    for path in files(root) {
        let Some(rest) = path.strip_prefix(&start) else { continue };
        let shown = format!("{FOLDER}/{to}/{rest}");
        refuse_links(root, &shown)?;
        let target = root.join(&shown);
        // A run that was killed may have shared the file already.
        if read(&target).is_ok_and(|now| read(&root.join(&path)).is_ok_and(|text| now == text)) {
            continue;
        }
        let shared = target.parent().map_or(Ok(()), make_folder);
        let shared = shared.and_then(|()| fs::hard_link(root.join(&path), &target));
        shared.map_err(|error| failed(&shown, &error))?;
    }
    Ok(())
}

/// Every manifest in clear text, relative to the project's folder.
pub(super) fn files(root: &Path) -> Vec<String> {
    fn walk(root: &Path, folder: &str, found: &mut Vec<String>) {
        for (name, kind) in crate::source::entries(&root.join(folder)).unwrap_or_default() {
            let path = format!("{folder}/{name}");
            if kind.is_dir() {
                walk(root, &path, found);
            } else if kind.is_file() && name.ends_with(".yaml") {
                found.push(path);
            }
        }
    }
    let mut found = Vec::new();
    walk(root, FOLDER, &mut found);
    found
}

/// The manifest of the Secret, ready to be applied or to be sealed by kubeseal.
fn manifest(need: &Need, record: &Record, password: &Password) -> Zeroizing<Vec<u8>> {
    let wanted = &need.wanted;
    let mut facts = format!(
        "{FIRST_LINE}apiVersion: v1\nkind: Secret\nmetadata:\n  name: {}\n  namespace: {}\n  \
         labels:\n    app.kubernetes.io/part-of: {}\n",
        scalar(&wanted.name),
        scalar(&wanted.namespace),
        scalar(&need.owner),
    );
    if let Some(label) = wanted.purpose.watch_label {
        facts += &format!("    {label}: \"\"\n");
    }
    facts += &format!(
        "  annotations:\n    {}: \"{}\"\ntype: {}\nstringData:\n",
        GENERATION, record.generation, wanted.purpose.kind
    );
    for (key, value) in &wanted.others {
        if let Some(value) = value {
            facts += &format!("  {key}: {}\n", scalar(value));
        }
    }
    // The capacity is enough for the whole text, because a text that grows leaves copies of the
    // password in memory.
    let room = facts.len() + need.key().len() + password.reveal().len() + 8;
    let mut text = Zeroizing::new(Vec::with_capacity(room));
    text.extend_from_slice(facts.as_bytes());
    text.extend_from_slice(format!("  {}: \"", need.key()).as_bytes());
    text.extend_from_slice(password.reveal());
    text.extend_from_slice(b"\"\n");
    text
}

/// A value in quotes. Names, hosts and numbers contain no character that needs an escape.
fn scalar(text: &str) -> String {
    format!("\"{text}\"")
}

/// The bytes of a file. They are wiped when they are dropped.
fn read(path: &Path) -> io::Result<Zeroizing<Vec<u8>>> {
    let found = fs::metadata(path)?;
    // Opening a pipe might block forever.
    if !found.is_file() {
        return Err(io::Error::other("it is not a regular file"));
    }
    let file = fs::File::open(path)?;
    let size = usize::try_from(found.len()).unwrap_or_default().min(1 << 20);
    let mut bytes = Zeroizing::new(Vec::with_capacity(size + 1));
    file.take(1 << 20).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Writes a file that only its owner may read. After a failure there is no partly written file.
fn put(path: &Path, text: &[u8]) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        make_folder(folder)?;
    }
    let new = path.with_extension("yaml.new");
    // A file that a killed run left may have other permissions.
    match fs::remove_file(&new) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let written = options.open(&new).and_then(|mut file| file.write_all(text));
    let written = written.and_then(|()| fs::rename(&new, path));
    if written.is_err() {
        let _ = fs::remove_file(&new);
    }
    written
}

fn make_folder(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// Creates and protects the folder before the first password is written.
fn prepare(root: &Path) -> Result<(), Box<Diagnostic>> {
    refuse_tracked(root)?;
    let folder = root.join(FOLDER);
    let ignore = folder.join(".gitignore");
    let made = make_folder(&folder).and_then(|()| own(&folder, 0o700)).and_then(|()| {
        // A `.gitignore` that is empty after a full disk, or that does not ignore every file, is
        // written again.
        match read(&ignore).is_ok_and(|now| *now == *IGNORE) {
            true => Ok(()),
            false => put(&ignore, IGNORE),
        }
    });
    made.map_err(|error| failed(FOLDER, &error))
}

/// Removes the permissions of other users from an existing file or folder.
#[cfg(unix)]
fn own(path: &Path, mode: u32) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    match fs::metadata(path)?.permissions().mode() & 0o777 == mode {
        true => Ok(()),
        false => fs::set_permissions(path, fs::Permissions::from_mode(mode)),
    }
}

#[cfg(not(unix))]
fn own(_: &Path, _: u32) -> io::Result<()> {
    Ok(())
}

/// Refuses a symbolic link among the folders that lead to `path`, because passwords would be
/// written to another place.
fn refuse_links(root: &Path, path: &str) -> Result<(), Box<Diagnostic>> {
    for (end, _) in path.match_indices('/') {
        let folder = &path[..end];
        let found = fs::symlink_metadata(root.join(folder));
        if found.is_ok_and(|found| !found.is_dir()) {
            let message = format!("`{folder}` is not a folder");
            let help = "move it away: sitewright writes passwords in clear text only into a real folder, never through a link";
            // SW711: no safe folder for passwords in clear text.
            return Err(Box::new(
                Diagnostic::of_path(Code::PlainPlace, folder, message).help(help),
            ));
        }
    }
    Ok(())
}

/// Whether Git tracks the folder. Git continues to track a tracked file even if `.gitignore` lists
/// it. Without Git nothing is tracked. If Git refuses to answer, as in a repository of another
/// user, the answer is not known.
fn refuse_tracked(root: &Path) -> Result<(), Box<Diagnostic>> {
    let listed = Command::new("git")
        .arg("-C")
        .arg(root)
        .args(["ls-files", "--", FOLDER])
        .env("LC_ALL", "C")
        .stdin(Stdio::null())
        .output();
    let Ok(listed) = listed else { return Ok(()) };
    let said = String::from_utf8_lossy(&listed.stderr);
    if !listed.status.success() && !said.contains("not a git repository") {
        let message = format!("Git does not say whether it tracks `{FOLDER}`");
        let help =
            "make `git status` work here first: a password in that folder might be committed";
        return Err(Box::new(Diagnostic::of_path(Code::PlainPlace, FOLDER, message).help(help)));
    }
    let tracked = String::from_utf8_lossy(&listed.stdout);
    let Some(first) = tracked.lines().find(|path| !path.ends_with("/.gitignore")) else {
        return Ok(());
    };
    let message = format!("Git tracks `{first}`");
    let help = "run `git rm -r --cached .sitewright`, remove the file from the history of Git, and \
                rotate its password: Git would commit every new password there";
    Err(Box::new(Diagnostic::of_path(Code::PlainPlace, FOLDER, message).help(help)))
}

fn failed(path: &str, error: &io::Error) -> Box<Diagnostic> {
    let message = format!("`{path}` cannot be written: {}", cause(error));
    let help = "remove the cause and run again; no record and no manifest was changed";
    // SW602: a password could not be written into the folder.
    Box::new(Diagnostic::of_path(Code::WriteFailed, path, message).help(help))
}
