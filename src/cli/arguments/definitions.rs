//! The arguments of the commands that add, change or end definitions and their passwords.

use super::cluster::date;
use clap::{ArgGroup, Args, Subcommand, ValueEnum};
use sitewright::language::{Date, Portion};
use std::path::PathBuf;

/// A GitOps engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum Engine {
    /// Flux.
    Flux,
    /// Argo CD.
    Argocd,
}

#[derive(Args, Debug)]
pub(in crate::cli) struct Init {
    /// The name of the cluster, which is the name of its folder below `sites`.
    #[arg(long, value_name = "NAME", default_value = "production")]
    pub(in crate::cli) cluster: String,

    /// The Kubernetes namespace of all objects.
    #[arg(long, value_name = "NAME", default_value = "frappe")]
    pub(in crate::cli) namespace: String,

    /// The engine that applies the manifests. This option also writes the objects with which the
    /// engine finds them. Default: flux, without these objects.
    #[arg(long, value_enum, value_name = "ENGINE", requires = "repository")]
    pub(in crate::cli) gitops: Option<Engine>,

    /// The address at which the cluster reaches the project's Git repository.
    #[arg(long, value_name = "URL", requires = "gitops")]
    pub(in crate::cli) repository: Option<String>,
}

#[derive(Args, Debug)]
pub(in crate::cli) struct Fmt {
    /// Format only these definitions or folders, such as production/acme. With `-`, the standard input is formatted and
    /// printed.
    pub(in crate::cli) paths: Vec<String>,

    /// Show which files differ from their canonical form, and write nothing.
    #[arg(long)]
    pub(in crate::cli) check: bool,
}

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum Secrets {
    /// List every password: its Secret, key, generation, and for which certificate it is sealed.
    List {
        /// List only these definitions or folders, such as production/acme. Default: all.
        paths: Vec<String>,

        /// Show since when each password has its generation: the day of the commit that brought it, in UTC.
        #[arg(long)]
        dates: bool,
    },
    /// Make new passwords.
    Rotate(Rotate),
    /// Record a value that a third party gives, such as the access key of an object store, from
    /// standard input.
    Set {
        /// The Secret, such as production/frappe-mariadb/frappe-mariadb-backup-s3.
        name: String,
    },
    /// Record the passwords in SealedSecrets of kubeseal, or in Secrets that sops encrypted.
    Adopt {
        /// Files with such objects, or folders of such files; `-` reads standard input.
        #[arg(required = true)]
        files: Vec<PathBuf>,

        /// The cluster for whose controller they were sealed. Needed if several clusters have a Secret
        /// of this name.
        #[arg(long, value_name = "NAME")]
        cluster: Option<String>,

        /// Show what would be recorded, and write nothing.
        #[arg(long)]
        dry_run: bool,
    },
    /// Check that records, manifests and files agree. Needs no private key.
    Verify,
    /// Remove the records of passwords that no definition needs any more.
    Prune {
        /// Show what would be removed, and write nothing.
        #[arg(long)]
        dry_run: bool,
    },
}

#[derive(Args, Debug)]
#[command(group(ArgGroup::new("which").required(true).multiple(true).args(["names", "all", "cluster", "sealed_for", "older_than"])))]
pub(in crate::cli) struct Rotate {
    /// A definition, one of its Secrets, or a key of a Secret, such as production/acme/acme-admin.
    #[arg(conflicts_with_all = ["all", "cluster", "sealed_for", "older_than", "today", "limit"])]
    pub(in crate::cli) names: Vec<String>,

    /// All passwords that can be rotated. Encryption keys never are.
    #[arg(long, conflicts_with = "cluster")]
    pub(in crate::cli) all: bool,

    /// All passwords of this cluster that can be rotated.
    #[arg(long, value_name = "NAME")]
    pub(in crate::cli) cluster: Option<String>,

    /// All passwords that are sealed for this key, such as one that leaked: its fingerprint, or the start of it.
    #[arg(long, value_name = "FINGERPRINT")]
    pub(in crate::cli) sealed_for: Option<String>,

    /// All passwords that were made more than this number of days ago, such as 90d: the day of the commit that brought
    /// their generation counts.
    #[arg(long, value_name = "DAYS", value_parser = days)]
    pub(in crate::cli) older_than: Option<u64>,

    /// The day from which `--older-than` counts, such as 2027-01-31. Default: today in UTC.
    #[arg(long, value_name = "DATE", value_parser = date, requires = "older_than")]
    pub(in crate::cli) today: Option<Date>,

    /// The most passwords that may be rotated without names: a count, or a share such as 10%.
    #[arg(long, value_name = "COUNT|SHARE", value_parser = portion)]
    pub(in crate::cli) limit: Option<Portion>,

    /// Show what would be rotated, and write nothing.
    #[arg(long)]
    pub(in crate::cli) dry_run: bool,
}

/// A number of days, such as `90d`.
fn days(text: &str) -> Result<u64, &'static str> {
    let days = text.strip_suffix('d').filter(|it| it.bytes().all(|byte| byte.is_ascii_digit()));
    days.and_then(|days| days.parse().ok()).ok_or("write a number of days, such as 90d")
}

fn portion(text: &str) -> Result<Portion, &'static str> {
    Portion::new(text)
}

#[derive(Args, Debug)]
pub(in crate::cli) struct Retire {
    /// The definition, such as production/acme or acme.
    pub(in crate::cli) name: String,

    /// Show what would change, and write nothing.
    #[arg(long)]
    pub(in crate::cli) dry_run: bool,
}

#[derive(Args, Debug)]
pub(in crate::cli) struct Rm {
    /// The definition, such as production/acme or acme.
    pub(in crate::cli) name: String,

    /// Where the definition must be retired: a folder of manifests, or a revision of Git. `main...` is the commit
    /// where the current branch left main. Default: the rendered folder.
    #[arg(long, value_name = "REV|DIR")]
    pub(in crate::cli) base: Option<String>,

    /// Show what would change, and write nothing.
    #[arg(long)]
    pub(in crate::cli) dry_run: bool,
}

#[derive(Args, Debug)]
pub(in crate::cli) struct Mv {
    /// A definition or a folder, such as production/acme or production/retail.
    pub(in crate::cli) old: String,

    /// Its new path, such as production/retail/acme. A name without a folder renames it in its folder.
    /// The name of a folder that exists moves it into that folder.
    pub(in crate::cli) new: String,

    /// Show what would change, and write nothing.
    #[arg(long)]
    pub(in crate::cli) dry_run: bool,
}

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum New {
    /// Add a site.
    Site(NewSite),
    /// Add a database server.
    Server(NewServer),
    /// Add a bench.
    Bench(NewBench),
    /// Add a plan: defaults for the sites that name it.
    Plan(NewPlan),
    /// Add a cluster.
    Cluster(NewCluster),
}

impl New {
    /// Whether nothing is written.
    pub(in crate::cli) fn is_dry(&self) -> bool {
        let dry = match self {
            Self::Site(site) => &site.dry,
            Self::Server(server) => &server.dry,
            Self::Bench(bench) => &bench.dry,
            Self::Plan(plan) => &plan.dry,
            Self::Cluster(cluster) => &cluster.dry,
        };
        dry.dry_run
    }
}

#[derive(Args, Debug)]
pub(in crate::cli) struct Dry {
    /// Show the definition, and write nothing.
    #[arg(long)]
    dry_run: bool,
}

#[derive(Args, Debug)]
pub(in crate::cli) struct NewSite {
    /// The path of the site, such as production/retail/globex. Its cluster may be left out if there is only one.
    pub(in crate::cli) name: String,

    /// The host name of the site in Frappe. Default: NAME.example.com.
    #[arg(long, value_name = "HOST")]
    pub(in crate::cli) site_name: Option<String>,

    /// Give the site a database server of its own.
    #[arg(long)]
    pub(in crate::cli) dedicated: bool,

    #[command(flatten)]
    pub(in crate::cli) dry: Dry,
}

#[derive(Args, Debug)]
pub(in crate::cli) struct NewServer {
    /// The path of the server, such as production/mariadb. Its cluster may be left out if there is only one.
    pub(in crate::cli) name: String,

    /// The database system.
    #[arg(long, value_enum, default_value_t = NewProvider::Mariadb)]
    pub(in crate::cli) provider: NewProvider,

    /// The size of the server's volume. It can grow, never shrink.
    #[arg(long, value_name = "SIZE", default_value = "50Gi")]
    pub(in crate::cli) storage_size: String,

    #[command(flatten)]
    pub(in crate::cli) dry: Dry,
}

/// The database system of a new server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum NewProvider {
    /// MariaDB.
    Mariadb,
    /// PostgreSQL.
    Postgres,
}

#[derive(Args, Debug)]
pub(in crate::cli) struct NewBench {
    /// The path of the bench, such as production/erpnext-v16. Its cluster may be left out if there is only one.
    pub(in crate::cli) name: String,

    /// The version of Frappe, such as version-16. Default: version-15.
    #[arg(long, value_name = "VERSION", requires = "image")]
    pub(in crate::cli) frappe_version: Option<String>,

    /// The image with that version and the app erpnext, such as frappe/erpnext:v16.2.0.
    #[arg(long, value_name = "REPOSITORY:TAG", requires = "frappe_version")]
    pub(in crate::cli) image: Option<String>,

    #[command(flatten)]
    pub(in crate::cli) dry: Dry,
}

#[derive(Args, Debug)]
pub(in crate::cli) struct NewPlan {
    /// The path of the plan, such as production/business. Its cluster may be left out if there is only one.
    pub(in crate::cli) name: String,

    /// Put the plan beside the clusters, for the sites of all.
    #[arg(long)]
    pub(in crate::cli) of_all: bool,

    #[command(flatten)]
    pub(in crate::cli) dry: Dry,
}

#[derive(Args, Debug)]
pub(in crate::cli) struct NewCluster {
    /// The name of the cluster, which is the name of its folder below `sites`.
    pub(in crate::cli) name: String,

    /// The Kubernetes namespace of all objects.
    #[arg(long, value_name = "NAME", default_value = "frappe")]
    pub(in crate::cli) namespace: String,

    #[command(flatten)]
    pub(in crate::cli) dry: Dry,
}
