//! What a rendered template says, read into headings, rows and cells. Groups become cells that span their rows.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::grid::{Cell, Heading, Part, Role, RowKind};

/// Headings, rows and cells in the order of the template.
#[derive(Debug)]
pub(super) struct Table {
    /// Lines above the table.
    pub headings: Vec<Heading>,
    /// Kind of each row.
    pub rows: Vec<RowKind>,
    /// Cells at their positions.
    pub cells: Vec<Cell>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Rendered {
    #[serde(default)]
    headings: Vec<Content>,
    rows: Vec<RenderedRow>,
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
    One(RenderedCell),
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
    #[serde(deserialize_with = "present")]
    blank: bool,
    cols: Option<usize>,
    outline: bool,
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
    parts: &[Part],
    headers: &BTreeMap<String, bool>,
) -> Result<Table, String> {
    let table: Rendered = serde_yaml::from_str(rendered).map_err(|error| {
        let line = error.location().map_or(0, |at| at.line());
        let text = rendered.lines().nth(line.saturating_sub(1)).unwrap_or_default().trim();
        format!("模板生成的内容不是要求的 YAML（{error}）：{text}")
    })?;
    let mut reader = Reader { parts, headers, rows: Vec::new(), cells: Vec::new() };
    let headings = table
        .headings
        .into_iter()
        .enumerate()
        .map(|(level, content)| Ok(Heading { parts: reader.content(content)?, level }))
        .collect::<Result<_, String>>()?;
    reader.rows(table.rows, 0)?;
    Ok(Table { headings, rows: reader.rows, cells: reader.cells })
}

struct Reader<'a> {
    parts: &'a [Part],
    headers: &'a BTreeMap<String, bool>,
    rows: Vec<RowKind>,
    cells: Vec<Cell>,
}

impl Reader<'_> {
    /// Reads rows whose first free column is `left`.
    fn rows(&mut self, rows: Vec<RenderedRow>, left: usize) -> Result<(), String> {
        for row in rows {
            let at = self.rows.len() + 1;
            match row {
                RenderedRow { group: Some(group), rows: Some(inner), cells: None, header: None } => {
                    let group = match group {
                        RenderedGroup::One(cell) => vec![cell],
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
                (Role::Blank, cell.blank.then(|| Content::Parts(Vec::new()))),
            ];
            let mut said = said.into_iter().filter_map(|(role, content)| Some((role, content?)));
            let (Some((role, content)), None) = (said.next(), said.next()) else {
                return Err(format!(
                    "第{}行第{}格要写 label、header、value、text、amount、blank 中的一个",
                    row + 1,
                    position + 1
                ));
            };
            let colspan = cell.cols.unwrap_or(1);
            let parts = self.content(content)?;
            self.cells.push(Cell { row, col, rowspan: 1, colspan, role, parts, outlined: cell.outline });
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
        }
    }
}
