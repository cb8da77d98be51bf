//! `cargo bench --bench fleet -- FOLDER SITES`: writes the generated fleet that the benches render to a
//! folder that does not exist yet, for programs that want to measure the same.

#[path = "support/fleet.rs"]
mod fleet;

use std::error::Error;
use std::fs;
use std::path::Path;

fn main() -> Result<(), Box<dyn Error>> {
    // Cargo itself adds options, such as `--bench`.
    let arguments: Vec<String> =
        std::env::args().skip(1).filter(|argument| !argument.starts_with("--")).collect();
    let [folder, sites] = arguments.as_slice() else {
        return Err("write: cargo bench --bench fleet -- FOLDER SITES".into());
    };
    let (folder, sites) = (Path::new(folder), sites.parse()?);
    fs::create_dir(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    fleet::write(folder, sites)?;
    Ok(())
}
