//! `secrets.mode: sops`: Flux decrypts the Secrets with the identity that the pack names.

use super::stage::Stage;
use super::story::{LIMIT, Story};
use base64ct::{Base64, Encoding};
use cluster::eventually;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;

const IDENTITY: &str = include_str!("../keys/sops/public-and-worthless.first.agekey");

pub(crate) fn flux_decrypts_the_secrets_and_a_rotation_arrives(stage: Arc<Stage>) {
    let story = Story::begin(stage, "encrypted", "cluster");
    let path = story.path("_cluster.yaml");
    let stated = format!("secrets: {{mode: {}}}", story.stage.secrets());
    story.repository.edit(&path, &stated, "secrets: {mode: sops}");
    let recipient = IDENTITY.lines().find_map(|line| line.strip_prefix("# public key: ")).unwrap();
    story.define("_sealing/flux.age.pub", recipient);
    let arguments = ["-n", "flux-system", "create", "secret", "generic", "sops-age"];
    let from_input = ["--from-file=key.agekey=/dev/stdin"];
    story.kubectl().with(&[&arguments[..], &from_input].concat(), IDENTITY);

    // Given a fleet that is delivered, then every Secret that is rendered is there in clear text.
    story.deliver_all();
    let rendered = rendered(&story);
    // Two of each of the three sites, and one of each of the two servers.
    assert_eq!(rendered.len(), 8);
    let passwords = passwords(&story);
    assert_eq!(passwords.keys().collect::<Vec<_>>(), rendered.keys().collect::<Vec<_>>());
    for (name, password) in &passwords {
        assert_eq!(password.len(), 32, "{name}");
        assert!(password.bytes().all(|byte| byte.is_ascii_alphanumeric()), "{name}");
        let live = story.object(&format!("Secret {name}")).object;
        assert!(live.get("sops").is_none(), "{name}");
        let (labels, stated) = (&live["metadata"]["labels"], &rendered[name]["metadata"]["labels"]);
        for (key, value) in stated.as_object().unwrap() {
            assert_eq!(&labels[key], value, "{name}: {key}");
        }
    }

    // When one is rotated, then it alone changes.
    story.sitewright(&["secrets", "rotate", "acme/acme-admin"]);
    story.deliver("Rotate the password of an administrator");
    let old = passwords;
    eventually("the new password is there", LIMIT, || {
        let found = self::passwords(&story);
        let changed = found.iter().filter(|(name, password)| old[*name] != **password);
        let changed: Vec<&String> = changed.map(|(name, _)| name).collect();
        if changed == ["acme-admin"] { Ok(()) } else { Err(format!("{changed:?}")) }
    });
}

/// The Secrets that are rendered, by their names.
fn rendered(story: &Story) -> BTreeMap<String, Value> {
    let listed = story.repository.git(&["ls-files", "rendered"]);
    let secrets = listed.lines().filter(|path| path.contains("/secret-"));
    let objects = secrets.map(|path| {
        let object: Value = serde_yaml::from_str(&story.repository.read(path)).unwrap();
        (object["metadata"]["name"].as_str().unwrap().to_owned(), object)
    });
    objects.collect()
}

/// The passwords in the cluster, by the names of their Secrets.
fn passwords(story: &Story) -> BTreeMap<String, String> {
    let secrets = story.kubectl().list("secrets", Some(story.cluster));
    let passwords = secrets.iter().map(|secret| {
        let password = secret["data"]["password"].as_str().unwrap();
        let password = String::from_utf8(Base64::decode_vec(password).unwrap()).unwrap();
        (secret["metadata"]["name"].as_str().unwrap().to_owned(), password)
    });
    passwords.collect()
}
