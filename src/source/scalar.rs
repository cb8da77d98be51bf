//! What a plain (unquoted) scalar means to the readers of the world: YAML 1.1 (its type repository,
//! PyYAML), YAML 1.2's core schema, and Go's (go-yaml, which Kubernetes' tools use).
//!
//! Where they agree, so do we. Where they do not, the scalar is ambiguous: an error for the reader,
//! quotes for the writer.

/// The meaning of a plain scalar.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Plain {
    /// Nothing.
    Null,
    /// A boolean.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// Any other finite number.
    Float(f64),
    /// Text.
    Text,
    /// Readers disagree; what some of them take it for.
    Ambiguous(&'static str),
}

/// The meaning of a plain scalar.
pub fn plain(text: &str) -> Plain {
    match text.as_bytes() {
        [] => Plain::Null,
        // Most scalars are words: nothing that is read as anything else starts like them.
        [first, ..] if !is_suspect(*first) => Plain::Text,
        _ => word(text).unwrap_or_else(|| number(text)),
    }
}

/// Whether a scalar that starts so can be anything but text.
fn is_suspect(first: u8) -> bool {
    first.is_ascii_digit() || b"+-.~=<yYnNtTfFoO".contains(&first)
}

fn word(text: &str) -> Option<Plain> {
    Some(match text {
        "~" | "null" | "Null" | "NULL" => Plain::Null,
        "true" | "True" | "TRUE" => Plain::Bool(true),
        "false" | "False" | "FALSE" => Plain::Bool(false),
        "y" | "Y" | "yes" | "Yes" | "YES" | "on" | "On" | "ON" => {
            Plain::Ambiguous("the boolean true in YAML 1.1")
        }
        "n" | "N" | "no" | "No" | "NO" | "off" | "Off" | "OFF" => {
            Plain::Ambiguous("the boolean false in YAML 1.1")
        }
        "=" => Plain::Ambiguous("a default value in YAML 1.1"),
        "<<" => Plain::Ambiguous("a merge key in YAML 1.1"),
        _ => return None,
    })
}

/// The meaning of what may be a number or a date.
fn number(text: &str) -> Plain {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    if is_infinite(unsigned) {
        return Plain::Ambiguous("a number that JSON does not have");
    }
    if is_separated(unsigned) {
        return Plain::Ambiguous("a number with separators in YAML 1.1");
    }
    if !unsigned.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
        return Plain::Text;
    }
    if unsigned.contains(':') {
        return match is_sexagesimal(unsigned) {
            true => Plain::Ambiguous("a number of base 60 in YAML 1.1"),
            false if is_date(text) => Plain::Ambiguous("a date in YAML 1.1"),
            false => Plain::Text,
        };
    }
    if is_date(text) {
        return Plain::Ambiguous("a date in YAML 1.1");
    }
    decimal(text, unsigned)
}

fn decimal(text: &str, unsigned: &str) -> Plain {
    let digits =
        |rest: &str, radix: u32| !rest.is_empty() && rest.chars().all(|c| c.is_digit(radix));
    let prefixed = |prefix: &str, radix: u32| {
        let rest = unsigned.strip_prefix(prefix)?;
        digits(rest, radix).then_some(rest)
    };
    if prefixed("0o", 8).is_some() || prefixed("0O", 8).is_some() {
        return Plain::Ambiguous("an octal number in YAML 1.2");
    }
    if prefixed("0b", 2).is_some() || prefixed("0B", 2).is_some() {
        return Plain::Ambiguous("a binary number in YAML 1.1");
    }
    if prefixed("0X", 16).is_some() {
        return Plain::Ambiguous("a hexadecimal number to some readers");
    }
    if let Some(hexadecimal) = prefixed("0x", 16) {
        return match (i64::from_str_radix(hexadecimal, 16), text.starts_with(['+', '-'])) {
            (Ok(value), false) => Plain::Int(value),
            _ => Plain::Ambiguous("a hexadecimal number to some readers"),
        };
    }
    if digits(unsigned, 10) {
        return match text.parse() {
            _ if unsigned.len() > 1 && unsigned.starts_with('0') => {
                Plain::Ambiguous("an octal number in YAML 1.1 and a decimal one in YAML 1.2")
            }
            // `-0` is a float's zero to some.
            Ok(0) if text.starts_with('-') => Plain::Ambiguous("a negative zero"),
            Ok(value) => Plain::Int(value),
            Err(_) => Plain::Ambiguous("a number too large to be exact"),
        };
    }
    float(text, unsigned)
}

fn float(text: &str, unsigned: &str) -> Plain {
    let (mantissa, exponent) = match unsigned.find(['e', 'E']) {
        Some(at) => (&unsigned[..at], Some(&unsigned[at + 1..])),
        None => (unsigned, None),
    };
    let mut parts = mantissa.split('.');
    let (whole, fraction) = (parts.next().unwrap_or_default(), parts.next());
    let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let exponent_digits = exponent.map(|e| e.strip_prefix(['+', '-']).unwrap_or(e));
    let is_float = parts.next().is_none()
        && all_digits(whole)
        && fraction.is_none_or(all_digits)
        && !(whole.is_empty() && fraction.is_none_or(str::is_empty))
        && exponent_digits.is_none_or(|digits| !digits.is_empty() && all_digits(digits));
    if !is_float {
        return Plain::Text;
    }
    // YAML 1.1 wants a dot, and a sign in the exponent; PyYAML wants a digit before the dot's
    // exponent too. `1.` and `.5` are read alike by all.
    let signed = exponent.is_none_or(|exponent| exponent.starts_with(['+', '-']));
    let leading_zeros = whole.len() > 1 && whole.starts_with('0');
    match text.parse::<f64>() {
        Ok(value) if signed && fraction.is_some() && !leading_zeros && value.is_finite() => {
            Plain::Float(value)
        }
        _ => Plain::Ambiguous("a number in YAML 1.2 and text in YAML 1.1"),
    }
}

/// `1_000`, and what readers that take every `_` away only begin to take for a number: `-_`, `0x_`.
fn is_separated(unsigned: &str) -> bool {
    if !unsigned.contains('_') {
        return false;
    }
    let digits = |text: &str, more: &str| {
        text.chars().all(|c| c.is_ascii_digit() || c == '_' || more.contains(c))
    };
    let stripped = unsigned.replace('_', "");
    digits(unsigned, ".")
        || ["0x", "0o", "0b"].iter().any(|prefix| {
            unsigned.strip_prefix(prefix).is_some_and(|rest| digits(rest, "abcdefABCDEF"))
        })
        || stripped.starts_with(|c: char| c.is_ascii_digit() || c == '.')
            && decimal(&stripped, &stripped) != Plain::Text
}

fn is_infinite(unsigned: &str) -> bool {
    matches!(unsigned, ".inf" | ".Inf" | ".INF" | ".nan" | ".NaN" | ".NAN")
}

/// `190:20:30`, `1:30.5`.
fn is_sexagesimal(unsigned: &str) -> bool {
    let mut parts = unsigned.split(':');
    let first = parts.next().unwrap_or_default();
    let number = |part: &str| {
        !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit() || byte == b'_')
    };
    let mut rest: Vec<&str> = parts.collect();
    if let Some(last) = rest.last_mut() {
        *last = last.split('.').next().unwrap_or_default();
    }
    number(first)
        && !rest.is_empty()
        && rest.iter().all(|part| {
            (1..=2).contains(&part.len())
                && part.bytes().all(|byte| byte.is_ascii_digit())
                && (part.len() == 1 || part.as_bytes()[0] <= b'5')
        })
}

/// `2026-01-31`, and with a time after it.
fn is_date(text: &str) -> bool {
    let mut parts = text.splitn(3, '-');
    let digits = |part: &str| part.bytes().take_while(u8::is_ascii_digit).count();
    let (Some(year), Some(month), Some(rest)) = (parts.next(), parts.next(), parts.next()) else {
        return false;
    };
    let day = digits(rest);
    year.len() == 4
        && digits(year) == 4
        && (1..=2).contains(&month.len())
        && digits(month) == month.len()
        && (1..=2).contains(&day)
        && (rest.len() == day || rest[day..].starts_with(['T', 't', ' ', '\t']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn readers_agree_on_these() {
        for (text, meaning) in [
            ("", Plain::Null),
            ("~", Plain::Null),
            ("null", Plain::Null),
            ("NULL", Plain::Null),
            ("true", Plain::Bool(true)),
            ("False", Plain::Bool(false)),
            ("0", Plain::Int(0)),
            ("-12", Plain::Int(-12)),
            ("+5", Plain::Int(5)),
            ("0x1F", Plain::Int(31)),
            ("9223372036854775807", Plain::Int(i64::MAX)),
            ("10.11", Plain::Float(10.11)),
            ("1.", Plain::Float(1.0)),
            (".5", Plain::Float(0.5)),
            ("1.5e+3", Plain::Float(1500.0)),
        ] {
            assert_eq!(plain(text), meaning, "{text}");
        }
    }

    #[test]
    fn readers_disagree_on_these() {
        for text in [
            "y",
            "N",
            "yes",
            "No",
            "ON",
            "off",
            "=",
            "<<",
            "0777",
            "08",
            "00",
            "-01",
            "0o17",
            "0b101",
            "0X1F",
            "1_000",
            "1_0.5",
            "0x1_F",
            "1:30",
            "190:20:30",
            "1:30.5",
            "-1:30",
            "2026-01-01",
            "2026-1-1",
            "2001-12-14t21:59:43.10-05:00",
            "2001-12-14 21:59:43",
            "1e3",
            "1.5e3",
            ".inf",
            "-.INF",
            ".nan",
            "9223372036854775808",
            "-0",
            "01.5",
            "1E5",
        ] {
            assert!(matches!(plain(text), Plain::Ambiguous(_)), "{text}: {:?}", plain(text));
        }
    }

    #[test]
    fn ordinary_text_is_text() {
        for text in [
            "10.0.0.1",
            "1.2.3",
            "v15",
            "erp.acme.com",
            "10Gi",
            "500m",
            "2d",
            "a:b",
            "-foo",
            "--x",
            "frappe/erpnext:v15",
            "nothing",
            "yesterday",
            "tru",
            "..",
            ".",
            "-",
            "+",
            "1.2.3.4:80",
            "0x",
            "0xg",
            "_",
            "_1",
            "1_a",
            "12:99",
            "2026-01",
            "2026-01-01x",
            "e3",
            "1e",
            "<",
            "<<<",
            "==",
            "12:30:99",
            "1h",
            "10s",
            "0.0.0",
            "~x",
            "nan",
            "inf",
            "é",
        ] {
            assert_eq!(plain(text), Plain::Text, "{text}");
        }
    }
}
