//! What a cell of the sheet holds: the text of its parts or a number. A cell holds 32,767 UTF-16 units; of a longer
//! text it shows as much as fits and an ellipsis, and the hidden sheet keeps the whole.

use std::borrow::Cow;

use time::Date;

use super::number::{Amount, amount};
use crate::grid::{Cell, Part, Role, day};

/// Longest text of a cell in UTF-16 units.
pub(super) const LONGEST: usize = 32_767;
/// Longest text, in bytes, that can still be written when it looks like the writer's own markup.
const LONGEST_LOOKALIKE: usize = 6_000;

/// First year in which Excel's calendar is the world's.
const FIRST_YEAR: i32 = 1901;

/// What one cell of the sheet shows.
#[derive(Debug, Clone)]
pub(super) struct Content<'a> {
    /// The text, paragraphs separated by `\n`; for a number, the text that it shows.
    pub(super) text: Cow<'a, str>,
    /// The number, where the cell holds one.
    pub(super) amount: Option<Amount>,
    /// The day, where the cell holds one.
    pub(super) day: Option<Date>,
    /// Whether the text ends before that of the parts does.
    pub(super) cut: bool,
}

impl<'a> Content<'a> {
    /// What a cell of the table shows.
    pub(super) fn of_cell(cell: &'a Cell) -> Content<'a> {
        let mut content = Content::of_parts(&cell.parts);
        if cell.role == Role::Amount && cell.sole_value().is_some() {
            content.amount = amount(&content.text);
        }
        if cell.role == Role::Date
            && let Some(typed) = cell.sole_value().and_then(|part| part.source.as_deref())
        {
            content.day = day(typed).filter(|day| day.year() >= FIRST_YEAR);
        }
        content
    }

    /// What parts show one after the other.
    pub(super) fn of_parts(parts: &'a [Part]) -> Content<'a> {
        let whole: Cow<'_, str> = match parts {
            [] => Cow::Borrowed(""),
            [part] => Cow::Borrowed(&part.text),
            parts => Cow::Owned(parts.iter().map(|part| part.text.as_str()).collect()),
        };
        let cut = exceeds(&whole, LONGEST) || (is_lookalike(&whole) && whole.len() > LONGEST_LOOKALIKE);
        let text = if cut { Cow::Owned(beginning(&whole, LONGEST - 1).to_owned() + "…") } else { whole };
        Content { text, amount: None, day: None, cut }
    }
}

/// Whether rust_xlsxwriter would take a text for rich text of its own making and write it unescaped.
pub(super) fn is_lookalike(text: &str) -> bool {
    text.starts_with("<r>") && text.ends_with("</r>")
}

/// Whether a text has more than `limit` UTF-16 units.
pub(super) fn exceeds(text: &str, limit: usize) -> bool {
    // A text never has more UTF-16 units than bytes, which are known without counting.
    text.len() > limit && text.encode_utf16().count() > limit
}

/// As much of a text as has at most `limit` UTF-16 units.
pub(super) fn beginning(text: &str, limit: usize) -> &str {
    let mut used = 0;
    let end = text.char_indices().find(|(_, c)| {
        used += c.len_utf16();
        used > limit
    });
    end.map_or(text, |(at, _)| &text[..at])
}

#[cfg(test)]
mod tests {
    use super::{Content, LONGEST};
    use crate::grid::Part;

    fn content(text: &str) -> (String, bool) {
        let parts = [Part { text: text.to_owned(), path: None, source: None }];
        let content = Content::of_parts(&parts);
        (content.text.into_owned(), content.cut)
    }

    #[test]
    fn a_text_is_cut_only_past_the_limit() {
        let longest = "绩".repeat(LONGEST);
        assert_eq!(content(&longest), (longest.clone(), false));
        let (text, cut) = content(&(longest + "效"));
        assert_eq!((text.encode_utf16().count(), text.ends_with("绩…"), cut), (LONGEST, true, true));
        let (text, _) = content(&"𠮷".repeat(LONGEST));
        assert_eq!(text.encode_utf16().count(), LONGEST);
    }

    #[test]
    fn long_markup_of_the_writer_is_broken_up() {
        let long = format!("<r>{}</r>", "a".repeat(7_000));
        assert_eq!(content(&long), (format!("{long}…"), true));
        assert_eq!(content("<r>a</r>"), ("<r>a</r>".to_owned(), false));
    }
}
