//! The order in which the language declares the keys of its maps. Every text that sitewright writes or formats has its
//! keys in this order.

use super::schema::Kind;
use super::shape::{self, Shape};

/// The declaration of a value: which keys it may have, in which order.
#[derive(Clone, Copy, Debug)]
pub struct Fields<'s>(Option<&'s Shape>);

impl Fields<'static> {
    /// The declaration of a document of this kind.
    pub fn of(kind: Kind) -> Self {
        Self(Some(shape::of(kind)))
    }

    /// The declaration of a value that the language does not know. No key has a place.
    pub fn unknown() -> Self {
        Self(None)
    }
}

impl<'s> Fields<'s> {
    /// Whether the language declares the keys of this map. It does not declare those of a table, such as labels.
    pub fn are_declared(self) -> bool {
        matches!(self.0, Some(Shape::Object { .. }))
    }

    /// The place of a key. Keys that are not declared share the last place.
    pub fn place(self, key: &str) -> usize {
        let Some(Shape::Object { fields, .. }) = self.0 else { return 0 };
        fields.iter().position(|(name, _)| name == key).unwrap_or(fields.len())
    }

    /// The declaration of the value of a key.
    pub fn below(self, key: &str) -> Fields<'s> {
        Fields(match self.0 {
            Some(Shape::Object { fields, .. }) => {
                fields.iter().find(|(name, _)| name == key).map(|(_, shape)| shape)
            }
            Some(Shape::Table { value, .. }) => Some(value),
            _ => None,
        })
    }

    /// The declaration of the items of a list.
    pub fn items(self) -> Fields<'s> {
        match self.0 {
            Some(Shape::List(item)) => Fields(Some(item)),
            _ => Fields(None),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_starts_with_its_kind_and_its_name() {
        for kind in Kind::ALL {
            let fields = Fields::of(kind);
            assert_eq!(fields.place("kind"), 0, "{kind:?}");
            let has_name = fields.below("name").0.is_some();
            assert!(!has_name || fields.place("name") == 1, "{kind:?}");
        }
    }

    #[test]
    fn places_are_those_of_the_declaration() {
        let site = Fields::of(Kind::Site);
        assert!(site.place("siteName") < site.place("bench"));
        assert!(site.place("noSuchKey") > site.place("lifecycle"));
        let resources =
            Fields::of(Kind::Defaults).below("site").below("database").below("resources");
        assert!(resources.below("limits").place("cpu") < resources.below("limits").place("memory"));
        let labels = site.below("labels");
        assert!(!labels.are_declared() && labels.place("b") == labels.place("a"));
        let app = Fields::of(Kind::Bench).below("apps").items();
        assert!(app.are_declared() && app.place("name") < app.place("source"));
    }
}
