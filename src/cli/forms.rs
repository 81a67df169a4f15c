//! `forms`, `schema` and `new`: what forms there are and how to begin with one.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use jixiao::batch::Desk;
use jixiao::diag::{Failure, Rejection, Severity};
use jixiao::form::{Folder, Form, Library, skeleton};
use jixiao::inspect::inspect;
use jixiao::load::{form_folders, read};

use super::args::Arguments;
use super::config::{self, Config};
use super::{Verdict, show};

fn library(arguments: &Arguments, config: &Config) -> Result<Library, Failure> {
    Ok(Library::new(config::desk_options(arguments, config, Vec::new(), false)?.forms))
}

/// The form with this id.
pub(crate) fn form(id: &str, library: &Library) -> Result<Arc<Form>, Failure> {
    match library.form(id) {
        Some(Ok(form)) => Ok(form),
        Some(Err(findings)) => Err(config::broken_form(&findings)),
        None => {
            let fix = match library.nearest(id) {
                Some(near) => format!("是不是“{near}”？"),
                None => format!("可用的表式：{}。", library.ids().collect::<Vec<_>>().join("、")),
            };
            Err(Failure::new(format!("没有“{id}”这个表式")).fix(fix))
        }
    }
}

/// Lists all forms with their names.
pub(crate) fn list(arguments: &Arguments, config: &Config) -> Result<Verdict, Failure> {
    let library = library(arguments, config)?;
    let mut verdict = Verdict::Done;
    for id in library.ids() {
        match library.form(id) {
            Some(Ok(form)) => show::out(&format!("{id}\t{}\t{}\n", form.spec.name, form.spec.description)),
            Some(Err(findings)) => {
                findings.iter().for_each(show::finding);
                verdict = Verdict::Rejected;
            }
            None => {}
        }
    }
    Ok(verdict)
}

/// Inspects the forms of a folder and draws their examples.
pub(crate) fn check(folder: &Path, arguments: &Arguments, config: &Config) -> Result<Verdict, Failure> {
    let folders = form_folders(folder)?;
    if folders.is_empty() {
        return Err(Failure::new(format!("{} 里没有表式", folder.display()))
            .fix("表式文件夹里应有 form.yaml、table.yaml.j2、schema.json。"));
    }
    let mut options = config::desk_options(arguments, config, config.render.font_path.clone(), false)?;
    let mut ids = Vec::new();
    for (id, origin, files) in folders {
        ids.push((id.clone(), origin.clone()));
        options.forms.push(Folder { id, origin, files });
    }
    let desk = Desk::new(options);
    let mut verdict = Verdict::Done;
    for (id, origin) in ids {
        let (mut examples, mut unread) = (Vec::new(), Vec::new());
        for path in example_files(&origin)? {
            match read(&path) {
                Ok(text) => examples.push((path, text)),
                Err(Rejection::Machine(failure)) => return Err(failure),
                Err(Rejection::Data(findings)) => unread.extend(findings),
            }
        }
        let mut findings = inspect(&desk, &id, &examples)?;
        findings.append(&mut unread);
        findings.iter().for_each(show::finding);
        if findings.iter().any(|finding| finding.reaches(Severity::Warning)) {
            verdict = Verdict::Rejected;
            show::out(&format!("{id}\t有问题\n"));
        } else {
            show::out(&format!("{id}\t可用，试排了 {} 份示例\n", examples.len()));
        }
    }
    Ok(verdict)
}

/// The examples in a form's folder, sorted.
fn example_files(origin: &Path) -> Result<Vec<PathBuf>, Failure> {
    let unreadable = |error: std::io::Error| Failure::new(format!("无法读取示例文件夹（{error}）"));
    let mut files = Vec::new();
    let alone = origin.join("example.yaml");
    if alone.is_file() {
        files.push(alone);
    }
    let folder = origin.join("examples");
    if folder.is_dir() {
        for entry in std::fs::read_dir(folder).map_err(unreadable)? {
            let path = entry.map_err(unreadable)?.path();
            if path.extension().is_some_and(|extension| extension == "yaml" || extension == "yml") {
                files.push(path);
            }
        }
    }
    files.sort();
    Ok(files)
}

/// Prints a form's schema.
pub(crate) fn schema(id: &str, arguments: &Arguments, config: &Config) -> Result<Verdict, Failure> {
    let form = form(id, &library(arguments, config)?)?;
    let text =
        serde_json::to_string_pretty(&form.schema.json).map_err(|error| Failure::new(error.to_string()))?;
    show::out(&format!("{text}\n"));
    Ok(Verdict::Done)
}

/// Writes an empty data file, or prints it.
pub(crate) fn new(
    id: &str,
    output: Option<&Path>,
    arguments: &Arguments,
    config: &Config,
) -> Result<Verdict, Failure> {
    let text = skeleton(&*form(id, &library(arguments, config)?)?);
    let Some(path) = output else {
        show::out(&text);
        return Ok(Verdict::Done);
    };
    if path.exists() {
        return Err(Failure::new(format!("{} 已经存在，没有覆盖", path.display())).fix("请换一个文件名。"));
    }
    jixiao::write::atomically(path, text.as_bytes())?;
    show::note(&format!("已生成 {}", path.display()));
    Ok(Verdict::Done)
}
