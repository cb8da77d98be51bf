//! The passwords of a valid fleet with their records, and the names by which users mean them.

use crate::diagnostic::{Code, Diagnostic};
use crate::language::{Definition, nearest_definition};
use crate::project::Project;
use crate::resolve::Fleet;
use crate::secret::{Settled, Settlement, record};

/// The inputs of a command that changes passwords.
#[derive(Debug)]
pub struct Ledger<'l> {
    /// The project.
    pub project: &'l Project,
    /// Its fleet. It must be valid, because the passwords of an invalid definition are not known.
    pub fleet: &'l Fleet<'l>,
    /// Its passwords with their records.
    pub settlement: Settlement,
}

impl Ledger<'_> {
    /// The diagnostic for a name that means no password.
    fn unknown(&self, name: &str) -> Diagnostic {
        let below = self.project.below(name);
        let folder = format!("{below}/");
        let is_below = |it: &Definition| it.path().starts_with(&folder);
        if self.project.definitions.iter().any(is_below) {
            let (message, help) = match below.contains('/') {
                true => ("a folder", "name its definitions one by one".to_owned()),
                false => {
                    let help = format!("write `--cluster {below}`, and a `--limit`");
                    ("a cluster", help)
                }
            };
            let message = format!("`{name}` is {message}, and not a definition with a password");
            // SW209: a folder where a definition is expected.
            return Diagnostic::of_path(Code::UnknownPath, name, message).help(help);
        }
        let mut known: Vec<&str> =
            self.settlement.settled.iter().map(|s| &*s.need.definition).collect();
        known.dedup();
        let message =
            format!("`{name}` is neither a definition with a password nor a Secret of one");
        let help = nearest_definition(self.project.below(name), "Site", known.into_iter());
        // SW209: a path or a name that matches no definition.
        Diagnostic::of_path(Code::UnknownPath, name, message).help(help)
    }

    /// The passwords that a name means. It names a definition, a Secret, or one key of a Secret.
    pub fn choose(&self, name: &str) -> Result<Vec<&Settled>, Box<Diagnostic>> {
        let plain = self.project.below(name);
        let names = |settled: &Settled| {
            let need = &settled.need;
            let path = need.path();
            [need.definition.to_string(), format!("{path}/{}", need.key()), path]
        };
        let settled = &self.settlement.settled;
        let of = |matches: &dyn Fn(&str) -> bool| -> Vec<&Settled> {
            settled
                .iter()
                .filter(|settled| names(settled).iter().any(|name| matches(name)))
                .collect()
        };
        let exact = of(&|path| path == plain);
        if !exact.is_empty() {
            return Ok(exact);
        }
        // The name may leave out its first folders if it then means only one definition.
        let ending = format!("/{plain}");
        let found = of(&|path| path.ends_with(&ending));
        let mut definitions: Vec<&str> =
            found.iter().map(|settled| &*settled.need.definition).collect();
        definitions.dedup();
        match definitions.as_slice() {
            [] => Err(Box::new(self.unknown(name))),
            [_] => Ok(found),
            several => {
                let message = format!("`{name}` means several passwords: {}", several.join(", "));
                let help = "write the whole path";
                Err(Box::new(Diagnostic::of_path(Code::UnknownPath, name, message).help(help)))
            }
        }
    }
}

/// The diagnostic for a password that can have no further generation.
pub(super) fn last_generation(settled: &Settled) -> Diagnostic {
    let need = &settled.need;
    let message = format!("`{}/{}` {}", need.path(), need.key(), record::LAST);
    // SW709: a password that cannot be rotated.
    Diagnostic::new(Code::NotRotatable, need.span, message).help(record::LAST_HELP)
}
