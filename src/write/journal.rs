//! The journal of a run: a line for each project whose files are about to be written, and one when they are. It is
//! also the lock of the run, and all that a crashed run leaves besides its files.

use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::entry::{Entry, Modified};
use super::unwritable;
use crate::diag::Failure;

/// What a line of the journal says.
#[derive(Serialize, Deserialize)]
pub(super) struct Note {
    pub(super) target: String,
    /// Whether the files are there, not just about to be written.
    pub(super) settled: bool,
    /// Nothing when the target was given up.
    pub(super) entry: Option<Entry>,
    /// When the files were last changed, in their order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    modified: Vec<Modified>,
}

impl Note {
    pub(super) fn new(target: String, settled: bool, entry: Option<Entry>) -> Note {
        let times = entry.iter().flat_map(|entry| &entry.outputs).map(|output| output.modified);
        let modified = if settled { times.collect() } else { Vec::new() };
        Note { target, settled, entry, modified }
    }

    /// Reads a line.
    pub(super) fn read(line: &str) -> Option<Note> {
        let mut note: Note = serde_json::from_str(line).ok()?;
        let outputs = note.entry.iter_mut().flat_map(|entry| &mut entry.outputs);
        for (output, modified) in outputs.zip(&note.modified) {
            output.modified = *modified;
        }
        Some(note)
    }
}

/// An open journal, whose lock is held.
#[derive(Debug)]
pub(super) struct Journal {
    pub(super) path: PathBuf,
    file: File,
    length: u64,
    /// Whether an earlier run left it behind.
    pub(super) left: bool,
}

impl Journal {
    /// Opens a journal and takes its lock; `None` when another run has it.
    pub(super) fn open(path: &Path) -> Result<Option<Journal>, Failure> {
        let failed = |error: std::io::Error| unwritable(path, &error);
        let file = OpenOptions::new().read(true).append(true).create(true).open(path).map_err(failed)?;
        if let Err(std::fs::TryLockError::WouldBlock) = file.try_lock() {
            return Ok(None);
        }
        let length = file.metadata().map_err(failed)?.len();
        Ok(Some(Journal { path: path.to_owned(), file, length, left: length > 0 }))
    }

    /// Hands every whole line with its offset to `each`, and cuts off the one in which the run was killed: the next
    /// line would be written into it.
    pub(super) fn replay(&mut self, mut each: impl FnMut(&str, u64)) -> Result<(), Failure> {
        let failed = |error: std::io::Error| unwritable(&self.path, &error);
        let mut reader = BufReader::new(self.file.try_clone().map_err(failed)?);
        reader.seek(SeekFrom::Start(0)).map_err(failed)?;
        let (mut offset, mut line) = (0, Vec::new());
        while reader.read_until(b'\n', &mut line).map_err(failed)? > 0 && line.ends_with(b"\n") {
            each(&String::from_utf8_lossy(&line), offset);
            offset += line.len() as u64;
            line.clear();
        }
        if offset < self.length {
            self.file.set_len(offset).map_err(failed)?;
            self.length = offset;
        }
        Ok(())
    }

    /// When it was last written to, by the clock of the file system.
    pub(super) fn modified(&self) -> Modified {
        self.file.metadata().map(|metadata| Modified::of(&metadata)).unwrap_or_default()
    }

    /// Appends a line; gives its offset and text.
    pub(super) fn append(&mut self, note: &Note) -> Result<(u64, String), Failure> {
        let mut text = serde_json::to_string(note).map_err(|error| Failure::new(error.to_string()))?;
        text.push('\n');
        self.file.write_all(text.as_bytes()).map_err(|error| unwritable(&self.path, &error))?;
        let at = self.length;
        self.length += text.len() as u64;
        Ok((at, text))
    }

    /// Reads a piece of it.
    pub(super) fn piece(&mut self, at: u64, length: u32) -> Result<String, Failure> {
        piece(&mut self.file, at, length).map_err(|error| unwritable(&self.path, &error))
    }

    /// Gives up the lock and removes it.
    pub(super) fn remove(self) -> Result<(), Failure> {
        drop(self.file);
        super::remove(&self.path)
    }
}

/// Reads a piece of a file.
pub(super) fn piece(file: &mut File, at: u64, length: u32) -> std::io::Result<String> {
    file.seek(SeekFrom::Start(at))?;
    let mut bytes = vec![0; length as usize];
    file.read_exact(&mut bytes)?;
    String::from_utf8(bytes).map_err(std::io::Error::other)
}
