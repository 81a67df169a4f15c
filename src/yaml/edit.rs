//! Edits of a text: replacements by byte range, and the text with them made.

use std::ops::Range;

/// One replacement in a document's text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// Bytes that are replaced.
    pub range: Range<usize>,
    /// What stands there then.
    pub text: String,
}

/// The text with the edits made. They stand in its order, and none reaches into the next.
pub fn apply(text: &str, edits: &[Edit]) -> String {
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    for edit in edits {
        out.push_str(&text[at..edit.range.start]);
        out.push_str(&edit.text);
        at = edit.range.end;
    }
    out.push_str(&text[at..]);
    out
}

#[cfg(test)]
mod tests {
    use super::{Edit, apply};

    #[test]
    fn edits_are_made_from_left_to_right() {
        let edits = [Edit { range: 1..2, text: "，".into() }, Edit { range: 3..3, text: "x".into() }];
        assert_eq!(apply("a,bc", &edits), "a，bxc");
    }
}
