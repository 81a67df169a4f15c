//! PDF/A-2a through typst (PDF/A-3a with a file inside): the fixed program `table.typ` draws any paginated grid handed over as data, so nothing
//! from a user ever stands in program text.

mod drawing;
mod volume;
mod world;

use typst::foundations::{Bytes, Datetime, Smart};
use typst_layout::PagedDocument;
use typst_pdf::{PdfOptions, PdfStandard, PdfStandards, Timestamp};

use crate::grid::{Grid, Meta};
use crate::load::fonts::Typefaces;
use crate::measure::{Measured, Page, paginate};
pub use drawing::Attachment;
use drawing::{Drawing, SheetData};
pub use volume::{Leaf, Link, VolumeRenderer};
use world::{ClosedWorld, Shelf};

/// Draws the documents of one form.
#[derive(Debug, Clone)]
pub struct PdfRenderer {
    faces: Typefaces,
    shelf: Shelf,
    standards: Standards,
}

/// A PDF and its number of pages.
#[derive(Debug)]
pub struct Pdf {
    /// The file.
    pub bytes: Vec<u8>,
    /// Pages in it.
    pub pages: usize,
}

impl PdfRenderer {
    /// Prepares to draw with these faces.
    ///
    /// # Errors
    /// When typst does not know the standard, which would be a fault of this program.
    pub fn new(faces: Typefaces) -> Result<PdfRenderer, String> {
        let shelf = Shelf::new(faces.faces());
        Ok(PdfRenderer { faces, shelf, standards: Standards::new()? })
    }

    /// Draws one grid, with its data inside when an attachment is given. `timestamp` is the creation date, in seconds
    /// since 1970 (UTC).
    ///
    /// # Errors
    /// What typst reports; data cannot cause it, a form's style could.
    pub fn render(
        &self,
        grid: &Grid,
        measured: &Measured,
        timestamp: i64,
        attachment: Option<Attachment>,
    ) -> Result<Pdf, String> {
        let pages = pages(grid, measured);
        let sheet = SheetData::alone(grid, measured, &pages, &self.faces);
        let drawing = Drawing::new(&grid.meta, vec![sheet]).attaching(attachment);
        export(&self.shelf, &self.standards, &drawing, &grid.meta, pages.len(), timestamp)
    }

    /// The JSON that `table.typ` reads as `grid.json`, and the number of pages in it. With both files in one folder,
    /// the `typst` command draws the same pages.
    ///
    /// # Errors
    /// When a number of the style is not finite.
    pub fn drawing(&self, grid: &Grid, measured: &Measured) -> Result<(Vec<u8>, usize), String> {
        let pages = pages(grid, measured);
        let sheet = SheetData::alone(grid, measured, &pages, &self.faces);
        let drawing = Drawing::new(&grid.meta, vec![sheet]);
        let data = serde_json::to_vec(&drawing).map_err(|error| error.to_string())?;
        Ok((data, pages.len()))
    }
}

/// The pages of a grid, as they are drawn alone and in a volume.
pub fn pages(grid: &Grid, measured: &Measured) -> Vec<Page> {
    paginate(grid, measured, first_page_room(grid, measured), grid.style.paper.inner_height())
}

/// What files keep to.
#[derive(Debug, Clone)]
struct Standards {
    /// PDF/A-2a, which allows no file inside that is not PDF/A itself.
    plain: PdfStandards,
    /// PDF/A-3a, for files with their data inside.
    attaching: PdfStandards,
}

impl Standards {
    fn new() -> Result<Standards, String> {
        let of = |standard| PdfStandards::new(&[standard]).map_err(|error| error.message().to_string());
        Ok(Standards { plain: of(PdfStandard::A_2a)?, attaching: of(PdfStandard::A_3a)? })
    }
}

/// Lays a drawing out and writes it; `planned` is the number of pages that it must give.
fn export(
    shelf: &Shelf,
    standards: &Standards,
    drawing: &Drawing<'_>,
    meta: &Meta,
    planned: usize,
    timestamp: i64,
) -> Result<Pdf, String> {
    // Runs on every way out, so that the caches of a failed document do not stay either.
    let _evict = Evict(if drawing.is_volume() { 0 } else { CACHE_AGE });
    let data = serde_json::to_vec(drawing).map_err(|error| error.to_string())?;
    let compiled = typst::compile::<PagedDocument>(&ClosedWorld {
        shelf,
        data: Bytes::new(data),
        attachment: drawing.attached(),
    });
    let document = compiled.output.map_err(|errors| words(&errors))?;
    if drawing.is_volume() {
        // What layout remembers is as large as its result, and writing needs room too.
        drop(Evict(0));
    }
    let drawn = document.pages().len();
    if drawn != planned {
        return Err(format!("排版成 {planned} 页，画出来却是 {drawn} 页"));
    }
    let options = PdfOptions {
        ident: Smart::Custom(format!("{} {} {}", meta.form, meta.author, meta.title)),
        creator: Smart::Custom(Some(concat!("jixiao ", env!("CARGO_PKG_VERSION")).to_owned())),
        timestamp: moment(timestamp),
        standards: if drawing.attached().is_some() { &standards.attaching } else { &standards.plain }.clone(),
        ..PdfOptions::default()
    };
    let bytes = typst_pdf::pdf(&document, &options).map_err(|errors| words(&errors))?;
    Ok(Pdf { bytes, pages: drawn })
}

/// Documents share nothing that lasts longer than this many later documents.
const CACHE_AGE: usize = 2;

/// Lets typst's caches forget what the last few documents did not use.
struct Evict(usize);

impl Drop for Evict {
    fn drop(&mut self) {
        typst::comemo::evict(self.0);
    }
}

/// Height left for rows below the headings of the first page.
fn first_page_room(grid: &Grid, measured: &Measured) -> f64 {
    let style = &grid.style;
    let headings = grid.headings.iter().zip(&measured.headings);
    let used: f64 = headings
        .map(|(heading, lines)| {
            style.lines_height(style.heading(heading.level), lines.len()) + style.heading_gap
        })
        .sum();
    style.paper.inner_height() - used - measured.height_above(style)
}

fn words(errors: &[typst::diag::SourceDiagnostic]) -> String {
    errors.iter().map(|error| error.message.as_str()).collect::<Vec<_>>().join("; ")
}

/// Seconds since 1970 as a date and time.
fn moment(seconds: i64) -> Option<Timestamp> {
    let at = time::OffsetDateTime::from_unix_timestamp(seconds).ok()?;
    let (year, month, day) = at.to_calendar_date();
    let (hour, minute, second) = at.to_hms();
    Datetime::from_ymd_hms(year, u8::from(month), day, hour, minute, second).map(Timestamp::new_utc)
}
