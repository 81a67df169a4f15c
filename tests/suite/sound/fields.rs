//! The vocabulary of sound tables: `tests/rules/fields`, one file a field of government.

use std::sync::LazyLock;

use serde::Deserialize;

use crate::support::root;

/// A field of government with its projects.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Field {
    pub(super) departments: Vec<String>,
    pub(super) units: Vec<String>,
    pub(super) projects: Vec<Project>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Project {
    pub(super) name: String,
    pub(super) need: Vec<String>,
    /// Title and document code.
    pub(super) basis: Vec<(String, String)>,
    pub(super) feasible: Vec<String>,
    pub(super) long: Vec<String>,
    pub(super) aim: Vec<String>,
    pub(super) tasks: Vec<Task>,
    /// The first is a rate of every table, which the goal promises.
    pub(super) quality: Vec<Measure>,
    pub(super) timely: Vec<Measure>,
    pub(super) benefit: Vec<Benefit>,
    pub(super) satisfied: Vec<String>,
}

/// Something that is counted. Tasks of one project that have prices have units of their own.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Task {
    /// As the goal says it, before the number.
    pub(super) r#do: String,
    /// As the content says it.
    pub(super) how: String,
    pub(super) name: String,
    pub(super) unit: String,
    pub(super) range: Range,
    #[serde(default)]
    pub(super) kind: Kind,
    pub(super) price: Option<Price>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Price {
    pub(super) name: String,
    pub(super) unit: String,
    pub(super) range: Range,
}

/// A rate, or a time that must not be passed.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Measure {
    pub(super) name: String,
    /// The task without which it has no sense.
    pub(super) of: Option<String>,
    pub(super) unit: Option<String>,
    pub(super) range: Vec<u64>,
    #[serde(default)]
    pub(super) kind: Kind,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Benefit {
    pub(super) class: String,
    pub(super) name: String,
    pub(super) of: Option<String>,
    pub(super) unit: Option<String>,
    #[serde(default)]
    pub(super) range: Vec<u64>,
    #[serde(default)]
    pub(super) kind: Kind,
    pub(super) word: Option<String>,
}

/// From, to, step.
pub(super) type Range = (u64, u64, u64);

#[derive(Deserialize, Clone, Copy, Default, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub(super) enum Kind {
    #[default]
    Flow,
    Stock,
    Ratio,
    Cap,
}

pub(super) static FIELDS: LazyLock<Vec<Field>> = LazyLock::new(|| {
    let folder = std::fs::read_dir(root().join("tests/rules/fields")).unwrap();
    let mut files: Vec<_> = folder.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files.iter().map(|file| serde_yaml::from_str(&std::fs::read_to_string(file).unwrap()).unwrap()).collect()
});
