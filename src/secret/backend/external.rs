//! The mode `external`: External Secrets creates the value in the cluster, puts it into the
//! cluster's secret store, and reads it from there. Git contains no value.

use super::{Backend, Keeper, Kept, of_cluster};
use crate::cluster::Cluster;
use crate::diagnostic::Diagnostic;
use crate::language::SecretMode;
use crate::object::{Form, ObjectKind, ObjectType};
use crate::secret::carrier::{Carrier, GENERATION, carrier_type};
use crate::secret::certificate::Certificates;
use crate::secret::need::Need;
use crate::secret::offer::{Adopted, Change, Offer, start};
use crate::secret::record::{Policy, Record};

const EXTERNAL_SECRET: ObjectType =
    carrier_type("secret/externalsecret.yaml.j2", ObjectKind::ExternalSecret);
const PUSH_SECRET: ObjectType = carrier_type("secret/pushsecret.yaml.j2", ObjectKind::PushSecret);
const PASSWORD: ObjectType = carrier_type("secret/password.yaml.j2", ObjectKind::Password);

/// The field of an ExternalSecret with the generation of its password.
const STATES_GENERATION: &[&str] =
    &["spec", "target", "template", "metadata", "annotations", GENERATION];

static CARRIERS: [Carrier; 3] = [
    carrier(&EXTERNAL_SECRET, "external-secrets.io", Some(STATES_GENERATION)),
    carrier(&PUSH_SECRET, "external-secrets.io", None),
    carrier(&PASSWORD, "generators.external-secrets.io", None),
];

const fn carrier(
    of: &'static ObjectType,
    group: &'static str,
    generation: Option<&'static [&'static str]>,
) -> Carrier {
    Carrier { of, group, marker: None, generation, is_made_by_others: false }
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
        let record = Record {
            generation: offer.first_generation(),
            policy: Policy::of(wanted),
            mode: SecretMode::External,
            label: self.label(cluster, &wanted.namespace, &wanted.name).as_str().into(),
            sealed: None,
        };
        Ok(vec![offer.adopted(&record, Change::Made)])
    }
}
