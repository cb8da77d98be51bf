//! Input that files in Git cannot hold well: bytes that are no text, files of odd types, sizes and
//! permissions. Each is refused with one clear diagnostic, at once, and `rendered/` stays as it was.

#[cfg(test)]
mod program;
#[cfg(test)]
mod refusal;

#[cfg(test)]
mod tests {
    use crate::program;
    use crate::refusal::{Project, binary};
    use std::fs;
    use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
    use std::os::unix::process::CommandExt;
    use std::path::Path;
    use std::process::Command;
    use std::time::{Duration, Instant};

    const CLUSTER: &str = "kind: Cluster\n\
                           operators: {frappe: \"2.6\", mariadb: \"26.6\"}\n\
                           namespace: frappe\n";
    const ACME: &str = "sites/production/acme.yaml";
    const SITE: &str = "kind: Site\nsiteName: erp.acme.com\n";

    /// A project of a cluster, with manifests rendered before.
    fn project() -> Project {
        let project = Project::new();
        project.put("sites/production/_cluster.yaml", CLUSTER);
        project.put_rendered();
        project
    }

    /// `code file:line:column message` of each diagnostic that the project gives.
    fn refusals(project: &Project) -> Vec<String> {
        let started = Instant::now();
        let diagnostics = project.refused();
        let took = started.elapsed();
        assert!(took < Duration::from_secs(5), "it took {took:?}");
        diagnostics.iter().map(line).collect()
    }

    fn line(diagnostic: &serde_json::Value) -> String {
        let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
        assert!(diagnostic["help"].is_string(), "no help: {diagnostic}");
        let place = &diagnostic["place"];
        let at = match place["line"].is_null() {
            true => String::new(),
            false => format!(":{}:{}", place["line"], place["column"]),
        };
        let (code, file) = (text(&diagnostic["code"]), text(&place["file"]));
        format!("{code} {file}{at} {}", text(&diagnostic["message"]))
    }

    /// What is said about a file of these bytes.
    fn of_bytes(bytes: impl AsRef<[u8]>) -> Vec<String> {
        let project = project();
        project.put(ACME, bytes);
        refusals(&project)
    }

    /// Annotations of two layers, of so many bytes with their keys.
    fn annotated(field: &str, defaults: usize, site: usize) -> Project {
        let text = |bytes: usize| "x".repeat(bytes - "acme.com/a".len());
        let project = project();
        let stated = |key: &str, bytes: usize| match field {
            "annotations" => format!("annotations: {{acme.com/{key}: {}}}\n", text(bytes)),
            _ => format!("ingress: {{annotations: {{acme.com/{key}: {}}}}}\n", text(bytes)),
        };
        project.put("sites/production/b.yaml", "kind: Bench\nmanaged: false\n");
        project.put("sites/production/db.yaml", "kind: DatabaseServer\nmanaged: false\n");
        let below = "bench: b\n  apps: [erpnext]\n  database: {server: db}\n  ";
        let defaults = format!("kind: Defaults\nsite:\n  {below}{}", stated("a", defaults));
        project.put("sites/production/_defaults.yaml", defaults);
        project.put(ACME, format!("{SITE}{}", stated("b", site)));
        project
    }

    #[test]
    fn annotations_of_more_than_an_object_can_have_are_refused() {
        const HALF: usize = 126 << 10;
        for (field, column) in [("annotations", 29), ("ingress.annotations", 39)] {
            let said = refusals(&annotated(field, HALF, HALF + 1));
            let place = format!(
                "SW104 sites/production/_defaults.yaml:6:{column} `{field}` has 258049 bytes"
            );
            assert!(said.len() == 1 && said[0].starts_with(&place), "{said:?}");
            let most = annotated(field, HALF, HALF);
            fs::remove_dir_all(most.path("rendered")).unwrap();
            let output = most.render(&binary(), &[]).output().unwrap();
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        }
    }

    #[test]
    fn a_file_that_is_not_utf_8_is_refused() {
        assert_eq!(
            of_bytes([SITE.as_bytes(), b"labels: {team: K\xf6ln}\n"].concat()),
            ["SW002 sites/production/acme.yaml:3:17 the file is not UTF-8"]
        );
        // UTF-16, as some editors save it.
        assert_eq!(
            of_bytes(b"\xff\xfek\0i\0n\0d\0"),
            ["SW002 sites/production/acme.yaml:1:1 the file is not UTF-8"]
        );
    }

    #[test]
    fn a_byte_order_mark_is_refused() {
        assert_eq!(
            of_bytes(format!("\u{feff}{SITE}")),
            ["SW003 sites/production/acme.yaml:1:1 the file starts with a byte order mark"]
        );
    }

    #[test]
    fn a_nul_byte_is_refused() {
        assert_eq!(
            of_bytes("kind: Site\nsiteName: erp\0.acme.com\n"),
            ["SW010 sites/production/acme.yaml:2:14 YAML does not allow the character U+0000"]
        );
    }

    #[test]
    fn a_file_of_2_mib_is_refused() {
        let filler = "# a comment of 32 characters.....\n".repeat(2 * 1024 * 32);
        assert!(filler.len() >= 2 << 20);
        assert_eq!(
            of_bytes(filler + SITE),
            ["SW004 sites/production/acme.yaml the file is larger than 1 MiB"]
        );
    }

    #[test]
    fn nesting_100_000_levels_deep_is_refused() {
        for (text, place) in [
            // The map of the file is level 1. Brackets are scanned ahead of what they mean.
            (format!("kind: Site\nlabels: {}", "[".repeat(100_000)), "2:73"),
            (format!("kind: Site\nlabels: {}", "{a: ".repeat(100_000)), "2:261"),
            (format!("kind: Site\nlabels:\n{}", "- ".repeat(100_000)), "3:127"),
        ] {
            assert_eq!(
                of_bytes(text),
                [format!("SW015 {ACME}:{place} nested deeper than 64 levels")]
            );
        }
    }

    #[test]
    fn an_alias_bomb_is_refused_at_its_first_anchor() {
        let mut text = String::from("kind: Site\nlabels:\n  a0: &a0 [x, x]\n");
        for level in 1..60 {
            let below = level - 1;
            text += &format!("  a{level}: &a{level} [*a{below}, *a{below}]\n");
        }
        assert_eq!(
            of_bytes(text),
            ["SW014 sites/production/acme.yaml:3:7 an anchor is not allowed"]
        );
    }

    #[test]
    fn a_very_long_line_is_shown_and_costs_nothing() {
        let name = "a".repeat(1 << 19);
        let project = project();
        project.put(ACME, format!("kind: Site\nsiteName: {name}\n"));
        assert_eq!(
            refusals(&project),
            ["SW104 sites/production/acme.yaml:2:11 \
              524288 characters are too many for a siteName: it has at most 253"]
        );
    }

    /// Windows' line ends mean the same everywhere, so only the real mistake is reported.
    #[test]
    fn line_ends_of_windows_are_no_mistake() {
        assert_eq!(
            of_bytes("kind: Site\r\nsiteName: erp.acme.com\r\nstorageSize: 20Gi\r\n"),
            ["SW102 sites/production/acme.yaml:3:1 unknown key `storageSize`"]
        );
    }

    #[test]
    fn a_site_name_of_260_characters_is_refused() {
        let name = format!("{}.com", "a.".repeat(128));
        assert_eq!(name.len(), 260);
        assert_eq!(
            of_bytes(format!("kind: Site\nsiteName: {name}\n")),
            ["SW104 sites/production/acme.yaml:2:11 \
              260 characters are too many for a siteName: it has at most 253"]
        );
    }

    #[test]
    fn file_names_that_are_no_dns_labels_are_refused() {
        for name in ["acme corp", "ACME", "acme_corp", "-acme", "acme-", "ac\nme", "äcme", "a.b"] {
            let project = project();
            let path = format!("sites/production/{name}.yaml");
            project.put(&path, SITE);
            assert_eq!(
                refusals(&project),
                [format!(
                    "SW006 {path} the file name becomes the object's name, but `{name}` is not a DNS label"
                )]
            );
        }
        let long = "a".repeat(64);
        let project = project();
        project.put(&format!("sites/production/{long}.yaml"), SITE);
        assert_eq!(
            refusals(&project),
            [format!(
                "SW006 sites/production/{long}.yaml the file name becomes the object's name, but \
                 64 characters are too many for a DNS label: it has at most 63"
            )]
        );
    }

    /// Other systems do not let anyone make such a name.
    #[cfg(target_os = "linux")]
    #[test]
    fn a_file_name_that_is_not_utf_8_is_refused() {
        let project = project();
        let name = <std::ffi::OsStr as std::os::unix::ffi::OsStrExt>::from_bytes(b"acm\xe9.yaml");
        fs::write(project.path("sites/production").join(name), SITE).unwrap();
        assert_eq!(
            refusals(&project),
            ["SW006 sites/production/acm\u{fffd}.yaml `acm\u{fffd}.yaml` is not UTF-8"]
        );
    }

    #[test]
    fn a_symbolic_link_is_refused() {
        let project = project();
        project.put("elsewhere/acme.yaml", SITE);
        let here = project.path("sites/production");
        symlink("../../elsewhere/acme.yaml", here.join("acme.yaml")).unwrap();
        symlink("nowhere.yaml", here.join("dangling.yaml")).unwrap();
        symlink("../../elsewhere", here.join("folder")).unwrap();
        symlink("..", here.join("loop")).unwrap();
        assert_eq!(
            refusals(&project),
            ["acme.yaml", "dangling.yaml", "folder", "loop"]
                .map(|name| format!("SW005 sites/production/{name} `{name}` is a symbolic link"))
        );
    }

    #[test]
    fn a_project_that_leads_elsewhere_is_refused() {
        for name in ["sites", "templates", "sitewright.yaml"] {
            let project = project();
            fs::create_dir_all(project.path("templates")).unwrap();
            project.put("sitewright.yaml", "kind: Project\n");
            fs::rename(project.path(name), project.path("elsewhere")).unwrap();
            symlink("elsewhere", project.path(name)).unwrap();
            let expected = format!("SW005 {name} `{name}` is a symbolic link");
            assert_eq!(refusals(&project), [expected], "{name}");
        }
    }

    #[test]
    fn what_refers_to_a_file_that_was_not_read_is_no_second_mistake() {
        let project = project();
        project.put("bench.yaml", "kind: Bench\nmanaged: false\n");
        symlink("../../bench.yaml", project.path("sites/production/erpnext-v15.yaml")).unwrap();
        project.put("sites/production/db.yml", "kind: DatabaseServer\nmanaged: false\n");
        project.put("sites/production/_plan.yaml", "kind: Plan\n");
        let uses = "bench: erpnext-v15\nplan: plan\ndatabase: {server: db}\n";
        project.put(ACME, format!("{SITE}{uses}"));
        assert_eq!(
            refusals(&project),
            [
                "SW007 sites/production/_plan.yaml \
                 `_plan.yaml` is neither `_defaults.yaml` nor `_cluster.yaml`",
                "SW007 sites/production/db.yml sitewright does not read a file with the name `db.yml`",
                "SW005 sites/production/erpnext-v15.yaml `erpnext-v15.yaml` is a symbolic link",
            ]
        );
    }

    /// A FIFO without a writer would be read for ever.
    #[test]
    fn a_fifo_is_refused() {
        let project = project();
        let made = Command::new("mkfifo").arg(project.path(ACME)).status().unwrap();
        assert!(made.success());
        assert_eq!(
            refusals(&project),
            ["SW001 sites/production/acme.yaml cannot be read: it is not a regular file"]
        );
    }

    #[test]
    fn a_fifo_among_the_templates_is_refused() {
        let project = project();
        project.put("templates/mariadb/_part.j2", "");
        let fifo = "templates/mariadb/_pipe.j2";
        assert!(Command::new("mkfifo").arg(project.path(fifo)).status().unwrap().success());
        assert_eq!(
            refusals(&project),
            [format!("SW001 {fifo} cannot be read: it is not a regular file")]
        );
    }

    #[test]
    fn a_folder_with_the_name_of_a_definition_is_refused() {
        let project = project();
        fs::create_dir(project.path(ACME)).unwrap();
        project.put("sites/production/acme.yaml/gold.yaml", "kind: Plan\n");
        assert_eq!(
            refusals(&project),
            ["SW006 sites/production/acme.yaml `acme.yaml` is not a DNS label"]
        );
    }

    #[test]
    fn settings_that_are_no_file_are_refused() {
        let project = project();
        fs::create_dir(project.path("sitewright.yaml")).unwrap();
        assert_eq!(
            refusals(&project),
            ["SW001 sitewright.yaml cannot be read: it is not a regular file"]
        );
    }

    #[test]
    fn folders_17_deep_are_refused() {
        let project = project();
        let folders = ["a"; 17].join("/");
        project.put(&format!("sites/production/{folders}/acme.yaml"), SITE);
        let shown = format!("sites/production/{}", ["a"; 16].join("/"));
        assert_eq!(
            refusals(&project),
            [format!("SW007 {shown} folders are nested deeper than 16 levels")]
        );
    }

    #[test]
    fn sites_that_are_a_file_are_refused() {
        let project = Project::new();
        project.put("sites", SITE);
        project.put_rendered();
        assert_eq!(refusals(&project), ["SW201 sites `sites` is not a folder"]);
    }

    /// A project that renders, so that the output is what is wrong with it.
    fn good_project() -> Project {
        let project = Project::new();
        project.put("sites/production/_cluster.yaml", CLUSTER);
        project.put(
            "sites/production/frappe-mariadb.yaml",
            "kind: DatabaseServer\nstorageSize: 50Gi\n",
        );
        project
    }

    #[test]
    fn an_output_that_is_a_file_is_refused() {
        let project = good_project();
        project.put("rendered", "mine\n");
        assert_eq!(refusals(&project), ["SW601 rendered `rendered` is a file, not a folder"]);
    }

    /// The user `nobody`, whom permissions hold even where the tests run as root.
    const NOBODY: u32 = 65534;

    /// What the binary says when `nobody` runs it, or when the tests' own user is no more than that.
    fn refusals_to_nobody(project: &Project) -> Vec<String> {
        let is_root = fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0);
        let program = project.path("sitewright");
        program::copy(&binary(), &program);
        set_mode(&project.path(""), 0o755);
        let mut command = project.render(&program, &["--format", "json"]);
        if is_root {
            command.uid(NOBODY).gid(NOBODY);
        }
        project.refused_by(command).iter().map(line).collect()
    }

    fn set_mode(path: &Path, mode: u32) {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    }

    #[test]
    fn an_unreadable_file_is_refused() {
        let project = project();
        project.put(ACME, SITE);
        set_mode(&project.path(ACME), 0o000);
        assert_eq!(
            refusals_to_nobody(&project),
            ["SW001 sites/production/acme.yaml cannot be read: Permission denied (os error 13)"]
        );
    }

    #[test]
    fn an_unreadable_folder_is_refused() {
        let project = project();
        project.put("sites/production/retail/acme.yaml", SITE);
        let folder = project.path("sites/production/retail");
        set_mode(&folder, 0o000);
        let found = refusals_to_nobody(&project);
        set_mode(&folder, 0o755);
        assert_eq!(
            found,
            ["SW001 sites/production/retail cannot be read: Permission denied (os error 13)"]
        );
    }

    #[test]
    fn a_read_only_output_is_refused() {
        let project = good_project();
        project.put_rendered();
        let folder = project.path("rendered");
        set_mode(&folder, 0o555);
        let found = refusals_to_nobody(&project);
        set_mode(&folder, 0o755);
        assert_eq!(
            found,
            ["SW602 rendered `rendered` cannot be written: Permission denied (os error 13)"]
        );
    }
}
