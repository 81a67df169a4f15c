//! Values without places: what an import puts together and what a data file is written from.

use crate::diag::{DataPath, Step};
use crate::load::{Kind, Node};

/// A value of a data file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Data {
    /// Nothing.
    #[default]
    Null,
    /// A scalar's text.
    Text(String),
    /// A list.
    List(Vec<Data>),
    /// A mapping in order; keys are unique.
    Map(Vec<(String, Data)>),
}

impl Data {
    /// The value under `key`, when this is a mapping that has it.
    pub fn get(&self, key: &str) -> Option<&Data> {
        match self {
            Data::Map(entries) => entries.iter().find(|(name, _)| name == key).map(|(_, value)| value),
            _ => None,
        }
    }

    /// The value at a path.
    pub fn at(&self, path: &DataPath) -> Option<&Data> {
        path.steps().into_iter().try_fold(self, |data, step| match (step, data) {
            (Step::Key(key), data) => data.get(key),
            (Step::Index(index), Data::List(items)) => items.get(*index),
            (Step::Index(_), _) => None,
        })
    }

    /// The text of a scalar.
    pub fn text(&self) -> Option<&str> {
        match self {
            Data::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Puts a value at a path, making the mappings and lists on the way; what stood in the way is replaced. List
    /// items that were skipped are [`Data::Null`].
    pub fn set(&mut self, path: &DataPath, value: Data) {
        let mut at = self;
        for step in path.steps() {
            at = match step {
                Step::Key(key) => at.entry(key),
                Step::Index(index) => at.item(*index),
            };
        }
        *at = value;
    }

    fn entry(&mut self, key: &str) -> &mut Data {
        if !matches!(self, Data::Map(_)) {
            *self = Data::Map(Vec::new());
        }
        let Data::Map(entries) = self else { unreachable!("made a mapping above") };
        let at = entries.iter().position(|(name, _)| name == key).unwrap_or_else(|| {
            entries.push((key.to_owned(), Data::Null));
            entries.len() - 1
        });
        &mut entries[at].1
    }

    fn item(&mut self, index: usize) -> &mut Data {
        if !matches!(self, Data::List(_)) {
            *self = Data::List(Vec::new());
        }
        let Data::List(items) = self else { unreachable!("made a list above") };
        if items.len() <= index {
            items.resize(index + 1, Data::Null);
        }
        &mut items[index]
    }

    /// Whether a person would call it empty: nothing, blanks, or only empty values.
    pub fn is_blank(&self) -> bool {
        match self {
            Data::Null => true,
            Data::Text(text) => text.trim().is_empty(),
            Data::List(items) => items.iter().all(Data::is_blank),
            Data::Map(entries) => entries.iter().all(|(_, value)| value.is_blank()),
        }
    }
}

impl From<&Node> for Data {
    fn from(node: &Node) -> Data {
        match &node.kind {
            Kind::Null => Data::Null,
            Kind::Scalar(text) => Data::Text(text.to_string()),
            Kind::List(items) => Data::List(items.iter().map(|item| Data::from(&**item)).collect()),
            Kind::Map(entries) => Data::Map(
                entries.iter().map(|entry| (entry.key.to_string(), Data::from(&*entry.value))).collect(),
            ),
        }
    }
}
