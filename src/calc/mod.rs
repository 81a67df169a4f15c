//! Exact arithmetic of forms: a small expression language over named operands, evaluated in decimals with the
//! rounding of bookkeeping. It knows no grid and no data; whoever asks says what a name stands for.
//!
//! `执行 / 预算`, `sum(得分) + 10`, `if(实际 >= 目标, 分值, round(实际 / 目标 * 分值, 2))`. A name that stands alone means one
//! number; inside `sum`, `min`, `max` and `average` it may mean any number of them, of which blank ones do not count.

mod decimal;
mod evaluate;
mod parse;

use rust_decimal::Decimal;

pub use decimal::{convert, decimal, percent, plain, round, yuan};
pub use evaluate::evaluate;
pub use parse::parse;

/// An expression, parsed.
#[derive(Debug, Clone, PartialEq)]
pub enum Expression {
    /// A number of the form.
    Number(Decimal),
    /// An operand.
    Name(String),
    /// The negative of something.
    Negate(Box<Expression>),
    /// Two things and what is done with them.
    Binary(Operation, Box<Expression>, Box<Expression>),
    /// A function of several operands, each of which may stand for many numbers.
    Fold(Fold, Vec<Expression>),
    /// Rounded half up to so many places.
    Round(Box<Expression>, u32),
    /// The amount without its sign.
    Absolute(Box<Expression>),
    /// One of two things.
    If(Box<Condition>, Box<Expression>, Box<Expression>),
}

/// What two numbers are joined by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    /// `+`
    Add,
    /// `-`
    Subtract,
    /// `*`
    Multiply,
    /// `/`
    Divide,
}

/// What makes one number of many.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fold {
    /// Their sum.
    Sum,
    /// The least.
    Min,
    /// The greatest.
    Max,
    /// Their mean.
    Average,
}

/// A comparison.
#[derive(Debug, Clone, PartialEq)]
pub struct Condition {
    /// What is compared.
    pub left: Expression,
    /// How.
    pub comparison: Comparison,
    /// With what.
    pub right: Expression,
}

/// How two numbers compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    /// `<`
    Less,
    /// `<=`
    AtMost,
    /// `>`
    Greater,
    /// `>=`
    AtLeast,
    /// `=`
    Equal,
    /// `<>`
    Unequal,
}

impl Comparison {
    /// Whether two numbers compare so.
    pub fn holds(self, left: Decimal, right: Decimal) -> bool {
        match self {
            Comparison::Less => left < right,
            Comparison::AtMost => left <= right,
            Comparison::Greater => left > right,
            Comparison::AtLeast => left >= right,
            Comparison::Equal => left == right,
            Comparison::Unequal => left != right,
        }
    }
}

/// How an expression uses a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Use {
    /// As one number.
    Alone,
    /// As any number of numbers.
    Folded,
}

impl Expression {
    /// Calls back for every operand and says how it is used.
    pub fn names<'a>(&'a self, tell: &mut impl FnMut(&'a str, Use)) {
        match self {
            Expression::Number(_) => {}
            Expression::Name(name) => tell(name, Use::Alone),
            Expression::Negate(inner) | Expression::Absolute(inner) | Expression::Round(inner, _) => {
                inner.names(tell);
            }
            Expression::Binary(_, left, right) => {
                left.names(tell);
                right.names(tell);
            }
            Expression::Fold(_, inner) => {
                for one in inner {
                    match one {
                        Expression::Name(name) => tell(name, Use::Folded),
                        other => other.names(tell),
                    }
                }
            }
            Expression::If(condition, yes, no) => {
                for inner in [&condition.left, &condition.right, yes, no] {
                    inner.names(tell);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests;
