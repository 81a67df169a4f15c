//! How a text is written: the order of its numbering, and punctuation that belongs to other languages.

use std::sync::LazyLock;

use regex::Regex;

use super::text::{STOPS, is_han, regex};

static NUMBERED: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"(?m)(?:^|[。；：\n])\s*(?:([一二三四五六七八九十]+)、|（([一二三四五六七八九十]+)）|([0-9]{1,2})(?:、|[.．](?:[^0-9]))|（([0-9]{1,2})）)",
    )
});
/// The first pair of numberings that cannot follow each other: an outer mark after a text that began with inner
/// ones, or an inner mark that goes on counting where an outer one left off.
pub(super) fn inverted_numbering(text: &str) -> Option<(String, String)> {
    let mut first: Option<(usize, String)> = None;
    let mut last: Option<(usize, usize, String)> = None;
    for found in NUMBERED.captures_iter(text) {
        let level = (1..=4).find(|&group| found.get(group).is_some())?;
        let number = ordinal(&found[level]);
        let mark = found[0].trim_matches(|c: char| c.is_whitespace() || STOPS.contains(&c)).to_owned();
        match &first {
            None => first = Some((level, mark.clone())),
            Some((outer, opening)) if level < *outer => return Some((opening.clone(), mark)),
            Some(_) => {}
        }
        match &last {
            Some((before, count, opening)) if level > *before && number == count + 1 && number > 1 => {
                return Some((opening.clone(), mark));
            }
            _ => {}
        }
        last = Some((level, number, mark));
    }
    None
}

/// The number that a mark counts; 0 for one past twenty in Chinese numerals.
fn ordinal(text: &str) -> usize {
    const NUMERALS: [&str; 20] = [
        "一", "二", "三", "四", "五", "六", "七", "八", "九", "十", "十一", "十二", "十三", "十四", "十五",
        "十六", "十七", "十八", "十九", "二十",
    ];
    let counted = NUMERALS.iter().position(|numeral| *numeral == text).map(|position| position + 1);
    counted.or_else(|| text.parse().ok()).unwrap_or(0)
}

/// Half-width punctuation between Han characters: byte offset, and the character that belongs there.
pub(super) fn half_width_at(text: &str) -> Vec<(usize, &'static str)> {
    if !text.contains([',', ';', ':', '?', '!', '(', ')']) {
        return Vec::new();
    }
    let chars: Vec<(usize, char)> = text.char_indices().collect();
    let is_wide = |c: char| is_han(c) || "“”‘’《》（）、，。；：".contains(c);
    let blank = |c: &char| c.is_whitespace();
    let mut out = Vec::new();
    for (at, &(offset, c)) in chars.iter().enumerate() {
        let before = at.checked_sub(1).map(|at| chars[at].1).filter(|c| !blank(c));
        let after = chars[at + 1..].iter().map(|(_, c)| *c).find(|c| !blank(c));
        let between = before.is_some_and(is_wide) && after.is_none_or(is_wide);
        let full = match c {
            ',' if between => "，",
            ';' if between => "；",
            ':' if between => "：",
            '?' if between => "？",
            '!' if between => "！",
            '(' if after.is_some_and(is_han)
                && chars[..at].iter().rev().map(|(_, c)| *c).find(|c| !blank(c)).is_none_or(is_wide) =>
            {
                "（"
            }
            ')' if before.is_some_and(|c| is_han(c) || "”》".contains(c)) => "）",
            _ => continue,
        };
        out.push((offset, full));
    }
    out
}

/// Half-width punctuation between Han characters, each with a neighbour on both sides.
pub(super) fn half_width(text: &str) -> Vec<String> {
    let around = |offset: usize| {
        let before = text[..offset].chars().next_back();
        before.into_iter().chain(text[offset..].chars().take(2)).collect()
    };
    half_width_at(text).into_iter().map(|(offset, _)| around(offset)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbering_is_inverted_only_when_an_outer_mark_comes_later() {
        assert!(inverted_numbering("1、甲。一、乙。（一）丙").is_some());
        assert!(inverted_numbering("一、甲。（一）乙。1.丙。（1）丁").is_none());
        assert!(inverted_numbering("1、甲。2、乙。于2.5公里处").is_none());
    }

    #[test]
    fn punctuation_inside_latin_text_is_left_alone() {
        assert!(half_width("采用 TCP/IP (v4), 时间 12:30").is_empty());
        assert_eq!(half_width("推进,以及(机关)").len(), 3);
    }
}
