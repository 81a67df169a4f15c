//! `calc()`, `date()` and `money()` of table templates: values that are calculated, and values that are printed in
//! another way than they are typed.

use std::collections::BTreeMap;

use minijinja::value::{Kwargs, ValueKind};
use minijinja::{Error, ErrorKind, Value};
use serde::{Deserialize, Serialize};

use super::datum::{Datum, View};
use crate::calc::{Use, parse, yuan};

/// A calculated cell as the rendered template holds it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Definition {
    pub formula: String,
    pub with: BTreeMap<String, Vec<Given>>,
    pub places: u32,
    pub percent: bool,
    pub trim: bool,
    pub blank: String,
}

/// What an operand was given as.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Given {
    /// Position among the operands that the session keeps.
    Data(usize),
    /// A number of the template, in decimal digits.
    Number(String),
    /// All cells of a name.
    Cells(String),
}

/// Most places to which a result is rounded.
const MOST_PLACES: u32 = 10;

fn refuse(reason: impl Into<String>) -> Error {
    Error::new(ErrorKind::InvalidOperation, reason.into())
}

/// `calc('执行 / 预算', 执行=…, 预算=…, places=2)`: what a cell calculates. A name that is not given means the cells of
/// that name.
#[expect(clippy::needless_pass_by_value, reason = "the template engine hands arguments over by value")]
pub(super) fn calc(formula: String, options: Kwargs) -> Result<Value, Error> {
    let expression = parse(&formula).map_err(|reason| refuse(format!("{reason}（公式“{formula}”）")))?;
    let places: Option<u32> = options.get("places")?;
    let places = places.filter(|places| *places <= MOST_PLACES).ok_or_else(|| {
        refuse(format!("calc() 要写明四舍五入到几位小数，如 places=2（最多 {MOST_PLACES} 位）"))
    })?;
    let (percent, trim): (Option<bool>, Option<bool>) = (options.get("percent")?, options.get("trim")?);
    let blank: Option<String> = options.get("blank")?;
    let mut names: Vec<&str> = Vec::new();
    expression.names(&mut |name, _: Use| names.push(name));
    let mut with = BTreeMap::new();
    for name in options.args().filter(|name| !matches!(*name, "places" | "percent" | "trim" | "blank")) {
        if !names.contains(&name) {
            return Err(refuse(format!("公式“{formula}”里没有用到“{name}”")));
        }
        let mut given = Vec::new();
        collect(&options.get::<Value>(name)?, name, &mut given)?;
        with.insert(name.to_owned(), given);
    }
    let definition = Definition {
        with,
        places,
        percent: percent.unwrap_or_default(),
        trim: trim.unwrap_or_default(),
        blank: blank.unwrap_or_default(),
        formula,
    };
    let json = serde_json::json!({ "calc": definition });
    Ok(Value::from_safe_string(json.to_string()))
}

/// An operand: a value of the data, a number, the name of cells, or a list of such things.
fn collect(value: &Value, name: &str, given: &mut Vec<Given>) -> Result<(), Error> {
    if let Some(datum) = value.downcast_object_ref::<Datum>() {
        if value.kind() == ValueKind::Plain {
            given.push(Given::Data(datum.operand()));
            return Ok(());
        }
    } else if let Some(cells) = value.as_str() {
        given.push(Given::Cells(cells.to_owned()));
        return Ok(());
    } else if value.is_number() {
        given.push(Given::Number(value.to_string()));
        return Ok(());
    }
    if !matches!(value.kind(), ValueKind::Seq | ValueKind::Iterable) {
        return Err(refuse(format!("公式里的“{name}”应是数据里的单个值、数、单元格名称或它们的列表")));
    }
    value.try_iter()?.try_for_each(|item| collect(&item, name, given))
}

/// `date(value)`: typed as `2024-03-01`, printed as `2024年3月1日`.
pub(super) fn date(value: &Value) -> Result<Value, Error> {
    let datum = value.downcast_object_ref::<Datum>();
    datum.map(|datum| datum.seen_as(View::Date)).ok_or_else(|| refuse("date() 只接受数据里的单个值"))
}

/// `money(value, '元')`: an amount of the form's unit, printed in another one.
pub(super) fn money(value: &Value, from: Option<&str>, to: &str) -> Result<Value, Error> {
    let from =
        from.ok_or_else(|| refuse("money() 要知道数据的金额单位：请在 form.yaml 的 facts 里写 money"))?;
    for unit in [from, to] {
        if yuan(unit).is_none() {
            return Err(refuse(format!("“{unit}”不是金额单位，可用 元、千元、万元、百万元、千万元、亿元")));
        }
    }
    let datum = value.downcast_object_ref::<Datum>();
    let view = View::Money(from.to_owned(), to.to_owned());
    datum.map(|datum| datum.seen_as(view)).ok_or_else(|| refuse("money() 只接受数据里的单个值"))
}
