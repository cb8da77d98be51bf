//! The mode `plain`: the value is a Secret in clear text on the machine that created it. Nothing is
//! rendered. Somebody applies the Secret, or seals it with kubeseal and has it adopted.

use super::{Backend, Keeper, Kept, LocalValue, LocalValues};
use crate::cluster::Cluster;
use crate::diagnostic::{Code, Diagnostic};
use crate::language::SecretMode;
use crate::secret::certificate::Certificates;
use crate::secret::need::Need;
use crate::secret::password::Password;
use crate::secret::plain_folder;
use crate::secret::record::Record;
use std::path::Path;

pub(super) struct Plain;

impl Backend for Plain {
    fn word(&self) -> &'static str {
        "plain"
    }

    fn accepts(&self) -> &'static [SecretMode] {
        // A value that was sealed by hand and adopted is sealed from then on.
        &[SecretMode::Plain, SecretMode::Sealed]
    }

    fn keeping(&self) -> &'static str {
        super::sealed::SEAL_AND_ADOPT
    }

    fn taking_over(&self, need: &Need, manifest: &str, cluster: &Cluster) -> String {
        super::sealed::Sealed.taking_over(need, manifest, cluster)
    }

    fn whereabouts<'r>(&self, _: &'r Record, is_here: bool) -> &'r str {
        if is_here { self.word() } else { "plain, not on this machine" }
    }

    fn keeper<'c>(
        &self,
        _: &'c Cluster,
        _: &'c Certificates,
    ) -> Result<Keeper<'c>, Box<Diagnostic>> {
        Ok(Box::new(|_, _, make| Ok(Kept { sealed: None, password: Some(make()?) })))
    }

    fn local(&self) -> Option<&'static dyn LocalValues> {
        Some(&Self)
    }
}

impl LocalValues for Plain {
    fn folder(&self) -> &'static str {
        plain_folder::FOLDER
    }

    fn path(&self, definition: &str, secret: &str) -> String {
        plain_folder::path(definition, secret)
    }

    fn value(&self, root: &Path, need: &Need) -> Result<Option<(Password, u32)>, Box<Diagnostic>> {
        let value = plain_folder::value(root, need);
        if value.is_some() || !plain_folder::is_there(root, need) {
            return Ok(value);
        }
        let message = format!(
            "`{}/{}` has no record, and no password can be read from `{}`",
            need.path(),
            need.key(),
            plain_folder::path(&need.definition, &need.wanted.name)
        );
        let help = "restore the file. If nobody uses its password any more, remove the file, and \
                    `sitewright render` makes a new password";
        // SW713: a record is lost, but a manifest still contains its password.
        Err(Box::new(Diagnostic::new(Code::LostRecord, need.span, message).help(help)))
    }

    fn write(&self, root: &Path, values: &[LocalValue]) -> Result<Vec<String>, Box<Diagnostic>> {
        plain_folder::write(root, values)
    }

    fn remove(&self, root: &Path, path: &str) -> Result<Option<String>, Box<Diagnostic>> {
        plain_folder::remove(root, path)
    }

    fn files(&self, root: &Path) -> Vec<String> {
        plain_folder::files(root)
    }

    fn share(&self, root: &Path, from: &str, to: &str) -> Result<(), Box<Diagnostic>> {
        plain_folder::share(root, from, to)
    }
}
