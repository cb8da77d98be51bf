//! The arguments of the commands about objects that exist, and about the operators of a cluster.

use clap::{ArgGroup, Args, ValueEnum};
use sitewright::fleet_status::State;
use sitewright::language::Date;
use sitewright::operator::Operator;

#[derive(Args, Debug)]
#[command(group(ArgGroup::new("input").args(["files", "kubectl", "sql", "sql_result"]).required(true)))]
pub(in crate::cli) struct Drift {
    /// The objects of the cluster: the output of `kubectl get KINDS -A -o json --show-managed-fields`, as files or
    /// folders; `-` reads standard input.
    #[arg(value_name = "FILE")]
    pub(in crate::cli) files: Vec<String>,

    /// Ask the cluster with your own kubectl. It only runs `kubectl get`, for the kinds that sitewright renders.
    #[arg(long)]
    pub(in crate::cli) kubectl: bool,

    /// The context of kubectl. Default: the current one.
    #[arg(long, value_name = "NAME", conflicts_with = "files")]
    pub(in crate::cli) context: Option<String>,

    /// The cluster of the project. Default: the only one. With `--sql` and `--sql-result`, all.
    #[arg(long, value_name = "NAME")]
    pub(in crate::cli) cluster: Option<String>,

    /// Print the statements that ask the database servers for their databases, accounts and grants, with the
    /// expected answers. They only read.
    #[arg(long)]
    pub(in crate::cli) sql: bool,

    /// Print only the statements for this server, such as production/frappe-mariadb.
    #[arg(long, value_name = "SERVER", requires = "sql")]
    pub(in crate::cli) server: Vec<String>,

    /// Compare what the servers answered to these statements; `-` reads standard input.
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) sql_result: Vec<String>,

    /// Write the live values of this object into its definition, where the language has the fields. Such as
    /// User/erp/acme-user.
    #[arg(long, value_name = "OBJECT", conflicts_with_all = ["sql", "sql_result"])]
    pub(in crate::cli) accept: Option<String>,

    /// The day for `expires` in `drift.yaml`, such as 2027-01-31. Default: today in UTC.
    #[arg(long, value_name = "DATE", value_parser = date)]
    pub(in crate::cli) today: Option<Date>,
}

#[derive(Args, Debug)]
#[command(group(ArgGroup::new("statuses").args(["files", "kubectl"]).required(true)))]
pub(in crate::cli) struct Status {
    /// The SiteDatabases of the cluster: the output of `kubectl get sitedatabases -A -o json`, as files or folders;
    /// `-` reads standard input.
    #[arg(value_name = "FILE")]
    pub(in crate::cli) files: Vec<String>,

    /// Ask the cluster with your own kubectl. It only runs `kubectl get`, for SiteDatabases.
    #[arg(long)]
    pub(in crate::cli) kubectl: bool,

    /// The context of kubectl. Default: the current one.
    #[arg(long, value_name = "NAME", conflicts_with = "files")]
    pub(in crate::cli) context: Option<String>,

    /// The cluster of the project. Default: the only one.
    #[arg(long, value_name = "NAME")]
    pub(in crate::cli) cluster: Option<String>,

    /// List only the sites of this phase. The counts and the exit code stay those of all sites.
    #[arg(long, value_enum, value_name = "PHASE")]
    pub(in crate::cli) phase: Vec<ListedPhase>,

    /// Ask again after this number of seconds, and so on until interrupted. A terminal always shows the newest
    /// report. Elsewhere, each change is one line. Ctrl-C ends it, with exit code 130. Default: 10.
    #[arg(long, value_name = "SECONDS", num_args = 0..=1, default_missing_value = "10")]
    #[arg(conflicts_with = "files", value_parser = clap::value_parser!(u16).range(1..=3600))]
    pub(in crate::cli) watch: Option<u16>,
}

/// A phase that `status --phase` lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum ListedPhase {
    /// An object needs a person, or has failed for longer than the grace period.
    Failed,
    /// An object is missing, or has no status yet.
    Pending,
    /// The reconciler has not written a status.
    NoStatus,
    /// The cluster has no SiteDatabase of the site.
    NotInTheCluster,
    /// Every object has a status, and some are on their way.
    Provisioning,
    /// All objects are ready.
    Ready,
}

impl ListedPhase {
    pub(in crate::cli) fn state(self) -> State {
        match self {
            Self::Failed => State::Failed,
            Self::Pending => State::Pending,
            Self::NoStatus => State::NoStatus,
            Self::NotInTheCluster => State::NotInTheCluster,
            Self::Provisioning => State::Provisioning,
            Self::Ready => State::Ready,
        }
    }
}

/// A day of the calendar.
pub(super) fn date(text: &str) -> Result<Date, String> {
    Date::new(text).map_err(|complaint| complaint.help)
}

#[derive(Args, Debug)]
#[command(group(ArgGroup::new("operator").args(["frappe", "mariadb"]).required(true)))]
pub(in crate::cli) struct Upgrade {
    /// The cluster, such as production.
    pub(in crate::cli) cluster: String,

    /// The new version of frappe-operator.
    #[arg(long, value_name = "VERSION")]
    pub(in crate::cli) frappe: Option<String>,

    /// The new version of mariadb-operator.
    #[arg(long, value_name = "VERSION")]
    pub(in crate::cli) mariadb: Option<String>,

    /// State the names of databases in the sites that would look for others.
    #[arg(long)]
    pub(in crate::cli) keep_databases: bool,

    /// Show what would change, and write nothing.
    #[arg(long)]
    pub(in crate::cli) dry_run: bool,
}

impl Upgrade {
    /// The operator and its new version. The parser refuses a call without one.
    pub(in crate::cli) fn target(&self) -> Option<(Operator, &str)> {
        let frappe = self.frappe.as_deref().map(|version| (Operator::Frappe, version));
        let mariadb = self.mariadb.as_deref().map(|version| (Operator::Mariadb, version));
        frappe.or(mariadb)
    }
}

#[derive(Args, Debug)]
pub(in crate::cli) struct Import {
    /// Files of objects, as `kubectl get -o yaml` or `-o json` prints them, or folders of manifests. `-` reads
    /// standard input.
    #[arg(required = true, value_name = "FILE")]
    pub(in crate::cli) files: Vec<String>,

    /// The cluster from which the objects are: one of the project's, or a new one. Default: the project's only
    /// cluster.
    #[arg(long, value_name = "NAME")]
    pub(in crate::cli) cluster: Option<String>,

    /// The version of frappe-operator in a new cluster. Default: what the objects show.
    #[arg(long, value_name = "VERSION")]
    pub(in crate::cli) frappe: Option<String>,

    /// The version of mariadb-operator in a new cluster. Default: what the objects show.
    #[arg(long, value_name = "VERSION")]
    pub(in crate::cli) mariadb: Option<String>,

    /// Show what would change, and write nothing.
    #[arg(long)]
    pub(in crate::cli) dry_run: bool,
}
