//! What a plain scalar means to three kinds of readers: those of YAML 1.1 (with the patterns of PyYAML), those
//! of the YAML 1.2 core schema, and Go's, which kubectl and every operator use.
//!
//! The patterns are those of the readers' own sources. They share nothing with the rules of the program, so a
//! mistake in one of the two shows.

use regex::Regex;
use std::sync::LazyLock;

/// What a reader makes of a plain scalar.
#[derive(Clone, Debug, PartialEq)]
pub enum Reading {
    /// Null.
    Null,
    /// A boolean.
    Bool(bool),
    /// A whole number of 64 bits.
    Int(i64),
    /// A finite number.
    Float(f64),
    /// Text.
    Text,
    /// A value that JSON does not have, or whose exact form does not matter here, such as a date.
    Other(&'static str),
}

/// What the three kinds of readers make of a plain scalar.
pub fn readings(text: &str) -> [Reading; 3] {
    [in_1_1(text), in_core_of_1_2(text), in_go(text)]
}

/// The one reading of all readers. `None` if they disagree.
pub fn agreed(text: &str) -> Option<Reading> {
    let [first, second, third] = readings(text);
    (first == second && second == third).then_some(first)
}

fn pattern(text: &str) -> Regex {
    // The patterns are constants, and tests use each of them.
    Regex::new(&format!("^(?:{text})$")).unwrap_or_else(|error| panic!("{error}"))
}

fn null_or_not_finite(text: &str) -> Option<Reading> {
    static NOT_FINITE: LazyLock<Regex> =
        LazyLock::new(|| pattern(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)"));
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Some(Reading::Null),
        _ if NOT_FINITE.is_match(text) => Some(Reading::Other("a number that is not finite")),
        _ => None,
    }
}

/// The type repository of YAML 1.1, with the patterns of PyYAML's resolver and the single letters that PyYAML
/// leaves out.
fn in_1_1(text: &str) -> Reading {
    static INT: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"[-+]?0b[0-1_]+|[-+]?0[0-7_]+|[-+]?(?:0|[1-9][0-9_]*)|[-+]?0x[0-9a-fA-F_]+|[-+]?[1-9][0-9_]*(?::[0-5]?[0-9])+",
        )
    });
    static FLOAT: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"[-+]?(?:[0-9][0-9_]*)\.[0-9_]*(?:[eE][-+][0-9]+)?|\.[0-9][0-9_]*(?:[eE][-+][0-9]+)?|[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+\.[0-9_]*",
        )
    });
    static DATE: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"[0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:[Tt]|[ \t]+)[0-9]{1,2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]*)?(?:[ \t]*(?:Z|[-+][0-9]{1,2}(?::?[0-9]{2})?))?",
        )
    });
    if let Some(reading) = null_or_not_finite(text) {
        return reading;
    }
    match text {
        "y" | "Y" | "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => {
            Reading::Bool(true)
        }
        "n" | "N" | "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => {
            Reading::Bool(false)
        }
        "<<" => Reading::Other("a merge key"),
        "=" => Reading::Other("a default value"),
        _ if DATE.is_match(text) => Reading::Other("a date"),
        _ if INT.is_match(text) && text.contains(':') => Reading::Other("a base-60 number"),
        _ if INT.is_match(text) => integer(&text.replace('_', ""), true),
        _ if FLOAT.is_match(text) && text.contains(':') => Reading::Other("a base-60 number"),
        _ if FLOAT.is_match(text) => float(&text.replace('_', "")),
        _ => Reading::Text,
    }
}

/// The core schema of YAML 1.2.
fn in_core_of_1_2(text: &str) -> Reading {
    static DECIMAL: LazyLock<Regex> = LazyLock::new(|| pattern("[-+]?[0-9]+"));
    static RADIX: LazyLock<Regex> = LazyLock::new(|| pattern("0o[0-7]+|0x[0-9a-fA-F]+"));
    static FLOAT: LazyLock<Regex> =
        LazyLock::new(|| pattern(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?"));
    if let Some(reading) = null_or_not_finite(text) {
        return reading;
    }
    match text {
        "true" | "True" | "TRUE" => Reading::Bool(true),
        "false" | "False" | "FALSE" => Reading::Bool(false),
        _ if DECIMAL.is_match(text) => integer(text, false),
        _ if RADIX.is_match(text) => integer(text, false),
        _ if FLOAT.is_match(text) => float(text),
        _ => Reading::Text,
    }
}

/// Go's `yaml`, versions 2 and 3, as `sigs.k8s.io/yaml` uses it: `resolve.go`.
fn in_go(text: &str) -> Reading {
    static FLOAT: LazyLock<Regex> =
        LazyLock::new(|| pattern(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?"));
    static DATE: LazyLock<Regex> = LazyLock::new(|| pattern(r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}"));
    if let Some(reading) = null_or_not_finite(text) {
        return reading;
    }
    match text {
        "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => {
            return Reading::Bool(true);
        }
        "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => {
            return Reading::Bool(false);
        }
        "<<" => return Reading::Other("a merge key"),
        _ if !text.starts_with(|first: char| "+-.0123456789".contains(first)) => {
            return Reading::Text;
        }
        _ if DATE.is_match(text) => return Reading::Other("a date"),
        _ => {}
    }
    let plain = text.replace('_', "");
    match integer(&plain, true) {
        Reading::Text if FLOAT.is_match(&plain) => float(&plain),
        reading => reading,
    }
}

/// A whole number with the radix that its start states. With `octal`, `0` alone states 8.
fn integer(text: &str, octal: bool) -> Reading {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", text.strip_prefix('+').unwrap_or(text)),
    };
    let lower = digits.to_ascii_lowercase();
    let (radix, digits) = match lower.get(..2) {
        Some("0x") => (16, &lower[2..]),
        Some("0o") => (8, &lower[2..]),
        Some("0b") => (2, &lower[2..]),
        Some(start) if octal && start.starts_with('0') => (8, &lower[1..]),
        _ => (10, lower.as_str()),
    };
    if digits.is_empty() || !digits.chars().all(|digit| digit.is_digit(radix)) {
        return Reading::Text;
    }
    let number = i64::from_str_radix(&format!("{sign}{digits}"), radix);
    number.map_or(Reading::Other("a number too large for 64 bits"), Reading::Int)
}

fn float(text: &str) -> Reading {
    match text.parse::<f64>() {
        Ok(number) if number.is_finite() => Reading::Float(number),
        _ => Reading::Other("a number that is too large"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn readers_agree() {
        for (text, reading) in [
            ("", Reading::Null),
            ("~", Reading::Null),
            ("true", Reading::Bool(true)),
            ("-12", Reading::Int(-12)),
            ("0x1F", Reading::Int(31)),
            ("1.5", Reading::Float(1.5)),
            ("1.0e+3", Reading::Float(1000.0)),
            ("acme", Reading::Text),
            ("1.2.3", Reading::Text),
            ("10Gi", Reading::Text),
            (".inf", Reading::Other("a number that is not finite")),
        ] {
            assert_eq!(agreed(text), Some(reading), "{text:?}");
        }
    }

    #[test]
    fn readers_disagree() {
        let disputed = [
            "no",
            "Y",
            "on",
            "0777",
            "08",
            "0o7",
            "0b1",
            "1_000",
            "1:30",
            "1:30.5",
            "1e3",
            "=",
            "2026-01-01",
            "2026-1-1 10:00:00",
            "-0b1",
            "+.5",
            "1_0.5",
        ];
        for text in disputed {
            assert_eq!(agreed(text), None, "{text:?}: {:?}", readings(text));
        }
    }
}
