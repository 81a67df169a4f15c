//! Puts finished files in their places and into the manifest. A file that someone edited since is not overwritten:
//! reviewers write into the list of issues.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::diag::{Failure, Finding, Rejection};
use crate::write::{Draft, Entry, Manifest, WriteError};

/// The output folder of a run.
pub(super) struct Outputs {
    root: PathBuf,
    force: bool,
    manifest: Mutex<Manifest>,
}

impl Outputs {
    pub(super) fn open(root: &Path, force: bool) -> Result<Outputs, Failure> {
        Ok(Outputs { root: root.to_owned(), force, manifest: Mutex::new(Manifest::open(root)?) })
    }

    /// A draft of a file below the output folder.
    pub(super) fn draft(&self, path: &Path) -> Result<Draft, Rejection> {
        Draft::new(&self.root.join(path)).map_err(refused)
    }

    /// Puts a draft in its place. `source` is what it was made from; once that is gone the file is named as left over.
    pub(super) fn publish(&self, path: &Path, mut draft: Draft, source: &Path) -> Result<(), Rejection> {
        let full = self.root.join(path);
        let target = path.with_extension("");
        let mut manifest = self.manifest();
        if !self.force && manifest.is_foreign(&target, path, &self.root)? {
            let message = format!("输出文件 {} 在生成之后被人修改过，没有覆盖", full.display());
            return Err(Finding::structure("OUT-EDITED", &full, message)
                .fix("请先把它另存到别处；确定要覆盖时加 --force。")
                .into());
        }
        let mut entry = Entry {
            source: source.to_string_lossy().replace('\\', "/"),
            data: String::new(),
            form: String::new(),
            outputs: vec![draft.output(path).map_err(refused)?],
        };
        // The journal learns of the file before it appears, so that after a crash it is known to be ours.
        manifest.announce(&target, &entry)?;
        let modified = draft.publish().map_err(refused)?;
        entry.outputs.iter_mut().for_each(|output| output.modified = modified);
        manifest.settle(&target, entry)?;
        Ok(())
    }

    /// Removes a file of an earlier run that this one no longer makes; an edited one stays.
    ///
    /// Tells whether there was one.
    pub(super) fn forget(&self, path: &Path) -> Result<bool, Failure> {
        let mut manifest = self.manifest();
        let target = path.with_extension("").to_string_lossy().replace('\\', "/");
        let known = manifest.knows(Path::new(&target));
        manifest.prune(&target)?;
        Ok(known)
    }

    /// Writes the manifest.
    pub(super) fn close(self) -> Result<(), Failure> {
        self.manifest.into_inner().unwrap_or_else(PoisonError::into_inner).close()
    }

    fn manifest(&self) -> MutexGuard<'_, Manifest> {
        self.manifest.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A file that another program holds is a finding; all else that prevents writing stops the work.
fn refused(error: WriteError) -> Rejection {
    match error {
        WriteError::Machine(failure) => failure.into(),
        WriteError::Busy(path) => {
            let message = format!("{} 正被其他程序打开，无法写入", path.display());
            Finding::structure("OUT-BUSY", &path, message)
                .fix("请先关闭 Excel 或 PDF 阅读器里的这个文件，再运行一次。")
                .into()
        }
    }
}
