//! Workbooks read back into the data that they were made from, as they were written and as a person changed them.

use std::path::Path;
use std::sync::LazyLock;

use jixiao::batch::{Desk as Press, DeskOptions, Format};
use jixiao::diag::{DataPath, Finding};
use jixiao::import::Harvest;
use jixiao::import::workbook::{self, Table, Workbook};
use jixiao::yaml::Data;
use jixiao::{DrawOptions, draw, load};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};

use super::support::{Desk, judge, root, sample, sample_with};

/// Forms and fonts, read once.
static PRESS: LazyLock<Press> = LazyLock::new(|| Press::new(DeskOptions::default()));

/// The workbook of a data file's text; `None` when the data is refused.
fn drawn(text: &str) -> Option<Vec<u8>> {
    let options = DrawOptions { formats: vec![Format::Xlsx], ..DrawOptions::default() };
    let drawn = draw(&PRESS, Path::new("data.yaml"), text.to_owned(), &options).ok()?;
    drawn.files.into_iter().map(|(_, bytes)| bytes).next()
}

fn read(bytes: &[u8]) -> Result<Workbook, Finding> {
    workbook::read(Path::new("book.xlsx"), bytes, PRESS.library())
}

/// The one table of a workbook that has a map.
#[track_caller]
fn mapped(bytes: &[u8]) -> Harvest {
    let mut workbook = read(bytes).unwrap();
    assert_eq!((workbook.tables.len(), workbook.remarks.len()), (1, 0), "{:?}", workbook.remarks);
    match workbook.tables.remove(0) {
        Table::Mapped { harvest, .. } => harvest,
        Table::Found { remarks, .. } => panic!("{remarks:?}"),
    }
}

/// The data of a data file without what is blank.
fn typed(text: &str) -> Data {
    full(&Data::from(&*load::parse(Path::new("data.yaml"), text.to_owned()).unwrap().root))
}

/// Data without what is blank, mappings in the order of their keys.
fn full(data: &Data) -> Data {
    match data {
        Data::Null | Data::Text(_) => data.clone(),
        Data::List(items) => Data::List(items.iter().map(full).filter(|item| !item.is_blank()).collect()),
        Data::Map(entries) => {
            let entries = entries.iter().map(|(key, value)| (key.clone(), full(value)));
            let mut entries: Vec<_> = entries.filter(|(_, value)| !value.is_blank()).collect();
            entries.sort_by(|one, other| one.0.cmp(&other.0));
            Data::Map(entries)
        }
    }
}

#[track_caller]
fn comes_back(text: &str) {
    let bytes = drawn(text).unwrap_or_else(|| panic!("refused: {text:.2000}"));
    let harvest = mapped(&bytes);
    assert_eq!(full(&harvest.data), typed(text));
    assert!(harvest.remarks.is_empty() && harvest.unplaced.is_empty(), "{harvest:?}");
}

#[test]
fn workbooks_of_data_files_give_the_data_again() {
    let files = ["data", "tests/cases"].map(|folder| walkdir::WalkDir::new(root().join(folder)));
    let files = files.into_iter().flatten().map(|entry| entry.unwrap().into_path());
    let mut count = 0;
    for file in files.filter(|path| path.extension().is_some_and(|extension| extension == "yaml")) {
        let Ok(text) = load::read(&file) else { continue };
        if drawn(&text).is_some() {
            comes_back(&text);
            count += 1;
        }
    }
    assert!(count >= 12, "{count}");
}

#[test]
fn any_text_comes_back() {
    let long = "绩效".repeat(20_000);
    let marked = format!("&lt;r>{}&lt;/r>", "a".repeat(7_000));
    for words in [
        "=SUM(A1)",
        "@x",
        "+1",
        "'quoted'",
        "\"quoted\"",
        "0301",
        "33.90",
        "1e3",
        "TRUE",
        "#REF!",
        " 前后 ",
        "　全角　",
        "a\tb",
        "a\nb",
        "a\n\nb",
        "a\r\nb",
        "a\rb",
        "末\n",
        "<p>一</p><p>二</p>",
        "a<br>b",
        "a&nbsp;b",
        "&lt;p&gt;",
        "a < b",
        "<5%",
        "_x000D_",
        "_x005F_x000D_",
        "_x4E00_",
        "\u{a0}",
        "\u{2028}行",
        "👨\u{200d}👩\u{200d}👧",
        "𠮷野家",
        "e\u{301}",
        "&lt;r>a&lt;/r>",
        "2024-03-01",
        "95%",
        &long,
        &marked,
    ] {
        let text = serde_json::to_string(words).unwrap();
        comes_back(&sample_with("依据《农村供水条例》开展监测。", &text));
        if !words.contains(['<', '&']) || words == "<5%" {
            comes_back(&sample_with("农村饮水水质监测", &text));
            comes_back(&sample_with("周清", &text));
        }
    }
}

fn amount() -> impl Strategy<Value = String> {
    prop_oneof![
        "[1-9][0-9]{0,3}",
        "[0-9]{1,3}\\.[0-9]{1,4}",
        "0{1,3}[0-9]{1,2}\\.[0-9]0",
        "-?[1-9][0-9]{14,17}"
    ]
}

fn text() -> impl Strategy<Value = String> {
    let pieces = prop_oneof![
        4 => "[一-龥]{1,8}",
        2 => "[ -~]{1,12}",
        1 => any::<char>().prop_map(String::from),
        1 => prop::sample::select(vec![
            "<p>", "</p>", "<br>", "&amp;", "&nbsp;", "\t", "\n", "\r", " ", "年", "_x000D_", "=", "'", "<r>", "</r>", "𠮷",
            "\u{200b}", "\u{85}", "…",
        ])
        .prop_map(str::to_owned),
    ];
    prop::collection::vec(pieces, 0..5).prop_map(|pieces| pieces.concat())
}

fn project() -> impl Strategy<Value = Value> {
    let expense = (text(), amount(), amount())
        .prop_map(|(name, half, year)| json!({"名称": name, "半年计划执行数": half, "全年预算数": year}));
    let indicator = (text(), text(), text())
        .prop_map(|(name, half, year)| json!({"指标": name, "半年": half, "全年": year}));
    let expenses = prop::collection::vec(expense, 1..4);
    let indicators = prop::collection::vec(indicator, 0..4);
    let texts = prop::array::uniform10(text());
    (texts, prop::array::uniform8(amount()), expenses, indicators, prop::option::of("20[0-9]{2}年?"))
        .prop_map(|(texts, amounts, expenses, indicators, begin)| {
            let sources = [
                "资金总额",
                "一般公共预算资金",
                "政府性基金",
                "国有资本金",
                "社保基金",
                "财政专户管理资金",
                "上年结转资金",
                "其他资金",
            ];
            let income: serde_json::Map<String, Value> = sources
                .iter()
                .zip(amounts)
                .map(|(name, amount)| ((*name).to_owned(), amount.into()))
                .collect();
            let names = [
                "主管部门",
                "项目类型",
                "实施单位",
                "项目负责人",
                "联系电话",
                "立项必要性",
                "实施可行性",
                "项目实施内容",
                "年度目标",
            ];
            let mut project = json!({"表式": "jiangsu-project-2024", "年度": "2024", "开始时间": begin});
            project["项目名称"] = format!("项目{}", texts[9]).into();
            for (name, text) in names.iter().zip(&texts) {
                project[*name] = text.as_str().into();
            }
            for name in ["项目级次", "完成时间", "中长期目标"] {
                project[name] = Value::Null;
            }
            project["项目资金"] = json!({"收入": income, "支出": expenses});
            project["绩效指标"] = json!({"产出指标": {"数量指标": indicators}});
            project
        })
}

#[test]
fn generated_projects_come_back() {
    let mut runner = TestRunner::new(Config { cases: 250, failure_persistence: None, ..Config::default() });
    let accepted = std::cell::Cell::new(0);
    runner
        .run(&project(), |project| {
            let text = project.to_string();
            let Some(bytes) = drawn(&text) else { return Ok(()) };
            accepted.set(accepted.get() + 1);
            let harvest = mapped(&bytes);
            prop_assert_eq!(full(&harvest.data), typed(&text));
            prop_assert!(harvest.remarks.is_empty() && harvest.unplaced.is_empty(), "{:?}", harvest);
            Ok(())
        })
        .unwrap();
    assert!(accepted.get() > 60, "{}", accepted.get());
}

/// Opens the workbook of the sample with openpyxl, as a stand-in for a person, and saves what a script makes of it.
fn edited(script: &str) -> Vec<u8> {
    changed(&drawn(&sample()).unwrap(), script)
}

/// The same with any workbook.
fn changed(bytes: &[u8], script: &str) -> Vec<u8> {
    let desk = Desk::new().file("in.xlsx", bytes);
    let (from, to) = (desk.path().join("in.xlsx"), desk.path().join("out.xlsx"));
    judge("edit_book.py", &[&from, &to, Path::new(script)]).exits(0);
    std::fs::read(to).unwrap()
}

#[test]
fn what_a_person_changed_is_read() {
    let harvest = mapped(&edited("pass"));
    assert_eq!(full(&harvest.data), typed(&sample()));
    let script = "find('周清').value = '李四 025-1'; find('33.9').value = 34.5; find('农村饮水水质监测').value = '=\"a\"'; \
                  sheet['H1'] = '批注'";
    let harvest = mapped(&edited(script));
    let at = |key: &str| harvest.data.get(key).cloned();
    assert_eq!(at("项目负责人"), Some(Data::Text("李四".to_owned())));
    assert_eq!(at("联系电话"), Some(Data::Text("025-1".to_owned())));
    assert_eq!(at("项目名称"), Some(Data::Null));
    let total =
        harvest.data.get("项目资金").and_then(|data| data.get("收入")).and_then(|data| data.get("资金总额"));
    assert_eq!(total, Some(&Data::Text("34.5".to_owned())));
    let unplaced: Vec<&str> = harvest.unplaced.iter().map(|unplaced| unplaced.text.as_str()).collect();
    assert_eq!(unplaced, ["批注", "=\"a\""]);
    assert!(
        harvest.remarks.iter().any(|(_, remark)| remark.contains("没有它的结果")),
        "{:?}",
        harvest.remarks
    );
}

#[test]
fn a_workbook_that_was_filled_in_is_read() {
    let form = PRESS.library().form("jiangsu-project-2024").unwrap().unwrap();
    let blank = jixiao::fill_in(&PRESS, &form, 2).unwrap();
    let untouched = mapped(&blank);
    assert!(untouched.remarks.is_empty() && untouched.unplaced.is_empty(), "{untouched:?}");
    assert_eq!(untouched.data.get("项目名称"), None);
    let script = "put('/项目名称', ' 甲项目'); put('/开始时间', 2024); put('/项目负责人', '李四'); put('/联系电话', '025-1'); \
                  put('/项目资金/收入/资金总额', 33.9); put('/项目资金/支出/1/名称', '乙'); \
                  put('/项目资金/支出/1/全年预算数', '1,000'); put('/绩效指标/产出指标/数量指标/1/指标', '次数'); \
                  put('/年度目标', '一\\n二')";
    let harvest = mapped(&changed(&blank, script));
    assert!(harvest.remarks.is_empty() && harvest.unplaced.is_empty(), "{harvest:?}");
    let at = |path: &str| match harvest.data.at(&DataPath::parse(path)) {
        Some(Data::Text(text)) => text.clone(),
        other => format!("{other:?}"),
    };
    for (path, text) in [
        ("表式", "jiangsu-project-2024"),
        ("项目名称", " 甲项目"),
        ("开始时间", "2024"),
        ("项目负责人", "李四"),
        ("联系电话", "025-1"),
        ("项目资金.收入.资金总额", "33.9"),
        ("项目资金.收入.其他资金", "None"),
        ("项目资金.支出[0].名称", "乙"),
        ("项目资金.支出[0].全年预算数", "1,000"),
        ("项目资金.支出[0].半年计划执行数", "None"),
        ("项目资金.支出[1]", "None"),
        ("绩效指标.产出指标.数量指标[0].指标", "次数"),
        ("绩效指标.产出指标.数量指标[1]", "None"),
        ("年度目标", "一\n二"),
    ] {
        assert_eq!(at(path), text, "{path}");
    }
}

#[test]
fn a_sheet_whose_rows_moved_is_read_by_its_labels() {
    let bytes = edited("sheet.insert_rows(9)");
    let workbook = read(&bytes).unwrap();
    let [Table::Found { found, remarks }] = workbook.tables.as_slice() else { panic!("{workbook:?}") };
    assert!(remarks[0].1.contains("插入或删除过行"), "{remarks:?}");
    assert!(found.cells.iter().any(|cell| cell.text == "农村饮水水质监测"));
}

#[test]
fn renamed_and_copied_sheets_are_read() {
    let harvest = mapped(&edited("sheet.title = '改名'"));
    assert_eq!(full(&harvest.data), typed(&sample()));
    let workbook = read(&edited("copy = book.copy_worksheet(sheet); copy['B3'] = '另一个项目'")).unwrap();
    let names: Vec<Option<&Data>> = workbook
        .tables
        .iter()
        .map(|table| match table {
            Table::Mapped { harvest, .. } => harvest.data.get("项目名称"),
            Table::Found { remarks, .. } => panic!("{remarks:?}"),
        })
        .collect();
    let text = |text: &str| Data::Text(text.to_owned());
    assert_eq!(names, [Some(&text("农村饮水水质监测")), Some(&text("另一个项目"))]);
}

#[test]
fn maps_of_other_versions_and_forms_are_told() {
    let map = "sheet = book['_jixiao']; ";
    let newer = read(&edited(&format!("{map}sheet['E1'] = '3'"))).unwrap_err();
    assert!(newer.message.contains("更新版本"), "{newer:?}");
    let damaged = read(&edited(&format!("{map}sheet['A1'] = 'x'"))).unwrap();
    assert!(matches!(damaged.tables.as_slice(), [Table::Found { .. }]) && damaged.remarks.len() == 1);
    let unknown = read(&edited(&format!("{map}find('jiangsu-project-2024').value = 'other'"))).unwrap();
    let [Table::Found { remarks, .. }] = unknown.tables.as_slice() else { panic!("{unknown:?}") };
    assert!(remarks[0].1.contains("没有“other”这个表式"), "{remarks:?}");
    let other = mapped(&edited(&format!("{map}find('2024.1').value = '2031.1'")));
    assert!(other.remarks[0].1.contains("2031.1 版"), "{:?}", other.remarks);
    // Layout 1 had no `sheet` row.
    let first = mapped(&edited(&format!("{map}sheet['E1'] = '1'; sheet.delete_rows(2)")));
    assert_eq!(full(&first.data), typed(&sample()));
}

#[test]
fn paths_of_a_hostile_map_cost_nothing() {
    let with = |path: &str| {
        let script = format!(
            "sheet = book['_jixiao']; last = sheet.max_row; sheet.cell(last + 1, 1, 'unprinted'); \
             sheet.cell(last + 1, 4, {path}); sheet.cell(last + 1, 5, 'v')"
        );
        edited(&script)
    };
    for (path, unplaced) in [("'/a/99999999999999'", 0), ("'/项目名称/x'", 1)] {
        let harvest = mapped(&with(path));
        assert_eq!(harvest.data.get("项目名称"), Some(&Data::Text("农村饮水水质监测".to_owned())));
        assert_eq!(harvest.unplaced.len(), unplaced, "{path}");
    }
    let workbook = read(&with("'/a' * 9000")).unwrap();
    assert!(matches!(workbook.tables.as_slice(), [Table::Found { .. }]), "{workbook:?}");
}

#[test]
fn tables_of_a_workbook_of_many_projects_are_read() {
    let other = sample_with("农村饮水水质监测", "水库除险").replace("33.90", "33.9");
    let desk = Desk::new().file("data/甲局/一.yaml", sample()).file("data/甲局/二.yaml", &other);
    desk.run("collect data").exits(0);
    let names = desk.names("output");
    let books: Vec<&String> = names.iter().filter(|name| name.ends_with("汇总.xlsx")).collect();
    assert_eq!(books.len(), 2, "{names:?}");
    for name in books {
        let workbook = read(&std::fs::read(desk.path().join("output").join(name)).unwrap()).unwrap();
        let [Table::Mapped { harvest: first, .. }, Table::Mapped { harvest: second, .. }] =
            workbook.tables.as_slice()
        else {
            panic!("{name}: {workbook:?}")
        };
        assert_eq!([full(&first.data), full(&second.data)], [typed(&sample()), typed(&other)], "{name}");
        assert!(workbook.remarks.is_empty(), "{:?}", workbook.remarks);
    }
}
