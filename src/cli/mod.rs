//! The command line: arguments become a checked plan, the library does the work, and this is the only place that
//! prints. Everything a user sees is Chinese.

mod args;
mod check;
mod collect;
mod config;
mod diff;
mod fix;
mod forms;
mod import;
mod merge;
mod progress;
mod render;
mod sarif;
mod shard;
mod show;

use std::ffi::OsString;
use std::process::ExitCode;

use args::{Arguments, Command, FormsAction};
use jixiao::diag::Failure;

/// What a command ends with, and so the exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    /// All done.
    Done,
    /// Some data was refused.
    Rejected,
    /// The user interrupted the run.
    Interrupted,
}

/// Runs the command and says how the process ends: 0 all done, 1 some data was refused, 2 wrong usage or the
/// machine failed, 130 interrupted.
pub(crate) fn main() -> ExitCode {
    // A panic is reported once, as a finding of the project that caused it.
    std::panic::set_hook(Box::new(|_| {}));
    let arguments: Vec<OsString> = std::env::args_os().collect();
    let verdict = match args::parse(&arguments) {
        Ok(args::Parsed::Run(arguments)) => run(&arguments),
        Ok(args::Parsed::Help(text)) => {
            show::out(&text);
            Ok(Verdict::Done)
        }
        Err(failure) => Err(failure),
    };
    match verdict {
        Ok(Verdict::Done) => ExitCode::SUCCESS,
        Ok(Verdict::Rejected) => ExitCode::from(1),
        Ok(Verdict::Interrupted) => ExitCode::from(130),
        Err(failure) => {
            show::failure(&failure);
            ExitCode::from(2)
        }
    }
}

fn run(arguments: &Arguments) -> Result<Verdict, Failure> {
    let config = config::load(arguments.config.as_deref())?;
    match &arguments.command {
        Command::Render(render) => self::render::run_command(render, arguments, &config),
        Command::Check(check) => self::check::run(check, arguments, &config),
        Command::Rules(rules) => self::check::rules(rules, arguments, &config),
        Command::Collect(collect) => self::collect::run_command(collect, arguments, &config),
        Command::Merge(merge) => self::merge::run_command(arguments, merge, &config),
        Command::Import(import) => self::import::run(import, arguments, &config),
        Command::Diff(diff) => self::diff::run(diff, arguments, &config),
        Command::Forms { action: None } => forms::list(arguments, &config),
        Command::Forms { action: Some(FormsAction::Check { folder }) } => {
            forms::check(folder, arguments, &config)
        }
        Command::Schema { form } => forms::schema(form, arguments, &config),
        Command::New(new) => forms::new(new, arguments, &config),
    }
}
