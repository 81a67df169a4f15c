//! Dates as data files hold them and as official tables print them.

use time::{Date, Month};

/// The day that a text such as `2024-03-01` means; `None` for anything that is no day of the calendar.
pub fn day(text: &str) -> Option<Date> {
    let mut numbers = text.trim().split(['-', '/', '.']);
    let (year, month, day) = (numbers.next()?, numbers.next()?, numbers.next()?);
    if numbers.next().is_some() || year.len() != 4 {
        return None;
    }
    let month = Month::try_from(month.parse::<u8>().ok()?).ok()?;
    Date::from_calendar_date(year.parse().ok()?, month, day.parse().ok()?).ok()
}

/// A day, or a month such as `2024-03`, as it is printed; any other text as it stands.
pub fn printed_date(text: &str) -> String {
    if let Some(day) = day(text) {
        return format!("{}年{}月{}日", day.year(), u8::from(day.month()), day.day());
    }
    let month = text.trim().split_once(['-', '/', '.']).and_then(|(year, month)| {
        let (year, month) =
            (year.parse::<u16>().ok().filter(|_| year.len() == 4)?, month.parse::<u8>().ok()?);
        (1..=12).contains(&month).then(|| format!("{year}年{month}月"))
    });
    month.unwrap_or_else(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::{day, printed_date};

    #[test]
    fn days_and_months_are_printed_in_words() {
        assert_eq!(printed_date("2024-03-01"), "2024年3月1日");
        assert_eq!(printed_date(" 2024/12/31 "), "2024年12月31日");
        assert_eq!(printed_date("2024-03"), "2024年3月");
        for text in ["", "2024", "2023-02-29", "2024年3月1日", "24-3-1", "2024-13", "2024-1-1-1"] {
            assert_eq!(printed_date(text), text);
            assert_eq!(day(text), None);
        }
        assert!(day("2024-02-29").is_some());
    }
}
