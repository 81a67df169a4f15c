//! The rows of the hidden sheet that says which value each cell shows. `render::xlsx::map` writes them and describes
//! what they mean; this reads its layouts 1 and 2.

use super::sheet::Sheet;
use super::split::Piece;
use crate::diag::DataPath;
use crate::render::xlsx::map::LAYOUT;

/// Most tables; a workbook has a sheet for each.
const SECTIONS: usize = 1_000;
/// Most steps of a path; data files are as deep as this at most.
pub(super) const DEPTH: usize = 32;

/// The map of one table.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Section {
    /// Its sheet; the first of the workbook in layout 1.
    pub(super) sheet: Option<String>,
    pub(super) form: String,
    pub(super) version: String,
    /// Whether the table was drawn to be filled in.
    pub(super) fill: bool,
    pub(super) spots: Vec<Spot>,
    pub(super) unprinted: Vec<(DataPath, String)>,
}

/// What one cell shows.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Spot {
    /// Row and column from 0.
    pub(super) at: (u32, u16),
    pub(super) parts: Vec<Part>,
    /// The cell's content as it was written, where the values' sources are kept beside it.
    pub(super) shown: Option<String>,
}

/// A piece of a cell.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Part {
    Literal(String),
    Value {
        path: DataPath,
        source: String,
    },
    /// What the workbook works out by itself.
    Computed,
}

impl Spot {
    /// The cell's words, when it shows nothing but words of the form.
    pub(super) fn label(&self) -> Option<String> {
        let words = self.parts.iter().map(|part| match part {
            Part::Literal(text) => Some(text.as_str()),
            Part::Value { .. } | Part::Computed => None,
        });
        words.collect()
    }

    /// The pieces of the cell, for taking its text apart.
    pub(super) fn pieces(&self) -> Vec<Piece<'_>> {
        let pieces = self.parts.iter().filter_map(|part| match part {
            Part::Literal(text) => Some(Piece::Literal(text)),
            Part::Value { source, .. } => Some(Piece::Value(source)),
            Part::Computed => None,
        });
        pieces.collect()
    }

    /// Paths and sources of its values.
    pub(super) fn values(&self) -> impl Iterator<Item = (&DataPath, &str)> {
        self.parts.iter().filter_map(|part| match part {
            Part::Value { path, source } => Some((path, source.as_str())),
            Part::Literal(_) | Part::Computed => None,
        })
    }
}

/// Why a map cannot be used.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Unusable {
    /// It was written by a later version of the program.
    Newer,
    /// It is not as it was written.
    Damaged,
}

/// Reads the map.
///
/// # Errors
/// Why it cannot be used.
pub(super) fn read(sheet: &Sheet) -> Result<Vec<Section>, Unusable> {
    let mut rows = rows(sheet).into_iter();
    let layout: u32 = match rows.next() {
        Some(row) if row.kind == "jixiao" => row.text.parse().map_err(|_| Unusable::Damaged)?,
        _ => return Err(Unusable::Damaged),
    };
    if LAYOUT.parse::<u32>().is_ok_and(|own| layout > own) {
        return Err(Unusable::Newer);
    }
    let mut sections: Vec<Section> = Vec::new();
    if layout == 1 {
        sections.push(Section::default());
    }
    for row in rows {
        if row.kind == "sheet" {
            sections.push(Section { sheet: Some(row.text), ..Section::default() });
            continue;
        }
        sections.last_mut().and_then(|section| section.add(row)).ok_or(Unusable::Damaged)?;
    }
    let sound = |section: &Section| !section.form.is_empty();
    let sound = (1..=SECTIONS).contains(&sections.len()) && sections.iter().all(sound);
    if sound { Ok(sections) } else { Err(Unusable::Damaged) }
}

impl Section {
    fn add(&mut self, row: Row) -> Option<()> {
        match row.kind.as_str() {
            "form" => self.form = row.text,
            "version" => self.version = row.text,
            "fill" => self.fill = row.text == "1",
            "literal" => {
                // No literal is empty: one of blanks is lost by programs that do not mark blanks as worth keeping.
                let text = if row.text.is_empty() { " ".to_owned() } else { row.text };
                self.spot(&row.cell)?.parts.push(Part::Literal(text));
            }
            "computed" => self.spot(&row.cell)?.parts.push(Part::Computed),
            "value" => {
                let path = path(&row.path)?;
                self.spot(&row.cell)?.parts.push(Part::Value { path, source: row.text });
            }
            "shown" => self.spot(&row.cell)?.shown = Some(row.text),
            "unprinted" => self.unprinted.push((path(&row.path)?, row.text)),
            _ => return None,
        }
        Some(())
    }

    /// The spot that a row belongs to; the rows of one stand together.
    fn spot(&mut self, cell: &str) -> Option<&mut Spot> {
        let at = position(cell)?;
        if self.spots.last().is_none_or(|spot| spot.at != at) {
            self.spots.push(Spot { at, ..Spot::default() });
        }
        self.spots.last_mut()
    }
}

fn path(pointer: &str) -> Option<DataPath> {
    if pointer.matches('/').count() > DEPTH { None } else { DataPath::from_pointer(pointer) }
}

#[derive(Debug, Default)]
struct Row {
    kind: String,
    cell: String,
    path: String,
    text: String,
}

fn rows(sheet: &Sheet) -> Vec<Row> {
    let mut rows: Vec<Row> = Vec::new();
    let mut number = None;
    for (&(row, column), cell) in &sheet.cells {
        if number != Some(row) {
            rows.push(Row::default());
            number = Some(row);
        }
        let Some(last) = rows.last_mut() else { continue };
        match column {
            0 => last.kind.clone_from(&cell.text),
            1 => last.cell.clone_from(&cell.text),
            // Parts stand in order.
            2 => {}
            3 => last.path.clone_from(&cell.text),
            _ => last.text.push_str(&cell.text),
        }
    }
    rows
}

/// Row and column, from 0, of a cell such as `C12`.
fn position(cell: &str) -> Option<(u32, u16)> {
    let digits = cell.find(|c: char| c.is_ascii_digit())?;
    let (letters, number) = cell.split_at(digits);
    if letters.is_empty() || letters.len() > 3 {
        return None;
    }
    let column = letters.bytes().try_fold(0_u32, |column, letter| {
        letter.is_ascii_uppercase().then(|| column * 26 + u32::from(letter - b'A') + 1)
    })?;
    Some((number.parse::<u32>().ok()?.checked_sub(1)?, u16::try_from(column).ok()?.checked_sub(1)?))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::{Section, Unusable, position, read};
    use crate::diag::DataPath;
    use crate::import::workbook::sheet::{Cell, Sheet};
    use crate::import::workbook::value::Kind;

    fn map(rows: &[[&str; 5]]) -> Result<Vec<Section>, Unusable> {
        let mut cells = BTreeMap::new();
        for (row, texts) in (0..).zip(rows) {
            for (column, text) in (0..).zip(texts).filter(|(_, text)| !text.is_empty()) {
                let cell = Cell { text: (*text).to_owned(), kind: Kind::Text, formula: None };
                cells.insert((row, column), cell);
            }
        }
        read(&Sheet { cells, ..Sheet::default() })
    }

    const HEAD: [&str; 5] = ["jixiao", "", "", "", "2"];
    const SHEET: [&str; 5] = ["sheet", "", "", "", "表"];
    const FORM: [&str; 5] = ["form", "", "", "", "x"];

    #[test]
    fn sections_and_spots_are_told_apart() {
        let spots = [
            ["value", "B2", "0", "/a/0", "1"],
            ["literal", "B2", "1", "", "年"],
            ["shown", "B2", "", "", "1年"],
        ];
        let rows =
            [&[HEAD, SHEET, FORM][..], &spots, &[["unprinted", "", "", "/b", "2"], SHEET, FORM]].concat();
        let sections = map(&rows).expect("sound");
        assert_eq!((sections.len(), sections[0].spots.len(), sections[1].spots.len()), (2, 1, 0));
        let spot = &sections[0].spots[0];
        assert_eq!((spot.at, spot.parts.len(), spot.shown.as_deref()), ((1, 1), 2, Some("1年")));
        assert_eq!(sections[0].unprinted, [(DataPath::root().key("b"), "2".to_owned())]);
        let old = [["jixiao", "", "", "", "1"], FORM, spots[0]];
        assert_eq!(map(&old).map(|sections| sections[0].sheet.clone()), Ok(None));
    }

    #[test]
    fn a_map_that_is_not_ours_is_not_used() {
        assert_eq!(map(&[["jixiao", "", "", "", "3"]]), Err(Unusable::Newer));
        for rows in [
            &[][..],
            &[HEAD],
            &[HEAD, FORM],
            &[HEAD, SHEET],
            &[["jixiao", "", "", "", "two"], SHEET, FORM],
            &[HEAD, SHEET, FORM, ["other", "", "", "", ""]],
            &[HEAD, SHEET, FORM, ["value", "B0", "0", "/a", ""]],
            &[HEAD, SHEET, FORM, ["value", "B1", "0", "a", ""]],
            &[HEAD, SHEET, FORM, ["value", "B1", "0", &"/a".repeat(33), ""]],
            &[HEAD, SHEET, FORM, ["literal", "", "0", "", ""]],
        ] {
            assert_eq!(map(rows), Err(Unusable::Damaged), "{rows:?}");
        }
    }

    #[test]
    fn cells_are_named_as_in_excel() {
        for (cell, at) in
            [("A1", Some((0, 0))), ("XFD1048576", Some((1_048_575, 16_383))), ("AA10", Some((9, 26)))]
        {
            assert_eq!(position(cell), at);
        }
        for cell in ["", "A", "1", "A0", "a1", "ABCD1", "A1B", "A99999999999", "é1"] {
            assert_eq!(position(cell), None, "{cell}");
        }
    }
}
