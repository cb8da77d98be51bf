//! `sitewright completions` and `sitewright man`: what shells and `man` read about the commands.

use super::arguments::{Arguments, Completions, Man};
use super::outcome::Outcome;
use super::schema::refuse;
use super::terminal::{Terminal, number};
use clap::CommandFactory as _;
use sitewright::diagnostic::{Code, Diagnostic, cause};
use std::io;
use std::path::Path;

/// The name of the program in a shell.
const PROGRAM: &str = "sitewright";

pub(super) fn completions(arguments: &Completions, terminal: &Terminal) -> Outcome {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut Arguments::command(), PROGRAM, &mut script);
    terminal.out(&String::from_utf8_lossy(&script));
    Outcome::Fine
}

pub(super) fn man(arguments: &Man, root: &Path, terminal: &Terminal) -> Outcome {
    let shown = arguments.out.display();
    match write_pages(&root.join(&arguments.out)) {
        Ok(pages) => {
            terminal.line(&format!("{} in {shown}", number(pages, "manual page")));
            Outcome::Fine
        }
        Err(error) => {
            let message = format!("the manual pages could not be written: {}", cause(&error));
            // SW602: the manual pages could not be written.
            let problem = Diagnostic::of_path(Code::WriteFailed, shown.to_string(), message);
            refuse(problem, terminal)
        }
    }
}

/// Writes one page for each command, such as `sitewright-secrets-rotate.1`, and counts them.
fn write_pages(folder: &Path) -> io::Result<usize> {
    fs_err::create_dir_all(folder)?;
    let mut command = Arguments::command();
    command.build();
    pages(command, folder)
}

fn pages(command: clap::Command, folder: &Path) -> io::Result<usize> {
    let mut count = 1;
    // Its page would list the commands once more.
    let named = |it: &&clap::Command| it.get_name() != "help";
    for below in command.get_subcommands().filter(named) {
        count += pages(below.clone(), folder)?;
    }
    let page = clap_mangen::Man::new(command);
    let mut text = Vec::new();
    page.render(&mut text)?;
    fs_err::write(folder.join(page.get_filename()), text)?;
    Ok(count)
}
