//! Amounts: numbers that may have a unit or a percent sign.

use super::Format;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::{borrow::Cow, fmt};

pub(super) const QUANTITY: Format = Format {
    name: "quantity",
    pattern: "^([0-9]+(\\.[0-9]+)?)([KMGTPE]i|[numkMGTPE]|[eE][0-9]+)?$",
    max_length: 64,
    what: "a quantity",
    help: "quantities are numbers with a unit of Kubernetes: m, k, M, G, T or Ki, Mi, Gi, Ti",
    accepts: is_quantity,
};

/// An amount of storage, memory or CPU in Kubernetes' notation, as it was written.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct Quantity(String);

impl Quantity {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the amount is nothing.
    pub fn is_zero(&self) -> bool {
        let digits = self.0.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(self.0.len());
        self.0[..digits].bytes().all(|byte| byte == b'0' || byte == b'.')
    }
}

impl<'de> Deserialize<'de> for Quantity {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Quantified::deserialize(deserializer)?.0;
        QUANTITY.check(&text).map_err(|complaint| de::Error::custom(complaint.message))?;
        Ok(Self(text))
    }
}

/// The text of a value that may be written as a number.
struct Quantified(String);

impl<'de> Deserialize<'de> for Quantified {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl de::Visitor<'_> for Visitor {
            type Value = Quantified;
            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str("text or a whole number")
            }
            fn visit_i64<E: de::Error>(self, number: i64) -> Result<Quantified, E> {
                Ok(Quantified(number.to_string()))
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<Quantified, E> {
                Ok(Quantified(text.to_owned()))
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}

impl JsonSchema for Quantity {
    fn schema_name() -> Cow<'static, str> {
        "Quantity".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": ["string", "integer"], "format": "quantity", "pattern": QUANTITY.pattern,
        })
    }
}

pub(super) const PORTION: Format = Format {
    name: "portion",
    pattern: "^[0-9]+%?$",
    max_length: 9,
    what: "a count or a share",
    help: "write a whole number, such as 3, or a share, such as 5%",
    accepts: |text| Portion::parse(text).is_some(),
};

/// How many of something: a count, or a share.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Portion {
    /// So many.
    Count(usize),
    /// So many of a hundred.
    Share(usize),
}

impl Portion {
    fn parse(text: &str) -> Option<Self> {
        let digits = text.strip_suffix('%').unwrap_or(text);
        let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        let number: usize = digits.parse().ok().filter(|_| is_number)?;
        match digits.len() == text.len() {
            true => Some(Self::Count(number)),
            false => Some(Self::Share(number)).filter(|_| number <= 100),
        }
    }

    /// How many of `all` that is; of a share that is not nothing at least one, or a small fleet could
    /// not lose anything.
    pub fn of(self, all: usize) -> usize {
        match self {
            Self::Count(count) => count,
            Self::Share(0) => 0,
            Self::Share(share) => (all * share / 100).max(1),
        }
    }
}

impl fmt::Display for Portion {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Self::Count(count) => write!(f, "{count}"),
            Self::Share(share) => write!(f, "{share}%"),
        }
    }
}

impl Serialize for Portion {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Count(count) => serializer.serialize_u64(*count as u64),
            Self::Share(_) => serializer.collect_str(self),
        }
    }
}

impl<'de> Deserialize<'de> for Portion {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Quantified::deserialize(deserializer)?.0;
        Portion::parse(&text).ok_or_else(|| de::Error::custom(PORTION.help))
    }
}

impl JsonSchema for Portion {
    fn schema_name() -> Cow<'static, str> {
        "Portion".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": ["string", "integer"], "format": "portion", "pattern": PORTION.pattern,
        })
    }
}

/// The positive part of Kubernetes' quantity grammar.
fn is_quantity(text: &str) -> bool {
    let split = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at(split);
    let mut parts = number.split('.');
    let whole = parts.next().unwrap_or_default();
    let fraction = parts.next();
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    digits(whole)
        && fraction.is_none_or(digits)
        && parts.next().is_none()
        && match unit.as_bytes() {
            [] | [b'n' | b'u' | b'm' | b'k' | b'M' | b'G' | b'T' | b'P' | b'E'] => true,
            [b'K' | b'M' | b'G' | b'T' | b'P' | b'E', b'i'] => true,
            [b'e' | b'E', exponent @ ..] => {
                !exponent.is_empty() && exponent.iter().all(u8::is_ascii_digit)
            }
            _ => false,
        }
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
    fn zero_is_seen_in_every_unit() {
        for (text, zero) in
            [("0", true), ("0Gi", true), ("0.0m", true), ("1", false), ("0.1", false)]
        {
            assert_eq!(Quantity(text.into()).is_zero(), zero, "{text}");
        }
    }
}
