//! The mode `sealed`: the record holds the value in ciphertext, and a SealedSecret carries it.
//! sitewright seals values with the newest certificate of the cluster, or adopts values that
//! kubeseal sealed.

use super::adopted::{generation, policy, refuse_no_key};
use super::{Backend, Fitting, Keeper, Kept, Settings, of_cluster, settings};
use crate::cluster::Cluster;
use crate::diagnostic::{Code, Diagnostic};
use crate::language::{SecretMode, SecretScope};
use crate::object::{Manifest, ObjectKind, ObjectType};
use crate::secret::carrier::{Carrier, GENERATION, carrier_type, text, value_at};
use crate::secret::certificate::{Certificate, Certificates};
use crate::secret::need::{Need, State};
use crate::secret::offer::{Adopted, Change, Offer, at};
use crate::secret::password::KEY_LENGTH;
use crate::secret::record::{self, Facts, Record, SealedValue, WrongFact, scope_name};
use crate::secret::seal::{self, seal};
use crate::source::node::Node;

const SEALED_SECRET: ObjectType =
    carrier_type("secret/sealedsecret.yaml.j2", ObjectKind::SealedSecret);

static CARRIERS: [Carrier; 1] = [Carrier {
    of: &SEALED_SECRET,
    group: "bitnami.com",
    marker: None,
    generation: Some(&["spec", "template", "metadata", "annotations", GENERATION]),
    reports: Some("v1alpha1"),
    is_made_by_others: true,
}];

/// How to keep a password that is not sealed yet.
pub(super) const SEAL_AND_ADOPT: &str =
    "To keep the password in use, seal it with kubeseal, then run `sitewright secrets adopt FILE`";

pub(super) struct Sealed;

impl Backend for Sealed {
    fn word(&self) -> &'static str {
        "sealed"
    }

    fn accepts(&self) -> &'static [SecretMode] {
        &[SecretMode::Sealed]
    }

    fn keeping(&self) -> &'static str {
        SEAL_AND_ADOPT
    }

    fn settings(&self, objects: &[&Node], _: &str) -> Option<Settings> {
        let scope = scope(objects.first()?);
        let mut fields = vec![("mode", settings::text(self.word()))];
        if scope != SecretScope::Strict {
            fields.push(("scope", settings::text(scope_name(scope))));
        }
        Some(Settings::of(fields))
    }

    fn taking_over(&self, _: &Need, manifest: &str, cluster: &Cluster) -> String {
        let scope = match cluster.secrets.scope {
            SecretScope::Strict => String::new(),
            scope => format!(" --scope {}", scope_name(scope)),
        };
        let name = &cluster.name;
        format!("run `{manifest} | kubeseal{scope} | sitewright secrets adopt - --cluster {name}`")
    }

    fn whereabouts<'r>(&self, record: &'r Record, _: bool) -> &'r str {
        let fingerprint = record.sealed.as_ref().and_then(|sealed| sealed.sealed_for.as_deref());
        fingerprint.unwrap_or("sealed for an unknown key")
    }

    fn keeper<'c>(
        &self,
        cluster: &'c Cluster,
        certificates: &'c Certificates,
    ) -> Result<Keeper<'c>, Box<Diagnostic>> {
        let certificate = usable(cluster, certificates)?;
        let scope = cluster.secrets.scope;
        Ok(Box::new(move |_, label, make| {
            let ciphertext = seal(certificate, label, make()?.reveal())?;
            let sealed_for = Some(certificate.fingerprint.as_str().into());
            let ciphertext = ciphertext.as_str().into();
            let scope = Some(scope);
            let sealed = Some(SealedValue { scope, sealed_for, ciphertext });
            Ok(Kept { sealed, password: None })
        }))
    }

    fn label(&self, cluster: &Cluster, namespace: &str, secret: &str) -> String {
        label(cluster.secrets.scope, namespace, secret)
    }

    fn check_facts(&self, facts: &Facts) -> Result<(), WrongFact> {
        let Some(ciphertext) = &facts.sealed else {
            return Err(("generation", "it states no `sealed` value".to_owned()));
        };
        if facts.scope.is_none() {
            return Err(("sealed", "it states no `scope`".to_owned()));
        }
        let shape = seal::shape(ciphertext).map_err(|why| ("sealed", why))?;
        if let Some(length) = facts.policy.length().filter(|length| shape.value != *length) {
            let why = format!("a password of this policy has {length} characters");
            return Err(("sealed", why));
        }
        Ok(())
    }

    fn unfit(&self, fitting: &Fitting) -> Option<Diagnostic> {
        // The label depends on the scope, so the scope is compared first.
        wrong_scope(fitting)
            .or_else(|| fitting.wrong_label())
            .or_else(|| fitting.wrong_mode())
            .or_else(|| of_another_key(fitting))
    }

    fn carriers(&self) -> &'static [Carrier] {
        &CARRIERS
    }

    fn objects(&self, _: &Need) -> &'static [&'static ObjectType] {
        &[&SEALED_SECRET]
    }

    fn carries(
        &self,
        manifest: &Manifest,
        encrypted: Option<(&str, &str)>,
        passwords: &[(&Need, &Record)],
    ) -> bool {
        let Some((key, value)) = encrypted else { return false };
        passwords.iter().any(|(need, record)| {
            let Some(sealed) = &record.sealed else { return false };
            need.wanted.name == manifest.name && need.key() == key && value == &*sealed.ciphertext
        })
    }

    fn is_usable(&self, object: &Node, cluster: &Cluster) -> bool {
        scope(object) == cluster.secrets.scope
    }

    fn adopt(&self, offer: &Offer) -> Result<Vec<Adopted>, Box<Diagnostic>> {
        refuse_unusable(offer)?;
        let Offer { need, object, .. } = offer;
        let known: Vec<&str> = need.wanted.keys().collect();
        let sealed = value_at(object, &["spec", "encryptedData"]);
        let entries = sealed.map(Node::entries).unwrap_or_default();
        if let Some(other) = entries.iter().find(|entry| !known.contains(&&*entry.key)) {
            let message = format!("the Secret `{}` has no key `{}`", need.wanted.name, other.key);
            let help = format!("its keys are {}", known.join(", "));
            return Err(offer.refusal(other.key_span, message, &help));
        }
        // The values of the other keys are not secret. They are rendered in clear text in any case.
        let own = entries.iter().filter(|entry| &*entry.key == need.key());
        let adopted: Vec<Adopted> =
            own.map(|entry| one(offer, &entry.node)).collect::<Result<_, _>>()?;
        if adopted.is_empty() {
            let message = format!("it has no key `{}`", need.key());
            let help = "seal the whole Secret with all of its keys";
            return Err(offer.refusal(at(object, &["spec"]), message, help));
        }
        Ok(adopted)
    }
}

/// The label that binds a value of this scope (source: `EncryptionLabel` of sealed-secrets 0.36).
fn label(scope: SecretScope, namespace: &str, secret: &str) -> String {
    match scope {
        SecretScope::Strict => format!("{namespace}/{secret}"),
        SecretScope::NamespaceWide => namespace.to_owned(),
        SecretScope::ClusterWide => String::new(),
    }
}

/// The scope of a SealedSecret. The controller reads it from the annotations of the object itself.
fn scope(object: &Node) -> SecretScope {
    let is =
        |annotation: &str| text(object, &["metadata", "annotations", annotation]) == Some("true");
    if is("sealedsecrets.bitnami.com/cluster-wide") {
        SecretScope::ClusterWide
    } else if is("sealedsecrets.bitnami.com/namespace-wide") {
        SecretScope::NamespaceWide
    } else {
        SecretScope::Strict
    }
}

/// The certificate with which new values of a cluster are sealed.
fn usable<'c>(
    cluster: &Cluster,
    certificates: &'c Certificates,
) -> Result<&'c Certificate, Box<Diagnostic>> {
    let folder = certificates.folder(&cluster.name);
    let fetch =
        format!("`kubeseal --fetch-cert > {folder}/YEAR-MONTH.pem` fetches the current one");
    match certificates.newest(&cluster.name) {
        None => {
            let message = format!("the cluster `{}` has no certificate to seal with", cluster.name);
            let span = cluster.definition.span();
            // SW708: no sealing certificate.
            Err(Box::new(Diagnostic::new(Code::NoCertificate, span, message).help(fetch)))
        }
        Some(certificate) if certificate.is_expired() => {
            let message = format!(
                "the newest certificate of `{}`, {}, has expired",
                cluster.name,
                certificate.file_name()
            );
            let problem = Diagnostic::of_path(Code::NoCertificate, &*certificate.path, message);
            Err(Box::new(problem.help(fetch)))
        }
        Some(certificate) => Ok(certificate),
    }
}

/// The problem of a value that is sealed with another scope than the cluster's.
fn wrong_scope(fitting: &Fitting) -> Option<Diagnostic> {
    let (scope, wanted) = (fitting.record.sealed.as_ref()?.scope?, fitting.cluster.secrets.scope);
    (scope != wanted).then(|| {
        let message = format!(
            "`{}` is sealed with the scope {}, but the cluster's scope is {}",
            fitting.path(),
            scope_name(scope),
            scope_name(wanted)
        );
        // SW702: a record is sealed with another scope.
        fitting.problem(Code::RecordMoved, "scope", message).help(fitting.new_or_adopted())
    })
}

/// The problem of a value that is sealed for a key of another cluster.
fn of_another_key(fitting: &Fitting) -> Option<Diagnostic> {
    let Fitting { need, cluster, certificates, .. } = fitting;
    let sealed = fitting.record.sealed.as_ref()?;
    let fingerprint = sealed.sealed_for.as_deref()?;
    let mut known = certificates.of(&cluster.name).iter();
    let Some(certificate) = known.find(|certificate| certificate.fingerprint == fingerprint) else {
        if certificates.are_broken(&cluster.name) {
            return None;
        }
        let message = format!(
            "`{}` is sealed for a key that `{}` does not have",
            fitting.path(),
            cluster.name
        );
        // SW703: a record sealed for another cluster's key.
        return Some(fitting.problem(Code::OtherCluster, "sealedFor", message).help(format!(
            "this cluster cannot decrypt another cluster's record: `sitewright secrets rotate {}` makes a \
             new password. If the key is this cluster's, put its certificate into {}/",
            need.path(),
            certificates.folder(&cluster.name)
        )));
    };
    let (found, expected) = (seal::key_bytes(&sealed.ciphertext)?, certificate.key_bytes());
    (found != expected).then(|| {
        let message = format!(
            "`{}` is invalid: its RSA part has {found} bytes, but its key needs {expected}",
            fitting.path()
        );
        // SW705: an invalid record.
        fitting
            .problem(Code::BadRecord, "sealed", message)
            .help("restore the file from Git: only sitewright writes these files")
    })
}

/// Refuses a SealedSecret that does not fit the cluster's secrets mode or scope.
fn refuse_unusable(offer: &Offer) -> Result<(), Box<Diagnostic>> {
    let Offer { object, cluster, .. } = offer;
    if !of_cluster(cluster).accepts().contains(&SecretMode::Sealed) {
        let message = format!("the passwords of `{}` are in a store, not sealed", cluster.name);
        let help = "state `secrets.mode: sealed` or `plain` in the cluster to keep sealed values";
        return Err(offer.refusal(at(object, &["metadata", "namespace"]), message, help));
    }
    let (found, wanted) = (scope(object), cluster.secrets.scope);
    if found != wanted {
        let (found, wanted) = (scope_name(found), scope_name(wanted));
        let message = format!(
            "it is sealed with the scope {found}, but the scope of the cluster `{}` is {wanted}",
            cluster.name
        );
        let help = format!("seal it again: `kubeseal --scope {wanted}`");
        return Err(offer.refusal(at(object, &["metadata"]), message, &help));
    }
    Ok(())
}

/// The record of a sealed value.
fn one(offer: &Offer, value: &Node) -> Result<Adopted, Box<Diagnostic>> {
    let Offer { need, state, cluster, certificates, .. } = offer;
    let refuse = |message: String| {
        let help = "use the output of kubeseal unchanged, and put the certificate that it used into _sealing/";
        offer.refusal(value.span, message, help)
    };
    let ciphertext = value.as_str().ok_or_else(|| refuse("the value is not text".to_owned()))?;
    let shape =
        seal::shape(ciphertext).map_err(|why| refuse(format!("the value is invalid: {why}")))?;
    // A sealed value shows the size of its key and not the key itself. kubeseal uses the newest
    // certificate.
    let known = certificates.of(&cluster.name);
    let fitting = known.iter().rev().find(|certificate| certificate.key_bytes() == shape.key);
    if fitting.is_none() && !known.is_empty() {
        let message =
            format!("no certificate of `{}` has a key of {} bytes", cluster.name, shape.key);
        return Err(refuse(message));
    }
    refuse_no_key(offer, shape.value == KEY_LENGTH)?;
    let scope = scope(offer.object);
    let label = label(scope, &need.wanted.namespace, &need.wanted.name);
    let is_same = |record: &Record| {
        record.sealed.as_ref().is_some_and(|old| *old.ciphertext == *ciphertext)
            && *record.label == *label
    };
    match state.record() {
        Some(record) if is_same(record) => return Ok(offer.adopted(record, Change::Same)),
        Some(record) if offer.is_ours && matches!(state, State::Kept(_)) => {
            return Ok(offer.adopted(record, Change::Left));
        }
        _ => {}
    }
    let Some(generation) = generation(offer) else {
        let message = format!("`{}/{}` {}", need.path(), need.key(), record::LAST);
        return Err(offer.refusal(value.span, message, record::LAST_HELP));
    };
    let sealed_for = fitting.map(|certificate| certificate.fingerprint.as_str().into());
    let record = Record {
        generation,
        policy: policy(offer, shape.value),
        mode: SecretMode::Sealed,
        label: label.as_str().into(),
        sealed: Some(SealedValue { scope: Some(scope), sealed_for, ciphertext: ciphertext.into() }),
    };
    Ok(offer.adopted(&record, Change::Made))
}
