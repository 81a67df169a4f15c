//! Workbooks read back: the ones that the program itself wrote, by the map inside them; all others as cells with their
//! words, for the reader that goes by labels.
//!
//! A file is first looked through as a whole ([`package`]) and its markup byte by byte ([`scan`]), so that none can
//! fill the memory or stop the program; only then are its sheets read, cell by cell ([`sheet`]).

mod map;
mod mapped;
mod package;
mod scan;
mod sheet;
mod split;
mod tree;
mod value;

use std::collections::HashSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use self::map::{Section, Unusable};
use self::sheet::{Book, Sheet};
use super::{Found, FoundCell, Harvest, Spot};
use crate::diag::{DataPath, Finding};
use crate::form::Library;
use crate::render::xlsx::{cell_name, map::SHEET};
pub use package::SIZE_LIMIT;

/// What a workbook holds.
#[derive(Debug, Default)]
pub struct Workbook {
    /// Its tables, in the order of the map or else of the sheets.
    pub tables: Vec<Table>,
    /// What a person should know about the workbook as a whole.
    pub remarks: Vec<String>,
}

/// A table of a workbook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Table {
    /// Read by the map that the program had put into the workbook.
    Mapped {
        /// Its sheet.
        sheet: String,
        /// Its values.
        harvest: Harvest,
    },
    /// A sheet without a map, or one that no longer fits it.
    Found {
        /// Its cells.
        found: Found,
        /// What was noticed, and where.
        remarks: Vec<(Spot, String)>,
    },
}

/// Reads the bytes of a workbook. With a map inside, the sheets that it names are read, and copies of them; without
/// one, all sheets that a person sees and that hold something.
///
/// # Errors
/// Why the file cannot be read: it is no .xlsx, broken, protected, too large, or from a later version of the program.
pub fn read(file: &Path, bytes: &[u8], library: &Library) -> Result<Workbook, Finding> {
    let merged = package::check(file, bytes)?;
    // The parser is not ours: whatever it makes of a hostile file, the other files are still read.
    catch_unwind(AssertUnwindSafe(|| tables(file, bytes, merged, library))).unwrap_or_else(|_| {
        Err(Finding::structure("BOOK-DAMAGED", file, "工作簿已损坏，读取时出错")
            .fix("请用 Excel 或 WPS 打开它，另存为新的 .xlsx 再导入。"))
    })
}

fn tables(file: &Path, bytes: &[u8], merged: bool, library: &Library) -> Result<Workbook, Finding> {
    let mut book = Book::open(file, bytes, merged)?;
    let names = book.names()?;
    let mut workbook = Workbook::default();
    let mut sections = Vec::new();
    if names.iter().any(|(name, _)| name == SHEET) {
        match map::read(&book.sheet(SHEET)?) {
            Ok(read) => sections = read,
            Err(Unusable::Newer) => {
                return Err(Finding::structure(
                    "BOOK-MAP",
                    file,
                    "工作簿由更新版本的 jixiao 生成，本机的版本读不了",
                )
                .fix("请升级 jixiao 后再导入。"));
            }
            Err(Unusable::Damaged) => {
                workbook.remarks.push(format!("隐藏工作表 {SHEET} 被改动过，没有使用；各表改按栏目名称读取"));
            }
        }
    }
    let visible = names.iter().filter(|(name, visible)| *visible && name != SHEET);
    let visible: Vec<&str> = visible.map(|(name, _)| name.as_str()).collect();
    if sections.is_empty() {
        for name in visible {
            let sheet = book.sheet(name)?;
            if !sheet.cells.is_empty() {
                workbook.tables.push(found(&sheet, None));
            }
        }
    } else {
        by_map(&mut book, &sections, &visible, library, &mut workbook)?;
    }
    if workbook.tables.is_empty() && workbook.remarks.is_empty() {
        return Err(Finding::structure("BOOK-EMPTY", file, "工作簿里没有内容")
            .fix("请检查是否放错了文件，或内容是否在隐藏的工作表里。"));
    }
    Ok(workbook)
}

/// Reads the sheets that are mapped, also under another name, and copies of them.
fn by_map(
    book: &mut Book<'_>,
    sections: &[Section],
    visible: &[&str],
    library: &Library,
    workbook: &mut Workbook,
) -> Result<(), Finding> {
    let named = |section: &Section| match &section.sheet {
        Some(name) => visible.iter().find(|sheet| *sheet == name).copied(),
        None => visible.first().copied(),
    };
    let own: Vec<Option<&str>> = sections.iter().map(named).collect();
    for (section, name) in sections.iter().zip(&own) {
        if let Some(name) = name {
            let sheet = book.sheet(name)?;
            workbook.tables.push(table(section, &sheet, false, library));
        }
    }
    // A sheet that was renamed or copied shows the words of one of the maps.
    let taken: HashSet<&str> = own.iter().flatten().copied().collect();
    let mut missing: Vec<bool> = own.iter().map(Option::is_none).collect();
    for name in visible.iter().filter(|name| !taken.contains(**name)) {
        let sheet = book.sheet(name)?;
        let fits = |number: &usize| {
            let section = &sections[*number];
            section.spots.iter().any(|spot| spot.label().is_some())
                && mapped::misfit(section, &sheet).is_none()
        };
        let mut numbers: Vec<usize> = (0..sections.len()).collect();
        numbers.sort_by_key(|&number| !missing[number]);
        if let Some(number) = numbers.into_iter().find(fits) {
            let copy = !std::mem::take(&mut missing[number]);
            workbook.tables.push(table(&sections[number], &sheet, copy, library));
        } else if own.len() == 1 && missing[0] {
            // The one table of the workbook, renamed and with its rows moved.
            workbook.tables.push(table(&sections[0], &sheet, true, library));
        }
    }
    for (section, _) in sections.iter().zip(&missing).filter(|(_, missing)| **missing) {
        let name = section.sheet.as_deref().unwrap_or_default();
        workbook.remarks.push(format!("工作表“{name}”已不在工作簿里，没有读取"));
    }
    Ok(())
}

/// Reads a sheet by its map if it still fits, and as cells if not.
fn table(section: &Section, sheet: &Sheet, copy: bool, library: &Library) -> Table {
    let form = library.form(&section.form);
    if form.is_none() {
        return found(sheet, Some(((0, 0), format!("没有“{}”这个表式，改按栏目名称读取", section.form))));
    }
    if let Some(at) = mapped::misfit(section, sheet) {
        let words = "不再是表里原来的文字（可能插入或删除过行），改按栏目名称读取";
        return found(sheet, Some((at, format!("单元格 {} {words}", cell_name(at.0, at.1)))));
    }
    let mut harvest = mapped::harvest(section, sheet, copy);
    if let Some(Ok(form)) = form
        && form.spec.version != section.version
    {
        let remark = format!(
            "工作簿按表式“{}”的 {} 版生成，本机是 {} 版，请核对",
            section.form, section.version, form.spec.version
        );
        harvest.remarks.insert(0, (DataPath::root(), remark));
    }
    Table::Mapped { sheet: sheet.name.clone(), harvest }
}

/// A sheet as cells with their words.
fn found(sheet: &Sheet, remark: Option<((u32, u16), String)>) -> Table {
    let at = |at| spot(&sheet.name, at);
    let mut remarks: Vec<(Spot, String)> = remark.into_iter().map(|(cell, text)| (at(cell), text)).collect();
    if sheet.ignored > 0 {
        remarks.push((at((0, 0)), format!("有 {} 处合并单元格互相重叠或越界，没有理会", sheet.ignored)));
    }
    let noticed = sheet.cells.iter().filter_map(|(&cell, content)| Some((at(cell), content.remark(cell)?)));
    remarks.extend(noticed);
    let cells = sheet.cells.iter().filter_map(|(&(row, column), cell)| {
        let text = cell.value().filter(|text| !text.trim().is_empty())?.to_owned();
        let (rows, columns) = sheet.merges.get(&(row, column)).copied().unwrap_or((1, 1));
        let Spot { row, column, .. } = at((row, column));
        Some(FoundCell { row, column, rows: rows as usize, columns: usize::from(columns), text })
    });
    Table::Found { found: Found { sheet: Some(sheet.name.clone()), cells: cells.collect() }, remarks }
}

/// A cell of a sheet, from row and column counted from 0.
fn spot(sheet: &str, at: (u32, u16)) -> Spot {
    Spot { sheet: Some(sheet.to_owned()), row: at.0 as usize + 1, column: usize::from(at.1) + 1 }
}
