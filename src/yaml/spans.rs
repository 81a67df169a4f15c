//! Where the pieces of a document stand in its text: ends of values, colons of keys, dashes of items, lines.

use crate::load::{Document, Entry, Kind, Node};

/// A document's text with its lines.
pub(super) struct Spans<'a> {
    /// The text.
    pub text: &'a str,
    /// Offset of the beginning of each line.
    lines: Vec<usize>,
    /// How lines end.
    pub ending: &'static str,
}

/// How a value stands in the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// Not at all.
    Nothing,
    /// As one stretch: bare, in quotes, in braces or brackets.
    Token,
    /// As a block scalar; the offset of its header.
    Literal(usize),
    /// As lines of keys or dashes.
    Lines,
}

impl<'a> Spans<'a> {
    pub(super) fn new(document: &'a Document) -> Spans<'a> {
        let text = document.text.as_str();
        let lines = [0].into_iter().chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
        Spans { text, lines, ending: if text.contains("\r\n") { "\r\n" } else { "\n" } }
    }

    /// How a value stands that begins behind `start`, the end of its colon or dash.
    pub(super) fn shape(&self, node: &Node, start: usize) -> Shape {
        match node.kind {
            Kind::Null => Shape::Nothing,
            Kind::List(_) | Kind::Map(_) if self.is_flow(node) => Shape::Token,
            Kind::List(_) | Kind::Map(_) => Shape::Lines,
            Kind::Scalar(_) => {
                // Between a colon and a bare or quoted text stand blanks, and comments on lines of their own.
                let between = self.text.get(start..node.bytes.0).unwrap_or_default();
                let head = between.trim_start_matches(' ');
                let literal = head.starts_with(['|', '>']);
                if literal { Shape::Literal(node.bytes.0 - head.len()) } else { Shape::Token }
            }
        }
    }

    /// Whether a list or mapping stands in brackets.
    pub(super) fn is_flow(&self, node: &Node) -> bool {
        self.text[node.bytes.0..].starts_with(['{', '['])
    }

    /// End of a value's last character; of the colon or dash before it when there is no value.
    pub(super) fn end(&self, node: &Node) -> usize {
        let closing = |inside: usize, bracket: char| {
            self.text[inside..].find(bracket).map_or(node.bytes.1, |at| inside + at + 1)
        };
        match &node.kind {
            Kind::Null => node.bytes.0,
            Kind::Scalar(_) => {
                let typed = self.text.get(node.bytes.0..node.bytes.1).unwrap_or_default();
                node.bytes.0 + typed.trim_end().len()
            }
            Kind::List(items) => {
                let last = items.last().map_or(node.bytes.0 + 1, |item| self.end(item));
                if self.is_flow(node) { closing(last, ']') } else { last }
            }
            Kind::Map(entries) => {
                let last = entries.last().map_or(node.bytes.0 + 1, |entry| self.end_of(entry));
                if self.is_flow(node) { closing(last, '}') } else { last }
            }
        }
    }

    /// End of an entry.
    pub(super) fn end_of(&self, entry: &Entry) -> usize {
        match entry.value.kind {
            Kind::Null => self.behind_colon(entry),
            _ => self.end(&entry.value),
        }
    }

    /// Where an entry's key begins.
    pub(super) fn key(&self, entry: &Entry) -> usize {
        let line = self.lines.get(entry.place.line - 1).copied().unwrap_or(self.text.len());
        let column = self.text[line..].char_indices().nth(entry.place.column - 1);
        column.map_or(self.text.len(), |(at, _)| line + at)
    }

    /// The offset behind an entry's colon.
    pub(super) fn behind_colon(&self, entry: &Entry) -> usize {
        let key = self.key(entry);
        let typed = &self.text[key..];
        let quote = typed.chars().next().filter(|c| "\"'".contains(*c));
        let length = match quote {
            Some(quote) => {
                let mut escaped = false;
                let close = typed.char_indices().skip(1).find(|&(_, c)| {
                    let ends = c == quote && !escaped;
                    escaped = c == '\\' && quote == '"' && !escaped;
                    ends
                });
                close.map_or(typed.len(), |(at, _)| at + 1)
            }
            None => entry.key.len().min(typed.len()),
        };
        let end = key + length;
        self.text.get(end..).and_then(|rest| rest.find(':')).map_or(self.text.len(), |at| end + at + 1)
    }

    /// Offsets of the dashes of a list that stands on lines.
    pub(super) fn dashes(&self, list: &Node, items: &[std::sync::Arc<Node>]) -> Vec<usize> {
        let column = self.column(list.bytes.0);
        let mut dashes = vec![list.bytes.0];
        for item in &items[..items.len().saturating_sub(1)] {
            let mut at = self.line_end(self.end(item));
            let next = loop {
                if at >= self.text.len() {
                    break at;
                }
                let line = at + 1;
                let dash = line + column;
                let indent = self.text[line..].len() - self.text[line..].trim_start_matches(' ').len();
                if indent == column && self.text[dash..].starts_with('-') {
                    break dash;
                }
                at = self.line_end(line);
            };
            dashes.push(next);
        }
        dashes
    }

    /// Columns, from 0, before an offset on its line.
    pub(super) fn column(&self, at: usize) -> usize {
        self.text[self.line_start(at)..at].chars().count()
    }

    /// Where the line of an offset begins.
    pub(super) fn line_start(&self, at: usize) -> usize {
        self.text[..at].rfind('\n').map_or(0, |newline| newline + 1)
    }

    /// Where the line of an offset ends, before its line break.
    pub(super) fn line_end(&self, at: usize) -> usize {
        let end = self.text[at..].find('\n').map_or(self.text.len(), |newline| at + newline);
        if self.text[..end].ends_with('\r') && end > at { end - 1 } else { end }
    }

    /// Where the next line begins.
    pub(super) fn next_line(&self, at: usize) -> usize {
        self.text[at..].find('\n').map_or(self.text.len(), |newline| at + newline + 1)
    }

    /// Whether only blanks stand before an offset on its line.
    pub(super) fn opens_line(&self, at: usize) -> bool {
        self.text[self.line_start(at)..at].trim().is_empty()
    }
}
