//! The mode `external`: External Secrets creates the value in the cluster, puts it into the
//! cluster's secret store, and reads it from there. Git contains no value.

use super::{Backend, Keeper, Kept, Settings, of_cluster, settings};
use crate::cluster::Cluster;
use crate::diagnostic::Diagnostic;
use crate::language::{SecretMode, Separator};
use crate::object::{Form, ObjectKind, ObjectType};
use crate::secret::carrier::{Carrier, GENERATION, carrier_type, text, value_at};
use crate::secret::certificate::Certificates;
use crate::secret::need::Need;
use crate::secret::offer::{Adopted, Change, Offer, start};
use crate::secret::record::{Policy, Record};
use crate::source::node::{Node, Value};

const EXTERNAL_SECRET: ObjectType =
    carrier_type("secret/externalsecret.yaml.j2", ObjectKind::ExternalSecret);
const PUSH_SECRET: ObjectType = carrier_type("secret/pushsecret.yaml.j2", ObjectKind::PushSecret);
const PASSWORD: ObjectType = carrier_type("secret/password.yaml.j2", ObjectKind::Password);

/// The field of an ExternalSecret with the generation of its password.
const STATES_GENERATION: &[&str] =
    &["spec", "target", "template", "metadata", "annotations", GENERATION];

static CARRIERS: [Carrier; 3] = [
    Carrier {
        reports: Some("v1"),
        ..carrier(&EXTERNAL_SECRET, "external-secrets.io", Some(STATES_GENERATION))
    },
    carrier(&PUSH_SECRET, "external-secrets.io", None),
    carrier(&PASSWORD, "generators.external-secrets.io", None),
];

const fn carrier(
    of: &'static ObjectType,
    group: &'static str,
    generation: Option<&'static [&'static str]>,
) -> Carrier {
    Carrier { of, group, marker: None, generation, reports: None, is_made_by_others: false }
}

pub(super) struct External;

impl Backend for External {
    fn word(&self) -> &'static str {
        "external"
    }

    fn accepts(&self) -> &'static [SecretMode] {
        &[SecretMode::External]
    }

    fn keeping(&self) -> &'static str {
        "To keep the password in use, put it into the store under its key, and write \
         `mode: external` for `scope`, `sealedFor` and `sealed`"
    }

    fn whereabouts<'r>(&self, _: &'r Record, _: bool) -> &'r str {
        self.word()
    }

    fn keeper<'c>(
        &self,
        _: &'c Cluster,
        _: &'c Certificates,
    ) -> Result<Keeper<'c>, Box<Diagnostic>> {
        Ok(Box::new(|_, _, _| Ok(Kept::default())))
    }

    fn settings(&self, objects: &[&Node], cluster: &str) -> Option<Settings> {
        let first = objects.first()?;
        let store = |field: &str| text(first, &["spec", "secretStoreRef", field]);
        let mut store_fields = Vec::new();
        if let Some(kind) = store("kind").filter(|kind| *kind != "ClusterSecretStore") {
            store_fields.push(("kind", settings::text(kind)));
        }
        store_fields.push(("name", settings::text(store("name")?)));
        let mut external = vec![("store", settings::map(store_fields))];
        if let Some((prefix, separator)) = objects.iter().find_map(|it| start_of_key(it, cluster)) {
            if !prefix.is_empty() {
                external.push(("prefix", settings::text(prefix)));
            }
            if separator != "/" {
                external.push(("separator", settings::text(separator)));
            }
        }
        let external = settings::map(external);
        Some(Settings::of(vec![("mode", settings::text(self.word())), ("external", external)]))
    }

    fn taking_over(&self, need: &Need, _: &str, cluster: &Cluster) -> String {
        // Every cluster of this mode states its store.
        let key = need.store_key(cluster, 1).unwrap_or_default();
        format!("put its value into the store, under the key `{key}` in the property `password`")
    }

    fn repeats_values(&self) -> bool {
        true
    }

    fn takes_given_values(&self) -> bool {
        false
    }

    fn carriers(&self) -> &'static [Carrier] {
        &CARRIERS
    }

    fn objects(&self, need: &Need) -> &'static [&'static ObjectType] {
        // A third party's value is already in the store, and so is one that another Secret has. The
        // generator makes passwords, and no key.
        let is_made = !need.wanted.given && need.wanted.repeats.is_none();
        match need.wanted.form {
            Form::Password if is_made => &[&PASSWORD, &PUSH_SECRET, &EXTERNAL_SECRET],
            Form::Password | Form::FernetKey => &[&EXTERNAL_SECRET],
        }
    }

    fn adopt(&self, offer: &Offer) -> Result<Vec<Adopted>, Box<Diagnostic>> {
        let Offer { need, state, object, cluster, .. } = offer;
        if !of_cluster(cluster).accepts().contains(&SecretMode::External) {
            let message = format!("the passwords of `{}` are not in a store", cluster.name);
            let help = "restore the file of records from Git, or state `secrets.mode: external`";
            return Err(offer.refusal(start(object), message, help));
        }
        if let Some(record) = state.record() {
            let is_same = offer.generation == Some(record.generation);
            let change = if is_same { Change::Same } else { Change::Left };
            return Ok(vec![offer.adopted(record, change)]);
        }
        let wanted = &need.wanted;
        let generation = offer.first_generation();
        if let Some(key) =
            need.store_key(cluster, generation).filter(|key| !reads(object, need, key))
        {
            let message = format!("it does not read `{}` from `{key}` of the store", need.key());
            let help =
                format!("copy the value in the store to `{key}`, into the property `password`");
            return Err(offer.refusal(start(object), message, &help));
        }
        let record = Record {
            generation,
            policy: Policy::of(wanted),
            mode: SecretMode::External,
            label: self.label(cluster, &wanted.namespace, &wanted.name).as_str().into(),
            sealed: None,
        };
        Ok(vec![offer.adopted(&record, Change::Made)])
    }
}

/// Whether an ExternalSecret reads the password from this key of the store, as a rendered one would. Another key has
/// another value.
fn reads(object: &Node, need: &Need, key: &str) -> bool {
    let Some(Value::List(items)) = value_at(object, &["spec", "data"]).map(|node| &node.value)
    else {
        return false;
    };
    items.iter().any(|item| {
        text(item, &["secretKey"]) == Some(need.key())
            && text(item, &["remoteRef", "key"]) == Some(key)
            && text(item, &["remoteRef", "property"]) == Some("password")
    })
}

/// The prefix and the separator of the keys of a cluster, if an ExternalSecret reads a key that sitewright would make:
/// the name of the cluster, the namespace and the name of the Secret, its key and the generation.
fn start_of_key<'o>(object: &'o Node, cluster: &str) -> Option<(&'o str, &'static str)> {
    let metadata = |field: &str| text(object, &["metadata", field]);
    let (namespace, name) = (metadata("namespace")?, metadata("name")?);
    let Value::List(items) = &value_at(object, &["spec", "data"])?.value else { return None };
    let item = items.first()?;
    let (key, read) = (text(item, &["secretKey"])?, text(item, &["remoteRef", "key"])?);
    [Separator::Slash, Separator::Hyphen].iter().find_map(|separator| {
        let separator = separator.as_str();
        let (start, _) = read.rsplit_once(separator)?;
        let own = [cluster, namespace, name, key].join(separator);
        Some((start.strip_suffix(own.as_str())?, separator))
    })
}
