//! What a cell of a workbook holds, as text: numbers in their shortest decimal form, dates as ISO 8601.

use calamine::{DataRef, ExcelDateTime};

/// Significant digits that office programs keep and show. What stands behind them in the file is left over from binary
/// arithmetic: a cell that shows 269.3 may hold 269.30000000000001.
const DIGITS: usize = 15;
/// The day after the last that Excel has, 9999-12-31.
const DAYS: f64 = 2_958_466.0;

/// What kind of content a cell holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Text or a truth value.
    Text,
    /// A number.
    Number,
    /// A date or time.
    Date,
    /// An error such as `#REF!`.
    Error,
}

/// The text of a content and its kind; `None` for nothing.
pub(super) fn text(data: &DataRef<'_>) -> Option<(String, Kind)> {
    Some(match data {
        DataRef::Empty => return None,
        DataRef::String(text) => (text.clone(), Kind::Text),
        DataRef::SharedString(text) => ((*text).to_owned(), Kind::Text),
        DataRef::Bool(value) => (if *value { "TRUE" } else { "FALSE" }.to_owned(), Kind::Text),
        DataRef::Int(value) => (value.to_string(), Kind::Number),
        DataRef::Float(value) => number(*value),
        DataRef::DateTime(moment) => date(*moment),
        DataRef::DateTimeIso(text) => (without_midnight(text).to_owned(), Kind::Date),
        DataRef::DurationIso(text) => (text.clone(), Kind::Date),
        DataRef::Error(error) => (error.to_string(), Kind::Error),
    })
}

fn number(value: f64) -> (String, Kind) {
    if !value.is_finite() {
        return ("#NUM!".to_owned(), Kind::Error);
    }
    (shortest(value), Kind::Number)
}

/// The shortest decimal that is the number, to the digits that are shown.
pub(super) fn shortest(value: f64) -> String {
    let rounded: f64 = format!("{value:.*e}", DIGITS - 1).parse().unwrap_or(value);
    // Adding zero makes the negative zero positive.
    (rounded + 0.0).to_string()
}

fn date(moment: ExcelDateTime) -> (String, Kind) {
    let value = moment.as_f64();
    if moment.is_duration() || !(0.0..DAYS).contains(&value) {
        return number(value);
    }
    let (year, month, day, hour, minute, second, _) = moment.to_ymd_hms_milli();
    let clock = format!("{hour:02}:{minute:02}:{second:02}");
    let text = match (value < 1.0, &*clock) {
        (true, _) => clock,
        (false, "00:00:00") => format!("{year:04}-{month:02}-{day:02}"),
        (false, _) => format!("{year:04}-{month:02}-{day:02}T{clock}"),
    };
    (text, Kind::Date)
}

/// A date alone, when its time is midnight.
fn without_midnight(text: &str) -> &str {
    match text.split_once('T') {
        Some((date, time)) if time.trim_end_matches('Z').chars().all(|c| matches!(c, '0' | ':' | '.')) => {
            date
        }
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use calamine::{DataRef, ExcelDateTime, ExcelDateTimeType};

    use super::{Kind, shortest, text};

    #[test]
    fn numbers_are_short() {
        for (value, shown) in [
            (269.0, "269"),
            (33.9, "33.9"),
            (0.1 + 0.2, "0.3"),
            (269.1 + 0.2, "269.3"),
            (-0.0, "0"),
            (123_456_789_012_345.0, "123456789012345"),
            (1e20, "100000000000000000000"),
            (1e-7, "0.0000001"),
        ] {
            assert_eq!(shortest(value), shown);
        }
        assert_eq!(text(&DataRef::Float(f64::NAN)), Some(("#NUM!".to_owned(), Kind::Error)));
    }

    #[test]
    fn dates_are_iso() {
        let moment = |value| DataRef::DateTime(ExcelDateTime::new(value, ExcelDateTimeType::DateTime, false));
        for (value, shown) in [(45352.0, "2024-03-01"), (45352.5, "2024-03-01T12:00:00"), (0.25, "06:00:00")]
        {
            assert_eq!(text(&moment(value)), Some((shown.to_owned(), Kind::Date)));
        }
        for (value, shown) in [(-1.0, "-1"), (1e9, "1000000000")] {
            assert_eq!(text(&moment(value)), Some((shown.to_owned(), Kind::Number)));
        }
        for (iso, shown) in [("2024-03-01T00:00:00Z", "2024-03-01"), ("2024-03-01T08:00", "2024-03-01T08:00")]
        {
            assert_eq!(
                text(&DataRef::DateTimeIso(iso.to_owned())).map(|(text, _)| text).as_deref(),
                Some(shown)
            );
        }
    }
}
