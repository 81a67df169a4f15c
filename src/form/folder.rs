//! Where forms come from: the folders built into the program, and a folder that the user names, which goes first.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use include_dir::{Dir, include_dir};

use super::{Form, Purpose};
use crate::diag::Finding;

static BUILT_IN: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/templates");

/// The files of one form, by name.
#[derive(Debug, Clone)]
pub struct Folder {
    /// The form's id.
    pub id: String,
    /// The folder as messages name it.
    pub origin: PathBuf,
    /// Content by file name.
    pub files: BTreeMap<String, Vec<u8>>,
}

impl Folder {
    /// A file's path for messages.
    pub fn file(&self, name: &str) -> PathBuf {
        self.origin.join(name)
    }

    /// A file's text.
    ///
    /// # Errors
    /// When it is missing or not UTF-8.
    pub fn text(&self, name: &str) -> Result<&str, Vec<Finding>> {
        let refuse = |reason: &str| vec![Finding::structure("FORM-FILE", &self.file(name), reason)];
        let bytes = self.files.get(name).ok_or_else(|| {
            refuse(&format!("表式文件夹里缺少 {name}（应有 form.yaml、table.yaml.j2、schema.json）"))
        })?;
        std::str::from_utf8(bytes).map_err(|_| refuse("文件不是 UTF-8 编码"))
    }

    /// A finding for an error in one of the folder's YAML files.
    pub(super) fn yaml(&self, name: &str, error: &serde_yaml::Error) -> Vec<Finding> {
        let finding = Finding::structure("FORM-YAML", &self.file(name), format!("内容不符合要求（{error}）"));
        let text = self.text(name).unwrap_or("");
        vec![match error.location() {
            Some(at) => finding.at(text, crate::diag::Place { line: at.line(), column: at.column() }),
            None => finding,
        }]
    }
}

/// A form that was read once, or what was wrong with it.
type Loaded = Result<Arc<Form>, Vec<Finding>>;

/// All forms that this run can use; each is read when it is first asked for.
#[derive(Debug)]
pub struct Library {
    folders: BTreeMap<String, (Folder, OnceLock<Loaded>)>,
}

impl Library {
    /// The built-in forms with `extra` before them: a folder with the same id replaces the built-in one.
    pub fn new(extra: Vec<Folder>) -> Library {
        let built_in = BUILT_IN.dirs().map(|dir| Folder {
            id: dir.path().to_string_lossy().into_owned(),
            origin: PathBuf::from("templates").join(dir.path()),
            files: dir
                .files()
                .filter_map(|file| {
                    let name = file.path().file_name()?.to_string_lossy().into_owned();
                    Some((name, file.contents().to_vec()))
                })
                .collect(),
        });
        let folders =
            built_in.chain(extra).map(|folder| (folder.id.clone(), (folder, OnceLock::new()))).collect();
        Library { folders }
    }

    /// Ids of all forms that data can be written for, sorted; those of broken ones too.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        let other = |id: &str| matches!(self.form(id), Some(Ok(form)) if form.spec.purpose != Purpose::Data);
        self.folders.keys().map(String::as_str).filter(move |id| !other(id))
    }

    /// Id of the first form that the program fills in for a purpose.
    pub fn made_for(&self, purpose: Purpose) -> Option<&str> {
        let serves = |id: &&str| matches!(self.form(id), Some(Ok(form)) if form.spec.purpose == purpose);
        self.folders.keys().map(String::as_str).find(serves)
    }

    /// A form's files.
    pub fn folder(&self, id: &str) -> Option<&Folder> {
        self.folders.get(id).map(|(folder, _)| folder)
    }

    /// The form with this id; `None` when there is none.
    ///
    /// # Errors
    /// What is wrong with the form's folder.
    pub fn form(&self, id: &str) -> Option<Result<Arc<Form>, Vec<Finding>>> {
        let (folder, loaded) = self.folders.get(id)?;
        Some(loaded.get_or_init(|| Form::new(folder).map(Arc::new)).clone())
    }

    /// The id that the user most likely meant.
    pub fn nearest(&self, id: &str) -> Option<&str> {
        nearest(id, self.ids())
    }
}

/// The candidate that is most like `word`, when one is like it at all.
pub(super) fn nearest<'a>(word: &str, candidates: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    const ALIKE: f64 = 0.5;
    candidates
        .map(|candidate| (strsim::normalized_damerau_levenshtein(word, candidate), candidate))
        .filter(|(likeness, _)| *likeness >= ALIKE)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, candidate)| candidate)
}
