//! Changed values put into a data file that a person wrote: everything else stays as it is, byte for byte.

use std::ops::Range;
use std::sync::Arc;

use serde_json::Value;

use super::edit::{Edit, apply};
use super::spans::{Shape, Spans};
use super::writer::{self, Written, in_order};
use super::{Data, write};
use crate::form::Form;
use crate::load::{self, Document, Entry, Kind, Node};

/// The document's text with the values of `data`. Values that are the same keep their text, with the comments
/// around them and the order of keys; new ones are written in the style around them. The result is read again, and
/// where an unusual style was edited wrongly, the whole top-level value is written anew, at worst the whole file.
pub fn update(document: &Document, form: &Form, data: &Data) -> String {
    if same(&document.root, data) {
        return document.text.clone();
    }
    for deep in [true, false] {
        let edits = Editor::new(document, form, deep).edits(data);
        if let Some(text) = edits.map(|edits| apply(&document.text, &edits))
            && load::parse(&document.file, text.clone()).is_ok_and(|read| same(&read.root, data))
        {
            return text;
        }
    }
    write(form, data, &[])
}

/// Whether a value of a document is a value of the data; the order of keys is no part of it.
fn same(node: &Node, data: &Data) -> bool {
    match (&node.kind, data) {
        (Kind::Null, Data::Null) => true,
        (Kind::Scalar(old), Data::Text(new)) => **old == **new,
        (Kind::List(old), Data::List(new)) => {
            old.len() == new.len() && old.iter().zip(new).all(|(old, new)| same(old, new))
        }
        (Kind::Map(old), Data::Map(new)) => {
            old.len() == new.len()
                && old.iter().all(|entry| data.get(&entry.key).is_some_and(|new| same(&entry.value, new)))
        }
        _ => false,
    }
}

/// Whether two items of a list are about the same thing: their first value tells.
fn begins_alike(node: &Node, data: &Data) -> bool {
    match data {
        Data::Map(entries) => {
            entries.first().is_some_and(|(key, value)| node.get(key).is_some_and(|old| same(old, value)))
        }
        _ => same(node, data),
    }
}

struct Editor<'a> {
    form: &'a Form,
    root: &'a Node,
    spans: Spans<'a>,
    /// Whether values inside lists and mappings below the top are edited one by one.
    deep: bool,
    edits: Vec<Edit>,
    /// Whether something was met that cannot be edited in place.
    failed: bool,
}

/// Where a value stands.
#[derive(Clone, Copy)]
struct Around {
    /// Behind its colon or dash.
    start: usize,
    /// Column of its key or dash, from 0.
    column: usize,
    /// Whether it stands in brackets.
    flow: bool,
}

impl<'a> Editor<'a> {
    fn new(document: &'a Document, form: &'a Form, deep: bool) -> Editor<'a> {
        let spans = Spans::new(document);
        Editor { form, root: &document.root, spans, deep, edits: Vec::new(), failed: false }
    }

    /// The edits in order; `None` when the document cannot be edited in place.
    fn edits(mut self, data: &Data) -> Option<Vec<Edit>> {
        let (Kind::Map(entries), Data::Map(_)) = (&self.root.kind, data) else { return None };
        let schema = &self.form.schema.json;
        if self.spans.is_flow(self.root) || entries.is_empty() {
            return None;
        }
        self.map(entries, data, schema);
        self.edits.sort_by_key(|edit| (edit.range.start, edit.range.end));
        let overlap = self.edits.windows(2).any(|pair| pair[1].range.start < pair[0].range.end);
        (!self.failed && !overlap).then_some(self.edits)
    }

    fn edit(&mut self, range: Range<usize>, text: String) {
        if range.start > range.end || range.end > self.spans.text.len() {
            self.failed = true;
        } else {
            self.edits.push(Edit { range, text });
        }
    }

    fn node(&mut self, node: &Node, data: &Data, schema: &Value, around: Around) {
        if same(node, data) {
            return;
        }
        let schema = self.form.schema.resolve(schema);
        let shape = self.spans.shape(node, around.start);
        match (&node.kind, data) {
            _ if node.bytes.0 < around.start && node.kind != Kind::Null => self.failed = true,
            (Kind::Map(entries), Data::Map(new)) if self.deep && !entries.is_empty() && !new.is_empty() => {
                if shape == Shape::Lines {
                    self.map(entries, data, schema);
                } else if entries.iter().all(|entry| data.get(&entry.key).is_some()) {
                    self.flow_map(entries, data, schema);
                } else {
                    self.replace(node, data, schema, around);
                }
            }
            (Kind::List(items), Data::List(new)) if self.deep && !items.is_empty() && !new.is_empty() => {
                if shape == Shape::Lines {
                    self.list(node, items, new, schema);
                } else if items.len() == new.len() {
                    for (item, new) in items.iter().zip(new) {
                        let around = Around { start: item.bytes.0, flow: true, ..around };
                        self.node(item, new, &schema["items"], around);
                    }
                } else {
                    self.replace(node, data, schema, around);
                }
            }
            _ => self.replace(node, data, schema, around),
        }
    }

    /// Puts another value in the place of one.
    fn replace(&mut self, node: &Node, data: &Data, schema: &Value, around: Around) {
        let end = self.spans.end(node);
        if around.flow {
            let text = writer::flow(self.form, data, schema);
            match node.kind {
                Kind::Null => self.edit(around.start..around.start, format!(" {text}")),
                _ => self.edit(node.bytes.0..end, text),
            }
            return;
        }
        let Written { head, lines } = match data {
            // A text that ends with empty lines would take those that follow it as its own.
            Data::Text(text) if text.ends_with("\n\n") => {
                Written { head: format!(" {}", writer::flow(self.form, data, schema)), lines: Vec::new() }
            }
            _ => writer::value(self.form, data, schema, around.column),
        };
        let below: String = lines.iter().flat_map(|line| [self.spans.ending, line]).collect();
        match self.spans.shape(node, around.start) {
            Shape::Nothing => {
                self.edit(around.start..around.start, head);
                let at = self.spans.line_end(around.start);
                self.edit(at..at, below);
            }
            Shape::Token => {
                let blanks = self.spans.text[around.start..node.bytes.0].trim_end_matches(' ').len();
                let begin = if head.is_empty() { around.start + blanks } else { node.bytes.0 };
                self.edit(begin..end, head.trim_start().to_owned());
                let at = self.spans.line_end(end);
                self.edit(at..at, below);
            }
            Shape::Literal(header) => self.edit(header..end, format!("{}{below}", head.trim_start())),
            Shape::Lines => {
                let line = self.spans.line_start(node.bytes.0);
                if line <= around.start {
                    self.edit(around.start..end, format!("{head}{below}"));
                } else {
                    // The key's line may hold a comment, which stays.
                    self.edit(around.start..around.start, head);
                    let begin = line.saturating_sub(self.spans.ending.len());
                    self.edit(begin..end, below);
                }
            }
        }
    }

    /// Entries on lines of their own.
    fn map(&mut self, entries: &[Entry], data: &Data, schema: &Value) {
        let Data::Map(new) = data else { return };
        let schema = self.form.schema.resolve(schema);
        let first = self.spans.key(&entries[0]);
        let column = self.spans.column(first);
        for entry in entries {
            let start = self.spans.behind_colon(entry);
            match data.get(&entry.key) {
                Some(value) => {
                    let around = Around { start, column, flow: false };
                    self.node(&entry.value, value, &schema["properties"][&*entry.key], around);
                }
                None => self.remove(self.spans.key(entry), self.spans.end_of(entry)),
            }
        }
        let mut before: Option<&Entry> = None;
        for (name, value) in in_order(new, schema) {
            if let Some(entry) = entries.iter().find(|entry| *entry.key == *name) {
                before = Some(entry);
                continue;
            }
            let Written { head, lines } =
                writer::value(self.form, value, &schema["properties"][name], column);
            let own = format!("{}{}:{head}", " ".repeat(column), writer::key(name));
            let lines: Vec<String> = [own].into_iter().chain(lines).collect();
            self.insert(&lines, before.map(|entry| self.spans.end_of(entry)), first);
        }
    }

    /// Entries in braces, none of them removed.
    fn flow_map(&mut self, entries: &[Entry], data: &Data, schema: &Value) {
        let Data::Map(new) = data else { return };
        for entry in entries {
            let Some(value) = data.get(&entry.key) else { continue };
            let around = Around { start: self.spans.behind_colon(entry), column: 0, flow: true };
            self.node(&entry.value, value, &schema["properties"][&*entry.key], around);
        }
        let end = entries.last().map_or(0, |entry| self.spans.end_of(entry));
        for (name, value) in in_order(new, schema) {
            if !entries.iter().any(|entry| *entry.key == *name) {
                let value = writer::flow(self.form, value, &schema["properties"][name]);
                self.edit(end..end, format!(", {}: {value}", writer::key(name)));
            }
        }
    }

    /// Items on lines of their own.
    fn list(&mut self, list: &Node, items: &[Arc<Node>], new: &[Data], schema: &Value) {
        let dashes = self.spans.dashes(list, items);
        let column = self.spans.column(list.bytes.0);
        if dashes.iter().any(|&dash| !self.spans.text[dash..].starts_with('-')) {
            self.failed = true;
            return;
        }
        let mut pairs = Vec::new();
        pair(items, new, (0, 0), &[same, begins_alike], &mut pairs);
        let kept = |item: usize| pairs.iter().find(|(old, _)| *old == item).map(|(_, new)| *new);
        for (index, item) in items.iter().enumerate() {
            match kept(index) {
                Some(at) => {
                    let around = Around { start: dashes[index] + 1, column, flow: false };
                    self.node(item, &new[at], &schema["items"], around);
                }
                None => self.remove(dashes[index], self.spans.end(item)),
            }
        }
        let mut before = None;
        for (index, item) in new.iter().enumerate() {
            if let Some((old, _)) = pairs.iter().find(|(_, at)| *at == index) {
                before = Some(self.spans.end(&items[*old]));
                continue;
            }
            let lines = writer::item(self.form, item, schema, column);
            self.insert(&lines, before, dashes[0]);
        }
    }

    /// Takes out the lines from a key or dash to the end of its value.
    fn remove(&mut self, begin: usize, end: usize) {
        if self.spans.opens_line(begin) {
            self.edit(self.spans.line_start(begin)..self.spans.next_line(end), String::new());
        } else {
            self.failed = true;
        }
    }

    /// Puts lines behind the line on which a value ends, or before the first key or dash.
    fn insert(&mut self, lines: &[String], behind: Option<usize>, first: usize) {
        let ending = self.spans.ending;
        if let Some(end) = behind {
            let at = self.spans.line_end(end);
            self.edit(at..at, lines.iter().flat_map(|line| [ending, line]).collect());
        } else if self.spans.opens_line(first) {
            let at = self.spans.line_start(first);
            self.edit(at..at, lines.iter().flat_map(|line| [line, ending]).collect());
        } else {
            self.failed = true;
        }
    }
}

/// Which old items are which new ones, in order: equal ones first, then those that begin alike, then by position.
fn pair(
    old: &[Arc<Node>],
    new: &[Data],
    offset: (usize, usize),
    alike: &[fn(&Node, &Data) -> bool],
    pairs: &mut Vec<(usize, usize)>,
) {
    let Some((first, others)) = alike.split_first() else {
        pairs.extend((0..old.len().min(new.len())).map(|at| (offset.0 + at, offset.1 + at)));
        return;
    };
    // longest[i][j]: pairs in old[i..] and new[j..].
    let mut longest = vec![vec![0_u32; new.len() + 1]; old.len() + 1];
    for i in (0..old.len()).rev() {
        for j in (0..new.len()).rev() {
            longest[i][j] = if first(&old[i], &new[j]) {
                longest[i + 1][j + 1] + 1
            } else {
                longest[i + 1][j].max(longest[i][j + 1])
            };
        }
    }
    let (mut i, mut j) = (0, 0);
    let (mut from_i, mut from_j) = (0, 0);
    while i < old.len() && j < new.len() {
        if first(&old[i], &new[j]) {
            pair(&old[from_i..i], &new[from_j..j], (offset.0 + from_i, offset.1 + from_j), others, pairs);
            pairs.push((offset.0 + i, offset.1 + j));
            (i, j) = (i + 1, j + 1);
            (from_i, from_j) = (i, j);
        } else if longest[i + 1][j] >= longest[i][j + 1] {
            i += 1;
        } else {
            j += 1;
        }
    }
    pair(&old[from_i..], &new[from_j..], (offset.0 + from_i, offset.1 + from_j), others, pairs);
}

#[cfg(test)]
mod tests;
