//! Which data files a run renders and where each one's outputs go, known before any work starts.

use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use unicode_normalization::UnicodeNormalization;
use walkdir::{DirEntry, WalkDir};

use crate::diag::{Failure, Finding, Place};
use crate::write::{Shard, slashed};

/// Name of the department of files that lie in no folder with a name.
const NAMELESS: &str = "未分部门";

/// One data file to render. There may be a million of them, so it holds little more than the name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Task {
    root: Arc<Root>,
    /// The data file, below the root.
    file: Box<Path>,
}

/// A folder in which data files were looked for.
#[derive(Debug, PartialEq, Eq)]
struct Root {
    folder: PathBuf,
    /// The department of files that lie directly in it.
    department: String,
}

impl Root {
    fn new(folder: &Path) -> Arc<Root> {
        let department = name_of(folder);
        let department = if department.is_empty() { NAMELESS.to_owned() } else { department };
        Arc::new(Root { folder: folder.to_owned(), department })
    }
}

impl Task {
    /// The data file.
    pub fn source(&self) -> PathBuf {
        self.root.folder.join(&self.file)
    }

    /// Its outputs' path below the output folder, without extension.
    pub fn target(&self) -> PathBuf {
        self.file.with_extension("")
    }

    /// The department whose folder it lies in.
    pub fn department(&self) -> String {
        let mut folders = self.file.components();
        match (folders.next(), folders.next()) {
            (Some(first), Some(_)) => first.as_os_str().to_string_lossy().into_owned(),
            _ => self.root.department.clone(),
        }
    }
}

/// All tasks in order, and the files that cannot be tasks.
#[derive(Debug, Default)]
pub struct Plan {
    /// What is to be rendered.
    pub tasks: Vec<Task>,
    /// Files whose outputs would overwrite each other.
    pub clashes: Vec<Clash>,
}

/// Several data files with one output.
#[derive(Debug)]
pub struct Clash {
    target: String,
    /// Which they are.
    pub finding: Finding,
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
            let root = Root::new(path.parent().unwrap_or(Path::new("")));
            tasks.push(Task { root, file: Path::new(path.file_name().unwrap_or_default()).into() });
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
    let shared = Root::new(root);
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
        let file = path.strip_prefix(root).unwrap_or(path).into();
        tasks.push(Task { root: Arc::clone(&shared), file });
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
    let written = |task: &Task| task.target().to_string_lossy().nfc().collect::<String>().to_lowercase();
    let hash = |task: &Task| crate::hash::short(written(task).as_bytes());
    let mut hashes: Vec<u64> = tasks.iter().map(hash).collect();
    hashes.sort_unstable();
    let twice: HashSet<u64> =
        hashes.windows(2).filter(|pair| pair[0] == pair[1]).map(|pair| pair[0]).collect();
    if twice.is_empty() {
        return Plan { tasks, clashes: Vec::new() };
    }
    drop(hashes);
    let mut groups: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (index, task) in tasks.iter().enumerate().filter(|(_, task)| twice.contains(&hash(task))) {
        groups.entry(written(task)).or_default().push(index);
    }
    let mut groups: Vec<Vec<usize>> = groups.into_values().filter(|group| group.len() > 1).collect();
    groups.sort();
    let mut clashing = vec![false; tasks.len()];
    groups.iter().flatten().for_each(|&index| clashing[index] = true);
    let clashes = groups.iter().map(|group| clash(group, &tasks)).collect();
    let mut clashing = clashing.into_iter();
    let tasks = tasks.into_iter().filter(|_| !clashing.next().unwrap_or(false)).collect();
    Plan { tasks, clashes }
}

/// Says which data files of a group would be written to one file.
fn clash(group: &[usize], tasks: &[Task]) -> Clash {
    let others: Vec<String> =
        group.iter().map(|&index| tasks[index].source().display().to_string()).collect();
    let task = &tasks[group[0]];
    let target = task.target();
    let message =
        format!("{} 个数据文件会写到同一个输出“{}”：{}", group.len(), target.display(), others.join("、"));
    let mut finding = Finding::structure("DATA-TARGET", &task.source(), message)
        .at("", Place { line: 1, column: 1 })
        .fix("请给其中的文件改名，或分到不同的文件夹；都没有渲染。");
    finding.values = others;
    Clash { target: slashed(&target), finding }
}

impl Plan {
    /// The part of the plan that falls to a shard. Clashes are found over all projects; each is told by the shard of
    /// the first file.
    #[must_use]
    pub fn share(self, shard: Shard) -> Plan {
        let Plan { mut tasks, mut clashes } = self;
        tasks.retain(|task| shard.holds(&slashed(&task.target())));
        clashes.retain(|clash| shard.holds(&clash.target));
        Plan { tasks, clashes }
    }
}
