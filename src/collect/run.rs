//! Goes through all projects once, department by department, and feeds volumes, workbooks and flat data. Volumes are
//! drawn on a thread of their own while the next department is read.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;

use super::Product;
use super::columns::Columns;
use super::groups::{Group, Survey, survey};
use super::outputs::Outputs;
use super::reader::Reader;
use super::volume::{self, Volume};
use crate::batch::{Desk, Interrupt, Plan, STACK, guarded};
use crate::diag::{Failure, Finding, Rejection};
use crate::write::unwritable;

/// How a collection goes about its work.
#[derive(Debug, Clone)]
pub struct CollectOptions {
    /// Folder that receives the outputs.
    pub output: PathBuf,
    /// What to make.
    pub products: Vec<Product>,
    /// Threads; more than two bring nothing.
    pub jobs: usize,
    /// Pages of a volume past which it goes on in another file.
    pub volume_pages: usize,
    /// Projects past which a workbook no longer holds their tables.
    pub project_sheets: usize,
    /// Rows past which a list goes on in another sheet.
    pub sheet_rows: u32,
    /// Whether to overwrite what someone edited.
    pub force: bool,
}

/// Something that happened, in order.
#[derive(Debug)]
pub enum Collected {
    /// A project was read.
    Project {
        /// The data file.
        source: PathBuf,
        /// What is wrong with it.
        findings: Vec<Finding>,
        /// Whether it is missing in the volume.
        missing: bool,
    },
    /// A file was written.
    File {
        /// Where, below the output folder.
        path: PathBuf,
        /// Its pages, for a volume.
        pages: Option<usize>,
    },
    /// A file could not be made.
    Refused(Vec<Finding>),
}

/// Told of everything that happens.
pub trait Observer {
    /// What happened; `done` of `total` projects are read.
    fn collected(&mut self, event: &Collected, done: usize, total: usize);
}

/// Counts of a collection.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Projects read.
    pub projects: usize,
    /// Projects that are missing.
    pub missing: usize,
    /// Files written.
    pub files: usize,
    /// Files that could not be made.
    pub refused: usize,
    /// Whether the work was interrupted.
    pub interrupted: bool,
}

/// Collects the projects of a plan.
///
/// # Errors
/// When the machine fails.
pub fn collect(
    plan: &Plan,
    desk: &Desk,
    options: &CollectOptions,
    interrupt: &Interrupt,
    observer: &mut dyn Observer,
) -> Result<Tally, Failure> {
    let Survey { groups, forms } = survey(plan);
    let forms = forms.iter().filter_map(|id| desk.library().form(id)?.ok()).collect::<Vec<_>>();
    let columns = Columns::new(forms.iter().map(|form| &**form));
    let stop = AtomicBool::new(false);
    let (events, received) = mpsc::channel();
    let (volumes, queue) = mpsc::sync_channel::<Volume>(1);
    let outputs = Outputs::open(&options.output, options.force)?;
    let (columns, groups, stop) = (&columns, &groups[..], &stop);
    let work = Work {
        plan,
        events: events.clone(),
        desk,
        options,
        columns,
        groups,
        outputs: &outputs,
        interrupt,
        stop,
    };
    let total = plan.tasks.len();
    let tally = std::thread::scope(|scope| {
        let beside = options.jobs > 1;
        let (reader, drawer) = (work.clone(), work);
        let volumes = beside.then_some(volumes);
        thread(scope, "jixiao-read", events.clone(), stop, move || {
            // Dropped at the end, which tells the other thread that no more volumes come.
            let volumes = volumes;
            Reader::new(&reader, volumes.as_ref())?.run()
        })?;
        if beside {
            thread(scope, "jixiao-draw", events.clone(), stop, move || {
                queue.iter().try_for_each(|volume| drawer.volume(&volume))
            })?;
        } else {
            drop(drawer);
        }
        drop(events);
        let mut tally = Tally::default();
        let mut failure = None;
        for event in received {
            match event {
                Ok(event) => {
                    match &event {
                        Collected::Project { missing, .. } => {
                            tally.projects += 1;
                            tally.missing += usize::from(*missing);
                        }
                        Collected::File { .. } => tally.files += 1,
                        Collected::Refused(_) => tally.refused += 1,
                    }
                    observer.collected(&event, tally.projects, total);
                }
                Err(reason) => failure = failure.or(Some(reason)),
            }
        }
        tally.interrupted = interrupt.load(Ordering::Relaxed);
        failure.map_or(Ok(tally), Err)
    });
    outputs.close()?;
    tally
}

type Events = mpsc::Sender<Result<Collected, Failure>>;

/// Starts a thread that draws with typst: a large stack and a rayon pool of its own (see `batch::run`).
fn thread<'scope>(
    scope: &'scope std::thread::Scope<'scope, '_>,
    name: &str,
    events: Events,
    stop: &'scope AtomicBool,
    work: impl FnOnce() -> Result<(), Failure> + Send + 'scope,
) -> Result<(), Failure> {
    let cannot = |error: &dyn std::fmt::Display| Failure::new(format!("无法启动工作线程（{error}）"));
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).stack_size(STACK).build();
    let pool = pool.map_err(|error| cannot(&error))?;
    let run = move || {
        if let Err(failure) = pool.install(work) {
            stop.store(true, Ordering::Relaxed);
            let _ = events.send(Err(failure));
        }
    };
    std::thread::Builder::new()
        .name(name.to_owned())
        .stack_size(STACK)
        .spawn_scoped(scope, run)
        .map(drop)
        .map_err(|error| cannot(&error))
}

/// What all threads share.
#[derive(Clone)]
pub(super) struct Work<'a> {
    pub(super) plan: &'a Plan,
    events: Events,
    pub(super) desk: &'a Desk,
    pub(super) options: &'a CollectOptions,
    pub(super) columns: &'a Columns,
    pub(super) groups: &'a [Group],
    pub(super) outputs: &'a Outputs,
    interrupt: &'a Interrupt,
    stop: &'a AtomicBool,
}

impl Work<'_> {
    pub(super) fn wants(&self, product: Product) -> bool {
        self.options.products.contains(&product)
    }

    pub(super) fn stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed) || self.interrupt.load(Ordering::Relaxed)
    }

    pub(super) fn tell(&self, event: Collected) {
        let _ = self.events.send(Ok(event));
    }

    /// Tells of a file that could not be made, which does not end the work.
    pub(super) fn finished<T>(&self, result: Result<T, Rejection>) -> Result<Option<T>, Failure> {
        match result {
            Ok(made) => Ok(Some(made)),
            Err(Rejection::Machine(failure)) => Err(failure),
            Err(Rejection::Data(findings)) => {
                self.tell(Collected::Refused(findings));
                Ok(None)
            }
        }
    }

    /// Draws and writes a volume.
    pub(super) fn volume(&self, volume: &Volume) -> Result<(), Failure> {
        let Some(group) = self
            .groups
            .iter()
            .find(|group| group.department == volume.department && group.year == Some(volume.year))
        else {
            return Ok(());
        };
        let name = |part: Option<usize>| match part {
            None => format!("{}-合订本.pdf", group.stem()),
            Some(part) => format!("{}-合订本-{part}.pdf", group.stem()),
        };
        let mut parts = 0;
        let mut write = |name: &str, bytes: &[u8], pages: usize| -> Result<(), Rejection> {
            if self.stopped() {
                return Ok(());
            }
            let path = Path::new(&group.folder).join(name);
            let mut draft = self.outputs.draft(&path)?;
            draft.file().write_all(bytes).map_err(|error| unwritable(&path, &error))?;
            self.outputs.publish(&path, draft, &group.source())?;
            self.tell(Collected::File { path, pages: Some(pages) });
            parts += 1;
            Ok(())
        };
        let most = self.options.volume_pages;
        let drawn =
            guarded(Path::new(&group.folder), || volume::draw(self.desk, volume, most, &name, &mut write));
        if self.finished(drawn)?.is_none() || self.stopped() {
            return Ok(());
        }
        self.remove_stale(Path::new(&group.folder), parts, &name)
    }

    /// Removes the files of a volume that was longer or shorter in an earlier run: someone would file them.
    fn remove_stale(
        &self,
        folder: &Path,
        parts: usize,
        name: &dyn Fn(Option<usize>) -> String,
    ) -> Result<(), Failure> {
        let first = if parts > 1 {
            self.outputs.forget(&folder.join(name(None)))?;
            parts + 1
        } else {
            1
        };
        for part in first.. {
            if !self.outputs.forget(&folder.join(name(Some(part))))? {
                break;
            }
        }
        Ok(())
    }
}
