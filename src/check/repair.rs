//! What has one right answer is repaired in place: every other byte of the YAML, comments and order included, stays.

use crate::diag::DataPath;
use crate::form::Form;
use crate::load::{Document, Entry, Kind, Node, paragraphs};
use crate::yaml::Edit;

/// The repairs of a document, in its order, none overlapping.
pub fn repairs(form: &Form, document: &Document) -> Vec<Edit> {
    let facts = &form.spec.facts;
    let bodies: Vec<String> = [&facts.department, &facts.unit].into_iter().flatten().cloned().collect();
    let targets: Vec<String> = form.spec.indicators.iter().flat_map(|spec| spec.values.clone()).collect();
    let mut surgeon = Surgeon { document, bodies, targets, edits: Vec::new() };
    surgeon.walk(&document.root, &DataPath::root(), None);
    surgeon.edits.sort_by_key(|edit| edit.range.start);
    surgeon.edits.dedup_by(|later, earlier| later.range.start < earlier.range.end);
    surgeon.edits
}

struct Surgeon<'a> {
    document: &'a Document,
    /// Data paths of names of bodies.
    bodies: Vec<String>,
    /// Keys of targets.
    targets: Vec<String>,
    edits: Vec<Edit>,
}

impl Surgeon<'_> {
    fn walk(&mut self, node: &Node, path: &DataPath, entry: Option<&Entry>) {
        match &node.kind {
            Kind::Null => {}
            Kind::Scalar(text) => self.scalar(node, path, text, entry),
            Kind::List(items) => {
                for (index, item) in items.iter().enumerate() {
                    self.walk(item, &path.index(index), None);
                }
            }
            Kind::Map(entries) => {
                for entry in entries {
                    self.walk(&entry.value, &path.key(entry.key.clone()), Some(entry));
                }
            }
        }
    }

    fn scalar(&mut self, node: &Node, path: &DataPath, text: &str, entry: Option<&Entry>) {
        let (start, end) = node.bytes;
        let Some(typed) = self.document.text.get(start..end) else { return };
        if !super::text::markup(text).is_empty() {
            if let Some(edit) = self.as_block(node, text, entry) {
                self.edits.push(edit);
            }
            return;
        }
        let key = entry.map_or("", |entry| &*entry.key);
        if self.targets.iter().any(|target| target == key) {
            self.signs(start, typed);
        }
        if self.bodies.contains(&path.to_string()) {
            self.blanks(start, typed);
        }
        self.punctuation(start, typed);
    }

    /// A value with markup becomes a block of lines, a paragraph on each; only where blocks may stand.
    fn as_block(&self, node: &Node, text: &str, entry: Option<&Entry>) -> Option<Edit> {
        let entry = entry?;
        let text_of = &self.document.text;
        let line_start = text_of[..node.bytes.0].rfind('\n').map_or(0, |newline| newline + 1);
        let line = &text_of[line_start..node.bytes.0];
        // Inside a flow mapping, or behind a list's dash, the indentation of a block cannot be told from here.
        let key_line = text_of.lines().nth(entry.place.line - 1)?;
        let indent = key_line.len() - key_line.trim_start().len();
        let is_plain_key = key_line.trim_start().starts_with(&*entry.key);
        if !is_plain_key || line.contains(['{', '[']) {
            return None;
        }
        let printed = paragraphs(text).ok()?;
        let pad = " ".repeat(indent + 2);
        // The parser's end of a block scalar is the start of what follows; blank lines before it stay.
        let typed = &text_of[node.bytes.0..node.bytes.1];
        let end = node.bytes.0 + typed.trim_end().len();
        let ending = if text_of.contains("\r\n") { "\r\n" } else { "\n" };
        let header =
            text_of[line_start..].find('|').filter(|_| line.trim_end().ends_with(['|', '-', '+', '>']));
        let start = match header {
            Some(offset) => line_start + offset,
            None => node.bytes.0,
        };
        let lines: Vec<String> = printed.lines().map(|line| format!("{pad}{line}")).collect();
        Some(Edit { range: start..end, text: format!("|-{ending}{}", lines.join(ending)) })
    }

    /// Signs as they are printed: `>=` becomes `≥`.
    fn signs(&mut self, start: usize, typed: &str) {
        const SIGNS: [(&str, &str); 7] =
            [(">=", "≥"), ("<=", "≤"), ("＞＝", "≥"), ("＜＝", "≤"), ("≧", "≥"), ("≦", "≤"), ("＝", "=")];
        let quote = typed.len() - typed.trim_start_matches(['"', '\'']).len();
        for (wrong, right) in SIGNS {
            if typed[quote..].starts_with(wrong) {
                let at = start + quote;
                self.edits.push(Edit { range: at..at + wrong.len(), text: right.to_owned() });
                return;
            }
        }
    }

    /// Blanks between Han characters of a body's name.
    fn blanks(&mut self, start: usize, typed: &str) {
        let wide = |c: char| super::text::is_han(c) || "（）()".contains(c);
        let chars: Vec<(usize, char)> = typed.char_indices().collect();
        for (at, &(offset, c)) in chars.iter().enumerate() {
            let before = chars[..at].iter().rev().find(|(_, c)| *c != ' ').map(|(_, c)| *c);
            let after = chars[at + 1..].iter().find(|(_, c)| *c != ' ').map(|(_, c)| *c);
            if c == ' ' && before.is_some_and(wide) && after.is_some_and(wide) {
                self.edits.push(Edit { range: start + offset..start + offset + 1, text: String::new() });
            }
        }
    }

    /// Half-width punctuation between Han characters.
    fn punctuation(&mut self, start: usize, typed: &str) {
        for (offset, full) in super::writing::half_width_at(typed) {
            self.edits.push(Edit { range: start + offset..start + offset + 1, text: full.to_owned() });
        }
    }
}
