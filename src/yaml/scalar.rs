//! How one text is put into YAML: bare where that is safe, in quotes where it is not, as a block when it has lines.
//!
//! Safe means for every reader: the program's own, which takes all scalars for text, and stock readers of YAML 1.1
//! and 1.2, which would turn `0301` into a number and `no` into a boolean.

use std::fmt::Write;
use std::sync::LazyLock;

use regex::Regex;

/// What surrounds a scalar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Around {
    /// A line of its own, or the rest of one.
    Block,
    /// Braces or brackets, where commas and brackets end a bare text.
    Flow,
}

/// Words that stock readers take for nothing, for a boolean or for a special value.
const WORDS: [&str; 16] = [
    "~", "null", "true", "false", "yes", "no", "on", "off", "y", "n", "=", "<<", ".nan", ".inf", "-.inf",
    "+.inf",
];
/// Longest number that every reader takes exactly, in digits.
const EXACT_DIGITS: usize = 15;

static DECIMAL: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"^-?(0|[1-9][0-9]*)(\.[0-9]+)?$").expect("a fixed pattern"));
/// What YAML 1.1 reads as numbers, dates, times and base-60 numbers, and some texts more.
static NUMERIC: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"^[-+.]?[0-9][-+.:_0-9a-fA-FxXoOtTzZ \t]*$").expect("a fixed pattern"));

/// A text on one line. `number` says that the form keeps numbers in this place, so that their zeros are safe.
pub(super) fn inline(text: &str, around: Around, number: bool) -> String {
    if is_bare(text, around, number) {
        return text.to_owned();
    }
    let escaped = text.chars().any(must_escape);
    if !escaped && text.contains(['"', '\\']) {
        return format!("'{}'", text.replace('\'', "''"));
    }
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if must_escape(c) => {
                let _ = match u32::from(c) {
                    code @ 0..=0xffff => write!(out, "\\u{code:04X}"),
                    code => write!(out, "\\U{code:08X}"),
                };
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// Whether a text on one line needs escapes, which make it hard to read.
pub(super) fn is_escaped(text: &str) -> bool {
    text.chars().any(must_escape)
}

/// Characters that cannot stand as themselves in one line of YAML: they end the line for some readers, or are not
/// printable.
fn must_escape(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}')
}

/// A text as a literal block: the header, and its lines, each indented by `pad` blanks. `None` when a block cannot
/// hold it exactly, or when it has one line only.
///
/// Text of a rich-text box is a block even on one line: a further paragraph is then one more line.
pub(super) fn block(text: &str, pad: usize) -> Option<(String, Vec<String>)> {
    let markup = text.starts_with("<p");
    if !(text.contains('\n') || markup) || text.trim().is_empty() {
        return None;
    }
    let breaks_elsewhere = |c: char| c != '\n' && c != '\t' && must_escape(c);
    let lines: Vec<&str> = text.split('\n').collect();
    let blank = |line: &&str| !line.is_empty() && line.trim().is_empty();
    if text.contains(breaks_elsewhere) || lines.iter().any(blank) || lines.iter().any(|l| l.starts_with('\t'))
    {
        return None;
    }
    let body = text.trim_end_matches('\n');
    let chomping = match text.len() - body.len() {
        0 => "-",
        1 => "",
        _ => "+",
    };
    // A block's depth is read off its first line, which must not begin with a blank of its own.
    let first = body.lines().find(|line| !line.is_empty()).unwrap_or_default();
    let depth = if first.starts_with(' ') { "2" } else { "" };
    let pad = " ".repeat(pad);
    let line = |line: &str| if line.is_empty() { String::new() } else { format!("{pad}{line}") };
    let mut lines: Vec<String> = body.split('\n').map(line).collect();
    lines.extend((1..text.len() - body.len()).map(|_| String::new()));
    Some((format!("|{depth}{chomping}"), lines))
}

fn is_bare(text: &str, around: Around, number: bool) -> bool {
    let Some(first) = text.chars().next() else { return false };
    let next = text.chars().nth(1);
    let last = text.chars().next_back().unwrap_or(first);
    let opens = match first {
        '-' => next.is_some_and(char::is_alphanumeric),
        c => !"?:,[]{}#&*!|>'\"%@`".contains(c),
    };
    let flow = around == Around::Flow && text.contains([',', '[', ']', '{', '}']);
    let splits = text.contains(": ") || text.contains(" #") || last == ':' || text.starts_with("...");
    let word = WORDS.iter().any(|word| text.eq_ignore_ascii_case(word));
    opens
        && !flow
        && !splits
        && !word
        && !first.is_whitespace()
        && !last.is_whitespace()
        && !text.chars().any(must_escape)
        && (!NUMERIC.is_match(text) || keeps_its_digits(text, number))
}

/// Whether every reader gives a number back as it was typed; in a place for numbers, as the same number.
fn keeps_its_digits(text: &str, number: bool) -> bool {
    let digits = text.chars().filter(char::is_ascii_digit).count();
    let zeros = text.contains('.') && text.ends_with('0');
    // `025-83660026` begins as a number does and is none for any reader.
    let phone = || {
        let parts: Vec<&str> = text.split('-').collect();
        parts.len() == 2
            && parts.iter().all(|part| part.len() > 2 && part.bytes().all(|b| b.is_ascii_digit()))
    };
    phone() || (DECIMAL.is_match(text) && digits <= EXACT_DIGITS && (number || !zeros) && text != "-0")
}

#[cfg(test)]
mod tests {
    use super::{Around, block, inline};

    fn bare(text: &str) -> String {
        inline(text, Around::Flow, false)
    }

    #[test]
    fn quotes_stand_only_where_they_are_needed() {
        let same = [
            "政风热线",
            "=45%",
            "≥6期",
            "025-83660026",
            "269",
            "121.05",
            "-3",
            "100%",
            "a < b",
            "12345热线",
            "-甲",
        ];
        for text in same {
            assert_eq!(bare(text), text);
        }
        assert_eq!(inline("33.90", Around::Block, true), "33.90");
        assert_eq!(inline("甲,乙", Around::Block, false), "甲,乙");
        let quoted = [
            "",
            "~",
            "null",
            "Yes",
            "0301",
            "33.90",
            "1e5",
            "2024-01-01",
            "12:30",
            "1_000",
            "0x1F",
            "- 甲",
            "? x",
            "甲: 乙",
            "甲 #1",
            "甲:",
            " 甲",
            "甲 ",
            "#1",
            "@x",
            "%",
            "`",
            "*a",
            "&a",
            "!a",
            "甲,乙",
            "[x",
            "---",
            "...",
            "=",
            "'a",
            "1234567890123456",
        ];
        for text in quoted {
            assert_eq!(bare(text), format!("\"{text}\""));
        }
        assert_eq!(bare("\"甲\""), "'\"甲\"'");
        assert_eq!(bare("甲\t乙\u{2028}"), "\"甲\\t乙\\u2028\"");
    }

    #[test]
    fn blocks_keep_the_end_of_the_text() {
        let of = |text: &str| block(text, 2).map(|(head, lines)| format!("{head}\n{}", lines.join("\n")));
        assert_eq!(of("甲\n乙").as_deref(), Some("|-\n  甲\n  乙"));
        assert_eq!(of("甲\n乙\n").as_deref(), Some("|\n  甲\n  乙"));
        assert_eq!(of("甲\n\n\n").as_deref(), Some("|+\n  甲\n\n"));
        assert_eq!(of(" 甲\n乙").as_deref(), Some("|2-\n   甲\n  乙"));
        assert_eq!(of("<p>甲</p>").as_deref(), Some("|-\n  <p>甲</p>"));
        assert_eq!(of("甲"), None);
        assert_eq!(of("甲\n  \n乙"), None);
    }
}
