//! The printed sheet: every heading and cell at its place, merged, with its format. Every cell of a merge gets the
//! format, because Excel draws a border only where the cell below the merge has it.

use std::ops::Range;

use rust_xlsxwriter::{Format, IgnoreError, Note, Worksheet, XlsxError};

use super::content::{Content, is_lookalike};
use super::format::Formats;
use super::rows::{PIXELS, Rows, whole};
use crate::grid::{Grid, Part, Role, Style};

/// Share of the printable width that the columns take. Widths are rounded to pixels by Excel and to hundredths of a
/// millimetre by LibreOffice; were the sum a trifle too wide, the page would be printed at 99 percent.
const FILL: f64 = 0.998;

/// A place of the sheet and what stands there.
#[derive(Debug)]
pub(super) struct Spot<'a> {
    /// Sheet rows covered.
    pub(super) rows: Range<u32>,
    /// Sheet columns covered.
    pub(super) cols: Range<u16>,
    /// Where the text comes from.
    pub(super) parts: &'a [Part],
    /// What is shown.
    pub(super) content: Content<'a>,
    kind: Kind,
}

#[derive(Debug, Clone, Copy)]
enum Kind {
    Heading(usize),
    Cell(Role),
}

impl<'a> Spot<'a> {
    /// A piece of it: some of its parts, at a place of their own.
    pub(super) fn piece(&self, parts: Range<usize>, rows: Range<u32>, cols: Range<u16>) -> Spot<'a> {
        let parts = &self.parts[parts];
        Spot { rows, cols, parts, content: Content::of_parts(parts), kind: self.kind }
    }

    /// What the cell is; `None` for a heading.
    pub(super) fn role(&self) -> Option<Role> {
        match self.kind {
            Kind::Heading(_) => None,
            Kind::Cell(role) => Some(role),
        }
    }
}

/// All places of a grid's sheet, headings first.
pub(super) fn spots<'a>(grid: &'a Grid, rows: &Rows) -> Vec<Spot<'a>> {
    let width = narrow(grid.style.columns.len());
    let headings = grid.headings.iter().zip(0..).map(|(heading, row)| Spot {
        rows: row..row + 1,
        cols: 0..width,
        parts: &heading.parts,
        content: Content::of_parts(&heading.parts),
        kind: Kind::Heading(heading.level),
    });
    let cells = grid.cells.iter().map(|cell| Spot {
        rows: rows.of(cell.row..cell.row + cell.rowspan),
        cols: narrow(cell.col)..narrow(cell.col + cell.colspan),
        parts: &cell.parts,
        content: Content::of_cell(cell),
        kind: Kind::Cell(cell.role),
    });
    headings.chain(cells).collect()
}

/// Widths of the columns in pixels.
pub(super) fn columns(style: &Style) -> impl Iterator<Item = u32> {
    // Rounded as edges, so that the errors of the columns do not add up.
    let edge = |points: f64| whole(points * PIXELS * FILL);
    style.columns.iter().scan(0.0, move |left, width| {
        let right = *left + width;
        let pixels = edge(right) - edge(*left);
        *left = right;
        Some(pixels)
    })
}

/// Draws a grid.
///
/// # Errors
/// When the sheet has more rows or columns than Excel.
pub(super) fn draw(sheet: &mut Worksheet, grid: &Grid, rows: &Rows, spots: &[Spot]) -> Result<(), XlsxError> {
    frame(sheet, grid, rows)?;
    let mut formats = Formats::new(grid);
    for spot in spots {
        write(sheet, spot, look(&mut formats, &grid.style, spot))?;
        remark(sheet, grid, spot)?;
    }
    Ok(())
}

/// Sets the sizes of columns and rows.
pub(super) fn frame(sheet: &mut Worksheet, grid: &Grid, rows: &Rows) -> Result<(), XlsxError> {
    for (col, width) in (0..).zip(columns(&grid.style)) {
        sheet.set_column_width_pixels(col, width)?;
    }
    for (row, &height) in (0..).zip(&rows.heights) {
        sheet.set_row_height_pixels(row, height)?;
    }
    // Excel would mark every value such as 100% with a green corner.
    sheet.ignore_error_range(
        0,
        0,
        rows.table().end - 1,
        last_column(&grid.style),
        IgnoreError::NumberStoredAsText,
    )?;
    Ok(())
}

/// How a spot looks.
pub(super) fn look<'f>(formats: &'f mut Formats, style: &Style, spot: &Spot) -> &'f Format {
    let text = &*spot.content.text;
    match (spot.kind, spot.content.amount) {
        (Kind::Cell(_), Some(amount)) => formats.number(style, amount.shape),
        (Kind::Cell(role), None) => formats.cell(role, text),
        (Kind::Heading(level), _) => formats.heading(level, text),
    }
}

/// Puts the grid's remarks on a cell's values beside it, as one note.
fn remark(sheet: &mut Worksheet, grid: &Grid, spot: &Spot) -> Result<(), XlsxError> {
    let paths = || spot.parts.iter().filter_map(|part| part.path.as_ref());
    let remarks: Vec<&str> = grid
        .notes
        .iter()
        .filter(|(path, _)| paths().any(|shown| shown == path))
        .map(|(_, text)| text.as_str())
        .collect();
    if remarks.is_empty() {
        return Ok(());
    }
    let note = Note::new(remarks.join("\n")).set_author("jixiao").add_author_prefix(false);
    sheet.insert_note(spot.rows.start, spot.cols.start, &note)?;
    Ok(())
}

/// Writes a spot, merged over all of its cells.
pub(super) fn write(sheet: &mut Worksheet, spot: &Spot, format: &Format) -> Result<(), XlsxError> {
    let text = &*spot.content.text;
    let (row, col) = (spot.rows.start, spot.cols.start);
    let merged = spot.rows.len() > 1 || spot.cols.len() > 1;
    let is_text = spot.content.amount.is_none() && !is_lookalike(text);
    if merged {
        let own = if is_text { text } else { "" };
        sheet.merge_range(row, col, spot.rows.end - 1, spot.cols.end - 1, own, format)?;
    }
    if let Some(amount) = spot.content.amount {
        sheet.write_number_with_format(row, col, amount.value, format)?;
    } else if !is_text {
        // As a run of rich text it is escaped like any other.
        sheet.write_rich_string_with_format(row, col, &[(&Format::default(), text)], format)?;
    } else if !merged {
        sheet.write_string_with_format(row, col, text, format)?;
    }
    Ok(())
}

/// Number of the table's last column.
pub(super) fn last_column(style: &Style) -> u16 {
    narrow(style.columns.len()).saturating_sub(1)
}

/// A column's number. Too large a one becomes one that Excel does not have, and is refused when it is written.
fn narrow(col: usize) -> u16 {
    u16::try_from(col).unwrap_or(u16::MAX)
}
