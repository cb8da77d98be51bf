//! The Secrets that manifests refer to. The operators determine their names and keys.

use crate::language::{Namespace, ResourceName};
use std::borrow::Cow;

/// A Secret that must be in the cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecretSpec {
    /// Its namespace.
    pub namespace: Namespace,
    /// Its name.
    pub name: ResourceName,
    /// What it contains: a password or a certificate.
    pub holds: &'static str,
    /// The owner of the password, in words.
    pub of: &'static str,
    /// Whether sitewright creates it: a random password, in a Secret that nobody else writes. Other
    /// Secrets already exist, and the user names them.
    pub ours: bool,
    /// The last part of its name, such as `admin`. It identifies the Secret among those of its
    /// definition.
    pub suffix: &'static str,
    /// The two suffixes that it can have in records, if its name has changed.
    pub suffixes: Option<&'static Suffixes>,
    /// The steps that must follow a rotation of the password.
    pub follows: &'static str,
    /// Why the password cannot be rotated, if it cannot.
    pub fixed: Option<&'static str>,
    /// Whether a third party gives the password, so that sitewright cannot create it.
    pub given: bool,
    /// The value of the label `app.kubernetes.io/name`.
    pub app: &'static str,
    /// The label by which an operator sees a change of the Secret at once, if the operator asks for
    /// one.
    pub watch_label: Option<&'static str>,
    /// The key with the password. The password has only letters and digits, because
    /// mariadb-operator puts it into SQL unescaped.
    pub password_key: Cow<'static, str>,
    /// Other keys, whose values are not secret. A key has no value here if only the user knows it.
    pub others: Vec<(&'static str, Option<String>)>,
}

/// The suffixes of a Secret that had another name in earlier versions of sitewright. Its record
/// keeps the former name until the password is rotated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Suffixes {
    /// The suffix of a new record.
    pub current: &'static str,
    /// The suffix of a record of earlier versions.
    pub former: &'static str,
}

impl SecretSpec {
    /// A Secret with a password in its key `password`. `suffix` is the last part of its name.
    pub fn password(
        namespace: &Namespace,
        name: ResourceName,
        suffix: &'static str,
        of: &'static str,
    ) -> Self {
        Self {
            namespace: namespace.clone(),
            name,
            holds: "password",
            of,
            ours: true,
            suffix,
            suffixes: None,
            follows: "",
            fixed: None,
            given: false,
            app: "frappe",
            watch_label: None,
            password_key: "password".into(),
            others: Vec::new(),
        }
    }

    /// A Secret of the user's, with a password in this key.
    pub fn of_the_user(
        namespace: &Namespace,
        name: ResourceName,
        key: &str,
        of: &'static str,
    ) -> Self {
        let password_key = key.to_owned().into();
        Self { ours: false, password_key, ..Self::password(namespace, name, "", of) }
    }

    /// A Secret of the user's, with a certificate in this key.
    pub fn certificate(
        namespace: &Namespace,
        name: ResourceName,
        key: &str,
        of: &'static str,
    ) -> Self {
        Self { holds: "certificate", ..Self::of_the_user(namespace, name, key, of) }
    }

    /// A Secret with a password from a third party in this key.
    pub fn given(
        namespace: &Namespace,
        name: ResourceName,
        suffix: &'static str,
        key: &str,
        of: &'static str,
    ) -> Self {
        let wanted = Self::password(namespace, name, suffix, of);
        Self { given: true, password_key: key.to_owned().into(), ..wanted }
    }

    /// Adds the name that the Secret had in earlier versions.
    #[must_use]
    pub fn renamed(self, suffixes: &'static Suffixes) -> Self {
        Self { suffixes: Some(suffixes), ..self }
    }

    /// The Secret under the name of a new record.
    #[must_use]
    pub fn current(&self) -> Self {
        self.suffixes.map_or_else(|| self.clone(), |suffixes| self.under(suffixes.current))
    }

    /// The Secret under its former name. `None` if it already has that name, or never had another
    /// one.
    pub fn former(&self) -> Option<Self> {
        let former = self.suffixes?.former;
        (former != self.suffix).then(|| self.under(former))
    }

    fn under(&self, suffix: &'static str) -> Self {
        Self { name: self.name.with_ending(self.suffix, suffix), suffix, ..self.clone() }
    }

    /// Adds the steps that must follow a rotation.
    #[must_use]
    pub fn followed_by(self, follows: &'static str) -> Self {
        Self { follows, ..self }
    }

    /// Adds the reason why the password cannot be rotated, if there is one.
    #[must_use]
    pub fn fixed(self, fixed: Option<&'static str>) -> Self {
        Self { fixed, ..self }
    }

    /// Adds the label by which an operator sees a change at once.
    #[must_use]
    pub fn watched(self, label: &'static str) -> Self {
        Self { watch_label: Some(label), ..self }
    }

    /// Sets the label `app.kubernetes.io/name` of a Secret that does not belong to Frappe itself.
    #[must_use]
    pub fn of_app(self, app: &'static str) -> Self {
        Self { app, ..self }
    }

    /// Adds another key and its value.
    #[must_use]
    pub fn stating(mut self, key: &'static str, value: &str) -> Self {
        self.others.push((key, Some(value.to_owned())));
        self
    }

    /// Adds another key, whose value only the user knows.
    #[must_use]
    pub fn having(mut self, key: &'static str) -> Self {
        self.others.push((key, None));
        self
    }

    /// The keys of the Secret. The password's key is the first.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        [&*self.password_key].into_iter().chain(self.others.iter().map(|(key, _)| *key))
    }
}
