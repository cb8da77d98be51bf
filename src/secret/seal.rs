//! Sealing a value for a sealed-secrets controller, and what can be told of a sealed value without a
//! key.
//!
//! The format (source: `pkg/crypto/crypto.go` of sealed-secrets 0.36): the length of the RSA part as
//! two bytes, big-endian; the session key under RSA-OAEP with SHA-256 and the scope's label; the value
//! under AES-256-GCM with a nonce of zeros, which is safe because each session key is used once; all
//! of it in standard base64.

use super::certificate::Certificate;
use aes_gcm::aead::{AeadInOut, KeyInit};
use aes_gcm::{Aes256Gcm, Key, Nonce};
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
    // Encrypted where it stands, so that no copy of the value outlives this function.
    let mut sealed = Zeroizing::new(Vec::with_capacity(value.len() + TAG));
    sealed.extend_from_slice(value);
    Aes256Gcm::new(&Key::<Aes256Gcm>::from(*session_key))
        .encrypt_in_place(&Nonce::default(), b"", &mut *sealed)
        .map_err(|error| format!("AES: {error}"))?;
    let parts = [&length.to_be_bytes(), locked.as_slice(), sealed.as_slice()];
    Ok(Base64::encode_string(&parts.concat()))
}

/// What shows of a sealed value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Shape {
    /// The RSA part's bytes: the size of the key that it is sealed for.
    pub(super) key: usize,
    /// The value's bytes.
    pub(super) value: usize,
}

/// The shape of a sealed value, or what is wrong with it.
pub(super) fn shape(sealed: &str) -> Result<Shape, String> {
    let bytes = Base64::decode_vec(sealed).map_err(|_| "it is not base64".to_owned())?;
    let Some((length, rest)) = bytes.split_first_chunk::<PREFIX>() else {
        return Err("it is too short".to_owned());
    };
    let key = usize::from(u16::from_be_bytes(*length));
    // 1024 to 8192 bits, as certificates may have.
    if !(128..=1024).contains(&key) {
        return Err(format!("its RSA part would have {key} bytes"));
    }
    match rest.len().checked_sub(key + TAG) {
        Some(value) => Ok(Shape { key, value }),
        None => Err(format!("it ends after {} bytes", bytes.len())),
    }
}

/// The size of the key that a value of a good shape is sealed for, in bytes: its first characters tell.
pub(super) fn key_bytes(sealed: &str) -> Option<usize> {
    let mut start = [0; 3];
    let start = Base64::decode(sealed.get(..4)?, &mut start).ok()?;
    start.first_chunk().map(|length| usize::from(u16::from_be_bytes(*length)))
}

#[cfg(test)]
mod tests {
    use super::*;

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
}
