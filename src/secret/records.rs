//! The records of one definition, in a sorted vector. A fleet has many such lists, and each is
//! small.

use super::record::Record;
use std::sync::Arc;

/// The records, sorted by the name of the Secret and then by the key.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Records(Vec<(Name, Arc<Record>)>);

/// The name of a Secret, and a key in it.
type Name = (Box<str>, Box<str>);

impl Records {
    /// The record of a key.
    pub fn get(&self, secret: &str, key: &str) -> Option<&Arc<Record>> {
        self.position(secret, key).ok().map(|at| &self.0[at].1)
    }

    /// Sets the record of a key.
    pub fn put(&mut self, secret: &str, key: &str, record: Record) {
        let record = Arc::new(record);
        match self.position(secret, key) {
            Ok(at) => self.0[at].1 = record,
            Err(at) => self.0.insert(at, ((secret.into(), key.into()), record)),
        }
    }

    /// Removes the record of a key.
    pub fn remove(&mut self, secret: &str, key: &str) {
        if let Ok(at) = self.position(secret, key) {
            self.0.remove(at);
        }
    }

    /// Removes all records.
    pub fn clear(&mut self) {
        self.0.clear();
    }

    /// Whether there are no records.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// All records, each with its Secret and key.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str, &Arc<Record>)> {
        self.0.iter().map(|((secret, key), record)| (&**secret, &**key, record))
    }

    /// All records, grouped by Secret.
    pub(super) fn by_secret(
        &self,
    ) -> impl Iterator<Item = (&str, impl Iterator<Item = (&str, &Record)>)> {
        self.0.chunk_by(|((one, _), _), ((other, _), _)| one == other).map(|records| {
            let keys = records.iter().map(|((_, key), record)| (&**key, &**record));
            (&*records[0].0.0, keys)
        })
    }

    fn position(&self, secret: &str, key: &str) -> Result<usize, usize> {
        self.0.binary_search_by(|((s, k), _)| (&**s, &**k).cmp(&(secret, key)))
    }
}

/// Collects records. They may be sorted by Secret and key, as a map yields them, or in any other
/// order.
impl FromIterator<(String, String, Record)> for Records {
    fn from_iter<I: IntoIterator<Item = (String, String, Record)>>(from: I) -> Self {
        let mut records = Self::default();
        for (secret, key, record) in from {
            records.put(&secret, &key, record);
        }
        records.0.shrink_to_fit();
        records
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::SecretMode;
    use crate::secret::Policy;

    fn record(generation: u32) -> Record {
        let (policy, mode) = (Policy::Given, SecretMode::Plain);
        Record { generation, policy, mode, label: "".into(), sealed: None }
    }

    #[test]
    fn records_are_sorted_and_found() {
        let given = [("b", "x", 1), ("a", "z", 2), ("a", "y", 3), ("b", "x", 4)];
        let mut records: Records =
            given.map(|(s, k, g)| (s.to_owned(), k.to_owned(), record(g))).into_iter().collect();
        let all = |records: &Records| -> Vec<(String, u32)> {
            records.iter().map(|(s, k, r)| (format!("{s}/{k}"), r.generation)).collect()
        };
        let named = |list: &[(&str, u32)]| -> Vec<(String, u32)> {
            list.iter().map(|(path, generation)| ((*path).to_owned(), *generation)).collect()
        };
        assert_eq!(all(&records), named(&[("a/y", 3), ("a/z", 2), ("b/x", 4)]));
        assert_eq!(records.get("a", "z").map(|record| record.generation), Some(2));
        assert_eq!(records.get("a", "x"), None);
        let counts: Vec<(&str, usize)> =
            records.by_secret().map(|(secret, keys)| (secret, keys.count())).collect();
        assert_eq!(counts, [("a", 2), ("b", 1)]);
        records.remove("a", "z");
        records.remove("a", "none");
        assert_eq!(all(&records), named(&[("a/y", 3), ("b/x", 4)]));
        records.clear();
        assert!(records.is_empty());
    }
}
