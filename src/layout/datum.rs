//! Data values as a table template sees them: they know their path, and only `cell()` can print them.

use std::collections::HashSet;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use minijinja::value::{Enumerator, Object, ObjectRepr, Rest};
use minijinja::{Error, ErrorKind, Value};
use rust_decimal::Decimal;

use crate::calc::{convert, decimal, plain};
use crate::diag::{DataPath, Finding};
use crate::form::Shape;
use crate::grid::{Part, printed_date};
use crate::load::{Document, Kind, MarkupError, Node, paragraphs};

/// A noncharacter that marks text made from a data value. No data file can hold it unnoticed: were it typed, it
/// would only make the template refuse the value.
pub(super) const MARK: char = '\u{10fffe}';

/// What a rendering collects on its way.
#[derive(Debug, Default)]
pub(super) struct Session {
    /// Whether literals beside a blank value are printed too, as on a form that is yet to be filled in.
    keeps_literals: bool,
    state: Mutex<Outcome>,
}

/// What a rendering collected.
#[derive(Debug, Default)]
pub(super) struct Outcome {
    /// The values that cells show; a cell names them by position.
    pub parts: Vec<Part>,
    /// The values that formulas use; a formula names them by position.
    pub operands: Vec<(DataPath, Option<Decimal>)>,
    /// Values whose markup cannot be printed.
    pub rejected: Vec<Rejected>,
}

/// A value that cannot be printed.
#[derive(Debug)]
pub(super) struct Rejected {
    path: DataPath,
    error: MarkupError,
}

impl Rejected {
    /// The finding at the tag's place.
    pub(super) fn finding(&self, document: &Document) -> Finding {
        let node = document.root.nearest(&self.path);
        let at = document.locate(node, &self.error.tag, self.error.nth);
        document
            .finding("DATA-HTML", at, format!("文本里有不支持的网页标签“{}”", self.error.tag))
            .of(self.path.clone())
            .fix("请删除标签；分段用 <p>…</p> 或换行，小于号后面请空一格或写成 &lt;。")
    }
}

impl Session {
    /// A session that prints the form's words beside blank values too.
    pub(super) fn of_blank_form() -> Session {
        Session { keeps_literals: true, ..Session::default() }
    }

    fn state(&self) -> std::sync::MutexGuard<'_, Outcome> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes what was collected.
    pub(super) fn finish(&self) -> Outcome {
        std::mem::take(&mut self.state())
    }
}

impl Outcome {
    /// Scalars of the document that no cell shows.
    pub(super) fn unprinted(&self, root: &Node) -> Vec<Part> {
        fn walk(node: &Node, path: &DataPath, shown: &HashSet<&DataPath>, out: &mut Vec<Part>) {
            match &node.kind {
                Kind::Scalar(text) if !shown.contains(path) => {
                    out.push(Part { text: text.to_string(), path: Some(path.clone()), source: None });
                }
                Kind::Null | Kind::Scalar(_) => {}
                Kind::List(items) => {
                    for (index, item) in items.iter().enumerate() {
                        walk(item, &path.index(index), shown, out);
                    }
                }
                Kind::Map(entries) => {
                    for entry in entries {
                        walk(&entry.value, &path.key(Arc::clone(&entry.key)), shown, out);
                    }
                }
            }
        }
        let shown = self.parts.iter().filter_map(|part| part.path.as_ref()).collect();
        let mut out = Vec::new();
        walk(root, &DataPath::root(), &shown, &mut out);
        out
    }
}

/// One value of the data, absent ones included as far as the schema knows them.
pub(super) struct Datum {
    node: Option<Arc<Node>>,
    shape: Shape,
    path: DataPath,
    session: Arc<Session>,
    view: View,
}

/// How a value is printed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum View {
    /// As it was typed.
    Typed,
    /// As a date.
    Date,
    /// As money, typed in the first unit and printed in the second.
    Money(String, String),
}

impl fmt::Debug for Datum {
    /// Error messages of the template engine show values in this way.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.path)
    }
}

impl Datum {
    /// The document itself.
    pub(super) fn root(node: Arc<Node>, shape: &Shape, session: &Arc<Session>) -> Datum {
        let session = Arc::clone(session);
        Datum { node: Some(node), shape: shape.clone(), path: DataPath::root(), session, view: View::Typed }
    }

    /// The keys that the schema knows here.
    pub(super) fn keys(&self) -> impl Iterator<Item = String> {
        let keys: Vec<String> = match &self.shape {
            Shape::Map(keys) => keys.keys().cloned().collect(),
            _ => Vec::new(),
        };
        keys.into_iter()
    }

    /// The value under a key.
    pub(super) fn child(&self, key: &str) -> Value {
        self.find(key).unwrap_or(Value::UNDEFINED)
    }

    /// The scalar's text as typed; empty when it is absent.
    pub(super) fn text(&self) -> String {
        self.node.as_deref().and_then(Node::text).unwrap_or_default().to_owned()
    }

    /// Whether there is nothing to print.
    pub(super) fn is_blank(&self) -> bool {
        match self.node.as_deref().map(|node| &node.kind) {
            None | Some(Kind::Null) => true,
            Some(Kind::Scalar(text)) => text.trim().is_empty(),
            Some(Kind::List(items)) => items.is_empty(),
            Some(Kind::Map(entries)) => entries.is_empty(),
        }
    }

    /// The same value, printed in another way.
    pub(super) fn seen_as(&self, view: View) -> Value {
        let (node, shape) = (self.node.clone(), self.shape.clone());
        let (path, session) = (self.path.clone(), Arc::clone(&self.session));
        Value::from_object(Datum { node, shape, path, session, view })
    }

    /// The number that it shows; `None` when it is blank or no number.
    pub(super) fn number(&self) -> Option<Decimal> {
        let typed = decimal(&self.text())?;
        match &self.view {
            View::Money(from, to) => convert(typed, from, to),
            View::Typed | View::Date => Some(typed),
        }
    }

    /// Keeps the value as a formula's operand; its position among them.
    pub(super) fn operand(&self) -> usize {
        let number = self.number();
        let mut state = self.session.state();
        state.operands.push((self.path.clone(), number));
        state.operands.len() - 1
    }

    fn find(&self, key: &str) -> Option<Value> {
        let node = self.node.as_deref().and_then(|node| node.get(key)).cloned();
        let shape = match &self.shape {
            Shape::Map(keys) => keys.get(key).cloned(),
            _ => None,
        };
        if node.is_none() && shape.is_none() {
            return None;
        }
        Some(self.derive(node, shape.unwrap_or(Shape::Any), self.path.key(key)))
    }

    fn derive(&self, node: Option<Arc<Node>>, shape: Shape, path: DataPath) -> Value {
        Value::from_object(Datum { node, shape, path, session: Arc::clone(&self.session), view: View::Typed })
    }

    fn is_list(&self) -> bool {
        match self.node.as_deref().map(|node| &node.kind) {
            None | Some(Kind::Null) => matches!(self.shape, Shape::List(_)),
            Some(kind) => matches!(kind, Kind::List(_)),
        }
    }

    fn is_map(&self) -> bool {
        match self.node.as_deref().map(|node| &node.kind) {
            None | Some(Kind::Null) => matches!(self.shape, Shape::Map(_)),
            Some(kind) => matches!(kind, Kind::Map(_)),
        }
    }

    fn items(&self) -> &[Arc<Node>] {
        match self.node.as_deref().map(|node| &node.kind) {
            Some(Kind::List(items)) => items,
            _ => &[],
        }
    }
}

impl Object for Datum {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        if self.is_list() {
            ObjectRepr::Seq
        } else if self.is_map() {
            ObjectRepr::Map
        } else {
            ObjectRepr::Plain
        }
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        if let Some(key) = key.as_str() {
            return self.find(key);
        }
        let index = key.as_usize()?;
        let node = Arc::clone(self.items().get(index)?);
        let shape = match &self.shape {
            Shape::List(item) => (**item).clone(),
            _ => Shape::Any,
        };
        Some(self.derive(Some(node), shape, self.path.index(index)))
    }

    fn get_value_by_str(self: &Arc<Self>, key: &str) -> Option<Value> {
        self.find(key)
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        if self.is_list() {
            return Enumerator::Seq(self.items().len());
        }
        match self.node.as_deref().map(|node| &node.kind) {
            Some(Kind::Map(entries)) => {
                Enumerator::Values(entries.iter().map(|entry| Value::from(&*entry.key)).collect())
            }
            _ if self.is_map() => Enumerator::Empty,
            _ => Enumerator::NonEnumerable,
        }
    }

    fn is_true(self: &Arc<Self>) -> bool {
        !self.is_blank()
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{MARK}{}{MARK}", self.path)
    }
}

/// `cell(value, '年', …)`: the parts of one cell, in order. A literal beside a blank value is not printed, nor is
/// one that the value before it already ends with, so that `2021` and `2021年` both print `2021年`.
#[expect(clippy::needless_pass_by_value, reason = "the template engine hands arguments over by value")]
pub(super) fn cell(args: Rest<Value>) -> Result<Value, Error> {
    let mut parts: Vec<serde_json::Value> = Vec::with_capacity(args.len());
    let mut before: Option<String> = None;
    for (position, arg) in args.iter().enumerate() {
        if let Some(datum) = arg.downcast_object_ref::<Datum>() {
            let part = datum.part()?;
            before = Some(part.text.clone());
            let mut state = datum.session.state();
            parts.push(state.parts.len().into());
            state.parts.push(part);
            continue;
        }
        if arg.is_undefined() {
            return Err(Error::from(ErrorKind::UndefinedError));
        }
        if arg.is_safe() {
            let detail = "calc() 要单独作为一格的内容，cell() 里不能再放 calc() 或 cell()";
            return Err(Error::new(ErrorKind::InvalidOperation, detail));
        }
        let Some(literal) = arg.as_str() else {
            return Err(Error::new(ErrorKind::InvalidOperation, "cell() 只接受文字和数据里的单个值"));
        };
        if literal.contains(MARK) {
            return Err(Error::new(
                ErrorKind::InvalidOperation,
                "数据值在进入 cell() 之前被拼接或转换，丢失了位置：请把各部分分别作为 cell() 的参数",
            ));
        }
        let beside = [position.checked_sub(1), Some(position + 1)].into_iter().flatten();
        let beside_blank = beside
            .filter_map(|at| args.get(at)?.downcast_object_ref::<Datum>())
            .any(|datum| datum.is_blank() && !datum.session.keeps_literals);
        let said = before.as_deref().is_some_and(|text| text.ends_with(literal));
        if !beside_blank && !said {
            parts.push(literal.into());
        }
    }
    Ok(Value::from_safe_string(serde_json::Value::from(parts).to_string()))
}

impl Datum {
    /// The value as a part of a cell; one whose markup is not understood is noted and left out.
    fn part(&self) -> Result<Part, Error> {
        if self.is_list() || self.is_map() {
            let detail = format!("“{}”不是单个值，不能放进一个单元格", self.path);
            return Err(Error::new(ErrorKind::InvalidOperation, detail));
        }
        let typed = self.text();
        let text = match paragraphs(&typed) {
            Ok(text) => text.into_owned(),
            Err(error) => {
                self.session.state().rejected.push(Rejected { path: self.path.clone(), error });
                String::new()
            }
        };
        let text = match &self.view {
            View::Typed => text,
            View::Date => printed_date(&text),
            View::Money(..) => self.number().map_or(text, plain),
        };
        let source = (text != typed).then_some(typed);
        Ok(Part { text, path: Some(self.path.clone()), source })
    }
}
