//! What a plain (unquoted) scalar means, and where YAML readers disagree about it.
//!
//! The same characters can mean different things to readers of YAML 1.1 (its type repository, and
//! PyYAML, which follows it), to readers of the YAML 1.2 core schema, and to Kubernetes' own reader
//! in Go, which mixes both. sitewright accepts a value only when all of them agree on it.

/// The meaning of a plain scalar.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Plain {
    /// Null, to every reader.
    Null,
    /// A boolean, to every reader.
    Bool(bool),
    /// A whole number, the same to every reader.
    Int(i64),
    /// Any other finite number, the same to every reader.
    Float(f64),
    /// Text, to every reader.
    Text,
    /// Readers disagree, or JSON has no such value. The text says how some reader reads it.
    Ambiguous(&'static str),
}

const SEPARATORS: Plain = Plain::Ambiguous("a number with separators in YAML 1.1");
const DATE: Plain = Plain::Ambiguous("a date in YAML 1.1");
const BASE_60: Plain = Plain::Ambiguous("a base-60 number in YAML 1.1");
const HEXADECIMAL: Plain = Plain::Ambiguous("a hexadecimal number for some readers");
const OCTAL: Plain = Plain::Ambiguous("an octal number in YAML 1.2");
const BINARY: Plain = Plain::Ambiguous("a binary number in YAML 1.1");
const LEADING_ZERO: Plain =
    Plain::Ambiguous("an octal number in YAML 1.1 and a decimal number in YAML 1.2");
const ZERO_DECIMAL: Plain = Plain::Ambiguous("a decimal number in YAML 1.2 and text in YAML 1.1");
const FLOAT_1_2: Plain = Plain::Ambiguous("a number in YAML 1.2 and text in YAML 1.1");
const TOO_LARGE: Plain = Plain::Ambiguous("a number too large for 64 bits");

/// The meaning of `text` as a plain scalar. The caller checks whether the syntax allows it as one.
pub fn plain(text: &str) -> Plain {
    // Nearly all texts are longer than all words below and are not numbers.
    if text.len() > 5 && text.as_bytes()[0].is_ascii_alphabetic() {
        return Plain::Text;
    }
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Plain::Null,
        "true" | "True" | "TRUE" => Plain::Bool(true),
        "false" | "False" | "FALSE" => Plain::Bool(false),
        "y" | "Y" | "yes" | "Yes" | "YES" | "on" | "On" | "ON" | "n" | "N" | "no" | "No" | "NO"
        | "off" | "Off" | "OFF" => Plain::Ambiguous("a boolean in YAML 1.1"),
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" | "-.inf" | "-.Inf" | "-.INF" => {
            Plain::Ambiguous("infinity, which JSON does not have")
        }
        ".nan" | ".NaN" | ".NAN" => Plain::Ambiguous("not a number, which JSON does not have"),
        "=" => Plain::Ambiguous("the default value of a map in YAML 1.1"),
        "<<" => Plain::Ambiguous("a merge key in YAML 1.1"),
        _ if text.starts_with(|first: char| "+-.0123456789".contains(first)) => numeric(text),
        _ => Plain::Text,
    }
}

/// The meaning of a text that starts like a number or a date.
fn numeric(text: &str) -> Plain {
    if text.contains('_') {
        // Some readers drop all separators, others count them as digits.
        let readings = [text.replace('_', ""), text.replace('_', "0")];
        let separated = readings.iter().any(|reading| number(reading) != Plain::Text);
        return if separated { SEPARATORS } else { Plain::Text };
    }
    if is_date(text) { DATE } else { number(text) }
}

/// The meaning of a text that has no separators and is not a date.
fn number(text: &str) -> Plain {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let signed = unsigned.len() < text.len();
    if let Some(meaning) = with_radix(unsigned, signed) {
        return meaning;
    }
    let (whole, rest) = split_digits(unsigned);
    if rest.is_empty() && !whole.is_empty() {
        return integer(text, whole);
    }
    if rest.starts_with(':') && !whole.is_empty() {
        return if is_base_60(rest) { BASE_60 } else { Plain::Text };
    }
    float(text, whole, rest, signed)
}

/// The meaning of `0x…`, `0o…` and `0b…`, or `None` for any other text.
fn with_radix(unsigned: &str, signed: bool) -> Option<Plain> {
    let mut chars = unsigned.strip_prefix('0')?.chars();
    let (radix, meaning) = match chars.next()? {
        'x' | 'X' => (16, HEXADECIMAL),
        'o' | 'O' => (8, OCTAL),
        'b' | 'B' => (2, BINARY),
        _ => return None,
    };
    // Go reads the part after `0b` in `0b-1` as a number with its own sign.
    let digits = chars.as_str();
    let digits =
        if radix == 16 { digits } else { digits.strip_prefix(['+', '-']).unwrap_or(digits) };
    if digits.is_empty() || !digits.chars().all(|digit| digit.is_digit(radix)) {
        return None;
    }
    // Only the form `0x1F` is the same number to every reader.
    if signed || !unsigned.starts_with("0x") {
        return Some(meaning);
    }
    Some(i64::from_str_radix(digits, radix).map_or(TOO_LARGE, Plain::Int))
}

fn integer(text: &str, digits: &str) -> Plain {
    if digits.len() > 1 && digits.starts_with('0') {
        return if digits.contains(['8', '9']) { ZERO_DECIMAL } else { LEADING_ZERO };
    }
    text.parse().map_or(TOO_LARGE, Plain::Int)
}

/// Whether the text is a base-60 number such as `190:20:30` or `1:30.5`. `rest` is the text after
/// the digits of the first group. Some readers refuse a leading zero in the first group; such a
/// text counts as ambiguous too.
fn is_base_60(rest: &str) -> bool {
    let (groups, fraction) = rest.split_once('.').unwrap_or((rest, ""));
    let sixtieth = |group: &str| match group.as_bytes() {
        [units] => units.is_ascii_digit(),
        [tens, units] => (b'0'..=b'5').contains(tens) && units.is_ascii_digit(),
        _ => false,
    };
    groups.split(':').skip(1).all(sixtieth) && fraction.bytes().all(|byte| byte.is_ascii_digit())
}

/// A number with a fraction or an exponent.
fn float(text: &str, whole: &str, rest: &str, signed: bool) -> Plain {
    let (has_dot, rest) = match rest.strip_prefix('.') {
        Some(rest) => (true, rest),
        None => (false, rest),
    };
    let (fraction, rest) = split_digits(rest);
    let Some(known_exponent) = exponent_in_1_1(rest) else { return Plain::Text };
    if whole.is_empty() && fraction.is_empty() {
        return Plain::Text;
    }
    // YAML 1.1 requires the dot, and a digit between a sign and the dot.
    let in_1_1 = has_dot && known_exponent && (!signed || !whole.is_empty());
    if !in_1_1 {
        return FLOAT_1_2;
    }
    match text.parse::<f64>() {
        Ok(value) if value.is_finite() => Plain::Float(value),
        _ => TOO_LARGE,
    }
}

/// Whether YAML 1.1 also reads this exponent, which it does only with a sign. An empty text is a
/// valid exponent. `None` if the text is not an exponent.
fn exponent_in_1_1(text: &str) -> Option<bool> {
    if text.is_empty() {
        return Some(true);
    }
    let power = text.strip_prefix(['e', 'E'])?;
    let digits = power.strip_prefix(['+', '-']).unwrap_or(power);
    let is_number = !digits.is_empty() && split_digits(digits).1.is_empty();
    is_number.then_some(digits.len() < power.len())
}

/// Whether some reader reads the text as a date, with or without a time.
///
/// The part after the date is only checked for its characters. That is enough, because a text of
/// these characters is refused in either case.
fn is_date(text: &str) -> bool {
    let mut rest = text;
    for (separator, length) in [("", 4..=4), ("-", 1..=2), ("-", 1..=2)] {
        let Some(part) = rest.strip_prefix(separator) else { return false };
        let (digits, after) = split_digits(part);
        if !length.contains(&digits.len()) {
            return false;
        }
        rest = after;
    }
    let Some(time) = rest.strip_prefix(['T', 't', ' ', '\t']) else { return rest.is_empty() };
    time.contains(':') && time.bytes().all(|byte| b"0123456789:.,+-Zz \t".contains(&byte))
}

/// The digits that the text starts with, and what follows them.
fn split_digits(text: &str) -> (&str, &str) {
    let end = text.bytes().position(|byte| !byte.is_ascii_digit()).unwrap_or(text.len());
    text.split_at(end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn all(texts: &[&str], meaning: Plain) {
        for text in texts {
            assert_eq!(plain(text), meaning, "{text:?}");
        }
    }

    #[test]
    fn readers_agree_on_nulls_and_booleans() {
        all(&["", "~", "null", "Null", "NULL"], Plain::Null);
        all(&["true", "True", "TRUE"], Plain::Bool(true));
        all(&["false", "False", "FALSE"], Plain::Bool(false));
    }

    #[test]
    fn readers_agree_on_simple_numbers() {
        let integers = [
            ("0", 0),
            ("-0", 0),
            ("7", 7),
            ("+5", 5),
            ("-12", -12),
            ("0x1F", 31),
            ("0x00ff", 255),
            ("9223372036854775807", i64::MAX),
            ("-9223372036854775808", i64::MIN),
            ("0x7fffffffffffffff", i64::MAX),
        ];
        for (text, value) in integers {
            assert_eq!(plain(text), Plain::Int(value), "{text:?}");
        }
        let floats = [
            ("0.5", 0.5),
            ("00.5", 0.5),
            (".5", 0.5),
            ("1.", 1.0),
            ("-1.25", -1.25),
            ("+1.25", 1.25),
            ("1.5e+3", 1500.0),
            ("1.e-3", 0.001),
            (".5E+1", 5.0),
            ("1.0e-999", 0.0),
        ];
        for (text, value) in floats {
            assert_eq!(plain(text), Plain::Float(value), "{text:?}");
        }
    }

    #[test]
    fn words_and_marks_of_yaml_1_1() {
        let words = [
            "y", "Y", "n", "N", "yes", "Yes", "YES", "no", "No", "NO", "on", "On", "ON", "off",
            "Off", "OFF",
        ];
        all(&words, Plain::Ambiguous("a boolean in YAML 1.1"));
        all(&["="], Plain::Ambiguous("the default value of a map in YAML 1.1"));
        all(&["<<"], Plain::Ambiguous("a merge key in YAML 1.1"));
    }

    #[test]
    fn numbers_that_readers_disagree_about() {
        all(&["0777", "00", "07", "-012", "+00"], LEADING_ZERO);
        all(&["08", "-0009", "0778"], ZERO_DECIMAL);
        all(&["0o17", "0O17", "-0o7", "0o-7"], OCTAL);
        all(&["0b101", "0B1", "+0b0", "0b-1"], BINARY);
        all(&["0X1F", "+0x1F", "-0xa"], HEXADECIMAL);
        all(&["1e3", "1E3", "1.5e3", "1e+3", "-2e-3", ".5e3", "1.e5", "+.5", "-.5e+1"], FLOAT_1_2);
        all(&["9223372036854775808", "-9223372036854775809"], TOO_LARGE);
        all(&["0xffffffffffffffff", "1.0e+999", "-1.0e+999"], TOO_LARGE);
        let separated = [
            "1_000", "1_", "1__0", "+1_0.5", "0b1_0", "0x_1F", "0_x1F", "0b_", "0x_", "-_", "+_1",
            "._", "._5", "1_e5", "1:30.5_", "1e_5", "0o_7", "0_",
        ];
        all(&separated, SEPARATORS);
        let infinities = [".inf", ".Inf", ".INF", "+.inf", "-.Inf", "-.INF"];
        all(&infinities, Plain::Ambiguous("infinity, which JSON does not have"));
        let not_numbers = [".nan", ".NaN", ".NAN"];
        all(&not_numbers, Plain::Ambiguous("not a number, which JSON does not have"));
    }

    #[test]
    fn times_and_dates() {
        all(&["1:30", "190:20:30", "1:30.5", "1:3", "-1:00", "08:30", "1:30."], BASE_60);
        let dates = [
            "2026-01-01",
            "2026-1-1",
            "2026-99-99",
            "2001-12-14t21:59:43.10-05:00",
            "2001-12-15T02:59:43.1Z",
            "2001-12-14 21:59:43.10 -5",
            "2001-12-15 2:59:43.10",
            "2001-12-15 2:5:3",
        ];
        all(&dates, DATE);
    }

    #[test]
    #[expect(clippy::too_many_lines, reason = "a table of texts")]
    fn ordinary_text() {
        let texts = [
            "a",
            "yEs",
            "nO",
            "nULL",
            "tRUE",
            "10.0.0.1",
            "1.2.3",
            "v15",
            "erp.acme.com",
            "10Gi",
            "500m",
            "2d",
            "frappe/erpnext:v15",
            "-",
            "+",
            ".",
            "..",
            "+.",
            "--1",
            "+-1",
            "1-2",
            "_1",
            "__",
            "1a",
            "1_a",
            "0x",
            "0b",
            "0o",
            "0xg",
            "0b2",
            "0o8",
            "1e",
            "1e+",
            "e3",
            ".e3",
            "1.5.",
            "1:60",
            "1:300",
            "80:80",
            "1:",
            ":30",
            "1:-3",
            "10.0.0.1:80",
            "1:30.5.5",
            "00:1a:2b",
            "inf",
            "nan",
            "NaN",
            ".Nan",
            "+.nan",
            "infinity",
            "==",
            "<",
            "<<<",
            "2026-01",
            "2026-01-01a",
            "2026-001-01",
            "2026-01-01 10",
            "26-01-01",
            "2026-01-01 backup",
            "2026-01-01-02",
            "１２",
            "0x1.8p1",
            "1,000",
            "1 000",
            "12e03x",
            "c0ffee",
            "1e3f",
            "7f3a9",
        ];
        all(&texts, Plain::Text);
    }
}
