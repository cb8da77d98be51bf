//! The built-in layer: the defaults that hold when nobody states anything else. Each provider adds
//! the defaults of its own fields.

use crate::diagnostic::{Checked, Sources};
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
        let mut read = |text: &str| {
            let file = sources.add(BUILT_IN.to_owned(), text.to_owned());
            yaml::read(text, file)
        };
        let shared = read(include_str!("defaults.yaml"))?;
        let mut providers = Vec::with_capacity(provider::ALL.len());
        for provider in provider::ALL {
            let mut whole = shared.clone();
            add(&mut whole, read(provider.defaults())?);
            providers.push((provider.system().name(), whole));
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

/// Adds the keys of one map to another, in maps below them too.
fn add(to: &mut Node, from: Node) {
    let (Value::Map(to), Value::Map(from)) = (&mut to.value, from.value) else { return };
    for Entry { key, key_span, node } in from {
        match to.iter_mut().find(|entry| entry.key == key) {
            Some(entry) => add(&mut entry.node, node),
            None => to.push(Entry { key, key_span, node }),
        }
    }
}
