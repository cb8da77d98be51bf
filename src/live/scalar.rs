//! The meaning of a plain scalar to `kubectl`.
//!
//! Source: `resolve` in `resolve.go` of go.yaml.in/yaml/v2, which sigs.k8s.io/yaml 1.6 uses. It mixes YAML 1.1
//! and 1.2: `yes` is a boolean, `0777` is octal, `1:30` and dates are text.

use crate::source::node::Value;

/// The value of a plain scalar.
pub(super) fn plain(text: &str) -> Value {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Value::Null,
        "y" | "Y" | "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => {
            Value::Bool(true)
        }
        "n" | "N" | "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => {
            Value::Bool(false)
        }
        _ if text.starts_with(|first: char| "+-.0123456789".contains(first)) => {
            number(text).unwrap_or_else(|| Value::String(text.into()))
        }
        _ => Value::String(text.into()),
    }
}

/// A number as its value. A whole number is whole however it is written, as in JSON that Go writes.
pub(super) fn float(number: f64) -> Value {
    /// From here on, not every whole number has a float of its own.
    const EXACT: f64 = 9_007_199_254_740_992.0;
    match number {
        _ if number.fract() == 0.0 && number.abs() < EXACT => {
            #[expect(clippy::cast_possible_truncation, reason = "the number is whole and small")]
            let whole = number as i64;
            Value::Int(whole)
        }
        _ => Value::Float(number),
    }
}

fn number(text: &str) -> Option<Value> {
    let digits = text.replace('_', "");
    if let Some(dotted) = text.strip_prefix('.') {
        let starts = dotted.starts_with(|first: char| first.is_ascii_digit());
        return starts.then(|| decimal(text)).flatten();
    }
    whole(&digits).or_else(|| is_decimal(&digits).then(|| decimal(&digits)).flatten())
}

/// A whole number of 64 bits, as Go's `ParseInt` and `ParseUint` read it with the base 0.
fn whole(text: &str) -> Option<Value> {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (digits, radix) = match unsigned.as_bytes() {
        [b'0', b'x' | b'X', ..] => (&unsigned[2..], 16),
        [b'0', b'o' | b'O', ..] => (&unsigned[2..], 8),
        [b'0', b'b' | b'B', ..] => (&unsigned[2..], 2),
        [b'0', _, ..] => (&unsigned[1..], 8),
        _ => (unsigned, 10),
    };
    if digits.starts_with(['+', '-']) {
        return None;
    }
    let sign = if text.starts_with('-') { -1 } else { 1 };
    let number = i128::from_str_radix(digits, radix).ok()? * sign;
    match i64::try_from(number) {
        Ok(number) => Some(Value::Int(number)),
        Err(_) => u64::try_from(number).ok().map(large),
    }
}

/// A whole number that has more than 63 bits. It loses its last digits.
#[expect(clippy::cast_precision_loss, reason = "no field of an object is so large")]
pub(super) fn large(number: u64) -> Value {
    Value::Float(number as f64)
}

/// Whether a text has the form `[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?`.
fn is_decimal(text: &str) -> bool {
    let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
    let rest = text.strip_prefix(['+', '-']).unwrap_or(text);
    let before = digits(rest);
    let mut rest = &rest[before..];
    if let Some(fraction) = rest.strip_prefix('.') {
        let after = digits(fraction);
        if before + after == 0 || (before == 0 && after == 0) {
            return false;
        }
        rest = &fraction[after..];
    } else if before == 0 {
        return false;
    }
    match rest.strip_prefix(['e', 'E']) {
        Some(power) => {
            let power = power.strip_prefix(['+', '-']).unwrap_or(power);
            !power.is_empty() && digits(power) == power.len()
        }
        None => rest.is_empty(),
    }
}

/// A decimal number that JSON has.
fn decimal(text: &str) -> Option<Value> {
    text.parse::<f64>().ok().filter(|number| number.is_finite()).map(float)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scalars_mean_what_they_mean_to_kubectl() {
        for text in ["yes", "on", "Y", "true", "True"] {
            assert_eq!(plain(text), Value::Bool(true), "{text}");
        }
        for text in ["no", "OFF", "n", "FALSE"] {
            assert_eq!(plain(text), Value::Bool(false), "{text}");
        }
        for (text, number) in [
            ("0777", 511),
            ("0o17", 15),
            ("0b101", 5),
            ("0x1F", 31),
            ("-0x1", -1),
            ("1_000", 1000),
            ("+7", 7),
            ("08", 8),
            ("1.0", 1),
            ("1e3", 1000),
            ("-0", 0),
        ] {
            assert_eq!(plain(text), Value::Int(number), "{text}");
        }
        assert_eq!(plain(".5"), Value::Float(0.5));
        assert_eq!(plain("1.5e-1"), Value::Float(0.15));
        for text in [
            "1:30",
            "2026-11-28",
            ".inf",
            ".nan",
            "1.2.3",
            "10Gi",
            "-",
            ".",
            "+",
            "0x",
            "v1",
            "yEs",
            "0o9",
            "1e",
            "--1",
            "0x-1",
            "<<",
            "=",
        ] {
            assert_eq!(plain(text), Value::String(text.into()), "{text}");
        }
    }
}
