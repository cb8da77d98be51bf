//! Which field of a definition decides a field of an object.
//!
//! Only fields are listed that a definition states. The value of another field is computed, or is the same in every
//! definition.

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
    /// How the definition's value follows from the object's.
    pub reading: Reading,
}

/// How the value of a definition follows from the value of an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reading {
    /// It is the same value.
    Same,
    /// A whole number, which the object has as a text.
    Number,
    /// The limit of connections: the object has -1 for none, and the definition 0.
    Limit,
    /// The version in an image, between these texts.
    Version(&'static str, &'static str),
    /// A number of hours. The object has days, such as `30d`.
    Days,
    /// A schedule with five fields. The object's has one more, for seconds.
    FiveFields,
    /// It is the same word, or `none` if the object has no value.
    WordOrNone,
    /// Settings below the field. The object has an option file. The field that is named, if one is, has the setting
    /// `max_connections`.
    OptionFile(Option<&'static str>),
    /// `prefix` below the field: the object's folder without its last keys, which are the definition's own.
    Folder,
    /// `bucket` and `prefix` below the field. The object has an address such as `s3://bucket/prefix`.
    Bucket,
    /// `endpoint` and `tls` below the field. The object has an address such as `https://host`.
    Endpoint,
    /// These keys below the field. The object has a list with one item.
    OfItem(&'static [&'static str]),
}

/// A row.
pub(crate) const fn stated(
    kinds: &'static str,
    object: &'static str,
    of: Kind,
    field: &'static str,
) -> StatedField {
    StatedField { kinds, object, of, field, reading: Reading::Same }
}

impl StatedField {
    /// The row with another reading.
    pub(crate) const fn read(self, reading: Reading) -> Self {
        Self { reading, ..self }
    }
}

/// The field of a definition that may decide a field of an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// The number of the keys of the object's field whose value counts. It is lower than the number of all keys if an
    /// item of a list differs: a definition takes a list as a whole.
    pub depth: usize,
    /// The keys of the definition's field.
    pub field: Vec<String>,
    /// How its value follows from the object's.
    pub reading: Reading,
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

/// The fields of a definition that may decide a field of an object, the likeliest first. There is none if the language
/// has no such field.
pub fn candidates(
    rows: impl Iterator<Item = &'static StatedField>,
    kind: &str,
    path: &[String],
    of: Kind,
) -> Vec<Candidate> {
    let is_of = |row: &&StatedField| {
        row.of == of && row.kinds.split(' ').any(|known| known == "*" || known == kind)
    };
    let list = path.iter().position(|key| key.starts_with('['));
    let candidate = |row: &StatedField| {
        let field = |depth| {
            let field = below(row.object, row.field, &path[..depth])?;
            Some(Candidate { depth, field, reading: row.reading })
        };
        field(path.len()).or_else(|| field(list?))
    };
    rows.filter(is_of).filter_map(candidate).collect()
}

/// The keys of a definition's field, if the object's field is the one of a row.
fn below(object: &str, field: &str, path: &[String]) -> Option<Vec<String>> {
    let keys: Vec<&str> = object.split(' ').collect();
    let field = field.split(' ').map(str::to_owned);
    match keys.split_last() {
        Some((&"*", start)) => {
            let rest = path.get(start.len()..).filter(|rest| !rest.is_empty())?;
            let is_it = start.iter().zip(path).all(|(key, found)| key == found);
            let is_it = is_it && !rest.iter().any(|key| key.starts_with('['));
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
            let first = candidates(stated_fields(), kind, &path, of).into_iter().next();
            first.map(|candidate| candidate.field.join(" "))
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
        // A list is taken as a whole, unless a row names its item.
        assert_eq!(
            of("FrappeBench", "spec apps [erpnext] source", Kind::Bench).as_deref(),
            Some("apps")
        );
        let item = "spec template spec containers [pgbouncer] resources limits cpu";
        let found = of("Pooler", item, Kind::DatabaseServer);
        assert_eq!(found.as_deref(), Some("pooler resources limits cpu"));
        let label = of("Grant", "metadata labels example.com/a", Kind::Site);
        assert_eq!(label.as_deref(), Some("labels example.com/a"));
    }
}
