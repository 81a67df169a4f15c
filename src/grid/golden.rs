//! A table as text, which golden files keep.

use std::fmt::Write;

use super::{Grid, RowKind, Strip};
use crate::diag::DataPath;

impl Grid {
    /// The table as text, one cell a line: the form that golden files keep.
    pub fn to_golden(&self) -> String {
        let mut out = String::new();
        for heading in &self.headings {
            let _ = writeln!(out, "heading {} | {}", heading.level, heading.text());
        }
        strips(&mut out, "above", &self.above);
        for cell in &self.cells {
            let span = match (cell.rowspan, cell.colspan) {
                (1, 1) => String::new(),
                (rows, cols) => format!(" {rows}x{cols}"),
            };
            let kind = match self.rows[cell.row] {
                RowKind::Header { repeat: true } => " repeat",
                _ => "",
            };
            let paths: Vec<String> =
                cell.parts.iter().filter_map(|part| part.path.as_ref()).map(DataPath::to_string).collect();
            let from = if paths.is_empty() { String::new() } else { format!(" <- {}", paths.join(" + ")) };
            let text = cell.text().replace('\n', "⏎");
            let role = cell.role.name();
            let formula = cell.computed.as_ref().map_or_else(String::new, |of| format!(" = {}", of.formula));
            let look = cell.look.to_golden();
            let (row, col) = (cell.row + 1, cell.col + 1);
            let _ = writeln!(out, "{row},{col}{span} {role}{kind}{look} | {text}{from}{formula}");
        }
        strips(&mut out, "below", &self.below);
        out
    }
}

fn strips(out: &mut String, place: &str, strips: &[Strip]) {
    for strip in strips {
        let texts = strip
            .fields
            .iter()
            .map(|field| field.parts.iter().map(|part| part.text.as_str()).collect::<String>())
            .collect::<Vec<_>>();
        let _ = writeln!(out, "{place} | {}", texts.join(" | "));
    }
}
