//! What all projects of a run share: forms, compiled once, with their typefaces.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use crate::diag::{Failure, Finding, Rejection};
use crate::form::{Folder, Form, Library, Purpose};
use crate::layout::{Layouter, form_id};
use crate::load::Document;
use crate::load::fonts::{FontSources, Typefaces};
use crate::measure::Measured;
use crate::render::pdf::PdfRenderer;

/// Where forms and fonts come from.
#[derive(Debug, Clone, Default)]
pub struct DeskOptions {
    /// Forms that go before the built-in ones.
    pub forms: Vec<Folder>,
    /// Folders with fonts, before the machine's own.
    pub font_folders: Vec<PathBuf>,
    /// Whether the machine's own fonts are left alone.
    pub ignore_system_fonts: bool,
    /// Creation date of all files in seconds since 1970 (UTC); the first day of the budget year otherwise.
    pub timestamp: Option<i64>,
}

type Made = Result<Arc<Press>, Rejection>;

/// Hands each project what it is drawn with.
#[derive(Debug)]
pub struct Desk {
    library: Library,
    options: DeskOptions,
    fonts: OnceLock<Result<FontSources, Failure>>,
    presses: Mutex<HashMap<String, Arc<OnceLock<Made>>>>,
}

/// One form, ready to draw.
#[derive(Debug)]
pub struct Press {
    layouter: Layouter,
    faces: Typefaces,
    pdf: PdfRenderer,
    fingerprint: String,
}

impl Desk {
    /// A desk that reads forms and fonts when they are first asked for.
    pub fn new(options: DeskOptions) -> Desk {
        let library = Library::new(options.forms.clone());
        Desk { library, options, fonts: OnceLock::new(), presses: Mutex::default() }
    }

    /// All forms.
    pub fn library(&self) -> &Library {
        &self.library
    }

    /// The press for the form that a document names.
    ///
    /// # Errors
    /// When it names none, or one that does not exist or is broken; or when there is no font.
    pub fn press(&self, document: &Document) -> Result<Arc<Press>, Rejection> {
        let id = form_id(document)?;
        let made = self.press_of(id);
        if let Some(made) = made.filter(|made| !matches!(made, Ok(press) if press.is_made())) {
            made
        } else {
            let node = document.root.get(crate::form::FORM_KEY).unwrap_or(&document.root);
            let known: Vec<&str> = self.library.ids().collect();
            let fix = match self.library.nearest(id) {
                Some(near) => format!("是不是“{near}”？"),
                None => format!("可用的表式：{}。", known.join("、")),
            };
            Err(document
                .finding("DATA-FORM", document.stretch(node), format!("没有“{id}”这个表式"))
                .fix(fix)
                .into())
        }
    }

    /// The press for a form id; `None` when there is no such form.
    pub fn press_of(&self, id: &str) -> Option<Made> {
        self.library.folder(id)?;
        let slot = {
            let mut presses = self.presses.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(presses.entry(id.to_owned()).or_default())
        };
        Some(slot.get_or_init(|| self.make(id)).clone())
    }

    fn make(&self, id: &str) -> Made {
        let form = self.library.form(id).unwrap_or_else(|| Err(Vec::new())).map_err(Rejection::Data)?;
        let layouter = Layouter::new(Arc::clone(&form)).map_err(Rejection::Data)?;
        let sources = self.fonts.get_or_init(|| {
            FontSources::collect(&self.options.font_folders, !self.options.ignore_system_fonts)
        });
        let faces = sources.as_ref().map_err(Clone::clone)?.load(&form.style)?;
        let pdf = PdfRenderer::new(faces.clone()).map_err(Failure::new)?;
        let fingerprint = format!("{} {}", form.hash, faces.fingerprints().join(", "));
        Ok(Arc::new(Press { layouter, faces, pdf, fingerprint }))
    }

    /// Creation date of the files of a budget year.
    pub fn timestamp(&self, year: i32) -> i64 {
        self.options.timestamp.unwrap_or_else(|| {
            time::Date::from_ordinal_date(year, 1)
                .map_or(0, |day| day.midnight().assume_utc().unix_timestamp())
        })
    }

    /// What, besides form and data, the bytes of an output depend on.
    pub fn options_key(&self) -> String {
        format!("{} {:?}", env!("CARGO_PKG_VERSION"), self.options.timestamp)
    }
}

impl Press {
    /// The form.
    pub fn form(&self) -> &Form {
        self.layouter.form()
    }

    /// Whether the program fills the form in, so that no data file may name it.
    fn is_made(&self) -> bool {
        self.form().spec.purpose != Purpose::Data
    }

    /// Lays data out.
    pub fn layouter(&self) -> &Layouter {
        &self.layouter
    }

    /// The form's typefaces.
    pub fn faces(&self) -> &Typefaces {
        &self.faces
    }

    /// Draws PDF.
    pub fn pdf(&self) -> &PdfRenderer {
        &self.pdf
    }

    /// Hash of the form and of the faces.
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    /// Refuses a document that holds characters which no face has.
    ///
    /// # Errors
    /// A finding for each such character of each value.
    pub fn printable(&self, document: &Document, measured: &Measured) -> Result<(), Rejection> {
        if measured.missing.is_empty() {
            return Ok(());
        }
        let findings = measured.missing.iter().map(|glyph| {
            let c = glyph.character;
            let message = format!("“{c}”（U+{:04X}）在所有可用字体中都没有，无法打印", u32::from(c));
            let finding = match &glyph.path {
                Some(path) => {
                    let node = document.root.nearest(path);
                    let at = document.locate(node, c.encode_utf8(&mut [0; 4]), 0);
                    document.finding("PB-02", at, message).of(path.clone())
                }
                None => Finding::structure("PB-02", &self.form().origin.join("form.yaml"), message),
            };
            finding.fix("请换成通用字，或安装含有这个字的字体（也可用 --font-path 指定字体文件夹）。")
        });
        Err(Rejection::Data(findings.collect()))
    }
}
