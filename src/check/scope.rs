//! The names that rule expressions see: plain texts and numbers, never data values that know their path; what must
//! point somewhere carries its path as text.

use std::collections::BTreeMap;
use std::sync::Arc;

use minijinja::Value;
use minijinja::value::{Object, ObjectRepr};
use rustc_hash::FxHashMap;

use super::classify::{Kind, class, is_bounded_ratio};
use super::record::record;
use super::value::{Quantity, Sign, Target, Word, parse};
use crate::calc::plain as plain_number;
use crate::form::{Form, IndicatorLevel, Indicators as Spec, Shape};
use crate::load::{Document, Kind as Shaped, Node, paragraphs};

/// Names of one document.
#[derive(Debug)]
pub(super) struct Names {
    known: FxHashMap<String, Value>,
    /// The document and the shape of its form, for names that rules seldom ask for.
    data: Option<(Arc<Node>, Shape)>,
}

/// Names of one evaluation: the document's, the item that a rule looks at, and the rule's parameters.
#[derive(Debug)]
pub(super) struct Scope {
    pub(super) names: Arc<Names>,
    pub(super) it: Value,
    pub(super) params: Value,
    /// Names that the rule gave to its own expressions.
    pub(super) locals: Vec<(String, Value)>,
}

impl Object for Scope {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Map
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.get_value_by_str(key.as_str()?)
    }

    fn get_value_by_str(self: &Arc<Self>, key: &str) -> Option<Value> {
        match key {
            "it" => Some(self.it.clone()),
            "params" => Some(self.params.clone()),
            _ => {
                let local = self.locals.iter().find(|(name, _)| name == key).map(|(_, value)| value);
                local.cloned().or_else(|| self.names.get(key))
            }
        }
    }
}

impl Names {
    /// Names with a fixed content, for rules over many documents.
    pub(super) fn of(names: impl IntoIterator<Item = (&'static str, Value)>) -> Names {
        let known = names.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        Names { known, data: None }
    }

    fn get(&self, key: &str) -> Option<Value> {
        self.known.get(key).cloned().or_else(|| {
            let (root, Shape::Map(keys)) = self.data.as_ref()? else { return None };
            let shape = keys.get(key)?;
            Some(root.get(key).map_or_else(|| absent(shape), |node| plain(node)))
        })
    }

    /// The names of a document.
    pub(super) fn new(form: &Form, document: &Document) -> Names {
        let mut names: FxHashMap<String, Value> = FxHashMap::default();
        let mut fields: BTreeMap<String, Value> = BTreeMap::new();
        if let Shape::Map(keys) = &form.schema.shape {
            for (key, shape) in keys.iter() {
                let node = document.root.get(key).map(|node| &**node);
                if matches!(shape, Shape::Scalar) {
                    fields.insert(key.clone(), field(key, node));
                }
            }
        }
        let facts = &form.spec.facts;
        let at = |path: &Option<String>| {
            path.as_deref().map(|path| text_at(&document.root, path)).unwrap_or_default()
        };
        let sources: Vec<Value> =
            facts.sources.iter().map(|path| named_amount(&document.root, path)).collect();
        let lines = lines(form, document);
        let sums =
            |key: &str| -> Vec<Value> { lines.iter().filter_map(|line| line.get_attr(key).ok()).collect() };
        let indicators = Indicators::read(form, document);
        let fact_names = record([
            ("name", at(&facts.name).into()),
            ("department", at(&facts.department).into()),
            ("unit", at(&facts.unit).into()),
            ("kind", at(&facts.kind).into()),
            ("person", at(&facts.person).into()),
            ("phone", at(&facts.phone).into()),
            ("total", at(&facts.total).into()),
            ("total_path", facts.total.clone().unwrap_or_default().into()),
            ("phone_path", facts.phone.clone().unwrap_or_default().into()),
            ("money", facts.money.clone().unwrap_or_default().into()),
            ("half", Value::from(sums("half"))),
            ("full", Value::from(sums("full"))),
        ]);
        names.insert("facts".to_owned(), fact_names);
        names.insert("form".to_owned(), form.context.clone());
        names.insert("all_fields".to_owned(), Value::from(fields));
        names.insert("sources".to_owned(), Value::from(sources));
        names.insert("lines".to_owned(), Value::from(lines));
        let own =
            indicators.items.iter().filter(|item| !item.get_attr("fixed").is_ok_and(|fixed| fixed.is_true()));
        // The indicators that the project chose itself, which most rules are about.
        names.insert("own".to_owned(), Value::from(own.cloned().collect::<Vec<_>>()));
        names.insert("indicators".to_owned(), Value::from(indicators.items));
        names.insert("groups".to_owned(), Value::from(indicators.groups));
        names.insert("tops".to_owned(), Value::from(indicators.tops));
        Names { known: names, data: Some((Arc::clone(&document.root), form.schema.shape.clone())) }
    }
}

/// A value as rules see it: scalars as printed, lists and mappings of them.
fn plain(node: &Node) -> Value {
    match &node.kind {
        Shaped::Null => Value::from(""),
        Shaped::Scalar(text) => Value::from(printed(text)),
        Shaped::List(items) => items.iter().map(|item| plain(item)).collect(),
        Shaped::Map(entries) => Value::from(
            entries
                .iter()
                .map(|entry| (entry.key.to_string(), plain(&entry.value)))
                .collect::<BTreeMap<_, _>>(),
        ),
    }
}

fn absent(shape: &Shape) -> Value {
    match shape {
        Shape::Map(_) => Value::from(BTreeMap::<String, Value>::new()),
        Shape::List(_) => Value::from(Vec::<Value>::new()),
        Shape::Scalar | Shape::Any => Value::from(""),
    }
}

/// Text as it is printed; markup that cannot be printed is reported elsewhere and stays as typed here.
fn printed(text: &str) -> String {
    paragraphs(text).map_or_else(|_| text.to_owned(), std::borrow::Cow::into_owned)
}

fn field(key: &str, node: Option<&Node>) -> Value {
    let typed = node.and_then(Node::text).unwrap_or_default();
    record([
        ("name", key.into()),
        ("path", key.into()),
        ("place", format!("“{key}”").into()),
        ("raw", typed.into()),
        ("text", printed(typed).trim().to_owned().into()),
    ])
}

fn node_at<'a>(root: &'a Node, path: &str) -> Option<&'a Node> {
    path.split('.').try_fold(root, |node, key| node.get(key).map(|node| &**node))
}

fn text_at(root: &Node, path: &str) -> String {
    printed(node_at(root, path).and_then(Node::text).unwrap_or_default()).trim().to_owned()
}

fn last_key(path: &str) -> &str {
    path.rsplit('.').next().unwrap_or(path)
}

fn named_amount(root: &Node, path: &str) -> Value {
    record([
        ("name", last_key(path).into()),
        ("path", path.into()),
        ("place", format!("“{}”", last_key(path)).into()),
        ("amount", text_at(root, path).into()),
    ])
}

/// Expenditure lines, as the form's facts describe them.
fn lines(form: &Form, document: &Document) -> Vec<Value> {
    let Some(spec) = &form.spec.facts.expenditure else { return Vec::new() };
    let Some(Shaped::List(items)) = node_at(&document.root, &spec.path).map(|node| &node.kind) else {
        return Vec::new();
    };
    let text =
        |item: &Node, key: &str| item.get(key).and_then(|node| node.text()).unwrap_or_default().to_owned();
    items
        .iter()
        .enumerate()
        .map(|(index, item)| {
            let path = format!("{}[{index}]", spec.path);
            let half = spec.half.as_deref().unwrap_or_default();
            record([
                ("path", format!("{path}.{}", spec.name).into()),
                ("half_path", format!("{path}.{half}").into()),
                ("full_path", format!("{path}.{}", spec.full).into()),
                ("place", format!("“{}”第{}行", last_key(&spec.path), index + 1).into()),
                ("name", printed(&text(item, &spec.name)).into()),
                ("half", text(item, half).into()),
                ("full", text(item, &spec.full).into()),
            ])
        })
        .collect()
}

/// Indicators and their groups.
#[derive(Default)]
struct Indicators {
    items: Vec<Value>,
    groups: Vec<Value>,
    tops: Vec<Value>,
    row: usize,
}

impl Indicators {
    fn read(form: &Form, document: &Document) -> Indicators {
        let mut out = Indicators::default();
        let Some(spec) = &form.spec.indicators else { return out };
        let mut trees: Vec<(String, Option<&Node>)> = Vec::new();
        for (path, node) in document.root.all_at(&spec.path) {
            trees.push((path, Some(node)));
        }
        if trees.is_empty() {
            trees.push((spec.path.clone(), None));
        }
        for (path, root) in trees {
            out.tree(form, spec, root, &path);
        }
        out
    }

    fn tree(&mut self, form: &Form, spec: &Spec, root: Option<&Node>, tree: &str) {
        let out = self;
        for top in &spec.tree {
            let first = out.items.len();
            let node = root.and_then(|root| root.get(&top.name)).map(|node| &**node);
            let path = format!("{tree}.{}", top.name);
            if top.children.is_empty() {
                out.group(form, node, &path, top, top);
            }
            for child in &top.children {
                let node = node.and_then(|node| node.get(&child.name)).map(|node| &**node);
                out.group(form, node, &format!("{path}.{}", child.name), top, child);
            }
            out.tops.push(record([
                ("name", top.name.as_str().into()),
                ("path", path.into()),
                ("place", format!("“{}”", top.name).into()),
                ("items", Value::from(out.items[first..].to_vec())),
            ]));
        }
    }

    fn group(
        &mut self,
        form: &Form,
        node: Option<&Node>,
        path: &str,
        top: &IndicatorLevel,
        level: &IndicatorLevel,
    ) {
        let items: &[Arc<Node>] = match node.map(|node| &node.kind) {
            Some(Shaped::List(items)) => items,
            _ => &[],
        };
        let first = self.items.len();
        for (index, item) in items.iter().enumerate() {
            self.row += 1;
            let item = indicator(form, item, &format!("{path}[{index}]"), (top, level), self.row);
            self.items.extend(item);
        }
        // A group without indicators prints one empty row.
        self.row += usize::from(items.is_empty());
        self.groups.push(record([
            ("name", level.name.as_str().into()),
            ("top", top.name.as_str().into()),
            ("path", path.into()),
            ("place", format!("“{}”", level.name).into()),
            ("fixed", Value::from(level.fixed.clone())),
            ("items", Value::from(self.items[first..].to_vec())),
        ]));
    }
}

fn indicator(
    form: &Form,
    item: &Node,
    path: &str,
    (top, level): (&IndicatorLevel, &IndicatorLevel),
    row: usize,
) -> Option<Value> {
    let spec = form.spec.indicators.as_ref()?;
    let text = |key: &str| item.get(key).and_then(|node| node.text()).unwrap_or_default().to_owned();
    let name = printed(&text(&spec.name)).trim().to_owned();
    let targets: Vec<(Target, Value)> = spec
        .values
        .iter()
        .map(|key| {
            let shown = printed(&text(key)).trim().to_owned();
            let target = parse(&shown);
            let value = target_value(
                &name,
                &target,
                &shown,
                &format!("{path}.{key}"),
                form.spec.facts.money.as_deref(),
            );
            (target, value)
        })
        .collect();
    let (half, full) = (targets.first()?, targets.last()?);
    let kind =
        Kind::named(&text(crate::form::KIND_KEY)).unwrap_or_else(|| Kind::guess(&name, &half.0, &full.0));
    Some(record([
        ("path", format!("{path}.{}", spec.name).into()),
        ("place", format!("第{row}行“{name}”").into()),
        ("row", row.into()),
        ("group", level.name.as_str().into()),
        ("top", top.name.as_str().into()),
        ("fixed", level.fixed.contains(&name).into()),
        ("kind", kind.name().into()),
        ("class", class(&name, &full.0).into()),
        ("half", half.1.clone()),
        ("full", full.1.clone()),
        ("targets", Value::from(targets.iter().map(|target| target.1.clone()).collect::<Vec<_>>())),
        // All fields as typed, for forms that score.
        ("data", if spec.weight.is_some() { fields(item, path) } else { Value::default() }),
        ("name", name.into()),
    ]))
}

/// The fields of an indicator, those with markup as printed.
fn fields(item: &Node, path: &str) -> Value {
    let Shaped::Map(entries) = &item.kind else { return Value::default() };
    let mut fields: BTreeMap<String, Value> = BTreeMap::new();
    for entry in entries {
        fields.insert(entry.key.to_string(), plain(&entry.value));
    }
    fields.insert("path".to_owned(), path.into());
    Value::from(fields)
}

fn target_value(name: &str, target: &Target, text: &str, path: &str, money: Option<&str>) -> Value {
    let quantity = match target {
        Target::Quantity(quantity) | Target::Range(quantity, _) => Some(quantity),
        _ => None,
    };
    let kind = match target {
        Target::Blank => "blank",
        Target::Placeholder => "placeholder",
        Target::Quantity(_) => "quantity",
        Target::Range(..) => "range",
        Target::Word(Word::Grade) => "grade",
        Target::Word(Word::Progress) => "progress",
        Target::Word(Word::Frequency) => "frequency",
        Target::Word(Word::Other) => "word",
    };
    let say = |of: fn(&Quantity) -> String| Value::from(quantity.map_or_else(String::new, of));
    record([
        ("is", kind.into()),
        ("text", text.into()),
        ("path", path.into()),
        ("sign", quantity.and_then(|quantity| quantity.sign).map_or("", Sign::text).into()),
        ("number", say(|quantity| plain_number(quantity.number))),
        ("amount", say(|quantity| plain_number(quantity.amount()))),
        ("bounded", quantity.is_some_and(|quantity| is_bounded_ratio(name, quantity)).into()),
        ("unit", say(|quantity| quantity.unit.clone())),
        ("full_unit", say(Quantity::full_unit)),
        ("money", quantity.and_then(|quantity| in_money(quantity, money)).unwrap_or_default().into()),
    ])
}

/// A whole amount of money in the form's own unit; prices per something are no such amount.
fn in_money(quantity: &Quantity, money: Option<&str>) -> Option<String> {
    if quantity.unit != "元" {
        return None;
    }
    let Target::Quantity(one) = parse(&format!("1{}", money.unwrap_or("元"))) else { return None };
    quantity.amount().checked_div(one.amount()).map(plain_number)
}
