//! The backends: what each mode of `secrets.mode` means for a password.
//!
//! This file is the only one that chooses a backend by its mode. A cluster's mode chooses the
//! backend that keeps new values. A record's mode chooses the backend that interprets the record:
//! the one that wrote it.

mod adopted;
mod external;
mod fitting;
mod plain;
mod sealed;
mod settings;
mod sops;

pub(super) use fitting::Fitting;
pub use settings::Settings;

use super::carrier::{Carrier, text};
use super::certificate::Certificates;
use super::need::Need;
use super::offer::{Adopted, Offer};
use super::password::Password;
use super::record::{Facts, Record, SealedValue, WrongFact};
use crate::cluster::Cluster;
use crate::diagnostic::Diagnostic;
use crate::language::SecretMode;
use crate::object::{Manifest, ObjectKind, ObjectType};
use crate::resolve::Fleet;
use crate::source::node::Node;
use external::External;
use plain::Plain;
use sealed::Sealed;
use sops::Sops;
use std::path::Path;

/// Chooses the backend of each mode.
macro_rules! backends {
    ($($mode:ident: $backend:ident,)+) => {
        /// Every mode.
        pub(super) const MODES: &[SecretMode] = &[$(SecretMode::$mode),+];

        /// The backend of a mode.
        pub(crate) fn of(mode: SecretMode) -> &'static dyn Backend {
            match mode {
                $(SecretMode::$mode => &$backend,)+
            }
        }
    };
}

backends! {
    Plain: Plain,
    External: External,
    Sealed: Sealed,
    Sops: Sops,
}

/// What a mode means for a password.
pub(crate) trait Backend: Sync {
    /// The word for the mode, in `secrets.mode`, in records and in reports.
    fn word(&self) -> &'static str;

    /// The modes whose records and objects fit a cluster of this mode.
    fn accepts(&self) -> &'static [SecretMode];

    /// How to keep a password in use when its cluster changes to this mode.
    fn keeping(&self) -> &'static str;

    /// The field `secrets` of a cluster whose passwords these objects carry. `None` if they carry none. `cluster` is the
    /// name of the cluster.
    fn settings(&self, _objects: &[&Node], _cluster: &str) -> Option<Settings> {
        None
    }

    /// What somebody does with the value of a Secret that is in use, so that the password gets its record. `manifest`
    /// is a command that prints the Secret with this value alone.
    fn taking_over(&self, need: &Need, manifest: &str, cluster: &Cluster) -> String;

    /// Where the value of a record is, for a list. `is_here` says whether it is on this machine.
    fn whereabouts<'r>(&self, record: &'r Record, is_here: bool) -> &'r str;

    /// Whether another Secret can get the value of a record, without anybody who knows the value.
    fn repeats_values(&self) -> bool {
        false
    }

    /// Makes ready for keeping new values in a cluster.
    fn keeper<'c>(
        &self,
        cluster: &'c Cluster,
        certificates: &'c Certificates,
    ) -> Result<Keeper<'c>, Box<Diagnostic>>;

    /// Whether only `secrets set` can take the first value of a password from a third party. If not,
    /// the value reaches the cluster without sitewright.
    fn takes_given_values(&self) -> bool {
        true
    }

    /// The label of a value in a cluster, which its record states.
    fn label(&self, _cluster: &Cluster, namespace: &str, secret: &str) -> String {
        format!("{namespace}/{secret}")
    }

    /// Whether the facts of a record fit together. The default is for a backend that records no
    /// value.
    fn check_facts(&self, facts: &Facts) -> Result<(), WrongFact> {
        match (&facts.sealed, facts.scope, &facts.sealed_for) {
            (None, None, None) => Ok(()),
            (None, None, Some(_)) => Err(("sealedFor", "it has no sealed value".to_owned())),
            _ => Err((
                "mode",
                "it states a sealed value, and also a mode that keeps the value elsewhere"
                    .to_owned(),
            )),
        }
    }

    /// Why a record of this backend cannot be used for a password, if it cannot.
    fn unfit(&self, fitting: &Fitting) -> Option<Diagnostic> {
        fitting.wrong_label().or_else(|| fitting.wrong_mode())
    }

    /// The diagnostics for damaged values among these, if the user names a key that opens them. The
    /// default is for a backend whose values only the cluster opens.
    fn damaged(&self, _values: &[(&Need, &Record)]) -> Vec<Diagnostic> {
        Vec::new()
    }

    /// The types of the objects that carry passwords of this backend.
    fn carriers(&self) -> &'static [Carrier] {
        &[]
    }

    /// The types of the objects that carry this password.
    fn objects(&self, _need: &Need) -> &'static [&'static ObjectType] {
        &[]
    }

    /// What the templates see of a record under the word for the mode, beside `secret` and `store`.
    fn variables(&self, _need: &Need, _record: &Record) -> Option<minijinja::Value> {
        None
    }

    /// Whether an object carries exactly the value of its record. `encrypted` is the only key and
    /// value of the object's encrypted data.
    fn carries(
        &self,
        _manifest: &Manifest,
        _encrypted: Option<(&str, &str)>,
        _passwords: &[(&Need, &Record)],
    ) -> bool {
        true
    }

    /// Whether the value of an object from an earlier render can be used in a cluster as it is.
    fn is_usable(&self, _object: &Node, _cluster: &Cluster) -> bool {
        true
    }

    /// The passwords that an object of this backend offers, for `secrets adopt`.
    fn adopt(&self, _offer: &Offer) -> Result<Vec<Adopted>, Box<Diagnostic>> {
        Ok(Vec::new())
    }

    /// The values on this machine, if the backend keeps them there.
    fn local(&self) -> Option<&'static dyn LocalValues> {
        None
    }
}

/// What a cluster states so that the objects with passwords that it has already can be rendered. `None` if no object
/// carries a password. The mode is that of the most objects.
pub fn settings(objects: &[&Node], cluster: &str) -> Option<Settings> {
    let of = |mode: &SecretMode| {
        let is_its = |it: &&&Node| carrying(it).is_some_and(|it| it.mode == *mode);
        let own: Vec<&Node> = objects.iter().filter(is_its).copied().collect();
        Some((own.len(), of(*mode).settings(&own, cluster)?))
    };
    // Of equally many, the first mode.
    let found = MODES.iter().rev().filter_map(of).max_by_key(|(count, _)| *count);
    found.map(|(_, settings)| settings)
}

/// Keeps a new value of a password under a label. The last argument makes the value, if there is one to
/// make.
pub(super) type Keeper<'c> = Box<dyn Fn(&Need, &str, Make) -> Result<Kept, String> + Sync + 'c>;

/// Makes a new value, or takes the known one.
pub(super) type Make<'m> = Box<dyn FnOnce() -> Result<Password, String> + 'm>;

/// A value that a backend has kept.
#[derive(Debug, Default)]
pub(super) struct Kept {
    /// The sealed value, for the record.
    pub(super) sealed: Option<SealedValue>,
    /// The value itself, if it will be written to this machine.
    pub(super) password: Option<Password>,
}

/// The values that a backend keeps on this machine, in a folder that Git ignores. Paths are relative
/// to the project's folder.
pub(crate) trait LocalValues: Sync {
    /// The folder.
    fn folder(&self) -> &'static str;

    /// The file of a Secret.
    fn path(&self, definition: &str, secret: &str) -> String;

    /// The value of a Secret and its generation, or `None` if there is no file. A file without a
    /// valid value gives a diagnostic.
    fn value(&self, root: &Path, need: &Need) -> Result<Option<(Password, u32)>, Box<Diagnostic>>;

    /// Brings the files of these passwords up to date: those with a new value, and those whose value
    /// is already on this machine. It returns the files that it wrote.
    fn write(&self, root: &Path, values: &[LocalValue]) -> Result<Vec<String>, Box<Diagnostic>>;

    /// Removes a file if sitewright wrote it, and returns its path.
    fn remove(&self, root: &Path, path: &str) -> Result<Option<String>, Box<Diagnostic>>;

    /// Every file.
    fn files(&self, root: &Path) -> Vec<String>;

    /// Gives the files of a definition, or of all definitions in a folder, a second name, for another
    /// path of the definition or folder.
    fn share(&self, root: &Path, from: &str, to: &str) -> Result<(), Box<Diagnostic>>;
}

/// A password that belongs on this machine, its record, and its value if that is new.
pub(crate) type LocalValue<'a> = (&'a Need, &'a Record, Option<&'a Password>);

/// The mode of records that hold their value. Such a record does not state its mode.
const STATES_NO_MODE: SecretMode = SecretMode::Sealed;

/// The word for the mode in records, or `None` if such records do not state it.
pub(super) fn recorded_word(mode: SecretMode) -> Option<&'static str> {
    (mode != STATES_NO_MODE).then(|| of(mode).word())
}

/// The mode for a word in a record.
pub(super) fn recorded_mode(word: &str) -> Option<SecretMode> {
    MODES.iter().copied().find(|mode| recorded_word(*mode) == Some(word))
}

/// The record that these facts state, or the wrong fact.
pub(super) fn record(facts: Facts) -> Result<Record, WrongFact> {
    let mode = facts.mode.unwrap_or(STATES_NO_MODE);
    of(mode).check_facts(&facts)?;
    let Facts { generation, policy, scope, label, sealed_for, sealed, .. } = facts;
    let sealed = sealed.map(|ciphertext| SealedValue { scope, sealed_for, ciphertext });
    Ok(Record { generation, policy, mode, label, sealed })
}

/// The backend of a cluster.
pub(super) fn of_cluster(cluster: &Cluster) -> &'static dyn Backend {
    of(cluster.secrets.mode)
}

/// Whether only a third party can give the first value of a password, through `secrets set`.
pub(crate) fn must_be_given(need: &Need, fleet: &Fleet) -> bool {
    need.wanted.given && of_cluster(&fleet.clusters[need.cluster.0]).takes_given_values()
}

/// The backends that keep values on this machine, each with its mode.
pub(crate) fn locals() -> impl Iterator<Item = (SecretMode, &'static dyn LocalValues)> {
    MODES.iter().filter_map(|mode| Some((*mode, of(*mode).local()?)))
}

/// The folders of values on this machine, each with the mode whose backend keeps them.
pub fn local_folders() -> impl Iterator<Item = (SecretMode, &'static str)> {
    locals().map(|(mode, local)| (mode, local.folder()))
}

/// Removes the value of a Secret from this machine, whichever backend keeps it, and returns the
/// paths of its files.
pub(crate) fn remove_local(root: &Path, need: &Need) -> Result<Vec<String>, Box<Diagnostic>> {
    let mut removed = Vec::new();
    for (_, local) in locals() {
        removed.extend(local.remove(root, &local.path(&need.definition, &need.wanted.name))?);
    }
    Ok(removed)
}

/// The files on this machine that hold the value of a Secret.
pub(crate) fn local_files(root: &Path, need: &Need) -> Vec<String> {
    let file = |local: &dyn LocalValues| local.path(&need.definition, &need.wanted.name);
    let files = locals().map(|(_, local)| file(local));
    files.filter(|path| root.join(path).is_file()).collect()
}

/// Keeps the values of a definition, or of a folder of definitions, for another path too.
pub(crate) fn share_local(root: &Path, from: &str, to: &str) -> Result<(), Box<Diagnostic>> {
    locals().try_for_each(|(_, local)| local.share(root, from, to))
}

/// Removes the values of a definition, or of a folder of definitions, from this machine.
pub(crate) fn forget_local(root: &Path, path: &str) -> Result<(), Box<Diagnostic>> {
    for (_, local) in locals() {
        let start = format!("{}/{path}/", local.folder());
        for file in local.files(root).iter().filter(|file| file.starts_with(&start)) {
            local.remove(root, file)?;
        }
    }
    Ok(())
}

/// The kinds of the objects that carry passwords.
pub(crate) fn carrier_kinds() -> impl Iterator<Item = ObjectKind> {
    MODES.iter().flat_map(|mode| of(*mode).carriers()).map(|carrier| carrier.of.kind)
}

/// The types of the objects that carry passwords.
pub(crate) fn carrier_types() -> impl Iterator<Item = &'static ObjectType> {
    MODES.iter().flat_map(|mode| of(*mode).carriers()).map(|carrier| carrier.of)
}

/// The kinds that show, in the manifests of an earlier render, that a password exists.
pub(super) fn kinds_with_generation() -> impl Iterator<Item = ObjectKind> {
    let carriers = MODES.iter().flat_map(|mode| of(*mode).carriers());
    carriers.filter(|carrier| carrier.generation.is_some()).map(|carrier| carrier.of.kind)
}

/// The backend whose objects have this kind.
pub(super) fn of_kind(kind: ObjectKind) -> Option<&'static dyn Backend> {
    let mut backends = MODES.iter().map(|mode| of(*mode));
    backends.find(|backend| backend.carriers().iter().any(|carrier| carrier.of.kind == kind))
}

/// An object that shows that a password exists.
#[derive(Clone, Copy, Debug)]
pub(super) struct Carrying {
    /// The mode of its backend.
    pub(super) mode: SecretMode,
    /// The generation of the password, if the object states it.
    pub(super) generation: Option<u32>,
    /// Whether other tools make such objects too.
    pub(super) is_made_by_others: bool,
}

/// What an object shows of a password, or `None` for any other object.
pub(super) fn carrying(object: &Node) -> Option<Carrying> {
    MODES.iter().find_map(|mode| {
        let carrier = of(*mode).carriers().iter().find(|carrier| carrier.is(object))?;
        let generation = text(object, carrier.generation?).and_then(|text| text.parse().ok());
        Some(Carrying { mode: *mode, generation, is_made_by_others: carrier.is_made_by_others })
    })
}

/// What a list says of a recorded value.
#[derive(Clone, Copy, Debug)]
pub struct Listed<'r> {
    /// The word for the mode of the record.
    pub mode: &'static str,
    /// Whether the value is on this machine, outside of the record.
    pub is_here: bool,
    /// Where the value is, in words: the fingerprint of the key for which it is sealed, or the mode.
    pub whereabouts: &'r str,
}

/// What a list says of a recorded value.
pub fn listed<'r>(record: &'r Record, need: &Need, root: &Path) -> Listed<'r> {
    let backend = of(record.mode);
    let local = backend.local();
    let is_here = local.is_some_and(|local| matches!(local.value(root, need), Ok(Some(_))));
    Listed { mode: backend.word(), is_here, whereabouts: backend.whereabouts(record, is_here) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::output::Discard;
    use crate::project::Project;
    use std::collections::BTreeSet;

    fn backends() -> impl Iterator<Item = &'static dyn Backend> {
        MODES.iter().map(|mode| of(*mode))
    }

    /// The compiler asks for a backend of every mode. The words must be those of the language.
    #[test]
    fn the_word_of_a_backend_is_the_word_of_its_mode() {
        for mode in MODES {
            assert_eq!(serde_json::to_value(mode).unwrap(), of(*mode).word());
            assert!(of(*mode).accepts().contains(mode), "{mode:?}");
        }
    }

    /// A record without a mode belongs to one backend, and no two modes have the same word there.
    #[test]
    fn the_mode_of_a_record_is_read_as_it_is_written() {
        let words: Vec<&str> = MODES.iter().filter_map(|mode| recorded_word(*mode)).collect();
        assert_eq!(words.len(), MODES.len() - 1);
        for mode in MODES {
            let word = recorded_word(*mode);
            assert_eq!(word.map_or(Some(STATES_NO_MODE), recorded_mode), Some(*mode));
        }
    }

    /// `verify`, `adopt` and the search for lost records find a carrier by its kind.
    #[test]
    fn every_kind_of_carrier_belongs_to_one_backend() {
        let kinds: Vec<ObjectKind> = carrier_kinds().collect();
        assert_eq!(kinds.iter().collect::<BTreeSet<_>>().len(), kinds.len(), "{kinds:?}");
        let carriers = backends().flat_map(Backend::carriers);
        let templates: BTreeSet<String> = carriers.map(|it| it.of.template.to_owned()).collect();
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("templates/secret");
        let found = std::fs::read_dir(folder).unwrap();
        let found = found.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        assert_eq!(found.map(|name| format!("secret/{name}")).collect::<BTreeSet<_>>(), templates);
    }

    /// Otherwise the value would exist nowhere. And two backends in one folder would remove each
    /// other's files.
    #[test]
    fn a_value_without_a_carrier_is_on_this_machine() {
        for mode in MODES {
            assert!(!of(*mode).carriers().is_empty() || of(*mode).local().is_some(), "{mode:?}");
        }
        let folders: Vec<&str> = locals().map(|(_, local)| local.folder()).collect();
        assert_eq!(folders.iter().collect::<BTreeSet<_>>().len(), folders.len(), "{folders:?}");
        for (_, local) in locals() {
            assert!(local.folder().starts_with(".sitewright/"));
            assert!(local.path("a/b", "c").starts_with(&format!("{}/a/b/c.", local.folder())));
        }
    }

    /// Every password of the sample fleet, in every mode.
    #[test]
    fn an_object_that_is_rendered_is_a_carrier_of_its_backend() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let project = Project::read(root).unwrap().value;
        let (fleet, plans) = crate::fleet(&project).value;
        let settled = crate::settle(&project, &fleet, &plans, &Discard).settled;
        assert!(!settled.is_empty());
        let mut rendered = BTreeSet::new();
        for need in settled.iter().map(|settled| &settled.need) {
            for backend in backends() {
                let (carriers, objects) = (backend.carriers(), backend.objects(need));
                assert!(objects.iter().all(|of| carriers.iter().any(|it| it.of == *of)));
                rendered.extend(objects.iter().map(|of| of.kind));
            }
        }
        assert_eq!(rendered, carrier_kinds().collect());
    }

    /// Only this folder, the language and the settings of a cluster say what a mode means.
    #[test]
    fn no_other_file_names_a_mode() {
        fn walk(folder: &Path, found: &mut Vec<String>) {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    walk(&path, found);
                    continue;
                }
                let text = std::fs::read_to_string(&path).unwrap_or_default();
                let code = text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default();
                if code.contains("SecretMode::") {
                    found.push(path.display().to_string().replace('\\', "/"));
                }
            }
        }
        let mut found = Vec::new();
        walk(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut found);
        let may_name = ["src/secret/backend/", "src/language/", "src/cluster/"];
        found.retain(|path| !may_name.iter().any(|place| path.contains(place)));
        assert_eq!(found, Vec::<String>::new());
    }
}
