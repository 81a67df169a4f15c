//! What a department files and a bureau works with: for each department and year a bound volume and a workbook, and
//! for the whole tree a workbook and flat data. Projects are read one at a time and passed on; what is kept of each
//! is a few lines, so that a province fits into memory.

mod columns;
mod flat;
mod groups;
mod outputs;
mod reader;
mod record;
mod rows;
mod run;
mod stats;
mod value;
mod volume;
mod workbook;

pub use columns::{Column, ColumnKind, Columns, Fact};
pub use record::{Indicator, Record, Table};
pub use run::{CollectOptions, Collected, Observer, Tally, collect};
pub use value::{Target, parse as parse_value};

/// A kind of output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Product {
    /// Bound volumes.
    Pdf,
    /// Workbooks.
    Xlsx,
    /// Comma separated values.
    Csv,
    /// JSON Lines.
    Json,
}

impl Product {
    /// Every kind.
    pub const ALL: [Product; 4] = [Product::Pdf, Product::Xlsx, Product::Csv, Product::Json];

    /// The name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Product::Pdf => "pdf",
            Product::Xlsx => "xlsx",
            Product::Csv => "csv",
            Product::Json => "json",
        }
    }

    /// The kind of that name.
    pub fn named(name: &str) -> Option<Product> {
        Product::ALL.into_iter().find(|product| product.name() == name)
    }
}
