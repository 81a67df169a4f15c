//! The command `check`: exit codes, formats, settings, waivers, repair. What the rules find is tested in `rules`.

use serde_json::Value;

use super::rules::{Finding, findings, read};
use super::support::{Desk, judge, root, tool};

fn base() -> String {
    std::fs::read_to_string(root().join("tests/rules/base/水利.yaml")).unwrap()
}

/// The sound table with texts replaced.
#[track_caller]
fn table(changes: &[(&str, &str)]) -> String {
    changes.iter().fold(base(), |table, (from, to)| {
        assert_eq!(table.matches(from).count(), 1, "{from}");
        table.replacen(from, to, 1)
    })
}

/// One error: the project ends before the budget year.
fn with_error() -> String {
    table(&[("开始时间: 2025", "开始时间: 2021"), ("完成时间: 2027", "完成时间: 2023")])
}

/// One warning: the cap on the whole cost does not grow with the year.
fn with_warning() -> String {
    table(&[("≤216万元", "≤480万元")])
}

/// One hint: satisfaction below ninety per cent.
fn with_hint() -> String {
    table(&[("半年: ≥92%, 全年: ≥92%", "半年: ≥85%, 全年: ≥85%")])
}

fn standing(findings: &[Finding]) -> Vec<(&str, &str)> {
    let standing = findings.iter().filter(|finding| finding.status == "finding");
    standing.map(|finding| (finding.rule.as_str(), finding.severity.as_str())).collect()
}

#[test]
fn the_exit_code_follows_fail_on() {
    for (content, found, codes) in [
        (base(), vec![], [0, 0, 0]),
        (with_hint(), vec![("IX-08", "hint")], [0, 0, 1]),
        (with_warning(), vec![("AM-06", "warning")], [0, 1, 1]),
        (with_error(), vec![("ID-02", "error")], [1, 1, 1]),
    ] {
        assert_eq!(standing(&findings(&[("甲.yaml".into(), content.clone())])), found);
        let desk = Desk::new().file("甲.yaml", content);
        desk.run("check 甲.yaml").exits(codes[0]);
        for (bound, code) in ["error", "warning", "hint"].into_iter().zip(codes) {
            desk.run(&format!("check 甲.yaml --fail-on {bound}")).exits(code);
        }
    }
    let desk = Desk::new().file("甲.yaml", base());
    desk.run("check 甲.yaml --fail-on never").exits(2).says(&["error、warning、hint"]);
    desk.run("check 甲.yaml --format xml").exits(2).says(&["human、json、sarif"]);
    desk.run("check 没有.yaml").exits(2);
}

#[test]
fn broken_structure_takes_the_shape_of_a_finding() {
    for (content, line) in [
        (table(&[("资金总额: 480.00", "资金总额: 四百八十")]), Some(18)),
        (table(&[("项目级次: 省本级", "项目层级: 省本级")]), Some(7)),
        ("表式: jiangsu-project-2024\n年度: [2025\n".to_owned(), None),
        (String::new(), None),
    ] {
        let desk = Desk::new().file("甲.yaml", &content);
        let ran = desk.run("check 甲.yaml --format json").exits(1);
        let found = read(&ran.stdout);
        assert!(!found.is_empty(), "nothing said of:\n{content}");
        assert!(found.iter().all(|finding| finding.severity == "error" && finding.file == "甲.yaml"));
        if line.is_some() {
            assert!(found.iter().any(|finding| finding.line == line), "{found:#?}");
        }
        assert_ne!(found[0].message, "");
    }
}

#[test]
fn json_has_nothing_but_findings_and_they_point_at_the_data() {
    let content = with_error();
    let desk = Desk::new()
        .file("水利局/甲.yaml", &content)
        .file("水利局/乙.yaml", base().replace("小型水库", "中型水库"));
    let ran = desk.run("check 水利局 --format json").exits(1);
    let found = read(&ran.stdout);
    let error = found.iter().find(|finding| finding.rule == "ID-02").unwrap();
    assert_eq!(error.file, "水利局/甲.yaml");
    let line = content.lines().nth(usize::try_from(error.line.unwrap()).unwrap() - 1).unwrap();
    let column = usize::try_from(error.column.unwrap()).unwrap();
    assert!(line.starts_with("完成时间"), "{line}");
    assert_eq!(line.chars().skip(column - 1).collect::<String>(), "2023");
    assert_eq!(error.path.as_deref(), Some("完成时间"));
    assert!(error.message.contains("2023") && error.message.contains("2025"), "{}", error.message);
    assert_eq!(error.r#type, "合规性");
    assert!(error.fix.is_some());
    for line in ran.stdout.lines() {
        let object: serde_json::Map<String, Value> = serde_json::from_str(line).unwrap();
        for key in [
            "rule", "severity", "type", "status", "message", "file", "line", "column", "path", "place",
            "values", "fix",
        ] {
            assert!(object.contains_key(key), "no {key} in {line}");
        }
    }
}

#[test]
fn a_finding_about_an_indicator_names_its_place_in_the_form() {
    let found = findings(&[("甲.yaml".into(), with_hint())]);
    let hint = found.iter().find(|finding| finding.rule == "IX-08").unwrap();
    assert!(hint.place.as_deref().is_some_and(|place| place.contains("水库管护单位满意度")), "{hint:#?}");
    assert!(hint.path.as_deref().unwrap().starts_with("绩效指标.满意度指标.服务对象满意度[0]"));
}

#[test]
fn people_read_where_what_why_and_how() {
    let desk = Desk::new().file("甲.yaml", with_error());
    let ran = desk.run("check 甲.yaml").exits(1);
    for text in ["错误[ID-02]", "甲.yaml:9:7", "完成时间: 2023", "^^^^", "错误 1", "豁免 1"] {
        assert!(
            (ran.stdout.clone() + &ran.stderr).contains(text),
            "no “{text}” in:\n{}{}",
            ran.stdout,
            ran.stderr
        );
    }
    let clean = Desk::new().file("甲.yaml", base()).run("check 甲.yaml").exits(0);
    assert!(!clean.stdout.contains("错误["), "{}", clean.stdout);
}

#[test]
fn sarif_has_the_same_places() {
    let desk = Desk::new().file("水 利.yaml", with_error()).file("jixiao.toml", "");
    let ran = desk.run("check . --format sarif").exits(1);
    let log: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(log["version"], "2.1.0");
    let run = &log["runs"][0];
    assert_eq!(run["columnKind"], "unicodeCodePoints");
    let rules: Vec<&str> = run["tool"]["driver"]["rules"]
        .as_array()
        .unwrap()
        .iter()
        .map(|rule| rule["id"].as_str().unwrap())
        .collect();
    assert!(rules.contains(&"IX-05"));
    let found = read(&desk.run("check . --format json").exits(1).stdout);
    let results = run["results"].as_array().unwrap();
    assert_eq!(results.len(), found.len());
    for (result, finding) in results.iter().zip(&found) {
        assert_eq!(result["ruleId"], finding.rule.as_str());
        assert!(rules.contains(&finding.rule.as_str()), "{} is not described", finding.rule);
        let place = &result["locations"][0]["physicalLocation"];
        assert_eq!(place["region"]["startLine"].as_u64(), finding.line);
        assert_eq!(place["region"]["startColumn"].as_u64(), finding.column);
        let uri = place["artifactLocation"]["uri"].as_str().unwrap();
        assert!(uri.is_ascii() && uri.contains("%20") && !uri.contains('\\'), "{uri}");
        assert_eq!(result.get("suppressions").is_some(), finding.status == "waived");
    }
}

#[test]
fn rules_are_listed_and_explained() {
    let desk = Desk::new();
    let listed = desk.run("rules jiangsu-project-2024").exits(0).stdout;
    for rule in super::rules::catalogue() {
        if rule != "IX-24" {
            assert!(listed.contains(&rule), "{rule} is not listed");
        }
        let told = desk.run(&format!("check --explain {rule}"));
        if told.status != 0 {
            assert_eq!(rule, "IX-24", "{}", told.stderr);
            continue;
        }
        assert!(told.stdout.contains(&rule) && told.stdout.chars().count() > 40, "{}", told.stdout);
        assert!(told.stdout.contains("不好") && told.stdout.contains("好："), "{}", told.stdout);
    }
    desk.run("check --explain XX-99").exits(2).says(&["XX-99", "IX-05"]);
    desk.run("rules 没有这个表式").exits(2);
}

#[test]
fn settings_change_severity_and_turn_rules_off() {
    let with = |settings: &str, content: &str| {
        let desk = Desk::new().file("甲.yaml", content).file("jixiao.toml", settings);
        let ran = desk.run("check 甲.yaml --format json");
        (ran.status, read(&ran.stdout))
    };
    let (code, found) = with("[check.severity]\n\"ID-02\" = \"hint\"\n", &with_error());
    assert_eq!((code, standing(&found)), (0, vec![("ID-02", "hint")]));
    let (code, found) = with("[check.severity]\n\"ID-02\" = \"off\"\n", &with_error());
    assert_eq!((code, standing(&found)), (0, vec![]));
    let (code, found) = with("[check.severity]\n\"IX-08\" = \"error\"\n", &with_hint());
    assert_eq!((code, standing(&found)), (1, vec![("IX-08", "error")]));
    for wrong in ["[check.severity]\n\"ID-02\" = \"bad\"\n", "[check.severity]\n\"XX-99\" = \"off\"\n"] {
        let desk = Desk::new().file("甲.yaml", base()).file("jixiao.toml", wrong);
        desk.run("check 甲.yaml").exits(2);
    }
}

#[test]
fn waived_findings_are_listed_with_their_reason_and_fail_nothing() {
    let before = "豁免:\n  - {规则: PB-01";
    let content =
        with_error().replacen(before, "豁免:\n  - {规则: ID-02, 理由: 跨年度结转项目}\n  - {规则: PB-01", 1);
    let desk = Desk::new().file("甲.yaml", &content);
    let ran = desk.run("check 甲.yaml --format json").exits(0);
    let found = read(&ran.stdout);
    let excused = found.iter().find(|finding| finding.rule == "ID-02").unwrap();
    assert_eq!((excused.status.as_str(), excused.severity.as_str()), ("waived", "error"));
    let ran = desk.run("check 甲.yaml --fail-on hint").exits(0);
    let said = ran.stdout + &ran.stderr;
    assert!(said.contains("跨年度结转项目") && said.contains("1 个错误级问题被豁免"), "{said}");
}

#[test]
fn a_waiver_of_a_rule_that_is_not_there_is_reported() {
    let content = base().replacen("规则: PB-01", "规则: PB-99", 1);
    let found = findings(&[("甲.yaml".into(), content)]);
    assert!(found.iter().any(|finding| finding.message.contains("PB-99")), "{found:#?}");
}

#[test]
fn repair_changes_only_what_has_one_right_answer() {
    let content = table(&[
        ("设备校准和备件更换", "设备校准,备件更换"),
        ("半年: ≥6期, 全年: ≥12期", "半年: '>=6期', 全年: '>=12期'  "),
        ("省水库安全中心\n", "省水库 安全中心 # 实施单位\n"),
    ]);
    let desk = Desk::new().file("甲.yaml", &content);
    let ran = desk.run("check 甲.yaml --fix --yes");
    assert!(ran.status <= 1, "{}", ran.stderr);
    let repaired = std::fs::read_to_string(desk.path().join("甲.yaml")).unwrap();
    let expected = content
        .replacen("设备校准,备件更换", "设备校准，备件更换", 1)
        .replacen("'>=6期'", "'≥6期'", 1)
        .replacen("'>=12期'", "'≥12期'", 1)
        .replacen("省水库 安全中心", "省水库安全中心", 1);
    assert_eq!(repaired, expected);
    desk.run("check 甲.yaml --fix --yes").exits(0);
    assert_eq!(
        std::fs::read_to_string(desk.path().join("甲.yaml")).unwrap(),
        expected,
        "a second repair changed something"
    );
}

#[test]
fn repair_makes_paragraphs_of_web_markup() {
    let text = "省水库安全中心设有监测技术科，运行维护单位通过公开招标选定，站点供电、通信和备件条件齐备，管理制度完善，具备按期实施的条件。";
    let (first, second) = text.split_once("站点").unwrap();
    let content = table(&[(text, &format!("|-\n  <p>{first}</p>\n  <p>站点{second}</p>"))]);
    let desk = Desk::new().file("甲.yaml", &content);
    desk.run("check 甲.yaml --fix --yes").exits(0);
    let repaired = std::fs::read_to_string(desk.path().join("甲.yaml")).unwrap();
    assert!(!repaired.contains("<p>") && repaired.contains(first) && repaired.contains(second), "{repaired}");
    let found = findings(&[("甲.yaml".into(), repaired)]);
    assert!(!found.iter().any(|finding| finding.rule == "TX-01"), "{found:#?}");
}

#[test]
fn findings_come_in_input_order_for_any_number_of_jobs() {
    let mut desk = Desk::new();
    for number in 0..24 {
        let name = base().replace("小型水库", &format!("第{number}片区小型水库"));
        let content =
            if number % 3 == 0 { name.replacen("完成时间: 2027", "完成时间: 2020", 1) } else { name };
        desk = desk.file(&format!("data/{number:02}.yaml"), content);
    }
    let one = desk.run("check data --format json --jobs 1").exits(1).stdout;
    assert_eq!(one, desk.run("check data --format json --jobs 4").exits(1).stdout);
    let files: Vec<String> = read(&one).into_iter().map(|finding| finding.file).collect();
    assert!(files.is_sorted(), "{files:?}");
}

#[test]
fn a_changed_threshold_changes_what_is_found() {
    let count = |settings: &str| {
        let desk = Desk::new().file("甲.yaml", base()).file("jixiao.toml", settings);
        read(&desk.run("check 甲.yaml --format json").stdout)
            .iter()
            .filter(|finding| finding.rule == "TX-07")
            .count()
    };
    assert_eq!(count(""), 0);
    assert!(count("[check.params.\"TX-07\"]\nshortest = 400\n") > 0);
    let desk =
        Desk::new().file("甲.yaml", base()).file("jixiao.toml", "[check.params.\"TX-07\"]\nshort = 4\n");
    desk.run("check 甲.yaml").exits(2).says(&["TX-07", "short", "shortest"]);
}

#[test]
fn render_reports_findings_and_strict_refuses_errors() {
    let desk = Desk::new().file("甲.yaml", with_error());
    desk.run("render 甲.yaml --format xlsx").exits(0).says(&["错误[ID-02] 甲.yaml:", "检查发现 1 个问题"]);
    let desk = Desk::new().file("甲.yaml", with_error());
    desk.run("render 甲.yaml --strict").exits(1).says(&["ID-02"]);
    assert!(desk.outputs().is_empty());
    let desk = Desk::new().file("甲.yaml", with_hint());
    desk.run("render 甲.yaml --strict --format xlsx").exits(0);
}

#[test]
fn the_public_copy_hides_the_telephone_number() {
    let desk = Desk::new().file("甲.yaml", base());
    desk.run("render 甲.yaml --public").exits(0);
    assert_eq!(desk.outputs(), ["甲-公开.pdf", "甲-公开.xlsx"]);
    let number = base().lines().find_map(|line| line.strip_prefix("联系电话: ").map(str::to_owned)).unwrap();
    let hidden = format!("{}****", &number[..number.len() - 4]);
    let pdf = tool("pdftotext", &[&desk.path().join("output/甲-公开.pdf"), "-".as_ref()]);
    assert!(pdf.contains(&hidden) && !pdf.contains(&number), "{pdf}");
    let cells = judge("xlsx_dump.py", &[&desk.path().join("output/甲-公开.xlsx")]).exits(0).stdout;
    assert!(cells.contains(&hidden) && !cells.contains(&number), "{cells}");
    // The hidden sheet keeps no number either.
    let parts =
        std::process::Command::new("unzip").arg("-p").arg(desk.path().join("output/甲-公开.xlsx")).output();
    if let Ok(parts) = parts {
        assert!(!String::from_utf8_lossy(&parts.stdout).contains(&number));
    }
    // The inner copy stands beside it.
    desk.run("render 甲.yaml --format pdf").exits(0);
    assert_eq!(desk.outputs(), ["甲-公开.pdf", "甲-公开.xlsx", "甲.pdf"]);
}

#[test]
fn errors_stand_as_notes_on_their_cells_only_when_asked_for() {
    let notes = |arguments: &str| {
        let desk = Desk::new().file("甲.yaml", with_error());
        desk.run(&format!("render 甲.yaml --format xlsx {arguments}")).exits(0);
        judge("xlsx_notes.py", &[&desk.path().join("output/甲.xlsx")]).exits(0).stdout
    };
    let asked = notes("--annotate");
    assert!(asked.contains("ID-02：完成时间") && asked.matches("ID-").count() == 1, "{asked}");
    assert_eq!(notes("").trim(), "{}");
}
