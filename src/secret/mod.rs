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
    /// Whether it is ours to make: a random password, in a Secret that nobody else writes. The
    /// others exist already, and the user says where.
    pub ours: bool,
    /// The key that holds the password: letters and digits only, because mariadb-operator puts it
    /// into SQL unescaped.
    pub password_key: String,
    /// Other keys, whose values are no secret; without a value where the user knows it and we do not.
    pub others: Vec<(&'static str, Option<String>)>,
}

impl Wanted {
    /// A Secret with a password in its key `password`.
    pub fn password(namespace: &str, name: &str, of: &'static str) -> Self {
        Self {
            namespace: namespace.to_owned(),
            name: name.to_owned(),
            of,
            ours: true,
            password_key: "password".to_owned(),
            others: Vec::new(),
        }
    }

    /// A Secret of the user's, with a password in this key.
    pub fn of_the_user(namespace: &str, name: &str, key: &str, of: &'static str) -> Self {
        let password_key = key.to_owned();
        Self { ours: false, password_key, ..Self::password(namespace, name, of) }
    }

    /// With another key and its value.
    #[must_use]
    pub fn stating(mut self, key: &'static str, value: &str) -> Self {
        self.others.push((key, Some(value.to_owned())));
        self
    }

    /// With another key, whose value the user knows.
    #[must_use]
    pub fn having(mut self, key: &'static str) -> Self {
        self.others.push((key, None));
        self
    }

    /// Its keys, the password's first.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        [self.password_key.as_str()].into_iter().chain(self.others.iter().map(|(key, _)| *key))
    }
}
