//! What a target value says: a sign, a number and a unit, where it says one at all.

use rust_decimal::Decimal;

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

/// Ways to write a sign before a number; the longer before what it begins with.
const BEFORE: [(&str, &str); 22] = [
    ("大于等于", "≥"),
    ("大于或等于", "≥"),
    ("小于等于", "≤"),
    ("小于或等于", "≤"),
    ("不低于", "≥"),
    ("不少于", "≥"),
    ("不小于", "≥"),
    ("不超过", "≤"),
    ("不高于", "≤"),
    ("不多于", "≤"),
    ("不大于", "≤"),
    (">=", "≥"),
    ("<=", "≤"),
    ("≥", "≥"),
    ("≧", "≥"),
    ("≤", "≤"),
    ("≦", "≤"),
    ("=", "="),
    ("大于", ">"),
    ("小于", "<"),
    (">", ">"),
    ("<", "<"),
];
/// Ways to write it after the number and its unit.
const AFTER: [(&str, &str); 5] =
    [("及以上", "≥"), ("以上", "≥"), ("及以下", "≤"), ("以下", "≤"), ("以内", "≤")];
/// Longest unit, in characters; what is longer is a sentence that begins with a number.
const LONGEST_UNIT: usize = 8;

/// Reads a value; `None` for one that is words only.
pub fn parse(text: &str) -> Option<Target> {
    let narrow: String = text.chars().filter(|c| !c.is_whitespace()).map(narrowed).collect();
    let mut rest = narrow.as_str();
    let mut sign = "";
    if let Some((word, meant)) = BEFORE.iter().find(|(word, _)| rest.starts_with(word)) {
        (sign, rest) = (meant, &rest[word.len()..]);
    }
    let end = rest.find(|c: char| !c.is_ascii_digit() && !matches!(c, '.' | ',')).unwrap_or(rest.len());
    let number: Decimal = rest[..end].replace(',', "").parse().ok()?;
    let mut unit = &rest[end..];
    if let Some((word, meant)) = AFTER.iter().find(|(word, _)| sign.is_empty() && unit.ends_with(word)) {
        (sign, unit) = (meant, &unit[..unit.len() - word.len()]);
    }
    let plain = unit.chars().all(|c| c.is_alphabetic() || matches!(c, '%' | '‰' | '/' | '℃'));
    (plain && unit.chars().count() <= LONGEST_UNIT).then(|| Target { sign, number, unit: unit.to_owned() })
}

/// The half-width twin of a full-width digit or sign.
fn narrowed(c: char) -> char {
    match c {
        '\u{ff01}'..='\u{ff5e}' => u32::from(c).checked_sub(0xfee0).and_then(char::from_u32).unwrap_or(c),
        _ => c,
    }
}

#[cfg(test)]
mod tests {
    use super::parse;

    fn read(text: &str) -> String {
        parse(text).map_or("-".to_owned(), |value| format!("{}|{}|{}", value.sign, value.number, value.unit))
    }

    #[test]
    fn signs_numbers_and_units_are_told_apart() {
        assert_eq!(read("≥25期"), "≥|25|期");
        assert_eq!(read("＝100％"), "=|100|%");
        assert_eq!(read("<=121.05万元"), "≤|121.05|万元");
        assert_eq!(read("不超过 3 个工作日"), "≤|3|个工作日");
        assert_eq!(read("≥1,200份"), "≥|1200|份");
        assert_eq!(read("95%以上"), "≥|95|%");
        assert_eq!(read("269"), "|269|");
    }

    #[test]
    fn words_are_no_targets() {
        for text in ["", "规范", "序时进度", "≥", "2024年9月底前", "1.2.3", "第6号"] {
            assert_eq!(read(text), "-", "{text}");
        }
    }
}
