//! What an import brings, put over the data that a file has already.

use crate::yaml::Data;

/// `new` over `old`: values that the new data has replace the old ones, and what it does not have stays. List items
/// are the new ones; one that begins as an old item does keeps the keys that only the old one has.
pub(super) fn merge(old: &Data, new: &Data) -> Data {
    match (old, new) {
        (Data::Map(before), Data::Map(now)) => {
            let mut entries: Vec<(String, Data)> = before
                .iter()
                .map(|(key, value)| {
                    (key.clone(), new.get(key).map_or_else(|| value.clone(), |new| merge(value, new)))
                })
                .collect();
            entries.extend(now.iter().filter(|(key, _)| old.get(key).is_none()).cloned());
            Data::Map(entries)
        }
        (Data::List(before), Data::List(now)) => {
            let mut free: Vec<&Data> = before.iter().collect();
            let item = |item: &Data| {
                let twin = free.iter().position(|old| begins_alike(old, item));
                twin.map_or_else(|| item.clone(), |twin| merge(free.remove(twin), item))
            };
            Data::List(now.iter().map(item).collect())
        }
        (old, Data::Null) => old.clone(),
        (_, new) => new.clone(),
    }
}

fn begins_alike(old: &Data, new: &Data) -> bool {
    match new {
        Data::Map(entries) => entries.first().is_some_and(|(key, value)| old.get(key) == Some(value)),
        _ => old == new,
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::merge;
    use crate::load::parse;
    use crate::yaml::Data;

    fn data(text: &str) -> Data {
        Data::from(&*parse(Path::new("x"), text.to_owned()).unwrap().root)
    }

    #[test]
    fn what_the_new_data_does_not_have_stays() {
        let old = data("a: 1\nb: 2\nkept: x\nlist:\n  - {n: 甲, v: 1, only: y}\n  - {n: 乙, v: 2}\n");
        let new = data("a: 3\nb:\nc: 4\nlist:\n  - {n: 丙, v: 5}\n  - {n: 甲, v: 6}\n");
        let both = data("a: 3\nb: 2\nkept: x\nlist:\n  - {n: 丙, v: 5}\n  - {n: 甲, v: 6, only: y}\nc: 4\n");
        assert_eq!(merge(&old, &new), both);
    }
}
