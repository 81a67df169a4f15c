//! The projects of a path: of a data file, of a workbook, of a PDF that carries its data, or of a folder of data files.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rust_decimal::Decimal;

use super::{Head, Location};
use crate::batch::{Desk, Task, discover, guarded};
use crate::calc::decimal;
use crate::diag::{DataPath, Failure, Finding, Rejection};
use crate::form::{Form, YEAR_KEY};
use crate::import::{self, LabelReader};
use crate::load::{self, Document};
use crate::write::file_name;
use crate::yaml::{self, Data};

/// A project as it is compared.
#[derive(Debug)]
pub struct Project {
    /// The file.
    pub file: PathBuf,
    /// Its path below the folder that was named, without extension.
    pub target: PathBuf,
    /// The department whose folder it lies in; where the folder tells none, the one that the data names.
    pub department: String,
    /// Its form.
    pub form: Arc<Form>,
    /// Its values.
    pub data: Data,
    /// Where its values stand; none for files without lines.
    pub document: Option<Document>,
}

/// Reads the projects of a path, in order, and what is wrong with those that cannot be read.
///
/// # Errors
/// When the machine fails or the path does not exist.
pub fn read(desk: &Desk, path: &Path) -> Result<(Vec<Project>, Vec<Finding>), Failure> {
    let (mut projects, mut findings) = (Vec::new(), Vec::new());
    for task in discover(&[path.to_owned()])? {
        match guarded(&task.source(), || open(desk, &task)) {
            Ok(found) => projects.extend(found),
            Err(Rejection::Data(wrong)) => findings.extend(wrong),
            Err(Rejection::Machine(failure)) => return Err(failure),
        }
    }
    Ok((projects, findings))
}

/// The projects of one file, by its kind.
fn open(desk: &Desk, task: &Task) -> Result<Vec<Project>, Rejection> {
    let extension = task.source().extension().map(|extension| extension.to_string_lossy().to_lowercase());
    match extension.as_deref() {
        Some("pdf" | "xlsx" | "xlsm" | "xls" | "et" | "ods") => {
            let library = desk.library();
            let reader = LabelReader::new(library, None).map_err(Rejection::Data)?;
            let tables = import::read(&task.source(), &reader, library)?;
            let several = tables.len() > 1;
            let projects = tables.into_iter().map(|table| imported(desk, task, table));
            let apart = |mut project: Project| {
                if several {
                    project.target.push(file_name(&project.name()));
                }
                project
            };
            projects.map(|project| project.map(apart)).collect()
        }
        _ => Ok(vec![project(desk, task, load::read(&task.source())?)?]),
    }
}

/// A project as it was read from a workbook or a PDF. Its values stand in no lines, so only the file is told of them.
fn imported(desk: &Desk, task: &Task, table: import::Harvest) -> Result<Project, Rejection> {
    if let Some(text) = table.text {
        return project(desk, task, text);
    }
    let unknown = || Finding::structure("DATA-FORM", &task.source(), format!("没有“{}”这个表式", table.form));
    let form =
        desk.library().form(&table.form).unwrap_or_else(|| Err(vec![unknown()])).map_err(Rejection::Data)?;
    let mut project = project(desk, task, yaml::write(&form, &table.data, &[])).map_err(without_places)?;
    project.document = None;
    Ok(project)
}

/// A project from the text of a data file.
fn project(desk: &Desk, task: &Task, text: String) -> Result<Project, Rejection> {
    let document = load::parse(&task.source(), text)?;
    let form = desk.form(&document)?;
    let broken = form.schema.judge(&document);
    if !broken.is_empty() {
        return Err(Rejection::Data(broken));
    }
    let mut project = Project {
        file: task.source(),
        target: task.target(),
        department: task.department(),
        data: Data::from(&*document.root),
        document: Some(document),
        form,
    };
    // The folder of a single file, or of files that lie directly in it, is called like a version, not a department.
    let named = project.fact(project.form.spec.facts.department.as_deref()).trim();
    if task.target().components().count() == 1 && !named.is_empty() {
        project.department = named.to_owned();
    }
    Ok(project)
}

/// Findings about a text that stands in no file.
fn without_places(rejection: Rejection) -> Rejection {
    let placeless = |finding| Finding { at: None, excerpt: None, ..finding };
    match rejection {
        Rejection::Data(findings) => Rejection::Data(findings.into_iter().map(placeless).collect()),
        other @ Rejection::Machine(_) => other,
    }
}

impl Project {
    /// The text of the scalar at a path; empty where there is none.
    pub(super) fn text(&self, path: &DataPath) -> &str {
        match self.data.at(path) {
            Some(Data::Text(text)) => text,
            _ => "",
        }
    }

    /// Its name; that of the file where the data does not tell.
    pub(super) fn name(&self) -> String {
        let name = self.fact(self.form.spec.facts.name.as_deref()).trim();
        if !name.is_empty() {
            return name.to_owned();
        }
        self.target.file_name().unwrap_or_default().to_string_lossy().into_owned()
    }

    fn fact(&self, path: Option<&str>) -> &str {
        path.map(|path| self.text(&DataPath::parse(path))).unwrap_or_default()
    }

    /// Unit of its amounts.
    pub(super) fn money(&self) -> &str {
        self.form.spec.facts.money.as_deref().unwrap_or_default()
    }

    /// Where the value at a path stands; the nearest one that is there.
    pub(super) fn location(&self, path: &DataPath) -> Location {
        let at = self.document.as_ref().map(|document| document.root.nearest(path).place);
        Location { file: self.file.clone(), at }
    }

    pub(super) fn head(&self) -> Head {
        let total: Option<Decimal> = decimal(self.fact(self.form.spec.facts.total.as_deref()));
        Head {
            file: self.file.clone(),
            department: self.department.clone(),
            name: self.name(),
            year: self.text(&DataPath::root().key(YEAR_KEY)).trim().parse().ok(),
            total,
            money: self.money().to_owned(),
            form: self.form.spec.name.clone(),
        }
    }
}
