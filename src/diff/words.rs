//! Which words of a long text changed. Chinese is cut into words by a dictionary, so that marks stand where a reader
//! would set them.

use std::sync::LazyLock;

use icu_segmenter::{WordSegmenter, WordSegmenterBorrowed};
use similar::{ChangeTag, TextDiff};

static WORDS: LazyLock<WordSegmenterBorrowed<'static>> = LazyLock::new(|| {
    WordSegmenter::new_dictionary(icu_segmenter::options::WordBreakInvariantOptions::default())
});

/// Texts up to this many characters are shown from and to, without marks.
const SHORT: usize = 24;
/// Characters of unchanged text that are shown before and after a mark.
const CONTEXT: usize = 14;
/// Characters of a mark in one line; what stands in the middle of a longer one is left out.
const LONGEST_MARK: usize = 160;
/// Unchanged text of up to this many characters between two marks joins them: nobody reads single signs.
const ISLAND: usize = 1;

/// Most pairs of words that are held against each other; what lies beyond counts as written anew.
const MOST_PAIRS: usize = 16_000_000;

/// What happened to a stretch of text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tag {
    /// It stands in both.
    Same,
    /// It stands in the old text only.
    Removed,
    /// It stands in the new text only.
    Added,
}

/// A stretch of text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    /// What happened to it.
    pub tag: Tag,
    /// Its text.
    pub text: String,
}

/// The pieces of two texts; none where both are so short that they are read at a glance.
pub(super) fn pieces(old: &str, new: &str) -> Vec<Piece> {
    if old.chars().count() <= SHORT && new.chars().count() <= SHORT {
        return Vec::new();
    }
    let (before, now) = (words(old), words(new));
    let mut parts: Vec<[String; 3]> = Vec::new();
    // Between two unchanged stretches stands at most one removal and one addition.
    let mut take = |tag, text: &str| {
        let begins = parts
            .last()
            .is_none_or(|[_, removed, added]| tag == Tag::Same && !(removed.is_empty() && added.is_empty()));
        if begins {
            parts.push(Default::default());
        }
        if let Some(part) = parts.last_mut() {
            part[tag as usize].push_str(text);
        }
    };
    if before.len().saturating_mul(now.len()) > MOST_PAIRS {
        let same = before.iter().zip(&now).take_while(|(old, new)| old == new).count();
        take(Tag::Same, &before[..same].concat());
        take(Tag::Removed, &before[same..].concat());
        take(Tag::Added, &now[same..].concat());
    } else {
        for change in TextDiff::from_slices(&before, &now).iter_all_changes() {
            let tag = match change.tag() {
                ChangeTag::Equal => Tag::Same,
                ChangeTag::Delete => Tag::Removed,
                ChangeTag::Insert => Tag::Added,
            };
            take(tag, change.value());
        }
    }
    let mut out: Vec<Piece> = Vec::new();
    for [same, removed, added] in joined(parts) {
        for (tag, text) in [(Tag::Same, same), (Tag::Removed, removed), (Tag::Added, added)] {
            if !text.is_empty() {
                out.push(Piece { tag, text });
            }
        }
    }
    out
}

/// Joins marks with nothing but an island between them.
fn joined(parts: Vec<[String; 3]>) -> Vec<[String; 3]> {
    let mut out: Vec<[String; 3]> = Vec::new();
    for [same, removed, added] in parts {
        let is_island = same.chars().count() <= ISLAND && !(removed.is_empty() && added.is_empty());
        match out.last_mut() {
            Some(last) if is_island && !(last[1].is_empty() && last[2].is_empty()) => {
                last[1].push_str(&same);
                last[1].push_str(&removed);
                last[2].push_str(&same);
                last[2].push_str(&added);
            }
            _ => out.push([same, removed, added]),
        }
    }
    out
}

fn words(text: &str) -> Vec<&str> {
    let breaks: Vec<usize> = WORDS.segment_str(text).collect();
    breaks.windows(2).map(|pair| &text[pair[0]..pair[1]]).collect()
}

/// The changed places of a text in one line: `…前文[-旧-]{+新+}后文…`.
pub fn marked(pieces: &[Piece]) -> String {
    let mut out = String::new();
    for (at, piece) in pieces.iter().enumerate() {
        match piece.tag {
            Tag::Same => out.push_str(&context(pieces, at)),
            Tag::Removed => out.push_str(&["[-", &shortened(&piece.text), "-]"].concat()),
            Tag::Added => out.push_str(&["{+", &shortened(&piece.text), "+}"].concat()),
        }
    }
    out.replace('\n', "⏎")
}

/// The changed places of the old and of the new text, what changed in black brackets.
pub fn excerpts(pieces: &[Piece]) -> (String, String) {
    let side = |own: Tag| {
        let mut out = String::new();
        for (at, piece) in pieces.iter().enumerate() {
            if piece.tag == Tag::Same {
                out.push_str(&context(pieces, at));
            } else if piece.tag == own {
                out.push_str(&["【", &piece.text, "】"].concat());
            }
        }
        out
    };
    (side(Tag::Removed), side(Tag::Added))
}

fn shortened(text: &str) -> String {
    let text: Vec<char> = text.chars().collect();
    if text.len() <= LONGEST_MARK {
        return text.into_iter().collect();
    }
    ends(&text, LONGEST_MARK / 2, LONGEST_MARK / 2)
}

/// The first and the last characters of a text.
fn ends(text: &[char], first: usize, last: usize) -> String {
    let (head, tail) = (&text[..first], &text[text.len() - last..]);
    head.iter().chain(&['…']).chain(tail).collect()
}

/// An unchanged stretch, as much of it as helps to find the marks beside it.
fn context(pieces: &[Piece], at: usize) -> String {
    let text: Vec<char> = pieces[at].text.chars().collect();
    let before = if at == 0 { 0 } else { CONTEXT };
    let after = if at + 1 == pieces.len() { 0 } else { CONTEXT };
    if text.len() <= before + after + 1 {
        return text.into_iter().collect();
    }
    ends(&text, before, after)
}

#[cfg(test)]
mod tests {
    use super::{excerpts, marked, pieces};

    #[test]
    fn marks_stand_at_words() {
        let old = "由省政府办公厅牵头，省广播电视总台承办，全年计划组织开展直播节目至少25期，热线运行稳定。";
        let new = "由省政府办公厅牵头，省广播电视总台承办，全年计划组织开展直播节目至少30期，热线稳定运行。";
        let pieces = pieces(old, new);
        assert_eq!(
            marked(&pieces),
            "…全年计划组织开展直播节目至少[-25-]{+30+}期，热线{+稳定+}运行[-稳定-]。"
        );
        let (before, now) = excerpts(&pieces);
        assert!(before.contains("【25】") && now.contains("【30】"));
        let long = super::pieces(&"甲".repeat(500), &"乙".repeat(300));
        assert_eq!(marked(&long).chars().count(), 2 * (160 + 1 + 4));
    }

    #[test]
    fn pieces_make_up_both_texts() {
        // The last pair is past what is compared word by word.
        for times in [4, 6, 3000] {
            let (old, new) = ("甲乙丙丁戊己庚辛".repeat(times), "甲乙丙丁新戊己辛".repeat(times - 1));
            let pieces = pieces(&old, &new);
            let side = |skipped| {
                let kept = pieces.iter().filter(|piece| piece.tag != skipped);
                kept.map(|piece| piece.text.as_str()).collect::<String>()
            };
            assert_eq!(side(super::Tag::Added), old);
            assert_eq!(side(super::Tag::Removed), new);
        }
    }
}
