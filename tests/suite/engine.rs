//! What any form can do, tried on the forms under `templates/`, on machine-made copies of them and on broken ones.

use std::fs;
use std::path::PathBuf;

use regex::Regex;
use serde_json::Value;

use super::forms::copy_of_form;
use super::support::{Desk, judge, root, sample, tool};

const EVALUATION: &str = "项目支出绩效自评.yaml";
const LIST: &str = "项目绩效指标清单.yaml";

fn example(name: &str) -> String {
    fs::read_to_string(root().join("data/示例").join(name)).unwrap()
}

/// A data file with texts replaced, drawn.
fn drawn(name: &str, replace: &[(&str, &str)]) -> Desk {
    let mut text = example(name);
    for (from, to) in replace {
        assert!(text.contains(from), "{name} has no “{from}”");
        text = text.replacen(from, to, 1);
    }
    let desk = Desk::new().file("x.yaml", text);
    desk.run("render x.yaml").exits(0);
    desk
}

fn printed(desk: &Desk, page: usize) -> String {
    let page = page.to_string();
    let pdf = desk.path().join("output/x.pdf");
    tool(
        "pdftotext",
        &["-layout".as_ref(), "-f".as_ref(), page.as_ref(), "-l".as_ref(), page.as_ref(), &pdf, "-".as_ref()],
    )
}

fn workbook(desk: &Desk) -> Value {
    let ran = judge("xlsx_form.py", &[&desk.path().join("output/x.xlsx")]).exits(0);
    serde_json::from_str(&ran.stdout).unwrap()
}

/// The cells of a workbook whose value a test accepts.
fn cells(book: &Value, accept: impl Fn(&Value) -> bool) -> Vec<&Value> {
    book["cells"].as_object().unwrap().values().filter(|cell| accept(cell)).collect()
}

#[test]
fn calculated_cells_are_printed_exactly_and_live_in_the_workbook() {
    let desk = drawn(EVALUATION, &[]);
    let page = printed(&desk, 1);
    for text in ["97.00%", "98.13%", "100.00%", "70.00%", "9.7", "97.81"] {
        assert!(page.contains(text), "no {text} in {page}");
    }
    let book = workbook(&desk);
    let formulas = cells(&book, |cell| cell["value"].as_str().is_some_and(|text| text.starts_with("=IF")));
    let results: Vec<String> = formulas.iter().map(|cell| cell["result"].to_string()).collect();
    assert_eq!(results, ["0.97", "9.7", "0.9813", "1", "0.7", "100", "97.81"]);
    assert!(formulas.iter().all(|cell| cell["locked"] == true));
    assert!(formulas.iter().any(|cell| cell["format"] == "0.00%"));
    let sum = formulas[6]["value"].as_str().unwrap();
    assert!(sum.contains("ROUND(SUM(") && sum.contains(':'), "{sum}");
    // The map knows that nobody fills these cells in.
    let map = book["map"].as_array().unwrap();
    assert_eq!(map.iter().filter(|row| row[0] == "computed").count(), 8);
    judge("office_recalculate.py", &[&desk.path().join("output/x.xlsx")]).exits(0);
}

#[test]
fn a_missing_operand_gives_the_forms_blank_and_no_number() {
    let desk = drawn(EVALUATION, &[("全年预算数: 900.00", "全年预算数: 0")]);
    let book = workbook(&desk);
    let missing = cells(&book, |cell| {
        cell["value"].as_str().is_some_and(|text| text.starts_with('=')) && cell["result"] == "—"
    });
    // The rate, and the points that follow from it.
    assert_eq!(missing.len(), 2);
    assert!(printed(&desk, 1).contains("88.11"));
    judge("office_recalculate.py", &[&desk.path().join("output/x.xlsx")]).exits(0);
}

#[test]
fn halves_are_rounded_up_in_both_outputs() {
    for (spent, budget, rate) in
        [("1.005", "100", "1.01%"), ("0.28505", "1", "28.51%"), ("2.675", "100", "2.68%")]
    {
        let amounts = format!("全年预算数: {budget}, 全年执行数: {spent}}}");
        let desk = drawn(EVALUATION, &[("全年预算数: 40.00, 全年执行数: 28.00}", &amounts)]);
        assert!(printed(&desk, 1).contains(rate), "{rate}");
        judge("office_recalculate.py", &[&desk.path().join("output/x.xlsx")]).exits(0);
    }
}

#[test]
fn the_foot_stands_below_the_last_row_and_the_seal_has_its_room() {
    let desk = drawn(EVALUATION, &[]);
    let page = printed(&desk, 1);
    let fields = ["填报人：顾明远", "审核人：陆清和", "单位负责人：沈知行", "填报日期：2025年2月20日"];
    let line = page.lines().find(|line| line.contains(fields[0])).unwrap();
    assert!(fields.iter().all(|field| line.contains(field)), "{line}");
    assert!(page.find("单位公章").unwrap() < page.find(fields[0]).unwrap());
    let book = workbook(&desk);
    let field = cells(&book, |cell| cell["value"] == fields[3]);
    assert_eq!((field.len(), &field[0]["border"]), (1, &Value::Bool(false)));
    let seal = cells(&book, |cell| cell["value"].as_str().is_some_and(|text| text.contains("单位公章")));
    assert!(seal[0]["height"].as_f64().unwrap() >= 62.0, "{seal:?}");
    assert_eq!(seal[0]["align"], "right");
    let part = cells(&book, |cell| cell["value"] == "其中：财政拨款");
    assert!(part[0]["align"] == "left" && part[0]["indent"].as_f64() >= Some(1.0), "{part:?}");
}

#[test]
fn the_foot_never_stands_alone_where_a_row_can_go_with_it() {
    // One line more at a time, until the foot has had every place on the page.
    for lines in [2, 5, 6, 7, 8, 9, 10, 12] {
        let goal = format!("实际完成情况: \"{}\"", "全年保洁村级河道\\n".repeat(lines * 2));
        let at = example(EVALUATION).lines().find(|line| line.contains("实际完成情况:")).unwrap().to_owned();
        let desk = drawn(EVALUATION, &[(at.trim(), &goal)]);
        let pages = tool("pdfinfo", &[&desk.path().join("output/x.pdf")]);
        let pages: usize =
            pages.lines().find_map(|line| line.strip_prefix("Pages:")).unwrap().trim().parse().unwrap();
        let last = printed(&desk, pages);
        assert!(last.contains("填报人：") && last.contains("单位公章"), "{lines}: {last}");
    }
}

#[test]
fn a_list_of_many_projects_repeats_its_two_header_rows_and_its_groups() {
    let desk = drawn(LIST, &[]);
    for page in 1..=3 {
        let text = printed(&desk, page);
        for label in ["年度目标", "绩效指标", "三级指标", "指标内容"] {
            assert!(text.contains(label), "page {page} has no {label}: {text}");
        }
    }
    // The second project begins on the first page and goes on on the second.
    for page in [1, 2] {
        assert!(printed(&desk, page).contains("水文监测站网运行维"), "page {page}");
    }
    let size = tool("pdfinfo", &[&desk.path().join("output/x.pdf")]);
    assert!(size.contains("841.89 x 595.276"), "{size}");
    let book = workbook(&desk);
    assert_eq!((&book["orientation"], &book["titles"]), (&"landscape".into(), &"$3:$4".into()));
    let merged = book["merged"].as_array().unwrap();
    for area in ["A3:A4", "E3:K3"] {
        assert!(merged.iter().any(|other| other == area), "{area} of {merged:?}");
    }
}

#[test]
fn money_is_printed_in_another_unit_and_its_source_kept() {
    let desk = drawn(LIST, &[]);
    let book = workbook(&desk);
    // 6385000.50 yuan.
    let amount = cells(&book, |cell| cell["value"] == 638.50005);
    assert_eq!((amount.len(), &amount[0]["locked"]), (1, &Value::Bool(true)));
    let map = book["map"].as_array().unwrap();
    let kept = map.iter().find(|row| row[3] == "/项目/1/预算金额").unwrap();
    assert_eq!(kept[4], "6385000.50");
    let total = cells(&book, |cell| cell["value"].as_str().is_some_and(|text| text.contains("SUM(")));
    assert_eq!(total[0]["result"], 2233.50005);
}

#[test]
fn dates_are_real_and_wrong_ones_are_found_at_their_place() {
    let change = |name: &str, text: String| {
        match name {
        "schema.json" => text.replace(
            "\"开始时间\": {\n      \"$ref\": \"#/$defs/year\"",
            "\"开始时间\": {\n      \"type\": [\"string\", \"null\"], \"format\": \"date\"",
        ),
        "table.yaml.j2" => text.replace(
            "{{ pair('开始时间', cell(开始时间, '年'), '完成时间', cell(完成时间, '年')) }}",
            "cells: [{label: 开始}, {date: {{ cell(开始时间) }}, cols: 2}, {label: 完成}, {value: {{ cell(完成时间) }}}]",
        ),
        "rules.yaml" => "[]".to_owned(),
        _ => text,
    }
    };
    let data = sample();
    let begin = data.lines().find(|line| line.starts_with("开始时间:")).unwrap().to_owned();
    let with = |date: &str| data.replace(&begin, &format!("开始时间: {date}"));
    let desk = copy_of_form(change).file("x.yaml", with("2024-03-01")).file("y.yaml", with("2024-02-30"));
    desk.run("render x.yaml --templates forms").exits(0);
    assert!(printed(&desk, 1).contains("2024年3月1日"));
    let book = workbook(&desk);
    let day = cells(&book, |cell| cell["value"] == "2024-03-01 00:00:00");
    assert_eq!(day.len(), 1, "{book}");
    assert!(day[0]["format"].as_str().unwrap().starts_with("yyyy\"年\""));
    let line = with("").lines().position(|line| line.starts_with("开始时间:")).unwrap() + 1;
    let place = format!("y.yaml:{line}:7");
    desk.run("render y.yaml --templates forms").exits(1).says(&["“2024-02-30”不符合要求", &place]);
}

#[test]
fn amounts_of_two_units_are_summed_up_in_one() {
    let mut desk = copy_of_form(|_, text| text.replace("money: 万元", "money: 元"));
    fs::rename(desk.path().join("forms/jiangsu-project-2024"), desk.path().join("forms/in-yuan")).unwrap();
    let in_yuan = sample().replace("表式: jiangsu-project-2024", "表式: in-yuan");
    desk = desk.file("data/甲厅/a.yaml", sample()).file("data/甲厅/b.yaml", in_yuan);
    desk.run("collect data --format csv --templates forms").exits(0);
    let csv = fs::read_to_string(desk.path().join("output/项目汇总.csv")).unwrap();
    assert!(csv.contains("资金总额（万元）") && !csv.contains("（元）"), "{csv}");
    let rows: Vec<Vec<&str>> = csv.lines().map(|line| line.split(',').collect()).collect();
    let column = rows[0].iter().position(|title| title.contains("资金总额")).unwrap();
    let amounts: Vec<f64> =
        rows[1..].iter().map(|row| row[column].trim_matches('"').parse().unwrap()).collect();
    assert!((amounts[0] - amounts[1] * 10_000.0).abs() < 1e-9 && amounts[0] > 0.0, "{amounts:?}");
}

#[test]
fn scores_are_checked_by_the_scoring_rule() {
    for (from, to, rule) in [
        ("得分: 9.31", "得分: 9.9", "SE-08"),
        ("分值: 12, 得分: 12", "分值: 12, 得分: 13", "SE-07"),
        ("分值: 12, 得分: 12", "分值: 11, 得分: 11", "SE-04"),
        (", 偏差原因: 3个乡镇", ", 偏差原因: \"\" } # ", "SE-09"),
        ("全年执行数: 785.00", "全年执行数: 784.00", "SE-02"),
        ("全年执行数: 28.00", "全年执行数: 48.00", "SE-03"),
        ("实际完成值: 468人", "实际完成值: 468人次", "SE-11"),
        ("填报人: 顾明远", "填报人:", "SE-01"),
    ] {
        let text = example(EVALUATION);
        assert!(text.contains(from), "no “{from}”");
        let desk = Desk::new().file("x.yaml", text.replacen(from, to, 1));
        let ran = desk.run("check x.yaml --fail-on hint --format json").exits(1);
        assert!(ran.stdout.contains(&format!("\"rule\":\"{rule}\"")), "{rule}: {}", ran.stdout);
    }
    Desk::new().file("x.yaml", example(EVALUATION)).run("check x.yaml --fail-on hint").exits(0);
    Desk::new().file("x.yaml", example(LIST)).run("check x.yaml --fail-on hint").exits(0);
}

/// Forms that people fill in, with an example of each.
fn forms_with_examples() -> Vec<(String, String)> {
    let examples: Vec<String> = fs::read_dir(root().join("data/示例"))
        .unwrap()
        .map(|entry| fs::read_to_string(entry.unwrap().path()).unwrap())
        .collect();
    let folders = fs::read_dir(root().join("templates")).unwrap().map(|entry| entry.unwrap().path());
    let forms = folders.filter(|path| path.join("form.yaml").is_file());
    let forms =
        forms.filter(|path| !fs::read_to_string(path.join("form.yaml")).unwrap().contains("\npurpose:"));
    forms
        .map(|path: PathBuf| {
            let id = path.file_name().unwrap().to_string_lossy().into_owned();
            let of_form = examples.iter().find(|text| text.contains(&format!("表式: {id}\n")));
            (id.clone(), of_form.unwrap_or_else(|| panic!("{id} has no example under data/示例")).clone())
        })
        .collect()
}

/// A text with every Chinese word renamed but those that mean something to the program.
fn renamed(text: &str) -> String {
    const KEPT: [&str; 10] = ["表式", "年度", "豁免", "未识别", "类型", "元", "万元", "规则", "理由", "年"];
    let words = Regex::new(r"[\u{4e00}-\u{9fff}]+").unwrap();
    words
        .replace_all(text, |found: &regex::Captures<'_>| {
            if KEPT.contains(&&found[0]) { found[0].to_owned() } else { format!("改{}", &found[0]) }
        })
        .into_owned()
}

#[test]
fn a_form_with_another_id_and_other_words_is_drawn_by_the_same_program() {
    for (id, data) in forms_with_examples() {
        let mut desk = Desk::new();
        let folder = root().join("templates").join(&id);
        for name in ["form.yaml", "table.yaml.j2", "schema.json"] {
            let text = fs::read_to_string(folder.join(name)).unwrap();
            // Names of typefaces and type sizes stay: they are not the form's words.
            let text = match text.split_once("\nfonts:").filter(|_| name == "form.yaml") {
                None => renamed(&text),
                Some((before, rest)) => {
                    let (fonts, after) = rest.split_once("\ninset:").unwrap();
                    format!("{}\nfonts:{fonts}\ninset:{}", renamed(before), renamed(after))
                }
            };
            desk = desk.file(&format!("forms/renamed/{name}"), text);
        }
        let data = renamed(&data).replace(&format!("表式: {id}"), "表式: renamed");
        let desk = desk.file("x.yaml", data);
        desk.run("render x.yaml --templates forms").exits(0);
        let text = printed(&desk, 1);
        assert!(text.contains("改"), "{id}: {text}");
        desk.run("forms check forms").exits(0);
    }
}

#[test]
fn every_form_here_passes_its_own_inspection() {
    let desk = Desk::new();
    let ran = desk.run(&format!("forms check {}", root().join("templates").display())).exits(0);
    for (id, data) in forms_with_examples() {
        assert!(ran.stdout.contains(&format!("{id}\t可用")), "{}", ran.stdout);
        let mut desk =
            Desk::new().file("form/examples/a.yaml", data.replace(&format!("表式: {id}"), "表式: form"));
        for file in fs::read_dir(root().join("templates").join(&id)).unwrap() {
            let file = file.unwrap();
            let name = file.file_name().into_string().unwrap();
            desk = desk.file(&format!("form/{name}"), fs::read(file.path()).unwrap());
        }
        let ran = desk.run("forms check form").exits(0);
        assert!(ran.stdout.contains("试排了 1 份示例"), "{}", ran.stdout);
    }
}

/// A broken copy of the form: file, text and what replaces it; and what the author is told.
const BROKEN: [(&str, &str, &str, &[&str]); 7] = [
    (
        "table.yaml.j2",
        "{blank: , cols: 2}, {header: \"全年",
        "{blank: }, {header: \"全年",
        &["第", "列没有单元格", "这一行有“"],
    ),
    (
        "table.yaml.j2",
        "cols: 2}, {label: {{ b",
        "cols: 3}, {label: {{ b",
        &["第1行", "超出表格范围", "项目名称"],
    ),
    ("table.yaml.j2", "cell(项目名称)", "cell(项目名)", &["没有定义的名字", "table.yaml.j2:"]),
    ("form.yaml", "name: 项目名称", "name: 项目名", &["指向的“项目名”不在 schema.json 里"]),
    ("form.yaml", "values: [半年, 全年]", "values: [半年, 全程]", &["全程”不在 schema.json 里"]),
    (
        "form.yaml",
        "columns: [2.6cm, 2.9cm, 5.5cm",
        "columns: [0.6cm, 2.9cm, 7.5cm",
        &["排不进第1列", "列宽还差"],
    ),
    ("rules.yaml", "test: it.text == ''", "test: it.text == nothing(1)", &["规则 ID-01", "rules.yaml:"]),
];

#[test]
fn an_author_is_told_what_is_wrong_and_where() {
    for (file, from, to, told) in BROKEN {
        let desk = copy_of_form(|name, text| {
            if name == file {
                assert!(text.contains(from), "{file} has no “{from}”");
                return text.replacen(from, to, 1);
            }
            text
        });
        desk.run("forms check forms").exits(1).says(told);
    }
    Desk::new().run("forms check .").exits(2).says(&["没有表式"]);
}

#[test]
fn a_calculated_cell_holds_nothing_else() {
    let desk = copy_of_form(|_, text| text.replace("cell(form.name)", "cell('甲', calc('1 + 1', places=0))"));
    desk.run("forms check forms").exits(1).says(&["calc() 要单独作为一格的内容", "table.yaml.j2:"]);
}

#[test]
fn a_key_that_is_never_shown_is_a_remark() {
    let desk = copy_of_form(|name, text| match name {
        "schema.json" => text.replacen(
            "\"主管部门\": {",
            "\"备注\": {\"type\": [\"string\", \"null\"]},\n    \"主管部门\": {",
            1,
        ),
        _ => text,
    });
    desk.run("forms check forms").exits(0).says(&["有“备注”，表格里没有显示它"]);
}

/// The fenced block that follows a mark in a guide.
fn block(guide: &str, mark: &str) -> String {
    let (_, rest) = guide.split_once(mark).unwrap_or_else(|| panic!("the guide has no “{mark}”"));
    let (_, rest) = rest.split_once("\n```").unwrap();
    let (_, rest) = rest.split_once('\n').unwrap();
    rest.split_once("\n```").unwrap().0.to_owned() + "\n"
}

#[test]
fn the_example_of_the_guide_is_a_form_that_works() {
    let guide = |name: &str| fs::read_to_string(root().join("templates").join(name)).unwrap();
    let chinese = guide("README.zh.md");
    let mut desk = Desk::new();
    for (name, mark) in [
        ("example.yaml", "数据文件 `example.yaml`"),
        ("schema.json", "\n`schema.json`"),
        ("form.yaml", "\n`form.yaml`："),
        ("table.yaml.j2", "\n`table.yaml.j2`："),
    ] {
        desk = desk.file(&format!("我的表式/费用表/{name}"), block(&chinese, mark));
    }
    assert_eq!(block(&guide("README.md"), "## A table with"), block(&chinese, "\n`table.yaml.j2`："));
    let ran = desk.run("forms check 我的表式").exits(0);
    assert!(ran.stdout.contains("费用表\t可用，试排了 1 份示例"), "{}{}", ran.stdout, ran.stderr);
    let data = block(&chinese, "数据文件 `example.yaml`");
    let desk = desk.file("x.yaml", data);
    desk.run("render x.yaml --templates 我的表式").exits(0);
    let page = printed(&desk, 1);
    for text in ["94.40%", "96.22%", "18.50", "17.80", "2025年3月1日", "填报人：周文"] {
        assert!(page.contains(text), "no {text} in {page}");
    }
    judge("office_recalculate.py", &[&desk.path().join("output/x.xlsx")]).exits(0);
}
