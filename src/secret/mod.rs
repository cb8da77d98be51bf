//! The Secrets that manifests refer to: their names and keys, which operators fix.
//!
//! A secret store takes this list, mints what it has no record of and adds its manifests to the
//! render; until then the list says what must be in the cluster before the manifests are applied.

/// A Secret that must be in the cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// Whose password it holds, for people.
    pub of: &'static str,
    /// The key that holds a password: at most 32 letters and digits, because mariadb-operator puts
    /// it into SQL unescaped.
    pub password_key: &'static str,
    /// Other keys, whose values are no secret.
    pub stated: Vec<(&'static str, String)>,
}

impl Wanted {
    /// A Secret with a password in its key `password`.
    pub fn password(namespace: &str, name: &str, of: &'static str) -> Self {
        Self {
            namespace: namespace.to_owned(),
            name: name.to_owned(),
            of,
            password_key: "password",
            stated: Vec::new(),
        }
    }

    /// With another key.
    #[must_use]
    pub fn stating(mut self, key: &'static str, value: &str) -> Self {
        self.stated.push((key, value.to_owned()));
        self
    }

    /// Its keys, the password's first.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        [self.password_key].into_iter().chain(self.stated.iter().map(|(key, _)| *key))
    }
}
