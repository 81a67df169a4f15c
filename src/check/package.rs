//! Rules over all projects of a run: the same project twice, one body written in two ways.

use std::collections::BTreeMap;
use std::path::PathBuf;

use minijinja::Value;

use super::Breach;
use super::scope::Names;
use super::text::squeeze;
use crate::diag::{DataPath, Finding, Stretch};
use crate::form::{Form, YEAR_KEY};
use crate::load::Document;

/// What package rules need to know of one document.
#[derive(Debug, Clone)]
pub struct Summary {
    file: PathBuf,
    form: String,
    year: String,
    name: Fact,
    department: Fact,
    unit: Fact,
    /// Rules that broke at a fact already, which is not said again for the package.
    said: Vec<(String, Stretch)>,
}

/// A fact with its place, so that a finding can point at it after the document is gone.
#[derive(Debug, Clone, Default)]
struct Fact {
    path: String,
    text: String,
    at: Stretch,
    line: String,
}

impl Fact {
    fn new(document: &Document, path: Option<&String>) -> Fact {
        let Some(path) = path else { return Fact::default() };
        let node = document.root.nearest(&DataPath::parse(path));
        let at = document.stretch(node);
        let line = document.text.lines().nth(at.place.line.saturating_sub(1)).unwrap_or_default();
        Fact {
            path: path.clone(),
            text: document.root.value_at(path).unwrap_or_default(),
            at,
            line: line.chars().take(400).collect(),
        }
    }
}

impl Summary {
    pub(super) fn new(form: &Form, document: &Document, findings: &[Finding]) -> Summary {
        let facts = &form.spec.facts;
        Summary {
            file: document.file.clone(),
            form: form.id.clone(),
            year: document.root.value_at(YEAR_KEY).unwrap_or_default(),
            name: Fact::new(document, facts.name.as_ref()),
            department: Fact::new(document, facts.department.as_ref()),
            unit: Fact::new(document, facts.unit.as_ref()),
            said: findings.iter().filter_map(|finding| Some((finding.rule.clone(), finding.at?))).collect(),
        }
    }

    /// The form that the document is in.
    pub fn form(&self) -> &str {
        &self.form
    }
}

/// The names that package rules see: `repeated` projects and `spellings` of bodies.
pub(super) fn names(summaries: &[&Summary]) -> Names {
    Names::of([
        ("repeated", Value::from(repeated(summaries))),
        ("spellings", Value::from(spellings(summaries))),
    ])
}

fn group(name: &str, field: &str, members: &[usize], summaries: &[&Summary]) -> Value {
    let files: Vec<String> =
        members.iter().map(|&index| summaries[index].file.display().to_string()).collect();
    Value::from(BTreeMap::from([
        ("name", Value::from(name)),
        ("field", field.into()),
        ("first", members[0].into()),
        ("files", files.into()),
    ]))
}

/// Projects that stand in more than one file: same year, department and name.
fn repeated(summaries: &[&Summary]) -> Vec<Value> {
    let mut same: BTreeMap<(String, &str, String), Vec<usize>> = BTreeMap::new();
    for (index, summary) in summaries.iter().enumerate().filter(|(_, summary)| !summary.name.text.is_empty())
    {
        let key = (squeeze(&summary.department.text), summary.year.as_str(), squeeze(&summary.name.text));
        same.entry(key).or_default().push(index);
    }
    let mut groups: Vec<Vec<usize>> = same.into_values().filter(|members| members.len() > 1).collect();
    groups.sort();
    groups.iter().map(|members| group(&summaries[members[0]].name.text, "name", members, summaries)).collect()
}

/// Bodies that are written in more than one way; the rarer way is the finding.
fn spellings(summaries: &[&Summary]) -> Vec<Value> {
    let mut bodies: BTreeMap<(&str, String), BTreeMap<&str, Vec<usize>>> = BTreeMap::new();
    for (index, summary) in summaries.iter().enumerate() {
        for (field, fact) in [("department", &summary.department), ("unit", &summary.unit)] {
            if !fact.text.is_empty() {
                let ways = bodies.entry((field, squeeze(&fact.text))).or_default();
                ways.entry(fact.text.as_str()).or_default().push(index);
            }
        }
    }
    let mut out = Vec::new();
    for ((field, squeezed), ways) in bodies.into_iter().filter(|(_, ways)| ways.len() > 1) {
        // The usual way is the most frequent one, and among equals the one without blanks and half-width brackets.
        let usual =
            ways.iter().max_by_key(|(text, files)| (files.len(), **text == squeezed)).map(|(text, _)| *text);
        for (text, files) in ways.iter().filter(|(text, _)| Some(**text) != usual) {
            let mut value: BTreeMap<&str, Value> = BTreeMap::new();
            let names: Vec<String> =
                files.iter().map(|&index| summaries[index].file.display().to_string()).collect();
            value.insert("text", (*text).into());
            value.insert("usual", usual.unwrap_or_default().into());
            value.insert("field", field.into());
            value.insert("first", files[0].into());
            value.insert("files", names.into());
            out.push(Value::from(value));
        }
    }
    out
}

/// Places a package finding at the first file's fact; the other files are in `values`.
pub(super) fn locate(breach: Breach, summaries: &[&Summary]) -> Option<Finding> {
    let attr = |name: &str| breach.item.get_attr(name).unwrap_or_default();
    let mut finding = breach.finding;
    if let Some(summary) = attr("first").as_usize().and_then(|first| summaries.get(first)) {
        let fact = match attr("field").as_str() {
            Some("department") => &summary.department,
            Some("unit") => &summary.unit,
            _ => &summary.name,
        };
        if summary.said.contains(&(finding.rule.clone(), fact.at)) {
            return None;
        }
        finding.file.clone_from(&summary.file);
        finding.at = Some(fact.at);
        finding.excerpt = Some(fact.line.clone());
        finding.path = Some(DataPath::parse(&fact.path));
        finding.place = Some(format!("“{}”", fact.path));
    }
    Some(finding)
}
