//! One project as summaries see it: its facts, its indicators one by one, and what is wrong with it.

use std::path::{Path, PathBuf};

use rust_decimal::Decimal;

use super::columns::{ColumnKind, Columns, Fact};
use super::value::parse;
use crate::LaidOut;
use crate::batch::{Desk, Task, guarded};
use crate::diag::{Failure, Finding, Rejection};
use crate::form::{IndicatorLevel, Indicators, Spec, YEAR_KEY};
use crate::load::{self, Document, Kind, Node};
use crate::measure::{Measured, measure};
use crate::render::pdf;

/// A project that was read.
#[derive(Debug)]
pub struct Record {
    /// The data file.
    pub source: PathBuf,
    /// The department whose folder it lies in.
    pub department: String,
    /// Its name; that of the file where the data does not tell.
    pub name: String,
    /// Budget year.
    pub year: Option<i32>,
    /// Its type.
    pub kind: String,
    /// A fact for each column.
    pub facts: Vec<Fact>,
    /// Every indicator, in the order of the table.
    pub indicators: Vec<Indicator>,
    /// What is wrong with it: why it was refused, and what the checker found.
    pub findings: Vec<Finding>,
    /// The table, unless the data was refused.
    pub table: Option<Table>,
}

/// The table of a project, measured for paper.
#[derive(Debug)]
pub struct Table {
    /// Data, form and grid.
    pub laid: LaidOut,
    /// Measured with the form's columns.
    pub measured: Measured,
    /// Pages of its PDF.
    pub pages: usize,
}

/// One indicator, flat.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Indicator {
    /// The groups that it stands in, outermost first.
    pub groups: Vec<String>,
    /// Its name.
    pub name: String,
    /// Its values by key, in the order of the form's columns.
    pub values: Vec<(String, String)>,
}

impl Indicator {
    /// Whether it is set in words only: none of its values can be counted or measured.
    pub fn is_qualitative(&self) -> bool {
        self.values.iter().all(|(_, value)| parse(value).is_none())
    }
}

impl Record {
    /// Reads the project of a task. Wrong data is a finding of the record.
    ///
    /// # Errors
    /// When the machine fails.
    pub fn read(desk: &Desk, columns: &Columns, task: &Task) -> Result<Record, Failure> {
        let source = task.source();
        let mut record = Record {
            source: source.clone(),
            department: task.department(),
            name: task.target().file_name().unwrap_or_default().to_string_lossy().into_owned(),
            year: None,
            kind: String::new(),
            facts: Vec::new(),
            indicators: Vec::new(),
            findings: Vec::new(),
            table: None,
        };
        match guarded(&source, || table(desk, &source)) {
            Ok(table) => {
                let LaidOut { document, press, .. } = &table.laid;
                let spec = &press.form().spec;
                record.tell(spec, &document.root);
                record.facts = columns.read(&press.form().id, &document.root);
                record.indicators = spec
                    .indicators
                    .as_ref()
                    .map(|indicators| flatten(indicators, &document.root))
                    .unwrap_or_default();
                record.findings.clone_from(&table.laid.findings);
                record.table = Some(table);
            }
            Err(Rejection::Machine(failure)) => return Err(failure),
            Err(Rejection::Data(findings)) => {
                record.findings = findings;
                if let Some((document, press)) = readable(desk, &source) {
                    record.tell(&press.form().spec, &document.root);
                }
            }
        }
        Ok(record)
    }

    fn tell(&mut self, spec: &Spec, root: &Node) {
        let fact = |path: &Option<String>| path.as_deref().and_then(|path| root.value_at(path));
        if let Some(name) = fact(&spec.facts.name).filter(|name| !name.is_empty()) {
            self.name = name;
        }
        self.kind = fact(&spec.facts.kind).unwrap_or_default();
        self.year = root.get(YEAR_KEY).and_then(|node| node.text()?.trim().parse().ok());
    }

    /// Sum of one kind of amounts.
    pub fn amount(&self, columns: &Columns, kind: ColumnKind) -> Option<Decimal> {
        columns.sum(&self.facts, kind)
    }

    /// Unit of all its amounts, as the columns have them.
    pub fn unit(&self, columns: &Columns) -> Option<&str> {
        columns.unit(self.table.as_ref()?.laid.press.form().spec.facts.money.as_deref())
    }
}

/// Lays one data file out for paper.
///
/// # Errors
/// What makes it unfit to be printed, or the failure of the machine.
pub(super) fn table(desk: &Desk, source: &Path) -> Result<Table, Rejection> {
    let laid = crate::lay_out(desk, source, load::read(source)?, false)?;
    let measured = measure(&laid.grid, laid.press.faces(), &laid.grid.style.columns);
    laid.press.printable(&laid.document, &measured)?;
    let pages = pdf::pages(&laid.grid, &measured).len();
    Ok(Table { laid, measured, pages })
}

/// The document of a file whose data was refused, as far as it can be read and names a form.
fn readable(desk: &Desk, source: &Path) -> Option<(Document, std::sync::Arc<crate::batch::Press>)> {
    let document = load::parse(source, load::read(source).ok()?).ok()?;
    let press = desk.press(&document).ok()?;
    Some((document, press))
}

/// The indicators of a tree, one by one. A group without indicators gives none.
fn flatten(spec: &Indicators, root: &Node) -> Vec<Indicator> {
    fn walk(
        spec: &Indicators,
        levels: &[IndicatorLevel],
        node: &Node,
        groups: &mut Vec<String>,
        out: &mut Vec<Indicator>,
    ) {
        for level in levels {
            let Some(inner) = node.get(&level.name) else { continue };
            groups.push(level.name.clone());
            if level.children.is_empty() {
                let Kind::List(items) = &inner.kind else {
                    groups.pop();
                    continue;
                };
                out.extend(items.iter().map(|item| {
                    Indicator {
                        groups: groups.clone(),
                        name: item.value_at(&spec.name).unwrap_or_default(),
                        values: (spec.values.iter())
                            .map(|key| (key.clone(), item.value_at(key).unwrap_or_default()))
                            .collect(),
                    }
                }));
            } else {
                walk(spec, &level.children, inner, groups, out);
            }
            groups.pop();
        }
    }
    let mut out = Vec::new();
    for (_, tree) in root.all_at(&spec.path) {
        walk(spec, &spec.tree, tree, &mut Vec::new(), &mut out);
    }
    out
}
