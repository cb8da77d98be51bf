//! Files of others in the output folder that the project allows.

use crate::diagnostic::{Code, Diagnostic, Span};
use crate::language::fits_path;

/// The patterns of `allowForeign`, each with its place in the settings.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Allowed(Vec<(String, Span)>);

impl Allowed {
    /// Patterns of paths below the output folder.
    pub fn new(patterns: impl IntoIterator<Item = (String, Span)>) -> Self {
        Self(patterns.into_iter().collect())
    }

    /// Whether a pattern matches a path below the output folder.
    pub fn has(&self, path: &str) -> bool {
        self.first(path).is_some()
    }

    /// The first pattern that matches a path.
    pub(super) fn first(&self, path: &str) -> Option<usize> {
        self.0.iter().position(|(pattern, _)| fits_path(pattern, path))
    }

    /// A warning for each pattern that matches none of the files of others.
    pub fn unused(&self, files: &[String]) -> Vec<Diagnostic> {
        let is_unused =
            |(pattern, _): &&(String, Span)| !files.iter().any(|path| fits_path(pattern, path));
        let warning = |(pattern, span): &(String, Span)| {
            let message = format!("`{pattern}` matches no file that somebody else wrote");
            let help =
                "remove the pattern, or correct it: it is a path below the folder of manifests";
            // SW615: a pattern of allowForeign that matches nothing.
            Diagnostic::new(Code::AllowedUnused, *span, message).help(help)
        };
        self.0.iter().filter(is_unused).map(warning).collect()
    }

    /// The error for a pattern that matches a manifest.
    pub(super) fn conflict(&self, (pattern, path): (usize, &str)) -> Option<Box<Diagnostic>> {
        let (pattern, span) = self.0.get(pattern)?;
        let message = format!("`{pattern}` matches `{path}`, which sitewright writes");
        let help = "name only files that somebody else writes, such as those of a folder without definitions";
        // SW614: a pattern of allowForeign that matches a manifest.
        Some(Box::new(Diagnostic::new(Code::AllowedOutput, *span, message).help(help)))
    }
}
