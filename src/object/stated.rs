//! Which field of a definition decides a field of an object.
//!
//! Only fields are listed that a definition states as they are. The value of another field is computed, or is the
//! same in every definition.

use crate::language::Kind;

/// A field of an object, and the field of a definition that decides it.
#[derive(Debug)]
pub struct StatedField {
    /// The kinds of objects, separated by spaces. `*` is every kind.
    pub kinds: &'static str,
    /// The keys of the object's field, separated by spaces. A last key `*` is any field below.
    pub object: &'static str,
    /// The kind of the definition.
    pub of: Kind,
    /// The keys of the definition's field, in the same form.
    pub field: &'static str,
}

/// A row.
pub(crate) const fn stated(
    kinds: &'static str,
    object: &'static str,
    of: Kind,
    field: &'static str,
) -> StatedField {
    StatedField { kinds, object, of, field }
}

/// The fields of every object of a definition.
pub(crate) const OF_ALL: &[StatedField] = &[
    stated("*", "metadata labels *", Kind::Site, "labels *"),
    stated("*", "metadata labels *", Kind::DatabaseServer, "labels *"),
    stated("*", "metadata labels *", Kind::Bench, "labels *"),
    stated("*", "metadata annotations *", Kind::Site, "annotations *"),
    stated("*", "metadata annotations *", Kind::DatabaseServer, "annotations *"),
    stated("*", "metadata annotations *", Kind::Bench, "annotations *"),
];

/// The keys of the field of a definition that decides a field of an object, by the first row that knows it. `None` if
/// the language has no such field.
pub fn stated_field(
    rows: impl Iterator<Item = &'static StatedField>,
    kind: &str,
    path: &[String],
    of: Kind,
) -> Option<Vec<String>> {
    let is_of = |row: &&StatedField| {
        row.of == of && row.kinds.split(' ').any(|known| known == "*" || known == kind)
    };
    rows.filter(is_of).find_map(|row| below(row.object, row.field, path))
}

/// The keys of a definition's field, if the object's field is the one of a row.
fn below(object: &str, field: &str, path: &[String]) -> Option<Vec<String>> {
    let keys: Vec<&str> = object.split(' ').collect();
    let field = field.split(' ').map(str::to_owned);
    match keys.split_last() {
        Some((&"*", start)) => {
            let rest = path.get(start.len()..).filter(|rest| !rest.is_empty())?;
            let is_it = start.iter().zip(path).all(|(key, found)| key == found);
            let field = field.filter(|key| key != "*");
            is_it.then(|| field.chain(rest.iter().cloned()).collect())
        }
        _ => path.iter().eq(keys.iter()).then(|| field.collect()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::json_schema;
    use crate::object::ObjectKind;
    use crate::plan::stated_fields;

    /// A row of a field that the language does not have would be of no use.
    #[test]
    fn every_row_names_a_kind_and_a_field_of_the_language() {
        for StatedField { kinds, of, field, .. } in stated_fields() {
            for kind in kinds.split(' ').filter(|kind| *kind != "*") {
                assert!(ObjectKind::of(kind).is_some(), "{kind}");
            }
            let mut schema = json_schema(*of);
            for key in field.split(' ').filter(|key| *key != "*") {
                let inner = schema["anyOf"].get(0).unwrap_or(&schema).clone();
                schema = inner["properties"][key].clone();
                assert!(schema.is_object(), "{of:?} {field}: {key}");
            }
        }
    }

    #[test]
    fn fields_are_found_by_their_keys() {
        let of = |kind: &str, path: &str, of| {
            let path: Vec<String> = path.split(' ').map(str::to_owned).collect();
            stated_field(stated_fields(), kind, &path, of).map(|keys| keys.join(" "))
        };
        let found = |path: &str| of("MariaDB", path, Kind::Site);
        assert_eq!(found("spec storage size").as_deref(), Some("database storageSize"));
        assert_eq!(
            found("spec resources requests cpu").as_deref(),
            Some("database resources requests cpu")
        );
        assert_eq!(found("spec resources"), None);
        assert_eq!(found("spec storage"), None);
        assert_eq!(found("spec port"), None);
        assert_eq!(of("MariaDB", "spec storage size", Kind::Bench), None);
        let label = of("Grant", "metadata labels example.com/a", Kind::Site);
        assert_eq!(label.as_deref(), Some("labels example.com/a"));
    }
}
