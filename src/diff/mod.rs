//! What changed between two versions of projects, by meaning and not by text: amounts as numbers, targets as bounds,
//! indicators by their names. Knows no form: what is an amount or an indicator, the forms' facts tell.
//!
//! [`read`] gives the projects of a path, [`compare`] pairs those of two paths and tells the changes.

mod fields;
mod indicators;
mod json;
mod pairing;
mod sheet;
mod source;
mod value;
mod words;

use std::fmt::{self, Display, Formatter};
use std::path::PathBuf;

use rust_decimal::Decimal;

use crate::diag::{DataPath, Place};
pub use json::lines as json_lines;
pub use pairing::compare;
pub use sheet::workbook;
pub use source::{Project, read};
pub use words::{Piece, Tag, excerpts, marked};

/// What happened to a value, an indicator or a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// It says something else.
    Changed,
    /// An amount grew.
    Increased,
    /// An amount shrank.
    Decreased,
    /// A target at least to be reached is higher.
    Raised,
    /// A target at least to be reached is lower.
    Lowered,
    /// A limit is closer.
    Tightened,
    /// A limit is wider.
    Loosened,
    /// It was empty.
    Filled,
    /// It is empty now.
    Emptied,
    /// A word became a number.
    Quantified,
    /// A number became a word.
    Qualified,
    /// A target bounds in another direction.
    Sign,
    /// A target counts something else.
    Unit,
    /// It is new.
    Added,
    /// It is gone.
    Removed,
    /// It has another name.
    Renamed,
    /// It stands in another group.
    Moved,
    /// It stands at another place of its group.
    Reordered,
    /// It says the same in other signs.
    Wording,
}

impl Kind {
    /// Every kind, in the order of counting.
    pub const ALL: [Kind; 19] = [
        Kind::Added,
        Kind::Removed,
        Kind::Renamed,
        Kind::Moved,
        Kind::Reordered,
        Kind::Increased,
        Kind::Decreased,
        Kind::Raised,
        Kind::Lowered,
        Kind::Tightened,
        Kind::Loosened,
        Kind::Sign,
        Kind::Unit,
        Kind::Quantified,
        Kind::Qualified,
        Kind::Filled,
        Kind::Emptied,
        Kind::Changed,
        Kind::Wording,
    ];

    /// The word that JSON uses.
    pub fn name(self) -> &'static str {
        self.words().0
    }

    /// The word that people read.
    pub fn label(self) -> &'static str {
        self.words().1
    }

    fn words(self) -> (&'static str, &'static str) {
        match self {
            Kind::Changed => ("changed", "修改"),
            Kind::Increased => ("increased", "增加"),
            Kind::Decreased => ("decreased", "减少"),
            Kind::Raised => ("raised", "提高"),
            Kind::Lowered => ("lowered", "降低"),
            Kind::Tightened => ("tightened", "收紧"),
            Kind::Loosened => ("loosened", "放宽"),
            Kind::Filled => ("filled", "补填"),
            Kind::Emptied => ("emptied", "删空"),
            Kind::Quantified => ("quantified", "定性改定量"),
            Kind::Qualified => ("qualified", "定量改定性"),
            Kind::Sign => ("sign", "改符号"),
            Kind::Unit => ("unit", "改单位"),
            Kind::Added => ("added", "新增"),
            Kind::Removed => ("removed", "删除"),
            Kind::Renamed => ("renamed", "更名"),
            Kind::Moved => ("moved", "移组"),
            Kind::Reordered => ("reordered", "调序"),
            Kind::Wording => ("wording", "写法不同"),
        }
    }
}

/// By how much a number changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delta {
    /// New less old, exact.
    pub difference: Decimal,
    /// The difference in hundredths of the old number; none where that is zero, and for numbers that are percentages.
    pub percent: Option<Decimal>,
    /// What the difference counts.
    pub unit: String,
}

/// Where a value stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Location {
    /// The file.
    pub file: PathBuf,
    /// Line and column, in data files.
    pub at: Option<Place>,
}

impl Display for Location {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.file.display())?;
        self.at.map_or(Ok(()), |at| write!(f, ":{}:{}", at.line, at.column))
    }
}

/// One change in a project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// What happened.
    pub kind: Kind,
    /// The field or indicator, as people name it: `产出指标 › 数量指标 › 直播期数（全年）`.
    pub item: String,
    /// Its path in the new data; in the old where it is gone.
    pub path: DataPath,
    /// What it said.
    pub old: Option<String>,
    /// What it says.
    pub new: Option<String>,
    /// By how much it changed, for numbers.
    pub delta: Option<Delta>,
    /// Where it stood.
    pub was: Option<Location>,
    /// Where it stands.
    pub is: Option<Location>,
    /// The words that changed, in texts that are too long to see it at a glance.
    pub words: Vec<Piece>,
}

/// A project, as far as a report names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// The file.
    pub file: PathBuf,
    /// The department whose folder it lies in.
    pub department: String,
    /// Its name.
    pub name: String,
    /// Budget year.
    pub year: Option<i32>,
    /// The year's money.
    pub total: Option<Decimal>,
    /// Unit of its amounts.
    pub money: String,
    /// Name of its form.
    pub form: String,
}

/// What became of one project. At least one side is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Compared {
    /// The old version.
    pub old: Option<Head>,
    /// The new version.
    pub new: Option<Head>,
    /// The changes; none where a side is missing.
    pub changes: Vec<Change>,
}

impl Compared {
    /// The new version, or the old one of a project that is gone.
    ///
    /// # Panics
    /// When there is neither, which [`compare`] never gives.
    pub fn head(&self) -> &Head {
        self.new.as_ref().or(self.old.as_ref()).expect("one side is there")
    }

    /// Whether both versions are drawn in one form.
    pub fn same_form(&self) -> bool {
        match (&self.old, &self.new) {
            (Some(old), Some(new)) => old.form == new.form,
            _ => true,
        }
    }

    /// `added`, `removed`, `changed` or `same`, and the word that people read; what is only written in another way
    /// is the same.
    pub fn state(&self) -> (&'static str, &'static str) {
        match (&self.old, &self.new) {
            (None, _) => ("added", "新增项目"),
            (_, None) => ("removed", "取消项目"),
            _ if self.changes.iter().any(|change| change.kind != Kind::Wording) => ("changed", "有变动"),
            _ => ("same", "无变动"),
        }
    }
}

/// The money and projects of one department in both versions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Department {
    /// Its name.
    pub name: String,
    /// Unit of its amounts.
    pub money: String,
    /// Projects before and now.
    pub projects: (usize, usize),
    /// Money before and now.
    pub totals: (Decimal, Decimal),
    /// Projects that differ, new and gone ones included.
    pub changed: usize,
}

impl Department {
    /// By how much the money changed.
    pub fn delta(&self) -> Delta {
        value::delta(self.totals.0, self.totals.1, &self.money)
    }
}

/// Projects and money by department, in the order of the report.
pub fn departments(report: &[Compared]) -> Vec<Department> {
    let mut all: Vec<Department> = Vec::new();
    for compared in report {
        let head = compared.head();
        let known = all.iter().position(|known| known.name == head.department && known.money == head.money);
        let at = known.unwrap_or_else(|| {
            all.push(Department {
                name: head.department.clone(),
                money: head.money.clone(),
                projects: (0, 0),
                totals: (Decimal::ZERO, Decimal::ZERO),
                changed: 0,
            });
            all.len() - 1
        });
        let department = &mut all[at];
        let add = |sum: &mut Decimal, count: &mut usize, head: &Option<Head>| {
            *count += usize::from(head.is_some());
            let total = head.as_ref().and_then(|head| head.total).unwrap_or_default();
            *sum = sum.checked_add(total).unwrap_or(*sum);
        };
        add(&mut department.totals.0, &mut department.projects.0, &compared.old);
        add(&mut department.totals.1, &mut department.projects.1, &compared.new);
        department.changed += usize::from(compared.state().0 != "same");
    }
    all
}
