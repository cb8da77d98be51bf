//! Seals values for a sealed-secrets controller, and checks sealed values without a key.
//!
//! The format (source: `pkg/crypto/crypto.go` of sealed-secrets 0.36): the length of the RSA part as
//! two bytes, big-endian; the session key under RSA-OAEP with SHA-256 and the scope's label; the value
//! under AES-256-GCM with a nonce of zeros, which is safe because each session key is used once; all
//! of it in standard base64.

use super::certificate::Certificate;
use crate::language::Ciphertext;
use aes_gcm::aead::{AeadInOut, KeyInit};
use aes_gcm::{Aes256Gcm, Nonce};
use base64ct::{Base64, Encoding};
use rand::TryRng;
use rand::rngs::SysRng;
use rsa::oaep::EncryptingKey;
use rsa::traits::RandomizedEncryptor;
use sha2::Sha256;
use zeroize::Zeroizing;

/// The bytes that AES-GCM adds to a value.
const TAG: usize = 16;

/// The bytes before the RSA part.
const PREFIX: usize = 2;

/// Seals a value under a label, with new randomness.
pub fn seal(certificate: &Certificate, label: &str, value: &[u8]) -> Result<String, String> {
    let mut session_key = Zeroizing::new([0_u8; 32]);
    SysRng.try_fill_bytes(&mut *session_key).map_err(|error| error.to_string())?;
    let key = EncryptingKey::<Sha256>::new_with_label(certificate.key().clone(), label.as_bytes());
    let locked = key
        .encrypt_with_rng(&mut SysRng, &*session_key)
        .map_err(|error| format!("RSA: {error}"))?;
    let length = u16::try_from(locked.len()).map_err(|error| error.to_string())?;
    // The value is encrypted in place, so that no copy of it outlives this function.
    let mut sealed = Zeroizing::new(Vec::with_capacity(value.len() + TAG));
    sealed.extend_from_slice(value);
    Aes256Gcm::new_from_slice(&*session_key)
        .map_err(|error| error.to_string())?
        .encrypt_in_place(&Nonce::default(), b"", &mut *sealed)
        .map_err(|error| format!("AES: {error}"))?;
    let parts = [&length.to_be_bytes(), locked.as_slice(), sealed.as_slice()];
    Ok(Base64::encode_string(&parts.concat()))
}

/// The visible properties of a sealed value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Shape {
    /// The length of the RSA part in bytes, which is the size of the key for which the value is
    /// sealed.
    pub(super) key: usize,
    /// The length of the value in bytes.
    pub(super) value: usize,
}

/// The shape of a sealed value, or what is wrong with it. Its start and end are decoded. The text
/// between them is only checked for its alphabet.
pub(super) fn shape(sealed: &str) -> Result<Shape, String> {
    /// Four characters of base64 are three bytes.
    const FOUR: usize = 4;
    let base64 = || "it is not base64".to_owned();
    let last = sealed.len().checked_sub(FOUR).filter(|last| last % FOUR == 0);
    let last = last.filter(|_| Ciphertext::accepts(sealed)).ok_or_else(base64)?;
    let mut bytes = [0; 3];
    let mut decoded = |from: usize| -> Option<Vec<u8>> {
        let part = sealed.get(from..from + FOUR)?;
        Base64::decode(part, &mut bytes).ok().map(<[u8]>::to_vec)
    };
    let (first, end) = (decoded(0).ok_or_else(base64)?, decoded(last).ok_or_else(base64)?);
    let length = last / FOUR * 3 + end.len();
    let &[high, low, ..] = first.as_slice() else { return Err("it is too short".to_owned()) };
    let key = usize::from(u16::from_be_bytes([high, low]));
    // The size of a key must be 1024 to 8192 bits.
    if !(128..=1024).contains(&key) {
        return Err(format!("its RSA part would have {key} bytes"));
    }
    match length.checked_sub(PREFIX + key + TAG) {
        Some(value) => Ok(Shape { key, value }),
        None => Err(format!("it ends after {length} bytes")),
    }
}

/// The size in bytes of the key for which a valid value is sealed. The first characters of the
/// value contain it.
pub(super) fn key_bytes(sealed: &str) -> Option<usize> {
    let mut start = [0; 3];
    let start = Base64::decode(sealed.get(..4)?, &mut start).ok()?;
    start.first_chunk().map(|length| usize::from(u16::from_be_bytes(*length)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn sealed(key: u16, rest: usize) -> String {
        Base64::encode_string(&[key.to_be_bytes().to_vec(), vec![7; rest]].concat())
    }

    #[test]
    fn the_shape_of_a_sealed_value_shows() {
        assert_eq!(shape(&sealed(512, 512 + 32 + 16)), Ok(Shape { key: 512, value: 32 }));
        assert_eq!(shape(&sealed(256, 256 + 16)), Ok(Shape { key: 256, value: 0 }));
        assert_eq!(key_bytes(&sealed(512, 512 + 32 + 16)), Some(512));
        assert_eq!(key_bytes(&sealed(256, 256 + 16)), Some(256));
        assert_eq!((key_bytes(""), key_bytes("AA")), (None, None));
        for broken in [
            String::new(),
            "!".to_owned(),
            "AA==".to_owned(),
            sealed(512, 512 + 15),
            sealed(0, 600),
            sealed(65535, 600),
            // Base64 that some readers would take: without padding, and with bits that are lost.
            sealed(256, 272).trim_end_matches('=').to_owned(),
            format!("{}B==", &sealed(256, 272)[..sealed(256, 272).len() - 3]),
        ] {
            assert!(shape(&broken).is_err(), "{broken}");
        }
    }

    /// What the whole of a value tells.
    fn decoded_shape(sealed: &str) -> Option<Shape> {
        let bytes = Base64::decode_vec(sealed).ok()?;
        let key = usize::from(u16::from_be_bytes(*bytes.first_chunk()?));
        let value = bytes.len().checked_sub(PREFIX + key + TAG)?;
        (128..=1024).contains(&key).then_some(Shape { key, value })
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn the_ends_of_a_value_tell_as_much_as_all_of_it(
            key in 120_u16..140, rest in 120_usize..180, cut in 0_usize..4, at in any::<prop::sample::Index>(),
            other in prop::sample::select(vec!["", "=", "A", "/", "-", " ", "é", "====", "\n"]),
        ) {
            let sealed = sealed(key, rest);
            let kept = &sealed[..sealed.len() - cut];
            let at = at.index(kept.len());
            for text in [kept.to_owned(), [&kept[..at], other, &kept[at..]].concat()] {
                prop_assert_eq!(shape(&text).ok(), decoded_shape(&text), "{}", text);
            }
        }
    }
}
