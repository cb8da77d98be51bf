//! The risks of SiteDatabase. It only reports, so no change of it reaches a database.

use crate::risk::Level::{None, Rollout};
use crate::risk::On::Goes;
use crate::risk::{Risks, Rule, Table, Ties, field, on};

const UNSEEN: &str = "`kubectl get sitedatabases` no longer shows the site";

pub(crate) static RISKS: Risks = Risks {
    tables: &[Table {
        rules: RULES,
        #[cfg(test)]
        cases: tests::cases,
    }],
    ties: Ties::NONE,
    // The reconciler looks at all of them.
    unordered: &["objects"],
};

const RULES: &[Rule] = &[
    field("SiteDatabase", "spec", &[], None, "", ""),
    on("SiteDatabase", Goes, &[], Rollout, UNSEEN, ""),
];

#[cfg(test)]
mod tests {
    use crate::risk::Level::{None, Rollout};
    use crate::risk::case::{Case, goes, spec};

    pub(super) fn cases() -> Vec<Case> {
        vec![
            spec("SiteDatabase", "{host: a}", "{host: b}", "host", None, ""),
            goes("SiteDatabase", &[], Rollout, "no longer shows"),
        ]
    }
}
