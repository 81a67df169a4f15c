//! The sheets of a workbook as cells: position, text, whether it is the result of a formula, and merged ranges. Sheets
//! are streamed: what is kept are the cells that hold something, however far from each other they stand.

use std::collections::{BTreeMap, HashSet};
use std::io::{self, Cursor, Read, Seek, SeekFrom};
use std::path::Path;

use calamine::{Dimensions, Reader, SheetType, SheetVisible, Xlsx, XlsxError, XlsxFormulaMetadata};

use super::value::{self, Kind};
use crate::diag::Finding;
use crate::render::xlsx::cell_name;

/// Most sheets.
const SHEETS: usize = 1_000;
/// Most cells that hold something, in all sheets together.
const CELLS: usize = 300_000;
/// Most bytes of their texts.
const TEXT: usize = 24 << 20;
/// Rows and columns of a sheet.
const EXTENT: (u32, u32) = (1 << 20, 1 << 14);

/// One sheet.
#[derive(Debug, Default)]
pub(super) struct Sheet {
    pub(super) name: String,
    /// Cells that hold something, by row and column from 0.
    pub(super) cells: BTreeMap<(u32, u16), Cell>,
    /// Rows and columns of merged ranges by their top left cell.
    pub(super) merges: BTreeMap<(u32, u16), (u32, u16)>,
    /// Merged ranges that were ignored.
    pub(super) ignored: usize,
}

/// A cell that holds something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Cell {
    /// What it shows; empty when a formula has no result.
    pub(super) text: String,
    pub(super) kind: Kind,
    /// The formula that it is the result of.
    pub(super) formula: Option<String>,
}

impl Cell {
    /// Its text, when that can be taken for a value.
    pub(super) fn value(&self) -> Option<&str> {
        (self.trouble().is_none()).then_some(&*self.text)
    }

    /// Why its text is no value.
    fn trouble(&self) -> Option<String> {
        match (&self.formula, self.kind) {
            (_, Kind::Error) => Some(format!("是错误值 {}，没有取用；请改成正确的内容", self.text)),
            (Some(_), _) if self.text.is_empty() => Some(
                "是公式，但文件里没有它的结果，没有取用；请用 Excel 或 WPS 打开工作簿，保存后再导入"
                    .to_owned(),
            ),
            _ => None,
        }
    }

    /// What a person should know about it.
    pub(super) fn remark(&self, at: (u32, u16)) -> Option<String> {
        let words = match (self.trouble(), &self.formula, self.kind) {
            (Some(trouble), ..) => trouble,
            (None, Some(_), _) => format!("是公式，取了上次计算的结果 {}", self.text),
            (None, None, Kind::Date) => format!("是日期，读作 {}", self.text),
            (None, None, _) => return None,
        };
        Some(format!("单元格 {} {words}", cell_name(at.0, at.1)))
    }
}

/// The file, of which no more is read than sheets need that are stored once each. A file can name one large part as
/// the content of every sheet.
struct Metered<'a> {
    file: Cursor<&'a [u8]>,
    left: usize,
}

/// How often a sheet is read at most: for its cells, its percentages, its merged ranges; once more for the rest.
const PASSES: usize = 4;
/// Bytes for what is read besides.
const SLACK: usize = 1 << 18;

impl Read for Metered<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read(buffer)?;
        self.left = self.left.checked_sub(read).ok_or(io::ErrorKind::QuotaExceeded)?;
        Ok(read)
    }
}

impl Seek for Metered<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.file.seek(to)
    }
}

/// A workbook whose sheets can be read one by one.
pub(super) struct Book<'a> {
    file: &'a Path,
    xlsx: Xlsx<Metered<'a>>,
    merged: bool,
    percents: HashSet<usize>,
    cells: usize,
    text: usize,
}

impl<'a> Book<'a> {
    /// Opens a workbook that was checked; `merged` tells whether it has merged cells.
    ///
    /// # Errors
    /// When it is broken.
    pub(super) fn open(file: &'a Path, bytes: &'a [u8], merged: bool) -> Result<Book<'a>, Finding> {
        let metered = Metered { file: Cursor::new(bytes), left: bytes.len() * PASSES + SLACK };
        let xlsx = Xlsx::new(metered).map_err(|error| broken(file, &error))?;
        Ok(Book { file, xlsx, merged, percents: HashSet::new(), cells: 0, text: 0 })
    }

    /// Names of the sheets with cells in order, each with whether a person sees it.
    ///
    /// # Errors
    /// When there are too many.
    pub(super) fn names(&self) -> Result<Vec<(String, bool)>, Finding> {
        let sheets = self.xlsx.sheets_metadata();
        if sheets.len() > SHEETS {
            return Err(self.too_large(&format!("工作簿有 {} 张工作表，最多读 {SHEETS} 张", sheets.len())));
        }
        let own = sheets.iter().filter(|sheet| sheet.typ == SheetType::WorkSheet);
        Ok(own.map(|sheet| (sheet.name.clone(), sheet.visible == SheetVisible::Visible)).collect())
    }

    /// Reads a sheet.
    ///
    /// # Errors
    /// When it is broken or holds too much.
    pub(super) fn sheet(&mut self, name: &str) -> Result<Sheet, Finding> {
        let mut sheet = Sheet { name: name.to_owned(), ..Sheet::default() };
        self.read_cells(&mut sheet)?;
        if sheet.cells.values().any(|cell| cell.kind == Kind::Number) {
            self.read_percents(&mut sheet)?;
        }
        if self.merged {
            let found = self.xlsx.merge_cells_by_sheet_name(name);
            let found = found.map_err(|error| broken(self.file, &error))?;
            merge(&mut sheet, found);
        }
        Ok(sheet)
    }

    fn read_cells(&mut self, sheet: &mut Sheet) -> Result<(), Finding> {
        let file = self.file;
        let mut reader = self.xlsx.worksheet_cells_reader(&sheet.name).map_err(|e| broken(file, &e))?;
        if self.percents.is_empty() {
            let formats = reader.styles().iter().map(|style| style.number_format.as_ref());
            let percents = formats
                .enumerate()
                .filter(|(_, format)| format.is_some_and(|format| format.format_code.ends_with('%')));
            self.percents = percents.map(|(id, _)| id).collect();
        }
        while let Some(record) = reader.next_cell_with_formula_metadata().map_err(|e| broken(file, &e))? {
            let formula = record.formula.map(|formula| match formula {
                XlsxFormulaMetadata::Normal { formula } | XlsxFormulaMetadata::Shared { formula, .. } => {
                    formula
                }
                _ => String::new(),
            });
            let Some((text, kind)) =
                value::text(&record.value).or(formula.is_some().then_some((String::new(), Kind::Text)))
            else {
                continue;
            };
            if text.is_empty() && formula.is_none() {
                continue;
            }
            self.cells += 1;
            self.text += text.len() + formula.as_ref().map_or(0, String::len);
            if self.cells > CELLS || self.text > TEXT {
                return Err(too_large(file, "工作簿里的内容太多，不像绩效目标表"));
            }
            let (row, column) = record.pos;
            let Ok(column) = u16::try_from(column) else { return Err(outside(file)) };
            if row >= EXTENT.0 || u32::from(column) >= EXTENT.1 {
                return Err(outside(file));
            }
            sheet.cells.insert((row, column), Cell { text, kind, formula });
        }
        Ok(())
    }

    /// Lets numbers that are shown as percentages read as such: a cell that shows 95% holds 0.95.
    fn read_percents(&mut self, sheet: &mut Sheet) -> Result<(), Finding> {
        if self.percents.is_empty() {
            return Ok(());
        }
        let file = self.file;
        let mut reader = self.xlsx.worksheet_cells_reader(&sheet.name).map_err(|e| broken(file, &e))?;
        while let Some((row, column, style)) = reader.next_style_id().map_err(|e| broken(file, &e))? {
            let at = u16::try_from(column).ok().map(|column| (row, column));
            let cell = at.filter(|_| self.percents.contains(&style)).and_then(|at| sheet.cells.get_mut(&at));
            let Some(cell) = cell.filter(|cell| cell.kind == Kind::Number) else { continue };
            if let Ok(number) = cell.text.parse::<f64>() {
                cell.text = format!("{}%", value::shortest(number * 100.0));
                cell.kind = Kind::Text;
            }
        }
        Ok(())
    }

    fn too_large(&self, message: &str) -> Finding {
        too_large(self.file, message)
    }
}

/// Keeps the merged ranges that lie on the sheet and do not overlap one another.
fn merge(sheet: &mut Sheet, mut found: Vec<Dimensions>) {
    found.sort_by_key(|range| (range.start, range.end));
    let mut open: Vec<Dimensions> = Vec::new();
    for range in found {
        let ((top, left), (bottom, right)) = (range.start, range.end);
        open.retain(|other| other.end.0 >= top);
        let fits = top <= bottom && left <= right && bottom < EXTENT.0 && right < EXTENT.1;
        let meets = |other: &Dimensions| other.start.1 <= right && left <= other.end.1;
        let (Ok(at), Ok(columns)) =
            (u16::try_from(left), u16::try_from(right.wrapping_sub(left).wrapping_add(1)))
        else {
            sheet.ignored += 1;
            continue;
        };
        if !fits || open.iter().any(meets) {
            sheet.ignored += 1;
            continue;
        }
        sheet.merges.insert((top, at), (bottom - top + 1, columns));
        open.push(range);
    }
}

fn too_large(file: &Path, message: &str) -> Finding {
    Finding::structure("BOOK-SIZE", file, message).fix("请只保留要导入的工作表，删除无关内容后另存，再导入。")
}

fn outside(file: &Path) -> Finding {
    Finding::structure("BOOK-DAMAGED", file, "工作簿已损坏，有单元格在工作表之外").fix(SAVE_AGAIN)
}

const SAVE_AGAIN: &str = "请用 Excel 或 WPS 打开它，另存为新的 .xlsx 再导入。";

fn broken(file: &Path, error: &XlsxError) -> Finding {
    let message = match error {
        XlsxError::CellError(value) => format!("工作簿里有单元格是错误值 {value}"),
        other => format!("工作簿已损坏，有一部分读不出来（{other}）"),
    };
    let fix = match error {
        XlsxError::CellError(_) => "请用 Excel 打开它，改正这些单元格后另存，再导入。",
        _ => SAVE_AGAIN,
    };
    Finding::structure("BOOK-DAMAGED", file, message).fix(fix)
}

#[cfg(test)]
mod tests {
    use calamine::Dimensions;

    use super::{Sheet, merge};

    #[test]
    fn merges_that_do_not_fit_are_ignored() {
        let range = |start, end| Dimensions { start, end };
        let mut sheet = Sheet::default();
        let found = vec![
            range((0, 0), (1, 1)),
            range((1, 1), (2, 2)),
            range((1, 2), (2, 2)),
            range((5, 5), (4, 5)),
            range((5, 6), (5, 5)),
            range((0, 20_000), (0, 20_001)),
            range((0, u32::MAX), (0, 0)),
            range((9, 0), (1 << 20, 0)),
            range((3, 0), ((1 << 20) - 1, (1 << 14) - 1)),
        ];
        merge(&mut sheet, found);
        assert_eq!(sheet.ignored, 6);
        let kept: Vec<_> = sheet.merges.into_iter().collect();
        assert_eq!(kept, [((0, 0), (2, 2)), ((1, 2), (2, 1)), ((3, 0), ((1 << 20) - 3, 1 << 14))]);
    }
}
