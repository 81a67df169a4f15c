//! Data and form into a [`Grid`]: the form's `table.yaml.j2` is rendered over the data tree, and what it says is
//! read back as rows, groups and cells. Values travel beside the rendered text, never inside it, so nothing that
//! a data file holds can be taken for template or YAML.

mod datum;
mod formula;
mod public;
mod settle;
mod table;

use std::collections::BTreeMap;
use std::sync::Arc;

use minijinja::{AutoEscape, Environment, Error, ErrorKind, State, UndefinedBehavior, Value};

use crate::diag::{Finding, Place};
use crate::form::{FORM_KEY, Form, TEMPLATE, YEAR_KEY};
use crate::grid::{Grid, Meta};
use crate::load::{Document, Kind};
pub use public::{mask, public_copy, public_text};

use datum::{Datum, MARK, Session};

/// Steps that a template may take; a table of 2,000 rows takes some 100,000.
const FUEL: u64 = 5_000_000;

/// A form with its table template compiled.
#[derive(Debug)]
pub struct Layouter {
    form: Arc<Form>,
    templates: Environment<'static>,
}

impl Layouter {
    /// Compiles the form's table template.
    ///
    /// # Errors
    /// A finding at the template's line.
    pub fn new(form: Arc<Form>) -> Result<Layouter, Vec<Finding>> {
        let mut templates = Environment::new();
        templates.set_undefined_behavior(UndefinedBehavior::Strict);
        templates.set_auto_escape_callback(|_| AutoEscape::Json);
        templates.set_fuel(Some(FUEL));
        templates.set_debug(true);
        templates.set_formatter(print);
        templates.add_function("cell", datum::cell);
        templates.add_function("calc", formula::calc);
        templates.add_function("date", |value: &Value| formula::date(value));
        let unit = form.spec.facts.money.clone();
        templates
            .add_function("money", move |value: &Value, to: &str| formula::money(value, unit.as_deref(), to));
        templates.add_filter("text", |value: Value| match value.downcast_object_ref::<Datum>() {
            Some(datum) => datum.text(),
            None => value.to_string(),
        });
        templates.add_test("blank", |value: Value| match value.downcast_object_ref::<Datum>() {
            Some(datum) => datum.is_blank(),
            None => value.is_undefined() || value.to_string().is_empty(),
        });
        if let Err(error) = templates.add_template_owned(TEMPLATE, form.table.clone()) {
            return Err(vec![template_error(&form, None, &error)]);
        }
        Ok(Layouter { form, templates })
    }

    /// The form.
    pub fn form(&self) -> &Arc<Form> {
        &self.form
    }

    /// Lays a document out as the form's table.
    ///
    /// # Errors
    /// Markup in the data that cannot be printed, with its place; or what is wrong with the form's template.
    pub fn grid(&self, document: &Document) -> Result<Grid, Vec<Finding>> {
        self.lay_out(document, Session::default())
    }

    /// Lays the form out for people to fill in: all of its words stand there, also those beside values that are empty.
    /// `document` comes from [`crate::form::blank`].
    ///
    /// # Errors
    /// What is wrong with the form's template.
    pub fn blank(&self, document: &Document) -> Result<Grid, Vec<Finding>> {
        self.lay_out(document, Session::of_blank_form())
    }

    fn lay_out(&self, document: &Document, session: Session) -> Result<Grid, Vec<Finding>> {
        let session = Arc::new(session);
        let context = self.context(document, &session);
        let rendered = self
            .templates
            .get_template(TEMPLATE)
            .and_then(|template| template.render(context))
            .map_err(|error| vec![template_error(&self.form, Some(document), &error)])?;
        let outcome = session.finish();
        if !outcome.rejected.is_empty() {
            return Err(outcome.rejected.iter().map(|refused| refused.finding(document)).collect());
        }
        let columns = self.form.style.columns.len();
        let read = || table::read(&rendered, &outcome, &self.form.spec.headers, columns);
        let layout = read().map_err(|reason| vec![self.table_error(document, &reason)])?;
        let mut grid = Grid::new(
            Arc::clone(&self.form.style),
            self.meta(document),
            layout.headings,
            layout.rows,
            layout.cells,
        )
        .map_err(|error| {
            // The cells are gone with the attempt; what stands in the row tells an author more than its number.
            let row = error.row().map_or(0, |row| row - 1);
            let words = read().map(|table| table.words(row)).unwrap_or_default();
            vec![self.table_error(document, &format!("{error}{words}"))]
        })?;
        (grid.above, grid.below) = (layout.above, layout.below);
        grid.unprinted = outcome.unprinted(&document.root);
        Ok(grid)
    }

    /// The template's names: each top-level key of the form's data, and `form`.
    fn context(&self, document: &Document, session: &Arc<Session>) -> Value {
        let root = Datum::root(Arc::clone(&document.root), &self.form.schema.shape, session);
        let form = self.form.context.clone();
        let mut names: BTreeMap<String, Value> =
            root.keys().map(|key| (key.clone(), root.child(&key))).collect();
        names.insert("form".to_owned(), form);
        Value::from(names)
    }

    fn meta(&self, document: &Document) -> Meta {
        let facts = &self.form.spec.facts;
        let fact = |path: &Option<String>| path.as_deref().and_then(|path| document.root.value_at(path));
        let year = document.root.get(YEAR_KEY).and_then(|node| node.text()?.parse().ok());
        Meta {
            form: self.form.id.clone(),
            form_version: self.form.spec.version.clone(),
            title: fact(&facts.name).unwrap_or_default(),
            subject: self.form.spec.name.clone(),
            author: fact(&facts.department).unwrap_or_default(),
            year: year.unwrap_or(1970),
            sheet: self.form.spec.sheet.clone(),
        }
    }

    fn table_error(&self, document: &Document, reason: &str) -> Finding {
        let file = self.form.origin.join(TEMPLATE);
        let data = document.file.display();
        Finding::structure("FORM-TABLE", &file, format!("模板排出的表格不成立：{reason}（数据文件 {data}）"))
            .fix("请检查模板里这一行的单元格数、cols、rows 和 group。")
    }
}

/// The form id that a document asks for.
///
/// # Errors
/// A finding when the document is no mapping or names no form.
pub fn form_id(document: &Document) -> Result<&str, Finding> {
    let top = Place { line: 1, column: 1 };
    if !matches!(document.root.kind, Kind::Map(_)) {
        let shape = document.root.shape();
        return Err(document
            .finding("DATA-SHAPE", document.root.place, format!("文件应是键值对，这里是{shape}"))
            .fix("每行写一个“键: 值”；可用 jixiao new 生成一份空白数据文件。"));
    }
    let fix = "请在第一行写“表式: 表式编号”；可用 jixiao forms 查看全部表式。";
    let node = document.root.get(FORM_KEY).ok_or_else(|| {
        document.finding("DATA-MISSING", top, format!("文件缺少必填的键“{FORM_KEY}”")).fix(fix)
    })?;
    match node.text() {
        Some(id) if !id.is_empty() => Ok(id),
        _ => Err(document
            .finding("DATA-VALUE", document.stretch(node), format!("“{FORM_KEY}”要写一个表式编号"))
            .fix(fix)),
    }
}

/// Prints an expression of the template; a data value that was not put through `cell()` would lose its path.
fn print(out: &mut minijinja::Output<'_>, state: &mut State<'_, '_>, value: &Value) -> Result<(), Error> {
    let escaped = value.downcast_object_ref::<Datum>().is_some()
        || value.as_str().is_some_and(|text| text.contains(MARK));
    if escaped {
        return Err(Error::new(
            ErrorKind::InvalidOperation,
            "数据值没有经过 cell()：请写成 cell(值, '后缀')，不要用 ~ 或字符串过滤器",
        ));
    }
    minijinja::escape_formatter(out, state, value)
}

/// A finding for an error of the template engine, at the line of the template and with the data file named.
fn template_error(form: &Form, document: Option<&Document>, error: &Error) -> Finding {
    let what = match error.kind() {
        ErrorKind::UndefinedError => "用到了没有定义的名字",
        ErrorKind::SyntaxError => "模板语法错误",
        ErrorKind::UnknownFilter => "没有这个过滤器",
        ErrorKind::UnknownFunction => "没有这个函数",
        ErrorKind::OutOfFuel => "模板运行步数超过上限",
        _ => "模板无法执行",
    };
    let original = error.detail().map_or_else(|| error.kind().to_string(), str::to_owned);
    let data =
        document.map_or_else(String::new, |document| format!("；数据文件 {}", document.file.display()));
    let finding = Finding::structure(
        "FORM-TEMPLATE",
        &form.origin.join(TEMPLATE),
        format!("{what}（{original}{data}）"),
    )
    .fix("请对照 schema.json 的键名修改模板的这一行。");
    let Some(line) = error.line() else { return finding };
    let before = error.range().and_then(|range| form.table.get(..range.start));
    let column = before.map_or(1, |before| before.chars().rev().take_while(|&c| c != '\n').count() + 1);
    finding.at(&form.table, Place { line, column })
}
