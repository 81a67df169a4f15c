//! Every folder under `tests/rules` is a rule with its cases: patches over sound tables that must make it fire
//! (`breach-*`) or must leave it silent (`near-*`). See the README there. What a rule says on its breaches is golden.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde::Deserialize;

use super::sound;
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

fn golden(folder: &Path, name: &str, lines: &[String]) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(folder);
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, lines.join("\n")));
}

/// Data files in a folder, by name.
fn tables(folder: &Path) -> Vec<(String, String)> {
    let paths = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut tables: Vec<(String, String)> = paths
        .map(|path| {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            (name, std::fs::read_to_string(&path).unwrap())
        })
        .collect();
    tables.sort();
    tables
}

#[test]
fn sound_tables_have_no_finding_but_the_phone_that_they_waive() {
    let mut all = tables(&folder().join("base"));
    all.extend(tables(&root().join("data/示例")));
    assert!(all.len() >= 6);
    for table in all {
        let name = table.0.clone();
        let mut found = findings(&[table]);
        found.retain(|finding| finding.status != "deferred");
        let rules: Vec<_> =
            found.iter().map(|finding| (finding.rule.as_str(), finding.status.as_str())).collect();
        assert_eq!(rules, [("PB-01", "waived")], "{name}: {found:#?}");
    }
}

#[test]
fn a_hundred_made_up_sound_tables_cause_no_error_and_hardly_a_warning() {
    let made: Vec<(String, String)> =
        (0..100).map(|seed| (format!("{seed:03}.yaml"), sound::table(seed))).collect();
    let all = findings(&made);
    let mut by_rule: BTreeMap<(String, String), usize> = BTreeMap::new();
    let mut warnings: BTreeMap<&str, usize> = BTreeMap::new();
    for finding in all.iter().filter(|finding| finding.status == "finding") {
        *by_rule.entry((finding.severity.clone(), finding.rule.clone())).or_default() += 1;
        assert_ne!(finding.severity, "error", "{finding:#?}");
        if finding.severity == "warning" {
            *warnings.entry(&finding.file).or_default() += 1;
        }
    }
    println!("findings on 100 sound tables: {by_rule:?}; tables with a warning: {}", warnings.len());
    let many: Vec<_> = warnings.iter().filter(|(_, count)| **count > 2).collect();
    assert!(many.is_empty(), "more than two warnings: {many:?}");
}

/// What the catalogue says must be found on the published tables: rule and how often at least.
const PUBLISHED: [(&str, &[(&str, usize)]); 5] = [
    (
        "政风热线",
        &[
            ("ID-02", 1),
            ("ID-05", 1),
            ("IX-06", 1),
            ("IX-08", 1),
            ("IX-11", 2),
            ("IX-23", 1),
            ("TX-02", 1),
            ("TX-05", 1),
            ("TX-11", 1),
            ("PB-01", 1),
        ],
    ),
    (
        "政务服务信息系统运行维护费用",
        &[
            ("AM-04", 1),
            ("IX-04", 1),
            ("IX-05", 4),
            ("IX-06", 1),
            ("IX-11", 2),
            ("IX-12", 2),
            ("IX-15", 1),
            ("IX-17", 1),
            ("IX-20", 1),
            ("IX-23", 1),
            ("TX-01", 1),
            ("TX-03", 1),
            ("TX-08", 1),
            ("TX-11", 1),
            ("PB-01", 1),
            ("PB-03", 1),
        ],
    ),
    (
        "政务服务业务专项费用",
        &[
            ("ID-02", 1),
            ("IX-05", 1),
            ("IX-07", 1),
            ("IX-12", 1),
            ("IX-17", 1),
            ("IX-18", 1),
            ("IX-19", 1),
            ("IX-20", 1),
            ("IX-23", 1),
            ("TX-11", 1),
            ("PB-01", 1),
        ],
    ),
    (
        "省政务服务大楼运行维护费用",
        &[
            ("ID-04", 1),
            ("IX-06", 1),
            ("IX-07", 1),
            ("IX-16", 2),
            ("IX-17", 1),
            ("IX-19", 1),
            ("IX-23", 1),
            ("TX-01", 1),
            ("TX-04", 1),
            ("TX-05", 1),
            ("TX-11", 1),
            ("TX-12", 1),
            ("PB-01", 1),
            ("PB-03", 1),
        ],
    ),
    (
        "政务服务课题经费",
        &[
            ("ID-05", 1),
            ("ID-06", 1),
            ("AM-04", 1),
            ("AM-05", 1),
            ("AM-06", 1),
            ("IX-02", 1),
            ("IX-03", 1),
            ("IX-04", 1),
            ("IX-05", 1),
            ("IX-06", 1),
            ("IX-19", 1),
            ("IX-23", 1),
            ("TX-03", 1),
            ("TX-07", 1),
            ("TX-09", 1),
            ("TX-11", 1),
            ("PB-01", 1),
        ],
    ),
];

/// Whole sentences of the catalogue about single places of the published tables: project, rule, severity, and a part
/// of the path or of the message.
const TOLD: [(&str, &str, &str, &str); 14] = [
    ("政风热线", "IX-11", "hint", "质量指标[0]"),
    ("政风热线", "IX-11", "hint", "质量指标[1]"),
    ("政风热线", "TX-05", "warning", "28"),
    ("政务服务信息系统运行维护费用", "AM-04", "hint", "44.97"),
    ("政务服务信息系统运行维护费用", "IX-05", "warning", "成本指标[0]"),
    ("政务服务信息系统运行维护费用", "IX-05", "warning", "数量指标[3]"),
    ("政务服务信息系统运行维护费用", "IX-05", "warning", "数量指标[4]"),
    ("政务服务信息系统运行维护费用", "IX-05", "warning", "质量指标[0]"),
    ("政务服务信息系统运行维护费用", "IX-15", "warning", "时效指标[0]"),
    ("政务服务业务专项费用", "IX-18", "warning", "第三方评估"),
    ("省政务服务大楼运行维护费用", "IX-16", "warning", "质量指标[1]"),
    ("省政务服务大楼运行维护费用", "IX-16", "warning", "时效指标[1]"),
    ("省政务服务大楼运行维护费用", "TX-05", "warning", "7.56"),
    ("政务服务课题经费", "AM-05", "error", "33.9"),
];

/// What stands in none of the published tables.
const ABSENT: [&str; 7] = ["AM-01", "AM-02", "AM-03", "IX-01", "IX-13", "IX-14", "IX-21"];

#[test]
fn the_published_tables_have_the_findings_that_were_worked_out_by_hand() {
    let data = root().join("data/江苏省数据局");
    let mut missing = Vec::new();
    for (project, expected) in PUBLISHED {
        let table = std::fs::read_to_string(data.join(format!("{project}.yaml"))).unwrap();
        let found = findings(&[(format!("{project}.yaml"), table)]);
        for (rule, times) in expected {
            let count = found.iter().filter(|finding| finding.rule == *rule).count();
            if count < *times {
                missing.push(format!("{project}: {rule} {count} of {times}"));
            }
        }
        for (_, rule, severity, part) in TOLD.iter().filter(|told| told.0 == project) {
            let fits = |finding: &&Finding| {
                let path = finding.path.as_deref().unwrap_or_default();
                let named = path.contains(part) || finding.message.contains(part);
                finding.rule == *rule && finding.severity == *severity && named
            };
            if !found.iter().any(|finding| fits(&finding)) {
                missing.push(format!("{project}: {rule} {severity} at {part}"));
            }
        }
        for finding in found.iter().filter(|finding| ABSENT.contains(&finding.rule.as_str())) {
            missing.push(format!("{project}: {} should be silent: {}", finding.rule, finding.message));
        }
        let number = |place: Option<u64>| place.map_or("-".to_owned(), |place| place.to_string());
        let lines: Vec<String> = found
            .iter()
            .map(|finding| {
                let (line, column) = (number(finding.line), number(finding.column));
                format!("{} {} {line}:{column} {}", finding.rule, finding.severity, finding.message)
            })
            .collect();
        golden(&root().join("tests/published-findings"), project, &lines);
    }
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}
