//! Rows of a table that was found, laid beside the rows of a form: which is which, and which cell is which value.
//!
//! Columns are a weak witness, because extraction from a page loses empty cells and people insert columns; order and
//! labels are strong ones. So each row is read by its labels first, by the number of its texts next, and by columns
//! last; the best way through all rows is then found by dynamic programming.

use super::FoundCell;
use super::template::{Kind, Row, Shows, Template, plain};

/// A row of a table that was found.
#[derive(Debug)]
pub(super) struct Line<'a> {
    /// Its cells, left to right.
    pub cells: Vec<&'a FoundCell>,
    /// Their texts as [`plain`] gives them.
    pub plain: Vec<String>,
}

/// A row read as a certain row of the form. Cells are named by their position in the line.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Reading {
    /// How well it fits.
    pub score: i32,
    /// Labels of groups and of the row itself that were found.
    pub labels: usize,
    /// Cell of the line by position of the piece in the form's row.
    pub values: Vec<(usize, usize)>,
    /// Cells with no place in the row.
    pub leftover: Vec<usize>,
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

const LABEL: i32 = 4;
const LABEL_MISSING: i32 = -3;
const GROUP: i32 = 3;
const GROUP_MISSING: i32 = -4;
const GROUP_AGAIN: i32 = 1;
const VALUE: i32 = 1;
const LEFT_OVER: i32 = -2;
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

/// A number of cells or labels as part of a score.
fn count(number: usize) -> i32 {
    i32::try_from(number.min(1_000)).unwrap_or_default()
}

/// Reads one line as one row, with what is known of the columns.
struct Reader<'a> {
    lines: &'a [Line<'a>],
    template: &'a Template,
    /// For each line, the first heading or header of the form that it is.
    again: Vec<Option<usize>>,
    /// Lines that are a header, with the header's row.
    headers: Vec<(usize, usize)>,
}

impl<'a> Reader<'a> {
    fn new(lines: &'a [Line<'a>], template: &'a Template) -> Reader<'a> {
        let mut reader = Reader { lines, template, again: vec![None; lines.len()], headers: Vec::new() };
        for (at, line) in lines.iter().enumerate() {
            for (index, row) in template.rows.iter().enumerate().filter(|(_, row)| row.kind != Kind::Body) {
                let whole = match row.kind {
                    Kind::Heading => reader.read(at, index, true).is_some(),
                    _ => line.has_labels(row) && line.cells.len() <= row.labels().count() + row.groups.len(),
                };
                if line.has_labels(row) && row.kind == Kind::Header {
                    reader.headers.push((at, index));
                }
                if whole && reader.again[at].is_none() {
                    reader.again[at] = Some(index);
                }
            }
        }
        reader
    }

    /// The line as the row, when it can be that; `first` when no line before it was read as the same row.
    fn read(&self, at: usize, index: usize, first: bool) -> Option<Reading> {
        let row = &self.template.rows[index];
        let line = &self.lines[at];
        if row.kind == Kind::Heading {
            return heading(line, row);
        }
        // A group's label may stand before the row's own cells, and an item may be called as its group is: the
        // reading that explains more wins.
        let mut best: Option<Reading> = None;
        let mut taken = 0;
        let mut groups = row.groups.iter();
        let mut score = 0;
        let mut shift = 0;
        let mut missing = count(row.groups.iter().filter(|group| group.here && first).count());
        loop {
            if let Some(reading) = self.own(at, index, taken, shift) {
                let reading = Reading {
                    score: reading.score + score + missing * GROUP_MISSING,
                    labels: reading.labels + taken,
                    ..reading
                };
                if best.as_ref().is_none_or(|best| reading.score > best.score) {
                    best = Some(reading);
                }
            }
            let Some(text) = line.plain.get(taken) else { break };
            let Some(group) = groups.find(|group| group.label == *text) else { break };
            taken += 1;
            if group.here && first {
                score += GROUP;
                missing -= 1;
            } else {
                score += GROUP_AGAIN;
            }
            let column = line.cells[taken - 1].column;
            shift =
                self.column_of(at, index, group.column).map_or(0, |(begin, _)| begin.saturating_sub(column));
        }
        best
    }

    /// The cells behind `taken` group labels as the row's own.
    fn own(&self, at: usize, index: usize, taken: usize, shift: usize) -> Option<Reading> {
        let row = &self.template.rows[index];
        let line = &self.lines[at];
        let mut reading = Reading::default();
        let mut cursor = taken;
        // Places for values since the last label, and where their texts begin; `None` after a label that is missing.
        let mut slots: Vec<usize> = Vec::new();
        let mut open = Some(cursor);
        let flush = |slots: &mut Vec<usize>, open: Option<usize>, end: usize, reading: &mut Reading| {
            let slots = std::mem::take(slots);
            open.map_or(Some(()), |begin| self.assign(at, index, &slots, begin..end, shift, reading))
        };
        for (position, piece) in row.cells.iter().enumerate() {
            let Shows::Label(label) = &piece.shows else {
                slots.push(position);
                continue;
            };
            let found = line.plain[cursor..].iter().position(|text| text == label);
            if let Some(offset) = found {
                flush(&mut slots, open, cursor + offset, &mut reading)?;
                cursor += offset + 1;
                reading.labels += 1;
                reading.score += LABEL;
                open = Some(cursor);
                continue;
            }
            reading.score += LABEL_MISSING;
            if !slots.is_empty() && open.is_some() {
                // What stands behind may belong to the missing label as well: only the first texts are sure.
                let end = line.cells.len().min(cursor + slots.len());
                flush(&mut slots, open, end, &mut reading)?;
                cursor = end;
            }
            open = None;
        }
        let end = line.cells.len();
        if open.is_some() {
            flush(&mut slots, open, end, &mut reading)?;
        } else {
            reading.leftover.extend(cursor..end);
        }
        let has_labels = row.labels().next().is_some();
        let nothing = reading.labels == 0 && (has_labels || (reading.values.is_empty() && taken == 0));
        if !has_labels && !self.can_be_item(at, row, &reading) {
            return None;
        }
        reading.score += VALUE * count(reading.values.len()) + LEFT_OVER * count(reading.leftover.len());
        (!nothing).then_some(reading)
    }

    /// Whether a line without labels of its own is credible as an item of a list: any few texts in a row look like
    /// one, and what is not sure is better left to a person.
    fn can_be_item(&self, at: usize, row: &Row, reading: &Reading) -> bool {
        let line = &self.lines[at];
        let Some(&(_, first)) = reading.values.first() else { return true };
        let named = reading.values.iter().any(|(piece, _)| *piece == 0);
        let announces = line.cells[first].text.trim_end().ends_with([':', '：']);
        let mut amounts = reading
            .values
            .iter()
            .filter(|(piece, _)| row.cells[*piece].amount)
            .map(|(_, cell)| is_amount(&line.plain[*cell]))
            .peekable();
        let counts = amounts.peek().is_none() || amounts.any(|amount| amount);
        let other = self
            .template
            .rows
            .iter()
            .any(|row| row.is_single() && row.labels().count() > 1 && line.has_labels(row));
        named && !announces && counts && !other
    }

    /// Gives the texts of a range to places for values: by their number, else by their columns. `None` when neither
    /// tells.
    fn assign(
        &self,
        at: usize,
        index: usize,
        slots: &[usize],
        texts: std::ops::Range<usize>,
        shift: usize,
        reading: &mut Reading,
    ) -> Option<()> {
        if texts.len() == slots.len() {
            reading.values.extend(slots.iter().copied().zip(texts));
            return Some(());
        }
        if texts.is_empty() {
            return Some(());
        }
        let ranges: Vec<Option<(usize, usize)>> = self.ranges(at, index, slots);
        let known = !ranges.is_empty() && ranges.iter().all(Option::is_some);
        let row = &self.template.rows[index];
        if !known {
            // Beside a label the next text is its value; without one there is no telling.
            row.labels().next()?;
            if slots.len() == 1 {
                reading.values.push((slots[0], texts.start));
                reading.leftover.extend(texts.skip(1));
            } else {
                reading.leftover.extend(texts);
            }
            return Some(());
        }
        let fewer = texts.len() < slots.len();
        let mut used = vec![false; slots.len()];
        for text in texts {
            let column = self.lines[at].cells[text].column + shift;
            let hit = ranges
                .iter()
                .position(|range| range.is_some_and(|(begin, end)| begin <= column && column < end));
            match hit {
                Some(slot) if !used[slot] => {
                    used[slot] = true;
                    reading.values.push((slots[slot], text));
                }
                // A short row that lies outside its columns was shifted: its order is not enough to read it.
                None if fewer => return None,
                _ => reading.leftover.push(text),
            }
        }
        Some(())
    }

    /// Columns of the table (from, to) for places of a row, by the header above them. A place without a header of its
    /// own lies between its neighbours.
    fn ranges(&self, at: usize, index: usize, slots: &[usize]) -> Vec<Option<(usize, usize)>> {
        let row = &self.template.rows[index];
        let mut ranges: Vec<Option<(usize, usize)>> =
            slots.iter().map(|&slot| self.column_of(at, index, row.cells[slot].column)).collect();
        let exact = ranges.clone();
        for position in 0..ranges.len() {
            let free = |range: Option<&Option<(usize, usize)>>| range.is_none_or(Option::is_none);
            let next = exact.get(position + 1);
            let before = position.checked_sub(1).and_then(|before| exact.get(before));
            if exact[position].is_none() && !free(next) && (position == 0 || !free(before)) {
                let begin = before.copied().flatten().map_or(1, |(_, end)| end);
                ranges[position] = next.copied().flatten().map(|(end, _)| (begin, end));
            }
        }
        ranges
    }

    /// Columns of the table under the header of a column of the form.
    fn column_of(&self, at: usize, index: usize, column: usize) -> Option<(usize, usize)> {
        let of_row = (0..index).rev().find(|&row| self.template.rows[row].kind == Kind::Header)?;
        let (line, _) = self.headers.iter().rev().find(|(line, row)| *line < at && *row == of_row)?;
        let header = &self.template.rows[of_row];
        let piece = header.cells.iter().find(|piece| piece.column == column)?;
        let Shows::Label(label) = &piece.shows else { return None };
        let line = &self.lines[*line];
        let cell = line.cells[line.plain.iter().position(|text| text == label)?];
        Some((cell.column, cell.column + cell.columns))
    }
}

/// A line as a certain row of a form, wherever it stands.
pub(super) fn as_row(line: &Line<'_>, template: &Template, row: usize) -> Option<Reading> {
    Reader::new(std::slice::from_ref(line), template).read(0, row, true)
}

/// Whether a text is an amount, with a unit behind it or without.
fn is_amount(text: &str) -> bool {
    let number = text.trim_end_matches(|c: char| !c.is_ascii_digit()).replace(',', "");
    number.parse::<rust_decimal::Decimal>().is_ok()
}

/// A line above the table: its one text is the heading's, or has the heading's literals around its value.
fn heading(line: &Line<'_>, row: &Row) -> Option<Reading> {
    let ([text], [piece]) = (line.plain.as_slice(), row.cells.as_slice()) else { return None };
    match &piece.shows {
        Shows::Label(label) => {
            (text == label).then(|| Reading { score: 2 * LABEL, labels: 1, ..Reading::default() })
        }
        Shows::Values(parts) => {
            let literals: Vec<String> =
                parts.iter().filter(|part| part.path.is_none()).map(|part| plain(&part.text)).collect();
            let mut rest = text.as_str();
            for literal in literals.iter().filter(|literal| !literal.is_empty()) {
                rest = &rest[rest.find(literal.as_str())? + literal.len()..];
            }
            let bracketed = |c: char| "()[]".contains(c);
            let says_more = literals.iter().any(|literal| !literal.is_empty());
            let closed = parts.last().is_some_and(|part| part.path.is_some()) || rest.chars().all(bracketed);
            (says_more && closed && text.chars().count() <= LONGEST_HEADING).then(|| Reading {
                score: LABEL,
                labels: 1,
                values: vec![(0, 0)],
                leftover: Vec::new(),
            })
        }
    }
}

/// Longest line that is still taken for a heading with a value in it.
const LONGEST_HEADING: usize = 30;
