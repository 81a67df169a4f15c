//! The printed sheet: every heading and cell at its place, merged, with its format. Every cell of a merge gets the
//! format, because Excel draws a border only where the cell below the merge has it.

use std::ops::Range;

use rust_xlsxwriter::{ExcelDateTime, Format, Formula, IgnoreError, Note, Worksheet, XlsxError};

use super::content::{Content, is_lookalike};
use super::format::Formats;
use super::formula::{self, Addresses};
use super::rows::{self, PIXELS, Rows, whole};
use super::value::{double, result};
use crate::grid::{Align, Cell, Computed, Field, Grid, Part, Role, Strip, Style};

/// Excel's code for dates as official tables print them.
const DATE: &str = "yyyy\"年\"m\"月\"d\"日\"";

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
    Field(Align),
    /// A cell of the table, by its position in the grid.
    Cell(Role, usize),
}

impl Spot<'_> {
    /// What the cell is; `None` for a heading.
    pub(super) fn role(&self) -> Option<Role> {
        match self.kind {
            Kind::Heading(_) | Kind::Field(_) => None,
            Kind::Cell(role, _) => Some(role),
        }
    }

    /// The grid's cell that stands here.
    pub(super) fn cell<'a>(&self, grid: &'a Grid) -> Option<&'a Cell> {
        match self.kind {
            Kind::Heading(_) | Kind::Field(_) => None,
            Kind::Cell(_, at) => grid.cells.get(at),
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
    let cells = grid.cells.iter().enumerate().map(|(at, cell)| Spot {
        rows: rows.of(cell.row..cell.row + cell.rowspan),
        cols: narrow(cell.col)..narrow(cell.col + cell.colspan),
        parts: &cell.parts,
        content: Content::of_cell(cell),
        kind: Kind::Cell(cell.role, at),
    });
    let above = (rows.table().start - rows::count(&grid.above)..).zip(&grid.above);
    let below = rows.below().zip(&grid.below);
    let fields = |(row, strip): (u32, &'a Strip)| fields(&grid.style, row, strip);
    headings.chain(above.flat_map(fields)).chain(cells).chain(below.flat_map(fields)).collect()
}

/// The fields of a line without frame, each over the columns that come nearest to its share of the width.
fn fields<'a>(style: &Style, row: u32, strip: &'a Strip) -> Vec<Spot<'a>> {
    let (fields, columns) = (strip.fields.len(), style.columns.len());
    let width: f64 = style.columns.iter().sum();
    let edge = |col: usize| style.columns[..col].iter().sum::<f64>();
    let mut from = 0;
    let place = |(position, field): (usize, &'a Field)| {
        let left = fields - position - 1;
        let wanted = width * (position + 1) as f64 / fields as f64;
        // Each field keeps a column, and leaves one to each field behind it.
        let last = columns.saturating_sub(left).max(from + 1);
        let off = |col: &usize| (edge((*col).min(columns)) - wanted).abs();
        let to = (from + 1..=last).min_by(|a, b| off(a).total_cmp(&off(b))).unwrap_or(last);
        let to = if left == 0 { columns.max(from + 1) } else { to };
        let cols = narrow(from)..narrow(to);
        from = to;
        Spot {
            rows: row..row + 1,
            cols,
            parts: &field.parts,
            content: Content::of_parts(&field.parts),
            kind: Kind::Field(field.align),
        }
    };
    strip.fields.iter().enumerate().map(place).collect()
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
    for (col, width) in (0..).zip(columns(&grid.style)) {
        sheet.set_column_width_pixels(col, width)?;
    }
    for (row, &height) in (0..).zip(&rows.heights) {
        sheet.set_row_height_pixels(row, height)?;
    }
    // A formula without a result shows nothing rather than 0 until it is calculated.
    sheet.set_formula_result_default("");
    let mut formats = Formats::new(grid);
    let addresses = Addresses::new(grid, spots);
    for spot in spots {
        let text = &*spot.content.text;
        let style = &*grid.style;
        match (spot.kind, spot.cell(grid)) {
            (Kind::Heading(level), _) => write(sheet, spot, text, formats.heading(level, text))?,
            (Kind::Field(align), _) => write(sheet, spot, text, formats.field(align, text))?,
            (Kind::Cell(role, _), Some(cell)) => {
                let look = (role, cell.look);
                if let Some(computed) = &cell.computed {
                    let format = formats.number(style, look, formula::code(computed), false);
                    let formula = formula::formula(computed, &addresses);
                    calculated(sheet, spot, computed, formula, format)?;
                } else if let Some(amount) = spot.content.amount {
                    // What was converted is typed in another unit, in the data.
                    let open = cell.sole_value().is_none_or(|part| part.source.is_none());
                    let format = formats.number(style, look, amount.shape.format(), open);
                    write(sheet, spot, text, format)?;
                } else if spot.content.day.is_some() {
                    let format = formats.number(style, look, Some(DATE.to_owned()), true);
                    write(sheet, spot, text, format)?;
                } else {
                    write(sheet, spot, text, formats.cell(style, role, cell.look, text))?;
                }
            }
            (Kind::Cell(..), None) => {}
        }
        remark(sheet, grid, spot)?;
    }
    // Excel would mark every value such as 100% with a green corner.
    sheet.ignore_error_range(
        0,
        0,
        rows.below().end - 1,
        last_column(&grid.style),
        IgnoreError::NumberStoredAsText,
    )?;
    Ok(())
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

fn write(sheet: &mut Worksheet, spot: &Spot, text: &str, format: &Format) -> Result<(), XlsxError> {
    let (row, col) = (spot.rows.start, spot.cols.start);
    let merged = spot.rows.len() > 1 || spot.cols.len() > 1;
    let is_number = spot.content.amount.is_some() || spot.content.day.is_some();
    let is_text = !is_number && !is_lookalike(text);
    if merged {
        let own = if is_text { text } else { "" };
        sheet.merge_range(row, col, spot.rows.end - 1, spot.cols.end - 1, own, format)?;
    }
    if let Some(amount) = spot.content.amount {
        sheet.write_number_with_format(row, col, amount.value, format)?;
    } else if let Some(day) = spot.content.day {
        let year = u16::try_from(day.year()).unwrap_or_default();
        let day = ExcelDateTime::from_ymd(year, u8::from(day.month()), day.day())?;
        sheet.write_datetime_with_format(row, col, &day, format)?;
    } else if !is_text {
        // As a run of rich text it is escaped like any other.
        sheet.write_rich_string_with_format(row, col, &[(&Format::default(), text)], format)?;
    } else if !merged {
        sheet.write_string_with_format(row, col, text, format)?;
    }
    Ok(())
}

/// Writes a calculated cell: a formula, or its result where no formula can hold the operands.
fn calculated(
    sheet: &mut Worksheet,
    spot: &Spot,
    computed: &Computed,
    formula: Option<String>,
    format: &Format,
) -> Result<(), XlsxError> {
    let (row, col) = (spot.rows.start, spot.cols.start);
    if spot.rows.len() > 1 || spot.cols.len() > 1 {
        sheet.merge_range(row, col, spot.rows.end - 1, spot.cols.end - 1, "", format)?;
    }
    let result = computed.result.map_or_else(|| computed.blank.clone(), result);
    if let Some(formula) = formula {
        sheet.write_formula_with_format(row, col, Formula::new(formula).set_result(result), format)?;
    } else if let Some(number) = computed.result {
        sheet.write_number_with_format(row, col, double(number), format)?;
    } else {
        sheet.write_string_with_format(row, col, &computed.blank, format)?;
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
