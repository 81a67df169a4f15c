//! Exact decimals: amounts are compared, added and converted as written, never as binary floats.

use rust_decimal::{Decimal, RoundingStrategy};

/// Reads an amount; separators of thousands are allowed, anything else makes it no amount.
pub fn decimal(text: &str) -> Option<Decimal> {
    text.trim().replace([',', '，'], "").parse().ok()
}

/// An amount without superfluous zeros.
pub fn plain(number: Decimal) -> String {
    number.normalize().to_string()
}

/// `part` in hundredths of `whole`, exact to ten places; `None` when `whole` is zero.
pub fn percent(part: Decimal, whole: Decimal) -> Option<Decimal> {
    part.checked_mul(Decimal::ONE_HUNDRED)?.checked_div(whole).map(|share| share.round_dp(10))
}

/// Rounded half up, as bookkeeping rounds.
pub fn round(number: Decimal, places: u32) -> Decimal {
    number.round_dp_with_strategy(places, RoundingStrategy::MidpointAwayFromZero)
}

/// Units in which forms count money, in yuan.
const MONEY: [(&str, u64); 6] = [
    ("元", 1),
    ("千元", 1_000),
    ("万元", 10_000),
    ("百万元", 1_000_000),
    ("千万元", 10_000_000),
    ("亿元", 100_000_000),
];

/// How many yuan one unit of money is; `None` for a unit that is no money.
pub fn yuan(unit: &str) -> Option<Decimal> {
    MONEY.iter().find(|(name, _)| *name == unit).map(|(_, yuan)| Decimal::from(*yuan))
}

/// An amount of money in another unit, exactly; `None` when a unit is no money or the amount has too many digits.
pub fn convert(amount: Decimal, from: &str, to: &str) -> Option<Decimal> {
    if from == to {
        return Some(amount);
    }
    let (from, to) = (yuan(from)?, yuan(to)?);
    let converted = amount.checked_mul(from)?.checked_div(to)?;
    // Division keeps 28 digits; what it cut off would be missing when it is turned back.
    (converted.checked_mul(to)? == amount.checked_mul(from)?).then_some(converted.normalize())
}

#[cfg(test)]
mod tests {
    use super::{convert, decimal, plain};

    #[test]
    fn money_is_converted_exactly_or_not_at_all() {
        let in_unit =
            |text: &str, from, to| decimal(text).and_then(|amount| convert(amount, from, to)).map(plain);
        assert_eq!(in_unit("338900.07", "元", "万元").as_deref(), Some("33.890007"));
        assert_eq!(in_unit("33.890007", "万元", "元").as_deref(), Some("338900.07"));
        assert_eq!(in_unit("5", "万元", "万元").as_deref(), Some("5"));
        assert_eq!(in_unit("5", "万元", "人次"), None);
        assert_eq!(in_unit("1.000000000000000000000000001", "元", "亿元"), None);
    }
}
