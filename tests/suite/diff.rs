//! What changed between two versions: last year's published table against this year's, folders, forms, formats.

use std::fs;

use serde_json::Value;

use super::support::{Desk, Ran, judge, root, sample, sample_with, tool};

const DEPARTMENT: &str = "江苏省数据局";

/// A published table.
fn published(name: &str) -> String {
    fs::read_to_string(root().join(format!("data/{DEPARTMENT}/{name}.yaml"))).unwrap()
}

/// A text with replacements, each of which must find its place.
#[track_caller]
fn changed(text: &str, replacements: &[(&str, &str)]) -> String {
    replacements.iter().fold(text.to_owned(), |text, (from, to)| {
        assert!(text.contains(from), "no “{from}”");
        text.replacen(from, to, 1)
    })
}

/// The hotline as it might be asked for in the next year: every kind of change is in it.
fn next_year() -> String {
    changed(
        &published("政风热线"),
        &[
            ("年度: 2024", "年度: 2025"),
            ("完成时间: 2023", "完成时间: 2026"),
            ("（政务服务管理办公室）（机关）", "(政务服务管理办公室)(机关)"),
            ("项目负责人: 孙卓", "项目负责人:"),
            ("资金总额: 269", "资金总额: 300.5"),
            ("一般公共预算资金: 269", "一般公共预算资金: 250.50"),
            ("政府性基金: 0", "政府性基金: 0.00"),
            ("其他资金: 0", "其他资金: 50"),
            (
                "名称: 省政热线风, 半年计划执行数: 121.05, 全年预算数: 269}",
                "名称: 省政风热线, 半年计划执行数: 121.050, 全年预算数: 280.5}\n    - {名称: 现场督办, 半年计划执行数: 10, 全年预算数: 20}",
            ),
            ("2024年省政风热线围绕", "2025年省政风热线紧密围绕"),
            ("至少组织开展25期上线直播活动", "至少组织开展30期上线直播活动"),
            ("在电视上直播期数, 半年: ≥6期, 全年: ≥25期", "在电视上直播期数, 半年: 不少于6期, 全年: ≥30期"),
            ("现场督办场次, 半年: ≥10次, 全年: ≥50次", "现场督办场次, 半年: ≥10场, 全年: 持续开展"),
            ("      - {指标: 在广播上直播期数, 半年: ≥6期, 全年: ≥25期}\n", ""),
            (
                "      - {指标: 在网站上直播期数, 半年: ≥6期, 全年: ≥25期}\n",
                "      - {指标: 在网站直播期数, 半年: ≥6期, 全年: ≥20期}\n      - {指标: 政策问答条数, 半年: ≥40条, 全年: ≥100条}\n",
            ),
            (
                "      - {指标: 电视直播内容质量达标率, 半年: ≥100%, 全年: ≥100%}\n      - {指标: 网站文字直播内容质量达标率, 半年: ≥100%, 全年: ≥100%}\n",
                "      - {指标: 网站文字直播内容质量达标率, 半年: ≥100%, 全年: ≥98%}\n      - {指标: 电视直播内容质量达标率, 半年: ≥100%, 全年: ≥100%}\n",
            ),
            (
                "项目总成本, 半年: ≤121.05万元, 全年: ≤269万元",
                "项目总成本, 半年: ≤121.05万元, 全年: ≤250万元",
            ),
            (
                "    经济效益: []\n",
                "    经济效益:\n      - {指标: 化解社会矛盾，解决群众实际问题的程度, 半年: 明显, 全年: ≥80%}\n",
            ),
            ("      - {指标: 化解社会矛盾，解决群众实际问题的程度, 半年: 明显, 全年: 明显}\n", ""),
            ("服务对象满意度, 半年: ≥85%, 全年: ≥85%", "服务对象满意度, 半年: 待定, 全年: ≤85%"),
        ],
    )
}

fn pair() -> Desk {
    Desk::new().file("旧.yaml", published("政风热线")).file("新.yaml", next_year())
}

fn json(ran: &Ran) -> Vec<Value> {
    ran.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn every_kind_of_change_is_told() {
    let ran = pair().run("diff 旧.yaml 新.yaml").exits(0);
    insta::assert_snapshot!("diff-human", format!("{}---\n{}", ran.stdout, ran.stderr));
    let all = pair().run("diff 旧.yaml 新.yaml --all --quiet").exits(0);
    assert_eq!(all.stderr, "");
    let wording: Vec<&str> = all.stdout.lines().filter(|line| line.starts_with("  写法不同")).collect();
    insta::assert_snapshot!("diff-wording", wording.join("\n"));
}

#[test]
fn json_lines_hold_every_key_and_exact_numbers() {
    let lines = json(&pair().run("diff 旧.yaml 新.yaml --format json --quiet").exits(0));
    insta::assert_snapshot!("diff-json", lines.iter().map(|line| format!("{line}\n")).collect::<String>());
    let keys = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    for record in ["project", "change", "department"] {
        let same: Vec<_> = lines.iter().filter(|line| line["record"] == record).map(keys).collect();
        assert!(!same.is_empty() && same.iter().all(|one| *one == same[0]), "{record}: {same:?}");
    }
    // Places lead to what they tell of.
    let texts = [published("政风热线"), next_year()];
    for change in lines.iter().filter(|line| line["record"] == "change") {
        for (place, text) in change["place"].as_array().unwrap().iter().zip(&texts) {
            let Some(line) = place["line"].as_u64() else { continue };
            let typed = text.lines().nth(usize::try_from(line).unwrap() - 1).unwrap();
            let rest: String =
                typed.chars().skip(usize::try_from(place["column"].as_u64().unwrap()).unwrap() - 1).collect();
            let value = if place == &change["place"][0] { &change["old"] } else { &change["new"] };
            let placed =
                ["moved", "reordered", "added", "removed"].contains(&change["type"].as_str().unwrap());
            let is_there = value.as_str().is_none_or(|value| rest.starts_with(value));
            assert!(placed || is_there, "{change} is not at {rest}");
        }
    }
    // The words make up both texts.
    let long = lines.iter().find(|line| line["words"].as_array().is_some_and(|words| !words.is_empty()));
    let long = long.unwrap();
    for (own, key) in [("-", "old"), ("+", "new")] {
        let words = long["words"].as_array().unwrap().iter();
        let side: String = words
            .filter(|word| word[0] == "=" || word[0] == own)
            .map(|word| word[1].as_str().unwrap())
            .collect();
        assert_eq!(side, long[key].as_str().unwrap());
    }
}

#[test]
fn what_means_the_same_is_no_difference() {
    let other = changed(
        &sample(),
        &[
            ("33.90", "33.9"),
            ("省水文中心", "省水文中心 "),
            ("≥500份", ">=500份"),
            ("依据《农村供水条例》开展监测。", "|\n  依据《农村供水条例》\n  开展监测。"),
        ],
    );
    let desk = Desk::new().file("一.yaml", sample()).file("二.yaml", other);
    let ran = desk.run("diff 一.yaml 二.yaml --exit-code").exits(0);
    assert_eq!(ran.stdout, "");
    assert!(ran.stderr.contains("无变动 1"), "{}", ran.stderr);
    let all = desk.run("diff 一.yaml 二.yaml --exit-code --all").exits(0).stdout;
    assert!(all.contains("写法不同 项目资金 › 收入 › 资金总额：33.90 → 33.9"), "{all}");
    desk.run("diff 一.yaml 一.yaml --exit-code").exits(0);
}

#[test]
fn made_up_tables_equal_themselves_and_differ_from_others() {
    let mut desk = Desk::new();
    for seed in 0..12 {
        desk = desk.file(&format!("甲/{seed:02}.yaml"), super::sound::table(seed));
        desk = desk.file(&format!("乙/{seed:02}.yaml"), super::sound::table(seed + 12));
    }
    desk.run("diff 甲 甲 --exit-code").exits(0).says(&["有变动 0，无变动 12"]);
    let count = |ran: &Ran, kind: &str| {
        json(ran).iter().filter(|line| line["record"] == "change" && line["type"] == kind).count()
    };
    let there = desk.run("diff 甲 乙 --format json").exits(0);
    let back = desk.run("diff 乙 甲 --format json").exits(0);
    // What one way gives, the other way takes.
    for (kind, opposite) in [("added", "removed"), ("increased", "decreased"), ("filled", "emptied")] {
        assert_eq!(count(&there, kind), count(&back, opposite), "{kind}");
        assert_eq!(count(&there, opposite), count(&back, kind), "{opposite}");
    }
    assert!(count(&there, "added") > 10 && count(&there, "increased") > 5);
}

/// Last year's and this year's folder: one kept, one renamed file, one with another name, one gone, one new.
fn folders() -> Desk {
    let name = |name: &str, total: &str| {
        changed(&sample(), &[("农村饮水水质监测", name), ("资金总额: 33.90", &format!("资金总额: {total}"))])
    };
    let year = |text: String| text.replace("年度: 2025", "年度: 2026");
    Desk::new()
        .file("旧/甲局/监测.yaml", sample())
        .file("旧/甲局/2025年培训.yaml", name("2025年节水培训", "10"))
        .file("旧/甲局/堤防.yaml", name("长江堤防维修养护工程", "20.5"))
        .file("旧/甲局/普查.yaml", name("水资源普查", "7"))
        .file("旧/乙局/灌区.yaml", name("灌区改造", "100"))
        .file("新/甲局/监测.yaml", year(sample_with("资金总额: 33.90", "资金总额: 40")))
        .file("新/甲局/2026年培训.yaml", year(name("2026年节水培训", "10")))
        .file("新/甲局/堤防工程.yaml", year(name("长江堤防维修养护项目", "20.50")))
        .file("新/甲局/智慧水利.yaml", year(name("智慧水利平台", "55.125")))
        .file("新/丙局/灌区.yaml", year(name("灌区改造", "90")))
}

#[test]
fn folders_are_paired_by_path_then_name_then_likeness() {
    let desk = folders();
    let ran = desk.run("diff 旧 新").exits(0);
    insta::assert_snapshot!("diff-folders", format!("{}---\n{}", ran.stdout, ran.stderr));
    desk.run("diff 旧 新 --exit-code").exits(1);
    let lines = json(&desk.run("diff 旧 新 --format json").exits(0));
    let status = |status: &str| lines.iter().filter(|line| line["status"] == status).count();
    assert_eq!((status("changed"), status("added"), status("removed")), (4, 1, 1));
}

#[test]
fn the_workbook_is_a_table_to_hand_in() {
    let desk = folders();
    desk.run("diff 旧 新 --xlsx 表/对照表.xlsx").exits(0).says(&["对照表已写到 表/对照表.xlsx"]);
    let path = desk.path().join("表/对照表.xlsx");
    let book: Value = serde_json::from_str(&judge("xlsx_book.py", &[&path]).exits(0).stdout).unwrap();
    assert_eq!(book["order"], serde_json::json!(["对照表", "汇总"]));
    for sheet in ["对照表", "汇总"] {
        let sheet = &book["sheets"][sheet];
        assert_eq!(sheet["titles"], "$1:$1");
        assert_eq!(sheet["paper"], serde_json::json!(["landscape", 9]));
    }
    let rows = |sheet: &str| -> String {
        let rows = book["sheets"][sheet]["rows"].as_array().unwrap();
        rows.iter().map(|row| format!("{row}\n")).collect()
    };
    insta::assert_snapshot!("diff-sheet", format!("{}\n{}", rows("对照表"), rows("汇总")));
    // Only the column for reasons stays open where someone protects the sheet.
    let open = tool_python(&format!(
        "import openpyxl; s = openpyxl.load_workbook(r'{}').worksheets[0]; print([c.column_letter for c in s[2] if not c.protection.locked])",
        path.display()
    ));
    assert_eq!(open.trim(), "['H']");
    let before = fs::read(&path).unwrap();
    desk.run("diff 旧 新 --xlsx 表/对照表.xlsx").exits(2).says(&["可能填了调整理由", "--force"]);
    desk.run("diff 旧 新 --xlsx 表/对照表.xlsx --force").exits(0);
    assert!(fs::read(&path).unwrap() == before, "the same data gave other bytes");
    assert_eq!(desk.names("表"), ["对照表.xlsx"]);
    let folder = tempfile::tempdir().unwrap();
    let printed = judge("office.py", &[&path, folder.path()]).exits(0).stdout;
    let text = tool("pdftotext", &["-layout".as_ref(), printed.trim().as_ref(), "-".as_ref()]);
    assert!(text.contains("绩效目标调整对照表（2025—2026年度）") && text.contains("调整理由"), "{text}");
}

fn tool_python(program: &str) -> String {
    tool(super::support::python().to_str().unwrap(), &["-c".as_ref(), program.as_ref()])
}

#[test]
fn a_pdf_with_its_data_is_a_version_too() {
    let desk = Desk::new().file("data/表.yaml", sample());
    desk.run("render --attach --format pdf").exits(0);
    let desk = desk.file("新.yaml", sample_with("≥1200份", "≥1500份"));
    let ran = desk.run("diff output/表.pdf 新.yaml").exits(0);
    assert!(
        ran.stdout.contains("提高 产出指标 › 数量指标 › 采样份数（全年）：≥1200份 → ≥1500份（+300份，+25%）")
    );
    desk.run("render --format pdf").exits(0);
    desk.run("diff output/表.pdf 新.yaml").exits(1).says(&["PDF 里没有附带数据文件", "--attach"]);
}

#[test]
fn a_workbook_that_someone_changed_is_a_version_too() {
    let desk = Desk::new().file("data/表.yaml", sample());
    desk.run("render --format xlsx").exits(0);
    let ran = desk.run("diff data/表.yaml output/表.xlsx --exit-code --all").exits(0);
    assert!(ran.stdout.contains("无变动：农村饮水水质监测"), "{}", ran.stdout);
    let path = desk.path().join("output/表.xlsx");
    tool_python(&format!(
        "import openpyxl; b = openpyxl.load_workbook(r'{0}'); s = b.worksheets[0]\n\
         for row in s.iter_rows():\n    for c in row:\n        if c.value == '≥1200份': c.value = '≥1500份'\n\
         b.save(r'{0}')",
        path.display()
    ));
    let ran = desk.run("diff data/表.yaml output/表.xlsx").exits(0);
    let told = "提高 产出指标 › 数量指标 › 采样份数（全年）：≥1200份 → ≥1500份（+300份，+25%）";
    assert!(ran.stdout.contains(told), "{}", ran.stdout);
    assert_eq!(ran.stdout.matches(" → ").count(), 1, "{}", ran.stdout);
    assert!(ran.stdout.contains("新 output/表.xlsx，旧 data/表.yaml:50:"), "{}", ran.stdout);
}

#[test]
fn what_cannot_be_read_is_told_and_the_rest_is_compared() {
    let desk = folders().file("新/甲局/普查.yaml", "表式: [");
    let ran = desk.run("diff 旧 新").exits(1).says(&["新/甲局/普查.yaml:1:", "1 个问题使数据无法比较"]);
    assert!(!ran.stdout.contains("取消项目"), "{}", ran.stdout);
    assert!(ran.stdout.contains("资金总额：33.90 → 40（"), "{}", ran.stdout);
    desk.run("diff 旧 没有").exits(2).says(&["路径不存在：没有"]);
    desk.run("diff 旧 新 --format xml").exits(2).says(&["没有“xml”这种格式", "human、json"]);
    let desk = desk.file("表.xlsx", "PK");
    desk.run("diff 旧/甲局/监测.yaml 表.xlsx").exits(1).says(&["表.xlsx"]);
    let help = desk.run("diff --help").exits(0).stdout;
    assert!(help.contains("用法：jixiao diff [选项] <旧> <新>") && help.contains("按含义比较"), "{help}");
}

#[test]
fn tables_in_different_forms_are_compared_by_their_facts() {
    let form = root().join("templates/jiangsu-project-2024");
    let mut desk = Desk::new().file("旧.yaml", sample());
    for file in fs::read_dir(&form).unwrap() {
        let path = file.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let text = fs::read_to_string(&path).unwrap();
        // The same form under another name, with another key for the total and another indicator tree.
        let text = text.replace("资金总额", "预算总额").replace("江苏省省级项目", "外省项目");
        desk = desk.file(&format!("forms/other-2025/{name}"), text.replace("数量指标", "产出数量"));
    }
    let other = changed(
        &sample(),
        &[
            ("jiangsu-project-2024", "other-2025"),
            ("资金总额: 33.90", "预算总额: 35"),
            ("数量指标:", "产出数量:"),
            ("项目负责人: 周清", "项目负责人: 周明"),
        ],
    );
    let desk = desk.file("新.yaml", other);
    let ran = desk.run("diff 旧.yaml 新.yaml --templates forms").exits(0);
    insta::assert_snapshot!("diff-forms", ran.stdout);
}
