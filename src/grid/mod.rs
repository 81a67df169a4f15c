//! The neutral table model that every renderer draws: columns, rows, cells with span and role, and for each
//! piece of text the data path it shows. It knows nothing of forms, files, fonts or output formats.
//!
//! A [`Grid`] that exists is sound: [`Grid::new`] refuses gaps, overlaps and spans that leave the table.

mod computed;
mod date;
mod golden;
mod style;

use std::fmt::{self, Display, Formatter};
use std::sync::Arc;

use crate::diag::DataPath;
pub use computed::{Computed, Operand, Source};
pub use date::{day, printed_date};
pub use style::{Align, FaceList, FooterKind, Look, Paper, Style, TextStyle};

/// What a cell is, which decides its typeface, its alignment and its tag in the PDF's structure tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Role {
    /// Names the row or the rows beside it (a row header).
    Label,
    /// Names the column below it (a column header).
    Header,
    /// A short value, centred.
    Value,
    /// Long text, left-aligned, a paragraph on each line.
    Text,
    /// A decimal amount in the form's money unit.
    Amount,
    /// A date, typed as `2024-03-01` and printed as `2024年3月1日`.
    Date,
    /// An empty cell of the printed form.
    #[default]
    Blank,
}

impl Role {
    /// The word that templates and golden files use for the role.
    pub fn name(self) -> &'static str {
        match self {
            Role::Label => "label",
            Role::Header => "header",
            Role::Value => "value",
            Role::Text => "text",
            Role::Amount => "amount",
            Role::Date => "date",
            Role::Blank => "blank",
        }
    }

    /// Whether the cell names others, so that it is a header in the structure tree and locked in a workbook.
    pub fn is_heading(self) -> bool {
        matches!(self, Role::Label | Role::Header)
    }
}

/// One piece of a cell's text: a literal of the form, or one data value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// What is printed; `\n` separates paragraphs.
    pub text: String,
    /// Where the text comes from; `None` for a literal.
    pub path: Option<DataPath>,
    /// The value as it stands in the data, where markup or blanks make it differ from `text`.
    pub source: Option<String>,
}

/// One cell, anchored at its top left position (from 0).
#[derive(Debug, Clone, PartialEq)]
pub struct Cell {
    /// Row of the anchor.
    pub row: usize,
    /// Column of the anchor.
    pub col: usize,
    /// Rows covered, at least 1.
    pub rowspan: usize,
    /// Columns covered, at least 1.
    pub colspan: usize,
    /// What the cell is.
    pub role: Role,
    /// The text, in order; empty for a blank cell.
    pub parts: Vec<Part>,
    /// Whether the cell's text is an entry of the document outline.
    pub outlined: bool,
    /// How it differs from others of its role.
    pub look: Look,
    /// How its number is calculated, for a cell that nobody fills in.
    pub computed: Option<Box<Computed>>,
}

impl Default for Cell {
    /// A blank cell of one row and one column.
    fn default() -> Cell {
        Cell {
            row: 0,
            col: 0,
            rowspan: 1,
            colspan: 1,
            role: Role::Blank,
            parts: Vec::new(),
            outlined: false,
            look: Look::default(),
            computed: None,
        }
    }
}

impl Cell {
    /// The whole text as printed, paragraphs separated by `\n`.
    pub fn text(&self) -> String {
        self.parts.iter().map(|part| part.text.as_str()).collect()
    }

    /// The single data value that the cell shows with nothing around it.
    pub fn sole_value(&self) -> Option<&Part> {
        match self.parts.as_slice() {
            [part] if part.path.is_some() => Some(part),
            _ => None,
        }
    }
}

/// What a row is to pagination.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RowKind {
    /// An ordinary row.
    Body,
    /// A header row: never the last of a page, and drawn again on the next page when `repeat` is set.
    Header {
        /// Whether the row stands again at the top of each page that continues its table.
        repeat: bool,
    },
}

/// Facts about the document that go into metadata and file properties.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Meta {
    /// Id of the form, its folder's name.
    pub form: String,
    /// Version of the form.
    pub form_version: String,
    /// Name of the project, the document's title.
    pub title: String,
    /// The form's printed name.
    pub subject: String,
    /// Department or unit that files the table.
    pub author: String,
    /// Budget year.
    pub year: i32,
    /// Name that the form gives to a workbook's sheet.
    pub sheet: String,
}

/// A printed line above the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heading {
    /// The line's text with its sources.
    pub parts: Vec<Part>,
    /// 0 for the title, 1 and more for the lines below it.
    pub level: usize,
}

impl Heading {
    /// The line's text.
    pub fn text(&self) -> String {
        self.parts.iter().map(|part| part.text.as_str()).collect()
    }
}

/// A line of fields above or below the table, without frame, each as wide as the others.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Strip {
    /// From left to right.
    pub fields: Vec<Field>,
}

/// One field of a strip, such as `填报人：`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// The field's text with its sources.
    pub parts: Vec<Part>,
    /// Where in its share of the line it stands.
    pub align: Align,
}

/// A complete official table, ready to be measured and drawn.
#[derive(Debug, Clone, PartialEq)]
pub struct Grid {
    /// The form's typography and paper.
    pub style: Arc<Style>,
    /// Document facts.
    pub meta: Meta,
    /// Lines above the table.
    pub headings: Vec<Heading>,
    /// Lines of fields between the headings and the table.
    pub above: Vec<Strip>,
    /// Lines of fields below the table, which stand on a page with its last row.
    pub below: Vec<Strip>,
    /// Kind of each row, top to bottom.
    pub rows: Vec<RowKind>,
    /// Cells in reading order (by row, then column).
    pub cells: Vec<Cell>,
    /// Data values that the form does not print, kept so that a workbook loses nothing.
    pub unprinted: Vec<Part>,
    /// Remarks on data values, for outputs that can show them beside the cell.
    pub notes: Vec<(DataPath, String)>,
    cover: Vec<u32>,
}

/// Why cells do not make a table. Rows and columns count from 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GridError {
    /// No cell covers the position.
    Gap {
        /// Row of the uncovered position.
        row: usize,
        /// Column of the uncovered position.
        col: usize,
    },
    /// Two cells cover the position.
    Overlap {
        /// Row of the doubly covered position.
        row: usize,
        /// Column of the doubly covered position.
        col: usize,
    },
    /// A cell reaches past the last row or column, or spans nothing.
    Outside {
        /// Row of the cell's anchor.
        row: usize,
        /// Column of the cell's anchor.
        col: usize,
    },
    /// The table has no row.
    Empty,
}

impl Display for GridError {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            GridError::Gap { row, col } => write!(f, "第{row}行第{col}列没有单元格"),
            GridError::Overlap { row, col } => write!(f, "第{row}行第{col}列被两个单元格占用"),
            GridError::Outside { row, col } => write!(f, "第{row}行第{col}列的单元格超出表格范围"),
            GridError::Empty => f.write_str("表格没有任何行"),
        }
    }
}

impl std::error::Error for GridError {}

impl GridError {
    /// The row that it is about, from 1.
    pub fn row(&self) -> Option<usize> {
        match self {
            GridError::Gap { row, .. } | GridError::Overlap { row, .. } | GridError::Outside { row, .. } => {
                Some(*row)
            }
            GridError::Empty => None,
        }
    }
}

impl Grid {
    /// Puts cells together to a table of `style.columns.len()` columns and `rows.len()` rows.
    ///
    /// # Errors
    /// [`GridError`] when a position is covered by no cell or by two, or when a cell leaves the table.
    pub fn new(
        style: Arc<Style>,
        meta: Meta,
        headings: Vec<Heading>,
        rows: Vec<RowKind>,
        mut cells: Vec<Cell>,
    ) -> Result<Grid, GridError> {
        const FREE: u32 = u32::MAX;
        let (height, width) = (rows.len(), style.columns.len());
        if height == 0 {
            return Err(GridError::Empty);
        }
        cells.sort_by_key(|cell| (cell.row, cell.col));
        let mut cover = vec![FREE; height * width];
        for (index, cell) in (0u32..).zip(&cells) {
            let outside = GridError::Outside { row: cell.row + 1, col: cell.col + 1 };
            let fits = cell.rowspan > 0
                && cell.colspan > 0
                && cell.row + cell.rowspan <= height
                && cell.col + cell.colspan <= width;
            if !fits {
                return Err(outside);
            }
            for row in cell.row..cell.row + cell.rowspan {
                for col in cell.col..cell.col + cell.colspan {
                    let slot = &mut cover[row * width + col];
                    if *slot != FREE {
                        return Err(GridError::Overlap { row: row + 1, col: col + 1 });
                    }
                    *slot = index;
                }
            }
        }
        if let Some(gap) = cover.iter().position(|&slot| slot == FREE) {
            return Err(GridError::Gap { row: gap / width + 1, col: gap % width + 1 });
        }
        Ok(Grid {
            style,
            meta,
            headings,
            above: Vec::new(),
            below: Vec::new(),
            rows,
            cells,
            unprinted: Vec::new(),
            notes: Vec::new(),
            cover,
        })
    }

    /// Index into [`Grid::cells`] of the cell that covers a position (from 0).
    pub fn covering(&self, row: usize, col: usize) -> usize {
        self.cover[row * self.style.columns.len() + col] as usize
    }

    /// How a cell's text is set.
    pub fn text_style(&self, cell: &Cell) -> &TextStyle {
        match cell.role {
            Role::Label | Role::Header => &self.style.label,
            Role::Value | Role::Date | Role::Blank => &self.style.value,
            Role::Text => &self.style.text,
            Role::Amount => &self.style.amount,
        }
    }

    /// Where in its cell a text stands.
    pub fn align(&self, cell: &Cell) -> Align {
        cell.look.align.unwrap_or(self.text_style(cell).align)
    }

    /// Space in points that a cell's look keeps free at the left of its text.
    pub fn pad(&self, cell: &Cell) -> f64 {
        cell.look.indent * self.text_style(cell).size
    }

    /// Width of a cell in points, its inset included.
    pub fn width_of(&self, cell: &Cell) -> f64 {
        self.style.columns[cell.col..cell.col + cell.colspan].iter().sum()
    }
}

#[cfg(test)]
mod tests;
