//! The public certificates of a cluster's sealed-secrets controller: `_sealing/*.pem`. Beside them are
//! the cluster's age recipients ([`recipient`]).
//!
//! The controller creates a new key every month and keeps the old keys. So it can decrypt values
//! sealed with any certificate here, and new values are sealed with the newest certificate. As in
//! kubeseal, only the RSA key and the end of validity are checked: these certificates have an empty
//! subject and unusual key usages (source: `pkg/crypto/keys.go` and `pkg/kubeseal/kubeseal.go` of
//! sealed-secrets 0.36).

use super::recipient::{self, Recipient};
use crate::diagnostic::{Code, Diagnostic, Reported, Sources};
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

/// The folder of certificates in a cluster's folder.
pub(super) const FOLDER: &str = "_sealing";

const BEGIN: &str = "-----BEGIN CERTIFICATE-----";
const END: &str = "-----END CERTIFICATE-----";

/// A certificate.
#[derive(Clone, Debug)]
pub struct Certificate {
    /// The file of the certificate, relative to the project's folder.
    pub path: String,
    /// `SHA256:…`: the fingerprint of the key in the form of SSH, in which sealed-secrets logs it.
    pub fingerprint: String,
    key: PublicKey,
    not_before: Duration,
    not_after: SystemTime,
}

impl Certificate {
    /// The first certificate of a PEM file.
    pub fn of_pem(path: &str, text: &str) -> Result<Self, String> {
        let start = text.find(BEGIN).ok_or("it contains no certificate")?;
        let end = text[start..]
            .find(END)
            .ok_or("its certificate is incomplete: the last line is missing")?
            + start
            + END.len();
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

    /// The length in bytes of the RSA part of a value that is sealed with this key.
    pub fn key_bytes(&self) -> usize {
        self.key.size()
    }

    /// Its file's name.
    pub fn file_name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or(&self.path)
    }

    /// Whether the certificate has expired. This is the only check that depends on the current
    /// time. It is made only when a new value is sealed.
    pub fn is_expired(&self) -> bool {
        self.not_after < SystemTime::now()
    }
}

/// The fingerprint in the form of Go's `ssh.FingerprintSHA256`: the digest of the key in SSH's wire
/// format (RFC 4253, 6.6).
fn fingerprint(key: &PublicKey) -> String {
    let mut wire = Vec::with_capacity(key.size() + 32);
    for part in [b"ssh-rsa".as_slice(), &integer(&key.e_bytes()), &integer(&key.n_bytes())] {
        // A part has at most one kilobyte.
        wire.extend_from_slice(&u32::try_from(part.len()).unwrap_or_default().to_be_bytes());
        wire.extend_from_slice(part);
    }
    format!("SHA256:{}", Base64Unpadded::encode_string(&Sha256::digest(&wire)))
}

/// A positive integer in SSH's form: it has a leading zero byte if its first bit is set.
fn integer(bytes: &[u8]) -> Vec<u8> {
    let zero = bytes.first().is_some_and(|first| first & 0x80 != 0);
    [if zero { &[0][..] } else { &[] }, bytes].concat()
}

/// The certificates and the age recipients of all clusters.
#[derive(Debug, Default)]
pub struct Certificates {
    /// The folder of definitions, for messages.
    sites: String,
    /// The certificates by the name of their cluster, the newest last.
    clusters: BTreeMap<String, Vec<Certificate>>,
    /// The age recipients by the name of their cluster.
    recipients: BTreeMap<String, Vec<Recipient>>,
    /// The clusters with a certificate or recipient that could not be read, which is reported.
    broken: BTreeSet<String>,
}

impl Certificates {
    /// Reads `sites/CLUSTER/_sealing/` of these clusters. Unusable files are reported.
    pub fn load<'c>(
        root: &Path,
        sites: &str,
        clusters: impl IntoIterator<Item = &'c str>,
        sources: &mut Sources,
    ) -> Reported<Self> {
        let mut all = Self { sites: sites.to_owned(), ..Self::default() };
        let mut diagnostics = Vec::new();
        for cluster in clusters {
            let found = read(root, &all.folder(cluster), sources);
            let recipients = recipient::read(root, &all.folder(cluster), sources);
            if !found.diagnostics.is_empty() || !recipients.diagnostics.is_empty() {
                all.broken.insert(cluster.to_owned());
            }
            let mut certificates = found.add_to(&mut diagnostics);
            all.recipients.insert(cluster.to_owned(), recipients.add_to(&mut diagnostics));
            // Certificates with the same start of validity are sorted by name. No controller
            // creates such certificates.
            certificates.sort_by(|a, b| (a.not_before, &a.path).cmp(&(b.not_before, &b.path)));
            all.clusters.insert(cluster.to_owned(), certificates);
        }
        Reported { value: all, diagnostics }
    }

    /// The folder of a cluster's certificates, relative to the project's folder.
    pub fn folder(&self, cluster: &str) -> String {
        format!("{}/{cluster}/{FOLDER}", self.sites)
    }

    /// The age recipients of a cluster, in the order of their texts.
    pub fn recipients(&self, cluster: &str) -> &[Recipient] {
        self.recipients.get(cluster).map_or(&[], Vec::as_slice)
    }

    /// Whether a certificate or recipient of a cluster could not be read. Values that may be sealed for it are
    /// then not reported.
    pub fn are_broken(&self, cluster: &str) -> bool {
        self.broken.contains(cluster)
    }

    /// Adds the recipients in the text of a file of a cluster. Lines that are no recipients are left out: whoever
    /// reads the file later reports them.
    pub fn add_recipients(&mut self, cluster: &str, path: &str, text: &str) {
        let all = self.recipients.entry(cluster.to_owned()).or_default();
        all.extend(text.lines().filter_map(|line| Recipient::of(path, line).ok()));
        all.sort_by(|one, other| one.text.cmp(&other.text));
    }

    /// The certificates of a cluster, the newest last.
    pub fn of(&self, cluster: &str) -> &[Certificate] {
        self.clusters.get(cluster).map_or(&[], Vec::as_slice)
    }

    /// The certificate of a cluster with which new values are sealed.
    pub fn newest(&self, cluster: &str) -> Option<&Certificate> {
        self.of(cluster).last()
    }
}

/// The certificates in a folder. The others are reported.
fn read(root: &Path, folder: &str, sources: &mut Sources) -> Reported<Vec<Certificate>> {
    let (mut certificates, mut diagnostics) = (Vec::new(), Vec::new());
    let entries = match source::entries(&root.join(folder)) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Vec::new(),
        Err(error) => {
            diagnostics.push(source::unreadable(folder, &error));
            Vec::new()
        }
    };
    for (name, kind) in entries {
        let shown = format!("{folder}/{name}");
        match one(root, &shown, &name, kind, sources) {
            Ok(certificate) => certificates.extend(certificate),
            Err(problem) => diagnostics.push(*problem),
        }
    }
    Reported { value: certificates, diagnostics }
}

/// The certificate of a file, or `None` if the file is not a certificate.
fn one(
    root: &Path,
    shown: &str,
    name: &str,
    kind: FileType,
    sources: &mut Sources,
) -> Result<Option<Certificate>, Box<Diagnostic>> {
    let bad = |message: String, help: &str| {
        // SW707: a sealing certificate that cannot be used.
        Box::new(Diagnostic::of_path(Code::BadCertificate, shown, message).help(help))
    };
    if name.starts_with('.') {
        return Ok(None);
    }
    if kind.is_symlink() {
        let message = format!("`{name}` is a symbolic link");
        let help =
            "replace the link by the file, so that every clone seals with the same certificate";
        // SW005: a symbolic link among the certificates.
        return Err(Box::new(Diagnostic::of_path(Code::Symlink, shown, message).help(help)));
    }
    if [".crt", ".cer", ".cert"].iter().any(|ending| name.ends_with(ending)) {
        let message = format!("`{name}` is not read, because its name does not end with `.pem`");
        return Err(bad(message, "rename it, so that its name ends with `.pem`"));
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
    // The file contains a private key, which must never be here.
    if text.contains("PRIVATE KEY-----") {
        // The diagnostic shows no line, because the line may contain the key.
        return Err(bad(
            format!("`{name}` contains a private key, which opens every password sealed for it"),
            "remove the key from the history of Git, let the controller make a new key, and rotate \
             every password that was sealed for this key",
        ));
    }
    Certificate::of_pem(shown, &text).map(Some).map_err(|why| {
        let help = "fetch the certificate again: `kubeseal --fetch-cert > FILE.pem`";
        bad(format!("`{name}` cannot be used: {why}"), help)
    })
}
