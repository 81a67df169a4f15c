use std::collections::BTreeMap;

use super::{harvest, misfit};
use crate::diag::DataPath;
use crate::import::workbook::map::{Part, Section, Spot};
use crate::import::workbook::sheet::{Cell, Sheet};
use crate::import::workbook::value::Kind;
use crate::yaml::Data;

fn value(path: &str, source: &str) -> Part {
    Part::Value { path: DataPath::parse(path), source: source.to_owned() }
}

fn literal(text: &str) -> Part {
    Part::Literal(text.to_owned())
}

/// A label in A1 and cells in column B.
fn section(cells: Vec<(Vec<Part>, Option<&str>)>) -> Section {
    let label = Spot { at: (0, 0), parts: vec![literal("名"), literal("称")], shown: None };
    let spots = (0..).zip(cells).map(|(row, (parts, shown))| Spot {
        at: (row, 1),
        parts,
        shown: shown.map(str::to_owned),
    });
    Section { form: "x".to_owned(), spots: [label].into_iter().chain(spots).collect(), ..Section::default() }
}

fn cell(text: &str) -> Cell {
    Cell { text: text.to_owned(), kind: Kind::Text, formula: None }
}

fn sheet(texts: &[&str]) -> Sheet {
    let cells = (0..).zip(texts).filter(|(_, text)| !text.is_empty());
    let cells = cells.map(|(row, text)| ((row, 1), cell(text))).chain([((0, 0), cell("名 称"))]);
    Sheet { name: "表".to_owned(), cells: cells.collect::<BTreeMap<_, _>>(), ..Sheet::default() }
}

/// What stands under a key; nothing is an empty text.
fn shown(data: &Data, key: &str) -> String {
    match data.get(key) {
        Some(Data::Text(text)) => text.clone(),
        Some(Data::Null) => String::new(),
        other => panic!("{key}: {other:?}"),
    }
}

#[test]
fn a_changed_cell_wins_over_the_map() {
    let section = section(vec![
        (vec![value("a", "33.90")], Some("33.9")),
        (vec![value("b", "<p>x</p>")], Some("x")),
        (vec![value("c", ""), literal("年")], None),
        (vec![value("d", "p"), literal(" "), value("e", "q")], Some("p q")),
    ]);
    let data = harvest(&section, &sheet(&["33.9", "x", "2024年", "p q"]), false).data;
    let all = |data: &Data| ["a", "b", "c", "d", "e"].map(|key| shown(data, key));
    assert_eq!(all(&data), ["33.90", "<p>x</p>", "2024", "p", "q"]);
    assert_eq!(shown(&data, "表式"), "x");
    let read = harvest(&section, &sheet(&["34", "", "2025", "r s"]), false);
    assert_eq!(all(&read.data), ["34", "", "2025", "r", "s"]);
    assert!(read.remarks.is_empty() && read.unplaced.is_empty());
    let read = harvest(&section, &sheet(&["33.9", "x", "2024年", "p"]), false);
    assert_eq!(all(&read.data)[3..], ["", ""]);
    assert_eq!((read.remarks.len(), read.unplaced.len()), (1, 1));
    assert_eq!((read.unplaced[0].text.as_str(), read.unplaced[0].spot.row), ("p", 4));
}

#[test]
fn a_value_shown_twice_is_taken_where_it_was_changed() {
    let section = section(vec![
        (vec![value("a", "<p>1</p>")], Some("1")),
        (vec![value("a", "<p>1</p>")], Some("1")),
        (vec![value("b", "")], None),
        (vec![value("b", "")], None),
    ]);
    let read = |texts: &[&str]| {
        let read = harvest(&section, &sheet(texts), false);
        (shown(&read.data, "a"), shown(&read.data, "b"), read.unplaced.len())
    };
    assert_eq!(read(&["1", "1", "2", "2"]), ("<p>1</p>".to_owned(), "2".to_owned(), 0));
    assert_eq!(read(&["1", "3", "2", "2"]), ("3".to_owned(), "2".to_owned(), 0));
    assert_eq!(read(&["3", "1", "2", "4"]), ("3".to_owned(), "2".to_owned(), 1));
}

#[test]
fn blank_items_of_a_form_to_fill_in_vanish() {
    let items = ["l[0].a", "l[1].a", "l[2].a"].map(|path| (vec![value(path, "")], None));
    let mut section = section(items.into());
    let sheet = sheet(&["1", "", "3"]);
    let count = |data: &Data| match data.get("l") {
        Some(Data::List(items)) => items.len(),
        _ => 0,
    };
    assert_eq!(count(&harvest(&section, &sheet, false).data), 3);
    section.fill = true;
    assert_eq!(count(&harvest(&section, &sheet, false).data), 2);
}

#[test]
fn results_without_a_value_are_not_guessed() {
    let section = section(vec![
        (vec![value("a", "")], None),
        (vec![value("b", "")], None),
        (vec![value("c", "")], None),
    ]);
    let mut sheet = sheet(&["", "", "", "", "x"]);
    let formula = |text: &str, kind| Cell { text: text.to_owned(), kind, formula: Some("1+1".to_owned()) };
    sheet.cells.insert((0, 1), formula("2", Kind::Number));
    sheet.cells.insert((1, 1), formula("", Kind::Text));
    sheet.cells.insert((2, 1), formula("#REF!", Kind::Error));
    let read = harvest(&section, &sheet, false);
    assert_eq!(["a", "b", "c"].map(|key| shown(&read.data, key)), ["2", "", ""]);
    assert_eq!(read.remarks.len(), 3);
    let unplaced: Vec<&str> = read.unplaced.iter().map(|unplaced| unplaced.text.as_str()).collect();
    assert_eq!(unplaced, ["=1+1", "=1+1", "x"]);
}

#[test]
fn a_map_is_trusted_while_its_words_stand() {
    let section = section(vec![(vec![value("a", "")], None)]);
    assert_eq!(misfit(&section, &sheet(&["1"])), None);
    let mut moved = sheet(&["1"]);
    moved.cells.insert((0, 0), cell("其他"));
    assert_eq!(misfit(&section, &moved), Some((0, 0)));
    moved.cells.remove(&(0, 0));
    assert_eq!(misfit(&section, &moved), Some((0, 0)));
}
