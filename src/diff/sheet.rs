//! A report as the 对照表 that goes with a request to change a budget: what it was, what it is to be, by how much,
//! and room for the reason.

use std::io::Write;

use rust_decimal::Decimal;

use super::value::rounded;
use super::{Change, Compared, Delta, Kind, departments, excerpts};
use crate::calc::{decimal, plain};
use crate::diag::Failure;
use crate::grid::Meta;
use crate::render::xlsx::{Book, Column, LedgerSpec, Look, Value};

/// Names of the sheets.
const SHEETS: [&str; 2] = ["对照表", "汇总"];
/// Rows of a sheet of Excel.
const MOST_ROWS: u32 = 1 << 20;

/// Writes the workbook. `wording` also lists what is only written in another way; `timestamp` is the creation date in
/// seconds since 1970 (UTC).
///
/// # Errors
/// When the disk is full.
pub fn workbook(
    report: &[Compared],
    wording: bool,
    timestamp: i64,
    writer: impl Write + Send,
) -> Result<(), Failure> {
    fill(report, wording, timestamp, writer).map_err(|reason| {
        Failure::new(format!("无法生成对照表（{reason}）")).fix("请检查临时文件夹和输出文件夹的可用空间。")
    })
}

fn fill(report: &[Compared], wording: bool, timestamp: i64, writer: impl Write + Send) -> Result<(), String> {
    let title = title(report);
    let meta = Meta { title: title.clone(), subject: SHEETS[0].to_owned(), ..Meta::default() };
    let mut book = Book::new(&meta, timestamp)?;
    let spec = |name: &str, columns: Vec<Column>, totals, frozen| LedgerSpec {
        name: name.to_owned(),
        title: format!("{title}{}", if totals { "（汇总）" } else { "" }),
        columns,
        totals,
        choices: None,
        frozen,
        most_rows: MOST_ROWS,
    };
    let details = book.ledger(spec(SHEETS[0], detail_columns(), false, 2))?;
    for compared in report {
        if let Some(row) = whole(compared) {
            book.push(details, &row)?;
        }
        for change in compared.changes.iter().filter(|change| wording || change.kind != Kind::Wording) {
            book.push(details, &detail(compared, change))?;
        }
    }
    let summary = book.ledger(spec(SHEETS[1], summary_columns(report), true, 1))?;
    for department in departments(report) {
        let delta = department.delta();
        let count = |number: usize| Value::Number(Decimal::from(number));
        book.push(
            summary,
            &[
                text(&department.name),
                count(department.projects.0),
                count(department.projects.1),
                count(department.changed),
                Value::Number(department.totals.0),
                Value::Number(department.totals.1),
                Value::Number(delta.difference),
                share(&delta),
            ],
        )?;
    }
    book.finish(None, None, writer)
}

/// What stands above every page.
fn title(report: &[Compared]) -> String {
    let years = |sides: &dyn Fn(&Compared) -> Option<i32>| -> Vec<i32> {
        let mut years: Vec<i32> = report.iter().filter_map(sides).collect();
        years.sort_unstable();
        years.dedup();
        years
    };
    let before = years(&|compared| compared.old.as_ref()?.year);
    let now = years(&|compared| compared.new.as_ref()?.year);
    match (&before[..], &now[..]) {
        ([old], [new]) if old != new => format!("绩效目标调整对照表（{old}—{new}年度）"),
        ([_], [new]) => format!("绩效目标调整对照表（{new}年度）"),
        _ => "绩效目标调整对照表".to_owned(),
    }
}

fn detail_columns() -> Vec<Column> {
    vec![
        Column::new("项目", 140, Look::Text),
        Column::new("字段/指标", 220, Look::Text),
        Column::new("调整前", 200, Look::Text),
        Column::new("调整后", 200, Look::Text),
        Column::new("差额", 84, Look::Number),
        Column::new("增减%", 72, Look::Percent),
        Column::new("变动类型", 84, Look::Center),
        Column::new("调整理由", 170, Look::Input),
    ]
}

fn summary_columns(report: &[Compared]) -> Vec<Column> {
    let mut units: Vec<&str> = report.iter().map(|compared| compared.head().money.as_str()).collect();
    units.dedup();
    let unit = match units[..] {
        [unit] if !unit.is_empty() => format!("（{unit}）"),
        _ => String::new(),
    };
    vec![
        Column::new("部门", 230, Look::Text),
        Column::new("调整前项目数", 92, Look::Number),
        Column::new("调整后项目数", 92, Look::Number),
        Column::new("有变动", 84, Look::Number),
        Column::new(format!("调整前金额{unit}"), 130, Look::Amount),
        Column::new(format!("调整后金额{unit}"), 130, Look::Amount),
        Column::new(format!("差额{unit}"), 130, Look::Amount),
        Column::new("增减%", 84, Look::Percent),
    ]
}

/// The row of a project that is new or gone, or in another form.
fn whole(compared: &Compared) -> Option<Vec<Value>> {
    let total = |head: &Option<super::Head>| {
        head.as_ref().and_then(|head| head.total).map_or(Value::Empty, Value::Number)
    };
    let (old, new) = (total(&compared.old), total(&compared.new));
    let (before, now, word) = match compared.state() {
        ("added" | "removed", word) => (old, new, word),
        _ if !compared.same_form() => {
            let form = |head: &Option<super::Head>| text(head.as_ref().map_or("", |head| &head.form));
            (form(&compared.old), form(&compared.new), "表式不同")
        }
        _ => return None,
    };
    let name = text(&compared.head().name);
    Some(vec![name, text("（整个项目）"), before, now, Value::Empty, Value::Empty, text(word), Value::Empty])
}

fn detail(compared: &Compared, change: &Change) -> Vec<Value> {
    let (old, new) = if change.words.is_empty() {
        (amount(change, change.old.as_deref()), amount(change, change.new.as_deref()))
    } else {
        let (old, new) = excerpts(&change.words);
        (text(&old), text(&new))
    };
    let difference = change.delta.as_ref().map_or(Value::Empty, |delta| Value::Number(delta.difference));
    let share = change.delta.as_ref().map_or(Value::Empty, share);
    vec![
        text(&compared.head().name),
        text(&change.item),
        old,
        new,
        difference,
        share,
        text(change.kind.label()),
        Value::Empty,
    ]
}

/// A value as a number where it is an amount, else as it was typed.
fn amount(change: &Change, value: Option<&str>) -> Value {
    let value = value.unwrap_or_default();
    match decimal(value).filter(|number| change.delta.is_some() && plain(*number).len() <= 15) {
        Some(number) => Value::Number(number),
        None => text(value),
    }
}

fn text(text: &str) -> Value {
    if text.is_empty() { Value::Empty } else { Value::Text(text.to_owned()) }
}

/// A percentage as the share that a cell holds.
fn share(delta: &Delta) -> Value {
    let share = delta.percent.and_then(|percent| rounded(percent).checked_div(Decimal::ONE_HUNDRED));
    share.map_or(Value::Empty, Value::Number)
}
