//! Renders whole fleets both ways, with outlines and without, and compares every byte.

use super::render;
use crate::diagnostic::{self, Reported, any_error};
use crate::naming::{NameInputs, Scheme};
use crate::outline::Outlines;
use crate::output::{Collect, Discard, Files, Scope};
use crate::plan::Plans;
use crate::project::Project;
use crate::secret::{Missing, Passwords};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Texts that a YAML reader could take for something else, and texts that need a literal block,
/// quotes or escapes.
const HOSTILE: [&str; 24] = [
    "",
    " ",
    " a ",
    "no",
    "null",
    "1",
    "0o17",
    "1e3",
    "12:30:00",
    "2026-01-01",
    "-",
    "- x",
    "a: b",
    "a #b",
    "{{ site.name }}",
    "\"a\" 'b' \\",
    "*a",
    "|",
    "\n",
    "a\nb\n",
    "  a\n\tb\n\n",
    "a\r\nb",
    "é\u{a0}\u{85}\u{2028}😀",
    "---\nb: 1",
];

/// The number of sites in each cluster of the generated fleet.
const SITES: usize = 96;

fn put(root: &Path, path: &str, text: &str) {
    let path = root.join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

/// The names of the templates that have an outline.
type Outlined = BTreeSet<&'static str>;

/// Renders a project both ways. Returns its files and the templates that got an outline.
#[track_caller]
fn rendered_both_ways(root: &Path) -> (Files, Outlined) {
    let Reported { value: project, diagnostics: mut problems } = Project::read(root).unwrap();
    let (fleet, plans) = crate::fleet(&project).add_to(&mut problems);
    let everything = Scope::everything();
    let passwords = Passwords::new(
        crate::settle(&project, &fleet, &plans, &Discard),
        Missing::Mint(&everything),
        &project.root,
        &fleet,
        &project.certificates,
    )
    .add_to(&mut problems);
    let outlines = Outlines::new(&project.templates);
    let [fast, whole] = [&outlines, &Outlines::default()].map(|it| {
        let rendered = render(it, &fleet, Plans::new(&fleet), &project, &passwords, &Collect);
        rendered.add_to(&mut problems)
    });
    let text = diagnostic::text(&problems, &project.sources, false);
    assert!(!any_error(&problems), "{}: {text}", root.display());
    assert!(fast.objects > 0 && fast.objects == whole.objects, "{}", root.display());
    assert!(fast.files.keys().eq(whole.files.keys()), "{}", root.display());
    for (path, bytes) in &fast.files {
        let [fast, whole] = [bytes, &whole.files[path]].map(|it| String::from_utf8_lossy(it));
        assert_eq!(fast, whole, "{}/{path}", root.display());
    }
    (fast.files, outlines.templates())
}

#[test]
fn the_sample_project_and_every_example() {
    let repository = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let examples = fs::read_dir(repository.join("examples")).unwrap();
    let mut roots: Vec<_> = examples.map(|entry| entry.unwrap().path()).collect();
    roots.retain(|root| root.is_dir());
    assert!(roots.len() > 5);
    roots.push(repository);
    for root in roots {
        let (_, outlined) = rendered_both_ways(&root);
        // This example has only sites with a port, which their template writes through a filter.
        let is_bare = root.ends_with("existing-database");
        assert_eq!(outlined.is_empty(), is_bare, "{}", root.display());
    }
}

/// The fleet of the benches. Each of its clusters seals the passwords for another operator version.
#[test]
fn a_fleet_as_a_hoster_has_it() {
    let root = tempfile::tempdir().unwrap();
    fleet::write(root.path(), 200).unwrap();
    let (_, outlined) = rendered_both_ways(root.path());
    assert_eq!(
        outlined.into_iter().collect::<Vec<_>>(),
        [
            "frappe/frappesite.yaml.j2",
            "mariadb/database.yaml.j2",
            "mariadb/grant.yaml.j2",
            "mariadb/mariadb.yaml.j2",
            "mariadb/user.yaml.j2",
            "secret/sealedsecret.yaml.j2",
        ]
    );
}

#[test]
fn a_fleet_of_all_modes_with_hostile_values() {
    let root = tempfile::tempdir().unwrap();
    generate(root.path());
    let (files, outlined) = rendered_both_ways(root.path());
    // Every template of a site or a password has one, but for that whose labels and annotations are
    // values.
    for template in fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/templates/secret")).unwrap()
    {
        let name = template.unwrap().file_name().into_string().unwrap();
        let is_outlined = outlined.contains(format!("secret/{name}").as_str());
        assert_eq!(is_outlined, name != "secret.yaml.j2", "{name}");
    }
    for name in ["database", "user", "grant", "mariadb", "backup"] {
        assert!(outlined.contains(format!("mariadb/{name}.yaml.j2").as_str()), "{name}");
    }
    assert!(outlined.contains("frappe/frappesite.yaml.j2"));
    assert!(files.len() > 3 * CLUSTERS.len() * SITES, "{}", files.len());
}

/// Templates that have no outline, an outline for a part of the objects, or a hole in every place
/// where one may be.
#[test]
fn custom_templates() {
    let root = tempfile::tempdir().unwrap();
    generate(root.path());
    let built_in = |name: &str| {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("templates");
        fs::read_to_string(folder.join(name)).unwrap()
    };
    for (name, more) in [
        // Everything that an outline can have.
        (
            "mariadb/database.yaml.j2",
            "  # a comment\n{# a note #}\n  x: [{{ site.siteName }}, {{ site.apps }}, { {{ site.name }}: {{ site.tls }} }]\n  \
             w:\n    {{ site.name }}:\n      - {{ site.ingress }}\n      - - {{ site.siteName ~ \"\\n\" ~ site.name }}\n\
             {% if site.ingress.className == \"nginx\" or not site.tls.enabled %}\nz: {{ cluster.name }}\n{% endif %}\n",
        ),
        // A value that is part of a text, so that only some values can change the tree.
        ("mariadb/user.yaml.j2", "  x: -{{ site.name }}\n"),
        // A loop, and a filter.
        (
            "mariadb/grant.yaml.j2",
            "  x:\n{% for app in site.apps or [] %}\n    - {{ app | upper }}\n{% endfor %}\n    - {{ site.name }}\n",
        ),
        // A variable of its own for some of the sites.
        (
            "mariadb/mariadb.yaml.j2",
            "{% if instance.metrics %}\n{% set x = instance.name %}\n  x: {{ x }}\n{% endif %}\n",
        ),
        // A value where a comment ends.
        ("secret/sealedsecret.yaml.j2", "# {{ secret.name }}\n"),
    ] {
        put(root.path(), &format!("templates/{name}"), &(built_in(name) + more));
    }
    // Labels and annotations of the template, before everything else.
    let metadata = "metadata:\n  annotations:\n    example.com/site: {{ site.siteName }}\n";
    let site = built_in("frappe/frappesite.yaml.j2").replacen("metadata:\n", metadata, 1);
    put(root.path(), "templates/frappe/frappesite.yaml.j2", &site);
    let (files, outlined) = rendered_both_ways(root.path());
    assert!(outlined.contains("mariadb/database.yaml.j2"), "{outlined:?}");
    assert!(outlined.contains("mariadb/mariadb.yaml.j2"), "{outlined:?}");
    for name in ["mariadb/user", "mariadb/grant", "secret/sealedsecret", "frappe/frappesite"] {
        assert!(!outlined.contains(format!("{name}.yaml.j2").as_str()), "{outlined:?}");
    }
    assert!(files.len() > 3 * CLUSTERS.len() * SITES, "{}", files.len());
}

/// A cluster: its name, its operators, its engine and where its passwords are.
const CLUSTERS: [(&str, &str, &str, &str, &str); 5] = [
    ("sealed", "2.6", "26.6", "{engine: flux}", "{mode: sealed}"),
    ("plain", "2.5", "25.10", "{engine: argocd}", "{mode: plain}"),
    ("old", "2.3", "26.6", "{}", "{mode: plain}"),
    (
        "external",
        "2.6",
        "25.10",
        "{engine: flux}",
        "{mode: external, external: {store: {name: vault}}}",
    ),
    ("sops", "2.6", "26.6", "{engine: flux}", "{mode: sops}"),
];

/// Writes a fleet with all modes, whose free texts are hostile.
fn generate(root: &Path) {
    for (cluster, frappe, mariadb, gitops, secrets) in CLUSTERS {
        let text = format!(
            "kind: Cluster\noperators: {{frappe: \"{frappe}\", mariadb: \"{mariadb}\"}}\ngitops: {gitops}\n\
             namespace: erp\nsecrets: {secrets}\n"
        );
        put(root, &format!("sites/{cluster}/_cluster.yaml"), &text);
        let certificate = include_str!("../../sites/frankfurt/_sealing/2026-11.pem");
        if cluster == "sealed" {
            put(root, "sites/sealed/_sealing/2026-11.pem", certificate);
        }
        let recipient = include_str!("../../examples/sops/sites/production/_sealing/flux.age.pub");
        if cluster == "sops" {
            put(root, "sites/sops/_sealing/flux.age.pub", recipient);
        }
        let defaults =
            "kind: Defaults\nsite: {bench: bench, apps: [erpnext], database: {server: db}}\n";
        put(root, &format!("sites/{cluster}/_defaults.yaml"), defaults);
        let bench =
            "kind: Bench\nfrappeVersion: version-16\napps: [{name: erpnext, source: image}]\n";
        put(root, &format!("sites/{cluster}/bench.yaml"), bench);
        let server = "kind: DatabaseServer\nstorageSize: 1Ti\nmaxConnections: 100000\n";
        put(root, &format!("sites/{cluster}/db.yaml"), server);
        let outside = format!(
            "kind: DatabaseServer\nexternal: {{host: {cluster}.example.com, tls: {{enabled: false}}}}\n"
        );
        if frappe != "2.5" {
            put(root, &format!("sites/{cluster}/outside.yaml"), &outside);
        }
        for number in 0..SITES {
            let (name, site_name) = (name(number), site_name(number));
            let subject =
                NameInputs { cluster, namespace: "erp", name: &name, site_name: &site_name };
            // Older versions of frappe-operator cannot name every site.
            if frappe == "2.6" || Scheme::FrappeOperator23.sql_name(subject).is_ok() {
                put(root, &format!("sites/{cluster}/{name}.yaml"), &site(number, frappe));
            }
        }
    }
}

/// Names that YAML reads as numbers, words of YAML, and plain names.
fn name(number: usize) -> String {
    let start = ["s", "no-", "x--", "null-"][number % 4];
    format!("{start}{number}")
}

fn site_name(number: usize) -> String {
    format!("{number}.{}e3", number % 10)
}

fn site(number: usize, frappe: &str) -> String {
    // What ends a line in YAML 1.1 must be an escape.
    let quoted = |text: &str| {
        let text = serde_json::to_string(text).unwrap();
        text.replace('\u{85}', "\\u0085").replace('\u{2028}', "\\u2028")
    };
    let hostile = |offset: usize| quoted(HOSTILE[(number + offset) % HOSTILE.len()]);
    let mut text = format!(
        "kind: Site\nsiteName: {}\nlabels: {{\"1\": {}, \"no\": \"\"}}\n\
         annotations: {{\"example.com/a\": {}, \"y\": {}}}\n\
         ingress: {{annotations: {{\"n\": {}, \"0\": {}}}}}\n",
        quoted(&site_name(number)),
        quoted(["true", "0", "1.5", "x"][number % 4]),
        hostile(0),
        hostile(5),
        hostile(9),
        hostile(17),
    );
    match number % 6 {
        1 => {
            text += &format!(
                "database:\n  mode: dedicated\n  myCnf: {{ft_stopword_file: {}}}\n",
                quoted(["1", "no", "a b", "0x1"][number % 4])
            );
            if number % 4 == 1 {
                text += "  metrics: {enabled: true}\n";
            }
        }
        2 if frappe != "2.5" => text += "database: {mode: external, server: outside}\n",
        3 if frappe == "2.5" => {
            text += &format!(
                "database: {{mode: external, connection: {{secretName: \"{number}\", host: h.example.com, port: 3306}}}}\n"
            );
        }
        4 => {
            text += "backup: {schedule: \"0 3 * * *\", storage: {persistentVolumeClaim: {size: 1Gi}}}\n";
        }
        5 => text += "lifecycle: retired\n",
        _ => {}
    }
    if number % 5 == 2 {
        text += "tls: {enabled: true, issuer: \"1\"}\n";
    }
    if number % 7 == 3 {
        text += "protect: false\n";
    }
    text
}

#[path = "../../benches/support/fleet.rs"]
mod fleet;
