//! The mode `sops`: the record holds the encrypted Secret, and a Secret in the format of SOPS carries
//! it. sitewright encrypts values for the age recipients of the cluster, or adopts files that sops
//! wrote. Only an age identity decrypts them.
//!
//! Rendering copies the ciphertext, so a render needs no key. Labels, annotations and the keys of the
//! Secret that are not secret stay readable, and the MAC does not cover them: they change without a
//! key.

mod data_key;
mod document;
mod foreign;
mod mac;
mod value;

use super::adopted::{generation, policy, refuse_no_key};
use super::{Backend, Fitting, Keeper, Kept, Settings, of_cluster, settings};
use crate::cluster::Cluster;
use crate::diagnostic::{Code, Diagnostic};
use crate::language::SecretMode;
use crate::object::{Form, Invariant, ObjectKind, ObjectType, invariants};
use crate::secret::carrier::{Carrier, GENERATION, carrier_type_with};
use crate::secret::certificate::Certificates;
use crate::secret::need::{Need, State};
use crate::secret::offer::{Adopted, Change, Offer, at, start};
use crate::secret::password::{KEY_LENGTH, is_fernet_key};
use crate::secret::recipient::{RECIPIENTS, Recipient, texts};
use crate::secret::record::{self, Facts, Record, SealedValue, WrongFact};
use crate::source::node::Node;
use data_key::{Identities, VARIABLE};
use document::{Document, Section};
use minijinja::{Value, value::Serde};
use std::collections::BTreeMap;

/// The metadata decrypts the value only if all of it is rendered as it is recorded.
const INVARIANTS: &[Invariant] = invariants! {
    stringData = sops.stringData;
    data = sops.data;
    sops = sops.metadata;
};

const SECRET: ObjectType =
    carrier_type_with("secret/secret.yaml.j2", ObjectKind::Secret, &[INVARIANTS]);

static CARRIERS: [Carrier; 1] = [Carrier {
    of: &SECRET,
    group: "",
    marker: Some("sops"),
    generation: Some(&["metadata", "annotations", GENERATION]),
    reports: None,
    is_made_by_others: true,
}];

pub(super) struct Sops;

impl Backend for Sops {
    fn word(&self) -> &'static str {
        "sops"
    }

    fn accepts(&self) -> &'static [SecretMode] {
        &[SecretMode::Sops]
    }

    fn keeping(&self) -> &'static str {
        "to keep the one in use, encrypt its Secret with sops, and let `sitewright secrets adopt FILE` take it"
    }

    fn settings(&self, objects: &[&Node], _: &str) -> Option<Settings> {
        let recipients = foreign::recipients(objects.first()?);
        let name = format!("_sealing/sops{RECIPIENTS}");
        let files = vec![(name, recipients.iter().map(|it| format!("{it}\n")).collect())];
        Some(Settings { files, ..Settings::of(vec![("mode", settings::text(self.word()))]) })
    }

    fn taking_over(&self, _: &Need, manifest: &str, cluster: &Cluster) -> String {
        let name = &cluster.name;
        // Only the values of a Secret are encrypted, and the MAC covers them alone.
        let encrypt = "sops encrypt --encrypted-regex '^(data|stringData)$' --mac-only-encrypted \
                       --input-type yaml --output-type yaml --age RECIPIENTS /dev/stdin";
        format!("run `{manifest} | {encrypt} | sitewright secrets adopt - --cluster {name}`")
    }

    fn whereabouts<'r>(&self, _: &'r Record, _: bool) -> &'r str {
        self.word()
    }

    fn keeper<'c>(
        &self,
        cluster: &'c Cluster,
        certificates: &'c Certificates,
    ) -> Result<Keeper<'c>, Box<Diagnostic>> {
        let recipients = certificates.recipients(&cluster.name);
        if recipients.is_empty() {
            // SW708: no sealing certificate.
            let message =
                format!("the cluster `{}` has no age recipient to encrypt for", cluster.name);
            let span = cluster.definition.span();
            let folder = certificates.folder(&cluster.name);
            let help = format!("`age-keygen -y KEY_FILE > {folder}/NAME.age.pub` writes one");
            return Err(Box::new(Diagnostic::new(Code::NoCertificate, span, message).help(help)));
        }
        Ok(Box::new(move |need, _, make| {
            let document = Document::encrypt(need.key(), make()?.reveal(), recipients)?;
            Ok(Kept { sealed: Some(sealed(&document)), password: None })
        }))
    }

    fn check_facts(&self, facts: &Facts) -> Result<(), WrongFact> {
        let Some(text) = &facts.sealed else {
            return Err(("mode", "it states no `sealed` value".to_owned()));
        };
        if facts.scope.is_some() {
            return Err(("scope", "a value of SOPS has no scope".to_owned()));
        }
        if facts.sealed_for.is_some() {
            return Err(("sealedFor", "a value of SOPS states its recipients itself".to_owned()));
        }
        let document = Document::of_text(text).map_err(|why| ("sealed", why))?;
        let length = document.check().map_err(|why| ("sealed", why))?;
        let of_policy = facts.policy.length().filter(|of_policy| length != *of_policy);
        if let Some(of_policy) = of_policy.filter(|_| document.section == Section::StringData) {
            let why = format!("a password of this policy has {of_policy} characters");
            return Err(("sealed", why));
        }
        Ok(())
    }

    fn unfit(&self, fitting: &Fitting) -> Option<Diagnostic> {
        let label = fitting.wrong_label().map(|problem| {
            let path = fitting.need.path();
            problem.help(format!(
                "a site or server whose name or namespace changes is a new one, which starts empty. \
                 `sitewright secrets rotate {path}` makes a new password; {}",
                self.keeping()
            ))
        });
        label.or_else(|| fitting.wrong_mode()).or_else(|| other_recipients(fitting))
    }

    fn damaged(&self, values: &[(&Need, &Record)]) -> Vec<Diagnostic> {
        let Some((first, _)) = values.first() else { return Vec::new() };
        let problem = |need: &Need, what: &str, help: &str| {
            let message = format!("`{}/{}` {what}", need.path(), need.key());
            // SW705: an invalid record.
            Diagnostic::new(Code::BadRecord, need.span, message).help(help)
        };
        let identities = match Identities::of_the_environment() {
            Ok(Some(identities)) => identities,
            Ok(None) => return Vec::new(),
            Err(why) => {
                let help = format!("name a file that age-keygen wrote, or unset {VARIABLE}");
                return vec![problem(first, &format!("is not verified: {why}"), &help)];
            }
        };
        let help = "restore the record from Git: somebody changed it without sitewright";
        let found = values.iter().filter_map(|(need, record)| {
            let what = fault(&document(record)?, need.wanted.form, need.key(), &identities)?;
            Some(problem(need, what, help))
        });
        found.collect()
    }

    fn carriers(&self) -> &'static [Carrier] {
        &CARRIERS
    }

    fn objects(&self, _: &Need) -> &'static [&'static ObjectType] {
        &[&SECRET]
    }

    fn variables(&self, need: &Need, record: &Record) -> Option<Value> {
        Some(variables(&document(record)?, need))
    }

    fn adopt(&self, offer: &Offer) -> Result<Vec<Adopted>, Box<Diagnostic>> {
        refuse_unusable(offer)?;
        let document = offered(offer)?;
        let length = match document.section {
            Section::StringData => value::length(&document.value).unwrap_or_default(),
            // The length of the value itself is not known.
            Section::Data => 0,
        };
        let identities = Identities::of_the_environment().ok().flatten();
        let fits = may_be_key(&document, offer.need.key(), identities.as_ref());
        refuse_no_key(offer, fits)?;
        let recorded = offer.state.record();
        let old = recorded.and_then(|record| Some((record, self::document(record)?)));
        let (next, policy) = match &old {
            Some((record, old)) if document.has_value_of(old) => {
                let is_same = document == *old && is_labelled(record, offer);
                if is_same {
                    return Ok(vec![offer.adopted(record, Change::Same)]);
                }
                (Some(record.generation), record.policy)
            }
            // A manifest of an earlier render does not replace a record. A manifest that sops edited
            // since does.
            Some((record, old)) if offer.is_ours && !document.is_newer_than(old) => {
                return Ok(vec![offer.adopted(record, Change::Left)]);
            }
            _ => (generation(offer), policy(offer, length)),
        };
        let Some(generation) = next else {
            let message = format!("`{}/{}` {}", offer.need.path(), offer.need.key(), record::LAST);
            return Err(offer.refusal(start(offer.object), message, record::LAST_HELP));
        };
        let record = Record {
            generation,
            policy,
            mode: SecretMode::Sops,
            label: label(offer).as_str().into(),
            sealed: Some(sealed(&document)),
        };
        Ok(vec![offer.adopted(&record, Change::Made)])
    }
}

/// What is wrong with the value of a document, if an identity opens it.
fn fault(
    document: &Document,
    form: Form,
    key_name: &str,
    identities: &Identities,
) -> Option<&'static str> {
    if document.is_damaged(key_name, identities) {
        return Some("is recorded with a value or a MAC that does not fit its data key");
    }
    // Nobody but its owner knows the form of another password.
    let is_no_key = form == Form::FernetKey && !may_be_key(document, key_name, Some(identities));
    is_no_key.then_some("is recorded with a value that is no encryption key")
}

/// Whether a document may hold an encryption key, as far as it can be seen.
fn may_be_key(document: &Document, key_name: &str, identities: Option<&Identities>) -> bool {
    let text = identities.and_then(|identities| document.decrypt(key_name, identities));
    let length = value::length(&document.value).ok();
    match (text, document.section) {
        (Some(text), Section::StringData) => is_fernet_key(&text),
        (None, Section::StringData) => length == Some(KEY_LENGTH),
        // The text is base64 once more.
        (_, Section::Data) => length == Some(KEY_LENGTH.div_ceil(3) * 4),
    }
}

/// The recorded form of a document.
fn sealed(document: &Document) -> SealedValue {
    SealedValue { scope: None, sealed_for: None, ciphertext: document.to_text().as_str().into() }
}

/// The document of a record of this mode.
fn document(record: &Record) -> Option<Document> {
    let sealed = record.sealed.as_ref().filter(|_| record.mode == SecretMode::Sops)?;
    Document::of_text(&sealed.ciphertext).ok()
}

/// The label of the record of an offered password.
fn label(offer: &Offer) -> String {
    Sops.label(offer.cluster, &offer.need.wanted.namespace, &offer.need.wanted.name)
}

fn is_labelled(record: &Record, offer: &Offer) -> bool {
    *record.label == label(offer)
}

/// `sops`: the fields of the encrypted Secret.
fn variables(document: &Document, need: &Need) -> Value {
    let mut sections = BTreeMap::from([(Section::StringData, BTreeMap::new())]);
    // These values are not secret.
    let others = need.wanted.others.iter();
    let others = others.filter_map(|(key, value)| Some((*key, value.as_deref()?)));
    let stated: BTreeMap<&str, &str> = others.collect();
    // The pattern selects the password alone if other keys stay readable. SOPS compares it with each
    // key of a path by itself.
    let pattern = match stated.is_empty() {
        true => "^(data|stringData)$".to_owned(),
        false => format!("^{}$", need.key().replace('.', "\\.")),
    };
    sections.entry(Section::StringData).or_default().extend(stated);
    let own = sections.entry(document.section).or_default();
    own.insert(need.key(), document.value.as_str());
    let section = |section| sections.get(&section).filter(|values| !values.is_empty());
    let age = document.age.iter().map(|wrapped| {
        Value::from(BTreeMap::from([
            ("recipient", Value::from(wrapped.recipient.as_str())),
            ("enc", Value::from(wrapped.enc.as_str())),
        ]))
    });
    let metadata = Value::from(BTreeMap::from([
        ("age", Value::from(age.collect::<Vec<_>>())),
        ("encrypted_regex", Value::from(pattern)),
        ("lastmodified", Value::from(document.lastmodified.as_str())),
        ("mac", Value::from(document.mac.as_str())),
        ("mac_only_encrypted", Value::from(true)),
        ("version", Value::from(document.version.as_str())),
    ]));
    let map = |values: Option<&BTreeMap<&str, &str>>| match values {
        Some(values) => Value::from(Serde(values)),
        None => Value::from(()),
    };
    Value::from(BTreeMap::from([
        ("stringData", map(section(Section::StringData))),
        ("data", map(section(Section::Data))),
        ("metadata", metadata),
    ]))
}

/// The problem of a value that is encrypted for other recipients than the cluster's.
fn other_recipients(fitting: &Fitting) -> Option<Diagnostic> {
    let Fitting { need, record, cluster, certificates, .. } = fitting;
    let document = document(record)?;
    if certificates.are_broken(&cluster.name) {
        return None;
    }
    let recipients = certificates.recipients(&cluster.name);
    let (found, wanted) = (document.recipients(), texts(recipients));
    let path = fitting.path();
    let message = match (wanted.difference(&found).next(), found.difference(&wanted).next()) {
        (None, None) => return None,
        (Some(missing), _) => {
            let file = recipients.iter().find(|recipient| recipient.text == **missing);
            let file = file.map(|file| file.path.as_str()).unwrap_or_default();
            format!("`{path}` is not encrypted for the recipient of {file}")
        }
        (None, Some(surplus)) => format!(
            "`{path}` is encrypted for `{surplus}`, which is no recipient of `{}`",
            cluster.name
        ),
    };
    // SW714: a record encrypted for other recipients than the cluster's.
    let problem = fitting.problem(Code::OtherRecipients, "label", message);
    Some(problem.help(format!(
        "encrypt the key of its manifest for the recipients of {}/: {BOTH_WAYS}. Or `sitewright secrets \
         rotate {}` makes a new password",
        certificates.folder(&cluster.name),
        need.path()
    )))
}

/// The two ways to change a document, which both need the identity.
const BOTH_WAYS: &str = "with the age identity, `SOPS_AGE_KEY_FILE=KEY_FILE sitewright secrets adopt \
                         MANIFEST`, or `sops updatekeys MANIFEST` and `sitewright secrets adopt MANIFEST`";

/// Refuses a Secret that does not fit the cluster's mode, or has a key that the Secret must not have.
fn refuse_unusable(offer: &Offer) -> Result<(), Box<Diagnostic>> {
    let Offer { need, object, cluster, .. } = offer;
    if !of_cluster(cluster).accepts().contains(&SecretMode::Sops) {
        let message = format!(
            "the mode of the cluster `{}` is {}, not sops",
            cluster.name,
            of_cluster(cluster).word()
        );
        let help = "state `secrets.mode: sops` in the cluster to keep values that sops encrypted";
        return Err(offer.refusal(start(object), message, help));
    }
    let known: Vec<&str> = need.wanted.keys().collect();
    for section in Section::ALL {
        let entries = object.get(section.name()).map(|node| node.entries()).unwrap_or_default();
        if let Some(other) = entries.iter().find(|entry| !known.contains(&&*entry.key)) {
            let message = format!("the Secret `{}` has no key `{}`", need.wanted.name, other.key);
            let help = format!("its keys are {}", known.join(", "));
            return Err(offer.refusal(other.key_span, message, &help));
        }
    }
    Ok(())
}

/// The document that an object offers, encrypted for the recipients of the cluster.
fn offered(offer: &Offer) -> Result<Document, Box<Diagnostic>> {
    let Offer { need, object, cluster, certificates, .. } = offer;
    let refuse = |message: String, help: &str| offer.refusal(at(object, &["sops"]), message, help);
    let recipients = certificates.recipients(&cluster.name);
    if recipients.is_empty() {
        let message = format!("the cluster `{}` has no age recipient", cluster.name);
        let help = format!("write one to {}/NAME.age.pub", certificates.folder(&cluster.name));
        return Err(refuse(message, &help));
    }
    let found = foreign::document(object, need.key());
    if let Ok(document) = &found
        && document.recipients() == texts(recipients)
    {
        return Ok(document.clone());
    }
    let why = match &found {
        Ok(_) => "it is encrypted for other recipients than the cluster's".to_owned(),
        Err(why) => format!("it cannot be recorded as it is: {why}"),
    };
    let identities = Identities::of_the_environment()
        .map_err(|why| refuse(why, "name a file that age-keygen wrote"))?;
    let Some(identities) = identities else {
        return Err(refuse(why, &without_identity(found.is_ok())));
    };
    renewed(found.ok(), offer, recipients, &identities).map_err(|cause| {
        refuse(format!("{why}, and it cannot be encrypted again: {cause}"), &{
            format!("name a file with the identity of one of its recipients by {VARIABLE}")
        })
    })
}

/// The help where the identity is missing.
fn without_identity(is_sound: bool) -> String {
    match is_sound {
        true => BOTH_WAYS.to_owned(),
        false => format!(
            "with the age identity, sitewright encrypts it again: set {VARIABLE}. Or encrypt it with \
             sops once more, with recipients of age alone, `mac_only_encrypted: true` in the rule of \
             `.sops.yaml`, and the password as the only encrypted value"
        ),
    }
}

/// The document for the recipients of the cluster. A document whose value can stay keeps it.
fn renewed(
    found: Option<Document>,
    offer: &Offer,
    recipients: &[Recipient],
    identities: &Identities,
) -> Result<Document, String> {
    let key_name = offer.need.key();
    let text = foreign::decrypt(offer.object, key_name, identities)?;
    match found {
        Some(document) => document.rewrapped(recipients, identities),
        None => {
            let recorded = offer.state.record().filter(|_| matches!(offer.state, State::Kept(_)));
            let recorded = recorded.and_then(document);
            let is_same =
                |old: &Document| old.decrypt(key_name, identities).as_ref() == Some(&text);
            match recorded.filter(is_same) {
                Some(same) => Ok(same),
                None => Document::encrypt(key_name, &text, recipients),
            }
        }
    }
}

#[cfg(test)]
mod tests;
