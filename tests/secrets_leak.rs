//! No minted password reaches any place but its own, whatever stands in the way of a run.
//!
//! Every command runs in every mode that makes passwords, in every format and verbosity, on sound projects and on projects
//! where one step must fail. After every run all that was printed, the project, and the folder of
//! temporary files are searched for every password that there ever was, in part, in base64, in
//! hexadecimal and hashed. Beside that this file owns who may read the folder of clear text, and what
//! Git sees of it.

#[cfg(test)]
#[path = "secrets/documents.rs"]
mod documents;
#[cfg(test)]
#[path = "secrets/opening.rs"]
mod opening;
#[cfg(test)]
mod program;

#[cfg(test)]
mod tests {
    use crate::documents::{Document, identity_file, open_document, recipient};
    use crate::opening::{key, open, text, unseal};
    use crate::program;
    use base64ct::{Base64, Encoding};
    use rsa::PrivateKey;
    use serde_yaml::Value;
    use sha2::{Digest, Sha256};
    use std::collections::{BTreeMap, BTreeSet};
    use std::fs::{self, Permissions};
    use std::io::{self, Write as _};
    use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt, symlink};
    use std::os::unix::process::CommandExt;
    use std::path::{Path, PathBuf};
    use std::process::{Command, Stdio};
    use tempfile::TempDir;

    const CERTIFICATE: &str = include_str!("../sites/frankfurt/_sealing/2026-11.pem");
    const PLAIN: &str = ".sitewright/secrets";
    const ADMIN: &str = ".sitewright/secrets/production/acme/acme-admin.yaml";
    const DAMAGED: &str = ".sitewright/secrets/damaged.yaml";
    const NOBODY: u32 = 65534;
    /// Two of each site, and one of each server.
    const PASSWORDS: usize = 8;
    const DRESSES: [&str; 6] =
        ["", "-q", "-v", "--format json", "-q --format json", "-v --format json"];
    const MODES: [&str; 3] = ["plain", "sealed", "sops"];
    const COMMANDS: [&str; 19] = [
        "render",
        "render --stdout",
        "render --locked",
        "render --out elsewhere",
        "check",
        "diff",
        "explain acme",
        "explain big --context",
        "explain SW701",
        "schema --out schemas",
        "render --force production/acme",
        "secrets list",
        "secrets rotate acme big/big-admin",
        "secrets verify",
        "secrets prune",
        "secrets adopt -",
        "secrets adopt .sitewright/secrets/production/acme/acme-admin.yaml",
        "secrets adopt .sitewright/secrets/production",
        "secrets adopt rendered/production/big",
    ];

    /// A project with a bench, a server and three sites, one of them with a server of its own, and every
    /// password that it has ever had.
    struct Project {
        root: TempDir,
        temporary: TempDir,
        aside: TempDir,
        key: PrivateKey,
        /// Each password behind its place: its file, or the label that it is sealed under.
        held: BTreeSet<(String, String)>,
        opened: BTreeSet<String>,
        /// What must be found nowhere.
        traces: Vec<String>,
        /// Each text that was searched, and for how many of the traces: most files stay as they are from
        /// one run to the next.
        searched: BTreeMap<Vec<u8>, usize>,
        runs: usize,
    }

    impl Project {
        fn new(mode: &str) -> Self {
            let folder = || tempfile::tempdir().unwrap();
            let project = Self {
                root: folder(),
                temporary: folder(),
                aside: folder(),
                key: key("frankfurt"),
                held: BTreeSet::new(),
                opened: BTreeSet::new(),
                traces: Vec::new(),
                searched: BTreeMap::new(),
                runs: 0,
            };
            let cluster = format!(
                "kind: Cluster\noperators: {{frappe: \"2.6\", mariadb: \"26.6\"}}\n\
                 namespace: frappe\nsecrets: {{mode: {mode}}}\n"
            );
            let dedicated = "kind: Site\nsiteName: big.example.com\ndatabase: {mode: dedicated}\n";
            for (path, text) in [
                ("_cluster.yaml", cluster.as_str()),
                ("_sealing/2026-11.pem", CERTIFICATE),
                ("_sealing/first.age.pub", &recipient("first")),
                (
                    "_defaults.yaml",
                    "kind: Defaults\nsite: {bench: b15, apps: [erpnext], database: {server: db}}\n",
                ),
                (
                    "b15.yaml",
                    "kind: Bench\nfrappeVersion: version-16\napps: [{name: erpnext, source: image}]\n",
                ),
                ("db.yaml", "kind: DatabaseServer\nstorageSize: 9Gi\n"),
                ("acme.yaml", "kind: Site\nsiteName: acme.example.com\n"),
                ("globex.yaml", "kind: Site\nsiteName: globex.example.com\n"),
                ("big.yaml", dedicated),
            ] {
                project.put(&format!("sites/production/{path}"), text);
            }
            project
        }

        fn path(&self, path: &str) -> PathBuf {
            self.root.path().join(path)
        }

        fn put(&self, path: &str, text: &str) {
            fs::create_dir_all(self.path(path).parent().unwrap()).unwrap();
            fs::write(self.path(path), text).unwrap();
        }

        fn git(&self, arguments: &[&str]) -> String {
            let git = Command::new("git").arg("-C").arg(self.root.path()).args(arguments).output();
            String::from_utf8(git.unwrap().stdout).unwrap()
        }

        /// Runs the binary, and searches everything; how it ended, and what it said.
        fn run(&mut self, arguments: &str) -> (Option<i32>, String) {
            self.run_by(Command::new(env!("CARGO_BIN_EXE_sitewright")), arguments, ADMIN)
        }

        /// The same in one of the dresses, each in its turn.
        fn run_dressed(&mut self, arguments: &str) {
            let dress = DRESSES[self.runs % DRESSES.len()];
            self.run(&format!("{arguments} {dress}"));
        }

        /// The same by a command that the test made, with this file as its standard input.
        fn run_by(
            &mut self,
            mut command: Command,
            arguments: &str,
            input: &str,
        ) -> (Option<i32>, String) {
            if command.get_envs().all(|(name, _)| name != "SOPS_AGE_KEY_FILE") {
                command.env("SOPS_AGE_KEY_FILE", identity_file("first"));
            }
            let input = fs::File::open(self.path(input)).map_or(Stdio::null(), Stdio::from);
            let output = command
                .current_dir(self.root.path())
                .args(arguments.split_whitespace())
                .env("TMPDIR", self.temporary.path())
                .env("RUST_BACKTRACE", "full")
                .stdin(input)
                .output()
                .unwrap();
            self.runs += 1;
            self.remember();
            let said = [output.stdout, output.stderr].concat();
            assert!(!String::from_utf8_lossy(&said).contains("panicked"), "{arguments}");
            self.search(&said, arguments);
            for folder in [self.root.path().to_owned(), self.temporary.path().to_owned()] {
                for path in files(&folder) {
                    if !path.starts_with(self.path(PLAIN)) {
                        self.search(path.to_string_lossy().as_bytes(), arguments);
                        self.search(&fs::read(&path).unwrap_or_default(), arguments);
                    }
                }
            }
            (output.status.code(), String::from_utf8_lossy(&said).into_owned())
        }

        /// Takes note of the passwords that exist now. One that is new at its place is new everywhere.
        fn remember(&mut self) {
            let mut found = Vec::new();
            for path in files(&self.path(PLAIN)) {
                let name = path.to_string_lossy().into_owned();
                assert!(!name.ends_with(".new"), "{name} was left behind");
                let text = fs::read_to_string(&path).unwrap_or_default();
                let value = text.lines().find_map(|line| line.strip_prefix("  password: \""));
                let value = value.and_then(|value| value.strip_suffix('"'));
                let value = value.filter(|_| path != self.path(DAMAGED));
                found.extend(value.map(|value| (name, value.to_owned())));
            }
            for path in files(&self.path("sites")) {
                if !path.to_string_lossy().ends_with(".secrets.yaml") {
                    continue;
                }
                let store: Value =
                    serde_yaml::from_slice(&fs::read(path).unwrap()).unwrap_or_default();
                for (_, record) in store.as_mapping().into_iter().flatten() {
                    let record = &record["password"];
                    let (label, sealed) = (record["label"].as_str(), record["sealed"].as_str());
                    let (Some(label), Some(sealed)) = (label, sealed) else { continue };
                    if !self.opened.insert(sealed.to_owned()) {
                        continue;
                    }
                    if record["mode"] == "sops" {
                        let opened = open_document("first", sealed).expect("a value that opens");
                        let Document { password, data_key } = opened;
                        self.traces.extend(traces_of_key(&data_key));
                        found.push((label.to_owned(), password));
                    } else {
                        let value = open(&self.key, label, sealed).expect("a value that opens");
                        found.push((label.to_owned(), String::from_utf8(value).unwrap()));
                    }
                }
            }
            for held in found {
                if self.held.contains(&held) {
                    continue;
                }
                assert_eq!(held.1.len(), 32);
                assert!(self.held.iter().all(|(_, value)| *value != held.1), "a password twice");
                self.traces.extend(traces(&held.1));
                self.held.insert(held);
            }
        }

        fn search(&mut self, text: &[u8], arguments: &str) {
            let done = self.searched.get(text).copied().unwrap_or(0);
            if done == self.traces.len() {
                return;
            }
            let shown = String::from_utf8_lossy(text);
            let trace = self.traces[done..].iter().find(|trace| shown.contains(trace.as_str()));
            assert_eq!(trace, None, "`sitewright {arguments}` leaks: {shown}");
            self.searched.insert(text.to_owned(), self.traces.len());
        }

        /// Nobody else may read what is in clear text, and Git sees nothing of it.
        fn assert_private(&self) {
            let plain = self.path(PLAIN);
            let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
            for path in files(&plain) {
                if path.ends_with(".gitignore") {
                    assert_eq!(fs::read(&path).unwrap(), b"*\n");
                    continue;
                }
                assert_eq!(mode(&path), 0o600, "{}", path.display());
                let folders = path.ancestors().skip(1);
                for folder in folders.take_while(|folder| folder.starts_with(&plain)) {
                    assert_eq!(mode(folder), 0o700, "{}", folder.display());
                }
                assert!(plain.join(".gitignore").exists());
            }
        }
    }

    /// What would give a password away: parts of it, since reports cut long lines, and what may be made
    /// of it.
    fn traces(value: &str) -> Vec<String> {
        let hex = |bytes: &[u8]| bytes.iter().map(|b| format!("{b:02x}")).collect::<String>();
        let (whole, hash) = (hex(value.as_bytes()), hex(&Sha256::digest(value)));
        let parts = [&value[..12], &value[10..22], &value[20..]];
        let made = [
            Base64::encode_string(value.as_bytes())[..40].to_owned(),
            whole.to_uppercase(),
            whole,
            hash[..16].to_uppercase(),
            hash[..16].to_owned(),
        ];
        parts.into_iter().map(str::to_owned).chain(made).collect()
    }

    /// What would give away the key of a document.
    fn traces_of_key(key: &[u8]) -> [String; 3] {
        let hex = key.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        // Three bytes are four letters of base64: the last ones are cut, with their padding.
        [Base64::encode_string(&key[..30]), hex.to_uppercase(), hex]
    }

    /// Every file below a folder; a link is a file.
    fn files(folder: &Path) -> Vec<PathBuf> {
        let mut found = Vec::new();
        for entry in fs::read_dir(folder).into_iter().flatten() {
            let path = entry.unwrap().path();
            match path.is_dir() && !path.is_symlink() {
                true => found.extend(files(&path)),
                false => found.push(path),
            }
        }
        found
    }

    fn set_mode(path: &Path, mode: u32) {
        fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
    }

    #[test]
    fn no_command_leaks() {
        for mode in MODES {
            let mut project = Project::new(mode);
            project.run("render");
            assert_eq!(project.held.len(), PASSWORDS, "{mode}");
            for command in COMMANDS {
                for dress in DRESSES {
                    project.run(&format!("{command} {dress}"));
                    project.assert_private();
                }
            }
            assert_eq!(project.held.len(), PASSWORDS + 3 * DRESSES.len(), "{mode}");
            project.run_dressed("new site initech");
            project.run_dressed("new site umbrella --dedicated");
            fs::remove_file(project.path("sites/production/acme.yaml")).unwrap();
            for command in ["render", "secrets prune", "render --force", "secrets verify"] {
                project.run_dressed(command);
                project.assert_private();
            }
            // A site has two, and a server of its own one more.
            assert_eq!(project.held.len(), PASSWORDS + 3 * DRESSES.len() + 5, "{mode}");
            let rendered = files(&project.path("rendered"));
            let carried = |kind: &str| {
                let is_one = |path: &&PathBuf| path.to_string_lossy().contains(kind);
                rendered.iter().filter(is_one).collect::<Vec<_>>()
            };
            assert_eq!(carried("/secret-").len(), if mode == "sops" { 11 } else { 0 });
            let sealed = carried("/sealedsecret-");
            assert_eq!(sealed.len(), if mode == "sealed" { 11 } else { 0 });
            for path in sealed {
                let object: Value = serde_yaml::from_slice(&fs::read(path).unwrap()).unwrap();
                let name = text(&object["metadata"]["name"]);
                for (_, value) in unseal(&project.key, &object) {
                    let held = (format!("frappe/{name}"), String::from_utf8(value).unwrap());
                    assert!(project.held.contains(&held), "{name}");
                }
            }
        }
    }

    enum Obstacle {
        Folder,
        File(&'static str),
        /// To a folder that passwords must not reach.
        Link,
    }

    impl Obstacle {
        fn put(&self, project: &Project, path: &Path) {
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            match self {
                Obstacle::Folder => fs::create_dir(path).unwrap(),
                Obstacle::File(text) => fs::write(path, text).unwrap(),
                Obstacle::Link => {
                    fs::create_dir_all(project.path("beside")).unwrap();
                    symlink(project.path("beside"), path).unwrap();
                }
            }
        }

        fn remove(&self, path: &Path) {
            match self {
                Obstacle::Folder => fs::remove_dir_all(path).unwrap(),
                Obstacle::File(_) | Obstacle::Link => fs::remove_file(path).unwrap(),
            }
        }
    }

    fn obstructed(mode: &str) {
        use Obstacle::{File, Folder, Link};
        let template = "templates/secret/sealedsecret.yaml.j2";
        let encrypted = "templates/secret/secret.yaml.j2";
        let records = "sites/production/acme.secrets.yaml";
        for (path, obstacle) in [
            ("rendered", File("")),
            ("rendered", Link),
            ("rendered/production/acme/user.yaml", Folder),
            ("rendered/.sitewright-staging", File("")),
            ("sites/.sitewright-staging", File("")),
            ("sites/production/_sealing/2026-11.pem", File("no certificate\n")),
            ("sites/production/_sealing/first.age.pub", File("no recipient\n")),
            ("sites/production/acme.yaml", File("kind: Sight\n")),
            (records, Folder),
            (records, File("<<<<<<< HEAD\n")),
            (records, File("acme-admin:\n  password: {generation: no}\n")),
            (template, File("kind: SealedSecret\nmetadata:\n  name: {{ secret.nam }}\n")),
            (template, File("kind: {{ secret.sealed }}\n  broken: [\n")),
            (template, File("kind: Secret\nstringData: {a: {{ secret.sealed }}}\n")),
            (encrypted, File("kind: Secret\nmetadata:\n  name: {{ sops }}\n")),
            (encrypted, File("kind: Secret\nstringData: {{ sops.metadata }}\n")),
            (".sitewright", File("")),
            (".sitewright", Link),
            (PLAIN, File("")),
            (PLAIN, Link),
            (".sitewright/secrets/.gitignore", Folder),
            (".sitewright/secrets/production", Link),
            (".sitewright/secrets/production/acme", File("")),
            (".sitewright/secrets/production/acme", Link),
            (ADMIN, Folder),
            (ADMIN, Link),
            (".sitewright/secrets/production/acme/acme-admin.yaml.new", Folder),
        ] {
            let mut project = Project::new(mode);
            let (at, kept) = (project.path(path), project.aside.path().join("kept"));
            // There from the start, and come upon later.
            for commands in [&COMMANDS[..1], &COMMANDS] {
                if at.exists() {
                    fs::rename(&at, &kept).unwrap();
                }
                obstacle.put(&project, &at);
                commands.iter().for_each(|command| project.run_dressed(command));
                assert_eq!(files(&project.path("beside")), [] as [PathBuf; 0], "{path}");
                obstacle.remove(&at);
                if kept.exists() {
                    fs::rename(&kept, &at).unwrap();
                }
                let (code, said) = project.run("render --force");
                assert_eq!(code, Some(0), "{mode}, {path}: {said}");
                assert!(project.held.len() >= PASSWORDS, "{mode}, {path}");
            }
        }
    }

    #[test]
    fn nothing_in_the_way_makes_a_run_leak_clear_text() {
        obstructed("plain");
    }

    #[test]
    fn nothing_in_the_way_makes_a_run_leak_what_it_sealed() {
        obstructed("sealed");
    }

    #[test]
    fn nothing_in_the_way_makes_a_run_leak_what_it_encrypted() {
        obstructed("sops");
    }

    /// The only runs that read a private key: what it opens is nowhere, and neither is the key itself.
    #[test]
    fn an_identity_leaks_nothing() {
        let mut project = Project::new("sops");
        for name in ["first", "second"] {
            let file = fs::read_to_string(identity_file(name)).unwrap();
            let private = file.lines().last().unwrap();
            project.traces.extend([&private[..40], &private[34..]].map(str::to_owned));
        }
        project.run("render");
        let adopt = "secrets adopt rendered/production";
        // For another recipient, of other files than they were, and with a key that fits nothing.
        project.put("sites/production/_sealing/second.age.pub", &recipient("second"));
        for command in ["render", "secrets verify", "secrets list", adopt, "render", "diff"] {
            for dress in DRESSES {
                project.run(&format!("{command} {dress}"));
            }
        }
        let (code, said) = project.run("secrets verify");
        assert_eq!(code, Some(0), "{said}");
        let manifest = "rendered/production/acme/secret-admin.yaml";
        let sound = fs::read_to_string(project.path(manifest)).unwrap();
        let value = sound.lines().find(|line| line.starts_with("  password: ")).unwrap();
        for damaged in [
            sound.replace("data:", "data:AAAA"),
            sound.replace("mac: ENC", "mac: \u{1}ENC"),
            sound.replace("mac_only_encrypted: true", "mac_only_encrypted: false"),
            sound.replace("# Rendered", "# Copied"),
            sound.replace("lastmodified: \"2", "lastmodified: \"3"),
            sound.replace(value, &format!("{value}\n  other: {}", &value[12..])),
            sound.replace("BEGIN AGE", "BEGAN AGE"),
        ] {
            project.put("damaged.yaml", &damaged);
            for dress in DRESSES {
                project.run(&format!("secrets adopt damaged.yaml {dress}"));
            }
        }
        for other in ["second", "nobody"] {
            let mut command = Command::new(env!("CARGO_BIN_EXE_sitewright"));
            command.env("SOPS_AGE_KEY_FILE", identity_file(other));
            project.run_by(command, adopt, ADMIN);
        }
    }

    #[test]
    fn files_that_grow_too_large_leak_nothing() {
        for mode in MODES {
            let mut project = Project::new(mode);
            for round in 0..2 {
                // Blocks of 512 bytes: for nothing, for a Secret, for records, for some manifests.
                for blocks in [0, 1, 2, 4, 8] {
                    let script = format!(r#"trap "" XFSZ; ulimit -f {blocks}; exec "$0" "$@""#);
                    for command in ["render", "secrets rotate acme -v --format json"] {
                        let mut shell = Command::new("sh");
                        shell.args(["-c", &script, env!("CARGO_BIN_EXE_sitewright")]);
                        project.run_by(shell, command, ADMIN);
                        project.assert_private();
                    }
                }
                let (code, said) = project.run("render");
                assert_eq!(code, Some(0), "{mode}, round {round}: {said}");
            }
        }
    }

    /// The binary as a user whom permissions bind; none where this one cannot become such a user.
    fn as_nobody(project: &Project) -> Option<Command> {
        set_mode(project.aside.path(), 0o755);
        let copy = project.aside.path().join("sitewright");
        if !copy.exists() {
            program::copy(Path::new(env!("CARGO_BIN_EXE_sitewright")), &copy);
        }
        let mut command = Command::new(copy);
        if fs::metadata(project.root.path()).unwrap().uid() != 0 {
            return Some(command);
        }
        let mut probe = Command::new("true");
        if let Err(error) = probe.uid(NOBODY).gid(NOBODY).status() {
            let mut err = io::stderr();
            writeln!(err, "left out: read-only folders: no process for another user: {error}")
                .unwrap();
            return None;
        }
        command.uid(NOBODY).gid(NOBODY);
        let mut owned = Command::new("chown");
        owned.arg("-R").arg(format!("{NOBODY}:{NOBODY}"));
        let owned = owned.args([project.root.path(), project.temporary.path()]).status();
        assert!(owned.unwrap().success());
        Some(command)
    }

    #[test]
    fn what_is_read_only_leaks_nothing() {
        for mode in MODES {
            let folders = ["rendered", "rendered/production/acme", "sites", "sites/production"];
            let own = [".sitewright", PLAIN, ".sitewright/secrets/production/acme"];
            for folder in folders.into_iter().chain(own) {
                let mut project = Project::new(mode);
                let mut builder = fs::DirBuilder::new();
                builder.recursive(true).mode(0o700).create(project.path(folder)).unwrap();
                for commands in
                    [&["render"][..], &["secrets rotate acme", "render", "secrets verify"]]
                {
                    set_mode(&project.path(folder), 0o500);
                    for command in commands {
                        let Some(nobody) = as_nobody(&project) else { return };
                        project.run_by(nobody, command, ADMIN);
                    }
                    set_mode(&project.path(folder), 0o700);
                    let nobody = as_nobody(&project).unwrap();
                    let (code, said) = project.run_by(nobody, "render", ADMIN);
                    assert_eq!(code, Some(0), "{mode}, {folder}: {said}");
                }
                project.assert_private();
            }
        }
    }

    #[test]
    fn a_secret_that_is_no_sealed_one_is_refused_without_showing_it() {
        let mut project = Project::new("plain");
        project.run("render");
        let clear = fs::read_to_string(project.path(ADMIN)).unwrap();
        let line = clear.lines().find(|line| line.starts_with("  password: ")).unwrap();
        let value = line["  password: ".len()..].trim_matches('"');
        let taken = |entries: &str| {
            let metadata = "metadata:\n  name: acme-admin\n  namespace: frappe\n";
            format!("apiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\n{metadata}{entries}")
        };
        let sound = taken("spec:\n  encryptedData:\n    password: CLEAR\n").replace("CLEAR", value);
        for damaged in [
            clear.clone(),
            clear.replace(line, &format!("  password: {value}: x")),
            clear.replace(line, &format!("  password: \"{value}")),
            clear.replace(line, &format!("  password: \"\\q{value}\"")),
            clear.replace(line, &format!("  password: [{value}")),
            clear.replace(line, &format!("  password: &anchor {value}")),
            clear.replace(line, &format!("  password: !tag {value}")),
            clear.replace(line, &format!("  other: \"open\n{line}")),
            clear.replace(line, &format!("  - item\n{line}")),
            clear.replace(line, &format!("\tother: x\n{line}")),
            clear.replace(line, &format!("{line}\n{line}")),
            clear.replace(line, &format!("  {value}: {value}\n  {value}: x")),
            clear.replace(line, &format!("  password: |\n {value}\n   {value}")),
            clear.replace(line, &format!("  password: \u{1}{value}")),
            clear.replace("kind: Secret", "kind: SealedSecret"),
            clear.replace("stringData:", "stringData"),
            format!("{clear}---\n{clear}"),
            format!("{sound}---\n{clear}"),
            format!("{{\"kind\": \"Secret\", \"stringData\": {{\"password\": \"{value}\"}}}}"),
            sound.clone(),
            sound.replace(value, &format!("{{{value}: x}}")),
            sound.replace("    password: ", "    pass: "),
            sound.replace("encryptedData", "data"),
            sound.replace("  name: acme-admin\n", ""),
            sound.replace("  name: acme-admin", "  name: other-admin"),
            sound
                .replace("metadata:\n", "metadata:\n  annotations: {x: CLEAR}\n")
                .replace("CLEAR", value),
            taken(&format!("stringData: {{password: {value}}}\n")),
            taken("").replace('\n', ", ").replace("metadata:,", &format!("stringData: {value},")),
        ] {
            project.put(DAMAGED, &damaged);
            for dress in DRESSES {
                for from in ["-", DAMAGED] {
                    let binary = Command::new(env!("CARGO_BIN_EXE_sitewright"));
                    let adopt = format!("secrets adopt {from} {dress}");
                    let (code, said) = project.run_by(binary, &adopt, DAMAGED);
                    let place = if from == "-" { "standard input:" } else { "damaged.yaml:" };
                    let is_told = said.contains("SW710") && said.contains(place);
                    assert!(code == Some(2) && is_told, "{adopt}: {said}");
                }
            }
        }
    }

    #[test]
    fn git_sees_no_clear_text() {
        let mut project = Project::new("plain");
        project.git(&["init", "-q"]);
        for text in ["", "!*\n", "*\n!production\n"] {
            project.put(".sitewright/secrets/.gitignore", text);
            set_mode(&project.path(PLAIN), 0o755);
            project.run("render");
            project.run("secrets rotate acme");
            let listed = project.git(&["status", "--porcelain", "--untracked-files=all"]);
            assert!(listed.contains("sites/production/acme.secrets.yaml"), "{listed}");
            assert!(!listed.contains(".sitewright"), "{text:?}: {listed}");
            project.assert_private();
        }
        // What is tracked all the same gets no password, and every command is searched.
        project.git(&["add", "-f", PLAIN]);
        let held = project.held.len();
        COMMANDS.iter().for_each(|command| project.run_dressed(command));
        let (code, said) = project.run("secrets rotate acme");
        assert!(code == Some(2) && said.contains("SW711"), "{said}");
        assert_eq!(project.held.len(), held);
    }
}
