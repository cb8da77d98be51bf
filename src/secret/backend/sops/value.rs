//! Single values in the format of SOPS: AES-256-GCM with a nonce of 32 bytes (source: `aes/cipher.go`
//! of sops 3.13.2).
//!
//! A value is bound to its path in the document: the path is the additional data of the encryption.

use super::data_key::DataKey;
use aes_gcm::aead::consts::U32;
use aes_gcm::aead::{AeadInOut, KeyInit};
use aes_gcm::aes::Aes256;
use aes_gcm::{AesGcm, Nonce};
use base64ct::{Base64, Encoding};
use rand::TryRng;
use rand::rngs::SysRng;
use zeroize::Zeroizing;

type Cipher = AesGcm<Aes256, U32>;

/// The bytes of the nonce.
const NONCE: usize = 32;

/// The bytes that AES-GCM adds to a value.
const TAG: usize = 16;

/// The start of every encrypted value.
pub(super) const START: &str = "ENC[AES256_GCM,";

/// The additional data of the value at a path of keys.
pub(super) fn place(path: &[&str]) -> String {
    path.iter().map(|key| format!("{key}:")).collect()
}

/// Encrypts a text for its place in the document.
pub(super) fn encrypt(key: &DataKey, place: &str, text: &[u8]) -> Result<String, String> {
    // An empty text stays empty in SOPS.
    if text.is_empty() {
        return Ok(String::new());
    }
    let mut nonce = [0_u8; NONCE];
    SysRng.try_fill_bytes(&mut nonce).map_err(|error| error.to_string())?;
    // The text is encrypted in place, so that no copy of it outlives this function.
    let mut sealed = Zeroizing::new(Vec::with_capacity(text.len() + TAG));
    sealed.extend_from_slice(text);
    cipher(key)?
        .encrypt_in_place(&Nonce::<U32>::from(nonce), place.as_bytes(), &mut *sealed)
        .map_err(|error| format!("AES: {error}"))?;
    let (data, tag) = sealed.split_at(text.len());
    let [data, iv, tag] = [data, &nonce, tag].map(Base64::encode_string);
    Ok(format!("{START}data:{data},iv:{iv},tag:{tag},type:str]"))
}

/// The text of an encrypted value. `None` if the key or the place does not fit.
pub(super) fn decrypt(key: &DataKey, place: &str, value: &str) -> Option<Zeroizing<Vec<u8>>> {
    if value.is_empty() {
        return Some(Zeroizing::default());
    }
    let Parts { data, iv, tag, .. } = parts(value)?;
    let nonce: [u8; NONCE] = iv.try_into().ok()?;
    let mut text = Zeroizing::new(Vec::with_capacity(data.len() + TAG));
    text.extend_from_slice(&data);
    text.extend_from_slice(&tag);
    let nonce = Nonce::<U32>::from(nonce);
    cipher(key).ok()?.decrypt_in_place(&nonce, place.as_bytes(), &mut *text).ok()?;
    Some(text)
}

/// The length of the text of an encrypted value, or what is wrong with the value.
pub(super) fn length(value: &str) -> Result<usize, String> {
    let found = parts(value).ok_or("it is no encrypted value of SOPS")?;
    match found {
        Parts { iv, .. } if iv.len() != NONCE => Err(format!("its nonce has {} bytes", iv.len())),
        Parts { tag, .. } if tag.len() != TAG => Err(format!("its tag has {} bytes", tag.len())),
        Parts { kind, .. } if kind != "str" => Err(format!("it is no text but `{kind}`")),
        Parts { data, .. } => Ok(data.len()),
    }
}

fn cipher(key: &DataKey) -> Result<Cipher, String> {
    Cipher::new_from_slice(key.reveal()).map_err(|error| error.to_string())
}

/// The parts of an encrypted value.
struct Parts<'v> {
    data: Vec<u8>,
    iv: Vec<u8>,
    tag: Vec<u8>,
    kind: &'v str,
}

fn parts(value: &str) -> Option<Parts<'_>> {
    let mut rest = value.strip_prefix(START)?.strip_suffix(']')?.split(',');
    let mut part = |name: &str| rest.next()?.strip_prefix(name)?.strip_prefix(':');
    let (data, iv, tag, kind) = (part("data")?, part("iv")?, part("tag")?, part("type")?);
    if rest.next().is_some() {
        return None;
    }
    let bytes = |text: &str| Base64::decode_vec(text).ok();
    Some(Parts { data: bytes(data)?, iv: bytes(iv)?, tag: bytes(tag)?, kind })
}
