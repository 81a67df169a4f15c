//! Where imported tables go, known before anything is written, and the files themselves.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use unicode_normalization::UnicodeNormalization;

use super::merge::merge;
use super::{Harvest, Spot, Unplaced};
use crate::diag::{DataPath, Failure, Finding, Place, Rejection};
use crate::form::{FORM_KEY, Form, Library, UNPLACED_KEY};
use crate::load;
use crate::write::{atomically, file_name};
use crate::yaml::{self, Data};

/// What to do with a file that is there already.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Existing {
    /// Leave it alone and say so.
    #[default]
    Keep,
    /// Write a new one in its place.
    Replace,
    /// Change the values that differ, and nothing else.
    Update,
}

/// Where tables go.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The folder for the departments' folders.
    pub output: PathBuf,
    /// What to do with files that are there.
    pub existing: Existing,
    /// Name of the department's folder, whatever the tables say.
    pub department: Option<String>,
}

/// A table and the file that it is for.
#[derive(Debug)]
pub struct Placed {
    /// The file that it was read from.
    pub source: PathBuf,
    /// The table.
    pub harvest: Harvest,
    /// Its form.
    pub form: Arc<Form>,
    /// The data file.
    pub target: PathBuf,
    /// Whether its name was numbered because another table of this run has the same.
    pub numbered: bool,
}

/// What became of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// A new file, or a new one in place of the old.
    Written,
    /// Values of the file were changed.
    Updated,
    /// The file says the same already.
    Unchanged,
    /// Nothing was written.
    Kept,
}

/// A table that was dealt with.
#[derive(Debug)]
pub struct Imported {
    /// What became of it.
    pub status: Status,
    /// What the form's schema says of the file, or why nothing was written.
    pub findings: Vec<Finding>,
}

/// Gives each table its file, in order. Tables of one name in one folder are numbered, so that none is lost.
///
/// # Errors
/// What is wrong with a form.
pub fn place(
    tables: Vec<(PathBuf, Harvest)>,
    library: &Library,
    options: &Options,
) -> Result<Vec<Placed>, Vec<Finding>> {
    let mut taken: HashMap<String, usize> = HashMap::new();
    let mut placed = Vec::with_capacity(tables.len());
    for (source, harvest) in tables {
        let unknown = || Finding::structure("DATA-FORM", &source, format!("没有“{}”这个表式", harvest.form));
        let form = library.form(&harvest.form).unwrap_or_else(|| Err(vec![unknown()]))?;
        let fact = |path: &Option<String>| {
            let text = harvest.data.at(&DataPath::parse(path.as_deref()?))?.text()?;
            Some(text.split_whitespace().collect::<Vec<_>>().join(" ")).filter(|text| !text.is_empty())
        };
        let department =
            options.department.clone().or_else(|| fact(&form.spec.facts.department)).unwrap_or_default();
        let own_name =
            || source.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
        let name = file_name(&fact(&form.spec.facts.name).unwrap_or_else(own_name));
        let folder = if department.is_empty() {
            options.output.clone()
        } else {
            options.output.join(file_name(&department))
        };
        // Names that differ only in case or in the composition of characters are one on Windows and macOS.
        let key = |name: &str| folder.join(name).to_string_lossy().nfc().collect::<String>().to_lowercase();
        let number = taken.entry(key(&name)).or_insert(0);
        *number += 1;
        let numbered = *number > 1;
        let mut own = if numbered { format!("{name}-{number}") } else { name.clone() };
        let mut next = *number;
        while numbered && taken.contains_key(&key(&own)) {
            next += 1;
            own = format!("{name}-{next}");
        }
        if numbered {
            taken.insert(key(&own), 1);
        }
        let target = folder.join(format!("{own}.yaml"));
        placed.push(Placed { source, harvest, form, target, numbered });
    }
    Ok(placed)
}

/// Writes one table's file.
///
/// # Errors
/// When the machine cannot write; what is wrong with the data stands in the result.
pub fn save(placed: &Placed, options: &Options) -> Result<Imported, Failure> {
    let Placed { harvest, form, target, .. } = placed;
    let mut data = harvest.data.clone();
    if !harvest.unplaced.is_empty() {
        let left = harvest.unplaced.iter().map(left_over).collect();
        data.set(&DataPath::root().key(UNPLACED_KEY), Data::List(left));
    }
    let kept = |finding: Finding| Ok(Imported { status: Status::Kept, findings: vec![finding] });
    let mut status = Status::Written;
    let mut mark = "";
    let text = if !target.exists() || options.existing == Existing::Replace {
        yaml::write(form, &data, &remarks(placed))
    } else if options.existing == Existing::Keep {
        return kept(
            Finding::structure("IMPORT-EXISTS", target, "文件已经存在，没有覆盖")
                .at("", Place { line: 1, column: 1 })
                .fix("加 --update 只更新有变化的值，加 --force 整个覆盖，或用 -o 写到别的文件夹。"),
        );
    } else {
        let (document, has_mark) = match existing(target) {
            Ok(read) => read,
            Err(Rejection::Data(findings)) => return Ok(Imported { status: Status::Kept, findings }),
            Err(Rejection::Machine(failure)) => return Err(failure),
        };
        let id = document.root.get(FORM_KEY).and_then(|node| node.text()).unwrap_or_default();
        if id != form.id {
            let node = document.root.get(FORM_KEY).unwrap_or(&document.root);
            let message = format!("文件的表式是“{id}”，导入的表是“{}”，没有更新", form.id);
            return kept(
                document
                    .finding("IMPORT-FORM", document.stretch(node), message)
                    .fix("请用 -o 写到别的文件夹，或加 --force 整个覆盖。"),
            );
        }
        let merged = merge(&Data::from(&*document.root), &data);
        let text = yaml::update(&document, form, &merged);
        status = if text == document.text { Status::Unchanged } else { Status::Updated };
        mark = if has_mark { "\u{feff}" } else { "" };
        text
    };
    if status != Status::Unchanged {
        atomically(target, format!("{mark}{text}").as_bytes())?;
    }
    let findings = match load::parse(target, text) {
        Ok(document) => form.schema.judge(&document),
        Err(finding) => vec![finding],
    };
    Ok(Imported { status, findings })
}

/// The document in a file that is to be updated, and whether the file begins with a byte order mark.
fn existing(target: &Path) -> Result<(load::Document, bool), Rejection> {
    let bytes = load::read_any(target)?;
    let marked = bytes.starts_with("\u{feff}".as_bytes());
    Ok((load::parse(target, load::text(target, bytes)?)?, marked))
}

/// The harvest's remarks, the first of them with the file that the table came from.
fn remarks(placed: &Placed) -> Vec<(DataPath, String)> {
    let file = placed.source.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let (whole, others): (Vec<_>, Vec<_>) =
        placed.harvest.remarks.iter().cloned().partition(|(path, _)| *path == DataPath::root());
    let whole: Vec<String> =
        [format!("导入自 {file}")].into_iter().chain(whole.into_iter().map(|(_, text)| text)).collect();
    [(DataPath::root(), whole.join("，"))].into_iter().chain(others).collect()
}

/// Keys of an entry of what could not be placed.
const SPOT: &str = "位置";
const TEXT: &str = "内容";

fn left_over(unplaced: &Unplaced) -> Data {
    let entry = |key: &str, text: String| (key.to_owned(), Data::Text(text));
    Data::Map(vec![entry(SPOT, unplaced.spot.to_string()), entry(TEXT, unplaced.text.clone())])
}

impl std::fmt::Display for Spot {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if let Some(sheet) = &self.sheet {
            write!(f, "工作表“{sheet}”")?;
        }
        write!(f, "第{}行第{}列", self.row, self.column)
    }
}
