//! Checks the settings of a PostgreSQL server: those that CloudNativePG keeps to itself, and those
//! that lose or open its sites' data.

use crate::diagnostic::{Code, Diagnostic};
use crate::language::{ParameterName, ParameterValue};
use crate::layers::Origin;
use crate::operator::CloudNativePg;
use std::collections::BTreeMap;

/// Settings of a server.
pub(super) type Settings = BTreeMap<ParameterName, ParameterValue>;

/// A setting that may only have these values, and the effect of other values.
struct Unsafe(&'static str, &'static [&'static str], &'static str);

/// How PostgreSQL writes that a switch is on or off. It accepts each prefix that is not ambiguous
/// (source: `parse_bool_with_len` in `src/backend/utils/adt/bool.c`).
const ON: &[&str] = &["on", "true", "tru", "tr", "t", "yes", "ye", "y", "1"];
const OFF: &[&str] = &["off", "of", "false", "fals", "fal", "fa", "f", "no", "n", "0"];

const UNSAFE: [Unsafe; 8] = [
    Unsafe("fsync", ON, "loses or damages data when a node fails"),
    Unsafe("full_page_writes", ON, "damages data when a node fails"),
    Unsafe("zero_damaged_pages", OFF, "replaces damaged data by zeros"),
    Unsafe("ignore_checksum_failure", OFF, "reads damaged data as if it were sound"),
    Unsafe("ignore_invalid_pages", OFF, "skips damaged data when the server recovers"),
    Unsafe("lo_compat_privileges", OFF, "opens large objects to every account of a database"),
    Unsafe(
        "password_encryption",
        &["scram-sha-256"],
        "stores passwords in a form that the server's own rules do not accept",
    ),
    Unsafe(
        "wal_level",
        &["logical", "replica"],
        "leaves the server without replicas and backups, and CloudNativePG refuses it",
    ),
];

/// The problems in the settings of a server. `below` is the path of the server in the definition.
pub(super) fn check(
    settings: &Settings,
    operator: Option<&CloudNativePg>,
    origin: &Origin,
    below: &[&str],
) -> Vec<Diagnostic> {
    let span = |name: &str| origin.span(&[below, &["settings", name]].concat());
    let problem = |(name, value): (&ParameterName, &ParameterValue)| {
        if let Some(operator) = operator
            && operator.fixed_parameters.binary_search(&name.as_str()).is_ok()
        {
            let message = format!("CloudNativePG {} sets `{name}` by itself", operator.id);
            // SW104: a setting that the operator keeps to itself.
            let problem = Diagnostic::new(Code::BadValue, span(name), message);
            return Some(problem.help("remove it: the operator refuses a server that states it"));
        }
        let Unsafe(_, harmless, why) = UNSAFE.iter().find(|it| name.as_str() == it.0)?;
        let is_harmless = harmless.iter().any(|word| value.eq_ignore_ascii_case(word));
        // SW411: an unsafe server setting.
        (!is_harmless).then(|| {
            Diagnostic::new(Code::UnsafeSetting, span(name), format!("`{name}: {value}` {why}"))
                .help("remove it: where it is needed for once, set it by hand in the server's pod")
        })
    };
    settings.iter().filter_map(problem).collect()
}
