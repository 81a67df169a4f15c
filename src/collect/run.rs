//! Goes through all projects once, department by department, and feeds volumes, workbooks and flat data. Volumes are
//! drawn on a thread of their own while the next department is read.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;

use super::Product;
use super::columns::{ColumnKind, Columns};
use super::groups::{Group, Survey, survey};
use super::record::Record;
use super::volume::{self, Bound, Volume};
use crate::batch::{Desk, Interrupt, Plan, STACK};
use crate::diag::{Failure, Finding, Rejection};
use crate::write::{WriteError, atomically};

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
    let presses = forms.iter().filter_map(|id| desk.press_of(id)?.ok()).collect::<Vec<_>>();
    let columns = Columns::new(presses.iter().map(|press| press.form()));
    let stop = AtomicBool::new(false);
    let (events, received) = mpsc::channel();
    let (volumes, queue) = mpsc::sync_channel::<Volume>(1);
    let work = Work { desk, options, columns: &columns, groups: &groups, interrupt, stop: &stop };
    let total = plan.tasks.len();
    std::thread::scope(|scope| {
        let reader = events.clone();
        let beside = options.jobs > 1;
        let volumes = beside.then_some(volumes);
        thread(scope, "jixiao-read", events.clone(), &stop, move || {
            work.read_all(&reader, volumes.as_ref())
        })?;
        if beside {
            let drawer = events.clone();
            thread(scope, "jixiao-draw", events.clone(), &stop, move || {
                queue.iter().try_for_each(|volume| work.volume(&volume, &drawer))
            })?;
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
    })
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

#[derive(Clone, Copy)]
struct Work<'a> {
    desk: &'a Desk,
    options: &'a CollectOptions,
    columns: &'a Columns,
    groups: &'a [Group],
    interrupt: &'a Interrupt,
    stop: &'a AtomicBool,
}

impl Work<'_> {
    fn wants(&self, product: Product) -> bool {
        self.options.products.contains(&product)
    }

    fn read_all(&self, events: &Events, volumes: Option<&mpsc::SyncSender<Volume>>) -> Result<(), Failure> {
        for group in self.groups {
            let mut volume = Volume {
                department: group.department.clone(),
                year: group.year.unwrap_or_default(),
                ..Volume::default()
            };
            for task in &group.tasks {
                if self.stop.load(Ordering::Relaxed) || self.interrupt.load(Ordering::Relaxed) {
                    return Ok(());
                }
                let record = Record::read(self.desk, self.columns, task)?;
                bind(&mut volume, &record, self.columns);
                let missing = record.table.is_none();
                let event = Collected::Project { source: record.source, findings: record.findings, missing };
                let _ = events.send(Ok(event));
            }
            // A volume without any project would be an empty cover.
            if self.wants(Product::Pdf) && !volume.bound.is_empty() {
                match volumes {
                    None => self.volume(&volume, events)?,
                    Some(volumes) => {
                        let _ = volumes.send(volume);
                    }
                }
            }
        }
        Ok(())
    }

    /// Draws and writes a volume.
    fn volume(&self, volume: &Volume, events: &Events) -> Result<(), Failure> {
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
        let mut write = |name: &str, bytes: &[u8], pages: usize| {
            if self.stop.load(Ordering::Relaxed) || self.interrupt.load(Ordering::Relaxed) {
                return Ok(());
            }
            let path = Path::new(&group.folder).join(name);
            atomically(&self.options.output.join(&path), bytes).map_err(busy)?;
            let _ = events.send(Ok(Collected::File { path, pages: Some(pages) }));
            Ok(())
        };
        match volume::draw(self.desk, volume, self.options.volume_pages, &name, &mut write) {
            Ok(()) => Ok(()),
            Err(Rejection::Machine(failure)) => Err(failure),
            Err(Rejection::Data(findings)) => {
                let _ = events.send(Ok(Collected::Refused(findings)));
                Ok(())
            }
        }
    }
}

/// A file that another program holds is a finding; all else that prevents writing stops the work.
pub(super) fn busy(error: WriteError) -> Rejection {
    match error {
        WriteError::Machine(failure) => failure.into(),
        WriteError::Busy(path) => {
            let message = format!("{} 正被其他程序打开，无法写入", path.display());
            Finding::structure("OUT-BUSY", &path, message)
                .fix("请先关闭 Excel 或 PDF 阅读器里的这个文件，再运行一次。")
                .into()
        }
    }
}

/// Adds a project to its department's volume.
fn bind(volume: &mut Volume, record: &Record, columns: &Columns) {
    let Some(table) = &record.table else {
        let reason = record.findings.first().map(|finding| finding.message.clone()).unwrap_or_default();
        volume.missing.push((record.name.clone(), reason));
        return;
    };
    let form = &table.laid.press.form().spec.name;
    if !volume.forms.contains(form) {
        volume.forms.push(form.clone());
    }
    volume.bound.push(Bound {
        source: record.source.clone(),
        name: record.name.clone(),
        kind: record.kind.clone(),
        amounts: [ColumnKind::Total, ColumnKind::Half, ColumnKind::Full]
            .map(|kind| record.amount(columns, kind)),
        unit: record.unit().map(str::to_owned),
        pages: table.pages,
    });
}
