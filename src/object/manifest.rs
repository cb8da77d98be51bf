//! One object to render.

use super::object_type::ObjectType;
use super::secret_spec::SecretPurpose;
use crate::language::{Namespace, ResourceName};

/// What the templates of a part see: variables by name, in the order in which they are shown.
pub type Variables = Vec<(&'static str, minijinja::Value)>;

/// A part of a definition. The templates of one part share one context.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The definition itself.
    Definition,
    /// Its backups.
    Backup,
    /// The last backup of a retired definition.
    LastBackup,
    /// The backup from which its server starts.
    Bootstrap,
    /// The report about a site's database.
    Status,
    /// A Secret.
    Secret {
        /// What it is for.
        purpose: &'static SecretPurpose,
        /// Whether it has the name of earlier versions.
        is_former: bool,
    },
}

impl Part {
    /// The part of a file's name that distinguishes its object from others of its kind in the
    /// definition's folder.
    fn suffix(self) -> Option<&'static str> {
        match self {
            Part::Definition | Part::Backup | Part::Status => None,
            Part::LastBackup => Some("last"),
            Part::Bootstrap => Some("bootstrap"),
            Part::Secret { purpose, is_former } => Some(purpose.suffix(is_former)),
        }
    }
}

/// One object to render. No field has a default, so whoever adds an object answers each of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Manifest {
    /// The properties that all objects of its type share.
    pub of: &'static ObjectType,
    /// The part of its definition that it belongs to, which decides what its template sees.
    pub part: Part,
    /// Its namespace.
    pub namespace: Namespace,
    /// Its name.
    pub name: ResourceName,
    /// The Secrets of its definition that the object reads. Its annotations state the generations
    /// of their passwords.
    pub reads: Box<[ResourceName]>,
    /// Whether its deletion would also delete data that must be kept. Such an object is always
    /// protected against pruning by every engine, whatever its definition states.
    pub outlives: bool,
}

impl Manifest {
    /// The value of the label `app.kubernetes.io/name`.
    pub fn app(&self) -> &'static str {
        match self.part {
            Part::Secret { purpose, .. } => purpose.app,
            Part::Definition | Part::Backup | Part::LastBackup | Part::Bootstrap | Part::Status => {
                self.of.app
            }
        }
    }

    /// The file in its definition's folder, such as `user.yaml` or `sealedsecret-admin.yaml`.
    pub fn file(&self) -> String {
        let template = self.of.template;
        let file = template.rsplit('/').next().unwrap_or(template);
        let file = file.strip_suffix(".j2").unwrap_or(file);
        match self.part.suffix() {
            None => file.to_owned(),
            Some(suffix) => {
                let stem = file.strip_suffix(".yaml").unwrap_or(file);
                format!("{stem}-{suffix}.yaml")
            }
        }
    }
}

/// Objects whose templates share one context.
#[derive(Debug)]
pub struct View {
    /// The shared context.
    pub context: minijinja::Value,
    /// The objects.
    pub manifests: Vec<Manifest>,
}
