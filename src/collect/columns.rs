//! The columns of 项目汇总: one for each fact of the forms that a run meets, named by the last key of the fact's
//! path, so that a form of another province brings its own.

use std::collections::HashMap;

use rust_decimal::Decimal;

use crate::calc::{convert, yuan};
use crate::form::{Form, IndicatorLevel, Spec};
use crate::load::{Kind, Node};

/// A column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// Its title.
    pub title: String,
    /// What stands in it.
    pub kind: ColumnKind,
}

/// What stands in a column. The order is that of the columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ColumnKind {
    /// The project's name.
    Name,
    /// Its type.
    Type,
    /// A year or another short text.
    Term,
    /// The year's money.
    Total,
    /// A part of it.
    Source,
    /// Expenditure planned for half a year.
    Half,
    /// Expenditure planned for the year.
    Full,
}

impl ColumnKind {
    /// Whether it holds money.
    pub fn is_amount(self) -> bool {
        self >= ColumnKind::Total
    }
}

/// What a project says for one column.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Fact {
    /// Nothing.
    #[default]
    Empty,
    /// A text.
    Text(String),
    /// An amount.
    Amount(Decimal),
}

/// Where a form keeps a fact.
#[derive(Debug)]
enum Source {
    Text(String),
    /// Path of an amount and what it is converted by.
    Amount(String, Exchange),
    /// Path of the expenditure lines and key of the amounts that are added up.
    Lines(String, String, Exchange),
}

/// The unit in which a form counts money and that of the summaries.
#[derive(Debug, Clone)]
struct Exchange(Option<(String, String)>);

impl Exchange {
    /// The amount in the unit of the summaries; `None` when it has too many digits for that.
    fn convert(&self, amount: Decimal) -> Option<Decimal> {
        match &self.0 {
            Some((from, to)) => convert(amount, from, to),
            None => Some(amount),
        }
    }
}

/// The unit in which money of several units is summed up.
const COMMON: &str = "万元";

/// The columns of a run.
#[derive(Debug, Default)]
pub struct Columns {
    list: Vec<Column>,
    forms: HashMap<String, Vec<(usize, Source)>>,
    levels: usize,
    keys: Vec<String>,
    /// Whether forms count money in different units, so that it is converted.
    mixed: bool,
}

impl Columns {
    /// The columns that some forms need together.
    pub fn new<'a>(forms: impl IntoIterator<Item = &'a Form>) -> Columns {
        let forms: Vec<&Form> = forms.into_iter().collect();
        let trees = || forms.iter().filter_map(|form| form.spec.indicators.as_ref());
        let levels = trees().map(|tree| depth(&tree.tree) + 1).max().unwrap_or(0);
        let mut keys: Vec<String> = Vec::new();
        for key in trees().flat_map(|tree| &tree.values) {
            if !keys.contains(key) {
                keys.push(key.clone());
            }
        }
        let units: Vec<&str> = forms.iter().filter_map(|form| form.spec.facts.money.as_deref()).collect();
        let mixed = units.windows(2).any(|pair| pair[0] != pair[1]);
        let told: Vec<(&str, Vec<(Column, Source)>)> =
            forms.iter().map(|form| (form.id.as_str(), facts(&form.spec, mixed))).collect();
        let mut list: Vec<Column> = Vec::new();
        for (column, _) in told.iter().flat_map(|(_, facts)| facts) {
            if !list.contains(column) {
                list.push(column.clone());
            }
        }
        list.sort_by_key(|column| column.kind);
        let place = |column: &Column| list.iter().position(|known| known == column).unwrap_or(0);
        let forms = told.into_iter().map(|(id, facts)| {
            let places = facts.into_iter().map(|(column, source)| (place(&column), source));
            (id.to_owned(), places.collect())
        });
        Columns { forms: forms.collect(), list: list.clone(), levels, keys, mixed }
    }

    /// All columns in order.
    pub fn list(&self) -> &[Column] {
        &self.list
    }

    /// The unit in which a form's money stands in the columns.
    pub fn unit<'a>(&self, money: Option<&'a str>) -> Option<&'a str> {
        if self.mixed { money.map(|unit| yuan(unit).map_or(unit, |_| COMMON)) } else { money }
    }

    /// Levels of an indicator, its own included.
    pub fn levels(&self) -> usize {
        self.levels
    }

    /// Keys of an indicator's values.
    pub fn keys(&self) -> &[String] {
        &self.keys
    }

    /// What a project in a form says, a fact for each column.
    pub fn read(&self, form: &str, root: &Node) -> Vec<Fact> {
        let mut facts = vec![Fact::Empty; self.list.len()];
        for (place, source) in self.forms.get(form).into_iter().flatten() {
            facts[*place] = source.read(root);
        }
        facts
    }

    /// Sum of the facts of one kind; nothing where there is none.
    pub fn sum(&self, facts: &[Fact], kind: ColumnKind) -> Option<Decimal> {
        let amounts = self.list.iter().zip(facts).filter(|(column, _)| column.kind == kind);
        let amounts = amounts.filter_map(|(_, fact)| match fact {
            Fact::Amount(amount) => Some(*amount),
            _ => None,
        });
        total(amounts)
    }
}

/// Exact sum; nothing for no amounts, or for a sum past 28 digits.
pub(super) fn total(amounts: impl IntoIterator<Item = Decimal>) -> Option<Decimal> {
    amounts.into_iter().try_fold(None, |sum: Option<Decimal>, amount| match sum {
        None => Some(Some(amount)),
        Some(sum) => sum.checked_add(amount).map(Some),
    })?
}

fn depth(levels: &[IndicatorLevel]) -> usize {
    levels.iter().map(|level| 1 + depth(&level.children)).max().unwrap_or(0)
}

fn facts(spec: &Spec, mixed: bool) -> Vec<(Column, Source)> {
    let facts = &spec.facts;
    let mut told = Vec::new();
    let texts = [
        (&facts.name, ColumnKind::Name),
        (&facts.kind, ColumnKind::Type),
        (&facts.begin, ColumnKind::Term),
        (&facts.end, ColumnKind::Term),
    ];
    for (path, kind) in texts {
        if let Some(path) = path {
            told.push((Column { title: last(path).to_owned(), kind }, Source::Text(path.clone())));
        }
    }
    let own = facts.money.as_deref();
    let common = own.filter(|unit| mixed && yuan(unit).is_some());
    let exchange = || Exchange(common.map(|unit| (unit.to_owned(), COMMON.to_owned())));
    let unit = if common.is_some() { Some(COMMON) } else { own };
    let titled = |title: String, kind| {
        let unit = unit.map_or_else(String::new, |unit| format!("（{unit}）"));
        Column { title: format!("{title}{unit}"), kind }
    };
    let paths: Vec<&String> = facts.total.iter().chain(&facts.sources).collect();
    // Where several amounts have the same last key, the key before it tells them apart.
    let title = |path: &str| {
        let same = paths.iter().filter(|other| last(other) == last(path)).count();
        let before = path.rsplit('.').nth(1).filter(|_| same > 1);
        before.map_or_else(|| last(path).to_owned(), |before| format!("{before}·{}", last(path)))
    };
    if let Some(path) = &facts.total {
        told.push((titled(title(path), ColumnKind::Total), Source::Amount(path.clone(), exchange())));
    }
    for path in &facts.sources {
        told.push((titled(title(path), ColumnKind::Source), Source::Amount(path.clone(), exchange())));
    }
    if let Some(lines) = &facts.expenditure {
        let mut add = |key: &String, kind| {
            let source = Source::Lines(lines.path.clone(), key.clone(), exchange());
            told.push((titled(key.clone(), kind), source));
        };
        if let Some(half) = &lines.half {
            add(half, ColumnKind::Half);
        }
        add(&lines.full, ColumnKind::Full);
    }
    told
}

fn last(path: &str) -> &str {
    path.rsplit('.').next().unwrap_or(path)
}

impl Source {
    fn read(&self, root: &Node) -> Fact {
        match self {
            Source::Text(path) => {
                root.value_at(path).filter(|text| !text.is_empty()).map_or(Fact::Empty, Fact::Text)
            }
            Source::Amount(path, exchange) => match root.value_at(path) {
                Some(text) if !text.is_empty() => {
                    let amount = text.trim().parse().ok().and_then(|amount| exchange.convert(amount));
                    amount.map_or(Fact::Text(text), Fact::Amount)
                }
                _ => Fact::Empty,
            },
            Source::Lines(path, key, exchange) => {
                let list = path.split('.').try_fold(root, |node, key| node.get(key).map(|node| &**node));
                let Some(Kind::List(items)) = list.map(|node| &node.kind) else { return Fact::Empty };
                let amounts = items.iter().filter_map(|item| item.value_at(key)?.trim().parse().ok());
                let sum = total(amounts).and_then(|sum| exchange.convert(sum));
                sum.map_or(Fact::Empty, Fact::Amount)
            }
        }
    }
}
