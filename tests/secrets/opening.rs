//! Opening sealed values as the controller does, with keys that everybody has.

use aes_gcm::aead::{Aead, KeyInit};
use aes_gcm::{Aes256Gcm, Key, Nonce};
use base64ct::{Base64, Encoding};
use rsa::PrivateKey;
use rsa::oaep::DecryptingKey;
use rsa::pkcs8::DecodePrivateKey;
use rsa::traits::Decryptor;
use serde_yaml::Value;
use sha2::Sha256;
use std::fs;
use std::path::Path;

/// A private key of `tests/keys/`, which is public and worthless.
pub(crate) fn key(cluster: &str) -> PrivateKey {
    let path = format!("tests/keys/public-and-worthless.{cluster}.key.pem");
    let pem = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap();
    let body: String = pem.lines().filter(|line| !line.starts_with("-----")).collect();
    PrivateKey::from_pkcs8_der(&Base64::decode_vec(&body).unwrap()).unwrap()
}

/// The value under a label; nothing where key or label do not fit (source of the format:
/// `HybridDecrypt` in `pkg/crypto/crypto.go` of sealed-secrets).
pub(crate) fn open(key: &PrivateKey, label: &str, sealed: &str) -> Option<Vec<u8>> {
    let bytes = Base64::decode_vec(sealed).ok()?;
    let (length, rest) = bytes.split_first_chunk::<2>()?;
    let (locked, value) = rest.split_at_checked(usize::from(u16::from_be_bytes(*length)))?;
    let key = DecryptingKey::<Sha256>::new_with_label(key.clone(), label.as_bytes());
    let session_key: [u8; 32] = key.decrypt(locked).ok()?.try_into().ok()?;
    let cipher = Aes256Gcm::new(&Key::<Aes256Gcm>::from(session_key));
    cipher.decrypt(&Nonce::default(), value).ok()
}

/// Every value of a SealedSecret, by its key, under the label that the controller works out from the
/// object's own metadata.
pub(crate) fn unseal(key: &PrivateKey, sealed_secret: &Value) -> Vec<(String, Vec<u8>)> {
    let metadata = &sealed_secret["metadata"];
    let (namespace, name) = (text(&metadata["namespace"]), text(&metadata["name"]));
    let is = |scope: &str| {
        metadata["annotations"][format!("sealedsecrets.bitnami.com/{scope}")].as_str()
            == Some("true")
    };
    let label = match (is("cluster-wide"), is("namespace-wide")) {
        (true, _) => String::new(),
        (_, true) => namespace.to_owned(),
        _ => format!("{namespace}/{name}"),
    };
    let data = sealed_secret["spec"]["encryptedData"].as_mapping().unwrap();
    let values = data.iter().map(|(data_key, sealed)| {
        let value = open(key, &label, text(sealed));
        (text(data_key).to_owned(), value.unwrap_or_else(|| panic!("{namespace}/{name} is shut")))
    });
    values.collect()
}

pub(crate) fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("no text: {value:?}"))
}
