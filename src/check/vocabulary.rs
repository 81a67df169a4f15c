//! The functions that rule expressions may call. Numbers travel as decimal texts, so that amounts stay exact; a
//! function that gets something else than it can use answers with nothing rather than with a wrong number.

use std::cell::RefCell;
use std::rc::Rc;

use minijinja::{Environment, Error, ErrorKind, State, Value};
use regex::Regex;
use rust_decimal::Decimal;
use rustc_hash::FxHashMap;

use super::classify::{is_counting, is_money};
use super::record::record;
use super::text;
use super::writing;
use crate::calc::{decimal, percent, plain, round};

/// Registers every function.
pub(super) fn register(env: &mut Environment<'_>) {
    register_numbers(env);
    register_texts(env);
    env.add_function(
        "fields",
        |state: &mut State<'_, '_>, names: Vec<String>| -> Result<Vec<Value>, Error> {
            let all = state.lookup("all_fields").unwrap_or_default();
            names
                .iter()
                .map(|name| {
                    let field = all.get_attr(name)?;
                    if field.is_undefined() {
                        return Err(Error::new(ErrorKind::UndefinedError, format!("没有“{name}”这个字段")));
                    }
                    Ok(field)
                })
                .collect()
        },
    );
    env.add_function("position", |list: Vec<String>, item: &str| -> usize {
        list.iter().position(|other| other == item).map_or(0, |position| position + 1)
    });
    env.add_function("counting", |unit: &str| is_counting(unit));
    env.add_function("money_unit", |unit: &str| is_money(unit));
    env.add_test("like", |text: &str, source: &str| -> Result<bool, Error> {
        Ok(pattern(source)?.is_match(text))
    });
    env.add_test("counting_unit", |unit: &str| is_counting(unit));
    env.add_test("money_unit", |unit: &str| is_money(unit));
    super::compare::register(env);
}

fn number(value: &Value) -> Option<Decimal> {
    match value.as_str() {
        Some(text) => decimal(text),
        None => decimal(&value.to_string()),
    }
}

fn compare(a: &Value, b: &Value, accept: fn(std::cmp::Ordering) -> bool) -> bool {
    match (number(a), number(b)) {
        (Some(a), Some(b)) => accept(a.cmp(&b)),
        _ => false,
    }
}

fn calculate(a: &Value, b: &Value, with: fn(Decimal, Decimal) -> Option<Decimal>) -> String {
    let result = number(a).zip(number(b)).and_then(|(a, b)| with(a, b));
    result.map_or_else(String::new, plain)
}

fn register_numbers(env: &mut Environment<'_>) {
    env.add_function("gt", |a: &Value, b: &Value| compare(a, b, std::cmp::Ordering::is_gt));
    env.add_function("ge", |a: &Value, b: &Value| compare(a, b, std::cmp::Ordering::is_ge));
    env.add_function("lt", |a: &Value, b: &Value| compare(a, b, std::cmp::Ordering::is_lt));
    env.add_function("same", |a: &Value, b: &Value| compare(a, b, std::cmp::Ordering::is_eq));
    env.add_function("differ", |a: &Value, b: &Value| compare(a, b, std::cmp::Ordering::is_ne));
    env.add_function("minus", |a: &Value, b: &Value| calculate(a, b, Decimal::checked_sub));
    env.add_function("times", |a: &Value, b: &Value| calculate(a, b, Decimal::checked_mul));
    env.add_function("percent", |a: &Value, b: &Value| calculate(a, b, percent));
    env.add_function("distance", |a: &Value, b: &Value| {
        calculate(a, b, |a, b| a.checked_sub(b).map(|difference| difference.abs()))
    });
    env.add_function("round", |a: &Value, places: u32| {
        number(a).map_or_else(String::new, |a| plain(round(a, places)))
    });
    env.add_function("sum", |values: Vec<Value>| -> String {
        let total = values.iter().try_fold(Decimal::ZERO, |total, value| total.checked_add(number(value)?));
        total.map_or_else(String::new, plain)
    });
    env.add_function("score", super::score::score);
    env.add_function("year", |text: &Value| -> Option<i64> {
        let text = text.to_string();
        let digits: String = text.trim().chars().take_while(char::is_ascii_digit).collect();
        (digits.len() == 4).then(|| digits.parse().ok()).flatten()
    });
}

thread_local! {
    /// Patterns of rules, compiled once on each thread: a regex that threads share makes them wait for each other,
    /// and a cloned one begins with an empty cache.
    static PATTERNS: RefCell<FxHashMap<String, Rc<Regex>>> = RefCell::default();
}

/// The compiled pattern.
pub(super) fn pattern(source: &str) -> Result<Rc<Regex>, Error> {
    PATTERNS.with_borrow_mut(|patterns| {
        if let Some(known) = patterns.get(source) {
            return Ok(Rc::clone(known));
        }
        let regex = Regex::new(source)
            .map_err(|error| Error::new(ErrorKind::InvalidOperation, format!("正则表达式有误（{error}）")))?;
        let regex = Rc::new(regex);
        patterns.insert(source.to_owned(), Rc::clone(&regex));
        Ok(regex)
    })
}

fn register_texts(env: &mut Environment<'_>) {
    env.add_function("chars", |text: &str| text.chars().filter(|c| !c.is_whitespace()).count());
    env.add_function("bytes", str::len);
    env.add_function("found", |text: &str, source: &str| -> Result<Vec<String>, Error> {
        Ok(pattern(source)?.find_iter(text).map(|found| found.as_str().to_owned()).collect())
    });
    env.add_function("has", |text: &str, source: &str| -> Result<bool, Error> {
        Ok(pattern(source)?.is_match(text))
    });
    env.add_function("without", |text: &str, source: &str| -> Result<String, Error> {
        Ok(pattern(source)?.replace_all(text, "").into_owned())
    });
    env.add_function("squeeze", text::squeeze);
    env.add_function("similar", text::similar);
    env.add_function("common_run", text::common_run);
    env.add_function("markup", |text: &str| {
        text::markup(text).into_iter().map(str::to_owned).collect::<Vec<String>>()
    });
    env.add_function("half_width", writing::half_width);
    env.add_function("related", |a: &str, b: &str| text::pairs(a).intersection(&text::pairs(b)).count());
    env.add_function("tail", text::tail);
    env.add_function("same_unit", |unit: &str| text::same_unit(unit).to_owned());
    env.add_function("inverted", |text: &str| -> Vec<String> {
        writing::inverted_numbering(text).map_or_else(Vec::new, |(outer, inner)| vec![outer, inner])
    });
    env.add_function("plan_years", |text: &str| -> Vec<Value> {
        let years = text::plan_years(text).into_iter();
        years.map(|(year, text)| record([("year", year.into()), ("text", text.into())])).collect()
    });
    env.add_function("bases", |text: &str| -> Vec<Value> {
        let bases = text::bases(text).into_iter();
        bases
            .map(|basis| {
                let year = basis.year.map_or_else(Value::default, Value::from);
                record([("text", basis.text.into()), ("year", year), ("yearly", basis.yearly.into())])
            })
            .collect()
    });
    env.add_function("drifting", |text: &str| -> Vec<Value> {
        let titles = text::drifting_titles(text).into_iter();
        titles.map(|(rarer, other)| record([("rarer", rarer.into()), ("other", other.into())])).collect()
    });
    env.add_function("tasks", |text: &str| -> Vec<Value> {
        let tasks = text::tasks(text).into_iter();
        tasks.map(|(text, object)| record([("text", text.into()), ("object", object.into())])).collect()
    });
    env.add_function("mentions", |text: &str| -> Vec<Value> {
        let mentions = text::mentions(text).into_iter();
        mentions
            .map(|mention| {
                record([
                    ("text", mention.text.into()),
                    ("amount", plain(mention.amount).into()),
                    ("unit", mention.unit.into()),
                    ("clause", mention.clause.into()),
                ])
            })
            .collect()
    });
    env.add_function("same_body", |one: &str, other: &str| {
        let (short, long) = if one.len() <= other.len() { (one, other) } else { (other, one) };
        let prefix = text::squeeze(long).starts_with(&text::squeeze(short));
        !short.is_empty() && prefix && !long.starts_with(short)
    });
}
