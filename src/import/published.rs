//! The text of published tables: a row on each line, its cells separated by tabs.

use super::{Found, FoundCell};

/// The cells of a text. Rows are its lines and columns its fields, both from 1.
pub fn cells(text: &str) -> Found {
    let row = |(row, line): (usize, &str)| {
        line.split('\t')
            .enumerate()
            .filter(|(_, field)| !field.trim().is_empty())
            .map(|(column, field)| FoundCell {
                row: row + 1,
                column: column + 1,
                rows: 1,
                columns: 1,
                text: field.trim().to_owned(),
            })
            .collect::<Vec<_>>()
    };
    Found { sheet: None, cells: text.lines().enumerate().flat_map(row).collect() }
}
