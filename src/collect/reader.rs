//! Reads all projects once, in order, and passes each on to everything that is made of it.

use std::path::Path;
use std::sync::mpsc::SyncSender;

use super::Product;
use super::columns::{ColumnKind, Columns};
use super::flat::Flats;
use super::groups::Group;
use super::record::Record;
use super::run::{Collected, Work};
use super::volume::{Bound, Volume};
use super::workbook::{Place, Shape, Tables, Workbook};
use crate::diag::Failure;
use crate::form::YEAR_KEY;
use crate::write::Draft;

/// Title of the workbook of the whole tree, and name of its file.
const TREE: &str = "项目绩效汇总";
const TREE_FILE: &str = "汇总.xlsx";
/// Creation year of files when no project tells a year.
const FIRST_YEAR: i32 = 1970;

/// What is made of all projects together.
pub(super) struct Reader<'a> {
    work: &'a Work<'a>,
    /// Where volumes go to be drawn on another thread.
    volumes: Option<&'a SyncSender<Volume>>,
    tree: Option<Workbook>,
    flats: Option<Flats>,
}

/// What is made of a department's year.
struct Making {
    title: String,
    book: Option<Workbook>,
    /// Workbooks for the tables, where they are too many for one.
    tables: Option<Tables>,
    volume: Volume,
}

impl<'a> Reader<'a> {
    pub(super) fn new(
        work: &'a Work<'a>,
        volumes: Option<&'a SyncSender<Volume>>,
    ) -> Result<Reader<'a>, Failure> {
        let options = work.options;
        let flats = work.finished(Flats::new(work.outputs, &options.products, work.columns))?;
        let mut reader = Reader { work, volumes, tree: None, flats };
        reader.tree = reader.workbook(TREE, TREE, work.groups.iter().find_map(|group| group.year))?;
        if let Some(tree) = &mut reader.tree {
            for clash in &work.plan.clashes {
                tree.issue("", "", &clash.finding)?;
            }
        }
        Ok(reader)
    }

    /// Reads everything.
    pub(super) fn run(mut self) -> Result<(), Failure> {
        for group in self.work.groups {
            let mut making = self.begin(group)?;
            for task in &group.tasks {
                if self.work.stopped() {
                    return Ok(());
                }
                let record = Record::read(self.work.desk, self.work.columns, task)?;
                self.add(group, &mut making, &record)?;
                let missing = record.table.is_none();
                self.work.tell(Collected::Project {
                    source: record.source,
                    findings: record.findings,
                    missing,
                });
            }
            self.end(group, making)?;
        }
        // Made from no folder alone, so that they are never left over.
        let everywhere = Path::new(".");
        if let Some(tree) = self.tree.take() {
            self.publish(tree, Path::new(TREE_FILE), everywhere)?;
        }
        let written = self.flats.take().map(Flats::finish).transpose()?;
        for (path, draft) in written.into_iter().flatten() {
            self.put(&path, draft, everywhere)?;
        }
        Ok(())
    }

    fn begin(&self, group: &Group) -> Result<Making, Failure> {
        let title = group.year.map_or_else(
            || group.department.clone(),
            |year| format!("{} {year}{YEAR_KEY}", group.department),
        );
        let (most, year) = (self.work.options.project_sheets, group.year.unwrap_or(FIRST_YEAR));
        let timestamp = self.work.desk.timestamp(year);
        let tables =
            (group.tasks.len() > most).then(|| Tables::new(group.stem(), most, &group.department, timestamp));
        let book = self.workbook(&title, &group.department, group.year)?;
        let volume = Volume { department: group.department.clone(), year, ..Volume::default() };
        Ok(Making { title, book, tables, volume })
    }

    fn add(&mut self, group: &Group, making: &mut Making, record: &Record) -> Result<(), Failure> {
        let columns = self.work.columns;
        let place = self.place(group, making, record)?;
        if let Some(book) = &mut making.book {
            book.add(record, columns, place.as_ref())?;
        }
        if let Some(tree) = &mut self.tree {
            let own = self.work.plan.tasks.len() <= self.work.options.project_sheets;
            let place = match &record.table {
                Some(table) if own => Some(tree.table(record, table)?),
                _ => place.map(|place| {
                    let file = place.file.unwrap_or_else(|| workbook_name(group));
                    Place { file: Some(format!("{}/{file}", group.folder)), sheet: place.sheet }
                }),
            };
            tree.add(record, columns, place.as_ref())?;
        }
        if let Some(flats) = &mut self.flats {
            flats.add(record, columns)?;
        }
        bind(&mut making.volume, record, columns);
        Ok(())
    }

    /// Draws a project's table into its department's workbook, or into one beside it.
    fn place(&self, group: &Group, making: &mut Making, record: &Record) -> Result<Option<Place>, Failure> {
        let (Some(book), Some(table)) = (&mut making.book, &record.table) else { return Ok(None) };
        let Some(tables) = &mut making.tables else { return book.table(record, table).map(Some) };
        if tables.is_full() {
            self.put_tables(group, tables, book)?;
        }
        tables.table(record, table).map(Some)
    }

    fn end(&mut self, group: &Group, making: Making) -> Result<(), Failure> {
        let Making { title, mut book, tables, volume } = making;
        if let (Some(mut tables), Some(book)) = (tables, &mut book) {
            self.put_tables(group, &mut tables, book)?;
        }
        if let Some(book) = book {
            let file = format!("{}/{}", group.folder, workbook_name(group));
            if let Some(tree) = &mut self.tree {
                tree.link(file.clone(), title);
            }
            self.publish(book, Path::new(&file), &group.source())?;
        }
        // A volume without any project would be an empty cover.
        if self.work.wants(Product::Pdf) && !volume.bound.is_empty() {
            match self.volumes {
                None => self.work.volume(&volume)?,
                // The other thread is gone only when it failed, which it has told itself.
                Some(volumes) => drop(volumes.send(volume)),
            }
        }
        Ok(())
    }

    /// A workbook with its lists, when workbooks are wanted.
    fn workbook(&self, title: &str, author: &str, year: Option<i32>) -> Result<Option<Workbook>, Failure> {
        let shape = Shape {
            title: title.to_owned(),
            author,
            columns: self.work.columns,
            most_rows: self.work.options.sheet_rows,
            timestamp: self.work.desk.timestamp(year.unwrap_or(FIRST_YEAR)),
        };
        self.work.wants(Product::Xlsx).then(|| Workbook::new(&shape)).transpose()
    }

    fn publish(&self, book: Workbook, path: &Path, source: &Path) -> Result<(), Failure> {
        let Some(mut draft) = self.work.finished(self.work.outputs.draft(path))? else { return Ok(()) };
        book.finish(self.work.columns, &mut draft)?;
        self.put(path, draft, source)
    }

    /// Writes a workbook of tables and names it in the contents of its department's.
    fn put_tables(&self, group: &Group, tables: &mut Tables, book: &mut Workbook) -> Result<(), Failure> {
        let Some(file) = tables.pending() else { return Ok(()) };
        let path = Path::new(&group.folder).join(&file);
        let Some(mut draft) = self.work.finished(self.work.outputs.draft(&path))? else { return Ok(()) };
        tables.finish(&mut draft)?;
        book.link(file, group.department.clone());
        self.put(&path, draft, &group.source())
    }

    /// Puts a file in its place, below the output folder, and tells of it.
    fn put(&self, path: &Path, draft: Draft, source: &Path) -> Result<(), Failure> {
        if self.work.finished(self.work.outputs.publish(path, draft, source))?.is_some() {
            self.work.tell(Collected::File { path: path.to_owned(), pages: None });
        }
        Ok(())
    }
}

fn workbook_name(group: &Group) -> String {
    format!("{}-{TREE_FILE}", group.stem())
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
        unit: record.unit(columns).map(str::to_owned),
        pages: table.pages,
    });
}
