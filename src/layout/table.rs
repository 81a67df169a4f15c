//! What a rendered template says, read into headings, rows and cells. Groups become cells that span their rows.

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;

use serde::Deserialize;

use super::datum::Outcome;
use super::formula::Definition;
use super::settle::settle;
use crate::form::Length;
use crate::grid::{Align, Cell, Field, Heading, Look, Part, Role, RowKind, Strip, printed_date};

/// Headings, rows and cells in the order of the template.
#[derive(Debug)]
pub(super) struct Table {
    /// Lines above the table.
    pub headings: Vec<Heading>,
    /// Kind of each row.
    pub rows: Vec<RowKind>,
    /// Cells at their positions.
    pub cells: Vec<Cell>,
    /// Lines of fields above the table.
    pub above: Vec<Strip>,
    /// Lines of fields below it.
    pub below: Vec<Strip>,
}

impl Table {
    /// The first words of a row (from 0), for messages.
    pub(super) fn words(&self, row: usize) -> String {
        let mut texts = self.cells.iter().filter(|cell| cell.row == row).map(Cell::text);
        match texts.find(|text| !text.trim().is_empty()) {
            Some(text) => format!("（这一行有“{}”）", text.replace('\n', "")),
            None => String::new(),
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Rendered {
    #[serde(default)]
    headings: Vec<Content>,
    #[serde(default)]
    above: Vec<Vec<RenderedField>>,
    rows: Vec<RenderedRow>,
    #[serde(default)]
    below: Vec<Vec<RenderedField>>,
}

/// A field of a line without frame.
#[derive(Deserialize)]
#[serde(untagged)]
enum RenderedField {
    Plain(Content),
    Aligned { field: Content, align: Align },
}

/// A row of cells, or a group: a cell that spans the rows below it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RenderedRow {
    header: Option<String>,
    cells: Option<Vec<RenderedCell>>,
    group: Option<RenderedGroup>,
    rows: Option<Vec<RenderedRow>>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum RenderedGroup {
    One(Box<RenderedCell>),
    Many(Vec<RenderedCell>),
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct RenderedCell {
    label: Option<Content>,
    header: Option<Content>,
    value: Option<Content>,
    text: Option<Content>,
    amount: Option<Content>,
    date: Option<Content>,
    #[serde(deserialize_with = "present")]
    blank: bool,
    cols: Option<usize>,
    rows: Option<usize>,
    outline: bool,
    name: Option<String>,
    align: Option<Align>,
    indent: f64,
    height: Option<Length>,
}

/// `blank:` stands without a value.
fn present<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    serde::de::IgnoredAny::deserialize(deserializer).map(|_| true)
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Content {
    Literal(String),
    Parts(Vec<Piece>),
    Computed { calc: Box<Definition> },
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Piece {
    /// Position in the parts that `cell()` collected.
    Data(usize),
    Literal(String),
}

/// Reads the YAML that a template rendered.
///
/// # Errors
/// What is wrong with it, in Chinese, with the row where possible.
pub(super) fn read(
    rendered: &str,
    outcome: &Outcome,
    headers: &BTreeMap<String, bool>,
    columns: usize,
) -> Result<Table, String> {
    let table: Rendered = serde_yaml::from_str(rendered).map_err(|error| {
        let line = error.location().map_or(0, |at| at.line());
        let text = rendered.lines().nth(line.saturating_sub(1)).unwrap_or_default().trim();
        format!("模板生成的内容不是要求的 YAML（{error}）：{text}")
    })?;
    let mut reader = Reader {
        parts: &outcome.parts,
        headers,
        rows: Vec::new(),
        cells: Vec::new(),
        taken: Vec::new(),
        names: HashMap::new(),
        formulas: Vec::new(),
    };
    let headings = table
        .headings
        .into_iter()
        .enumerate()
        .map(|(level, content)| Ok(Heading { parts: reader.content(content)?, level }))
        .collect::<Result<_, String>>()?;
    let (above, below) = (reader.strips(table.above, columns)?, reader.strips(table.below, columns)?);
    reader.rows(table.rows, 0)?;
    settle(&mut reader.cells, &reader.names, reader.formulas, &outcome.operands)?;
    Ok(Table { headings, rows: reader.rows, cells: reader.cells, above, below })
}

struct Reader<'a> {
    parts: &'a [Part],
    headers: &'a BTreeMap<String, bool>,
    rows: Vec<RowKind>,
    cells: Vec<Cell>,
    /// Places that cells of several rows take in the rows below them: rows and columns.
    taken: Vec<(Range<usize>, Range<usize>)>,
    /// Cells by the names that formulas call them.
    names: HashMap<String, Vec<usize>>,
    /// Cells that are calculated.
    formulas: Vec<(usize, Definition)>,
}

impl Reader<'_> {
    fn strips(&self, strips: Vec<Vec<RenderedField>>, columns: usize) -> Result<Vec<Strip>, String> {
        let read = |strip: Vec<RenderedField>| {
            if strip.is_empty() || strip.len() > columns {
                return Err(format!("表格上下的一行应有 1 到 {columns} 栏，这里有 {} 栏", strip.len()));
            }
            let field = |field| {
                let (content, align) = match field {
                    RenderedField::Plain(content) => (content, Align::Left),
                    RenderedField::Aligned { field, align } => (field, align),
                };
                Ok(Field { parts: self.content(content)?, align })
            };
            Ok(Strip { fields: strip.into_iter().map(field).collect::<Result<_, String>>()? })
        };
        strips.into_iter().map(read).collect()
    }

    /// Reads rows whose first free column is `left`.
    fn rows(&mut self, rows: Vec<RenderedRow>, left: usize) -> Result<(), String> {
        for row in rows {
            let at = self.rows.len() + 1;
            match row {
                RenderedRow { group: Some(group), rows: Some(inner), cells: None, header: None } => {
                    let group = match group {
                        RenderedGroup::One(cell) => vec![*cell],
                        RenderedGroup::Many(cells) => cells,
                    };
                    let top = self.rows.len();
                    let first = self.cells.len();
                    let left = self.cells(group, top, left)?;
                    let last = self.cells.len();
                    self.rows(inner, left)?;
                    let height = self.rows.len() - top;
                    if height == 0 {
                        return Err(format!("第{at}行的 group 没有任何行"));
                    }
                    for cell in &mut self.cells[first..last] {
                        if cell.rowspan > 1 {
                            return Err(format!("第{at}行的 group 不能写 rows，它的行数就是 rows 里的行数"));
                        }
                        cell.rowspan = height;
                    }
                }
                RenderedRow { cells: Some(cells), header, group: None, rows: None } => {
                    let kind = match header {
                        None => RowKind::Body,
                        Some(name) => {
                            let repeat = self.headers.get(&name).copied().ok_or_else(|| {
                                format!("第{at}行的表头“{name}”没有写在 form.yaml 的 headers 里")
                            })?;
                            RowKind::Header { repeat }
                        }
                    };
                    let top = self.rows.len();
                    self.rows.push(kind);
                    self.cells(cells, top, left)?;
                }
                _ => return Err(format!("第{at}行要么写 cells，要么同时写 group 和 rows")),
            }
        }
        Ok(())
    }

    /// Places cells side by side; returns the column after the last.
    fn cells(&mut self, cells: Vec<RenderedCell>, row: usize, left: usize) -> Result<usize, String> {
        let mut col = left;
        for (position, cell) in cells.into_iter().enumerate() {
            let said = [
                (Role::Label, cell.label),
                (Role::Header, cell.header),
                (Role::Value, cell.value),
                (Role::Text, cell.text),
                (Role::Amount, cell.amount),
                (Role::Date, cell.date),
                (Role::Blank, cell.blank.then(|| Content::Parts(Vec::new()))),
            ];
            let mut said = said.into_iter().filter_map(|(role, content)| Some((role, content?)));
            let (Some((role, content)), None) = (said.next(), said.next()) else {
                return Err(format!(
                    "第{}行第{}格要写 label、header、value、text、amount、date、blank 中的一个",
                    row + 1,
                    position + 1
                ));
            };
            while let Some((_, cols)) =
                self.taken.iter().find(|(rows, cols)| rows.contains(&row) && cols.contains(&col))
            {
                col = cols.end;
            }
            let (rowspan, colspan) = (cell.rows.unwrap_or(1), cell.cols.unwrap_or(1));
            if rowspan > 1 {
                self.taken.push((row + 1..row + rowspan, col..col + colspan));
            }
            let at = self.cells.len();
            let parts = match content {
                Content::Computed { calc } => {
                    self.formulas.push((at, *calc));
                    Vec::new()
                }
                content => self.content(content)?,
            };
            let parts = if role == Role::Date { parts.into_iter().map(dated).collect() } else { parts };
            if let Some(name) = cell.name {
                self.names.entry(name).or_default().push(at);
            }
            let look = Look {
                align: cell.align,
                indent: cell.indent,
                height: cell.height.map_or(0.0, |Length(points)| points),
            };
            let outlined = cell.outline;
            self.cells.push(Cell { row, col, rowspan, colspan, role, parts, outlined, look, computed: None });
            col += colspan;
        }
        Ok(col)
    }

    fn content(&self, content: Content) -> Result<Vec<Part>, String> {
        let literal = |text: String| Part { text, path: None, source: None };
        match content {
            Content::Literal(text) => Ok(vec![literal(text)]),
            Content::Parts(pieces) => pieces
                .into_iter()
                .map(|piece| match piece {
                    Piece::Literal(text) => Ok(literal(text)),
                    Piece::Data(position) => self
                        .parts
                        .get(position)
                        .cloned()
                        .ok_or_else(|| format!("单元格引用了不存在的数据值 {position}")),
                })
                .collect(),
            Content::Computed { .. } => Err("calc() 只能单独放在表格的一个单元格里".to_owned()),
        }
    }
}

/// A value of the data as a date.
fn dated(part: Part) -> Part {
    if part.path.is_none() {
        return part;
    }
    let text = printed_date(&part.text);
    let source = part.source.or_else(|| (text != part.text).then_some(part.text));
    Part { text, source, ..part }
}
