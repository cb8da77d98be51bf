//! Help texts that say what to write instead: for a word that is not one of the allowed words, for
//! a key of another object, and for a Kubernetes object among the definitions.

use super::values::{Lookalike, lookalike};

/// The help for a text that is not one of the allowed words.
pub(super) fn choose(text: &str, choices: &[String]) -> String {
    let known: Vec<&str> = choices.iter().map(String::as_str).collect();
    let lookalike = lookalike(text);
    let meant = lookalike.as_ref().map_or(text, |it| it.meant.as_str());
    let allowed = format!("allowed: {}", known.join(", "));
    let better = match newest(&known) {
        // Versions resemble each other by their digits alone, so no version is suggested for
        // another.
        Some(newest) => match known.iter().find(|known| meant.trim_start_matches('v') == **known) {
            Some(choice) => format!("write `{choice}`"),
            None => format!("the newest that sitewright knows is `{newest}`"),
        },
        None => match nearest(meant, &known) {
            Some(choice) => format!("write `{choice}`"),
            None => return noted(allowed, lookalike),
        },
    };
    noted(format!("{better}; {allowed}"), lookalike)
}

/// The name among `known` that `wanted` probably means, if one is close enough.
pub fn nearest<'a>(wanted: &str, known: &[&'a str]) -> Option<&'a str> {
    let wanted = wanted.to_lowercase();
    known
        .iter()
        .map(|name| (strsim::damerau_levenshtein(&wanted, &name.to_lowercase()), *name))
        .filter(|(distance, name)| *distance <= 1 + name.len() / 5)
        .min()
        .map(|(_, name)| name)
}

/// A help text, followed by a note when a character only looks like the right one.
pub(super) fn noted(help: String, lookalike: Option<Lookalike>) -> String {
    match lookalike {
        Some(Lookalike { note, .. }) => format!("{help}; {note}"),
        None => help,
    }
}

/// The newest of these texts if all of them are versions.
fn newest<'a>(known: &[&'a str]) -> Option<&'a str> {
    let numbers = |text: &str| -> Option<Vec<u32>> {
        text.split('.').map(|part| part.parse().ok()).collect()
    };
    let versions: Option<Vec<_>> = known.iter().map(|text| Some((numbers(text)?, *text))).collect();
    versions?.into_iter().max().map(|(_, text)| text)
}

/// The help for a key that belongs to an operator's object. Some published examples also use such
/// keys by mistake (source: `examples/` of frappe-operator 2.3, which its own schema refuses).
/// `known` are the keys that are allowed at this place.
pub(super) fn foreign(known: &[&str], key: &str) -> Option<&'static str> {
    /// The wrong key, an allowed key that identifies the place, and the help.
    const KEYS: &[(&str, &str, &str)] = &[
        ("version", "frappeVersion", "write `frappeVersion`"),
        ("appsJSON", "frappeVersion", "list the apps under `apps`"),
        ("storageSize", "frappeVersion", "remove it: the size of a bench's volume cannot be set"),
        ("imageConfig", "frappeVersion", "write `image`"),
        ("redisConfig", "frappeVersion", "write `redis`"),
        ("domainConfig", "frappeVersion", "write `domain`"),
        ("fpmConfig", "frappeVersion", "write `fpm`"),
        ("gitConfig", "frappeVersion", "write `git`"),
        ("url", "gitUrl", "write `gitUrl`, and `source: git`"),
        ("branch", "gitBranch", "write `gitBranch`, and `source: git`"),
        ("scheduler", "socketio", "remove it: a bench always has exactly one scheduler"),
        ("workers", "workerLong", "write `workerDefault`, `workerLong` and `workerShort`"),
        ("benchRef", "database", "write `bench`, with the bench's name alone"),
        ("dbConfig", "database", "write `database`"),
        (
            "connectionSecretRef",
            "connection",
            "write `connection`, with the name in its `secretName`",
        ),
        ("secret", "secretName", "write `secretName`"),
        // In `_defaults.yaml`: a definition itself may have the key.
        ("name", "bench", "remove it: only a definition itself states its name"),
        ("name", "maxSites", "remove it: only a definition itself states its name"),
        ("name", "frappeVersion", "remove it: only a definition itself states its name"),
        ("secretRef", "secretName", "write `secretName`, with the name alone"),
        ("adminPasswordSecretRef", "admin", "write `admin.secretRef`"),
        ("ingressClassName", "ingress", "write `ingress.className`"),
    ];
    let is_meant = |beside: &str| known.contains(&beside);
    let found = KEYS.iter().find(|(name, beside, _)| *name == key && is_meant(beside));
    found.map(|(_, _, help)| *help)
}

/// The API groups of the objects from which `sitewright import` makes definitions.
pub(crate) const IMPORTED_GROUPS: [&str; 4] =
    ["vyogo.tech", "k8s.mariadb.com", "postgresql.cnpg.io", "barmancloud.cnpg.io"];

/// The help for a Kubernetes object among the definitions. `path` is its file, and `cluster` is empty outside of all
/// clusters.
pub(super) fn instead_of_object(
    api_version: &str,
    kind: &str,
    path: &str,
    cluster: &str,
) -> String {
    let group = api_version.split_once('/').map_or("", |(group, _)| group);
    let name = path.rsplit('/').next().unwrap_or(path);
    if IMPORTED_GROUPS.contains(&group) {
        let cluster = match cluster {
            "" => String::new(),
            cluster => format!(" --cluster {cluster}"),
        };
        return format!(
            "make definitions of it: `mv {path} {name}`, then `sitewright import{cluster} {name}`"
        );
    }
    let help = match kind {
        "Secret" | "SealedSecret" => {
            "move it out of this folder; `sitewright secrets adopt FILE` records the sealed password"
        }
        _ => {
            "move it out of this folder: sitewright does not apply objects that it does not render"
        }
    };
    help.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nearest_names_what_is_meant_and_nothing_else() {
        let known = ["siteName", "domain", "bench"];
        assert_eq!(nearest("sitename", &known), Some("siteName"));
        assert_eq!(nearest("domian", &known), Some("domain"));
        assert_eq!(nearest("replicas", &known), None);
        assert_eq!(nearest("maxUserConnections", &["maxConnections"]), None);
        assert_eq!(nearest("port", &["host"]), None);
    }

    #[test]
    fn of_versions_the_newest_is_named() {
        let versions = ["2.3", "2.5", "2.10", "2.6"].map(str::to_owned);
        for (text, help) in [
            ("2.7", "the newest that sitewright knows is `2.10`; allowed: 2.3, 2.5, 2.10, 2.6"),
            ("v2.6", "write `2.6`; allowed: 2.3, 2.5, 2.10, 2.6"),
            ("2.б", "the newest that sitewright knows is `2.10`; allowed: 2.3, 2.5, 2.10, 2.6"),
        ] {
            assert_eq!(choose(text, &versions), help);
        }
        let words = ["shared", "dedicated"].map(str::to_owned);
        assert_eq!(choose("share", &words), "write `shared`; allowed: shared, dedicated");
        assert_eq!(choose("none", &words), "allowed: shared, dedicated");
        let note = "its `а` is U+0430, which only looks like `a`";
        assert_eq!(
            choose("shаred", &words),
            format!("write `shared`; allowed: shared, dedicated; {note}")
        );
    }
}
