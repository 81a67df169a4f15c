//! PDFs with their data inside: the bytes of a file in, the texts of the data files that it carries out.
//!
//! The reader of PDFs is a library that trusts its input more than we may: it follows page trees and nested arrays
//! as deep as they go, and unpacks whatever it is told to. So size, nesting and loops are looked at before it sees
//! a file, what it unpacks is bounded by what it is given, and a panic of it is an answer like any other.

use std::collections::HashMap;
use std::panic::catch_unwind;
use std::path::Path;

use hayro_syntax::object::{Array, Dict, Object, Stream, String as PdfString};
use hayro_syntax::{Filter, LoadPdfError, Pdf};

use crate::diag::Finding;
use crate::form::FORM_KEY;
use crate::load::{SIZE_LIMIT, parse};

/// Largest PDF that is read, in bytes; one project takes some 100 kB.
const PDF_LIMIT: usize = 64 << 20;
/// Largest packed attachment that is unpacked, in bytes; packing shrinks by a factor of 1,032 at the most.
const PACKED_LIMIT: usize = 256 << 10;
/// Deepest nesting of arrays and dictionaries; no PDF in use comes near it.
const NESTING_LIMIT: usize = 2_000;
/// Most attachments that are looked at, and deepest tree of their names.
const TREE_LIMITS: (usize, usize) = (100, 8);

/// A data file that a PDF carries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attached {
    /// Its name, as the PDF tells it: not yet safe as the name of a file.
    pub name: String,
    /// Its text, byte for byte as it was attached.
    pub text: String,
}

/// Why a PDF gave no data.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PdfError {
    /// It is larger than any PDF of a project.
    #[error("PDF 超过 64 MB，不像一个项目的表")]
    Large,
    /// It is no PDF, or so damaged that nothing can be read.
    #[error("不是 PDF 文件，或者已经损坏")]
    Damaged,
    /// A password is needed, or the encryption is not known.
    #[error("PDF 已加密，无法读取")]
    Encrypted,
    /// It carries no files.
    #[error("PDF 里没有附带数据文件")]
    Bare,
    /// It carries files, but none that is data of ours; their names.
    #[error("PDF 附带的文件（{}）都不是本程序的数据文件", .0.join("、"))]
    Foreign(Vec<String>),
}

impl PdfError {
    /// What to do, one Chinese sentence.
    pub fn fix(&self) -> &'static str {
        match self {
            PdfError::Large => "请拆出这个项目的 PDF，或改用它的工作簿导入。",
            PdfError::Damaged => "请重新取得这个文件，或改用工作簿导入。",
            PdfError::Encrypted => "请先解除密码另存一份，或改用工作簿导入。",
            PdfError::Bare | PdfError::Foreign(_) => {
                "请使用 jixiao render --attach 生成的 PDF，或改用工作簿导入。"
            }
        }
    }

    /// The same as a finding about a file.
    pub fn finding(&self, file: &Path) -> Finding {
        Finding::structure("PDF-DATA", file, self.to_string()).fix(self.fix())
    }
}

/// The data files that a PDF carries, in its order. Files of other kinds beside them are passed over.
///
/// # Errors
/// When there is none, and why.
pub fn attached(bytes: &[u8]) -> Result<Vec<Attached>, PdfError> {
    if bytes.len() > PDF_LIMIT {
        return Err(PdfError::Large);
    }
    if is_overnested(bytes) || has_loop(bytes) {
        return Err(PdfError::Damaged);
    }
    let found = catch_unwind(|| files(bytes)).map_err(|_| PdfError::Damaged)??;
    if found.is_empty() {
        return Err(PdfError::Bare);
    }
    let names = found.iter().map(|(name, _)| name.clone()).collect();
    let ours: Vec<Attached> = found
        .into_iter()
        .filter_map(|(name, content)| Some(Attached { text: data_file(&name, content?)?, name }))
        .collect();
    if ours.is_empty() { Err(PdfError::Foreign(names)) } else { Ok(ours) }
}

/// The text of an attachment that is a data file: YAML that names a form.
fn data_file(name: &str, content: Vec<u8>) -> Option<String> {
    let text = String::from_utf8(content).ok()?;
    let document = parse(Path::new(name), text).ok()?;
    document.root.get(FORM_KEY)?;
    Some(document.text)
}

type File = (String, Option<Vec<u8>>);

/// All files that a PDF carries; those that are too large or cannot be unpacked without their content.
fn files(bytes: &[u8]) -> Result<Vec<File>, PdfError> {
    let pdf = Pdf::new(bytes.to_vec()).map_err(|error| match error {
        LoadPdfError::Decryption(_) => PdfError::Encrypted,
        LoadPdfError::Invalid => PdfError::Damaged,
    })?;
    let catalog: Dict<'_> = pdf.xref().get(pdf.xref().root_id()).ok_or(PdfError::Damaged)?;
    let mut specs = Vec::new();
    if let Some(tree) = catalog.get::<Dict<'_>>("Names").and_then(|names| names.get("EmbeddedFiles")) {
        named(&tree, &mut specs, 0);
    }
    if specs.is_empty() {
        specs.extend(dicts(&catalog, "AF").take(TREE_LIMITS.0));
    }
    Ok(specs.iter().filter_map(file).collect())
}

/// Collects the file specifications of a tree of names: `/Names [name file name file …]` at its leaves.
fn named<'a>(node: &Dict<'a>, specs: &mut Vec<Dict<'a>>, depth: usize) {
    let (most, deepest) = TREE_LIMITS;
    let room = most.saturating_sub(specs.len());
    specs.extend(dicts(node, "Names").take(room));
    if depth < deepest {
        for kid in dicts(node, "Kids").take(most) {
            if specs.len() >= most {
                break;
            }
            named(&kid, specs, depth + 1);
        }
    }
}

/// The dictionaries in a list; names between them are passed over.
fn dicts<'a>(node: &Dict<'a>, key: &str) -> impl Iterator<Item = Dict<'a>> + use<'a> {
    let list = node.get::<Array<'a>>(key).unwrap_or_default();
    list.iter::<Object<'a>>().filter_map(Object::into_dict)
}

fn file(spec: &Dict<'_>) -> Option<File> {
    let name = spec.get::<PdfString<'_>>("UF").or_else(|| spec.get("F"))?;
    let embedded = spec.get::<Dict<'_>>("EF")?;
    let stream = embedded.get::<Stream<'_>>("F").or_else(|| embedded.get("UF"))?;
    Some((words(name.as_bytes()), content(&stream)))
}

fn content(stream: &Stream<'_>) -> Option<Vec<u8>> {
    let filters = stream.filters();
    let packed = stream.raw_data().len();
    // A chain of filters would multiply what they unpack.
    let bounded = match &filters[..] {
        [] => packed as u64 <= SIZE_LIMIT,
        [Filter::FlateDecode] => packed <= PACKED_LIMIT,
        _ => false,
    };
    let content = bounded.then(|| stream.decoded().ok())??.into_owned();
    (content.len() as u64 <= SIZE_LIMIT).then_some(content)
}

/// A text string: UTF-16 or UTF-8 by its mark, otherwise nearly Latin-1.
fn words(bytes: &[u8]) -> String {
    if let Some(wide) = bytes.strip_prefix(&[0xfe, 0xff]) {
        let units: Vec<u16> =
            wide.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]])).collect();
        return String::from_utf16_lossy(&units);
    }
    if let Some(text) = bytes.strip_prefix(&[0xef, 0xbb, 0xbf]) {
        return String::from_utf8_lossy(text).into_owned();
    }
    String::from_utf8(bytes.to_vec()).unwrap_or_else(|_| bytes.iter().map(|&byte| char::from(byte)).collect())
}

/// Whether arrays and dictionaries stand inside each other deeper than the reader's stack is sure to bear. Counting
/// begins anew with each object, so that what looks like brackets inside packed streams adds up to nothing.
fn is_overnested(bytes: &[u8]) -> bool {
    let mut depth = 0usize;
    for (at, byte) in bytes.iter().enumerate() {
        match byte {
            b'[' => depth += 1,
            b'<' if bytes[at + 1..].first() == Some(&b'<') => depth += 1,
            b']' => depth = depth.saturating_sub(1),
            b'>' if bytes[at + 1..].first() == Some(&b'>') => depth = depth.saturating_sub(1),
            b'e' if bytes[at..].starts_with(b"endobj") => depth = 0,
            _ => {}
        }
        if depth > NESTING_LIMIT {
            return true;
        }
    }
    false
}

/// Whether objects are their own descendants by `/Kids`, which the reader would follow without end.
fn has_loop(bytes: &[u8]) -> bool {
    let mut parents: HashMap<u32, usize> = HashMap::new();
    let mut kids: HashMap<u32, Vec<u32>> = HashMap::new();
    for (object, below) in families(bytes) {
        parents.entry(object).or_default();
        for kid in &below {
            *parents.entry(*kid).or_default() += 1;
        }
        kids.entry(object).or_default().extend(below);
    }
    // What has no parent left is taken away, until nothing is left or only loops and what hangs on them.
    let mut free: Vec<u32> =
        parents.iter().filter(|(_, count)| **count == 0).map(|(object, _)| *object).collect();
    while let Some(object) = free.pop() {
        parents.remove(&object);
        for kid in kids.remove(&object).unwrap_or_default() {
            if let Some(count) = parents.get_mut(&kid) {
                *count -= 1;
                if *count == 0 {
                    free.push(kid);
                }
            }
        }
    }
    !parents.is_empty()
}

/// Objects with the objects that they list as their `/Kids`.
fn families(bytes: &[u8]) -> Vec<(u32, Vec<u32>)> {
    let text = String::from_utf8_lossy(bytes);
    let number = |text: &str| text.parse().ok();
    text.split("endobj")
        .filter_map(|object| {
            let (before, after) = object.split_once(" obj")?;
            let (_, list) = after.split_once("/Kids")?;
            let list = list.trim_start().strip_prefix('[')?.split(']').next()?;
            let own = before.split_ascii_whitespace().rev().nth(1).and_then(number)?;
            let words: Vec<&str> = list.split_ascii_whitespace().collect();
            let kids = words.windows(3).filter(|words| words[2] == "R");
            Some((own, kids.filter_map(|words| number(words[0])).collect()))
        })
        .collect()
}
