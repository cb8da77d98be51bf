//! Quantities of Kubernetes: bytes and cores.
//!
//! A custom resource accepts every text in the form of a quantity. An impossible amount for a
//! volume or a pod fails later, inside the operator, so it is refused here.

use super::amount::Quantified;
use super::{Complaint, Format};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, de};
use std::borrow::Cow;

/// The units of Kubernetes' quantities, each in billionths (source: `k8s.io/apimachinery/pkg/api/resource`).
const UNITS: [(&str, i128); 16] = [
    ("", ONE),
    ("n", 1),
    ("u", 1_000),
    ("m", 1_000_000),
    ("k", ONE * 1_000),
    ("M", ONE * 1_000_000),
    ("G", ONE * 10_i128.pow(9)),
    ("T", ONE * 10_i128.pow(12)),
    ("P", ONE * 10_i128.pow(15)),
    ("E", ONE * 10_i128.pow(18)),
    ("Ki", ONE << 10),
    ("Mi", ONE << 20),
    ("Gi", ONE << 30),
    ("Ti", ONE << 40),
    ("Pi", ONE << 50),
    ("Ei", ONE << 60),
];

const ONE: i128 = 1_000_000_000;

/// The smallest amount of bytes. No volume is smaller, and no program starts with less memory.
const FEWEST_BYTES: i128 = ONE << 20;

/// The largest amount that Kubernetes can represent (same source).
const MOST_BYTES: i128 = ONE * i64::MAX as i128;

/// The smallest share of a core that Kubernetes allows (source: its documentation of CPU units).
const FEWEST_CORES: i128 = ONE / 1_000;

/// The largest number of cores. No machine has more.
const MOST_CORES: i128 = ONE * 10_000;

/// An amount in billionths, which is the finest unit that Kubernetes keeps. It is rounded up, as
/// Kubernetes does. `1` and `1000m` are equal. `None` for a text that is not a quantity or is too
/// large.
pub fn quantity(text: &str) -> Option<i128> {
    let (number, unit) = parts(text);
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let fraction = fraction.trim_end_matches('0');
    if number.is_empty() {
        return None;
    }
    let digits: i128 = format!("{whole}{fraction}").parse().ok()?;
    let scale = 10_i128.checked_pow(u32::try_from(fraction.len()).ok()?)?;
    let factor = match UNITS.iter().find(|(name, _)| *name == unit) {
        Some((_, factor)) => *factor,
        None => {
            let exponent: u32 = unit.strip_prefix(['e', 'E'])?.parse().ok()?;
            ONE.checked_mul(10_i128.checked_pow(exponent)?)?
        }
    };
    let product = digits.checked_mul(factor)?;
    Some(product / scale + i128::from(product % scale != 0))
}

/// The number and the unit of an amount.
fn parts(text: &str) -> (&str, &str) {
    text.split_at(text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len()))
}

pub(super) const SIZE: Format = Format {
    name: "size",
    pattern: "^[0-9]+(\\.[0-9]+)?([KMGTPE]i|[kMGTPE]|[eE][0-9]+)?$",
    max_length: 64,
    what: "the size of a volume",
    help: "a size is a number with a unit of Kubernetes, such as 10Gi",
    accepts: |text| is_quantity(text) && size_fault(text).is_none(),
};

pub(super) const MEMORY: Format = Format {
    name: "memory",
    pattern: SIZE.pattern,
    max_length: 64,
    what: "an amount of memory",
    help: "memory is a number with a unit of Kubernetes, such as 512Mi or 2Gi",
    accepts: |text| is_quantity(text) && memory_fault(text).is_none(),
};

pub(super) const CORES: Format = Format {
    name: "cores",
    pattern: "^[0-9]+(\\.[0-9]+)?([num]|[eE][0-9]+)?$",
    max_length: 64,
    what: "a number of cores",
    help: "write a number of cores, such as 2, or thousandths of a core, such as 500m",
    accepts: |text| is_quantity(text) && cores_fault(text).is_none(),
};

/// What is wrong with the size of a volume.
pub(super) fn size_fault(text: &str) -> Option<Complaint> {
    if is_quantity(text) && quantity(text) == Some(0) {
        return complaint(
            "a volume cannot have the size 0".to_owned(),
            "write a size such as 10Gi; a volume can grow later, but never shrink".to_owned(),
        );
    }
    bytes_fault(text, "Gi")
}

/// What is wrong with an amount of memory.
pub(super) fn memory_fault(text: &str) -> Option<Complaint> {
    bytes_fault(text, "Mi")
}

/// What is wrong with an amount of bytes. `usual` is the unit that most users write.
fn bytes_fault(text: &str, usual: &str) -> Option<Complaint> {
    const PARTS: [(&str, &str); 3] =
        [("m", "thousandths"), ("u", "millionths"), ("n", "billionths")];
    if !is_quantity(text) {
        return None;
    }
    let (number, unit) = parts(text);
    if let Some((_, part)) = PARTS.iter().find(|(name, _)| *name == unit) {
        return complaint(
            format!("the unit of `{text}` means {part} of a byte"),
            format!("write `{number}{usual}`"),
        );
    }
    match quantity(text) {
        Some(0) => None,
        Some(amount) if amount < FEWEST_BYTES => {
            let meant = if unit.is_empty() { format!("{number}{usual}") } else { "1Mi".to_owned() };
            complaint(
                format!("`{text}` is less than 1Mi"),
                format!("write `{meant}`; the smallest amount is 1Mi"),
            )
        }
        Some(amount) if amount <= MOST_BYTES => None,
        _ => complaint(
            format!("`{text}` is more than Kubernetes can count"),
            format!("write less than 8Ei, such as 10{usual}"),
        ),
    }
}

/// What is wrong with a number of cores.
pub(super) fn cores_fault(text: &str) -> Option<Complaint> {
    if !is_quantity(text) {
        return None;
    }
    let (number, unit) = parts(text);
    if unit.starts_with(|c: char| "kKMGTPE".contains(c))
        && !unit.contains(|c: char| c.is_ascii_digit())
    {
        return complaint(
            format!("`{text}` is not a number of cores: the unit `{unit}` is for bytes"),
            format!("write `{number}` for {number} cores; state bytes as `memory`"),
        );
    }
    match quantity(text) {
        Some(0) => None,
        Some(amount) if amount < FEWEST_CORES => complaint(
            format!("`{text}` is less than a thousandth of a core"),
            "write `1m` or more, such as 500m for half a core".to_owned(),
        ),
        Some(amount) if amount <= MOST_CORES => None,
        _ => complaint(
            format!("`{text}` is more cores than any machine has"),
            "write a number such as 2, or 500m for half a core".to_owned(),
        ),
    }
}

fn complaint(message: String, help: String) -> Option<Complaint> {
    Some(Complaint { message, help })
}

macro_rules! amounts {
    ($($(#[$doc:meta])* $type:ident = $format:ident;)+) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
        pub struct $type(String);

        impl $type {
            /// Checks a text.
            pub fn new(text: &str) -> Result<Self, Complaint> {
                $format.check(text).map(|()| Self(text.to_owned()))
            }

            /// The text, as the definition writes it.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = Quantified::deserialize(deserializer)?.0;
                $format.check(&text).map_err(|complaint| de::Error::custom(complaint.message))?;
                Ok(Self(text))
            }
        }

        impl JsonSchema for $type {
            fn schema_name() -> Cow<'static, str> {
                stringify!($type).into()
            }

            fn inline_schema() -> bool {
                true
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!({
                    "type": ["string", "integer"], "format": $format.name, "pattern": $format.pattern,
                })
            }
        }
    )+};
}

amounts! {
    /// The size of a volume in Kubernetes' notation.
    Size = SIZE;
    /// An amount of memory in Kubernetes' notation.
    Memory = MEMORY;
    /// A number of cores in Kubernetes' notation.
    Cores = CORES;
}

/// The positive part of Kubernetes' quantity grammar.
fn is_quantity(text: &str) -> bool {
    let (number, unit) = parts(text);
    let (whole, fraction) = number.split_once('.').unwrap_or((number, "0"));
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    let is_unit = UNITS.iter().any(|(name, _)| *name == unit);
    digits(whole)
        && digits(fraction)
        && (is_unit || unit.strip_prefix(['e', 'E']).is_some_and(digits))
}

/// `4gb`, `4GB`, `4 GiB` → `4Gi`.
pub(super) fn quantity_suggestion(text: &str) -> Option<String> {
    let split = text.find(|c: char| !c.is_ascii_digit() && c != '.')?;
    let (number, unit) = text.split_at(split);
    let unit = match unit.trim().to_ascii_lowercase().as_str() {
        "k" | "kb" | "kib" | "ki" => "Ki",
        "mb" | "mib" | "mi" => "Mi",
        "g" | "gb" | "gib" | "gi" => "Gi",
        "t" | "tb" | "tib" | "ti" => "Ti",
        _ => return None,
    };
    Some(format!("{number}{unit}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities_are_compared_by_value() {
        for (one, other) in [
            ("1", "1000m"),
            ("1Gi", "1024Mi"),
            ("1.5", "1500m"),
            ("1e3", "1k"),
            ("0.5Gi", "512Mi"),
            ("1u", "1000n"),
            ("1.0000000001", "1000000001n"),
        ] {
            assert_eq!(quantity(one), quantity(other), "{one} {other}");
            assert!(quantity(one).is_some());
        }
        assert!(quantity("1Gi") > quantity("1G") && quantity("1T") > quantity("999G"));
        assert!(quantity("250Gi") > quantity("200.0000000001Gi"));
        assert!(quantity("1Gi") > quantity("9000000000u") && quantity("16Ei").is_some());
        for broken in ["", "x", "1Zi", "1 Gi", "."] {
            assert_eq!(quantity(broken), None, "{broken}");
        }
    }

    #[test]
    fn what_no_cluster_can_use_says_what_can_be_written() {
        type Fault = fn(&str) -> Option<Complaint>;
        for (fault, text, message, help) in [
            (size_fault as Fault, "512m", "means thousandths of a byte", "write `512Gi`"),
            (size_fault, "10", "is less than 1Mi", "write `10Gi`"),
            (size_fault, "0Gi", "size 0", "such as 10Gi"),
            (size_fault, "99999999999999999999999999", "more than Kubernetes can count", "10Gi"),
            (size_fault, "8Ei", "more than Kubernetes can count", "10Gi"),
            (size_fault, "1e999999999", "more than Kubernetes can count", "10Gi"),
            (memory_fault, "2000000000m", "means thousandths", "Mi`"),
            (memory_fault, "512", "is less than 1Mi", "write `512Mi`"),
            (memory_fault, "900Ki", "is less than 1Mi", "write `1Mi`"),
            (cores_fault, "64Gi", "is for bytes", "write `64`"),
            (cores_fault, "2k", "is for bytes", "write `2`"),
            (cores_fault, "1E", "is for bytes", "write `1`"),
            (cores_fault, "99999999999999999999999999", "than any machine has", "500m"),
            (cores_fault, "0.1m", "less than a thousandth", "1m"),
        ] {
            let complaint = fault(text).unwrap_or_else(|| panic!("{text}"));
            assert!(complaint.message.contains(message), "{text}: {complaint:?}");
            assert!(complaint.help.contains(help), "{text}: {complaint:?}");
        }
        for (format, good, bad) in [
            (
                &SIZE,
                &["1Mi", "1.5Gi", "10G", "1048576", "7Ei", "1e9"][..],
                &["0", "1", "1Ki", "4gb"],
            ),
            (&MEMORY, &["0", "0Mi", "128Mi", "0.1Gi", "500M"], &["128m", "1", "1.2.3", ""]),
            (&CORES, &["0", "1", "500m", "0.5", "1e1", "500000u"], &["1Ki", "1M", "20000", "-1"]),
        ] {
            good.iter().for_each(|text| assert!(format.fits(text), "{} {text}", format.name));
            bad.iter().for_each(|text| assert!(!format.fits(text), "{} {text}", format.name));
        }
    }
}
