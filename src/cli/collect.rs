//! `collect`, and what `render --collect` does after rendering: volumes, workbooks and flat data, with progress.

use std::path::PathBuf;

use jixiao::batch::{Desk, Interrupt, Observer as _, Plan, plan};
use jixiao::collect::{self, CollectOptions, Collected, Observer, Product, Tally};
use jixiao::diag::Failure;

use super::args::{Arguments, Collect};
use super::config::{self, CollectConfig, Config};
use super::progress::{interrupt, jobs};
use super::render::Screen;
use super::{Verdict, show};

/// Pages of a volume past which it goes on in another file. Of 2,000 projects in one department the run then takes
/// 290 MB; each 100 pages more in a file take about 100 MB more.
const VOLUME_PAGES: usize = 100;
/// Projects past which a workbook no longer holds their tables.
const PROJECT_SHEETS: usize = 200;
/// Rows of a sheet in Excel.
const SHEET_ROWS: u32 = 1_048_576;
/// Fewest rows that a list can be cut into: a header, a row and a total.
const FEWEST_ROWS: u32 = 3;

/// Runs the command.
pub(crate) fn run_command(
    collect: &Collect,
    arguments: &Arguments,
    config: &Config,
) -> Result<Verdict, Failure> {
    let shared = &config.render;
    let output = collect.output.clone().or_else(|| shared.output.clone()).unwrap_or_else(|| "output".into());
    let jobs = jobs(collect.jobs.or(shared.jobs))?;
    let paths = if collect.paths.is_empty() { vec![PathBuf::from("data")] } else { collect.paths.clone() };
    let fonts = collect.font_path.iter().chain(&shared.font_path).cloned().collect();
    let ignore = collect.ignore_system_fonts || shared.ignore_system_fonts;
    let desk = Desk::new(config::desk_options(arguments, config, fonts, ignore)?);
    let plan = plan(&paths)?;
    let options = options(output, jobs, collect.force, &collect.format, &config.collect)?;
    let screen = Screen::new(collect.quiet, collect.json, plan.tasks.len());
    for clash in &plan.clashes {
        screen.rejected(std::slice::from_ref(&clash.finding));
    }
    run(&plan, &desk, &options, &interrupt()?, Reporter { screen, findings: true })
}

/// Collects what has just been rendered and reported on.
pub(crate) fn after_render(
    plan: &Plan,
    desk: &Desk,
    options: &CollectOptions,
    interrupt: &Interrupt,
    screen: Screen,
) -> Result<Verdict, Failure> {
    run(plan, desk, options, interrupt, Reporter { screen, findings: false })
}

/// How to collect, from arguments and configuration.
pub(crate) fn options(
    output: PathBuf,
    jobs: usize,
    force: bool,
    formats: &[String],
    config: &CollectConfig,
) -> Result<CollectOptions, Failure> {
    let names = if formats.is_empty() { &config.format[..] } else { formats };
    let mut products = if names.is_empty() { vec![Product::Pdf, Product::Xlsx] } else { Vec::new() };
    for name in names {
        products.push(Product::named(name.trim()).ok_or_else(|| {
            Failure::new(format!("没有“{name}”这种输出格式"))
                .fix("可用的格式：pdf、xlsx、csv、json，多种用逗号分隔。")
        })?);
    }
    products.sort();
    products.dedup();
    let sheet_rows = config.sheet_rows.unwrap_or(SHEET_ROWS);
    if !(FEWEST_ROWS..=SHEET_ROWS).contains(&sheet_rows) {
        return Err(Failure::new(format!("配置 collect.sheet-rows 应在 {FEWEST_ROWS} 到 {SHEET_ROWS} 之间")));
    }
    Ok(CollectOptions {
        output,
        products,
        jobs,
        volume_pages: config.volume_pages.unwrap_or(VOLUME_PAGES),
        project_sheets: config.project_sheets.unwrap_or(PROJECT_SHEETS),
        sheet_rows,
        force,
    })
}

fn run(
    plan: &Plan,
    desk: &Desk,
    options: &CollectOptions,
    interrupt: &Interrupt,
    mut reporter: Reporter,
) -> Result<Verdict, Failure> {
    let tally = collect::collect(plan, desk, options, interrupt, &mut reporter);
    reporter.screen.progress.finish();
    let tally = tally?;
    reporter.summary(&tally, options);
    Ok(match tally {
        Tally { interrupted: true, .. } => Verdict::Interrupted,
        Tally { missing: 0, refused: 0, .. } if plan.clashes.is_empty() => Verdict::Done,
        _ => Verdict::Rejected,
    })
}

struct Reporter {
    screen: Screen,
    /// Whether findings of projects are still to be shown.
    findings: bool,
}

impl Reporter {
    fn summary(&self, tally: &Tally, options: &CollectOptions) {
        if self.screen.quiet {
            return;
        }
        let state = if tally.interrupted { "已中断" } else { "完成" };
        let seconds = self.screen.progress.seconds();
        show::note(&format!(
            "{state}：汇总 {} 个项目，有误未编入 {}；写出 {} 个文件到 {}，用时 {seconds:.1} 秒",
            tally.projects,
            tally.missing,
            tally.files,
            options.output.display()
        ));
    }
}

impl Observer for Reporter {
    fn collected(&mut self, event: &Collected, done: usize, total: usize) {
        let line = match event {
            Collected::Project { source, findings, missing } => {
                self.screen.advanced(done, total);
                if self.findings && !self.screen.json {
                    self.screen.rejected(findings);
                }
                let status = if *missing { "missing" } else { "collected" };
                serde_json::json!({"source": source, "status": status, "findings": findings})
            }
            Collected::File { path, pages } => {
                serde_json::json!({"file": path, "status": "written", "pages": pages})
            }
            Collected::Refused(findings) => {
                if !self.screen.json {
                    self.screen.rejected(findings);
                }
                serde_json::json!({"status": "refused", "findings": findings})
            }
        };
        if self.screen.json {
            self.screen.progress.say(|| show::out(&format!("{line}\n")));
        }
    }
}
