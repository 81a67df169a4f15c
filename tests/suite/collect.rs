//! Volumes, workbooks and flat data of many projects, read back by pdfplumber, openpyxl, a PDF/A validator and
//! LibreOffice.

use std::path::PathBuf;
use std::sync::LazyLock;

use serde_json::Value;

use super::support::{Desk, judge, root, sample, sample_with, tool};

/// The projects in the order of their file names.
const PROJECTS: [&str; 5] = [
    "政务服务业务专项费用",
    "政务服务信息系统运行维护费用",
    "政务服务课题经费",
    "政风热线",
    "省政务服务大楼运行维护费用",
];
const DEPARTMENT: &str = "江苏省数据局";
const VOLUME: &str = "output/江苏省数据局/江苏省数据局-2024-合订本.pdf";
const BOOKS: [&str; 2] = ["output/汇总.xlsx", "output/江苏省数据局/江苏省数据局-2024-汇总.xlsx"];

/// The five published tables, rendered and collected.
static PUBLISHED: LazyLock<Desk> = LazyLock::new(|| {
    let desk = published(Desk::new());
    desk.run("render data --collect").exits(0);
    desk.run("collect data --format csv,json").exits(0);
    desk
});

fn shown(script: &str, file: &std::path::Path) -> Value {
    serde_json::from_str(&judge(script, &[file]).exits(0).stdout).unwrap()
}

/// A desk with the five published tables.
fn published(desk: Desk) -> Desk {
    let folder = root().join("data").join(DEPARTMENT);
    std::fs::read_dir(folder).unwrap().fold(desk, |desk, file| {
        let file = file.unwrap();
        let name = format!("data/{DEPARTMENT}/{}", file.file_name().to_string_lossy());
        desk.file(&name, std::fs::read(file.path()).unwrap())
    })
}

/// Three departments; one file of the second is broken.
fn three_departments() -> Desk {
    Desk::new()
        .file("data/甲局/一.yaml", sample())
        .file("data/甲局/二.yaml", sample_with("农村饮水水质监测", "水库除险").replace("33.90", "10.005"))
        .file("data/乙局/三.yaml", sample())
        .file(
            "data/乙局/坏.yaml",
            sample_with("农村饮水水质监测", "灌区改造").replace("1200份。", "<b>1200</b>份。"),
        )
        .file("data/丙局/四.yaml", sample())
}

#[test]
fn the_volume_binds_the_pages_of_each_project_as_they_are() {
    let volume = PUBLISHED.path().join(VOLUME);
    let bound = PROJECTS.map(|name| PUBLISHED.path().join(format!("output/{DEPARTMENT}/{name}.pdf")));
    let mut arguments = vec![volume.as_path()];
    arguments.extend(bound.iter().map(PathBuf::as_path));
    let facts: Value = serde_json::from_str(&judge("pdf_volume.py", &arguments).exits(0).stdout).unwrap();
    let texts = facts["texts"].as_array().unwrap();
    assert_eq!(texts.len(), 13);
    let cover = texts[0].as_str().unwrap();
    for words in [
        "江苏省省级项目预算绩效目标表",
        "合订本",
        "2024年度",
        DEPARTMENT,
        "5个",
        "4426.06 万元",
        "1991.32 万元",
    ] {
        assert!(cover.contains(words), "{words} is not on the cover:\n{cover}");
    }
    let contents = texts[1].as_str().unwrap();
    for words in ["政风热线 121.05 269.00 10", "1991.32 4426.06"] {
        assert!(contents.contains(words), "{words} is not in the contents:\n{contents}");
    }
    assert!(facts["feet"][0].is_null());
    for page in 2..=13 {
        assert_eq!(facts["feet"][page - 1], format!("第 {page} 页 / 共 13 页"));
    }
    let starts = [3, 5, 8, 10, 12];
    let links: Vec<u64> =
        facts["links"].as_array().unwrap().iter().map(|link| link["to"].as_u64().unwrap()).collect();
    assert_eq!(links, starts);
    let outline: Vec<(&str, u64)> = facts["outline"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|entry| entry["level"] == 1)
        .map(|entry| (entry["text"].as_str().unwrap(), entry["page"].as_u64().unwrap()))
        .collect();
    let wanted: Vec<(&str, u64)> =
        [("封面", 1), ("目录", 2)].into_iter().chain(PROJECTS.into_iter().zip(starts)).collect();
    assert_eq!(outline, wanted);
}

#[test]
fn the_volume_is_archival() {
    let volume = PUBLISHED.path().join(VOLUME);
    judge("pdf_archive.py", &[&volume]).exits(0);
    let said = tool("qpdf", &["--check".as_ref(), &volume]);
    assert!(said.contains("No syntax or stream encoding errors"), "{said}");
    let facts = shown("pdf_structure.py", &volume);
    assert_eq!(facts["lang"], "zh-CN");
    assert_eq!(facts["author"], DEPARTMENT);
    assert_eq!(facts["title"], "江苏省省级项目预算绩效目标表 合订本 2024年度");
}

#[test]
fn the_workbooks_have_every_sheet_set_up() {
    for name in BOOKS {
        let book = shown("xlsx_book.py", &PUBLISHED.path().join(name));
        let mut order = vec!["目录", "项目汇总", "指标明细", "问题清单", "统计"];
        order.extend(PROJECTS);
        order.push("_jixiao");
        assert_eq!(book["order"], serde_json::json!(order));
        let sheets = &book["sheets"];
        let projects = &sheets["项目汇总"];
        let rows = projects["rows"].as_array().unwrap();
        assert_eq!(rows.len(), 7);
        assert_eq!(rows[0][3], "项目名称");
        let total = &rows[6];
        assert_eq!(
            (total[7].as_f64(), total[15].as_f64(), total[16].as_f64()),
            (Some(4426.06), Some(1991.32), Some(4426.06))
        );
        assert_eq!(projects["formulas"]["Q7"], "=ROUND(SUBTOTAL(9,'项目汇总'!$Q$2:$Q$6),2)");
        assert_eq!(projects["formulas"]["R5"], "=HYPERLINK(\"#'政风热线'!A1\",\"打开\")");
        assert_eq!((&projects["frozen"], &projects["filter"]), (&"E2".into(), &"A1:R6".into()));
        for list in ["项目汇总", "指标明细", "问题清单"] {
            assert_eq!(sheets[list]["titles"], "$1:$1", "{list}");
            assert_eq!(sheets[list]["paper"], serde_json::json!(["landscape", 9]));
        }
        let indicators = sheets["指标明细"]["rows"].as_array().unwrap();
        assert_eq!(indicators.len(), 109);
        let row = |name: &str| {
            let found = indicators.iter().find(|row| row[3] == "政风热线" && row[6] == name).unwrap();
            found.as_array().unwrap()[4..].to_vec()
        };
        let wanted = serde_json::json!([
            "产出指标",
            "成本指标",
            "项目总成本",
            "≤121.05万元",
            "≤269万元",
            "≤",
            121.05,
            "万元",
            "≤",
            269,
            "万元",
            "定量"
        ]);
        assert_eq!(Value::from(row("项目总成本")), wanted);
        let choices = &sheets["问题清单"]["choices"][0];
        assert!(choices[1].as_str().unwrap().contains("已整改"), "{choices}");
        assert_eq!(sheets["统计"]["charts"], 1);
        let department = &sheets["统计"]["rows"][2];
        assert_eq!((department[1].as_u64(), department[5].as_u64()), (Some(5), Some(108)), "{department}");
    }
}

#[test]
fn libreoffice_calculates_what_is_stored() {
    for name in BOOKS {
        judge("office_recalculate.py", &[&PUBLISHED.path().join(name)]).exits(0);
    }
}

#[test]
fn flat_data_is_exact_and_harmless() {
    let read = |name: &str| std::fs::read_to_string(PUBLISHED.path().join("output").join(name)).unwrap();
    let csv = read("指标明细.csv");
    assert!(csv.starts_with("\u{feff}序号,部门,年度,项目,一级,二级,三级,半年值,全年值,"));
    assert_eq!(csv.matches("\r\n").count(), 109);
    assert!(csv.contains(",预算执行率,'=45%,'=100%,'=,45,%,'=,100,%,定量\r\n"), "{csv}");
    let projects: Vec<Value> =
        read("项目汇总.jsonl").lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(projects.len(), 5);
    assert_eq!(
        (&projects[3]["项目名称"], &projects[3]["半年计划执行数（万元）"]),
        (&"政风热线".into(), &121.05.into())
    );
    assert_eq!(read("指标明细.jsonl").lines().count(), 108);
}

#[test]
fn a_bad_project_is_named_and_the_rest_is_complete() {
    let desk = three_departments();
    desk.run("collect data").exits(1).says(&["DATA-HTML", "汇总 5 个项目，有误未编入 1", "写出 7 个文件"]);
    let facts = shown("pdf_volume.py", &desk.path().join("output/乙局/乙局-2025-合订本.pdf"));
    let contents = facts["texts"][1].as_str().unwrap();
    assert!(contents.contains("数据有误、没有编入的项目") && contents.contains("灌区改造"), "{contents}");
    assert!(facts["texts"][0].as_str().unwrap().contains("1个项目数据有误"));
    for name in ["output/汇总.xlsx", "output/乙局/乙局-2025-汇总.xlsx"] {
        let path = desk.path().join(name);
        let book = shown("xlsx_book.py", &path);
        let issues = book["sheets"]["问题清单"]["rows"].as_array().unwrap();
        // The checker's findings of the other projects stand there too.
        let issue = issues.iter().find(|row| row[3] == "DATA-HTML").unwrap();
        assert!(issues.len() > 2 || name.contains("乙局"), "{issues:?}");
        assert_eq!(
            (&issue[1], &issue[2], &issue[3]),
            (&"乙局".into(), &"灌区改造".into(), &"DATA-HTML".into())
        );
        assert!(issue[5].as_str().unwrap().contains("坏.yaml:28:11"), "{issue}");
        assert_eq!(issue[8], "待处理");
        judge("office_recalculate.py", &[&path]).exits(0);
    }
    let book = shown("xlsx_book.py", &desk.path().join("output/汇总.xlsx"));
    let rows = book["sheets"]["项目汇总"]["rows"].as_array().unwrap();
    assert_eq!(rows.len(), 6);
    // 33.90 three times and 10.005 once.
    assert_eq!(rows[5][16].as_f64(), Some(111.705));
    let two = shown("xlsx_book.py", &desk.path().join("output/甲局/甲局-2025-汇总.xlsx"));
    assert_eq!(two["sheets"]["项目汇总"]["rows"].as_array().unwrap().len(), 4);
}

#[test]
fn past_its_limits_a_volume_has_parts_and_a_list_more_sheets() {
    let settings = "[collect]\nvolume-pages = 6\nproject-sheets = 2\nsheet-rows = 30\n";
    let desk = published(Desk::new().file("jixiao.toml", settings));
    desk.run("collect data").exits(0);
    let names = desk.names("output");
    let parts: Vec<&String> = names.iter().filter(|name| name.ends_with(".pdf")).collect();
    assert_eq!(parts.len(), 3, "{names:?}");
    let part = |number: usize| {
        shown(
            "pdf_volume.py",
            &desk.path().join(format!("output/{DEPARTMENT}/{DEPARTMENT}-2024-合订本-{number}.pdf")),
        )
    };
    let (first, last) = (part(1), part(3));
    assert_eq!(first["feet"][1], "第 2 页 / 共 13 页");
    let feet = last["feet"].as_array().unwrap();
    assert_eq!(feet[feet.len() - 1], "第 13 页 / 共 13 页");
    let links = first["links"].as_array().unwrap();
    assert_eq!(links.len(), 5);
    assert!(links[4]["to"].as_str().unwrap().ends_with("-3.pdf#page=3"), "{}", links[4]);
    let path = desk.path().join(BOOKS[0]);
    let book = shown("xlsx_book.py", &path);
    let order: Vec<&str> =
        book["order"].as_array().unwrap().iter().map(|name| name.as_str().unwrap()).collect();
    // The list of findings goes on in further sheets as well; how many there are is the checker's business.
    let (more, order): (Vec<&str>, Vec<&str>) =
        order.into_iter().partition(|name| name.starts_with("问题清单("));
    assert!(more.len() >= 2, "{more:?}");
    assert_eq!(
        order,
        ["目录", "项目汇总", "指标明细", "指标明细(2)", "指标明细(3)", "指标明细(4)", "问题清单", "统计"]
    );
    let indicators = |name: &str| book["sheets"][name]["rows"].as_array().unwrap().len() - 1;
    let counts: Vec<usize> = order[2..6].iter().map(|name| indicators(name)).collect();
    assert_eq!((counts[0], counts.iter().sum::<usize>()), (29, 108));
    let link = &book["sheets"]["项目汇总"]["formulas"]["R2"];
    assert!(link.as_str().unwrap().contains("江苏省数据局/江苏省数据局-2024-项目表-1.xlsx#'"), "{link}");
    let tables = names.iter().filter(|name| name.contains("项目表")).count();
    assert_eq!(tables, 3, "{names:?}");
    judge("office_recalculate.py", &[&path]).exits(0);
    // Once the volume is whole again its parts are gone.
    desk.run("collect data --config none.toml").exits(2);
    std::fs::remove_file(desk.path().join("jixiao.toml")).unwrap();
    desk.run("collect data").exits(0);
    assert_eq!(desk.names("output").iter().filter(|name| name.ends_with(".pdf")).count(), 1);
}

#[test]
fn several_years_make_several_volumes() {
    let desk = Desk::new()
        .file("data/甲局/一.yaml", sample())
        .file("data/甲局/二.yaml", sample_with("年度: 2025", "年度: 2026"));
    desk.run("collect").exits(0);
    let names = desk.names("output/甲局");
    let wanted =
        ["甲局-2025-合订本.pdf", "甲局-2025-汇总.xlsx", "甲局-2026-合订本.pdf", "甲局-2026-汇总.xlsx"];
    assert_eq!(names, wanted);
}

#[test]
fn what_a_reviewer_wrote_is_not_overwritten() {
    let desk = three_departments();
    desk.run("collect").exits(1);
    std::thread::sleep(std::time::Duration::from_millis(20));
    let book = desk.path().join("output/汇总.xlsx");
    std::fs::write(&book, "改过").unwrap();
    desk.run("collect").exits(1).says(&["OUT-EDITED", "汇总.xlsx", "--force", "写出 6 个文件"]);
    assert_eq!(std::fs::read(&book).unwrap(), "改过".as_bytes());
    desk.run("collect --force").exits(1).says(&["写出 7 个文件"]);
    // Rendering knows the files of collections and leaves them alone.
    let ran = desk.run("render").exits(1);
    assert!(!ran.stderr.contains("--prune"), "{}", ran.stderr);
}

#[test]
fn two_collections_give_the_same_bytes() {
    let first = three_departments();
    first.run("collect --format pdf,xlsx,csv,json --jobs 2").exits(1);
    let second = three_departments();
    second.run("collect --format pdf,xlsx,csv,json --jobs 1").exits(1);
    let (first, second) = (first.given("output"), second.given("output"));
    assert_eq!(first.keys().collect::<Vec<_>>(), second.keys().collect::<Vec<_>>());
    for (name, bytes) in &first {
        assert!(second[name] == *bytes, "{name} differs");
    }
}

#[test]
fn names_from_data_stay_data() {
    let name = "=HYPERLINK(\"x\")</t>'#&<r>";
    let yaml = sample_with(
        "农村饮水水质监测\n主管",
        &format!("'{}'\n主管", name.replace('\'', "''").replace("</t>", "&lt;/t>").replace("<r>", "&lt;r>")),
    );
    let desk = Desk::new().file("data/a&b'c/一.yaml", yaml);
    desk.run("collect").exits(0);
    let path = desk.path().join("output/a&b'c/a&b'c-2025-汇总.xlsx");
    let book = shown("xlsx_book.py", &path);
    assert_eq!(book["sheets"]["项目汇总"]["rows"][1][3], name);
    judge("office_recalculate.py", &[&path]).exits(0);
    let facts = shown("pdf_volume.py", &desk.path().join("output/a&b'c/a&b'c-2025-合订本.pdf"));
    assert!(facts["texts"][0].as_str().unwrap().contains("a&b'c"));
}

#[test]
fn wrong_usage_is_told() {
    let desk = Desk::new().file("data/甲局/一.yaml", sample());
    desk.run("collect --format doc").exits(2).says(&["没有“doc”这种输出格式"]);
    desk.run("collect nowhere").exits(2).says(&["路径不存在"]);
    let desk = desk.file("data/甲局/封面.yaml", sample_with("jiangsu-project-2024", "volume-cover"));
    desk.run("collect").exits(1).says(&["没有“volume-cover”这个表式"]);
}
