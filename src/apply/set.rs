//! Records a value that a third party gave.

use super::ledger::{Ledger, last_generation};
use super::records::{Recorded, record};
use crate::diagnostic::{Checked, Code, Diagnostic};
use crate::object::Form;
use crate::secret::{KnownPassword, Need, Password, Passwords, Settled, mint, must_be_given};

/// The result of recording a value.
#[derive(Debug)]
pub struct Set {
    /// The value.
    pub passwords: Passwords,
    /// Its generation.
    pub generation: u32,
    /// The files that were written.
    pub recorded: Recorded,
}

/// The one password of a name whose value must come from a third party.
pub fn given<'l>(name: &str, ledger: &'l Ledger) -> Result<&'l Settled, Box<Diagnostic>> {
    let found = ledger.choose(name)?;
    let is_given = |settled: &&Settled| must_be_given(&settled.need, ledger.fleet);
    let given: Vec<&Settled> = found.into_iter().filter(is_given).collect();
    let refuse = |message: String, help: &str| {
        // SW709: a name that does not mean exactly one given password.
        Err(Box::new(Diagnostic::of_path(Code::NotRotatable, name, message).help(help)))
    };
    match given.as_slice() {
        [only] => Ok(only),
        [] => refuse(
            format!("`{name}` is not a password that a third party gives"),
            "`sitewright secrets rotate` makes a new password; if the cluster keeps its passwords in a \
             secret store, put the value there",
        ),
        several => {
            let paths: Vec<String> = several.iter().map(|settled| settled.need.path()).collect();
            refuse(
                format!("`{name}` means several passwords: {}", paths.join(", ")),
                "name one of them",
            )
        }
    }
}

/// Records a value. It replaces the recorded one.
pub fn set(settled: &Settled, value: &[u8], ledger: &Ledger) -> Checked<Set> {
    let Ledger { project, fleet, .. } = ledger;
    let form = settled.need.wanted.form;
    if Password::given(form, value).is_none() {
        let (message, help) = match form {
            Form::Password => (
                "the value is not a single word of at most 1024 letters, digits and signs",
                "give one line without spaces, quotes and backslashes",
            ),
            Form::FernetKey => (
                "the value is no encryption key: that is 32 bytes in URL-safe base64, which are 44 characters",
                "give the value of `encryption_key` in the site's site_config.json as it is",
            ),
        };
        // SW104: a given password with characters that are not allowed.
        let problem = Diagnostic::of_path(Code::BadValue, "standard input", message);
        return Err(vec![problem.help(help)]);
    }
    let generation = match settled.state.generation() {
        None => 1,
        Some(last) => last.checked_add(1).ok_or_else(|| vec![last_generation(settled)])?,
    };
    let known = |_: &Need| {
        let password = Password::given(form, value)?;
        Some(KnownPassword { password, kept: None })
    };
    let needs = vec![(settled.need.renewed(), generation)];
    let minted = mint(needs, fleet, &project.certificates, known)?;
    let passwords = Passwords { minted, ..Passwords::default() };
    let recorded = record(project, &passwords).map_err(|problem| vec![*problem])?;
    Ok(Set { passwords, generation, recorded })
}
