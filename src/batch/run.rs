//! Renders a plan: skips what has not changed, draws the rest, writes it and keeps the manifest.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use super::pool::in_order;
use super::{Desk, Format, Plan, Task};
use crate::DrawOptions;
use crate::diag::{Failure, Finding, Rejection};
use crate::hash::sha256;
use crate::load;
use crate::write::{Entry, Intact, Manifest, Output, Part, Shard, WriteError};

/// How a run goes about its work.
#[derive(Debug, Clone)]
pub struct RunOptions {
    /// Folder that receives the outputs.
    pub output: PathBuf,
    /// What to draw of each project, and how.
    pub draw: DrawOptions,
    /// Threads.
    pub jobs: usize,
    /// Whether to render what has not changed and to overwrite what someone edited.
    pub force: bool,
    /// The shard of a larger run to which the plan belongs.
    pub shard: Option<Shard>,
}

/// What became of one project.
#[derive(Debug)]
pub struct Project {
    /// The data file.
    pub source: PathBuf,
    /// What happened.
    pub outcome: Outcome,
}

/// What happened to a project.
#[derive(Debug)]
pub enum Outcome {
    /// Its files were written.
    Rendered {
        /// The files, below the output folder.
        files: Vec<PathBuf>,
        /// Pages of the PDF.
        pages: Option<usize>,
        /// What the checker found; none of it stopped the project.
        findings: Vec<Finding>,
    },
    /// Its files are there and nothing they depend on has changed.
    Unchanged,
    /// Its data was refused; nothing was written for it.
    Rejected(Vec<Finding>),
}

/// Counts of a run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Projects rendered.
    pub rendered: usize,
    /// Projects skipped because nothing changed.
    pub unchanged: usize,
    /// Projects refused.
    pub rejected: usize,
    /// Files written.
    pub files: usize,
    /// Whether the run was interrupted before its end.
    pub interrupted: bool,
}

/// Told of every finished project, in the order of the plan.
pub trait Observer {
    /// A project is finished (possibly not yet reported, because one before it is not).
    fn advanced(&mut self, done: usize, total: usize);
    /// The next project in order.
    fn project(&mut self, project: &Project);
}

/// Set from outside to end a run after the projects in hand.
pub type Interrupt = Arc<AtomicBool>;

/// Runs a plan.
///
/// # Errors
/// When the machine fails: the output folder cannot be written, the disk is full, there is no font.
pub fn run(
    plan: &Plan,
    desk: &Desk,
    options: &RunOptions,
    interrupt: &Interrupt,
    observer: &mut dyn Observer,
) -> Result<Tally, Failure> {
    let manifest = Mutex::new(match options.shard {
        None => Manifest::open(&options.output)?,
        Some(shard) => Manifest::open_shard(&options.output, shard, part(desk, &options.draw)?)?,
    });
    let worker = Worker { desk, options, manifest: &manifest };
    let total = plan.tasks.len();
    let observer = std::cell::RefCell::new(observer);
    let mut tally = Tally::default();
    let done = in_order(
        total,
        options.jobs,
        interrupt,
        |index| worker.settle(&plan.tasks[index]),
        |done| observer.borrow_mut().advanced(done, total),
        |_, project| {
            count(&mut tally, &project);
            observer.borrow_mut().project(&project);
        },
    );
    let manifest = manifest.into_inner().unwrap_or_else(PoisonError::into_inner);
    tally.interrupted = interrupt.load(Ordering::Relaxed);
    if tally.interrupted || done.is_err() {
        manifest.suspend()?;
    } else {
        manifest.close()?;
    }
    done?;
    tally.rejected += plan.clashes.len();
    Ok(tally)
}

/// What must be the same in all shards of a run.
fn part(desk: &Desk, draw: &DrawOptions) -> Result<Part, Failure> {
    let suffixes: Vec<String> = draw.formats.iter().map(|&format| suffix(draw, format)).collect();
    let DrawOptions { strict, annotate, .. } = draw;
    let text = format!("{}\n{strict} {annotate}\n{suffixes:?}", desk.settings()?);
    Ok(Part { settings: sha256([text.as_bytes()]), suffixes, rejected: Vec::new() })
}

/// How the name of a project's output goes on after its target.
fn suffix(draw: &DrawOptions, format: Format) -> String {
    format!("{}.{}", if draw.public { "-公开" } else { "" }, format.extension())
}

fn count(tally: &mut Tally, project: &Project) {
    match &project.outcome {
        Outcome::Rendered { files, .. } => {
            tally.rendered += 1;
            tally.files += files.len();
        }
        Outcome::Unchanged => tally.unchanged += 1,
        Outcome::Rejected(_) => tally.rejected += 1,
    }
}

struct Worker<'a> {
    desk: &'a Desk,
    options: &'a RunOptions,
    manifest: &'a Mutex<Manifest>,
}

impl Worker<'_> {
    /// One project from file to files; a panic on the way is this project's misfortune alone.
    fn settle(&self, task: &Task) -> Result<Project, Failure> {
        let (source, target) = (task.source(), task.target());
        match guarded(&source, || self.project(&source, &target)) {
            Ok(outcome) => Ok(Project { source, outcome }),
            Err(Rejection::Data(findings)) => {
                self.manifest().reject(&target);
                Ok(Project { source, outcome: Outcome::Rejected(findings) })
            }
            Err(Rejection::Machine(failure)) => Err(failure),
        }
    }

    fn project(&self, source: &Path, target: &Path) -> Result<Outcome, Rejection> {
        let text = load::read(source)?;
        let data_hash = sha256([text.as_bytes()]);
        if !self.options.force && self.is_unchanged(source, target, &data_hash)? {
            return Ok(Outcome::Unchanged);
        }
        let drawn = crate::draw(self.desk, source, text, &self.options.draw)?;
        let key = self.key(source, &data_hash, &drawn.fingerprint);
        let mut entry =
            Entry { source: shown(source), data: data_hash, form: drawn.form, outputs: Vec::new() };
        let paths: Vec<PathBuf> =
            drawn.files.iter().map(|(format, _)| self.output(target, *format)).collect();
        if !self.options.force {
            self.refuse_edited(source, target, &paths)?;
        }
        for (path, (_, bytes)) in paths.iter().zip(&drawn.files) {
            entry.outputs.push(Output::new(path, bytes, &key));
        }
        // The journal learns of the files before they appear, so that after a crash they are known to be ours.
        self.manifest().announce(target, &entry)?;
        for (output, (path, (_, bytes))) in entry.outputs.iter_mut().zip(paths.iter().zip(&drawn.files)) {
            output.modified = crate::write::atomically(&self.options.output.join(path), bytes)
                .map_err(|error| refused(source, error))?;
        }
        self.manifest().settle(target, entry)?;
        Ok(Outcome::Rendered { files: paths, pages: drawn.pages, findings: drawn.findings })
    }

    fn manifest(&self) -> std::sync::MutexGuard<'_, Manifest> {
        self.manifest.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Everything an output's bytes depend on.
    fn key(&self, source: &Path, data_hash: &str, fingerprint: &str) -> String {
        let DrawOptions { public, annotate, attach, .. } = self.options.draw;
        let options = self.desk.options_key();
        let mut text = format!("{data_hash}\n{fingerprint}\n{options}\n{public} {annotate}");
        if attach {
            // The file inside keeps its name, which otherwise stands in no output.
            let name = source.file_name().unwrap_or_default().to_string_lossy();
            text.push_str("\nattach ");
            text.push_str(&name);
        }
        sha256([text.as_bytes()])
    }

    fn is_unchanged(&self, source: &Path, target: &Path, data_hash: &str) -> Result<bool, Failure> {
        let Some(known) = self.manifest().entry(target)? else { return Ok(false) };
        if known.entry.data != data_hash {
            return Ok(false);
        }
        let Some(Ok(form)) = self.desk.library().form(&known.entry.form) else { return Ok(false) };
        let Ok(press) = self.desk.press_of(&form) else { return Ok(false) };
        let key = self.key(source, data_hash, press.fingerprint());
        let formats = self.options.draw.formats.iter();
        let paths: Vec<String> = formats.map(|&format| shown(&self.output(target, format))).collect();
        let current = |path: &String| {
            known.entry.outputs.iter().any(|output| output.path == *path && output.key == key)
        };
        if !paths.iter().all(current) {
            return Ok(false);
        }
        Ok(match known.intact(&self.options.output, &paths) {
            Intact::No => false,
            Intact::Untouched => true,
            Intact::Read(entry) => {
                self.manifest().seen(target, &entry);
                true
            }
        })
    }

    /// Path of one of a project's outputs below the output folder.
    fn output(&self, target: &Path, format: Format) -> PathBuf {
        let mut path = target.as_os_str().to_owned();
        // Not `Path::with_extension`: a dot in the name stays.
        path.push(suffix(&self.options.draw, format));
        PathBuf::from(path)
    }

    /// Refuses to overwrite files that are not as this program left them.
    fn refuse_edited(&self, source: &Path, target: &Path, paths: &[PathBuf]) -> Result<(), Rejection> {
        let mut edited = Vec::new();
        for path in paths {
            if self.manifest().is_foreign(target, path, &self.options.output)? {
                let path = self.options.output.join(path);
                let message = format!("输出文件 {} 在生成之后被人修改过，没有覆盖", path.display());
                edited.push(
                    Finding::structure("OUT-EDITED", source, message)
                        .fix("请先把它另存到别处；确定要覆盖时加 --force。"),
                );
            }
        }
        if edited.is_empty() { Ok(()) } else { Err(Rejection::Data(edited)) }
    }
}

/// Does the work for one data file and turns a panic into a finding about it.
///
/// # Errors
/// What the work gives, and the panic.
pub(crate) fn guarded<T>(source: &Path, work: impl FnOnce() -> Result<T, Rejection>) -> Result<T, Rejection> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| {
        let words = panic.downcast_ref::<&str>().map(|words| (*words).to_owned());
        let words = words.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_default();
        Err(Finding::structure("PROGRAM", source, format!("程序内部错误（{words}）"))
            .fix("其他项目不受影响；请把这个数据文件交给维护人员。")
            .into())
    })
}

fn refused(source: &Path, error: WriteError) -> Rejection {
    match error {
        WriteError::Busy(path) => {
            let message = format!("{} 正被其他程序打开，无法写入", path.display());
            Finding::structure("OUT-BUSY", source, message)
                .fix("请先关闭 Excel 或 PDF 阅读器里的这个文件，再运行一次。")
                .into()
        }
        WriteError::Machine(failure) => failure.into(),
    }
}

/// A path as messages and the manifest write it, with `/` on every system.
fn shown(path: &Path) -> String {
    path.to_string_lossy().replace('\\', "/")
}
