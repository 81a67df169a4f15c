//! YAML events into the data tree, with limits that keep hostile files cheap: depth, number of values, and copies
//! made by aliases.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use saphyr_parser::{Event, Parser, ScalarStyle, Span, Tag};

use super::source::{is_refused, refusal};
use super::tree::{Document, Entry, Kind, Node};
use crate::diag::{Finding, Place};

/// Deepest nesting of lists and mappings; the deepest form in use needs 6.
const DEPTH_LIMIT: usize = 32;
/// Most values in one file, those that aliases repeat included.
const NODE_LIMIT: usize = 100_000;

/// Parses the text of one data file.
///
/// # Errors
/// The first thing that makes the text no single YAML document of lists, mappings and scalars.
pub fn parse(file: &Path, text: String) -> Result<Document, Finding> {
    let root = Builder::new(file, &text).build()?;
    Ok(Document { file: file.to_owned(), text, root })
}

/// A list or mapping whose end has not come yet.
struct Open {
    anchor: usize,
    place: Place,
    start: usize,
    items: Items,
}

enum Items {
    List(Vec<Arc<Node>>),
    Map { entries: Vec<Entry>, key: Option<(Arc<str>, Place)> },
}

struct Builder<'a> {
    file: &'a Path,
    text: &'a str,
    /// Byte offset of each character, because events count in characters.
    offsets: Vec<u32>,
    open: Vec<Open>,
    anchors: HashMap<usize, (Arc<Node>, usize)>,
    nodes: usize,
    root: Option<Arc<Node>>,
}

impl<'a> Builder<'a> {
    fn new(file: &'a Path, text: &'a str) -> Self {
        let offsets = (0u32..)
            .zip(text.bytes())
            .filter(|(_, byte)| byte & 0xc0 != 0x80)
            .map(|(offset, _)| offset)
            .collect();
        Builder { file, text, offsets, open: Vec::new(), anchors: HashMap::new(), nodes: 0, root: None }
    }

    fn build(mut self) -> Result<Arc<Node>, Finding> {
        let mut parser = Parser::new_from_str(self.text);
        let mut documents = 0;
        while let Some(event) = parser.next_event() {
            let (event, span) = event.map_err(|error| self.syntax(&error))?;
            match event {
                Event::StreamEnd => break,
                Event::DocumentStart(_) => {
                    documents += 1;
                    if documents > 1 {
                        return Err(self
                            .finding("DATA-DOCUMENTS", place(&span), "一个文件里有两份 YAML 文档")
                            .fix("一个文件只写一个项目：请删除多余的“---”，或拆成两个文件。"));
                    }
                }
                other => self.event(other, &span)?,
            }
        }
        match self.root.take() {
            Some(root) if !matches!(root.kind, Kind::Null) => Ok(root),
            _ => Err(self
                .finding("DATA-EMPTY", Place { line: 1, column: 1 }, "文件是空的")
                .fix("可用 jixiao new 表式 生成一份带说明的空白数据文件。")),
        }
    }

    fn event(&mut self, event: Event<'_>, span: &Span) -> Result<(), Finding> {
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                self.refuse_tag(tag.as_deref(), span)?;
                if let Some(c) = text.chars().find(|&c| is_refused(c)) {
                    // The file's own characters were checked before: this one was written as an escape.
                    return Err(refusal(self.file, c).at(self.text, place(span)));
                }
                let null = style == ScalarStyle::Plain && matches!(&*text, "" | "~" | "null");
                let kind = if null { Kind::Null } else { Kind::Scalar(Arc::from(&*text)) };
                self.value(Node { place: place(span), bytes: self.bytes(span), kind }, anchor, 1)
            }
            Event::SequenceStart(anchor, tag) => {
                self.refuse_tag(tag.as_deref(), span)?;
                self.start(anchor, span, Items::List(Vec::new()))
            }
            Event::MappingStart(anchor, tag) => {
                self.refuse_tag(tag.as_deref(), span)?;
                self.start(anchor, span, Items::Map { entries: Vec::new(), key: None })
            }
            Event::SequenceEnd | Event::MappingEnd => self.end(span),
            Event::Alias(anchor) => {
                let Some((node, size)) = self.anchors.get(&anchor).cloned() else {
                    return Err(self
                        .finding("DATA-ALIAS", place(span), "别名引用了它自己或还没有写完的内容")
                        .fix("请把内容直接写在这里。"));
                };
                self.value(Node::clone(&node), 0, size)
            }
            _ => Ok(()),
        }
    }

    fn start(&mut self, anchor: usize, span: &Span, items: Items) -> Result<(), Finding> {
        if self.open.len() >= DEPTH_LIMIT {
            return Err(self.too_deep(place(span)));
        }
        self.open.push(Open { anchor, place: place(span), start: self.offset(span.start.index()), items });
        Ok(())
    }

    fn end(&mut self, span: &Span) -> Result<(), Finding> {
        let Some(open) = self.open.pop() else { return Ok(()) };
        let kind = match open.items {
            Items::List(items) => Kind::List(items),
            Items::Map { entries, .. } => Kind::Map(entries),
        };
        let bytes = (open.start, self.offset(span.end.index()));
        let node = Node { place: open.place, bytes, kind };
        let size = if open.anchor == 0 { 1 } else { count(&node) };
        self.value(node, open.anchor, size.max(1))
    }

    /// Puts a finished value where it belongs. `size` is the number of values that it brings when it is a copy.
    fn value(&mut self, node: Node, anchor: usize, size: usize) -> Result<(), Finding> {
        self.nodes += size;
        if self.nodes > NODE_LIMIT {
            return Err(self
                .finding("DATA-NODES", node.place, format!("内容超过 {NODE_LIMIT} 项（别名展开后）"))
                .fix("请检查是否误用了别名（& 和 *），或放错了文件。"));
        }
        let at = node.place;
        let node = Arc::new(node);
        if anchor != 0 {
            self.anchors.insert(anchor, (Arc::clone(&node), size));
        }
        let taken = match self.open.last_mut().map(|open| &mut open.items) {
            None => {
                self.root = Some(node);
                return Ok(());
            }
            Some(Items::List(items)) => {
                items.push(node);
                return Ok(());
            }
            Some(Items::Map { entries, key }) => match key.take() {
                Some((name, place)) => {
                    entries.push(Entry { key: name, place, value: node });
                    return Ok(());
                }
                None => match node.text() {
                    None => None,
                    Some(name) => {
                        if let Some(first) = entries.iter().find(|entry| &*entry.key == name) {
                            Some((name.to_owned(), first.place))
                        } else {
                            *key = Some((Arc::from(name), at));
                            return Ok(());
                        }
                    }
                },
            },
        };
        Err(match taken {
            Some((name, first)) => self
                .finding("DATA-DUPLICATE", at, format!("键“{name}”重复，第 {} 行已经有了", first.line))
                .fix("请保留一个，删除另一个。"),
            None => {
                self.finding("DATA-KEY", at, "键必须是文字，这里是列表或键值对").fix("请检查冒号和缩进。")
            }
        })
    }

    fn refuse_tag(&self, tag: Option<&Tag>, span: &Span) -> Result<(), Finding> {
        match tag {
            Some(tag) if !is_plain(tag) => Err(self
                .finding("DATA-TAG", place(span), format!("不支持 YAML 标签“{}{}”", tag.handle, tag.suffix))
                .fix("请删除标签；以 ! 开头的文字要加引号。")),
            _ => Ok(()),
        }
    }

    fn syntax(&self, error: &saphyr_parser::ScanError) -> Finding {
        let marker = error.marker();
        let mut at = Place { line: marker.line(), column: marker.col() + 1 };
        let lines = self.text.lines().count();
        if at.line > lines {
            // The end of the text, where something is missing, is shown on its last line.
            let last = self.text.lines().last().unwrap_or_default();
            at = Place { line: lines.max(1), column: last.chars().count() + 1 };
        }
        if error.info().contains("recursion limit") {
            return self.too_deep(at);
        }
        let message = format!("YAML 语法错误（{}）", error.info());
        let line = |number: usize| self.text.lines().nth(number.wrapping_sub(1)).unwrap_or("");
        // A full-width colon makes its line plain text, which the parser notices only on the next one.
        for number in [at.line, at.line.saturating_sub(1)] {
            if let Some(column) = full_width_colon(line(number)) {
                return self
                    .finding("DATA-SYNTAX", Place { line: number, column }, message)
                    .fix("键后面请用半角冒号加一个空格“: ”，不要用全角“：”。");
            }
        }
        self.finding("DATA-SYNTAX", at, message).fix(syntax_hint(line(at.line), error.info()))
    }

    fn too_deep(&self, at: Place) -> Finding {
        self.finding("DATA-DEPTH", at, format!("嵌套超过 {DEPTH_LIMIT} 层"))
            .fix("请对照表式的空白数据文件检查缩进和括号。")
    }

    fn finding(&self, rule: &str, at: Place, message: impl Into<String>) -> Finding {
        Finding::structure(rule, self.file, message).at(self.text, at)
    }

    fn offset(&self, index: usize) -> usize {
        self.offsets.get(index).map_or(self.text.len(), |&offset| offset as usize)
    }

    fn bytes(&self, span: &Span) -> (usize, usize) {
        (self.offset(span.start.index()), self.offset(span.end.index()))
    }
}

/// Column of a full-width colon on a line that has no other.
fn full_width_colon(line: &str) -> Option<usize> {
    let found = line.chars().position(|c| c == '：')?;
    (!line.contains(": ") && !line.trim_end().ends_with(':')).then_some(found + 1)
}

/// Tags that say no more than what the value is anyway.
fn is_plain(tag: &Tag) -> bool {
    const KNOWN: [&str; 7] = ["str", "int", "float", "bool", "null", "seq", "map"];
    (tag.is_yaml_core_schema() && KNOWN.contains(&tag.suffix.as_str()))
        || (tag.handle.is_empty() && tag.suffix == "!")
}

/// What a person most likely did wrong on a line that is no YAML.
fn syntax_hint(line: &str, info: &str) -> &'static str {
    if line.contains('\t') && info.contains("tab") {
        "缩进请用空格，不能用制表符（Tab）。"
    } else if info.contains("quot") {
        "引号没有成对：文字里有引号时请用另一种引号包住，或改用中文引号。"
    } else {
        "请检查这一行和上一行的缩进、冒号、引号和括号；文字里有“: ”或“ #”时要加引号。"
    }
}

fn place(span: &Span) -> Place {
    Place { line: span.start.line(), column: span.start.col() + 1 }
}

fn count(node: &Node) -> usize {
    1 + match &node.kind {
        Kind::Null | Kind::Scalar(_) => 0,
        Kind::List(items) => items.iter().map(|item| count(item)).sum(),
        Kind::Map(entries) => entries.iter().map(|entry| count(&entry.value)).sum(),
    }
}
