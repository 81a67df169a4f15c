//! The text of a cell taken apart into its values: literals of the form removed, two values told apart by what stands
//! between them or by their digits.

use crate::diag::DataPath;
use crate::grid::Part;

/// Values by path, and whether they were told apart by more than what the form prints between them.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Apart {
    /// Each value that was found.
    pub values: Vec<(DataPath, String)>,
    /// Whether the reader had to judge.
    pub judged: bool,
}

/// Takes a cell's text apart. `phone` is the path of the value that is a telephone number, where the form has one.
/// `None` when the text cannot be told apart without guessing.
pub(super) fn apart(text: &str, parts: &[Part], phone: Option<&str>) -> Option<Apart> {
    let text = tidy(text);
    let mut rest = text.as_str();
    let first = parts.iter().position(|part| part.path.is_some())?;
    let last = parts.iter().rposition(|part| part.path.is_some())?;
    for literal in &parts[..first] {
        rest = rest.strip_prefix(literal.text.trim()).map_or(rest, str::trim_start);
    }
    for literal in parts[last + 1..].iter().rev() {
        // A unit that stands alone is not a value's unit.
        rest = match rest.strip_suffix(literal.text.trim()) {
            Some(value) if !value.trim().is_empty() => value.trim_end(),
            _ => rest,
        };
    }
    let between = &parts[first..=last];
    let paths: Vec<&DataPath> = between.iter().filter_map(|part| part.path.as_ref()).collect();
    let values = |texts: Vec<&str>| {
        paths.iter().zip(texts).map(|(path, text)| ((*path).clone(), text.trim().to_owned())).collect()
    };
    let [a, b] = paths.as_slice() else {
        let texts = pieces(rest, between)?;
        return Some(Apart { values: values(texts), judged: false });
    };
    let is_phone = |path: &DataPath| phone.is_some_and(|phone| path.to_string() == phone);
    if let Some(texts) = pieces(rest, between) {
        return Some(Apart { values: values(texts), judged: false });
    }
    // One of the two may have been left empty.
    if let Some(at) = [a, b].into_iter().position(|path| is_phone(path)) {
        let (number, other) = if at == 0 { (a, b) } else { (b, a) };
        let alone = if is_number(rest) { Some(number) } else { no_digits(rest).then_some(other) };
        if let Some(path) = alone {
            return Some(Apart { values: vec![((*path).clone(), rest.to_owned())], judged: true });
        }
    }
    // Words on one side and a number on the other.
    let mut cuts = rest.char_indices().map(|(at, _)| rest.split_at(at)).filter(|(left, right)| {
        let sides = [left.trim(), right.trim()];
        let begins = right.starts_with(|c: char| c.is_ascii_digit() || "(（+".contains(c));
        !sides[0].is_empty() && no_digits(sides[0]) && is_number(sides[1]) && begins
    });
    let (left, right) = cuts.next()?;
    Some(Apart { values: values(vec![left, right]), judged: true })
}

/// The texts between the literals that stand between values, when each literal stands there exactly once.
fn pieces<'a>(text: &'a str, parts: &[Part]) -> Option<Vec<&'a str>> {
    let literals: Vec<&str> =
        parts.iter().filter(|part| part.path.is_none()).map(|part| part.text.as_str()).collect();
    let values = parts.len() - literals.len();
    if values == 1 {
        return Some(vec![text]);
    }
    if literals.len() + 1 != values {
        return None;
    }
    let blank = literals.iter().all(|literal| literal.trim().is_empty());
    if blank {
        let texts: Vec<&str> = text.split_whitespace().collect();
        return (texts.len() == values).then_some(texts);
    }
    let mut texts = Vec::new();
    let mut rest = text;
    for literal in literals {
        let (before, behind) = rest.split_once(literal.trim())?;
        if behind.contains(literal.trim()) && texts.len() + 2 == values {
            return None;
        }
        texts.push(before);
        rest = behind;
    }
    texts.push(rest);
    Some(texts)
}

/// A cell's text without the blanks around it, and with the line breaks that an extraction put into blanks where
/// they are sure: between paragraphs of a rich-text box.
fn tidy(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text.trim();
    while let Some(at) = rest.find("</p>") {
        let (before, behind) = rest.split_at(at + "</p>".len());
        out.push_str(before);
        let next = behind.trim_start();
        if next.starts_with("<p") && !behind.starts_with('\n') {
            out.push('\n');
            rest = next;
        } else {
            rest = behind;
        }
    }
    out.push_str(rest);
    out
}

fn no_digits(text: &str) -> bool {
    !text.contains(|c: char| c.is_numeric())
}

fn is_number(text: &str) -> bool {
    let joins = |c: char| c.is_whitespace() || "-—－+()（）/、,，;；转".contains(c);
    text.contains(|c: char| c.is_ascii_digit()) && text.chars().all(|c| c.is_ascii_digit() || joins(c))
}

#[cfg(test)]
mod tests {
    use super::{apart, tidy};
    use crate::diag::DataPath;
    use crate::grid::Part;

    fn parts(texts: &[&str]) -> Vec<Part> {
        let part = |text: &&str| {
            let path = text.starts_with('$').then(|| DataPath::parse(&text[1..]));
            Part { text: (*text).to_owned(), path, source: None }
        };
        texts.iter().map(part).collect()
    }

    fn split(text: &str, shown: &[&str]) -> Option<Vec<String>> {
        let apart = apart(text, &parts(shown), Some("tel"))?;
        Some(apart.values.into_iter().map(|(path, value)| format!("{path}={value}")).collect())
    }

    #[test]
    fn literals_of_the_form_are_no_part_of_a_value() {
        assert_eq!(split("2021年", &["$a", "年"]).unwrap(), ["a=2021"]);
        assert_eq!(split("2021", &["$a", "年"]).unwrap(), ["a=2021"]);
        assert_eq!(split("年", &["$a", "年"]).unwrap(), ["a=年"]);
        assert_eq!(split("共3项", &["共", "$a", "项"]).unwrap(), ["a=3"]);
    }

    #[test]
    fn two_values_of_a_cell_are_told_apart_only_where_that_is_sure() {
        let cell = ["$who", " ", "$tel"];
        assert_eq!(split("孙卓 025-83660026", &cell).unwrap(), ["who=孙卓", "tel=025-83660026"]);
        assert_eq!(split("孙卓\n025-83660026", &cell).unwrap(), ["who=孙卓", "tel=025-83660026"]);
        assert_eq!(split("孙卓025-83660026", &cell).unwrap(), ["who=孙卓", "tel=025-83660026"]);
        assert_eq!(split("王 旭 025-83660011", &cell).unwrap(), ["who=王 旭", "tel=025-83660011"]);
        assert_eq!(
            split("孙卓 025-83660026 13900001111", &cell).unwrap(),
            ["who=孙卓", "tel=025-83660026 13900001111"]
        );
        assert_eq!(split("孙卓", &cell).unwrap(), ["who=孙卓"]);
        assert_eq!(split("025-83660026", &cell).unwrap(), ["tel=025-83660026"]);
        assert_eq!(split("孙卓3组 王旭 025-83660026", &cell), None);
        assert_eq!(split("甲/乙", &["$a", "/", "$b"]).unwrap(), ["a=甲", "b=乙"]);
        assert_eq!(split("甲/乙/丙", &["$a", "/", "$b"]), None);
    }

    #[test]
    fn paragraphs_get_their_lines_back() {
        assert_eq!(tidy(" <p>甲</p> <p>乙</p> "), "<p>甲</p>\n<p>乙</p>");
        assert_eq!(tidy("<p>甲</p>\n<p>乙</p> 丙"), "<p>甲</p>\n<p>乙</p> 丙");
    }
}
