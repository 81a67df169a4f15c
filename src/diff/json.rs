//! A report as JSON Lines, with exact decimals as text.

use serde_json::{Value, json};

use super::{Compared, Head, Location, Tag, departments};

/// One object for each project, each followed by its changes, then one for each department; every key of an object
/// always stands in it.
pub fn lines(report: &[Compared]) -> Vec<Value> {
    let mut lines = Vec::new();
    for compared in report {
        let head = compared.head();
        let each = |get: &dyn Fn(&Head) -> Value| {
            let side = |head: &Option<Head>| head.as_ref().map_or(Value::Null, get);
            json!([side(&compared.old), side(&compared.new)])
        };
        lines.push(json!({
            "record": "project",
            "status": compared.state().0,
            "project": head.name,
            "department": head.department,
            "file": each(&|head| json!(head.file.to_string_lossy())),
            "year": each(&|head| json!(head.year)),
            "form": each(&|head| json!(head.form)),
            "total": each(&|head| json!(head.total.map(crate::calc::plain))),
            "unit": head.money,
        }));
        lines.extend(compared.changes.iter().map(|change| {
            let delta = change.delta.as_ref();
            json!({
                "record": "change",
                "type": change.kind.name(),
                "label": change.kind.label(),
                "project": head.name,
                "department": head.department,
                "item": change.item,
                "path": change.path.to_string(),
                "old": change.old,
                "new": change.new,
                "difference": delta.map(|delta| crate::calc::plain(delta.difference)),
                "unit": delta.map(|delta| delta.unit.clone()),
                "percent": delta.and_then(|delta| delta.percent).map(crate::calc::plain),
                "place": [place(change.was.as_ref()), place(change.is.as_ref())],
                "words": change.words.iter().map(|piece| {
                    let mark = match piece.tag {
                        Tag::Same => "=",
                        Tag::Removed => "-",
                        Tag::Added => "+",
                    };
                    json!([mark, piece.text])
                }).collect::<Vec<_>>(),
            })
        }));
    }
    lines.extend(departments(report).iter().map(|department| {
        let delta = department.delta();
        let plain = crate::calc::plain;
        json!({
            "record": "department",
            "department": department.name,
            "projects": [department.projects.0, department.projects.1],
            "changed": department.changed,
            "total": [plain(department.totals.0), plain(department.totals.1)],
            "difference": plain(delta.difference),
            "unit": department.money,
            "percent": delta.percent.map(plain),
        })
    }));
    lines
}

fn place(location: Option<&Location>) -> Value {
    location.map_or(Value::Null, |location| {
        json!({
            "file": location.file.to_string_lossy(),
            "line": location.at.map(|at| at.line),
            "column": location.at.map(|at| at.column),
        })
    })
}
