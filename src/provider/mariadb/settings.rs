//! Checks the settings of a MariaDB that protect its sites' data.

use super::my_cnf::MyCnf;
use crate::diagnostic::{Code, Diagnostic};
use crate::language::SettingText;
use crate::layers::Origin;

/// The problems in the settings of a MariaDB. `below` is the path of the MariaDB in the definition.
pub(super) fn check(settings: &MyCnf, origin: &Origin, below: &[&str]) -> Vec<Diagnostic> {
    let mut found = character_set(settings, origin, below);
    found.extend(trusted_functions(settings, origin, below));
    found.extend(unsafe_ones(settings, origin, below));
    found
}

/// An option of MariaDB, and its shortest accepted name. The server accepts any prefix that belongs
/// to exactly one option (source: `mysys/my_getopt.c`).
#[derive(Clone, Copy)]
struct Setting(&'static str, &'static str);

/// The meaning of a stated name for an option.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum NameMeaning {
    /// The option has the stated value.
    Straight,
    /// The name has a prefix that changes the meaning of the value: with `skip_`, `0` means on, and
    /// with `enable_`, every value except `0` means on.
    Prefixed,
}

/// A statement of an option: the stated name, and the value of the option if it is the stated
/// value.
type Statement<'s> = (&'s str, Option<&'s SettingText>);

impl Setting {
    /// The meaning of a stated name for this option, or `None` if it names another option. The
    /// server accepts any of these prefixes, and some of them more than once (same source).
    fn named(self, stated: &str) -> Option<NameMeaning> {
        const CHANGING: [&str; 4] = ["skip_", "disable_", "enable_", "maximum_"];
        let Self(name, least) = self;
        let (mut stated, mut named) = (stated, NameMeaning::Straight);
        loop {
            if name.starts_with(stated) && stated.len() >= least.len() {
                return Some(named);
            }
            stated = match stated.strip_prefix("loose_") {
                Some(rest) => rest,
                None => {
                    named = NameMeaning::Prefixed;
                    CHANGING.iter().find_map(|prefix| stated.strip_prefix(prefix))?
                }
            };
        }
    }

    /// All statements of this option, under any of its names.
    fn stated(self, settings: &MyCnf) -> impl Iterator<Item = Statement<'_>> {
        settings.iter().filter_map(move |(name, value)| {
            let named = self.named(name.as_str())?;
            Some((name.as_str(), (named == NameMeaning::Straight).then_some(value)))
        })
    }
}

/// Whether an option certainly has one of these values.
fn is_one_of(value: Option<&SettingText>, words: &[&str]) -> bool {
    match value {
        Some(SettingText::Switch(false)) => words.contains(&"OFF"),
        Some(SettingText::Switch(true)) | None => false,
        Some(SettingText::Text(text)) => words.iter().any(|word| text.eq_ignore_ascii_case(word)),
    }
}

const OFF: &[&str] = &["0", "OFF", "FALSE"];

/// An option that may only have these values, and the effect of other values.
struct Unsafe(Setting, &'static [&'static str], &'static str);

const ELSEWHERE: &str = "makes the server look for its data outside its volume, so it starts empty";

const UNSAFE: [Unsafe; 13] = [
    Unsafe(
        Setting("skip_grant_tables", "skip_g"),
        OFF,
        "lets everybody use every database without a password",
    ),
    Unsafe(
        Setting("init_file", "init_f"),
        &[],
        "runs its statements as root whenever the server starts",
    ),
    Unsafe(
        Setting("init_slave", "init_s"),
        &[],
        "runs its statements with every privilege on each replica",
    ),
    Unsafe(
        Setting("report_password", "report_pa"),
        &[],
        "is a password, and everybody who reads the manifests would see it",
    ),
    Unsafe(Setting("datadir", "data"), &[], ELSEWHERE),
    Unsafe(Setting("innodb_data_home_dir", "innodb_data_h"), &[], ELSEWHERE),
    Unsafe(Setting("innodb_log_group_home_dir", "innodb_log_g"), &[], ELSEWHERE),
    Unsafe(Setting("innodb_undo_directory", "innodb_undo_d"), &[], ELSEWHERE),
    Unsafe(Setting("aria_log_dir_path", "aria_log_d"), &[], ELSEWHERE),
    Unsafe(
        Setting("lower_case_table_names", "lowe"),
        &["0"],
        "changes the names of tables to lower case, but Frappe's tables have capitals",
    ),
    Unsafe(
        Setting("skip_networking", "skip_ne"),
        OFF,
        "stops all connections between the server and its sites",
    ),
    Unsafe(
        Setting("bind_address", "bind"),
        &["*", "::", "0.0.0.0"],
        "changes the address of the server, but its sites connect to the address of the pod",
    ),
    Unsafe(
        Setting("port", "port"),
        &["3306"],
        "changes the port of the server, but its sites connect to port 3306",
    ),
];

fn unsafe_ones(settings: &MyCnf, origin: &Origin, below: &[&str]) -> Vec<Diagnostic> {
    let of = |Unsafe(setting, harmless, why): &Unsafe| {
        let stated = setting.stated(settings).filter(|(_, value)| !is_one_of(*value, harmless));
        let problem = |(name, _): Statement| {
            let span = origin.span(&[below, &["myCnf", name]].concat());
            // SW411: an unsafe server setting.
            let problem = Diagnostic::new(Code::UnsafeSetting, span, format!("`{name}` {why}"));
            problem.help("remove it; if you need it once, start the server by hand")
        };
        stated.map(problem).collect::<Vec<_>>()
    };
    UNSAFE.iter().flat_map(of).collect()
}

/// Frappe reads and writes utf8mb4. With `--no-setup-db`, which operators use, it does not set the
/// character set itself.
fn character_set(settings: &MyCnf, origin: &Origin, below: &[&str]) -> Vec<Diagnostic> {
    const FIXED: [(Setting, &str); 2] = [
        (Setting("character_set_server", "character_set_s"), "utf8mb4"),
        (Setting("collation_server", "coll"), "utf8mb4_unicode_ci"),
    ];
    let of = |(setting, wanted): &(Setting, &str)| {
        let wanted_text = SettingText::Text((*wanted).to_owned());
        let others = setting.stated(settings).filter(|(_, value)| *value != Some(&wanted_text));
        let problem = |(name, _): Statement| {
            let span = origin.span(&[below, &["myCnf", name]].concat());
            let message = format!("Frappe needs `{}: {wanted}`", setting.0);
            // SW104: another character set than Frappe needs.
            Diagnostic::new(Code::BadValue, span, message)
                .help("remove it: the built-in settings state the right value")
        };
        others.map(problem).collect::<Vec<_>>()
    };
    FIXED.iter().flat_map(of).collect()
}

/// A statement-based binary log records a call of a stored function as the call. A replica, or a
/// restore to a point in time, repeats that call with every privilege. So the function of one site
/// could read and write the data of other sites there. MariaDB prevents this: with a binary log,
/// only root can create functions and triggers (error 1419). If that guard is off, the log must be
/// row-based.
fn trusted_functions(settings: &MyCnf, origin: &Origin, below: &[&str]) -> Option<Diagnostic> {
    const TRUST: Setting = Setting("log_bin_trust_function_creators", "log_bin_t");
    const FORMAT: Setting = Setting("binlog_format", "binlog_fo");
    // A value that MariaDB does not understand, such as one in quotes, may mean on in another
    // version.
    let (name, _) = TRUST.stated(settings).find(|(_, value)| !is_one_of(*value, OFF))?;
    let other = FORMAT.stated(settings).find(|(_, value)| !is_one_of(*value, &["ROW"]));
    if other.is_none() && FORMAT.stated(settings).next().is_some() {
        return None;
    }
    let span = |name| origin.span(&[below, &["myCnf", name]].concat());
    let format = FORMAT.0;
    // SW410: stored functions that a replica runs with every privilege.
    let found = Diagnostic::new(
        Code::TrustedFunctions,
        span(name),
        format!(
            "`{name}` without `{format}: ROW` lets the functions of one site read and write the data of every site"
        ),
    );
    let found = match other {
        Some((other, _)) => found.related(span(other), "another format is stated here"),
        None => found,
    };
    Some(found.help(format!(
        "remove it, because Frappe needs neither functions nor triggers; or state `{format}: ROW` too"
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_option_is_known_by_each_of_its_names() {
        use NameMeaning::{Prefixed, Straight};
        let named = |name: &str| UNSAFE.iter().find_map(|Unsafe(setting, ..)| setting.named(name));
        for (name, how) in [
            ("skip_grant_tables", Straight),
            ("skip_grant", Straight),
            ("loose_skip_grant_tables", Straight),
            ("loose_enable_skip_gr", Prefixed),
            ("loose_loose_skip_grant_tables", Straight),
            ("skip_skip_grant_tables", Prefixed),
            ("disable_skip_ne", Prefixed),
            ("loose_skip_skip_grant_tables", Prefixed),
            ("data", Straight),
            ("skip_ne", Straight),
            ("datadir", Straight),
            ("port", Straight),
            ("bind_address", Straight),
        ] {
            assert_eq!(named(name), Some(how), "{name}");
        }
        for name in [
            "skip_name_resolve",
            "innodb_data_file_path",
            "port_open_timeout",
            "init_connect",
            "loose_",
            "skip_skip_name_resolve",
            "s",
        ] {
            assert_eq!(named(name), None, "{name}");
        }
    }
}
