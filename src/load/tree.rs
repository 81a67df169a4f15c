//! The data tree: text exactly as typed, with the place of each key and value.

use std::path::PathBuf;
use std::sync::Arc;

use crate::diag::{DataPath, Finding, Place, Step, Stretch};

/// A data file that was read and parsed.
#[derive(Debug)]
pub struct Document {
    /// The file as it was named to us, for messages.
    pub file: PathBuf,
    /// Its text, without a byte order mark.
    pub text: String,
    /// Its content.
    pub root: Arc<Node>,
}

/// A value and where it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// Where the value begins.
    pub place: Place,
    /// Byte range of the value in the document's text (the header of a block scalar included).
    pub bytes: (usize, usize),
    /// The value.
    pub kind: Kind,
}

/// The three shapes of YAML, and nothing.
#[derive(Debug, Clone, PartialEq)]
pub enum Kind {
    /// `null`, `~` or nothing at all.
    Null,
    /// A scalar's text as typed, quotes and block indentation removed.
    Scalar(Arc<str>),
    /// A list.
    List(Vec<Arc<Node>>),
    /// A mapping in the file's order; keys are unique.
    Map(Vec<Entry>),
}

/// A key and its value.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// The key's text.
    pub key: Arc<str>,
    /// Where the key stands.
    pub place: Place,
    /// Its value.
    pub value: Arc<Node>,
}

impl Node {
    /// The value under `key`, when this is a mapping that has it.
    pub fn get(&self, key: &str) -> Option<&Arc<Node>> {
        match &self.kind {
            Kind::Map(entries) => entries.iter().find(|entry| &*entry.key == key).map(|entry| &entry.value),
            _ => None,
        }
    }

    /// The text of a scalar; the empty string for null.
    pub fn text(&self) -> Option<&str> {
        match &self.kind {
            Kind::Scalar(text) => Some(text),
            Kind::Null => Some(""),
            Kind::List(_) | Kind::Map(_) => None,
        }
    }

    /// Follows a path down; stops at the last value that exists.
    pub fn nearest(&self, path: &DataPath) -> &Node {
        let mut at = self;
        for step in path.steps() {
            let next = match (step, &at.kind) {
                (Step::Key(key), _) => at.get(key),
                (Step::Index(index), Kind::List(items)) => items.get(*index),
                (Step::Index(_), _) => None,
            };
            match next {
                Some(node) => at = node,
                None => break,
            }
        }
        at
    }

    /// Every value at a dotted path, with the path to it. `项目[].指标` means the one of each item of the list.
    pub fn all_at(&self, path: &str) -> Vec<(String, &Node)> {
        let mut found: Vec<(String, &Node)> = vec![(String::new(), self)];
        for step in path.split('.') {
            let key = step.trim_end_matches("[]");
            let mut next = Vec::new();
            for (path, node) in found {
                let Some(value) = node.get(key) else { continue };
                let path = if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") };
                match &value.kind {
                    Kind::List(items) if key.len() < step.len() => {
                        let items = items.iter().enumerate();
                        next.extend(items.map(|(index, item)| (format!("{path}[{index}]"), &**item)));
                    }
                    _ => next.push((path, value)),
                }
            }
            found = next;
        }
        found
    }

    /// Text of the scalar at a dotted path, markup resolved and paragraphs joined by blanks.
    pub fn value_at(&self, path: &str) -> Option<String> {
        let node = path.split('.').try_fold(self, |node, key| node.get(key).map(|node| &**node))?;
        let text = node.text()?;
        let plain = super::paragraphs(text).map_or_else(|_| text.to_owned(), std::borrow::Cow::into_owned);
        Some(plain.replace('\n', " "))
    }

    /// What the shape is called in a message.
    pub fn shape(&self) -> &'static str {
        match self.kind {
            Kind::Null => "空值",
            Kind::Scalar(_) => "文字",
            Kind::List(_) => "列表",
            Kind::Map(_) => "键值对",
        }
    }
}

impl Document {
    /// Where the `nth` occurrence (from 0) of `needle` stands inside a value as it was typed; the value's own
    /// place when it cannot be found, for example because an escape stands for it.
    pub fn locate(&self, node: &Node, needle: &str, nth: usize) -> Stretch {
        let (start, end) = node.bytes;
        let typed = self.text.get(start..end).unwrap_or("");
        let Some((offset, _)) = typed.match_indices(needle).nth(nth).filter(|_| !needle.is_empty()) else {
            return self.stretch(node);
        };
        let before = &self.text[..start + offset];
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        Stretch {
            place: Place {
                line: before.matches('\n').count() + 1,
                column: before[line_start..].chars().count() + 1,
            },
            length: needle.chars().take_while(|&c| c != '\n').count().max(1),
        }
    }

    /// The whole value, as far as it stands on its first line.
    pub fn stretch(&self, node: &Node) -> Stretch {
        let typed = self.text.get(node.bytes.0..node.bytes.1).unwrap_or("");
        let first = typed.lines().next().unwrap_or("").trim_end();
        Stretch { place: node.place, length: first.chars().count().max(1) }
    }

    /// A structure finding about this document at a stretch of it.
    pub fn finding(&self, rule: &str, at: impl Into<Stretch>, message: impl Into<String>) -> Finding {
        Finding::structure(rule, &self.file, message).at(&self.text, at)
    }
}
