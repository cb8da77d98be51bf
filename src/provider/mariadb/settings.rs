//! Settings of a MariaDB that its sites' data depends on.

use crate::diagnostic::{Code, Diagnostic};
use crate::language::SettingText;
use crate::resolve::{MyCnf, Origin};

/// What is wrong with the settings of a MariaDB; `below` is where the definition states it.
pub(super) fn check(settings: &MyCnf, origin: &Origin, below: &[&str]) -> Vec<Diagnostic> {
    let mut found = character_set(settings, origin, below);
    found.extend(trusted_functions(settings, origin, below));
    found.extend(unsafe_ones(settings, origin, below));
    found
}

/// An option of MariaDB, and its shortest name: the server takes whatever is the start of one option alone
/// (source: `mysys/my_getopt.c`).
#[derive(Clone, Copy)]
struct Setting(&'static str, &'static str);

impl Setting {
    /// Whether a stated name is that of this option. In front of it the server takes `loose_`, which says
    /// that an unknown one is no error, and `enable_` (same source).
    fn is(self, stated: &str) -> bool {
        let Self(name, least) = self;
        let stated = stated.strip_prefix("loose_").unwrap_or(stated);
        let stated = stated.strip_prefix("enable_").unwrap_or(stated);
        name.starts_with(stated) && stated.len() >= least.len()
    }
}

const UNSAFE: [(Setting, &str); 6] = [
    (
        Setting("skip_grant_tables", "skip_g"),
        "lets everybody into every database, without a password",
    ),
    (Setting("init_file", "init_f"), "runs its statements as root whenever the server starts"),
    (
        Setting("datadir", "data"),
        "makes the server look for its data beside its volume, and start empty",
    ),
    (
        Setting("innodb_data_home_dir", "innodb_data_h"),
        "makes the server look for its data beside its volume, and start empty",
    ),
    (Setting("skip_networking", "skip_ne"), "cuts the server off from its sites"),
    (Setting("port", "port"), "says where the server listens, and its sites dial 3306"),
];

fn unsafe_ones(settings: &MyCnf, origin: &Origin, below: &[&str]) -> Vec<Diagnostic> {
    let of = |stated: &str| {
        let (_, why) = UNSAFE.iter().find(|(setting, _)| setting.is(stated))?;
        let span = origin.span(&[below, &["myCnf", stated]].concat());
        let problem = Diagnostic::new(Code::UnsafeSetting, span, format!("`{stated}` {why}"));
        Some(problem.help("remove it: where it is needed for once, start the server by hand"))
    };
    settings.keys().filter_map(|name| of(name.as_str())).collect()
}

/// Frappe reads and writes utf8mb4; with `--no-setup-db`, which operators use, it does not set the
/// character set itself.
fn character_set(settings: &MyCnf, origin: &Origin, below: &[&str]) -> Vec<Diagnostic> {
    const FIXED: [(&str, &str); 2] =
        [("character_set_server", "utf8mb4"), ("collation_server", "utf8mb4_unicode_ci")];
    FIXED
        .iter()
        .filter_map(|(name, wanted)| {
            let (_, value) = settings.iter().find(|(setting, _)| setting.as_str() == *name)?;
            if *value == SettingText::Text((*wanted).to_owned()) {
                return None;
            }
            let span = origin.span(&[below, &["myCnf", name]].concat());
            Some(
                Diagnostic::new(Code::BadValue, span, format!("Frappe needs `{name}: {wanted}`"))
                    .help("remove it: the built-in settings state it"),
            )
        })
        .collect()
}

/// A log of statements holds a call of a stored function as the call, and whoever repeats it, a replica
/// or a restore to a moment, does so with every privilege: one site's function could read and write the
/// others' data there. MariaDB's guard is that with a binary log only root makes functions and triggers
/// (error 1419); where it is off, a log of rows must take its place.
fn trusted_functions(settings: &MyCnf, origin: &Origin, below: &[&str]) -> Option<Diagnostic> {
    const TRUST: Setting = Setting("log_bin_trust_function_creators", "log_bin_t");
    const FORMAT: &str = "binlog_format";
    let is = |value: &SettingText, words: &[&str]| match value {
        SettingText::Switch(_) => false,
        SettingText::Text(text) => words.iter().any(|word| text.eq_ignore_ascii_case(word)),
    };
    // What MariaDB does not understand, in quotes for instance, may be on in another version.
    let (name, trust) = settings.iter().find(|(name, _)| TRUST.is(name.as_str()))?;
    let is_on = *trust != SettingText::Switch(false) && !is(trust, &["0", "OFF", "FALSE"]);
    let format = settings.iter().find(|(name, _)| name.as_str() == FORMAT);
    if !is_on || format.is_some_and(|(_, format)| is(format, &["ROW"])) {
        return None;
    }
    let span = |name| origin.span(&[below, &["myCnf", name]].concat());
    let found = Diagnostic::new(
        Code::TrustedFunctions,
        span(name.as_str()),
        format!("`{name}` without `{FORMAT}: ROW` opens every site's data to the functions of one"),
    );
    let found = match format {
        Some(_) => found.related(span(FORMAT), "another format is stated here"),
        None => found,
    };
    Some(found.help(format!(
        "remove it: Frappe needs neither functions nor triggers; or state `{FORMAT}: ROW` too"
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_option_is_known_by_each_of_its_names() {
        let is_unsafe = |name: &str| UNSAFE.iter().any(|(setting, _)| setting.is(name));
        for name in [
            "skip_grant_tables",
            "skip_grant",
            "loose_skip_grant_tables",
            "loose_enable_skip_gr",
            "data",
            "skip_ne",
            "datadir",
            "port",
            "skip_networking",
        ] {
            assert!(is_unsafe(name), "{name}");
        }
        for name in
            ["skip_name_resolve", "innodb_data_file_path", "port_open_timeout", "init_connect"]
        {
            assert!(!is_unsafe(name), "{name}");
        }
    }
}
