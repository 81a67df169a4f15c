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
mod template;
mod values;
pub mod workbook;

use std::path::Path;

pub use files::{Existing, Imported, Options, Placed, Status, place, save};
pub use labels::LabelReader;
pub use published::cells;

use crate::diag::{DataPath, Finding, Place, Rejection};
use crate::load;
use crate::yaml::Data;

/// All tables of a file, in its order. What kind of file it is, its first bytes tell and not its name.
///
/// # Errors
/// Why the file cannot be read, or that it holds no table of any form.
pub fn read(path: &Path, reader: &LabelReader) -> Result<Vec<Harvest>, Rejection> {
    let bytes = load::read_any(path)?;
    let harvests = match Content::of(&bytes) {
        Content::Text => {
            // Some programs put form feeds between the pages of a text.
            let bytes = bytes.into_iter().map(|byte| if byte == b'\x0c' { b' ' } else { byte }).collect();
            reader.read(&cells(&load::text(path, bytes)?))
        }
        Content::Workbook => {
            return Err(not_read(
                path,
                "这是 Excel 工作簿",
                "请全选表格，复制到记事本，另存为 UTF-8 文本，再导入。",
            ));
        }
        Content::Pdf => {
            return Err(not_read(
                path,
                "这是 PDF 文件",
                "请从 PDF 里复制表格的文字，粘贴到 Excel 再复制到记事本，另存为 UTF-8 文本，再导入。",
            ));
        }
        Content::OldOffice => {
            return Err(not_read(
                path,
                "这是旧版 Office 文件（.xls 或 .doc）",
                "请用 Excel 或 WPS 打开，另存为 .xlsx。",
            ));
        }
    };
    if harvests.is_empty() {
        return Err(Finding::structure("IMPORT-NONE", path, "没有找到任何表式的表")
            .at("", Place { line: 1, column: 1 })
            .fix("请确认文件里有表格的标签（如表头、栏目名称），列之间用制表符（Tab）分隔；可用 jixiao forms 查看全部表式。")
            .into());
    }
    Ok(harvests)
}

fn not_read(path: &Path, what: &str, fix: &str) -> Rejection {
    Finding::structure("IMPORT-KIND", path, format!("{what}，不能直接导入"))
        .at("", Place { line: 1, column: 1 })
        .fix(fix)
        .into()
}

/// Kinds of files by their first bytes.
enum Content {
    Text,
    Workbook,
    Pdf,
    OldOffice,
}

impl Content {
    fn of(bytes: &[u8]) -> Content {
        match bytes {
            [b'P', b'K', 3, 4, ..] => Content::Workbook,
            [b'%', b'P', b'D', b'F', b'-', ..] => Content::Pdf,
            [0xd0, 0xcf, 0x11, 0xe0, ..] => Content::OldOffice,
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
