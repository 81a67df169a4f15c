//! Which data files a run renders and where each one's outputs go, known before any work starts.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use unicode_normalization::UnicodeNormalization;
use walkdir::{DirEntry, WalkDir};

use crate::diag::{Failure, Finding, Place};

/// One data file to render.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Task {
    /// The data file.
    pub source: PathBuf,
    /// Its outputs' path below the output folder, without extension.
    pub target: PathBuf,
    /// The department whose folder it lies in.
    pub department: String,
}

/// All tasks in order, and the files that cannot be tasks.
#[derive(Debug, Default)]
pub struct Plan {
    /// What is to be rendered.
    pub tasks: Vec<Task>,
    /// Files whose outputs would overwrite each other.
    pub clashes: Vec<Finding>,
}

/// Finds the data files below `paths`, each folder in the order of names.
///
/// # Errors
/// When a path does not exist or cannot be read.
pub fn plan(paths: &[PathBuf]) -> Result<Plan, Failure> {
    Ok(without_clashes(discover(paths)?))
}

/// Finds the data files below `paths` for work that writes nothing, where two of one name are no clash.
///
/// # Errors
/// When a path does not exist or cannot be read.
pub fn discover(paths: &[PathBuf]) -> Result<Vec<Task>, Failure> {
    let mut tasks = Vec::new();
    for path in paths {
        let metadata = std::fs::metadata(path).map_err(|error| missing(path, &error))?;
        if metadata.is_file() {
            let target = PathBuf::from(path.file_stem().unwrap_or_default());
            let department = path.parent().map(name_of).unwrap_or_default();
            tasks.push(Task { source: path.clone(), target, department });
        } else {
            walk(path, &mut tasks)?;
        }
    }
    Ok(tasks)
}

fn missing(path: &Path, error: &std::io::Error) -> Failure {
    if error.kind() == std::io::ErrorKind::NotFound {
        Failure::new(format!("路径不存在：{}", path.display()))
            .fix("请检查路径；不写路径时默认渲染 data/ 文件夹。")
    } else {
        Failure::new(format!("无法读取 {}（{error}）", path.display())).fix("请检查权限。")
    }
}

fn walk(root: &Path, tasks: &mut Vec<Task>) -> Result<(), Failure> {
    let visible =
        |entry: &DirEntry| entry.depth() == 0 || !entry.file_name().to_string_lossy().starts_with('.');
    let walker = WalkDir::new(root).follow_links(true).sort_by_file_name().into_iter();
    for entry in walker.filter_entry(visible) {
        let entry = entry.map_err(|error| {
            let path = error.path().unwrap_or(root).display().to_string();
            Failure::new(format!("无法读取 {path}（{error}）")).fix("请检查权限和符号链接。")
        })?;
        let path = entry.path();
        let is_data = path.extension().is_some_and(|ext| ext == "yaml" || ext == "yml");
        if !entry.file_type().is_file() || !is_data {
            continue;
        }
        let target = path.strip_prefix(root).unwrap_or(path).with_extension("");
        let department = match target.components().count() {
            0 | 1 => name_of(root),
            _ => target
                .components()
                .next()
                .map_or_else(String::new, |first| first.as_os_str().to_string_lossy().into_owned()),
        };
        tasks.push(Task { source: path.to_owned(), target, department });
    }
    Ok(())
}

fn name_of(path: &Path) -> String {
    let named = path.file_name().map(|name| name.to_string_lossy().into_owned());
    named
        .or_else(|| {
            std::fs::canonicalize(path).ok()?.file_name().map(|name| name.to_string_lossy().into_owned())
        })
        .unwrap_or_default()
}

/// Leaves out tasks that would write the same file, also where names differ only in case or in the composition of
/// characters, because then they are one file on Windows and macOS.
fn without_clashes(tasks: Vec<Task>) -> Plan {
    let key = |task: &Task| task.target.to_string_lossy().nfc().collect::<String>().to_lowercase();
    let mut first: HashMap<String, Vec<usize>> = HashMap::new();
    for (index, task) in tasks.iter().enumerate() {
        first.entry(key(task)).or_default().push(index);
    }
    let mut clashing = vec![false; tasks.len()];
    let mut clashes = Vec::new();
    let mut groups: Vec<Vec<usize>> = first.into_values().filter(|group| group.len() > 1).collect();
    groups.sort();
    for group in groups {
        let others: Vec<String> =
            group.iter().map(|&index| tasks[index].source.display().to_string()).collect();
        for &index in &group {
            clashing[index] = true;
        }
        let task = &tasks[group[0]];
        let message = format!(
            "{} 个数据文件会写到同一个输出“{}”：{}",
            group.len(),
            task.target.display(),
            others.join("、")
        );
        let mut finding = Finding::structure("DATA-TARGET", &task.source, message)
            .at("", Place { line: 1, column: 1 })
            .fix("请给其中的文件改名，或分到不同的文件夹；都没有渲染。");
        finding.values = others;
        clashes.push(finding);
    }
    let mut clashing = clashing.into_iter();
    let tasks = tasks.into_iter().filter(|_| !clashing.next().unwrap_or(false)).collect();
    Plan { tasks, clashes }
}
