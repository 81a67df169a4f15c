//! `check` and `rules`: the findings of the checker on screen, as JSON Lines or as SARIF.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use jixiao::batch::{Desk, Reviewed, discover, review};
use jixiao::check::{Level, Rule};
use jixiao::diag::{Failure, Finding, Rejection, Severity, Status};

use super::args::{Arguments, Check, Rules};
use super::config::{self, Config};
use super::progress::{Progress, interrupt, jobs};
use super::{Verdict, fix, sarif, show};

/// Runs `check`.
pub(crate) fn run(check: &Check, arguments: &Arguments, config: &Config) -> Result<Verdict, Failure> {
    let fonts = config.render.font_path.clone();
    let ignore = config.render.ignore_system_fonts;
    let desk = Desk::new(config::desk_options(arguments, config, fonts, ignore)?);
    known_overrides(&desk, config)?;
    if let Some(id) = &check.explain {
        return explain(id, &desk);
    }
    let bound = match check.fail_on.as_deref() {
        None | Some("error") => Severity::Error,
        Some("warning") => Severity::Warning,
        Some("hint") => Severity::Hint,
        Some(other) => {
            return Err(
                Failure::new(format!("--fail-on 不能是“{other}”")).fix("可用：error、warning、hint。")
            );
        }
    };
    let format = check.format.as_deref().unwrap_or("human");
    if !["human", "json", "sarif"].contains(&format) {
        return Err(Failure::new(format!("没有“{format}”这种格式")).fix("可用：human、json、sarif。"));
    }
    let paths = if check.paths.is_empty() { vec![PathBuf::from("data")] } else { check.paths.clone() };
    let tasks = discover(&paths)?;
    if check.fix {
        fix::run(&tasks, &desk, check.yes)?;
    }
    let interrupt = interrupt()?;
    let progress = std::cell::RefCell::new(Progress::new(check.quiet, tasks.len()));
    let mut report =
        Report { format, quiet: check.quiet, bound, counts: Counts::default(), kept: Vec::new() };
    review(
        &tasks,
        &desk,
        jobs(check.jobs.or(config.render.jobs))?,
        &interrupt,
        |done| progress.borrow_mut().advance(done),
        |reviewed| progress.borrow().say(|| report.take(reviewed)),
    )?;
    progress.borrow().finish();
    report.close(&desk);
    if interrupt.load(std::sync::atomic::Ordering::Relaxed) {
        return Ok(Verdict::Interrupted);
    }
    Ok(if report.counts.failed { Verdict::Rejected } else { Verdict::Done })
}

/// Refuses settings for rules and parameters that no form has: a slip there would silently change nothing.
pub(crate) fn known_overrides(desk: &Desk, config: &Config) -> Result<(), Failure> {
    let settings = &config.check;
    if settings.severity.is_empty() && settings.params.is_empty() {
        return Ok(());
    }
    let rules = rules_of(desk);
    let find = |id: &String| {
        rules.iter().find(|rule| rule.id == *id).ok_or_else(|| {
            Failure::new(format!("配置里的规则“{id}”不存在"))
                .fix("可用 jixiao rules 表式 查看全部规则的编号。")
        })
    };
    for id in settings.severity.keys() {
        find(id)?;
    }
    for (id, params) in &settings.params {
        let rule = find(id)?;
        if let Some(unknown) = params.keys().find(|name| !rule.params.contains_key(*name)) {
            let known: Vec<&str> = rule.params.keys().map(String::as_str).collect();
            return Err(Failure::new(format!("规则 {id} 没有“{unknown}”这个参数"))
                .fix(format!("可用的参数：{}。", known.join("、"))));
        }
    }
    Ok(())
}

/// Counts of a run.
#[derive(Debug, Default)]
struct Counts {
    projects: usize,
    clean: usize,
    total: BTreeMap<&'static str, usize>,
    waived_errors: usize,
    failed: bool,
}

struct Report<'a> {
    format: &'a str,
    quiet: bool,
    bound: Severity,
    counts: Counts,
    /// What SARIF needs at the end.
    kept: Vec<Finding>,
}

impl Report<'_> {
    fn take(&mut self, reviewed: Reviewed) {
        let Reviewed { source, findings } = reviewed;
        let is_project = source != Path::new("");
        self.counts.projects += usize::from(is_project);
        let standing = findings.iter().filter(|finding| finding.status == Status::Finding).count();
        self.counts.clean += usize::from(is_project && standing == 0);
        for finding in &findings {
            let structure = finding.kind == "结构";
            self.counts.failed |= finding.reaches(self.bound) || structure;
            self.counts.waived_errors += usize::from(
                matches!(finding.status, Status::Waived(_)) && finding.severity == Severity::Error,
            );
            *self.counts.total.entry(word(finding)).or_default() += 1;
        }
        match self.format {
            "json" => {
                for finding in &findings {
                    let line = serde_json::to_string(finding).unwrap_or_default();
                    show::out(&format!("{line}\n"));
                }
            }
            "sarif" => self.kept.extend(findings),
            _ => self.human(&source, &findings),
        }
    }

    fn human(&self, source: &Path, findings: &[Finding]) {
        let counts =
            |finding: &&Finding| !self.quiet || finding.reaches(self.bound) || finding.kind == "结构";
        let mut shown = false;
        for finding in findings.iter().filter(counts) {
            show::out(&format!("{}\n\n", show::describe(finding)));
            shown = true;
        }
        if shown && !self.quiet && source != Path::new("") {
            let mut total = BTreeMap::new();
            for finding in findings {
                *total.entry(word(finding)).or_default() += 1;
            }
            show::out(&format!("{}：{}\n\n", source.display(), tally(&total)));
        }
    }

    fn close(&self, desk: &Desk) {
        if self.format == "sarif" {
            show::out(&sarif::log(&self.kept, &rules_of(desk)));
        }
        if self.quiet {
            return;
        }
        let Counts { projects, clean, total, waived_errors, .. } = &self.counts;
        let summary = if total.is_empty() { "没有发现问题".to_owned() } else { tally(total) };
        show::note(&format!("共检查 {projects} 个项目，{clean} 个没有问题；{summary}"));
        if *waived_errors > 0 {
            show::note(&format!("注意：其中 {waived_errors} 个错误级问题被豁免"));
        }
    }
}

/// How a finding is counted.
fn word(finding: &Finding) -> &'static str {
    match (&finding.status, finding.severity) {
        (Status::Waived(_), _) => "豁免",
        (Status::Deferred, _) => "待核",
        (Status::Finding, Severity::Error) => "错误",
        (Status::Finding, Severity::Warning) => "警告",
        (Status::Finding, Severity::Hint) => "提示",
    }
}

fn tally(total: &BTreeMap<&'static str, usize>) -> String {
    ["错误", "警告", "提示", "待核", "豁免"]
        .into_iter()
        .filter_map(|word| Some(format!("{word} {}", total.get(word)?)))
        .collect::<Vec<_>>()
        .join("，")
}

/// The rules of all forms, each id once.
fn rules_of(desk: &Desk) -> Vec<Rule> {
    let mut rules: Vec<Rule> = Vec::new();
    for id in desk.library().ids() {
        let Some(Ok(form)) = desk.library().form(id) else { continue };
        let Ok(examiner) = desk.examiner_of(&form) else { continue };
        for rule in examiner.checker().rules() {
            if rules.iter().all(|known| known.id != rule.id) {
                rules.push(rule.clone());
            }
        }
    }
    rules
}

fn explain(id: &str, desk: &Desk) -> Result<Verdict, Failure> {
    let rules = rules_of(desk);
    let Some(rule) = rules.iter().find(|rule| rule.id.eq_ignore_ascii_case(id)) else {
        let known: Vec<&str> = rules.iter().map(|rule| rule.id.as_str()).collect();
        return Err(
            Failure::new(format!("没有“{id}”这条规则")).fix(format!("全部规则：{}。", known.join("、")))
        );
    };
    let mut text = format!("{} {}（{}）\n\n{}\n\n", rule.id, level(rule.severity), rule.kind, rule.why);
    text.push_str(&format_examples(rule));
    if !rule.params.is_empty() {
        text.push_str("\n参数（可在 jixiao.toml 的 [check.params.\"规则\"] 里改）：\n");
        for (name, value) in &rule.params {
            let value = serde_json::to_string(value).unwrap_or_default();
            text.push_str(&["  ", name, " = ", &value, "\n"].concat());
        }
    }
    show::out(&text);
    Ok(Verdict::Done)
}

fn format_examples(rule: &Rule) -> String {
    format!("不好：{}\n好：　{}\n", rule.bad, rule.good)
}

fn level(level: Level) -> &'static str {
    match level {
        Level::Off => "关闭",
        Level::Hint => "提示",
        Level::Warning => "警告",
        Level::Error => "错误",
    }
}

/// Runs `rules`.
pub(crate) fn rules(rules: &Rules, arguments: &Arguments, config: &Config) -> Result<Verdict, Failure> {
    let desk = Desk::new(config::desk_options(arguments, config, Vec::new(), false)?);
    let form = super::forms::form(&rules.form, desk.library())?;
    let examiner = match desk.examiner_of(&form) {
        Ok(examiner) => examiner,
        Err(Rejection::Data(findings)) => return Err(config::broken_form(&findings)),
        Err(Rejection::Machine(failure)) => return Err(failure),
    };
    let mut seen: Vec<&str> = Vec::new();
    for rule in examiner.checker().rules() {
        if seen.contains(&rule.id.as_str()) {
            continue;
        }
        seen.push(&rule.id);
        let params: Vec<String> = rule
            .params
            .iter()
            .map(|(name, value)| format!("{name}={}", serde_json::to_string(value).unwrap_or_default()))
            .collect();
        show::out(&format!(
            "{}\t{}\t{}\t{}\t{}\n",
            rule.id,
            level(rule.severity),
            rule.kind,
            rule.why,
            params.join(" ")
        ));
    }
    Ok(Verdict::Done)
}
