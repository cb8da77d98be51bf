//! The texts that the language knows: each a type with one constructor that validates.
//!
//! A format is stated once, in [`FORMATS`]: its type, its JSON Schema pattern for editors, and the
//! check that says what is wrong and what to write instead.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, de};
use std::{borrow::Cow, fmt};

/// What is wrong with a text, and what to write instead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Complaint {
    /// What the text is not.
    pub message: String,
    /// What to write.
    pub help: String,
}

/// A kind of text.
#[derive(Debug)]
pub struct Format {
    /// Its name in JSON Schema's `format`.
    pub name: &'static str,
    /// A regular expression for editors; the check is at least as strict.
    pub pattern: &'static str,
    /// The longest text, in characters.
    pub max_length: usize,
    /// What a text of this kind is called in messages.
    pub what: &'static str,
    /// What to write, in general.
    pub help: &'static str,
    /// Whether a text is one.
    accepts: fn(&str) -> bool,
}

impl Format {
    /// Checks a text.
    pub fn check(&self, text: &str) -> Result<(), Complaint> {
        let length = text.chars().count();
        if length > self.max_length {
            return Err(Complaint {
                message: format!(
                    "{length} characters are too many for {}: at most {}",
                    self.what, self.max_length
                ),
                help: self.help.to_owned(),
            });
        }
        if (self.accepts)(text) {
            return Ok(());
        }
        let help = match self.suggestion(text) {
            Some(better) => format!("write `{better}`; {}", self.help),
            None => self.help.to_owned(),
        };
        Err(Complaint { message: format!("`{text}` is not {}", self.what), help })
    }

    /// A text close to `text` that this format accepts.
    fn suggestion(&self, text: &str) -> Option<String> {
        let candidates = [
            text.to_ascii_lowercase(),
            text.trim_end_matches('.').to_ascii_lowercase(),
            text.to_ascii_lowercase().replace(['_', ' ', '.'], "-"),
            text.replace('-', "_").to_ascii_lowercase(),
            // The host of a URL.
            text.split_once("://").map_or("", |(_, rest)| rest.trim_end_matches('/')).to_owned(),
            quantity_suggestion(text).unwrap_or_default(),
        ];
        let is_better =
            |better: &String| !better.is_empty() && better != text && (self.accepts)(better);
        candidates.into_iter().find(is_better)
    }

    /// The format of this name.
    pub fn named(name: &str) -> Option<&'static Format> {
        FORMATS.iter().copied().find(|format| format.name == name)
    }
}

macro_rules! texts {
    ($($(#[$doc:meta])* $type:ident = $format:ident {
        $name:literal, $pattern:literal, $max:literal, $what:literal, $help:literal, $accepts:expr
    })+) => {
        /// Every format of the language.
        pub const FORMATS: &[&Format] = &[$(&$format,)+ &QUANTITY, &REMOVALS];

        $(
            const $format: Format = Format {
                name: $name, pattern: $pattern, max_length: $max, what: $what, help: $help,
                accepts: $accepts,
            };

            $(#[$doc])*
            #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
            pub struct $type(String);

            impl $type {
                /// Checks a text.
                pub fn new(text: &str) -> Result<Self, Complaint> {
                    $format.check(text).map(|()| Self(text.to_owned()))
                }

                /// The text.
                pub fn as_str(&self) -> &str {
                    &self.0
                }
            }

            impl fmt::Display for $type {
                fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
                    f.write_str(&self.0)
                }
            }

            impl<'de> Deserialize<'de> for $type {
                fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                    let text = String::deserialize(deserializer)?;
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
                        "type": "string", "format": $name, "pattern": $pattern, "maxLength": $max,
                    })
                }
            }
        )+
    };
}

texts! {
    /// The name of an object of ours: a DNS label, because operators derive Services and labels from it.
    ObjectName = OBJECT_NAME {
        "dns-label", "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$", 63, "a DNS label",
        "a DNS label has at most 63 of a-z, 0-9 and `-`, and no `-` at its ends", is_label
    }
    /// A Kubernetes namespace.
    Namespace = NAMESPACE {
        "namespace", "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$", 63, "a namespace",
        "a namespace is a DNS label: at most 63 of a-z, 0-9 and `-`, and no `-` at its ends", is_label
    }
    /// What Frappe answers to (the pattern of `FrappeSite.spec.siteName`).
    SiteName = SITE_NAME {
        "site-name",
        "^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$", 253, "a siteName",
        "a siteName is a host name in lower case, such as erp.acme.com", is_host_name
    }
    /// The host name that an Ingress serves.
    Domain = DOMAIN {
        "domain", "^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$", 253,
        "a domain", "a domain is a host name in lower case, such as erp.acme.com", is_host_name
    }
    /// What a bench adds to the site names without a domain of their own.
    DomainSuffix = DOMAIN_SUFFIX {
        "domain-suffix", "^\\.[a-z0-9]([-.a-z0-9]*[a-z0-9])?$", 253, "a domain suffix",
        "a suffix starts with a dot, such as .example.com",
        |text| text.strip_prefix('.').is_some_and(is_host_name)
    }
    /// The address of a server outside the cluster: a host name or an IP address.
    Host = HOST {
        "host", "^[A-Za-z0-9]([-.:A-Za-z0-9]*[A-Za-z0-9])?$", 253, "a host",
        "a host is a host name or an IP address, without port or scheme",
        |text| is_host_name(text) || text.parse::<std::net::IpAddr>().is_ok()
    }
    /// The name of a Secret, StorageClass, IngressClass or issuer: a DNS subdomain.
    ResourceName = RESOURCE_NAME {
        "resource-name", "^[a-z0-9]([-.a-z0-9]*[a-z0-9])?$", 253, "the name of a Kubernetes object",
        "such a name has a-z, 0-9, `-` and `.`, and starts and ends with a letter or digit",
        is_host_name
    }
    /// A key in a Secret's data.
    SecretKey = SECRET_KEY {
        "secret-key", "^[-._a-zA-Z0-9]+$", 253, "a key of a Secret",
        "such a key has letters, digits, `-`, `_` and `.`",
        |text| !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._".contains(&b))
    }
    /// The start of a key in a secret store.
    RemoteKey = REMOTE_KEY {
        "remote-key", "^[A-Za-z0-9][-/_.A-Za-z0-9]*$", 253, "the start of a store's key",
        "such a key has letters, digits, `-`, `_`, `.` and `/`, and starts with a letter or digit",
        |text| text.starts_with(|c: char| c.is_ascii_alphanumeric())
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-/_.".contains(&b))
    }
    /// The fingerprint of a sealing key, as `ssh-keygen -l` prints it.
    Fingerprint = FINGERPRINT {
        "fingerprint", "^SHA256:[A-Za-z0-9+/]{43}$", 50, "a key's fingerprint",
        "it is SHA256: and 43 characters of base64: take it from `sitewright secrets list`",
        |text| text.strip_prefix("SHA256:").is_some_and(|digest| {
            digest.len() == 43 && digest.bytes().all(is_base64)
        })
    }
    /// A sealed value: base64.
    Ciphertext = CIPHERTEXT {
        "ciphertext", "^[A-Za-z0-9+/]+=*$", 65536, "a sealed value",
        "it is base64 on one line: restore the file from Git",
        |text| {
            let digits = text.trim_end_matches('=');
            !digits.is_empty() && digits.bytes().all(is_base64)
        }
    }
    /// What a sealed value is bound to: `namespace/name`, `namespace` or nothing.
    Label = LABEL {
        "label", "^[-a-z0-9]*(/[-.a-z0-9]+)?$", 317, "a label",
        "it is namespace/name, namespace, or \"\" for the scope cluster-wide",
        |text| match text.split_once('/') {
            Some((namespace, name)) => is_label(namespace) && is_host_name(name),
            None => text.is_empty() || is_label(text),
        }
    }
    /// A DatabaseServer, as `name` or `namespace/name`.
    ServerName = SERVER_NAME {
        "server-name", "^([a-z0-9]([-a-z0-9]*[a-z0-9])?/)?[a-z0-9]([-a-z0-9]*[a-z0-9])?$", 127,
        "the name of a DatabaseServer", "write `name`, or `namespace/name`",
        |text| match text.split_once('/') {
            Some((namespace, name)) => is_label(namespace) && is_label(name),
            None => is_label(text),
        }
    }
    /// A MariaDB version: the tag of its image.
    Version = VERSION {
        "version", "^[0-9]+\\.[0-9]+(\\.[0-9]+)?$", 32, "a MariaDB version",
        "a version is major.minor or major.minor.patch in quotes, such as \"10.11\"",
        |text| (2..=3).contains(&text.split('.').count())
            && text.split('.').all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit()))
    }
    /// A container image with its tag or digest.
    Image = IMAGE {
        "image", "^[a-z0-9][-._/:@A-Za-z0-9]*$", 512, "a container image",
        "an image is repository:tag, such as mariadb:10.11", is_image
    }
    /// A word without spaces: a version, a tag, an organisation, a branch.
    Word = WORD {
        "word", "^[^\\s]+$", 253, "one word", "it has no spaces",
        |text| !text.is_empty() && !text.contains(|c: char| c.is_whitespace() || c.is_control())
    }
    /// A folder in the project's own.
    Folder = FOLDER {
        "folder", "^[A-Za-z0-9_][-._A-Za-z0-9]*$", 128, "a folder of the project",
        "a folder's name has letters, digits, `-`, `_` and `.`, and no `/`",
        |text| !text.is_empty() && !text.starts_with(['.', '-'])
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._".contains(&b))
    }
    /// An account of a MariaDB server; operators put it into SQL unescaped.
    AccountName = ACCOUNT_NAME {
        "account-name", "^[A-Za-z0-9_]+$", 80, "an account's name",
        "such a name has letters, digits and `_` only", is_sql_name
    }
    /// The name of a my.cnf setting.
    SettingName = SETTING_NAME {
        "setting-name", "^[a-z][a-z0-9_]*$", 64, "a my.cnf setting",
        "settings are written with `_`, such as innodb_buffer_pool_size",
        |text| text.starts_with(|c: char| c.is_ascii_lowercase())
            && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
    }
    /// The value of a my.cnf setting.
    SettingValue = SETTING_VALUE {
        "setting-value", "^[^\\s#;](.*[^\\s])?$", 1024, "a my.cnf value",
        "a value is one line without spaces at its ends and without `#`",
        |text| !text.is_empty() && text.trim() == text
            && !text.contains(|c: char| c.is_control() || c == '#' || c == ';')
    }
    /// A label's or annotation's key.
    MetadataKey = METADATA_KEY {
        "metadata-key",
        "^([a-z0-9]([-.a-z0-9]*[a-z0-9])?/)?[A-Za-z0-9]([-._A-Za-z0-9]{0,61}[A-Za-z0-9])?$", 317,
        "the key of a label or annotation", "a key is `name` or `domain/name`",
        |text| match text.split_once('/') {
            Some((prefix, name)) => is_host_name(prefix) && is_label_value(name) && !name.is_empty(),
            None => is_label_value(text) && !text.is_empty(),
        }
    }
    /// A label's value.
    LabelValue = LABEL_VALUE {
        "label-value", "^([A-Za-z0-9]([-._A-Za-z0-9]*[A-Za-z0-9])?)?$", 63, "a label's value",
        "a value has at most 63 letters, digits, `-`, `_` and `.`, letters or digits at its ends",
        is_label_value
    }
    /// An address with its scheme.
    Url = URL {
        "uri", "^[a-z][a-z0-9+.-]*://[^\\s]+$", 2048, "a URL", "such as https://github.com/frappe/erpnext",
        |text| text.split_once("://").is_some_and(|(scheme, rest)| {
            is_label(&scheme.replace(['+', '.'], "-"))
                && !rest.is_empty()
                && !rest.contains(|c: char| c.is_whitespace() || c.is_control())
        })
    }
}

const QUANTITY: Format = Format {
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

const REMOVALS: Format = Format {
    name: "removals",
    pattern: "^[0-9]+%?$",
    max_length: 9,
    what: "a count or a share",
    help: "write a whole number, such as 3, or a share, such as 5%",
    accepts: |text| Removals::parse(text).is_some(),
};

/// How many of something may go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Removals {
    /// So many.
    Count(usize),
    /// So many of a hundred.
    Share(usize),
}

impl Removals {
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

impl fmt::Display for Removals {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Self::Count(count) => write!(f, "{count}"),
            Self::Share(share) => write!(f, "{share}%"),
        }
    }
}

impl<'de> Deserialize<'de> for Removals {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Quantified::deserialize(deserializer)?.0;
        Removals::parse(&text).ok_or_else(|| de::Error::custom(REMOVALS.help))
    }
}

impl JsonSchema for Removals {
    fn schema_name() -> Cow<'static, str> {
        "Removals".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": ["string", "integer"], "format": "removals", "pattern": REMOVALS.pattern,
        })
    }
}

fn is_base64(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'+' || byte == b'/'
}

fn is_label(text: &str) -> bool {
    (1..=63).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        && !text.starts_with('-')
        && !text.ends_with('-')
}

fn is_host_name(text: &str) -> bool {
    text.len() <= 253 && text.split('.').all(is_label)
}

fn is_label_value(text: &str) -> bool {
    let edge = |b: Option<&u8>| b.is_none_or(u8::is_ascii_alphanumeric);
    let bytes = text.as_bytes();
    bytes.len() <= 63
        && bytes.iter().all(|b| b.is_ascii_alphanumeric() || b"-._".contains(b))
        && edge(bytes.first())
        && edge(bytes.last())
}

fn is_sql_name(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

fn is_image(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._/:@".contains(&b))
        && !text.ends_with([':', '/', '@'])
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
fn quantity_suggestion(text: &str) -> Option<String> {
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

    fn check(format: &str, text: &str) -> Result<(), Complaint> {
        Format::named(format).unwrap().check(text)
    }

    #[test]
    fn what_formats_accept_and_refuse() {
        for (format, good, bad) in [
            ("dns-label", &["a", "acme-2", "0"][..], &["", "A", "a.b", "-a", "a-", "a_b"][..]),
            (
                "site-name",
                &["erp.acme.com", "localhost"],
                &["Erp.acme.com", "a.", ".a", "a..b", "a b"],
            ),
            ("host", &["db.acme.com", "10.0.0.1", "::1"], &["https://db", "db:3306", ""]),
            (
                "quantity",
                &["4Gi", "500m", "1.5", "2", "1e3"],
                &["4gb", "", "-1Gi", "1.2.3", "Gi", "4 Gi"],
            ),
            ("server-name", &["db", "shared/db"], &["a/b/c", "/db", "Db"]),
            ("version", &["10.11", "10.6.12"], &["10", "v10.11", "10.11."]),
            ("image", &["mariadb:10.11", "r.io/x/y@sha256:ab"], &["", "mariadb:", "a b"]),
            ("setting-name", &["max_allowed_packet"], &["max-allowed-packet", "[mysqld]"]),
            ("setting-value", &["256M", "*", "a b"], &["", " a", "a\nb", "a # b"]),
            ("metadata-key", &["team", "acme.com/team"], &["", "a/b/c", "-a", "acme.com/"]),
            ("label-value", &["", "a.b_c-1"], &["-a", "a b"]),
            ("uri", &["https://fpm.io"], &["fpm.io", "https://"]),
        ] {
            for text in good {
                assert_eq!(check(format, text), Ok(()), "{format} {text:?}");
            }
            for text in bad {
                assert!(check(format, text).is_err(), "{format} {text:?}");
            }
        }
    }

    #[test]
    fn complaints_say_what_to_write() {
        for (format, text, better) in [
            ("quantity", "4gb", "`4Gi`"),
            ("site-name", "ERP.acme.com.", "`erp.acme.com`"),
            ("dns-label", "acme_corp", "`acme-corp`"),
            ("setting-name", "max-connections", "`max_connections`"),
            ("domain", "https://erp.acme.com/", "`erp.acme.com`"),
        ] {
            let complaint = check(format, text).unwrap_err();
            assert!(complaint.help.contains(better), "{complaint:?}");
        }
        let nothing_near = check("label-value", "sales & marketing").unwrap_err();
        assert!(nothing_near.help.starts_with("a value has"), "{nothing_near:?}");
        let long = check("site-name", &"a".repeat(260)).unwrap_err();
        assert!(long.message.starts_with("260 characters are too many for a siteName"));
    }

    #[test]
    fn zero_is_seen_in_every_unit() {
        for (text, zero) in
            [("0", true), ("0Gi", true), ("0.0m", true), ("1", false), ("0.1", false)]
        {
            assert_eq!(Quantity(text.into()).is_zero(), zero, "{text}");
        }
    }
}
