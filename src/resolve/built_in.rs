//! The built-in layer: the defaults that hold when nobody states anything else. Each provider adds
//! the defaults of its own fields.

use crate::diagnostic::{Checked, Code, Diagnostic, Sources};
use crate::language::Kind;
use crate::layers::{BUILT_IN, Layered, Layers};
use crate::provider;
use crate::source::node::{Entry, Node, Value};
use crate::source::yaml;

/// The built-in layer of each provider.
#[derive(Debug)]
pub(super) struct BuiltIn {
    /// The layer by the provider's name. The first is that of the default provider.
    providers: Vec<(&'static str, Node)>,
}

impl BuiltIn {
    /// Reads the layers.
    pub(super) fn read(sources: &mut Sources) -> Checked<Self> {
        let of_providers = provider::ALL.iter().map(|it| (it.system().name(), it.defaults()));
        Self::of_texts(include_str!("defaults.yaml"), of_providers, sources)
    }

    /// Adds the text of each provider to the text that all of them share.
    fn of_texts<'t>(
        shared: &str,
        of_providers: impl Iterator<Item = (&'static str, &'t str)>,
        sources: &mut Sources,
    ) -> Checked<Self> {
        let mut read = |text: &str| {
            let file = sources.add(BUILT_IN.to_owned(), text.to_owned());
            yaml::read(text, file)
        };
        let shared = read(shared)?;
        let mut providers = Vec::new();
        for (name, text) in of_providers {
            let (mut whole, mut own) = (shared.clone(), read(text)?);
            if let Value::Map(sections) = &mut own.value {
                sections.retain(|section| &*section.key != "kind");
            }
            add(&mut whole, own)?;
            providers.push((name, whole));
        }
        Ok(Self { providers })
    }

    /// The built-in layer below these layers of a definition. `section` is its section in
    /// `kind: Defaults`.
    pub(super) fn of(&self, kind: Kind, section: &str, layers: &[&Node]) -> Option<&Node> {
        let path: &[&str] = match kind {
            Kind::Site => &["database", "provider"],
            _ => &["provider"],
        };
        let stated = match &Layers::new(layers.to_vec()).get(path) {
            Some(Layered::Stated(node)) => node.as_str(),
            _ => None,
        };
        let of_the_stated = self.providers.iter().find(|(name, _)| Some(*name) == stated);
        let (_, layer) = of_the_stated.or(self.providers.first())?;
        layer.get(section)
    }
}

/// Adds the keys of one map to another, in maps below them too. A field has one default: a provider
/// cannot state another value for a field that all providers share.
fn add(to: &mut Node, from: Node) -> Checked<()> {
    let span = from.span;
    let (Value::Map(to), Value::Map(from)) = (&mut to.value, from.value) else {
        let message = "the provider states a field that all providers share";
        // SW012: two built-in defaults of one field.
        return Err(vec![Diagnostic::new(Code::DuplicateKey, span, message)]);
    };
    for Entry { key, key_span, node } in from {
        match to.iter_mut().find(|entry| entry.key == key) {
            Some(entry) => add(&mut entry.node, node)?,
            None => to.push(Entry { key, key_span, node }),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHARED: &str = "site:\n  database:\n    mode: shared\n";
    const ONE: &str = "site:\n  database:\n    version: \"1\"\n";

    fn read(other: &str) -> Checked<BuiltIn> {
        let of_providers = [("one", ONE), ("other", other)].into_iter();
        BuiltIn::of_texts(SHARED, of_providers, &mut Sources::default())
    }

    /// The value of a default for a site that states a provider, or none.
    fn version(built_in: &BuiltIn, stated: &str) -> Option<String> {
        let site = yaml::read(stated, Sources::default().next_id()).unwrap();
        let layer = built_in.of(Kind::Site, "site", &[&site]).unwrap();
        let database = layer.get("database").unwrap();
        assert_eq!(database.get("mode").unwrap().as_str(), Some("shared"));
        database.get("version").and_then(Node::as_str).map(str::to_owned)
    }

    #[test]
    fn a_definition_has_the_defaults_of_its_provider_and_of_no_other() {
        let other = "site:\n  database:\n    version: \"2\"\n";
        let built_in = read(other).unwrap();
        let of = |stated: &str| version(&built_in, stated);
        assert_eq!(of("database: {provider: one}").as_deref(), Some("1"));
        assert_eq!(of("database: {provider: other}").as_deref(), Some("2"));
        assert_eq!(of("database: {}").as_deref(), Some("1"), "of the first");
        let without = read("databaseServer:\n  replicas: 1\n").unwrap();
        assert_eq!(version(&without, "database: {provider: other}"), None);
    }

    #[test]
    fn a_provider_states_no_default_that_all_share() {
        let problems = read("site:\n  database:\n    mode: dedicated\n").unwrap_err();
        assert_eq!(problems.len(), 1);
        assert!(problems[0].message.contains("all providers share"), "{problems:?}");
    }
}
