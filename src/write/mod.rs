//! Puts bytes on disk, whole or not at all, and remembers in the manifest what was put there. Nothing else in the
//! library writes.

mod entry;
mod index;
mod journal;
mod listing;
mod manifest;
mod names;
mod parts;
mod shard;
mod sorter;
mod stamps;

use std::fs::File;
use std::io::{ErrorKind, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

pub use entry::{Entry, Intact, Known, Modified, Output};
pub use listing::Part;
pub use manifest::Manifest;
pub use names::file_name;
pub use parts::{Merging, Parts, Recorded};
pub use shard::Shard;

use crate::diag::Failure;
use crate::hash::sha256_of;

/// Why a file could not be written.
#[derive(Debug)]
pub enum WriteError {
    /// Another program holds the file open (Excel does so on Windows); only this file is affected.
    Busy(PathBuf),
    /// Nothing can be written there: no space, no permission.
    Machine(Failure),
}

impl From<WriteError> for Failure {
    /// For files that stand alone, where one that is held ends the work.
    fn from(error: WriteError) -> Failure {
        match error {
            WriteError::Busy(path) => Failure::new(format!("{} 正被其他程序打开", path.display())),
            WriteError::Machine(failure) => failure,
        }
    }
}

/// Prefix of the temporary files beside their targets, by which a crashed run's leavings are known.
pub const TEMPORARY: &str = ".jixiao-tmp-";

/// Writes a file beside its target and renames it, so that no reader ever sees half of it. Gives its time of change.
///
/// # Errors
/// When the folder cannot be made, the file cannot be written or the target is held by another program.
pub fn atomically(target: &Path, bytes: &[u8]) -> Result<Modified, WriteError> {
    let mut draft = Draft::new(target)?;
    draft.write_all(bytes).map_err(|error| WriteError::Machine(unwritable(target, &error)))?;
    draft.publish()
}

/// A file that is written piece by piece beside its target, which appears when it is whole.
#[derive(Debug)]
pub struct Draft {
    target: PathBuf,
    file: tempfile::NamedTempFile,
}

impl Draft {
    /// Opens a draft.
    ///
    /// # Errors
    /// When the target's folder cannot be made or written.
    pub fn new(target: &Path) -> Result<Draft, WriteError> {
        Ok(Draft { target: target.to_owned(), file: temporary(target)? })
    }

    /// What to write to.
    pub fn file(&mut self) -> &mut File {
        self.file.as_file_mut()
    }

    /// Describes the file as the manifest lists it; `path` is its place below the output folder.
    ///
    /// # Errors
    /// When it cannot be read back.
    pub fn output(&mut self, path: &Path) -> Result<Output, WriteError> {
        let file = self.file.as_file_mut();
        let read = file.seek(SeekFrom::Start(0)).and_then(|_| sha256_of(file));
        let described = read.map(|(sha256, bytes)| Output {
            path: slashed(path),
            sha256,
            bytes,
            key: String::new(),
            modified: Modified::default(),
        });
        described.map_err(|error| WriteError::Machine(unwritable(&self.target, &error)))
    }

    /// Its time of change.
    fn modified(&self) -> Result<Modified, WriteError> {
        let metadata = self.file.as_file().metadata();
        let failed = |error| WriteError::Machine(unwritable(&self.target, &error));
        metadata.map(|metadata| Modified::of(&metadata)).map_err(failed)
    }

    /// Puts the draft in its target's place. Gives the time of its last change, which the new place does not alter.
    ///
    /// # Errors
    /// When the target is held by another program or cannot be replaced.
    pub fn publish(self) -> Result<Modified, WriteError> {
        let modified = self.modified()?;
        let Draft { target, file } = self;
        file.persist(&target).map(|_| modified).map_err(|failed| {
            let held = cfg!(windows) && failed.error.kind() == ErrorKind::PermissionDenied && target.exists();
            if held {
                WriteError::Busy(target.clone())
            } else {
                WriteError::Machine(unwritable(&target, &failed.error))
            }
        })
    }
}

impl Write for Draft {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.file.as_file_mut().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.file.as_file_mut().flush()
    }
}

/// A path with `/` on every system.
pub(crate) fn slashed(path: &Path) -> String {
    path.components().map(|part| part.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/")
}

/// Removes a file; one that is not there is as good as removed.
fn remove(path: &Path) -> Result<(), Failure> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(unwritable(path, &error)),
        _ => Ok(()),
    }
}

fn temporary(target: &Path) -> Result<tempfile::NamedTempFile, WriteError> {
    let folder = target.parent().unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder).map_err(|error| WriteError::Machine(unwritable(folder, &error)))?;
    let mut builder = tempfile::Builder::new();
    builder.prefix(TEMPORARY);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        // The usual permissions of a new file; tempfile's own would hide it from everyone else.
        builder.permissions(std::fs::Permissions::from_mode(0o666));
    }
    builder.tempfile_in(folder).map_err(|error| WriteError::Machine(unwritable(folder, &error)))
}

/// Says why a place cannot be written to, and what to do.
pub fn unwritable(path: &Path, error: &std::io::Error) -> Failure {
    let shown = path.display();
    match error.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => {
            Failure::new(format!("磁盘已满，无法写入 {shown}（{error}）"))
                .fix("请清理磁盘后再运行一次：已完成的项目不会重做。")
        }
        ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => {
            Failure::new(format!("没有写入权限：{shown}（{error}）"))
                .fix("请换一个输出文件夹（-o），或修改权限。")
        }
        _ => Failure::new(format!("无法写入 {shown}（{error}）")).fix("请检查输出路径（-o）。"),
    }
}
