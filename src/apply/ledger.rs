//! The passwords of a sound fleet, what is recorded of each, and the names that people give them.

use crate::diagnostic::{Code, Diagnostic};
use crate::language::nearest_definition;
use crate::project::Project;
use crate::resolve::Fleet;
use crate::secret::{Settled, Settlement, record};

/// What a change of passwords starts from.
#[derive(Debug)]
pub struct Ledger<'l> {
    /// The project.
    pub project: &'l Project,
    /// Its fleet, which is sound: a broken definition hides which passwords it wants.
    pub fleet: &'l Fleet<'l>,
    /// What is recorded of its passwords.
    pub settlement: Settlement,
}

impl Ledger<'_> {
    /// A name as people write it, without the folder of definitions and the ending.
    pub fn plain<'n>(&self, name: &'n str) -> &'n str {
        let name = name.trim_start_matches("./").trim_end_matches('/');
        let sites = self.project.folders.sites.as_str();
        let below = name.strip_prefix(sites).and_then(|rest| rest.strip_prefix('/'));
        let below = below.unwrap_or(name);
        below.strip_suffix(".yaml").unwrap_or(below)
    }

    /// What is said of a name that stands for nothing.
    pub fn unknown(&self, name: &str) -> Diagnostic {
        let mut known: Vec<&str> =
            self.settlement.settled.iter().map(|s| s.need.definition.as_str()).collect();
        known.dedup();
        let message = format!("`{name}` is no definition with a password, and no Secret of one");
        let help = nearest_definition(self.plain(name), "Site", known.into_iter());
        Diagnostic::of_path(Code::UnknownPath, name, message).help(help)
    }

    /// The passwords that a name stands for: a definition's, a Secret's, or one key.
    pub fn choose(&self, name: &str) -> Result<Vec<&Settled>, Box<Diagnostic>> {
        let plain = self.plain(name);
        let names = |settled: &Settled| {
            let need = &settled.need;
            let path = need.path();
            [need.definition.clone(), format!("{path}/{}", need.key()), path]
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
        // Without its folders, where that means one definition.
        let ending = format!("/{plain}");
        let found = of(&|path| path.ends_with(&ending));
        let mut definitions: Vec<&str> =
            found.iter().map(|settled| settled.need.definition.as_str()).collect();
        definitions.dedup();
        match definitions.as_slice() {
            [] => Err(Box::new(self.unknown(name))),
            [_] => Ok(found),
            several => {
                let message = format!("`{name}` may mean several: {}", several.join(", "));
                let help = "write the whole path";
                Err(Box::new(Diagnostic::of_path(Code::UnknownPath, name, message).help(help)))
            }
        }
    }
}

/// What is said of a password that has had as many values as can be counted.
pub(super) fn last_generation(settled: &Settled) -> Diagnostic {
    let need = &settled.need;
    let message = format!("`{}/{}` {}", need.path(), need.key(), record::LAST);
    Diagnostic::new(Code::NotRotatable, need.span, message).help(record::LAST_HELP)
}
