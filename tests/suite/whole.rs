//! What the checker says of whole tables: nothing of sound ones, on the published ones at least what was found by
//! hand, and nothing that was not looked at.

use std::collections::BTreeMap;
use std::path::Path;

use super::rules::{Finding, findings, golden};
use super::sound;
use super::support::root;

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
    let mut all = tables(&root().join("tests/rules/base"));
    all.extend(tables(&root().join("data/示例")));
    assert!(all.len() >= 6);
    for table in all {
        let (name, text) = table.clone();
        let mut found = findings(&[table]);
        found.retain(|finding| finding.status != "deferred");
        let rules: Vec<_> =
            found.iter().map(|finding| (finding.rule.as_str(), finding.status.as_str())).collect();
        let phone = text.contains("PB-01");
        let expected: &[(&str, &str)] = if phone { &[("PB-01", "waived")] } else { &[] };
        assert_eq!(rules, expected, "{name}: {found:#?}");
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
    let mut told = vec![format!("tables with a warning: {}", warnings.len())];
    told.extend(by_rule.iter().map(|((severity, rule), count)| format!("{severity} {rule}: {count}")));
    golden(&root().join("tests/rules"), "precision", &told);
    let many: Vec<_> = warnings.iter().filter(|(_, count)| **count > 2).collect();
    assert!(many.is_empty(), "more than two warnings: {many:?}");
}

/// What the catalogue says must be found on the published tables: rules, and how often where it is more than once.
const PUBLISHED: [(&str, &str); 5] = [
    ("政风热线", "ID-02 ID-05 IX-06 IX-08 IX-11×2 IX-23 TX-02 TX-05 TX-11 PB-01"),
    (
        "政务服务信息系统运行维护费用",
        "AM-04 IX-04 IX-05×4 IX-06 IX-11×2 IX-12×2 IX-15 IX-17 IX-20 IX-23 TX-01 TX-03 TX-08 TX-11 PB-01 PB-03",
    ),
    ("政务服务业务专项费用", "ID-02 IX-05 IX-07 IX-12 IX-17 IX-18 IX-19 IX-20 IX-23 TX-11 PB-01"),
    (
        "省政务服务大楼运行维护费用",
        "ID-04 IX-06 IX-07 IX-16×2 IX-17 IX-19 IX-23 TX-01 TX-04 TX-05 TX-11 TX-12 PB-01 PB-03",
    ),
    (
        "政务服务课题经费",
        "ID-05 ID-06 AM-04 AM-05 AM-06 IX-02 IX-03 IX-04 IX-05 IX-06 IX-19 IX-23 TX-03 TX-07 TX-09 TX-11 PB-01",
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
        for expected in expected.split(' ') {
            let (rule, times) = expected.split_once('×').unwrap_or((expected, "1"));
            let count = found.iter().filter(|finding| finding.rule == rule).count();
            if count < times.parse().unwrap() {
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
