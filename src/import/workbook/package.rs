//! The file as a whole, before anything in it is parsed: what kind of file it is, and that the parts of a workbook end
//! before they fill the memory. Sizes are those that the parts really have, not those that the archive declares.

use std::io::Cursor;
use std::path::Path;

use zip::ZipArchive;
use zip::result::ZipError;

use super::scan::{Counts, Flaw, Limits, scan, skim};
use crate::diag::Finding;

/// Largest file that is read, in bytes; the program that fetches it should stop there, too.
pub const SIZE_LIMIT: u64 = 64 << 20;
/// Most bytes of all parts together.
const TOTAL: u64 = 256 << 20;
/// Most bytes of a part of which the parser keeps something, or which is no markup. Sheets are read cell by cell.
const PART: u64 = 32 << 20;
/// Most parts; a sheet has up to four.
const PARTS: usize = 4_000;
/// Longest tag in the list of formats. The parser copies names of typefaces and number formats into each format.
const STYLE_TAG: usize = 2 << 10;
/// Most cell formats, shared strings and merged ranges.
const FORMATS: usize = 40_000;
const STRINGS: usize = 1_000_000;
const MERGES: usize = 50_000;

/// How files begin.
const ZIP: &[u8] = b"PK";
const COMPOUND: &[u8] = &[0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1];
const PDF: &[u8] = b"%PDF";

const SAVE_AS: &str = "请用 Excel 或 WPS 打开它，另存为“Excel 工作簿（*.xlsx）”再导入。";

/// Checks that a file is a workbook that can be parsed in bounded memory; tells whether it has merged cells.
///
/// # Errors
/// What the file is instead, or what is wrong with it.
pub(super) fn check(file: &Path, bytes: &[u8]) -> Result<bool, Finding> {
    let finding = |rule: &str, message: &str, fix: &str| Finding::structure(rule, file, message).fix(fix);
    if bytes.len() as u64 > SIZE_LIMIT {
        let message = format!("文件超过 {} MB，不像一份绩效目标工作簿", SIZE_LIMIT >> 20);
        return Err(finding(
            "BOOK-SIZE",
            &message,
            "请检查是否放错了文件，或删除其中的图片和无关工作表后另存。",
        ));
    }
    if !bytes.starts_with(ZIP) {
        let (rule, message, fix) = other_kind(bytes);
        return Err(finding(rule, message, fix));
    }
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|_| {
        finding(
            "BOOK-DAMAGED",
            "工作簿不完整，可能没有下载完或拷贝中断",
            "请重新取得这个文件；如果 Excel 能打开它，另存一份再导入。",
        )
    })?;
    if let Some(kind) = other_package(&archive) {
        return Err(finding("BOOK-KIND", &format!("这是{kind}，不是 .xlsx 工作簿"), SAVE_AS));
    }
    parts(&mut archive).map_err(|trouble| match trouble {
        Trouble::Flaw(Flaw::Damaged) => finding("BOOK-DAMAGED", "工作簿已损坏，有一部分读不出来", SAVE_AS),
        Trouble::Flaw(Flaw::Endless) => finding(
            "BOOK-SIZE",
            "工作簿解开后大得不正常，没有读取",
            "请只保留要导入的工作表，删除多余的空行、空列、格式和图片后另存，再导入。",
        ),
        Trouble::Password => finding(
            "BOOK-PASSWORD",
            "工作簿设了打开密码，读不了",
            "请用 Excel 或 WPS 打开它，取消密码后另存，再导入。",
        ),
    })
}

enum Trouble {
    Flaw(Flaw),
    Password,
}

impl From<Flaw> for Trouble {
    fn from(flaw: Flaw) -> Trouble {
        Trouble::Flaw(flaw)
    }
}

/// Reads every part once, without keeping it.
fn parts(archive: &mut ZipArchive<Cursor<&[u8]>>) -> Result<bool, Trouble> {
    if archive.len() > PARTS {
        return Err(Flaw::Endless.into());
    }
    let mut total = Counts::default();
    for index in 0..archive.len() {
        let part = archive.by_index(index).map_err(|error| match error {
            ZipError::UnsupportedArchive(ZipError::PASSWORD_REQUIRED) | ZipError::InvalidPassword => {
                Trouble::Password
            }
            _ => Flaw::Damaged.into(),
        })?;
        let left = TOTAL - total.bytes;
        if part.size() > left {
            return Err(Flaw::Endless.into());
        }
        let name = part.name().map_err(|_| Flaw::Damaged)?.to_lowercase();
        let is_markup = matches!(name.rsplit('.').next(), Some("xml" | "rels"));
        let counts = if is_markup {
            let tag = if name.ends_with("styles.xml") { STYLE_TAG } else { Limits::default().tag };
            scan(part, Limits { bytes: left, tag })?
        } else {
            skim(part, Limits { bytes: left.min(PART), ..Limits::default() })?
        };
        total.bytes += counts.bytes;
        total.merges += counts.merges;
        let formats = counts.formats > FORMATS;
        let strings = counts.strings > STRINGS || counts.declared > STRINGS as u64;
        let kept = counts.kept > 0 && counts.bytes > PART;
        if formats || strings || kept || total.merges > MERGES {
            return Err(Flaw::Endless.into());
        }
    }
    Ok(total.merges > 0)
}

/// What an archive is when it is no .xlsx.
fn other_package(archive: &ZipArchive<Cursor<&[u8]>>) -> Option<&'static str> {
    let has = |part: &str| archive.file_names().flatten().any(|name| name == part);
    if has("xl/workbook.bin") {
        return Some("二进制工作簿（.xlsb）");
    }
    if has("content.xml") && has("mimetype") {
        return Some("开放文档（.ods 等）");
    }
    if has("word/document.xml") {
        return Some("Word 文档");
    }
    let is_package =
        archive.file_names().flatten().any(|name| name.eq_ignore_ascii_case("[content_types].xml"));
    (!is_package).then_some("压缩包")
}

/// What a file is that is no archive: rule, message and what to do.
fn other_kind(bytes: &[u8]) -> (&'static str, &'static str, &'static str) {
    let encrypted: Vec<u8> = "EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let begins = |tag: &str| {
        let head = String::from_utf8_lossy(&bytes[..bytes.len().min(400)]).to_lowercase();
        head.trim_start_matches(['\u{feff}', ' ', '\r', '\n']).starts_with(tag)
    };
    if bytes.is_empty() {
        ("BOOK-EMPTY", "文件是空的", "请检查是否放错了文件，或重新取得它。")
    } else if bytes.starts_with(COMPOUND) && bytes.windows(encrypted.len()).any(|window| window == encrypted)
    {
        ("BOOK-PASSWORD", "工作簿设了打开密码，读不了", "请用 Excel 或 WPS 打开它，取消密码后另存，再导入。")
    } else if bytes.starts_with(COMPOUND) {
        ("BOOK-KIND", "这是旧格式的工作簿（.xls 或 .et），读不了", SAVE_AS)
    } else if bytes.starts_with(PDF) {
        ("BOOK-KIND", "这是 PDF，不是工作簿", "请把扩展名改回 .pdf 再导入。")
    } else if begins("<") {
        ("BOOK-KIND", "这是网页或 XML 格式的表格，不是 .xlsx 工作簿", SAVE_AS)
    } else if !bytes.contains(&0) {
        (
            "BOOK-KIND",
            "这是文本（如 .csv），不是工作簿",
            "请用 Excel 或 WPS 打开它，另存为 .xlsx 再导入；以制表符分隔的表格文本可以存为 .txt 导入。",
        )
    } else {
        ("BOOK-KIND", "这不是工作簿", SAVE_AS)
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::check;

    #[test]
    fn other_files_are_named() {
        let encrypted: Vec<u8> = "EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let compound = |rest: &[u8]| [super::COMPOUND, &[0; 600], rest].concat();
        for (bytes, words) in [
            (Vec::new(), "空的"),
            (compound(b"Workbook"), ".xls"),
            (compound(&encrypted), "密码"),
            (b"%PDF-1.7 \0".to_vec(), "PDF"),
            (b"\xef\xbb\xbf<html><table>".to_vec(), "网页"),
            ("项目名称,主管部门\n".as_bytes().to_vec(), ".csv"),
            (vec![1, 0, 2], "不是工作簿"),
            (b"PK\x03\x04 and no more".to_vec(), "不完整"),
        ] {
            let finding = check(Path::new("x.xlsx"), &bytes).expect_err(words);
            assert!(finding.message.contains(words) && finding.fix.is_some(), "{}", finding.message);
        }
    }
}
