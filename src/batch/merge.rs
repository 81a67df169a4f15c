//! Puts the shards of a run together: nothing missing, nothing double, every file as it was written. Only then the
//! one manifest takes the place of theirs, the same as a run without shards would have written.

use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use super::pool::in_order;
use super::{Plan, Task};
use crate::diag::{Failure, Finding, Rejection};
use crate::hash::{sha256, short};
use crate::load;
use crate::write::{Part, Parts, Recorded, Shard, slashed};

/// Targets that are judged at once.
const BATCH: usize = 1024;

/// What a merge came to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Merged {
    /// Shards that were put together.
    pub shards: u32,
    /// Projects whose files are all there.
    pub projects: usize,
    /// Projects that a shard refused.
    pub rejected: usize,
    /// What stands in the way; the shards stay as they are.
    pub problems: usize,
    /// Whether the work was interrupted.
    pub interrupted: bool,
}

/// Merges the shards of an output folder and hands each problem to `say`, in the same order whatever `jobs` is.
///
/// # Errors
/// When the machine fails.
pub fn merge(
    plan: &Plan,
    output: &Path,
    jobs: usize,
    interrupt: &AtomicBool,
    mut advanced: impl FnMut(usize),
    mut say: impl FnMut(&Finding),
) -> Result<Merged, Failure> {
    let mut merged = Merged::default();
    let mut problem = |findings: Vec<Finding>, merged: &mut Merged| {
        merged.problems += findings.len();
        findings.iter().for_each(&mut say);
    };
    let parts = match Parts::open(output) {
        Ok(parts) => parts,
        Err(Rejection::Machine(failure)) => return Err(failure),
        Err(Rejection::Data(findings)) => {
            problem(findings, &mut merged);
            return Ok(merged);
        }
    };
    merged.shards = parts.count();
    let mut merging = match parts.merging() {
        Ok(merging) => merging,
        Err(rejection) => {
            parts.close()?;
            return match rejection {
                Rejection::Machine(failure) => Err(failure),
                Rejection::Data(findings) => {
                    problem(findings, &mut merged);
                    Ok(merged)
                }
            };
        }
    };
    let mut wanted = Wanted::new(plan, parts.part());
    merged.rejected = wanted.rejected;
    let judge = Judge { output, part: parts.part(), count: parts.count() };
    loop {
        let mut batch = Vec::new();
        while batch.len() < BATCH
            && let Some(recorded) = merging.take()?
        {
            let task = wanted.take(&recorded.target);
            batch.push((recorded, task));
        }
        if batch.is_empty() || interrupt.load(Ordering::Relaxed) {
            break;
        }
        let mut judged = Vec::new();
        let work = |index: usize| {
            let (recorded, task): &(Recorded, Option<usize>) = &batch[index];
            Ok(task.map(|task| judge.judge(recorded, &plan.tasks[task])))
        };
        in_order(batch.len(), jobs, interrupt, work, |_| {}, |_, one| judged.push(one))?;
        for ((mut recorded, _), judged) in batch.into_iter().zip(judged) {
            if let Some((entry, findings)) = judged {
                recorded.entry = entry;
                merged.projects += usize::from(findings.is_empty());
                problem(findings, &mut merged);
            }
            merging.keep(recorded)?;
        }
        advanced(merged.projects);
    }
    merged.interrupted = interrupt.load(Ordering::Relaxed);
    // After an interruption most were not looked for.
    let left = if merged.interrupted { Vec::new() } else { wanted.left() };
    for task in left {
        problem(vec![judge.missing(&plan.tasks[task])], &mut merged);
    }
    if merged.problems > 0 || merged.interrupted {
        drop(merging);
        parts.close()?;
    } else {
        merging.finish(parts)?;
    }
    Ok(merged)
}

/// The projects that must be there.
struct Wanted {
    /// Place in the plan by hash of the target.
    tasks: HashMap<u64, u32>,
    /// How many of the plan were refused.
    rejected: usize,
}

impl Wanted {
    fn new(plan: &Plan, part: &Part) -> Wanted {
        let refused: HashSet<u64> = part.rejected.iter().map(|target| short(target.as_bytes())).collect();
        let hashed = plan.tasks.iter().zip(0..).map(|(task, at)| (hash(task), at));
        let tasks: HashMap<u64, u32> = hashed.filter(|(hash, _)| !refused.contains(hash)).collect();
        let rejected = plan.tasks.len() - tasks.len();
        Wanted { tasks, rejected }
    }

    /// The project of a target; each is given once.
    fn take(&mut self, target: &str) -> Option<usize> {
        self.tasks.remove(&short(target.as_bytes())).map(|at| at as usize)
    }

    /// Those that were never taken.
    fn left(self) -> Vec<usize> {
        let mut left: Vec<usize> = self.tasks.into_values().map(|at| at as usize).collect();
        left.sort_unstable();
        left
    }
}

fn hash(task: &Task) -> u64 {
    short(slashed(&task.target()).as_bytes())
}

/// Judges what a shard has recorded.
struct Judge<'a> {
    output: &'a Path,
    part: &'a Part,
    count: u32,
}

impl Judge<'_> {
    /// What is wrong with a project's files, and its entry with the times at which they were read.
    fn judge(&self, recorded: &Recorded, task: &Task) -> (crate::write::Entry, Vec<Finding>) {
        let Recorded { target, entry, .. } = recorded;
        let mut findings = Vec::new();
        let mut tell = |rule: &str, message: String, force: &str| {
            let fix = format!("{}{force}", self.again(target));
            findings.push(Finding::structure(rule, &task.source(), message).fix(fix));
        };
        let data = load::read(&task.source()).map(|text| sha256([text.as_bytes()]));
        if !data.is_ok_and(|data| data == entry.data) {
            tell("DATA-CHANGED", format!("数据文件 {} 在渲染之后改过", task.source().display()), "");
        }
        let paths: Vec<String> =
            self.part.suffixes.iter().map(|suffix| format!("{target}{suffix}")).collect();
        let mut seen = entry.clone();
        for path in &paths {
            let shown = self.output.join(path);
            let (shown, there) = (shown.display(), shown.exists());
            let output = seen.outputs.iter_mut().find(|output| output.path == *path);
            match output.map(|output| output.is_seen(self.output)) {
                Some(true) => {}
                Some(false) if there => {
                    tell("OUT-DIFFERS", format!("输出文件 {shown} 与清单不符"), " --force");
                }
                _ => tell("OUT-MISSING", format!("缺少输出文件 {shown}"), ""),
            }
        }
        (seen, findings)
    }

    /// A project of which no shard has anything.
    fn missing(&self, task: &Task) -> Finding {
        let source = task.source();
        let message = format!("{} 没有渲染：任何清单里都没有它的输出", source.display());
        Finding::structure("PROJECT-MISSING", &source, message).fix(self.again(&slashed(&task.target())))
    }

    fn again(&self, target: &str) -> String {
        if self.count == 0 {
            return "请再运行一次：jixiao render …".to_owned();
        }
        format!("请重新运行这个分片：jixiao render … --shard {}", Shard::of(target, self.count))
    }
}
