use std::sync::Arc;

use super::breaks::breaks;
use super::rows::Rows;
use super::{measuring_columns, render};
use crate::diag::DataPath;
use crate::grid::{
    Align, Cell, FaceList, FooterKind, Grid, Meta, Paper, Part, Role, RowKind, Style, TextStyle,
};
use crate::measure::{Line, Measured};

fn style(indent: f64) -> Style {
    let text = TextStyle { face: 0, size: 10.0, align: Align::Left, indent };
    Style {
        paper: Paper { width: 595.3, height: 841.9, margin: [50.0; 4], landscape: false },
        columns: vec![150.0, 345.3],
        faces: vec![FaceList { families: vec!["宋体".to_owned()], weight: 400 }],
        headings: vec![text.clone()],
        label: text.clone(),
        value: text.clone(),
        text: text.clone(),
        field: text.clone(),
        amount: text,
        inset: 4.0,
        rule: 0.5,
        pitch: 1.45,
        heading_gap: 8.0,
        footer: FooterKind::Pages,
    }
}

fn cell(row: usize, col: usize, rowspan: usize, role: Role, text: &str) -> Cell {
    let path = (!role.is_heading()).then(|| DataPath::root().key("键").index(row));
    let parts = vec![Part { text: text.to_owned(), path, source: None }];
    Cell { row, col, rowspan, role, parts, ..Cell::default() }
}

/// A label beside three rows, and how many lines each of the four cells has.
fn table(style: Style, lines: [usize; 4], text: &str) -> (Grid, Measured) {
    let value = |row| cell(row, 1, 1, Role::Text, text);
    let cells = vec![cell(0, 0, 3, Role::Label, "label"), value(0), value(1), value(2)];
    let meta = Meta { title: "a/b".to_owned(), ..Meta::default() };
    let grid = Grid::new(Arc::new(style), meta, Vec::new(), vec![RowKind::Body; 3], cells).expect("sound");
    let line = |position| Line { text: String::new(), first: position == 0 };
    let cells = lines.map(|count| (0..count).map(line).collect()).to_vec();
    (grid, Measured { cells, ..Measured::default() })
}

fn heights(indent: f64, lines: [usize; 4]) -> Rows {
    let (grid, measured) = table(style(indent), lines, "");
    Rows::new(&grid, &measured)
}

#[test]
fn the_last_row_of_a_group_makes_room_for_its_label() {
    let low = heights(0.0, [1, 1, 1, 1]).heights;
    let high = heights(0.0, [9, 1, 1, 1]).heights;
    assert_eq!(low[..2], high[..2]);
    assert!(high.iter().sum::<u32>() >= 9 * 14 * 4 / 3 && high[2] > low[2]);
}

#[test]
fn a_row_taller_than_excel_allows_stands_in_several() {
    let rows = heights(0.0, [1, 1, 70, 1]);
    let tall = rows.of(1..2);
    assert_eq!((rows.of(0..1), tall.start, rows.of(2..3)), (0..1, 1, tall.end..tall.end + 1));
    assert!(tall.len() > 1 && rows.heights.iter().all(|&pixels| pixels <= 533));
    assert!(rows.height(tall) >= 70.0 * 14.0 * 4.0 / 3.0);
    assert_eq!(rows.of(0..3), rows.table());
}

#[test]
fn pages_break_before_headers_and_tall_rows() {
    let (body, header) = (RowKind::Body, RowKind::Header { repeat: false });
    // A page holds 41 rows of one line each.
    let places = |last: RowKind, lines: usize| {
        let mut kinds = vec![body; 60];
        kinds[40] = last;
        let line = |position| Line { text: String::new(), first: position == 0 };
        let mut cells = vec![vec![line(0)]; 60];
        cells[41] = (0..lines).map(line).collect();
        let style = Style { columns: vec![495.3], ..style(0.0) };
        let own = (0..60).map(|row| cell(row, 0, 1, Role::Value, "x")).collect();
        let grid = Grid::new(Arc::new(style), Meta::default(), Vec::new(), kinds, own).expect("sound");
        let measured = Measured { cells, ..Measured::default() };
        breaks(&grid, &measured, &Rows::new(&grid, &measured))
    };
    let none: [u32; 0] = [];
    assert_eq!(places(body, 1), none);
    assert_eq!(places(header, 1), [40]);
    assert_eq!(places(body, 20), none);
    assert_eq!(places(body, 40), [41]);
    assert_eq!(places(header, 40), [40]);
    assert_eq!(places(body, 90), none);
}

#[test]
fn no_page_breaks_through_a_label() {
    let group = |rowspan: usize| {
        let own = (0..60).map(|row| cell(row, 1, 1, Role::Value, "x"));
        let labels = [cell(0, 0, 30, Role::Label, ""), cell(30, 0, rowspan, Role::Label, "label")];
        let rest = (30 + rowspan..60).map(|row| cell(row, 0, 1, Role::Blank, ""));
        let cells: Vec<Cell> = own.chain(labels).chain(rest).collect();
        let grid =
            Grid::new(Arc::new(style(0.0)), Meta::default(), Vec::new(), vec![RowKind::Body; 60], cells);
        let grid = grid.expect("sound");
        let line = Line { text: String::new(), first: true };
        let cells = grid.cells.iter().map(|cell| vec![line.clone(); cell.parts.len()]).collect();
        let measured = Measured { cells, ..Measured::default() };
        breaks(&grid, &measured, &Rows::new(&grid, &measured))
    };
    // The page ends below row 41; in a group of 22 rows from row 31 that is the middle.
    assert_eq!(group(22), [40]);
    assert!(group(30).is_empty() && group(11).is_empty());
}

#[test]
fn an_indented_cell_is_higher_than_measured() {
    assert_eq!(heights(2.0, [1, 1, 1, 1]).heights[1], heights(0.0, [1, 1, 1, 1]).heights[1]);
    assert!(heights(2.0, [1, 1, 20, 1]).heights[1] > heights(0.0, [1, 1, 20, 1]).heights[1]);
}

#[test]
fn text_is_measured_on_less_than_the_printable_width() {
    let style = style(0.0);
    let columns = measuring_columns(&style);
    assert!(columns.iter().zip(&style.columns).all(|(measured, own)| measured < own));
    let sheet: u32 = super::sheet::columns(&style).sum();
    assert!((f64::from(sheet) * 0.75 - style.paper.inner_width()).abs() < 2.0);
}

#[test]
fn any_text_makes_the_same_bytes_each_time() {
    let long = "绩".repeat(40_000);
    for text in ["=SUM(A1)", "_x000D_", "<r>a</r>", " ", "", "\u{1}\u{fffe}", "a\n\nb", long.as_str()] {
        let (grid, measured) = table(style(0.0), [1, 1, 40, 1], text);
        let bytes = render(&grid, &measured, 1_700_000_000).expect("drawn");
        assert!(bytes.starts_with(b"PK"));
        assert_eq!(render(&grid, &measured, 1_700_000_000), Ok(bytes));
    }
    let (grid, measured) = table(style(0.0), [1; 4], "");
    assert!(render(&grid, &measured, i64::MAX).is_err());
}
