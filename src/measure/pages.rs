//! Page breaks, decided before anything is drawn: rows stay whole unless they are taller than a page, a header
//! row is never the last of a page, and a group that is cut stands with its label on both pages.

use std::ops::Range;

use super::Measured;
use crate::grid::{Cell, Grid, RowKind};

/// One page: which rows it holds and how high they are.
#[derive(Debug, Clone, PartialEq)]
pub struct Page {
    /// Rows from top to bottom; repeated header rows come first.
    pub rows: Vec<PageRow>,
}

/// A row, or the part of a tall row, on a page.
#[derive(Debug, Clone, PartialEq)]
pub struct PageRow {
    /// Index of the grid's row.
    pub row: usize,
    /// Height in points.
    pub height: f64,
    /// The lines of the row's long cells that stand here, when the row is cut; all lines otherwise.
    pub lines: Option<Range<usize>>,
    /// Whether this is a header row printed again.
    pub repeated: bool,
}

/// A row is begun near the foot of a page only with at least this many lines.
const FEWEST_LINES: usize = 3;
/// Differences below this, in points, come from rounding.
const ROUNDING: f64 = 0.001;

/// Distributes a grid's rows over pages. `first` is the height left on the first page, `full` on the others.
pub fn paginate(grid: &Grid, measured: &Measured, first: f64, full: f64) -> Vec<Page> {
    let foot = measured.height_below(&grid.style);
    let planner = Planner { grid, measured, full, foot };
    let mut pages = Vec::new();
    let mut next = Next { row: 0, line: 0 };
    while next.row < grid.rows.len() {
        let room = if pages.is_empty() { first } else { full };
        let page = planner.page(&mut next, room, pages.is_empty());
        pages.push(page);
    }
    // A last row that fills its page leaves no room for the lines below the table.
    let room = if pages.len() > 1 { full } else { first };
    if pages.last().is_some_and(|page| total(&page.rows) + foot > room + ROUNDING) {
        pages.push(Page { rows: Vec::new() });
    }
    pages
}

/// Where the next page begins.
#[derive(Clone, Copy)]
struct Next {
    row: usize,
    /// Lines of that row that are already printed.
    line: usize,
}

struct Planner<'a> {
    grid: &'a Grid,
    measured: &'a Measured,
    full: f64,
    /// Height of the lines below the table.
    foot: f64,
}

impl Planner<'_> {
    fn page(&self, next: &mut Next, room: f64, first_page: bool) -> Page {
        let mut rows = self.repeated(*next);
        let repeated = rows.len();
        let mut fitting = Vec::new();
        let mut at = *next;
        while at.row < self.grid.rows.len() {
            let height = self.rest_of(at);
            rows.push(PageRow {
                row: at.row,
                height,
                lines: (at.line > 0).then(|| at.line..self.lines_of(at.row)),
                repeated: false,
            });
            let raised = self.raised(&rows);
            let alone = rows.len() == repeated + 1;
            // The last row takes the lines below the table with it, unless there is no room for both on any page.
            let is_last = at.row + 1 == self.grid.rows.len();
            let foot = if is_last && (first_page || !alone) { self.foot } else { 0.0 };
            let fits = total(&raised) + foot <= room + ROUNDING;
            // A row that cannot be cut stands even where it does not fit, or no page would ever take it.
            let forced = alone && !first_page && self.lines_of(at.row).saturating_sub(at.line) < 2;
            if fits || forced {
                at = Next { row: at.row + 1, line: 0 };
                fitting = if fits { raised } else { rows.clone() };
                continue;
            }
            rows.pop();
            let used = if fitting.is_empty() { 0.0 } else { total(&fitting) };
            // A page that holds nothing else must take a piece of the row, however little fits.
            let alone = rows.len() == repeated;
            let tall = height > self.full + ROUNDING || (alone && !first_page);
            if tall && let Some(piece) = self.piece(at, room - used, alone && !first_page) {
                at.line = piece.lines.as_ref().map_or(0, |lines| lines.end);
                rows.push(piece);
                let raised = self.raised(&rows);
                fitting = if total(&raised) <= room + ROUNDING { raised } else { rows.clone() };
            }
            break;
        }
        if at.row < self.grid.rows.len() && at.line == 0 {
            // Header rows go over to the next page with the row that they head.
            while rows.len() > repeated + 1
                && matches!(self.grid.rows[rows[rows.len() - 1].row], RowKind::Header { .. })
            {
                rows.pop();
                at.row -= 1;
                fitting = self.raised(&rows);
            }
        }
        *next = at;
        Page { rows: fitting }
    }

    /// Header rows that stand again above a page that begins at `next`: those of the table it continues.
    fn repeated(&self, next: Next) -> Vec<PageRow> {
        let is_repeating = |row: usize| self.grid.rows[row] == (RowKind::Header { repeat: true });
        if next.row == 0 || (next.line == 0 && is_repeating(next.row)) {
            return Vec::new();
        }
        let Some(last) =
            (0..next.row).rev().find(|&row| matches!(self.grid.rows[row], RowKind::Header { .. }))
        else {
            return Vec::new();
        };
        if !is_repeating(last) {
            return Vec::new();
        }
        let first = (0..=last).rev().take_while(|&row| is_repeating(row)).last().unwrap_or(last);
        (first..=last)
            .map(|row| PageRow { row, height: self.measured.rows[row], lines: None, repeated: true })
            .collect()
    }

    /// Height of what is left of a row.
    fn rest_of(&self, at: Next) -> f64 {
        if at.line == 0 {
            self.measured.rows[at.row]
        } else {
            self.height_of(at.row, self.lines_of(at.row) - at.line)
        }
    }

    /// Lines of the row's longest cell that may be cut.
    fn lines_of(&self, row: usize) -> usize {
        self.cuttable(row).map(|(_, lines)| lines).max().unwrap_or(0)
    }

    fn cuttable(&self, row: usize) -> impl Iterator<Item = (&Cell, usize)> {
        let cells = self.grid.cells.iter().zip(&self.measured.cells);
        cells
            .filter(move |(cell, _)| cell.row == row && cell.rowspan == 1 && !cell.role.is_heading())
            .map(|(cell, lines)| (cell, lines.len()))
    }

    /// Height that `lines` lines of the row's cells need, its labels included.
    fn height_of(&self, row: usize, lines: usize) -> f64 {
        let style = &self.grid.style;
        let cells = self.grid.cells.iter().zip(&self.measured.cells);
        cells
            .filter(|(cell, _)| cell.row == row && cell.rowspan == 1)
            .map(|(cell, own)| {
                let shown = if cell.role.is_heading() { own.len() } else { own.len().min(lines) };
                style.lines_height(self.grid.text_style(cell), shown) + 2.0 * style.inset
            })
            .fold(0.0, f64::max)
    }

    /// As many lines of a row as fit into `room`; `None` when too few would stand there or be left over.
    fn piece(&self, at: Next, room: f64, forced: bool) -> Option<PageRow> {
        let left = self.lines_of(at.row).checked_sub(at.line).filter(|&left| left > 1)?;
        let fits = |lines: usize| self.height_of(at.row, lines) <= room + ROUNDING;
        let mut count = (1..left).take_while(|&lines| fits(lines)).last().unwrap_or(0);
        if !forced && count < FEWEST_LINES {
            return None;
        }
        count = count.max(1);
        let height = self.height_of(at.row, count);
        Some(PageRow { row: at.row, height, lines: Some(at.line..at.line + count), repeated: false })
    }

    /// The rows with those raised that a group's label needs to be higher: each fragment of a group is at least as
    /// high as its label, and the last of its rows takes what is missing.
    fn raised(&self, rows: &[PageRow]) -> Vec<PageRow> {
        let mut rows = rows.to_vec();
        let style = &self.grid.style;
        let mut groups: Vec<usize> = Vec::new();
        for row in &rows {
            for col in 0..style.columns.len() {
                let cell = self.grid.covering(row.row, col);
                if self.grid.cells[cell].rowspan > 1 && !groups.contains(&cell) {
                    groups.push(cell);
                }
            }
        }
        // Inner groups first, because what they add counts for the outer ones too.
        groups.sort_by_key(|&cell| self.grid.cells[cell].rowspan);
        for group in groups {
            let cell = &self.grid.cells[group];
            let lines = self.measured.cells[group].len();
            let own = style.lines_height(self.grid.text_style(cell), lines) + 2.0 * style.inset;
            let needed = own.max(cell.look.height);
            let span = cell.row..cell.row + cell.rowspan;
            let inside = |row: &PageRow| span.contains(&row.row);
            let height: f64 = rows.iter().filter(|row| inside(row)).map(|row| row.height).sum();
            if height + ROUNDING < needed
                && let Some(last) = rows.iter_mut().rev().find(|row| inside(row))
            {
                last.height += needed - height;
            }
        }
        rows
    }
}

fn total(rows: &[PageRow]) -> f64 {
    rows.iter().map(|row| row.height).sum()
}
