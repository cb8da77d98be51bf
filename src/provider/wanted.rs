//! The Secrets that manifests refer to: their names and keys, which operators fix.

/// A Secret that must be in the cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// What it holds: a password or a certificate.
    pub holds: &'static str,
    /// Whose, for people.
    pub of: &'static str,
    /// Whether it is ours to make: a random password, in a Secret that nobody else writes. The
    /// others exist already, and the user says where.
    pub ours: bool,
    /// The last part of its name, which says what it is among its definition's: `admin`.
    pub suffix: &'static str,
    /// The suffixes that it has in records, where they are two.
    pub suffixes: Option<Suffixes>,
    /// What else must follow when the password is rotated.
    pub follows: &'static str,
    /// Why the password cannot be rotated, where it cannot.
    pub fixed: Option<&'static str>,
    /// Whether nobody here can make the password up: a third party gave it.
    pub given: bool,
    /// Whose it is: the label `app.kubernetes.io/name`.
    pub app: &'static str,
    /// Whether mariadb-operator reads it, and so has to see at once that it changed.
    pub watched: bool,
    /// The key that holds the password: letters and digits only, because mariadb-operator puts it
    /// into SQL unescaped.
    pub password_key: String,
    /// Other keys, whose values are no secret; without a value where the user knows it and we do not.
    pub others: Vec<(&'static str, Option<String>)>,
}

/// The suffixes of a Secret that had another name in earlier versions. Its record keeps the former one
/// until the password is rotated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Suffixes {
    /// That of a new record.
    pub current: &'static str,
    /// That of a record of earlier versions.
    pub former: &'static str,
}

impl Wanted {
    /// A Secret with a password in its key `password`. `suffix` is the last part of its name.
    pub fn password(namespace: &str, name: &str, suffix: &'static str, of: &'static str) -> Self {
        Self {
            namespace: namespace.to_owned(),
            name: name.to_owned(),
            holds: "password",
            of,
            ours: true,
            suffix,
            suffixes: None,
            follows: "",
            fixed: None,
            given: false,
            app: "frappe",
            watched: false,
            password_key: "password".to_owned(),
            others: Vec::new(),
        }
    }

    /// A Secret of the user's, with a password in this key.
    pub fn of_the_user(namespace: &str, name: &str, key: &str, of: &'static str) -> Self {
        let password_key = key.to_owned();
        Self { ours: false, password_key, ..Self::password(namespace, name, "", of) }
    }

    /// A Secret of the user's, with a certificate in this key.
    pub fn certificate(namespace: &str, name: &str, key: &str, of: &'static str) -> Self {
        Self { holds: "certificate", ..Self::of_the_user(namespace, name, key, of) }
    }

    /// A Secret with what a third party gave, in this key.
    pub fn given(
        namespace: &str,
        name: &str,
        suffix: &'static str,
        key: &str,
        of: &'static str,
    ) -> Self {
        let wanted = Self::password(namespace, name, suffix, of);
        Self { given: true, app: "mariadb", password_key: key.to_owned(), ..wanted }
    }

    /// As one that had another name in earlier versions.
    #[must_use]
    pub fn renamed(self, suffixes: Suffixes) -> Self {
        Self { suffixes: Some(suffixes), ..self }
    }

    /// The same under the name of a new record.
    #[must_use]
    pub fn current(&self) -> Self {
        self.suffixes.map_or_else(|| self.clone(), |suffixes| self.under(suffixes.current))
    }

    /// The same under its former name; nothing where it has that one or never had another.
    pub fn former(&self) -> Option<Self> {
        let former = self.suffixes?.former;
        (former != self.suffix).then(|| self.under(former))
    }

    fn under(&self, suffix: &'static str) -> Self {
        let start = self.name.strip_suffix(self.suffix).unwrap_or_default();
        Self { name: format!("{start}{suffix}"), suffix, ..self.clone() }
    }

    /// With what must follow a rotation.
    #[must_use]
    pub fn followed_by(self, follows: &'static str) -> Self {
        Self { follows, ..self }
    }

    /// As one whose password cannot be rotated, where there is a reason.
    #[must_use]
    pub fn fixed(self, fixed: Option<&'static str>) -> Self {
        Self { fixed, ..self }
    }

    /// As one that mariadb-operator reads.
    #[must_use]
    pub fn watched(mut self) -> Self {
        self.watched = true;
        self.app = "mariadb";
        self
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
