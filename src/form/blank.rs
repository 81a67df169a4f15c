//! The data of a form that nobody has filled in: every value empty, the fixed indicators named, and room in every list
//! for the items that a person may add.

use std::path::PathBuf;
use std::sync::Arc;

use serde_json::Value;

use super::UNPRINTED_KEYS;
use super::schema::allows;
use super::{FORM_KEY, Form};
use crate::diag::Place;
use crate::load::{Document, Entry, Kind, Node};

/// In a list whose items the form itself names, one spare item stands for so many in other lists.
const RARELY_NEEDED: usize = 5;

/// The empty document of a form with `spare` items in each list besides those that the form names; at least as many,
/// and at most, as the schema asks for.
pub fn blank(form: &Form, spare: usize) -> Document {
    let blank = Blank { form, spare };
    let root = blank.value(&form.schema.json, "", 0);
    Document { file: PathBuf::from(&form.id), text: String::new(), root }
}

struct Blank<'a> {
    form: &'a Form,
    spare: usize,
}

impl Blank<'_> {
    fn value(&self, schema: &Value, path: &str, depth: usize) -> Arc<Node> {
        const DEEPEST: usize = 16;
        let schema = self.form.schema.resolve(schema);
        if depth > DEEPEST {
            return node(Kind::Null);
        }
        if allows(schema, "object") {
            let properties = schema.get("properties").and_then(Value::as_object).into_iter().flatten();
            let wanted = properties.filter(|(key, _)| depth > 0 || !UNPRINTED_KEYS.contains(&key.as_str()));
            let entries = wanted.map(|(key, property)| {
                if depth == 0 && key == FORM_KEY {
                    return entry(key, scalar(&self.form.id));
                }
                let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                entry(key, self.value(property, &path, depth + 1))
            });
            node(Kind::Map(entries.collect()))
        } else if allows(schema, "array") {
            node(Kind::List(self.items(schema, path, depth)))
        } else {
            node(Kind::Null)
        }
    }

    fn items(&self, schema: &Value, path: &str, depth: usize) -> Vec<Arc<Node>> {
        let Some(item) = schema.get("items") else { return Vec::new() };
        let bound = |key: &str| schema.get(key).and_then(Value::as_u64).and_then(|n| usize::try_from(n).ok());
        let indicators = self.form.spec.indicators.as_ref();
        let fixed = indicators.map_or(&[][..], |indicators| indicators.fixed(path));
        let spare = if fixed.is_empty() { self.spare } else { self.spare.div_ceil(RARELY_NEEDED) };
        let count = (fixed.len() + spare).max(bound("minItems").unwrap_or(0));
        let count = count.min(bound("maxItems").unwrap_or(usize::MAX)).max(fixed.len());
        let empty = self.value(item, &format!("{path}[]"), depth + 1);
        let mut items = vec![Arc::clone(&empty); count];
        for (item, name) in items.iter_mut().zip(fixed) {
            if let (Kind::Map(entries), Some(indicators)) = (&empty.kind, indicators) {
                let mut entries = entries.clone();
                if let Some(named) = entries.iter_mut().find(|entry| *entry.key == *indicators.name) {
                    named.value = scalar(name);
                }
                *item = node(Kind::Map(entries));
            }
        }
        items
    }
}

/// A value that stands in no file.
fn node(kind: Kind) -> Arc<Node> {
    Arc::new(Node { place: NOWHERE, bytes: (0, 0), kind })
}

const NOWHERE: Place = Place { line: 1, column: 1 };

fn scalar(text: &str) -> Arc<Node> {
    node(Kind::Scalar(Arc::from(text)))
}

fn entry(key: &str, value: Arc<Node>) -> Entry {
    Entry { key: Arc::from(key), place: NOWHERE, value }
}
