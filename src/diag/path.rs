//! Where a value stands in the data: the keys and list positions from the document's root.

use std::fmt::{self, Display, Formatter};
use std::sync::Arc;

/// One step down the data tree.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Step {
    /// Into a mapping.
    Key(Arc<str>),
    /// Into a list, from 0.
    Index(usize),
}

/// The way from the document's root to a value.
///
/// Kept as a linked list towards the root, because the values of one document share almost all of their way.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct DataPath(Option<Arc<Link>>);

#[derive(PartialEq, Eq, Hash, PartialOrd, Ord)]
struct Link {
    parent: DataPath,
    step: Step,
}

impl DataPath {
    /// The document itself.
    pub fn root() -> DataPath {
        DataPath(None)
    }

    /// Reads what [`Display`] writes. Keys with dots or brackets in them cannot be written so.
    pub fn parse(text: &str) -> DataPath {
        let mut path = DataPath::root();
        for part in text.split('.').filter(|part| !part.is_empty()) {
            let mut pieces = part.split('[');
            if let Some(key) = pieces.next().filter(|key| !key.is_empty()) {
                path = path.key(key);
            }
            for index in pieces.filter_map(|piece| piece.strip_suffix(']')?.parse().ok()) {
                path = path.index(index);
            }
        }
        path
    }

    /// The value under `key`.
    #[must_use]
    pub fn key(&self, key: impl Into<Arc<str>>) -> DataPath {
        self.step(Step::Key(key.into()))
    }

    /// The list item at `index`, from 0.
    #[must_use]
    pub fn index(&self, index: usize) -> DataPath {
        self.step(Step::Index(index))
    }

    fn step(&self, step: Step) -> DataPath {
        DataPath(Some(Arc::new(Link { parent: self.clone(), step })))
    }

    /// Steps from the root down.
    pub fn steps(&self) -> Vec<&Step> {
        let mut steps = Vec::new();
        let mut at = self;
        while let Some(link) = &at.0 {
            steps.push(&link.step);
            at = &link.parent;
        }
        steps.reverse();
        steps
    }

    /// The path as a JSON Pointer (RFC 6901), which is unambiguous for any key.
    pub fn to_pointer(&self) -> String {
        let mut out = String::new();
        for step in self.steps() {
            out.push('/');
            match step {
                Step::Key(key) => out.push_str(&key.replace('~', "~0").replace('/', "~1")),
                Step::Index(index) => out.push_str(&index.to_string()),
            }
        }
        out
    }

    /// Reads what [`DataPath::to_pointer`] writes; numbers are list positions. `None` when it is no JSON Pointer.
    pub fn from_pointer(pointer: &str) -> Option<DataPath> {
        if pointer.is_empty() {
            return Some(DataPath::root());
        }
        let steps = pointer.strip_prefix('/')?.split('/');
        Some(steps.fold(DataPath::root(), |path, step| match step.parse() {
            // Of a position there is only one way to write it.
            Ok(index) if usize::to_string(&index) == step => path.index(index),
            _ => path.key(step.replace("~1", "/").replace("~0", "~")),
        }))
    }
}

impl Display for DataPath {
    /// As a person writes it: `绩效指标.产出指标.数量指标[0].指标`.
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        for (position, step) in self.steps().into_iter().enumerate() {
            match step {
                Step::Key(key) if position == 0 => f.write_str(key)?,
                Step::Key(key) => write!(f, ".{key}")?,
                Step::Index(index) => write!(f, "[{index}]")?,
            }
        }
        Ok(())
    }
}

impl fmt::Debug for DataPath {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "DataPath({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::DataPath;

    #[test]
    fn pointers_are_read_as_they_are_written() {
        for path in [
            DataPath::root(),
            DataPath::root().key("a/b").index(12).key("~1").key("").key("012").key("-1"),
            DataPath::root().key("绩效指标").key("x").index(0),
        ] {
            assert_eq!(DataPath::from_pointer(&path.to_pointer()), Some(path));
        }
        assert_eq!(DataPath::from_pointer("a/b"), None);
    }
}
