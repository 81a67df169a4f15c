//! An empty data file for a form: every key in the form's order with its explanation, the fixed indicators in
//! place. It comes from the schema and the indicator tree, so it fits any form.

use std::fmt::Write;

use serde_json::Value;

use super::schema::allows;
use super::{FORM_KEY, Form, UNPRINTED_KEYS};

/// The text of an empty data file.
pub fn skeleton(form: &Form) -> String {
    let mut out = String::new();
    let _ = writeln!(out, "# {}", form.spec.name);
    if let Some(description) = form.schema.json.get("description").and_then(Value::as_str) {
        let _ = writeln!(out, "# {description}；冒号后面留一个空格，# 后面是说明。");
    }
    let mut writer = Writer { form, out };
    writer.properties(&form.schema.json, "", 0);
    writer.out
}

struct Writer<'a> {
    form: &'a Form,
    out: String,
}

impl Writer<'_> {
    fn properties(&mut self, schema: &Value, path: &str, depth: usize) {
        let Some(properties) = schema.get("properties").and_then(Value::as_object) else { return };
        for (key, property) in properties {
            if depth == 0 && UNPRINTED_KEYS.contains(&key.as_str()) {
                continue;
            }
            let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
            self.property(key, property, &path, depth);
        }
    }

    fn property(&mut self, key: &str, property: &Value, path: &str, depth: usize) {
        let resolved = self.form.schema.resolve(property);
        let said = property.get("description").or_else(|| resolved.get("description"));
        let choices = self.form.spec.lists.get(key).map(|list| format!("可选：{}", list.join("、")));
        let said = said.and_then(Value::as_str).map(str::to_owned);
        let comment: Vec<String> = said.into_iter().chain(choices).collect();
        let comment = if comment.is_empty() { String::new() } else { format!("  # {}", comment.join("；")) };
        let pad = "  ".repeat(depth);
        if allows(resolved, "object") {
            let _ = writeln!(self.out, "{pad}{key}:{comment}");
            self.properties(resolved, path, depth + 1);
        } else if allows(resolved, "array") {
            self.list(key, resolved, path, &pad, &comment);
        } else {
            let value =
                if depth == 0 && key == FORM_KEY { format!(" {}", self.form.id) } else { String::new() };
            let _ = writeln!(self.out, "{pad}{key}:{value}{comment}");
        }
    }

    fn list(&mut self, key: &str, schema: &Value, path: &str, pad: &str, comment: &str) {
        let item = schema.get("items").map(|item| self.form.schema.resolve(item));
        let keys: Vec<String> = item
            .and_then(|item| item.get("required")?.as_array())
            .map(|keys| keys.iter().filter_map(Value::as_str).map(str::to_owned).collect())
            .unwrap_or_default();
        let nested = |key: &String| {
            let shape = item.and_then(|item| item.get("properties")?.get(key));
            let shape = shape.map(|shape| self.form.schema.resolve(shape));
            shape.is_some_and(|shape| shape.get("properties").is_some() || shape.get("items").is_some())
        };
        if let Some(item) = item
            && schema.get("minItems").is_some()
            && keys.iter().any(nested)
        {
            let _ = writeln!(self.out, "{pad}{key}:{comment}");
            let mut inner = Writer { form: self.form, out: String::new() };
            inner.properties(item, &format!("{path}[]"), pad.len() / 2 + 2);
            // The first key stands behind the item's dash.
            let _ = write!(self.out, "{pad}  - {}", inner.out.trim_start());
            return;
        }
        let row = |first: Option<&str>| {
            let mut cells = Vec::new();
            for (position, key) in keys.iter().enumerate() {
                let value = if position == 0 { first.unwrap_or("\"\"") } else { "\"\"" };
                cells.push(format!("{key}: {value}"));
            }
            format!("{pad}  - {{{}}}", cells.join(", "))
        };
        let fixed = self.form.spec.indicators.as_ref().map_or(&[][..], |indicators| indicators.fixed(path));
        let wants_one = schema.get("minItems").is_some();
        if fixed.is_empty() && !wants_one {
            let _ = writeln!(self.out, "{pad}{key}:{comment}");
            if !keys.is_empty() {
                let _ = writeln!(self.out, "{pad}#{}", &row(None)[pad.len()..]);
            }
            return;
        }
        let _ = writeln!(self.out, "{pad}{key}:{comment}");
        if fixed.is_empty() {
            let _ = writeln!(self.out, "{}", row(None));
        }
        for name in fixed {
            let _ = writeln!(self.out, "{}", row(Some(name)));
        }
    }
}
