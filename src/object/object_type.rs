//! The properties that all objects of one type share. A new type does not compile until it states
//! each of them.

use super::kind::ObjectKind;

/// Whether objects of a type stand for a definition: they come and go with it. Reports and the limit
/// of removals count definitions by these objects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stands {
    /// For the definition with the name of the object. A dedicated site has a server of another
    /// name, which does not stand for the site.
    ForItsName,
    /// For no definition.
    No,
}

/// A type of object.
#[derive(Debug, PartialEq, Eq)]
pub struct ObjectType {
    /// Its template, such as `mariadb/user.yaml.j2`.
    pub template: &'static str,
    /// Its kind.
    pub kind: ObjectKind,
    /// The value of the label `app.kubernetes.io/name`. It is empty for objects that carry a
    /// password: they have the value of their Secret's purpose.
    pub app: &'static str,
    /// The value of the label `app.kubernetes.io/component`.
    pub component: &'static str,
    /// Whether it stands for its definition.
    pub stands: Stands,
    /// Whether `protect` of its definition protects it against pruning. An object that holds no data
    /// and exists because of a setting of the cluster is not protected: the engine deletes it when the setting is removed.
    pub is_protected: bool,
    /// Its position in the order: objects with a lower number are applied first and deleted last.
    pub wave: i8,
    /// The invariants of its template, in groups that several types share.
    pub invariants: &'static [&'static [Invariant]],
}

impl ObjectType {
    /// The invariants of its template.
    pub fn invariants(&self) -> impl Iterator<Item = &'static Invariant> {
        self.invariants.iter().copied().flatten()
    }
}

/// A field that the template must write exactly as the context gives it. By such fields operators
/// and MariaDB find the owner of an object, or passwords are encrypted in transit. If the context
/// gives nothing, the object must not have the field.
///
/// Checks ensure that no two definitions share an account, a database or a siteName. They read
/// these values from the definitions. A template that writes other values would bypass the checks
/// and could reach another tenant's data.
#[derive(Debug, PartialEq, Eq)]
pub struct Invariant {
    /// The path of the field in the object.
    pub field: &'static [&'static str],
    /// The path of the variable in the context.
    pub value: &'static [&'static str],
}

/// Invariants, one on each line: the field, and the variable that the template must write there.
macro_rules! invariants {
    ($($($field:ident).+ = $($value:ident).+;)*) => {
        &[$($crate::object::Invariant {
            field: &[$(stringify!($field)),+], value: &[$(stringify!($value)),+],
        }),*]
    };
}

pub(crate) use invariants;

#[cfg(test)]
mod tests {
    use crate::plan::object_types;
    use std::collections::BTreeSet;
    use std::path::Path;

    /// A template that no type names would be rendered for nothing, and one type has one template.
    #[test]
    fn every_template_of_a_provider_belongs_to_one_type() {
        let templates = Path::new(env!("CARGO_MANIFEST_DIR")).join("templates");
        let mut found = BTreeSet::new();
        let names = |folder: &Path| -> Vec<String> {
            let entries = std::fs::read_dir(folder).unwrap();
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
        };
        for folder in names(&templates) {
            // The objects of these folders belong to no definition, or to a backend of Secrets.
            if ["gitops", "secret"].contains(&folder.as_str()) {
                continue;
            }
            let of_objects = names(&templates.join(&folder));
            found.extend(of_objects.iter().map(|name| format!("{folder}/{name}")));
        }
        let stated = object_types().chain(crate::site_database::object_types());
        let mut stated: Vec<String> = stated.map(|of| of.template.to_owned()).collect();
        stated.sort();
        assert!(found.into_iter().eq(stated));
    }
}
