//! Counts and amounts by department and by type, as live formulas over the lists with their results, and the
//! largest projects. What is kept grows with departments and types, not with projects.

use rust_decimal::Decimal;

use super::columns::{ColumnKind, Columns, Fact};
use super::record::Record;
use super::rows::{self, DEPARTMENT, FIRST_FACT};
use crate::render::xlsx::{Block, Chart, Column, List, Look, MOST_BARS, Value, cell_name, quoted, result};

/// What is counted for one department or type.
#[derive(Debug, Clone, Default)]
struct Sums {
    name: String,
    projects: usize,
    missing: usize,
    indicators: usize,
    qualitative: usize,
    /// One for each amount that is added up, and its most decimals.
    amounts: Vec<(Decimal, u32)>,
}

/// A project that may be among the largest.
#[derive(Debug, Clone)]
struct Large {
    name: String,
    amount: Decimal,
    /// Sheet and row of its line.
    place: (String, u32),
}

/// Counts as projects go by.
#[derive(Debug, Default)]
pub(super) struct Stats {
    departments: Vec<Sums>,
    types: Vec<Sums>,
    large: Vec<Large>,
}

/// The lists that formulas point at.
pub(super) struct Lists {
    pub(super) projects: List,
    pub(super) indicators: List,
}

impl Stats {
    /// Counts a project; `projects` is the list whose last row is the project's.
    pub(super) fn add(&mut self, record: &Record, columns: &Columns, projects: &List) {
        let department = sums(&mut self.departments, &record.department);
        if record.table.is_none() {
            department.missing += 1;
            return;
        }
        let qualitative = record.indicators.iter().filter(|one| one.is_qualitative()).count();
        let count = |sums: &mut Sums| {
            sums.projects += 1;
            sums.indicators += record.indicators.len();
            sums.qualitative += qualitative;
            sums.amounts.resize(added(columns).count(), (Decimal::ZERO, 0));
            for (sum, (place, _)) in sums.amounts.iter_mut().zip(added(columns)) {
                if let Some(Fact::Amount(amount)) = record.facts.get(place) {
                    sum.0 = sum.0.checked_add(*amount).unwrap_or(sum.0);
                    sum.1 = sum.1.max(amount.normalize().scale());
                }
            }
        };
        count(department);
        count(sums(&mut self.types, &record.kind));
        if let (Some(amount), Some(place)) =
            (record.amount(columns, ColumnKind::Full), projects.sheets.last())
        {
            let large = Large { name: record.name.clone(), amount, place: place.clone() };
            let at = self.large.partition_point(|other| other.amount >= amount);
            if at < MOST_BARS {
                self.large.insert(at, large);
                self.large.truncate(MOST_BARS);
            }
        }
    }

    /// The blocks of the sheet, and its chart: by department where there are several, else by project.
    pub(super) fn blocks(&self, columns: &Columns, lists: &Lists) -> (Vec<Block>, Chart) {
        let types = columns.list().iter().position(|column| column.kind == ColumnKind::Type);
        let kind = types.map_or("类型", |at| columns.list()[at].title.as_str());
        let type_column = types.and_then(|at| u16::try_from(at).ok()).map(|at| at + FIRST_FACT);
        let mut blocks = vec![
            block("按部门", "部门", &self.departments, columns, lists, Some(DEPARTMENT)),
            block("按类型", kind, &self.types, columns, lists, type_column),
        ];
        let full = added(columns).position(|(_, kind)| kind == ColumnKind::Full);
        if let (true, Some(full)) = (self.departments.len() > 1, full) {
            let values = u16::try_from(full).unwrap_or_default() + 2;
            let head = blocks[0].columns[usize::from(values)].clone();
            let title = format!("各部门{}", head.title);
            if self.departments.len() <= MOST_BARS {
                return (blocks, Chart { title, block: 0, names: 0, values });
            }
            blocks.push(self.largest_departments(head, full));
            return (blocks, Chart { title, block: 2, names: 0, values: 1 });
        }
        let title = columns.list().iter().find(|column| column.kind == ColumnKind::Full);
        let title = title.map_or_else(String::new, |column| column.title.clone());
        blocks.push(self.largest(&title, columns));
        (blocks, Chart { title: format!("各项目{title}"), block: 2, names: 0, values: 1 })
    }

    fn largest_departments(&self, head: Column, amount: usize) -> Block {
        let amount = |sums: &Sums| sums.amounts.get(amount).map_or(Decimal::ZERO, |(sum, _)| *sum);
        let mut all: Vec<&Sums> = self.departments.iter().collect();
        all.sort_by_key(|sums| std::cmp::Reverse(amount(sums)));
        let rows = all.into_iter().take(MOST_BARS);
        let rows = rows.map(|sums| vec![Value::Text(sums.name.clone()), Value::Number(amount(sums))]);
        Block {
            title: format!("金额最大的部门（最多 {MOST_BARS} 个）"),
            columns: vec![Column::new("部门", 230, Look::Text), head],
            rows: rows.collect(),
            totalled: false,
        }
    }

    fn largest(&self, title: &str, columns: &Columns) -> Block {
        let full: Vec<u16> = columns
            .list()
            .iter()
            .zip(FIRST_FACT..)
            .filter(|(column, _)| column.kind == ColumnKind::Full)
            .map(|(_, col)| col)
            .collect();
        let rows = self.large.iter().map(|large| {
            let (sheet, row) = &large.place;
            // Money in another unit stands in another column, which is empty here.
            let cells: Vec<String> =
                full.iter().map(|&col| format!("{}!{}", quoted(sheet), cell_name(*row, col))).collect();
            let formula = if cells.len() == 1 { cells.concat() } else { format!("SUM({})", cells.join(",")) };
            vec![Value::Text(large.name.clone()), Value::Formula(formula, result(large.amount))]
        });
        Block {
            title: format!("金额最大的项目（最多 {MOST_BARS} 个）"),
            columns: vec![Column::new("项目", 230, Look::Text), Column::new(title, 110, Look::Amount)],
            rows: rows.collect(),
            totalled: false,
        }
    }
}

/// Share of indicators in words.
fn share(qualitative: usize, indicators: usize) -> Value {
    let share = Decimal::from(qualitative).checked_div(Decimal::from(indicators));
    share.map_or(Value::Empty, |share| Value::Number(share.round_dp(4)))
}

fn sums<'a>(all: &'a mut Vec<Sums>, name: &str) -> &'a mut Sums {
    // The project before is most often of the same department.
    let at = all.iter().rposition(|sums| sums.name == name).unwrap_or_else(|| {
        all.push(Sums { name: name.to_owned(), ..Sums::default() });
        all.len() - 1
    });
    &mut all[at]
}

/// The amounts that are added up, by place among the columns.
fn added(columns: &Columns) -> impl Iterator<Item = (usize, ColumnKind)> {
    let wanted = [ColumnKind::Total, ColumnKind::Half, ColumnKind::Full];
    let all = columns.list().iter().enumerate().map(|(at, column)| (at, column.kind));
    all.filter(move |(_, kind)| wanted.contains(kind))
}

/// A block of one line for each name. `key` is the column of the list of projects in which the names stand; that of
/// departments is the same in the list of indicators.
fn block(title: &str, name: &str, all: &[Sums], columns: &Columns, lists: &Lists, key: Option<u16>) -> Block {
    let by_department = key == Some(DEPARTMENT);
    let mut heads = vec![Column::new(name, 230, Look::Text), Column::new("项目数", 110, Look::Number)];
    heads.extend(added(columns).map(|(at, _)| Column::new(&columns.list()[at].title, 120, Look::Amount)));
    heads.extend([
        Column::new("指标数", 80, Look::Number),
        Column::new("定性指标", 80, Look::Number),
        Column::new("定性占比", 80, Look::Percent),
    ]);
    if by_department {
        heads.push(Column::new("有误未编入", 90, Look::Number));
    }
    let mut rows: Vec<Vec<Value>> = all
        .iter()
        .map(|sums| {
            let live = key.filter(|_| is_criterion(&sums.name));
            let criterion = format!("\"{}\"", sums.name);
            let mut row =
                vec![Value::Text(if sums.name.is_empty() { "（未填）" } else { &sums.name }.to_owned())];
            row.push(live_count(&lists.projects, live, &criterion, "", sums.projects));
            for ((at, _), (sum, decimals)) in added(columns).zip(&sums.amounts) {
                let col = u16::try_from(at).unwrap_or_default() + FIRST_FACT;
                row.push(live_sum(&lists.projects, live, &criterion, col, *sum, *decimals));
            }
            row.resize(2 + added(columns).count(), Value::Empty);
            let of_indicators = live.filter(|_| by_department);
            let last = u16::try_from(rows::indicator_columns(columns).len() - 1).unwrap_or_default();
            let words: Vec<String> = lists.indicators.ranges(last);
            row.push(live_count(&lists.indicators, of_indicators, &criterion, "", sums.indicators));
            row.push(live_count(
                &lists.indicators,
                of_indicators,
                &criterion,
                &words.join("\n"),
                sums.qualitative,
            ));
            row.push(share(sums.qualitative, sums.indicators));
            if by_department {
                row.push(rows::count(sums.missing));
            }
            row
        })
        .collect();
    rows.push(total(all, columns, by_department));
    Block { title: title.to_owned(), columns: heads, rows, totalled: true }
}

/// The line below all others.
fn total(all: &[Sums], columns: &Columns, by_department: bool) -> Vec<Value> {
    let count = |of: fn(&Sums) -> usize| all.iter().map(of).sum::<usize>();
    let mut row = vec![Value::Text("合计".to_owned()), rows::count(count(|sums| sums.projects))];
    for at in 0..added(columns).count() {
        let amounts = all.iter().filter_map(|sums| Some(sums.amounts.get(at)?.0));
        row.push(super::columns::total(amounts).map_or(Value::Empty, Value::Number));
    }
    let (indicators, qualitative) = (count(|sums| sums.indicators), count(|sums| sums.qualitative));
    row.extend([rows::count(indicators), rows::count(qualitative)]);
    row.push(share(qualitative, indicators));
    if by_department {
        row.push(rows::count(count(|sums| sums.missing)));
    }
    row
}

/// Whether a name means itself as a criterion of COUNTIFS: no wildcard, no comparison, nothing that a formula cannot
/// hold. Other names get plain numbers.
fn is_criterion(name: &str) -> bool {
    let special = |c: char| matches!(c, '*' | '?' | '~' | '"' | '=' | '<' | '>') || c.is_control();
    !name.is_empty() && !name.contains(special) && name.chars().count() <= 100 && name.parse::<f64>().is_err()
}

/// A count of a list's rows with a name in a column; `words` are the ranges that must hold 定性 besides.
fn live_count(list: &List, key: Option<u16>, criterion: &str, words: &str, known: usize) -> Value {
    let Some(key) = key else { return rows::count(known) };
    let ranges = list.ranges(key);
    if ranges.is_empty() {
        return rows::count(known);
    }
    let mut words = words.split('\n');
    let parts = ranges.iter().map(|range| match words.next().filter(|words| !words.is_empty()) {
        Some(words) => format!("COUNTIFS({range},{criterion},{words},\"{}\")", rows::nature(true)),
        None => format!("COUNTIFS({range},{criterion})"),
    });
    Value::Formula(parts.collect::<Vec<_>>().join("+"), known.to_string())
}

/// A sum over a list's rows with a name in a column.
fn live_sum(
    list: &List,
    key: Option<u16>,
    criterion: &str,
    col: u16,
    known: Decimal,
    decimals: u32,
) -> Value {
    let Some(key) = key else { return Value::Number(known) };
    let ranges = list.ranges(key);
    if ranges.is_empty() {
        return Value::Number(known);
    }
    let parts = ranges.iter().zip(list.ranges(col));
    let parts: Vec<String> =
        parts.map(|(names, amounts)| format!("SUMIFS({amounts},{names},{criterion})")).collect();
    Value::Formula(format!("ROUND({},{decimals})", parts.join("+")), result(known))
}
