//! Which cells of a form are filled in. In the printed table a cell may show several values, or words of the form
//! around one; here every value has a cell of its own, so that what a person types is the value and nothing else. Such
//! a cell of the table is taken apart: side by side with the form's words where it has the columns for it, or else one
//! value above the other.

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;
use std::rc::Rc;

use crate::diag::{DataPath, Step};
use crate::form::{Content, Field, Form};
use crate::grid::{Grid, Part, Role, TextStyle};
use crate::render::xlsx::rows::count;
use crate::render::xlsx::sheet::Spot;

/// A place of the sheet.
#[derive(Debug)]
pub(super) struct Place<'a> {
    /// Where it is and what stands there.
    pub(super) spot: Spot<'a>,
    /// What it is for.
    pub(super) kind: Kind,
}

/// What a place is for.
#[derive(Debug)]
pub(super) enum Kind {
    /// Words of the form; `true` before a value that must not be left empty.
    Form(bool),
    /// Words of the form that lead to a value beside them, or follow it.
    Beside,
    /// A value that a person fills in.
    Input(Input),
    /// Shows once more what is filled in at another cell, given by row and column.
    Echo(u32, u16),
}

/// A value that a person fills in.
#[derive(Debug)]
pub(super) struct Input {
    /// Where it stands in the data.
    pub(super) path: DataPath,
    /// What the form says of it.
    pub(super) field: Rc<Field>,
    /// Words of the form that are printed around it and stand in no cell.
    pub(super) around: (String, String),
    /// Whether it must never be left empty. Where a required value is part of a list item, it may be as long as
    /// nothing of the item is filled in.
    pub(super) always: bool,
    /// The sheet rows of the table's cell that it was taken from.
    home: Range<u32>,
}

impl Input {
    /// The list item that it is part of.
    pub(super) fn item(&self) -> Option<DataPath> {
        let steps = self.path.steps();
        let last = steps.iter().rposition(|step| matches!(step, Step::Index(_)))?;
        let item = steps[..=last].iter().fold(DataPath::root(), |path, step| match step {
            Step::Key(key) => path.key(key.clone()),
            Step::Index(index) => path.index(*index),
        });
        Some(item)
    }
}

/// What a form says of its values, read off once for all items of a list.
pub(super) struct Fields<'a> {
    form: &'a Form,
    known: HashMap<DataPath, Rc<Field>>,
}

impl<'a> Fields<'a> {
    pub(super) fn new(form: &'a Form) -> Fields<'a> {
        Fields { form, known: HashMap::new() }
    }

    /// The field at a path.
    pub(super) fn at(&mut self, path: &DataPath) -> Rc<Field> {
        let first = path.steps().into_iter().fold(DataPath::root(), |first, step| match step {
            Step::Key(key) => first.key(key.clone()),
            Step::Index(_) => first.index(0),
        });
        let form = self.form;
        Rc::clone(self.known.entry(first).or_insert_with_key(|path| Rc::new(form.field(path))))
    }
}

/// How the parts of one place of the printed form are laid out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Plan {
    /// No value.
    Form,
    /// One value has the whole place.
    Whole(Value),
    /// Words and values side by side, each with its columns.
    Across(Vec<(Range<u16>, Piece)>),
    /// Values one above the other.
    Stacked(Vec<Value>),
}

/// A value and the words around it, as ranges of the parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Value {
    at: usize,
    before: Range<usize>,
    after: Range<usize>,
}

/// What stands in one of several cells side by side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Piece {
    /// Words.
    Words(Range<usize>),
    /// A value.
    Value(Value),
}

/// Plans a place. `columns` are its columns' widths in points, and `is_number` tells whether a value is a number, to
/// which a number format can add words.
///
/// # Errors
/// When there is no room for each value.
pub(super) fn plan(
    parts: &[Part],
    first: u16,
    columns: &[f64],
    style: &TextStyle,
    may_stack: bool,
    is_number: &mut dyn FnMut(&DataPath) -> bool,
) -> Result<Plan, String> {
    let values = values(parts);
    let shown = |range: &Range<usize>| parts[range.clone()].iter().any(|part| !part.text.trim().is_empty());
    if values.is_empty() {
        return Ok(Plan::Form);
    }
    let has_words = |value: &Value| shown(&value.before) || shown(&value.after);
    if let [value] = &values[..] {
        let is_number = parts[value.at].path.as_ref().is_some_and(is_number);
        if !has_words(value) || (is_number && !shown(&value.before)) {
            return Ok(Plan::Whole(value.clone()));
        }
    }
    let mut pieces = Vec::new();
    for value in &values {
        let words = |range: &Range<usize>| shown(range).then(|| Piece::Words(range.clone()));
        pieces.extend(words(&value.before));
        pieces.push(Piece::Value(value.clone()));
        pieces.extend(words(&value.after));
    }
    let has_words = pieces.len() > values.len();
    if has_words && pieces.len() <= columns.len() {
        return Ok(Plan::Across(side_by_side(&pieces, parts, first, columns, style)));
    }
    match &values[..] {
        [value] => Ok(Plan::Whole(value.clone())),
        _ if may_stack => Ok(Plan::Stacked(values)),
        _ if values.len() <= columns.len() => {
            let pieces: Vec<Piece> = values.into_iter().map(Piece::Value).collect();
            Ok(Plan::Across(side_by_side(&pieces, parts, first, columns, style)))
        }
        _ => Err(format!("标题行有{}个数据值，多于表格的列数", values.len())),
    }
}

/// The values of a cell. Words between two values belong to the second from the first on that ends like a label.
fn values(parts: &[Part]) -> Vec<Value> {
    let places: Vec<usize> = (0..parts.len()).filter(|&at| parts[at].path.is_some()).collect();
    let is_label = |at: &usize| parts[*at].text.trim_end().ends_with(['：', ':']);
    let mut values: Vec<Value> = Vec::with_capacity(places.len());
    let mut start = 0;
    for &at in &places {
        let cut = match values.last_mut() {
            None => start,
            Some(last) => {
                let cut = (start..at).find(is_label).unwrap_or(at);
                last.after = start..cut;
                cut
            }
        };
        values.push(Value { at, before: cut..at, after: at + 1..at + 1 });
        start = at + 1;
    }
    if let Some(last) = values.last_mut() {
        last.after = start..parts.len();
    }
    values
}

/// Gives words the fewest columns that hold them, and values the others.
fn side_by_side(
    pieces: &[Piece],
    parts: &[Part],
    first: u16,
    columns: &[f64],
    style: &TextStyle,
) -> Vec<(Range<u16>, Piece)> {
    let mut left = 0;
    let mut laid = Vec::with_capacity(pieces.len());
    for number in 0..pieces.len() {
        let after = &pieces[number + 1..];
        let most = columns.len() - left - after.len();
        let taken = match &pieces[number] {
            Piece::Words(range) => {
                let text = parts[range.clone()].iter().flat_map(|part| part.text.trim().chars());
                let needed: f64 = text.map(|c| if c.is_ascii() { 0.5 } else { 1.0 } * style.size).sum();
                let mut width = 0.0;
                let fits = columns[left..left + most].iter().position(|column| {
                    width += column;
                    width >= needed + style.size
                });
                fits.map_or(most, |position| position + 1)
            }
            Piece::Value(_) => {
                let others = after.iter().filter(|piece| matches!(piece, Piece::Value(_))).count();
                if after.is_empty() { most } else { (most / (others + 1)).max(1) }
            }
        };
        let column = |offset: usize| first + u16::try_from(offset).unwrap_or(u16::MAX);
        laid.push((column(left)..column(left + taken), pieces[number].clone()));
        left += taken;
    }
    laid
}

/// Plans for all places of the printed sheet, in their order.
///
/// # Errors
/// As [`plan`].
pub(super) fn plans(grid: &Grid, spots: &[Spot<'_>], fields: &mut Fields<'_>) -> Result<Vec<Plan>, String> {
    let mut plan_of = |spot: &Spot<'_>| {
        let columns = &grid.style.columns[usize::from(spot.cols.start)..usize::from(spot.cols.end)];
        let cell = spot.cell(grid);
        let style = cell.map_or(&grid.style.field, |cell| grid.text_style(cell));
        let mut is_number = |path: &DataPath| is_number(fields.at(path).content);
        plan(spot.parts, spot.cols.start, columns, style, cell.is_some(), &mut is_number)
    };
    spots.iter().map(&mut plan_of).collect()
}

/// Whether a value is held as a number.
pub(super) fn is_number(content: Content) -> bool {
    match content {
        Content::Year | Content::Whole { .. } | Content::Decimal { .. } => true,
        Content::Text | Content::Code(_) => false,
    }
}

/// Sheet rows that each row of the table needs so that values can stand one above the other.
pub(super) fn least_rows(grid: &Grid, spots: &[Spot<'_>], plans: &[Plan]) -> Vec<u32> {
    let mut least = vec![1; grid.rows.len()];
    for (spot, plan) in spots.iter().zip(plans) {
        if let (Some(cell), Plan::Stacked(values)) = (spot.cell(grid), plan) {
            let missing = values.len().saturating_sub(cell.rowspan);
            let needed = 1 + u32::try_from(missing).unwrap_or(u32::MAX);
            least[cell.row] = least[cell.row].max(needed);
        }
    }
    least
}

/// All places of the sheet. `spots` are those of the printed table, `plans` stand in the same order.
pub(super) fn places<'a>(spots: Vec<Spot<'a>>, plans: Vec<Plan>, fields: &mut Fields<'_>) -> Vec<Place<'a>> {
    let mut places: Vec<Place<'a>> = Vec::with_capacity(spots.len());
    let mut seen: BTreeMap<DataPath, (u32, u16)> = BTreeMap::new();
    for (spot, plan) in spots.into_iter().zip(plans) {
        let mut value = |value: &Value, rows: Range<u32>, cols: Range<u16>, beside: bool| {
            let piece = spot.piece(value.at..value.at + 1, rows, cols);
            let Some(path) = spot.parts[value.at].path.clone() else {
                return Place { spot: piece, kind: Kind::Form(false) };
            };
            if let Some(&(row, col)) = seen.get(&path) {
                let nothing = spot.piece(value.at..value.at, piece.rows, piece.cols);
                return Place { spot: nothing, kind: Kind::Echo(row, col) };
            }
            seen.insert(path.clone(), (piece.rows.start, piece.cols.start));
            let field = fields.at(&path);
            let words = |range: &Range<usize>| {
                let words = spot.parts[range.clone()].iter().map(|part| part.text.as_str());
                if beside { String::new() } else { words.collect::<String>().trim().to_owned() }
            };
            let around = (words(&value.before), words(&value.after));
            let always = field.required && is_among_least(&path, &field.least);
            Place {
                spot: piece,
                kind: Kind::Input(Input { path, field, around, always, home: spot.rows.clone() }),
            }
        };
        match plan {
            Plan::Form => places.push(Place { spot, kind: Kind::Form(false) }),
            Plan::Whole(only) => {
                let place = value(&only, spot.rows.clone(), spot.cols.clone(), false);
                places.push(place);
            }
            Plan::Stacked(values) => {
                let (height, number) = (count_of(&spot.rows), count(&values));
                let edge = |at: u32| spot.rows.start + at * height / number;
                for (at, stacked) in (0..).zip(&values) {
                    let place = value(stacked, edge(at)..edge(at + 1), spot.cols.clone(), false);
                    places.push(place);
                }
            }
            Plan::Across(pieces) => {
                let beside = pieces.iter().any(|(_, piece)| matches!(piece, Piece::Words(_)));
                for (cols, piece) in pieces {
                    let place = match piece {
                        Piece::Words(words) => {
                            Place { spot: spot.piece(words, spot.rows.clone(), cols), kind: Kind::Beside }
                        }
                        Piece::Value(only) => value(&only, spot.rows.clone(), cols, beside),
                    };
                    places.push(place);
                }
            }
        }
    }
    mark(&mut places);
    places
}

fn count_of(rows: &Range<u32>) -> u32 {
    rows.end - rows.start
}

/// Whether a value belongs to no list, or to the items that each list must have.
fn is_among_least(path: &DataPath, least: &[usize]) -> bool {
    let indices = path.steps().into_iter().filter_map(|step| match step {
        Step::Index(index) => Some(*index),
        Step::Key(_) => None,
    });
    indices.zip(least).all(|(index, least)| index < *least)
}

/// Marks the labels that stand before a value which must not be left empty.
fn mark(places: &mut [Place<'_>]) {
    let needy: Vec<(Range<u32>, u16)> = places
        .iter()
        .filter_map(|place| match &place.kind {
            Kind::Input(input) if input.always => Some((input.home.clone(), place.spot.cols.start)),
            _ => None,
        })
        .collect();
    for place in places.iter_mut().filter(|place| place.spot.role() == Some(Role::Label)) {
        if let Kind::Form(marked) = &mut place.kind {
            let is_before =
                |(home, col): &(Range<u32>, u16)| *home == place.spot.rows && *col == place.spot.cols.end;
            *marked = needy.iter().any(is_before);
        }
    }
}
