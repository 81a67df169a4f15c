//! How the sheet is printed: paper, margins, one page wide and any number tall, foot, and header rows repeated on every
//! page. Excel can repeat only one block of rows, so a form with several repeating headers gets none.

use std::ops::Range;

use rust_xlsxwriter::{Worksheet, XlsxError};

use super::breaks::breaks;
use super::format::face;
use super::rows::Rows;
use super::sheet::last_column;
use crate::grid::{FooterKind, Grid, Paper, RowKind, Style};
use crate::measure::Measured;

/// Paper sizes by Excel's number: shorter and longer side in points.
const SIZES: [(u8, f64, f64); 2] = [(9, 595.3, 841.9), (8, 841.9, 1190.6)];
/// Space between the edge of the paper and its head or foot, in inches, where the margin has room for it.
const EDGE: f64 = 0.3;
/// Page breaks that Excel allows in a sheet.
const MOST_BREAKS: usize = 1023;
/// Points in an inch.
const INCH: f64 = 72.0;

/// Sets up the page of a sheet.
///
/// # Errors
/// When the sheet has more rows or columns than Excel.
pub(super) fn set_up(
    sheet: &mut Worksheet,
    grid: &Grid,
    measured: &Measured,
    rows: &Rows,
) -> Result<(), XlsxError> {
    let style = &*grid.style;
    if let Some(number) = paper_number(&style.paper) {
        sheet.set_paper_size(number);
    }
    if style.paper.landscape {
        sheet.set_landscape();
    } else {
        sheet.set_portrait();
    }
    let [top, right, bottom, left] = style.paper.margin.map(|points| points / INCH);
    sheet.set_margins(
        left,
        right,
        top,
        bottom,
        EDGE.min(top / 2.0),
        EDGE.max(bottom / 3.0).min(bottom / 2.0),
    );
    sheet.set_print_center_horizontally(true);
    sheet.set_print_fit_to_pages(1, 0);
    // On screen the sheet looks like the paper; only the form's own rules are lines.
    sheet.set_screen_gridlines(false);
    if style.footer == FooterKind::Pages {
        sheet.set_footer(footer(style));
    }
    sheet.set_print_area(0, 0, rows.below().end - 1, last_column(style))?;
    if let Some(repeated) = repeated(&grid.rows) {
        let repeated = rows.of(repeated);
        sheet.set_repeat_rows(repeated.start, repeated.end - 1)?;
    }
    let mut breaks = breaks(grid, measured, rows);
    breaks.truncate(MOST_BREAKS);
    sheet.set_page_breaks(&breaks)?;
    Ok(())
}

fn paper_number(paper: &Paper) -> Option<u8> {
    let (short, long) = (paper.width.min(paper.height), paper.width.max(paper.height));
    let is_near = |a: f64, b: f64| (a - b).abs() < 3.0;
    SIZES.iter().find(|size| is_near(size.1, short) && is_near(size.2, long)).map(|size| size.0)
}

/// The foot in Excel's own notation, set in the face of the values.
fn footer(style: &Style) -> String {
    let (family, _) = face(&style.faces[style.value.face]);
    // These three would end the name or begin a command.
    let family: String = family.chars().filter(|c| !matches!(c, '"' | '&' | ',')).collect();
    format!("&C&\"{family},Regular\"&9第 &P 页 / 共 &N 页")
}

/// The header rows that print titles repeat. The block stands on every page below it; were there a second, the first
/// would stand above its continuation.
pub(super) fn repeated(rows: &[RowKind]) -> Option<Range<usize>> {
    let is_repeated = |row: &RowKind| *row == RowKind::Header { repeat: true };
    let start = rows.iter().position(is_repeated)?;
    let length = rows[start..].iter().take_while(|row| is_repeated(row)).count();
    let end = start + length;
    (!rows[end..].iter().any(is_repeated)).then_some(start..end)
}

#[cfg(test)]
mod tests {
    use super::repeated;
    use crate::grid::RowKind;

    #[test]
    fn only_one_block_of_rows_is_repeated() {
        let (body, header) = (RowKind::Body, RowKind::Header { repeat: true });
        assert_eq!(repeated(&[body, RowKind::Header { repeat: false }, body]), None);
        assert_eq!(repeated(&[body, header, header, body]), Some(1..3));
        assert_eq!(repeated(&[header, body, header]), None);
    }
}
