//! What holds for every object of one type. A new type of object does not compile until each field is answered.

/// A type of object.
#[derive(Debug, PartialEq, Eq)]
pub struct ObjectType {
    /// Its template, such as `mariadb/user.yaml.j2`.
    pub template: &'static str,
    /// Its kind.
    pub kind: &'static str,
    /// What it is for those who own it: the label `app.kubernetes.io/component`.
    pub component: &'static str,
    /// Its place in the order: lower ones are applied first and deleted last.
    pub wave: i8,
    /// What its template may not change, in groups that types share.
    pub invariants: &'static [&'static [Invariant]],
}

impl ObjectType {
    /// What its template may not change.
    pub fn invariants(&self) -> impl Iterator<Item = &'static Invariant> {
        self.invariants.iter().copied().flatten()
    }
}

/// A field that a template must write exactly as the context gives it: one by which operators and MariaDB find
/// whose an object is, or one that encrypts passwords on their way. Where the context gives nothing, the object
/// must not have the field.
///
/// The checks that no two definitions share an account, a database or a siteName know these from the
/// definitions. A template that states others would slip past them, into another tenant's data.
#[derive(Debug, PartialEq, Eq)]
pub struct Invariant {
    /// The field's path in the object.
    pub field: &'static [&'static str],
    /// The path of the variable in what templates see.
    pub value: &'static [&'static str],
}

/// Invariants, one a line: the field, and the variable that its template must write there.
macro_rules! invariants {
    ($($($field:ident).+ = $($value:ident).+;)*) => {
        &[$($crate::provider::Invariant {
            field: &[$(stringify!($field)),+], value: &[$(stringify!($value)),+],
        }),*]
    };
}

pub(super) use invariants;

#[cfg(test)]
mod tests {
    use crate::provider::object_types;
    use std::collections::BTreeSet;
    use std::path::Path;

    /// A template that no type names would be rendered for nothing, and one type has one template.
    #[test]
    fn every_template_of_a_provider_belongs_to_one_type() {
        let templates = Path::new(env!("CARGO_MANIFEST_DIR")).join("templates");
        let mut found = BTreeSet::new();
        for folder in ["frappe", "mariadb"] {
            for entry in std::fs::read_dir(templates.join(folder)).unwrap() {
                let name = entry.unwrap().file_name().into_string().unwrap();
                found.insert(format!("{folder}/{name}"));
            }
        }
        let mut stated: Vec<String> = object_types().map(|of| of.template.to_owned()).collect();
        stated.sort();
        assert!(found.into_iter().eq(stated));
    }
}
