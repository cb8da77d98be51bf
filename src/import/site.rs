//! A Site from a FrappeSite with the objects of its database.

use super::draft::{Draft, Row, SITE_VERSION};
use super::index::{Index, Live};
use super::outcome::Refusal;
use super::value::{boolean, int, is_true, number, string, take_default, text};
use super::{backup, postgres, server};
use crate::language::Kind;
use crate::naming::NameInputs;
use crate::object::LIFECYCLE;
use crate::operator::Frappe;
use crate::operator::frappe::Apps;

/// The fields that a Site and a FrappeSite share.
const ROWS: &[Row] = &[
    (&["siteName"], &["spec", "siteName"]),
    (&["bench"], &["spec", "benchRef", "name"]),
    (&["domain"], &["spec", "domain"]),
    (&["ingress", "enabled"], &["spec", "ingress", "enabled"]),
    (&["ingress", "className"], &["spec", "ingress", "className"]),
    (&["ingress", "className"], &["spec", "ingressClassName"]),
    (&["ingress", "annotations"], &["spec", "ingress", "annotations"]),
    (&["tls", "enabled"], &["spec", "tls", "enabled"]),
    (&["tls", "issuer"], &["spec", "tls", "issuer"]),
    (&["tls", "secretName"], &["spec", "tls", "secretName"]),
    (&["admin", "secretRef", "name"], &["spec", "adminPasswordSecretRef", "name"]),
];

/// The fields of `dbConfig` that ask frappe-operator for a dedicated server. The server itself says what it is.
const ASKED: &[Row] = &[
    (&["storageSize"], &["spec", "dbConfig", "storageSize"]),
    (&["resources"], &["spec", "dbConfig", "resources"]),
];

/// The server that frappe-operator gives to a shared site that names none.
const SHARED: &str = "frappe-mariadb";

/// What sites are imported into.
#[derive(Clone, Copy)]
pub(super) struct Scene<'s, 'l> {
    pub(super) index: &'s Index<'l>,
    pub(super) cluster: &'s str,
    pub(super) frappe: &'static Frappe,
}

/// A server that sites refer to: its namespace and name.
pub(super) type ServerId = (String, String);

/// A site, and the server that it refers to.
pub(super) struct Found {
    pub(super) draft: Draft,
    pub(super) server: Option<ServerId>,
}

impl Scene<'_, '_> {
    /// The site of a FrappeSite, or why there is none.
    pub(super) fn site(self, live: Live) -> Result<Found, Refusal> {
        let mut draft = Draft::of(Kind::Site, live);
        draft.copy(live, &[], ROWS);
        let bench =
            text(live.node(), &["spec", "benchRef", "namespace"]).unwrap_or(live.namespace());
        if bench != live.namespace() && !bench.is_empty() {
            let why = format!(
                "its bench is in the namespace `{bench}`, and the language has one for both"
            );
            return Err(Refusal::new(live, why, "a bench and its sites share a namespace"));
        }
        self.address(&mut draft, live);
        let admin = string(&format!("{}-admin", live.name()));
        take_default(&mut draft.fields, &["admin", "secretRef", "name"], &admin);
        let path = ["metadata", "annotations", SITE_VERSION];
        if let Some(version) = text(live.node(), &path).filter(|version| *version != "1") {
            draft.set(live, &["siteVersion"], &path, string(version));
        }
        if self.frappe.apps == Apps::Stated {
            draft.copy(live, &[], &[(&["apps"], &["spec", "apps"])]);
        }
        let server = self.database(&mut draft, live)?;
        let name = format!("{}-backup", live.name());
        // A backup of a server of PostgreSQL is copied with the server.
        if text(&draft.fields, &["database", "provider"]).is_none() {
            backup::copy(&mut draft, self.index, self.cluster, &name, "logical");
        }
        self.life(&mut draft, live);
        Ok(Found { draft, server })
    }

    /// The domain, if it is not the one that the siteName and the bench make.
    fn address(self, draft: &mut Draft, live: Live) {
        let bench = text(&draft.fields, &["bench"]).unwrap_or_default();
        let bench = self.index.find("FrappeBench", live.namespace(), bench);
        let suffix = bench.and_then(|it| text(it.node(), &["spec", "domainConfig", "suffix"]));
        let suffix = suffix.unwrap_or_default();
        let site_name = text(&draft.fields, &["siteName"]).unwrap_or_default();
        let usual = match site_name.ends_with(suffix) {
            true => site_name.to_owned(),
            false => format!("{site_name}{suffix}"),
        };
        take_default(&mut draft.fields, &["domain"], &string(&usual));
    }

    /// The database, and the server on which it is.
    fn database(self, draft: &mut Draft, live: Live) -> Result<Option<ServerId>, Refusal> {
        match postgres::database(draft, live, self.index, self.cluster) {
            Some(postgres::Home::On(server)) => return Ok(Some(server)),
            Some(postgres::Home::Own) => return Ok(None),
            None => {}
        }
        let config = |field: &'static str| text(live.node(), &["spec", "dbConfig", field]);
        let of_database = |kind, ending| {
            self.index.find(kind, live.namespace(), &format!("{}{ending}", live.name()))
        };
        let database = of_database("Database", "-db");
        match config("provider").unwrap_or("mariadb") {
            "mariadb" => {}
            "external" if database.is_some() => {}
            "external" => {
                super::connection::connection(draft, live);
                return Ok(None);
            }
            other => {
                let why = format!("its database is provided by `{other}`");
                return Err(Refusal::new(
                    live,
                    why,
                    "a site is imported whose server is known: on MariaDB, or on PostgreSQL through a Secret",
                ));
            }
        }
        if let Some(user) = of_database("User", "-user") {
            let path = ["spec", "maxUserConnections"];
            // The default of the CRD, which a manifest may leave out.
            let most = number(user.node(), &path).unwrap_or(10);
            draft.set(user, &["database", "maxUserConnections"], &path, int(most));
            draft.objects.push(user.at);
        }
        draft.objects.extend(of_database("Grant", "-grant").map(|it| it.at));
        draft.objects.extend(database.map(|it| it.at));
        let server = self.home(draft, live, database);
        match self.name(draft, live, database)? {
            Names::Fit => Ok(server),
            Names::Others => {
                self.connect(draft, live, server);
                Ok(None)
            }
        }
    }

    /// Where the database is: the mode and the server.
    fn home(self, draft: &mut Draft, live: Live, database: Option<Live>) -> Option<ServerId> {
        let own = format!("{}-mariadb", live.name());
        let of_database = database.map(|it| (it, ["spec", "mariaDbRef"]));
        let reference = |field: &str| {
            let stated = text(live.node(), &["spec", "dbConfig", "mariadbRef", field]);
            let of =
                of_database.and_then(|(it, [spec, path])| text(it.node(), &[spec, path, field]));
            stated.or(of).map(str::to_owned)
        };
        let name = reference("name");
        let namespace = reference("namespace").unwrap_or_else(|| live.namespace().to_owned());
        let is_dedicated = text(live.node(), &["spec", "dbConfig", "mode"]) == Some("dedicated");
        let is_own = match &name {
            Some(name) => *name == own && namespace == live.namespace(),
            None => is_dedicated,
        };
        if is_own {
            draft.state(&["database", "mode"], string("dedicated"));
            match self.index.find("MariaDB", live.namespace(), &own) {
                Some(instance) => {
                    draft.objects.push(instance.at);
                    server::instance(draft, instance, self.index, &["database"]);
                }
                None => draft.copy(live, &["database"], ASKED),
            }
            return None;
        }
        let name = name.unwrap_or_else(|| SHARED.to_owned());
        let is_outside = ["ExternalMariaDB", "Service"]
            .iter()
            .any(|kind| self.index.find(kind, &namespace, &name).is_some());
        let is_inside = self.index.find("MariaDB", &namespace, &name).is_some();
        let mode = if is_outside && !is_inside { "external" } else { "shared" };
        draft.state(&["database", "mode"], string(mode));
        Some((namespace, name))
    }

    /// Whether the database has the name that a definition means.
    fn name(self, draft: &mut Draft, live: Live, database: Option<Live>) -> Result<Names, Refusal> {
        let Some(database) = database else { return Ok(Names::Fit) };
        let path = ["spec", "name"];
        let name = text(database.node(), &path).unwrap_or(database.name());
        let inputs = NameInputs {
            cluster: self.cluster,
            namespace: live.namespace(),
            name: live.name(),
            site_name: text(live.node(), &["spec", "siteName"]).unwrap_or_default(),
        };
        let is_outside = text(&draft.fields, &["database", "mode"]) == Some("external");
        let scheme = match is_outside && self.frappe.takes_connection {
            true => crate::naming::Scheme::Sha256,
            false => self.frappe.names,
        };
        let computed = scheme.sql_name(inputs).ok();
        match computed {
            Some(computed) if computed.as_str() == name => return Ok(Names::Fit),
            // A name that crashes the operator is reported with the definition.
            None if scheme.is_computed_by_operator() => return Ok(Names::Fit),
            _ if !scheme.is_computed_by_operator() => {
                draft.set(database, &["database", "name"], &path, string(name));
                return Ok(Names::Fit);
            }
            _ if self.frappe.takes_connection => return Ok(Names::Others),
            _ => {}
        }
        let fits = |other: &Frappe| {
            other.names.is_computed_by_operator()
                && other.names.sql_name(inputs).is_ok_and(|it| it.as_str() == name)
        };
        let versions = Frappe::versions_that(fits);
        let help = match versions.as_str() {
            "" => "no version of frappe-operator computes this name: move the data into the database that it \
                   uses, or keep this site out of the project"
                .to_owned(),
            versions => format!("frappe-operator {versions} computes this name: does that version run?"),
        };
        let id = self.frappe.id;
        let computed = scheme.sql_name(inputs).map(|it| it.as_str().to_owned()).unwrap_or_default();
        let why = format!("its Database is `{name}`, but frappe-operator {id} uses `{computed}`");
        Err(Refusal::new(live, why, help))
    }

    /// The site uses its database as one that exists already, because a definition would mean another name.
    fn connect(self, draft: &mut Draft, live: Live, server: Option<ServerId>) {
        let own = || (live.namespace().to_owned(), format!("{}-mariadb", live.name()));
        let (namespace, name) = server.unwrap_or_else(own);
        super::value::take(&mut draft.fields, &["database"]);
        draft.objects.truncate(1);
        draft.state(&["database", "mode"], string("external"));
        let secret = format!("{}-connection", live.name());
        draft.state(&["database", "connection", "secretName"], string(&secret));
        let host = format!("{name}.{namespace}.svc.cluster.local");
        draft.state(&["database", "connection", "host"], string(&host));
    }

    /// Whether the site is retired, and whether its data goes with it.
    fn life(self, draft: &mut Draft, live: Live) {
        retired(draft, live);
        let is_dropped = |at: &usize| {
            let node = &self.index.objects()[*at].node;
            let drops = text(node, &["spec", "storage", "pvcRetentionPolicy", "whenDeleted"]);
            let is_database = text(node, &["kind"]) == Some("Database");
            drops == Some("Delete")
                || (is_database && text(node, &["spec", "cleanupPolicy"]) == Some("Delete"))
                || postgres::drops(node)
        };
        if text(&draft.fields, &["lifecycle"]).is_some() && draft.objects.iter().any(is_dropped) {
            draft.state(&["data"], string("delete"));
        }
    }
}

/// Whether the names of a site's database are those that its definition means.
enum Names {
    Fit,
    Others,
}

/// A definition is retired if its object says so.
pub(super) fn retired(draft: &mut Draft, live: Live) {
    let path = ["metadata", "annotations", LIFECYCLE];
    if text(live.node(), &path) == Some("retired") {
        draft.set(live, &["lifecycle"], &path, string("retired"));
    }
}

/// Whether the engine keeps an object that a definition does not protect.
pub(super) fn protect(draft: &mut Draft, live: Live, annotation: Option<(&str, &str)>) {
    let Some((key, value)) = annotation else { return };
    let is_ours = text(live.node(), &["metadata", "labels", "app.kubernetes.io/managed-by"])
        == Some("sitewright");
    let is_kept = text(live.node(), &["metadata", "annotations", key]) == Some(value);
    let is_retired = text(&draft.fields, &["lifecycle"]).is_some();
    if is_ours && !is_kept && !is_retired && !is_true(&draft.fields, &["managed"]) {
        draft.state(&["protect"], boolean(false));
    }
}
