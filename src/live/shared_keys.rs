//! The keys of objects. A fleet has few different keys and millions of entries, so equal keys share their text.

use crate::source::node::{Entry, Node};
use foldhash::fast::RandomState;
use std::cell::RefCell;
use std::collections::HashSet;
use std::sync::Arc;

/// How many keys a thread remembers. Labels and data may have any number of others.
const REMEMBERED: usize = 4_096;

thread_local! {
    static KEYS: RefCell<HashSet<Arc<str>, RandomState>> = RefCell::default();
}

/// An entry whose key shares its text with other entries of this thread.
pub(crate) fn entry_of(key: &str, node: Node) -> Entry {
    let shared = KEYS.with_borrow_mut(|keys| match keys.get(key) {
        Some(shared) => Arc::clone(shared),
        None => {
            let new: Arc<str> = key.into();
            if keys.len() < REMEMBERED {
                keys.insert(Arc::clone(&new));
            }
            new
        }
    });
    Entry { key: shared, key_span: crate::diagnostic::Span::NOWHERE, node }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::node::Value;

    #[test]
    fn equal_keys_share_their_text() {
        let of = |key: &str| entry_of(key, Value::Null.into());
        let (one, other) = (of("a"), of("a"));
        assert!(Arc::ptr_eq(&one.key, &other.key));
        assert_eq!(one, Entry::new("a", Value::Null.into()));
        for number in 0..2 * REMEMBERED {
            assert_eq!(&*of(&number.to_string()).key, number.to_string());
        }
    }
}
