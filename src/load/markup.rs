//! Text of rich-text boxes into paragraphs. The budget system hands over `<p>…</p>`, `<br>` and a few entities;
//! people type line breaks. Anything else that looks like a tag is refused, because printing it would be wrong
//! and dropping it would lose text.

use std::borrow::Cow;

/// A tag that is not understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MarkupError {
    /// The tag as it was typed.
    pub tag: String,
    /// How often the same tag text stood before, so that the place can be found.
    pub nth: usize,
}

/// Splits a value into paragraphs and resolves markup; blank paragraphs vanish and paragraphs lose the blanks
/// around them. A value without markup or line breaks comes back as it is.
///
/// # Errors
/// [`MarkupError`] at the first tag that is neither a paragraph nor a line break.
pub fn paragraphs(value: &str) -> Result<Cow<'_, str>, MarkupError> {
    if !value.contains(['<', '&', '\n', '\r', '\t']) {
        return Ok(Cow::Borrowed(value));
    }
    let mut plain = String::with_capacity(value.len());
    let mut rest = value;
    while let Some(offset) = rest.find(['<', '&']) {
        plain.push_str(&rest[..offset]);
        rest = &rest[offset..];
        let taken = if rest.starts_with('<') {
            let taken = tag_length(rest);
            let tag = &rest[..taken];
            if taken > 0 && !breaks_line(tag) {
                let at = value.len() - rest.len();
                return Err(MarkupError { tag: tag.to_owned(), nth: value[..at].matches(tag).count() });
            }
            if taken > 0 {
                plain.push('\n');
            }
            taken
        } else {
            entity(rest).map_or(0, |(character, taken)| {
                plain.push(character);
                taken
            })
        };
        if taken == 0 {
            plain.push_str(&rest[..1]);
            rest = &rest[1..];
        } else {
            rest = &rest[taken..];
        }
    }
    plain.push_str(rest);
    let plain = plain.replace('\t', " ");
    let lines: Vec<&str> = plain.split(['\n', '\r']).map(str::trim).filter(|line| !line.is_empty()).collect();
    Ok(Cow::Owned(lines.join("\n")))
}

/// Length in bytes of the HTML tag or comment that `text` (which begins with `<`) opens with; 0 when the `<` is
/// text, as in `a < b` or `<5%`.
fn tag_length(text: &str) -> usize {
    if text.starts_with("<!--") {
        return text.find("-->").map_or(text.len(), |end| end + 3);
    }
    let bytes = text.as_bytes();
    let name = 1 + usize::from(bytes.get(1) == Some(&b'/'));
    if !bytes.get(name).is_some_and(u8::is_ascii_alphabetic) {
        return 0;
    }
    let mut at = name;
    while bytes.get(at).is_some_and(u8::is_ascii_alphanumeric) {
        at += 1;
    }
    loop {
        let blank = skip_blanks(bytes, at);
        match bytes.get(blank) {
            Some(b'>') => return blank + 1,
            Some(b'/') if bytes.get(blank + 1) == Some(&b'>') => return blank + 2,
            Some(byte) if blank > at && byte.is_ascii_alphabetic() => match attribute_end(bytes, blank) {
                Some(end) => at = end,
                None => return 0,
            },
            _ => return 0,
        }
    }
}

/// End of an attribute such as `style="x"`, `width=3` or `hidden`.
fn attribute_end(bytes: &[u8], start: usize) -> Option<usize> {
    let mut at = start;
    while bytes.get(at).is_some_and(|&byte| byte.is_ascii_alphanumeric() || b"-_:.".contains(&byte)) {
        at += 1;
    }
    let equals = skip_blanks(bytes, at);
    if bytes.get(equals) != Some(&b'=') {
        return Some(at);
    }
    let value = skip_blanks(bytes, equals + 1);
    let quote = *bytes.get(value)?;
    if quote == b'"' || quote == b'\'' {
        return bytes[value + 1..].iter().position(|&byte| byte == quote).map(|length| value + length + 2);
    }
    let length =
        bytes[value..].iter().position(|&byte| byte.is_ascii_whitespace() || b"\"'=<>`".contains(&byte))?;
    (length > 0).then_some(value + length)
}

fn skip_blanks(bytes: &[u8], mut at: usize) -> usize {
    while bytes.get(at).is_some_and(u8::is_ascii_whitespace) {
        at += 1;
    }
    at
}

fn breaks_line(tag: &str) -> bool {
    let name: String = tag
        .trim_start_matches(['<', '/'])
        .chars()
        .take_while(char::is_ascii_alphanumeric)
        .map(|c| c.to_ascii_lowercase())
        .collect();
    matches!(name.as_str(), "p" | "br")
}

/// The character of the entity that `text` (which begins with `&`) opens with, and the entity's length in bytes.
fn entity(text: &str) -> Option<(char, usize)> {
    const LONGEST: usize = 10;
    let end = text.bytes().take(LONGEST).position(|byte| byte == b';')?;
    let name = &text[1..end];
    let character = match name {
        "nbsp" | "ensp" | "emsp" | "thinsp" => ' ',
        "lt" => '<',
        "gt" => '>',
        "amp" => '&',
        "quot" => '"',
        "apos" => '\'',
        "ldquo" => '“',
        "rdquo" => '”',
        "lsquo" => '‘',
        "rsquo" => '’',
        "mdash" => '—',
        "ndash" => '–',
        "hellip" => '…',
        "middot" => '·',
        "times" => '×',
        "divide" => '÷',
        "plusmn" => '±',
        "deg" => '°',
        "permil" => '‰',
        "ge" => '≥',
        "le" => '≤',
        "ne" => '≠',
        _ => {
            let code = match name.strip_prefix('#')? {
                hex if hex.starts_with(['x', 'X']) => u32::from_str_radix(&hex[1..], 16).ok()?,
                decimal => decimal.parse().ok()?,
            };
            let character = char::from_u32(code)?;
            let blank = character.is_whitespace();
            if character.is_control() && !blank {
                return None;
            }
            if blank { ' ' } else { character }
        }
    };
    Some((character, end + 1))
}

#[cfg(test)]
mod tests {
    use super::paragraphs;

    fn plain(value: &str) -> String {
        paragraphs(value).unwrap().into_owned()
    }

    #[test]
    fn paragraphs_of_the_budget_system() {
        assert_eq!(plain("<p>一、甲；</p> <p>二、乙。</p>"), "一、甲；\n二、乙。");
        assert_eq!(plain("<p style=\"text-indent: 2em\">甲<br/>乙</P>"), "甲\n乙");
        assert_eq!(plain("甲&nbsp;乙&ldquo;丙&rdquo;&#65;&#x42;"), "甲 乙“丙”AB");
    }

    #[test]
    fn an_angle_bracket_that_opens_no_tag_is_text() {
        for text in ["a < b && c > d", "<5%", "1<2>0", "a<b && c>d", "x <= y", "]]>", "&foo; & &;", "<"] {
            assert_eq!(plain(text), text);
        }
    }

    #[test]
    fn other_tags_are_named_with_their_occurrence() {
        let error = paragraphs("<p>甲</p><b>乙</b>").unwrap_err();
        assert_eq!((error.tag.as_str(), error.nth), ("<b>", 0));
        assert_eq!(paragraphs("<script src='x'>1").unwrap_err().tag, "<script src='x'>");
        assert_eq!(paragraphs("<!-- x -->").unwrap_err().tag, "<!-- x -->");
    }

    #[test]
    fn blanks_inside_a_line_stay() {
        assert_eq!(plain("江苏省数据局 (政务服务管理 办公室)"), "江苏省数据局 (政务服务管理 办公室)");
        assert_eq!(plain("甲 \r\n\r\n 乙\n"), "甲\n乙");
    }
}
