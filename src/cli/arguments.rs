//! What can be said on the command line.

use clap::{ArgGroup, Args, Parser, Subcommand, ValueEnum};
use sitewright::operator::Operator;
use sitewright::risk::Level;
use std::path::PathBuf;

/// Compiles short definitions of Frappe sites into complete Kubernetes manifests.
///
/// Exit codes: 0 fine, 1 findings or differences, 2 the input or the call is wrong, 3 a password has
/// no record and none may be made, 4 a change is riskier than allowed.
#[derive(Debug, Parser)]
#[command(name = "sitewright", version, max_term_width = 100)]
pub(super) struct Arguments {
    #[command(subcommand)]
    pub(super) command: Command,

    /// The project's folder.
    #[arg(short = 'C', value_name = "DIR", default_value = ".", global = true)]
    pub(super) directory: PathBuf,

    /// How results and diagnostics are printed.
    #[arg(long, value_enum, default_value_t = Format::Text, global = true)]
    pub(super) format: Format,

    /// When text is coloured.
    #[arg(long, value_enum, default_value_t = Colour::Auto, global = true)]
    pub(super) color: Colour,

    /// Print diagnostics only.
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub(super) quiet: bool,

    /// Print every file.
    #[arg(short, long, global = true)]
    pub(super) verbose: bool,

    /// How many threads to use; by default one for each core, and at least 8.
    #[arg(short, long, value_name = "N", global = true)]
    #[arg(value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub(super) jobs: Option<u16>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// For people.
    Text,
    /// For machines.
    Json,
    /// For a comment on a pull request, of at most 60,000 characters; `diff` alone prints it.
    Markdown,
    /// SARIF 2.1.0, for code scanning; `diff` alone prints it.
    Sarif,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Colour {
    /// On a terminal, unless NO_COLOR is set.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Compile the definitions and write their manifests.
    Render(Render),
    /// Run every check, and tell whether the manifests are what render would write.
    Check(Check),
    /// Show what changes, and what each change does: what is lost, refused, restarted.
    Diff(Diff),
    /// Write what delivers the manifests: the objects of Flux or Argo CD, the namespaces, and rights.
    Gitops(Gitops),
    /// Show where each value of a definition comes from, or what a diagnostic's code means.
    Explain(Explain),
    /// Print the JSON Schema of a kind, or write them all for editors.
    Schema(Schema),
    /// Start a project in an empty folder.
    Init(Init),
    /// Passwords: what is recorded of each, and changing that.
    Secrets {
        #[command(subcommand)]
        what: Secrets,
    },
    /// State another version of an operator: what it does to each definition, and the steps.
    Upgrade(Upgrade),
    /// Add a definition.
    New {
        #[command(subcommand)]
        what: New,
    },
}

#[derive(Args, Debug)]
pub(super) struct Render {
    /// Definitions or folders to write, such as production/acme; the whole fleet is compiled and
    /// checked all the same.
    pub(super) paths: Vec<String>,

    /// Write to this folder instead of the project's.
    #[arg(long, value_name = "DIR", conflicts_with = "stdout")]
    pub(super) out: Option<PathBuf>,

    /// Print the manifests instead of writing them.
    #[arg(long)]
    pub(super) stdout: bool,

    /// Make no password: one without a record ends the run with exit code 3.
    #[arg(long)]
    pub(super) locked: bool,

    /// Overwrite and remove files in the way that were edited by hand or are not ours.
    #[arg(long, conflicts_with = "stdout")]
    pub(super) force: bool,
}

#[derive(Args, Debug)]
pub(super) struct Check {
    /// Compare with this folder instead of the project's.
    #[arg(long, value_name = "DIR")]
    pub(super) out: Option<PathBuf>,
}

#[derive(Args, Debug)]
pub(super) struct Diff {
    /// Compare with this folder of manifests, or with the rendered folder at this revision of Git;
    /// `main...` is where the current branch left main. Default: the rendered folder as it is.
    #[arg(long, value_name = "REV|DIR")]
    pub(super) base: Option<String>,

    /// End with 1 when anything changes.
    #[arg(long)]
    pub(super) exit_code: bool,

    /// End with 4 when a change is as risky as this, or riskier.
    #[arg(long, value_enum, value_name = "LEVEL")]
    pub(super) deny: Option<Deny>,

    /// Let this definition change as riskily as this all the same.
    #[arg(long, value_name = "DEFINITION=LEVEL", value_parser = allowance, requires = "deny")]
    pub(super) allow: Vec<(String, Deny)>,
}

/// `production/acme=data-loss`.
fn allowance(text: &str) -> Result<(String, Deny), String> {
    let (definition, level) = text.split_once('=').ok_or("write DEFINITION=LEVEL")?;
    Ok((definition.to_owned(), Deny::from_str(level, false)?))
}

/// How much a change may cost, the least first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Deny {
    /// Something restarts, moves or is out of service for a while.
    Rollout,
    /// A password changes, or who may do what.
    Credential,
    /// The operator or the API server will refuse it, or it has no effect.
    Blocked,
    /// A database is dropped, orphaned or replaced by an empty one.
    DataLoss,
}

impl Deny {
    pub(super) fn level(self) -> Level {
        match self {
            Deny::Rollout => Level::Rollout,
            Deny::Credential => Level::Credential,
            Deny::Blocked => Level::Blocked,
            Deny::DataLoss => Level::DataLoss,
        }
    }
}

#[derive(Args, Debug)]
pub(super) struct Gitops {
    /// Write to this folder instead of the project's.
    #[arg(long, value_name = "DIR", conflicts_with = "stdout")]
    pub(super) out: Option<PathBuf>,

    /// Print the objects instead of writing them.
    #[arg(long)]
    pub(super) stdout: bool,

    /// Overwrite and remove files in the way that were edited by hand or are not ours.
    #[arg(long, conflicts_with = "stdout")]
    pub(super) force: bool,
}

/// A GitOps engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Engine {
    /// Flux.
    Flux,
    /// Argo CD.
    Argocd,
}

#[derive(Args, Debug)]
pub(super) struct Explain {
    /// A definition, such as production/acme or acme, or a code, such as SW305.
    pub(super) subject: String,

    /// Print what the definition's templates see, as JSON.
    #[arg(long)]
    pub(super) context: bool,
}

#[derive(Args, Debug)]
pub(super) struct Schema {
    /// Site, DatabaseServer, Bench, Plan, Cluster, Defaults or Project.
    #[arg(required_unless_present = "out")]
    pub(super) kind: Option<String>,

    /// Write the schemas of all kinds to this folder.
    #[arg(long, value_name = "DIR", conflicts_with = "kind")]
    pub(super) out: Option<PathBuf>,
}

#[derive(Args, Debug)]
pub(super) struct Init {
    /// The cluster's name: the first folder.
    #[arg(long, value_name = "NAME", default_value = "production")]
    pub(super) cluster: String,

    /// The Kubernetes namespace of everything.
    #[arg(long, value_name = "NAME", default_value = "frappe")]
    pub(super) namespace: String,

    /// What applies the manifests; writes what it needs to find them too. Default: flux, without that.
    #[arg(long, value_enum, value_name = "ENGINE", requires = "repository")]
    pub(super) gitops: Option<Engine>,

    /// The Git repository of the project, as the cluster reaches it.
    #[arg(long, value_name = "URL", requires = "gitops")]
    pub(super) repository: Option<String>,
}

#[derive(Debug, Subcommand)]
pub(super) enum Secrets {
    /// List every password: its Secret and key, generation, and what it is sealed for.
    List {
        /// Definitions or folders to list, such as production/acme; all by default.
        paths: Vec<String>,
    },
    /// Make new passwords.
    Rotate {
        /// A definition, a Secret of it, or a key of that, such as production/acme/acme-admin.
        #[arg(required = true)]
        names: Vec<String>,
    },
    /// Record what a third party gave, such as an object store's access key, from standard input.
    Set {
        /// The Secret, such as production/frappe-mariadb/frappe-mariadb-backup-s3.
        name: String,
    },
    /// Take SealedSecrets that kubeseal made, or Secrets that sops encrypted, into the records.
    Adopt {
        /// Files of such objects, or folders of such; - for standard input.
        #[arg(required = true)]
        files: Vec<PathBuf>,

        /// The cluster whose controller they were sealed for, where several have a Secret of the name.
        #[arg(long, value_name = "NAME")]
        cluster: Option<String>,
    },
    /// Check without any key that records, manifests and files hold what they should.
    Verify,
    /// Remove the records of passwords that nothing uses any more.
    Prune,
}

#[derive(Args, Debug)]
#[command(group(ArgGroup::new("operator").args(["frappe", "mariadb"]).required(true)))]
pub(super) struct Upgrade {
    /// The cluster, such as production.
    pub(super) cluster: String,

    /// The new version of frappe-operator.
    #[arg(long, value_name = "VERSION")]
    pub(super) frappe: Option<String>,

    /// The new version of mariadb-operator.
    #[arg(long, value_name = "VERSION")]
    pub(super) mariadb: Option<String>,

    /// State the names of databases in the sites that would look for others.
    #[arg(long)]
    pub(super) keep_databases: bool,

    /// Print everything, and write nothing.
    #[arg(long)]
    pub(super) dry_run: bool,
}

impl Upgrade {
    /// The operator and its new version. The parser refuses a call without one.
    pub(super) fn target(&self) -> Option<(Operator, &str)> {
        let frappe = self.frappe.as_deref().map(|version| (Operator::Frappe, version));
        let mariadb = self.mariadb.as_deref().map(|version| (Operator::Mariadb, version));
        frappe.or(mariadb)
    }
}

#[derive(Debug, Subcommand)]
pub(super) enum New {
    /// Add a site.
    Site(NewSite),
}

#[derive(Args, Debug)]
pub(super) struct NewSite {
    /// Where it goes and what it is called, such as production/retail/globex; without a folder, the
    /// project's only cluster.
    pub(super) name: String,

    /// What Frappe answers to. Default: NAME.example.com.
    #[arg(long, value_name = "HOST")]
    pub(super) site_name: Option<String>,

    /// Give the site a database server of its own.
    #[arg(long)]
    pub(super) dedicated: bool,
}
