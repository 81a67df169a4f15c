//! Breaks every text of a grid into lines and so knows how high each row is; both renderers and the pagination
//! stand on it. A Han character is one em wide, so this needs no shaping: advance widths of the chosen faces add
//! up, and the PDF is drawn without kerning and ligatures.

mod lines;
mod pages;
mod units;

pub use pages::{Page, PageRow, paginate};

use crate::diag::DataPath;
use crate::grid::{Grid, Part, Strip, Style, TextStyle};
use crate::load::fonts::Typefaces;
use lines::Breaker;

/// One printed line of a cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Its text.
    pub text: String,
    /// Whether it begins a paragraph.
    pub first: bool,
}

/// A grid's texts in lines, and the heights that follow from them, in points.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Measured {
    /// Lines of each cell, in the order of [`Grid::cells`].
    pub cells: Vec<Vec<Line>>,
    /// Lines of each heading.
    pub headings: Vec<Vec<Line>>,
    /// Lines of each field of the lines above the table.
    pub above: Vec<Vec<Vec<Line>>>,
    /// Lines of each field of the lines below it.
    pub below: Vec<Vec<Vec<Line>>>,
    /// Height of each row by its own cells; groups are not yet taken into account.
    pub rows: Vec<f64>,
    /// Characters that cannot be printed, once for each value.
    pub missing: Vec<MissingGlyph>,
}

/// A character that no face of the role's list has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MissingGlyph {
    /// The character.
    pub character: char,
    /// The data value that holds it; `None` when the form itself does.
    pub path: Option<DataPath>,
}

/// Measures a grid whose columns have the given widths (in points, inset included).
pub fn measure(grid: &Grid, faces: &Typefaces, columns: &[f64]) -> Measured {
    let style = &grid.style;
    let mut missing = Vec::new();
    let mut set = |parts: &[Part], text: &TextStyle, width: f64| {
        let breaker = Breaker { faces, list: text.face, size: text.size, indent: text.indent, width };
        for part in parts {
            missing.extend(
                breaker
                    .missing(&part.text)
                    .map(|character| MissingGlyph { character, path: part.path.clone() }),
            );
        }
        let whole: String = parts.iter().map(|part| part.text.as_str()).collect();
        breaker.lines(&whole)
    };
    let inner = style.paper.inner_width();
    let headings =
        grid.headings.iter().map(|line| set(&line.parts, style.heading(line.level), inner)).collect();
    let cells: Vec<Vec<Line>> = grid
        .cells
        .iter()
        .map(|cell| {
            let width: f64 = columns[cell.col..cell.col + cell.colspan].iter().sum();
            set(&cell.parts, grid.text_style(cell), width - 2.0 * style.inset - grid.pad(cell))
        })
        .collect();
    let mut fields = |strips: &[Strip]| -> Vec<Vec<Vec<Line>>> {
        let of_strip = |strip: &Strip| {
            let share = inner / strip.fields.len().max(1) as f64;
            strip.fields.iter().map(|field| set(&field.parts, &style.field, share)).collect()
        };
        strips.iter().map(of_strip).collect()
    };
    let (above, below) = (fields(&grid.above), fields(&grid.below));
    let mut rows = vec![style.lines_height(&style.value, 1) + 2.0 * style.inset; grid.rows.len()];
    for (cell, lines) in grid.cells.iter().zip(&cells).filter(|(cell, _)| cell.rowspan == 1) {
        let height = style.lines_height(grid.text_style(cell), lines.len()) + 2.0 * style.inset;
        rows[cell.row] = rows[cell.row].max(height).max(cell.look.height);
    }
    Measured { cells, headings, above, below, rows, missing }
}

impl Measured {
    /// Height in points of the lines of fields above the table.
    pub fn height_above(&self, style: &Style) -> f64 {
        self.above.iter().map(|fields| style.strip_height(most(fields))).sum()
    }

    /// Height in points of the lines of fields below the table.
    pub fn height_below(&self, style: &Style) -> f64 {
        self.below.iter().map(|fields| style.strip_height(most(fields))).sum()
    }
}

/// A label that its cell cannot hold without breaking between characters that belong together.
#[derive(Debug, Clone, PartialEq)]
pub struct Squeezed {
    /// Index into [`Grid::cells`].
    pub cell: usize,
    /// The words that do not fit on a line.
    pub words: String,
    /// Points that the cell is too narrow by.
    pub missing: f64,
}

/// Labels and headers whose longest unbreakable piece is wider than the cell, or of which each line holds one character.
/// An author who breaks a label himself, character by character, means it.
pub fn squeezed_labels(grid: &Grid, faces: &Typefaces, columns: &[f64]) -> Vec<Squeezed> {
    let style = &grid.style;
    let mut squeezed = Vec::new();
    for (at, cell) in grid.cells.iter().enumerate().filter(|(_, cell)| cell.role.is_heading()) {
        let text = grid.text_style(cell);
        let width: f64 = columns[cell.col..cell.col + cell.colspan].iter().sum();
        let width = width - 2.0 * style.inset - grid.pad(cell);
        let breaker = Breaker { faces, list: text.face, size: text.size, indent: text.indent, width };
        for line in cell.text().split('\n') {
            if let Some((words, wanted)) = breaker.squeezed(line) {
                squeezed.push(Squeezed { cell: at, words, missing: wanted - width });
            }
        }
    }
    squeezed
}

/// Lines of the highest field.
pub fn most(fields: &[Vec<Line>]) -> usize {
    fields.iter().map(Vec::len).max().unwrap_or(0)
}
