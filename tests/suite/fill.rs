//! Workbooks that people fill a form in: what is open, asked for and locked, read by openpyxl; that they come out of
//! LibreOffice as they went in; and that what is filled in is found by the map. Also the map of all other workbooks.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::LazyLock;

use serde_json::{Value, json};

use super::support::{self, Desk, Ran, root, sample, tool};

const FORM: &str = "jiangsu-project-2024";

/// A workbook of the built-in form.
static BOOK: LazyLock<Desk> = LazyLock::new(|| {
    let desk = Desk::new();
    desk.run(&format!("new {FORM} --xlsx -o book.xlsx")).exits(0).says(&["已生成 book.xlsx"]);
    desk
});

/// Runs a judge with names of files, and options.
fn judge(script: &str, arguments: &[String]) -> Ran {
    let arguments: Vec<&Path> = arguments.iter().map(Path::new).collect();
    support::judge(script, &arguments)
}

/// The path of a file of a desk.
fn at(desk: &Desk, name: &str) -> String {
    desk.path().join(name).to_str().unwrap().to_owned()
}

fn parsed(ran: Ran) -> Value {
    serde_json::from_str(&ran.exits(0).stdout).unwrap()
}

fn asked(desk: &Desk) -> Value {
    parsed(judge("xlsx_fill.py", &[at(desk, "book.xlsx")]))
}

/// The validation of a cell.
fn validation<'a>(shown: &'a Value, cell: &str) -> &'a Value {
    let all = shown["validations"].as_array().unwrap();
    all.iter().find(|one| one["cells"].as_array().unwrap().contains(&cell.into())).unwrap_or(&Value::Null)
}

/// Fills cells by data path and tells the values that the map leads to.
fn filled(desk: &Desk, values: &Value) -> Value {
    let path = |name: &str| at(desk, name);
    std::fs::write(path("values.json"), values.to_string()).unwrap();
    let arguments =
        [path("book.xlsx"), "--fill".into(), path("values.json"), "--output".into(), path("filled.xlsx")];
    let table = parsed(judge("xlsx_map.py", &arguments))[0].clone();
    // What an office program saves is read in the same way.
    let saved = [path("filled.xlsx"), path("saved"), "--to".into(), "xlsx".into()];
    judge("office.py", &saved).exits(0);
    assert_eq!(parsed(judge("xlsx_map.py", &[path("saved/filled.xlsx")]))[0], table);
    table
}

#[test]
fn the_inputs_are_open_and_nothing_else() {
    let shown = asked(&BOOK);
    let sheets: Vec<(&str, &str, bool)> = shown["sheets"]
        .as_array()
        .unwrap()
        .iter()
        .map(|sheet| {
            assert!(sheet["password"].is_null());
            (
                sheet["title"].as_str().unwrap(),
                sheet["state"].as_str().unwrap(),
                sheet["protected"].as_bool().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        sheets,
        [("绩效目标表", "visible", true), ("填报说明", "visible", true), ("_jixiao", "veryHidden", false)]
    );
    assert_eq!((&shown["macros"], &shown["sheets"][0]["rows_can_grow"]), (&json!(false), &json!(true)));
    assert_eq!((&shown["paper"], &shown["plain_print"]), (&json!(["portrait", 9]), &json!(true)));

    let open = shown["open"].as_object().unwrap();
    let rows: BTreeMap<String, String> = map_rows("value").into_iter().collect();
    assert_eq!(open.keys().collect::<BTreeSet<_>>(), rows.keys().collect());
    // 10 short values, 年度 among them, 5 long texts, 8 amounts, 5 lines of expenditure, 11 fixed indicators, a spare one in
    // each of their 5 groups and five in each of the 9 others.
    assert_eq!(open.len(), 10 + 5 + 8 + 3 * 5 + 3 * (11 + 5 + 5 * 9));
    let grounds: BTreeSet<&str> = open.values().map(|cell| cell["ground"].as_str().unwrap()).collect();
    assert_eq!(grounds.len(), 1, "{grounds:?}");
    let given: Vec<&str> = open.values().filter_map(|cell| cell["value"].as_str()).collect();
    assert_eq!(given.len(), 11, "{given:?}");
    for (_, cell) in shown["locked"].as_object().unwrap() {
        assert!(!cell["value"].as_str().unwrap().is_empty());
    }
    // One value in each cell, also where the printed table has two.
    assert_eq!((rows["E6"].as_str(), rows["E7"].as_str()), ("/项目负责人", "/联系电话"));
}

/// Cells and paths of the map's rows of a kind.
fn map_rows(kind: &str) -> Vec<(String, String)> {
    let book = parsed(judge("xlsx_book.py", &[at(&BOOK, "book.xlsx")]));
    let rows = book["sheets"]["_jixiao"]["rows"].as_array().unwrap();
    let text = |row: &Value, at: usize| row[at].as_str().unwrap_or_default().to_owned();
    rows.iter().filter(|row| row[0] == kind).map(|row| (text(row, 1), text(row, 3))).collect()
}

#[test]
fn each_cell_asks_for_what_schema_and_settings_say() {
    let shown = asked(&BOOK);
    let year = validation(&shown, "A2");
    assert_eq!((&year["type"], &year["formulas"]), (&json!("whole"), &json!(["1000", "9999"])));
    assert_eq!((&year["title"], &year["style"]), (&json!("年度（必填）"), &json!("stop")));
    assert!(year["hint"].as_str().unwrap().contains("年度要写四位数字"));
    assert_eq!(shown["open"]["A2"]["format"], "0\"年度\"");
    assert_eq!(shown["open"]["B5"]["format"], "0\"年\"");
    let name = validation(&shown, "B3");
    assert_eq!(name["formulas"], json!(["2*LENB(B3)-LEN(B3)<=180"]));
    assert!(name["hint"].as_str().unwrap().contains("不超过 180 字节（60 个汉字）"), "{name}");
    let kind = validation(&shown, "B4");
    assert_eq!(kind["formulas"], json!(["\"常年安排项目,延续项目,当年新增项目,一次性项目\""]));
    assert_eq!((&kind["dropdown"], &kind["style"]), (&json!(true), &json!("warning")));
    for cell in ["E12", "E19", "D21", "E25"] {
        let amount = validation(&shown, cell);
        assert_eq!((&amount["type"], &amount["style"]), (&json!("decimal"), &json!("stop")), "{cell}");
        assert!(amount["error"].as_str().unwrap().contains("单位万元"), "{amount}");
        assert_eq!(shown["open"][cell]["format"], "General");
    }
    // What is typed as a text stays one.
    assert_eq!((&shown["open"]["C29"]["format"], &shown["open"]["E7"]["format"]), (&json!("@"), &json!("@")));
    for one in shown["validations"].as_array().unwrap() {
        let length = |key: &str| one[key].as_str().unwrap_or_default().chars().count();
        assert!(length("title") <= 32 && length("hint") <= 255 && length("error") <= 255, "{one}");
    }

    // Required values: their labels have an asterisk, and the cells a ground of their own while they are empty.
    let demands: BTreeMap<&str, &str> = shown["demands"]
        .as_array()
        .unwrap()
        .iter()
        .map(|rule| (rule["range"].as_str().unwrap(), rule["formula"].as_str().unwrap()))
        .collect();
    assert_eq!(demands.len(), 2 + 8 + 2 * 5);
    assert_eq!((demands["A2:E2"], demands["E12"]), ("LEN($A$2)=0", "LEN($E$12)=0"));
    assert_eq!(demands["D21"], "LEN($D$21)=0");
    assert_eq!(demands["E22"], "AND(LEN($E$22)=0,LEN($C$22)+LEN($D$22)>0)");
    assert_eq!(shown["locked"]["A3"], json!({"format": "\"*\"@", "value": "项目名称"}));
    assert_eq!(shown["locked"]["A4"]["format"], "General");

    let guide = shown["guide"].to_string();
    for words in [
        "江苏省省级项目预算绩效目标表 填报说明",
        "橙色的单元格必填",
        "单位万元",
        "常年安排项目、延续项目",
        "项目资金 - 支出 - 全年预算数",
        "有此项时",
        "绩效指标 - 指标",
        "C29 等 61 格",
        "--spare",
    ] {
        assert!(guide.contains(words), "{words} is not in the guide:\n{guide}");
    }
}

#[test]
fn what_is_filled_in_is_found_by_the_map() {
    let values = json!({
        "/年度": 2025,
        "/项目名称": "农村饮水",
        "/项目类型": "延续项目",
        "/开始时间": 2023,
        "/项目负责人": "甲",
        "/联系电话": "025-83660000",
        "/立项必要性": "一、甲；\n二、乙。",
        "/项目资金/收入/资金总额": 33.9,
        "/项目资金/支出/2/名称": "水质检测",
        "/项目资金/支出/2/全年预算数": 0.1,
        "/绩效指标/产出指标/数量指标/4/指标": "≥45%",
        "/绩效指标/决策/项目立项/0/半年": "规范",
    });
    let table = filled(&BOOK, &values);
    assert_eq!(
        (&table["form"], &table["fill"], &table["version"]),
        (&json!(FORM), &json!(true), &json!("2024.1"))
    );
    let mut found = table["values"].as_object().unwrap().clone();
    for (path, value) in values.as_object().unwrap() {
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        assert_eq!(found.remove(path), Some(Value::from(text)), "{path}");
    }
    assert_eq!(found.remove("/表式"), Some(json!(FORM)));
    assert_eq!(found.len(), 11, "only the fixed indicators are left: {found:?}");
}

#[test]
fn an_office_program_prints_it_like_the_form() {
    judge("office.py", &[at(&BOOK, "book.xlsx"), at(&BOOK, "printed")]).exits(0);
    let printed = BOOK.path().join("printed/book.pdf");
    let text = tool("pdftotext", &["-layout".as_ref(), &printed, "-".as_ref()]);
    for words in
        ["江苏省省级项目预算绩效目标表", "*项目名称", "联系电话", "计划执行数", "制度执行有效性", "填报说明"]
    {
        assert!(text.contains(words), "{words}:\n{text}");
    }
    let pages = tool("pdfinfo", &[&printed]);
    // Three of the table with its spare rows and two of the guide.
    assert!(pages.lines().any(|line| line.replace(' ', "") == "Pages:5"), "{pages}");
}

#[test]
fn the_number_of_spare_rows_is_chosen() {
    let lines = |spare: &str| {
        let desk = Desk::new();
        desk.run(&format!("new {FORM} --xlsx --spare {spare} -o book.xlsx")).exits(0);
        let open = asked(&desk)["open"].as_object().unwrap().len();
        (open - 23) / 3
    };
    // Without spare rows there is one line of expenditure, which the schema asks for, and the fixed indicators.
    assert_eq!(lines("0"), 1 + 11);
    assert_eq!(lines("12"), 12 + 11 + 3 * 5 + 12 * 9);
}

#[test]
fn the_same_form_gives_the_same_bytes_and_no_file_is_overwritten() {
    let desk = Desk::new();
    let ran = desk.run(&format!("new {FORM} --xlsx -o again.xlsx")).exits(0);
    assert_eq!(ran.stdout, "");
    let read = |path: &Path| std::fs::read(path).unwrap();
    assert_eq!(read(&desk.path().join("again.xlsx")), read(&BOOK.path().join("book.xlsx")));
    desk.run(&format!("new {FORM} --xlsx -o again.xlsx")).exits(2).says(&["again.xlsx 已经存在，没有覆盖"]);
    desk.run(&format!("new {FORM} --xlsx")).exits(2).says(&["缺少必填的参数", "--output"]);
    desk.run(&format!("new {FORM} --spare 3 -o b.xlsx")).exits(2).says(&["--xlsx"]);
    desk.run(&format!("new {FORM} --xlsx --spare 201 -o b.xlsx")).exits(2).says(&["201"]);
    assert_eq!(desk.names(""), ["again.xlsx"]);
}

const LEDGER: &str = r#"
name: 项目台账
version: "3"
paper: {size: A4, orientation: landscape, margin: 2cm}
columns: [6cm, 6cm, 6.7cm, 7cm]
fonts:
  song: {families: [宋体, Noto Serif CJK SC, Noto Sans CJK SC], weight: 400}
text:
  headings: [{font: song, size: 小二, align: center}, {font: song, size: 五号, align: center}]
  label: {font: song, size: 五号, align: center}
  value: {font: song, size: 五号, align: center}
  text: {font: song, size: 五号, align: left}
  amount: {font: song, size: 五号, align: right}
inset: 4pt
rule: 0.5pt
pitch: 1.22
heading-gap: 6pt
headers: {明细: true}
sheet: 台账
lists: {行业: [CHOICES]}
"#;

const LEDGER_SCHEMA: &str = r##"{"type": "object", "required": ["表式", "年度", "编制单位", "级别"], "properties": {
    "表式": {"type": "string"},
    "年度": {"type": "string", "pattern": "^20[0-9]{2}$"},
    "编制单位": {"type": "string", "minLength": 1, "maxLength": 40, "description": "全称"},
    "金额单位": {"enum": ["元", "万元"]},
    "级别": {"$ref": "#/$defs/code"},
    "明细": {"type": "array", "maxItems": 3, "items": {"type": "object", "required": ["名称", "金额"], "properties": {
        "名称": {"type": "string"}, "行业": {"type": "string"}, "联系人": {"type": "string"}, "电话": {"type": "string"},
        "金额": {"type": "string", "pattern": "^[0-9]+(\\.[0-9]{1,2})?$", "x-error": "金额要写数字"}}}}},
  "$defs": {"code": {"type": "string", "pattern": "^[0-9]{6}$"}}}"##;

const LEDGER_TABLE: &str = "
headings:
  - {{ cell(form.name, '（', 年度, '年）') }}
  - {{ cell('编制单位：', 编制单位, '　金额单位：', 金额单位) }}
rows:
  - header: 明细
    cells: [{header: 名称}, {header: 行业}, {header: 金额}, {header: 联系人/电话}]
{%- for 行 in 明细 %}
  - cells: [{value: {{ cell(行.名称) }}}, {value: {{ cell(行.行业) }}}, {amount: {{ cell(行.金额) }}}, {value: {{ cell(行.联系人, ' ', 行.电话) }}}]
{%- endfor %}
  - cells: [{label: 级别}, {value: {{ cell(级别) }}}, {label: 编制单位}, {value: {{ cell(编制单位) }}}]
";

/// A workbook of a wide form with a list, long choices, codes, words around values and a value that stands twice.
fn ledger() -> Desk {
    let choices: Vec<String> = (1..=40).map(|number| format!("第{number}类行业")).collect();
    let desk = Desk::new()
        .file("forms/ledger/form.yaml", LEDGER.replace("CHOICES", &choices.join(", ")))
        .file("forms/ledger/schema.json", LEDGER_SCHEMA)
        .file("forms/ledger/table.yaml.j2", LEDGER_TABLE);
    desk.run("new ledger --xlsx -o book.xlsx --templates forms").exits(0);
    desk
}

#[test]
fn any_form_can_be_filled_in() {
    let desk = ledger();
    let shown = asked(&desk);
    assert_eq!(shown["paper"], json!(["landscape", 9]));
    // The list of choices is too long for a validation and stands in cells.
    assert_eq!(
        shown["sheets"][2],
        json!({
            "title": "_choices", "state": "veryHidden", "protected": false, "password": null, "rows_can_grow": false,
        })
    );
    let industry = validation(&shown, "B4");
    assert_eq!(industry["formulas"], json!(["'_choices'!$A$1:$A$40"]));
    assert_eq!(industry["cells"], json!(["B4", "B6", "B8"]), "no more items than the schema takes");
    // Words of the form stand beside the values.
    let locked = &shown["locked"];
    assert_eq!(
        (&locked["A2"]["value"], &locked["C2"]["value"]),
        (&json!("编制单位："), &json!("　金额单位："))
    );
    let unit = validation(&shown, "D2");
    assert_eq!((&unit["formulas"], &unit["style"]), (&json!(["\"元,万元\""]), &json!("stop")));
    let maker = validation(&shown, "B2");
    assert_eq!((&maker["type"], &maker["formulas"]), (&json!("textLength"), &json!(["40"])));
    assert_eq!(maker["title"], "编制单位（必填）");
    let code = validation(&shown, "B10");
    assert_eq!(
        (&code["formulas"], &shown["open"]["B10"]["format"]),
        (&json!(["AND(LEN(B10)=6,ISNUMBER(--B10))"]), &json!("@"),)
    );
    assert_eq!(validation(&shown, "C4")["operator"], "greaterThanOrEqual");
    // Two values of a cell stand one above the other; a value that stands twice is filled in once.
    assert_eq!(validation(&shown, "D4")["title"], "联系人");
    assert_eq!(validation(&shown, "D5")["title"], "电话");
    assert_eq!(locked["D10"]["value"], "=IF(B2=\"\",\"\",B2)");
    assert_eq!(locked["A10"]["format"], "\"*\"@");

    let values = json!({
        "/年度": 2026, "/编制单位": "甲局", "/金额单位": "元", "/级别": "010203", "/明细/1/名称": "乙",
        "/明细/1/金额": 7.25, "/明细/1/联系人": "丙", "/明细/1/电话": "0100",
    });
    let table = filled(&desk, &values);
    assert_eq!(
        table["values"],
        json!({
            "/表式": "ledger", "/年度": "2026", "/编制单位": "甲局", "/金额单位": "元", "/级别": "010203",
            "/明细/1/名称": "乙", "/明细/1/金额": "7.25", "/明细/1/联系人": "丙", "/明细/1/电话": "0100",
        })
    );
    assert_eq!((&table["sheet"], &table["form"]), (&json!("台账"), &json!("ledger")));
    judge("office.py", &[at(&desk, "filled.xlsx"), at(&desk, "printed")]).exits(0);
    let printed = desk.path().join("printed/filled.pdf");
    let text = tool("pdftotext", &["-layout".as_ref(), &printed, "-".as_ref()]);
    assert!(text.contains("010203") && text.contains("*级别"), "{text}");
}

#[test]
fn the_data_of_every_workbook_is_found_by_its_map() {
    let amounts =
        sample().replace("33.90", "0033.90").replace("15.25", "0.0").replace("全年: 充分", "全年: '=6'");
    let desk = Desk::new()
        .file("data/甲局/一.yaml", amounts)
        .file("data/甲局/二.yaml", sample().replace("农村饮水水质监测", "<p>水库</p><p>除险</p>"));
    let data = root().join("data/江苏省数据局");
    let mut files: Vec<_> = std::fs::read_dir(&data).unwrap().map(|file| file.unwrap().path()).collect();
    files.sort();
    let desk = files.iter().fold(desk, |desk, file| {
        let name = file.file_name().unwrap().to_str().unwrap();
        desk.file(&format!("data/乙局/{name}"), std::fs::read(file).unwrap())
    });
    desk.run("render data --collect --format xlsx").exits(0);
    let judged = |book: &str, data: &[&str]| {
        let mut arguments = vec![at(&desk, &format!("output/{book}")), "--data".to_owned()];
        arguments.extend(data.iter().map(|name| at(&desk, &format!("data/{name}"))));
        judge("xlsx_map.py", &arguments).exits(0);
    };
    let of_second: Vec<String> =
        files.iter().map(|file| format!("乙局/{}", file.file_name().unwrap().to_str().unwrap())).collect();
    for name in of_second.iter().map(String::as_str).chain(["甲局/一.yaml", "甲局/二.yaml"]) {
        judged(&name.replace(".yaml", ".xlsx"), &[name]);
    }
    judged("甲局/甲局-2025-汇总.xlsx", &["甲局/一.yaml", "甲局/二.yaml"]);
    let mut all: Vec<&str> = of_second.iter().map(String::as_str).collect();
    judged("乙局/乙局-2024-汇总.xlsx", &all);
    all.extend(["甲局/一.yaml", "甲局/二.yaml"]);
    judged("汇总.xlsx", &all);
}
