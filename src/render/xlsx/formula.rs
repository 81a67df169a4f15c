//! Calculated cells as live formulas: operands that the sheet shows as numbers are named by their cells, all others
//! stand in the formula. It rounds as the printed form does, and shows the same blank when an operand is missing.

use std::collections::HashMap;
use std::fmt::Write;

use rust_xlsxwriter::utility::row_col_to_cell;

use super::sheet::Spot;
use crate::calc::{Comparison, Expression, Fold, Operation, Use, plain};
use crate::diag::DataPath;
use crate::grid::{Computed, Grid, Role, Source};

/// Longest formula that Excel takes, in characters.
const LONGEST: usize = 8_000;
/// Most arguments of a function.
const MOST_ARGUMENTS: usize = 250;

/// Where the sheet shows numbers.
pub(super) struct Addresses<'a> {
    /// By the row and column of the grid's cell.
    anchors: HashMap<(usize, usize), Address>,
    /// By the value that a cell shows.
    values: HashMap<&'a DataPath, (usize, usize)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Address {
    row: u32,
    col: u16,
    /// First sheet row below the cell.
    below: u32,
}

impl<'a> Addresses<'a> {
    /// The addresses of a sheet.
    pub(super) fn new<'s, 'p: 's>(
        grid: &'a Grid,
        spots: impl IntoIterator<Item = &'s Spot<'p>>,
    ) -> Addresses<'a> {
        let mut addresses = Addresses { anchors: HashMap::new(), values: HashMap::new() };
        if grid.cells.iter().all(|cell| cell.computed.is_none()) {
            return addresses;
        }
        for spot in spots {
            let Some(cell) = spot.cell(grid) else { continue };
            // A blank amount is one that somebody will fill in; a text that looks like a number is none to Excel.
            let fillable = cell.role == Role::Amount && spot.content.text.is_empty();
            if cell.computed.is_none() && spot.content.amount.is_none() && !fillable {
                continue;
            }
            let at = (cell.row, cell.col);
            let address = Address { row: spot.rows.start, col: spot.cols.start, below: spot.rows.end };
            addresses.anchors.insert(at, address);
            if let Some(path) = cell.sole_value().and_then(|part| part.path.as_ref()) {
                let converted = cell.sole_value().is_some_and(|part| part.source.is_some());
                if !converted {
                    addresses.values.entry(path).or_insert(at);
                }
            }
        }
        addresses
    }

    fn of(&self, source: &Source) -> Option<Address> {
        match source {
            Source::Constant(_) => None,
            Source::Cell(row, col, _) => self.anchors.get(&(*row, *col)).copied(),
            Source::Value(path, _) => self.anchors.get(self.values.get(path)?).copied(),
        }
    }
}

/// Excel's number format of a result; `None` is the general one.
pub(super) fn code(computed: &Computed) -> Option<String> {
    let zeros = "0".repeat(computed.places as usize);
    let point = if computed.places > 0 { "." } else { "" };
    match (computed.percent, computed.trim) {
        (true, _) => Some(format!("0{point}{zeros}%")),
        (false, true) => None,
        (false, false) => Some(format!("0{point}{zeros}")),
    }
}

/// The formula of a calculated cell, without `=`; `None` where Excel can hold none, or nothing in it could change.
pub(super) fn formula(computed: &Computed, addresses: &Addresses) -> Option<String> {
    let mut writer = Writer { computed, addresses, out: String::new(), live: false };
    let blank = text(&computed.blank);
    let missing = writer.missing()?;
    writer.out.push_str("IFERROR(");
    if !missing.is_empty() {
        let _ = write!(writer.out, "IF(OR({}),{blank},", missing.join(","));
    }
    writer.out.push_str("ROUND(");
    writer.expression(&computed.expression)?;
    let _ = write!(writer.out, ",{})", computed.digits());
    if !missing.is_empty() {
        writer.out.push(')');
    }
    let _ = write!(writer.out, ",{blank})");
    (writer.live && writer.out.chars().count() <= LONGEST).then_some(writer.out)
}

/// A text inside a formula.
fn text(words: &str) -> String {
    format!("\"{}\"", words.replace('"', "\"\""))
}

struct Writer<'a> {
    computed: &'a Computed,
    addresses: &'a Addresses<'a>,
    out: String,
    /// Whether it names any cell.
    live: bool,
}

impl Writer<'_> {
    /// Conditions under which an operand is missing; `None` when one that no cell shows is missing for good.
    fn missing(&self) -> Option<Vec<String>> {
        let mut conditions: Vec<String> = Vec::new();
        let mut always = false;
        self.computed.expression.names(&mut |name, used| {
            let sources = self.computed.sources(name);
            let fixed = |source: &Source| self.addresses.of(source).is_none() && source.number().is_some();
            if used == Use::Folded && sources.iter().any(fixed) {
                return;
            }
            let cells = self.ranges(sources);
            if cells.is_empty() {
                always |= used == Use::Folded || sources.iter().all(|source| source.number().is_none());
                return;
            }
            let condition = format!("COUNT({})=0", cells.join(","));
            if !conditions.contains(&condition) {
                conditions.push(condition);
            }
        });
        (!always).then_some(conditions)
    }

    /// The cells of some sources, with neighbours taken together.
    fn ranges(&self, sources: &[Source]) -> Vec<String> {
        let mut runs: Vec<(Address, Address)> = Vec::new();
        for address in sources.iter().filter_map(|source| self.addresses.of(source)) {
            match runs.last_mut() {
                Some((first, last)) if first.col == address.col && last.below == address.row => {
                    *last = address;
                }
                _ => runs.push((address, address)),
            }
        }
        let name = |address: Address| row_col_to_cell(address.row, address.col);
        let run = |(first, last): (Address, Address)| {
            if first == last { name(first) } else { format!("{}:{}", name(first), name(last)) }
        };
        runs.into_iter().map(run).collect()
    }

    fn expression(&mut self, expression: &Expression) -> Option<()> {
        match expression {
            Expression::Number(number) => self.number(*number),
            Expression::Name(name) => {
                let source = self.computed.sources(name).first()?;
                match self.addresses.of(source) {
                    Some(address) => {
                        self.live = true;
                        self.out.push_str(&row_col_to_cell(address.row, address.col));
                    }
                    None => self.number(source.number()?),
                }
            }
            Expression::Negate(inner) => {
                self.out.push_str("(-");
                self.expression(inner)?;
                self.out.push(')');
            }
            Expression::Absolute(inner) => self.call("ABS(", &[inner], "")?,
            Expression::Round(inner, places) => self.call("ROUND(", &[inner], &format!(",{places}"))?,
            Expression::Binary(operation, left, right) => {
                self.out.push('(');
                self.expression(left)?;
                self.out.push(match operation {
                    Operation::Add => '+',
                    Operation::Subtract => '-',
                    Operation::Multiply => '*',
                    Operation::Divide => '/',
                });
                self.expression(right)?;
                self.out.push(')');
            }
            Expression::Fold(fold, inner) => self.fold(*fold, inner)?,
            Expression::If(condition, yes, no) => {
                self.out.push_str("IF(");
                self.expression(&condition.left)?;
                self.out.push_str(match condition.comparison {
                    Comparison::Less => "<",
                    Comparison::AtMost => "<=",
                    Comparison::Greater => ">",
                    Comparison::AtLeast => ">=",
                    Comparison::Equal => "=",
                    Comparison::Unequal => "<>",
                });
                self.expression(&condition.right)?;
                self.out.push(',');
                self.call("", &[yes, no], "")?;
            }
        }
        Some(())
    }

    /// A function's name, its arguments and what else stands before its closing bracket.
    fn call(&mut self, name: &str, arguments: &[&Expression], rest: &str) -> Option<()> {
        self.out.push_str(name);
        for (position, argument) in arguments.iter().enumerate() {
            if position > 0 {
                self.out.push(',');
            }
            self.expression(argument)?;
        }
        self.out.push_str(rest);
        self.out.push(')');
        Some(())
    }

    fn fold(&mut self, fold: Fold, inner: &[Expression]) -> Option<()> {
        let mut arguments = Vec::new();
        for one in inner {
            let Expression::Name(name) = one else {
                let outer = std::mem::take(&mut self.out);
                self.expression(one)?;
                arguments.push(std::mem::replace(&mut self.out, outer));
                continue;
            };
            let sources = self.computed.sources(name);
            let cells = self.ranges(sources);
            self.live |= !cells.is_empty();
            arguments.extend(cells);
            let fixed = sources.iter().filter(|source| self.addresses.of(source).is_none());
            arguments.extend(fixed.filter_map(Source::number).map(plain));
        }
        if arguments.is_empty() || arguments.len() > MOST_ARGUMENTS {
            return None;
        }
        self.out.push_str(match fold {
            Fold::Sum => "SUM(",
            Fold::Min => "MIN(",
            Fold::Max => "MAX(",
            Fold::Average => "AVERAGE(",
        });
        self.out.push_str(&arguments.join(","));
        self.out.push(')');
        Some(())
    }

    fn number(&mut self, number: rust_decimal::Decimal) {
        let number = plain(number);
        let (open, close) = if number.starts_with('-') { ("(", ")") } else { ("", "") };
        let _ = write!(self.out, "{open}{number}{close}");
    }
}
