//! The command line, with one file for each command. Only this module prints.

mod annotations;
mod arguments;
mod call;
mod check;
mod diff;
mod drift;
mod ending;
mod explain;
mod fmt;
mod gitops;
mod html;
mod import;
mod init;
mod list;
mod lock;
mod lsp;
mod mv;
mod new;
mod outcome;
mod progress;
mod render;
mod rules;
mod schema;
mod secrets;
mod shells;
mod status;
mod terminal;
mod today;
mod turn;
mod upgrade;
mod watch;

use arguments::{Arguments, Command};
use clap::Parser as _;
use clap::error::ErrorKind;
use outcome::Outcome;
use rayon::ThreadPoolBuilder;
use terminal::Terminal;
use turn::Turn;
use watch::Inputs;

/// The stack of a thread. Templates may include one another 32 levels deep.
const STACK: usize = 16 << 20;

/// Parses the arguments and runs their command.
pub(crate) fn run() -> Outcome {
    let arguments = Arguments::try_parse().unwrap_or_else(|error| call::refuse(&error));
    if let Some(message) = arguments.format.misused(&arguments.command) {
        call::wrong(ErrorKind::ValueValidation, &message);
    }
    let terminal = Terminal::new(&arguments, lock::patience(&arguments));
    let pool = ThreadPoolBuilder::new()
        .num_threads(arguments.jobs.map_or_else(threads, usize::from))
        .stack_size(STACK)
        .build()
        // If the system has no further threads, this one does the work.
        .or_else(|_| ThreadPoolBuilder::new().num_threads(1).use_current_thread().build());
    terminal.ended(match pool {
        Ok(pool) => pool.install(|| command(&arguments, &terminal)),
        Err(_) => command(&arguments, &terminal),
    })
}

/// One thread for each core. Small machines get more threads, so that some can wait for the disk
/// while others work.
fn threads() -> usize {
    const WAITING: usize = 8;
    std::thread::available_parallelism().map_or(WAITING, |cores| cores.get().max(WAITING))
}

fn command(arguments: &Arguments, terminal: &Terminal) -> Outcome {
    let root = arguments.directory.as_path();
    let inputs = match &arguments.command {
        Command::Render(render) if render.watch => Inputs::of_render(root),
        Command::Check(check) if check.watch => Inputs::of_check(check, root),
        _ => return turn(arguments, terminal).outcome,
    };
    watch::run(&inputs, terminal, || turn(arguments, terminal))
}

/// Runs the command once.
fn turn(arguments: &Arguments, terminal: &Terminal) -> Turn {
    let _lock = match lock::take(arguments, terminal) {
        Ok(lock) => lock,
        Err(turn) => return turn,
    };
    let root = arguments.directory.as_path();
    let outcome = match &arguments.command {
        Command::Render(render) => return render::run(render, root, terminal),
        Command::Check(check) => return check::run(check, root, terminal),
        Command::Diff(diff) => diff::run(diff, root, terminal),
        Command::Drift(drift) => drift::run(drift, root, terminal),
        Command::Status(status) => status::run(status, root, terminal),
        Command::Gitops(gitops) => gitops::run(gitops, root, terminal),
        Command::Explain(explain) => explain::run(explain, root, terminal),
        Command::Fmt(fmt) => fmt::run(fmt, root, terminal),
        Command::List(list) => list::run(list, root, terminal),
        Command::Schema(schema) => schema::run(schema, root, terminal),
        Command::Upgrade(arguments) => upgrade::run(arguments, root, terminal),
        Command::Import(import) => import::run(import, root, terminal),
        Command::Init(init) => init::run(init, root, terminal),
        Command::Rules { what } => rules::run(what, root, terminal),
        Command::Secrets { what } => secrets::run(what, root, terminal),
        Command::Mv(arguments) => mv::run(arguments, root, terminal),
        Command::Retire(arguments) => ending::retire(arguments, root, terminal),
        Command::Rm(arguments) => ending::remove(arguments, root, terminal),
        Command::New { what } => new::run(what, root, terminal),
        Command::Completions(arguments) => shells::completions(arguments, terminal),
        Command::Lsp => lsp::run(root, terminal),
        Command::Man(man) => shells::man(man, root, terminal),
    };
    outcome.into()
}

#[cfg(test)]
mod tests {
    use super::Arguments;
    use clap::{Command, CommandFactory as _};
    use std::fs;
    use std::path::Path;

    /// The names of all commands that run something, such as `secrets rotate`.
    fn commands(of: &Command, start: &str, found: &mut Vec<String>) {
        for command in of.get_subcommands() {
            let name = format!("{start} {}", command.get_name());
            match command.has_subcommands() {
                true => commands(command, &name, found),
                false => found.push(name),
            }
        }
    }

    #[test]
    fn every_command_has_a_transcript() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cmd");
        let mut transcripts = String::new();
        for entry in fs::read_dir(folder).unwrap() {
            transcripts += &fs::read_to_string(entry.unwrap().path()).unwrap();
        }
        let mut found = Vec::new();
        commands(&Arguments::command(), "sitewright", &mut found);
        assert!(found.len() > 8, "{found:?}");
        let lines: Vec<&str> = transcripts.lines().filter(|line| line.starts_with("$ ")).collect();
        let is_run = |command: &String| {
            let mut rests = lines.iter().filter_map(|line| line.split_once(command.as_str()));
            rests.any(|(_, rest)| {
                rest.is_empty() || (rest.starts_with(' ') && !rest.contains("--help"))
            })
        };
        found.retain(|command| !is_run(command));
        assert!(found.is_empty(), "tests/cmd/ runs none of {found:?}");
    }
}
