//! Tables that other people's programs made, read by their labels: which form it is, where a table begins, and what
//! each cell says. All that is known of a form comes from the form itself.

use std::collections::HashMap;

use super::align::{Fit, Line, Reading, align, as_row};
use super::template::{Kind, Template, in_item, list_of};
use super::values::apart;
use super::{Found, FoundCell, Harvest, Spot, Unplaced};
use crate::diag::{DataPath, Finding};
use crate::form::{FORM_KEY, Library};
use crate::yaml::Data;

/// Part of a form's labels that a table must have to be of that form.
const ENOUGH: usize = 3;

/// Reads tables of any of the forms that it was made for.
#[derive(Debug)]
pub struct LabelReader {
    templates: Vec<Template>,
}

impl LabelReader {
    /// A reader for all forms of a library that people fill in, or for one of them. Forms that cannot be laid out
    /// are left out when there are others.
    ///
    /// # Errors
    /// What is wrong with the form asked for, or with all of them.
    pub fn new(library: &Library, only: Option<&str>) -> Result<LabelReader, Vec<Finding>> {
        let mut broken = Vec::new();
        let mut templates = Vec::new();
        for id in library.ids().filter(|id| only.is_none_or(|only| only == *id)) {
            let Some(form) = library.form(id) else { continue };
            match form.and_then(|form| Template::new(&form)) {
                Ok(template) => templates.push(template),
                Err(findings) => broken.extend(findings),
            }
        }
        if templates.is_empty() { Err(broken) } else { Ok(LabelReader { templates }) }
    }

    /// All tables of a sheet or of a text, top to bottom; none when it looks like no form.
    pub fn read(&self, found: &Found) -> Vec<Harvest> {
        let lines = lines(&found.cells);
        let mut harvests = Vec::new();
        let mut early: Vec<Unplaced> = Vec::new();
        for range in self.tables(&lines) {
            let lines = &lines[range];
            let sheet = found.sheet.as_deref();
            match self.best(lines) {
                Some((template, fits)) => {
                    let mut harvest = harvest(template, lines, &fits, sheet);
                    harvest.unplaced.splice(0..0, std::mem::take(&mut early));
                    harvests.push(harvest);
                }
                None => {
                    early.extend(lines.iter().flat_map(|line| &line.cells).map(|cell| unplaced(cell, sheet)));
                }
            }
        }
        if let Some(last) = harvests.last_mut() {
            last.unplaced.extend(early);
        }
        harvests
    }

    /// The form that explains lines best.
    fn best<'a>(&'a self, lines: &[Line<'_>]) -> Option<(&'a Template, Vec<Fit>)> {
        let mut best: Option<(i32, &Template, Vec<Fit>)> = None;
        for template in &self.templates {
            let (score, fits) = align(lines, template);
            let matched: usize =
                fits.iter().map(|fit| if let Fit::Row(_, reading) = fit { reading.labels } else { 0 }).sum();
            let labels: usize = template.rows.iter().map(|row| row.labels().count()).sum();
            let enough = matched >= labels.div_ceil(ENOUGH).max(2);
            if enough && best.as_ref().is_none_or(|(most, ..)| score > *most) {
                best = Some((score, template, fits));
            }
        }
        best.map(|(_, template, fits)| (template, fits))
    }

    /// Where tables begin and end: at the title above a table's first rows, or at those rows when they come again.
    /// What stands between two tables goes with the first.
    fn tables(&self, lines: &[Line<'_>]) -> Vec<std::ops::Range<usize>> {
        let mut begins = vec![0];
        let mut seen: HashMap<(usize, usize), usize> = HashMap::new();
        let mut last_row = None;
        let mut title = None;
        for (at, line) in lines.iter().enumerate() {
            for (form, template) in self.templates.iter().enumerate() {
                let heading = template.rows.first().filter(|row| row.kind == Kind::Heading);
                if heading.is_some_and(|row| line.cells.len() == 1 && line.has_labels(row)) && title.is_none()
                {
                    title = Some(at);
                }
                let strong = template.rows.iter().enumerate().filter(|(index, row)| {
                    let opening = template.rows[..*index].iter().all(|row| row.kind == Kind::Heading);
                    row.is_single() && (opening || row.labels().count() > 1) && line.has_labels(row)
                });
                for (index, _) in strong {
                    if last_row.is_some() && seen.get(&(form, index)).is_some_and(|&before| before != at) {
                        begins.push(title.filter(|&title| Some(title) > last_row).unwrap_or(at));
                        seen.clear();
                    }
                    seen.insert((form, index), at);
                    last_row = Some(at);
                    title = None;
                }
            }
        }
        let ends = begins.iter().skip(1).copied().chain([lines.len()]);
        begins.iter().copied().zip(ends).map(|(begin, end)| begin..end).collect()
    }
}

fn lines(cells: &[FoundCell]) -> Vec<Line<'_>> {
    let mut cells: Vec<&FoundCell> = cells.iter().filter(|cell| !cell.text.trim().is_empty()).collect();
    cells.sort_by_key(|cell| (cell.row, cell.column));
    cells.chunk_by(|a, b| a.row == b.row).map(|row| Line::new(row.to_vec())).collect()
}

fn unplaced(cell: &FoundCell, sheet: Option<&str>) -> Unplaced {
    let spot = Spot { sheet: sheet.map(str::to_owned), row: cell.row, column: cell.column };
    Unplaced { spot, text: cell.text.trim().to_owned() }
}

/// Puts the values of a table where the form keeps them.
fn harvest(template: &Template, lines: &[Line<'_>], fits: &[Fit], sheet: Option<&str>) -> Harvest {
    let mut data = Data::default();
    data.set(&DataPath::root().key(FORM_KEY), Data::Text(template.form.id.clone()));
    let mut seen = vec![false; template.rows.len()];
    let mut fits: Vec<Fit> = fits.to_vec();
    let mut remarks = Vec::new();
    let begin = lines.first().and_then(|line| line.cells.first()).map_or(1, |cell| cell.row);
    let whole = match sheet {
        Some(sheet) => format!("工作表“{sheet}”第{begin}行起的表"),
        None => format!("第{begin}行起的表"),
    };
    remarks.push((DataPath::root(), whole));
    for fit in &fits {
        if let Fit::Row(row, _) = fit {
            seen[*row] = true;
        }
    }
    misplaced(template, lines, &mut fits, &mut seen, &mut remarks);
    for (row, seen) in template.rows.iter().zip(&seen) {
        for path in row.paths() {
            match list_of(path) {
                Some(list) if data.at(&list).is_none() => data.set(&list, Data::List(Vec::new())),
                Some(_) => {}
                None => {
                    data.set(path, Data::Null);
                    if !seen {
                        remarks.push((path.clone(), "原表里没有找到这一项".to_owned()));
                    }
                }
            }
        }
    }
    let mut keeper = Keeper { template, data, remarks, unplaced: Vec::new(), items: HashMap::new() };
    for (line, fit) in lines.iter().zip(&fits) {
        match fit {
            Fit::Row(row, reading) => keeper.row(line, *row, reading, sheet),
            Fit::Again => {}
            Fit::Nothing => keeper.unplaced.extend(line.cells.iter().map(|cell| unplaced(cell, sheet))),
        }
    }
    let Keeper { data, remarks, mut unplaced, .. } = keeper;
    unplaced.sort_by_key(|left| (left.spot.row, left.spot.column));
    Harvest { form: template.form.id.clone(), data, remarks, unplaced }
}

/// Rows that stand elsewhere than in the form: their labels are found all the same.
fn misplaced(
    template: &Template,
    lines: &[Line<'_>],
    fits: &mut [Fit],
    seen: &mut [bool],
    remarks: &mut Vec<(DataPath, String)>,
) {
    for (at, line) in lines.iter().enumerate() {
        let fits_elsewhere = |row: usize| {
            let found = &template.rows[row];
            found.is_single() && line.has_labels(found)
        };
        let open: Vec<usize> = (0..seen.len()).filter(|&row| !seen[row] && fits_elsewhere(row)).collect();
        if fits[at] != Fit::Nothing || open.len() != 1 {
            continue;
        }
        let row = open[0];
        if let Some(reading) = as_row(line, template, row) {
            seen[row] = true;
            let place = line.cells.first().map_or(0, |cell| cell.row);
            for path in template.rows[row].paths() {
                remarks.push((path.clone(), format!("原表里这一项在第{place}行，与表式的顺序不同")));
            }
            fits[at] = Fit::Row(row, reading);
        }
    }
}

/// What has been put in place so far.
struct Keeper<'a> {
    template: &'a Template,
    data: Data,
    remarks: Vec<(DataPath, String)>,
    unplaced: Vec<Unplaced>,
    /// Items of each list so far.
    items: HashMap<DataPath, usize>,
}

impl Keeper<'_> {
    fn row(&mut self, line: &Line<'_>, row: usize, reading: &Reading, sheet: Option<&str>) {
        let shown = &self.template.rows[row];
        self.unplaced.extend(reading.leftover.iter().map(|&cell| unplaced(line.cells[cell], sheet)));
        let mut item = 0;
        if let Some(list) = &shown.list {
            if reading.values.is_empty() {
                return;
            }
            let items = self.items.entry(list.clone()).or_default();
            if shown.opens {
                *items += 1;
            }
            item = items.saturating_sub(1);
            for path in shown.paths().filter(|path| list_of(path).as_ref() == Some(list)) {
                self.data.set(&in_item(path, item), Data::Text(String::new()));
            }
        }
        for &(piece, cell) in &reading.values {
            let cell = line.cells[cell];
            let parts = shown.cells[piece].parts();
            if parts.is_empty() {
                self.unplaced.push(unplaced(cell, sheet));
                continue;
            }
            // What the form works out by itself is no data.
            if parts.iter().all(|part| part.path.is_none()) {
                continue;
            }
            let phone = self.template.form.spec.facts.phone.as_deref();
            let Some(apart) = apart(&cell.text, parts, phone) else {
                for path in parts.iter().filter_map(|part| part.path.as_ref()) {
                    let remark = format!("第{}行第{}列的内容无法分开，见文末", cell.row, cell.column);
                    self.remarks.push((in_item(path, item), remark));
                }
                self.unplaced.push(unplaced(cell, sheet));
                continue;
            };
            for (path, value) in apart.values {
                let path = in_item(&path, item);
                if apart.judged {
                    let remark = format!("由第{}行第{}列的“{}”拆分", cell.row, cell.column, cell.text.trim());
                    self.remarks.push((path.clone(), remark));
                }
                self.data.set(&path, Data::Text(value));
            }
        }
    }
}
