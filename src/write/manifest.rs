//! `manifest.json`: every output with its hash, its source's hash and all that its bytes depend on. While a run
//! goes on, each finished project is a line of a journal, so that a crash loses nothing.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use serde::{Deserialize, Serialize};

use super::{TEMPORARY, atomically, unwritable};
use crate::diag::Failure;
use crate::hash::sha256;

const MANIFEST: &str = "manifest.json";
const JOURNAL: &str = ".manifest.journal";

/// One project's outputs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// The data file, as it was named.
    pub source: String,
    /// SHA-256 of its text.
    pub data: String,
    /// Id of the form.
    pub form: String,
    /// The files.
    pub outputs: Vec<Output>,
}

/// One file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Output {
    /// Path below the output folder, with `/`.
    pub path: String,
    /// SHA-256 of its bytes.
    pub sha256: String,
    /// Its length.
    pub bytes: u64,
    /// Hash over all that the bytes depend on: data, form, fonts, options, program version.
    pub key: String,
}

impl Output {
    /// Describes a file that is about to be written.
    pub fn new(path: &Path, bytes: &[u8], key: &str) -> Output {
        Output {
            path: slashed(path),
            sha256: sha256([bytes]),
            bytes: bytes.len() as u64,
            key: key.to_owned(),
        }
    }

    /// Whether the file is there as it was written. A file that is older than the manifest is judged by its length
    /// alone: reading every output of a province again would cost more than rendering what changed.
    pub fn is_intact(&self, root: &Path) -> bool {
        let Ok(metadata) = std::fs::metadata(root.join(&self.path)) else { return false };
        let written = std::fs::metadata(root.join(MANIFEST)).and_then(|manifest| manifest.modified());
        let older = match (metadata.modified(), written) {
            (Ok(file), Ok(manifest)) => file <= manifest,
            _ => false,
        };
        metadata.len() == self.bytes && (older || self.matches(root))
    }

    fn matches(&self, root: &Path) -> bool {
        std::fs::read(root.join(&self.path)).is_ok_and(|bytes| sha256([&*bytes]) == self.sha256)
    }
}

#[derive(Debug, Default, Serialize, Deserialize)]
struct Stored {
    program: String,
    projects: BTreeMap<String, Entry>,
}

#[derive(Serialize, Deserialize)]
struct JournalLine {
    target: String,
    settled: bool,
    entry: Entry,
}

/// What the output folder holds, as far as this program put it there.
#[derive(Debug)]
pub struct Manifest {
    root: PathBuf,
    projects: BTreeMap<String, Entry>,
    /// Files that were about to be written when an earlier run ended.
    announced: BTreeMap<String, Vec<Output>>,
    journal: File,
}

impl Manifest {
    /// Opens the manifest of an output folder, making the folder when needed, and takes up the journal of a run
    /// that did not end.
    ///
    /// # Errors
    /// When the folder cannot be written, another run is writing there, or the manifest is not readable.
    pub fn open(root: &Path) -> Result<Manifest, Failure> {
        std::fs::create_dir_all(root).map_err(|error| unwritable(root, &error))?;
        let path = root.join(JOURNAL);
        let journal = OpenOptions::new()
            .read(true)
            .append(true)
            .create(true)
            .open(&path)
            .map_err(|error| unwritable(root, &error))?;
        if let Err(std::fs::TryLockError::WouldBlock) = journal.try_lock() {
            return Err(Failure::new(format!("另一个 jixiao 正在写入 {}", root.display()))
                .fix("请等它结束，或换一个输出文件夹（-o）。"));
        }
        let projects = stored(root)?.projects;
        let mut manifest = Manifest { root: root.to_owned(), projects, announced: BTreeMap::new(), journal };
        manifest.replay(&path)?;
        Ok(manifest)
    }

    /// Removes the temporary files of a run that was killed. The lock is held, so no run is using them.
    fn sweep(root: &Path) {
        let files = walkdir::WalkDir::new(root).into_iter().filter_map(Result::ok);
        for file in files.filter(|file| file.file_name().to_string_lossy().starts_with(TEMPORARY)) {
            // One that cannot be removed is only untidy.
            let _ = std::fs::remove_file(file.path());
        }
    }

    fn replay(&mut self, path: &Path) -> Result<(), Failure> {
        let file = File::open(path).map_err(|error| unwritable(path, &error))?;
        if file.metadata().is_ok_and(|metadata| metadata.len() > 0) {
            Manifest::sweep(&self.root);
        }
        for line in BufReader::new(file).lines() {
            // The last line may be cut off where the run was killed.
            let Ok(line) = line.map_err(drop).and_then(|line| serde_json::from_str(&line).map_err(drop))
            else {
                continue;
            };
            let JournalLine { target, settled, entry } = line;
            if settled {
                self.projects.insert(target, entry);
            } else {
                self.announced.entry(target).or_default().extend(entry.outputs);
            }
        }
        Ok(())
    }

    /// What is known of a target.
    pub fn entry(&self, target: &Path) -> Option<&Entry> {
        self.projects.get(&slashed(target))
    }

    /// Whether a file that is there is not as this program left it.
    pub fn is_foreign(&self, target: &Path, path: &Path, root: &Path) -> bool {
        if !root.join(path).exists() {
            return false;
        }
        let (target, path) = (slashed(target), slashed(path));
        let settled = self.projects.get(&target).into_iter().flat_map(|entry| &entry.outputs);
        let announced = self.announced.get(&target).into_iter().flatten();
        !settled.chain(announced).any(|output| output.path == path && output.is_intact(root))
    }

    /// Notes files that are about to be written.
    ///
    /// # Errors
    /// When the journal cannot be written.
    pub fn announce(&mut self, target: &Path, entry: &Entry) -> Result<(), Failure> {
        self.note(target, entry, false)
    }

    /// Notes that a project's files are written. Formats that this run did not write keep their earlier files.
    ///
    /// # Errors
    /// When the journal cannot be written.
    pub fn settle(&mut self, target: &Path, mut entry: Entry) -> Result<(), Failure> {
        if let Some(before) = self.entry(target) {
            let kept: Vec<Output> = before
                .outputs
                .iter()
                .filter(|old| entry.outputs.iter().all(|new| new.path != old.path))
                .cloned()
                .collect();
            entry.outputs.extend(kept);
            entry.outputs.sort_by(|a, b| a.path.cmp(&b.path));
        }
        self.note(target, &entry, true)?;
        self.projects.insert(slashed(target), entry);
        Ok(())
    }

    fn note(&mut self, target: &Path, entry: &Entry, settled: bool) -> Result<(), Failure> {
        let line = JournalLine { target: slashed(target), settled, entry: entry.clone() };
        let mut text = serde_json::to_vec(&line).map_err(|error| Failure::new(error.to_string()))?;
        text.push(b'\n');
        self.journal.write_all(&text).map_err(|error| unwritable(&self.root.join(JOURNAL), &error))
    }

    /// Targets whose data file is gone.
    pub fn orphans(&self) -> Vec<(String, Entry)> {
        let gone = self.projects.iter().filter(|(_, entry)| !Path::new(&entry.source).exists());
        gone.map(|(target, entry)| (target.clone(), entry.clone())).collect()
    }

    /// Removes a target's files and forgets it. A file that someone edited stays.
    ///
    /// # Errors
    /// When a file cannot be removed.
    pub fn prune(&mut self, target: &str) -> Result<(), Failure> {
        let Some(entry) = self.projects.remove(target) else { return Ok(()) };
        for output in entry.outputs.iter().filter(|output| output.matches(&self.root)) {
            let path = self.root.join(&output.path);
            std::fs::remove_file(&path).map_err(|error| unwritable(&path, &error))?;
        }
        Ok(())
    }

    /// Writes the manifest and drops the journal.
    ///
    /// # Errors
    /// When the manifest cannot be written; the journal then stays and nothing is lost.
    pub fn close(self) -> Result<(), Failure> {
        let stored = Stored { program: program(), projects: self.projects };
        let mut bytes =
            serde_json::to_vec_pretty(&stored).map_err(|error| Failure::new(error.to_string()))?;
        bytes.push(b'\n');
        let path = self.root.join(MANIFEST);
        let same = std::fs::read(&path).is_ok_and(|old| old == bytes);
        if same {
            // Its age says up to when outputs are known to be as they were written.
            let touched = File::options().append(true).open(&path).and_then(|file| file.set_modified(now()));
            touched.map_err(|error| unwritable(&path, &error))?;
        } else {
            atomically(&path, &bytes)?;
        }
        drop(self.journal);
        let journal = self.root.join(JOURNAL);
        std::fs::remove_file(&journal).map_err(|error| unwritable(&journal, &error))
    }
}

/// The one place that reads the clock: only a file's age depends on it, never its bytes.
#[expect(clippy::disallowed_methods, reason = "the manifest's age is compared with the outputs' ages")]
fn now() -> SystemTime {
    SystemTime::now()
}

fn program() -> String {
    concat!("jixiao ", env!("CARGO_PKG_VERSION")).to_owned()
}

fn stored(root: &Path) -> Result<Stored, Failure> {
    let path = root.join(MANIFEST);
    let bytes = match std::fs::read(&path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Stored::default()),
        Err(error) => return Err(unwritable(&path, &error)),
    };
    serde_json::from_slice(&bytes).map_err(|error| {
        Failure::new(format!("{} 已损坏（{error}）", path.display()))
            .fix("请删除它再运行；输出文件可用 --force 重新生成。")
    })
}

/// A path with `/` on every system.
pub(super) fn slashed(path: &Path) -> String {
    path.components().map(|part| part.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/")
}
