//! The very hidden sheet `_jixiao`, from which a filled-in workbook can be read back. All its cells are text.
//!
//! | A | B | C | D | E and on |
//! |---|---|---|---|---|
//! | `jixiao` | | | | version of this layout, [`LAYOUT`] |
//! | `form` | | | | id of the form |
//! | `version` | | | | version of the form |
//! | `literal` | cell | part | | text of the form |
//! | `computed` | cell | part | | what a cell showed that nobody fills in |
//! | `value` | cell | part | path | the value's source, in a cell that has a `shown` row |
//! | `shown` | cell | | | the cell's text as it was written |
//! | `unprinted` | | | path | a value that no cell shows |
//!
//! Cells are anchors on the first sheet (`C12`), parts count from 0 and stand in order, paths are JSON Pointers. A
//! text goes on from E in as many columns as it needs; nothing in E is the empty text.
//!
//! The rows of one cell stand together. A cell that shows its one value exactly has no `shown` row: what it shows is
//! the value. Where markup, a second value, the cell limit or a long number hides the source, the `shown` row tells
//! whether a person has changed the cell since; if not, the sources beside it are the values.

use rust_xlsxwriter::{Worksheet, XlsxError, utility};

use super::content::is_lookalike;
use super::sheet::Spot;
use crate::diag::DataPath;
use crate::grid::{Grid, Part, Role};

/// Name of the sheet.
pub const SHEET: &str = "_jixiao";
/// Version of the layout of its rows.
pub const LAYOUT: &str = "1";

/// Column in which texts begin.
const TEXT: u16 = 4;
/// Longest piece of a text in bytes. A cell holds 32,767 UTF-16 units, which are never more than the bytes.
const PIECE: usize = 32_000;

/// Writes the map of a sheet.
///
/// # Errors
/// When there are more rows than Excel has.
pub(super) fn write(sheet: &mut Worksheet, grid: &Grid, spots: &[Spot]) -> Result<(), XlsxError> {
    let mut map = Map { sheet, row: 0 };
    map.line("jixiao", "", "", None, LAYOUT)?;
    map.line("form", "", "", None, &grid.meta.form)?;
    map.line("version", "", "", None, &grid.meta.form_version)?;
    for spot in spots {
        let computed = spot.cell(grid).is_some_and(|cell| cell.computed.is_some());
        map.spot(spot, if computed { "computed" } else { "literal" })?;
    }
    for part in &grid.unprinted {
        map.line("unprinted", "", "", part.path.as_ref(), source(part))?;
    }
    Ok(())
}

struct Map<'a> {
    sheet: &'a mut Worksheet,
    row: u32,
}

impl Map<'_> {
    fn spot(&mut self, spot: &Spot, unfilled: &str) -> Result<(), XlsxError> {
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
            self.line(kind, &cell, &number.to_string(), part.path.as_ref(), text)?;
        }
        if hides {
            self.line("shown", &cell, "", None, &spot.content.text)?;
        }
        Ok(())
    }

    fn line(
        &mut self,
        kind: &str,
        cell: &str,
        part: &str,
        path: Option<&DataPath>,
        text: &str,
    ) -> Result<(), XlsxError> {
        self.put(0, kind)?;
        self.put(1, cell)?;
        self.put(2, part)?;
        if let Some(path) = path {
            self.put(3, &path.to_pointer())?;
        }
        for (col, piece) in (TEXT..).zip(pieces(text)) {
            self.put(col, piece)?;
        }
        self.row += 1;
        Ok(())
    }

    fn put(&mut self, col: u16, text: &str) -> Result<(), XlsxError> {
        self.sheet.write_string(self.row, col, text).map(|_| ())
    }
}

/// Whether a cell does not show each of its values exactly, so that their sources must be kept.
fn hides(spot: &Spot) -> bool {
    let values = || spot.parts.iter().filter(|part| part.path.is_some());
    spot.content.cut
        || values().any(|part| part.source.is_some())
        || values().nth(1).is_some()
        || (spot.role() == Some(Role::Amount)
            && spot.content.amount.is_none()
            && !spot.content.text.is_empty())
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
