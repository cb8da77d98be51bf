//! Secrets in files that sops wrote.
//!
//! Such a file can be recorded as it is if its only encrypted value is the password. Otherwise its MAC
//! covers more than what is rendered, and only somebody with the identity can encrypt it again.

use super::data_key::{DataKey, Identities};
use super::document::{Document, Section, WrappedKey};
use super::mac::Mac;
use super::value;
use crate::secret::carrier::{text, value_at};
use crate::source::node::{Node, Value};
use base64ct::{Base64, Encoding};
use zeroize::Zeroizing;

/// The metadata that says which values are encrypted, and the metadata that is recorded.
const KNOWN: [&str; 11] = [
    "age",
    "encrypted_comment_regex",
    "encrypted_regex",
    "encrypted_suffix",
    "lastmodified",
    "mac",
    "mac_only_encrypted",
    "unencrypted_comment_regex",
    "unencrypted_regex",
    "unencrypted_suffix",
    "version",
];

/// The document of a Secret, or the reason why it cannot be recorded as it is. `key_name` is the key
/// with the password.
pub(super) fn document(object: &Node, key_name: &str) -> Result<Document, String> {
    let metadata = |name: &str| text(object, &["sops", name]).unwrap_or_default().to_owned();
    let sops = object.get("sops").map(Node::entries).unwrap_or_default();
    let is_empty = |node: &Node| match &node.value {
        Value::Null | Value::Int(0) => true,
        Value::List(items) => items.is_empty(),
        Value::String(text) => text.is_empty(),
        _ => false,
    };
    if let Some(other) = sops.iter().find(|it| !KNOWN.contains(&&*it.key) && !is_empty(&it.node)) {
        return Err(format!("its metadata states `{}`, not only recipients of age", other.key));
    }
    let only = value_at(object, &["sops", "mac_only_encrypted"]).map(|node| &node.value);
    if only != Some(&Value::Bool(true)) {
        return Err("its MAC covers its labels too: `mac_only_encrypted` is not true".to_owned());
    }
    let mut encrypted = Vec::new();
    walk(object, &mut Vec::new(), &mut |path, leaf| {
        if is_encrypted(leaf) {
            encrypted.push(path.iter().map(|key| (*key).to_owned()).collect::<Vec<_>>());
        }
    });
    let section = |section: &&Section| encrypted == [[section.name(), key_name]];
    let Some(section) = Section::ALL.iter().find(section).copied() else {
        return Err(format!("`{key_name}` is not its only encrypted value"));
    };
    let value = text(object, &[section.name(), key_name]).unwrap_or_default().to_owned();
    let document = Document {
        section,
        value,
        lastmodified: metadata("lastmodified"),
        mac: metadata("mac"),
        version: metadata("version"),
        age: wrapped_keys(object),
    };
    document.check()?;
    Ok(document)
}

/// The text of a key of a Secret, or the reason why it cannot be decrypted. The MAC must fit the whole
/// Secret.
pub(super) fn decrypt(
    object: &Node,
    key_name: &str,
    identities: &Identities,
) -> Result<Zeroizing<Vec<u8>>, String> {
    let mut keys = wrapped_keys(object).into_iter();
    let key = keys.find_map(|wrapped| DataKey::unwrapped(&wrapped.enc, identities));
    let key = key.ok_or("no identity opens it")?;
    let metadata = |name: &str| text(object, &["sops", name]).unwrap_or_default();
    let only = value_at(object, &["sops", "mac_only_encrypted"]).map(|node| &node.value);
    let only = only == Some(&Value::Bool(true));
    let mut mac = if only { Mac::of_encrypted([]) } else { Mac::of_all() };
    let (mut found, mut problem) = (None, None);
    walk(object, &mut Vec::new(), &mut |path, leaf| {
        let encrypted = is_encrypted(leaf);
        let Some(text) = clear_text(leaf, path, &key) else {
            problem = Some(format!("the value of `{}` cannot be decrypted", path.join(".")));
            return;
        };
        if encrypted || !only {
            mac.add(&text);
        }
        let section = Section::ALL.iter().find(|section| path == [section.name(), key_name]);
        if let Some(section) = section.filter(|_| encrypted) {
            found = Some((*section, text));
        }
    });
    if let Some(problem) = problem {
        return Err(problem);
    }
    if !mac.is(metadata("mac"), &key, metadata("lastmodified")) {
        return Err("its MAC does not fit: it was changed without sops".to_owned());
    }
    match found {
        Some((Section::StringData, text)) => Ok(text),
        Some((Section::Data, text)) => {
            let text = std::str::from_utf8(&text).unwrap_or_default();
            let bytes = Base64::decode_vec(text).map(Zeroizing::new);
            bytes.map_err(|_| format!("`data.{key_name}` is not base64"))
        }
        None => Err(format!("`{key_name}` is not encrypted")),
    }
}

/// The key of a document, encrypted for each recipient.
fn wrapped_keys(object: &Node) -> Vec<WrappedKey> {
    let Some(Value::List(items)) = value_at(object, &["sops", "age"]).map(|node| &node.value)
    else {
        return Vec::new();
    };
    let of = |item: &Node| {
        let [recipient, enc] = ["recipient", "enc"].map(|key| item.get(key)?.as_str());
        Some(WrappedKey { recipient: recipient?.to_owned(), enc: enc?.to_owned() })
    };
    items.iter().filter_map(of).collect()
}

/// The age recipients of a Secret.
pub(super) fn recipients(object: &Node) -> Vec<String> {
    wrapped_keys(object).into_iter().map(|key| key.recipient).collect()
}

fn is_encrypted(leaf: &Value) -> bool {
    matches!(leaf, Value::String(text) if text.starts_with(value::START))
}

/// The text of a value as the MAC takes it. `None` if it cannot be decrypted.
fn clear_text(leaf: &Value, path: &[&str], key: &DataKey) -> Option<Zeroizing<Vec<u8>>> {
    let text = match leaf {
        Value::String(text) if is_encrypted(leaf) => {
            return value::decrypt(key, &value::place(path), text);
        }
        Value::String(text) => text.to_string(),
        Value::Int(number) => number.to_string(),
        Value::Bool(true) => "True".to_owned(),
        Value::Bool(false) => "False".to_owned(),
        Value::Null | Value::List(_) | Value::Map(_) => String::new(),
        // Go and Rust write such numbers differently.
        Value::Float(_) => return None,
    };
    Some(Zeroizing::new(text.into_bytes()))
}

/// Calls a function for each value that is no map and no list, in the order of the document, with its
/// path. Indexes of lists do not count. The metadata of SOPS is left out.
fn walk<'n>(node: &'n Node, path: &mut Vec<&'n str>, leaf: &mut impl FnMut(&[&'n str], &'n Value)) {
    match &node.value {
        Value::Map(entries) => {
            for entry in entries {
                if path.is_empty() && &*entry.key == "sops" {
                    continue;
                }
                path.push(&entry.key);
                walk(&entry.node, path, leaf);
                path.pop();
            }
        }
        Value::List(items) => items.iter().for_each(|item| walk(item, path, leaf)),
        value => leaf(path, value),
    }
}
