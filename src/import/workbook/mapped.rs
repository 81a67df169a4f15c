//! A table read by its map. What a person changed in a cell wins over the map; while a cell is as it was written, the
//! values are those that it was written from. The map is trusted only while every word of the form stands where it was
//! written: when rows were inserted or deleted, the values beside them are no longer where the map says.

use std::collections::{HashMap, HashSet};

use super::map::{Section, Spot};
use super::sheet::{Cell, Sheet};
use super::split::split;
use super::tree::Tree;
use crate::diag::DataPath;
use crate::form::FORM_KEY;
use crate::import::{self, Harvest, Unplaced};
use crate::render::xlsx::cell_name;

/// Units that a cell holds; a text that fills it was cut when it was written.
const LONGEST: usize = 32_767;

/// The first cell that no longer shows the words of the form.
pub(super) fn misfit(section: &Section, sheet: &Sheet) -> Option<(u32, u16)> {
    let moved = |spot: &&Spot| {
        spot.label().is_some_and(|words| {
            let held = sheet.cells.get(&spot.at).map_or("", |cell| &cell.text);
            bare(&words) != bare(held)
        })
    };
    section.spots.iter().find(moved).map(|spot| spot.at)
}

/// A text without blanks, which office programs may change.
fn bare(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).collect()
}

/// Reads the values of a sheet that fits its map. Of a copy of the sheet, what no cell shows is not its own.
pub(super) fn harvest(section: &Section, sheet: &Sheet, copy: bool) -> Harvest {
    let mut reader = Reader::new(sheet);
    for spot in &section.spots {
        reader.spot(spot);
    }
    reader.outside(section);
    for (path, text) in section.unprinted.iter().filter(|_| !copy) {
        reader.claim(path, Some(text.clone()), None);
    }
    reader.finish(section)
}

struct Reader<'a> {
    sheet: &'a Sheet,
    /// Values in order.
    values: Vec<Claim>,
    /// Where in them each path stands.
    places: HashMap<DataPath, usize>,
    remarks: Vec<(DataPath, String)>,
    unplaced: Vec<Unplaced>,
}

/// A value that a cell gives for a path.
struct Claim {
    path: DataPath,
    value: Option<String>,
    /// The cell, when it may have been changed.
    by: Option<(u32, u16)>,
}

impl<'a> Reader<'a> {
    fn new(sheet: &'a Sheet) -> Reader<'a> {
        Reader {
            sheet,
            values: Vec::new(),
            places: HashMap::new(),
            remarks: Vec::new(),
            unplaced: Vec::new(),
        }
    }

    fn spot(&mut self, spot: &Spot) {
        let Some((first, _)) = spot.values().next() else { return };
        let cell = self.sheet.cells.get(&spot.at);
        // A date that is the value's source, as the program writes dates, is nothing to remark on.
        let is_source = |cell: &Cell| {
            cell.formula.is_none() && spot.values().any(|(_, source)| Some(source) == cell.value())
        };
        if let Some(remark) = cell.filter(|cell| !is_source(cell)).and_then(|cell| cell.remark(spot.at)) {
            self.remarks.push((first.clone(), remark));
        }
        let text = match cell.map(|cell| (cell, cell.value())) {
            None => "",
            Some((_, Some(text))) => text,
            Some((cell, None)) => {
                self.leave(spot.at, cell);
                ""
            }
        };
        if spot.shown.as_deref().is_some_and(|shown| lines(shown) == lines(text)) {
            for (path, source) in spot.values() {
                self.claim(path, Some(source.to_owned()), None);
            }
            return;
        }
        if spot.shown.as_deref().is_some_and(is_cut) {
            let remark = format!(
                "单元格 {} 放不下原来的全文，改动后只读到单元格里的部分；请补上其余内容",
                name(spot.at)
            );
            self.remarks.push((first.clone(), remark));
        }
        let text = lines(text);
        let values = split(&spot.pieces(), &text);
        if values.is_none() {
            let remark = format!("单元格 {} 改成了“{text}”，分不清其中各项，没有取用", name(spot.at));
            self.remarks.push((first.clone(), remark));
            self.unplaced.push(Unplaced { spot: self.place(spot.at), text: text.clone() });
        }
        for (number, (path, _)) in spot.values().enumerate() {
            let value = values.as_ref().and_then(|values| values.get(number)).map(|text| (*text).to_owned());
            self.claim(path, value, Some(spot.at));
        }
    }

    /// Takes a value for a path. Of two cells that show one value, the one that was changed has it.
    fn claim(&mut self, path: &DataPath, value: Option<String>, by: Option<(u32, u16)>) {
        let value = value.filter(|text| !text.trim().is_empty());
        let Some(&place) = self.places.get(path) else {
            self.places.insert(path.clone(), self.values.len());
            self.values.push(Claim { path: path.clone(), value, by });
            return;
        };
        let earlier = &mut self.values[place];
        match (by, earlier.by) {
            _ if earlier.value == value => {}
            (None, Some(_)) => {}
            (_, None) => (earlier.value, earlier.by) = (value, by),
            (Some(at), Some(other)) => {
                let remark = format!("单元格 {} 和 {} 应当相同，取了前者", name(other), name(at));
                self.remarks.push((path.clone(), remark));
                let text = value.unwrap_or_default();
                self.unplaced.push(Unplaced { spot: self.place(at), text });
            }
        }
    }

    /// What stands in cells that the map does not know.
    fn outside(&mut self, section: &Section) {
        let known: HashSet<(u32, u16)> = section.spots.iter().map(|spot| spot.at).collect();
        for (&at, cell) in self.sheet.cells.iter().filter(|(at, _)| !known.contains(at)) {
            if !cell.text.trim().is_empty() || cell.formula.is_some() {
                self.leave(at, cell);
            }
        }
    }

    fn leave(&mut self, at: (u32, u16), cell: &Cell) {
        let text = match &cell.formula {
            Some(formula) if cell.value().is_none() => format!("={formula}"),
            _ => cell.text.clone(),
        };
        self.unplaced.push(Unplaced { spot: self.place(at), text });
    }

    fn place(&self, at: (u32, u16)) -> import::Spot {
        super::spot(&self.sheet.name, at)
    }

    fn finish(mut self, section: &Section) -> Harvest {
        let mut tree = Tree::default();
        let form = DataPath::root().key(FORM_KEY);
        // A new tree has room for its first value.
        let _ = tree.put(&form, Some(section.form.clone()));
        for Claim { path, value, by } in self.values {
            let text = value.clone().unwrap_or_default();
            if path != form && tree.put(&path, value).is_none() {
                let remark = format!("隐藏工作表里“{path}”的位置有冲突，没有取用“{text}”");
                self.remarks.push((DataPath::root(), remark));
                let spot = super::spot(&self.sheet.name, by.unwrap_or_default());
                self.unplaced.push(Unplaced { spot, text });
            }
        }
        self.unplaced.sort_by_key(|unplaced| (unplaced.spot.row, unplaced.spot.column));
        let data = tree.data(section.fill);
        Harvest {
            form: section.form.clone(),
            data,
            remarks: self.remarks,
            unplaced: self.unplaced,
            text: None,
        }
    }
}

/// A text with the line breaks of data.
fn lines(text: &str) -> String {
    text.replace("\r\n", "\n")
}

/// Whether the writer cut a text to what a cell holds.
fn is_cut(shown: &str) -> bool {
    shown.ends_with('…') && shown.len() >= LONGEST && shown.encode_utf16().count() >= LONGEST
}

fn name(at: (u32, u16)) -> String {
    cell_name(at.0, at.1)
}

#[cfg(test)]
mod tests;
