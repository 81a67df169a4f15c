//! Published tables as text into data files, and the command around it.

use std::path::Path;

use jixiao::batch::{Desk as Forms, DeskOptions};
use jixiao::diag::DataPath;
use jixiao::import::{Found, FoundCell, Harvest, LabelReader, cells};
use jixiao::load;
use jixiao::yaml::{self, Data};

use super::support::{Desk, judge, root, sample};

const DEPARTMENT: &str = "江苏省数据局";
const TITLE: &str = "江苏省省级项目预算绩效目标表";

fn published() -> String {
    std::fs::read_to_string(root().join("tests/imports/published-2024.txt")).unwrap()
}

/// The published tables one by one, each from its title on.
fn tables() -> Vec<String> {
    published().split(TITLE).skip(1).map(|table| format!("{TITLE}{table}")).collect()
}

fn read(text: &str) -> Vec<Harvest> {
    let forms = Forms::new(DeskOptions::default());
    LabelReader::new(forms.library(), None).unwrap().read(&cells(text))
}

/// The one table of a text.
#[track_caller]
fn one(text: &str) -> Harvest {
    let mut harvests = read(text);
    assert_eq!(harvests.len(), 1, "{harvests:?}");
    harvests.remove(0)
}

fn stored(name: &str) -> String {
    load::read(&root().join("data").join(DEPARTMENT).join(format!("{name}.yaml"))).unwrap()
}

fn name(data: &Data) -> String {
    data.get("项目名称").unwrap().text().unwrap().to_owned()
}

fn left(harvest: &Harvest) -> Vec<String> {
    harvest.unplaced.iter().map(|left| format!("{} {}", left.spot, left.text)).collect()
}

#[test]
fn the_published_tables_become_the_data_files() {
    let forms = Forms::new(DeskOptions::default());
    let harvests = read(&published());
    assert_eq!(harvests.len(), 5);
    for harvest in harvests {
        let name = name(&harvest.data);
        let text = stored(&name);
        let document = load::parse(Path::new("x.yaml"), text.clone()).unwrap();
        assert_eq!(harvest.data, Data::from(&*document.root), "{name}");
        assert_eq!(harvest.unplaced, [], "{name}");
        let form = forms.form(&document).unwrap();
        assert_eq!(yaml::write(&form, &harvest.data, &[]), text.split_once('\n').unwrap().1, "{name}");
    }
}

#[test]
fn the_command_writes_the_data_files_of_the_department() {
    let desk = Desk::new().file("公布表.txt", published());
    let ran = desk.run(&format!("import 公布表.txt --department {DEPARTMENT}")).exits(0);
    insta::assert_snapshot!("import_published", ran.stderr);
    assert_eq!(ran.stdout, "");
    let files = desk.files("data");
    assert_eq!(files.len(), 5);
    let mut paths = vec![root().join("templates/jiangsu-project-2024/schema.json")];
    for (path, bytes) in files {
        let text = String::from_utf8(bytes).unwrap();
        let original = load::read(&root().join("data").join(&path)).unwrap();
        let (head, body) = text.split_once('\n').unwrap();
        assert!(head.starts_with("# 导入自 公布表.txt，第"), "{head}");
        assert_eq!(body, original.split_once('\n').unwrap().1, "{path}");
        paths.push(desk.path().join("data").join(path));
    }
    let paths: Vec<&Path> = paths.iter().map(AsRef::as_ref).collect();
    judge("schema_pair.py", &paths).exits(0);
    // Without a name the tables' own department is the folder, in each spelling that they have.
    desk.run("import 公布表.txt -o own").exits(0);
    let mut folders: Vec<String> =
        desk.names("own").iter().map(|name| name.split('/').next().unwrap().to_owned()).collect();
    folders.dedup();
    assert_eq!(folders, ["江苏省数据局 (政务服务管理 办公室)", "江苏省数据局（政务服务管理办公室）"]);
}

#[test]
fn a_text_may_come_from_windows_and_in_half_width() {
    for table in tables() {
        let plain = one(&table);
        let marked = format!("\u{feff}{}", table.replace('\n', "\r\n"));
        let desk = Desk::new().file("a.txt", marked).file("b.txt", &table);
        desk.run("import a.txt --department a -q").exits(0);
        desk.run("import b.txt --department b -q").exits(0);
        let [a, b] =
            ["a", "b"].map(|folder| desk.files(&format!("data/{folder}")).into_values().next().unwrap());
        let body = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap().split_once('\n').unwrap().1.to_owned();
        assert_eq!(body(a), body(b));
        // Labels alone: the brackets of values are what was published.
        let half: String = table
            .lines()
            .map(|line| {
                let fields: Vec<String> = line
                    .split('\t')
                    .map(|field| {
                        let label = field.contains("程）") || field.contains("（万元");
                        if label {
                            field.replace('（', "(").replace('）', ")").replace(' ', "")
                        } else {
                            field.to_owned()
                        }
                    })
                    .collect();
                fields.join("\t") + "\n"
            })
            .collect();
        assert!(!half.contains("（程）"));
        assert_eq!(one(&half).data, plain.data);
    }
}

#[test]
fn what_stands_around_tables_is_kept_apart() {
    let tables = tables();
    let text =
        format!("附件2\n\n{}\n\n第 1 页 共 9 页\n备注：\t单位\t万元\n\n{}\n表后说明\n", tables[0], tables[4]);
    let harvests = read(&text);
    assert_eq!(harvests.len(), 2);
    assert_eq!(harvests[0].data, one(&tables[0]).data);
    assert_eq!(harvests[1].data, one(&tables[4]).data);
    let end = 4 + tables[0].lines().count();
    let wanted = [
        "第1行第1列 附件2".to_owned(),
        format!("第{}行第1列 第 1 页 共 9 页", end + 1),
        format!("第{}行第1列 备注：", end + 2),
        format!("第{}行第2列 单位", end + 2),
        format!("第{}行第3列 万元", end + 2),
    ];
    assert_eq!(left(&harvests[0]), wanted);
    assert!(left(&harvests[1])[0].ends_with("第1列 表后说明"), "{:?}", left(&harvests[1]));
}

#[test]
fn tables_without_a_title_are_told_apart_by_their_first_rows() {
    let bodies: Vec<String> =
        tables().iter().map(|table| table.replace(TITLE, "").replace("2024年度", "")).collect();
    let harvests = read(&bodies.concat());
    assert_eq!(harvests.len(), 5);
    for (harvest, table) in harvests.iter().zip(tables()) {
        let mut wanted = one(&table).data;
        wanted.set(&DataPath::root().key("年度"), Data::Null);
        assert_eq!(harvest.data, wanted);
    }
}

#[test]
fn a_header_or_title_that_stands_again_on_the_next_page_is_no_value() {
    let table = &tables()[0];
    let header = table.lines().find(|line| line.starts_with("一级指标")).unwrap();
    let at = table.find("\t组织实施").unwrap();
    for again in [format!("{header}\n"), format!("{TITLE}\n2024年度\n\n{header}\n")] {
        let harvest = one(&format!("{}{again}{}", &table[..at], &table[at..]));
        assert_eq!(harvest.data, one(table).data);
        assert_eq!(harvest.unplaced, []);
    }
}

#[test]
fn rows_that_are_missing_strange_or_moved_are_named() {
    let table = &tables()[0];
    let dropped = table
        .lines()
        .filter(|line| !line.contains("政府性基金") && !line.starts_with("年度目标"))
        .map(|line| format!("{line}\n"))
        .collect::<String>();
    let strange = dropped.replace("中长期目标\t", "绩效管理员\t李某\t025-1\n中长期目标\t");
    let moved = strange.replace("项目类型\t常年安排项目\t\t项目级次\t省本级\n", "")
        + "\n项目类型\t常年安排项目\t\t项目级次\t省本级\n";
    let desk = Desk::new().file("a.txt", moved);
    let ran = desk.run("import a.txt --department 甲").exits(1);
    insta::assert_snapshot!("import_findings", ran.stderr);
    let text = String::from_utf8(desk.files("data").into_values().next().unwrap()).unwrap();
    insta::assert_snapshot!("import_marked_file", text);
}

#[test]
fn two_values_that_cannot_be_told_apart_are_left_to_a_person() {
    let table = tables()[0].replace("孙卓 025-83660026", "孙卓3组 王旭 025-83660026");
    let harvest = one(&table);
    assert_eq!(harvest.data.get("项目负责人"), Some(&Data::Null));
    assert_eq!(left(&harvest), ["第8行第5列 孙卓3组 王旭 025-83660026"]);
    assert_eq!(harvest.remarks.len(), 3, "{:?}", harvest.remarks);
}

#[test]
fn a_workbook_of_someone_elses_is_found_by_its_labels() {
    let forms = Forms::new(DeskOptions::default());
    let reader = LabelReader::new(forms.library(), None).unwrap();
    for text in [stored("政风热线"), stored("政务服务课题经费"), sample()] {
        let document = load::parse(Path::new("x.yaml"), text).unwrap();
        let press = forms.press(&document).unwrap();
        let grid = press.layouter().grid(&document).unwrap();
        let mut wanted = Data::from(&*document.root);
        if let Data::Map(entries) = &mut wanted {
            entries.retain(|(key, _)| key != "豁免" && key != "未识别");
        }
        // Every form column becomes two, a serial number stands before them and a remark behind, two rows above.
        for merged in [true, false] {
            let mut found = Found { sheet: Some("表".to_owned()), cells: Vec::new() };
            let mut put = |row: usize, column: usize, rows: usize, columns: usize, text: String| {
                found.cells.push(FoundCell { row, column, rows, columns, text });
            };
            for (index, heading) in grid.headings.iter().enumerate() {
                put(index + 1, 1, 1, 12, heading.text());
            }
            for cell in &grid.cells {
                let (rows, columns) = if merged { (cell.rowspan, 2 * cell.colspan) } else { (1, 1) };
                // Where nothing is merged, people repeat a group's name on each row.
                for row in 0..if merged { 1 } else { cell.rowspan } {
                    put(cell.row + 4 + row, 2 * cell.col + 2, rows, columns, cell.text());
                }
            }
            put(5, 12, 1, 1, "请核对".to_owned());
            let harvests = reader.read(&found);
            assert_eq!(harvests.len(), 1);
            assert_eq!(harvests[0].data, wanted, "merged: {merged}");
            assert_eq!(left(&harvests[0]), ["工作表“表”第5行第12列 请核对"]);
        }
    }
}

#[test]
fn files_that_are_there_are_kept_replaced_or_updated() {
    let desk = Desk::new().file("a.txt", &tables()[0]);
    let import = |options: &str| desk.run(&format!("import a.txt --department 甲 {options}"));
    let path = desk.path().join("data/甲/政风热线.yaml");
    import("").exits(0);
    let written = std::fs::read_to_string(&path).unwrap();
    insta::assert_snapshot!("import_exists", import("").exits(1).stderr);
    insta::assert_snapshot!("import_unchanged", import("--update").exits(0).stderr);
    assert_eq!(std::fs::read_to_string(&path).unwrap(), written);
    // What a person added stays; what differs is taken from the table.
    let touched = written
        .replace("省本级", "省对市县转移支付  # 待定")
        .replace("{指标: 直播计划完成率, ", "{指标: 直播计划完成率, 类型: 比率, ")
        + "豁免:\n  # 理由充分\n  - {规则: PB-01, 理由: 内部稿}\n";
    std::fs::write(&path, &touched).unwrap();
    insta::assert_snapshot!("import_updated", import("--update").exits(0).stderr);
    let wanted = touched.replace("省对市县转移支付  # 待定", "省本级  # 待定");
    assert_eq!(std::fs::read_to_string(&path).unwrap(), wanted);
    import("--force").exits(0);
    assert_eq!(std::fs::read_to_string(&path).unwrap(), written);
    std::fs::write(&path, "表式: 别的\n").unwrap();
    insta::assert_snapshot!("import_other_form", import("--update").exits(1).stderr);
    std::fs::write(&path, "表式: [\n").unwrap();
    import("--update").exits(1).says(&["YAML 语法错误"]);
    import("--update --force").exits(2).says(&["不能重复，也不能与相冲突的选项一起用"]);
}

#[test]
fn tables_of_one_name_are_all_kept() {
    let text = format!("{0}\n{0}", tables()[4]);
    let desk = Desk::new().file("a.txt", &text).file("b.txt", &tables()[4]);
    let ran = desk.run("import a.txt b.txt --department 甲").exits(0);
    insta::assert_snapshot!("import_numbered", ran.stderr);
    let names = ["甲/政务服务课题经费-2.yaml", "甲/政务服务课题经费-3.yaml", "甲/政务服务课题经费.yaml"];
    assert_eq!(desk.names("data"), names);
    desk.run("import a.txt b.txt --department 甲 --update").exits(0).says(&["3 张没有变化"]);
}

#[test]
fn names_from_tables_never_leave_the_folder() {
    let table = tables()[0]
        .replace("项目名称\t政风热线", "项目名称\t../../x:y")
        .replace("主管部门\t江", "主管部门\t../江");
    let desk = Desk::new().file("in/a.txt", table);
    desk.run("import in/a.txt -o in/data").exits(0);
    assert_eq!(desk.names("in/data").len(), 1);
    assert!(desk.names("in/data")[0].ends_with("..／..／x：y.yaml"), "{:?}", desk.names("in/data"));
}

#[test]
fn files_that_cannot_be_read_are_named_and_the_others_imported() {
    let desk = Desk::new()
        .file("book.txt", b"PK\x03\x04rest")
        .file("print.txt", b"%PDF-1.7\n")
        .file("old.xls", [0xd0, 0xcf, 0x11, 0xe0, 0xa1])
        .file("gbk.txt", [0xcf, 0xee, 0xc4, 0xbf, b'\n'])
        .file("empty.txt", "")
        .file("prose.txt", "关于做好预算编制工作的通知\n各处室：\n")
        .file("control.txt", tables()[0].replace("政风热线\t", "政风\u{7}热线\t"))
        .file("pages.txt", tables()[0].replace("\n\n", "\n\u{c}\n"));
    let ran = desk
        .run("import book.txt print.txt old.xls gbk.txt empty.txt prose.txt control.txt none.txt pages.txt -o out")
        .exits(1);
    insta::assert_snapshot!("import_unreadable", ran.stderr);
    assert_eq!(desk.names("out").len(), 1);
}

#[test]
fn machines_read_json_lines_and_quiet_says_only_what_counts() {
    let table = tables()[4].replace("朱贤 025-83660105", "朱贤025-83660105") + "\n表后说明\n";
    let desk = Desk::new().file("a.txt", table).file("b.txt", "甲\n");
    let ran = desk.run("import a.txt b.txt --json -q --department 甲").exits(1);
    assert_eq!(ran.stderr, "");
    insta::assert_snapshot!("import_json", ran.stdout);
    let quiet = desk.run("import a.txt b.txt --force --department 甲 -q").exits(1);
    assert!(quiet.stderr.starts_with("错误[IMPORT-NONE]"), "{}", quiet.stderr);
    assert_eq!(quiet.stderr.matches("错误").count(), 1);
    let told = desk.run("import a.txt --force --department 甲").exits(0);
    insta::assert_snapshot!("import_remarks", told.stderr);
}

#[test]
fn the_form_may_be_named_and_help_is_chinese() {
    let desk = Desk::new().file("a.txt", &tables()[0]);
    desk.run("import a.txt --form jiangsu-project-2024 -q").exits(0);
    desk.run("import a.txt --form jiangsu-project")
        .exits(2)
        .says(&["没有“jiangsu-project”这个表式", "是不是"]);
    desk.run("import").exits(2).says(&["缺少必填的参数"]);
    insta::assert_snapshot!("import_help", desk.run("import --help").exits(0).stdout);
}

/// Texts that a stock reader would take for something else, in every place where the writer puts texts.
#[test]
fn a_stock_reader_finds_the_texts_that_were_written() {
    let texts = [
        "",
        "~",
        "null",
        "true",
        "No",
        "off",
        "y",
        "0301",
        "33.90",
        "121.05",
        "269",
        "-3",
        "1e5",
        "1_000",
        "12:30",
        "0x1F",
        "2024-01-01",
        "2024-01-01 10:00:00",
        "=",
        "<<",
        "=45%",
        "≥6期",
        "025-83660026",
        "010-12345678-801",
        ".5",
        "5.",
        "+5",
        ".inf",
        "- 甲",
        "-甲",
        "? 甲",
        "甲: 乙",
        "甲:乙",
        "甲 #乙",
        "#甲",
        " 甲",
        "甲 ",
        "\u{a0}甲",
        "甲\u{2028}乙",
        "甲\t乙",
        "甲\r乙",
        "'甲'",
        "\"甲\"",
        "\\甲",
        "%甲",
        "@甲",
        "`甲",
        "甲,乙",
        "[甲]",
        "{甲}",
        "&甲",
        "*甲",
        "!甲",
        "|",
        ">",
        "---",
        "...",
        "甲\n乙",
        "甲\n乙\n",
        "甲\n\n乙\n\n",
        " 甲\n乙",
        "\n甲",
        "甲\n  \n乙",
        "<p>甲</p>",
        "😀",
        "𠮷",
        "12345678901234567890",
    ];
    let mut data = Data::default();
    for (index, text) in texts.into_iter().enumerate() {
        let at = DataPath::root().key(format!("k{index}"));
        let text = || Data::Text(text.to_owned());
        data.set(&at.key("block"), text());
        data.set(&at.key("list").index(0), text());
        data.set(&at.key("items").index(0).key("flow"), text());
        data.set(&at.key("items").index(0).key("other"), Data::Null);
    }
    let forms = Forms::new(DeskOptions::default());
    let form = forms.library().form("jiangsu-project-2024").unwrap().unwrap();
    let desk = Desk::new()
        .file("written.yaml", yaml::write(&form, &data, &[]))
        .file("wanted.json", json(&data).to_string());
    judge("yaml_same.py", &[&desk.path().join("written.yaml"), &desk.path().join("wanted.json")]).exits(0);
}

fn json(data: &Data) -> serde_json::Value {
    match data {
        Data::Null => serde_json::Value::Null,
        Data::Text(text) => text.as_str().into(),
        Data::List(items) => items.iter().map(json).collect(),
        Data::Map(entries) => entries.iter().map(|(key, value)| (key.clone(), json(value))).collect(),
    }
}
