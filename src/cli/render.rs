//! `render`: the plan from arguments and configuration, progress while it runs, and the summary.

use std::path::PathBuf;

use jixiao::DrawOptions;
use jixiao::batch::{Desk, Format, Observer, Outcome, Project, RunOptions, Tally, plan, run};
use jixiao::diag::{Failure, Finding, Status};
use jixiao::write::{Manifest, Shard};

use super::args::{Arguments, Render};
use super::config::{self, Config};
use super::progress::{Progress, interrupt, jobs};
use super::shard::shard;
use super::{Verdict, show};

/// Runs the command.
pub(crate) fn run_command(
    render: &Render,
    arguments: &Arguments,
    config: &Config,
) -> Result<Verdict, Failure> {
    let settings = &config.render;
    let formats = formats(if render.format.is_empty() { &settings.format } else { &render.format })?;
    let output = render.output.clone().or_else(|| settings.output.clone()).unwrap_or_else(|| "output".into());
    let jobs = jobs(render.jobs.or(settings.jobs))?;
    let paths = if render.paths.is_empty() { vec![PathBuf::from("data")] } else { render.paths.clone() };
    let fonts = render.font_path.iter().chain(&settings.font_path).cloned().collect();
    let ignore = render.ignore_system_fonts || settings.ignore_system_fonts;
    let desk = Desk::new(config::desk_options(arguments, config, fonts, ignore)?);
    super::check::known_overrides(&desk, config)?;
    let shard = shard(render.shard.as_deref(), |name| std::env::var(name).ok())?;
    if shard.is_some() {
        unsharded(render)?;
    }
    let plan = plan(&paths)?;
    let plan = match shard {
        Some(shard) => plan.share(shard),
        None => plan,
    };
    let options = RunOptions {
        output: output.clone(),
        draw: DrawOptions {
            formats,
            public: render.public,
            strict: render.strict,
            annotate: render.annotate,
            attach: render.attach || settings.attach,
        },
        jobs,
        force: render.force,
        shard,
    };
    let interrupt = interrupt()?;
    let mut screen = Screen::new(render.quiet, render.json, plan.tasks.len());
    screen.shard = shard;
    screen.share();
    for clash in &plan.clashes {
        screen.rejected(std::slice::from_ref(&clash.finding));
    }
    let tally = run(&plan, &desk, &options, &interrupt, &mut screen);
    screen.progress.finish();
    let tally = tally?;
    if shard.is_none() {
        orphans(&output, render)?;
    }
    screen.summary(&tally, plan.tasks.len() + plan.clashes.len(), &output);
    screen.share();
    let verdict = match tally {
        Tally { interrupted: true, .. } => Verdict::Interrupted,
        Tally { rejected: 0, .. } => Verdict::Done,
        _ => Verdict::Rejected,
    };
    if render.collect && verdict != Verdict::Interrupted {
        let said = Screen::new(render.quiet, render.json, plan.tasks.len());
        let RunOptions { output, jobs, force, .. } = options;
        let options = super::collect::options(output, jobs, force, &[], &config.collect)?;
        let collected = super::collect::after_render(&plan, &desk, &options, &interrupt, said)?;
        return Ok(if verdict == Verdict::Done { collected } else { verdict });
    }
    Ok(verdict)
}

/// Refuses what only makes sense for the whole.
fn unsharded(render: &Render) -> Result<(), Failure> {
    let wrong = [(render.collect, "--collect"), (render.prune, "--prune")];
    let Some((_, option)) = wrong.into_iter().find(|(given, _)| *given) else { return Ok(()) };
    Err(Failure::new(format!("分片运行时不能用 {option}：它要看到全部项目")).fix(format!(
        "请在全部分片完成之后用：{}。",
        if render.collect { "jixiao merge --collect" } else { "jixiao render --shard none --prune" }
    )))
}

fn formats(names: &[String]) -> Result<Vec<Format>, Failure> {
    let mut formats: Vec<Format> = if names.is_empty() { Format::ALL.to_vec() } else { Vec::new() };
    for name in names {
        formats.push(Format::named(name.trim()).ok_or_else(|| {
            Failure::new(format!("没有“{name}”这种输出格式")).fix("可用的格式：pdf、xlsx，多种用逗号分隔。")
        })?);
    }
    formats.sort();
    formats.dedup();
    Ok(formats)
}

/// Names outputs whose data file is gone, or removes them when asked to.
fn orphans(output: &std::path::Path, render: &Render) -> Result<(), Failure> {
    let mut manifest = Manifest::open(output)?;
    for (target, source) in manifest.orphans()? {
        if render.prune {
            manifest.prune(&target)?;
            if !render.quiet {
                show::note(&format!("已删除 {target} 的输出：数据文件 {source} 已不存在"));
            }
        } else if !render.quiet {
            show::note(&format!(
                "注意：{target} 的数据文件 {source} 已不存在，输出还留着（加 --prune 删除）"
            ));
        }
    }
    manifest.close()
}

/// Shows progress and findings.
pub(super) struct Screen {
    pub(super) quiet: bool,
    pub(super) json: bool,
    pub(super) progress: Progress,
    /// Findings that stopped nothing.
    remarks: usize,
    /// The share of the run that this is.
    shard: Option<Shard>,
}

impl Screen {
    pub(super) fn new(quiet: bool, json: bool, total: usize) -> Screen {
        Screen { quiet, json, progress: Progress::new(quiet, total), remarks: 0, shard: None }
    }

    pub(super) fn rejected(&self, findings: &[Finding]) {
        self.progress.say(|| findings.iter().for_each(show::finding));
    }

    /// Says which share of the run this is: a scheduler may have decided so, unseen by whoever reads the log.
    fn share(&self) {
        if let (Some(shard), false) = (self.shard, self.quiet) {
            show::note(&format!("分片 {shard}"));
        }
    }

    fn summary(&self, tally: &Tally, total: usize, output: &std::path::Path) {
        if self.quiet {
            return;
        }
        let seconds = self.progress.seconds();
        let state = if tally.interrupted { "已中断" } else { "完成" };
        show::note(&format!(
            "{state}：共 {total} 个项目，渲染 {}，未变 {}，有误 {}；写出 {} 个文件到 {}，用时 {seconds:.1} 秒",
            tally.rendered,
            tally.unchanged,
            tally.rejected,
            tally.files,
            output.display()
        ));
        if self.remarks > 0 {
            show::note(&format!("检查发现 {} 个问题；详细说明请运行 jixiao check", self.remarks));
        }
        if total == 0 {
            show::note("没有找到数据文件：数据文件以 .yaml 或 .yml 结尾。");
        }
    }
}

impl Observer for Screen {
    fn advanced(&mut self, done: usize, _: usize) {
        self.progress.advance(done);
    }

    fn project(&mut self, project: &Project) {
        let (status, files, pages, findings): (_, &[PathBuf], _, &[Finding]) = match &project.outcome {
            Outcome::Rendered { files, pages, findings } => ("rendered", files, *pages, findings),
            Outcome::Unchanged => ("unchanged", &[], None, &[]),
            Outcome::Rejected(findings) => ("rejected", &[], None, findings),
        };
        if status == "rendered" {
            self.remarks += findings.iter().filter(|finding| finding.status == Status::Finding).count();
        }
        if self.json {
            let mut line = serde_json::json!({
                "source": project.source, "status": status, "files": files, "pages": pages, "findings": findings,
            });
            if let Some(shard) = self.shard {
                line["shard"] = shard.to_string().into();
            }
            self.progress.say(|| show::out(&format!("{line}\n")));
        } else if status == "rejected" {
            self.rejected(findings);
        } else if !self.quiet {
            self.progress.say(|| findings.iter().for_each(show::brief));
        }
    }
}
