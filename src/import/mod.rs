//! Files of the desk read back into data: workbooks, published tables, PDFs with their data inside.
//!
//! Every reader gives [`Harvest`]s: the values with their paths, remarks on what had to be repaired, and what no
//! place in the form was found for. Nothing is dropped, and nothing is guessed without a remark.

pub mod pdf;

use crate::diag::DataPath;
use crate::yaml::Data;

/// One table that was found in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Harvest {
    /// Id of its form.
    pub form: String,
    /// Its values, the form's id included.
    pub data: Data,
    /// What was repaired on the way and where it stood, by data path; written as comments.
    pub remarks: Vec<(DataPath, String)>,
    /// What could not be placed, in the file's order.
    pub unplaced: Vec<Unplaced>,
}

/// Text that stands in a file and has no place in the form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unplaced {
    /// Where it stands.
    pub spot: Spot,
    /// The text.
    pub text: String,
}

/// A cell of the file that is read. Rows and columns count from 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spot {
    /// The sheet, in workbooks.
    pub sheet: Option<String>,
    /// Row of the sheet, or line of the text.
    pub row: usize,
    /// Column of the sheet, or number of the tab-separated field.
    pub column: usize,
}

/// A table as it stands in a file: cells with their words, and no meaning yet.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Found {
    /// The sheet, in workbooks.
    pub sheet: Option<String>,
    /// Cells that hold text, by row and column.
    pub cells: Vec<FoundCell>,
}

/// A cell of a [`Found`] table, anchored at its top left position (from 1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundCell {
    /// Row of the anchor.
    pub row: usize,
    /// Column of the anchor.
    pub column: usize,
    /// Rows covered by a merge, at least 1; always 1 in text.
    pub rows: usize,
    /// Columns covered by a merge, at least 1; always 1 in text.
    pub columns: usize,
    /// What it shows.
    pub text: String,
}
