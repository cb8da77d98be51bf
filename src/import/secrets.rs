//! The passwords of imported definitions.
//!
//! Ciphertext that a live object carries becomes a record, if a rendered object can carry it too: a sealed value only
//! under the name, the namespace and the scope for which it was sealed. No value in clear text is read. For a password
//! that is left, a diagnostic has the command that takes it over.

use super::index::At;
use crate::diagnostic::{Code, Diagnostic, Place, Reported, Sources};
use crate::live::LiveObject;
use crate::object::{ObjectKind, SecretSpec};
use crate::provider::UserSecret;
use crate::resolve::Fleet;
use crate::secret::{
    Adopted, Certificates, InUse, Need, Settled, Settlement, State, candidate, carrier_types,
    taking_over,
};
use foldhash::fast::RandomState;
use rayon::prelude::*;
use std::collections::HashMap;

/// The objects of a dump with their places in it, by namespace and name.
type ByName<'o> = HashMap<(&'o str, &'o str), Vec<(At, &'o LiveObject)>, RandomState>;

/// A password that gets a record.
#[derive(Debug)]
pub(super) struct Recorded {
    /// The password, and its record.
    pub(super) adopted: Adopted,
    /// The objects that carry it, by their places among those that were read. A rendered definition takes them over.
    pub(super) objects: Vec<At>,
}

/// What the passwords of imported definitions are found in.
#[derive(Clone, Copy)]
pub(super) struct Sought<'i> {
    /// The live objects.
    pub(super) objects: &'i [LiveObject],
    /// The cluster from which they are.
    pub(super) cluster: &'i str,
    /// The fleet with the imported definitions.
    pub(super) fleet: &'i Fleet<'i>,
    /// The passwords that the fleet needs.
    pub(super) settlement: &'i Settlement,
    /// The certificates and recipients of the project.
    pub(super) certificates: &'i Certificates,
    /// The texts of the definitions.
    pub(super) sources: &'i Sources,
}

/// The records of the passwords that the live objects carry, and a diagnostic for each password that has no record
/// then.
pub(super) fn passwords(sought: Sought) -> Reported<Vec<Recorded>> {
    let mut by_name = ByName::default();
    for (at, object) in sought.objects.iter().enumerate() {
        by_name.entry((&object.key.namespace, &object.key.name)).or_default().push((at, object));
    }
    let is_wanted = |it: &&Settled| {
        let cluster = &sought.fleet.clusters[it.need.cluster.0];
        cluster.name == sought.cluster && matches!(it.state, State::Missing)
    };
    let wanted: Vec<&Settled> = sought.settlement.settled.iter().filter(is_wanted).collect();
    let found = wanted.into_par_iter().map(|settled| taken(settled, &by_name, sought));
    let (mut recorded, mut diagnostics) = (Vec::new(), Vec::new());
    for one in found.collect::<Vec<_>>() {
        match one {
            Ok(taken) => recorded.extend(taken),
            Err(problem) => diagnostics.push(*problem),
        }
    }
    Reported { value: recorded, diagnostics }
}

/// The record of a password from the object that carries it.
fn taken(
    settled: &Settled,
    by_name: &ByName,
    sought: Sought,
) -> Result<Vec<Recorded>, Box<Diagnostic>> {
    let Sought { fleet, certificates, sources, .. } = sought;
    let mut refused = None;
    for wanted in settled.need.names() {
        let named = by_name.get(&(&*wanted.namespace, &*wanted.name));
        let named = named.map(Vec::as_slice).unwrap_or_default();
        for (_, object) in named {
            let Some(candidate) = candidate(&object.node) else { continue };
            let need = Need { wanted: wanted.clone(), ..settled.need.clone() };
            match candidate.adopted_for(need, &settled.state, fleet, certificates, sources) {
                Ok(adopted) if !adopted.is_empty() => {
                    let objects = carriers(named);
                    let of = |adopted| Recorded { adopted, objects: objects.clone() };
                    return Ok(adopted.into_iter().map(of).collect());
                }
                Ok(_) => {}
                Err(problem) => refused = Some((*object, problem.message)),
            }
        }
    }
    Err(Box::new(left(&settled.need, refused, by_name, sought)))
}

/// The objects of one name that carry passwords. In a cluster, a Secret is what a controller made of them.
fn carriers(named: &[(At, &LiveObject)]) -> Vec<At> {
    let is_carrier = |(_, object): &&(At, &LiveObject)| {
        let of_kind = carrier_types().find(|of| of.kind.as_str() == object.key.kind);
        of_kind.is_some_and(|of| of.kind != ObjectKind::Secret || object.node.get("sops").is_some())
    };
    named.iter().filter(is_carrier).map(|(at, _)| *at).collect()
}

/// The diagnostic for a password that gets no record.
fn left(
    need: &Need,
    refused: Option<(&LiveObject, String)>,
    by_name: &ByName,
    sought: Sought,
) -> Diagnostic {
    let in_use = in_use(&need.wanted, by_name);
    let steps = taking_over(need, in_use, sought.fleet);
    let path = format!("{}/{}", need.path(), need.key());
    let (place, why) = match refused {
        Some((object, why)) => {
            (super::danger::place(object), format!(", because of the {}: {why}", object.key))
        }
        None => (Place::Path(sought.sources.path(need.span.file).to_owned()), String::new()),
    };
    let message =
        format!("`{path}` gets no record, so `sitewright render` would make another password{why}");
    // SW848: a password in use without a record.
    Diagnostic::at(Code::LeftPassword, place, message).help(format!("before you render, {steps}"))
}

/// Where an object that reads the password names its Secret: the last part of the Secret's name, the kind and the
/// ending of the name of the object, and the field.
const READERS: [(&str, &str, &str, &[&str]); 6] = [
    (UserSecret::Current.suffix(), "User", "-user", &["spec", "passwordSecretKeyRef"]),
    (UserSecret::Current.suffix(), "DatabaseRole", "-role", &["spec", "passwordSecret"]),
    ("admin", "FrappeSite", "", &["spec", "adminPasswordSecretRef"]),
    ("fernet-key", "FrappeSite", "", &["spec", "encryptionKeySecretRef"]),
    ("root", "MariaDB", "", &["spec", "rootPasswordSecretKeyRef"]),
    ("mariadb-root", "MariaDB", "-mariadb", &["spec", "rootPasswordSecretKeyRef"]),
];

/// The Secret that has the password in the cluster: the one that its reader names, or else the one that a rendered
/// object would name.
fn in_use<'a>(wanted: &'a SecretSpec, by_name: &ByName<'a>) -> InUse<'a> {
    let suffix = wanted.suffix();
    let base = wanted.name.strip_suffix(suffix).and_then(|base| base.strip_suffix('-'));
    let reference = |(_, kind, ending, path): &(&str, &str, &str, &[&str])| {
        let name = format!("{}{ending}", base?);
        let objects = by_name.get(&(&*wanted.namespace, name.as_str()))?;
        let (_, reader) = objects.iter().find(|(_, object)| object.key.kind == *kind)?;
        let reference = path.iter().try_fold(&reader.node, |node, key| node.get(key))?;
        let secret = reference.get("name")?.as_str()?;
        let key = reference.get("key").and_then(|key| key.as_str());
        Some(InUse { secret, key: key.unwrap_or(&wanted.password_key) })
    };
    let rows = READERS.iter().filter(|(of, ..)| *of == wanted.purpose.suffix);
    let found = rows.filter_map(reference).next();
    found.unwrap_or(InUse { secret: &wanted.name, key: &wanted.password_key })
}

#[cfg(test)]
mod tests {
    use super::super::given::objects;
    use super::*;
    use crate::output::Discard;
    use crate::project::Project;
    use crate::secret::{Certificate, seal};
    use std::fs;

    /// A project with a site whose passwords have no records, in a cluster with these settings of Secrets.
    fn project(secrets: &str) -> (tempfile::TempDir, Project) {
        let root = tempfile::tempdir().unwrap();
        let put = |path: &str, text: &str| {
            let path = root.path().join("sites/production").join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        let cluster = format!(
            "kind: Cluster\noperators: {{frappe: \"2.6\", mariadb: \"26.6\"}}\nnamespace: erp\nsecrets: {secrets}\n"
        );
        put("_cluster.yaml", &cluster);
        put("bench.yaml", "kind: Bench\nmanaged: false\n");
        put("db.yaml", "kind: DatabaseServer\nmanaged: false\n");
        put(
            "acme.yaml",
            "kind: Site\nsiteName: erp.acme.com\nbench: bench\napps: [erpnext]\ndatabase: {server: db}\n",
        );
        let project = Project::read(root.path()).unwrap().value;
        (root, project)
    }

    fn found(project: &Project, stream: &str) -> (Vec<Adopted>, Vec<(String, String)>) {
        let (fleet, plans) = crate::fleet(project).value;
        let settlement = crate::settle(project, &fleet, &plans, &Discard);
        let objects = objects(stream);
        let sought = Sought {
            objects: &objects,
            cluster: "production",
            fleet: &fleet,
            settlement: &settlement,
            certificates: &project.certificates,
            sources: &project.sources,
        };
        let Reported { value, diagnostics } = passwords(sought);
        let value = value.into_iter().map(|it| it.adopted).collect();
        let said = |it: Diagnostic| {
            assert_eq!(it.code, Code::LeftPassword);
            (it.message, it.help.unwrap())
        };
        (value, diagnostics.into_iter().map(said).collect())
    }

    fn sealed(name: &str, annotations: &str) -> String {
        let pem = include_str!("../../sites/frankfurt/_sealing/2026-11.pem");
        let certificate = Certificate::of_pem("a.pem", pem).unwrap();
        let value = seal(&certificate, &format!("erp/{name}"), &[b'a'; 20]).unwrap();
        format!(
            "{{apiVersion: bitnami.com/v1alpha1, kind: SealedSecret, metadata: {{name: {name}, namespace: erp{annotations}}}, \
             spec: {{encryptedData: {{password: {value}}}}}}}\n"
        )
    }

    #[test]
    fn a_sealed_value_becomes_the_record_under_its_own_name() {
        let (_root, project) = project("{mode: sealed}");
        let stream = sealed("acme-admin", "") + &sealed("acme-db-password", "");
        let (adopted, said) = found(&project, &stream);
        assert_eq!(said, []);
        let names: Vec<&str> = adopted.iter().map(|it| &*it.need.wanted.name).collect();
        assert_eq!(names, ["acme-db-password", "acme-admin"], "under the former name");
        let (project, definitions) = project.with_records(adopted.iter());
        assert_eq!(definitions, ["production/acme"]);
        let files = project.record_files(&definitions.into_iter().collect());
        let paths: Vec<&str> = files.iter().map(|file| file.path.as_str()).collect();
        assert_eq!(paths, ["sites/production/acme.secrets.yaml"]);
        let (again, said) = found(&project, "");
        assert!(again.is_empty() && said.is_empty(), "{said:?}");
        let (fleet, plans) = crate::fleet(&project).value;
        let settled = crate::settle(&project, &fleet, &plans, &Discard).settled;
        assert!(settled.iter().all(|it| matches!(it.state, State::Kept(_))), "{settled:?}");
    }

    #[test]
    fn a_value_that_opens_only_elsewhere_is_left_with_the_command_that_takes_it_over() {
        let (_root, project) = project("{mode: sealed}");
        let user = "{apiVersion: k8s.mariadb.com/v1alpha1, kind: User, metadata: {name: acme-user, namespace: erp}, \
                    spec: {passwordSecretKeyRef: {name: theirs, key: pw}}}\n";
        let wide = ", annotations: {sealedsecrets.bitnami.com/namespace-wide: 'true'}";
        let stream = sealed("acme-admin", wide) + &sealed("theirs", "") + user;
        let (adopted, said) = found(&project, &stream);
        assert!(adopted.is_empty());
        let [(of_user, help), (admin, _)] = &said[..] else { panic!("{said:?}") };
        assert!(admin.contains("`production/acme/acme-admin/password`"), "{admin}");
        assert!(
            admin.contains("SealedSecret erp/acme-admin") && admin.contains("scope"),
            "{admin}"
        );
        assert!(of_user.contains("acme-db-credentials/password"), "{of_user}");
        assert_eq!(
            help,
            "before you render, run `kubectl -n erp get secret theirs -o go-template='{{index .data \"pw\" | base64decode}}' \
             | kubectl -n erp create secret generic acme-db-credentials --dry-run=client -o yaml \
             --from-file=password=/dev/stdin | kubeseal | sitewright secrets adopt - --cluster production`"
        );
    }

    fn external(name: &str, key: &str) -> String {
        format!(
            "{{apiVersion: external-secrets.io/v1, kind: ExternalSecret, metadata: {{name: {name}, namespace: erp}}, \
             spec: {{data: [{{secretKey: password, remoteRef: {{key: {key}, property: password}}}}]}}}}\n"
        )
    }

    #[test]
    fn a_value_in_a_store_is_recorded_only_under_the_key_that_is_rendered() {
        let (_root, project) =
            project("{mode: external, external: {store: {name: vault}, prefix: fleet/}}");
        let stream = external("acme-admin", "fleet/production/erp/acme-admin/password/1")
            + &external("acme-db-credentials", "databases/acme");
        let (adopted, said) = found(&project, &stream);
        let names: Vec<&str> = adopted.iter().map(|it| &*it.need.wanted.name).collect();
        assert_eq!(names, ["acme-admin"]);
        let [(message, help)] = &said[..] else { panic!("{said:?}") };
        let key = "`fleet/production/erp/acme-db-credentials/password/1`";
        assert!(message.contains(key) && help.contains(key), "{message}; {help}");
    }

    #[test]
    fn another_clusters_passwords_are_left_alone() {
        let (_root, project) = project("{mode: sealed}");
        let (fleet, plans) = crate::fleet(&project).value;
        let settlement = crate::settle(&project, &fleet, &plans, &Discard);
        let sought = Sought {
            objects: &[],
            cluster: "staging",
            fleet: &fleet,
            settlement: &settlement,
            certificates: &project.certificates,
            sources: &project.sources,
        };
        assert_eq!(passwords(sought).diagnostics, []);
    }
}
