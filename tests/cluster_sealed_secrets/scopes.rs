//! What a sealed value is bound to.

use super::project::Project;
use super::stage::{FRANKFURT, Stage, name_of};
use serde_json::Value;

/// A scope, whether a value opens under another name, and whether in another namespace.
const SCOPES: [(&str, bool, bool); 3] =
    [("strict", false, false), ("namespace-wide", true, false), ("cluster-wide", true, true)];

pub(crate) fn each_scope_binds_as_far_as_it_says(stage: &Stage) {
    for (scope, opens_renamed, opens_moved) in SCOPES {
        let namespace = format!("scope-{scope}");
        let secrets = format!("{{mode: sealed, scope: {scope}}}");
        let project = Project::begin(stage, &namespace, &secrets, FRANKFURT);
        project.deliver();
        let password = stage.secret(&namespace, "acme-admin").password().clone();
        assert!(password.is_minted(), "{scope}: {password:?}");

        let sealed = project.sealed();
        let admin = sealed.iter().find(|object| name_of(object) == "acme-admin").unwrap();
        let elsewhere = format!("{namespace}-elsewhere");
        for (namespace, name, opens) in [
            (&namespace, "renamed", opens_renamed),
            (&elsewhere, "acme-admin", opens_moved),
            (&elsewhere, "renamed", opens_moved),
        ] {
            let copy = copy(admin, namespace, name);
            if opens {
                stage.open(&[copy]);
                assert_eq!(*stage.secret(namespace, name).password(), password, "{scope}");
            } else {
                stage.apply(&[copy]);
                let why = stage.wait_until_refused(namespace, name);
                assert!(why.contains("no key could decrypt secret"), "{scope}: {why}");
                assert_eq!(stage.find(namespace, name), None, "{scope}");
            }
        }
    }
}

/// The same value for a Secret of another name.
fn copy(sealed: &Value, namespace: &str, name: &str) -> Value {
    let mut copy = sealed.clone();
    for path in ["/metadata", "/spec/template/metadata"] {
        let metadata = copy.pointer_mut(path).unwrap();
        metadata["namespace"] = namespace.into();
        metadata["name"] = name.into();
    }
    copy
}
