//! The message authentication code of a document: SHA-512 over its values in their order, encrypted
//! with the time of the document as additional data (source: `Encrypt` in `sops.go` of sops 3.13.2).

use super::data_key::DataKey;
use super::value;
use sha2::{Digest, Sha256, Sha512};
use zeroize::Zeroizing;

/// The code of a document whose values are being added.
pub(super) struct Mac(Sha512);

impl Mac {
    /// The code of a document that authenticates only its encrypted values
    /// (`mac_only_encrypted: true`). It starts with a constant, so that it never equals the code of a
    /// document that authenticates all of its values.
    pub(super) fn of_encrypted<'t>(values: impl IntoIterator<Item = &'t [u8]>) -> Self {
        let mut mac = Self(Sha512::new());
        mac.add(&Sha256::digest(b"sops"));
        values.into_iter().for_each(|value| mac.add(value));
        mac
    }

    /// The code of a document that authenticates all of its values, before the first value.
    pub(super) fn of_all() -> Self {
        Self(Sha512::new())
    }

    /// Adds the text of a value.
    pub(super) fn add(&mut self, text: &[u8]) {
        self.0.update(text);
    }

    /// The code as text. It is derived from passwords, so it is wiped too.
    fn text(self) -> Zeroizing<String> {
        let digest = Zeroizing::new(self.0.finalize().to_vec());
        let mut text = Zeroizing::new(String::with_capacity(2 * digest.len()));
        for byte in digest.iter() {
            for digit in [byte >> 4, byte & 15] {
                text.push(char::from(b"0123456789ABCDEF"[usize::from(digit)]));
            }
        }
        text
    }

    /// The code, encrypted for a document of this time.
    pub(super) fn encrypt(self, key: &DataKey, lastmodified: &str) -> Result<String, String> {
        value::encrypt(key, lastmodified, self.text().as_bytes())
    }

    /// Whether an encrypted code of a document of this time is this code.
    pub(super) fn is(self, encrypted: &str, key: &DataKey, lastmodified: &str) -> bool {
        let found = value::decrypt(key, lastmodified, encrypted);
        found.is_some_and(|found| *found == self.text().as_bytes())
    }
}
