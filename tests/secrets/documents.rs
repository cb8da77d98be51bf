//! Opening what is encrypted for age recipients, as the program sops does, with identities that everybody
//! has (`tests/keys/sops/`).

use aes_gcm::aead::consts::U32;
use aes_gcm::aead::{Aead, KeyInit, Payload};
use aes_gcm::aes::Aes256;
use aes_gcm::{AesGcm, Nonce};
use base64ct::{Base64, Encoding};
use serde_yaml::Value;
use std::fs;
use std::path::{Path, PathBuf};

/// What a record holds in the mode sops, opened.
pub(crate) struct Document {
    pub(crate) password: String,
    pub(crate) data_key: Vec<u8>,
}

/// The file of an identity: `first` or `second`.
pub(crate) fn identity_file(name: &str) -> PathBuf {
    let path = format!("tests/keys/sops/public-and-worthless.{name}.agekey");
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// The recipient of an identity.
pub(crate) fn recipient(name: &str) -> String {
    let file = fs::read_to_string(identity_file(name)).unwrap();
    file.lines().find_map(|line| line.strip_prefix("# public key: ")).unwrap().to_owned()
}

/// Opens a recorded text; nothing where the identity does not fit (source of the format:
/// `aes/cipher.go` and `age/keysource.go` of sops 3.13.2).
pub(crate) fn open_document(identity: &str, recorded: &str) -> Option<Document> {
    let document: Value = serde_yaml::from_slice(&Base64::decode_vec(recorded).ok()?).ok()?;
    let file = fs::read_to_string(identity_file(identity)).unwrap();
    let identity: age::x25519::Identity = file.lines().last()?.parse().unwrap();
    let wrapped = document["age"].as_sequence()?.iter().filter_map(|it| it["enc"].as_str());
    let mut keys = wrapped.filter_map(|enc| age::decrypt(&identity, enc.as_bytes()).ok());
    let data_key = keys.next()?;
    let value = document["value"].as_str()?;
    let part = |name: &str| {
        let start = value.find(&format!("{name}:"))? + name.len() + 1;
        Base64::decode_vec(value[start..].split([',', ']']).next()?).ok()
    };
    let sealed = [part("data")?, part("tag")?].concat();
    let nonce = Nonce::<U32>::from(<[u8; 32]>::try_from(part("iv")?).ok()?);
    let place = format!("{}:password:", document["section"].as_str()?);
    let cipher = AesGcm::<Aes256, U32>::new_from_slice(&data_key).ok()?;
    let password = cipher.decrypt(&nonce, Payload { msg: &sealed, aad: place.as_bytes() }).ok()?;
    Some(Document { password: String::from_utf8(password).ok()?, data_key })
}
