use super::*;

fn style(columns: usize) -> Arc<Style> {
    let text = TextStyle { face: 0, size: 10.0, align: Align::Left, indent: 0.0 };
    Arc::new(Style {
        paper: Paper { width: 100.0, height: 100.0, margin: [0.0; 4], landscape: false },
        columns: vec![100.0 / columns as f64; columns],
        faces: vec![FaceList { families: vec!["x".into()], weight: 400 }],
        headings: vec![text.clone()],
        label: text.clone(),
        value: text.clone(),
        text: text.clone(),
        field: text.clone(),
        amount: text,
        inset: 4.0,
        rule: 0.5,
        pitch: 1.4,
        heading_gap: 4.0,
        footer: FooterKind::None,
    })
}

fn cell(row: usize, col: usize, rowspan: usize, colspan: usize) -> Cell {
    Cell { row, col, rowspan, colspan, ..Cell::default() }
}

fn build(rows: usize, columns: usize, cells: Vec<Cell>) -> Result<Grid, GridError> {
    Grid::new(style(columns), Meta::default(), Vec::new(), vec![RowKind::Body; rows], cells)
}

#[test]
fn a_gap_is_named_by_row_and_column() {
    let cells = vec![cell(0, 0, 1, 2), cell(1, 0, 1, 1)];
    assert_eq!(build(2, 2, cells).unwrap_err(), GridError::Gap { row: 2, col: 2 });
}

#[test]
fn an_overlap_is_named_by_row_and_column() {
    let cells = vec![cell(0, 0, 2, 1), cell(0, 1, 1, 1), cell(1, 0, 1, 2)];
    assert_eq!(build(2, 2, cells).unwrap_err(), GridError::Overlap { row: 2, col: 1 });
}

#[test]
fn spans_must_stay_inside() {
    assert_eq!(build(1, 2, vec![cell(0, 0, 1, 3)]).unwrap_err(), GridError::Outside { row: 1, col: 1 });
    assert_eq!(build(1, 2, vec![cell(0, 0, 0, 2)]).unwrap_err(), GridError::Outside { row: 1, col: 1 });
    assert_eq!(build(0, 2, vec![]).unwrap_err(), GridError::Empty);
}

#[test]
fn covered_positions_know_their_anchor() {
    let grid = build(2, 2, vec![cell(0, 0, 2, 1), cell(1, 1, 1, 1), cell(0, 1, 1, 1)]).unwrap();
    assert_eq!(grid.covering(1, 0), grid.covering(0, 0));
    assert_eq!(grid.cells[grid.covering(1, 1)].row, 1);
}

#[test]
fn pointers_escape_what_json_pointer_reserves() {
    let path = DataPath::root().key("a/b~c").index(3).key("指标");
    assert_eq!(path.to_pointer(), "/a~1b~0c/3/指标");
    assert_eq!(path.to_string(), "a/b~c[3].指标");
}
