//! The bound volume of a department's year: cover, contents, every project. It is laid out in parts of so many pages
//! that memory stays bounded; all page numbers are known before anything is drawn, because pages are counted when a
//! project is read.

use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;
use std::sync::Arc;

use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::columns::total;
use super::record::{Table, table};
use crate::batch::{Desk, Press};
use crate::diag::{DataPath, Failure, Place, Rejection};
use crate::form::{FORM_KEY, Purpose, YEAR_KEY};
use crate::grid::{Grid, Meta};
use crate::load::{Document, Entry as Pair, Kind, Node};
use crate::measure::{Measured, measure};
use crate::render::pdf::{Leaf, Link, VolumeRenderer, pages};

/// Key of the contents' list of projects, and of one of them.
const PROJECTS: &str = "项目";
/// Keys of a project whose cells lead to it.
const LINKED: [&str; 1] = ["名称"];
/// Pages of tables that one of the contents is reckoned as: its many short lines and links take more memory.
const FRONT: usize = 2;
/// Times that the contents are laid out until they agree on their own number of pages.
const TRIES: usize = 4;

/// What a volume holds.
#[derive(Debug, Default)]
pub(super) struct Volume {
    /// The department.
    pub(super) department: String,
    /// The budget year.
    pub(super) year: i32,
    /// Names of the forms, each once.
    pub(super) forms: Vec<String>,
    /// The projects in order.
    pub(super) bound: Vec<Bound>,
    /// Names of the projects that are not in it, with the reason.
    pub(super) missing: Vec<(String, String)>,
}

/// A project of a volume.
#[derive(Debug)]
pub(super) struct Bound {
    /// The data file.
    pub(super) source: PathBuf,
    /// The project's name.
    pub(super) name: String,
    /// Its type.
    pub(super) kind: String,
    /// Its year's money, and its expenditure in half a year and in the year.
    pub(super) amounts: [Option<Decimal>; 3],
    /// Unit of the amounts.
    pub(super) unit: Option<String>,
    /// Its pages.
    pub(super) pages: usize,
}

/// A grid made by the program, and what it is drawn with.
struct Made {
    press: Arc<Press>,
    grid: Grid,
    measured: Measured,
}

/// Projects that stand in one file, from one to before the other, and the number of their first page.
struct Part {
    projects: std::ops::Range<usize>,
    first: usize,
}

/// Takes a finished file: its name, its bytes and its number of pages.
pub(super) type Writer<'a> = dyn FnMut(&str, &[u8], usize) -> Result<(), Rejection> + 'a;

/// Draws a volume and hands over each file: its number of several, if it is one of several, and its bytes. `name`
/// tells the file's name for links between the parts.
///
/// # Errors
/// What makes it unfit to be drawn, or the failure of the machine; or what `write` says.
pub(super) fn draw(
    desk: &Desk,
    volume: &Volume,
    most_pages: usize,
    name: &dyn Fn(Option<usize>) -> String,
    write: &mut Writer<'_>,
) -> Result<(), Rejection> {
    let cover = made(desk, Purpose::VolumeCover, volume, cover_data(volume))?;
    let cover_pages = pages(&cover.grid, &cover.measured).len();
    let (contents, contents_pages) = contents(desk, volume, cover_pages)?;
    let front = cover_pages + contents_pages;
    let total = front + volume.bound.iter().map(|bound| bound.pages).sum::<usize>();
    let parts = parts(&volume.bound, front, most_pages);
    let file = |part: usize| name((parts.len() > 1).then_some(part + 1));
    let titles: Vec<String> = cover.grid.headings.iter().map(crate::grid::Heading::text).collect();
    let meta = Meta {
        title: titles.join(" "),
        author: volume.department.clone(),
        subject: volume.forms.join("、"),
        ..cover.grid.meta.clone()
    };
    let links = links(volume, &parts, &file);
    for (number, part) in parts.iter().enumerate() {
        let tables: Vec<Table> =
            part.projects.clone().map(|at| unchanged(desk, &volume.bound[at])).collect::<Result<_, _>>()?;
        let mut leaves = Vec::with_capacity(tables.len() + 2);
        if number == 0 {
            leaves.push(cover.leaf(None, HashMap::new()));
            leaves.push(contents.leaf(Some(cover_pages + 1), links.clone()));
        }
        let mut first = part.first;
        for (table, at) in tables.iter().zip(part.projects.clone()) {
            leaves.push(Leaf {
                grid: &table.laid.grid,
                measured: &table.measured,
                faces: table.laid.press.faces(),
                outline: Some(&volume.bound[at].name),
                first: Some(first),
                links: HashMap::new(),
            });
            first += table.pages;
        }
        let renderer =
            VolumeRenderer::new(leaves.iter().map(|leaf| leaf.faces)).map_err(|reason| failed(&reason))?;
        let pdf = renderer
            .render(&meta, &leaves, total, desk.timestamp(volume.year))
            .map_err(|reason| failed(&reason))?;
        drop(leaves);
        drop(tables);
        write(&file(number), &pdf.bytes, pdf.pages)?;
    }
    Ok(())
}

fn failed(reason: &str) -> Rejection {
    Failure::new(format!("无法生成合订本（{reason}）"))
        .fix("这是程序或表式的错误，请把数据文件夹交给维护人员。")
        .into()
}

/// Reads a project again; its pages were counted when it was first read.
fn unchanged(desk: &Desk, bound: &Bound) -> Result<Table, Rejection> {
    match table(desk, &bound.source) {
        Ok(table) if table.pages == bound.pages => Ok(table),
        Err(Rejection::Machine(failure)) => Err(failure.into()),
        _ => Err(Failure::new(format!("{} 在汇总过程中被修改了", bound.source.display()))
            .fix("请再运行一次。")
            .into()),
    }
}

/// Distributes projects over files of at most so many pages; a project is never cut.
fn parts(bound: &[Bound], front: usize, most_pages: usize) -> Vec<Part> {
    let mut parts = vec![Part { projects: 0..0, first: front + 1 }];
    let (mut used, mut next) = (front * FRONT, front + 1);
    for (at, project) in bound.iter().enumerate() {
        if used + project.pages > most_pages && parts.last().is_some_and(|part| !part.projects.is_empty()) {
            parts.push(Part { projects: at..at, first: next });
            used = 0;
        }
        used += project.pages;
        next += project.pages;
        if let Some(part) = parts.last_mut() {
            part.projects.end = at + 1;
        }
    }
    parts
}

/// Where the contents' cells lead: to a page of the first file, or into another.
fn links(volume: &Volume, parts: &[Part], file: &dyn Fn(usize) -> String) -> HashMap<DataPath, Link> {
    let mut links = HashMap::new();
    let list = DataPath::root().key(PROJECTS);
    for (number, part) in parts.iter().enumerate() {
        let mut page = part.first;
        for at in part.projects.clone() {
            let here = page + 1 - part.first;
            let link = match number {
                0 => Link { page, url: None },
                _ => Link { page: here, url: Some(format!("{}#page={here}", encoded(&file(number)))) },
            };
            let row = list.index(at);
            for key in LINKED {
                links.insert(row.key(key), link.clone());
            }
            page += volume.bound[at].pages;
        }
    }
    links
}

/// A file name as a relative address.
fn encoded(name: &str) -> String {
    use std::fmt::Write;
    let mut out = String::new();
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

impl Made {
    fn leaf(&self, first: Option<usize>, links: HashMap<DataPath, Link>) -> Leaf<'_> {
        let Made { press, grid, measured } = self;
        Leaf { grid, measured, faces: press.faces(), outline: Some(&grid.meta.sheet), first, links }
    }
}

/// Lays out a form that the program fills in.
fn made(desk: &Desk, purpose: Purpose, volume: &Volume, data: Value) -> Result<Made, Rejection> {
    let form = desk.library().made_for(purpose).and_then(|id| desk.library().form(id));
    let Some(form) = form else {
        return Err(Failure::new("没有合订本的封面或目录表式")
            .fix("自己的表式目录替换了内置的封面或目录时，请检查其 form.yaml 的 purpose。")
            .into());
    };
    let press = desk.press_of(&form.map_err(Rejection::Data)?)?;
    let mut data = data;
    data[FORM_KEY] = json!(press.form().id);
    data[YEAR_KEY] = json!(volume.year.to_string());
    data[DEPARTMENT] = json!(volume.department);
    let document =
        Document { file: PathBuf::from(&volume.department), text: String::new(), root: tree(&data) };
    let grid = press.layouter().grid(&document).map_err(Rejection::Data)?;
    let measured = measure(&grid, press.faces(), &grid.style.columns);
    press.printable(&document, &measured)?;
    Ok(Made { press, grid, measured })
}

/// Key of the department in what the program fills in.
const DEPARTMENT: &str = "部门";

fn cover_data(volume: &Volume) -> Value {
    let amount = |which: usize| {
        let mut sums: BTreeMap<&str, Vec<Decimal>> = BTreeMap::new();
        for bound in &volume.bound {
            if let Some(amount) = bound.amounts[which] {
                sums.entry(bound.unit.as_deref().unwrap_or_default()).or_default().push(amount);
            }
        }
        let said = sums.into_iter().filter_map(|(unit, amounts)| Some(format!("{} {unit}", total(amounts)?)));
        said.collect::<Vec<_>>().join("、")
    };
    let missing = if volume.missing.is_empty() { String::new() } else { volume.missing.len().to_string() };
    json!({
        "表名": volume.forms.join("、"),
        "项目数": volume.bound.len().to_string(),
        "缺少数": missing,
        "总额": amount(0),
        "半年金额": amount(1),
        "全年金额": amount(2),
    })
}

/// The contents with the page numbers that follow from their own number of pages.
fn contents(desk: &Desk, volume: &Volume, cover_pages: usize) -> Result<(Made, usize), Rejection> {
    let mut guess = 1;
    for _ in 0..TRIES {
        let data = contents_data(volume, cover_pages + guess + 1);
        let made = made(desk, Purpose::VolumeContents, volume, data)?;
        let count = pages(&made.grid, &made.measured).len();
        if count == guess {
            return Ok((made, count));
        }
        guess = count;
    }
    Err(failed("目录页数不收敛"))
}

fn contents_data(volume: &Volume, first: usize) -> Value {
    let units: Vec<Option<&str>> = volume.bound.iter().map(|bound| bound.unit.as_deref()).collect();
    let unit = units.first().copied().flatten().filter(|_| units.windows(2).all(|pair| pair[0] == pair[1]));
    let amounts = volume.bound.iter().flat_map(|bound| &bound.amounts[1..]).flatten();
    let decimals = amounts.map(|amount| amount.normalize().scale()).max().unwrap_or(0) as usize;
    let shown = |amount: Option<Decimal>, own: Option<&str>| match (amount, unit, own) {
        (Some(amount), None, Some(own)) => format!("{amount:.decimals$}{own}"),
        (Some(amount), ..) => format!("{amount:.decimals$}"),
        (None, ..) => String::new(),
    };
    let sum = |which: usize| match unit {
        Some(_) => shown(total(volume.bound.iter().filter_map(|bound| bound.amounts[which])), None),
        None => String::new(),
    };
    let mut page = first;
    let rows = volume.bound.iter().enumerate().map(|(at, bound)| {
        let [_, half, full] = bound.amounts;
        let own = bound.unit.as_deref();
        let texts = [
            (at + 1).to_string(),
            bound.name.clone(),
            bound.kind.clone(),
            shown(half, own),
            shown(full, own),
            page.to_string(),
        ];
        page += bound.pages;
        row_keys().map(str::to_owned).zip(texts.map(Value::from)).collect::<Value>()
    });
    let missing = volume.missing.iter().map(|(name, reason)| json!({"名称": name, "原因": reason}));
    json!({
        "单位": unit,
        PROJECTS: rows.collect::<Vec<_>>(),
        "半年合计": sum(1),
        "全年合计": sum(2),
        "缺少": missing.collect::<Vec<_>>(),
    })
}

/// Keys of a row of the contents.
fn row_keys() -> impl Iterator<Item = &'static str> {
    ["序号", "名称", "类型", "半年金额", "全年金额", "页码"].into_iter()
}

/// Data that stands in no file as the tree that forms are laid out from. Texts are taken as they are: what would be
/// markup in a data file is written so that it is none.
fn tree(value: &Value) -> Arc<Node> {
    let kind = match value {
        Value::String(text) => Kind::Scalar(text.replace('&', "&amp;").replace('<', "&lt;").into()),
        Value::Array(items) => Kind::List(items.iter().map(tree).collect()),
        Value::Object(object) => {
            let place = Place { line: 1, column: 1 };
            let pair = |(key, value): (&String, &Value)| Pair {
                key: key.as_str().into(),
                place,
                value: tree(value),
            };
            Kind::Map(object.iter().map(pair).collect())
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => Kind::Null,
    };
    Arc::new(Node { place: Place { line: 1, column: 1 }, bytes: (0, 0), kind })
}
