//! The public certificates of a cluster's sealed-secrets controller: `_sealing/*.pem`.
//!
//! The controller makes a new key every month and keeps the old ones, so every certificate here is a
//! key that can still be opened, and the newest is the one to seal with. As kubeseal does, only RSA and
//! the end of validity are looked at: these certificates have an empty subject and odd key usages
//! (source: `pkg/crypto/keys.go` and `pkg/kubeseal/kubeseal.go` of sealed-secrets 0.36).

use crate::diagnostic::{Code, Diagnostic, Sources};
use crate::source::{self, read_text};
use base64ct::{Base64Unpadded, Encoding};
use rsa::PublicKey;
use rsa::traits::PublicKeyParts;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::FileType;
use std::path::Path;
use std::time::{Duration, SystemTime};
use x509_cert::der::{DecodePem, Encode};
use x509_cert::spki::SubjectPublicKeyInfoRef;

/// The folder in a cluster's.
pub(super) const FOLDER: &str = "_sealing";

const BEGIN: &str = "-----BEGIN CERTIFICATE-----";
const END: &str = "-----END CERTIFICATE-----";

/// A certificate.
#[derive(Clone, Debug)]
pub struct Certificate {
    /// Its file, from the project's folder.
    pub path: String,
    /// `SHA256:…`: the fingerprint of its key in the form of SSH, as sealed-secrets logs it.
    pub fingerprint: String,
    key: PublicKey,
    not_before: Duration,
    not_after: SystemTime,
}

impl Certificate {
    /// The first certificate of a PEM file.
    pub fn of_pem(path: &str, text: &str) -> Result<Self, String> {
        let start = text.find(BEGIN).ok_or("it holds no certificate")?;
        let end = text[start..].find(END).ok_or("its certificate has no end")? + start + END.len();
        let certificate = x509_cert::Certificate::from_pem(&text.as_bytes()[start..end])
            .map_err(|error| format!("its certificate cannot be read: {error}"))?;
        let certificate = certificate.tbs_certificate();
        let key = certificate.subject_public_key_info().to_der().ok();
        let key = key.as_deref().and_then(|der| SubjectPublicKeyInfoRef::try_from(der).ok());
        let key = key.and_then(|key| PublicKey::try_from(key).ok());
        let key = key.ok_or("its key is not RSA of 1024 to 8192 bits")?;
        let validity = certificate.validity();
        Ok(Self {
            path: path.to_owned(),
            fingerprint: fingerprint(&key),
            not_before: validity.not_before.to_unix_duration(),
            not_after: SystemTime::UNIX_EPOCH + validity.not_after.to_unix_duration(),
            key,
        })
    }

    pub(super) fn key(&self) -> &PublicKey {
        &self.key
    }

    /// The bytes of what is sealed under its key.
    pub fn key_bytes(&self) -> usize {
        self.key.size()
    }

    /// Its file's name.
    pub fn file_name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or(&self.path)
    }

    /// Whether it is past its end: the one question here that depends on the time of day, asked only
    /// where a new value is sealed.
    pub fn is_expired(&self) -> bool {
        self.not_after < SystemTime::now()
    }
}

/// As `ssh.FingerprintSHA256` of Go has it: the digest of the key in SSH's wire format (RFC 4253, 6.6).
fn fingerprint(key: &PublicKey) -> String {
    let mut wire = Vec::with_capacity(key.size() + 32);
    for part in [b"ssh-rsa".as_slice(), &integer(&key.e_bytes()), &integer(&key.n_bytes())] {
        // A part is at most a kilobyte.
        wire.extend_from_slice(&u32::try_from(part.len()).unwrap_or_default().to_be_bytes());
        wire.extend_from_slice(part);
    }
    format!("SHA256:{}", Base64Unpadded::encode_string(&Sha256::digest(&wire)))
}

/// A positive integer with SSH's leading zero where its first bit is set.
fn integer(bytes: &[u8]) -> Vec<u8> {
    let zero = bytes.first().is_some_and(|first| first & 0x80 != 0);
    [if zero { &[0][..] } else { &[] }, bytes].concat()
}

/// The certificates of all clusters.
#[derive(Debug, Default)]
pub struct Certificates {
    /// The folder of definitions, for messages.
    sites: String,
    /// By the cluster's name, the newest last.
    clusters: BTreeMap<String, Vec<Certificate>>,
    /// Clusters of which some could not be read, which is reported.
    broken: BTreeSet<String>,
}

impl Certificates {
    /// Reads `sites/CLUSTER/_sealing/*.pem` of these clusters.
    pub fn load<'c>(
        root: &Path,
        sites: &str,
        clusters: impl IntoIterator<Item = &'c str>,
        sources: &mut Sources,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Self {
        let mut all = Self { sites: sites.to_owned(), ..Self::default() };
        for cluster in clusters {
            let before = diagnostics.len();
            let mut certificates = read(root, &all.folder(cluster), sources, diagnostics);
            if diagnostics.len() > before {
                all.broken.insert(cluster.to_owned());
            }
            // Two of one moment, which no controller makes, go by their names.
            certificates.sort_by(|a, b| (a.not_before, &a.path).cmp(&(b.not_before, &b.path)));
            all.clusters.insert(cluster.to_owned(), certificates);
        }
        all
    }

    /// Their folder, from the project's.
    pub fn folder(&self, cluster: &str) -> String {
        format!("{}/{cluster}/{FOLDER}", self.sites)
    }

    /// Whether some of a cluster's could not be read: what is sealed for them is no second mistake.
    pub fn are_broken(&self, cluster: &str) -> bool {
        self.broken.contains(cluster)
    }

    /// Those of a cluster, the newest last.
    pub fn of(&self, cluster: &str) -> &[Certificate] {
        self.clusters.get(cluster).map_or(&[], Vec::as_slice)
    }

    /// The one of a cluster that new values are sealed with.
    pub fn newest(&self, cluster: &str) -> Option<&Certificate> {
        self.of(cluster).last()
    }
}

fn read(
    root: &Path,
    folder: &str,
    sources: &mut Sources,
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<Certificate> {
    let entries = match source::entries(&root.join(folder)) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Vec::new(),
        Err(error) => {
            diagnostics.push(source::unreadable(folder, &error));
            return Vec::new();
        }
    };
    let mut certificates = Vec::new();
    for (name, kind) in entries {
        let shown = format!("{folder}/{name}");
        match one(root, &shown, &name, kind, sources) {
            Ok(certificate) => certificates.extend(certificate),
            Err(problem) => diagnostics.push(*problem),
        }
    }
    certificates
}

/// The certificate that a file holds; nothing where the file is none.
fn one(
    root: &Path,
    shown: &str,
    name: &str,
    kind: FileType,
    sources: &mut Sources,
) -> Result<Option<Certificate>, Box<Diagnostic>> {
    let bad = |message: String, help: &str| {
        Box::new(Diagnostic::of_path(Code::BadCertificate, shown, message).help(help))
    };
    if name.starts_with('.') {
        return Ok(None);
    }
    if kind.is_symlink() {
        let message = format!("`{name}` is a symbolic link");
        let help = "certificates are plain files, so that every clone seals the same";
        return Err(Box::new(Diagnostic::of_path(Code::Symlink, shown, message).help(help)));
    }
    if [".crt", ".cer", ".cert"].iter().any(|ending| name.ends_with(ending)) {
        let message = format!("`{name}` would not be read");
        return Err(bad(message, "a certificate's file ends with `.pem`: rename it"));
    }
    if !name.ends_with(".pem") {
        return Ok(None);
    }
    if !kind.is_file() {
        return Err(Box::new(source::irregular(shown)));
    }
    let (text, problem) = read_text(&root.join(shown), shown, sources.next_id());
    sources.add(shown.to_owned(), text.clone());
    if let Some(problem) = problem {
        return Err(Box::new(problem));
    }
    // The one thing that must never be here.
    if text.contains("PRIVATE KEY-----") {
        // Without its line, which may hold the key.
        return Err(bad(
            format!("`{name}` holds a private key"),
            "only certificates belong here: take the key out of the history of Git, let the controller make a new \
             one, and rotate every password that was sealed for this one",
        ));
    }
    Certificate::of_pem(shown, &text).map(Some).map_err(|why| {
        let help = "fetch it again: `kubeseal --fetch-cert > FILE.pem`";
        bad(format!("`{name}` cannot be used: {why}"), help)
    })
}
