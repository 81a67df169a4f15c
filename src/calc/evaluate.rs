//! The value of an expression. It is blank rather than wrong: when a number that stands alone is blank, when many
//! numbers are all blank, when something is divided by zero, or when a result has more than 28 digits.

use rust_decimal::Decimal;

use super::{Expression, Fold, Operation, Use, round};

/// Evaluates an expression; `numbers` says what a name stands for. `None` is a blank result.
pub fn evaluate(expression: &Expression, numbers: &impl Fn(&str) -> Vec<Option<Decimal>>) -> Option<Decimal> {
    // A blank number makes the whole blank, even where a branch of `if` does not need it: a workbook does the same.
    let mut blank = false;
    expression.names(&mut |name, used| {
        blank |= match (used, numbers(name).as_slice()) {
            (Use::Alone, [Some(_)]) => false,
            (Use::Alone, _) => true,
            (Use::Folded, all) => all.iter().all(Option::is_none),
        };
    });
    if blank { None } else { value(expression, numbers) }
}

fn value(expression: &Expression, numbers: &impl Fn(&str) -> Vec<Option<Decimal>>) -> Option<Decimal> {
    let value = |inner: &Expression| value(inner, numbers);
    match expression {
        Expression::Number(number) => Some(*number),
        Expression::Name(name) => numbers(name).first().copied().flatten(),
        Expression::Negate(inner) => value(inner).map(|number| -number),
        Expression::Absolute(inner) => value(inner).map(|number| number.abs()),
        Expression::Round(inner, places) => value(inner).map(|number| round(number, *places)),
        Expression::Binary(operation, left, right) => {
            let (left, right) = (value(left)?, value(right)?);
            match operation {
                Operation::Add => left.checked_add(right),
                Operation::Subtract => left.checked_sub(right),
                Operation::Multiply => left.checked_mul(right),
                Operation::Divide => left.checked_div(right),
            }
        }
        Expression::Fold(fold, inner) => {
            let mut all = Vec::new();
            for one in inner {
                match one {
                    Expression::Name(name) => all.extend(numbers(name).into_iter().flatten()),
                    other => all.push(value(other)?),
                }
            }
            folded(*fold, &all)
        }
        Expression::If(condition, yes, no) => {
            let (left, right) = (value(&condition.left)?, value(&condition.right)?);
            if condition.comparison.holds(left, right) { value(yes) } else { value(no) }
        }
    }
}

fn folded(fold: Fold, all: &[Decimal]) -> Option<Decimal> {
    let sum = || all.iter().try_fold(Decimal::ZERO, |sum, number| sum.checked_add(*number));
    match fold {
        Fold::Sum => sum(),
        Fold::Min => all.iter().min().copied(),
        Fold::Max => all.iter().max().copied(),
        Fold::Average => sum()?.checked_div(Decimal::from(all.len())),
    }
}
