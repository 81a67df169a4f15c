//! A look through the markup of a workbook's parts before they are parsed. The parser keeps an element's name for as
//! long as the element is open and a cell's text until the cell ends, so what is nested without end or never ends
//! would fill the memory; it is refused here, on bytes that are read once and not kept.

use std::io::Read;

/// Deepest nesting of elements; worksheets need 6, charts some 20.
const DEPTH: usize = 128;
/// Longest name of an element in bytes.
const NAME: usize = 128;
/// Most bytes of a cell or shared string with its markup, which is several times what a cell can hold.
const CELL: usize = 2 << 20;
/// Most bytes of any tag, and of what stands between two tags.
const RUN: usize = 1 << 20;

/// What is wrong with a part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Flaw {
    /// It cannot be read, or is not well-formed.
    Damaged,
    /// It is larger, deeper or longer than any workbook that a person made.
    Endless,
}

/// How much of a part is accepted.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    /// Bytes of the part.
    pub(super) bytes: u64,
    /// Bytes of a tag.
    pub(super) tag: usize,
}

/// What was counted in a part.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct Counts {
    /// Bytes.
    pub(super) bytes: u64,
    /// Cell formats.
    pub(super) formats: usize,
    /// Shared strings.
    pub(super) strings: usize,
    /// Shared strings as the part itself declares them.
    pub(super) declared: u64,
    /// Merged ranges.
    pub(super) merges: usize,
    /// Elements that the parser keeps, unlike those of a sheet's cells.
    pub(super) kept: usize,
}

/// Names of the elements that the parser keeps until it is done with the workbook.
const KEPT: [&[u8]; 9] =
    [b"si", b"xf", b"numFmt", b"font", b"fill", b"border", b"sheet", b"definedName", b"Relationship"];

/// Looks through a part that is markup.
///
/// # Errors
/// The first thing for which it must not be parsed.
pub(super) fn scan(part: impl Read, limits: Limits) -> Result<Counts, Flaw> {
    let mut scanner = Scanner { limits, state: State::Text, ..Scanner::default() };
    scanner.counts.bytes = chunks(part, limits.bytes, |chunk| scanner.chunk(chunk))?;
    // A part that ends in the middle is the parser's to refuse.
    Ok(scanner.counts)
}

/// Reads a part that is not markup only to know that it ends.
///
/// # Errors
/// When it does not, or cannot be read.
pub(super) fn skim(part: impl Read, limits: Limits) -> Result<Counts, Flaw> {
    let bytes = chunks(part, limits.bytes, |_| Ok(()))?;
    Ok(Counts { bytes, ..Counts::default() })
}

/// Hands a part over piece by piece and gives its length.
fn chunks(
    mut part: impl Read,
    limit: u64,
    mut each: impl FnMut(&[u8]) -> Result<(), Flaw>,
) -> Result<u64, Flaw> {
    let mut buffer = vec![0; 1 << 16];
    let mut total = 0;
    loop {
        let read = part.read(&mut buffer).map_err(|_| Flaw::Damaged)?;
        if read == 0 {
            return Ok(total);
        }
        total += read as u64;
        if total > limit {
            return Err(Flaw::Endless);
        }
        each(&buffer[..read])?;
    }
}

/// Where in the markup the next byte stands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum State {
    #[default]
    Text,
    /// In a tag, after its `<`.
    Tag,
    /// In an attribute's value, which ends with this quote.
    Quoted(u8),
    /// In a comment, a literal section or an instruction, which ends with these bytes.
    Until(&'static [u8]),
}

#[derive(Debug, Default)]
struct Scanner {
    limits: Limits,
    state: State,
    /// Bytes of the tag or other markup that is open.
    open: Vec<u8>,
    /// Names of the elements that are open, one after the other, and where each ends.
    names: Vec<u8>,
    ends: Vec<usize>,
    /// Bytes since the last tag.
    run: usize,
    /// How deep the cell is that is open, and its bytes so far.
    cell: Option<(usize, usize)>,
    counts: Counts,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits { bytes: u64::MAX, tag: RUN }
    }
}

impl Scanner {
    fn chunk(&mut self, mut rest: &[u8]) -> Result<(), Flaw> {
        while let Some(&byte) = rest.first() {
            // Most bytes change nothing and are taken many at a time.
            let same = match self.state {
                State::Text => before(rest, |byte| byte == b'<'),
                State::Tag if self.open.first().is_some_and(u8::is_ascii_alphabetic) => {
                    before(rest, |byte| matches!(byte, b'>' | b'"' | b'\''))
                }
                State::Quoted(quote) => before(rest, |byte| byte == quote),
                _ => 0,
            };
            self.count(same.max(1))?;
            if same == 0 {
                self.byte(byte)?;
            } else if self.state != State::Text {
                self.keep(&rest[..same])?;
            }
            rest = &rest[same.max(1)..];
        }
        Ok(())
    }

    fn count(&mut self, bytes: usize) -> Result<(), Flaw> {
        self.run += bytes;
        if let Some((_, cell)) = &mut self.cell {
            *cell += bytes;
        }
        let endless = self.run > RUN || self.cell.is_some_and(|(_, bytes)| bytes > CELL);
        if endless { Err(Flaw::Endless) } else { Ok(()) }
    }

    fn byte(&mut self, byte: u8) -> Result<(), Flaw> {
        match self.state {
            State::Text if byte == b'<' => {
                self.open.clear();
                self.state = State::Tag;
            }
            State::Text => {}
            State::Tag => return self.in_tag(byte),
            State::Quoted(quote) => {
                self.keep(&[byte])?;
                if byte == quote {
                    self.state = State::Tag;
                }
            }
            State::Until(end) => {
                self.open.push(byte);
                if self.open.ends_with(end) {
                    self.state = State::Text;
                } else if self.open.len() > end.len() {
                    self.open.remove(0);
                }
            }
        }
        Ok(())
    }

    fn keep(&mut self, bytes: &[u8]) -> Result<(), Flaw> {
        self.open.extend_from_slice(bytes);
        if self.open.len() > self.limits.tag { Err(Flaw::Endless) } else { Ok(()) }
    }

    fn in_tag(&mut self, byte: u8) -> Result<(), Flaw> {
        if byte == b'>' {
            self.state = State::Text;
            let tag = std::mem::take(&mut self.open);
            let done = self.tag(&tag);
            self.open = tag;
            return done;
        }
        self.keep(&[byte])?;
        match (self.open.as_slice(), byte) {
            (b"?", _) => self.skip_until(b"?>"),
            (b"!--", _) => self.skip_until(b"-->"),
            (b"![CDATA[", _) => self.skip_until(b"]]>"),
            ([b'!', ..], _) if self.open.len() > 7 => return Err(Flaw::Damaged),
            ([b'!' | b'/', ..], _) => {}
            (_, b'"' | b'\'') => self.state = State::Quoted(byte),
            _ => {}
        }
        Ok(())
    }

    fn skip_until(&mut self, end: &'static [u8]) {
        self.open.clear();
        self.state = State::Until(end);
    }

    /// A whole tag, without its brackets.
    fn tag(&mut self, tag: &[u8]) -> Result<(), Flaw> {
        self.run = 0;
        if let Some(name) = tag.strip_prefix(b"/") {
            return self.end(name.trim_ascii_end());
        }
        if tag.starts_with(b"!") {
            return Err(Flaw::Damaged);
        }
        let (tag, empty) = match tag.strip_suffix(b"/") {
            Some(tag) => (tag, true),
            None => (tag, false),
        };
        let name = tag.split(u8::is_ascii_whitespace).next().unwrap_or_default();
        if name.len() > NAME {
            return Err(Flaw::Endless);
        }
        let local = name.rsplit(|&byte| byte == b':').next().unwrap_or_default();
        self.counts.kept += usize::from(KEPT.contains(&local));
        match local {
            b"xf" => self.counts.formats += 1,
            b"si" => self.counts.strings += 1,
            b"sst" => self.counts.declared = self.counts.declared.max(declared(tag)),
            b"mergeCell" => self.counts.merges += 1,
            _ => {}
        }
        if empty {
            return Ok(());
        }
        if self.ends.len() >= DEPTH {
            return Err(Flaw::Endless);
        }
        if self.cell.is_none() && matches!(local, b"c" | b"si") {
            self.cell = Some((self.ends.len(), 0));
        }
        self.names.extend_from_slice(name);
        self.ends.push(self.names.len());
        Ok(())
    }

    fn end(&mut self, name: &[u8]) -> Result<(), Flaw> {
        self.ends.pop().ok_or(Flaw::Damaged)?;
        let start = self.ends.last().copied().unwrap_or(0);
        if &self.names[start..] != name {
            return Err(Flaw::Damaged);
        }
        self.names.truncate(start);
        self.cell = self.cell.filter(|(depth, _)| *depth < self.ends.len());
        Ok(())
    }
}

/// How many bytes come before the first that is looked for.
fn before(bytes: &[u8], wanted: impl Fn(u8) -> bool) -> usize {
    bytes.iter().position(|&byte| wanted(byte)).unwrap_or(bytes.len())
}

/// How many strings the head of the shared strings announces; the parser makes room for them at once.
fn declared(tag: &[u8]) -> u64 {
    let text = String::from_utf8_lossy(tag);
    let after = text.split("uniqueCount").skip(1);
    let numbers = after.map(|rest| {
        let digits = rest.trim_start_matches(|c: char| c.is_whitespace() || matches!(c, '=' | '"' | '\''));
        let end = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
        if end == 0 { 0 } else { digits[..end].parse().unwrap_or(u64::MAX) }
    });
    numbers.max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::{Counts, Flaw, Limits, scan};

    fn scanned(text: &str) -> Result<Counts, Flaw> {
        scan(text.as_bytes(), Limits::default())
    }

    #[test]
    fn sound_markup_is_counted() {
        let text = "<?xml version='1.0'?><!-- <a> --><x:sst uniqueCount = '12'><si a='>'><t/></si >\
                    <si><![CDATA[<si>]]></si><mergeCell ref=\"A1:B2\"/><xf/></x:sst>";
        let counts =
            Counts { bytes: text.len() as u64, formats: 1, strings: 2, declared: 12, merges: 1, kept: 3 };
        assert_eq!(scanned(text), Ok(counts));
    }

    #[test]
    fn what_never_ends_is_refused() {
        let long = "a".repeat(1_100_000);
        let cell = format!("<c>{}</c>", format!("<t>{}</t>", "b".repeat(900_000)).repeat(3));
        for text in [
            format!("<a>{long}</a>"),
            format!("<!--{long}-->"),
            format!("<![CDATA[{long}]]>"),
            format!("<a b='{long}'/>"),
            format!("<{long}/>"),
            "<a>".repeat(200),
            cell.clone(),
        ] {
            assert_eq!(scanned(&text), Err(Flaw::Endless), "{}", &text[..20]);
        }
        assert!(scanned(&cell.replace("<c>", "<d>").replace("</c>", "</d>")).is_ok());
        let limits = Limits { bytes: 10, ..Limits::default() };
        assert_eq!(scan("<abcdefgh/>".as_bytes(), limits), Err(Flaw::Endless));
        assert_eq!(scan("<a b='c'/>".as_bytes(), Limits { tag: 3, ..limits }), Err(Flaw::Endless));
    }

    #[test]
    fn pieces_of_any_size_are_the_same() {
        struct Slow<'a>(&'a [u8]);
        impl std::io::Read for Slow<'_> {
            fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
                let taken = self.0.len().min(1);
                buffer[..taken].copy_from_slice(&self.0[..taken]);
                self.0 = &self.0[taken..];
                Ok(taken)
            }
        }
        for text in
            ["<?x?><a b='<>'><!--<-><c/>--><c>x</c></a>", "<a b=\"'>\"/><b></c>", "<sst uniqueCount='5'><si>"]
        {
            assert_eq!(scan(Slow(text.as_bytes()), Limits::default()), scanned(text));
        }
    }

    #[test]
    fn markup_that_does_not_fit_is_refused() {
        for text in ["<a></b>", "</a>", "<!DOCTYPE a [<!ENTITY b 'c'>]>", "<c><t></c></t>"] {
            assert_eq!(scanned(text), Err(Flaw::Damaged), "{text}");
        }
    }

    #[test]
    fn any_number_of_strings_can_be_announced() {
        for (count, read) in [("99999999999999999999999", u64::MAX), ("x", 0), ("7", 7)] {
            let text = format!("<sst xmlns=\">\" uniqueCount=\"{count}\"/>");
            assert_eq!(scanned(&text).map(|counts| counts.declared), Ok(read));
        }
    }
}
