//! What a form's table looks like to a reader: its labels, groups and places for values, row by row. It is read off
//! the form itself, laid out on data in which every value is there, so no form needs a second description.

use std::path::Path;
use std::sync::Arc;

use unicode_normalization::UnicodeNormalization;

use crate::diag::{DataPath, Finding, Step};
use crate::form::{FORM_KEY, Form, Shape};
use crate::grid::{Cell, Part, Role, RowKind};
use crate::layout::Layouter;
use crate::load;
use crate::yaml::{self, Data};

/// A form as a reader of tables sees it.
#[derive(Debug)]
pub(super) struct Template {
    /// The form.
    pub form: Arc<Form>,
    /// Its lines above the table and its rows, top to bottom.
    pub rows: Vec<Row>,
}

/// What a row is to a reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A line above the table.
    Heading,
    /// Names of columns; may stand again on a further page.
    Header,
    /// Labels and values.
    Body,
}

/// A row, with one row standing for all items of a list.
#[derive(Debug)]
pub(super) struct Row {
    pub kind: Kind,
    /// Labels that span this row and others, outermost first.
    pub groups: Vec<Group>,
    /// The row's own cells.
    pub cells: Vec<Piece>,
    /// The innermost list that the row shows an item of.
    pub list: Option<DataPath>,
    /// Whether an item of that list begins in this row.
    pub opens: bool,
}

/// A label that spans several rows.
#[derive(Debug)]
pub(super) struct Group {
    /// Its text as [`plain`] gives it.
    pub label: String,
    /// Its column in the form.
    pub column: usize,
    /// Whether it begins in this row.
    pub here: bool,
}

/// A cell of a row.
#[derive(Debug)]
pub(super) struct Piece {
    /// Its column in the form.
    pub column: usize,
    /// What it shows.
    pub shows: Shows,
    /// Whether its value is an amount.
    pub amount: bool,
}

/// What a cell shows.
#[derive(Debug)]
pub(super) enum Shows {
    /// A label, as [`plain`] gives it.
    Label(String),
    /// Values, with the literals around them; none for what the form works out by itself.
    Values(Vec<Part>),
}

impl Row {
    /// The row's own labels.
    pub(super) fn labels(&self) -> impl Iterator<Item = &str> {
        self.cells.iter().filter_map(|piece| match &piece.shows {
            Shows::Label(label) => Some(label.as_str()),
            Shows::Values(_) => None,
        })
    }

    /// Paths of the values, list items as the first of their list.
    pub(super) fn paths(&self) -> impl Iterator<Item = &DataPath> {
        self.cells.iter().flat_map(Piece::parts).filter_map(|part| part.path.as_ref())
    }

    /// Whether a row of the table that has these labels can be this row only.
    pub(super) fn is_single(&self) -> bool {
        self.kind == Kind::Body && self.list.is_none() && self.labels().next().is_some()
    }
}

impl Piece {
    /// The parts of a place for values.
    pub(super) fn parts(&self) -> &[Part] {
        match &self.shows {
            Shows::Values(parts) => parts,
            Shows::Label(_) => &[],
        }
    }
}

/// A label's words alone: widths of characters, blanks and line breaks do not tell labels apart.
pub(super) fn plain(label: &str) -> String {
    let text: String = label.nfkc().filter(|c| !c.is_whitespace()).collect();
    text.trim_end_matches(':').to_owned()
}

impl Template {
    /// Reads a form's table.
    ///
    /// # Errors
    /// What is wrong with the form's template.
    pub(super) fn new(form: &Arc<Form>) -> Result<Template, Vec<Finding>> {
        let layouter = Layouter::new(Arc::clone(form))?;
        let text = yaml::write(form, &probe(form), &[]);
        let document = load::parse(Path::new(FORM_KEY), text).map_err(|finding| vec![finding])?;
        let grid = layouter.grid(&document)?;
        let mut rows: Vec<Row> = grid.headings.iter().map(|heading| line(&heading.parts)).collect();
        for (index, kind) in grid.rows.iter().enumerate() {
            let group = |cell: &Cell| cell.rowspan > 1 && cell.role.is_heading();
            let covering: Vec<&Cell> = (0..grid.style.columns.len())
                .map(|column| grid.covering(index, column))
                .scan(None, |last, cell| Some((last.replace(cell) != Some(cell)).then_some(cell)))
                .flatten()
                .map(|cell| &grid.cells[cell])
                .collect();
            let groups = covering.iter().filter(|cell| group(cell)).map(|cell| Group {
                label: plain(&cell.text()),
                column: cell.col,
                here: cell.row == index,
            });
            let own = covering.iter().filter(|cell| !group(cell) && cell.row == index);
            let cells: Vec<Piece> = own.filter_map(|cell| piece(cell)).collect();
            let kind = if matches!(kind, RowKind::Header { .. }) { Kind::Header } else { Kind::Body };
            rows.push(Row { kind, groups: groups.collect(), cells, list: None, opens: false });
        }
        rows.retain(|row| row.paths().all(is_first));
        for index in 0..rows.len() {
            rows[index].list = rows[index].paths().filter_map(list_of).max_by_key(|path| path.steps().len());
            rows[index].opens = rows[index].list.is_some()
                && !rows[..index].iter().any(|before| before.list == rows[index].list);
        }
        Ok(Template { form: Arc::clone(form), rows })
    }
}

fn line(parts: &[Part]) -> Row {
    let is_label = parts.iter().all(|part| part.path.is_none());
    let text: String = parts.iter().map(|part| part.text.as_str()).collect();
    let shows = if is_label { Shows::Label(plain(&text)) } else { Shows::Values(parts.to_vec()) };
    let cells = vec![Piece { column: 0, shows, amount: false }];
    Row { kind: Kind::Heading, groups: Vec::new(), cells, list: None, opens: false }
}

fn piece(cell: &Cell) -> Option<Piece> {
    let shows = match cell.role {
        Role::Blank => return None,
        Role::Label | Role::Header if cell.parts.iter().all(|part| part.path.is_none()) => {
            Shows::Label(plain(&cell.text()))
        }
        _ => Shows::Values(cell.parts.clone()),
    };
    Some(Piece { column: cell.col, shows, amount: cell.role == Role::Amount })
}

/// Whether a path leads to the first item of each list on its way.
fn is_first(path: &DataPath) -> bool {
    path.steps().iter().all(|step| !matches!(step, Step::Index(index) if *index > 0))
}

/// The innermost list on a path.
pub(super) fn list_of(path: &DataPath) -> Option<DataPath> {
    let steps = path.steps();
    let last = steps.iter().rposition(|step| matches!(step, Step::Index(_)))?;
    Some(along(&steps[..last]))
}

/// The path with its innermost list position replaced.
pub(super) fn in_item(path: &DataPath, item: usize) -> DataPath {
    let steps = path.steps();
    let Some(last) = steps.iter().rposition(|step| matches!(step, Step::Index(_))) else {
        return path.clone();
    };
    let item = Step::Index(item);
    let steps: Vec<&Step> =
        steps.iter().enumerate().map(|(at, step)| if at == last { &item } else { *step }).collect();
    along(&steps)
}

fn along(steps: &[&Step]) -> DataPath {
    steps.iter().fold(DataPath::root(), |path, step| match step {
        Step::Key(key) => path.key(key.clone()),
        Step::Index(index) => path.index(*index),
    })
}

/// Data with every value that the schema knows, two items in each list, so that a group of one item spans two rows
/// and can be told from a label of one row.
fn probe(form: &Form) -> Data {
    let mut data = fill(&form.schema.shape);
    data.set(&DataPath::root().key(FORM_KEY), Data::Text(form.id.clone()));
    data
}

fn fill(shape: &Shape) -> Data {
    match shape {
        Shape::Map(keys) => Data::Map(keys.iter().map(|(key, shape)| (key.clone(), fill(shape))).collect()),
        Shape::List(item) => Data::List(vec![fill(item), fill(item)]),
        Shape::Scalar | Shape::Any => Data::Text("0".to_owned()),
    }
}
