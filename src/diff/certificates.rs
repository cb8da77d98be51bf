//! Changes of sealing certificates and age recipients. No manifest is rendered from them, but they
//! decide who can decrypt the next passwords.

use crate::output::Files;
use crate::risk::{Action, Finding, Level, ObjectChange};
use crate::secret::{Certificate, RECIPIENTS, recipients};
use std::collections::BTreeSet;

/// The changes of certificates and recipients. Both sides map paths below the folder of definitions
/// to files.
pub fn certificates(base: &Files, head: &Files) -> Vec<ObjectChange> {
    let paths: BTreeSet<&String> = base.keys().chain(head.keys()).collect();
    paths
        .into_iter()
        .filter(|path| base.get(*path) != head.get(*path))
        .map(|path| match path.ends_with(RECIPIENTS) {
            true => recipient(path, base.get(path), head.get(path)),
            false => change(path, base.get(path), head.get(path)),
        })
        .collect()
}

/// A change of a file of recipients.
fn recipient(path: &str, base: Option<&Vec<u8>>, head: Option<&Vec<u8>>) -> ObjectChange {
    let stated = |file: Option<&Vec<u8>>| {
        let text = std::str::from_utf8(file?).ok()?;
        let found = recipients(path, text).ok()?;
        Some(found.iter().map(|one| one.text.as_str()).collect::<Vec<_>>().join(", "))
    };
    let of = |file| stated(file).unwrap_or_else(|| "nobody known".to_owned());
    let (action, reason, instead) = match (base, head) {
        (base, None) => (
            Action::Removed,
            format!("no new password is encrypted for {}", of(base)),
            "rotate the passwords that were encrypted for it: whoever has the identity knows them",
        ),
        (base, head) => (
            if base.is_some() { Action::Changed } else { Action::Added },
            format!("new passwords are encrypted for {}", of(head)),
            "compare it with what the owner's `age-keygen -y` prints: whoever has the identity can read \
             them",
        ),
    };
    let instead = Some(instead.into());
    let finding = Finding { level: Level::Credential, field: None, reason, instead };
    super::foreign::of_file("Recipient", path, action, [base, head], finding)
}

fn change(path: &str, base: Option<&Vec<u8>>, head: Option<&Vec<u8>>) -> ObjectChange {
    let fingerprint = head.and_then(|bytes| std::str::from_utf8(bytes).ok());
    let fingerprint = fingerprint.and_then(|text| Certificate::of_pem(path, text).ok());
    let fingerprint =
        fingerprint.map_or("of no known key".to_owned(), |certificate| certificate.fingerprint);
    let (action, level, reason, instead) = match (base, head) {
        (_, None) => (
            Action::Removed,
            Level::Rollout,
            "from now on, sitewright refuses values that are sealed for its key".to_owned(),
            None,
        ),
        (base, Some(_)) => (
            if base.is_some() { Action::Changed } else { Action::Added },
            Level::Credential,
            format!("new passwords are sealed for its key, {fingerprint}"),
            Some(
                "compare the fingerprint with the log of the controller: whoever has the private key can read the passwords"
                    .into(),
            ),
        ),
    };
    let finding = Finding { level, field: None, reason, instead };
    super::foreign::of_file("Certificate", path, action, [base, head], finding)
}
