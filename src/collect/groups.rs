//! Which projects belong together: those of one department and one budget year make a volume and a workbook. The
//! files are only glanced at here; they are read properly one at a time.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};

use crate::batch::{Plan, Task};
use crate::form::{FORM_KEY, YEAR_KEY};
use crate::load;
use crate::write::file_name;

/// The projects of one department and year.
#[derive(Debug)]
pub(super) struct Group {
    /// The department.
    pub(super) department: String,
    /// The department as part of file names.
    pub(super) folder: String,
    /// The year; `None` when no file of the department tells one.
    pub(super) year: Option<i32>,
    /// The projects in order.
    pub(super) tasks: Vec<Task>,
}

impl Group {
    /// The folder that its files lie in.
    pub(super) fn source(&self) -> PathBuf {
        let first = self.tasks.first().map(Task::source);
        let parent = first.as_deref().and_then(Path::parent);
        parent.filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new(".")).to_owned()
    }

    /// `部门-年度`, with which the names of all its files begin.
    pub(super) fn stem(&self) -> String {
        match self.year {
            Some(year) => format!("{}-{year}", self.folder),
            None => self.folder.clone(),
        }
    }
}

/// What a glance at the files told.
#[derive(Debug, Default)]
pub(super) struct Survey {
    /// Departments in the order of the plan, the years of each in their order.
    pub(super) groups: Vec<Group>,
    /// Ids of the forms that files name.
    pub(super) forms: BTreeSet<String>,
}

/// Sorts a plan's files by department and year. A file whose year cannot be told goes to the year that most files of
/// its department have.
pub(super) fn survey(plan: &Plan) -> Survey {
    let mut survey = Survey::default();
    let mut order: Vec<String> = Vec::new();
    let mut departments: HashMap<String, Vec<(Task, Option<i32>)>> = HashMap::new();
    for task in &plan.tasks {
        let (form, year) = glance(task);
        survey.forms.extend(form);
        let department = task.department();
        let files = departments.entry(department.clone()).or_insert_with(|| {
            order.push(department);
            Vec::new()
        });
        files.push((task.clone(), year));
    }
    let mut folders: Vec<String> = Vec::new();
    for department in order {
        let files = departments.remove(&department).unwrap_or_default();
        let folder = folder(&department, &mut folders);
        let mut years: BTreeMap<i32, usize> = BTreeMap::new();
        for year in files.iter().filter_map(|(_, year)| *year) {
            *years.entry(year).or_default() += 1;
        }
        let usual = years.iter().max_by_key(|(_, count)| **count).map(|(year, _)| *year);
        let mut sorted: BTreeMap<Option<i32>, Vec<Task>> = BTreeMap::new();
        for (task, year) in files {
            sorted.entry(year.or(usual)).or_default().push(task);
        }
        survey.groups.extend(sorted.into_iter().map(|(year, tasks)| Group {
            department: department.clone(),
            folder: folder.clone(),
            year,
            tasks,
        }));
    }
    survey
}

/// A folder name that no other department has, whatever the case of its letters.
fn folder(department: &str, taken: &mut Vec<String>) -> String {
    let name = file_name(department);
    let mut folder = name.clone();
    let mut number = 2;
    while taken.contains(&folder.to_lowercase()) {
        folder = format!("{name} ({number})");
        number += 1;
    }
    taken.push(folder.to_lowercase());
    folder
}

/// The form and the year that a file names. Both usually stand on lines of their own, which are found without
/// reading the whole file as YAML.
fn glance(task: &Task) -> (Option<String>, Option<i32>) {
    let source = task.source();
    let Ok(text) = load::read(&source) else { return (None, None) };
    let line = |key: &str| {
        let value = text.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(':'))?;
        let value = value.split(" #").next()?.trim().trim_matches(['"', '\'']);
        (!value.is_empty()).then(|| value.to_owned())
    };
    let (form, year) = (line(FORM_KEY), line(YEAR_KEY));
    if form.is_some() && year.is_some() {
        return (form, year.and_then(|year| year.parse().ok()));
    }
    let Ok(document) = load::parse(&source, text) else {
        return (form, year.and_then(|year| year.parse().ok()));
    };
    let value = |key: &str| document.root.get(key)?.text().map(str::to_owned);
    (value(FORM_KEY), value(YEAR_KEY).and_then(|year| year.trim().parse().ok()))
}
