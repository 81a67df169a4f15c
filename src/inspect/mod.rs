//! Tries a form before anybody fills it in: what its author would otherwise learn from the first table that fails. It
//! lays the form out with every value given and with none, tries its rules, and draws its examples.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::batch::{Desk, Format};
use crate::diag::{DataPath, Failure, Finding, Place, Rejection, Severity, Step};
use crate::form::{FORM_KEY, Form, KIND_KEY, Purpose, Shape, TEMPLATE, YEAR_KEY, skeleton};
use crate::grid::{Grid, Operand, Source};
use crate::load::{Document, Entry, Kind, Node};
use crate::measure::{measure, squeezed_labels};
use crate::{DrawOptions, draw, load};

/// Keys that every form may have and none has to print.
const RESERVED: [&str; 4] = [FORM_KEY, YEAR_KEY, "豁免", "未识别"];
/// Family of the findings.
const FAMILY: &str = "表式";
/// Items in each list of the trial with everything given: one would hide what only goes wrong with several.
const ITEMS: usize = 2;

/// All that is wrong with a form, in the order in which its author should mend it. `examples` are data files of it.
///
/// # Errors
/// When the machine fails.
pub fn inspect(desk: &Desk, id: &str, examples: &[(PathBuf, String)]) -> Result<Vec<Finding>, Failure> {
    let form = match desk.library().form(id) {
        None => return Err(Failure::new(format!("没有“{id}”这个表式"))),
        Some(Err(findings)) => return Ok(findings),
        Some(Ok(form)) => form,
    };
    match tried(desk, &form, examples) {
        Ok(findings) | Err(Rejection::Data(findings)) => Ok(findings),
        Err(Rejection::Machine(failure)) => Err(failure),
    }
}

fn tried(desk: &Desk, form: &Arc<Form>, examples: &[(PathBuf, String)]) -> Result<Vec<Finding>, Rejection> {
    let press = desk.press_of(form)?;
    let checker = desk.examiner_of(form)?;
    let mut findings = Vec::new();
    for (name, items) in [("全部填写的试样", ITEMS), ("全部空白的试样", 0)] {
        let document = trial(form, name, items);
        // Rules that cannot be evaluated are the form's; what they say of a trial is of no interest.
        if let Err(broken) = checker.checker().check(&document, None) {
            findings.extend(broken);
        }
        let grid = match press.layouter().grid(&document) {
            Ok(grid) => grid,
            Err(broken) => {
                findings.extend(broken);
                continue;
            }
        };
        let measured = measure(&grid, press.faces(), &grid.style.columns);
        press.pdf().render(&grid, &measured, 0, None).map_err(|reason| {
            Rejection::Data(vec![Finding::structure("FORM-STYLE", &form.origin.join("form.yaml"), reason)])
        })?;
        if items > 0 {
            findings.extend(narrow(form, &grid, press.faces()));
            findings.extend(unshown(form, &grid));
            findings.extend(without_cells(form, &grid));
        }
    }
    if form.spec.purpose == Purpose::Data {
        findings.extend(unfit_skeleton(form));
        if examples.is_empty() {
            let message = "没有示例：请放一份填好的 example.yaml，或放在 examples 文件夹里";
            findings.push(remark("FORM-EXAMPLE", &form.origin, Severity::Hint, message.to_owned()));
        }
    }
    for (path, text) in examples {
        let options = DrawOptions { formats: vec![Format::Pdf, Format::Xlsx], ..DrawOptions::default() };
        match draw(desk, path, text.clone(), &options) {
            Ok(drawn) => {
                findings.extend(drawn.findings.into_iter().filter(|one| one.reaches(Severity::Error)));
            }
            Err(Rejection::Data(broken)) => findings.extend(broken),
            Err(machine) => return Err(machine),
        }
    }
    findings.dedup();
    Ok(findings)
}

fn remark(rule: &str, file: &Path, severity: Severity, message: String) -> Finding {
    Finding::structure(rule, file, message).graded(severity, FAMILY)
}

/// A document of the form's shape: each list has so many items, and where there are any, each value is given.
fn trial(form: &Form, name: &str, items: usize) -> Document {
    fn node(shape: &Shape, items: usize) -> Option<Arc<Node>> {
        let kind = match shape {
            Shape::Any => return None,
            Shape::Scalar if items == 0 => Kind::Null,
            Shape::Scalar => Kind::Scalar("1".into()),
            Shape::List(item) => Kind::List((0..items).filter_map(|_| node(item, items)).collect()),
            Shape::Map(keys) => Kind::Map(
                keys.iter()
                    .filter_map(|(key, shape)| {
                        let (key, place) = (Arc::from(key.as_str()), Place::default());
                        Some(Entry { key, place, value: node(shape, items)? })
                    })
                    .collect(),
            ),
        };
        Some(Arc::new(Node { place: Place { line: 1, column: 1 }, bytes: (0, 0), kind }))
    }
    let root = node(&form.schema.shape, items);
    let root = root.unwrap_or_else(|| {
        Arc::new(Node { place: Place { line: 1, column: 1 }, bytes: (0, 0), kind: Kind::Map(Vec::new()) })
    });
    Document { file: name.into(), text: String::new(), root }
}

/// Labels that break between characters because their columns are too narrow.
fn narrow(form: &Form, grid: &Grid, faces: &load::fonts::Typefaces) -> Vec<Finding> {
    let file = form.origin.join("form.yaml");
    let mut said: BTreeMap<String, Finding> = BTreeMap::new();
    for squeezed in squeezed_labels(grid, faces, &grid.style.columns) {
        let cell = &grid.cells[squeezed.cell];
        let columns = match cell.colspan {
            1 => format!("第{}列", cell.col + 1),
            span => format!("第{}至{}列", cell.col + 1, cell.col + span),
        };
        let centimetres = squeezed.missing / 72.0 * 2.54;
        let message =
            format!("第{}行的“{}”排不进{columns}：列宽还差 {centimetres:.2}cm", cell.row + 1, squeezed.words);
        said.entry(squeezed.words).or_insert_with(|| {
            remark("FORM-WIDTH", &file, Severity::Warning, message)
                .fix("请放宽 columns 里的列，或在标签里用 \\n 断行（竖排时每个字之间都写 \\n）。")
        });
    }
    said.into_values().collect()
}

/// Keys of the schema that the table never shows.
fn unshown(form: &Form, grid: &Grid) -> Vec<Finding> {
    let used: Vec<String> = operands(grid)
        .flat_map(|operand| &operand.sources)
        .filter_map(|source| match source {
            Source::Value(path, _) => Some(general(path)),
            Source::Constant(_) | Source::Cell(..) => None,
        })
        .collect();
    let mut paths: Vec<String> = Vec::new();
    for path in grid.unprinted.iter().filter_map(|part| part.path.as_ref()) {
        let steps = path.steps();
        let first = matches!(steps.first(), Some(Step::Key(key)) if RESERVED.contains(&&**key));
        let kind = matches!(steps.last(), Some(Step::Key(key)) if &**key == KIND_KEY);
        let path = general(path);
        if !first && !kind && !paths.contains(&path) && !used.contains(&path) {
            paths.push(path);
        }
    }
    let file = form.origin.join(TEMPLATE);
    let told = paths.into_iter().map(|path| {
        remark("FORM-UNSHOWN", &file, Severity::Hint, format!("schema.json 里有“{path}”，表格里没有显示它"))
            .fix("不需要打印的可以不管；漏了的请在模板里加上。")
    });
    told.collect()
}

/// A path with list positions left out: `项目[].名称`.
fn general(path: &DataPath) -> String {
    let mut out = String::new();
    for step in path.steps() {
        match step {
            Step::Key(key) if out.is_empty() => out.push_str(key),
            Step::Key(key) => out = format!("{out}.{key}"),
            Step::Index(_) => out.push_str("[]"),
        }
    }
    out
}

fn operands(grid: &Grid) -> impl Iterator<Item = &Operand> {
    grid.cells.iter().filter_map(|cell| cell.computed.as_ref()).flat_map(|computed| &computed.operands)
}

/// Formulas with a name that nothing has, though every list has items.
fn without_cells(form: &Form, grid: &Grid) -> Vec<Finding> {
    let file = form.origin.join(TEMPLATE);
    let mut names: Vec<&str> = operands(grid)
        .filter(|operand| operand.sources.is_empty())
        .map(|operand| operand.name.as_str())
        .collect();
    names.sort_unstable();
    names.dedup();
    let told = names.into_iter().map(|name| {
        let message = format!("公式里的“{name}”没有对应的单元格：没有哪一格写了 name: {name}");
        remark("FORM-FORMULA", &file, Severity::Error, message)
    });
    told.collect()
}

/// What is wrong with the empty data file of `jixiao new`, apart from its being empty.
fn unfit_skeleton(form: &Form) -> Vec<Finding> {
    let name = form.origin.join("schema.json");
    let about = |finding: Finding| {
        let message = format!("jixiao new 生成的空白数据文件不合 schema.json：{}", finding.message);
        Finding::structure("FORM-SKELETON", &name, message)
            .fix("请核对 schema.json：列表项的必填键要写在 required 里，留空的键要允许 null。")
    };
    match load::parse(Path::new("空白数据文件"), skeleton(form)) {
        Err(finding) => vec![about(finding)],
        Ok(document) => {
            let blank = |finding: &Finding| {
                let node = finding.path.as_ref().map(|path| document.root.nearest(path));
                node.and_then(Node::text).is_some_and(str::is_empty)
            };
            let judged = form.schema.judge(&document).into_iter();
            judged.filter(|finding| !blank(finding)).map(about).collect()
        }
    }
}
