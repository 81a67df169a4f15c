//! What all projects of a run share: forms, compiled once, with their typefaces.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use crate::check::{Checker, Coverage, Overrides};
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
    /// What changes the severities and parameters of rules.
    pub overrides: Overrides,
    /// Creation date of all files in seconds since 1970 (UTC); the first day of the budget year otherwise.
    pub timestamp: Option<i64>,
}

/// What is made once for each form, or why it cannot be made.
#[derive(Debug)]
struct Once<T>(Mutex<HashMap<String, Arc<OnceLock<Made<T>>>>>);

type Made<T> = Result<Arc<T>, Rejection>;

impl<T> Once<T> {
    fn get(&self, id: &str, make: impl FnOnce() -> Result<T, Rejection>) -> Made<T> {
        let slot = {
            let mut slots = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(slots.entry(id.to_owned()).or_default())
        };
        slot.get_or_init(|| make().map(Arc::new)).clone()
    }
}

/// Hands each project what it is drawn and checked with.
#[derive(Debug)]
pub struct Desk {
    library: Library,
    options: DeskOptions,
    fonts: OnceLock<Result<FontSources, Failure>>,
    presses: Once<Press>,
    examiners: Once<Examiner>,
}

/// One form, ready to draw.
#[derive(Debug)]
pub struct Press {
    layouter: Layouter,
    faces: Typefaces,
    pdf: PdfRenderer,
    fingerprint: String,
}

/// One form, ready to check.
#[derive(Debug)]
pub struct Examiner {
    form: Arc<Form>,
    checker: Checker,
    /// `None` on a machine without Chinese fonts: everything else can be checked there too.
    coverage: Option<Coverage>,
}

impl Desk {
    /// A desk that reads forms and fonts when they are first asked for.
    pub fn new(options: DeskOptions) -> Desk {
        let library = Library::new(options.forms.clone());
        let (presses, examiners) = (Once(Mutex::default()), Once(Mutex::default()));
        Desk { library, options, fonts: OnceLock::new(), presses, examiners }
    }

    /// All forms.
    pub fn library(&self) -> &Library {
        &self.library
    }

    /// The form that a document names.
    ///
    /// # Errors
    /// When it names none, or one that does not exist or is broken.
    pub fn form(&self, document: &Document) -> Result<Arc<Form>, Rejection> {
        let id = form_id(document)?;
        // A form that the program fills in itself is none for data files.
        let offered =
            |form: &Result<Arc<Form>, _>| !matches!(form, Ok(form) if form.spec.purpose != Purpose::Data);
        if let Some(form) = self.library.form(id).filter(offered) {
            return form.map_err(Rejection::Data);
        }
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

    /// What draws a document.
    ///
    /// # Errors
    /// As [`Desk::form`]; and when the form's template is broken or there is no font.
    pub fn press(&self, document: &Document) -> Result<Arc<Press>, Rejection> {
        self.press_of(&self.form(document)?)
    }

    /// What draws the documents of a form.
    ///
    /// # Errors
    /// When the form's template is broken or there is no font.
    pub fn press_of(&self, form: &Arc<Form>) -> Result<Arc<Press>, Rejection> {
        self.presses.get(&form.id, || {
            let layouter = Layouter::new(Arc::clone(form)).map_err(Rejection::Data)?;
            let faces = self.faces(form)?;
            let pdf = PdfRenderer::new(faces.clone()).map_err(Failure::new)?;
            let fingerprint = format!("{} {}", form.hash, faces.fingerprints().join(", "));
            Ok(Press { layouter, faces, pdf, fingerprint })
        })
    }

    /// What checks the documents of a form.
    ///
    /// # Errors
    /// When the form's rules are broken.
    pub fn examiner_of(&self, form: &Arc<Form>) -> Result<Arc<Examiner>, Rejection> {
        self.examiners.get(&form.id, || {
            let checker = Checker::new(Arc::clone(form), &self.options.overrides).map_err(Rejection::Data)?;
            let coverage = self.faces(form).ok().map(|faces| Coverage::new(&faces, form.style.value.face));
            Ok(Examiner { form: Arc::clone(form), checker, coverage })
        })
    }

    fn faces(&self, form: &Form) -> Result<Typefaces, Failure> {
        let sources = self.fonts.get_or_init(|| {
            FontSources::collect(&self.options.font_folders, !self.options.ignore_system_fonts)
        });
        sources.as_ref().map_err(Clone::clone)?.load(&form.style)
    }

    /// Creation date of the files of a budget year.
    pub fn timestamp(&self, year: i32) -> i64 {
        self.options.timestamp.unwrap_or_else(|| {
            time::Date::from_ordinal_date(year, 1)
                .map_or(0, |day| day.midnight().assume_utc().unix_timestamp())
        })
    }

    /// All that outputs can depend on besides their data: forms, their fonts, and what [`Desk::options_key`] says.
    ///
    /// # Errors
    /// When there is no font.
    pub fn settings(&self) -> Result<String, Failure> {
        let mut text = format!("{}\n{:?}", self.options_key(), self.options.overrides);
        for id in self.library.ids() {
            let Some(Ok(form)) = self.library.form(id) else { continue };
            for part in ["\n", id, " ", &form.hash, " ", &self.faces(&form)?.fingerprints().join(", ")] {
                text.push_str(part);
            }
        }
        Ok(text)
    }

    /// What, besides form and data, the bytes of an output depend on.
    pub fn options_key(&self) -> String {
        format!("{} {:?}", env!("CARGO_PKG_VERSION"), self.options.timestamp)
    }
}

impl Examiner {
    /// The rules.
    pub fn checker(&self) -> &Checker {
        &self.checker
    }

    /// Judges the structure of a document, and its content when the structure is sound; whether it was sound stands
    /// beside the findings.
    ///
    /// # Errors
    /// A rule of the form that cannot be evaluated.
    pub fn examine(&self, document: &Document) -> Result<(bool, Vec<Finding>), Rejection> {
        let broken = self.form.schema.judge(document);
        if !broken.is_empty() {
            return Ok((false, broken));
        }
        let findings = self.checker.check(document, self.coverage.as_ref()).map_err(Rejection::Data)?;
        Ok((true, findings))
    }
}

impl Press {
    /// The form.
    pub fn form(&self) -> &Form {
        self.layouter.form()
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
