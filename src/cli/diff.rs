//! `diff`: what changed between two versions, on screen, as JSON Lines, and as a workbook.

use std::fmt::Write;
use std::path::Path;

use jixiao::batch::Desk;
use jixiao::calc::plain;
use jixiao::diag::{Failure, Finding};
use jixiao::diff::{Change, Compared, Head, Kind, compare, departments, json_lines, marked, read, workbook};
use jixiao::write::Draft;

use super::args::{Arguments, Diff};
use super::config::{self, Config};
use super::{Verdict, show};

/// Runs the command.
pub(crate) fn run(diff: &Diff, arguments: &Arguments, config: &Config) -> Result<Verdict, Failure> {
    let format = diff.format.as_deref().unwrap_or("human");
    if !["human", "json"].contains(&format) {
        return Err(Failure::new(format!("没有“{format}”这种格式")).fix("可用：human、json。"));
    }
    if let Some(path) = diff.xlsx.as_ref().filter(|path| path.exists() && !diff.force) {
        let message = format!("{} 已经存在，没有覆盖：里面可能填了调整理由", path.display());
        return Err(Failure::new(message).fix("请换一个文件名；确定要覆盖时加 --force。"));
    }
    let fonts = config.render.font_path.clone();
    let desk = Desk::new(config::desk_options(arguments, config, fonts, config.render.ignore_system_fonts)?);
    let (old, mut findings) = read(&desk, &diff.old)?;
    let (new, wrong) = read(&desk, &diff.new)?;
    findings.extend(wrong);
    findings.iter().for_each(show::finding);
    let mut report = compare(&old, &new);
    if !findings.is_empty() {
        leave_out_unread(&mut report, &findings, diff);
    }
    if let Some(path) = &diff.xlsx {
        let year = report.iter().find_map(|compared| compared.head().year).unwrap_or(1970);
        let mut draft = Draft::new(path)?;
        workbook(&report, diff.all, desk.timestamp(year), draft.file())?;
        draft.publish()?;
    }
    if !diff.all {
        for compared in &mut report {
            compared.changes.retain(|change| change.kind != Kind::Wording);
        }
    }
    if format == "json" {
        for line in json_lines(&report) {
            show::out(&format!("{line}\n"));
        }
    } else {
        report.iter().filter_map(|compared| project(compared, diff)).for_each(|text| show::out(&text));
        if report.len() > 1 {
            show::out(&totals(&report));
        }
    }
    summary(&report, findings.len(), diff);
    let differs = report.iter().any(|compared| compared.state().0 != "same");
    let failed = !findings.is_empty() || (diff.exit_code && differs);
    Ok(if failed { Verdict::Rejected } else { Verdict::Done })
}

/// A project whose other version could not be read is neither new nor gone.
fn leave_out_unread(report: &mut Vec<Compared>, findings: &[Finding], diff: &Diff) {
    let below = |path: &Path, root: &Path| path.strip_prefix(root).map(|path| path.with_extension("")).ok();
    let unread: Vec<_> = findings
        .iter()
        .flat_map(|finding| [below(&finding.file, &diff.old), below(&finding.file, &diff.new)])
        .flatten()
        .collect();
    report.retain(|compared| {
        let file = &compared.head().file;
        let one_sided = compared.old.is_none() || compared.new.is_none();
        let twin = [&diff.old, &diff.new].iter().find_map(|root| below(file, root));
        !(one_sided && twin.is_some_and(|twin| unread.contains(&twin)))
    });
}

/// A project with its changes; nothing where there is none.
fn project(compared: &Compared, diff: &Diff) -> Option<String> {
    let (state, word) = compared.state();
    let head = compared.head();
    let money = |head: &Head| head.total.map(|total| format!("{} {}", plain(total), head.money));
    if compared.old.is_none() || compared.new.is_none() {
        let total = money(head).map(|money| format!("，{money}")).unwrap_or_default();
        let year = head.year.map(|year| format!("，{year} 年度")).unwrap_or_default();
        return Some(format!(
            "{word}：{}（{}{year}{total}）\n  {}\n\n",
            head.name,
            head.department,
            head.file.display()
        ));
    }
    if compared.changes.is_empty() && compared.same_form() {
        return (diff.all && state == "same").then(|| format!("{word}：{}\n\n", head.name));
    }
    let old = compared.old.as_ref()?;
    let year = match (old.year, head.year) {
        (Some(old), Some(new)) if old != new => format!("，{old} → {new} 年度"),
        (_, Some(year)) => format!("，{year} 年度"),
        _ => String::new(),
    };
    let mut out = format!("{}（{}{year}）\n", head.name, head.department);
    if !compared.same_form() {
        let _ = writeln!(out, "  表式不同：{} → {}，只比较两种表式都有的事实", old.form, head.form);
    }
    for change in &compared.changes {
        out.push_str(&described(change));
    }
    Some(out + "\n")
}

fn described(change: &Change) -> String {
    let quoted = |text: &Option<String>| text.as_deref().unwrap_or("（空）").replace('\n', "⏎");
    let values = match change.kind {
        _ if !change.words.is_empty() => marked(&change.words),
        Kind::Added => change.new.clone().unwrap_or_default(),
        Kind::Removed => change.old.clone().unwrap_or_default(),
        _ => format!("{} → {}", quoted(&change.old), quoted(&change.new)),
    };
    let delta = change.delta.as_ref().map(|delta| format!("（{}）", delta.shown())).unwrap_or_default();
    let colon = if values.is_empty() { "" } else { "：" };
    let mut places = Vec::new();
    places.extend(change.is.as_ref().map(|place| format!("新 {place}")));
    places.extend(change.was.as_ref().map(|place| format!("旧 {place}")));
    format!("  {} {}{colon}{values}{delta}\n      {}\n", change.kind.label(), change.item, places.join("，"))
}

/// Projects and money by department.
fn totals(report: &[Compared]) -> String {
    let mut out = String::from("按部门汇总\n");
    for department in departments(report) {
        let (before, now) = department.totals;
        let _ = writeln!(
            out,
            "  {}：项目 {} → {} 个，有变动 {} 个；金额 {} → {} {}（{}）",
            department.name,
            department.projects.0,
            department.projects.1,
            department.changed,
            plain(before),
            plain(now),
            department.money,
            department.delta().shown()
        );
    }
    out
}

fn summary(report: &[Compared], unread: usize, diff: &Diff) {
    if diff.quiet {
        return;
    }
    let count = |state: &str| report.iter().filter(|compared| compared.state().0 == state).count();
    let (changed, same) = (count("changed"), count("same"));
    show::note(&format!(
        "共比较 {} 对项目：有变动 {changed}，无变动 {same}；新增 {}，取消 {}{}",
        changed + same,
        count("added"),
        count("removed"),
        if unread == 0 { String::new() } else { format!("；{unread} 个问题使数据无法比较") }
    ));
    let all: Vec<&Change> = report.iter().flat_map(|compared| &compared.changes).collect();
    let kinds: Vec<String> = Kind::ALL
        .iter()
        .filter_map(|kind| {
            let count = all.iter().filter(|change| change.kind == *kind).count();
            (count > 0).then(|| format!("{} {count}", kind.label()))
        })
        .collect();
    if !kinds.is_empty() {
        show::note(&format!("变动 {} 处：{}", all.len(), kinds.join("，")));
    }
    if let Some(path) = &diff.xlsx {
        show::note(&format!("对照表已写到 {}", path.display()));
    }
}
