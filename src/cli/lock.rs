//! The lock of the project. A command that changes the project takes it before it reads anything. So
//! two runs at the same time come one after the other, and the second reads what the first has
//! written.

use super::arguments::{Arguments, Command, Secrets};
use super::render::failed;
use super::terminal::Terminal;
use super::turn::Turn;
use sitewright::diagnostic::{Code, Diagnostic, Sources, visible};
use sitewright::source::{FolderLock, IsLocked, Patience};
use std::io::{self, Write as _};
use std::path::Path;
use std::time::Duration;

/// Takes the lock, if the command changes the project. `None` if it needs no lock.
pub(super) fn take(arguments: &Arguments, terminal: &Terminal) -> Result<Option<FolderLock>, Turn> {
    if !changes_project(&arguments.command) {
        return Ok(None);
    }
    let (root, shown) = (&arguments.directory, shown(&arguments.directory));
    FolderLock::take(root, &shown, terminal.patience).map(Some).map_err(|locked| {
        let still = if terminal.patience.limit.is_zero() { "" } else { "still " };
        let message = format!("{} is {still}writing {shown}", other_run(locked));
        let help = "run again when it has ended, or wait longer, such as with \
                    `--lock-timeout 10m`; nothing was changed";
        // SW605: another run is writing this project.
        let problem = Diagnostic::of_path(Code::Busy, root.display().to_string(), message);
        failed(vec![problem.help(help)], &Sources::default(), terminal)
    })
}

/// How long a run waits, and what it then tells.
pub(super) fn patience(arguments: &Arguments) -> Patience {
    let tell = if arguments.quiet { |_: &str, _, _| {} } else { tell };
    Patience { limit: arguments.lock_timeout, tell }
}

fn tell(shown: &str, locked: IsLocked, left: Duration) {
    let seconds = left.as_secs_f64().ceil();
    let line = format!(
        "{} is writing {}: waiting for up to {seconds} s\n",
        other_run(locked),
        visible(shown)
    );
    // A failure to tell it does not matter.
    let _ = io::stderr().lock().write_all(line.as_bytes());
}

fn other_run(locked: IsLocked) -> String {
    match locked.process {
        Some(process) => format!("another run (process {process})"),
        None => "another run".to_owned(),
    }
}

/// The project in messages.
fn shown(root: &Path) -> String {
    match root == Path::new(".") {
        true => "this project".to_owned(),
        false => format!("the project `{}`", root.display()),
    }
}

/// Whether a command may write the definitions, the records, the manifests or the delivery of the project. A dry run of
/// `render` and `gitops` stages files beside the manifests, so it counts too. A command that only writes another folder
/// takes the lock of that folder when it writes.
fn changes_project(command: &Command) -> bool {
    match command {
        Command::Render(render) => !render.stdout && (!render.locked || render.out.is_none()),
        Command::Check(check) => check.fix && !check.dry_run,
        Command::Fmt(fmt) => !fmt.check && !fmt.is_of_stdin(),
        Command::Gitops(gitops) => !gitops.stdout && gitops.out.is_none(),
        Command::Drift(drift) => drift.accept.is_some(),
        Command::Secrets { what } => match what {
            Secrets::Rotate(rotate) => !rotate.dry_run,
            Secrets::Adopt { dry_run, .. } | Secrets::Prune { dry_run } => !dry_run,
            Secrets::Set { .. } => true,
            Secrets::List { .. } | Secrets::Verify => false,
        },
        Command::Upgrade(upgrade) => !upgrade.dry_run,
        Command::Mv(moved) => !moved.dry_run,
        Command::Retire(retire) => !retire.dry_run,
        Command::Rm(rm) => !rm.dry_run,
        Command::Import(import) => !import.dry_run,
        Command::New { what } => !what.is_dry(),
        Command::Init(_) => true,
        Command::Diff(_)
        | Command::Status(_)
        | Command::Explain(_)
        | Command::List(_)
        | Command::Rules { .. }
        | Command::Schema(_)
        | Command::Lsp
        | Command::Completions(_)
        | Command::Man(_) => false,
    }
}
