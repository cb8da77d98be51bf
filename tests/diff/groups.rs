//! Equal changes are told once, and nothing is lost by that.

use crate::support::{ACME, BIG, CLUSTER, Project};
use proptest::prelude::*;
use serde_json::Value as Json;
use sitewright::diff::{Changes, Equal, diff, expanded, groups, tree};
use sitewright::output::{Files, with_header};
use sitewright::risk::{FieldChange, Key, ObjectChange};
use sitewright::source::node::{Node, Value};
use std::collections::{BTreeMap, BTreeSet};

/// Objects of a few definitions, with values from a small set, so that many changes are equal. Some values have names
/// of their object, and some have those of another one.
fn files() -> impl Strategy<Value = Files> {
    let object = (0..6_u8, 0..5_usize, 0..3_u8, (0..2_u8, 0..6_usize), any::<bool>());
    prop::collection::vec(object, 0..40).prop_map(|objects| {
        let file = |(definition, kind, size, (label, host), is_retired): (u8, usize, u8, (u8, usize), bool)| {
            const KINDS: [(&str, &str); 5] = [
                ("Database", "k8s.mariadb.com/v1alpha1"),
                ("MariaDB", "k8s.mariadb.com/v1alpha1"),
                ("User", "k8s.mariadb.com/v1alpha1"),
                ("FrappeSite", "vyogo.tech/v1alpha1"),
                ("Other", "v1"),
            ];
            let (kind, api) = KINDS[kind];
            let retired = if is_retired { "sitewright/lifecycle: retired" } else { "" };
            let host = [
                format!("n{definition}-x.old"),
                format!("a/n{definition}-x/N{definition}/n{definition}-x"),
                format!("N{definition} in c{}", definition % 2),
                "n1-x.old".to_owned(),
                "<name>.old".to_owned(),
                "none".to_owned(),
            ][host]
                .clone();
            let body = format!(
                "apiVersion: {api}\nkind: {kind}\nmetadata:\n  name: n{definition}-x\n  namespace: a\n  \
                 labels: {{team: \"{label}\", app.kubernetes.io/part-of: N{definition}}}\n  annotations: {{{retired}}}\n\
                 spec: {{storage: {{size: {size}Gi}}, domain: d{size}, text: t{label}, hosts: [\"{host}\"]}}\n"
            );
            let path = format!("c{}/n{definition}/{}.yaml", definition % 2, kind.to_lowercase());
            (path, with_header("sites/a.yaml", &body))
        };
        objects.into_iter().map(file).collect()
    })
}

/// What a change says in a group, but for the name of its object.
fn told(change: &ObjectChange, equal: &Equal) -> String {
    let findings = format!("{:?}", change.findings).replace(&change.key.name, "<name>");
    format!("{} {:?} {:?} {findings}", change.key.kind, change.action, values(equal.fields(), &[]))
}

/// The values of fields, with names in place of their placeholders.
fn values(fields: &[FieldChange], names: &[(&str, &str)]) -> Vec<[String; 3]> {
    let text = |node: &Option<Node>| {
        let text = node.as_ref().map_or_else(String::new, as_text);
        names.iter().fold(text, |text, (placeholder, name)| text.replace(placeholder, name))
    };
    fields.iter().map(|it| [it.field(), text(&it.old), text(&it.new)]).collect()
}

fn as_text(node: &Node) -> String {
    match &node.value {
        Value::List(items) => format!("{:?}", items.iter().map(as_text).collect::<Vec<_>>()),
        value => format!("{value:?}"),
    }
}

proptest! {
    #[test]
    fn the_members_of_all_groups_are_all_changes(base in files(), head in files()) {
        let (base, head) = tree::differing(&base, &head).value;
        let changes = Changes::new(diff(&base, &head, &BTreeMap::new()));
        let whole: Vec<&Key> = expanded(&changes)
            .iter()
            .flat_map(|group| &group.changes)
            .flat_map(Equal::members)
            .map(|change| &change.key)
            .collect();
        let all: BTreeSet<&Key> =
            changes.definitions.iter().flat_map(|it| &it.changes).map(|it| &it.key).collect();
        prop_assert_eq!(whole.iter().copied().collect::<BTreeSet<_>>(), all.clone());
        prop_assert_eq!(whole.len(), all.len());

        let groups = groups(&changes);
        let members: Vec<&ObjectChange> =
            groups.iter().flat_map(|group| &group.changes).flat_map(Equal::members).collect();
        prop_assert_eq!(members.len(), all.len());
        prop_assert_eq!(members.iter().map(|it| &it.key).collect::<BTreeSet<_>>(), all);
        prop_assert!(groups.is_sorted_by(|one, other| one.level() >= other.level()));
        for group in &groups {
            let definitions: BTreeSet<&str> = group.paths().collect();
            prop_assert!(group.definitions.iter().all(|it| it.action() == group.action()));
            prop_assert!(group.changes.is_sorted_by(|one, other| one.level() >= other.level()));
            for equal in &group.changes {
                let of: BTreeSet<&str> = equal.members().map(ObjectChange::definition).collect();
                prop_assert_eq!(&of, &definitions);
                let told: BTreeSet<String> = equal.members().map(|it| told(it, equal)).collect();
                prop_assert_eq!(told.len(), 1, "{:?}", told);
                for member in equal.members() {
                    let definition = member.definition().rsplit('/').next().unwrap().to_uppercase();
                    let names = [
                        ("<name>", &*member.key.name),
                        ("<definition>", &*definition),
                        ("<namespace>", "a"),
                        ("<cluster>", &*member.key.cluster),
                    ];
                    let names = if equal.is_pattern() { &names[..] } else { &[] };
                    prop_assert_eq!(values(equal.fields(), names), values(&member.fields, &[]));
                }
            }
        }
        // Two groups of several definitions never say the same: it would be told twice.
        let shared = groups.iter().filter(|group| group.action() == sitewright::risk::Action::Changed);
        let said: Vec<String> =
            shared.clone().filter(|it| it.only().is_none()).flat_map(|it| &it.changes).map(|it| told(it.first, it)).collect();
        prop_assert_eq!(said.iter().collect::<BTreeSet<_>>().len(), said.len());
    }
}

/// A fleet with more sites: six in a folder, one beside it.
fn fleet() -> Project {
    let project = Project::new();
    for name in ["a", "b", "c", "d", "e", "f"] {
        let text = format!("kind: Site\nsiteName: {name}.shop.com\n");
        project.put(&format!("sites/eu/retail/{name}.yaml"), &text);
    }
    project.run("render -q", 0);
    project
}

const DEFAULTS: &str = "sites/_defaults.yaml";

/// Every site gets a limit, in one line of the defaults.
fn limit(project: &Project) {
    project.edit(DEFAULTS, "{server: db}", "{server: db,\n  maxUserConnections: 20}");
}

#[test]
fn one_changed_default_is_told_once() {
    let project = fleet();
    limit(&project);
    assert_eq!(
        project.run("diff", 0),
        "8 definitions in eu/acme, eu/big, eu/retail/* (6): rollout\n  \
           ~ 8 User\n      \
               spec.maxUserConnections: 100 → 20\n        \
                 rollout: the site may hold fewer connections\n\n\
         definitions: 8 changed; risks: 8 rollout\n"
    );
    let said = project.run("diff --expand", 0);
    assert_eq!(said.matches("spec.maxUserConnections: 100 → 20").count(), 8, "{said}");
    assert!(said.starts_with("eu/acme: rollout\n  ~ User erp/acme-user\n"), "{said}");
}

#[test]
fn what_a_definition_changes_alone_is_told_apart() {
    let project = fleet();
    limit(&project);
    project.append(ACME, "domain: shop.acme.com\n");
    let said = project.run("diff", 0);
    let (own, shared) = said.split_once("\n\n").unwrap();
    let heading =
        "eu/acme, in addition to changes that others share: blocked\n  ~ FrappeSite erp/acme\n";
    assert!(own.starts_with(heading), "{said}");
    assert!(own.contains("delete it before the change arrives") && own.contains("`acme-init`"));
    assert!(shared.starts_with("8 definitions in "), "{said}");
}

/// A finding names an object, and the change of another object says the same of that one.
#[test]
fn a_finding_about_several_objects_has_a_place_for_their_names() {
    let project = fleet();
    project.append(ACME, "ingress: {enabled: false}\n");
    project.append(BIG, "ingress: {enabled: false}\n");
    let said = project.run("diff", 0);
    assert!(said.contains("eu/acme, eu/big: "), "{said}");
    assert!(said.contains("~ FrappeSite erp/acme, erp/big\n"), "{said}");
    assert!(said.contains("delete the Ingress `<name>-ingress`"), "{said}");
}

/// Every site has its own name in the values that change.
#[test]
fn values_with_the_names_of_their_sites_are_told_once() {
    let project = Project::new();
    let names = ["a", "b", "c", "d", "e", "hrms"];
    let write = |host: &str, app: &str| {
        for name in names {
            let text = format!(
                "kind: Site\nsiteName: {name}.shop.com\ndomain: {name}.{host}.example\napps: [erpnext{app}]\n\
                 labels: {{of: {name}-{host}}}\n"
            );
            project.put(&format!("sites/eu/retail/{name}.yaml"), &text);
        }
    };
    write("old", "");
    project.run("render -q", 0);
    write("new", ", hrms");
    let said = project.run("diff --kind FrappeSite", 0);
    for line in [
        "6 definitions in eu/retail/*: blocked\n  ~ 6 FrappeSite\n",
        "      metadata.labels.of: <name>-old → <name>-new\n",
        "      spec.domain: <name>.old.example → <name>.new.example\n",
        "if the Job `<name>-init` is still in the cluster",
    ] {
        assert!(said.contains(line), "{line}: {said}");
    }
    let expanded = project.run("diff --kind FrappeSite --expand", 0);
    for name in names {
        let line = format!("      spec.domain: {name}.old.example → {name}.new.example\n");
        assert!(expanded.contains(&line), "{expanded}");
    }
    assert!(!expanded.contains('<'), "{expanded}");
}

/// The values of the group have placeholders in JSON too, and each member has its own values.
#[test]
fn the_members_of_the_document_have_their_own_values() {
    let project = fleet();
    for name in ["a", "b"] {
        project
            .append(&format!("sites/eu/retail/{name}.yaml"), &format!("labels: {{of: {name}}}\n"));
    }
    project.append("sites/eu/retail/c.yaml", "labels: {of: eu}\n");
    let result = project.diff("--kind FrappeSite");
    let groups = result["groups"].as_array().unwrap();
    assert_eq!(groups.len(), 2, "{result:#}");
    let (pair, alone) = (&groups[0]["changes"][0], &groups[1]["changes"][0]);
    assert_eq!(pair["fields"][0]["new"], "<name>", "{pair:#}");
    let own = |member: &Json| (member["name"].clone(), member["fields"][0]["new"].clone());
    let own: Vec<_> = pair["members"].as_array().unwrap().iter().map(own).collect();
    assert_eq!(own, [("a".into(), "a".into()), ("b".into(), "b".into())]);
    // A change that no other one is equal to has its own values.
    assert_eq!(alone["fields"][0]["new"], "eu", "{alone:#}");
    assert_eq!(alone["members"][0]["fields"], serde_json::json!([]), "{alone:#}");
}

/// The name of one site is a common value.
#[test]
fn a_site_whose_name_is_the_value_of_all_stays_among_them() {
    let project = fleet();
    project.put("sites/eu/retail/red.yaml", "kind: Site\nsiteName: red.shop.com\n");
    project.run("render -q", 0);
    for name in ["a", "b", "red"] {
        project.append(&format!("sites/eu/retail/{name}.yaml"), "labels: {team: red}\n");
    }
    let said = project.run("diff --kind Database", 0);
    assert_eq!(
        said,
        "eu/retail/a, eu/retail/b, eu/retail/red: none\n  \
           ~ Database erp/a-db, erp/b-db, erp/red-db\n      \
               metadata.labels.team: (none) → red\n\n\
         definitions: 3 changed; risks: 3 none\n\
         left out: 15 objects of 3 definitions, with a risk up to none\n"
    );
}

/// A name that changes is what the change is about.
#[test]
fn a_changed_site_name_is_told_for_each_site() {
    let project = fleet();
    for name in ["a", "b"] {
        let file = format!("sites/eu/retail/{name}.yaml");
        project.edit(&file, &format!("{name}.shop.com"), &format!("{}.shop.com", name.repeat(2)));
    }
    let said = project.run("diff --kind FrappeSite --field spec.siteName", 0);
    assert!(said.contains("spec.siteName: a.shop.com → aa.shop.com\n"), "{said}");
    assert!(said.contains("spec.siteName: b.shop.com → bb.shop.com\n"), "{said}");
}

#[test]
fn new_sites_are_told_as_what_they_are() {
    let project = Project::new();
    for at in 0..6 {
        let text = format!("kind: Site\nsiteName: n{at}.shop.com\n");
        project.put(&format!("sites/eu/new/n{at}.yaml"), &text);
    }
    project.run("render -q --out elsewhere", 0);
    let said = project.run("diff", 0);
    assert!(said.starts_with("6 definitions in eu/new/* (new): none\n  + 6 Database\n"), "{said}");
    assert!(said.contains("\n  + 12 SealedSecret\n"), "{said}");
    assert!(said.ends_with("\n\ndefinitions: 6 new; risks: 6 none\n"), "{said}");
}

#[test]
fn every_loss_of_data_and_every_removal_is_named() {
    let project = fleet();
    for name in ["a", "b", "c", "d", "e", "f"] {
        project.remove(&format!("sites/eu/retail/{name}.yaml"));
        project.remove(&format!("sites/eu/retail/{name}.secrets.yaml"));
    }
    let said = project.run("diff", 0);
    assert!(
        said.starts_with("6 definitions in eu/retail/* (removed): data-loss\n    eu/retail/a\n"),
        "{said}"
    );
    let markdown = project.run("diff --format markdown", 0);
    for name in ["a", "b", "c", "d", "e", "f"] {
        assert!(said.contains(&format!("\n    eu/retail/{name}\n")), "{said}");
        assert!(markdown.contains(&format!("\neu/retail/{name}\n")), "{markdown}");
    }
    assert_eq!(said.matches("drops the site with its database").count(), 1, "{said}");
    assert!(markdown.contains("| 6 removed in `eu/retail/*` | 🔴 data-loss | 6 "), "{markdown}");
}

/// Ciphertexts differ between sites, and no report shows them.
#[test]
fn rotated_passwords_are_equal_by_their_generations() {
    let project = fleet();
    project.run("secrets rotate -q acme/acme-admin big/big-admin", 0);
    let said = project.run("diff", 0);
    assert!(said.contains("~ SealedSecret erp/acme-admin, erp/big-admin\n"), "{said}");
    assert!(
        said.contains("spec.encryptedData.password: value changed, generation 1 → 2\n"),
        "{said}"
    );
    let json = project.run("diff --format json", 0);
    let sealed = std::fs::read_to_string(project.path("sites/eu/acme.secrets.yaml")).unwrap();
    let text = sealed.lines().find_map(|line| line.split_once("sealed: ")).unwrap().1;
    assert!(text.len() > 20 && !json.contains(&text[..20]), "{text}");
}

#[test]
fn the_groups_of_the_document_have_every_object() {
    let project = fleet();
    limit(&project);
    project.append(ACME, "domain: shop.acme.com\n");
    let result = project.diff("");
    let list = |value: &Json| value.as_array().unwrap().clone();
    let objects: usize =
        list(&result["definitions"]).iter().map(|it| list(&it["objects"]).len()).sum();
    let changes: Vec<Json> =
        list(&result["groups"]).iter().flat_map(|group| list(&group["changes"])).collect();
    let members: usize = changes.iter().map(|change| list(&change["members"]).len()).sum();
    assert_eq!((objects, members), (9, 9), "{result:#}");
    let risks: Vec<Json> =
        list(&result["groups"]).iter().map(|group| group["risk"].clone()).collect();
    assert_eq!(risks, ["blocked", "rollout"]);
}

#[test]
fn filters_show_a_part_and_say_what_they_leave_out() {
    let project = fleet();
    limit(&project);
    project.append(ACME, "domain: shop.acme.com\n");
    let left = "left out: 1 object of 1 definition, with a risk up to blocked\n";
    for (arguments, start, left) in [
        ("diff --kind User", "8 definitions in ", left),
        ("diff --field spec.maxUser*", "8 definitions in ", left),
        ("diff --field spec.maxUserConnections", "8 definitions in ", left),
        (
            "diff --risk blocked",
            "eu/acme: blocked\n",
            "left out: 8 objects of 8 definitions, with a risk up to rollout\n",
        ),
        (
            "diff eu/retail",
            "6 definitions in eu/retail/*: ",
            "left out: 3 objects of 2 definitions, with a risk up to blocked\n",
        ),
        (
            "diff sites/eu/acme.yaml --kind FrappeSite",
            "eu/acme: blocked\n",
            "left out: 8 objects of 8 definitions, with a risk up to rollout\n",
        ),
        (
            "diff *a* --field spec.resources",
            "no change fits\n",
            "left out: 9 objects of 8 definitions, with a risk up to blocked\n",
        ),
    ] {
        let said = project.run(arguments, 0);
        assert!(said.starts_with(start) && said.ends_with(left), "{arguments}: {said}");
    }
    project.run("diff eu/retial", 2);
    project.run("diff --kind Mariadb", 2);
    // The gate judges what the filters leave out, too.
    project.run("diff eu/retail --kind User --deny blocked", 4);
    project.run("diff eu/retail --kind FrappeSite --exit-code", 1);
    let result = project.diff("eu/retail");
    assert_eq!(result["leftOut"]["objects"], 3, "{result:#}");
    assert_eq!(project.diff("")["leftOut"], Json::Null);
}

#[test]
fn sarif_points_at_the_line_that_states_the_new_value() {
    let project = fleet();
    limit(&project);
    project.append(ACME, "labels: {team: blue}\ndomain: shop.acme.com\n");
    project.edit(CLUSTER, "namespace: erp\n", "namespace: erp\n# A comment.\n");
    let said: Json = serde_json::from_str(&project.run("diff --format sarif", 0)).unwrap();
    let results = said["runs"][0]["results"].as_array().unwrap();
    let place = |place: &Json| {
        let place = &place["physicalLocation"];
        let line = &place["region"]["startLine"];
        format!("{}:{line}", place["artifactLocation"]["uri"].as_str().unwrap())
    };
    let of = |text: &str| -> (String, Vec<String>) {
        let meant = |it: &&Json| it["message"]["text"].as_str().unwrap().starts_with(text);
        let result = results.iter().find(meant).unwrap_or_else(|| panic!("{text}: {said:#}"));
        let related = result["relatedLocations"].as_array().unwrap();
        (place(&result["locations"][0]), related.iter().map(place).collect())
    };
    let of_limit = of("User erp/a-user, spec.maxUserConnections");
    assert_eq!(of_limit, (format!("{DEFAULTS}:3"), vec!["sites/eu/retail/a.yaml:1".to_owned()]));
    let of_domain = of("FrappeSite erp/acme, spec.domain");
    assert_eq!(of_domain, (format!("{ACME}:4"), Vec::new()));
}
