//! The very hidden sheet `_jixiao`, from which a filled-in workbook can be read back. All its cells are text.
//!
//! | A | B | C | D | E and on |
//! |---|---|---|---|---|
//! | `jixiao` | | | | version of this layout, [`LAYOUT`] |
//! | `sheet` | | | | name of the sheet that the rows below it map |
//! | `form` | | | | id of the form |
//! | `version` | | | | version of the form |
//! | `fill` | | | | `1`: the table was drawn to be filled in |
//! | `literal` | cell | part | | text of the form |
//! | `computed` | cell | part | | what a cell showed that nobody fills in |
//! | `value` | cell | part | path | the value's source, in a cell that has a `shown` row |
//! | `shown` | cell | | | the cell's content as it was written |
//! | `unprinted` | | | path | a value that no cell shows |
//!
//! The rows stand in this order: `jixiao` first and once; then a section for each table: `sheet`, `form`, `version`,
//! `fill` in workbooks to fill in, the rows of the cells, the `unprinted` rows. The workbook of one project has one
//! section, for its first sheet; the workbook of many has one for each project's sheet.
//!
//! Cells are anchors (`C12`), parts count from 0 and stand in order, paths are JSON Pointers. A text goes on from E in
//! as many columns as it needs; nothing in E is the empty text.
//!
//! The rows of one cell stand together. A cell without a `shown` row shows its one value exactly: what it holds, without
//! its literals before and after, is the value; of a number that is its shortest decimal form (`33.9`, never `33.90` or
//! an exponent). Where that would not be the source, because of markup, a second value, the cell limit, a long number
//! or decimals that a number does not keep (`33.90`, `0.0`), or a day, which is a number of days, there is a `shown` row, by which a reader tells whether a
//! person has changed the cell since: while the cell holds what the `shown` row says, a number again in its shortest
//! form, the sources beside it are the values. No reader needs the cells' number formats.
//!
//! In a section with a `fill` row a cell with a value has no literals: it holds that value alone, whatever the printed
//! form adds to it, and may be empty. Values that were left empty, and list items of which all values were, are no
//! part of the data; the items after a dropped one move up.

use std::borrow::Cow;

use rust_xlsxwriter::{Worksheet, XlsxError, utility};

use time::Date;
use time::macros::date;

use super::content::is_lookalike;
use super::sheet::Spot;
use crate::diag::DataPath;
use crate::grid::{Grid, Part, Role};

/// Name of the sheet.
pub const SHEET: &str = "_jixiao";
/// Version of the layout of its rows.
pub const LAYOUT: &str = "2";

/// The day that Excel, from March 1900 on, counts days from.
const FIRST_DAY: Date = date!(1899 - 12 - 30);
/// Longest piece of a text in bytes. A cell holds 32,767 UTF-16 units, which are never more than the bytes.
const PIECE: usize = 32_000;

/// The map of a workbook in the making: rows are only ever added, so that they can go to disk as they come.
#[derive(Debug)]
pub(super) struct Map {
    row: u32,
}

/// What a section maps, beside the cells.
#[derive(Debug, Clone, Copy)]
pub(super) struct Section<'a> {
    /// The sheet's name.
    pub(super) sheet: &'a str,
    /// Its table.
    pub(super) grid: &'a Grid,
    /// Whether it was drawn to be filled in.
    pub(super) fill: bool,
}

impl Map {
    /// Begins the map on an empty sheet.
    ///
    /// # Errors
    /// As all here, when there are more rows than Excel has.
    pub(super) fn begin(sheet: &mut Worksheet) -> Result<Map, XlsxError> {
        let mut map = Map { row: 0 };
        map.line(sheet, ["jixiao", "", ""], None, LAYOUT)?;
        Ok(map)
    }

    /// Adds the map of a sheet.
    pub(super) fn add(
        &mut self,
        sheet: &mut Worksheet,
        section: Section<'_>,
        spots: &[Spot],
    ) -> Result<(), XlsxError> {
        let meta = &section.grid.meta;
        self.line(sheet, ["sheet", "", ""], None, section.sheet)?;
        self.line(sheet, ["form", "", ""], None, &meta.form)?;
        self.line(sheet, ["version", "", ""], None, &meta.form_version)?;
        if section.fill {
            self.line(sheet, ["fill", "", ""], None, "1")?;
        }
        for spot in spots {
            let computed = spot.cell(section.grid).is_some_and(|cell| cell.computed.is_some());
            self.spot(sheet, spot, if computed { "computed" } else { "literal" })?;
        }
        for part in &section.grid.unprinted {
            self.line(sheet, ["unprinted", "", ""], part.path.as_ref(), source(part))?;
        }
        Ok(())
    }

    /// Adds cells of the sheet that show once more what is filled in elsewhere, by row and column.
    ///
    /// # Errors
    /// As all here, when there are more rows than Excel has.
    pub(super) fn computed(&mut self, sheet: &mut Worksheet, cells: &[(u32, u16)]) -> Result<(), XlsxError> {
        cells.iter().try_for_each(|&(row, col)| {
            self.line(sheet, ["computed", &utility::row_col_to_cell(row, col), "0"], None, "")
        })
    }

    fn spot(&mut self, sheet: &mut Worksheet, spot: &Spot, unfilled: &str) -> Result<(), XlsxError> {
        if spot.parts.is_empty() {
            return Ok(());
        }
        let cell = utility::row_col_to_cell(spot.rows.start, spot.cols.start);
        let hides = hides(spot);
        for (number, part) in spot.parts.iter().enumerate() {
            let (kind, text) = match part.path {
                None => (unfilled, &*part.text),
                Some(_) if hides => ("value", source(part)),
                Some(_) => ("value", ""),
            };
            self.line(sheet, [kind, &cell, &number.to_string()], part.path.as_ref(), text)?;
        }
        if hides {
            self.line(sheet, ["shown", &cell, ""], None, &held(spot))?;
        }
        Ok(())
    }

    fn line(
        &mut self,
        sheet: &mut Worksheet,
        first: [&str; 3],
        path: Option<&DataPath>,
        text: &str,
    ) -> Result<(), XlsxError> {
        let path = path.map(DataPath::to_pointer).unwrap_or_default();
        let cells = first.into_iter().chain([&*path]).chain(pieces(text));
        for (col, piece) in (0..).zip(cells).filter(|(_, piece)| !piece.is_empty()) {
            sheet.write_string(self.row, col, piece)?;
        }
        self.row += 1;
        Ok(())
    }
}

/// Whether a cell does not hold each of its values exactly, so that their sources must be kept.
fn hides(spot: &Spot) -> bool {
    let values = || spot.parts.iter().filter(|part| part.path.is_some());
    let text = &*spot.content.text;
    spot.content.cut
        || values().any(|part| part.source.is_some())
        || values().nth(1).is_some()
        || match spot.content.amount {
            Some(_) => held(spot) != text,
            None => spot.role() == Some(Role::Amount) && !text.is_empty() && values().next().is_some(),
        }
}

/// What a cell holds: its text, or its number in the shortest decimal form. A day is a number too.
fn held<'a>(spot: &'a Spot) -> Cow<'a, str> {
    match (spot.content.amount, spot.content.day) {
        (Some(amount), _) => amount.value.to_string().into(),
        (None, Some(day)) => (day - FIRST_DAY).whole_days().to_string().into(),
        (None, None) => Cow::Borrowed(&spot.content.text),
    }
}

fn source(part: &Part) -> &str {
    part.source.as_ref().unwrap_or(&part.text)
}

/// A text in pieces that a cell can hold.
fn pieces(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let mut end = rest.floor_char_boundary(PIECE);
        if is_lookalike(&rest[..end]) {
            end -= 1;
        }
        let (piece, left) = rest.split_at(end);
        rest = left;
        Some(piece)
    })
}

#[cfg(test)]
mod tests {
    use super::{PIECE, pieces};

    #[test]
    fn pieces_make_the_whole() {
        for text in ["", "绩", &"绩效".repeat(20_000), "<r>a</r>", &"𠮷".repeat(9_000)] {
            let found: Vec<&str> = pieces(text).collect();
            assert_eq!(found.concat(), text);
            assert!(found.iter().all(|piece| piece.len() <= PIECE && !piece.is_empty()));
        }
        assert_eq!(pieces("<r>a</r>").collect::<Vec<_>>(), ["<r>a</r", ">"]);
    }
}
