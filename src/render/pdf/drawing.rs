//! Paginated grids as the data that `table.typ` draws: every page's rows and cells, every cell's lines.

use serde::Serialize;
use typst::foundations::Bytes;

use super::volume::{Leaf, Link};
use crate::grid::{Align, Cell, FooterKind, Grid, Meta, Role, Strip, TextStyle};
use crate::load::fonts::Typefaces;
use crate::measure::{Line, Measured, Page, PageRow, most};

/// A file that a PDF carries inside: the data that it was made from.
#[derive(Debug, Clone, Serialize)]
pub struct Attachment {
    name: String,
    mime: &'static str,
    description: &'static str,
    #[serde(skip)]
    bytes: Bytes,
}

impl Attachment {
    /// A data file with its name, which stands in the PDF as it is but for backslashes: typst takes it for a path.
    pub fn data_file(name: &str, text: String) -> Attachment {
        Attachment {
            name: name.replace('\\', "＼"),
            mime: "application/yaml",
            description: "本表的数据文件，可用 jixiao 重新生成或导入",
            bytes: Bytes::from_string(text),
        }
    }
}

/// A whole document.
#[derive(Serialize)]
pub(super) struct Drawing<'a> {
    title: &'a str,
    author: &'a str,
    subject: &'a str,
    keywords: [&'a str; 1],
    attachment: Option<Attachment>,
    sheets: Vec<SheetData<'a>>,
}

/// One grid of it.
#[derive(Serialize)]
pub(super) struct SheetData<'a> {
    paper: PaperData,
    columns: &'a [f64],
    pitch: f64,
    rule: f64,
    inset: f64,
    /// What the document's outline calls the grid, where it is not the grid's title.
    outline: Option<&'a str>,
    roles: serde_json::Map<String, serde_json::Value>,
    headings: Vec<HeadingData<'a>>,
    above: Vec<StripData<'a>>,
    /// Space between the table and the lines below it, which each of them has above it.
    gap: f64,
    below: Vec<StripData<'a>>,
    pages: Vec<PageData<'a>>,
}

#[derive(Serialize)]
struct PaperData {
    width: f64,
    height: f64,
    margin: [f64; 4],
}

#[derive(Serialize)]
struct HeadingData<'a> {
    level: usize,
    role: String,
    height: f64,
    lines: Vec<Vec<&'a str>>,
}

/// A line of fields.
#[derive(Serialize)]
struct StripData<'a> {
    height: f64,
    fields: Vec<FieldData<'a>>,
}

#[derive(Serialize)]
struct FieldData<'a> {
    align: &'static str,
    lines: Vec<Vec<&'a str>>,
}

#[derive(Serialize)]
struct PageData<'a> {
    rows: Vec<f64>,
    cells: Vec<CellData<'a>>,
    foot: Option<String>,
}

/// A cell; what is usual is left out, because a volume has tens of thousands.
#[derive(Serialize)]
struct CellData<'a> {
    x: usize,
    y: usize,
    #[serde(skip_serializing_if = "is_one")]
    w: usize,
    #[serde(skip_serializing_if = "is_one")]
    h: usize,
    role: &'static str,
    /// Scope of a header cell.
    #[serde(skip_serializing_if = "Option::is_none")]
    scope: Option<&'static str>,
    /// Alignment, where it is not the role's.
    #[serde(skip_serializing_if = "Option::is_none")]
    align: Option<&'static str>,
    /// Space at the left of the text, in points.
    #[serde(skip_serializing_if = "Option::is_none")]
    pad: Option<f64>,
    /// Level in the outline.
    #[serde(skip_serializing_if = "Option::is_none")]
    level: Option<usize>,
    /// Paragraphs, each a list of lines.
    lines: Vec<Vec<&'a str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    link: Option<&'a Link>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands references over")]
fn is_one(number: &usize) -> bool {
    *number == 1
}

const ROLES: [Role; 7] =
    [Role::Label, Role::Header, Role::Value, Role::Text, Role::Amount, Role::Date, Role::Blank];

impl<'a> Drawing<'a> {
    pub(super) fn new(meta: &'a Meta, sheets: Vec<SheetData<'a>>) -> Drawing<'a> {
        Drawing {
            title: &meta.title,
            author: &meta.author,
            subject: &meta.subject,
            keywords: [&meta.form],
            attachment: None,
            sheets,
        }
    }

    pub(super) fn attaching(mut self, attachment: Option<Attachment>) -> Drawing<'a> {
        self.attachment = attachment;
        self
    }
}

impl Drawing<'_> {
    /// Whether it is so large that nothing of it should stay in memory.
    pub(super) fn is_volume(&self) -> bool {
        self.sheets.len() > 1
    }

    /// The bytes of the file to attach.
    pub(super) fn attached(&self) -> Option<Bytes> {
        self.attachment.as_ref().map(|attachment| attachment.bytes.clone())
    }
}

impl<'a> SheetData<'a> {
    /// A grid alone, which numbers its pages only where its form asks for it.
    pub(super) fn alone(
        grid: &'a Grid,
        measured: &'a Measured,
        pages: &[Page],
        faces: &Typefaces,
    ) -> SheetData<'a> {
        let numbered = grid.style.footer == FooterKind::Pages;
        let count = pages.len();
        SheetData::new(grid, measured, pages, faces, |_| None, |page| numbered.then(|| foot(page + 1, count)))
    }

    /// A grid as it stands in a volume.
    pub(super) fn bound(leaf: &'a Leaf<'a>, pages: &[Page], total: usize) -> SheetData<'a> {
        let foot = |page: usize| leaf.first.map(|first| foot(first + page, total));
        let link = |cell: &Cell| cell.parts.iter().find_map(|part| leaf.links.get(part.path.as_ref()?));
        let mut sheet = SheetData::new(leaf.grid, leaf.measured, pages, leaf.faces, link, foot);
        sheet.outline = leaf.outline;
        sheet
    }

    fn new(
        grid: &'a Grid,
        measured: &'a Measured,
        pages: &[Page],
        faces: &Typefaces,
        link: impl Fn(&Cell) -> Option<&'a Link>,
        foot: impl Fn(usize) -> Option<String>,
    ) -> SheetData<'a> {
        let style = &grid.style;
        let mut roles = serde_json::Map::new();
        for role in ROLES {
            let text = match role {
                Role::Label | Role::Header => &style.label,
                Role::Value | Role::Date | Role::Blank => &style.value,
                Role::Text => &style.text,
                Role::Amount => &style.amount,
            };
            roles.insert(role.name().to_owned(), role_data(text, faces));
        }
        for level in 0..style.headings.len() {
            roles.insert(heading_role(level), role_data(style.heading(level), faces));
        }
        roles.insert(FIELD.to_owned(), role_data(&style.field, faces));
        let strips = |strips: &'a [Strip], measured: &'a [Vec<Vec<Line>>]| -> Vec<StripData<'a>> {
            let pairs = strips.iter().zip(measured);
            pairs
                .map(|(strip, lines)| StripData {
                    height: style.strip_height(most(lines)),
                    fields: (strip.fields.iter().zip(lines))
                        .map(|(field, lines)| FieldData { align: word(field.align), lines: nested(lines) })
                        .collect(),
                })
                .collect()
        };
        let headings = grid.headings.iter().zip(&measured.headings).map(|(heading, lines)| {
            let level = heading.level.min(style.headings.len() - 1);
            HeadingData {
                level: usize::from(heading.level == 0),
                role: heading_role(level),
                height: style.lines_height(style.heading(level), lines.len()) + style.heading_gap,
                lines: nested(lines),
            }
        });
        SheetData {
            paper: PaperData {
                width: style.paper.width,
                height: style.paper.height,
                margin: style.paper.margin,
            },
            columns: &style.columns,
            pitch: style.pitch,
            rule: style.rule,
            inset: style.inset,
            outline: None,
            roles,
            headings: headings.collect(),
            above: strips(&grid.above, &measured.above),
            gap: style.heading_gap,
            below: strips(&grid.below, &measured.below),
            pages: (pages.iter().enumerate())
                .map(|(number, page)| PageData {
                    foot: foot(number),
                    ..page_data(grid, measured, page, &link)
                })
                .collect(),
        }
    }
}

/// The foot of a page.
fn foot(page: usize, pages: usize) -> String {
    format!("第 {page} 页 / 共 {pages} 页")
}

/// The role of fields above and below the table.
const FIELD: &str = "field";

/// An alignment as `table.typ` calls it.
fn word(align: Align) -> &'static str {
    match align {
        Align::Left => "left",
        Align::Center => "center",
        Align::Right => "right",
    }
}

fn heading_role(level: usize) -> String {
    format!("heading-{level}")
}

fn role_data(text: &TextStyle, faces: &Typefaces) -> serde_json::Value {
    let list = faces.list(text.face);
    serde_json::json!({
        "font": list.iter().map(|face| face.family()).collect::<Vec<_>>(),
        "weight": list.first().map_or(400, |face| face.weight()),
        "size": text.size,
        "align": word(text.align),
        "indent": text.indent,
    })
}

/// The cells that stand on a page, with a group's label on every page that has rows of the group.
fn page_data<'a>(
    grid: &'a Grid,
    measured: &'a Measured,
    page: &Page,
    link: &impl Fn(&Cell) -> Option<&'a Link>,
) -> PageData<'a> {
    let mut cells: Vec<CellData<'a>> = Vec::new();
    for (y, row) in page.rows.iter().enumerate() {
        for x in 0..grid.style.columns.len() {
            let index = grid.covering(row.row, x);
            let cell = &grid.cells[index];
            let above = y.checked_sub(1).map(|above| grid.covering(page.rows[above].row, x));
            if cell.col != x || (above == Some(index) && row.row != page.rows[y - 1].row) {
                continue;
            }
            let height =
                page.rows[y..].iter().take_while(|below| grid.covering(below.row, x) == index).count();
            let lines = &measured.cells[index];
            let shown = match &row.lines {
                Some(range) if cell.rowspan == 1 && !cell.role.is_heading() => {
                    lines.get(range.start..range.end.min(lines.len())).unwrap_or(&[])
                }
                _ => lines,
            };
            let again = row.repeated || begins_elsewhere(cell.row, row);
            cells.push(CellData {
                x,
                y,
                w: cell.colspan,
                h: height,
                role: cell.role.name(),
                scope: match cell.role {
                    Role::Label => Some("row"),
                    Role::Header => Some("column"),
                    _ => None,
                },
                align: cell.look.align.map(word),
                pad: Some(grid.pad(cell)).filter(|pad| *pad > 0.0),
                level: (cell.outlined && !again).then_some(2),
                lines: nested(shown),
                link: link(cell),
            });
        }
    }
    PageData { rows: page.rows.iter().map(|row| row.height).collect(), cells, foot: None }
}

/// Whether a cell anchored at `anchor` was begun on an earlier page than the one that holds `row`.
fn begins_elsewhere(anchor: usize, row: &PageRow) -> bool {
    anchor != row.row || row.lines.as_ref().is_some_and(|lines| lines.start > 0)
}

/// Lines grouped by paragraph.
fn nested(lines: &[Line]) -> Vec<Vec<&str>> {
    let mut paragraphs: Vec<Vec<&str>> = Vec::new();
    for line in lines {
        match paragraphs.last_mut() {
            Some(paragraph) if !line.first => paragraph.push(&line.text),
            _ => paragraphs.push(vec![&line.text]),
        }
    }
    paragraphs
}
