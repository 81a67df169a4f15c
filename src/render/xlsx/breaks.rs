//! Page breaks that an office program would not find by itself: it breaks a page after whichever row still fits, even
//! if that is a header row, or in the middle of a group's label or of a row that stands in several sheet rows. None is
//! given where the program's own break is as good, so where a page is a little longer or shorter than reckoned, or a
//! program ignores breaks in a sheet that is fitted to the page, little is lost.

use super::page::repeated;
use super::rows::{PIXELS, Rows, count, text_height};
use crate::grid::{Grid, RowKind};
use crate::measure::Measured;

/// Share of a page that may stay empty for a better break.
const SPARE: f64 = 0.25;

/// Sheet rows before which a page must break.
pub(super) fn breaks(grid: &Grid, measured: &Measured, rows: &Rows) -> Vec<u32> {
    let room = grid.style.paper.inner_height() * PIXELS;
    let titles = repeated(&grid.rows);
    let titles_above = |row: usize| match &titles {
        Some(titles) if titles.end <= row => rows.height(rows.of(titles.clone())),
        _ => 0.0,
    };
    let mut breaks = Vec::new();
    let mut used = rows.height(0..rows.table().start);
    let mut top = 0;
    for row in 0..grid.rows.len() {
        let own = rows.of(row..row + 1);
        let whole = rows.height(own.clone());
        // The last row takes the lines below the table with it.
        let tail = if row + 1 == grid.rows.len() { rows.height(rows.below()) } else { 0.0 };
        let least = tail + if whole <= room { whole } else { rows.height(own.start..own.start + 1) };
        if used + least > room && row > top {
            let is_near = |at: &usize| rows.height(rows.of(*at..row)) <= room * SPARE;
            let found =
                (top + 1..=row).rev().take_while(is_near).find(|&at| is_good(grid, measured, rows, at));
            let at = found.unwrap_or(row);
            if at < row || tail > 0.0 || (whole <= room && own.len() > 1) {
                breaks.push(rows.of(at..row + 1).start);
                (top, used) = (at, titles_above(at) + rows.height(rows.of(at..row)));
            }
        }
        for part in own {
            let height = rows.height(part..part + 1);
            if used + height > room {
                (top, used) = (row, titles_above(row));
            }
            used += height;
        }
    }
    breaks
}

/// Whether a page may break before a row of the table: not below a header row, and not through a group's label, which
/// stands in the middle of its rows.
fn is_good(grid: &Grid, measured: &Measured, rows: &Rows, at: usize) -> bool {
    if matches!(grid.rows[at - 1], RowKind::Header { .. }) {
        return false;
    }
    (0..grid.style.columns.len()).all(|col| {
        let index = grid.covering(at, col);
        let (cell, lines) = (&grid.cells[index], &measured.cells[index]);
        if cell.row == at || lines.is_empty() {
            return true;
        }
        let (above, below) = (rows.of(cell.row..at), rows.of(at..cell.row + cell.rowspan));
        let off_middle = (rows.height(above) - rows.height(below)).abs() / 2.0;
        off_middle >= text_height(grid.text_style(cell), count(lines)) * PIXELS / 2.0
    })
}
