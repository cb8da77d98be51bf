//! Programs and folders beyond Rust that some tests need: where one is missing, those tests are left
//! out, and that is said where nothing captures it.

use std::io::Write as _;
use std::path::PathBuf;

/// Names what must be there, with commas between: tests that would be left out fail then.
const REQUIRE: &str = "SITEWRIGHT_REQUIRE";

/// Folders, and the variables that name them. Anything else is a program on the PATH.
const FOLDERS: [(&str, &str); 3] = [
    // A folder for each operator, with one for each version, such as `mariadb-operator/26.6.0`.
    ("crds-by-version", "SITEWRIGHT_CRDS_BY_VERSION"),
    // What running operators answered.
    ("measured", "SITEWRIGHT_MEASURED"),
    // What `tests/cluster/build` made.
    ("cluster", "SITEWRIGHT_CLUSTER"),
];

/// A program or folder; nothing where it is missing and the tests that need it are left out.
pub(crate) fn needed(name: &str) -> Option<PathBuf> {
    let variable = FOLDERS.iter().find(|(folder, _)| *folder == name).map(|(_, variable)| variable);
    let (found, why) = match variable {
        Some(variable) => {
            let folder = std::env::var_os(variable).map(PathBuf::from);
            (folder.filter(|folder| folder.is_dir()), format!("{variable} names no folder"))
        }
        None => {
            let path = std::env::var_os("PATH").unwrap_or_default();
            let mut programs = std::env::split_paths(&path).map(|folder| folder.join(name));
            match programs.find(|program| program.is_file()) {
                // Containers have the program, and often not the right.
                Some(_) if name == "unshare" && !cluster::may_unshare() => {
                    (None, "the machine refuses it".to_owned())
                }
                found => (found, "it is not on the PATH".to_owned()),
            }
        }
    };
    if found.is_none() {
        let required = std::env::var(REQUIRE).unwrap_or_default();
        assert!(!required.split(',').any(|one| one == name), "{name} is required, and {why}");
        // Not by a macro: what those print of a test that passes is never shown.
        let _ = writeln!(std::io::stderr(), "left out: tests that need {name}, since {why}");
    }
    found
}
