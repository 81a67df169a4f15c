//! Which amounts a cell can hold as a number and still show exactly what was typed. Excel keeps 15 significant
//! digits in a binary float, drops leading zeros and knows no negative zero; what would not survive stays text.

/// Significant digits that Excel keeps.
const PRECISION: usize = 15;
/// Digits up to which Excel's general format shows an integer as it is; more would turn into an exponent.
const GENERAL: usize = 11;

/// An amount that a cell can hold as a number.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Amount {
    /// Its value, exact to all digits typed.
    pub(super) value: f64,
    /// How it must be shown.
    pub(super) shape: Shape,
}

/// What a number format depends on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Shape {
    decimals: usize,
    /// Whether there is room for more digits than were typed, should someone edit the number.
    roomy: bool,
}

impl Shape {
    /// The number format; `None` is Excel's general format.
    ///
    /// It shows all that was typed, and more digits when someone types more: a bare `0` would print an amount that
    /// was changed to 269.5 as 270.
    pub(super) fn format(self) -> Option<String> {
        match (self.decimals, self.roomy) {
            (0, true) => None,
            (0, false) => Some("0".to_owned()),
            (decimals, roomy) => {
                Some(format!("0.{}{}", "0".repeat(decimals), if roomy { "####" } else { "" }))
            }
        }
    }
}

/// Reads a plain decimal; `None` when as a number it would not show as it was typed.
pub(super) fn amount(text: &str) -> Option<Amount> {
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = match unsigned.split_once('.') {
        Some((whole, fraction)) if !fraction.is_empty() => (whole, fraction),
        Some(_) => return None,
        None => (unsigned, ""),
    };
    let is_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let leading_zero = whole.len() > 1 && whole.starts_with('0');
    let digits = whole.len() + fraction.len();
    if whole.is_empty() || leading_zero || digits > PRECISION || !is_digits(whole) || !is_digits(fraction) {
        return None;
    }
    let value: f64 = text.parse().ok()?;
    if value == 0.0 && unsigned.len() < text.len() {
        return None;
    }
    Some(Amount { value, shape: Shape { decimals: fraction.len(), roomy: digits <= GENERAL } })
}

#[cfg(test)]
mod tests {
    use super::amount;

    fn format(text: &str) -> String {
        amount(text).map_or("text".to_owned(), |amount| amount.shape.format().unwrap_or("General".to_owned()))
    }

    #[test]
    fn formats_show_what_was_typed() {
        assert_eq!(format("269"), "General");
        assert_eq!(format("0"), "General");
        assert_eq!(format("33.90"), "0.00####");
        assert_eq!(format("-0.5"), "0.0####");
        assert_eq!(format("123456789012"), "0");
        assert_eq!(format("1234567890123.45"), "0.00");
        assert_eq!(amount("121.05").map(|amount| amount.value), Some(121.05));
    }

    #[test]
    fn what_would_change_stays_text() {
        for text in [
            "",
            "-",
            "0301",
            "00",
            "1.",
            ".5",
            "+1",
            "1e3",
            "1,000",
            "=1",
            "１２",
            "-0",
            "-0.00",
            "1234567890123456",
            "9 ",
        ] {
            assert_eq!(amount(text), None, "{text}");
        }
    }
}
