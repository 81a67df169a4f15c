//! 项目汇总 and 指标明细 as flat data for other systems: CSV that a spreadsheet opens without harm, and JSON Lines.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::PathBuf;

use super::Product;
use super::columns::Columns;
use super::outputs::Outputs;
use super::record::Record;
use super::rows;
use crate::diag::{Failure, Rejection};
use crate::render::xlsx::{Column, Value};
use crate::write::{Draft, unwritable};

/// What a spreadsheet would begin a formula with, in half and in full width.
const FORMULA: [char; 10] = ['=', '+', '-', '@', '\t', '\r', '＝', '＋', '－', '＠'];
/// By this Excel knows that a file is UTF-8.
const MARK: &str = "\u{feff}";

/// One file in the making.
struct Flat {
    path: PathBuf,
    draft: Draft,
    out: BufWriter<File>,
    product: Product,
    keys: Vec<String>,
}

/// The flat files of a run.
pub(super) struct Flats {
    /// Lists of projects, and of indicators.
    files: [Vec<Flat>; 2],
    counts: [usize; 2],
}

impl Flats {
    pub(super) fn new(
        outputs: &Outputs,
        products: &[Product],
        columns: &Columns,
    ) -> Result<Flats, Rejection> {
        let open = |name: &str, columns: Vec<Column>| -> Result<Vec<Flat>, Rejection> {
            let wanted = [(Product::Csv, "csv"), (Product::Json, "jsonl")];
            let wanted = wanted.into_iter().filter(|(product, _)| products.contains(product));
            wanted
                .map(|(product, extension)| {
                    Flat::new(outputs, format!("{name}.{extension}").into(), product, &columns)
                })
                .collect()
        };
        let projects = open("项目汇总", rows::project_columns(columns))?;
        let indicators = open("指标明细", rows::indicator_columns(columns))?;
        Ok(Flats { files: [projects, indicators], counts: [0; 2] })
    }

    /// Adds a project and its indicators.
    pub(super) fn add(&mut self, record: &Record, columns: &Columns) -> Result<(), Failure> {
        if record.table.is_none() || self.files.iter().all(Vec::is_empty) {
            return Ok(());
        }
        self.counts[0] += 1;
        let row = rows::project(record, self.counts[0]);
        self.files[0].iter_mut().try_for_each(|flat| flat.row(&row))?;
        for row in rows::indicators(record, columns, &mut self.counts[1]) {
            self.files[1].iter_mut().try_for_each(|flat| flat.row(&row))?;
        }
        Ok(())
    }

    /// The finished drafts and where they belong.
    pub(super) fn finish(self) -> Result<Vec<(PathBuf, Draft)>, Failure> {
        self.files.into_iter().flatten().map(Flat::finish).collect()
    }
}

impl Flat {
    fn new(
        outputs: &Outputs,
        path: PathBuf,
        product: Product,
        columns: &[Column],
    ) -> Result<Flat, Rejection> {
        let mut draft = outputs.draft(&path)?;
        let file = draft.file().try_clone().map_err(|error| unwritable(&path, &error))?;
        let keys: Vec<String> = columns.iter().map(|column| column.title.clone()).collect();
        let mut flat = Flat { path, draft, out: BufWriter::new(file), product, keys };
        if product == Product::Csv {
            let titles: Vec<String> = flat.keys.iter().map(|key| field(key, true)).collect();
            flat.line(&format!("{MARK}{}\r\n", titles.join(",")))?;
        }
        Ok(flat)
    }

    fn row(&mut self, values: &[Value]) -> Result<(), Failure> {
        let line = if self.product == Product::Json {
            let pairs = self.keys.iter().zip(values).map(|(key, value)| {
                let value = match value {
                    Value::Number(number) => number.to_string(),
                    Value::Text(text) => serde_json::Value::from(text.as_str()).to_string(),
                    _ => "null".to_owned(),
                };
                format!("{}:{value}", serde_json::Value::from(key.as_str()))
            });
            format!("{{{}}}\n", pairs.collect::<Vec<_>>().join(","))
        } else {
            let fields = values.iter().map(|value| match value {
                Value::Number(number) => field(&number.to_string(), false),
                Value::Text(text) => field(text, true),
                _ => String::new(),
            });
            fields.collect::<Vec<_>>().join(",") + "\r\n"
        };
        self.line(&line)
    }

    fn line(&mut self, line: &str) -> Result<(), Failure> {
        self.out.write_all(line.as_bytes()).map_err(|error| unwritable(&self.path, &error))
    }

    fn finish(mut self) -> Result<(PathBuf, Draft), Failure> {
        self.out.flush().map_err(|error| unwritable(&self.path, &error))?;
        drop(self.out);
        Ok((self.path, self.draft))
    }
}

/// A field of a CSV file (RFC 4180). A text that a spreadsheet would take for a formula gets an apostrophe before it.
fn field(value: &str, is_text: bool) -> String {
    let guard = if is_text && value.starts_with(FORMULA) { "'" } else { "" };
    if value.contains(['"', ',', '\n', '\r']) {
        format!("\"{guard}{}\"", value.replace('"', "\"\""))
    } else {
        format!("{guard}{value}")
    }
}

#[cfg(test)]
mod tests {
    use super::field;

    #[test]
    fn fields_are_quoted_and_never_formulas() {
        assert_eq!(field("甲,乙", true), "\"甲,乙\"");
        assert_eq!(field("说“好”\"", true), "\"说“好”\"\"\"");
        assert_eq!(field("=45%", true), "'=45%");
        assert_eq!(field("＝1+1", true), "'＝1+1");
        assert_eq!(field("@a,b", true), "\"'@a,b\"");
        assert_eq!(field("-3.5", false), "-3.5");
    }
}
