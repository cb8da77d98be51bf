//! Names and namespaces, each kept once, for as long as a row has it.

use hashbrown::HashTable;
use slab::Slab;
use std::hash::{BuildHasher, RandomState};

/// A text that is kept once.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub(super) struct Name(u32);

#[derive(Debug)]
struct Kept {
    text: Box<str>,
    users: u32,
}

#[derive(Debug, Default)]
pub(super) struct Names {
    kept: Slab<Kept>,
    table: HashTable<u32>,
    hasher: RandomState,
}

impl Names {
    /// The name of a text, if a row has it. Asking costs no memory: most texts that are asked for belong to
    /// objects that no site refers to.
    pub(super) fn find(&self, text: &str) -> Option<Name> {
        let hash = self.hasher.hash_one(text);
        self.table.find(hash, |id| &*self.kept[*id as usize].text == text).copied().map(Name)
    }

    /// The name of a text, with one user more.
    pub(super) fn acquire(&mut self, text: &str) -> Name {
        if let Some(name) = self.find(text) {
            self.kept[name.0 as usize].users += 1;
            return name;
        }
        // Four thousand million names do not fit into a cluster.
        let id = self.kept.insert(Kept { text: text.into(), users: 1 }) as u32;
        let (kept, hasher) = (&self.kept, &self.hasher);
        let hash = |id: &u32| hasher.hash_one(&*kept[*id as usize].text);
        self.table.insert_unique(hash(&id), id, hash);
        Name(id)
    }

    /// Takes one user away, and the text with the last one.
    pub(super) fn release(&mut self, name: Name) {
        let kept = &mut self.kept[name.0 as usize];
        kept.users -= 1;
        if kept.users == 0 {
            let hash = self.hasher.hash_one(&*kept.text);
            if let Ok(entry) = self.table.find_entry(hash, |id| *id == name.0) {
                entry.remove();
            }
            self.kept.remove(name.0 as usize);
        }
    }

    pub(super) fn text(&self, name: Name) -> &str {
        &self.kept[name.0 as usize].text
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.kept.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_kept_once_and_goes_with_its_last_user() {
        let mut names = Names::default();
        let acme = names.acquire("acme");
        assert_eq!(names.acquire("acme"), acme);
        let globex = names.acquire("globex");
        assert_ne!(acme, globex);
        assert_eq!((names.text(acme), names.text(globex)), ("acme", "globex"));
        names.release(acme);
        assert_eq!(names.find("acme"), Some(acme));
        names.release(acme);
        assert_eq!(names.find("acme"), None);
        assert_eq!(names.find("globex"), Some(globex));
        assert_eq!(names.len(), 1);
    }
}
