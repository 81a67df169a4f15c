//! Makes sound tables: every number in a text is the number of an indicator, the money balances, the caps follow from
//! it, and every task of the goals has its indicator. The words come from `tests/rules/fields`, the choice from a
//! seed, so that the same seed gives the same table on every machine.

mod dice;
mod fields;

use std::fmt::Write;

use dice::Dice;
use fields::{FIELDS, Field, Project};

const REGIONS: [&str; 7] =
    ["苏北片区", "沿江片区", "沿海片区", "里下河片区", "环湖片区", "丘陵片区", "平原片区"];
const PEOPLE: [&str; 10] =
    ["方既白", "叶知秋", "许清和", "梁思远", "温如言", "贺远山", "江映雪", "周牧野", "宋怀瑾", "卫长庚"];
const CLOSINGS: [&str; 4] = [
    "，项目由省级统筹实施，符合现实需要",
    "要求，需要安排专项经费予以保障",
    "部署，省级承担组织实施职责，立项具有明确依据",
    "精神，有必要持续组织实施",
];
/// Type, begin and end of projects that are under way in 2025 and do not end with a standing project.
const TERMS: [(&str, u64, u64); 5] = [
    ("常年安排项目", 2025, 2027),
    ("常年安排项目", 2024, 2026),
    ("延续项目", 2023, 2025),
    ("当年新增项目", 2025, 2027),
    ("一次性项目", 2025, 2025),
];
const FIXED: [(&str, &[(&str, &str)]); 3] = [
    ("项目立项", &[("立项依据充分性", "充分"), ("立项程序规范性", "规范")]),
    ("绩效目标", &[("绩效目标合理性", "合理"), ("绩效指标明确性", "明确")]),
    ("资金投入", &[("预算编制科学性", "科学"), ("资金分配合理性", "合理")]),
];
const BENEFITS: [&str; 4] = ["经济效益", "社会效益", "生态效益", "可持续影响"];

/// How many tables differ in their project's name.
pub(crate) fn different() -> u64 {
    let projects: usize = FIELDS.iter().map(|field| field.projects.len()).sum();
    (projects * REGIONS.len()) as u64
}

/// A sound table of the form jiangsu-project-2024 as YAML. Seeds below [`different`] give different projects.
pub(crate) fn table(seed: u64) -> String {
    let mut dice = Dice::new(seed);
    let projects: Vec<(&Field, &Project)> =
        FIELDS.iter().flat_map(|field| field.projects.iter().map(move |project| (field, project))).collect();
    let (field, project) = projects[usize::try_from(seed).unwrap() % projects.len()];
    let region = REGIONS[usize::try_from(seed).unwrap() / projects.len() % REGIONS.len()];
    let name = format!("{region}{}", project.name);
    let (kind, begin, end) = *dice.pick(&TERMS);

    let tasks = dice.tasks(&project.tasks);
    let quality = dice.rates(&project.quality, &tasks);
    let timely = dice.rates(&project.timely, &tasks);
    let (prices, spent) = dice.prices(&tasks);
    let money = dice.money(spent);
    let benefits = dice.benefits(&project.benefit, &tasks);
    let satisfied = format!("≥{}%", dice.between(90, 98));

    let mut out = format!("表式: jiangsu-project-2024\n年度: 2025\n项目名称: {name}\n");
    line(&mut out, "主管部门", dice.word(&field.departments));
    line(&mut out, "项目类型", kind);
    line(&mut out, "项目级次", "省本级");
    let _ = writeln!(out, "开始时间: {begin}\n完成时间: {end}");
    line(&mut out, "实施单位", dice.word(&field.units));
    line(&mut out, "项目负责人", dice.word(&PEOPLE));
    let _ = writeln!(out, "联系电话: 025-8600{:04}", dice.between(1000, 9999));
    let need = dice.word(&project.need);
    let documents = dice.documents(&project.basis);
    line(&mut out, "立项必要性", &format!("{need}。根据{documents}{}。", dice.pick(&CLOSINGS)));
    line(&mut out, "实施可行性", &format!("{}。", dice.word(&project.feasible)));
    let ways: Vec<&str> = tasks.iter().map(|(task, _)| task.how.as_str()).collect();
    line(&mut out, "项目实施内容", &dice.content(&ways));
    money.write(&mut out, &name);
    line(&mut out, "中长期目标", &format!("{}。", dice.word(&project.long)));
    let opening = *dice.pick(&["2025年", "2025年度", "全年", "年内"]);
    let done: Vec<String> = tasks
        .iter()
        .map(|(task, number)| {
            let floor = *dice.pick(&["", "", "不少于"]);
            format!("{}{floor}{}{}", task.r#do, dice.number(*number, &task.unit), task.unit)
        })
        .collect();
    let (promised, percent) = &quality[0];
    let percent = percent.trim_start_matches('≥');
    let aim = dice.word(&project.aim);
    let goal = format!("{opening}{}，{promised}达到{percent}以上，{aim}。", done.join("，"));
    line(&mut out, "年度目标", &goal);

    out.push_str("绩效指标:\n  决策:\n");
    for (group, rows) in FIXED {
        let mut rows = rows.to_vec();
        dice.shuffle(&mut rows);
        class(&mut out, group, rows.iter().map(|(name, word)| row(name, word, word)));
    }
    out.push_str("  过程:\n");
    let share = format!("={}%", money.share);
    let mut rows = vec![
        row("资金到位率", &share, "=100%"),
        row("预算执行率", &share, "=100%"),
        row("资金使用合规性", "合规", "合规"),
    ];
    dice.shuffle(&mut rows);
    class(&mut out, "资金管理", rows);
    class(
        &mut out,
        "组织实施",
        [("管理制度健全性", "健全"), ("制度执行有效性", "有效")].map(|(name, word)| row(name, word, word)),
    );
    out.push_str("  产出指标:\n");
    class(
        &mut out,
        "数量指标",
        tasks.iter().map(|(task, number)| dice.count(task, *number)).collect::<Vec<_>>(),
    );
    class(&mut out, "质量指标", quality.iter().map(|(name, value)| row(name, value, value)));
    class(&mut out, "时效指标", timely.iter().map(|(name, value)| row(name, value, value)));
    let cap = row("项目总成本", &format!("≤{}万元", money.half()), &format!("≤{}万元", money.full()));
    class(&mut out, "成本指标", std::iter::once(cap).chain(prices));
    out.push_str("  效益指标:\n");
    for name in BENEFITS {
        class(&mut out, name, benefits.iter().filter(|(class, _)| class == name).map(|(_, row)| row.clone()));
    }
    out.push_str("  满意度指标:\n");
    class(&mut out, "服务对象满意度", [row(dice.word(&project.satisfied), &satisfied, &satisfied)]);
    out.push_str("豁免:\n  - {规则: PB-01, 理由: 内部申报稿，公开前隐去联系电话}\n");
    out
}

fn line(out: &mut String, key: &str, value: &str) {
    let _ = writeln!(out, "{key}: {value}");
}

fn row(name: &str, half: &str, full: &str) -> String {
    format!("{{指标: {name}, 半年: {half}, 全年: {full}}}")
}

fn class(out: &mut String, name: &str, rows: impl IntoIterator<Item = String>) {
    let rows: String = rows.into_iter().map(|row| format!("      - {row}\n")).collect();
    let _ =
        if rows.is_empty() { writeln!(out, "    {name}: []") } else { write!(out, "    {name}:\n{rows}") };
}

/// The year's money in fen of 万元, so that the half-year amount is an exact share of it.
struct Money {
    cents: u64,
    /// Per cent that is spent by the half year.
    share: u64,
    carried: u64,
}

impl Money {
    fn full(&self) -> String {
        plain(self.cents)
    }

    fn half(&self) -> String {
        plain(self.cents * self.share / 100)
    }

    fn write(&self, out: &mut String, name: &str) {
        let amount = |cents: u64| format!("{}.{:02}", cents / 100, cents % 100);
        let nought = |cents: u64| if cents == 0 { "0".to_owned() } else { amount(cents) };
        let _ = writeln!(out, "项目资金:\n  收入:\n    资金总额: {}", amount(self.cents));
        let _ = writeln!(out, "    一般公共预算资金: {}", amount(self.cents - self.carried));
        for source in ["政府性基金", "国有资本金", "社保基金", "财政专户管理资金"] {
            let _ = writeln!(out, "    {source}: 0");
        }
        let _ = writeln!(out, "    上年结转资金: {}\n    其他资金: 0\n  支出:", nought(self.carried));
        let (half, full) = (amount(self.cents * self.share / 100), amount(self.cents));
        let _ = writeln!(out, "    - {{名称: {name}, 半年计划执行数: {half}, 全年预算数: {full}}}");
    }
}

/// Hundredths without trailing noughts.
fn plain(cents: u64) -> String {
    let text = format!("{}.{:02}", cents / 100, cents % 100);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[test]
fn tables_differ_and_come_out_the_same_again() {
    assert!(different() >= 100);
    let tables: Vec<String> = (0..100).map(table).collect();
    let again: std::collections::BTreeSet<String> = (0..100).map(table).collect();
    assert_eq!(again.len(), 100);
    assert!(tables.iter().all(|table| again.contains(table)));
}
