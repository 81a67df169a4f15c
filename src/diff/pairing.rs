//! Which project of the one side is which of the other, and all that changed in each.

use std::collections::{HashMap, VecDeque};

use super::source::Project;
use super::value::fold;
use super::{Compared, fields, indicators};
use crate::check::likeness;

/// Names at least this alike are taken for the same project.
const ALIKE: f64 = 0.6;
/// Most pairs of names that are held against each other one by one; past that, only equal names are found.
const MOST_PAIRS: usize = 250_000;

/// Pairs the projects of two sides and tells what changed, in the order of the new side; projects that are gone stand
/// last. A single project on each side is one pair, whatever it is called; otherwise paths go before names, and
/// names that are alike come last, in one department.
pub fn compare(old: &[Project], new: &[Project]) -> Vec<Compared> {
    let partners = partners(old, new);
    let mut report: Vec<Compared> = new
        .iter()
        .zip(&partners)
        .map(|(project, partner)| match partner.map(|at| &old[at]) {
            Some(before) => Compared {
                old: Some(before.head()),
                new: Some(project.head()),
                changes: changes(before, project),
            },
            None => Compared { old: None, new: Some(project.head()), changes: Vec::new() },
        })
        .collect();
    let gone = old.iter().enumerate().filter(|(at, _)| !partners.contains(&Some(*at)));
    report.extend(gone.map(|(_, project)| Compared {
        old: Some(project.head()),
        new: None,
        changes: Vec::new(),
    }));
    report
}

fn changes(old: &Project, new: &Project) -> Vec<super::Change> {
    let mut changes = fields::changes(old, new);
    // Groups and columns of another form mean something else.
    if old.form.id == new.form.id {
        changes.extend(indicators::changes(old, new));
    }
    changes
}

/// For each new project the old one that it goes on from.
fn partners(old: &[Project], new: &[Project]) -> Vec<Option<usize>> {
    if let ([_], [_]) = (old, new) {
        return vec![Some(0)];
    }
    let mut pairs = Pairs { of_old: vec![None; old.len()], of_new: vec![None; new.len()] };
    pairs.by_key(old, new, |project| project.target.to_string_lossy().into_owned());
    let name = |project: &Project| without_years(&fold(&project.name()));
    pairs.by_key(old, new, |project| format!("{}\n{}", project.department, name(project)));
    let one = |project: &Project, other: &Project| project.department == other.department;
    pairs.by_likeness((old, new), name, one, ALIKE);
    // Whole departments are renamed too.
    pairs.by_key(old, new, name);
    pairs.of_new
}

/// A name without the digits of its years, which change from one to the next.
fn without_years(name: &str) -> String {
    name.chars().filter(|c| !c.is_ascii_digit()).collect::<String>().replace("年度", "").replace('年', "")
}

/// Who belongs to whom, as far as it is known.
pub(super) struct Pairs {
    pub(super) of_old: Vec<Option<usize>>,
    pub(super) of_new: Vec<Option<usize>>,
}

impl Pairs {
    /// Pairs what has the same key and no partner yet, in order.
    pub(super) fn by_key<T>(&mut self, old: &[T], new: &[T], key: impl Fn(&T) -> String) {
        let mut waiting: HashMap<String, VecDeque<usize>> = HashMap::new();
        for (at, item) in old.iter().enumerate().filter(|(at, _)| self.of_old[*at].is_none()) {
            waiting.entry(key(item)).or_default().push_back(at);
        }
        for (at, item) in new.iter().enumerate() {
            if self.of_new[at].is_none()
                && let Some(before) = waiting.get_mut(&key(item)).and_then(VecDeque::pop_front)
            {
                self.join(before, at);
            }
        }
    }

    /// Pairs what has no partner yet and is comparable and at least so alike, the most alike first.
    pub(super) fn by_likeness<'a, T, N: AsRef<str>>(
        &mut self,
        (old, new): (&'a [T], &'a [T]),
        name: impl Fn(&'a T) -> N,
        comparable: impl Fn(&T, &T) -> bool,
        least: f64,
    ) {
        let names = |items: &'a [T], partners: &[Option<usize>]| -> Vec<(usize, N)> {
            let free = items.iter().enumerate().filter(|(at, _)| partners[*at].is_none());
            free.map(|(at, item)| (at, name(item))).collect()
        };
        let (left, come) = (names(old, &self.of_old), names(new, &self.of_new));
        if left.len().saturating_mul(come.len()) > MOST_PAIRS {
            return;
        }
        let mut alike: Vec<(f64, usize, usize)> = Vec::new();
        for (before, was) in &left {
            for (now, is) in come.iter().filter(|(now, _)| comparable(&old[*before], &new[*now])) {
                alike.push((likeness(was.as_ref(), is.as_ref()), *before, *now));
            }
        }
        alike.retain(|(likeness, ..)| *likeness >= least);
        alike.sort_by(|one, other| {
            other.0.total_cmp(&one.0).then_with(|| (one.1, one.2).cmp(&(other.1, other.2)))
        });
        for (_, before, now) in alike {
            if self.of_old[before].is_none() && self.of_new[now].is_none() {
                self.join(before, now);
            }
        }
    }

    fn join(&mut self, old: usize, new: usize) {
        self.of_old[old] = Some(new);
        self.of_new[new] = Some(old);
    }
}
