//! Paragraphs into lines: the break opportunities of Unicode (UAX #14, with its rules for Chinese punctuation),
//! less those between a number and its unit.

use std::sync::LazyLock;

use icu_segmenter::{
    LineSegmenter, LineSegmenterBorrowed, options::LineBreakOptions, options::LineBreakStrictness,
};

use super::Line;
use super::units::unit_length;
use crate::load::fonts::Typefaces;

/// Strict rules: no small punctuation at the start of a line, no opening bracket at its end.
static SEGMENTER: LazyLock<LineSegmenterBorrowed<'static>> = LazyLock::new(|| {
    let mut options = LineBreakOptions::default();
    options.strictness = Some(LineBreakStrictness::Strict);
    LineSegmenter::new_for_non_complex_scripts(options)
});

/// Room kept free on every line, in points, so that rounding never makes a line too long for the renderer.
const SLACK: f64 = 0.01;

/// Breaks text set in one face list and size to one width.
pub(super) struct Breaker<'a> {
    /// The machine's faces.
    pub faces: &'a Typefaces,
    /// Which list of them.
    pub list: usize,
    /// Type size in points.
    pub size: f64,
    /// First-line indent in ems.
    pub indent: f64,
    /// Width of the line in points.
    pub width: f64,
}

impl Breaker<'_> {
    /// Characters of the text that no face has, each once.
    pub(super) fn missing(&self, text: &str) -> impl Iterator<Item = char> {
        let mut missing: Vec<char> = Vec::new();
        for c in text.chars().filter(|&c| c != '\n') {
            if self.faces.advance(self.list, c).is_none() && !missing.contains(&c) {
                missing.push(c);
            }
        }
        missing.into_iter()
    }

    /// The lines of a text whose paragraphs are separated by `\n`; none for an empty text.
    pub(super) fn lines(&self, text: &str) -> Vec<Line> {
        let mut lines = Vec::new();
        if text.is_empty() {
            return lines;
        }
        for paragraph in text.split('\n') {
            self.paragraph(paragraph, &mut lines);
        }
        lines
    }

    /// The piece of a paragraph that needs more than the width, and the points it needs: one that must not be broken,
    /// or two characters where every line would hold one.
    pub(super) fn squeezed(&self, paragraph: &str) -> Option<(String, f64)> {
        let mut start = 0;
        let mut widest: Option<(String, f64)> = None;
        for end in opportunities(paragraph) {
            let piece = paragraph[start..end].trim_end();
            let wanted = self.advance(piece) * self.size + SLACK;
            if wanted > self.width && widest.as_ref().is_none_or(|(_, known)| wanted > *known) {
                widest = Some((piece.to_owned(), wanted));
            }
            start = end;
        }
        let mut lines = Vec::new();
        self.paragraph(paragraph, &mut lines);
        let one_each = lines.len() > 1 && lines.iter().all(|line| line.text.chars().count() == 1);
        let pair = || (paragraph.to_owned(), 2.0 * self.size + SLACK);
        widest.or_else(|| one_each.then(pair))
    }

    fn paragraph(&self, paragraph: &str, lines: &mut Vec<Line>) {
        let whole = self.width / self.size - SLACK / self.size;
        let mut room = whole - self.indent;
        let first = lines.len();
        let mut push = |text: &str| {
            let position = lines.len();
            lines.push(Line { text: text.to_owned(), first: position == first });
        };
        let (mut start, mut end, mut used) = (0, 0, 0.0);
        for next in opportunities(paragraph) {
            let piece = &paragraph[end..next];
            let width = self.advance(piece);
            // Blanks at the end of a line count: the renderer lets none hang out of a line that is ended for it.
            if used + width > room && end > start {
                push(&paragraph[start..end]);
                (start, used, room) = (end, 0.0, whole);
            }
            if width > room - used {
                // One word is longer than the line: it is cut wherever the line is full.
                for (offset, c) in piece.char_indices() {
                    let wide = self.advance(c.encode_utf8(&mut [0; 4]));
                    let at = end + offset;
                    if used + wide > room && at > start {
                        push(&paragraph[start..at]);
                        (start, used, room) = (at, 0.0, whole);
                    }
                    used += wide;
                }
            } else {
                used += width;
            }
            end = next;
        }
        if start < paragraph.len() || paragraph.is_empty() {
            push(&paragraph[start..]);
        }
    }

    /// Width of a text in ems. A character without a glyph counts as one em; [`Breaker::missing`] reports it.
    fn advance(&self, text: &str) -> f64 {
        text.chars().map(|c| self.faces.advance(self.list, c).unwrap_or(1.0).max(widest_form(c))).sum()
    }
}

/// Width in ems of the widest form that Noto's and Source Han's contextual alternates give a character: a dash
/// beside Han text grows to a full em. No other character of horizontal text grows (tried for the whole plane).
fn widest_form(c: char) -> f64 {
    match c {
        '—' => 1.0,
        '⸺' => 2.0,
        '⸻' => 3.0,
        '‚' | '„' | 'ʻ' => 0.5,
        _ => 0.0,
    }
}

/// Byte offsets at which a line may end, the end of the text included.
fn opportunities(text: &str) -> Vec<usize> {
    let mut breaks: Vec<usize> = SEGMENTER.segment_str(text).filter(|&offset| offset > 0).collect();
    if text.contains(['“', '”', '‘', '’']) {
        breaks.extend(around_quotes(text));
        breaks.sort_unstable();
        breaks.dedup();
    }
    let mut digit = false;
    let mut glued = 0;
    for (offset, c) in text.char_indices() {
        if digit && !c.is_ascii_digit() {
            let unit = unit_length(&text[offset..]);
            if unit > 0 {
                glued = offset + unit;
                breaks.retain(|&at| at < offset || at >= glued);
            }
        }
        digit = c.is_ascii_digit() || (c == '.' && digit) || (c == '%' && digit && offset >= glued);
    }
    breaks
}

/// Between Han text and a Chinese quotation a line may end, though the general rules, which cannot tell an opening
/// quotation mark from an apostrophe, forbid it.
fn around_quotes(text: &str) -> impl Iterator<Item = usize> {
    let is_han = |c: char| matches!(c, '\u{3400}'..='\u{9fff}' | '\u{20000}'..='\u{3ffff}');
    let closes = |c: char| {
        matches!(
            c,
            '，' | '。'
                | '；'
                | '：'
                | '、'
                | '？'
                | '！'
                | '）'
                | '》'
                | '〉'
                | '」'
                | '』'
                | '】'
                | '〕'
                | '”'
                | '’'
        )
    };
    let opens = |c: char| matches!(c, '（' | '《' | '〈' | '「' | '『' | '【' | '〔' | '“' | '‘');
    text.char_indices().zip(text.char_indices().skip(1)).filter_map(move |((_, before), (offset, after))| {
        let opening = matches!(after, '“' | '‘') && (is_han(before) || closes(before));
        let closing = matches!(before, '”' | '’') && (is_han(after) || opens(after));
        (opening || closing).then_some(offset)
    })
}

#[cfg(test)]
mod tests {
    use super::opportunities;

    fn pieces(text: &str) -> Vec<&str> {
        let mut start = 0;
        opportunities(text)
            .into_iter()
            .map(|end| {
                let piece = &text[start..end];
                start = end;
                piece
            })
            .collect()
    }

    #[test]
    fn numbers_keep_their_units() {
        assert_eq!(pieces("共121.05万元整"), ["共", "121.05万元", "整"]);
        assert_eq!(pieces("约7.56万平方米"), ["约", "7.56万平方米"]);
        assert_eq!(pieces("于2023年9月"), ["于", "2023年", "9月"]);
    }

    #[test]
    fn punctuation_keeps_to_its_side() {
        assert_eq!(pieces("甲，乙（丙）。"), ["甲，", "乙", "（丙）。"]);
        assert_eq!(pieces("称“放管服”改革"), ["称", "“放", "管", "服”", "改", "革"]);
    }
}
