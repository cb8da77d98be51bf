//! The gate of a diff: it denies changes that are too risky.

use super::changes::{Changes, DefinitionChange};
use crate::diagnostic::{Code, Diagnostic};
use crate::risk::Level;

/// The settings of the gate.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Gate {
    /// The lowest risk that is denied. `None` denies nothing.
    pub deny: Option<Level>,
    /// The paths of definitions, each with the highest risk that is allowed for it. If a definition
    /// is listed twice, the last entry counts.
    pub allow: Vec<(String, Level)>,
}

impl Gate {
    /// The definitions with a denied change, in the order of the changes.
    pub fn denied<'c>(&self, changes: &'c Changes) -> Vec<&'c DefinitionChange> {
        let Some(deny) = self.deny else { return Vec::new() };
        let is_denied = |change: &&DefinitionChange| {
            let level = change.level();
            let allowed = self.allowed(&change.definition);
            level >= deny && allowed.is_none_or(|allowed| level > allowed)
        };
        changes.definitions.iter().filter(is_denied).collect()
    }

    fn allowed(&self, definition: &str) -> Option<Level> {
        let mut allowed = self.allow.iter().rev().filter(|(path, _)| path == definition);
        allowed.next().map(|(_, level)| *level)
    }

    /// The diagnostics for definitions that are listed in `allow` and do not change.
    pub fn mistakes(&self, changes: &Changes) -> Vec<Diagnostic> {
        let changing = |path: &str| changes.definitions.iter().any(|it| it.definition == path);
        let unchanged = self.allow.iter().filter(|(path, _)| !changing(path));
        let said = unchanged.map(|(definition, _)| {
            let message = format!("`--allow` names `{definition}`, which does not change");
            let help = "write the definition's path, such as production/acme, or remove the option";
            // SW209: a risk is allowed for a definition that does not change.
            Diagnostic::of_path(Code::UnknownPath, definition, message).help(help)
        });
        said.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::object::ObjectKind;
    use crate::risk::{Action, Finding, Key, Object, ObjectChange};
    use crate::source::node::Value;

    /// A change of this risk of an object of a definition.
    fn change(definition: &str, level: Level) -> ObjectChange {
        let path = format!("{definition}/frappesite.yaml");
        let finding = Finding { level, field: None, reason: String::new(), instead: None };
        ObjectChange {
            key: Key {
                cluster: definition.split('/').next().unwrap().to_owned(),
                kind: ObjectKind::FrappeSite.to_string(),
                group: String::new(),
                namespace: String::new(),
                name: level.name().to_owned(),
            },
            action: Action::Changed,
            base: Some(Object { path: path.clone(), node: Value::Null.into() }),
            head: Some(Object { path, node: Value::Null.into() }),
            fields: Vec::new(),
            findings: vec![finding],
        }
    }

    fn names<'c>(changes: &[&'c DefinitionChange]) -> Vec<&'c str> {
        changes.iter().map(|change| change.definition.as_str()).collect()
    }

    #[test]
    fn each_level_denies_itself_and_what_is_riskier() {
        let of = |level: Level| change(&format!("eu/{}", level.name()), level);
        let changes = Changes::new(Level::ALL.map(of).into());
        let denied = |deny| names(&Gate { deny, allow: Vec::new() }.denied(&changes)).join(" ");
        assert_eq!(denied(None), "");
        assert_eq!(denied(Some(Level::DataLoss)), "eu/data-loss");
        assert_eq!(denied(Some(Level::Blocked)), "eu/data-loss eu/blocked");
        assert_eq!(denied(Some(Level::Credential)), "eu/data-loss eu/blocked eu/credential");
        let rollout = "eu/data-loss eu/blocked eu/credential eu/rollout";
        assert_eq!(denied(Some(Level::Rollout)), rollout);
    }

    #[test]
    fn the_worst_change_of_a_definition_decides() {
        let (acme, other) = ("eu/acme", "eu/other");
        let changes = Changes::new(vec![
            change(acme, Level::Rollout),
            change(acme, Level::DataLoss),
            change(other, Level::Rollout),
        ]);
        let gate = Gate { deny: Some(Level::Credential), allow: Vec::new() };
        assert_eq!(names(&gate.denied(&changes)), [acme]);
        assert_eq!(gate.denied(&changes)[0].changes.len(), 2);
    }

    #[test]
    fn what_is_allowed_passes_up_to_its_level_and_nothing_else_does() {
        let changes = Changes::new(vec![
            change("eu/acme", Level::Blocked),
            change("eu/other", Level::Blocked),
        ]);
        for (allow, denied) in [
            (vec![("eu/acme", Level::DataLoss)], vec!["eu/other"]),
            (vec![("eu/acme", Level::Blocked)], vec!["eu/other"]),
            (vec![("eu/acme", Level::Credential)], vec!["eu/acme", "eu/other"]),
            (vec![("acme", Level::DataLoss)], vec!["eu/acme", "eu/other"]),
            // The last one counts.
            (vec![("eu/acme", Level::Rollout), ("eu/acme", Level::Blocked)], vec!["eu/other"]),
            (
                vec![("eu/acme", Level::Blocked), ("eu/acme", Level::Rollout)],
                vec!["eu/acme", "eu/other"],
            ),
        ] {
            let allow = allow.into_iter().map(|(path, level)| (path.to_owned(), level)).collect();
            let gate = Gate { deny: Some(Level::Rollout), allow };
            assert_eq!(names(&gate.denied(&changes)), denied, "{gate:?}");
        }
    }

    #[test]
    fn a_risk_that_is_allowed_for_nothing_is_a_mistake() {
        let changes = Changes::new(vec![change("eu/acme", Level::Blocked)]);
        let allow = ["eu/acme", "eu/gone"].map(|path| (path.to_owned(), Level::Blocked)).into();
        let said = Gate { deny: Some(Level::Blocked), allow }.mistakes(&changes);
        assert_eq!(said.len(), 1);
        assert_eq!(said[0].code, Code::UnknownPath);
        assert!(said[0].message.contains("`eu/gone`"), "{}", said[0].message);
    }

    #[test]
    fn the_riskiest_comes_first_and_clusters_stay_together() {
        let changes = Changes::new(vec![
            change("ap/b", Level::Rollout),
            change("eu/a", Level::None),
            change("eu/b", Level::DataLoss),
            change("ap/a", Level::Blocked),
        ]);
        let all: Vec<&DefinitionChange> = changes.definitions.iter().collect();
        assert_eq!(names(&all), ["eu/b", "eu/a", "ap/a", "ap/b"]);
        assert_eq!(changes.level(), Level::DataLoss);
        let counts = Level::ALL.map(|level| (level.name(), changes.count_of(level)));
        let expected =
            [("none", 1), ("rollout", 1), ("credential", 0), ("blocked", 1), ("data-loss", 1)];
        assert_eq!(counts, expected);
    }
}
