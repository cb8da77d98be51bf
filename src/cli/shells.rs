//! `sitewright completions` and `sitewright man`: what shells and `man` read about the commands.

use super::arguments::{Arguments, Completions, Format, Man};
use super::outcome::Outcome;
use super::schema::refuse;
use super::terminal::{Terminal, number};
use clap::CommandFactory as _;
use serde_json::json;
use sitewright::diagnostic::{Code, Diagnostic, Sources, cause};
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
            terminal.line(&format!("{} in {shown}", number(pages.len(), "manual page")));
            if terminal.format == Format::Json {
                let path = |page: &String| arguments.out.join(page).display().to_string();
                let files: Vec<String> = pages.iter().map(path).collect();
                let result = json!({"files": files, "written": true});
                terminal.document(&[], &Sources::default(), result);
            }
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

/// Writes one page for each command, such as `sitewright-secrets-rotate.1`, and returns their names.
fn write_pages(folder: &Path) -> io::Result<Vec<String>> {
    fs_err::create_dir_all(folder)?;
    let mut command = Arguments::command();
    command.build();
    let mut written = Vec::new();
    pages(command, folder, &mut written)?;
    Ok(written)
}

fn pages(command: clap::Command, folder: &Path, written: &mut Vec<String>) -> io::Result<()> {
    // Its page would list the commands once more.
    let named = |it: &&clap::Command| it.get_name() != "help";
    for below in command.get_subcommands().filter(named) {
        pages(below.clone(), folder, written)?;
    }
    let page = clap_mangen::Man::new(command);
    let mut text = Vec::new();
    page.render(&mut text)?;
    fs_err::write(folder.join(page.get_filename()), text)?;
    written.push(page.get_filename());
    Ok(())
}
