//! The program sops decrypts the Secrets that are rendered in the mode sops, refuses those that somebody
//! changed, and changes them in ways that `secrets adopt` takes.
//!
//! `tests/cluster/build` builds it. `tests/cluster_flux/` shows that Flux decrypts them too.

#[cfg(test)]
#[expect(dead_code, reason = "only the identities are read here: the program opens the rest")]
#[path = "../secrets/documents.rs"]
mod documents;
#[cfg(test)]
mod project;
#[cfg(test)]
#[path = "../samples/mod.rs"]
mod samples;
#[cfg(test)]
#[path = "../tools/mod.rs"]
mod tools;

#[cfg(test)]
mod tests {
    use crate::documents::recipient;
    use crate::project::{CREDENTIALS, Project, SECRET, decrypted, sops};
    use crate::samples::{files, samples};
    use serde_yaml::Value;
    use std::collections::BTreeSet;
    use std::fs;

    /// Behind the file of `sops set`.
    const SET: &[&str] = &["[\"stringData\"][\"password\"]", "\"correct-horse\""];
    /// The comments at the start of a manifest.
    const COMMENTS: usize = 2;

    fn is_minted(password: &str) -> bool {
        password.len() == 32 && password.bytes().all(|byte| byte.is_ascii_alphanumeric())
    }

    fn comments(manifest: &str) -> Vec<&str> {
        manifest.lines().take_while(|line| line.starts_with('#')).collect()
    }

    #[test]
    fn it_decrypts_every_secret_that_is_rendered() {
        let Some(project) = Project::find() else { return };
        project.run("render", 0);
        let mut folders = vec![("a project".to_owned(), project.path("rendered"))];
        folders.extend(samples().into_iter().map(|it| (it.name, it.root.join("rendered"))));
        let [first, second] = ["first", "second"].map(|name| sops(name).unwrap());
        let mut seen = BTreeSet::new();
        for (name, folder) in folders {
            for (path, bytes) in files(&folder) {
                let mut rendered: Value = serde_yaml::from_slice(&bytes).unwrap();
                if rendered["kind"] != "Secret" {
                    continue;
                }
                let (shown, file) = (format!("{name}: {path}"), folder.join(&path));
                let clear = decrypted(&first, &file).unwrap();
                let password = clear["stringData"]["password"].clone();
                let minted = password.as_str().unwrap();
                assert!(is_minted(minted), "{shown}");
                assert!(seen.insert(minted.to_owned()), "{shown}: a password twice");
                // All but the password is as it is rendered.
                rendered.as_mapping_mut().unwrap().remove("sops");
                rendered["stringData"]["password"] = password;
                assert_eq!(clear, rendered, "{shown}");
                assert!(decrypted(&second, &file).is_err(), "{shown}: somebody else opens it");
            }
        }
        // This project and the example each have two of a site and one of a server.
        assert_eq!(seen.len(), 6);
    }

    #[test]
    fn it_decrypts_what_a_third_party_gave_beside_what_is_not_secret() {
        const VALUE: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
        let Some(project) = Project::find() else { return };
        project.put(
            "sites/production/db.yaml",
            "kind: DatabaseServer\nstorageSize: 9Gi\nbackup:\n  schedule: \"@daily\"\n  storage: \
             {s3: {bucket: acme, endpoint: s3.acme.com, accessKeyId: AKIA1}}\n",
        );
        project.run_with("secrets set production/db/db-backup-s3", VALUE, 0);
        project.run("render", 0);
        let path = "rendered/production/db/secret-backup-s3.yaml";
        let data = project.decrypted(path, "first").unwrap()["stringData"].clone();
        assert_eq!((data["secret-access-key"].as_str(), data["access-key-id"].as_str()), {
            (Some(VALUE), Some("AKIA1"))
        });
    }

    #[test]
    fn it_refuses_what_was_changed_without_the_key() {
        let Some(project) = Project::find() else { return };
        project.run("render", 0);
        let (text, other) = (project.read(SECRET), project.read(CREDENTIALS));
        let line = |text: &str, start: &str| {
            let found = text.lines().find(|line| line.starts_with(start)).unwrap();
            found.to_owned()
        };
        let (value, mac) = (line(&text, "  password: "), line(&text, "  mac: "));
        let cut = |line: &str| line.replacen("data:", "data:AAAA", 1);
        let nonce = |line: &str| line.replacen("iv:", "iv:AAAA", 1);
        for (what, changed) in [
            ("the value", text.replace(&value, &cut(&value))),
            ("the nonce", text.replace(&value, &nonce(&value))),
            ("the MAC", text.replace(&mac, &cut(&mac))),
            ("another Secret's value", text.replace(&value, &line(&other, "  password: "))),
            ("another Secret's MAC", text.replace(&mac, &line(&other, "  mac: "))),
            ("the time", text.replace("lastmodified: \"2", "lastmodified: \"3")),
            ("the place", text.replace("stringData:", "data:")),
            ("the name of the key", text.replace("  password: ", "  pass: ")),
            (
                "the extent of the MAC",
                text.replace("mac_only_encrypted: true", "mac_only_encrypted: false"),
            ),
            ("no value", text.replace(&value, "  password: \"\"")),
        ] {
            assert_ne!(changed, text, "{what}");
            project.put("changed.yaml", &changed);
            assert!(project.decrypted("changed.yaml", "first").is_err(), "{what}");
            // sitewright refuses it too, with the identity.
            project.put("changed.yaml", &changed.replace("# Rendered", "# Copied"));
            project.put("sites/production/_sealing/second.age.pub", &recipient("second"));
            let said = project.run_as("first", "secrets adopt changed.yaml", 2);
            assert!(said.contains("SW710"), "{what}: {said}");
            fs::remove_file(project.path("sites/production/_sealing/second.age.pub")).unwrap();
        }
        // What the MAC does not cover: labels, and the name.
        let renamed = text.replace("name: acme-admin", "name: globex-admin");
        project.put("renamed.yaml", &renamed);
        assert!(project.decrypted("renamed.yaml", "first").is_ok());
    }

    #[test]
    fn a_rendered_file_keeps_its_first_comments() {
        let Some(project) = Project::find() else { return };
        project.run("render", 0);
        let text = project.read(SECRET);
        let first = comments(&text);
        assert_eq!(first.len(), COMMENTS);
        let clear = project.sops(&["decrypt"], SECRET, &[]);
        assert_eq!(comments(&clear), first);
        project.sops(&["rotate", "-i"], SECRET, &[]);
        project.sops(&["set"], SECRET, SET);
        let edited = project.read(SECRET);
        assert_ne!(edited, text);
        assert_eq!(comments(&edited), first);
        // A file that is encrypted as a whole hides its comments, and they are in its MAC.
        project.put("whole.yaml", &clear);
        project.sops(&["encrypt", "-i", "--age", &recipient("first")], "whole.yaml", &[]);
        let whole = project.read("whole.yaml");
        assert!(comments(&whole).iter().all(|line| line.starts_with("#ENC[")), "{whole}");
    }

    #[test]
    fn updated_keys_are_adopted_without_an_identity() {
        let Some(project) = Project::find() else { return };
        project.run("render", 0);
        let before = project.password(SECRET, "first");
        project.put("sites/production/_sealing/second.age.pub", &recipient("second"));
        let (first, second) = (recipient("first"), recipient("second"));
        project.put(".sops.yaml", &format!("creation_rules:\n  - age: {first},{second}\n"));
        for path in project.secrets() {
            project.sops(&["updatekeys", "--yes"], &path, &[]);
            project.run(&format!("secrets adopt {path}"), 0);
        }
        project.run("render --force", 0);
        project.run("secrets verify", 0);
        for name in ["first", "second"] {
            assert_eq!(project.password(SECRET, name), before);
        }
        assert_eq!(project.record("acme-admin")["generation"], 1);
    }

    #[test]
    fn an_edited_password_is_adopted() {
        let Some(project) = Project::find() else { return };
        project.run("render", 0);
        // Only a later second counts as newer.
        std::thread::sleep(std::time::Duration::from_millis(1100));
        project.sops(&["set"], SECRET, SET);
        project.run(&format!("secrets adopt {SECRET}"), 0);
        let record = project.record("acme-admin");
        assert_eq!((record["generation"].as_u64(), record["policy"].as_str()), {
            (Some(2), Some("adopted"))
        });
        project.run("render --force", 0);
        assert_eq!(project.password(SECRET, "first"), "correct-horse");
        project.run("secrets verify", 0);
    }

    #[test]
    fn what_it_encrypted_by_a_rule_of_its_own_is_adopted() {
        let Some(project) = Project::find() else { return };
        project.run("render", 0);
        let rule = |more: &str| {
            let first = recipient("first");
            format!(
                "creation_rules:\n  - age: {first}\n    encrypted_regex: ^(data|stringData)$\n{more}"
            )
        };
        let clear = |password: &str| {
            format!(
                "apiVersion: v1\nkind: Secret\nmetadata:\n  name: acme-admin\n  namespace: frappe\n\
                 stringData:\n  password: {password}\n"
            )
        };
        // As it is recorded.
        project.put(".sops.yaml", &rule("    mac_only_encrypted: true\n"));
        project.put("one.yaml", &clear("correct-horse"));
        project.sops(&["encrypt", "-i"], "one.yaml", &[]);
        let value = project.read("one.yaml");
        project.run("secrets adopt one.yaml", 0);
        project.run("render", 0);
        assert_eq!(project.password(SECRET, "first"), "correct-horse");
        let line = value.lines().find(|line| line.trim().starts_with("password: ")).unwrap();
        assert!(project.read(SECRET).contains(line.trim()), "the ciphertext of sops stays");
        // A MAC over everything: only with the identity.
        project.put(".sops.yaml", &rule(""));
        project.put("two.yaml", &clear("battery-staple"));
        project.sops(&["encrypt", "-i"], "two.yaml", &[]);
        let said = project.run("secrets adopt two.yaml", 2);
        assert!(
            said.contains("SOPS_AGE_KEY_FILE") && said.contains("mac_only_encrypted"),
            "{said}"
        );
        project.run_as("first", "secrets adopt two.yaml", 0);
        project.run("render", 0);
        assert_eq!(project.password(SECRET, "first"), "battery-staple");
    }
}
