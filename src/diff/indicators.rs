//! Changes of indicators: which one goes on from which, in what group, and what its targets ask.

use super::fields::{SEPARATOR, as_renamed, change, single};
use super::pairing::Pairs;
use super::source::Project;
use super::value::{Meaning, fold};
use super::{Change, Kind};
use crate::diag::DataPath;
use crate::form::{Indicators, KIND_KEY};
use crate::yaml::Data;

/// Names at least this alike are the same indicator, in one group and across groups.
const ALIKE: (f64, f64) = (0.5, 0.8);

/// An indicator.
struct Item {
    group: String,
    name: String,
    path: DataPath,
    /// Its place in the group, from 0.
    index: usize,
}

/// Changes of all indicators of two projects in one form, in the order of the new one.
pub(super) fn changes(old: &Project, new: &Project) -> Vec<Change> {
    let Some(spec) = &new.form.spec.indicators else { return Vec::new() };
    let (before, now) = (items(spec, old), items(spec, new));
    let mut pairs = Pairs { of_old: vec![None; before.len()], of_new: vec![None; now.len()] };
    pairs.by_key(&before, &now, |item| format!("{}\n{}", item.group, fold(&item.name)));
    pairs.by_key(&before, &now, |item| fold(&item.name));
    let alike = |one: &Item, other: &Item| one.group == other.group;
    pairs.by_likeness((&before, &now), |item| &item.name, alike, ALIKE.0);
    pairs.by_likeness((&before, &now), |item| &item.name, |_, _| true, ALIKE.1);
    let last = spec.values.last().map_or(&spec.name, |key| key);
    let mut changes = Vec::new();
    let moved = out_of_order(&before, &now, &pairs);
    for (at, item) in now.iter().enumerate() {
        let Some(was) = pairs.of_new[at].map(|at| &before[at]) else {
            changes.push(single(new, &item.path, Kind::Added, shown(item), last));
            continue;
        };
        let sides = Sides { old, new, spec, was, item };
        changes.extend(sides.name());
        changes.extend(sides.group());
        changes.extend(moved.contains(&at).then(|| sides.order()));
        changes.extend(sides.values());
    }
    let gone = before.iter().enumerate().filter(|(at, _)| pairs.of_old[*at].is_none());
    changes.extend(gone.map(|(_, item)| single(old, &item.path, Kind::Removed, shown(item), last)));
    changes
}

fn items(spec: &Indicators, project: &Project) -> Vec<Item> {
    let mut out = Vec::new();
    for group in spec.paths() {
        let path = DataPath::parse(&group);
        let Some(Data::List(list)) = project.data.at(&path) else { continue };
        let label = group.strip_prefix(&spec.path).unwrap_or(&group).trim_start_matches('.');
        out.extend((0..list.len()).map(|index| {
            let path = path.index(index);
            let name = project.text(&path.key(spec.name.as_str())).trim().to_owned();
            Item { group: label.replace('.', SEPARATOR), name, path, index }
        }));
    }
    out
}

/// An indicator with its group.
fn shown(item: &Item) -> String {
    format!("{}{SEPARATOR}{}", item.group, item.name)
}

/// New indicators that stand in another order than before: as few as could have been moved within their groups.
fn out_of_order(before: &[Item], now: &[Item], pairs: &Pairs) -> Vec<usize> {
    let mut moved = Vec::new();
    let mut start = 0;
    while start < now.len() {
        let end = (start..now.len()).find(|&at| now[at].group != now[start].group).unwrap_or(now.len());
        let stayed: Vec<(usize, usize)> = (start..end)
            .filter_map(|at| {
                let was = &before[pairs.of_new[at]?];
                (was.group == now[at].group).then_some((at, was.index))
            })
            .collect();
        let kept = longest_rise(&stayed.iter().map(|(_, index)| *index).collect::<Vec<_>>());
        moved.extend(stayed.iter().enumerate().filter(|(at, _)| !kept.contains(at)).map(|(_, (at, _))| *at));
        start = end;
    }
    moved
}

/// Places of a longest rising subsequence.
fn longest_rise(numbers: &[usize]) -> Vec<usize> {
    // The places where runs of each length end with the least number, and what stands before each place.
    let mut ends: Vec<usize> = Vec::new();
    let mut previous: Vec<Option<usize>> = Vec::new();
    for (at, number) in numbers.iter().enumerate() {
        let length = ends.partition_point(|&end| numbers[end] < *number);
        previous.push(length.checked_sub(1).map(|shorter| ends[shorter]));
        if length == ends.len() {
            ends.push(at);
        } else {
            ends[length] = at;
        }
    }
    let mut out = Vec::new();
    let mut at = ends.last().copied();
    while let Some(place) = at {
        out.push(place);
        at = previous[place];
    }
    out
}

/// An indicator in both versions.
struct Sides<'a> {
    old: &'a Project,
    new: &'a Project,
    spec: &'a Indicators,
    was: &'a Item,
    item: &'a Item,
}

impl Sides<'_> {
    fn name(&self) -> Option<Change> {
        let key = self.spec.name.as_str();
        let (from, to) = (self.was.path.key(key), self.item.path.key(key));
        let item = shown(self.item);
        change(self.old, self.new, (Some(&from), Some(&to)), Meaning::Text, item).map(as_renamed)
    }

    fn group(&self) -> Option<Change> {
        (self.was.group != self.item.group)
            .then(|| self.placed(Kind::Moved, self.was.group.clone(), self.item.group.clone()))
    }

    fn order(&self) -> Change {
        let nth = |item: &Item| format!("第{}个", item.index + 1);
        self.placed(Kind::Reordered, nth(self.was), nth(self.item))
    }

    fn placed(&self, kind: Kind, old: String, new: String) -> Change {
        Change {
            kind,
            item: shown(self.item),
            path: self.item.path.clone(),
            old: Some(old),
            new: Some(new),
            delta: None,
            was: Some(self.old.location(&self.was.path)),
            is: Some(self.new.location(&self.item.path)),
            words: Vec::new(),
        }
    }

    /// Targets by column, then weight and type.
    fn values(&self) -> Vec<Change> {
        let targets = self.spec.values.iter().map(|key| (key.as_str(), Meaning::Target));
        let weight = self.spec.weight.iter().map(|key| (key.as_str(), Meaning::Amount("分")));
        let keys = targets.chain(weight).chain([(KIND_KEY, Meaning::Text)]);
        keys.filter_map(|(key, meaning)| {
            let (from, to) = (self.was.path.key(key), self.item.path.key(key));
            let item = format!("{}（{key}）", shown(self.item));
            change(self.old, self.new, (Some(&from), Some(&to)), meaning, item)
        })
        .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::longest_rise;

    #[test]
    fn as_little_as_possible_was_moved() {
        let kept = |numbers: &[usize]| longest_rise(numbers).len();
        assert_eq!(kept(&[0, 1, 2, 3]), 4);
        assert_eq!(kept(&[3, 0, 1, 2]), 3);
        assert_eq!(kept(&[1, 0, 3, 2]), 2);
        assert_eq!(kept(&[]), 0);
    }
}
