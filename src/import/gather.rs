//! All definitions that objects make, and the objects that no definition takes.

use super::draft::Draft;
use super::index::{At, Index, Live, POSTGRES_DATABASE};
use super::outcome::Refusal;
use super::site::{Found, Scene, ServerId, protect, retired};
use super::value::{number, string, text};
use super::{bench, postgres, server};
use crate::language::{Engine, ObjectName};
use std::collections::{BTreeMap, BTreeSet};

/// The definitions that objects make.
#[derive(Debug, Default)]
pub(super) struct Gathered {
    /// The definitions.
    pub(super) drafts: Vec<Draft>,
    /// The objects that no definition takes, with the reason.
    pub(super) refusals: Vec<Refusal>,
}

/// The servers and benches that the project defines, by namespace and name.
#[derive(Debug, Default)]
pub(super) struct Known {
    pub(super) servers: BTreeSet<ServerId>,
    pub(super) benches: BTreeSet<ServerId>,
}

/// The definitions that objects make. `engine` is the one that applies the manifests.
pub(super) fn gather(scene: Scene, engine: Engine, known: &Known) -> Gathered {
    let index = scene.index;
    let mut gathered = Gathered::default();
    for live in index.all("FrappeBench") {
        let mut draft = bench::bench(live, scene.frappe);
        finish(&mut draft, live, live, engine);
        gathered.add(draft, live);
    }
    let mut promised: BTreeMap<ServerId, u64> = BTreeMap::new();
    let mut sites = Vec::new();
    for live in index.all("FrappeSite") {
        match scene.site(live) {
            Ok(Found { mut draft, server }) => {
                let report = index.find("SiteDatabase", live.namespace(), live.name());
                draft.objects.extend(report.map(|it| it.at));
                let user = index.find("User", live.namespace(), &format!("{}-user", live.name()));
                finish(&mut draft, live, user.unwrap_or(live), engine);
                let most =
                    number(&draft.fields, &["database", "maxUserConnections"]).unwrap_or(100);
                if let Some(server) = &server {
                    *promised.entry(server.clone()).or_default() += most.unsigned_abs();
                }
                sites.push((live, draft, server));
            }
            Err(refusal) => gathered.refusals.push(refusal),
        }
    }
    let of_sites: BTreeSet<At> =
        sites.iter().flat_map(|(_, draft, _)| draft.objects.clone()).collect();
    servers(scene, engine, &promised, &of_sites, &mut gathered);
    let referred = sites.iter().filter_map(|(.., server)| server.as_ref());
    references(index, referred, &sites, known, &mut gathered);
    let mut of_name: BTreeMap<String, usize> = BTreeMap::new();
    for (_, name) in gathered.servers(known) {
        *of_name.entry(name).or_default() += 1;
    }
    for (live, mut draft, server) in sites {
        if let Some((namespace, name)) = server {
            let is_clear = namespace == live.namespace()
                || of_name.get(&name).is_some_and(|count| *count == 1);
            let stated = if is_clear { name } else { format!("{namespace}/{name}") };
            draft.state(&["database", "server"], string(&stated));
        }
        gathered.add(draft, live);
    }
    left_over(index, &mut gathered);
    gathered
}

/// What all definitions have in common. `shown` is the object that an engine protects only if the definition says so.
fn finish(draft: &mut Draft, live: Live, shown: Live, engine: Engine) {
    retired(draft, live);
    let annotation = match engine {
        Engine::Flux => Some(("kustomize.toolkit.fluxcd.io/prune", "disabled")),
        Engine::Argocd => Some(("argocd.argoproj.io/sync-options", "Prune=false,Delete=false")),
        Engine::None => None,
    };
    protect(draft, shown, annotation);
}

/// The servers that are no site's own.
fn servers(
    scene: Scene,
    engine: Engine,
    promised: &BTreeMap<ServerId, u64>,
    of_sites: &BTreeSet<At>,
    gathered: &mut Gathered,
) {
    let Scene { index, cluster, .. } = scene;
    let are_shared = |live: &Live| !of_sites.contains(&live.at);
    for live in index.all("MariaDB").filter(are_shared) {
        let id = (live.namespace().to_owned(), live.name().to_owned());
        let promised = promised.get(&id).copied().unwrap_or_default();
        let mut draft = server::managed(live, index, cluster, promised);
        finish(&mut draft, live, live, engine);
        let drops = ["spec", "storage", "pvcRetentionPolicy", "whenDeleted"];
        if text(&draft.fields, &["lifecycle"]).is_some()
            && text(live.node(), &drops) == Some("Delete")
        {
            draft.state(&["data"], string("delete"));
        }
        gathered.add(draft, live);
    }
    for live in index.all("Cluster").filter(are_shared) {
        let id = (live.namespace().to_owned(), live.name().to_owned());
        let promised = promised.get(&id).copied().unwrap_or_default();
        let mut draft = postgres::managed(live, index, cluster, promised);
        // A Cluster is protected in any case: its volumes would be deleted with it.
        let beside = draft.objects.get(1).map(|at| Live { at: *at, object: &index.objects()[*at] });
        finish(&mut draft, live, beside.unwrap_or(live), engine);
        if text(&draft.fields, &["lifecycle"]).is_some() && postgres::drops(live.node()) {
            draft.state(&["data"], string("delete"));
        }
        gathered.add(draft, live);
    }
    for live in index.all("ExternalMariaDB") {
        let mut draft = server::outside(live, index, cluster);
        finish(&mut draft, live, live, engine);
        gathered.add(draft, live);
    }
}

/// The servers and benches that sites refer to and that were not read: somebody else owns them.
fn references<'s>(
    index: &Index,
    servers: impl Iterator<Item = &'s ServerId>,
    sites: &[(Live, Draft, Option<ServerId>)],
    known: &Known,
    gathered: &mut Gathered,
) {
    let defined = gathered.servers(known);
    let on_postgres: BTreeSet<&ServerId> = sites
        .iter()
        .filter(|(_, draft, _)| text(&draft.fields, &["database", "provider"]) == Some("postgres"))
        .filter_map(|(.., server)| server.as_ref())
        .collect();
    let missing: BTreeSet<&ServerId> = servers.filter(|id| !defined.contains(*id)).collect();
    for id in missing {
        let (namespace, name) = id;
        let draft = match index.find("Service", namespace, name) {
            _ if on_postgres.contains(id) => postgres::reference(namespace, name),
            Some(service) => server::address(service),
            None => server::reference(namespace, name),
        };
        gathered.drafts.push(draft);
    }
    let benches: BTreeSet<ServerId> = sites
        .iter()
        .filter_map(|(live, draft, _)| {
            Some((live.namespace().to_owned(), text(&draft.fields, &["bench"])?.to_owned()))
        })
        .filter(|(namespace, name)| index.find("FrappeBench", namespace, name).is_none())
        .filter(|id| !known.benches.contains(id))
        .collect();
    let reference = |(namespace, name): &ServerId| bench::reference(namespace, name);
    gathered.drafts.extend(benches.iter().map(reference));
}

/// The objects of databases that no definition takes.
fn left_over(index: &Index, gathered: &mut Gathered) {
    let taken: BTreeSet<At> =
        gathered.drafts.iter().flat_map(|draft| draft.objects.clone()).collect();
    let refused: BTreeSet<(&str, &str)> = gathered
        .refusals
        .iter()
        .map(|refusal| &index.objects()[refusal.at].key)
        .map(|key| (key.namespace.as_str(), key.name.as_str()))
        .collect();
    let mut refusals = Vec::new();
    for (kind, ending, what) in [
        ("Database", "-db", "no site of that name"),
        ("User", "-user", "no site of that name"),
        (POSTGRES_DATABASE, "-db", "no site of that name"),
        ("DatabaseRole", "-role", "no site of that name"),
        ("ScheduledBackup", "-backup", "no server has a backup of that name"),
        ("Pooler", "-pooler-rw", "no server of that name"),
        ("Grant", "-grant", "no site of that name"),
        ("Backup", "-backup", "no site and no server has a scheduled backup of that name"),
        ("SiteDatabase", "", "no site of that name"),
        ("PhysicalBackup", "-backup", "no site and no server has a scheduled backup of that name"),
    ] {
        for live in index.all(kind).filter(|live| !taken.contains(&live.at)) {
            let of = live.name().strip_suffix(ending);
            // The objects of a site that is refused are refused with it.
            if of.is_some_and(|of| refused.contains(&(live.namespace(), of))) {
                continue;
            }
            let help = match ending {
                "" => {
                    "it stays as it is: the SiteDatabase of a site has the site's name".to_owned()
                }
                ending => format!(
                    "it stays as it is: a definition takes `NAME{ending}`, beside its own object `NAME`"
                ),
            };
            refusals.push(Refusal::new(live, what.to_owned(), help));
        }
    }
    gathered.refusals.extend(refusals);
}

impl Gathered {
    /// Adds the definition of an object.
    fn add(&mut self, draft: Draft, live: Live) {
        match ObjectName::new(&draft.name) {
            Ok(_) => self.drafts.push(draft),
            Err(complaint) => {
                self.refusals.push(Refusal::new(live, complaint.message, complaint.help));
            }
        }
    }

    /// The servers that are defined, here or in the project.
    fn servers(&self, known: &Known) -> BTreeSet<ServerId> {
        let of = |draft: &Draft| (draft.namespace.clone(), draft.name.clone());
        let here = self.drafts.iter().filter(|it| it.kind == crate::language::Kind::DatabaseServer);
        known.servers.iter().cloned().chain(here.map(of)).collect()
    }
}
