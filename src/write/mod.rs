//! Puts bytes on disk, whole or not at all, and remembers in the manifest what was put there. Nothing else in the
//! library writes.

mod manifest;

use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

pub use manifest::{Entry, Manifest, Output};

use crate::diag::Failure;

/// Why a file could not be written.
#[derive(Debug)]
pub enum WriteError {
    /// Another program holds the file open (Excel does so on Windows); only this file is affected.
    Busy(PathBuf),
    /// Nothing can be written there: no space, no permission.
    Machine(Failure),
}

/// Prefix of the temporary files beside their targets, by which a crashed run's leavings are known.
pub const TEMPORARY: &str = ".jixiao-tmp-";

/// Writes a file beside its target and renames it, so that no reader ever sees half of it.
///
/// # Errors
/// When the folder cannot be made, the file cannot be written or the target is held by another program.
pub fn atomically(target: &Path, bytes: &[u8]) -> Result<(), WriteError> {
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
    let mut file =
        builder.tempfile_in(folder).map_err(|error| WriteError::Machine(unwritable(folder, &error)))?;
    file.write_all(bytes).map_err(|error| WriteError::Machine(unwritable(folder, &error)))?;
    file.persist(target).map(drop).map_err(|failed| {
        let held = cfg!(windows) && failed.error.kind() == ErrorKind::PermissionDenied && target.exists();
        if held {
            WriteError::Busy(target.to_owned())
        } else {
            WriteError::Machine(unwritable(target, &failed.error))
        }
    })
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
