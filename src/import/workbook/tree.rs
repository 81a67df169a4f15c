//! Values by path, put together into data. List items stand in the order of their positions and are as many as have
//! a value, whatever the positions are, so that a path cannot ask for more room than it takes itself.

use std::collections::{BTreeMap, HashMap};

use super::map::DEPTH;
use crate::diag::{DataPath, Step};
use crate::yaml::Data;

/// A tree in the making.
#[derive(Debug, Default)]
pub(super) enum Tree {
    #[default]
    Nothing,
    Value(String),
    Map(Vec<(String, Tree)>, HashMap<String, usize>),
    List(BTreeMap<usize, Tree>),
}

impl Tree {
    /// Puts a value, or nothing, at a path; `None` when another value is in the way.
    pub(super) fn put(&mut self, path: &DataPath, value: Option<String>) -> Option<()> {
        let steps = path.steps();
        if steps.is_empty() || steps.len() > DEPTH {
            return None;
        }
        let mut at = self;
        for step in steps {
            at = match step {
                Step::Key(key) => at.entry(key)?,
                Step::Index(index) => at.item(*index)?,
            };
        }
        match (&at, value) {
            (Tree::Nothing, Some(value)) => *at = Tree::Value(value),
            (Tree::Nothing, None) => {}
            _ => return None,
        }
        Some(())
    }

    fn entry(&mut self, key: &str) -> Option<&mut Tree> {
        if matches!(self, Tree::Nothing) {
            *self = Tree::Map(Vec::new(), HashMap::new());
        }
        let Tree::Map(entries, places) = self else { return None };
        let place = *places.entry(key.to_owned()).or_insert_with(|| {
            entries.push((key.to_owned(), Tree::Nothing));
            entries.len() - 1
        });
        Some(&mut entries[place].1)
    }

    fn item(&mut self, index: usize) -> Option<&mut Tree> {
        if matches!(self, Tree::Nothing) {
            *self = Tree::List(BTreeMap::new());
        }
        let Tree::List(items) = self else { return None };
        Some(items.entry(index).or_default())
    }

    /// The data; without what is empty when `full`.
    pub(super) fn data(self, full: bool) -> Data {
        let keep = |data: &Data| !full || !data.is_blank();
        match self {
            Tree::Nothing => Data::Null,
            Tree::Value(text) => Data::Text(text),
            Tree::Map(entries, _) => {
                let entries = entries.into_iter().map(|(key, tree)| (key, tree.data(full)));
                Data::Map(entries.filter(|(_, data)| keep(data)).collect())
            }
            Tree::List(items) => {
                Data::List(items.into_values().map(|tree| tree.data(full)).filter(keep).collect())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Tree;
    use crate::diag::DataPath;
    use crate::yaml::Data;

    fn text(text: &str) -> Data {
        Data::Text(text.to_owned())
    }

    #[test]
    fn items_close_up() {
        let mut tree = Tree::default();
        let list = DataPath::root().key("a");
        for (index, value) in [(usize::MAX, Some("9")), (3, None), (0, Some("0"))] {
            assert!(tree.put(&list.index(index).key("b"), value.map(str::to_owned)).is_some());
        }
        let item = |data| Data::Map(vec![("b".to_owned(), data)]);
        let all = vec![item(text("0")), item(Data::Null), item(text("9"))];
        let mut full = all.clone();
        full.remove(1);
        let map = |items| Data::Map(vec![("a".to_owned(), Data::List(items))]);
        assert_eq!(tree.data(false), map(all));
        let mut tree = Tree::default();
        for (index, value) in [(9, Some("9")), (3, None), (0, Some("0"))] {
            tree.put(&list.index(index).key("b"), value.map(str::to_owned)).expect("free");
        }
        assert_eq!(tree.data(true), map(full));
    }

    #[test]
    fn values_do_not_stand_in_each_other() {
        let mut tree = Tree::default();
        let a = DataPath::root().key("a");
        assert!(tree.put(&a, Some("1".to_owned())).is_some());
        for path in [&a, &a.key("b"), &a.index(0), &DataPath::root(), &DataPath::root().index(1)] {
            assert_eq!(tree.put(path, Some("2".to_owned())), None, "{path}");
        }
        let deep = (0..33).fold(DataPath::root(), |path, _| path.key("x"));
        assert_eq!(tree.put(&deep, None), None);
    }
}
