//! What a diff compares with, and how it ends.

use crate::scenarios::{LEVELS, level};
use crate::support::{ACME, BIG, DB, Project};
use serde_json::Value;
use std::fs;

fn committed() -> Project {
    let project = Project::new();
    project.git("init -q -b main");
    project.git("add -A");
    project.git("commit -q -m first");
    project
}

#[test]
fn a_revision_is_read_without_a_checkout() {
    let project = committed();
    project.edit(DB, "100Gi", "200Gi");
    project.run("render -q", 0);
    // The working tree is as it should be; the change is against the commit.
    assert_eq!(project.diff("")["definitions"].as_array().unwrap().len(), 0);
    let before = project.git("status --porcelain");
    for base in ["HEAD", "main", "main..."] {
        let result = project.diff(&format!("--base {base}"));
        assert_eq!(result["definitions"][0]["definition"], "eu/db", "{base}");
        assert_eq!(result["counts"]["rollout"], 1);
    }
    assert_eq!(project.git("status --porcelain"), before);
    // What others merged since this branch left is no change of this branch.
    project.git("checkout -q -b feature");
    project.git("commit -q -a -m second");
    project.git("checkout -q main");
    project.append(ACME, "domain: shop.acme.com\n");
    project.run("render -q", 0);
    project.git("commit -q -a -m third");
    project.git("checkout -q feature");
    assert_eq!(project.diff("--base main")["definitions"].as_array().unwrap().len(), 2);
    assert_eq!(project.diff("--base main...")["definitions"].as_array().unwrap().len(), 1);
}

#[test]
fn a_project_may_be_a_folder_of_a_repository() {
    let project = Project::new();
    let fleet = project.path("deep/fleet");
    fs::create_dir_all(&fleet).unwrap();
    for name in ["sites", "rendered"] {
        fs::rename(project.path(name), fleet.join(name)).unwrap();
    }
    project.git("init -q -b main");
    project.git("add -A");
    project.git("commit -q -m first");
    project.edit("deep/fleet/sites/eu/db.yaml", "100Gi", "200Gi");
    let said = project.run("-C deep/fleet diff --base HEAD", 0);
    assert!(said.contains("spec.storage.size: 100Gi → 200Gi"), "{said}");
    assert!(said.contains("definitions: 1 changed; risks: 1 rollout"), "{said}");
}

#[test]
fn a_file_of_others_is_shown_until_the_base_allows_it() {
    let project = committed();
    let policy = "kind: NetworkPolicy\napiVersion: networking.k8s.io/v1\nmetadata: {name: extra}\n";
    project.put("rendered/eu/extra/policy.yaml", policy);
    project.run("check -q", 1);
    project.put("sitewright.yaml", "kind: Project\nallowForeign: [eu/extra/*.yaml]\n");
    project.run("check", 0);
    // The change that allows it shows it, to be read once.
    let said = project.run("diff --base HEAD", 0);
    assert!(said.contains("File policy.yaml"), "{said}");
    project.git("add -A");
    project.git("commit -q -m allowed");
    project.append("rendered/eu/extra/policy.yaml", "spec: {podSelector: {}}\n");
    assert!(project.run("diff --base HEAD", 0).contains("no changes"));
    // Another file beside it is still shown, and so is this one once nobody allows it any more.
    project.put("rendered/eu/other.yaml", &policy.replace("extra", "other"));
    let said = project.run("diff --base HEAD", 0);
    assert!(said.contains("File other.yaml") && !said.contains("policy.yaml"), "{said}");
    project.remove("sitewright.yaml");
    assert!(project.run("diff --base HEAD", 0).contains("File policy.yaml"));
}

#[test]
fn folders_that_are_renamed_hide_nothing() {
    let project = committed();
    let settings = "kind: Project\nrendered: manifests\nsites: definitions\n";
    project.put("sitewright.yaml", settings);
    for (from, to) in [("sites", "definitions"), ("rendered", "manifests")] {
        fs::rename(project.path(from), project.path(to)).unwrap();
    }
    project.run("render -q", 0);
    assert!(project.run("diff --base HEAD", 0).contains("no changes"));
    project.remove("definitions/eu/acme.yaml");
    project.run("diff -q --base HEAD --deny data-loss", 4);
    // The other way round, the settings are gone.
    project.git("add -A");
    project.git("commit -q -m second");
    project.remove("sitewright.yaml");
    for (from, to) in [("definitions", "sites"), ("manifests", "rendered")] {
        fs::rename(project.path(from), project.path(to)).unwrap();
    }
    project.remove("sites/eu/big.yaml");
    project.run("diff -q --base HEAD --deny data-loss", 4);
}

#[test]
fn a_folder_is_compared_with() {
    let project = Project::new();
    project.run("render -q --out before", 0);
    project.edit(DB, "100Gi", "200Gi");
    project.run("render -q", 0);
    let before = project.path("before");
    let said = project.run(&format!("diff --base {}", before.display()), 0);
    assert!(said.contains("eu/db: rollout"), "{said}");
    project.run("diff --exit-code", 0);
    project.edit(DB, "200Gi", "300Gi");
    project.run("diff --exit-code", 1);
    // Before the first render, everything is new.
    fs::remove_dir_all(project.path("rendered")).unwrap();
    let said = project.run("diff", 0);
    assert!(said.contains("6 new; risks: 6 none"), "{said}");
}

#[test]
fn what_cannot_be_read_is_refused() {
    let project = committed();
    for base in ["nowhere", "--output=x", "main..nowhere", "HEAD~99"] {
        let said = project.run(&format!("diff --format json --base={base}"), 2);
        assert!(said.contains("SW801"), "{said}");
    }
    let user = fs::read_to_string(project.path("rendered/eu/acme/user.yaml")).unwrap();
    project.put("rendered/eu/acme/user.yaml", &(user + "kind: [\n"));
    let said = project.run("diff --format json", 2);
    assert!(said.contains("SW801") && said.contains("cannot be read"), "{said}");
}

#[test]
fn a_project_that_moves_hides_nothing() {
    let project = committed();
    let refused =
        |said: &str| assert!(said.contains("SW801") && said.contains("are gone"), "{said}");
    fs::create_dir(project.path("fleet")).unwrap();
    for name in ["sites", "rendered"] {
        fs::rename(project.path(name), project.path("fleet").join(name)).unwrap();
    }
    project.remove("fleet/sites/eu/acme.yaml");
    project.remove("fleet/sites/eu/acme.secrets.yaml");
    project.run("-C fleet render -q", 0);
    refused(&project.run("-C fleet diff --format json --base HEAD", 2));
    // Beside a project that stays, another one is new.
    project.git("checkout -q -- sites rendered");
    let said = project.run("-C fleet diff --base HEAD", 0);
    assert!(said.contains("eu/big (new): none"), "{said}");
}

#[test]
fn before_the_first_render_everything_is_new() {
    let project = Project::new();
    project.git("init -q -b main");
    project.git("add sites");
    project.git("commit -q -m first");
    let said = project.run("diff --base HEAD", 0);
    assert!(said.contains("6 new; risks: 6 none"), "{said}");
}

#[test]
fn the_settings_of_a_base_are_read_as_far_as_they_are_known() {
    let project = Project::new();
    fs::rename(project.path("rendered"), project.path("out")).unwrap();
    project.put("sitewright.yaml", "kind: Project\nrendered: out\nofAnotherVersion: true\n");
    project.git("init -q -b main");
    project.git("add -A");
    project.git("commit -q -m first");
    project.put("sitewright.yaml", "kind: Project\nrendered: out\n");
    project.remove("sites/eu/acme.yaml");
    project.remove("sites/eu/acme.secrets.yaml");
    project.run("diff -q --base HEAD --deny data-loss", 4);
    project.put("sitewright.yaml", "rendered: [\n");
    project.git("commit -q -a -m second");
    project.put("sitewright.yaml", "kind: Project\nrendered: out\n");
    let said = project.run("diff --format json --base HEAD", 2);
    assert!(said.contains("SW801") && said.contains("cannot be read"), "{said}");
}

#[test]
#[cfg(unix)]
fn settings_that_are_a_link_are_refused() {
    let project = Project::new();
    project.put("settings", "kind: Project\n");
    std::os::unix::fs::symlink("settings", project.path("sitewright.yaml")).unwrap();
    project.git("init -q -b main");
    project.git("add -A");
    project.git("commit -q -m first");
    project.remove("sitewright.yaml");
    let said = project.run("diff --format json --base HEAD", 2);
    assert!(said.contains("SW801") && said.contains("is not a plain file"), "{said}");
}

/// Engines apply them, whoever wrote them.
#[test]
fn manifests_of_others_are_seen() {
    let project = committed();
    project.put("rendered/eu/x/grant.yaml", "kind: Grant\n");
    project.put("rendered/extra.json", "{}\n");
    project.put("rendered/eu/acme/.hidden.yml", "{}\n");
    project.put("rendered/README.md", "no manifest\n");
    let said = project.run("diff --base HEAD --deny credential", 4);
    for expected in [
        "eu/x: credential",
        "extra.json: credential",
        "+ File .hidden.yml",
        "sitewright did not write this file",
    ] {
        assert!(said.contains(expected), "{said}");
    }
    assert!(!said.contains("README"), "{said}");
    project.git("add -A");
    project.git("commit -q -m second");
    assert!(project.run("diff --base HEAD", 0).contains("no changes"));
    project.put("rendered/eu/x/grant.yaml", "kind: User\n");
    project.remove("rendered/extra.json");
    let result = project.diff("--base HEAD");
    assert_eq!(result["counts"]["credential"], 2, "{result:#}");
}

#[test]
fn a_name_that_means_two_things_is_refused() {
    let project = committed();
    project.git("branch origin/main");
    for name in ["main", "origin/main"] {
        fs::create_dir_all(project.path(name)).unwrap();
        let said = project.run(&format!("diff --format json --base {name}"), 2);
        assert!(said.contains("is both a folder and a revision"), "{said}");
    }
    project.run("diff --base heads/main", 0);
    project.run("render -q --out before", 0);
    fs::rename(project.path("before/eu"), project.path("main/eu")).unwrap();
    project.edit(DB, "100Gi", "200Gi");
    project.run("diff --base ./main --deny rollout", 4);
}

/// Who proposes a change can name a folder like the base that it is compared with.
#[test]
fn a_revision_with_three_dots_is_no_folder() {
    let project = committed();
    project.remove(ACME);
    project.run("render -q", 0);
    project.run("render -q --out main...", 0);
    project.run("diff -q --base main... --deny data-loss", 4);
    assert!(project.run("diff --base ./main...", 0).contains("no changes"));
}

#[test]
fn a_folder_without_manifests_is_no_base() {
    let project = Project::new();
    fs::create_dir(project.path("empty")).unwrap();
    for base in ["sites", "empty"] {
        let said = project.run(&format!("diff --format json --base {base}"), 2);
        assert!(said.contains("contains no manifest that sitewright rendered"), "{said}");
    }
}

#[test]
fn files_of_others_are_nobodys_change() {
    let project = Project::new();
    project.put("rendered/eu/kustomization.yaml", "resources: []\n");
    project.put("rendered/notes.yaml", "a: [\n");
    assert!(project.run("diff", 0).contains("no changes"));
}

#[test]
fn a_definition_may_be_allowed_more() {
    let project = Project::new();
    project.edit(DB, "100Gi", "50Gi");
    project.run("diff -q --deny blocked", 4);
    project.run("diff -q --deny blocked --allow eu/db=blocked", 4);
    project.run("diff -q --deny blocked --allow eu/db=data-loss", 0);
    let said = project.run("diff --format json --deny blocked --allow eu/dbx=data-loss", 2);
    assert!(said.contains("SW209"), "{said}");
    project.run("diff --allow eu/db=data-loss", 2);
    project.run("diff --deny none", 2);
}

#[test]
fn what_is_denied_is_listed() {
    let project = Project::new();
    project.edit(DB, "100Gi", "50Gi");
    project.append(ACME, "domain: shop.acme.com\n");
    project.append("sites/eu/b16.yaml", "protect: false\n");
    let all = [("eu/db", "data-loss"), ("eu/acme", "blocked"), ("eu/b16", "rollout")];
    let denied = |arguments: &str, expected: &[(&str, &str)]| {
        let code = if expected.is_empty() { 0 } else { 4 };
        let said = project.run(&format!("diff --format json{arguments}"), code);
        let document: Value = serde_json::from_str(&said).unwrap();
        let expected = expected
            .iter()
            .map(|(definition, risk)| serde_json::json!({"definition": definition, "risk": risk}));
        assert_eq!(
            document["result"]["denied"],
            Value::Array(expected.collect()),
            "{arguments}: {said}"
        );
    };
    denied("", &[]);
    for name in &LEVELS[1..] {
        let is_denied = |(_, risk): &&(&str, &str)| level(risk) >= level(name);
        let expected: Vec<_> = all.iter().filter(is_denied).copied().collect();
        denied(&format!(" --deny {name}"), &expected);
    }
    denied(" --deny rollout --allow eu/db=data-loss --allow eu/acme=rollout", &all[1..]);
}

#[test]
fn clusters_stay_together_the_riskiest_first() {
    let project = Project::new();
    for cluster in ["aa", "zz"] {
        for name in ["_cluster.yaml", "b16.yaml", "db2.yaml", "_sealing/1.pem"] {
            let text = fs::read_to_string(project.path(&format!("sites/eu/{name}"))).unwrap();
            project.put(&format!("sites/{cluster}/{name}"), &text);
        }
    }
    project.run("render -q", 0);
    for (cluster, size) in [("aa", "200Gi"), ("zz", "50Gi"), ("eu", "200Gi")] {
        project.edit(&format!("sites/{cluster}/db2.yaml"), "100Gi", size);
        project.append(&format!("sites/{cluster}/b16.yaml"), "labels: {team: blue}\n");
    }
    let result = project.diff("");
    let order: Vec<&str> = result["definitions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|definition| definition["definition"].as_str().unwrap())
        .collect();
    assert_eq!(order, ["zz/db2", "zz/b16", "aa/db2", "aa/b16", "eu/db2", "eu/b16"]);
}

#[test]
fn no_ciphertext_is_shown() {
    let project = Project::new();
    project.run("secrets rotate acme -q", 0);
    for format in ["text", "json", "markdown"] {
        let said = project.run(&format!("diff --format {format}"), 0);
        assert!(said.contains("generation 1 → 2"), "{said}");
        let longest = said.split_whitespace().map(str::len).max().unwrap();
        assert!(longest < 100, "{said}");
    }
}

#[test]
fn text_of_several_lines_is_a_unified_diff() {
    let project = Project::new();
    project.append(DB, "myCnf: {innodb_buffer_pool_size: 1G}\n");
    let said = project.run("diff", 0);
    assert!(said.contains("+innodb_buffer_pool_size=1G\n"), "{said}");
    assert!(!said.contains("+max_allowed_packet"), "{said}");
}

#[test]
fn markdown_fits_a_comment_and_no_value_breaks_out() {
    let project = Project::new();
    project.append(ACME, "annotations: {note: \"```\\n</details> | <script>\"}\n");
    let said = project.run("diff --format markdown", 0);
    assert!(said.contains("````"), "{said}");
    for number in 0..400 {
        let text = format!("kind: Site\nsiteName: s{number}.example.com\n");
        project.put(&format!("sites/eu/s{number}.yaml"), &text);
    }
    project.run("render -q --out elsewhere", 0);
    let said = project.run("diff --format markdown", 0);
    assert!(said.contains("| 400 new in `eu/*` | ⚪ none |  |\n"), "{said}");
    let said = project.run("diff --format markdown --expand", 0);
    assert!(said.len() <= 60_000, "{}", said.len());
    assert!(said.starts_with("### sitewright: definitions: 1 changed, 400 new"), "{said}");
    assert!(said.contains("… and 351 more"), "{said}");
    let shown = said.matches("<details>").count();
    let left = format!("has no room for {} more definitions", 401 - shown);
    assert!(shown > 50 && said.contains(&left), "{shown}");
    project.run("check --format markdown", 2);
}

#[test]
fn the_table_of_markdown_says_what_the_riskiest_change_of_a_definition_does() {
    let project = Project::new();
    project.append(ACME, "domain: shop.acme.com\nlabels: {team: blue}\n");
    project.remove(BIG);
    project.append("sites/eu/b16.yaml", "labels: {team: blue}\n");
    let said = project.run("diff --format markdown", 0);
    for row in [
        "| `eu/big` | 🔴 data-loss | Database big-db: no object manages the site's database any more |",
        "| `eu/acme` | 🟠 blocked | FrappeSite acme: the operator makes an Ingress once, and never changes it: ",
        "| `eu/b16` | ⚪ none |  |",
    ] {
        assert!(said.contains(row), "{row}: {said}");
    }
}

#[test]
fn another_sealing_key_is_shown_to_reviewers() {
    let project = committed();
    let other = concat!(env!("CARGO_MANIFEST_DIR"), "/sites/mumbai/_sealing/2026-11.pem");
    project.put("sites/eu/_sealing/2.pem", &fs::read_to_string(other).unwrap());
    project.remove("sites/eu/_sealing/1.pem");
    // What is recorded is sealed for the key that went.
    project.run("diff --base HEAD", 2);
    project.git("checkout -q HEAD -- sites/eu/_sealing/1.pem");
    let said = project.run("diff --base HEAD", 0);
    assert!(said.contains("  + Certificate 2.pem\n"), "{said}");
    assert!(
        said.contains("credential: new passwords are sealed for its key, SHA256:m0HXdmQ"),
        "{said}"
    );
    project.run("diff --base HEAD -q --deny credential", 4);
    // Without a revision there is nothing to compare it with.
    assert!(project.run("diff", 0).contains("no changes"));
}

#[test]
fn sarif_points_at_definitions_from_the_top_of_the_repository() {
    let project = Project::new();
    let fleet = project.path("my fleet");
    fs::create_dir_all(&fleet).unwrap();
    for name in ["sites", "rendered"] {
        fs::rename(project.path(name), fleet.join(name)).unwrap();
    }
    project.git("init -q -b main");
    project.edit("my fleet/sites/eu/db.yaml", "100Gi", "50Gi");
    project.remove("my fleet/sites/eu/b16.yaml");
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_sitewright"))
        .args(["diff", "--format", "sarif"])
        .current_dir(fleet)
        .output()
        .unwrap();
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let run = &report["runs"][0];
    let found: Vec<String> = run["results"]
        .as_array()
        .unwrap()
        .iter()
        .map(|result| {
            let place = &result["locations"][0]["physicalLocation"];
            let uri = place["artifactLocation"]["uri"].as_str().unwrap();
            let line = &place["region"]["startLine"];
            format!("{} {} {uri}:{line}", result["ruleId"].as_str().unwrap(), result["level"])
        })
        .collect();
    assert_eq!(
        found,
        [
            "data-loss \"error\" my%20fleet/sites/eu/b16.yaml:1",
            "data-loss \"error\" my%20fleet/sites/eu/db.yaml:2"
        ]
    );
    assert_eq!(report["version"], "2.1.0");
    assert_eq!(run["properties"]["leftOut"], 0);
}

/// What is wrong with a value by a schema, as far as ours go.
fn faults(schema: &Value, value: &Value, path: &str) -> Vec<String> {
    if let Some(first) = schema["anyOf"].get(0) {
        return if value.is_null() { Vec::new() } else { faults(first, value, path) };
    }
    let types: Vec<&str> = match &schema["type"] {
        Value::String(one) => vec![one],
        Value::Array(many) => many.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    let found = match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    if !types.is_empty() && !types.contains(&found) {
        return vec![format!("{path}: {found} is none of {types:?}")];
    }
    let choices = schema["oneOf"].as_array().into_iter().flatten();
    let choices: Vec<&Value> = choices.map(|choice| &choice["const"]).collect();
    if !choices.is_empty() && !choices.contains(&value) {
        return vec![format!("{path}: {value} is none of {choices:?}")];
    }
    let mut all = Vec::new();
    for item in value.as_array().into_iter().flatten() {
        all.extend(faults(&schema["items"], item, &format!("{path}[]")));
    }
    if let (Some(fields), Some(properties)) = (value.as_object(), schema["properties"].as_object())
    {
        for (name, field) in fields {
            match properties.get(name) {
                Some(schema) => all.extend(faults(schema, field, &format!("{path}.{name}"))),
                None => all.push(format!("{path}: unknown {name}")),
            }
        }
        for name in schema["required"].as_array().into_iter().flatten() {
            if !fields.contains_key(name.as_str().unwrap()) {
                all.push(format!("{path}: no {name}"));
            }
        }
    }
    all
}

#[test]
fn a_report_is_as_its_schema_says() {
    let schema = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/diff.schema.json");
    let schema: Value = serde_json::from_str(&fs::read_to_string(schema).unwrap()).unwrap();
    let project = Project::new();
    assert_eq!(faults(&schema, &project.diff(""), ""), [""; 0]);
    project.run("secrets rotate acme -q", 0);
    project.edit(DB, "100Gi", "50Gi");
    project.remove("sites/eu/b16.yaml");
    let result = project.diff("");
    assert_eq!(faults(&schema, &result, ""), [""; 0], "{result:#}");
    // The check itself finds what is wrong.
    let mut wrong = result;
    wrong["risk"] = "bad".into();
    wrong["definitions"][0]["extra"] = 1.into();
    assert_eq!(faults(&schema, &wrong, "").len(), 2);
}
