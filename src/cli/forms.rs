//! `forms`, `schema` and `new`: what forms there are and how to begin with one.

use std::sync::Arc;

use jixiao::batch::Desk;
use jixiao::diag::{Failure, Rejection};
use jixiao::form::{Form, Library, skeleton};

use super::args::{Arguments, New};
use super::config::{self, Config, RenderConfig};
use super::{Verdict, show};

/// All forms.
pub(crate) fn library(arguments: &Arguments, config: &Config) -> Result<Library, Failure> {
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

/// Prints a form's schema.
pub(crate) fn schema(id: &str, arguments: &Arguments, config: &Config) -> Result<Verdict, Failure> {
    let form = form(id, &library(arguments, config)?)?;
    let text =
        serde_json::to_string_pretty(&form.schema.json).map_err(|error| Failure::new(error.to_string()))?;
    show::out(&format!("{text}\n"));
    Ok(Verdict::Done)
}

/// Writes an empty data file, or prints it; or writes a workbook to be filled in.
pub(crate) fn new(new: &New, arguments: &Arguments, config: &Config) -> Result<Verdict, Failure> {
    let RenderConfig { font_path, ignore_system_fonts, .. } = &config.render;
    let options = config::desk_options(arguments, config, font_path.clone(), *ignore_system_fonts)?;
    let desk = Desk::new(options);
    let form = form(&new.form, desk.library())?;
    let Some(path) = &new.output else {
        show::out(&skeleton(&form));
        return Ok(Verdict::Done);
    };
    if path.exists() {
        return Err(Failure::new(format!("{} 已经存在，没有覆盖", path.display())).fix("请换一个文件名。"));
    }
    let bytes = if new.xlsx {
        jixiao::fill_in(&desk, &form, new.spare.into()).map_err(|rejection| match rejection {
            Rejection::Data(findings) => config::broken_form(&findings),
            Rejection::Machine(failure) => failure,
        })?
    } else {
        skeleton(&form).into_bytes()
    };
    jixiao::write::atomically(path, &bytes)?;
    show::note(&format!("已生成 {}", path.display()));
    Ok(Verdict::Done)
}
