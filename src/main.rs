//! The command `jixiao`.

mod cli;

use std::process::ExitCode;

/// typst makes and drops very many small objects; see `tests/benches/RESULTS.md` for what this gives.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    cli::main()
}
