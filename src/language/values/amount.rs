//! Counts, and shares in per cent.

use super::Format;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::{borrow::Cow, fmt};

/// The text of a value that may be written as a number.
pub(super) struct Quantified(pub(super) String);

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

pub(super) const PORTION: Format = Format {
    name: "portion",
    pattern: "^[0-9]+%?$",
    max_length: 9,
    what: "a count or a share",
    help: "write a whole number, such as 3, or a share, such as 5%",
    accepts: |text| Portion::parse(text).is_some(),
};

/// A number of things: a count, or a share of all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Portion {
    /// A count.
    Count(usize),
    /// A share in per cent.
    Share(usize),
}

impl Portion {
    /// Reads a count such as `5`, or a share such as `10%`. The error says how it is written.
    pub fn new(text: &str) -> Result<Self, &'static str> {
        Self::parse(text).ok_or(PORTION.help)
    }

    fn parse(text: &str) -> Option<Self> {
        let digits = text.strip_suffix('%').unwrap_or(text);
        let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        let number: usize = digits.parse().ok().filter(|_| is_number)?;
        match digits.len() == text.len() {
            true => Some(Self::Count(number)),
            false => Some(Self::Share(number)).filter(|_| number <= 100),
        }
    }

    /// How many of `all` this is. A share above 0% is at least one, because otherwise a small fleet
    /// could remove nothing.
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
