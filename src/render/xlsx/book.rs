//! A workbook of many projects: lists that are streamed to disk row by row, summary sheets, and the tables of
//! projects. Sheets are made in any order and put into theirs at the end.

use std::io::Write;

use rust_xlsxwriter::{Workbook, Worksheet, XlsxError};

use super::ledger::{Ledger, LedgerSpec, List};
use super::map::{self, Map, Section};
use super::rows::Rows;
use super::sheet::Spot;
use super::summary::{self, Block, Chart};
use super::{names, new_book, page, sheet};
use crate::grid::{Grid, Meta};
use crate::measure::Measured;

/// A workbook in the making.
pub struct Book {
    workbook: Workbook,
    ledgers: Vec<Ledger>,
    taken: Vec<String>,
    /// Where the cells of the tables are mapped, once there is a table.
    map: Option<(Map, Worksheet)>,
}

impl Book {
    /// An empty workbook. `timestamp` is its creation date in seconds since 1970 UTC.
    ///
    /// # Errors
    /// When the timestamp is not in the years 1900 to 9999; in the words of `rust_xlsxwriter`, like all errors here.
    pub fn new(meta: &Meta, timestamp: i64) -> Result<Book, String> {
        let workbook = new_book(meta, timestamp).map_err(words)?;
        Ok(Book { workbook, ledgers: Vec::new(), taken: vec![map::SHEET.to_owned()], map: None })
    }

    /// A name for a sheet that no other has, from now on taken.
    pub fn name(&mut self, wanted: &str) -> String {
        let name = names::sheet_name(wanted, &self.taken);
        self.taken.push(name.clone());
        name
    }

    /// Begins a list; its number is what [`Book::push`] asks for.
    ///
    /// # Errors
    /// When no temporary file can be made.
    pub fn ledger(&mut self, spec: LedgerSpec) -> Result<usize, String> {
        let name = self.name(&spec.name);
        let sheet = self.streamed(&name).map_err(words)?;
        self.ledgers.push(Ledger::new(spec, sheet, name).map_err(words)?);
        Ok(self.ledgers.len() - 1)
    }

    /// Adds a row to a list.
    ///
    /// # Errors
    /// When the disk is full.
    pub fn push(&mut self, ledger: usize, row: &[super::Value]) -> Result<(), String> {
        if self.ledgers[ledger].is_full() {
            let name = self.ledgers[ledger].next_name();
            let name = self.name(&name);
            let sheet = self.streamed(&name).map_err(words)?;
            self.ledgers[ledger].go_on(sheet, name).map_err(words)?;
        }
        self.ledgers[ledger].push(row).map_err(words)
    }

    /// Where a list stands, for formulas and links.
    pub fn list(&self, ledger: usize) -> List {
        self.ledgers[ledger].list()
    }

    /// Adds the official table of a project as a sheet of its own and tells its name. `measured` was made with
    /// [`super::measuring_columns`].
    ///
    /// # Errors
    /// When the table has more rows or columns than Excel.
    pub fn table(&mut self, wanted: &str, grid: &Grid, measured: &Measured) -> Result<String, String> {
        let name = self.name(wanted);
        let rows = Rows::new(grid, measured);
        let spots = sheet::spots(grid, &rows);
        let visible = self.workbook.add_worksheet();
        let drawn = visible.set_name(&name).and_then(|visible| {
            sheet::draw(visible, grid, &rows, &spots)?;
            page::set_up(visible, grid, measured, &rows)
        });
        drawn.and_then(|()| self.map(Section { sheet: &name, grid, fill: false }, &spots)).map_err(words)?;
        Ok(name)
    }

    fn map(&mut self, section: Section<'_>, spots: &[Spot]) -> Result<(), XlsxError> {
        let (mut map, mut sheet) = if let Some(begun) = self.map.take() {
            begun
        } else {
            let mut sheet = self.streamed(map::SHEET)?;
            sheet.set_very_hidden(true);
            (Map::begin(&mut sheet)?, sheet)
        };
        map.add(&mut sheet, section, spots)?;
        self.map = Some((map, sheet));
        Ok(())
    }

    /// Puts the sheets into order and writes the workbook: the contents, the lists, the statistics, the tables.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn finish(
        mut self,
        contents: Option<(&str, &str, &[Block])>,
        statistics: Option<(&str, &str, &[Block], &Chart)>,
        writer: impl Write + Send,
    ) -> Result<(), String> {
        self.assemble(contents, statistics).and_then(|()| self.workbook.save_to_writer(writer)).map_err(words)
    }

    fn assemble(
        &mut self,
        contents: Option<(&str, &str, &[Block])>,
        statistics: Option<(&str, &str, &[Block], &Chart)>,
    ) -> Result<(), XlsxError> {
        let mut front = Vec::new();
        if let Some((name, title, blocks)) = contents {
            let mut sheet = self.plain(name)?;
            summary::write(&mut sheet, name, title, blocks, None)?;
            front.push(sheet);
        }
        for ledger in std::mem::take(&mut self.ledgers) {
            front.extend(ledger.finish()?);
        }
        if let Some((name, title, blocks, chart)) = statistics {
            let mut sheet = self.plain(name)?;
            summary::write(&mut sheet, name, title, blocks, Some(chart))?;
            front.push(sheet);
        }
        if let Some(first) = front.first_mut() {
            first.set_active(true);
        }
        let sheets = self.workbook.worksheets_mut();
        sheets.splice(0..0, front);
        sheets.extend(self.map.take().map(|(_, sheet)| sheet));
        Ok(())
    }

    /// A sheet that stands in memory, not yet in its place.
    fn plain(&mut self, name: &str) -> Result<Worksheet, XlsxError> {
        self.workbook.add_worksheet().set_name(name)?;
        self.taken_out()
    }

    /// A sheet that is written to disk row by row, not yet in its place.
    fn streamed(&mut self, name: &str) -> Result<Worksheet, XlsxError> {
        self.workbook.add_worksheet_with_constant_memory()?.set_name(name)?;
        self.taken_out()
    }

    fn taken_out(&mut self) -> Result<Worksheet, XlsxError> {
        let sheet = self.workbook.worksheets_mut().pop();
        sheet.ok_or_else(|| XlsxError::ParameterError("no sheet".to_owned()))
    }
}

#[expect(clippy::needless_pass_by_value, reason = "stands in map_err")]
fn words(error: XlsxError) -> String {
    error.to_string()
}
