//! A grid as a workbook: one sheet that prints like the form, and a very hidden one that knows which data each cell
//! shows. The workbook's default face is Courier New, which no cell uses: Excel counts column widths in its digits,
//! and those of a typewriter face are equally wide (8 pixels) on every screen and in every substitute for it, so the
//! sheet is as wide as the page wherever it is opened.

mod book;
mod breaks;
mod content;
mod fill;
mod format;
mod formula;
mod ledger;
pub mod map;
pub mod names;
mod number;
mod page;
mod rows;
mod sheet;
mod summary;
mod value;

pub use book::Book;
pub use fill::fill;
pub use ledger::{LedgerSpec, List};
pub use rust_xlsxwriter::utility::row_col_to_cell as cell_name;
pub use summary::{Block, Chart, MOST_BARS};
pub use value::{Column, Look, Value, address, quoted, result};

use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, Workbook, XlsxError, utility};

use crate::grid::{Grid, Meta, Style};
use crate::measure::Measured;
use map::{Map, Section};
use rows::Rows;

/// Default face of the workbook, its size in points, and Excel's number for the families of typewriter faces.
const DEFAULT_FACE: (&str, f64, u8) = ("Courier New", 10.0, 3);
/// Height of an unused row and width of an unused column in pixels, which follow from the default face.
const DEFAULT_CELL: (u32, u32) = (18, 72);
/// Share of a cell's width for which its text is measured. Faces and line-breaking rules differ between office
/// programs; on the narrower line all of them need at most the lines that were counted.
const MEASURED: f64 = 0.97;
/// Space that office programs keep free at the left and right edge of a cell together, in points.
const EDGES: f64 = 5.0;
/// Name of the table's area.
const TABLE: &str = "jixiao_table";

/// Column widths in points (inset included) for which text must be measured for a workbook: a little narrower than
/// the sheet's columns, so that Excel, WPS and LibreOffice, whose fonts differ, never need more lines than counted.
#[must_use]
pub fn measuring_columns(style: &Style) -> Vec<f64> {
    let beside = (EDGES - 2.0 * style.inset).max(0.0);
    sheet::columns(style).map(|pixels| f64::from(pixels) / rows::PIXELS * MEASURED - beside).collect()
}

/// Draws one grid as a workbook. `measured` was made with [`measuring_columns`]; `timestamp` is in seconds since 1970
/// UTC, and the same input gives the same bytes.
///
/// # Errors
/// When the table has more rows or columns than Excel, or the timestamp is not in the years 1900 to 9999; in the
/// words of `rust_xlsxwriter`.
pub fn render(grid: &Grid, measured: &Measured, timestamp: i64) -> Result<Vec<u8>, String> {
    book(grid, measured, timestamp).map_err(|error| error.to_string())
}

fn book(grid: &Grid, measured: &Measured, timestamp: i64) -> Result<Vec<u8>, XlsxError> {
    let mut book = new_book(&grid.meta, timestamp)?;
    let rows = Rows::new(grid, measured);
    let spots = sheet::spots(grid, &rows);
    let name = sheet_name(grid);
    let visible = book.add_worksheet();
    visible.set_name(&name)?;
    sheet::draw(visible, grid, &rows, &spots)?;
    page::set_up(visible, grid, measured, &rows)?;

    let hidden = book.add_worksheet();
    hidden.set_name(map::SHEET)?.set_very_hidden(true);
    Map::begin(hidden)?.add(hidden, Section { sheet: &name, grid, fill: false }, &spots)?;

    name_table(&mut book, &name, &rows, &grid.style)?;
    book.save_to_buffer()
}

/// Gives the table's area its name.
fn name_table(book: &mut Workbook, sheet: &str, rows: &Rows, style: &Style) -> Result<(), XlsxError> {
    let table = rows.table();
    let last = sheet::last_column(style);
    let area = utility::worksheet_range_absolute(sheet, table.start, 0, table.end - 1, last);
    book.define_name(TABLE, &format!("={area}"))?;
    Ok(())
}

/// An empty workbook with its default face and properties.
fn new_book(meta: &Meta, timestamp: i64) -> Result<Workbook, XlsxError> {
    let mut book = Workbook::new();
    let (name, size, family) = DEFAULT_FACE;
    let face = Format::new().set_font_name(name).set_font_size(size).set_font_family(family);
    book.set_default_format(&face, DEFAULT_CELL.0, DEFAULT_CELL.1)?;
    book.set_properties(&properties(meta, timestamp)?);
    Ok(book)
}

fn sheet_name(grid: &Grid) -> String {
    let named = &grid.meta.sheet;
    let wanted = if named.trim().is_empty() { &grid.meta.subject } else { named };
    names::sheet_name(wanted, &[map::SHEET])
}

fn properties(meta: &Meta, timestamp: i64) -> Result<DocProperties, XlsxError> {
    Ok(DocProperties::new()
        .set_title(&meta.title)
        .set_subject(&meta.subject)
        .set_author(&meta.author)
        .set_company(&meta.author)
        .set_creation_datetime(&ExcelDateTime::from_timestamp(timestamp)?))
}

#[cfg(test)]
mod tests;
