//! Arguments in, exit code out.

mod cli;

use mimalloc::MiMalloc;
use std::process::ExitCode;

// A render is millions of small allocations on every thread, which is what this allocator is for.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    cli::run().into()
}
