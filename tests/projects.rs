//! The sample projects hold what they say: their committed manifests are what a render would write,
//! and their definitions name the schemas that are committed.

#[cfg(test)]
mod samples;

#[cfg(test)]
mod tests {
    use super::samples::{Sample, files, samples};
    use sitewright::diagnostic::{self, Code, Place, Reported};
    use sitewright::gitops;
    use sitewright::language::{Kind, json_schema};
    use sitewright::output::Scope;
    use sitewright::project::{Project, Refused};
    use sitewright::secret::Missing;
    use std::collections::{BTreeMap, BTreeSet};
    use std::fs;
    use std::path::Path;

    type Tree = BTreeMap<String, Vec<u8>>;

    /// The paths at which two trees differ, or which only one of them has.
    fn differing<'t>(one: &'t Tree, other: &'t Tree) -> BTreeSet<&'t String> {
        let paths = one.keys().chain(other.keys());
        paths.filter(|path| one.get(*path) != other.get(*path)).collect()
    }

    /// What a render would write, and what would deliver it. Passwords of an example are made by whoever
    /// tries it.
    fn written(sample: &Sample) -> (Tree, Tree) {
        let read =
            Project::read(&sample.root).unwrap_or_else(|Refused { sources, diagnostics }| {
                panic!("{}: {}", sample.name, diagnostic::text(&diagnostics, &sources, false))
            });
        let Reported { value: project, diagnostics } = read;
        let everything = Scope::everything();
        let compiled = sitewright::compile(&project, Missing::Mint(&everything), diagnostics);
        let Reported { value: compiled, mut diagnostics } = compiled.unwrap();
        let made = compiled.passwords.minted.len();
        assert!(sample.name.starts_with("examples/") || made == 0, "{made} without a record");
        let delivery = gitops::files(&compiled.fleet, &compiled.with_manifests, &project);
        let delivery = delivery.add_to(&mut diagnostics);
        // A cluster whose version is a preview is warned of once, whatever is rendered.
        let (previews, diagnostics): (Vec<_>, Vec<_>) =
            diagnostics.into_iter().partition(|found| found.code == Code::Preview);
        let warned: Vec<_> = previews.into_iter().map(|found| found.place).collect();
        let clusters = compiled.fleet.clusters.iter();
        let of_previews = clusters.filter(|cluster| cluster.profiles.frappe.is_preview);
        let of_previews: Vec<_> =
            of_previews.map(|cluster| Place::Span(cluster.definition.span())).collect();
        assert_eq!(warned, of_previews, "{}: SW425", sample.name);
        let found = diagnostic::text(&diagnostics, &project.sources, false);
        assert_eq!(found, "", "{} renders without a word", sample.name);
        (compiled.files, delivery)
    }

    #[test]
    fn committed_manifests_are_what_render_writes() {
        for sample in samples() {
            let (rendered, delivery) = written(&sample);
            for (command, folder, wanted) in
                [("render", "rendered", rendered), ("gitops", "gitops", delivery)]
            {
                assert!(!wanted.is_empty(), "{} renders nothing", sample.name);
                let committed = files(&sample.root.join(folder));
                let differing = differing(&wanted, &committed);
                assert!(
                    differing.is_empty(),
                    "{}: `sitewright -C {} {command}` would change, add or not know {differing:#?}",
                    sample.name,
                    sample.root.display()
                );
            }
        }
    }

    /// One command makes the passwords, one puts it all on a cluster: the namespaces first, then the
    /// passwords where they are in clear text, then what an engine takes from Git where there is one.
    #[test]
    fn every_example_says_how_it_gets_to_a_cluster() {
        for sample in samples().iter().skip(1) {
            let name = &sample.name;
            let readme = fs::read_to_string(sample.root.join("README.md")).unwrap_or_default();
            let project = Project::read(&sample.root).unwrap().value;
            let (fleet, plans) = sitewright::fleet(&project).value;
            let mut wanted = vec![format!("    sitewright -C {name} render\n")];
            for entry in fs::read_dir(sample.root.join("rendered")).unwrap() {
                let cluster = entry.unwrap().file_name().into_string().unwrap();
                let definition = sample.root.join(format!("sites/{cluster}/_cluster.yaml"));
                let definition = fs::read_to_string(definition).unwrap();
                let by_hand = !definition.contains("engine: ");
                // In a store, or encrypted among the manifests.
                let elsewhere = ["external", "sops"].map(|mode| format!("mode: {mode}\n"));
                let elsewhere = elsewhere.iter().any(|mode| definition.contains(mode));
                let has_passwords = plans.of(&fleet).iter().any(|planned| {
                    let is_here = fleet.cluster(planned.unit.common()).name == cluster;
                    is_here && planned.secrets.iter().any(|secret| secret.ours)
                });
                let secrets = format!("{name}/.sitewright/secrets/{cluster}");
                let parts = [
                    (true, format!("{name}/gitops/{cluster}")),
                    (has_passwords && !elsewhere, secrets),
                    (by_hand, format!("{name}/rendered/{cluster}")),
                ];
                let parts = parts.iter().filter(|(is_needed, _)| *is_needed);
                let parts: String =
                    parts.map(|(_, part)| format!(" \\\n      -f {part}")).collect();
                wanted.push(format!(
                    "    kubectl apply --server-side --field-manager=sitewright -R{parts}\n"
                ));
            }
            for command in wanted {
                assert!(readme.contains(&command), "{name}: README.md lacks\n{command}");
            }
        }
    }

    /// An editor follows the path in the first line, so it must lead to the schema of the kind.
    #[test]
    fn every_definition_names_its_schema() {
        let repository = Path::new(env!("CARGO_MANIFEST_DIR"));
        for sample in samples() {
            let sites = sample.root.join("sites");
            let definitions = files(&sites).into_iter();
            for (path, bytes) in definitions
                .filter(|(path, _)| path.ends_with(".yaml") && !path.ends_with(".secrets.yaml"))
            {
                let text = String::from_utf8(bytes).unwrap();
                let shown = format!("{}: sites/{path}", sample.name);
                let first = text.lines().next().unwrap_or_default();
                let Some(schema) = first.strip_prefix("# yaml-language-server: $schema=") else {
                    panic!("{shown}: the first line names no schema");
                };
                let kind = text.lines().find_map(|line| line.strip_prefix("kind: ")).unwrap();
                let expected = repository
                    .join("docs/schema")
                    .join(format!("{}.json", kind.to_ascii_lowercase()));
                let folder = sites.join(&path).parent().unwrap().to_owned();
                let named = folder.join(schema).canonicalize().ok();
                assert_eq!(named, expected.canonicalize().ok(), "{shown}: {schema}");
                assert!(named.is_some(), "{shown}: there is no {schema}");
            }
        }
    }

    /// A copy of a built-in template goes stale silently, unless somebody compares.
    #[test]
    fn the_custom_template_is_the_built_in_one_with_an_include() {
        let repository = Path::new(env!("CARGO_MANIFEST_DIR"));
        let own = repository.join("examples/custom-template/templates/mariadb/mariadb.yaml.j2");
        let own = fs::read_to_string(own).unwrap();
        let (more, same): (Vec<&str>, Vec<&str>) =
            own.lines().partition(|line| line.contains("include"));
        let built_in = fs::read_to_string(repository.join("templates/mariadb/mariadb.yaml.j2"));
        assert_eq!(same, built_in.unwrap().lines().collect::<Vec<_>>());
        assert_eq!(more.len(), 1, "{more:?}");
    }

    #[test]
    fn committed_schemas_are_what_schema_writes() {
        let committed = files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/schema"));
        let wanted: Tree = Kind::ALL
            .into_iter()
            .map(|kind| (kind.schema_file(), format!("{:#}\n", json_schema(kind)).into_bytes()))
            .collect();
        let differing = differing(&wanted, &committed);
        assert!(
            differing.is_empty(),
            "`sitewright schema --out docs/schema` would change {differing:?}"
        );
    }
}
