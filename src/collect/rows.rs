//! Projects, indicators and findings as rows: the same for workbooks and for flat data.

use rust_decimal::Decimal;

use super::columns::{ColumnKind, Columns, Fact};
use super::record::Record;
use super::value;
use crate::diag::{Finding, Severity};
use crate::render::xlsx::{Column, Look, Value};

/// Names of the levels of an indicator tree.
const LEVELS: [&str; 6] = ["一级", "二级", "三级", "四级", "五级", "六级"];
/// What can become of a finding.
pub(super) const STATES: [&str; 4] = ["待处理", "已整改", "已说明", "不需处理"];
/// Columns of departments in the lists of projects and of indicators.
pub(super) const DEPARTMENT: u16 = 1;
/// Column of the project's type in the list of projects, counted among the facts.
pub(super) const FIRST_FACT: u16 = 3;

/// Columns of 项目汇总.
pub(super) fn project_columns(columns: &Columns) -> Vec<Column> {
    let mut all = vec![
        Column::new("序号", 52, Look::Center),
        Column::new("部门", 120, Look::Name),
        Column::new("年度", 56, Look::Center),
    ];
    all.extend(columns.list().iter().map(|column| {
        let (width, look) = match column.kind {
            ColumnKind::Name => (190, Look::Text),
            ColumnKind::Type => (100, Look::Center),
            ColumnKind::Term => (56, Look::Center),
            _ => (82, Look::Amount),
        };
        Column::new(&column.title, width, look)
    }));
    all
}

/// A row of 项目汇总.
pub(super) fn project(record: &Record, number: usize) -> Vec<Value> {
    let mut row = vec![count(number), Value::Text(record.department.clone()), year(record)];
    row.extend(record.facts.iter().map(|fact| match fact {
        Fact::Empty => Value::Empty,
        Fact::Text(text) => Value::Text(text.clone()),
        Fact::Amount(amount) => Value::Number(*amount),
    }));
    row
}

/// Columns of 指标明细.
pub(super) fn indicator_columns(columns: &Columns) -> Vec<Column> {
    let mut all = vec![
        Column::new("序号", 60, Look::Center),
        Column::new("部门", 120, Look::Name),
        Column::new("年度", 56, Look::Center),
        Column::new("项目", 190, Look::Name),
    ];
    for level in 0..columns.levels() {
        let name = LEVELS.get(level).copied().unwrap_or("下级");
        let last = level + 1 == columns.levels();
        all.push(Column::new(
            name,
            if last { 250 } else { 84 },
            if last { Look::Text } else { Look::Center },
        ));
    }
    all.extend(columns.keys().iter().map(|key| Column::new(format!("{key}值"), 100, Look::Center)));
    for key in columns.keys() {
        all.push(Column::new(format!("{key}符号"), 56, Look::Center));
        all.push(Column::new(format!("{key}数值"), 72, Look::Number));
        all.push(Column::new(format!("{key}单位"), 72, Look::Center));
    }
    all.push(Column::new("性质", 56, Look::Center));
    all
}

/// Rows of 指标明细; `number` counts on over all projects.
pub(super) fn indicators<'a>(
    record: &'a Record,
    columns: &'a Columns,
    number: &'a mut usize,
) -> impl Iterator<Item = Vec<Value>> {
    record.indicators.iter().map(move |indicator| {
        *number += 1;
        let text = |text: &str| if text.is_empty() { Value::Empty } else { Value::Text(text.to_owned()) };
        let mut row =
            vec![count(*number), Value::Text(record.department.clone()), year(record), text(&record.name)];
        for level in 0..columns.levels().saturating_sub(1) {
            row.push(text(indicator.groups.get(level).map_or("", String::as_str)));
        }
        row.push(text(&indicator.name));
        let value_of = |key: &String| {
            let found = indicator.values.iter().find(|(known, _)| known == key);
            found.map_or("", |(_, value)| value.as_str())
        };
        row.extend(columns.keys().iter().map(|key| text(value_of(key))));
        for key in columns.keys() {
            row.extend(match value::parse(value_of(key)) {
                Some(target) => [text(target.sign), Value::Number(target.number), text(&target.unit)],
                None => [Value::Empty, Value::Empty, Value::Empty],
            });
        }
        row.push(text(nature(indicator.is_qualitative())));
        row
    })
}

/// What an indicator is called by whether it is in words only.
pub(super) fn nature(qualitative: bool) -> &'static str {
    if qualitative { "定性" } else { "定量" }
}

/// Columns of 问题清单.
pub(super) fn issue_columns() -> Vec<Column> {
    vec![
        Column::new("序号", 48, Look::Center),
        Column::new("部门", 130, Look::Text),
        Column::new("项目", 170, Look::Text),
        Column::new("规则", 110, Look::Center),
        Column::new("级别", 56, Look::Center),
        Column::new("位置", 210, Look::Text),
        Column::new("问题", 280, Look::Text),
        Column::new("建议", 240, Look::Text),
        Column::new("处理情况", 80, Look::Center),
    ]
}

/// Column of 问题清单 that a person fills in.
pub(super) const STATE: u16 = 8;

/// A row of 问题清单.
pub(super) fn issue(department: &str, project: &str, finding: &Finding, number: usize) -> Vec<Value> {
    let text = |text: &str| if text.is_empty() { Value::Empty } else { Value::Text(text.to_owned()) };
    let level = match finding.severity {
        Severity::Error => "错误",
        Severity::Warning => "警告",
        Severity::Hint => "提示",
    };
    // The place in the data and, where the finding knows it, the value there.
    let place = match &finding.path {
        Some(path) => format!("{}\n{path}", finding.location()),
        None => finding.location(),
    };
    vec![
        count(number),
        text(department),
        text(project),
        text(&finding.rule),
        text(level),
        text(&place),
        text(&finding.message),
        text(finding.fix.as_deref().unwrap_or_default()),
        text(STATES[0]),
    ]
}

/// A count as a value.
pub(super) fn count(number: usize) -> Value {
    Value::Number(Decimal::from(number))
}

fn year(record: &Record) -> Value {
    record.year.map_or(Value::Empty, |year| Value::Number(Decimal::from(year)))
}
