//! `merge`: the shards of a run become one, with progress and what stands in the way.

use std::path::PathBuf;

use jixiao::batch::{Desk, merge, plan};
use jixiao::diag::{Failure, Finding};

use super::args::{Arguments, Merge};
use super::config::{self, Config};
use super::progress::{Progress, interrupt, jobs};
use super::render::Screen;
use super::{Verdict, show};

/// Runs the command.
pub(crate) fn run_command(
    arguments: &Arguments,
    command: &Merge,
    config: &Config,
) -> Result<Verdict, Failure> {
    let Merge { output, paths, quiet, json, .. } = command;
    let jobs = jobs(command.jobs.or(config.render.jobs))?;
    let paths = if paths.is_empty() { vec![PathBuf::from("data")] } else { paths.clone() };
    let plan = plan(&paths)?;
    let interrupt = interrupt()?;
    let mut progress = Progress::new(*quiet, plan.tasks.len());
    let tell = |finding: &Finding| {
        if *json {
            show::out(&format!("{}\n", serde_json::json!({"status": "problem", "findings": [finding]})));
        } else {
            show::finding(finding);
        }
    };
    plan.clashes.iter().for_each(|clash| tell(&clash.finding));
    let merged = merge(&plan, output, jobs, &interrupt, |done| progress.advance(done), tell);
    progress.finish();
    let merged = merged?;
    let whole = merged.problems == 0 && !merged.interrupted;
    if *json {
        let status = if whole { "merged" } else { "unmerged" };
        let line = serde_json::json!({
            "status": status, "shards": merged.shards, "projects": merged.projects, "rejected": merged.rejected,
            "problems": merged.problems,
        });
        show::out(&format!("{line}\n"));
    }
    let rejected = merged.rejected + plan.clashes.len();
    if !quiet {
        let state = match (whole, merged.interrupted) {
            (true, _) => "合并完成",
            (_, true) => "已中断，没有合并",
            _ => "没有合并",
        };
        show::note(&format!(
            "{state}：{} 个分片，{} 个项目的输出齐全，有误 {rejected}，问题 {}；用时 {:.1} 秒",
            merged.shards,
            merged.projects,
            merged.problems,
            progress.seconds()
        ));
    }
    if merged.interrupted {
        return Ok(Verdict::Interrupted);
    }
    let verdict = if whole && rejected == 0 { Verdict::Done } else { Verdict::Rejected };
    if !(whole && command.collect) {
        return Ok(verdict);
    }
    let fonts = command.font_path.iter().chain(&config.render.font_path).cloned().collect();
    let ignore = command.ignore_system_fonts || config.render.ignore_system_fonts;
    let desk = Desk::new(config::desk_options(arguments, config, fonts, ignore)?);
    let options = super::collect::options(output.clone(), jobs, command.force, &[], &config.collect)?;
    let screen = Screen::new(*quiet, *json, plan.tasks.len());
    let collected = super::collect::after_render(&plan, &desk, &options, &interrupt, screen)?;
    Ok(if verdict == Verdict::Done { collected } else { verdict })
}
