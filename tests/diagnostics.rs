//! What is refused and how it is said: each `tests/fleets/err-*` is a project with its mistakes, and
//! `expected.json` beside it holds exactly the diagnostics that it must give.
//!
//! `UPDATE_EXPECT=1 cargo test --test diagnostics` writes what the program says now; the difference is
//! to be read before it is committed.

#[cfg(test)]
mod refusal;

#[cfg(test)]
mod tests {
    use crate::refusal::{Project, binary, fails};
    use serde_json::Value;
    use sitewright::diagnostic::{Code, Severity};
    use std::collections::BTreeSet;
    use std::fs;
    use std::path::{Path, PathBuf};

    const OUTPUT: &str = "tests/output_errors.rs";
    const RECORDS: &str = "tests/secrets/records.rs";
    const MODES: &str = "tests/secrets/modes.rs";
    const RENAMED: &str = "tests/secrets/renamed.rs";
    const RELOCATE: &str = "tests/relocate.rs";
    const UPGRADE: &str = "tests/upgrade.rs";
    const DANGER: &str = "src/import/danger/mod.rs";
    const DRIFT: &str = "tests/drift/refused.rs";
    const SOURCES: &str = "tests/diff/sources.rs";
    const LIVE: &str = "tests/live/refused.rs";

    const IMPORT: &str = "src/import/tests.rs";
    const RULES: &str = "src/rules/tests.rs";

    /// Codes that no fixture in Git can show, and the test that does.
    const SHOWN_ELSEWHERE: &[(&str, &str, &str)] = &[
        ("SW001", "tests/bad_input.rs", "an_unreadable_file_is_refused"),
        ("SW002", "tests/bad_input.rs", "a_file_that_is_not_utf_8_is_refused"),
        ("SW003", "tests/bad_input.rs", "a_byte_order_mark_is_refused"),
        ("SW004", "tests/bad_input.rs", "a_file_of_2_mib_is_refused"),
        ("SW005", "tests/bad_input.rs", "a_symbolic_link_is_refused"),
        ("SW015", "tests/bad_input.rs", "nesting_100_000_levels_deep_is_refused"),
        ("SW110", RULES, "a_violation_has_the_code_of_its_rule"),
        ("SW114", RULES, "a_test_that_fails_says_what_the_rule_says"),
        ("SW209", OUTPUT, "a_path_that_names_nothing_is_refused"),
        ("SW601", OUTPUT, "an_output_folder_that_is_a_file_is_refused"),
        ("SW602", OUTPUT, "a_file_that_grows_too_large_leaves_what_was_there"),
        ("SW603", OUTPUT, "a_foreign_file_in_the_way_is_kept_until_forced"),
        ("SW604", OUTPUT, "an_edited_file_is_kept_and_force_repairs_it"),
        ("SW605", OUTPUT, "a_folder_that_another_run_writes_is_busy"),
        ("SW606", "tests/diff/files.rs", "no_more_goes_at_once_than_the_project_allows"),
        ("SW607", RENAMED, "a_site_of_another_name_starts_empty_and_says_so"),
        ("SW608", RELOCATE, "what_would_be_another_object_is_refused_and_nothing_moves"),
        ("SW609", RELOCATE, "what_would_be_another_object_is_refused_and_nothing_moves"),
        ("SW610", "tests/retirement.rs", "what_is_in_use_is_not_removed"),
        ("SW613", "src/formatting/tests.rs", "a_text_that_would_mean_something_else_is_left"),
        ("SW614", OUTPUT, "a_file_of_others_may_be_allowed"),
        ("SW615", OUTPUT, "a_file_of_others_may_be_allowed"),
        ("SW701", RECORDS, "nothing_is_made_where_that_is_refused"),
        ("SW706", RECORDS, "records_that_nothing_uses_stay_until_they_are_pruned"),
        ("SW709", RECORDS, "what_cannot_be_rotated_is_refused_whole"),
        ("SW710", MODES, "only_what_fits_is_adopted"),
        ("SW711", MODES, "clear_text_is_refused_where_git_tracks_it"),
        ("SW717", "src/apply/tests.rs", "a_rotation_of_all_needs_a_limit_and_keeps_to_it"),
        ("SW718", "tests/secrets/ages.rs", "without_a_history_nothing_is_guessed"),
        ("SW801", SOURCES, "what_cannot_be_read_is_refused"),
        ("SW820", LIVE, "what_is_cut_or_broken_is_refused"),
        ("SW821", LIVE, "what_is_not_utf_8_is_refused"),
        ("SW822", LIVE, "what_is_no_object_is_refused"),
        ("SW823", LIVE, "a_name_that_no_object_can_have_is_refused"),
        ("SW824", LIVE, "a_list_of_lists_is_refused"),
        ("SW825", LIVE, "an_object_that_is_read_twice_is_refused_with_both_places"),
        ("SW826", LIVE, "a_template_is_told_from_a_mistake"),
        ("SW827", LIVE, "an_input_without_objects_is_refused"),
        ("SW828", LIVE, "unknown_versions_are_left_alone_and_said"),
        ("SW829", LIVE, "what_is_too_large_is_refused"),
        ("SW850", DRIFT, "a_dump_of_another_cluster_is_recognised"),
        ("SW851", DRIFT, "a_project_without_manifests_is_refused"),
        ("SW852", DRIFT, "a_dump_without_field_managers_is_warned_of"),
        ("SW853", "tests/drift/kubectl.rs", "what_kubectl_refuses_is_said"),
        ("SW854", "tests/drift/accepted.rs", "an_entry_that_has_expired_is_an_error"),
        ("SW855", "tests/drift/accepted.rs", "an_entry_that_accepts_nothing_is_an_error"),
        ("SW858", "src/drift/sql/answers.rs", "answers_that_end_early_are_refused"),
        ("SW859", "tests/status/reports.rs", "a_cluster_without_the_type_is_told_apart"),
        ("SW901", UPGRADE, "a_version_that_cannot_be_reached_is_refused"),
        ("SW902", UPGRADE, "sites_that_would_look_for_other_databases_are_kept_or_refused"),
        ("SW903", UPGRADE, "manifests_that_are_out_of_date_are_refused"),
        ("SW830", IMPORT, "a_cluster_must_be_named"),
        ("SW831", IMPORT, "a_new_cluster_needs_its_versions"),
        ("SW832", IMPORT, "an_input_without_sites_servers_and_benches_is_refused"),
        ("SW833", IMPORT, "no_file_is_written_over"),
        ("SW834", IMPORT, "a_site_whose_database_has_another_name_is_not_imported"),
        ("SW840", DANGER, "a_grant_with_a_wildcard_is_said"),
        ("SW841", DANGER, "an_object_whose_removal_drops_data_is_said"),
        ("SW842", DANGER, "two_users_of_one_account_are_said"),
        ("SW843", DANGER, "two_owners_of_one_database_are_said"),
        ("SW844", DANGER, "two_servers_of_one_name_are_said"),
        ("SW845", DANGER, "an_object_that_goes_with_its_owner_is_said"),
        ("SW846", DANGER, "a_site_without_a_domain_is_said"),
        ("SW847", DANGER, "a_connection_that_the_operator_does_not_know_is_said"),
        (
            "SW848",
            "src/import/secrets.rs",
            "a_value_that_opens_only_elsewhere_is_left_with_the_command_that_takes_it_over",
        ),
        ("SW712", MODES, "verify_finds_clear_text_in_the_tree"),
    ];

    fn root() -> &'static Path {
        Path::new(env!("CARGO_MANIFEST_DIR"))
    }

    /// The folders `tests/fleets/err-*`, sorted.
    fn cases() -> Vec<PathBuf> {
        let mut cases: Vec<PathBuf> = fs::read_dir(root().join("tests/fleets"))
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.file_name().unwrap().to_string_lossy().starts_with("err-"))
            .collect();
        cases.sort();
        assert!(!cases.is_empty());
        cases
    }

    /// A copy of a case with manifests rendered before.
    fn project(case: &Path) -> Project {
        fn copy(from: &Path, below: &str, to: &Project) {
            for entry in fs::read_dir(from).unwrap() {
                let path = entry.unwrap().path();
                let name = format!("{below}{}", path.file_name().unwrap().to_str().unwrap());
                if path.is_dir() {
                    copy(&path, &format!("{name}/"), to);
                } else {
                    to.put(&name, fs::read(&path).unwrap());
                }
            }
        }
        let project = Project::new();
        copy(case, "", &project);
        project.put_rendered();
        project
    }

    /// Compares a text with a file's, or writes it there when asked to; says what differs.
    fn differs(path: &Path, actual: &str) -> Option<String> {
        if std::env::var_os("UPDATE_EXPECT").is_some() {
            fs::write(path, actual).unwrap();
            return None;
        }
        let expected = fs::read_to_string(path).unwrap_or_default();
        let shown = path.strip_prefix(root()).unwrap().display();
        (expected != actual).then(|| format!("{shown}: expected\n{expected}\nbut it is\n{actual}"))
    }

    #[test]
    fn every_case_gives_exactly_its_diagnostics() {
        let mut failures = Vec::new();
        for case in cases() {
            let diagnostics = project(&case).refused();
            for diagnostic in diagnostics.iter().filter(|found| !found["help"].is_string()) {
                failures.push(format!("{}: no help: {diagnostic}", case.display()));
            }
            let place = |diagnostic: &Value| {
                let place = &diagnostic["place"];
                let file = place["file"].as_str().unwrap().to_owned();
                (file, place["line"].as_u64(), place["column"].as_u64())
            };
            assert!(diagnostics.is_sorted_by_key(place), "{}: not sorted", case.display());
            let actual = format!("{:#}\n", Value::from(diagnostics));
            failures.extend(differs(&case.join("expected.json"), &actual));
        }
        assert!(failures.is_empty(), "{}", failures.join("\n"));
    }

    #[test]
    fn the_text_for_people_is_as_expected() {
        let mut compared = 0;
        let mut failures = Vec::new();
        for case in cases() {
            let expected = case.join("expected.txt");
            if expected.exists() {
                let output = project(&case).render(&binary(), &["--color", "never"]).output();
                let (out, err) = fails(&output.unwrap());
                assert_eq!(out, "", "diagnostics go to standard error");
                failures.extend(differs(&expected, &err));
                compared += 1;
            }
        }
        assert!(failures.is_empty(), "{}", failures.join("\n"));
        assert!(compared >= 3);
    }

    #[test]
    fn every_code_has_a_page_a_case_and_a_mention() {
        let mut failures = Vec::new();
        let mut shown: BTreeSet<String> = BTreeSet::new();
        for case in cases() {
            let expected = fs::read_to_string(case.join("expected.json")).unwrap_or_default();
            let expected: Vec<Value> = serde_json::from_str(&expected).unwrap_or_default();
            let codes = expected.iter().filter_map(|diagnostic| diagnostic["code"].as_str());
            shown.extend(codes.map(str::to_owned));
        }
        for (code, file, test) in SHOWN_ELSEWHERE {
            let text = fs::read_to_string(root().join(file)).unwrap();
            match text.contains(&format!("fn {test}(")) {
                true => drop(shown.insert((*code).to_owned())),
                false => failures.push(format!("{code}: {file} has no test {test}")),
            }
        }
        for code in Code::ALL {
            failures.extend(page_faults(*code).map(|fault| format!("{}: {fault}", code.id())));
            if !shown.contains(code.id()) {
                failures.push(format!("{}: no case shows it", code.id()));
            }
        }
        failures.extend(differs(&root().join("docs/checks.md"), &index()));
        assert!(failures.is_empty(), "{}", failures.join("\n"));
    }

    /// What a code's page lacks.
    fn page_faults(code: Code) -> impl Iterator<Item = String> {
        let page = code.page();
        let why = match code.severity() {
            Severity::Error => "Why it is an error",
            Severity::Warning => "Why it is a warning",
        };
        let section = |title: &str| {
            let (_, rest) = page.split_once(&format!("\n## {title}\n"))?;
            Some(rest.split("\n## ").next().unwrap_or_default().trim())
        };
        let lacks_text = |title: &str| section(title).is_none_or(str::is_empty);
        let lacks_example = |title: &str| !section(title).is_some_and(|text| text.contains("```"));
        [
            (!page.starts_with(&heading(code)), heading(code)),
            (opening(code).is_empty(), "a paragraph that says what it means".to_owned()),
            (lacks_text(why), format!("the section `{why}`")),
            (lacks_example("Bad"), "the section `Bad` with an example".to_owned()),
            (lacks_example("Good"), "the section `Good` with an example".to_owned()),
            (!(15..=45).contains(&page.lines().count()), "15 to 45 lines".to_owned()),
        ]
        .into_iter()
        .filter_map(|(lacks, what)| lacks.then(|| format!("its page lacks {}", what.trim())))
    }

    /// The example in a section of a page, when it is definitions, each after its path as a comment.
    fn example(page: &str, title: &str) -> Option<Vec<(String, String)>> {
        let (_, section) = page.split_once(&format!("\n## {title}\n"))?;
        let (_, example) = section.split("\n## ").next()?.split_once("```yaml\n# sites/")?;
        let files = example.split("```").next()?.split("\n# sites/");
        files
            .map(|file| file.split_once('\n'))
            .map(|file| file.map(|(path, text)| (format!("sites/{path}"), format!("{text}\n"))))
            .collect()
    }

    const CLUSTER: &str = "kind: Cluster\n\
                           operators: {frappe: \"2.6\", mariadb: \"26.6\"}\n\
                           namespace: frappe\n";

    /// A project that renders, with these files added or in the place of others.
    fn project_with(files: &[(String, String)]) -> Project {
        let project = Project::new();
        for (path, text) in [
            (
                "_defaults",
                "kind: Defaults\nsite: {bench: b15, apps: [erpnext], database: {server: db}}\n",
            ),
            ("production/_cluster", CLUSTER),
            ("production/b15", "kind: Bench\nmanaged: false\n"),
            ("production/erpnext-v15", "kind: Bench\nmanaged: false\n"),
            ("production/db", "kind: DatabaseServer\nmanaged: false\n"),
        ] {
            project.put(&format!("sites/{path}.yaml"), text);
        }
        for (path, text) in files {
            project.put(path, text);
        }
        project
    }

    #[test]
    fn a_pages_bad_example_gives_its_code_and_the_good_one_renders() {
        let mut tried = 0;
        for code in Code::ALL {
            if let Some(files) = example(code.page(), "Bad") {
                let found = match code.severity() {
                    Severity::Error => project_with(&files).refused(),
                    Severity::Warning => warned(&project_with(&files)),
                };
                assert!(!found.is_empty(), "{}", code.id());
                assert!(
                    found.iter().all(|found| found["code"] == code.id()),
                    "{files:?} {found:#?}"
                );
                tried += 1;
            }
            if let Some(files) = example(code.page(), "Good") {
                let output = project_with(&files).render(&binary(), &[]).output().unwrap();
                let err = String::from_utf8_lossy(&output.stderr);
                assert!(output.status.success(), "{}: {files:?} {err}", code.id());
                assert!(!err.contains(code.id()), "{}: {files:?} {err}", code.id());
            }
        }
        assert!(tried >= 12);
    }

    /// Runs a render that must pass, and returns its warnings.
    fn warned(project: &Project) -> Vec<Value> {
        let output = project.render(&binary(), &["--format", "json"]).output().unwrap();
        let document: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert!(output.status.success(), "{document:#}");
        document["diagnostics"].as_array().unwrap().clone()
    }

    fn heading(code: Code) -> String {
        format!("# {}: {}\n\n", code.id(), code.title())
    }

    /// The first sentence of a page, on one line.
    fn opening(code: Code) -> String {
        let text = code.page().strip_prefix(&heading(code)).unwrap_or_default();
        let paragraph = text.split("\n\n").next().unwrap_or_default().replace('\n', " ");
        paragraph.split_inclusive(". ").next().unwrap_or_default().trim().to_owned()
    }

    /// `docs/checks.md`: every code on one line, by the stage that finds it.
    fn index() -> String {
        const STAGES: [&str; 10] = [
            "Files and YAML",
            "The language",
            "References",
            "Names",
            "Operators and capacity",
            "Templates",
            "The output",
            "Secrets",
            "The diff",
            "Upgrades",
        ];
        let mut index = String::from(
            "# What sitewright checks\n\n\
             Every error and every warning has a code that never changes. One run reports all of them,\n\
             sorted by file and line. `sitewright explain SW012` prints the page of a code.\n\n\
             `sitewright check --fix` corrects what has one right answer, such as a misspelt key or missing\n\
             quotes, and keeps comments. It prints what it changes. The rest stays a suggestion.\n\n\
             After an error, the exit code is 2. If the only errors are SW606 and SW701, it is 4 with SW606\n\
             and 3 without it. `rendered/` does not change, unless the writing itself fails (SW602).\n",
        );
        for (stage, title) in STAGES.iter().enumerate() {
            index += &format!("\n## {title}\n\n| code | severity | title | what it means |\n");
            index += "|---|---|---|---|\n";
            let prefix = format!("SW{stage}");
            for code in Code::ALL.iter().filter(|code| code.id().starts_with(&prefix)) {
                let (id, severity) = (code.id(), code.severity().name());
                let (title, opening) = (code.title(), opening(*code));
                index += &format!("| [{id}](codes/{id}.md) | {severity} | {title} | {opening} |\n");
            }
        }
        index
    }
}
