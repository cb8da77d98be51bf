//! The text formats of the language. Each format is a type with one constructor, which validates
//! the text.
//!
//! [`FORMATS`] states each format once: its type, its JSON Schema pattern for editors, and its
//! check. The check says what is wrong and what to write instead.

mod accept;
mod amount;
mod git;
mod lookalike;
mod names;
mod quantity;
mod schedule;

pub use amount::Portion;
pub use lookalike::{Lookalike, lookalike};
pub use quantity::{Cores, Memory, Size, quantity};

use crate::diagnostic::visible;
use crate::operator::Kubernetes;
use accept::{
    are_base64, is_base64, is_database_name, is_duration, is_host_name, is_image, is_label,
    is_label_value, is_sql_name, is_subdomain,
};
use amount::PORTION;
use quantity::{CORES, MEMORY, SIZE, quantity_suggestion};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::ops::Deref;
use std::sync::Arc;
use std::{borrow::Cow, fmt};

/// What is wrong with a text, and what to write instead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Complaint {
    /// What is wrong.
    pub message: String,
    /// What to write instead.
    pub help: String,
}

/// A kind of text.
#[derive(Debug)]
pub struct Format {
    /// The name of the format in JSON Schema's `format`.
    pub name: &'static str,
    /// A regular expression for editors. The check is at least as strict.
    pub pattern: &'static str,
    /// The maximum length of a text, in characters.
    pub max_length: usize,
    /// The name of the format in messages.
    pub what: &'static str,
    /// The general help for this format.
    pub help: &'static str,
    /// Whether a text has this format.
    accepts: fn(&str) -> bool,
}

impl Format {
    /// Checks a text.
    pub fn check(&self, text: &str) -> Result<(), Complaint> {
        let length = text.chars().count();
        if length > self.max_length {
            return Err(Complaint {
                message: format!(
                    "{length} characters are too many for {}: it has at most {}",
                    self.what, self.max_length
                ),
                help: self.help.to_owned(),
            });
        }
        if (self.accepts)(text) {
            return Ok(());
        }
        let fault = FAULTS.iter().find(|(name, _)| *name == self.name);
        if let Some(complaint) = fault.and_then(|(_, fault)| fault(text)) {
            return Err(complaint);
        }
        let lookalike = lookalike(text);
        let meant = lookalike.as_ref().map_or(text, |it| it.meant.as_str());
        let better = match (self.accepts)(meant) {
            true => Some(meant.to_owned()),
            false => self.suggestion(meant),
        };
        let better = better.map(|better| format!("write `{better}`"));
        let note = lookalike.map(|it| it.note);
        let parts = better.into_iter().chain(note).chain([self.help.to_owned()]);
        let help = parts.collect::<Vec<_>>().join("; ");
        Err(Complaint { message: format!("`{text}` is not {}", self.what), help })
    }

    /// Whether this format has a second check, for texts that match the pattern but make no sense.
    /// The report of such a text names the field.
    pub fn has_faults(&self) -> bool {
        FAULTS.iter().any(|(name, _)| *name == self.name)
    }

    /// Whether a text is of this kind.
    pub fn fits(&self, text: &str) -> bool {
        text.chars().count() <= self.max_length && (self.accepts)(text)
    }

    /// A text close to `text` that this format accepts.
    fn suggestion(&self, text: &str) -> Option<String> {
        if self.name == FOREIGN_PATH.name {
            // The other candidates are for names. In a path they would name another file.
            let path = text.trim().trim_start_matches("./").trim_matches('/');
            return (path != text && (self.accepts)(path)).then(|| path.to_owned());
        }
        let candidates = [
            text.trim().to_owned(),
            // The name of an image contains no space.
            match self.name {
                "image" => text.split_whitespace().collect(),
                _ => String::new(),
            },
            text.to_ascii_lowercase(),
            text.trim_end_matches('.').to_ascii_lowercase(),
            text.to_ascii_lowercase().replace(['_', ' ', '.'], "-"),
            text.replace('-', "_").to_ascii_lowercase(),
            // Keep only the host of a URL.
            text.split_once("://").map_or("", |(_, rest)| rest.trim_end_matches('/')).to_owned(),
            quantity_suggestion(text).unwrap_or_default(),
            accept::days_in_hours(text).unwrap_or_default(),
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

/// Says what is wrong with a text that matches the pattern of its format but makes no sense.
type Fault = fn(&str) -> Option<Complaint>;

/// The names of the formats that have such a check, with the check.
const FAULTS: &[(&str, Fault)] = &[
    ("size", quantity::size_fault),
    ("memory", quantity::memory_fault),
    ("cores", quantity::cores_fault),
    ("cron", schedule::fault),
];

macro_rules! texts {
    ($($(#[$doc:meta])* $type:ident = $format:ident {
        $name:literal, $pattern:literal, $max:literal, $what:literal, $help:literal, $accepts:expr
    })+) => {
        /// Every format of the language.
        pub const FORMATS: &[&Format] = &[$(&$format,)+ &SIZE, &MEMORY, &CORES, &PORTION];

        $(
            const $format: Format = Format {
                name: $name, pattern: $pattern, max_length: $max, what: $what, help: $help,
                accepts: $accepts,
            };

            $(#[$doc])*
            #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
            pub struct $type(Arc<str>);

            impl $type {
                /// Checks a text.
                pub fn new(text: &str) -> Result<Self, Complaint> {
                    $format.check(text).map(|()| Self(text.into()))
                }

                /// Whether a text has this format.
                pub fn accepts(text: &str) -> bool {
                    $format.fits(text)
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

            impl Deref for $type {
                type Target = str;

                fn deref(&self) -> &str {
                    &self.0
                }
            }

            impl PartialEq<str> for $type {
                fn eq(&self, text: &str) -> bool {
                    &*self.0 == text
                }
            }

            impl PartialEq<&str> for $type {
                fn eq(&self, text: &&str) -> bool {
                    &*self.0 == *text
                }
            }

            impl Serialize for $type {
                fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                    serializer.serialize_str(&self.0)
                }
            }

            impl<'de> Deserialize<'de> for $type {
                fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                    let text = Cow::<str>::deserialize(deserializer)?;
                    $format.check(&text).map_err(|complaint| de::Error::custom(complaint.message))?;
                    Ok(Self(text.into()))
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
    /// The name of a definition. It is a DNS label, because operators derive Services and labels
    /// from it.
    ObjectName = OBJECT_NAME {
        "dns-label", "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$", 63, "a DNS label",
        "a DNS label has at most 63 of a-z, 0-9 and `-`, and no `-` at its ends", is_label
    }
    /// A Kubernetes namespace.
    Namespace = NAMESPACE {
        "namespace", "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$", 63, "a namespace",
        "a namespace is a DNS label: at most 63 of a-z, 0-9 and `-`, and no `-` at its ends", is_label
    }
    /// The name of a site in Frappe (source: the pattern of `FrappeSite.spec.siteName`).
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
    /// The suffix that a bench adds to the siteName of sites that do not state a domain.
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
        is_subdomain
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
        "it is `SHA256:` and 43 characters of base64; `sitewright secrets list` shows it",
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
            !digits.is_empty() && are_base64(digits)
        }
    }
    /// The label of a sealed value, which binds it: `namespace/name`, `namespace` or an empty text.
    Label = LABEL {
        "label", "^[-a-z0-9]*(/[-.a-z0-9]+)?$", 317, "a label",
        "it is namespace/name, namespace, or \"\" for the scope cluster-wide",
        |text| match text.split_once('/') {
            Some((namespace, name)) => is_label(namespace) && is_subdomain(name),
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
    /// The version of a database system, from which its image follows.
    Version = VERSION {
        "version", "^[0-9]+\\.[0-9]+(\\.[0-9]+)?$", 32, "a version of MariaDB or PostgreSQL",
        "a version is major.minor or major.minor.patch in quotes, such as \"10.11\"",
        |text| (2..=3).contains(&text.split('.').count())
            && text.split('.').all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit()))
    }
    /// A version of Kubernetes.
    KubernetesVersion = KUBERNETES_VERSION {
        "kubernetes-version", "^[0-9]+\\.[0-9]+$", 8, "a version of Kubernetes",
        "write its first two numbers in quotes, such as \"1.33\"",
        |text| Kubernetes::of(text).is_some()
    }
    /// A container image with its tag or digest.
    Image = IMAGE {
        "image", "^[a-z0-9][-._/:@A-Za-z0-9]*$", 512, "a container image",
        "an image is repository:tag, such as mariadb:10.11", is_image
    }
    /// The tag of a container image.
    ImageTag = IMAGE_TAG {
        "image-tag", "^[A-Za-z0-9_][-._A-Za-z0-9]*$", 128, "an image's tag",
        "a tag has letters, digits, `-`, `_` and `.`, such as v15.90.1", accept::is_tag
    }
    /// A word without spaces: a version, an organisation, a branch.
    Word = WORD {
        "word", "^[^\\s]+$", 253, "one word", "it has no spaces",
        |text| !text.is_empty() && !text.contains(char::is_whitespace)
            && matches!(visible(text), Cow::Borrowed(_))
    }
    /// The name of an app, as `bench new-site --install-app` accepts it. frappe-operator 2.6.4
    /// skips any other name.
    AppName = APP_NAME {
        "app-name", "^[A-Za-z0-9_-]+$", 63, "the name of an app",
        "an app's name has letters, digits, `_` and `-`, such as erpnext",
        |text| !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-".contains(&b))
    }
    /// A folder directly in the project's folder.
    Folder = FOLDER {
        "folder", "^[A-Za-z0-9_][-._A-Za-z0-9]*$", 128, "a folder of the project",
        "a folder's name has letters, digits, `-`, `_` and `.`, and no `/`",
        |text| !text.is_empty() && !text.starts_with(['.', '-'])
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._".contains(&b))
    }
    /// A path below the folder of manifests. `*` stands for any text within a name, and `**` for any folders.
    ForeignPath = FOREIGN_PATH {
        "foreign-path", "^[^/\\\\]+(/[^/\\\\]+)*$", 256, "a path below the folder of manifests",
        "write a path below the folder of manifests, such as production/extra/*.yaml: no `..`, and no `/` at its ends",
        |text| text.split('/').all(accept::is_foreign_part)
    }
    /// An account of a MariaDB server. Operators put it into SQL unescaped.
    AccountName = ACCOUNT_NAME {
        "account-name", "^[A-Za-z0-9_]+$", 80, "an account's name",
        "such a name has letters, digits and `_` only", is_sql_name
    }
    /// The name of a site's database, as frappe-operator or sitewright computes it.
    DatabaseName = DATABASE_NAME {
        "database-name", "^_[0-9a-f]{8}([0-9a-f]{8})?_[A-Za-z0-9_]*$", 64, "a database's name",
        "such a name is `_`, 8 or 16 hex digits, `_` and the siteName with `_` for other characters",
        is_database_name
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
    /// The name of a setting of PostgreSQL. The server ignores upper and lower case, so one spelling
    /// is enough.
    ParameterName = PARAMETER_NAME {
        "parameter-name", "^[a-z_][a-z0-9_]*(\\.[a-z_][a-z0-9_]*)?$", 64, "a setting of PostgreSQL",
        "settings are written in lower case with `_`, such as shared_buffers",
        |text| text.split('.').count() <= 2 && text.split('.').all(accept::is_parameter)
    }
    /// The value of a setting of PostgreSQL.
    ParameterValue = PARAMETER_VALUE {
        "parameter-value", "^[^\\s](.*[^\\s])?$", 1024, "a value of a PostgreSQL setting",
        "a value is one line without spaces at its ends",
        |text| !text.is_empty() && text.trim() == text && !text.contains(char::is_control)
    }
    /// A label's or annotation's key.
    MetadataKey = METADATA_KEY {
        "metadata-key",
        "^([a-z0-9]([-.a-z0-9]*[a-z0-9])?/)?[A-Za-z0-9]([-._A-Za-z0-9]{0,61}[A-Za-z0-9])?$", 317,
        "the key of a label or annotation", "a key is `name` or `domain/name`",
        |text| match text.split_once('/') {
            Some((prefix, name)) => is_subdomain(prefix) && is_label_value(name) && !name.is_empty(),
            None => is_label_value(text) && !text.is_empty(),
        }
    }
    /// A label's value.
    LabelValue = LABEL_VALUE {
        "label-value", "^([A-Za-z0-9]([-._A-Za-z0-9]*[A-Za-z0-9])?)?$", 63, "a label's value",
        "a value has at most 63 letters, digits, `-`, `_` and `.`, and starts and ends with a letter or digit",
        is_label_value
    }
    /// An address with its scheme.
    Url = URL {
        "uri", "^[a-z][a-z0-9+.-]*://[^\\s/@]+(/[^\\s]*)?$", 2048, "a URL",
        "write an address such as https://repo.acme.com/apps, with no password or token",
        |text| text.split_once("://").is_some_and(|(scheme, rest)| {
            is_label(&scheme.replace(['+', '.'], "-"))
                && rest.split('/').next().is_some_and(|host| !host.is_empty() && !host.contains('@'))
                && !rest.contains(|c: char| c.is_whitespace() || c.is_control())
        })
    }
    /// The address of a Git repository.
    GitUrl = GIT_URL {
        "git-url", "^((https?|ssh)://|[a-z][-a-z0-9]*@)[^\\s]+$", 2048, "a Git repository's address",
        "write an address such as https://github.com/acme/fleet or ssh://git@github.com/acme/fleet, with no password or token",
        git::is_git_url
    }
    /// A branch of a Git repository.
    Branch = BRANCH {
        "git-branch", "^[^\\s~^:?*\\[\\\\]+$", 244, "the name of a branch",
        "write a name that `git check-ref-format --branch` accepts, such as main", git::is_branch
    }
    /// A folder of a repository.
    RepositoryPath = REPOSITORY_PATH {
        "repository-path", "^[A-Za-z0-9_][-._A-Za-z0-9]*(/[A-Za-z0-9_][-._A-Za-z0-9]*)*$", 512,
        "a folder of the repository", "write a path such as clusters/erp, without `/` or `.` at its start",
        |text| text.split('/').all(|part| FOLDER.check(part).is_ok())
    }
    /// A schedule in cron's notation.
    Cron = CRON {
        "cron", "^(@[a-z]+|\\S+(\\s+\\S+){4})$", 128, "a cron schedule",
        "a schedule has five fields, such as \"0 3 * * *\": minute, hour, day, month, day of the week",
        schedule::comes
    }
    /// A duration in Go's notation.
    Duration = DURATION {
        "duration", "^([0-9]+(\\.[0-9]+)?(h|m|s))+$", 64, "a duration",
        "durations are numbers with h, m or s, such as 720h or 1h30m", is_duration
    }
    /// A day of the calendar.
    Date = DATE {
        "date", "^[0-9]{4}-[0-9]{2}-[0-9]{2}$", 10, "a date",
        "write the year, the month and the day in quotes, such as \"2027-01-31\"", schedule::is_date
    }
    /// An object of a cluster.
    ObjectPath = OBJECT_PATH {
        "object-path", "^[A-Z][A-Za-z0-9]*/[-a-z0-9]+/[-.a-z0-9]+$", 400, "an object",
        "write Kind/namespace/name, such as Database/erp/acme-db",
        |text| match text.split('/').collect::<Vec<_>>()[..] {
            [kind, namespace, name] => {
                kind.starts_with(|c: char| c.is_ascii_uppercase())
                    && kind.bytes().all(|b| b.is_ascii_alphanumeric())
                    && is_label(namespace) && is_subdomain(name)
            }
            _ => false,
        }
    }
    /// A field of an object.
    FieldName = FIELD_NAME {
        "field-name", "^[^\\s.]+(\\.[^\\s.]+)*$", 512, "a field of an object",
        "write it as `sitewright drift` prints it, such as spec.characterSet",
        |text| text.split('.').all(|part| {
            !part.is_empty() && !part.contains(|c: char| c.is_whitespace() || c.is_control())
        })
    }
    /// A text for people on one line.
    Sentence = SENTENCE {
        "sentence", "^\\S(.*\\S)?$", 512, "a text on one line",
        "write a few words on one line",
        |text| !text.is_empty() && text.trim() == text && !text.contains(char::is_control)
    }
    /// A bucket of an object store.
    Bucket = BUCKET {
        "bucket", "^[a-z0-9][-.a-z0-9]{1,61}[a-z0-9]$", 63, "a bucket",
        "a bucket's name has 3 to 63 of a-z, 0-9, `-` and `.`",
        |text| text.len() >= 3 && is_host_name(text)
    }
    /// The address of an object store: a host, with a port if it is not the default port.
    Endpoint = ENDPOINT {
        "endpoint", "^[a-z0-9]([-.a-z0-9]*[a-z0-9])?(:[0-9]{1,5})?$", 259, "an endpoint",
        "an endpoint is host or host:port without a scheme, such as s3.eu-central-1.amazonaws.com",
        |text| match text.split_once(':') {
            Some((host, port)) => is_host_name(host) && port.parse::<u16>().is_ok_and(|port| port > 0),
            None => is_host_name(text),
        }
    }
    /// The id of an access key of an object store. It is not secret.
    AccessKeyId = ACCESS_KEY_ID {
        "access-key-id", "^[A-Za-z0-9][-_A-Za-z0-9]{2,127}$", 128, "an access key's id",
        "an id has 3 to 128 letters, digits, `-` and `_`, such as AKIAIOSFODNN7EXAMPLE",
        |text| text.len() >= 3 && text.starts_with(|c: char| c.is_ascii_alphanumeric())
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b))
    }
    /// A point in time in UTC, as RFC 3339 writes it.
    Moment = MOMENT {
        "moment", "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$", 20, "a moment",
        "write it in UTC and in quotes, such as \"2026-11-20T03:00:00Z\"", accept::is_moment
    }
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
            ("size", &["4Gi", "1.5Gi", "10G", "1e9"], &["4gb", "", "-1Gi", "1.2.3", "Gi", "4 Gi"]),
            ("server-name", &["db", "shared/db"], &["a/b/c", "/db", "Db"]),
            ("version", &["10.11", "10.6.12"], &["10", "v10.11", "10.11."]),
            ("image", &["mariadb:10.11", "r.io/x/y@sha256:ab"], &["", "mariadb:", "a b"]),
            ("setting-name", &["max_allowed_packet"], &["max-allowed-packet", "[mysqld]"]),
            ("setting-value", &["256M", "*", "a b"], &["", " a", "a\nb", "a # b"]),
            ("metadata-key", &["team", "acme.com/team"], &["", "a/b/c", "-a", "acme.com/"]),
            ("label-value", &["", "a.b_c-1"], &["-a", "a b"]),
            (
                "uri",
                &["https://fpm.io", "https://fpm.io/@a"],
                &["fpm.io", "https://", "https://a:b@fpm.io"],
            ),
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
            ("size", "4gb", "`4Gi`"),
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
}
