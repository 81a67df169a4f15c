//! `forms`, `schema`, `new`, and forms of one's own.

use std::fs;

use super::support::{Desk, root, sample};

const FORM: &str = "jiangsu-project-2024";

/// A desk with a copy of the form under `forms/`, each file changed as asked.
pub(crate) fn copy_of_form(change: impl Fn(&str, String) -> String) -> Desk {
    let mut desk = Desk::new();
    for file in fs::read_dir(root().join("templates").join(FORM)).unwrap() {
        let file = file.unwrap();
        let name = file.file_name().into_string().unwrap();
        let text = change(&name, fs::read_to_string(file.path()).unwrap());
        desk = desk.file(&format!("forms/{FORM}/{name}"), text);
    }
    desk
}

#[test]
fn forms_are_listed_with_their_names() {
    let ran = Desk::new().run("forms").exits(0);
    assert!(
        ran.stdout.lines().any(|line| line.starts_with("jiangsu-project-2024\t江苏省省级项目预算绩效目标表"))
    );
}

#[test]
fn the_schema_is_printed_as_it_stands() {
    let printed: serde_json::Value =
        serde_json::from_str(&Desk::new().run(&format!("schema {FORM}")).exits(0).stdout).unwrap();
    let stored = fs::read_to_string(root().join("templates").join(FORM).join("schema.json")).unwrap();
    assert_eq!(printed, serde_json::from_str::<serde_json::Value>(&stored).unwrap());
    Desk::new().run("schema jiangsu").exits(2).says(&["没有“jiangsu”这个表式"]);
}

#[test]
fn a_new_file_has_the_fixed_indicators_and_becomes_a_table_when_filled_in() {
    let desk = Desk::new();
    desk.run(&format!("new {FORM} -o a/x.yaml")).exits(0);
    let text = fs::read_to_string(desk.path().join("a/x.yaml")).unwrap();
    let fixed = [
        "立项依据充分性",
        "立项程序规范性",
        "绩效目标合理性",
        "绩效指标明确性",
        "预算编制科学性",
        "资金分配合理性",
        "资金到位率",
        "预算执行率",
        "资金使用合规性",
        "管理制度健全性",
        "制度执行有效性",
    ];
    for name in fixed {
        assert_eq!(text.matches(&format!("{{指标: {name}, ")).count(), 1, "{name}");
    }
    // Nothing is filled in yet: every place that must be is named.
    let ran = desk.run("render a").exits(1);
    assert_eq!(ran.stderr.matches("不能为空").count(), 12, "{}", ran.stderr);
    let filled: String = text
        .lines()
        .map(|line| {
            let (key, comment) = line.split_once("  # ").unwrap_or((line, ""));
            let name = key.trim().trim_end_matches(':');
            let value = match name {
                "年度" => " 2025",
                "项目名称" => " 甲",
                _ if ["资金总额", "其他资金", "社保基金", "国有资本金", "政府性基金"].contains(&name) => {
                    " 0"
                }
                _ if name.ends_with("资金") && key.starts_with("    ") => " 0",
                _ => "",
            };
            let key =
                key.replace("半年计划执行数: \"\", 全年预算数: \"\"", "半年计划执行数: 0, 全年预算数: 0");
            format!("{key}{value}  # {comment}\n")
        })
        .collect();
    fs::write(desk.path().join("a/x.yaml"), filled).unwrap();
    desk.run("render a").exits(0);
    assert_eq!(desk.outputs(), ["x.pdf", "x.xlsx"]);
    desk.run(&format!("new {FORM} -o a/x.yaml")).exits(2).says(&["已经存在"]);
}

#[test]
fn a_folder_of_ones_own_goes_before_the_built_in_form() {
    let desk = copy_of_form(|_, text| text.replace("江苏省省级项目预算绩效目标表", "某省项目绩效目标表"));
    let desk = desk.file("x.yaml", sample());
    desk.run("render x.yaml --templates forms").exits(0);
    let text = super::support::tool("pdftotext", &[&desk.path().join("output/x.pdf"), "-".as_ref()]);
    assert!(text.contains("某省项目绩效目标表"), "{text}");
}

#[test]
fn data_files_pass_a_stock_yaml_and_json_schema_pair() {
    let schema = root().join("templates").join(FORM).join("schema.json");
    let mut files = vec![schema];
    for file in walkdir::WalkDir::new(root().join("data")).sort_by_file_name() {
        let path = file.unwrap().into_path();
        let of_this_form = || fs::read_to_string(&path).unwrap().contains(&format!("表式: {FORM}"));
        if path.extension().is_some_and(|extension| extension == "yaml") && of_this_form() {
            files.push(path);
        }
    }
    assert!(files.len() >= 6);
    let paths: Vec<_> = files.iter().map(std::path::PathBuf::as_path).collect();
    super::support::judge("schema_pair.py", &paths).exits(0);
}
