//! Runs a plan on plain threads. Each thread installs its own one-thread rayon pool with a large stack: typst and
//! krilla hand work to the current pool, and a shared one would nest whole documents inside each other.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError, mpsc};

use super::{Desk, Format, Plan, Task};
use crate::diag::{Failure, Finding, Rejection};
use crate::hash::sha256;
use crate::load;
use crate::write::{Entry, Manifest, Output, WriteError};

/// Stack of a working thread; deep documents of typst need far more than the usual 2 MB.
pub(crate) const STACK: usize = 16 << 20;

/// How a run goes about its work.
#[derive(Debug, Clone)]
pub struct RunOptions {
    /// Folder that receives the outputs.
    pub output: PathBuf,
    /// What to write for each project.
    pub formats: Vec<Format>,
    /// Threads.
    pub jobs: usize,
    /// Whether to render what has not changed and to overwrite what someone edited.
    pub force: bool,
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
    let manifest = Mutex::new(Manifest::open(&options.output)?);
    let next = AtomicUsize::new(0);
    let stop = AtomicBool::new(false);
    let worker = Worker { plan, desk, options, manifest: &manifest, next: &next, stop: &stop, interrupt };
    let threads = options.jobs.clamp(1, plan.tasks.len().max(1));
    let (sender, receiver) = mpsc::channel();
    let collected = std::thread::scope(|scope| -> Result<Collected, Failure> {
        for number in 0..threads {
            let sender = sender.clone();
            let worker = &worker;
            std::thread::Builder::new()
                .name(format!("jixiao-{number}"))
                .stack_size(STACK)
                .spawn_scoped(scope, move || worker.work(&sender))
                .map_err(|error| Failure::new(format!("无法启动工作线程（{error}）")))?;
        }
        drop(sender);
        Ok(collect(&receiver, plan.tasks.len(), observer))
    })?;
    let manifest = manifest.into_inner().unwrap_or_else(PoisonError::into_inner);
    manifest.close()?;
    if let Some(failure) = collected.failure {
        Err(failure)
    } else {
        let interrupted = interrupt.load(Ordering::Relaxed);
        Ok(Tally { rejected: collected.tally.rejected + plan.clashes.len(), interrupted, ..collected.tally })
    }
}

type Report = (usize, Result<Project, Failure>);

struct Collected {
    tally: Tally,
    failure: Option<Failure>,
}

/// Receives outcomes as they come and passes them on in order.
fn collect(receiver: &mpsc::Receiver<Report>, total: usize, observer: &mut dyn Observer) -> Collected {
    let mut waiting = std::collections::BTreeMap::new();
    let mut collected = Collected { tally: Tally::default(), failure: None };
    let (mut done, mut due) = (0, 0);
    for (index, result) in receiver {
        match result {
            Ok(project) => {
                done += 1;
                observer.advanced(done, total);
                waiting.insert(index, project);
            }
            Err(failure) => collected.failure = collected.failure.or(Some(failure)),
        }
        while let Some(project) = waiting.remove(&due) {
            count(&mut collected.tally, &project);
            observer.project(&project);
            due += 1;
        }
    }
    // After an interruption or a failure some numbers never come.
    for project in waiting.into_values() {
        count(&mut collected.tally, &project);
        observer.project(&project);
    }
    collected
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
    plan: &'a Plan,
    desk: &'a Desk,
    options: &'a RunOptions,
    manifest: &'a Mutex<Manifest>,
    next: &'a AtomicUsize,
    stop: &'a AtomicBool,
    interrupt: &'a Interrupt,
}

impl Worker<'_> {
    fn work(&self, sender: &mpsc::Sender<Report>) {
        let pool = match rayon::ThreadPoolBuilder::new().num_threads(1).stack_size(STACK).build() {
            Ok(pool) => pool,
            Err(error) => {
                let failure = Failure::new(format!("无法启动工作线程（{error}）"));
                let _ = sender.send((usize::MAX, Err(failure)));
                return;
            }
        };
        pool.install(|| {
            while !self.stop.load(Ordering::Relaxed) && !self.interrupt.load(Ordering::Relaxed) {
                let index = self.next.fetch_add(1, Ordering::Relaxed);
                let Some(task) = self.plan.tasks.get(index) else { break };
                let result = self.settle(task);
                if result.is_err() {
                    self.stop.store(true, Ordering::Relaxed);
                }
                if sender.send((index, result)).is_err() {
                    break;
                }
            }
        });
    }

    /// One project from file to files; a panic on the way is this project's misfortune alone.
    fn settle(&self, task: &Task) -> Result<Project, Failure> {
        let outcome = guarded(&task.source, || self.project(task));
        let source = task.source.clone();
        match outcome {
            Ok(outcome) => Ok(Project { source, outcome }),
            Err(Rejection::Data(findings)) => Ok(Project { source, outcome: Outcome::Rejected(findings) }),
            Err(Rejection::Machine(failure)) => Err(failure),
        }
    }

    fn project(&self, task: &Task) -> Result<Outcome, Rejection> {
        let text = load::read(&task.source)?;
        let data_hash = sha256([text.as_bytes()]);
        let known = self.manifest().entry(&task.target).cloned();
        if let Some(known) = known.filter(|_| !self.options.force)
            && self.is_unchanged(&known, &data_hash)
        {
            return Ok(Outcome::Unchanged);
        }
        let drawn = crate::draw(self.desk, &task.source, text, &self.options.formats)?;
        let fingerprint = match self.desk.press_of(&drawn.form) {
            Some(press) => press?.fingerprint().to_owned(),
            None => String::new(),
        };
        let key = self.key(&data_hash, &fingerprint);
        let mut entry =
            Entry { source: shown(&task.source), data: data_hash, form: drawn.form, outputs: Vec::new() };
        let paths: Vec<PathBuf> =
            drawn.files.iter().map(|(format, _)| with_extension(&task.target, format.extension())).collect();
        if !self.options.force {
            self.refuse_edited(task, &paths)?;
        }
        for (path, (_, bytes)) in paths.iter().zip(&drawn.files) {
            entry.outputs.push(Output::new(path, bytes, &key));
        }
        // The journal learns of the files before they appear, so that after a crash they are known to be ours.
        self.manifest().announce(&task.target, &entry)?;
        for (path, (_, bytes)) in paths.iter().zip(&drawn.files) {
            crate::write::atomically(&self.options.output.join(path), bytes)
                .map_err(|error| refused(task, error))?;
        }
        self.manifest().settle(&task.target, entry)?;
        Ok(Outcome::Rendered { files: paths, pages: drawn.pages })
    }

    fn manifest(&self) -> std::sync::MutexGuard<'_, Manifest> {
        self.manifest.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Everything an output's bytes depend on.
    fn key(&self, data_hash: &str, fingerprint: &str) -> String {
        let text = format!("{data_hash}\n{fingerprint}\n{}", self.desk.options_key());
        sha256([text.as_bytes()])
    }

    fn is_unchanged(&self, known: &Entry, data_hash: &str) -> bool {
        if known.data != data_hash {
            return false;
        }
        let Some(Ok(press)) = self.desk.press_of(&known.form) else { return false };
        let key = self.key(data_hash, press.fingerprint());
        self.options.formats.iter().all(|format| {
            known.outputs.iter().any(|output| {
                output.path.ends_with(&format!(".{}", format.extension()))
                    && output.key == key
                    && output.is_intact(&self.options.output)
            })
        })
    }

    /// Refuses to overwrite files that are not as this program left them.
    fn refuse_edited(&self, task: &Task, paths: &[PathBuf]) -> Result<(), Rejection> {
        let manifest = self.manifest();
        let edited: Vec<Finding> = paths
            .iter()
            .filter(|path| manifest.is_foreign(&task.target, path, &self.options.output))
            .map(|path| {
                let path = self.options.output.join(path);
                let message = format!("输出文件 {} 在生成之后被人修改过，没有覆盖", path.display());
                Finding::structure("OUT-EDITED", &task.source, message)
                    .fix("请先把它另存到别处；确定要覆盖时加 --force。")
            })
            .collect();
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

fn refused(task: &Task, error: WriteError) -> Rejection {
    match error {
        WriteError::Busy(path) => {
            let message = format!("{} 正被其他程序打开，无法写入", path.display());
            Finding::structure("OUT-BUSY", &task.source, message)
                .fix("请先关闭 Excel 或 PDF 阅读器里的这个文件，再运行一次。")
                .into()
        }
        WriteError::Machine(failure) => failure.into(),
    }
}

/// Adds an extension; unlike `Path::with_extension`, a dot in the name stays.
fn with_extension(target: &Path, extension: &str) -> PathBuf {
    let mut path = target.as_os_str().to_owned();
    path.push(".");
    path.push(extension);
    PathBuf::from(path)
}

/// A path as messages and the manifest write it, with `/` on every system.
fn shown(path: &Path) -> String {
    path.to_string_lossy().replace('\\', "/")
}
