//! The checker: what a careful finance officer would send back. The rules are a form's data (`rules.yaml`); this
//! module gives them their vocabulary, tries them, and says where in the data each breach stands.

mod classify;
mod compare;
mod glyphs;
mod package;
mod record;
mod repair;
mod rules;
mod scope;
mod score;
mod text;
mod value;
mod vocabulary;
mod waivers;
mod writing;

use std::sync::Arc;

use minijinja::{Environment, Value};
use self_cell::self_cell;

pub use glyphs::Coverage;
pub use package::Summary;
pub use repair::repairs;
pub use rules::{Level, Overrides, Reach, Rule};
pub use text::{same_unit, similar as likeness};
pub use value::{Quantity, Sign, Target, Word, parse as parse_target};

use crate::diag::{DataPath, Finding, Severity, Status, Stretch};
use crate::form::Form;
use crate::load::Document;
use rules::{Compiled, environment, rule_error};
use scope::{Names, Scope};

type Rules<'env> = Vec<Compiled<'env>>;

self_cell! {
    /// Expressions are compiled once and borrow the environment that they are evaluated in.
    struct Engine {
        owner: Environment<'static>,
        #[not_covariant]
        dependent: Rules,
    }
}

/// The rules of one form, compiled.
pub struct Checker {
    form: Arc<Form>,
    engine: Engine,
    rules: Vec<Rule>,
}

impl std::fmt::Debug for Checker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Checker({}, {} rules)", self.form.id, self.rules.len())
    }
}

impl Checker {
    /// Compiles the rules of a form.
    ///
    /// # Errors
    /// What is wrong with `rules.yaml` or with an override.
    pub fn new(form: Arc<Form>, overrides: &Overrides) -> Result<Checker, Vec<Finding>> {
        let rules = rules::read(&form, overrides)?;
        let env = environment(&form, &rules)?;
        let active: Vec<Rule> = rules.iter().filter(|rule| rule.severity != Level::Off).cloned().collect();
        let engine = Engine::try_new(env, |env| {
            active.into_iter().map(|rule| Compiled::new(env, &form, rule)).collect::<Result<Rules<'_>, _>>()
        })
        .map_err(|finding| vec![finding])?;
        Ok(Checker { form, engine, rules })
    }

    /// All rules with their severities as they apply, those that are off included.
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// Tries every rule on a document whose structure is sound. Waived findings are in the list, marked as such.
    /// Findings stand in the order of the data.
    ///
    /// # Errors
    /// A rule of the form that cannot be evaluated.
    pub fn check(
        &self,
        document: &Document,
        coverage: Option<&Coverage>,
    ) -> Result<Vec<Finding>, Vec<Finding>> {
        let names = Arc::new(Names::new(&self.form, document));
        let mut findings = Vec::new();
        self.engine.with_dependent(|env, rules| -> Result<(), Vec<Finding>> {
            for compiled in rules.iter().filter(|compiled| compiled.rule.scope == Reach::Document) {
                let outcome = Trial { env, form: &self.form, compiled, names: &names }.run();
                for breach in outcome.map_err(|error| vec![error])? {
                    findings.push(breach.at(document));
                }
            }
            Ok(())
        })?;
        if let Some(coverage) = coverage {
            findings.extend(coverage.findings(document));
        }
        findings.extend(waivers::standing(document));
        waivers::apply(document, &self.rules, &mut findings);
        // Stable: findings at one place stay in the order of the rules.
        findings.sort_by_key(|finding| finding.at.map(|at| at.place));
        Ok(findings)
    }

    /// Tries the rules that look at all documents of a run together.
    ///
    /// # Errors
    /// A rule of the form that cannot be evaluated.
    pub fn check_package(&self, summaries: &[&Summary]) -> Result<Vec<Finding>, Vec<Finding>> {
        let names = Arc::new(package::names(summaries));
        self.engine.with_dependent(|env, rules| {
            let mut findings = Vec::new();
            for compiled in rules.iter().filter(|compiled| compiled.rule.scope == Reach::Package) {
                let outcome = Trial { env, form: &self.form, compiled, names: &names }.run();
                for breach in outcome.map_err(|error| vec![error])? {
                    findings.extend(package::locate(breach, summaries));
                }
            }
            Ok(findings)
        })
    }

    /// What package rules need to know of a document.
    pub fn summary(&self, document: &Document, findings: &[Finding]) -> Summary {
        Summary::new(&self.form, document, findings)
    }
}

/// A breach, not yet placed in a file.
struct Breach {
    finding: Finding,
    path: String,
    mark: String,
    /// The item that broke the rule, for package rules.
    item: Value,
}

impl Breach {
    /// Points at the place in the document.
    fn at(self, document: &Document) -> Finding {
        let path = DataPath::parse(&self.path);
        let node = document.root.nearest(&path);
        let at: Stretch =
            if self.mark.is_empty() { document.stretch(node) } else { document.locate(node, &self.mark, 0) };
        let mut finding = self.finding.at(&document.text, at).of(path);
        finding.file.clone_from(&document.file);
        finding
    }
}

/// One rule on one document or package.
struct Trial<'a, 'env> {
    env: &'a Environment<'static>,
    form: &'a Form,
    compiled: &'a Compiled<'env>,
    names: &'a Arc<Names>,
}

impl Trial<'_, '_> {
    fn run(&self) -> Result<Vec<Breach>, Finding> {
        let rule = &self.compiled.rule;
        let fail = |what: &'static str| move |error| rule_error(self.form, &rule.id, what, &error);
        let document = self.scope(Value::from(""), Vec::new());
        let suspects = self.compiled.suspects(self.form, document.clone())?;
        if suspects.is_empty() {
            return Ok(Vec::new());
        }
        let items: Vec<Value> = match &self.compiled.each {
            None => vec![Value::from("")],
            Some(each) => {
                let list = each.eval(document).map_err(fail("for"))?;
                list.try_iter().map_err(fail("for"))?.collect()
            }
        };
        let mut breaches = Vec::new();
        for (position, status) in suspects {
            let Some(item) = items.get(position) else { continue };
            let mut locals = Vec::new();
            for (name, expression) in &self.compiled.locals {
                let value = expression.eval(self.scope(item.clone(), locals.clone())).map_err(fail("let"))?;
                locals.push((name.clone(), value));
            }
            let scope = self.scope(item.clone(), locals);
            breaches.push(self.breach(item.clone(), &scope, status)?);
        }
        Ok(breaches)
    }

    fn scope(&self, it: Value, locals: Vec<(String, Value)>) -> Value {
        let names = Arc::clone(self.names);
        Value::from_object(Scope { names, it, params: self.compiled.params.clone(), locals })
    }

    fn breach(&self, item: Value, scope: &Value, status: Status) -> Result<Breach, Finding> {
        let Compiled { rule, at, mark, values, raise, .. } = self.compiled;
        let fail = |what: &'static str| move |error| rule_error(self.form, &rule.id, what, &error);
        let text = |what: &'static str| -> Result<String, Finding> {
            let template = self.env.get_template(&rule.template(what)).map_err(fail(what))?;
            template.render(scope.clone()).map_err(fail(what))
        };
        let attr = |name: &str| item.get_attr(name).ok().filter(|value| !value.is_undefined());
        let path = match at {
            Some(at) => at.eval(scope.clone()).map_err(fail("at"))?.to_string(),
            None => attr("path").map(|path| path.to_string()).unwrap_or_default(),
        };
        let mark = match mark {
            Some(mark) => mark.eval(scope.clone()).map_err(fail("mark"))?.to_string(),
            None => String::new(),
        };
        let values = match values {
            Some(values) => {
                let list = values.eval(scope.clone()).map_err(fail("values"))?;
                list.try_iter().map_err(fail("values"))?.map(|value| value.to_string()).collect()
            }
            None => Vec::new(),
        };
        let mut severity = rule.severity.severity().unwrap_or(Severity::Hint);
        if let Some((to, when)) = raise
            && when.eval(scope.clone()).map_err(fail("raise"))?.is_true()
        {
            severity = *to;
        }
        let last = path.rsplit('.').next().unwrap_or_default();
        let place = attr("place").map_or_else(|| format!("“{last}”"), |place| place.to_string());
        let mut finding = Finding::structure(&rule.id, std::path::Path::new(""), text("message")?.trim());
        finding.severity = severity;
        finding.kind.clone_from(&rule.kind);
        finding.status = status;
        finding.place = Some(place);
        finding.values = values;
        finding.reason = Some(rule.why.clone());
        if rule.fix.is_some() {
            finding.fix = Some(text("fix")?.trim().to_owned()).filter(|fix| !fix.is_empty());
        }
        Ok(Breach { finding, path, mark, item })
    }
}
