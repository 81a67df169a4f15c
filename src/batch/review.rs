//! Checks projects: the findings of each in the order of the input, then those over all of them.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;

use super::pool::in_order;
use super::{Desk, Task};
use crate::check::Summary;
use crate::diag::{Failure, Finding, Rejection};
use crate::load;

/// The findings of one project.
#[derive(Debug)]
pub struct Reviewed {
    /// The data file; empty for findings over all projects.
    pub source: PathBuf,
    /// What was found; structure errors among them.
    pub findings: Vec<Finding>,
}

/// Most projects that a thread checks before it hands their findings over.
const BUNDLE: usize = 16;

/// Checks every project on `jobs` threads and hands the outcomes to `take` in order, findings over all
/// projects last.
///
/// # Errors
/// When the machine fails.
pub fn review(
    tasks: &[Task],
    desk: &Desk,
    jobs: usize,
    interrupt: &AtomicBool,
    mut advanced: impl FnMut(usize),
    mut take: impl FnMut(Reviewed),
) -> Result<(), Failure> {
    let mut summaries: Vec<Summary> = Vec::new();
    // Checking takes less than waking the thread that takes the findings, so they come in bundles.
    let size = (tasks.len() / (jobs.max(1) * 8)).clamp(1, BUNDLE);
    let bundles: Vec<&[Task]> = tasks.chunks(size).collect();
    in_order(
        bundles.len(),
        jobs,
        interrupt,
        |index| bundles[index].iter().map(|task| project(desk, task.source())).collect::<Result<Vec<_>, _>>(),
        |bundles| advanced((bundles * size).min(tasks.len())),
        |_, bundle| {
            for (reviewed, summary) in bundle {
                summaries.extend(summary);
                take(reviewed);
            }
        },
    )?;
    let mut by_form: BTreeMap<&str, Vec<&Summary>> = BTreeMap::new();
    for summary in &summaries {
        by_form.entry(summary.form()).or_default().push(summary);
    }
    for (id, summaries) in by_form {
        let Some(Ok(form)) = desk.library().form(id) else { continue };
        let examiner = match desk.examiner_of(&form) {
            Ok(examiner) => examiner,
            Err(Rejection::Machine(failure)) => return Err(failure),
            // Broken rules were reported with every project.
            Err(Rejection::Data(_)) => continue,
        };
        let findings = examiner.checker().check_package(&summaries).unwrap_or_else(|wrong| wrong);
        if !findings.is_empty() {
            take(Reviewed { source: PathBuf::new(), findings });
        }
    }
    Ok(())
}

fn project(desk: &Desk, source: PathBuf) -> Result<(Reviewed, Option<Summary>), Failure> {
    let outcome = load::read(&source).and_then(|text| {
        let document = load::parse(&source, text)?;
        let examiner = desk.examiner_of(&desk.form(&document)?)?;
        let (sound, findings) = examiner.examine(&document)?;
        let summary = sound.then(|| examiner.checker().summary(&document, &findings));
        Ok((findings, summary))
    });
    match outcome {
        Ok((findings, summary)) => Ok((Reviewed { source, findings }, summary)),
        Err(Rejection::Data(findings)) => Ok((Reviewed { source, findings }, None)),
        Err(Rejection::Machine(failure)) => Err(failure),
    }
}
