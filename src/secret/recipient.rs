//! The age recipients of a cluster: `_sealing/*.age.pub`.
//!
//! A recipient is a public key. Whoever has its private key, the age identity, can decrypt every
//! value that is encrypted for it. Each line of a file is one recipient, as `age-keygen -y` prints
//! it. Empty lines and lines that start with `#` are skipped, as in age.

use crate::diagnostic::{Code, Diagnostic, Reported, Sources};
use crate::source::{self, read_text};
use std::collections::BTreeSet;
use std::fs::FileType;
use std::path::Path;

/// The ending of the name of a file of recipients.
pub const RECIPIENTS: &str = ".age.pub";

/// The start of an age identity, which is a private key.
const PRIVATE: &str = "AGE-SECRET-KEY-";

/// A recipient.
#[derive(Clone, Debug)]
pub struct Recipient {
    /// The file of the recipient, relative to the project's folder.
    pub path: String,
    /// The recipient as text: `age1…`.
    pub text: String,
    key: age::x25519::Recipient,
}

impl Recipient {
    /// The recipient that a line of a file states.
    pub(super) fn of(path: &str, text: &str) -> Result<Self, String> {
        let key = text.parse().map_err(|why| format!("it contains no X25519 recipient: {why}"))?;
        Ok(Self { path: path.to_owned(), text: text.to_owned(), key })
    }

    /// The public key.
    pub(super) fn key(&self) -> &age::x25519::Recipient {
        &self.key
    }
}

/// Reads the recipients in a folder, in the order of their text and each once. Unusable files are
/// reported. The reader of the certificates reports a folder that cannot be read.
pub(super) fn read(root: &Path, folder: &str, sources: &mut Sources) -> Reported<Vec<Recipient>> {
    let (mut recipients, mut diagnostics) = (Vec::new(), Vec::new());
    for (name, kind) in source::entries(&root.join(folder)).unwrap_or_default() {
        let shown = format!("{folder}/{name}");
        match one(root, &shown, &name, kind, sources) {
            Ok(found) => recipients.extend(found),
            Err(problem) => diagnostics.push(*problem),
        }
    }
    recipients.sort_by(|a: &Recipient, b| a.text.cmp(&b.text));
    recipients.dedup_by(|a, b| a.text == b.text);
    Reported { value: recipients, diagnostics }
}

/// The recipients of a file. A file with another name has none.
fn one(
    root: &Path,
    shown: &str,
    name: &str,
    kind: FileType,
    sources: &mut Sources,
) -> Result<Vec<Recipient>, Box<Diagnostic>> {
    let bad = |message: String, help: &str| {
        // SW707: a sealing certificate that cannot be used.
        Box::new(Diagnostic::of_path(Code::BadCertificate, shown, message).help(help))
    };
    // The reader of the certificates reports links.
    if name.starts_with('.') || kind.is_symlink() {
        return Ok(Vec::new());
    }
    if name.ends_with(".agekey") || name.ends_with(".age") {
        return Err(bad(
            format!("`{name}` is not read, because its name does not end with `{RECIPIENTS}`"),
            "only public keys belong here: `age-keygen -y KEY_FILE > NAME.age.pub` writes one",
        ));
    }
    if !name.ends_with(RECIPIENTS) {
        return Ok(Vec::new());
    }
    if !kind.is_file() {
        return Err(Box::new(source::irregular(shown)));
    }
    let (text, problem) = read_text(&root.join(shown), shown, sources.next_id());
    sources.add(shown.to_owned(), text.clone());
    if let Some(problem) = problem {
        return Err(Box::new(problem));
    }
    // The diagnostic shows no line, because the line may contain the key.
    if text.to_ascii_uppercase().contains(PRIVATE) {
        return Err(bad(
            format!(
                "`{name}` contains a private key, which decrypts every password of the cluster"
            ),
            "remove the key from the history of Git, make a new key, and rotate every password that was \
             encrypted for this key",
        ));
    }
    recipients(shown, &text).map_err(|why| {
        let help =
            "write the public key of an age identity: `age-keygen -y KEY_FILE > NAME.age.pub`";
        bad(format!("`{name}` cannot be used: {why}"), help)
    })
}

/// The recipients that a file states, or why it states none.
pub fn recipients(path: &str, text: &str) -> Result<Vec<Recipient>, String> {
    let lines = text.lines().map(str::trim);
    let lines = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
    let found: Vec<Recipient> =
        lines.map(|line| Recipient::of(path, line)).collect::<Result<_, _>>()?;
    if found.is_empty() { Err("it contains no recipient".to_owned()) } else { Ok(found) }
}

/// The texts of recipients.
pub(super) fn texts(recipients: &[Recipient]) -> BTreeSet<&str> {
    recipients.iter().map(|recipient| recipient.text.as_str()).collect()
}
