//! A list that prints well: header row that stays and repeats, filters, totals that are live formulas with their
//! results. Rows go to disk as they come; a list that fills its sheet goes on in another.

use rust_decimal::Decimal;
use rust_xlsxwriter::{DataValidation, IgnoreError, Worksheet, XlsxError, utility};

use super::rows::count;
use super::value::{Column, Formats, Look, ONE_LINE, Value, height, quoted, result};

/// Width that the button of a filter takes from a title, in pixels.
const FILTER: u32 = 16;

/// What a list is like.
#[derive(Debug, Clone)]
pub struct LedgerSpec {
    /// Name of its sheet.
    pub name: String,
    /// What is printed above every page.
    pub title: String,
    /// Its columns.
    pub columns: Vec<Column>,
    /// Whether amounts are added up below the last row.
    pub totals: bool,
    /// A column, and what can be chosen in its cells.
    pub choices: Option<(u16, Vec<String>)>,
    /// Columns that stay on the screen when it is scrolled to the right.
    pub frozen: u16,
    /// Rows of a sheet, header and total included.
    pub most_rows: u32,
}

/// Where the rows of a list stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct List {
    /// Sheets in order, each with its number of rows below the header.
    pub sheets: Vec<(String, u32)>,
}

impl List {
    /// Ranges of a column, one for each sheet that has rows.
    pub fn ranges(&self, col: u16) -> Vec<String> {
        let filled = self.sheets.iter().filter(|(_, rows)| *rows > 0);
        filled
            .map(|(name, rows)| {
                let range = utility::worksheet_range_absolute("", 1, col, *rows, col);
                format!("{}!{}", quoted(name), range.trim_start_matches("''!").trim_start_matches('!'))
            })
            .collect()
    }

    /// Rows of the whole list.
    pub fn rows(&self) -> u64 {
        self.sheets.iter().map(|(_, rows)| u64::from(*rows)).sum()
    }
}

/// A list in the making.
pub(super) struct Ledger {
    spec: LedgerSpec,
    formats: Formats,
    done: Vec<Worksheet>,
    sheet: Worksheet,
    list: List,
    /// Exact sum and most decimals of each column.
    sums: Vec<(Decimal, u32)>,
}

impl Ledger {
    pub(super) fn new(spec: LedgerSpec, sheet: Worksheet, name: String) -> Result<Ledger, XlsxError> {
        let sums = vec![(Decimal::ZERO, 0); spec.columns.len()];
        let list = List { sheets: vec![(name, 0)] };
        let mut ledger = Ledger { formats: Formats::new(), done: Vec::new(), sheet, list, sums, spec };
        ledger.begin()?;
        Ok(ledger)
    }

    /// Whether the sheet has no room for another row, or for that and the total.
    pub(super) fn is_full(&self) -> bool {
        self.current() + 1 + u32::from(self.spec.totals) >= self.spec.most_rows
    }

    /// What the next sheet should be called.
    pub(super) fn next_name(&self) -> String {
        format!("{}({})", self.spec.name, self.list.sheets.len() + 1)
    }

    /// Goes on in another sheet.
    pub(super) fn go_on(&mut self, sheet: Worksheet, name: String) -> Result<(), XlsxError> {
        self.close()?;
        self.done.push(std::mem::replace(&mut self.sheet, sheet));
        self.list.sheets.push((name, 0));
        self.begin()
    }

    pub(super) fn push(&mut self, values: &[Value]) -> Result<(), XlsxError> {
        let row = self.current() + 1;
        let cells = self.spec.columns.iter().zip(values).filter(|(column, _)| column.look != Look::Name);
        let high = height(cells.map(|(column, value)| (value.text(), column.width)));
        // The writer remembers every height that is set; most rows need none.
        if high > ONE_LINE {
            self.sheet.set_row_height_pixels(row, high)?;
        }
        for ((col, column), value) in (0..).zip(&self.spec.columns).zip(values) {
            self.formats.write(&mut self.sheet, (row, col), value, column.look, false)?;
        }
        for (sum, value) in self.sums.iter_mut().zip(values) {
            if let Value::Number(number) = value {
                sum.0 = sum.0.checked_add(*number).unwrap_or(sum.0);
                sum.1 = sum.1.max(number.normalize().scale());
            }
        }
        if let Some((_, rows)) = self.list.sheets.last_mut() {
            *rows += 1;
        }
        Ok(())
    }

    pub(super) fn list(&self) -> List {
        self.list.clone()
    }

    /// All sheets of the list.
    pub(super) fn finish(mut self) -> Result<Vec<Worksheet>, XlsxError> {
        if self.spec.totals {
            self.total()?;
        }
        self.close()?;
        self.done.push(self.sheet);
        Ok(self.done)
    }

    fn current(&self) -> u32 {
        self.list.sheets.last().map_or(0, |(_, rows)| *rows)
    }

    /// Columns, header row and page of a new sheet.
    fn begin(&mut self) -> Result<(), XlsxError> {
        let Ledger { spec, formats, sheet, .. } = self;
        sheet.set_default_row_height_pixels(ONE_LINE);
        let titles = spec.columns.iter().map(|column| (column.title.as_str(), column.width - FILTER));
        sheet.set_row_height_pixels(0, height(titles))?;
        for (col, column) in (0..).zip(&spec.columns) {
            sheet.set_column_width_pixels(col, column.width)?;
            sheet.write_string_with_format(0, col, &column.title, &formats.header)?;
        }
        sheet.set_freeze_panes(1, spec.frozen)?;
        sheet.set_repeat_rows(0, 0)?;
        print_setup(sheet, &spec.title);
        Ok(())
    }

    /// Adds what depends on the number of rows.
    fn close(&mut self) -> Result<(), XlsxError> {
        let rows = self.current();
        let last = u16::try_from(self.spec.columns.len()).unwrap_or(u16::MAX).saturating_sub(1);
        self.sheet.autofilter(0, 0, rows, last)?;
        if rows > 0 {
            self.sheet.ignore_error_range(1, 0, rows, last, IgnoreError::NumberStoredAsText)?;
        }
        if let Some((col, choices)) = &self.spec.choices {
            let choices = DataValidation::new().allow_list_strings(choices)?;
            self.sheet.add_data_validation(1, *col, rows.max(1), *col, &choices)?;
        }
        Ok(())
    }

    /// Totals below the last row, over all sheets and, while a filter is set, over the rows that it leaves.
    fn total(&mut self) -> Result<(), XlsxError> {
        let row = self.current() + 1;
        for (col, column) in (0..).zip(&self.spec.columns) {
            let (sum, decimals) = self.sums[usize::from(col)];
            let ranges = self.list.ranges(col);
            let value = match column.look {
                _ if col == 0 => Value::Text("合计".to_owned()),
                Look::Amount if ranges.is_empty() => Value::Number(Decimal::ZERO),
                // Rounded to what was typed, so that no binary fraction is left over.
                Look::Amount => {
                    Value::Formula(format!("ROUND(SUBTOTAL(9,{}),{decimals})", ranges.join(",")), result(sum))
                }
                _ => Value::Empty,
            };
            self.formats.write(&mut self.sheet, (row, col), &value, column.look, true)?;
        }
        Ok(())
    }
}

/// Rows above which a sheet is wide: A4 on its long side, one page wide, with title and page numbers.
pub(super) fn print_setup(sheet: &mut Worksheet, title: &str) {
    sheet.set_paper_size(9).set_landscape().set_print_fit_to_pages(1, 0);
    sheet.set_margins(0.5, 0.5, 0.8, 0.6, 0.35, 0.3).set_print_center_horizontally(true);
    let title: String = title.chars().take(60).collect();
    sheet.set_header(format!("&C&\"宋体,Bold\"&14{}", title.replace('&', "&&")));
    sheet.set_footer("&C&\"宋体,Regular\"&9第 &P 页 / 共 &N 页");
}

/// Rows of some data.
pub(super) fn rows_of<T>(items: &[T]) -> u32 {
    count(items)
}
