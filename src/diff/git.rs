//! A tree of manifests at a revision, read from Git's object store: nothing is checked out.

use super::tree::STAGED;
use crate::diagnostic::{Code, Diagnostic};
use crate::output::Files;
use sha1::{Digest, Sha1};
use sha2::Sha256;
use std::collections::BTreeMap;
use std::fmt;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The files of a folder at a revision, as names of Git's objects.
#[derive(Debug)]
pub struct RevisionTree {
    root: PathBuf,
    revision: String,
    /// The names, by the paths of the files below the folder.
    blobs: BTreeMap<Box<str>, Oid>,
}

/// The name of one of Git's objects: a digest of its type and content.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Oid {
    Sha1([u8; 20]),
    Sha256([u8; 32]),
}

impl Oid {
    /// The name that Git writes as this text.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        match text.len() {
            40 => bytes(text).map(Oid::Sha1),
            _ => bytes(text).map(Oid::Sha256),
        }
    }

    /// The name of a file with these bytes, with the same kind of digest.
    fn of(self, file: &[u8]) -> Self {
        let header = format!("blob {}\0", file.len());
        match self {
            Oid::Sha1(_) => {
                Oid::Sha1(Sha1::new().chain_update(header).chain_update(file).finalize().into())
            }
            Oid::Sha256(_) => {
                Oid::Sha256(Sha256::new().chain_update(header).chain_update(file).finalize().into())
            }
        }
    }
}

impl fmt::Display for Oid {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let bytes: &[u8] = match self {
            Oid::Sha1(oid) => oid,
            Oid::Sha256(oid) => oid,
        };
        bytes.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// The bytes of a hexadecimal text. `None` if the text does not have exactly this number of bytes.
fn bytes<const N: usize>(text: &str) -> Option<[u8; N]> {
    let mut bytes = [0; N];
    if text.len() != 2 * N {
        return None;
    }
    for (at, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(text.get(2 * at..2 * at + 2)?, 16).ok()?;
    }
    Some(bytes)
}

impl RevisionTree {
    /// The files of `folder` at a revision whose names have one of these endings. A revision that
    /// ends with `...` means the commit where the current branch left it.
    pub fn list(
        root: &Path,
        revision: &str,
        folder: &str,
        endings: &[&str],
    ) -> Result<Self, Box<Diagnostic>> {
        let prefix = git(root, &["rev-parse", "--show-prefix"], revision)?;
        Self::below(root, revision, &format!("{}{folder}/", prefix.trim_end()), endings)
    }

    /// The same for the whole repository, even if the project is in a folder of it.
    pub fn whole(root: &Path, revision: &str, endings: &[&str]) -> Result<Self, Box<Diagnostic>> {
        Self::below(root, revision, "", endings)
    }

    fn below(
        root: &Path,
        revision: &str,
        base: &str,
        endings: &[&str],
    ) -> Result<Self, Box<Diagnostic>> {
        let commit = resolve(root, revision)?;
        let whole = ["ls-tree", "-r", "-z", "--full-tree", &commit];
        let below = ["--", base];
        let arguments = [&whole[..], if base.is_empty() { &[] } else { &below }].concat();
        let listed = git(root, &arguments, revision)?;
        let mut blobs = BTreeMap::new();
        for line in listed.split('\0').filter(|line| !line.is_empty()) {
            let Some((facts, path)) = line.split_once('\t') else { continue };
            let mut facts = facts.split(' ');
            let (mode, oid) = (facts.next().unwrap_or_default(), facts.nth(1).unwrap_or_default());
            let path = path.strip_prefix(base).unwrap_or(path);
            let is_staged = path.split('/').any(|part| part.starts_with(STAGED));
            // Links and submodules are not manifests.
            if mode.starts_with("100") && !is_staged && endings.iter().any(|it| path.ends_with(it))
            {
                let unknown = || refuse(revision, &format!("`{oid}` names no object"));
                blobs.insert(path.into(), Oid::parse(oid).ok_or_else(unknown)?);
            }
        }
        Ok(Self { root: root.to_owned(), revision: revision.to_owned(), blobs })
    }

    /// The revision, as the user wrote it.
    pub fn revision(&self) -> &str {
        &self.revision
    }

    /// Whether the file at this path has these bytes.
    pub fn has(&self, path: &str, bytes: &[u8]) -> bool {
        self.blobs.get(path).is_some_and(|oid| *oid == oid.of(bytes))
    }

    /// The name of the content of the file at this path.
    pub(crate) fn content(&self, path: &str) -> Option<Oid> {
        self.blobs.get(path).copied()
    }

    /// The path of the first file that `is_of_kind` accepts.
    pub fn first(
        &self,
        is_of_kind: impl Fn(&[u8]) -> bool,
    ) -> Result<Option<&str>, Box<Diagnostic>> {
        // Nearly always, the first file of the first chunk is accepted.
        const AT_ONCE: usize = 64;
        let all: Vec<(&Box<str>, &Oid)> = self.blobs.iter().collect();
        for some in all.chunks(AT_ONCE) {
            let read = some.iter().map(|(path, oid)| (&***path, *oid)).collect();
            let read = blobs(&self.root, read).map_err(|why| refuse(&self.revision, &why))?;
            let found =
                some.iter().find(|(path, _)| read.get(&***path).is_some_and(|it| is_of_kind(it)));
            if let Some((path, _)) = found {
                return Ok(Some(path));
            }
        }
        Ok(None)
    }

    /// The files that no longer exist in the working tree. The paths must be those of the
    /// repository.
    pub fn gone(mut self) -> Result<Self, Box<Diagnostic>> {
        let top = git(&self.root, &["rev-parse", "--show-toplevel"], &self.revision)?;
        let top = Path::new(top.trim_end());
        self.blobs.retain(|path, _| !top.join(&**path).exists());
        Ok(self)
    }

    /// The files whose paths are wanted.
    pub fn files(&self, is_wanted: impl Fn(&str) -> bool) -> Result<Files, Box<Diagnostic>> {
        let wanted = self.blobs.iter().filter(|(path, _)| is_wanted(path));
        blobs(&self.root, wanted.map(|(path, oid)| (&**path, oid)).collect())
            .map_err(|why| refuse(&self.revision, &why))
    }
}

/// The text of a file of the project at a revision. `None` if there is no such file. Anything
/// except a plain file is refused.
pub fn file(root: &Path, revision: &str, path: &str) -> Result<Option<String>, Box<Diagnostic>> {
    let commit = resolve(root, revision)?;
    let prefix = git(root, &["rev-parse", "--show-prefix"], revision)?;
    let path = format!("{}{path}", prefix.trim_end());
    let listed = git(root, &["ls-tree", "-z", "--full-tree", &commit, "--", &path], revision)?;
    let mut facts = listed.split(['\t', ' ']);
    match (facts.next(), facts.next(), facts.next()) {
        (Some(mode), Some("blob"), Some(oid)) if mode.starts_with("100") => {
            git(root, &["cat-file", "blob", oid], revision).map(Some)
        }
        (Some(""), ..) => Ok(None),
        _ => Err(refuse(revision, &format!("its `{path}` is not a plain file"))),
    }
}

/// Whether Git has a commit of this name.
pub fn knows(root: &Path, revision: &str) -> bool {
    resolve(root, revision).is_ok()
}

fn resolve(root: &Path, revision: &str) -> Result<String, Box<Diagnostic>> {
    let commit = |name: &str| {
        let name = format!("{name}^{{commit}}");
        git(root, &["rev-parse", "--verify", "--quiet", "--end-of-options", &name], revision)
    };
    let resolved = match revision.strip_suffix("...") {
        None => commit(revision)?,
        Some(other) => {
            let other = commit(other)?;
            git(root, &["merge-base", other.trim(), "HEAD"], revision)?
        }
    };
    Ok(resolved.trim().to_owned())
}

fn git(root: &Path, arguments: &[&str], revision: &str) -> Result<String, Box<Diagnostic>> {
    let output = Command::new("git").arg("-C").arg(root).args(arguments).output();
    let output = output.map_err(|error| refuse(revision, &format!("git: {}", error.kind())))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        let said = said.lines().next().unwrap_or("Git does not know it").to_owned();
        return Err(refuse(revision, &said));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

fn refuse(revision: &str, why: &str) -> Box<Diagnostic> {
    let message = format!("`{revision}` is neither a folder nor a readable revision of Git: {why}");
    let help = "name a folder of manifests, a branch, a tag or a commit; a shallow clone may lack it \
                (`git fetch --unshallow`)";
    // SW801: a side of a diff that cannot be read.
    Box::new(Diagnostic::of_path(Code::DiffTree, revision, message).help(help))
}

/// Reads many blobs with one process. Each has the name of its file in the result, or any other name.
pub(crate) fn blobs(root: &Path, wanted: BTreeMap<&str, &Oid>) -> Result<Files, String> {
    if wanted.is_empty() {
        return Ok(Files::new());
    }
    let mut child = Command::new("git")
        .arg("-C")
        .arg(root)
        .args(["cat-file", "--batch"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|error| error.to_string())?;
    let (Some(mut stdin), Some(stdout)) = (child.stdin.take(), child.stdout.take()) else {
        return Err("the pipes to git cannot be opened".to_owned());
    };
    let names: Vec<u8> = wanted.values().flat_map(|oid| format!("{oid}\n").into_bytes()).collect();
    // Git writes answers while it still reads requests. A caller that first writes all requests
    // would wait forever.
    let asking = std::thread::spawn(move || stdin.write_all(&names));
    let read = answers(BufReader::new(stdout), wanted).map_err(|error| error.to_string());
    let asked = asking.join().map_err(|_| "git ended too early".to_owned())?;
    let ended = child.wait().map_err(|error| error.to_string())?;
    match (asked, ended.success()) {
        (Ok(()), true) => read,
        _ => Err(format!("git cat-file: {ended}")),
    }
}

fn answers(mut from: impl BufRead, wanted: BTreeMap<&str, &Oid>) -> std::io::Result<Files> {
    let mut files = Files::new();
    for path in wanted.into_keys() {
        let mut line = String::new();
        from.read_line(&mut line)?;
        let size = line.trim_end().rsplit(' ').next().and_then(|size| size.parse().ok());
        let size: usize = size.ok_or_else(|| std::io::Error::other(line.trim_end().to_owned()))?;
        let mut bytes = vec![0; size + 1];
        from.read_exact(&mut bytes)?;
        bytes.truncate(size);
        files.insert(path.to_string(), bytes);
    }
    Ok(files)
}
