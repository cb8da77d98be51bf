//! Kinds that hold a password, and what is noted of a password on what reads it.

use super::{Case, annotation, goes, spec};
use crate::diff::finding::Level::{Blocked, Credential, DataLoss, None};
use crate::language::Engine;

const ROOT: &str = "{metadata: {name: db-root}}";

pub(super) fn cases() -> Vec<Case> {
    [values(), notes(), moved(), going()].into_iter().flatten().collect()
}

/// A change of `spec` of the Secret of a server's root.
fn of_root(
    kind: &'static str,
    before: &str,
    after: &str,
    field: &str,
    words: &'static str,
) -> Vec<Case> {
    let of = |level, words| spec(kind, before, after, field, level, words);
    vec![
        of(Blocked, words).with(ROOT).mariadb("25.10"),
        of(Credential, "the password").with(ROOT),
        // An account's own.
        of(Credential, "the password").mariadb("25.10"),
    ]
}

fn values() -> Vec<Case> {
    const LOSES: &str = "mariadb-operator 25.10 cannot change a root password, and loses";
    const STORE: &str = "another store has another one";
    let mut cases = of_root(
        "SealedSecret",
        "{encryptedData: {password: a}}",
        "{encryptedData: {password: b}}",
        "encryptedData.password",
        LOSES,
    );
    cases.extend(of_root("ExternalSecret", "{data: a}", "{data: b}", "data", LOSES));
    cases.extend(of_root(
        "ExternalSecret",
        "{secretStoreRef: {name: a}}",
        "{secretStoreRef: {name: b}}",
        "secretStoreRef.name",
        STORE,
    ));
    cases.extend([
        spec(
            "SealedSecret",
            "{template: {type: a}}",
            "{template: {type: b}}",
            "template.type",
            None,
            "",
        ),
        spec("PushSecret", "{data: a}", "{data: b}", "data", Credential, "where there is none"),
    ]);
    for scope in
        ["sealedsecrets.bitnami.com/namespace-wide", "sealedsecrets.bitnami.com/cluster-wide"]
    {
        let after = format!("{{metadata: {{annotations: {{{scope}: \"true\"}}}}}}");
        cases.push(annotation("SealedSecret", "{}", &after, scope, Blocked, "the scope"));
    }
    cases
}

fn notes() -> Vec<Case> {
    let of = |name: &str, before, after, level, words| {
        let note = |value| format!("{{metadata: {{annotations: {{{name}: {value}}}}}}}");
        annotation("User", &note(before), &note(after), name, level, words)
    };
    const CHANGES: &str = "the password that it reads changes";
    vec![
        of("sitewright/db-password-generation", "\"1\"", "\"2\"", Credential, CHANGES),
        // It comes and goes with what is recorded.
        of("sitewright/db-password-generation", "null", "\"2\"", None, ""),
        of("sitewright/db-password-generation", "\"1\"", "null", None, ""),
        // No generation of ours.
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
        // The new one is not there, or is another one; the User reads what it read.
        moving(goes("SealedSecret", &[OLD], DataLoss, LOST)),
        moving(goes("SealedSecret", &[OLD], DataLoss, LOST))
            .along("SealedSecret", "{metadata: {name: other}}"),
        moving(goes("SealedSecret", &[OLD], DataLoss, LOST))
            .along("SealedSecret", "{metadata: {name: new, namespace: other}}"),
        moving(goes("SealedSecret", &["{metadata: {name: third}}"], DataLoss, LOST))
            .along("SealedSecret", NEW),
        goes("SealedSecret", &[OLD], DataLoss, LOST).along("SealedSecret", NEW),
        // What reads the password beside the User.
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
    let kinds = ["SealedSecret", "ExternalSecret", "PushSecret", "Password", "Secret"];
    let of = |kind| {
        [
            goes(kind, &[], DataLoss, "its password may open data"),
            goes(kind, &[RETIRED], Credential, "removed with it"),
        ]
    };
    let engines = [
        goes("Secret", &[], DataLoss, "carries `kustomize.toolkit.fluxcd.io/prune: disabled`"),
        goes("Secret", &[], DataLoss, "carries `argocd.argoproj.io/sync-options: Prune=false,")
            .engine(Engine::Argocd),
        goes("Secret", &[], DataLoss, "carries its engine's mark").engine(Engine::None),
    ];
    kinds.into_iter().flat_map(of).chain(engines).collect()
}
