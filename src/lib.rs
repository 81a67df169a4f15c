//! `jixiao` turns structured project data into submission-ready official tables of Chinese public finance: the PDF
//! that a department files and publishes, and the workbook that a finance bureau works with.
//!
//! Data flows one way, and the modules stand in its order:
//!
//! | module | takes | gives |
//! |---|---|---|
//! | [`load`] | a file | a tree of texts, each with its place |
//! | [`form`] | a folder under `templates/` | the form: looks, schema, template |
//! | [`check`] | data and the form's rules | findings |
//! | [`layout`] | data and form | a [`grid::Grid`] |
//! | [`measure`] | a grid and typefaces | line breaks, row heights, page breaks |
//! | [`render`] | a measured grid | bytes of a PDF or a workbook |
//! | [`write`] | bytes | files, whole or not at all, and the manifest |
//! | [`batch`] | paths | all of the above, for many projects at once |
//! | [`collect`] | paths | volumes of departments and workbooks of many projects |
//! | [`inspect`] | a form's folder | what its author should mend |
//! | [`import`] | workbooks, PDFs, published tables | data again, which [`yaml`] writes as a person would |
//!
//! Two models are shared by all: [`diag`] (what is wrong, and where) and [`grid`] (the neutral table); [`calc`] does
//! their exact arithmetic.
//! [`draw`] is the whole way of one project on one page; begin reading there.

pub mod batch;
pub mod calc;
pub mod check;
pub mod collect;
pub mod diag;
pub mod form;
pub mod grid;
mod hash;
pub mod import;
pub mod inspect;
pub mod layout;
pub mod load;
pub mod measure;
pub mod render;
pub mod write;
pub mod yaml;

use std::path::Path;
use std::sync::Arc;

use batch::{Desk, Format, Press};
use diag::{Failure, Finding, Rejection, Severity};

/// The files of one project, not yet written.
#[derive(Debug)]
pub struct Drawn {
    /// Id of the form it was drawn in.
    pub form: String,
    /// Hash of the form and of the faces it was drawn with.
    pub fingerprint: String,
    /// Bytes by format, in the order asked for.
    pub files: Vec<(Format, Vec<u8>)>,
    /// Pages of the PDF, when one was asked for.
    pub pages: Option<usize>,
    /// What the checker found; none of it stopped the drawing.
    pub findings: Vec<Finding>,
}

/// One project's data and the table that it makes.
#[derive(Debug)]
pub struct LaidOut {
    /// The data.
    pub document: load::Document,
    /// What its form is drawn with.
    pub press: Arc<Press>,
    /// The table.
    pub grid: grid::Grid,
    /// What the checker found.
    pub findings: Vec<Finding>,
}

/// Reads the text of a data file, checks it and lays it out in its form; as the copy for publication when asked to.
///
/// # Errors
/// All findings that make the data unfit to be drawn, or the failure of the machine.
pub fn lay_out(desk: &Desk, file: &Path, text: String, public: bool) -> Result<LaidOut, Rejection> {
    let mut document = load::parse(file, text)?;
    let form = desk.form(&document)?;
    if public {
        document = layout::public_copy(&form, document);
    }
    let (sound, findings) = desk.examiner_of(&form)?.examine(&document)?;
    if !sound {
        return Err(Rejection::Data(findings));
    }
    let press = desk.press_of(&form)?;
    let grid = press.layouter().grid(&document).map_err(Rejection::Data)?;
    Ok(LaidOut { document, press, grid, findings })
}

/// What to draw of a project, and how.
#[derive(Debug, Clone, Default)]
pub struct DrawOptions {
    /// The outputs, in order.
    pub formats: Vec<Format>,
    /// Whether it is the copy for publication, with telephone numbers masked.
    pub public: bool,
    /// Whether a project with an error of content is refused.
    pub strict: bool,
    /// Whether error findings are noted on the cells of the workbook.
    pub annotate: bool,
}

/// Draws one project: text of a data file in, bytes of its outputs and the checker's findings out. Touches no file
/// but the form's fonts.
///
/// # Errors
/// All findings that make the data unfit to be drawn, or the failure of the machine.
pub fn draw(desk: &Desk, file: &Path, text: String, options: &DrawOptions) -> Result<Drawn, Rejection> {
    let LaidOut { document, press, mut grid, findings } = lay_out(desk, file, text, options.public)?;
    let refused = |finding: &Finding| {
        let wanted = options.strict || (options.public && finding.rule.starts_with(PUBLICATION));
        wanted && finding.reaches(Severity::Error)
    };
    if findings.iter().any(refused) {
        return Err(Rejection::Data(findings.into_iter().filter(refused).collect()));
    }
    if options.annotate {
        let errors = findings.iter().filter(|finding| finding.reaches(Severity::Error));
        grid.notes = errors
            .filter_map(|finding| {
                Some((finding.path.clone()?, format!("{}：{}", finding.rule, finding.message)))
            })
            .collect();
    }
    let timestamp = desk.timestamp(grid.meta.year);
    let fingerprint = press.fingerprint().to_owned();
    let mut drawn =
        Drawn { form: grid.meta.form.clone(), fingerprint, files: Vec::new(), pages: None, findings };
    for &format in &options.formats {
        let bytes = match format {
            Format::Pdf => {
                let measured = measure::measure(&grid, press.faces(), &grid.style.columns);
                press.printable(&document, &measured)?;
                let pdf = press
                    .pdf()
                    .render(&grid, &measured, timestamp)
                    .map_err(|reason| drawing_failed(&reason))?;
                drawn.pages = Some(pdf.pages);
                pdf.bytes
            }
            Format::Xlsx => {
                let columns = render::xlsx::measuring_columns(&grid.style);
                let measured = measure::measure(&grid, press.faces(), &columns);
                render::xlsx::render(&grid, &measured, timestamp).map_err(|reason| drawing_failed(&reason))?
            }
        };
        drawn.files.push((format, bytes));
    }
    Ok(drawn)
}

/// How the ids of rules about publication begin.
const PUBLICATION: &str = "PB-";

fn drawing_failed(reason: &str) -> Rejection {
    Failure::new(format!("无法生成文件（{reason}）"))
        .fix("这是程序或表式的错误，请把数据文件交给维护人员。")
        .into()
}
