//! A cell whose number is calculated: the expression, and where each operand comes from, so that one output can print
//! the result and another can hold a live formula.

use rust_decimal::Decimal;

use crate::calc::{Expression, evaluate, plain, round};
use crate::diag::DataPath;

/// How a cell's number comes about, and what it is.
#[derive(Debug, Clone, PartialEq)]
pub struct Computed {
    /// The expression as the form's author wrote it.
    pub formula: String,
    /// The same, parsed.
    pub expression: Expression,
    /// What its names stand for.
    pub operands: Vec<Operand>,
    /// Decimal places of the result; with `percent`, of its percentage.
    pub places: u32,
    /// Whether the result is printed as a percentage.
    pub percent: bool,
    /// Whether zeros at the end of the result are left out.
    pub trim: bool,
    /// What is printed when there is no result.
    pub blank: String,
    /// The rounded result; `None` when an operand is blank or something is divided by zero.
    pub result: Option<Decimal>,
}

/// A name of an expression.
#[derive(Debug, Clone, PartialEq)]
pub struct Operand {
    /// The name.
    pub name: String,
    /// The numbers it stands for, in order.
    pub sources: Vec<Source>,
}

/// Where a number comes from.
#[derive(Debug, Clone, PartialEq)]
pub enum Source {
    /// A number of the form.
    Constant(Decimal),
    /// A value of the data; its number is `None` when it is blank or no number.
    Value(DataPath, Option<Decimal>),
    /// The cell anchored at this row and column (from 0), and its number.
    Cell(usize, usize, Option<Decimal>),
}

impl Source {
    /// The number, as far as there is one.
    pub fn number(&self) -> Option<Decimal> {
        match self {
            Source::Constant(number) => Some(*number),
            Source::Value(_, number) | Source::Cell(_, _, number) => *number,
        }
    }
}

impl Computed {
    /// What a name of the expression stands for.
    pub fn sources(&self, name: &str) -> &[Source] {
        self.operands.iter().find(|operand| operand.name == name).map_or(&[], |operand| &operand.sources)
    }

    /// Decimal places to which the number itself is rounded.
    pub fn digits(&self) -> u32 {
        self.places + if self.percent { 2 } else { 0 }
    }

    /// Calculates the result from the operands.
    pub fn calculate(&mut self) {
        let numbers = |name: &str| self.sources(name).iter().map(Source::number).collect();
        self.result = evaluate(&self.expression, &numbers).map(|result| round(result, self.digits()));
    }

    /// The result as it is printed.
    pub fn text(&self) -> String {
        let Some(result) = self.result else { return self.blank.clone() };
        let places = self.places as usize;
        if self.percent {
            return format!("{:.places$}%", round(result * Decimal::ONE_HUNDRED, self.places));
        }
        if self.trim { plain(result) } else { format!("{result:.places$}") }
    }
}
