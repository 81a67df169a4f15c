//! `schema.json`: judges the structure of a data file, in Chinese and at the place of the data. Every scalar is
//! shown to the schema as text, so the same schema serves a stock editor.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::Arc;

use jsonschema::error::{TypeKind, ValidationErrorKind};
use jsonschema::{JsonType, Registry, ValidationError, Validator};
use serde_json::Value;

use super::folder::nearest;
use crate::diag::{DataPath, Finding, Step, Stretch};
use crate::load::{Document, Kind, Node};

/// A form's schema, compiled.
#[derive(Debug)]
pub struct Schema {
    /// The schema itself.
    pub json: Value,
    /// The data's shape as the schema describes it.
    pub shape: Shape,
    validator: Validator,
}

/// The shape of a value, read off the schema: enough to know what an absent value would have been.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shape {
    /// A mapping with these keys.
    Map(Arc<BTreeMap<String, Shape>>),
    /// A list of such items.
    List(Arc<Shape>),
    /// A scalar.
    Scalar,
    /// Anything.
    Any,
}

impl Shape {
    /// The shape at a dotted data path; `项目[]` is that of the items of a list.
    pub fn find(&self, path: &str) -> Option<&Shape> {
        path.split('.').try_fold(self, |shape, step| {
            let Shape::Map(keys) = shape else { return None };
            match step.strip_suffix("[]") {
                None => keys.get(step),
                Some(key) => keys.get(key)?.item(),
            }
        })
    }

    /// The shape of a list's items.
    pub fn item(&self) -> Option<&Shape> {
        match self {
            Shape::List(item) => Some(item),
            _ => None,
        }
    }
}

impl Schema {
    /// Compiles the text of `schema.json`.
    ///
    /// # Errors
    /// Why it is no JSON Schema, in Chinese.
    pub fn new(text: &str) -> Result<Schema, String> {
        let json: Value =
            serde_json::from_str(text).map_err(|error| format!("不是合法的 JSON（{error}）"))?;
        let validator = jsonschema::options()
            .should_validate_formats(true)
            .build(&json)
            .map_err(|error| format!("不是合法的 JSON Schema（{error}）"))?;
        let shape = shape(&json, &json, 0);
        Ok(Schema { json, shape, validator })
    }

    /// Follows the references of a part of the schema inside it; gives the part itself when it refers to nothing.
    pub fn resolve<'a>(&'a self, schema: &'a Value) -> &'a Value {
        resolve(schema, &self.json)
    }

    /// A part of the schema with its references followed, and its JSON Pointer; `pointer` is that of the part.
    pub(super) fn resolve_at<'a>(&'a self, schema: &'a Value, pointer: String) -> (&'a Value, String) {
        let target = schema.get("$ref").and_then(Value::as_str).and_then(|target| target.strip_prefix('#'));
        let resolved = self.resolve(schema);
        match target.filter(|target| self.json.pointer(target).is_some()) {
            Some(target) => (resolved, target.to_owned()),
            None => (resolved, pointer),
        }
    }

    /// What judges single values by the part of the schema at a JSON Pointer; `None` where there is no such part.
    pub(super) fn part(&self, pointer: &str) -> Option<Validator> {
        const WHOLE: &str = "urn:jixiao:schema";
        let registry = Registry::new().add(WHOLE, &self.json).ok()?.prepare().ok()?;
        let mut reference = format!("{WHOLE}#");
        for byte in pointer.bytes() {
            // The slashes must be seen before anything else is decoded.
            match byte {
                b'/' => reference.push('/'),
                _ => write!(reference, "%{byte:02X}").ok()?,
            }
        }
        let part = serde_json::json!({ "$ref": reference });
        jsonschema::options().with_registry(&registry).build(&part).ok()
    }

    /// All that is wrong with the structure of a document, in the document's order.
    pub fn judge(&self, document: &Document) -> Vec<Finding> {
        let instance = instance(&document.root);
        let mut findings: Vec<Finding> =
            self.validator.iter_errors(&instance).flat_map(|error| self.explain(document, &error)).collect();
        findings.sort_by_key(|finding| finding.at.map(|at| at.place));
        // An empty amount breaks both its type and its pattern: one message is enough.
        findings.dedup_by(|a, b| a.at == b.at && a.path == b.path && a.rule == b.rule);
        findings
    }

    fn explain(&self, document: &Document, error: &ValidationError<'_>) -> Vec<Finding> {
        let path = data_path(error.instance_path().as_str(), &document.root);
        let node = document.root.nearest(&path);
        let at = document.stretch(node);
        let name = path.steps().last().map_or_else(
            || "数据".to_owned(),
            |step| match step {
                Step::Key(key) => key.to_string(),
                Step::Index(index) => format!("第{}项", index + 1),
            },
        );
        let finding = |rule: &str, message: String| document.finding(rule, at, message).of(path.clone());
        match error.kind() {
            ValidationErrorKind::AdditionalProperties { unexpected } => unexpected
                .iter()
                .map(|key| self.unknown_key(document, node, &path, key, error.schema_path().as_str()))
                .collect(),
            ValidationErrorKind::Required { property } => {
                let key = property.as_str().unwrap_or_default();
                let whose =
                    if path == DataPath::root() { "文件".to_owned() } else { format!("“{name}”") };
                let first = Stretch { place: node.place, length: 1 };
                vec![
                    document
                        .finding("DATA-MISSING", first, format!("{whose}缺少必填的键“{key}”"))
                        .of(path.key(key))
                        .fix(format!("请补上“{key}: ”；确实没有内容时可以留空，金额填 0。")),
                ]
            }
            ValidationErrorKind::Type { .. } if node.text().is_none() || !wants_scalar(error) => {
                let wanted = wanted_shape(error);
                let message = format!("“{name}”应为{wanted}，这里是{}", node.shape());
                vec![finding("DATA-SHAPE", message).fix(shape_fix(wanted))]
            }
            _ => {
                let text = node.text().unwrap_or_default();
                let reason = self.authored_reason(error.schema_path().as_str());
                let message = if text.is_empty() {
                    format!("“{name}”不能为空")
                } else {
                    format!("“{name}”的内容“{}”不符合要求", shorten(text))
                };
                let fix = reason.unwrap_or_else(|| format!("请按表式的要求填写（{error}）。"));
                vec![finding("DATA-VALUE", message).fix(end_sentence(&fix))]
            }
        }
    }

    fn unknown_key(
        &self,
        document: &Document,
        node: &Node,
        path: &DataPath,
        key: &str,
        schema_path: &str,
    ) -> Finding {
        let place = match &node.kind {
            Kind::Map(entries) => entries.iter().find(|entry| &*entry.key == key).map(|entry| entry.place),
            _ => None,
        };
        let at = Stretch { place: place.unwrap_or(node.place), length: key.chars().count().max(1) };
        let holder = schema_path.strip_suffix("/additionalProperties").unwrap_or("");
        let known = self.json.pointer(holder).and_then(|schema| schema.get("properties"));
        let known: Vec<&str> = known
            .and_then(Value::as_object)
            .map(|properties| properties.keys().map(String::as_str).collect())
            .unwrap_or_default();
        let unused = known.iter().copied().filter(|candidate| node.get(candidate).is_none());
        let fix = match nearest(key, unused) {
            Some(likely) => format!("是不是“{likely}”？"),
            None if known.len() <= 12 => format!("这里可以用的键：{}。", known.join("、")),
            None => "请删除这一项；可用 jixiao new 查看表式的全部键名。".to_owned(),
        };
        document
            .finding("DATA-UNKNOWN", at, format!("没有“{}”这个键", shorten(key)))
            .of(path.key(key))
            .fix(fix)
    }

    /// The sentence that the form's author wrote beside the keyword that failed.
    fn authored_reason(&self, schema_path: &str) -> Option<String> {
        let holder = &schema_path[..schema_path.rfind('/')?];
        self.json
            .pointer(&holder.replace("/$ref", ""))
            .or_else(|| self.json.pointer(holder))
            .and_then(|schema| schema.get("x-error"))
            .and_then(Value::as_str)
            .map(str::to_owned)
    }
}

fn wants_scalar(error: &ValidationError<'_>) -> bool {
    wanted_shape(error) == "文字"
}

fn wanted_shape(error: &ValidationError<'_>) -> &'static str {
    let wants = |wanted: JsonType| match error.kind() {
        ValidationErrorKind::Type { kind: TypeKind::Single(kind) } => *kind == wanted,
        ValidationErrorKind::Type { kind: TypeKind::Multiple(kinds) } => kinds.contains(wanted),
        _ => false,
    };
    if wants(JsonType::Object) {
        "键值对"
    } else if wants(JsonType::Array) {
        "列表"
    } else {
        "文字"
    }
}

fn shape_fix(wanted: &str) -> &'static str {
    match wanted {
        "键值对" => "请换行缩进，每行写一个“键: 值”。",
        "列表" => "请换行缩进，每项以“- ”开头；没有内容时写 []。",
        _ => "请在冒号后面直接写内容；文字里有冒号或以 - [ { 开头时要加引号。",
    }
}

fn end_sentence(text: &str) -> String {
    if text.ends_with(['。', '？', '！']) { text.to_owned() } else { format!("{text}。") }
}

/// A value short enough for a message.
fn shorten(text: &str) -> String {
    const LONGEST: usize = 40;
    let line = text.lines().next().unwrap_or_default();
    let short: String = line.chars().take(LONGEST).collect();
    if short.len() < text.len() { format!("{short}…") } else { short }
}

/// The document as JSON in which every scalar is a string.
fn instance(node: &Node) -> Value {
    match &node.kind {
        Kind::Null => Value::Null,
        Kind::Scalar(text) => Value::String(text.to_string()),
        Kind::List(items) => items.iter().map(|item| instance(item)).collect(),
        Kind::Map(entries) => {
            entries.iter().map(|entry| (entry.key.to_string(), instance(&entry.value))).collect()
        }
    }
}

/// A JSON Pointer into the data as a data path; the tree tells keys from positions.
fn data_path(pointer: &str, root: &Node) -> DataPath {
    let mut path = DataPath::root();
    let mut node = Some(root);
    for token in pointer.split('/').skip(1) {
        let token = token.replace("~1", "/").replace("~0", "~");
        if let (Some(Kind::List(items)), Ok(index)) = (node.map(|node| &node.kind), token.parse::<usize>()) {
            path = path.index(index);
            node = items.get(index).map(|item| &**item);
        } else {
            node = node.and_then(|node| node.get(&token)).map(|value| &**value);
            path = path.key(token);
        }
    }
    path
}

/// Longest chain of references, and deepest nesting, that is followed.
const DEEPEST: usize = 32;

/// Follows references inside a schema.
fn resolve<'a>(schema: &'a Value, root: &'a Value) -> &'a Value {
    (0..DEEPEST)
        .try_fold(schema, |schema, _| {
            let target =
                schema.get("$ref").and_then(Value::as_str).and_then(|target| target.strip_prefix('#'));
            target.and_then(|pointer| root.pointer(pointer)).ok_or(schema)
        })
        .unwrap_or_else(|resolved| resolved)
}

/// Whether a schema, its references followed, allows a type.
pub(super) fn allows(schema: &Value, name: &str) -> bool {
    match schema.get("type") {
        Some(Value::String(kind)) => kind == name,
        Some(Value::Array(kinds)) => kinds.iter().any(|kind| kind == name),
        _ => false,
    }
}

/// Reads the shape off a schema, following references inside it.
fn shape(schema: &Value, root: &Value, depth: usize) -> Shape {
    if depth > DEEPEST {
        return Shape::Any;
    }
    let schema = resolve(schema, root);
    let is = |name: &str| allows(schema, name);
    if is("object") {
        let properties = schema.get("properties").and_then(Value::as_object);
        let keys = properties.into_iter().flatten();
        Shape::Map(Arc::new(keys.map(|(key, value)| (key.clone(), shape(value, root, depth + 1))).collect()))
    } else if is("array") {
        let items = schema.get("items").map_or(Shape::Any, |items| shape(items, root, depth + 1));
        Shape::List(Arc::new(items))
    } else if is("string") || schema.get("enum").is_some() {
        Shape::Scalar
    } else {
        Shape::Any
    }
}
