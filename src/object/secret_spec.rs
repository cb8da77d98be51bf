//! The Secrets that manifests refer to. The operators determine their names and keys.

use super::reference::KeyReference;
use crate::language::{Namespace, ResourceName};
use std::borrow::Cow;

/// The properties that all Secrets of one purpose share. No field has a default, so whoever adds a
/// Secret answers each of them.
#[derive(Debug, PartialEq, Eq)]
pub struct SecretPurpose {
    /// What it contains: a password or a certificate.
    pub holds: &'static str,
    /// The owner of the password, in words.
    pub of: &'static str,
    /// The last part of its name, such as `admin`. It identifies the Secret among those of its
    /// definition. It is empty if the user names the Secret.
    pub suffix: &'static str,
    /// The last part of the name that it had in earlier versions of sitewright, if that differs. A
    /// record keeps the former name until the password is rotated.
    pub former: Option<&'static str>,
    /// The steps that must follow a rotation of the password. They are empty if sitewright does not
    /// create the password.
    pub follows: &'static str,
    /// The type of the Secret, such as `Opaque`.
    pub kind: &'static str,
    /// The value of the label `app.kubernetes.io/name`.
    pub app: &'static str,
    /// The label by which an operator sees a change of the Secret at once, if the operator asks for
    /// one.
    pub watch_label: Option<&'static str>,
}

impl SecretPurpose {
    /// The purpose of a Secret of the user's: its name and its labels are the user's.
    pub const fn of_the_user(holds: &'static str, of: &'static str) -> Self {
        let (suffix, kind) = ("", "Opaque");
        Self { holds, of, suffix, former: None, follows: "", kind, app: "", watch_label: None }
    }

    /// The last part of the name, now or in earlier versions.
    pub fn suffix(&self, is_former: bool) -> &'static str {
        self.former.filter(|_| is_former).unwrap_or(self.suffix)
    }
}

/// The form of a value that sitewright creates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// A password of random letters and digits, because mariadb-operator puts it into SQL unescaped.
    Password,
    /// A key with which Frappe encrypts fields: 32 random bytes in URL-safe base64. What it has
    /// encrypted can be read with no other key.
    FernetKey,
}

/// The Secret of the same definition whose value another Secret repeats.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Original {
    /// Its namespace.
    pub namespace: Namespace,
    /// Its name.
    pub name: ResourceName,
}

/// A Secret that must be in the cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecretSpec {
    /// The properties that all Secrets of its purpose share.
    pub purpose: &'static SecretPurpose,
    /// Its namespace.
    pub namespace: Namespace,
    /// Its name.
    pub name: ResourceName,
    /// Whether it has the name of earlier versions.
    pub is_former: bool,
    /// Whether sitewright creates it: a random password, in a Secret that nobody else writes. Other
    /// Secrets already exist, and the user names them.
    pub ours: bool,
    /// Whether a third party gives the password, so that sitewright cannot create it.
    pub given: bool,
    /// Whether it stays in the cluster when its definition is removed, because an object that stays
    /// reads it, or because it opens data that stays. Every engine is told to keep the object that
    /// carries it.
    pub outlives: bool,
    /// Why the password cannot be rotated, if it cannot.
    pub fixed: Option<&'static str>,
    /// The form of a value that sitewright creates.
    pub form: Form,
    /// The key with the password.
    pub password_key: Cow<'static, str>,
    /// The Secret with the same value in another namespace, if this one repeats it. Both values are
    /// made together and have one generation.
    pub repeats: Option<Box<Original>>,
    /// Other keys, whose values are not secret. A key has no value here if only the user knows it.
    pub others: Vec<(&'static str, Option<String>)>,
}

impl SecretSpec {
    /// A Secret with a password in its key `password`.
    pub fn password(
        purpose: &'static SecretPurpose,
        namespace: &Namespace,
        name: ResourceName,
    ) -> Self {
        Self {
            purpose,
            namespace: namespace.clone(),
            name,
            is_former: false,
            ours: true,
            given: false,
            outlives: false,
            fixed: None,
            form: Form::Password,
            password_key: "password".into(),
            repeats: None,
            others: Vec::new(),
        }
    }

    /// A Secret with an encryption key in this key. Another value could not decrypt what this one has
    /// encrypted, so the key is never rotated.
    pub fn encryption_key(
        purpose: &'static SecretPurpose,
        namespace: &Namespace,
        reference: KeyReference,
    ) -> Self {
        let fixed = Some("what it has encrypted can be read with no other key");
        let KeyReference { name, key } = reference;
        let wanted = Self::password(purpose, namespace, name);
        Self { form: Form::FernetKey, fixed, password_key: key, ..wanted }
    }

    /// A Secret of the user's, with a password or a certificate in this key.
    pub fn of_the_user(
        purpose: &'static SecretPurpose,
        namespace: &Namespace,
        name: ResourceName,
        key: &str,
    ) -> Self {
        let password_key = key.to_owned().into();
        Self { ours: false, password_key, ..Self::password(purpose, namespace, name) }
    }

    /// A Secret with a password from a third party in this key.
    pub fn given(
        purpose: &'static SecretPurpose,
        namespace: &Namespace,
        name: ResourceName,
        key: &str,
    ) -> Self {
        let wanted = Self::password(purpose, namespace, name);
        Self { given: true, password_key: key.to_owned().into(), ..wanted }
    }

    /// The last part of its name.
    pub fn suffix(&self) -> &'static str {
        self.purpose.suffix(self.is_former)
    }

    /// The Secret under the name of a new record.
    #[must_use]
    pub fn current(&self) -> Self {
        match self.is_former {
            true => self.under(false, self.purpose.suffix),
            false => self.clone(),
        }
    }

    /// The Secret under its former name. `None` if it already has that name, or never had another
    /// one.
    pub fn former(&self) -> Option<Self> {
        let former = self.purpose.former.filter(|_| !self.is_former)?;
        Some(self.under(true, former))
    }

    fn under(&self, is_former: bool, suffix: &str) -> Self {
        Self { name: self.name.with_ending(self.suffix(), suffix), is_former, ..self.clone() }
    }

    /// Adds the reason why the password cannot be rotated, if there is one.
    #[must_use]
    pub fn fixed(self, fixed: Option<&'static str>) -> Self {
        Self { fixed, ..self }
    }

    /// Lets the Secret stay in the cluster with the object that reads it, or with the data that it opens.
    #[must_use]
    pub fn outliving(self, outlives: bool) -> Self {
        Self { outlives, ..self }
    }

    /// Lets the Secret have the value of another Secret of the definition.
    #[must_use]
    pub fn repeating(self, original: &SecretSpec) -> Self {
        let SecretSpec { namespace, name, .. } = original;
        let original = Original { namespace: namespace.clone(), name: name.clone() };
        Self { repeats: Some(Box::new(original)), ..self }
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
