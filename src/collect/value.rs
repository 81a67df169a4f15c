//! What a target value says, as the flat lists of indicators show it: a sign, a number and a unit, where it says one
//! at all. The grammar is the checker's.

use rust_decimal::Decimal;

use crate::check::{Quantity, Sign, Target as Parsed, parse_target};

/// A target that can be counted or measured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// `≥`, `≤`, `=`, `>`, `<`, or nothing.
    pub sign: &'static str,
    /// The number as it stands before 万 or 亿.
    pub number: Decimal,
    /// 万, 亿 or nothing, and the unit.
    pub unit: String,
}

/// Reads a value; `None` for one that is words, a range or nothing.
pub fn parse(text: &str) -> Option<Target> {
    let Parsed::Quantity(quantity) = parse_target(text) else { return None };
    let Quantity { sign, number, .. } = &quantity;
    Some(Target { sign: sign.map_or("", Sign::text), number: *number, unit: quantity.full_unit() })
}
