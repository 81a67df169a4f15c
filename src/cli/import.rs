//! `import`: published tables into data files, and what became of each.

use std::fmt::Write;
use std::path::Path;
use std::sync::atomic::Ordering;

use jixiao::diag::{DataPath, Failure, Finding, Rejection};
use jixiao::import::{Existing, Imported, LabelReader, Options, Placed, Status, place, read, save};

use super::args::{Arguments, Import};
use super::config::{self, Config};
use super::progress::{Progress, interrupt};
use super::{Verdict, forms, show};

/// Runs the command. Every file is read before the first is written, so that each table's name is known.
pub(crate) fn run(import: &Import, arguments: &Arguments, config: &Config) -> Result<Verdict, Failure> {
    let library = forms::library(arguments, config)?;
    if let Some(id) = &import.form {
        forms::form(id, &library)?;
    }
    let reader = LabelReader::new(&library, import.form.as_deref())
        .map_err(|findings| config::broken_form(&findings))?;
    let options = Options {
        output: import.output.clone().unwrap_or_else(|| "data".into()),
        existing: match (import.force, import.update) {
            (true, _) => Existing::Replace,
            (_, true) => Existing::Update,
            _ => Existing::Keep,
        },
        department: import.department.clone(),
    };
    let interrupt = interrupt()?;
    let mut report = Report { import, counts: Counts::default() };
    let mut progress = Progress::new(import.quiet, import.files.len());
    let mut tables = Vec::new();
    for (done, file) in import.files.iter().enumerate() {
        if interrupt.load(Ordering::Relaxed) {
            progress.finish();
            return Ok(Verdict::Interrupted);
        }
        match read(file, &reader) {
            Ok(harvests) => tables.extend(harvests.into_iter().map(|harvest| (file.clone(), harvest))),
            Err(Rejection::Data(findings)) => progress.say(|| report.unread(file, &findings)),
            // A file that is not there must not keep the others from being imported.
            Err(Rejection::Machine(failure)) => {
                let mut finding = Finding::structure("IMPORT-READ", file, failure.message);
                finding.fix = failure.fix;
                progress.say(|| report.unread(file, &[finding]));
            }
        }
        progress.advance(done + 1);
    }
    progress.finish();
    let tables = place(tables, &library, &options).map_err(|findings| config::broken_form(&findings))?;
    let mut interrupted = false;
    for placed in &tables {
        interrupted = interrupt.load(Ordering::Relaxed);
        if interrupted {
            break;
        }
        let imported = save(placed, &options)?;
        report.table(placed, &imported);
    }
    report.close(interrupted);
    Ok(match report.counts.failed {
        _ if interrupted => Verdict::Interrupted,
        0 => Verdict::Done,
        _ => Verdict::Rejected,
    })
}

/// Counts of a run.
#[derive(Debug, Default)]
struct Counts {
    written: usize,
    updated: usize,
    unchanged: usize,
    kept: usize,
    unread: usize,
    unplaced: usize,
    failed: usize,
}

struct Report<'a> {
    import: &'a Import,
    counts: Counts,
}

impl Report<'_> {
    fn unread(&mut self, file: &Path, findings: &[Finding]) {
        self.counts.unread += 1;
        self.counts.failed += 1;
        if self.import.json {
            let line = serde_json::json!({"source": file, "status": "rejected", "findings": findings});
            show::out(&format!("{line}\n"));
        } else {
            findings.iter().for_each(show::finding);
        }
    }

    fn table(&mut self, placed: &Placed, imported: &Imported) {
        let Placed { source, harvest, target, numbered, .. } = placed;
        let (word, status, count) = match imported.status {
            Status::Written => ("已写入", "written", &mut self.counts.written),
            Status::Updated => ("已更新", "updated", &mut self.counts.updated),
            Status::Unchanged => ("没有变化", "unchanged", &mut self.counts.unchanged),
            Status::Kept => ("没有写入", "kept", &mut self.counts.kept),
        };
        *count += 1;
        let unplaced = harvest.unplaced.len();
        self.counts.unplaced += unplaced;
        self.counts.failed += usize::from(!imported.findings.is_empty());
        let remarks: Vec<_> = harvest.remarks.iter().filter(|(path, _)| *path != DataPath::root()).collect();
        if self.import.json {
            let remarks: Vec<_> = remarks
                .iter()
                .map(|(path, text)| serde_json::json!({"path": path.to_string(), "text": text}))
                .collect();
            let left: Vec<_> = harvest
                .unplaced
                .iter()
                .map(|left| serde_json::json!({"place": left.spot.to_string(), "text": left.text}))
                .collect();
            let line = serde_json::json!({
                "source": source, "status": status, "file": target, "form": harvest.form, "numbered": numbered,
                "unplaced": left, "remarks": remarks, "findings": imported.findings,
            });
            show::out(&format!("{line}\n"));
            return;
        }
        if !self.import.quiet {
            let mut line = format!("{word} {}（来自 {}）", target.display(), source.display());
            if *numbered {
                line.push_str("；这次导入里有重名的表，文件名加了编号");
            }
            if !remarks.is_empty() {
                let _ = write!(line, "；{} 处说明", remarks.len());
            }
            if unplaced > 0 {
                let _ = write!(line, "；{unplaced} 处内容没有放进表里，见文件里的“未识别”");
            }
            show::note(&line);
            for (path, text) in remarks {
                show::note(&format!("  说明：{path}：{text}"));
            }
        }
        imported.findings.iter().for_each(show::finding);
    }

    fn close(&self, interrupted: bool) {
        if self.import.quiet {
            return;
        }
        let Counts { written, updated, unchanged, kept, unread, unplaced, .. } = self.counts;
        let mut line = format!(
            "{}：读了 {} 个文件，写入 {written} 张表",
            if interrupted { "已中断" } else { "完成" },
            self.import.files.len()
        );
        let others = [
            (updated, "张更新"),
            (unchanged, "张没有变化"),
            (kept, "张没有写入"),
            (unread, "个文件没有读出"),
            (unplaced, "处内容未识别"),
        ];
        for (number, what) in others.into_iter().filter(|(number, _)| *number > 0) {
            let _ = write!(line, "，{number} {what}");
        }
        show::note(&line);
    }
}
