//! Rows of a table that was found, laid beside the rows of a form: which is which, and which cell is which value.
//!
//! Columns are a weak witness, because extraction from a page loses empty cells and people insert columns; order and
//! labels are strong ones. So each row is read by its labels first, by the number of its texts next, and by columns
//! last; the best way through all rows is then found by dynamic programming.

use super::FoundCell;
use super::reading::{Reader, Reading, count};
use super::template::{Row, Template, plain};

/// A row of a table that was found.
#[derive(Debug)]
pub(super) struct Line<'a> {
    /// Its cells, left to right.
    pub cells: Vec<&'a FoundCell>,
    /// Their texts as [`plain`] gives them.
    pub plain: Vec<String>,
}

/// What a row of the table is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Fit {
    /// A row of the form.
    Row(usize, Reading),
    /// A heading or header that stood before already.
    Again,
    /// Nothing that the form has.
    Nothing,
}

/// For each text without a place.
pub(super) const LEFT_OVER: i32 = -2;
const ROW_SKIPPED: i32 = -1;
/// A score that no way reaches.
const NEVER: i32 = i32::MIN / 2;

impl<'a> Line<'a> {
    /// A line of cells that hold text.
    pub(super) fn new(cells: Vec<&'a FoundCell>) -> Line<'a> {
        let plain = cells.iter().map(|cell| plain(&cell.text)).collect();
        Line { cells, plain }
    }

    /// Whether all labels of a row stand in the line, in order.
    pub(super) fn has_labels(&self, row: &Row) -> bool {
        let mut texts = self.plain.iter();
        row.labels().next().is_some() && row.labels().all(|label| texts.any(|text| text == label))
    }
}

/// Lays lines beside the rows of a form. Returns the score and what each line is.
pub(super) fn align(lines: &[Line<'_>], template: &Template) -> (i32, Vec<Fit>) {
    let reader = Reader::new(lines, template);
    let rows = template.rows.len();
    // best[j]: best score so far when the last row taken is j - 1; 0 is before the first.
    let mut best = vec![NEVER; rows + 1];
    best[0] = 0;
    let mut from: Vec<Vec<Option<u32>>> = Vec::with_capacity(lines.len());
    for (at, line) in lines.iter().enumerate() {
        let refused = LEFT_OVER * count(line.cells.len());
        let again = reader.again[at].map_or(rows + 1, |row| row + 1);
        let mut next: Vec<i32> = best
            .iter()
            .enumerate()
            .map(|(j, &score)| if j >= again { score + 1 } else { score + refused })
            .collect();
        let mut back = vec![None; rows + 1];
        // The best way to stand before row j with the rows between skipped.
        let (mut before, mut origin) = (NEVER, 0);
        for (index, row) in template.rows.iter().enumerate() {
            let skipped = if index > 0 && template.rows[index - 1].is_single() { ROW_SKIPPED } else { 0 };
            before += skipped;
            if best[index] > before {
                (before, origin) = (best[index], index);
            }
            let mut take = |score: i32, origin: usize| {
                if score > next[index + 1] {
                    next[index + 1] = score;
                    back[index + 1] = u32::try_from(origin).ok();
                }
            };
            if let Some(reading) = reader.read(at, index, true) {
                take(before.saturating_add(reading.score), origin);
            }
            if row.list.is_some()
                && let Some(reading) = reader.read(at, index, false)
            {
                take(best[index + 1].saturating_add(reading.score), index + 1);
            }
        }
        from.push(back);
        best = next;
    }
    let mut at = (0..=rows).max_by_key(|&j| best[j]).unwrap_or_default();
    let score = best[at];
    let mut fits = Vec::with_capacity(lines.len());
    for (line, back) in from.iter().enumerate().rev() {
        match back[at] {
            Some(origin) => {
                let origin = origin as usize;
                let reading = reader.read(line, at - 1, origin != at).unwrap_or_default();
                fits.push(Fit::Row(at - 1, reading));
                at = origin;
            }
            None if reader.again[line].is_some_and(|row| row < at) => fits.push(Fit::Again),
            None => fits.push(Fit::Nothing),
        }
    }
    fits.reverse();
    (score, fits)
}
