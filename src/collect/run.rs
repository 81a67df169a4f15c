//! Goes through all projects once, department by department, and feeds volumes, workbooks and flat data. Volumes are
//! drawn on a thread of their own while the next department is read.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;

use super::Product;
use super::columns::{ColumnKind, Columns};
use super::flat::Flats;
use super::groups::{Group, Survey, survey};
use super::record::Record;
use super::volume::{self, Bound, Volume};
use super::workbook::{Place, Shape, Tables, Workbook};
use crate::batch::{Desk, Interrupt, Plan, STACK};
use crate::diag::{Failure, Finding, Rejection};
use crate::form::YEAR_KEY;
use crate::write::{WriteError, atomically};

/// Title of the workbook of the whole tree, and name of its file.
const TREE: &str = "项目绩效汇总";
const TREE_FILE: &str = "汇总.xlsx";
/// Creation year of files when no project tells a year.
const FIRST_YEAR: i32 = 1970;

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
    let (columns, groups, stop) = (&columns, &groups[..], &stop);
    let work = Work { plan, events: events.clone(), desk, options, columns, groups, interrupt, stop };
    let total = plan.tasks.len();
    std::thread::scope(|scope| {
        let beside = options.jobs > 1;
        let (reader, drawer) = (work.clone(), work);
        let volumes = beside.then_some(volumes);
        thread(scope, "jixiao-read", events.clone(), stop, move || reader.read_all(volumes))?;
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

#[derive(Clone)]
struct Work<'a> {
    plan: &'a Plan,
    events: Events,
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

    /// Reads all projects in order. Dropping `volumes` at the end tells the other thread that no more come.
    fn read_all(&self, volumes: Option<mpsc::SyncSender<Volume>>) -> Result<(), Failure> {
        let mut flats =
            self.finished(Flats::new(&self.options.output, &self.options.products, self.columns))?;
        let mut tree = self.workbook(TREE, TREE, self.groups.iter().find_map(|group| group.year))?;
        if let Some(tree) = &mut tree {
            for finding in &self.plan.clashes {
                tree.issue("", "", finding)?;
            }
        }
        let tables_in_tree = self.plan.tasks.len() <= self.options.project_sheets;
        for group in self.groups {
            let mut volume = Volume {
                department: group.department.clone(),
                year: group.year.unwrap_or_default(),
                ..Volume::default()
            };
            let folder = Path::new(&group.folder);
            let title = group.year.map_or_else(
                || group.department.clone(),
                |year| format!("{} {year}{YEAR_KEY}", group.department),
            );
            let mut book = self.workbook(&title, &group.department, group.year)?;
            let mut tables = (group.tasks.len() > self.options.project_sheets).then(|| {
                let timestamp = self.desk.timestamp(volume.year);
                Tables::new(group.stem(), self.options.project_sheets, &group.department, timestamp)
            });
            for task in &group.tasks {
                if self.stopped() {
                    return Ok(());
                }
                let record = Record::read(self.desk, self.columns, task)?;
                if let (Some(book), Some(tree)) = (&mut book, &mut tree) {
                    let place = match (&record.table, &mut tables) {
                        (None, _) => None,
                        (Some(table), None) => Some(book.table(&record, table)?),
                        (Some(table), Some(tables)) => {
                            self.tell_tables(tables.table(&record, table, &self.options.output.join(folder)))?
                        }
                    };
                    book.add(&record, self.columns, place.as_ref())?;
                    let place = match &record.table {
                        Some(table) if tables_in_tree => Some(tree.table(&record, table)?),
                        _ => place.map(|place| {
                            let file = place.file.unwrap_or_else(|| workbook_name(group));
                            Place { file: Some(format!("{}/{file}", group.folder)), sheet: place.sheet }
                        }),
                    };
                    tree.add(&record, self.columns, place.as_ref())?;
                }
                if let Some(flats) = &mut flats {
                    flats.add(&record, self.columns)?;
                }
                bind(&mut volume, &record, self.columns);
                let missing = record.table.is_none();
                let event = Collected::Project { source: record.source, findings: record.findings, missing };
                let _ = self.events.send(Ok(event));
            }
            if let Some(mut tables) = tables {
                let written = tables.finish(&self.options.output.join(folder));
                if let Some(Some(path)) = self.finished(written)? {
                    self.wrote(&path);
                }
            }
            if let Some(book) = book {
                let path = folder.join(workbook_name(group));
                if let Some(tree) = &mut tree {
                    tree.link(format!("{}/{}", group.folder, workbook_name(group)), title);
                }
                self.publish(book, &path)?;
            }
            // A volume without any project would be an empty cover.
            if self.wants(Product::Pdf) && !volume.bound.is_empty() {
                match &volumes {
                    None => self.volume(&volume)?,
                    Some(volumes) => {
                        let _ = volumes.send(volume);
                    }
                }
            }
        }
        if let Some(tree) = tree {
            self.publish(tree, Path::new(TREE_FILE))?;
        }
        if let Some(paths) = flats.map(|flats| self.finished(flats.finish())).transpose()?.flatten() {
            paths.iter().for_each(|path| self.wrote(path));
        }
        Ok(())
    }

    fn stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed) || self.interrupt.load(Ordering::Relaxed)
    }

    /// A workbook with its lists, when workbooks are wanted.
    fn workbook(&self, title: &str, author: &str, year: Option<i32>) -> Result<Option<Workbook>, Failure> {
        let shape = Shape {
            title: title.to_owned(),
            author,
            columns: self.columns,
            most_rows: self.options.sheet_rows,
            timestamp: self.desk.timestamp(year.unwrap_or(FIRST_YEAR)),
        };
        self.wants(Product::Xlsx).then(|| Workbook::new(&shape)).transpose()
    }

    fn publish(&self, book: Workbook, path: &Path) -> Result<(), Failure> {
        let target = self.options.output.join(path);
        if self.finished(book.finish(self.columns, &target))?.is_some() {
            self.wrote(&target);
        }
        Ok(())
    }

    fn tell_tables(
        &self,
        result: Result<(Place, Option<PathBuf>), Rejection>,
    ) -> Result<Option<Place>, Failure> {
        let Some((place, written)) = self.finished(result)? else { return Ok(None) };
        if let Some(path) = written {
            self.wrote(&path);
        }
        Ok(Some(place))
    }

    /// Tells of a file; `path` begins with the output folder.
    fn wrote(&self, path: &Path) {
        let path = path.strip_prefix(&self.options.output).unwrap_or(path).to_owned();
        let _ = self.events.send(Ok(Collected::File { path, pages: None }));
    }

    /// Tells of a file that could not be made, which does not end the work.
    fn finished<T>(&self, result: Result<T, Rejection>) -> Result<Option<T>, Failure> {
        match result {
            Ok(made) => Ok(Some(made)),
            Err(Rejection::Machine(failure)) => Err(failure),
            Err(Rejection::Data(findings)) => {
                let _ = self.events.send(Ok(Collected::Refused(findings)));
                Ok(None)
            }
        }
    }

    /// Draws and writes a volume.
    fn volume(&self, volume: &Volume) -> Result<(), Failure> {
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
            if self.stopped() {
                return Ok(());
            }
            let path = Path::new(&group.folder).join(name);
            atomically(&self.options.output.join(&path), bytes).map_err(busy)?;
            let _ = self.events.send(Ok(Collected::File { path, pages: Some(pages) }));
            Ok(())
        };
        let drawn = volume::draw(self.desk, volume, self.options.volume_pages, &name, &mut write);
        self.finished(drawn).map(drop)
    }
}

fn workbook_name(group: &Group) -> String {
    format!("{}-{TREE_FILE}", group.stem())
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
