//! What a record holds of an encrypted Secret: the value, and the metadata with which SOPS decrypts it
//! (source: `sops.go` and `stores/stores.go` of sops 3.13.2).
//!
//! A document has one key for its value and its MAC, and the key is encrypted for each recipient. So
//! all of it is recorded as one text, on one line: parts of two documents do not fit together, and Git
//! cannot merge a line.

use super::data_key::{DataKey, Identities};
use super::mac::Mac;
use super::value;
use crate::secret::recipient::Recipient;
use base64ct::{Base64, Encoding};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::time::SystemTime;
use x509_cert::der::DateTime;
use zeroize::Zeroizing;

/// The version of SOPS whose format this is. The program refuses a file that states no version.
const VERSION: &str = "3.13.2";

/// The field of a Secret that contains the value.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum Section {
    /// The value is text.
    StringData,
    /// The value is text in base64, as the API server gives Secrets out.
    Data,
}

impl Section {
    /// Every field.
    pub(super) const ALL: [Self; 2] = [Self::StringData, Self::Data];

    /// The name of the field.
    pub(super) fn name(self) -> &'static str {
        match self {
            Section::StringData => "stringData",
            Section::Data => "data",
        }
    }
}

/// The encrypted value of a Secret and its metadata. The names of the metadata are those of SOPS.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Document {
    pub(super) section: Section,
    pub(super) value: String,
    /// When the value was encrypted. The MAC is bound to this text.
    pub(super) lastmodified: String,
    pub(super) mac: String,
    pub(super) version: String,
    pub(super) age: Vec<WrappedKey>,
}

/// The key of a document, encrypted for one recipient.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WrappedKey {
    pub(super) recipient: String,
    pub(super) enc: String,
}

impl Document {
    /// Encrypts the value of a key of a Secret with a new key.
    pub(super) fn encrypt(
        key_name: &str,
        text: &[u8],
        recipients: &[Recipient],
    ) -> Result<Self, String> {
        let key = DataKey::new()?;
        let section = Section::StringData;
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
        let now = now.ok().and_then(|now| DateTime::from_unix_duration(now).ok());
        let lastmodified = now.ok_or("the clock is wrong")?.to_string();
        let place = value::place(&[section.name(), key_name]);
        let mac = Mac::of_encrypted([text]).encrypt(&key, &lastmodified)?;
        let value = value::encrypt(&key, &place, text)?;
        let age = recipients.iter().map(|recipient| wrapped(&key, recipient));
        let age = age.collect::<Result<_, _>>()?;
        Ok(Self { section, value, lastmodified, mac, version: VERSION.to_owned(), age })
    }

    /// The text of the key of a Secret. `None` if no identity opens the document, or if its value or
    /// its MAC does not fit.
    pub(super) fn decrypt(
        &self,
        key_name: &str,
        identities: &Identities,
    ) -> Option<Zeroizing<Vec<u8>>> {
        let key = self.key(identities)?;
        let place = value::place(&[self.section.name(), key_name]);
        let text = value::decrypt(&key, &place, &self.value)?;
        let is_sound = Mac::of_encrypted([text.as_slice()]).is(&self.mac, &key, &self.lastmodified);
        is_sound.then_some(text)
    }

    /// Whether an identity opens the document, but its value or its MAC does not fit.
    pub(super) fn is_damaged(&self, key_name: &str, identities: &Identities) -> bool {
        self.key(identities).is_some() && self.decrypt(key_name, identities).is_none()
    }

    /// The same document for other recipients. A recipient that stays keeps its text.
    pub(super) fn rewrapped(
        &self,
        recipients: &[Recipient],
        identities: &Identities,
    ) -> Result<Self, String> {
        let key = self.key(identities).ok_or("no identity opens it")?;
        let age = recipients.iter().map(|recipient| {
            let kept = self.age.iter().find(|kept| kept.recipient == recipient.text).cloned();
            kept.map_or_else(|| wrapped(&key, recipient), Ok)
        });
        Ok(Self { age: age.collect::<Result<_, _>>()?, ..self.clone() })
    }

    fn key(&self, identities: &Identities) -> Option<DataKey> {
        self.age.iter().find_map(|wrapped| DataKey::unwrapped(&wrapped.enc, identities))
    }

    /// The recipients for which the document is encrypted.
    pub(super) fn recipients(&self) -> BTreeSet<&str> {
        self.age.iter().map(|wrapped| wrapped.recipient.as_str()).collect()
    }

    /// Whether both have the same ciphertext. They may be encrypted for other recipients.
    pub(super) fn has_value_of(&self, other: &Self) -> bool {
        let Self { section, value, lastmodified, mac, version: _, age: _ } = other;
        (self.section, &self.value, &self.lastmodified, &self.mac)
            == (*section, value, lastmodified, mac)
    }

    /// Whether this document was encrypted after another one.
    pub(super) fn is_newer_than(&self, other: &Self) -> bool {
        let time = |document: &Self| document.lastmodified.parse::<DateTime>().ok();
        time(self) > time(other)
    }

    /// The length of the value, or what is wrong with the document.
    pub(super) fn check(&self) -> Result<usize, String> {
        let length = value::length(&self.value)?;
        value::length(&self.mac).map_err(|why| format!("its MAC is invalid: {why}"))?;
        if self.lastmodified.parse::<DateTime>().is_err() {
            return Err("its time is invalid".to_owned());
        }
        if self.version.is_empty() {
            return Err("it states no version of SOPS".to_owned());
        }
        if self.age.is_empty() {
            return Err("it is encrypted for nobody".to_owned());
        }
        let is_whole = |wrapped: &WrappedKey| {
            let text = wrapped.enc.trim_end();
            text.starts_with("-----BEGIN AGE ENCRYPTED FILE-----\n")
                && text.ends_with("\n-----END AGE ENCRYPTED FILE-----")
        };
        match self.age.iter().find(|wrapped| !is_whole(wrapped)) {
            Some(wrapped) => Err(format!("its key for `{}` is cut", wrapped.recipient)),
            None => Ok(length),
        }
    }

    /// The text for a record.
    pub(super) fn to_text(&self) -> String {
        Base64::encode_string(serde_json::to_string(self).unwrap_or_default().as_bytes())
    }

    /// The document of a record's text, or what is wrong with the text.
    pub(super) fn of_text(text: &str) -> Result<Self, String> {
        let json = Base64::decode_vec(text).map_err(|_| "it is not base64".to_owned())?;
        // The reader's message could quote the text.
        let document = serde_json::from_slice::<Self>(&json);
        let document = document.map_err(|_| "it holds no document of SOPS".to_owned())?;
        document.check()?;
        Ok(document)
    }
}

fn wrapped(key: &DataKey, recipient: &Recipient) -> Result<WrappedKey, String> {
    Ok(WrappedKey { recipient: recipient.text.clone(), enc: key.wrapped(recipient)? })
}
