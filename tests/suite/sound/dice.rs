//! The choices of one sound table, made by a small generator of our own: the same seed gives the same choices.

use super::fields::{Benefit, Kind, Measure, Range, Task};
use super::{Money, plain, row};

/// A small linear congruential generator.
pub(super) struct Dice(u64);

impl Dice {
    pub(super) fn new(seed: u64) -> Dice {
        let mut dice = Dice(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ 0x5DEE_CE66);
        dice.next();
        dice
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        self.0 >> 33
    }

    /// A number from `low` to `high`, both included.
    pub(super) fn between(&mut self, low: u64, high: u64) -> u64 {
        low + self.next() % (high - low + 1)
    }

    fn stepped(&mut self, (low, high, step): Range) -> u64 {
        low + self.between(0, (high - low) / step) * step
    }

    pub(super) fn pick<'a, T>(&mut self, list: &'a [T]) -> &'a T {
        &list[usize::try_from(self.next()).unwrap() % list.len()]
    }

    pub(super) fn word<'a, T: AsRef<str>>(&mut self, list: &'a [T]) -> &'a str {
        self.pick::<T>(list).as_ref()
    }

    pub(super) fn shuffle<T>(&mut self, list: &mut [T]) {
        for at in (1..list.len()).rev() {
            list.swap(at, usize::try_from(self.next()).unwrap() % (at + 1));
        }
    }

    /// A document of the last five years, sometimes beside an older one.
    pub(super) fn documents(&mut self, basis: &[(String, String)]) -> String {
        let cite = |(title, code): &(String, String), year, number| {
            format!("《{title}》（{code}〔{year}〕{number}号）")
        };
        let (old, new) = (&basis[0], &basis[basis.len() - 1]);
        let new = cite(new, self.between(2021, 2025), self.between(2, 80));
        if self.next().is_multiple_of(2) {
            return new;
        }
        let old = cite(old, self.between(2014, 2019), self.between(2, 80));
        format!("{old}和{new}")
    }

    /// What is done, in one sentence or numbered.
    pub(super) fn content(&mut self, ways: &[&str]) -> String {
        let numbered = |order: &[&str]| {
            ways.iter().zip(order).map(|(way, order)| format!("{order}{way}")).collect::<Vec<_>>()
        };
        match self.between(0, 4) {
            0 => format!("{}。", numbered(&["一是", "二是", "三是", "四是"]).join("；")),
            1 => format!("{}。", numbered(&["1.", "2.", "3.", "4."]).join("。")),
            2 => format!("|-\n  {}。", numbered(&["一、", "二、", "三、", "四、"]).join("。\n  ")),
            3 => format!("{}。", ways.join("；")),
            _ => format!("{}。", ways.join("，")),
        }
    }

    /// Two or more tasks with their yearly numbers; what has a price is always among them.
    pub(super) fn tasks<'a>(&mut self, all: &'a [Task]) -> Vec<(&'a Task, u64)> {
        let left_out = all.iter().rposition(|task| task.price.is_none()).filter(|_| all.len() > 2);
        let left_out = left_out.filter(|_| self.next().is_multiple_of(2));
        let kept = all.iter().enumerate().filter(|(at, _)| Some(*at) != left_out);
        kept.map(|(_, task)| (task, self.stepped(task.range))).collect()
    }

    /// The first or more rows of name and value, the same for the half year and the year.
    pub(super) fn rates(&mut self, all: &[Measure], tasks: &[(&Task, u64)]) -> Vec<(String, String)> {
        let kept = self.between(1, all.len() as u64);
        all.iter()
            .filter(|measure| done(measure.of.as_deref(), tasks))
            .take(usize::try_from(kept).unwrap())
            .map(|measure| {
                let step = measure.range.get(2).copied().unwrap_or(1);
                let value = self.stepped((measure.range[0], measure.range[1], step));
                let sign = if measure.kind == Kind::Cap { "≤" } else { "≥" };
                (measure.name.clone(), format!("{sign}{value}{}", measure.unit.as_deref().unwrap_or("%")))
            })
            .collect()
    }

    /// Rows of unit prices, and what they cost together in yuan.
    pub(super) fn prices(&mut self, tasks: &[(&Task, u64)]) -> (Vec<String>, u64) {
        let mut rows = Vec::new();
        let mut spent = 0;
        for (task, number) in tasks {
            let Some(price) = &task.price else { continue };
            let value = self.stepped(price.range);
            let cap = format!("≤{value}{}", price.unit);
            rows.push(row(&price.name, &cap, &cap));
            let yuan = if price.unit.starts_with('万') { 10_000 } else { 1 };
            let things = if task.unit.starts_with('万') { 10_000 } else { 1 };
            spent += value * yuan * number * things;
        }
        (rows, spent)
    }

    /// A budget that covers what the unit prices come to, with room for the tasks without a price.
    pub(super) fn money(&mut self, yuan: u64) -> Money {
        let share: u64 = *self.pick(&[35, 40, 42, 45, 48, 50, 55]);
        let wan = (yuan * self.between(105, 130) / 100).div_ceil(10_000);
        let cents = wan * 100 + if share.is_multiple_of(5) { self.between(0, 4) * 20 } else { 0 };
        let carried = if self.next().is_multiple_of(3) { cents / 10 } else { 0 };
        Money { cents, share, carried }
    }

    /// Class and row of every quantitative benefit, and sometimes of the one in words.
    pub(super) fn benefits(&mut self, all: &[Benefit], tasks: &[(&Task, u64)]) -> Vec<(String, String)> {
        let mut rows = Vec::new();
        for benefit in all.iter().filter(|benefit| done(benefit.of.as_deref(), tasks)) {
            if let Some(word) = &benefit.word {
                if self.next().is_multiple_of(2) {
                    rows.push((benefit.class.clone(), row(&benefit.name, word, word)));
                }
                continue;
            }
            let step = benefit.range.get(2).copied().unwrap_or(1);
            let full = self.stepped((benefit.range[0], benefit.range[1], step));
            let unit = benefit.unit.as_deref().unwrap_or("%");
            let half = match benefit.kind {
                Kind::Flow => self.part(full, step),
                Kind::Ratio => full - full.min(self.between(0, 3)),
                Kind::Stock | Kind::Cap => full,
            };
            let sign = if benefit.kind == Kind::Cap { "≤" } else { "≥" };
            let [half, full] = [half, full].map(|value| format!("{sign}{}{unit}", self.number(value, unit)));
            rows.push((benefit.class.clone(), row(&benefit.name, &half, &full)));
        }
        rows
    }

    pub(super) fn count(&mut self, task: &Task, full: u64) -> String {
        if task.kind == Kind::Stock {
            let value = format!("={}{}", self.number(full, &task.unit), task.unit);
            return row(&task.name, &value, &value);
        }
        let half = self.part(full, task.range.2);
        let [half, full] =
            [half, full].map(|value| format!("≥{}{}", self.number(value, &task.unit), task.unit));
        row(&task.name, &half, &full)
    }

    /// What is done of a yearly number by the half year, in whole steps where it can be.
    fn part(&mut self, full: u64, step: u64) -> u64 {
        let part = full * self.between(30, 50) / 100;
        if part > step { part / step * step } else { part.max(1) }
    }

    /// A count as people write it: from ten thousand on sometimes in 万.
    pub(super) fn number(&mut self, value: u64, unit: &str) -> String {
        if value < 10_000
            || !value.is_multiple_of(100)
            || unit.starts_with('万')
            || self.next().is_multiple_of(3)
        {
            return value.to_string();
        }
        format!("{}万", plain(value / 100))
    }
}

/// Whether an indicator has its task in the table.
fn done(of: Option<&str>, tasks: &[(&Task, u64)]) -> bool {
    of.is_none_or(|name| tasks.iter().any(|(task, _)| task.name == name))
}
