//! Bytes of a data file into text: size limit, UTF-8, byte order mark, control characters.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};

use crate::diag::{Failure, Finding, Place, Rejection};

/// Largest data file that is read, in bytes. The longest published table is 20 kB; a text of 30,000 characters
/// in every field still fits many times over.
pub const SIZE_LIMIT: u64 = 4 << 20;

/// Reads a data file as text, without its byte order mark.
///
/// # Errors
/// A finding when the file is too large or is not UTF-8 text; a failure when the system cannot read it.
pub fn read(path: &Path) -> Result<String, Rejection> {
    let mut bytes = Vec::new();
    File::open(path)
        .and_then(|file| file.take(SIZE_LIMIT + 1).read_to_end(&mut bytes))
        .map_err(|error| unreadable(path, &error))?;
    decode(path, bytes)
}

fn unreadable(path: &Path, error: &std::io::Error) -> Rejection {
    let shown = path.display();
    match error.kind() {
        ErrorKind::NotFound => Failure::new(format!("文件不存在：{shown}")).fix("请检查路径。").into(),
        ErrorKind::PermissionDenied => {
            Finding::structure("DATA-READ", path, format!("没有读取权限（{error}）"))
                .fix("请检查文件的权限，或关闭正在独占它的程序。")
                .into()
        }
        _ => Finding::structure("DATA-READ", path, format!("无法读取文件（{error}）"))
            .fix("请检查文件是否完好、磁盘是否正常。")
            .into(),
    }
}

/// Checks the bytes of a data file and turns them into text.
///
/// # Errors
/// A finding that names the first place where the bytes are not acceptable text.
fn decode(path: &Path, bytes: Vec<u8>) -> Result<String, Rejection> {
    if bytes.len() as u64 > SIZE_LIMIT {
        let limit = SIZE_LIMIT >> 20;
        return Err(Finding::structure(
            "DATA-SIZE",
            path,
            format!("文件超过 {limit} MB，不像一个项目的数据"),
        )
        .at("", Place { line: 1, column: 1 })
        .fix("一个文件只写一个项目；请检查是否放错了文件。")
        .into());
    }
    let mut text = String::from_utf8(bytes).map_err(|error| not_utf8(path, &error))?;
    if text.starts_with('\u{feff}') {
        text.drain(..'\u{feff}'.len_utf8());
    }
    match text.char_indices().find(|&(_, c)| is_refused(c)) {
        Some((offset, c)) => Err(refusal(path, c).at(&text, place_at(&text, offset)).into()),
        None => Ok(text),
    }
}

/// The finding for a character that is refused, still without its place.
pub(super) fn refusal(path: &Path, character: char) -> Finding {
    Finding::structure("DATA-CONTROL", path, format!("文字里有控制字符 U+{:04X}", u32::from(character)))
        .fix("请删除这个看不见的字符（常见于从网页或 PDF 复制的文字）。")
}

fn not_utf8(path: &Path, error: &std::string::FromUtf8Error) -> Rejection {
    let bytes = error.as_bytes();
    let valid = error.utf8_error().valid_up_to();
    let before = String::from_utf8_lossy(&bytes[..valid]);
    let utf16 = bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]);
    let guess = if utf16 { "，看起来是 UTF-16" } else { "，可能是 GBK/ANSI" };
    let lossy = String::from_utf8_lossy(bytes);
    Finding::structure(
        "DATA-UTF8",
        path,
        format!("文件不是 UTF-8 编码（字节 0x{:02X}{guess}）", bytes[valid]),
    )
    .at(&lossy, place_at(&before, before.len()))
    .fix("请用记事本打开，“另存为”时编码选择 UTF-8。")
    .into()
}

/// Control and invisible direction characters that no official text holds: they corrupt PDF and workbook, or make
/// text read differently from what it says.
pub(super) fn is_refused(c: char) -> bool {
    (c.is_control() && !matches!(c, '\n' | '\r' | '\t'))
        || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{fffe}' | '\u{ffff}' | '\u{feff}')
}

/// Line and column of a byte offset.
fn place_at(text: &str, offset: usize) -> Place {
    let before = &text[..offset];
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    Place { line: before.matches('\n').count() + 1, column: before[line_start..].chars().count() + 1 }
}

/// Id, path and files of one form's folder.
pub(super) type FormFiles = (String, PathBuf, BTreeMap<String, Vec<u8>>);

/// Reads the files of one form's folder.
///
/// # Errors
/// When it cannot be read.
fn form_folder(path: PathBuf) -> std::io::Result<FormFiles> {
    let mut files = BTreeMap::new();
    for file in std::fs::read_dir(&path)? {
        let file = file?;
        if file.path().is_file() {
            files.insert(file.file_name().to_string_lossy().into_owned(), std::fs::read(file.path())?);
        }
    }
    // `.` has no name of its own.
    let named = if path.file_name().is_none() { path.canonicalize()? } else { path.clone() };
    let id = named.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    Ok((id, path, files))
}

/// Reads the form folders below a folder: those that hold a `form.yaml`; or that folder alone, when it is a form's.
///
/// # Errors
/// When the folder cannot be read.
pub fn form_folders(root: &Path) -> Result<Vec<FormFiles>, Failure> {
    let unreadable = |error: std::io::Error| {
        Failure::new(format!("无法读取表式目录 {}（{error}）", root.display()))
            .fix("请检查 --templates 后面的路径。")
    };
    let mut folders = Vec::new();
    if root.join("form.yaml").is_file() {
        return Ok(vec![form_folder(root.to_owned()).map_err(unreadable)?]);
    }
    for folder in std::fs::read_dir(root).map_err(unreadable)? {
        let path = folder.map_err(unreadable)?.path();
        if path.join("form.yaml").is_file() {
            folders.push(form_folder(path).map_err(unreadable)?);
        }
    }
    folders.sort();
    Ok(folders)
}
