//! `rules.yaml`: each rule is data, read here and compiled; `jixiao.toml` may change its severity and parameters.

use std::collections::BTreeMap;

use minijinja::value::Serde;
use minijinja::{AutoEscape, Environment, Expression, Template, UndefinedBehavior, Value};
use serde::Deserialize;

use super::vocabulary;
use crate::diag::{Finding, Place, Severity, Status};
use crate::form::Form;

/// Stands behind the position of an item that breaks a rule.
pub(super) const BREACH: char = '!';
/// Stands behind the position of an item that lacks what the rule needs.
pub(super) const DEFERRED: char = '?';

/// The file's name in a form's folder.
pub(super) const FILE: &str = "rules.yaml";

/// A rule as its author wrote it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Rule {
    /// Stable id, e.g. `IX-05`.
    pub id: String,
    /// How bad a breach is.
    pub severity: Level,
    /// 完整性, 合规性, 可衡量性, 相关性 or 投入产出匹配.
    #[serde(rename = "type")]
    pub kind: String,
    /// Whether it looks at one document or at all documents of a run.
    #[serde(default)]
    pub scope: Reach,
    /// A list; the rule is tried on each item, which expressions call `it`. Without it, once for the document.
    #[serde(rename = "for")]
    each: Option<String>,
    /// Names for what the other expressions use more than once, in order; evaluated for each item.
    #[serde(default, rename = "let")]
    locals: serde_yaml::Mapping,
    /// Whether the rule applies at all.
    when: Option<String>,
    /// Whether data that the rule needs is missing; the outcome is then 待核.
    deferred: Option<String>,
    /// True for a breach.
    test: String,
    /// Data path to point at; the item's own path without it.
    at: Option<String>,
    /// Part of the value to underline.
    mark: Option<String>,
    /// The values that disagree: a list.
    values: Option<String>,
    /// Another severity for some breaches.
    raise: Option<Raise>,
    /// What is wrong: a template of one sentence.
    pub message: String,
    /// What to do: a template of one sentence.
    pub fix: Option<String>,
    /// Thresholds and word lists.
    #[serde(default)]
    pub params: BTreeMap<String, serde_yaml::Value>,
    /// What the rule looks for and why, for `--explain`.
    pub why: String,
    /// A bad example.
    pub bad: String,
    /// A good example.
    pub good: String,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Raise {
    to: Level,
    when: String,
}

/// What a rule looks at.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Reach {
    /// One document at a time.
    #[default]
    Document,
    /// All documents of a run together.
    Package,
}

/// A severity, or off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Not tried.
    Off,
    /// See [`Severity::Hint`].
    Hint,
    /// See [`Severity::Warning`].
    Warning,
    /// See [`Severity::Error`].
    Error,
}

impl Rule {
    /// Name of one of its templates. A rule may have a part for documents and a part for packages.
    pub(super) fn template(&self, what: &str) -> String {
        format!("{}/{:?}/{what}", self.id, self.scope)
    }

    /// The whole rule as one template that prints the positions of the items that break it ([`BREACH`]) or cannot be
    /// judged ([`DEFERRED`]). One run of the engine for a rule costs a third of one run for each of its expressions
    /// and items. Each expression begins a line; the lines are given with what stands on them.
    fn scan(&self) -> (String, Vec<(usize, &'static str)>) {
        let mut text = String::new();
        let mut lines = Vec::new();
        let mut put = |what: &'static str, before: &str, expression: &str, after: &str| {
            lines.push((text.matches('\n').count() + 1, what));
            text.extend([before, expression, after, "\n"]);
        };
        let locals = |put: &mut dyn FnMut(&'static str, &str, &str, &str)| {
            for (name, expression) in &self.locals {
                if let (Some(name), Some(expression)) = (name.as_str(), expression.as_str()) {
                    put("let", &format!("{{%- set {name} = "), expression, " -%}");
                }
            }
        };
        put("when", "{%- if ", self.when.as_deref().unwrap_or("true"), " -%}");
        put("for", "{%- for it in ", self.each.as_deref().unwrap_or("['']"), " -%}");
        locals(&mut put);
        let deferred = self.deferred.as_deref().unwrap_or("false");
        put("deferred", "{%- if ", deferred, &format!(" -%}}{{{{ loop.index0 }}}}{DEFERRED}"));
        put("test", "{%- elif ", &self.test, &format!(" -%}}{{{{ loop.index0 }}}}{BREACH}"));
        put("test", "{%- endif -%}{%- endfor -%}{%- endif -%}", "", "");
        (text, lines)
    }
}

impl Level {
    /// The severity; `None` when off.
    pub fn severity(self) -> Option<Severity> {
        match self {
            Level::Off => None,
            Level::Hint => Some(Severity::Hint),
            Level::Warning => Some(Severity::Warning),
            Level::Error => Some(Severity::Error),
        }
    }
}

/// What `jixiao.toml` changes.
#[derive(Debug, Clone, Default)]
pub struct Overrides {
    /// Severity by rule id.
    pub severity: BTreeMap<String, Level>,
    /// Parameters by rule id and name.
    pub params: BTreeMap<String, BTreeMap<String, serde_json::Value>>,
}

/// Reads the rules of a form and applies the overrides.
///
/// # Errors
/// What is wrong with the file.
pub(super) fn read(form: &Form, overrides: &Overrides) -> Result<Vec<Rule>, Vec<Finding>> {
    let file = form.origin.join(FILE);
    let Some(text) = &form.rules else { return Ok(Vec::new()) };
    let mut rules: Vec<Rule> = serde_yaml::from_str(text).map_err(|error| {
        let finding = Finding::structure("FORM-YAML", &file, format!("内容不符合要求（{error}）"));
        vec![match error.location() {
            Some(at) => finding.at(text, Place { line: at.line(), column: at.column() }),
            None => finding,
        }]
    })?;
    for rule in &mut rules {
        if let Some(level) = overrides.severity.get(&rule.id) {
            rule.severity = *level;
            rule.raise = None;
        }
        for (name, value) in overrides.params.get(&rule.id).into_iter().flatten() {
            // Names that the rule does not know are the caller's to refuse.
            let Some(param) = rule.params.get_mut(name) else { continue };
            *param = serde_yaml::to_value(value).unwrap_or_default();
        }
    }
    Ok(rules)
}

/// An environment with the vocabulary and the message templates of the rules.
pub(super) fn environment(form: &Form, rules: &[Rule]) -> Result<Environment<'static>, Vec<Finding>> {
    const FUEL: u64 = 20_000_000;
    let mut env = Environment::new();
    // A test may come out undefined, which is false; everything else that is undefined is an error.
    env.set_undefined_behavior(UndefinedBehavior::SemiStrict);
    env.set_auto_escape_callback(|_| AutoEscape::None);
    env.set_fuel(Some(FUEL));
    vocabulary::register(&mut env);
    let mut wrong = Vec::new();
    for rule in rules {
        let mut add = |what: &str, text: &str| env.add_template_owned(rule.template(what), text.to_owned());
        for (what, text) in [("message", Some(&rule.message)), ("fix", rule.fix.as_ref())] {
            if let Some(text) = text
                && let Err(error) = add(what, text)
            {
                wrong.push(rule_error(form, &rule.id, what, &error));
            }
        }
        let (scan, lines) = rule.scan();
        if let Err(error) = add(SCAN, &scan) {
            wrong.push(scan_error(form, &rule.id, &lines, &error));
        }
    }
    if wrong.is_empty() { Ok(env) } else { Err(wrong) }
}

/// A rule with its expressions compiled.
pub(super) struct Compiled<'env> {
    pub(super) rule: Rule,
    /// Prints which items break the rule.
    pub(super) scan: Template<'env, 'env>,
    scan_lines: Vec<(usize, &'static str)>,
    pub(super) each: Option<Expression<'env, 'static>>,
    pub(super) locals: Vec<(String, Expression<'env, 'static>)>,
    pub(super) at: Option<Expression<'env, 'static>>,
    pub(super) mark: Option<Expression<'env, 'static>>,
    pub(super) values: Option<Expression<'env, 'static>>,
    pub(super) raise: Option<(Severity, Expression<'env, 'static>)>,
    pub(super) params: Value,
}

impl<'env> Compiled<'env> {
    pub(super) fn new(env: &'env Environment<'static>, form: &Form, rule: Rule) -> Result<Self, Finding> {
        let compile =
            |what: &str, text: &Option<String>| -> Result<Option<Expression<'env, 'static>>, Finding> {
                let Some(text) = text else { return Ok(None) };
                env.compile_expression_owned(text.clone())
                    .map(Some)
                    .map_err(|error| rule_error(form, &rule.id, what, &error))
            };
        let raise = match &rule.raise {
            Some(raise) => {
                let when = compile("raise", &Some(raise.when.clone()))?;
                raise.to.severity().zip(when)
            }
            None => None,
        };
        let mut locals = Vec::new();
        for (name, text) in &rule.locals {
            let text = text.as_str().map(str::to_owned);
            if let (Some(name), Some(expression)) = (name.as_str(), compile("let", &text)?) {
                locals.push((name.to_owned(), expression));
            }
        }
        // Compiled for the place of an error only: the scan holds them.
        for (what, text) in
            [("when", &rule.when), ("deferred", &rule.deferred), ("test", &Some(rule.test.clone()))]
        {
            compile(what, text)?;
        }
        let scan = env
            .get_template(&rule.template(SCAN))
            .map_err(|error| rule_error(form, &rule.id, "test", &error))?;
        Ok(Compiled {
            scan,
            scan_lines: rule.scan().1,
            each: compile("for", &rule.each)?,
            at: compile("at", &rule.at)?,
            mark: compile("mark", &rule.mark)?,
            values: compile("values", &rule.values)?,
            params: Value::from(Serde(rule.params.clone())),
            locals,
            raise,
            rule,
        })
    }

    /// Positions of the items that break the rule, and of those that cannot be judged.
    ///
    /// # Errors
    /// The expression that cannot be evaluated.
    pub(super) fn suspects(&self, form: &Form, scope: Value) -> Result<Vec<(usize, Status)>, Finding> {
        let printed = self
            .scan
            .render(scope)
            .map_err(|error| scan_error(form, &self.rule.id, &self.scan_lines, &error))?;
        let marked = printed.split_inclusive([BREACH, DEFERRED]);
        let suspects = marked.filter_map(|item| {
            let status = if item.ends_with(BREACH) { Status::Finding } else { Status::Deferred };
            Some((item.trim_end_matches([BREACH, DEFERRED]).parse().ok()?, status))
        });
        Ok(suspects.collect())
    }
}

/// Name of the template that a whole rule becomes.
const SCAN: &str = "scan";

/// A finding about an expression of a scan.
fn scan_error(form: &Form, id: &str, lines: &[(usize, &'static str)], error: &minijinja::Error) -> Finding {
    let line = error.line().unwrap_or(1);
    let what = lines.iter().rev().find(|(first, _)| *first <= line).map_or("test", |(_, what)| what);
    rule_error(form, id, what, error)
}

/// A finding about a rule that cannot be evaluated, at the rule's place in the file.
pub(super) fn rule_error(form: &Form, id: &str, what: &str, error: &minijinja::Error) -> Finding {
    let file = form.origin.join(FILE);
    let original = error.detail().map_or_else(|| error.kind().to_string(), str::to_owned);
    let finding =
        Finding::structure("FORM-RULE", &file, format!("规则 {id} 的 {what} 无法执行（{original}）"))
            .fix("请修改 rules.yaml 里的这条规则。");
    let text = form.rules.as_deref().unwrap_or_default();
    let line =
        text.lines().position(|line| line.trim_start_matches(['-', ' ']).starts_with(&format!("id: {id}")));
    match line {
        Some(line) => finding.at(text, Place { line: line + 1, column: 1 }),
        None => finding,
    }
}
