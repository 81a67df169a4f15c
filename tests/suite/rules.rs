//! Every folder under `tests/rules` is a rule with its cases: patches over sound tables that must make it fire
//! (`breach-*`) or must leave it silent (`near-*`). See the README there. What a rule says on its breaches is golden.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde::Deserialize;

use super::support::{Desk, root};

/// The catalogue: kinds of rules and how many there are of each.
const CATALOGUE: [(&str, usize); 6] = [("ID", 7), ("AM", 10), ("IX", 24), ("TX", 12), ("PB", 3), ("PK", 1)];

/// A line of `jixiao check --format json`.
#[derive(Deserialize, Debug, Clone)]
#[serde(deny_unknown_fields)]
pub(crate) struct Finding {
    pub rule: String,
    pub severity: String,
    pub r#type: String,
    pub status: String,
    pub message: String,
    pub file: String,
    pub line: Option<u64>,
    pub column: Option<u64>,
    pub path: Option<String>,
    pub place: Option<String>,
    #[expect(dead_code, reason = "its shape is the rule's own")]
    pub values: serde_json::Value,
    pub fix: Option<String>,
}

/// One case: a table, or several for a rule of packages.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    why: String,
    base: Option<String>,
    #[serde(default)]
    replace: Vec<(String, String)>,
    #[serde(default)]
    files: Vec<Patch>,
    /// How many findings of the rule; at least one otherwise.
    count: Option<usize>,
    /// Part of the data path of one of them.
    at: Option<String>,
    /// The severity of all of them.
    severity: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Patch {
    name: Option<String>,
    base: String,
    #[serde(default)]
    replace: Vec<(String, String)>,
}

fn folder() -> PathBuf {
    root().join("tests/rules")
}

pub(crate) fn catalogue() -> Vec<String> {
    CATALOGUE
        .iter()
        .flat_map(|(kind, last)| (1..=*last).map(move |number| format!("{kind}-{number:02}")))
        .collect()
}

/// Names of a rule's cases, without the extension.
fn cases(rule: &str) -> Vec<String> {
    let files = std::fs::read_dir(folder().join(rule)).unwrap().map(|entry| entry.unwrap().path());
    let mut names: Vec<String> = files
        .filter(|path| path.extension().is_some_and(|extension| extension == "yaml"))
        .map(|path| path.file_stem().unwrap().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

fn base(name: &str) -> String {
    std::fs::read_to_string(folder().join("base").join(format!("{name}.yaml"))).unwrap()
}

/// A base with every replacement made; each text must be there exactly once.
fn patched(name: &str, base_name: &str, replace: &[(String, String)]) -> String {
    replace.iter().fold(base(base_name), |table, (from, to)| {
        assert_eq!(table.matches(from).count(), 1, "{name}: “{from}” in {base_name}");
        table.replacen(from, to, 1)
    })
}

/// Runs the checker over files in a folder of their own.
pub(crate) fn findings(files: &[(String, String)]) -> Vec<Finding> {
    let desk = files.iter().fold(Desk::new(), |desk, (name, content)| desk.file(name, content));
    let names: Vec<&str> = files.iter().map(|(name, _)| name.as_str()).collect();
    let ran = desk.run(&format!("check {} --format json", names.join(" ")));
    assert!(matches!(ran.status, 0 | 1), "{}: {}", ran.status, ran.stderr);
    assert!(!ran.stderr.contains("panicked"), "{}", ran.stderr);
    let findings = read(&ran.stdout);
    let refused = findings.iter().any(|finding| finding.severity == "error" && finding.status == "finding");
    assert_eq!(ran.status, i32::from(refused), "exit code and findings disagree:\n{}", ran.stdout);
    findings
}

/// JSON Lines, and nothing else.
pub(crate) fn read(stdout: &str) -> Vec<Finding> {
    let read = |line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
    stdout.lines().map(read).collect()
}

/// What became of one case.
struct Outcome {
    /// Lines for the golden messages.
    said: Vec<String>,
    wrong: Option<String>,
}

fn run(rule: &str, name: &str) -> Outcome {
    let text = std::fs::read_to_string(folder().join(rule).join(format!("{name}.yaml"))).unwrap();
    let label = format!("{rule}/{name}");
    let case: Case = serde_yaml::from_str(&text).unwrap_or_else(|error| panic!("{label}: {error}"));
    let files: Vec<(String, String)> = if let Some(base) = &case.base {
        vec![("项目.yaml".into(), patched(&label, base, &case.replace))]
    } else {
        let named = |(at, patch): (usize, &Patch)| {
            let name = patch.name.clone().unwrap_or_else(|| format!("项目{}.yaml", at + 1));
            (name, patched(&label, &patch.base, &patch.replace))
        };
        case.files.iter().enumerate().map(named).collect()
    };
    let all = findings(&files);
    let other = all.iter().find(|finding| finding.rule == "IX-24");
    let fired: Vec<&Finding> =
        all.iter().filter(|finding| finding.rule == rule && finding.status == "finding").collect();
    let mut wrong =
        other.map(|_| "IX-24 fired in a form without weights".to_owned()).into_iter().collect::<Vec<_>>();
    let mut said = Vec::new();
    if name.starts_with("near-") {
        wrong.extend(fired.iter().map(|finding| format!("should be silent, says “{}”", finding.message)));
    } else {
        wrong.extend(judge(&case, &fired));
        let path = |finding: &Finding| finding.path.clone().unwrap_or_default();
        let fix = |finding: &Finding| finding.fix.clone().unwrap_or_default();
        said.extend(fired.iter().map(|finding| {
            format!("{name}: {} {} | {} | {}", finding.severity, finding.message, path(finding), fix(finding))
        }));
    }
    let wrong = (!wrong.is_empty()).then(|| format!("{label}（{}）: {}", case.why, wrong.join("; ")));
    Outcome { said, wrong }
}

/// What is wrong with the findings of a breach.
fn judge(case: &Case, fired: &[&Finding]) -> Vec<String> {
    let mut wrong = Vec::new();
    let paths =
        || fired.iter().map(|finding| finding.path.as_deref().unwrap_or("-")).collect::<Vec<_>>().join(", ");
    if case.count.map_or(fired.is_empty(), |count| fired.len() != count) {
        let expected = case.count.map_or("at least 1".to_owned(), |count| count.to_string());
        wrong.push(format!("expected {expected} findings, got {} at {}", fired.len(), paths()));
    }
    if let Some(at) = &case.at
        && !fired.is_empty()
        && !fired.iter().any(|finding| finding.path.as_ref().is_some_and(|path| path.contains(at)))
    {
        wrong.push(format!("none points at {at}, but at {}", paths()));
    }
    for finding in fired {
        if case.severity.as_ref().is_some_and(|severity| *severity != finding.severity) {
            wrong.push(format!("severity is {}, not {}", finding.severity, case.severity.as_ref().unwrap()));
        }
        if finding.line.is_none() || finding.column.is_none() {
            wrong.push(format!("no place: {}", finding.message));
        }
        if finding.message.contains(['{', '}']) || finding.message.is_empty() {
            wrong.push(format!("message is not filled in: {}", finding.message));
        }
    }
    wrong
}

#[test]
fn every_rule_has_breaches_and_near_misses() {
    let rules = catalogue();
    assert_eq!(rules.len(), 57);
    for rule in rules {
        let cases = cases(&rule);
        let count = |kind| cases.iter().filter(|name| name.starts_with(kind)).count();
        let (breaches, nears) = (count("breach-"), count("near-"));
        assert_eq!(breaches + nears, cases.len(), "{rule}: a case is neither a breach nor a near miss");
        if cases.is_empty() {
            assert!(
                folder().join(&rule).join("README.md").is_file(),
                "{rule} has neither cases nor a reason"
            );
        } else {
            assert!(breaches >= 2 && nears >= 2, "{rule}: {breaches} breaches and {nears} near misses");
        }
    }
}

#[test]
fn every_breach_is_reported_and_every_near_miss_is_not() {
    let jobs: Vec<(String, String)> = catalogue()
        .into_iter()
        .flat_map(|rule| cases(&rule).into_iter().map(move |name| (rule.clone(), name)))
        .collect();
    let next = AtomicUsize::new(0);
    let outcomes = Mutex::new(BTreeMap::new());
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let Some((rule, name)) = jobs.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let outcome = run(rule, name);
                    outcomes.lock().unwrap().insert((rule, name), outcome);
                }
            });
        }
    });
    let outcomes = outcomes.into_inner().unwrap();
    assert_eq!(outcomes.len(), jobs.len(), "a case could not be run");
    let wrong: Vec<&str> = outcomes.values().filter_map(|outcome| outcome.wrong.as_deref()).collect();
    assert!(wrong.is_empty(), "{} of {} cases:\n{}", wrong.len(), jobs.len(), wrong.join("\n"));
    for rule in catalogue() {
        let mine = outcomes.iter().filter(|((of, _), _)| **of == rule);
        let said: Vec<String> = mine.flat_map(|(_, outcome)| outcome.said.clone()).collect();
        if !said.is_empty() {
            golden(&folder().join(&rule), "messages", &said);
        }
    }
}

pub(crate) fn golden(folder: &Path, name: &str, lines: &[String]) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(folder);
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, lines.join("\n")));
}
