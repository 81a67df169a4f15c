//! `check --fix`: repairs what has one right answer, after showing what would change.

use std::io::{BufRead, IsTerminal};

use jixiao::batch::{Desk, Task};
use jixiao::check::repairs;
use jixiao::diag::Failure;
use jixiao::load;
use jixiao::write::atomically;
use jixiao::yaml::apply;

use super::show;

/// Repairs every data file. Files that cannot be read as data stay as they are; the check after this says
/// why.
pub(crate) fn run(tasks: &[Task], desk: &Desk, yes: bool) -> Result<(), Failure> {
    let mut changes = Vec::new();
    for task in tasks {
        let source = task.source();
        let Ok(bytes) = std::fs::read(&source) else { continue };
        let Ok(text) = load::read(&source) else { continue };
        let Ok(document) = load::parse(&source, text) else { continue };
        let Ok(form) = desk.form(&document) else { continue };
        let edits = repairs(&form, &document);
        let repaired = apply(&document.text, &edits);
        // A repair must leave the file readable; one that would not is not made.
        if edits.is_empty() || load::parse(&source, repaired.clone()).is_err() {
            continue;
        }
        let mark = if bytes.starts_with("\u{feff}".as_bytes()) { "\u{feff}" } else { "" };
        if !yes {
            show::note(&difference(&source.display().to_string(), &document.text, &repaired));
        }
        changes.push((source.clone(), format!("{mark}{repaired}"), edits.len()));
    }
    if changes.is_empty() {
        show::note("没有可以自动修复的问题");
        return Ok(());
    }
    if !yes && !confirmed(changes.len())? {
        return Ok(());
    }
    for (path, text, count) in changes {
        atomically(&path, text.as_bytes())?;
        show::note(&format!("已修复 {}：{count} 处", path.display()));
    }
    Ok(())
}

/// Asks on a terminal; elsewhere nobody can answer, so nothing is changed.
fn confirmed(files: usize) -> Result<bool, Failure> {
    if !std::io::stdin().is_terminal() {
        show::note("以上改动没有写入：确认无误后加 --yes");
        return Ok(false);
    }
    show::note(&format!("写入以上 {files} 个文件的改动吗？[y/N]"));
    let mut answer = String::new();
    let read = std::io::stdin().lock().read_line(&mut answer);
    read.map_err(|error| Failure::new(format!("无法读取回答（{error}）")))?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes" | "是"))
}

/// The changed lines of a file, as `diff -u` marks them.
fn difference(name: &str, before: &str, after: &str) -> String {
    let diff = similar::TextDiff::from_lines(before, after);
    diff.unified_diff().context_radius(0).header(name, name).to_string()
}
