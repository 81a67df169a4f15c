//! `render`: the plan from arguments and configuration, progress while it runs, and the summary.

use std::io::IsTerminal;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use jixiao::batch::{Desk, Format, Interrupt, Observer, Outcome, Project, RunOptions, Tally, plan, run};
use jixiao::diag::{Failure, Finding};
use jixiao::write::Manifest;

use super::args::{Arguments, Render};
use super::config::{self, Config};
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
    let jobs = match render.jobs.or(settings.jobs) {
        Some(0) => return Err(Failure::new("--jobs 至少是 1").fix("不写 --jobs 时按处理器核数。")),
        Some(jobs) => jobs,
        None => std::thread::available_parallelism().map_or(1, usize::from),
    };
    let paths = if render.paths.is_empty() { vec![PathBuf::from("data")] } else { render.paths.clone() };
    let fonts = render.font_path.iter().chain(&settings.font_path).cloned().collect();
    let ignore = render.ignore_system_fonts || settings.ignore_system_fonts;
    let desk = Desk::new(config::desk_options(arguments, config, fonts, ignore)?);
    let plan = plan(&paths)?;
    let options = RunOptions { output: output.clone(), formats, jobs, force: render.force };
    let interrupt = interrupt()?;
    let mut screen = Screen::new(render.quiet, render.json, plan.tasks.len());
    for finding in &plan.clashes {
        screen.rejected(std::slice::from_ref(finding));
    }
    let tally = run(&plan, &desk, &options, &interrupt, &mut screen);
    screen.finish();
    let tally = tally?;
    orphans(&output, render)?;
    screen.summary(&tally, plan.tasks.len() + plan.clashes.len(), &output);
    let verdict = match tally {
        Tally { interrupted: true, .. } => Verdict::Interrupted,
        Tally { rejected: 0, .. } => Verdict::Done,
        _ => Verdict::Rejected,
    };
    if render.collect && verdict != Verdict::Interrupted {
        let said = Screen::new(render.quiet, render.json, plan.tasks.len());
        let collected =
            super::collect::after_render(&plan, &desk, &options, &config.collect, &interrupt, said)?;
        return Ok(if verdict == Verdict::Done { collected } else { verdict });
    }
    Ok(verdict)
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

/// The first Ctrl-C ends the run after the projects in hand; a second one ends it at once, which is safe too.
#[expect(clippy::exit, clippy::disallowed_methods, reason = "the second Ctrl-C does not wait for any thread")]
pub(super) fn interrupt() -> Result<Interrupt, Failure> {
    let interrupt = Arc::new(AtomicBool::new(false));
    let flag = Arc::clone(&interrupt);
    ctrlc::set_handler(move || {
        if flag.swap(true, Ordering::Relaxed) {
            std::process::exit(130);
        }
        show::note("正在停止：手头的项目写完就结束（再按一次立即退出）……");
    })
    .map_err(|error| Failure::new(format!("无法响应 Ctrl-C（{error}）")))?;
    Ok(interrupt)
}

/// Names outputs whose data file is gone, or removes them when asked to.
fn orphans(output: &std::path::Path, render: &Render) -> Result<(), Failure> {
    let mut manifest = Manifest::open(output)?;
    for (target, entry) in manifest.orphans() {
        if render.prune {
            manifest.prune(&target)?;
            if !render.quiet {
                show::note(&format!("已删除 {target} 的输出：数据文件 {} 已不存在", entry.source));
            }
        } else if !render.quiet {
            show::note(&format!(
                "注意：{target} 的数据文件 {} 已不存在，输出还留着（加 --prune 删除）",
                entry.source
            ));
        }
    }
    manifest.close()
}

/// Shows progress and findings.
pub(super) struct Screen {
    pub(super) quiet: bool,
    pub(super) json: bool,
    bar: Option<ProgressBar>,
    pub(super) begun: Instant,
    spoken: Instant,
}

/// Seconds between two plain progress lines.
const PLAIN_INTERVAL: Duration = Duration::from_secs(5);

impl Screen {
    #[expect(clippy::disallowed_methods, reason = "progress shows the rate; no output depends on it")]
    pub(super) fn new(quiet: bool, json: bool, total: usize) -> Screen {
        let terminal = std::io::stderr().is_terminal() && !quiet;
        let bar = terminal.then(|| {
            let bar = ProgressBar::with_draw_target(Some(total as u64), ProgressDrawTarget::stderr());
            let style = ProgressStyle::with_template("{bar:30} {pos}/{len}  每秒 {per_sec}  剩余 {eta}");
            bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
            bar
        });
        let now = Instant::now();
        Screen { quiet, json, bar, begun: now, spoken: now }
    }

    pub(super) fn say(&self, text: impl FnOnce()) {
        match &self.bar {
            Some(bar) => bar.suspend(text),
            None => text(),
        }
    }

    pub(super) fn rejected(&self, findings: &[Finding]) {
        self.say(|| findings.iter().for_each(show::finding));
    }

    pub(super) fn finish(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }

    fn summary(&self, tally: &Tally, total: usize, output: &std::path::Path) {
        if self.quiet {
            return;
        }
        let seconds = self.begun.elapsed().as_secs_f64();
        let state = if tally.interrupted { "已中断" } else { "完成" };
        show::note(&format!(
            "{state}：共 {total} 个项目，渲染 {}，未变 {}，有误 {}；写出 {} 个文件到 {}，用时 {seconds:.1} 秒",
            tally.rendered,
            tally.unchanged,
            tally.rejected,
            tally.files,
            output.display()
        ));
        if total == 0 {
            show::note("没有找到数据文件：数据文件以 .yaml 或 .yml 结尾。");
        }
    }
}

impl Observer for Screen {
    #[expect(clippy::disallowed_methods, reason = "progress shows the rate; no output depends on it")]
    fn advanced(&mut self, done: usize, total: usize) {
        if let Some(bar) = &self.bar {
            bar.set_position(done as u64);
        } else if !self.quiet && self.spoken.elapsed() >= PLAIN_INTERVAL {
            self.spoken = Instant::now();
            let rate = done as f64 / self.begun.elapsed().as_secs_f64();
            let left = (total - done) as f64 / rate;
            let percent = done * 100 / total.max(1);
            show::note(&format!("已完成 {done}/{total}（{percent}%），每秒 {rate:.0} 个，约剩 {left:.0} 秒"));
        }
    }

    fn project(&mut self, project: &Project) {
        let (status, files, pages, findings): (_, &[PathBuf], _, &[Finding]) = match &project.outcome {
            Outcome::Rendered { files, pages } => ("rendered", files, *pages, &[]),
            Outcome::Unchanged => ("unchanged", &[], None, &[]),
            Outcome::Rejected(findings) => ("rejected", &[], None, findings),
        };
        if self.json {
            let line = serde_json::json!({
                "source": project.source, "status": status, "files": files, "pages": pages, "findings": findings,
            });
            self.say(|| show::out(&format!("{line}\n")));
        } else {
            self.rejected(findings);
        }
    }
}
