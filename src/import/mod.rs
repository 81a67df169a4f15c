//! Files of the desk read back into data: workbooks, published tables, PDFs with their data inside.
//!
//! Every reader gives [`Harvest`]s: the values with their paths, remarks on what had to be repaired, and what no
//! place in the form was found for. Nothing is dropped, and nothing is guessed without a remark.

mod align;
mod files;
mod labels;
mod merge;
pub mod pdf;
mod published;
mod reading;
mod template;
mod values;
pub mod workbook;

use std::path::Path;

pub use files::{Existing, Imported, Options, Placed, Status, place, save};
pub use labels::LabelReader;
pub use published::cells;

use crate::diag::{DataPath, Finding, Place, Rejection};
use crate::form::{FORM_KEY, Library};
use crate::load;
use crate::yaml::Data;

/// All tables of a file, in its order. What kind of file it is, its first bytes tell and not its name.
///
/// # Errors
/// Why the file cannot be read, or that it holds no table of any form.
pub fn read(path: &Path, reader: &LabelReader, library: &Library) -> Result<Vec<Harvest>, Rejection> {
    let bytes = load::read_any(path)?;
    let harvests = match Content::of(&bytes) {
        Content::Text => {
            // Some programs put form feeds between the pages of a text.
            let bytes = bytes.into_iter().map(|byte| if byte == b'\x0c' { b' ' } else { byte }).collect();
            reader.read(&cells(&load::text(path, bytes)?))
        }
        Content::Workbook => book(workbook::read(path, &bytes, library)?, reader),
        Content::Pdf => {
            let files = pdf::attached(&bytes).map_err(|error| error.finding(path))?;
            files.into_iter().map(|file| carried(path, file)).collect::<Result<_, _>>()?
        }
    };
    if harvests.is_empty() {
        return Err(Finding::structure("IMPORT-NONE", path, "没有找到任何表式的表")
            .at("", Place { line: 1, column: 1 })
            .fix("请确认文件里有表格的标签（如表头、栏目名称），文本的列之间用制表符（Tab）分隔；可用 jixiao forms 查看全部表式。")
            .into());
    }
    Ok(harvests)
}

/// Cells of a sheet without a table that are still listed one by one.
const LISTED: usize = 200;

/// The tables of a workbook: those read by its map, and those that are found by their labels.
fn book(workbook: workbook::Workbook, reader: &LabelReader) -> Vec<Harvest> {
    let mut harvests: Vec<Harvest> = Vec::new();
    let mut remarks = workbook.remarks;
    let mut left: Vec<Unplaced> = Vec::new();
    for table in workbook.tables {
        match table {
            workbook::Table::Mapped { harvest, .. } => harvests.push(harvest),
            workbook::Table::Found { found, remarks: noticed } => {
                remarks.extend(noticed.into_iter().map(|(spot, text)| format!("{spot}：{text}")));
                let tables = reader.read(&found);
                if tables.is_empty() && found.cells.len() > LISTED {
                    let sheet = found.sheet.as_deref().unwrap_or_default();
                    remarks.push(format!(
                        "工作表“{sheet}”不是表式的表，有 {} 格内容没有读取",
                        found.cells.len()
                    ));
                } else if tables.is_empty() {
                    let unplaced = |cell: &FoundCell| Unplaced {
                        spot: Spot { sheet: found.sheet.clone(), row: cell.row, column: cell.column },
                        text: cell.text.trim().to_owned(),
                    };
                    left.extend(found.cells.iter().map(unplaced).filter(|left| !left.text.is_empty()));
                }
                harvests.extend(tables);
            }
        }
    }
    // What belongs to no table stands with the first.
    if let Some(first) = harvests.first_mut() {
        first.remarks.extend(remarks.into_iter().map(|remark| (DataPath::root(), remark)));
        first.unplaced.extend(left);
    }
    harvests
}

/// The data file that a PDF carries.
fn carried(path: &Path, file: pdf::Attached) -> Result<Harvest, Finding> {
    let document = load::parse(path, file.text.clone())?;
    let form = document.root.get(FORM_KEY).and_then(|node| node.text()).unwrap_or_default().to_owned();
    let data = Data::from(&*document.root);
    Ok(Harvest { form, data, remarks: Vec::new(), unplaced: Vec::new(), text: Some(file.text) })
}

/// Kinds of files by their first bytes.
enum Content {
    Text,
    Workbook,
    Pdf,
}

impl Content {
    fn of(bytes: &[u8]) -> Content {
        match bytes {
            // An old or an encrypted workbook is no zip, which its reader says better.
            [b'P', b'K', 3 | 5 | 7, ..] | [0xd0, 0xcf, 0x11, 0xe0, ..] => Content::Workbook,
            [b'%', b'P', b'D', b'F', b'-', ..] => Content::Pdf,
            _ => Content::Text,
        }
    }
}

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
    /// The text of the data file itself, where the file that was read carries it.
    pub text: Option<String>,
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
