//! How the databases of a cluster's sites are: what the SiteDatabases of the cluster say, joined with the
//! definitions of the project.
//!
//! [`Expected`] has the sites that the definitions state. A [`SiteDatabase`] is what the cluster has.
//! [`Expected::join`] puts both together. [`changes`] says what is different between two readings.

mod change;
mod expected;
mod reading;
pub mod report;

pub use change::{Change, changes};
pub use expected::Expected;
pub use reading::{Reading, SiteDatabase, is_wanted, resource};

use schemars::JsonSchema;
use serde::Serialize;
use sitewright_api::Phase;

/// How the databases of a cluster's sites are.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FleetStatus {
    /// The cluster.
    pub cluster: String,
    /// Whether the sites without a SiteDatabase are among the sites. They are if the Cluster states `status: true`.
    pub lists_missing: bool,
    /// The sites, the worst first.
    pub sites: Vec<SiteStatus>,
}

impl FleetStatus {
    /// How many sites are in this state.
    pub fn count(&self, state: State) -> usize {
        self.sites.iter().filter(|site| site.state == state).count()
    }

    /// How many SiteDatabases belong to no definition.
    pub fn unknown(&self) -> usize {
        self.sites.iter().filter(|site| site.definition.is_none()).count()
    }

    /// How many statuses are older than their SiteDatabase.
    pub fn stale(&self) -> usize {
        self.sites.iter().filter(|site| site.reading.is_stale()).count()
    }
}

/// How the database of a site is.
#[derive(Clone, Debug, PartialEq)]
pub struct SiteStatus {
    /// The path of the site's definition, such as `production/acme`. `None` for a SiteDatabase that belongs to no
    /// definition.
    pub definition: Option<String>,
    /// The namespace of the SiteDatabase.
    pub namespace: String,
    /// The name of the SiteDatabase.
    pub name: String,
    /// The name of the site in Frappe. This field, the bench and the server are what the definition says, or, without
    /// a definition, what the SiteDatabase says.
    pub site_name: Option<String>,
    /// The bench that serves the site.
    pub bench: Option<String>,
    /// The database server. `None` for a site with a server of its own.
    pub server: Option<String>,
    /// How its database is.
    pub state: State,
    /// What its SiteDatabase says. Everything is absent for a site without one.
    pub reading: Reading,
}

impl SiteStatus {
    /// What reports call the site: its definition, or else its SiteDatabase.
    pub fn title(&self) -> String {
        match &self.definition {
            Some(definition) => definition.clone(),
            None => format!("{}/{}/{}", sitewright_api::KIND, self.namespace, self.name),
        }
    }
}

/// How the database of a site is, the worst first.
#[derive(Clone, Copy, Debug, Eq, JsonSchema, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// An object needs a person, or has failed for longer than the grace period.
    Failed,
    /// An object is missing, or has no status yet.
    Pending,
    /// The SiteDatabase has no status that this version can read.
    NoStatus,
    /// The Cluster states `status: true`, and the cluster has no SiteDatabase of this site.
    NotInTheCluster,
    /// Every object has a status, and some are on their way.
    Provisioning,
    /// All objects are ready.
    Ready,
}

impl State {
    /// Every state, the worst first.
    pub const ALL: [Self; 6] = [
        Self::Failed,
        Self::Pending,
        Self::NoStatus,
        Self::NotInTheCluster,
        Self::Provisioning,
        Self::Ready,
    ];

    /// The words for people.
    pub fn words(self) -> &'static str {
        match self {
            Self::Failed => Phase::Failed.word(),
            Self::Pending => Phase::Pending.word(),
            Self::NoStatus => "without a status",
            Self::NotInTheCluster => "not in the cluster",
            Self::Provisioning => Phase::Provisioning.word(),
            Self::Ready => Phase::Ready.word(),
        }
    }

    /// The word in documents.
    pub fn name(self) -> &'static str {
        match self {
            Self::Failed => "failed",
            Self::Pending => "pending",
            Self::NoStatus => "no-status",
            Self::NotInTheCluster => "not-in-the-cluster",
            Self::Provisioning => "provisioning",
            Self::Ready => "ready",
        }
    }
}

impl From<Phase> for State {
    fn from(phase: Phase) -> Self {
        match phase {
            Phase::Ready => Self::Ready,
            Phase::Provisioning => Self::Provisioning,
            Phase::Pending => Self::Pending,
            Phase::Failed => Self::Failed,
        }
    }
}
