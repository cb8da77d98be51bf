//! The commands, arguments and options of the command line.

mod cluster;
mod definitions;

pub(super) use cluster::{Drift, Import, Status, Upgrade};
pub(super) use definitions::{
    Engine, Fmt, Init, Mv, New, NewBench, NewCluster, NewPlan, NewProvider, NewServer, NewSite,
    Retire, Rm, Rotate, Secrets,
};

use clap::{Args, Parser, Subcommand, ValueEnum};
use sitewright::diff::OTHER_KINDS;
use sitewright::language::nearest;
use sitewright::object::ObjectKind;
use sitewright::risk::Level;
use std::path::PathBuf;
use std::time::Duration;

/// Compiles short definitions of Frappe sites into complete Kubernetes manifests.
///
/// Exit codes: 0 success, 1 findings or differences, 2 wrong input or arguments, 3 a password has no
/// record and this run must not make one, 4 a change has a higher risk than allowed.
#[derive(Debug, Parser)]
#[command(name = "sitewright", version, long_version = VERSION, max_term_width = 100)]
pub(super) struct Arguments {
    #[command(subcommand)]
    pub(super) command: Command,

    /// The project's folder.
    #[arg(short = 'C', value_name = "DIR", default_value = ".", global = true)]
    pub(super) directory: PathBuf,

    /// The format of results and diagnostics.
    #[arg(long, value_enum, default_value_t = Format::Text, global = true)]
    pub(super) format: Format,

    /// When to use colours.
    #[arg(long, value_enum, default_value_t = Colour::Auto, global = true)]
    pub(super) color: Colour,

    /// Print diagnostics only.
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub(super) quiet: bool,

    /// Print every file.
    #[arg(short, long, global = true)]
    pub(super) verbose: bool,

    /// The number of threads. Default: one for each core, and at least 8.
    #[arg(short, long, value_name = "N", global = true)]
    #[arg(value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub(super) jobs: Option<u16>,

    /// How long to wait for another run that writes the same project, such as 90s or 5m; 0s fails at once.
    #[arg(long, value_name = "DURATION", default_value = "60s", global = true)]
    #[arg(value_parser = duration)]
    pub(super) lock_timeout: Duration,
}

/// A number with its unit.
fn duration(text: &str) -> Result<Duration, &'static str> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at(digits);
    let seconds = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3600,
        _ => return Err("write a number and a unit: `90s`, `5m` or `1h`"),
    };
    let number = number.parse::<u64>().ok().and_then(|number| number.checked_mul(seconds));
    number.filter(|it| *it <= 24 * 3600).map(Duration::from_secs).ok_or("the longest wait is `24h`")
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// For people.
    Text,
    /// For machines.
    Json,
    /// For a comment on a pull request, at most 60,000 characters; only `diff` and `drift` print it.
    Markdown,
    /// SARIF 2.1.0, for code scanning; only `check`, `diff` and `drift` print it.
    Sarif,
    /// Annotations of GitHub's workflows; only `check` prints them.
    Github,
    /// For spreadsheets; only `list` prints it.
    Csv,
    /// A page for a browser, one file that loads nothing; only `diff` and `list` print it.
    Html,
}

impl Format {
    /// Why a command does not print it.
    pub(super) fn misused(self, command: &Command) -> Option<String> {
        use Command::{Check, Diff, Drift, List};
        let (is_of, commands) = match self {
            Self::Text => return None,
            Self::Json => return command.prints_no_document().map(str::to_owned),
            Self::Markdown => {
                (matches!(command, Diff(_) | Drift(_)), "`sitewright diff` and `sitewright drift`")
            }
            Self::Sarif => (
                matches!(command, Check(_) | Diff(_) | Drift(_)),
                "`sitewright check`, `sitewright diff` and `sitewright drift`",
            ),
            Self::Github => (matches!(command, Check(_)), "`sitewright check`"),
            Self::Csv => (matches!(command, List(_)), "`sitewright list`"),
            Self::Html => {
                (matches!(command, Diff(_) | List(_)), "`sitewright diff` and `sitewright list`")
            }
        };
        let word = self.to_possible_value();
        let word = word.as_ref().map_or("", |word| word.get_name());
        (!is_of).then(|| format!("`--format {word}` is for {commands}"))
    }
}

impl Command {
    /// Why it prints something that is no document of JSON.
    fn prints_no_document(&self) -> Option<&'static str> {
        let has_stdout = match self {
            Self::Render(render) => render.stdout,
            Self::Gitops(gitops) => gitops.stdout,
            Self::Completions(_) => {
                return Some("a script has no other format: leave out `--format json`");
            }
            Self::Lsp => return Some("the protocol has its own format: leave out `--format json`"),
            _ => false,
        };
        has_stdout
            .then_some("`--stdout` prints manifests: leave out `--format json`, or `--stdout`")
    }
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
    /// Run every check, and compare the manifests with what `render` would write.
    Check(Check),
    /// Show each change of the manifests and its risk: lost data, refused objects, restarts.
    Diff(Diff),
    /// Show where a cluster is no longer what its manifests say, and why.
    ///
    /// Nothing is written to the cluster. Only `--accept` writes a file. With `--kubectl`, only `kubectl get` is run, and never for Secrets.
    Drift(Drift),
    /// Show which databases of a cluster's sites are ready, and the last error of those that are not.
    ///
    /// It reads the SiteDatabases, whose statuses the reconciler writes. Nothing is written. With `--kubectl`, only `kubectl get` is run. Exit code 1: a site has failed.
    Status(Status),
    /// Write the objects that deliver the manifests: those of Flux or Argo CD, namespaces, rights.
    Gitops(Gitops),
    /// Show where each value of a definition comes from, or what a code means.
    Explain(Explain),
    /// Write definitions in their canonical form: the order of keys, quotes, indentation.
    ///
    /// Every definition keeps its meaning and its comments. A file that cannot be read is reported and left as it is. Exit code 1: with `--check`, a file differs.
    Fmt(Fmt),
    /// List sites with what decides about them, or servers, benches, plans or clusters.
    List(List),
    /// Print the JSON Schema of a kind, or write them all for editors.
    Schema(Schema),
    /// Start a project in an empty folder.
    Init(Init),
    /// List and test the project's own rules, which `rules.yaml` states.
    Rules {
        #[command(subcommand)]
        what: Rules,
    },
    /// List, rotate, record and check passwords.
    Secrets {
        #[command(subcommand)]
        what: Secrets,
    },
    /// Change the version of an operator: show what changes for each definition, and the steps.
    Upgrade(Upgrade),
    /// Move or rename a definition or a folder. No object becomes another one.
    Mv(Mv),
    /// Retire a definition: its objects are no longer protected, and nothing is deleted yet.
    Retire(Retire),
    /// Remove a definition that is retired, with its records.
    Rm(Rm),
    /// Make definitions of objects that exist already, and prove what a render of them changes.
    Import(Import),
    /// Add a definition.
    New {
        #[command(subcommand)]
        what: New,
    },
    /// Serve an editor by the Language Server Protocol, on standard input and output.
    ///
    /// Nothing is written. Exit code 1: the editor ended without `shutdown`.
    Lsp,
    /// Print a script that completes commands and options in a shell.
    Completions(Completions),
    /// Write the manual pages, one for each command.
    Man(Man),
}

/// What `--version` says: the release, and what it is built from.
const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), " (", env!("SITEWRIGHT_BUILD"), ")");

#[derive(Debug, Subcommand)]
pub(super) enum Rules {
    /// Run the tests of the rules. Exit code 1: a test fails.
    Test,
    /// List the rules: what each is about, its severity, and its number of tests.
    List,
    /// Show the variables that the rules about a definition see.
    Show {
        /// The path of the definition, such as production/acme.
        definition: String,
    },
}

#[derive(Args, Debug)]
pub(super) struct Completions {
    /// The shell that reads the script.
    #[arg(value_enum)]
    pub(super) shell: clap_complete::Shell,
}

#[derive(Args, Debug)]
pub(super) struct Man {
    /// The folder of the pages.
    #[arg(long, value_name = "DIR")]
    pub(super) out: PathBuf,
}

#[derive(Args, Debug)]
pub(super) struct Render {
    /// Write only these definitions or folders, such as production/acme. The whole fleet is still
    /// compiled and checked.
    pub(super) paths: Vec<String>,

    /// Write to this folder instead of the project's.
    #[arg(long, value_name = "DIR", conflicts_with = "stdout")]
    pub(super) out: Option<PathBuf>,

    /// Print the manifests instead of writing them.
    #[arg(long)]
    pub(super) stdout: bool,

    /// Make no password. If a password has no record, exit with 3.
    #[arg(long)]
    pub(super) locked: bool,

    /// Overwrite or remove files that were edited by hand, or that sitewright did not write.
    #[arg(long, conflicts_with = "stdout")]
    pub(super) force: bool,

    /// Show which files would change, and write nothing.
    #[arg(long, conflicts_with = "stdout")]
    pub(super) dry_run: bool,

    /// Run again after each change of a file that is read. Ctrl-C ends it, with exit code 130.
    #[arg(long, conflicts_with_all = ["stdout", "force"])]
    pub(super) watch: bool,
}

#[derive(Args, Debug)]
pub(super) struct Check {
    /// First correct the files of definitions where there is only one right way: a misspelt key, missing quotes.
    #[arg(long)]
    pub(super) fix: bool,

    /// With `--fix`: show what would be corrected, and write nothing.
    #[arg(long, requires = "fix")]
    pub(super) dry_run: bool,

    /// Compare with this folder instead of the project's.
    #[arg(long, value_name = "DIR")]
    pub(super) out: Option<PathBuf>,

    /// Run again after each change of a file that is read or compared. Ctrl-C ends it, with exit code 130.
    #[arg(long, conflicts_with = "fix")]
    pub(super) watch: bool,
}

#[derive(Args, Debug)]
pub(super) struct Diff {
    /// Show only these definitions or folders, such as production/retail. `*` stands for any text.
    pub(super) paths: Vec<String>,

    /// Compare with this folder of manifests, or with the rendered folder at this revision of Git.
    /// `main...` is the commit where the current branch left main. Default: the rendered folder.
    #[arg(long, value_name = "REV|DIR")]
    pub(super) base: Option<String>,

    /// Exit with 1 if anything changes.
    #[arg(long)]
    pub(super) exit_code: bool,

    /// Exit with 4 if a change has this risk or a higher one.
    #[arg(long, value_enum, value_name = "LEVEL")]
    pub(super) deny: Option<Deny>,

    /// Allow changes of this definition up to this risk.
    #[arg(long, value_name = "DEFINITION=LEVEL", value_parser = allowance, requires = "deny")]
    pub(super) allow: Vec<(String, Deny)>,

    /// Show only objects of this kind, such as MariaDB.
    #[arg(long, value_parser = changed_kind)]
    pub(super) kind: Vec<String>,

    /// Show only objects of which this field or a field below it changes, such as spec.resources. `*` stands for any
    /// text.
    #[arg(long)]
    pub(super) field: Vec<String>,

    /// Show only objects whose change has this risk or a higher one.
    #[arg(long, value_enum, value_name = "LEVEL")]
    pub(super) risk: Option<Deny>,

    /// List the changes of each definition, also if others have equal ones.
    #[arg(long)]
    pub(super) expand: bool,
}

/// A kind that a diff can list.
fn changed_kind(text: &str) -> Result<String, String> {
    let objects = ObjectKind::ALL.iter().map(|kind| kind.as_str());
    let known: Vec<&str> = objects.chain(OTHER_KINDS).collect();
    match (known.contains(&text), nearest(text, &known)) {
        (true, _) => Ok(text.to_owned()),
        (false, Some(kind)) => Err(format!("no object has this kind: did you mean `{kind}`?")),
        (false, None) => Err("no object has this kind".to_owned()),
    }
}

/// `production/acme=data-loss`.
fn allowance(text: &str) -> Result<(String, Deny), String> {
    let (definition, level) = text.split_once('=').ok_or("write DEFINITION=LEVEL")?;
    Ok((definition.to_owned(), Deny::from_str(level, false)?))
}

/// The risks that `--deny`, `--allow` and `--risk` accept, the lowest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Deny {
    /// Pods restart or move, or something is out of service for a while.
    Rollout,
    /// A password changes, or rights change.
    Credential,
    /// The operator or the API server refuses the change, or it has no effect.
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

    /// Overwrite or remove files that were edited by hand, or that sitewright did not write.
    #[arg(long, conflicts_with = "stdout")]
    pub(super) force: bool,

    /// Show which files would change, and write nothing.
    #[arg(long, conflicts_with = "stdout")]
    pub(super) dry_run: bool,
}

#[derive(Args, Debug)]
pub(super) struct List {
    /// List only these definitions or folders, such as production/retail.
    pub(super) paths: Vec<String>,

    /// What to list.
    #[arg(long, value_enum, default_value_t = Listed::Site)]
    pub(super) kind: Listed,

    /// List only what fits, such as mode=dedicated or server!=main. `*` stands for any text, and no value for a field
    /// that is not there.
    #[arg(long = "where", value_name = "FIELD=VALUE")]
    pub(super) filters: Vec<String>,
}

/// What `list` lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Listed {
    /// Sites.
    Site,
    /// Database servers.
    Server,
    /// Benches.
    Bench,
    /// Plans.
    Plan,
    /// Clusters.
    Cluster,
}

#[derive(Args, Debug)]
pub(super) struct Explain {
    /// A definition, such as production/acme or acme, or a code, such as SW305.
    pub(super) subject: String,

    /// Print the values that the definition's templates see, as JSON.
    #[arg(long)]
    pub(super) context: bool,
}

#[derive(Args, Debug)]
pub(super) struct Schema {
    /// Site, DatabaseServer, Bench, Plan, Cluster, Defaults, Project, AcceptedDrift or ProjectRules.
    #[arg(required_unless_present = "out")]
    pub(super) kind: Option<String>,

    /// Write the schemas of all kinds to this folder.
    #[arg(long, value_name = "DIR", conflicts_with = "kind")]
    pub(super) out: Option<PathBuf>,
}
