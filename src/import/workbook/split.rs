//! What a person typed into a cell, taken apart again: the words that the form put around and between the values are
//! removed. A text that can be taken apart in more ways than one is not.

/// A piece of a cell as the form printed it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Piece<'a> {
    /// Words of the form.
    Literal(&'a str),
    /// A value, as it was.
    Value(&'a str),
}

/// Ways of taking a text apart that are looked at, and steps on the way to them.
const WAYS: usize = 64;
const STEPS: usize = 1_000;

/// The values of a text, one for each value among the pieces; `None` when it is not certain which part is which.
pub(super) fn split<'a>(pieces: &[Piece<'_>], text: &'a str) -> Option<Vec<&'a str>> {
    let values = pieces.iter().filter(|piece| matches!(piece, Piece::Value(_))).count();
    if text.trim().is_empty() {
        return Some(vec![""; values]);
    }
    let first = pieces.iter().position(|piece| matches!(piece, Piece::Value(_)))?;
    let last = pieces.iter().rposition(|piece| matches!(piece, Piece::Value(_)))?;
    // A person may leave away what stands before the first value and after the last.
    let before = literal(&pieces[..first]);
    let after = literal(&pieces[last + 1..]);
    let mut inner = text;
    if !before.is_empty() {
        inner = inner.trim_start();
        inner = inner.strip_prefix(before.trim_start()).unwrap_or(inner).trim_start();
    }
    if !after.is_empty() {
        inner = inner.trim_end();
        inner = inner.strip_suffix(after.trim_end()).unwrap_or(inner).trim_end();
    }
    if values == 1 {
        // Beside words of the form, blanks are no part of the value.
        return Some(vec![if pieces.len() > 1 { inner.trim() } else { inner }]);
    }
    let mut ways = Vec::new();
    let mut steps = STEPS;
    take_apart(&pieces[first..=last], inner, &mut Vec::new(), &mut ways, &mut steps);
    if ways.len() >= WAYS || steps == 0 {
        return None;
    }
    if ways.len() > 1 {
        // One of the values was mostly left as it was.
        let old = pieces.iter().filter_map(|piece| match piece {
            Piece::Value(value) => Some(*value),
            Piece::Literal(_) => None,
        });
        let old: Vec<&str> = old.collect();
        ways.retain(|way| way.iter().zip(&old).any(|(new, old)| new.trim() == old.trim()));
    }
    match ways.as_slice() {
        [way] => Some(way.clone()),
        _ => None,
    }
}

fn literal(pieces: &[Piece<'_>]) -> String {
    pieces.iter().map(|piece| if let Piece::Literal(text) = piece { text } else { "" }).collect()
}

/// Finds all ways in which a text is made of pieces that begin and end with a value.
fn take_apart<'a>(
    pieces: &[Piece<'_>],
    text: &'a str,
    taken: &mut Vec<&'a str>,
    ways: &mut Vec<Vec<&'a str>>,
    steps: &mut usize,
) {
    let next = pieces[1..].iter().position(|piece| matches!(piece, Piece::Value(_)));
    let Some(next) = next.map(|next| next + 1) else {
        let text = text.trim();
        if !text.is_empty() {
            ways.push(taken.iter().copied().chain([text]).collect());
        }
        return;
    };
    let between = literal(&pieces[1..next]);
    for (value, rest) in divided(text, &between) {
        if ways.len() >= WAYS || *steps == 0 {
            return;
        }
        *steps -= 1;
        taken.push(value);
        take_apart(&pieces[next..], rest, taken, ways, steps);
        taken.pop();
    }
}

/// What stands before and after each place where a text has a separator. Any blanks are as good as a blank.
fn divided<'a>(text: &'a str, separator: &str) -> Vec<(&'a str, &'a str)> {
    let halves: Vec<(&str, &str)> = if separator.is_empty() {
        Vec::new()
    } else if separator.trim().is_empty() {
        let gaps = text
            .char_indices()
            .filter(|(at, c)| c.is_whitespace() && !text[..*at].ends_with(char::is_whitespace));
        gaps.map(|(at, _)| (&text[..at], text[at..].trim_start())).collect()
    } else {
        let separator = separator.trim();
        text.match_indices(separator)
            .map(|(at, found)| (text[..at].trim(), text[at + found.len()..].trim()))
            .collect()
    };
    halves.into_iter().take(WAYS).filter(|(value, rest)| !value.is_empty() && !rest.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::Piece::{Literal, Value};
    use super::split;

    #[test]
    fn words_of_the_form_are_removed() {
        let year = [Value("2024"), Literal("年")];
        for (text, value) in
            [("2025年", "2025"), ("2025", "2025"), (" 2025 年 ", "2025"), ("", ""), ("2025年底", "2025年底")]
        {
            assert_eq!(split(&year, text), Some(vec![value]), "{text}");
        }
        let both = [Literal("共"), Value("3"), Literal("个")];
        assert_eq!(split(&both, "共 5个"), Some(vec!["5"]));
        assert_eq!(split(&[Value("a")], " a "), Some(vec![" a "]));
    }

    #[test]
    fn values_are_told_apart_only_where_it_is_certain() {
        let person = [Value("孙卓"), Literal(" "), Value("025-83660026")];
        for (text, values) in [
            ("李四 025-1", Some(vec!["李四", "025-1"])),
            ("李四\n025-1", Some(vec!["李四", "025-1"])),
            ("李四　 025-1", Some(vec!["李四", "025-1"])),
            ("李 四 025-83660026", Some(vec!["李 四", "025-83660026"])),
            ("孙卓 025-1 025-2", Some(vec!["孙卓", "025-1 025-2"])),
            ("李 四 025-1", None),
            ("李四", None),
            ("", Some(vec!["", ""])),
        ] {
            assert_eq!(split(&person, text), values, "{text}");
        }
        assert_eq!(split(&[Value("a"), Value("")], "b"), None);
        let dashes = [Value("1"), Literal("—"), Value("2"), Literal("—"), Value("3")];
        assert_eq!(split(&dashes, "4—5—6"), Some(vec!["4", "5", "6"]));
        assert_eq!(split(&dashes, "4—5"), None);
        assert_eq!(split(&dashes, &"4—".repeat(5_000)), None);
        let mut many = [Literal("—"), Value("1")].repeat(20);
        many.extend([Literal("+"), Value("2")]);
        assert_eq!(split(&many, &"4—".repeat(5_000)), None);
    }
}
