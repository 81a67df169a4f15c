//! The closed world that `table.typ` is compiled in: one program, one data file, the file to attach if there
//! is one, the form's faces, and nothing else. No network, no packages, no other file, no clock.

use std::sync::{Arc, LazyLock};

use typst::diag::{FileError, FileResult};
use typst::foundations::{Bytes, Datetime, Duration};
use typst::syntax::{FileId, RootedPath, Source, VirtualPath, VirtualRoot};
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;
use typst::{Feature, Library, LibraryExt, World};

use crate::load::fonts::Face;

/// The program. Its `FileId` is made once: typst has room for 65,535 of them in a process.
static PROGRAM: LazyLock<Source> =
    LazyLock::new(|| Source::new(id("table.typ"), include_str!("table.typ").to_owned()));
static DATA: LazyLock<FileId> = LazyLock::new(|| id("grid.json"));
/// Whatever name the attached file is given, it is read under this one.
static ATTACHMENT: LazyLock<FileId> = LazyLock::new(|| id("attachment"));
static LIBRARY: LazyLock<LazyHash<Library>> = LazyLock::new(|| {
    // `pdf.header-cell` is behind this flag; it marks row headers, which PDF/A-2a readers announce.
    let features = [Feature::A11yExtras].into_iter().collect();
    LazyHash::new(Library::builder().with_features(features).build())
});

fn id(path: &str) -> FileId {
    let path = VirtualPath::new(path).expect("a plain file name is a valid virtual path");
    RootedPath::new(VirtualRoot::Project, path).intern()
}

/// The faces of one form as typst looks them up.
#[derive(Debug, Clone)]
pub(super) struct Shelf {
    book: LazyHash<FontBook>,
    faces: Vec<Arc<Face>>,
}

impl Shelf {
    pub(super) fn new(faces: Vec<Arc<Face>>) -> Shelf {
        let book = FontBook::from_infos(faces.iter().map(|face| face.info().clone()));
        Shelf { book: LazyHash::new(book), faces }
    }
}

/// One compilation.
pub(super) struct ClosedWorld<'a> {
    pub(super) shelf: &'a Shelf,
    pub(super) data: Bytes,
    pub(super) attachment: Option<Bytes>,
}

impl World for ClosedWorld<'_> {
    fn library(&self) -> &LazyHash<Library> {
        &LIBRARY
    }

    fn book(&self) -> &LazyHash<FontBook> {
        &self.shelf.book
    }

    fn main(&self) -> FileId {
        PROGRAM.id()
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        if id == PROGRAM.id() { Ok(PROGRAM.clone()) } else { Err(FileError::AccessDenied) }
    }

    fn file(&self, id: FileId) -> FileResult<Bytes> {
        match &self.attachment {
            _ if id == *DATA => Ok(self.data.clone()),
            Some(attachment) if id == *ATTACHMENT => Ok(attachment.clone()),
            _ => Err(FileError::AccessDenied),
        }
    }

    fn font(&self, index: usize) -> Option<Font> {
        self.shelf.faces.get(index)?.font()
    }

    fn today(&self, _: Option<Duration>) -> Option<Datetime> {
        None
    }
}
