//! Row heights, and which rows of the sheet a row of the table takes. Excel never fits merged cells and shows no row
//! above 409 points, so heights are computed, and a row that needs more stands in several sheet rows of which each
//! of its cells covers all.

use std::ops::Range;

use super::content::LONGEST;
use super::format::{INDENT, indent_levels};
use super::measuring_columns;
use crate::grid::{Cell, Grid, TextStyle};
use crate::measure::{Line, Measured, most};

/// Height of a line in ems. Song faces of Windows need 1.3, Noto CJK, which LibreOffice and WPS use where those are
/// missing, needs 1.45.
const LINE: f64 = 1.45;
/// Room above and below the text of a cell together, in points.
const PADDING: f64 = 1.5;
/// Tallest sheet row in points, a little below Excel's limit of 409.
const TALLEST: f64 = 399.0;
/// Sheet rows that fill a page, where a row is taller than Excel allows.
const PARTS_OF_PAGE: f64 = 4.0;
/// Lowest of them in points, whatever the paper.
const LOWEST_PART: f64 = 36.0;
/// Pixels in a point, on the 96 dpi screen in whose pixels Excel counts.
pub(super) const PIXELS: f64 = 4.0 / 3.0;

/// The sheet's rows from the top: headings, then the table.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Rows {
    /// Height of each sheet row in pixels.
    pub(super) heights: Vec<u32>,
    /// First sheet row of each row of the table, and at the end the first row below the table.
    first: Vec<u32>,
}

impl Rows {
    /// Lays out the rows of a grid.
    pub(super) fn new(grid: &Grid, measured: &Measured) -> Rows {
        Rows::in_parts(grid, measured, |_| 1)
    }

    /// Lays out the rows of a grid, each row of the table in at least so many sheet rows.
    pub(super) fn in_parts(grid: &Grid, measured: &Measured, least: impl Fn(usize) -> u32) -> Rows {
        let style = &grid.style;
        let mut heights: Vec<u32> = (grid.headings.iter().zip(&measured.headings))
            .map(|(heading, lines)| {
                let text = text_height(style.heading(heading.level), count(lines).max(1));
                pixels(text + style.heading_gap).min(pixels(TALLEST))
            })
            .collect();
        let strip = |fields: &Vec<Vec<Line>>| {
            let lines = u32::try_from(most(fields).max(1)).unwrap_or(u32::MAX);
            pixels(text_height(&style.field, lines) + style.heading_gap).min(pixels(TALLEST))
        };
        heights.extend(measured.above.iter().map(strip));
        // Sheet rows are what pages break between: several fill a page better than one that hardly fits.
        let part = (style.paper.inner_height() / PARTS_OF_PAGE).clamp(LOWEST_PART, TALLEST);
        let mut first = Vec::with_capacity(grid.rows.len() + 1);
        for (row, needed) in needed(grid, measured).into_iter().enumerate() {
            first.push(count(&heights));
            let parts = if needed > TALLEST { whole((needed / part).ceil()) } else { 1 };
            let parts = parts.max(least(row));
            heights.extend((0..parts).map(|_| pixels(needed / f64::from(parts))));
        }
        first.push(count(&heights));
        heights.extend(measured.below.iter().map(strip));
        Rows { heights, first }
    }

    /// Sheet rows of the lines of fields below the table.
    pub(super) fn below(&self) -> Range<u32> {
        self.table().end..count(&self.heights)
    }

    /// Sheet rows of a range of the table's rows.
    pub(super) fn of(&self, rows: Range<usize>) -> Range<u32> {
        self.first[rows.start]..self.first[rows.end]
    }

    /// Height of some sheet rows together, in pixels.
    pub(super) fn height(&self, rows: Range<u32>) -> f64 {
        self.heights[rows.start as usize..rows.end as usize].iter().copied().map(f64::from).sum()
    }

    /// Sheet rows of the whole table.
    pub(super) fn table(&self) -> Range<u32> {
        self.of(0..self.first.len() - 1)
    }
}

/// Height of each row of the table in points, groups taken into account.
fn needed(grid: &Grid, measured: &Measured) -> Vec<f64> {
    let columns = measuring_columns(&grid.style);
    let of_cell = |(cell, lines): (&Cell, &Vec<Line>)| {
        let style = grid.text_style(cell);
        let width = columns[cell.col..cell.col + cell.colspan].iter().sum::<f64>()
            - 2.0 * grid.style.inset
            - grid.pad(cell);
        let lines = indented(style, shown(lines), width);
        // Few lines stand as the form wants them, in many lines the faces make the height.
        let asked = grid.style.lines_height(style, lines as usize) + 2.0 * grid.style.inset;
        text_height(style, lines).max(asked).max(cell.look.height)
    };
    let mut rows = vec![text_height(&grid.style.value, 1); grid.rows.len()];
    let mut groups = Vec::new();
    for (cell, lines) in grid.cells.iter().zip(&measured.cells) {
        if cell.rowspan == 1 {
            rows[cell.row] = rows[cell.row].max(of_cell((cell, lines)));
        } else {
            groups.push((cell, lines));
        }
    }
    // Inner groups first, because what they add counts for the outer ones too.
    groups.sort_by_key(|(cell, _)| cell.rowspan);
    for (cell, lines) in groups {
        let span = cell.row..cell.row + cell.rowspan;
        let missing = of_cell((cell, lines)) - rows[span.clone()].iter().sum::<f64>();
        rows[span.end - 1] += missing.max(0.0);
    }
    rows
}

/// Height in points of a cell in which no office program cuts off any of so many lines.
pub(super) fn text_height(style: &TextStyle, lines: u32) -> f64 {
    style.size * LINE * f64::from(lines) + PADDING
}

/// The lines of a cell that it shows: a text that a cell cannot hold is cut.
fn shown(lines: &[Line]) -> &[Line] {
    let bytes: usize = lines.iter().map(|line| line.text.len()).sum();
    if bytes <= LONGEST {
        return lines;
    }
    let mut units = 0;
    let end = lines.iter().position(|line| {
        units += line.text.encode_utf16().count();
        units > LONGEST
    });
    end.map_or(lines, |end| &lines[..=end])
}

/// Lines that a cell needs when not the first line of a paragraph alone is indented, as it was measured, but the
/// whole cell, as a workbook has it.
fn indented(style: &TextStyle, lines: &[Line], width: f64) -> u32 {
    let lost = f64::from(indent_levels(style)) * INDENT;
    if lost <= 0.0 {
        return count(lines);
    }
    let share = lost / (width - lost).max(style.size);
    // The first line of a paragraph was measured with the form's indent; where that is the smaller one, it fits no more.
    let first = if lost > style.indent * style.size { share } else { 0.0 };
    let more = |paragraph: &[Line]| whole((f64::from(count(paragraph) - 1) * share + first).ceil());
    count(lines) + lines.chunk_by(|_, next| !next.first).map(more).sum::<u32>()
}

fn pixels(points: f64) -> u32 {
    whole((points * PIXELS).ceil())
}

pub(super) fn count<T>(items: &[T]) -> u32 {
    u32::try_from(items.len()).unwrap_or(u32::MAX)
}

/// The whole number below a number that is not negative.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "sizes on paper are small and positive"
)]
pub(super) fn whole(number: f64) -> u32 {
    number as u32
}
