//! Secrets without their values, and what a SealedSecret says that its Secret is.

use base64ct::{Base64, Encoding};
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fmt;

/// What a value can be told by.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Hidden {
    pub(crate) length: usize,
    /// Whether it has letters and digits only.
    pub(crate) is_word: bool,
    digest: [u8; 32],
}

impl Hidden {
    pub(crate) fn of(value: &[u8]) -> Self {
        let is_word = value.iter().all(u8::is_ascii_alphanumeric);
        Self { length: value.len(), is_word, digest: Sha256::digest(value).into() }
    }

    /// Whether it is as long as a password that was made here, and of the same characters.
    pub(crate) fn is_minted(&self) -> bool {
        self.length == 32 && self.is_word
    }
}

impl fmt::Debug for Hidden {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let [a, b, c, ..] = self.digest;
        write!(f, "{} bytes, {a:02x}{b:02x}{c:02x}…", self.length)
    }
}

/// A Secret of the cluster.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Secret {
    pub(crate) uid: String,
    pub(crate) version: String,
    pub(crate) shape: Shape,
    pub(crate) values: BTreeMap<String, Hidden>,
}

/// What a SealedSecret decides about its Secret, but for the values.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Shape {
    pub(crate) kind: String,
    pub(crate) labels: Value,
    pub(crate) annotations: Value,
    pub(crate) owners: Value,
    pub(crate) lengths: BTreeMap<String, usize>,
    pub(crate) immutable: Value,
}

impl Secret {
    /// The value of its key `password`.
    pub(crate) fn password(&self) -> &Hidden {
        self.values.get("password").unwrap_or_else(|| panic!("no password: {self:?}"))
    }

    /// How many values its password has had, as sitewright counts.
    pub(crate) fn generation(&self) -> &str {
        self.shape.annotations["sitewright/generation"].as_str().unwrap_or_default()
    }
}

/// A Secret as the API server has it.
pub(crate) fn secret(object: &Value) -> Secret {
    let metadata = &object["metadata"];
    let values: BTreeMap<String, Hidden> = entries(&object["data"], |value| {
        Hidden::of(&Base64::decode_vec(value).unwrap_or_else(|_| panic!("no Base64 in a Secret")))
    });
    Secret {
        uid: text(&metadata["uid"]).to_owned(),
        version: text(&metadata["resourceVersion"]).to_owned(),
        shape: Shape {
            kind: text(&object["type"]).to_owned(),
            labels: metadata["labels"].clone(),
            annotations: metadata["annotations"].clone(),
            owners: metadata["ownerReferences"].clone(),
            lengths: values.iter().map(|(key, value)| (key.clone(), value.length)).collect(),
            immutable: object["immutable"].clone(),
        },
        values,
    }
}

/// What a SealedSecret that is live says of its Secret: every label and annotation of the template and no
/// other, and itself as the owner.
pub(crate) fn announced(sealed: &Value) -> Shape {
    let (metadata, spec) = (&sealed["metadata"], &sealed["spec"]);
    let template = &spec["template"];
    let mut lengths = entries(&template["data"], str::len);
    lengths.extend(entries(&spec["encryptedData"], sealed_length));
    Shape {
        kind: text(&template["type"]).to_owned(),
        labels: template["metadata"]["labels"].clone(),
        annotations: template["metadata"]["annotations"].clone(),
        owners: serde_json::json!([{
            "apiVersion": "bitnami.com/v1alpha1",
            "kind": "SealedSecret",
            "name": metadata["name"],
            "uid": metadata["uid"],
            "controller": true,
        }]),
        lengths,
        immutable: Value::Null,
    }
}

/// How long a value is, which its ciphertext shows (source: `HybridEncrypt` in `pkg/crypto/crypto.go` of
/// sealed-secrets 0.40): two bytes that tell how long the session key's part is, that part, the value, and
/// a tag of 16 bytes.
fn sealed_length(sealed: &str) -> usize {
    let bytes = Base64::decode_vec(sealed).unwrap();
    let key = usize::from(u16::from_be_bytes([bytes[0], bytes[1]]));
    bytes.len() - 2 - key - 16
}

fn entries<T>(map: &Value, of: impl Fn(&str) -> T) -> BTreeMap<String, T> {
    let entries = map.as_object().into_iter().flatten();
    entries.map(|(key, value)| (key.clone(), of(text(value)))).collect()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
