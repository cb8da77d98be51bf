//! A fleet that is edited: definitions as values, and the files that they make.

use crate::commit::Texts;
use proptest::prelude::*;
use std::collections::BTreeMap;

const CERTIFICATE: &str = include_str!("../../sites/frankfurt/_sealing/2026-11.pem");
const DATABASE: &str = include_str!("../../templates/mariadb/database.yaml.j2");
const MARIADB: &str = include_str!("../../templates/mariadb/mariadb.yaml.j2");

/// The versions of frappe-operator: with a FrappeSite 2.3 deletes nothing, 2.6 the database, and 5.2
/// nothing but a key of its own.
pub(crate) const VERSIONS: [&str; 3] = ["2.3", "2.6", "5.2"];

pub(crate) const NAMES: [&str; 5] = ["acme", "globex", "initech", "umbrella", "stark"];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Site,
    Server,
    Bench,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    Shared,
    Dedicated,
    /// On a server outside the cluster.
    External,
}

/// A definition. Each kind states what it has of it.
#[derive(Clone, Debug)]
pub(crate) struct Definition {
    pub(crate) kind: Kind,
    pub(crate) retired: bool,
    /// `data: delete`.
    pub(crate) drops_data: bool,
    /// It is backed up to a volume.
    pub(crate) backup: bool,
    pub(crate) protect: bool,
    pub(crate) label: u8,
    /// Whether it claims in an annotation of its own that it was retired.
    pub(crate) pretends: bool,
    /// Of a site.
    pub(crate) site_name: String,
    pub(crate) bench: &'static str,
    pub(crate) mode: Mode,
    pub(crate) server: &'static str,
    /// The Administrator's password is in a Secret of the user's.
    pub(crate) other_admin: bool,
    /// Of a server, and of a dedicated site.
    pub(crate) size: u8,
    pub(crate) class: Option<u8>,
    /// Of a server: it is outside the cluster.
    pub(crate) outside: bool,
    /// Of a server or bench: it is rendered.
    pub(crate) managed: bool,
}

impl Definition {
    fn new(kind: Kind) -> Self {
        Self {
            kind,
            retired: false,
            drops_data: false,
            backup: false,
            protect: true,
            label: 0,
            pretends: false,
            site_name: String::new(),
            bench: "b15",
            mode: Mode::Shared,
            server: "db",
            other_admin: false,
            size: 10,
            class: None,
            outside: false,
            managed: true,
        }
    }

    pub(crate) fn site(name: &str, mode: Mode) -> Self {
        Self { site_name: format!("{name}.example.com"), mode, ..Self::new(Kind::Site) }
    }

    fn text(&self, name: &str, cluster: &str) -> String {
        let volume = match self.class {
            Some(class) => format!("storageSize: {}Gi, storageClassName: c{class}", self.size),
            None => format!("storageSize: {}Gi", self.size),
        };
        let mut text = match self.kind {
            Kind::Site => {
                let database = match self.mode {
                    Mode::Shared => format!("{{server: {}}}", self.server),
                    Mode::Dedicated => format!("{{mode: dedicated, {volume}}}"),
                    Mode::External => "{mode: external, server: outside}".to_owned(),
                };
                let (site_name, bench) = (&self.site_name, self.bench);
                format!("kind: Site\nsiteName: {site_name}\nbench: {bench}\ndatabase: {database}\n")
            }
            Kind::Server if self.outside => {
                format!("kind: DatabaseServer\nexternal: {{host: {name}.{cluster}.example.com}}\n")
            }
            Kind::Server if !self.managed => "kind: DatabaseServer\nmanaged: false\n".to_owned(),
            Kind::Server => format!("kind: DatabaseServer\n{}\n", volume.replace(", ", "\n")),
            Kind::Bench if !self.managed => "kind: Bench\nmanaged: false\n".to_owned(),
            Kind::Bench => {
                "kind: Bench\nfrappeVersion: version-16\napps: [{name: erpnext, source: image}]\n"
                    .to_owned()
            }
        };
        if self.kind == Kind::Site && self.other_admin {
            text += "admin: {secretRef: {name: of-the-vault}}\n";
        }
        // What is not rendered has none of these.
        if !self.managed {
            return text;
        }
        text += &format!("labels: {{edited: \"{}\"}}\n", self.label);
        if self.pretends {
            text += "annotations: {sitewright/lifecycle: retired}\n";
        }
        if self.retired {
            text += "lifecycle: retired\n";
        }
        if self.drops_data {
            text += "data: delete\n";
        }
        if self.backup {
            let storage = "{persistentVolumeClaim: {size: 1Gi}}";
            text += &format!("backup: {{schedule: \"@daily\", storage: {storage}}}\n");
        }
        if !self.protect {
            text += "protect: false\n";
        }
        text
    }
}

/// `_cluster.yaml`.
#[derive(Clone, Debug)]
pub(crate) struct ClusterFile {
    pub(crate) frappe: &'static str,
    pub(crate) mariadb: &'static str,
    pub(crate) engine: &'static str,
    pub(crate) secrets: &'static str,
    pub(crate) namespace: &'static str,
}

/// What a project's own templates say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Templates {
    BuiltIn,
    /// A Database that goes takes its data along.
    DropDatabases,
    /// A MariaDB that goes takes its volumes along.
    DropVolumes,
}

/// A project.
#[derive(Clone, Debug)]
pub(crate) struct Fleet {
    pub(crate) clusters: BTreeMap<&'static str, ClusterFile>,
    /// By their paths below `sites/`, without the ending.
    pub(crate) definitions: BTreeMap<String, Definition>,
    /// The records of passwords, by their whole paths.
    pub(crate) records: Texts,
    pub(crate) templates: Templates,
    pub(crate) layout: &'static str,
    /// A folder's defaults take the protection off.
    pub(crate) retail_protects: bool,
}

/// Where the records of a definition stand.
pub(crate) fn record(path: &str) -> String {
    format!("sites/{path}.secrets.yaml")
}

impl Fleet {
    /// One cluster with its servers and benches, and no site.
    pub(crate) fn new(name: &'static str, frappe: &'static str, engine: &'static str) -> Self {
        let mut fleet = Self {
            clusters: BTreeMap::new(),
            definitions: BTreeMap::new(),
            records: Texts::new(),
            templates: Templates::BuiltIn,
            layout: "object",
            retail_protects: true,
        };
        fleet.add_cluster(name, frappe, engine);
        fleet
    }

    pub(crate) fn add_cluster(
        &mut self,
        name: &'static str,
        frappe: &'static str,
        engine: &'static str,
    ) {
        let mariadb = if frappe == "2.3" { "25.10" } else { "26.6" };
        let namespace = "erp";
        let file = ClusterFile { frappe, mariadb, engine, secrets: "sealed", namespace };
        self.clusters.insert(name, file);
        for (server, outside) in [("db", false), ("db2", false), ("outside", true)] {
            let definition = Definition { outside, ..Definition::new(Kind::Server) };
            self.definitions.insert(format!("{name}/{server}"), definition);
        }
        for bench in ["b15", "b16"] {
            self.definitions.insert(format!("{name}/{bench}"), Definition::new(Kind::Bench));
        }
    }

    pub(crate) fn put_site(&mut self, path: &str, mode: Mode) -> &mut Definition {
        let (cluster, name) = (path.split('/').next().unwrap(), path.rsplit('/').next().unwrap());
        let site = Definition::site(&format!("{name}.{cluster}"), mode);
        self.definitions.entry(path.to_owned()).or_insert(site)
    }

    pub(crate) fn at(&mut self, path: &str) -> &mut Definition {
        self.definitions.get_mut(path).unwrap()
    }

    /// The files.
    pub(crate) fn texts(&self) -> Texts {
        let mut texts = self.records.clone();
        let settings = format!("kind: Project\nlayout: {}\n", self.layout);
        texts.insert("sitewright.yaml".to_owned(), settings);
        for (name, file) in &self.clusters {
            let ClusterFile { frappe, mariadb, engine, secrets, namespace } = file;
            let store =
                if *secrets == "external" { ", external: {store: {name: vault}}" } else { "" };
            let text = format!(
                "kind: Cluster\noperators: {{frappe: \"{frappe}\", mariadb: \"{mariadb}\", frappeDefaultFsGroup: 1000}}\n\
                 gitops: {{engine: {engine}}}\nsecrets: {{mode: {secrets}{store}}}\n\
                 namespace: {namespace}\n"
            );
            texts.insert(format!("sites/{name}/_cluster.yaml"), text);
            texts.insert(format!("sites/{name}/_sealing/1.pem"), CERTIFICATE.to_owned());
            let retail = format!("kind: Defaults\nsite: {{protect: {}}}\n", self.retail_protects);
            texts.insert(format!("sites/{name}/retail/_defaults.yaml"), retail);
        }
        for (path, definition) in &self.definitions {
            let mut parts = path.split('/');
            let (cluster, name) = (parts.next().unwrap(), parts.next_back().unwrap());
            texts.insert(format!("sites/{path}.yaml"), definition.text(name, cluster));
        }
        let (name, text, from, to) = match self.templates {
            Templates::BuiltIn => return texts,
            Templates::DropDatabases => {
                ("database", DATABASE, "{{ database.cleanupPolicy }}", "Delete")
            }
            Templates::DropVolumes => {
                let to = "  storage:\n    pvcRetentionPolicy: {whenDeleted: Delete, whenScaled: Retain}\n";
                ("mariadb", MARIADB, "  storage:\n", to)
            }
        };
        assert!(text.contains(from));
        texts.insert(format!("templates/mariadb/{name}.yaml.j2"), text.replace(from, to));
        texts
    }
}

/// A fleet of a handful of sites in one or two clusters.
pub(crate) fn fleets() -> impl Strategy<Value = Fleet> {
    let cluster = (
        prop::sample::select(VERSIONS.to_vec()),
        prop::sample::select(vec!["flux", "argocd", "none"]),
    );
    let site = (
        prop::sample::select(vec![Mode::Shared, Mode::Shared, Mode::Dedicated, Mode::External]),
        prop::sample::select(vec!["", "retail/", "retail/deep/"]),
        prop::bool::weighted(0.8),
        any::<bool>(),
    );
    let clusters = prop::collection::vec(cluster, 1..=2);
    let templates = prop_oneof![
        16 => Just(Templates::BuiltIn),
        1 => Just(Templates::DropDatabases),
        1 => Just(Templates::DropVolumes),
    ];
    let sites = prop::collection::vec(site, 0..=NAMES.len());
    (clusters, sites, templates).prop_map(|(clusters, sites, templates)| {
        let (frappe, engine) = clusters[0];
        let mut fleet = Fleet::new("eu", frappe, engine);
        if let Some((frappe, engine)) = clusters.get(1) {
            fleet.add_cluster("us", frappe, engine);
        }
        fleet.templates = templates;
        for (name, (mode, folder, protect, second)) in NAMES.into_iter().zip(sites) {
            let cluster = if second && fleet.clusters.len() == 2 { "us" } else { "eu" };
            let site = fleet.put_site(&format!("{cluster}/{folder}{name}"), mode);
            (site.protect, site.server) = (protect, if second { "db2" } else { "db" });
        }
        fleet
    })
}
