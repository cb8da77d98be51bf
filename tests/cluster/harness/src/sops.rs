//! The program sops, with an age identity.

use crate::programs::Programs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The program, and the identity that it decrypts with.
#[derive(Clone, Debug)]
pub struct Sops {
    program: PathBuf,
    identity: PathBuf,
}

impl Sops {
    /// The program with an identity: a file that age-keygen wrote.
    pub fn of(programs: &Programs, identity: &Path) -> Self {
        Self { program: programs.program("sops"), identity: identity.to_path_buf() }
    }

    /// The same program with another identity.
    pub fn with(&self, identity: &Path) -> Self {
        Self { identity: identity.to_path_buf(), ..self.clone() }
    }

    /// Runs it in a folder. What it wrote to stdout, or to stderr if it failed.
    pub fn run(&self, folder: &Path, arguments: &[&str]) -> Result<String, String> {
        let output = Command::new(&self.program)
            .args(arguments)
            .current_dir(folder)
            // No other key, and no configuration of the machine's user.
            .env_clear()
            .env("HOME", folder)
            .env("SOPS_AGE_KEY_FILE", &self.identity)
            .output()
            .expect("sops starts");
        let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
        if output.status.success() { Ok(text(output.stdout)) } else { Err(text(output.stderr)) }
    }
}
