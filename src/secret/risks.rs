//! The risks of the kinds that carry a password, and of the notes about a password on the objects that read it.

use super::backend;
use crate::risk::Condition::{self, NameEnds, Own, Protected, Retired, SecretMoves, Unprotected};
use crate::risk::Level::{Blocked, Credential, DataLoss, None, Rollout};
use crate::risk::On::Goes;
use crate::risk::{
    ARGO_PROTECTION, FLUX_PROTECTION, Key, Object, Predicate, RETIRE, Risks, Rule, SecretUse,
    Table, Ties, field, on,
};

const SECRETS: &str = "SealedSecret ExternalSecret PushSecret Password Secret";
const CARRIERS: &str = "SealedSecret ExternalSecret PushSecret Password Secret";
const SCOPE: &str = "the controller opens a value only in the scope that it was sealed for";
const RESEAL: &str = "rotate the password, or adopt one that is sealed for the new scope";

const EXPANSION: &str =
    "pkg/apis/sealedsecrets/v1alpha1/sealedsecret_expansion.go of sealed-secrets 0.40.0";

/// The field tells how many values a password has had, before and after.
const ROTATED: Condition = Own(&Predicate {
    name: "ROTATED",
    holds: |scene| {
        let Some(field) = scene.field else { return false };
        let name = field.path.last().map_or("", String::as_str);
        is_generation(name) && field.old.is_some() && field.new.is_some()
    },
});

/// A value of the field is encrypted, before or after. The other keys of a Secret are not secret.
const ENCRYPTED: Condition = Own(&Predicate {
    name: "ENCRYPTED",
    holds: |scene| {
        let values = scene.field.map(|field| [field.old.as_ref(), field.new.as_ref()]);
        let mut texts = values.into_iter().flatten().flatten().map(|node| node.as_str());
        texts.any(|text| text.is_none_or(|text| text.starts_with("ENC[")))
    },
});

pub(crate) static RISKS: Risks = Risks {
    tables: &[Table {
        rules: RULES,
        #[cfg(test)]
        cases: tests::cases,
    }],
    ties: Ties { subject: |_, _| Option::None, secret: made },
    unordered: &[],
};

/// What the key of a site has encrypted can be read with no other key.
const IS_KEY: Condition = NameEnds("-fernet-key");
const KEY_CHANGES: &str =
    "the encryption key changes: what the old one has encrypted can be read with no other key";
const KEEP_KEY: &str = "restore the record of the old key from Git";
/// The kinds that can carry such a key: no generator makes one.
const KEY_CARRIERS: &str = "SealedSecret ExternalSecret Secret";
const KEY_UNPROTECTED: &str =
    "its engine may prune it from now on, and what the key has encrypted can be read with no other";
const KEY_GOES: &str = "the encryption key goes with it, unless the live object carries {protection}: what it has encrypted can be read with no other key";
const COPY_KEY: &str = "keep a copy of the key with the backups of the site";

#[rustfmt::skip]
const RULES: &[Rule] = &[
    field("SealedSecret", "spec.encryptedData", &[IS_KEY], DataLoss, KEY_CHANGES, KEEP_KEY),
    field("ExternalSecret", "spec.data", &[IS_KEY], DataLoss, "the encryption key is read under another key of the store", KEEP_KEY),
    field("Secret", "stringData", &[IS_KEY, ENCRYPTED], DataLoss, KEY_CHANGES, KEEP_KEY),
    field("Secret", "data", &[IS_KEY], DataLoss, KEY_CHANGES, KEEP_KEY),
    field("SealedSecret", "spec.encryptedData", &[], Credential, "the password changes", ""),
    field("SealedSecret", "metadata.annotations.sealedsecrets.bitnami.com/namespace-wide", &[], Blocked, SCOPE, RESEAL).read_in(EXPANSION),
    field("SealedSecret", "metadata.annotations.sealedsecrets.bitnami.com/cluster-wide", &[], Blocked, SCOPE, RESEAL).read_in(EXPANSION),
    field("SealedSecret", "spec.template", &[], None, "", ""),
    field("ExternalSecret", "spec.data", &[], Credential, "the password is read under another key", ""),
    field("ExternalSecret", "spec.secretStoreRef", &[], Credential, "the password is read from another store", ""),
    field("PushSecret", "spec", &[], Credential, "the store gets a new password where it has none", ""),
    field("Secret", "sops.age", &[], Credential, "the password is encrypted for other recipients", "compare them with those of the cluster; whoever could decrypt it knows the password until it is rotated"),
    field("Secret", "stringData", &[ENCRYPTED], Credential, "the password changes", ""),
    field("Secret", "data", &[], Credential, "the password changes", ""),
    field("Secret", "stringData", &[], None, "", ""),
    field("Secret", "sops", &[], None, "", ""),
    field("*", "metadata.annotations", &[ROTATED], Credential, "the password that it reads changes", ""),
    // Only `data: delete` removes the protection.
    field(KEY_CARRIERS, FLUX_PROTECTION, &[IS_KEY, Unprotected, Retired], Rollout, KEY_UNPROTECTED, "state `data: keep`"),
    field(KEY_CARRIERS, ARGO_PROTECTION, &[IS_KEY, Unprotected, Retired], Rollout, KEY_UNPROTECTED, "state `data: keep`"),
    on(KEY_CARRIERS, Goes, &[IS_KEY, Retired, Protected], Rollout, "it stays in the cluster, since the data of the site can be decrypted only with its key", COPY_KEY),
    on(KEY_CARRIERS, Goes, &[IS_KEY, Retired], DataLoss, KEY_GOES, COPY_KEY),
    on(KEY_CARRIERS, Goes, &[IS_KEY], DataLoss, KEY_GOES, RETIRE),
    on(SECRETS, Goes, &[Retired, Protected], Rollout, "it stays in the cluster, because a server that stays there reads it", "delete it there together with the server"),
    on(SECRETS, Goes, &[Retired], Credential, "the Secret is removed with it", ""),
    on(CARRIERS, Goes, &[SecretMoves], Credential, "the account reads another Secret from now on, and nothing reads this one", "if {protection} on the live object keeps it in the cluster, delete it there once the site has its new password"),
    on(SECRETS, Goes, &[], DataLoss, "the Secret is removed with it, unless the live object carries {protection}: its password may open data", "retire the definition first; if the definition stays, make sure that nothing reads the Secret, and let the change pass with `--allow`"),
];

/// Whether this is sitewright's annotation with the generation of a password.
fn is_generation(key: &str) -> bool {
    key.strip_prefix("sitewright/").is_some_and(|key| key.ends_with("generation"))
}

/// The Secret that an object makes.
fn made<'o>(key: &Key, object: &'o Object) -> Option<SecretUse<'o>> {
    let makes = backend::kinds_with_generation().any(|kind| kind.as_str() == key.kind);
    let name = object.text(&["metadata", "name"])?;
    makes.then_some(SecretUse::Makes(name))
}

#[cfg(test)]
mod tests {
    use super::{CARRIERS, SECRETS, backend};
    use crate::language::Engine;
    use crate::risk::Level::{self, Blocked, Credential, DataLoss, None, Rollout};
    use crate::risk::case::{Case, annotation, goes, spec, yaml};

    /// A backend whose carriers have no rows would let a lost password pass.
    #[test]
    fn every_kind_of_carrier_has_rows() {
        let mut kinds: Vec<&str> = backend::carrier_kinds().map(|kind| kind.as_str()).collect();
        let mut stated: Vec<&str> = CARRIERS.split(' ').collect();
        kinds.sort_unstable();
        stated.sort_unstable();
        assert_eq!(kinds, stated);
        assert!(kinds.iter().all(|kind| SECRETS.split(' ').any(|word| word == *kind)));
    }

    pub(super) fn cases() -> Vec<Case> {
        [values(), keys(), notes(), moved(), going()].into_iter().flatten().collect()
    }

    /// A change of a field of an encrypted Secret.
    fn secret(before: &str, after: &str, field: &str, level: Level, words: &'static str) -> Case {
        let case = annotation("Secret", before, after, "", level, words);
        Case { field: Some(field.to_owned()), ..case }
    }

    fn values() -> Vec<Case> {
        let mut cases = vec![
            spec(
                "SealedSecret",
                "{template: {type: a}}",
                "{template: {type: b}}",
                "template.type",
                None,
                "",
            ),
            spec("PushSecret", "{data: a}", "{data: b}", "data", Credential, "where it has none"),
        ];
        for (section, before, after, level, words) in [
            ("stringData", "ENC[a", "ENC[b", Credential, "the password changes"),
            ("stringData", "a", "b", None, ""),
            ("data", "ENC[a", "ENC[b", Credential, "the password changes"),
            ("sops", "ENC[a", "ENC[b", None, ""),
        ] {
            let text = |value| format!("{{{section}: {{mac: \"{value}\"}}}}");
            let (before, after) = (text(before), text(after));
            cases.push(secret(&before, &after, &format!("{section}.mac"), level, words));
        }
        cases.push(secret(
            "{sops: {age: a}}",
            "{sops: {age: b}}",
            "sops.age",
            Credential,
            "other recipients",
        ));
        for scope in
            ["sealedsecrets.bitnami.com/namespace-wide", "sealedsecrets.bitnami.com/cluster-wide"]
        {
            let after = format!("{{metadata: {{annotations: {{{scope}: \"true\"}}}}}}");
            cases.push(annotation("SealedSecret", "{}", &after, scope, Blocked, "the scope"));
        }
        cases
    }

    /// The encryption key of a site.
    fn keys() -> Vec<Case> {
        const KEY: &str = "{metadata: {name: demo-fernet-key}}";
        const RETIRED: &str = "{metadata: {annotations: {sitewright/lifecycle: retired}}}";
        const FLUX_KEY: &str = "kustomize.toolkit.fluxcd.io/prune";
        const ARGO_KEY: &str = "argocd.argoproj.io/sync-options";
        const IS_FLUX: &str = "disabled";
        const IS_ARGO: &str = "\"Prune=false,Delete=false\"";
        const FLUX: &str =
            "{metadata: {annotations: {kustomize.toolkit.fluxcd.io/prune: disabled}}}";
        const BARE: &str = "{metadata: {annotations: {kustomize.toolkit.fluxcd.io/prune: null, \
                            argocd.argoproj.io/sync-options: null}}}";
        const LOST: &str = "can be read with no other key";
        let text = |section, value| format!("{{{section}: {{k: \"{value}\"}}}}");
        let of = |section, before, after, level, words| {
            let (before, after) = (text(section, before), text(section, after));
            secret(&before, &after, &format!("{section}.k"), level, words).with(KEY)
        };
        let sealed = |kind, field: &str, words| {
            let [before, after] = ["a", "b"].map(|value| format!("{{{field}: {{k: {value}}}}}"));
            spec(kind, &before, &after, &format!("{field}.k"), DataLoss, words).with(KEY)
        };
        let carriers = ["SealedSecret", "ExternalSecret", "Secret"];
        let by = |kind| {
            let unprotected = |engine, name: &'static str, lifecycle: &'static str, words| {
                let is_flux = engine == Engine::Flux;
                let (key, value) = if is_flux { (FLUX_KEY, IS_FLUX) } else { (ARGO_KEY, IS_ARGO) };
                let before = format!("{{metadata: {{annotations: {{{key}: {value}}}}}}}");
                let case = annotation(kind, &before, BARE, key, Rollout, words);
                case.with(name).with(lifecycle).engine(engine)
            };
            let of_engine = |engine| {
                let again = unprotected(engine, KEY, RETIRED, "");
                let (after, before) = (again.before[0].clone(), yaml(BARE));
                let before = [vec![before], again.before[1..].to_vec()].concat();
                let again = Case { before, after: vec![after], level: None, ..again };
                [
                    unprotected(engine, KEY, RETIRED, "`data: keep`"),
                    unprotected(engine, KEY, "{}", "`protect: true` keeps it"),
                    unprotected(engine, "{}", RETIRED, "may prune it").without_advice(),
                    again,
                ]
            };
            let gone = [
                goes(kind, &[KEY, BARE], DataLoss, "lifecycle: retired"),
                goes(kind, &[KEY, FLUX], DataLoss, LOST),
                goes(kind, &[KEY, RETIRED, FLUX], Rollout, "it stays in the cluster"),
                goes(kind, &[KEY, RETIRED, BARE], DataLoss, "a copy of the key"),
                goes(kind, &[RETIRED, FLUX], Rollout, "a server that stays there reads it"),
            ];
            let engines = [Engine::Flux, Engine::Argocd].into_iter().flat_map(of_engine);
            engines.chain(gone).collect::<Vec<_>>()
        };
        let changed = [
            of("stringData", "ENC[a", "ENC[b", DataLoss, LOST),
            of("stringData", "a", "b", None, ""),
            of("data", "ENC[a", "ENC[b", DataLoss, LOST),
            sealed("SealedSecret", "encryptedData", LOST),
            sealed("ExternalSecret", "data", "another key of the store"),
        ];
        changed.into_iter().chain(carriers.into_iter().flat_map(by)).collect()
    }

    fn notes() -> Vec<Case> {
        let of = |name: &str, before, after, level, words| {
            let note = |value| format!("{{metadata: {{annotations: {{{name}: {value}}}}}}}");
            annotation("User", &note(before), &note(after), name, level, words)
        };
        const CHANGES: &str = "the password that it reads changes";
        vec![
            of("sitewright/db-password-generation", "\"1\"", "\"2\"", Credential, CHANGES),
            // The annotation is added and removed together with the record.
            of("sitewright/db-password-generation", "null", "\"2\"", None, ""),
            of("sitewright/db-password-generation", "\"1\"", "null", None, ""),
            // Annotations that are not a generation of sitewright.
            of("sitewright/note", "\"1\"", "\"2\"", None, ""),
            of("team/generation", "\"1\"", "\"2\"", None, ""),
            of("generation", "\"1\"", "\"2\"", None, ""),
            of("sitewright/lifecycle", "null", "retired", None, ""),
            of("sitewright/lifecycle", "retired", "null", None, ""),
        ]
    }

    /// A User that reads another Secret.
    fn moving(case: Case) -> Case {
        let reads = |name| format!("{{spec: {{passwordSecretKeyRef: {{name: {name}}}}}}}");
        case.with_reader("User", &reads("old"), &reads("new"))
    }

    fn moved() -> Vec<Case> {
        const OLD: &str = "{metadata: {name: old}}";
        const NEW: &str = "{metadata: {name: new}}";
        const LOST: &str = "its password may open data";
        let of = |kind, carrier| {
            moving(goes(kind, &[OLD], Credential, "reads another Secret")).along(carrier, NEW)
        };
        vec![
            of("SealedSecret", "SealedSecret"),
            of("ExternalSecret", "ExternalSecret"),
            of("PushSecret", "ExternalSecret"),
            of("Password", "ExternalSecret"),
            of("Secret", "Secret"),
            goes("SealedSecret", &[OLD], Credential, "reads another Secret")
                .with_reader(
                    "DatabaseRole.postgresql.cnpg.io",
                    "{spec: {passwordSecret: {name: old}}}",
                    "{spec: {passwordSecret: {name: new}}}",
                )
                .along("SealedSecret", NEW),
            // The new Secret does not exist, or has another name. The User reads the same Secret as
            // before.
            moving(goes("SealedSecret", &[OLD], DataLoss, LOST)),
            moving(goes("SealedSecret", &[OLD], DataLoss, LOST))
                .along("SealedSecret", "{metadata: {name: other}}"),
            moving(goes("SealedSecret", &[OLD], DataLoss, LOST))
                .along("SealedSecret", "{metadata: {name: new, namespace: other}}"),
            // An object of this name that makes no Secret.
            moving(goes("SealedSecret", &[OLD], DataLoss, LOST)).along("Grant", NEW),
            moving(goes("SealedSecret", &["{metadata: {name: third}}"], DataLoss, LOST))
                .along("SealedSecret", NEW),
            goes("SealedSecret", &[OLD], DataLoss, LOST).along("SealedSecret", NEW),
            // Other readers of the password.
            moving(spec(
                "FrappeSite",
                "{dbConfig: {connectionSecretRef: {name: old}}}",
                "{dbConfig: {connectionSecretRef: {name: new}}}",
                "dbConfig.connectionSecretRef.name",
                Credential,
                "from the password's new Secret",
            ))
            .along("SealedSecret", NEW),
            moving(spec(
                "FrappeSite",
                "{dbConfig: {connectionSecretRef: {name: old}}}",
                "{dbConfig: {connectionSecretRef: {name: other}}}",
                "dbConfig.connectionSecretRef.name",
                DataLoss,
                "",
            ))
            .along("SealedSecret", NEW),
        ]
    }

    fn going() -> Vec<Case> {
        const RETIRED: &str = "{metadata: {annotations: {sitewright/lifecycle: retired}}}";
        const PROTECTED: &str =
            "{metadata: {annotations: {kustomize.toolkit.fluxcd.io/prune: disabled}}}";
        let kinds = ["SealedSecret", "ExternalSecret", "PushSecret", "Password", "Secret"];
        let of = |kind| {
            [
                goes(kind, &[], DataLoss, "its password may open data"),
                goes(kind, &[RETIRED], Credential, "removed with it"),
                goes(kind, &[RETIRED, PROTECTED], Rollout, "stays in the cluster, because"),
                goes(kind, &[PROTECTED], DataLoss, "its password may open data"),
            ]
        };
        let engines = [
            goes("Secret", &[], DataLoss, "carries `kustomize.toolkit.fluxcd.io/prune: disabled`"),
            goes("Secret", &[], DataLoss, "carries `argocd.argoproj.io/sync-options: Prune=false,")
                .engine(Engine::Argocd),
            goes("Secret", &[], DataLoss, "carries its engine's annotation").engine(Engine::None),
        ];
        kinds.into_iter().flat_map(of).chain(engines).collect()
    }
}
