//! What the manifest says of a project's files, and how a file is known to be as it was written without reading it
//! again: as in the index of git, by length and time of change, and times that are too young are not trusted.

use std::fmt::Write;
use std::path::Path;
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};

use super::slashed;
use crate::hash::{sha256, sha256_of, short};

/// Times of change are no finer than this on any file system that is in use (FAT): a file that was changed this
/// shortly before we look may change once more and keep its time.
const COARSEST: Duration = Duration::from_secs(2);

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
    /// When its bytes were last known to be these, as its time of change.
    #[serde(skip)]
    pub modified: Modified,
}

/// A file's time of change in nanoseconds since 1970; 0 when it is not known.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Modified(u64);

impl Modified {
    /// The time of change that a file has now.
    pub(super) fn of(metadata: &std::fs::Metadata) -> Modified {
        let since =
            metadata.modified().ok().and_then(|time| time.duration_since(SystemTime::UNIX_EPOCH).ok());
        Modified(since.and_then(|since| u64::try_from(since.as_nanos()).ok()).unwrap_or(0))
    }

    /// In whole seconds, later rather than earlier.
    pub(super) fn seconds(self) -> u32 {
        u32::try_from(self.0.div_ceil(1_000_000_000)).unwrap_or(u32::MAX)
    }

    pub(super) fn from_seconds(seconds: u32) -> Modified {
        Modified(u64::from(seconds) * 1_000_000_000)
    }

    /// Whether a change after `now` would be seen in the time of change.
    pub(super) fn is_settled(self, now: Modified) -> bool {
        let coarsest = u64::try_from(COARSEST.as_nanos()).unwrap_or(u64::MAX);
        self.0 != 0 && self.0.saturating_add(coarsest) < now.0
    }
}

impl Output {
    /// Describes a file that is about to be written.
    pub fn new(path: &Path, bytes: &[u8], key: &str) -> Output {
        Output {
            path: slashed(path),
            sha256: sha256([bytes]),
            bytes: bytes.len() as u64,
            key: key.to_owned(),
            modified: Modified::default(),
        }
    }

    /// Whether the file has these bytes, which are read.
    pub fn matches(&self, root: &Path) -> bool {
        let read = std::fs::File::open(root.join(&self.path)).and_then(sha256_of);
        read.is_ok_and(|(sha256, bytes)| bytes == self.bytes && sha256 == self.sha256)
    }

    /// Reads the file and takes its time of change; says whether it has these bytes.
    pub(crate) fn is_seen(&mut self, root: &Path) -> bool {
        self.look(root) && self.matches(root)
    }

    /// Takes the file's time of change; says whether it is there with the right length.
    pub(super) fn look(&mut self, root: &Path) -> bool {
        let Ok(metadata) = std::fs::metadata(root.join(&self.path)) else { return false };
        self.modified = Modified::of(&metadata);
        metadata.len() == self.bytes
    }
}

/// A number that changes with the bytes that an entry's files should have and with their times of change: while it
/// stays the same nobody has touched them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Stamp(pub(super) u64);

impl Stamp {
    /// When nothing is known of the files' times.
    pub(super) const UNKNOWN: Stamp = Stamp(0);

    /// The stamp of an entry whose files have the times it says, and the youngest of them.
    pub(super) fn of(entry: &Entry) -> (Stamp, Modified) {
        let mut text = String::new();
        for Output { path, sha256, bytes, modified, .. } in &entry.outputs {
            if modified.0 == 0 {
                return (Stamp::UNKNOWN, Modified::default());
            }
            let _ = writeln!(text, "{path}\n{sha256}\n{bytes}\n{}", modified.0);
        }
        let youngest = entry.outputs.iter().map(|output| output.modified).max().unwrap_or_default();
        (Stamp(short(text.as_bytes())), youngest)
    }
}

/// What the manifest knows of a target.
#[derive(Debug, Clone)]
pub struct Known {
    /// Its files.
    pub entry: Entry,
    pub(super) stamp: Stamp,
}

/// Whether files are as they were written.
#[derive(Debug)]
pub enum Intact {
    /// One of them is not.
    No,
    /// They were not touched.
    Untouched,
    /// They were touched, but read and found the same; with the times that they have.
    Read(Entry),
}

impl Known {
    /// Judges those of the target's files whose paths are named.
    pub fn intact(&self, root: &Path, paths: &[String]) -> Intact {
        let mut now = self.entry.clone();
        let mut all = true;
        for output in &mut now.outputs {
            let there = output.look(root);
            if !there && paths.contains(&output.path) {
                return Intact::No;
            }
            all &= there;
        }
        if all && self.stamp != Stamp::UNKNOWN && Stamp::of(&now).0 == self.stamp {
            return Intact::Untouched;
        }
        for output in &mut now.outputs {
            if !output.matches(root) {
                if paths.contains(&output.path) {
                    return Intact::No;
                }
                output.modified = Modified::default();
            }
        }
        Intact::Read(now)
    }
}
