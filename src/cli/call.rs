//! Calls with wrong arguments: what is printed of them, and how the process ends.

use super::arguments::Arguments;
use clap::CommandFactory as _;
use clap::error::ErrorKind;
use sitewright::diagnostic::without_accounts;
use std::borrow::Cow;
use std::io::Write as _;

/// Prints what is wrong with the arguments, and ends the process. Accounts in addresses are hidden.
pub(super) fn refuse(error: &clap::Error) -> ! {
    let text = error.render().to_string();
    match without_accounts(&text) {
        Cow::Borrowed(_) => error.exit(),
        Cow::Owned(text) => {
            let _ = std::io::stderr().lock().write_all(text.as_bytes());
            std::process::exit(error.exit_code())
        }
    }
}

/// Refuses arguments that are wrong together, as the parser refuses others: with the usage of the command that runs.
pub(super) fn wrong(kind: ErrorKind, message: &str) -> ! {
    let mut command = Arguments::command();
    let matches = command.clone().try_get_matches();
    command.build();
    let mut matches = matches.as_ref().ok();
    while let Some((name, below)) = matches.and_then(|matches| matches.subcommand())
        && let Some(found) = command.find_subcommand(name)
    {
        (command, matches) = (found.clone(), Some(below));
    }
    refuse(&command.error(kind, message))
}
