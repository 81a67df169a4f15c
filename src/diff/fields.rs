//! Changes of single fields, and of expenditure lines. Projects in one form are compared field by field, those in
//! different forms by the facts that both forms know.

use super::pairing::Pairs;
use super::source::Project;
use super::value::{Meaning, fold, judge};
use super::words::pieces;
use super::{Change, Kind};
use crate::diag::{DataPath, Step};
use crate::form::{FORM_KEY, Facts, UNPLACED_KEY, WAIVERS_KEY, YEAR_KEY};
use crate::yaml::Data;

/// Lines whose names are at least this alike are the same line.
const ALIKE: f64 = 0.5;
/// What stands between the parts of a place.
pub(super) const SEPARATOR: &str = " › ";

/// One field in both versions.
struct Field {
    item: String,
    old: Option<DataPath>,
    new: Option<DataPath>,
    is_amount: bool,
}

/// Changes of all fields, then of expenditure lines.
pub(super) fn changes(old: &Project, new: &Project) -> Vec<Change> {
    let fields = if old.form.id == new.form.id { all(old, new) } else { facts(old, new) };
    let mut changes: Vec<Change> = fields
        .into_iter()
        .filter_map(|field| {
            let meaning = if field.is_amount { Meaning::Amount(new.money()) } else { Meaning::Text };
            let change = change(old, new, (field.old.as_ref(), field.new.as_ref()), meaning, field.item)?;
            let is_name = new.form.spec.facts.name.as_ref() == Some(&change.path.to_string());
            Some(if is_name { as_renamed(change) } else { change })
        })
        .collect();
    changes.extend(lines(old, new));
    changes
}

/// What happened to one value. A path is absent where its version has no such value.
pub(super) fn change(
    old: &Project,
    new: &Project,
    paths: (Option<&DataPath>, Option<&DataPath>),
    meaning: Meaning<'_>,
    item: String,
) -> Option<Change> {
    let before = paths.0.map(|path| old.text(path)).unwrap_or_default();
    let now = paths.1.map(|path| new.text(path)).unwrap_or_default();
    let verdict = judge(before, now, meaning)?;
    let is_long = meaning == Meaning::Text && verdict.kind == Kind::Changed;
    Some(Change {
        kind: verdict.kind,
        item,
        path: paths.1.or(paths.0)?.clone(),
        old: some(before),
        new: some(now),
        delta: verdict.delta,
        was: paths.0.map(|path| old.location(path)),
        is: paths.1.map(|path| new.location(path)),
        words: if is_long { pieces(before, now) } else { Vec::new() },
    })
}

fn some(text: &str) -> Option<String> {
    (!text.trim().is_empty()).then(|| text.trim().to_owned())
}

/// Every field of a form but indicators, expenditure lines and what is never printed, in the order of the new data.
fn all(old: &Project, new: &Project) -> Vec<Field> {
    let facts = &new.form.spec.facts;
    let mut skipped = [FORM_KEY, YEAR_KEY, WAIVERS_KEY, UNPLACED_KEY].map(str::to_owned).to_vec();
    skipped.extend(new.form.spec.indicators.iter().map(|indicators| indicators.path.clone()));
    skipped.extend(facts.expenditure.iter().map(|lines| lines.path.clone()));
    let mut paths = Vec::new();
    scalars(&new.data, &DataPath::root(), &skipped, &mut paths);
    let mut before = Vec::new();
    scalars(&old.data, &DataPath::root(), &skipped, &mut before);
    paths.extend(before.into_iter().filter(|path| new.data.at(path).is_none()));
    paths
        .into_iter()
        .map(|path| {
            let name = path.to_string();
            let is_amount = facts.total.as_ref() == Some(&name) || facts.sources.contains(&name);
            Field { item: place(&path), old: Some(path.clone()), new: Some(path), is_amount }
        })
        .collect()
}

fn scalars(data: &Data, path: &DataPath, skipped: &[String], out: &mut Vec<DataPath>) {
    if skipped.contains(&path.to_string()) {
        return;
    }
    match data {
        Data::Null | Data::Text(_) => out.push(path.clone()),
        Data::List(items) => {
            for (index, item) in items.iter().enumerate() {
                scalars(item, &path.index(index), skipped, out);
            }
        }
        Data::Map(entries) => {
            for (key, value) in entries {
                scalars(value, &path.key(key.as_str()), skipped, out);
            }
        }
    }
}

/// A path as people read it.
fn place(path: &DataPath) -> String {
    let words = path.steps().into_iter().map(|step| match step {
        Step::Key(key) => key.to_string(),
        Step::Index(index) => format!("第{}项", index + 1),
    });
    words.collect::<Vec<_>>().join(SEPARATOR)
}

/// The facts that both forms know.
fn facts(old: &Project, new: &Project) -> Vec<Field> {
    let single = |facts: &Facts| {
        [
            &facts.name,
            &facts.department,
            &facts.unit,
            &facts.kind,
            &facts.begin,
            &facts.end,
            &facts.person,
            &facts.phone,
            &facts.total,
        ]
        .map(Clone::clone)
    };
    let (before, now) = (&old.form.spec.facts, &new.form.spec.facts);
    let same_unit = before.money == now.money;
    let last = |path: &str| path.rsplit('.').next().unwrap_or(path).to_owned();
    let both = |(old, new): (Option<String>, Option<String>)| old.zip(new);
    let total = single(now).len() - 1;
    let mut pairs: Vec<(String, String, bool)> = (single(before).into_iter().zip(single(now)))
        .enumerate()
        .filter_map(|(at, pair)| both(pair).map(|(old, new)| (old, new, at == total)))
        .collect();
    for path in &now.sources {
        let twin = before.sources.iter().find(|known| last(known) == last(path));
        pairs.extend(twin.map(|twin| (twin.clone(), path.clone(), true)));
    }
    pairs
        .into_iter()
        // Amounts in different units are no amounts of the same thing.
        .filter(|(.., is_amount)| same_unit || !is_amount)
        .map(|(old, new, is_amount)| Field {
            item: last(&new),
            old: Some(DataPath::parse(&old)),
            new: Some(DataPath::parse(&new)),
            is_amount,
        })
        .collect()
}

/// An expenditure line.
struct Line {
    path: DataPath,
    name: String,
}

/// Changes of expenditure lines, which are known by their names.
fn lines(old: &Project, new: &Project) -> Vec<Change> {
    let (Some(before), Some(now)) = (&old.form.spec.facts.expenditure, &new.form.spec.facts.expenditure)
    else {
        return Vec::new();
    };
    if old.money() != new.money() {
        return Vec::new();
    }
    let list = |project: &Project, path: &str, name: &str| -> Vec<Line> {
        let path = DataPath::parse(path);
        let Some(Data::List(items)) = project.data.at(&path) else { return Vec::new() };
        (0..items.len())
            .map(|index| {
                let path = path.index(index);
                Line { name: project.text(&path.key(name)).trim().to_owned(), path }
            })
            .collect()
    };
    let (left, come) = (list(old, &before.path, &before.name), list(new, &now.path, &now.name));
    let mut pairs = Pairs { of_old: vec![None; left.len()], of_new: vec![None; come.len()] };
    pairs.by_key(&left, &come, |line| fold(&line.name));
    pairs.by_likeness((&left, &come), |line| &line.name, |_, _| true, ALIKE);
    if let ([_], [_]) = (&left[..], &come[..]) {
        // The only line stays the only line, whatever it is called.
        pairs.by_key(&left, &come, |_| String::new());
    }
    let group = now.path.rsplit('.').next().unwrap_or(&now.path);
    let mut changes = Vec::new();
    for (line, partner) in come.iter().zip(&pairs.of_new) {
        let item = format!("{group}{SEPARATOR}{}", line.name);
        let Some(was) = partner.map(|at| &left[at]) else {
            changes.push(single(new, &line.path, Kind::Added, item, &now.full));
            continue;
        };
        let (old_name, new_name) = (was.path.key(before.name.as_str()), line.path.key(now.name.as_str()));
        let paths = (Some(&old_name), Some(&new_name));
        let renamed = change(old, new, paths, Meaning::Text, item.clone());
        changes.extend(renamed.map(as_renamed));
        let halves = before.half.as_ref().zip(now.half.as_ref());
        for (old_key, new_key) in halves.into_iter().chain([(&before.full, &now.full)]) {
            let (from, to) = (was.path.key(old_key.as_str()), line.path.key(new_key.as_str()));
            let item = format!("{item}（{new_key}）");
            changes.extend(change(old, new, (Some(&from), Some(&to)), Meaning::Amount(new.money()), item));
        }
    }
    let gone = left.iter().enumerate().filter(|(at, _)| pairs.of_old[*at].is_none());
    changes.extend(gone.map(|(_, line)| {
        single(old, &line.path, Kind::Removed, format!("{group}{SEPARATOR}{}", line.name), &before.full)
    }));
    changes
}

/// A change of a name: another name, unless it is only written in another way.
pub(super) fn as_renamed(change: Change) -> Change {
    let kind = if change.kind == Kind::Changed { Kind::Renamed } else { change.kind };
    Change { kind, words: Vec::new(), ..change }
}

/// A line or indicator that stands on one side only, with its value under a key.
pub(super) fn single(project: &Project, path: &DataPath, kind: Kind, item: String, key: &str) -> Change {
    let value = some(project.text(&path.key(key)));
    let at = Some(project.location(path));
    let (old, new, was, is) =
        if kind == Kind::Added { (None, value, None, at) } else { (value, None, at, None) };
    Change { kind, item, path: path.clone(), old, new, delta: None, was, is, words: Vec::new() }
}
