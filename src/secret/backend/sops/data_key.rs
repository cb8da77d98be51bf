//! The key of a document: 32 random bytes, which age encrypts for each recipient (source:
//! `age/keysource.go` of sops 3.13.2).

use crate::secret::recipient::Recipient;
use age::armor::ArmoredReader;
use rand::TryRng;
use rand::rngs::SysRng;
use std::io::Read as _;
use zeroize::Zeroizing;

/// The variable that names the file of the age identities, as for the program sops.
pub(super) const VARIABLE: &str = "SOPS_AGE_KEY_FILE";

/// The bytes of a key.
const LENGTH: usize = 32;

/// The key of a document.
pub(super) struct DataKey(Zeroizing<[u8; LENGTH]>);

impl DataKey {
    /// A new key from the operating system's random generator.
    pub(super) fn new() -> Result<Self, String> {
        let mut key = Zeroizing::new([0_u8; LENGTH]);
        SysRng.try_fill_bytes(&mut *key).map_err(|error| error.to_string())?;
        Ok(Self(key))
    }

    pub(super) fn reveal(&self) -> &[u8] {
        &*self.0
    }

    /// The key, encrypted for a recipient: an age file in its text form.
    pub(super) fn wrapped(&self, recipient: &Recipient) -> Result<String, String> {
        age::encrypt_and_armor(recipient.key(), self.reveal())
            .map_err(|error| format!("age: {error}"))
    }

    /// The key in such a file, if one of the identities opens it.
    pub(super) fn unwrapped(wrapped: &str, identities: &Identities) -> Option<Self> {
        let reader = ArmoredReader::new(wrapped.as_bytes());
        let decryptor = age::Decryptor::new_buffered(reader).ok()?;
        let known = identities.0.iter().map(|identity| identity as &dyn age::Identity);
        // A longer text is no key. One byte more than a key is read to see that.
        let mut text = Zeroizing::new(Vec::with_capacity(LENGTH + 1));
        let reader = decryptor.decrypt(known).ok()?;
        reader.take(LENGTH as u64 + 1).read_to_end(&mut text).ok()?;
        let key: &[u8; LENGTH] = text.as_slice().try_into().ok()?;
        Some(Self(Zeroizing::new(*key)))
    }
}

/// The private keys of age that a user lets a command use.
pub(super) struct Identities(Vec<age::x25519::Identity>);

impl Identities {
    /// The identities in the file that the variable names. `None` if the variable is not set. The
    /// error names no text of the file.
    pub(super) fn of_the_environment() -> Result<Option<Self>, String> {
        let Some(path) = std::env::var_os(VARIABLE).filter(|path| !path.is_empty()) else {
            return Ok(None);
        };
        let text = std::fs::read(path).map(Zeroizing::new);
        let text = text.map_err(|why| format!("the file that {VARIABLE} names: {}", why.kind()))?;
        let text = std::str::from_utf8(&text).unwrap_or_default();
        match Self::of_text(text) {
            Some(identities) => Ok(Some(identities)),
            None => {
                Err(format!("the file that {VARIABLE} names contains no X25519 identity of age"))
            }
        }
    }

    /// The identities of a file. `None` if it has none.
    pub(super) fn of_text(text: &str) -> Option<Self> {
        let lines = text.lines().map(str::trim);
        let found: Vec<_> = lines.filter_map(|line| line.parse().ok()).collect();
        (!found.is_empty()).then_some(Self(found))
    }
}
