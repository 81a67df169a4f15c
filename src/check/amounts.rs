//! Exact decimals for rules: amounts are compared and added as written, never as binary floats.

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
