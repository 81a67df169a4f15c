//! Whole data files: keys in the form's order, list items on one line where they fit, remarks as comments.

use serde_json::Value;

use super::Data;
use super::scalar::{Around, block, inline, is_escaped};
use crate::diag::{DataPath, Step};
use crate::form::Form;

/// Longest list item that is written on one line, in characters.
const LONGEST_ITEM: usize = 120;
/// Longest key that YAML takes without being announced, in bytes.
const LONGEST_KEY: usize = 1000;

/// The text of a data file as a person would write it. Remarks become comments above their values; those at the
/// root stand at the top of the file, and those on a value that the data does not have stand at the nearest one
/// above it.
///
/// What the loader reads from the text is `data` again, with the keys of each mapping in the form's order.
pub fn write(form: &Form, data: &Data, remarks: &[(DataPath, String)]) -> String {
    let mut writer = Writer { form, out: String::new(), remarks: settled(data, remarks), column: 0 };
    writer.remark(&DataPath::root(), false);
    let schema = form.schema.resolve(&form.schema.json);
    match data {
        Data::Map(entries) if !entries.is_empty() => writer.map(entries, schema, &DataPath::root(), false),
        Data::List(items) if !items.is_empty() => writer.list(items, schema, &DataPath::root()),
        other => {
            writer.out.push_str(&flow(form, other, schema));
            writer.out.push('\n');
        }
    }
    writer.out
}

/// Remarks with paths that the data has.
fn settled(data: &Data, remarks: &[(DataPath, String)]) -> Vec<(DataPath, String)> {
    let nearest = |path: &DataPath| {
        let mut at = DataPath::root();
        for step in path.steps() {
            let next = match step {
                Step::Key(key) => at.key(key.clone()),
                Step::Index(index) => at.index(*index),
            };
            if data.at(&next).is_none() {
                break;
            }
            at = next;
        }
        at
    };
    remarks.iter().map(|(path, remark)| (nearest(path), remark.clone())).collect()
}

/// The part of a value's text that begins on its key's line, and the lines that follow it.
pub(super) struct Written {
    /// Text behind the key's colon or the item's dash, with the blank before it; empty when all of it follows.
    pub head: String,
    /// Whole lines, indented.
    pub lines: Vec<String>,
}

/// A value behind a key or a dash that stands in `column`, without remarks.
pub(super) fn value(form: &Form, data: &Data, schema: &Value, column: usize) -> Written {
    let mut writer = Writer { form, out: String::new(), remarks: Vec::new(), column };
    writer.value(data, schema, &DataPath::root(), false);
    let (head, rest) = writer.out.split_once('\n').unwrap_or((&writer.out, ""));
    Written { head: head.to_owned(), lines: rest.lines().map(str::to_owned).collect() }
}

/// The lines of one item of the list that `schema` describes, its dash in `column`.
pub(super) fn item(form: &Form, data: &Data, schema: &Value, column: usize) -> Vec<String> {
    let mut writer = Writer { form, out: String::new(), remarks: Vec::new(), column };
    writer.list(std::slice::from_ref(data), form.schema.resolve(schema), &DataPath::root());
    writer.out.lines().map(str::to_owned).collect()
}

/// A key as it is written before its colon.
pub(super) fn key(name: &str) -> String {
    inline(name, Around::Flow, true)
}

/// A value on one line.
pub(super) fn flow(form: &Form, data: &Data, schema: &Value) -> String {
    let schema = form.schema.resolve(schema);
    match data {
        Data::Null => "null".to_owned(),
        Data::Text(text) => inline(text, Around::Flow, takes_numbers(schema)),
        Data::List(items) => {
            let items: Vec<String> = items.iter().map(|item| flow(form, item, &schema["items"])).collect();
            format!("[{}]", items.join(", "))
        }
        Data::Map(entries) => {
            let entries: Vec<String> = in_order(entries, schema)
                .into_iter()
                .map(|(name, value)| {
                    format!("{}: {}", key(name), flow(form, value, &schema["properties"][name]))
                })
                .collect();
            format!("{{{}}}", entries.join(", "))
        }
    }
}

/// Entries in the order of the schema's properties, the others behind them.
pub(super) fn in_order<'a>(entries: &'a [(String, Data)], schema: &Value) -> Vec<(&'a str, &'a Data)> {
    let names: Vec<&String> =
        schema["properties"].as_object().map(|known| known.keys().collect()).unwrap_or_default();
    let mut sorted: Vec<(&str, &Data)> = entries.iter().map(|(name, value)| (name.as_str(), value)).collect();
    sorted.sort_by_key(|(name, _)| names.iter().position(|known| known == name).unwrap_or(usize::MAX));
    sorted
}

/// Whether the form keeps numbers in a place: such a place describes what it takes, and takes numbers.
fn takes_numbers(schema: &Value) -> bool {
    let number = |kind: &Value| kind == "number" || kind == "integer";
    let kind = &schema["type"];
    let takes = number(kind) || kind.as_array().is_some_and(|kinds| kinds.iter().any(number));
    takes && schema.get("pattern").is_some()
}

struct Writer<'a> {
    form: &'a Form,
    out: String,
    remarks: Vec<(DataPath, String)>,
    /// Where the keys or dashes of the collection in hand stand.
    column: usize,
}

impl Writer<'_> {
    fn push(&mut self, texts: &[&str]) {
        self.out.extend(texts.iter().copied());
    }

    /// Comments on the value at `path`, and on those inside it when it stands on one line.
    fn remark(&mut self, path: &DataPath, inside: bool) {
        let pad = " ".repeat(self.column);
        let start = format!("{path}");
        let remarks = std::mem::take(&mut self.remarks);
        for (at, remark) in &remarks {
            let below = inside && at.steps().len() > path.steps().len() && at.to_string().starts_with(&start);
            if at != path && !below {
                continue;
            }
            for line in remark.lines() {
                let line: String =
                    line.chars().map(|c| if is_escaped(&c.to_string()) { ' ' } else { c }).collect();
                self.push(&[&pad, "# ", line.trim(), "\n"]);
            }
        }
        self.remarks = remarks;
    }

    /// Entries below each other; the first one's key stands already behind a dash when `started`.
    fn map(&mut self, entries: &[(String, Data)], schema: &Value, path: &DataPath, mut started: bool) {
        for (name, value) in in_order(entries, schema) {
            let at = path.key(name);
            let schema = self.form.schema.resolve(&schema["properties"][name]);
            if !started {
                self.remark(&at, false);
                self.out.push_str(&" ".repeat(self.column));
            }
            started = false;
            let written = key(name);
            if written.len() > LONGEST_KEY {
                self.push(&["? ", &written, "\n", &" ".repeat(self.column)]);
            } else {
                self.out.push_str(&written);
            }
            self.out.push(':');
            self.value(value, schema, &at, false);
        }
    }

    fn list(&mut self, items: &[Data], schema: &Value, path: &DataPath) {
        let schema = self.form.schema.resolve(&schema["items"]);
        for (index, item) in items.iter().enumerate() {
            let at = path.index(index);
            let flow = is_flow(self.form, item, schema);
            self.remark(&at, true);
            self.out.push_str(&" ".repeat(self.column));
            self.out.push('-');
            match item {
                Data::Map(entries) if !flow && !entries.is_empty() => {
                    self.out.push(' ');
                    self.column += 2;
                    self.map(entries, schema, &at, true);
                    self.column -= 2;
                }
                _ => self.value(item, schema, &at, true),
            }
        }
    }

    /// A value behind its colon or dash, up to the end of its last line. Inside an item, remarks stand above it.
    fn value(&mut self, data: &Data, schema: &Value, path: &DataPath, item: bool) {
        let schema = self.form.schema.resolve(schema);
        match data {
            Data::Null => self.out.push('\n'),
            Data::Text(text) => {
                if let Some((head, lines)) = block(text, self.column + 2) {
                    self.push(&[" ", &head, "\n"]);
                    for line in lines {
                        self.push(&[&line, "\n"]);
                    }
                } else {
                    self.push(&[" ", &inline(text, Around::Block, takes_numbers(schema)), "\n"]);
                }
            }
            Data::Map(entries) if entries.is_empty() => self.out.push_str(" {}\n"),
            Data::List(items) if items.is_empty() => self.out.push_str(" []\n"),
            Data::Map(_) if item && is_flow(self.form, data, schema) => {
                let text = flow(self.form, data, schema);
                self.push(&[" ", &text, "\n"]);
            }
            Data::Map(entries) => {
                self.out.push('\n');
                self.column += 2;
                self.map(entries, schema, path, false);
                self.column -= 2;
            }
            Data::List(items) => {
                self.out.push('\n');
                self.column += 2;
                self.list(items, schema, path);
                self.column -= 2;
            }
        }
    }
}

/// Whether a list's item is written on one line: a short mapping of short texts.
fn is_flow(form: &Form, data: &Data, schema: &Value) -> bool {
    let Data::Map(entries) = data else { return false };
    let plain = |value: &Data| match value {
        Data::Null => true,
        Data::Text(text) => !is_escaped(text) && !text.starts_with("<p"),
        Data::List(_) | Data::Map(_) => false,
    };
    !entries.is_empty()
        && entries.iter().all(|(name, value)| !is_escaped(name) && plain(value))
        && flow(form, data, schema).chars().count() <= LONGEST_ITEM
}
