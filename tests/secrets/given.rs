//! What a third party gave: the secret half of an object store's access key.

use crate::opening::{key, text, unseal};
use crate::project::{Project, is_minted};
use std::io::Write as _;
use std::process::{Command, Stdio};

const VALUE: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
const NAME: &str = "production/db/db-backup-s3";
const RECORDS: &str = "sites/production/db.secrets.yaml";
pub(crate) const SERVER: &str = "kind: DatabaseServer\nstorageSize: 9Gi\nbackup:\n  schedule: \"@daily\"\n  \
                      storage: {s3: {bucket: acme, endpoint: s3.acme.com, accessKeyId: AKIA1}}\n";

fn project(project: Project) -> Project {
    project.put("sites/production/db.yaml", SERVER);
    project
}

/// Gives a value to `secrets set`, which must end with this code; what it says.
#[track_caller]
pub(crate) fn set(project: &Project, name: &str, value: &[u8], code: i32) -> String {
    let mut child = Command::new(env!("CARGO_BIN_EXE_sitewright"))
        .current_dir(project.0.path())
        .args(["secrets", "set", name])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A run that refuses the name reads nothing.
    let _ = child.stdin.take().unwrap().write_all(value);
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
    assert_eq!(output.status.code(), Some(code), "{said}");
    let shown = value.len() > 8 && said.contains(&*String::from_utf8_lossy(value));
    assert!(!shown, "the value is shown: {said}");
    said
}

#[test]
fn it_is_asked_for_and_never_made_up() {
    let project = project(Project::sealed());
    for command in ["render", "render --locked", "check"] {
        let said = project.run(command, 3);
        assert!(said.contains(&format!("secrets set {NAME} < FILE")), "{said}");
    }
    assert!(!project.path("rendered").exists() && !project.path(RECORDS).exists());
}

#[test]
fn it_is_sealed_and_carried_with_its_id() {
    let project = project(Project::sealed());
    set(&project, NAME, format!("{VALUE}\n").as_bytes(), 0);
    let record = &project.yaml(RECORDS)["db-backup-s3"]["secret-access-key"];
    assert_eq!(text(&record["policy"]), "given");
    assert!(!project.read(RECORDS).contains(VALUE));
    project.run("render", 0);
    project.run("check", 0);
    project.run("secrets verify", 0);
    let object = project.yaml("rendered/production/db/sealedsecret-backup-s3.yaml");
    let [(key, value)] = &unseal(&key("frankfurt"), &object)[..] else { panic!() };
    assert_eq!((key.as_str(), value.as_slice()), ("secret-access-key", VALUE.as_bytes()));
    assert_eq!(text(&object["spec"]["template"]["data"]["access-key-id"]), "AKIA1");
    let backup = project.read("rendered/production/db/physicalbackup.yaml");
    assert!(backup.contains("prefix: production/frappe/db\n"), "{backup}");
    assert!(backup.contains("sitewright/backup-s3-generation: \"1\""), "{backup}");
    // A new one is a new generation, which the backup's object shows too.
    set(&project, "db-backup-s3", b"another", 0);
    assert!(project.run("diff", 0).contains("generation 1 → 2"));
}

#[test]
fn in_clear_text_it_stays_on_the_machine() {
    let project = project(Project::new("{mode: plain}"));
    set(&project, NAME, VALUE.as_bytes(), 0);
    project.run("render", 0);
    let path = ".sitewright/secrets/production/db/db-backup-s3.yaml";
    let secret = project.yaml(path);
    assert_eq!(text(&secret["stringData"]["secret-access-key"]), VALUE);
    assert_eq!(text(&secret["stringData"]["access-key-id"]), "AKIA1");
    // What else the Secret says changes around it.
    project.put("sites/production/db.yaml", &SERVER.replace("AKIA1", "AKIA2"));
    project.run("render", 0);
    let secret = project.yaml(path);
    assert_eq!(text(&secret["stringData"]["secret-access-key"]), VALUE);
    assert_eq!(text(&secret["stringData"]["access-key-id"]), "AKIA2");
}

#[test]
fn a_store_has_it_already() {
    let project = project(Project::new("{mode: external, external: {store: {name: vault}}}"));
    // `secrets set` refuses it in this mode, so no help names that command.
    let said = project.run("render --locked", 3);
    assert!(said.contains("put the third party's value into the secret store yourself"), "{said}");
    assert!(!said.contains("secrets set"), "{said}");
    project.run("render", 0);
    let folder = project.path("rendered/production/db");
    assert!(folder.join("externalsecret-backup-s3.yaml").exists());
    for generated in ["password-backup-s3.yaml", "pushsecret-backup-s3.yaml"] {
        assert!(!folder.join(generated).exists(), "{generated}");
    }
    let said = set(&project, NAME, VALUE.as_bytes(), 2);
    assert!(said.contains("error[SW709]"), "{said}");
}

#[test]
fn what_is_made_here_is_not_given_and_what_is_given_not_made() {
    let project = project(Project::sealed());
    let said = set(&project, "acme/acme-admin", VALUE.as_bytes(), 2);
    assert!(said.contains("error[SW709]"), "{said}");
    let said = set(&project, "nobody", VALUE.as_bytes(), 2);
    assert!(said.contains("error[SW209]"), "{said}");
    for value in [&b""[..], b"\n", b"two words", b"\"quoted\"", &[0xff], &[b'a'; 5000]] {
        let said = set(&project, NAME, value, 2);
        assert!(said.contains("error[SW104]"), "{said}");
    }
    assert!(!project.path(RECORDS).exists());
    set(&project, NAME, VALUE.as_bytes(), 0);
    project.run("render", 0);
    let said = project.run(&format!("secrets rotate {NAME}"), 2);
    assert!(said.contains("error[SW709]"), "{said}");
    // The others of the definition are made here.
    project.run("secrets rotate db/db-root", 0);
    let said = project.run("secrets rotate production/db", 0);
    assert!(said.contains("~ production/db/db-root/password: generation 3"), "{said}");
    assert!(
        said.contains("production/db/db-backup-s3/secret-access-key: not rotated, because"),
        "{said}"
    );
    assert!(project.read(RECORDS).contains("policy: given"));
    let root = project.read("rendered/production/db/sealedsecret-root.yaml");
    assert!(!is_minted(root.as_bytes()));
}
