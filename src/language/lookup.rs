//! Which definitions the words of a command line mean. Every command reads them by the same rule.

use super::document::{Definition, nearest_definition};
use super::pattern::fits;
use super::schema::Kind;
use crate::diagnostic::{Code, Diagnostic};

/// The definitions that words can mean.
#[derive(Debug, Default)]
pub struct Lookup {
    named: Vec<Named>,
}

#[derive(Debug)]
struct Named {
    /// The path below the folder of definitions, without `.yaml`.
    path: String,
    /// A cluster has the name of its folder.
    name: String,
    /// Whether it is offered where a word means nothing. Defaults are not.
    is_offered: bool,
}

impl Lookup {
    /// From these definitions.
    pub fn new<'d>(definitions: impl IntoIterator<Item = &'d Definition>) -> Self {
        let named = |definition: &Definition| Named {
            path: definition.path(),
            name: match definition.kind {
                Kind::Cluster => definition.cluster().to_owned(),
                _ => definition.name().to_owned(),
            },
            is_offered: definition.kind != Kind::Defaults,
        };
        Self { named: definitions.into_iter().map(named).collect() }
    }

    /// Adds paths at which something is that is no definition now, such as one that a change removes.
    #[must_use]
    pub fn and_paths(mut self, paths: impl IntoIterator<Item = String>) -> Self {
        self.named.extend(paths.into_iter().map(|path| {
            let name = path.rsplit('/').next().unwrap_or_default().to_owned();
            Named { path, name, is_offered: true }
        }));
        self
    }

    /// The paths of definitions and folders that a word means, where a command takes many: a path, a folder, a pattern
    /// of paths in which `*` stands for any text, or a name that only one definition has. `below` is the word without
    /// the folder of definitions and the ending.
    pub fn many(&self, word: &str, below: &str) -> Result<Vec<String>, Box<Diagnostic>> {
        if below.contains('*') {
            let fitting = self.named.iter().filter(|it| fits(below, &it.path));
            let paths: Vec<String> = fitting.map(|it| it.path.clone()).collect();
            return match paths.is_empty() {
                true => Err(self.nothing(word, below, "the pattern of no definition")),
                false => Ok(paths),
            };
        }
        self.place(word, below).map(|path| vec![path])
    }

    /// The path of the one definition or folder that a word means.
    pub fn place(&self, word: &str, below: &str) -> Result<String, Box<Diagnostic>> {
        let folder = format!("{below}/");
        let is_at = |it: &Named| it.path == below || it.path.starts_with(&folder);
        if self.named.iter().any(is_at) {
            return Ok(below.to_owned());
        }
        match self.by_name(word, below)? {
            Some(at) => Ok(self.named[at].path.clone()),
            None => Err(self.nothing(word, below, "neither a definition nor a folder of them")),
        }
    }

    /// The place of the one definition that a word means, in the order in which they were given: by its path, or by a
    /// name that only one has.
    pub fn one(&self, word: &str, below: &str) -> Result<usize, Box<Diagnostic>> {
        if let Some(at) = self.named.iter().position(|it| it.path == below) {
            return Ok(at);
        }
        match self.by_name(word, below)? {
            Some(at) => Ok(at),
            None => Err(self.nothing(word, below, "no definition")),
        }
    }

    /// The definition with this name, or with this end of its path. An error if several have it.
    fn by_name(&self, word: &str, below: &str) -> Result<Option<usize>, Box<Diagnostic>> {
        let end = format!("/{below}");
        let is_meant = |it: &Named| it.name == below || it.path.ends_with(&end);
        let found: Vec<usize> =
            (0..self.named.len()).filter(|at| is_meant(&self.named[*at])).collect();
        match found.as_slice() {
            [] => Ok(None),
            [only] => Ok(Some(*only)),
            several => {
                let paths: Vec<String> =
                    several.iter().map(|at| format!("`{}`", self.named[*at].path)).collect();
                let message = format!("`{word}` means {} definitions", several.len());
                // SW209: a name that several definitions have.
                let problem = Diagnostic::of_path(Code::UnknownPath, word, message);
                Err(Box::new(problem.help(format!("write {}", paths.join(" or ")))))
            }
        }
    }

    fn nothing(&self, word: &str, below: &str, what: &str) -> Box<Diagnostic> {
        let named = self.named.iter().filter(|it| it.is_offered);
        // A name is compared with names, a path with paths.
        let known = named.map(|it| if below.contains('/') { &it.path } else { &it.name });
        let help = nearest_definition(below, "Site", known.map(String::as_str));
        // SW209: a path or a name that matches no definition.
        Box::new(
            Diagnostic::of_path(Code::UnknownPath, word, format!("`{word}` is {what}")).help(help),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lookup() -> Lookup {
        let paths = ["eu/acme", "eu/retail/globex", "eu/retail/twin", "us/twin", "us/retail-x"];
        Lookup::default().and_paths(paths.map(str::to_owned))
    }

    #[test]
    fn a_word_means_a_path_a_folder_a_pattern_or_a_name() {
        let all = lookup();
        for (word, meant) in [
            ("eu/acme", &["eu/acme"][..]),
            ("acme", &["eu/acme"]),
            ("retail/twin", &["eu/retail/twin"]),
            ("eu", &["eu"]),
            ("eu/retail", &["eu/retail"]),
            ("*/twin", &["eu/retail/twin", "us/twin"]),
            ("us/*", &["us/twin", "us/retail-x"]),
        ] {
            assert_eq!(all.many(word, word).unwrap(), meant, "{word}");
        }
        assert_eq!(all.one("globex", "globex").unwrap(), 1);
    }

    #[test]
    fn what_means_nothing_or_several_is_refused() {
        let all = lookup();
        for (word, message, help) in [
            ("twin", "`twin` means 2 definitions", "write `eu/retail/twin` or `us/twin`"),
            ("acne", "`acne` is neither a definition nor a folder of them", "mean `acme`?"),
            ("eu/acne", "`eu/acne` is neither a definition nor a folder", "mean `eu/acme`?"),
            ("retail", "`retail` is neither", "mean `retail-x`?"),
            ("asia/*", "`asia/*` is the pattern of no definition", "defined: eu/acme"),
            ("", "`` is neither", "defined: acme"),
        ] {
            let problem = all.many(word, word).unwrap_err();
            assert!(problem.message.starts_with(message), "{word}: {}", problem.message);
            assert!(problem.help.as_ref().unwrap().contains(help), "{word}: {:?}", problem.help);
        }
        let problem = all.one("eu/retail", "eu/retail").unwrap_err();
        assert_eq!(problem.message, "`eu/retail` is no definition");
    }
}
