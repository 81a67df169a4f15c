//! Many projects in one run: which files there are, where each goes, what has changed, and the threads that draw
//! them. Nothing here prints; an observer is told what happened, in the order of the input.

mod desk;
mod merge;
mod plan;
mod pool;
mod review;
mod run;

pub use desk::{Desk, DeskOptions, Examiner, Press};
pub use merge::{Merged, merge};
pub use plan::{Clash, Plan, Task, discover, plan};
pub(crate) use pool::STACK;
pub use pool::in_order;
pub use review::{Reviewed, review};
pub(crate) use run::guarded;
pub use run::{Interrupt, Observer, Outcome, Project, RunOptions, Tally, run};

/// A kind of output file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Format {
    /// PDF/A.
    Pdf,
    /// Excel workbook.
    Xlsx,
}

impl Format {
    /// Every format, in the order of output.
    pub const ALL: [Format; 2] = [Format::Pdf, Format::Xlsx];

    /// File extension, which is also the format's name on the command line.
    pub fn extension(self) -> &'static str {
        match self {
            Format::Pdf => "pdf",
            Format::Xlsx => "xlsx",
        }
    }

    /// The format of that name.
    pub fn named(name: &str) -> Option<Format> {
        Format::ALL.into_iter().find(|format| format.extension() == name)
    }
}
