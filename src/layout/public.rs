//! The copy for publication: telephone numbers masked where the form's facts say that they stand, and where nothing
//! is printed.

use std::path::Path;
use std::sync::{Arc, LazyLock};

use regex::Regex;

use crate::diag::Finding;
use crate::form::{Form, UNPLACED_KEY, WAIVERS_KEY};
use crate::load::{Document, Entry, Kind, Node, parse};
use crate::yaml::{Edit, apply};

static MOBILE: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"(1[3-9][0-9])[\s-]?([0-9]{4})[\s-]?([0-9]{4})").expect("a fixed pattern"));
static LANDLINE: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"((?:0[0-9]{2,3}[\s-]?)?[0-9]{3,4})([0-9]{4})").expect("a fixed pattern"));

/// The document with its telephone number masked, and all numbers under keys that no table prints; everything else, places included, stays as it is.
pub fn public_copy(form: &Form, document: Document) -> Document {
    Document { root: masked_root(form, &document.root), ..document }
}

/// The text of a data file for publication: the values that [`public_copy`] masks, and telephone numbers in comments;
/// every other byte stays.
///
/// # Errors
/// When the text is no YAML, or a number would stay in it.
pub fn public_text(form: &Form, file: &Path, text: String) -> Result<String, Finding> {
    let document = parse(file, text)?;
    let mut ranges = Vec::new();
    let mut edits = Vec::new();
    compare(&document.root, &masked_root(form, &document.root), &document.text, &mut ranges, &mut edits);
    ranges.sort_unstable();
    let mut at = 0;
    for (start, end) in ranges.into_iter().chain([(document.text.len(), document.text.len())]) {
        // Between the values stand keys and comments.
        if let Some(between) = document.text.get(at..start) {
            let masked = mask(between);
            if masked != between {
                edits.push(Edit { range: at..start, text: masked });
            }
        }
        at = at.max(end);
    }
    edits.sort_by_key(|edit| edit.range.start);
    // A value that aliases repeat is masked once.
    edits.dedup_by(|later, earlier| later.range.start < earlier.range.end);
    let copy = parse(file, apply(&document.text, &edits))?;
    if masked_root(form, &copy.root) == copy.root {
        return Ok(copy.text);
    }
    Err(copy
        .finding("PUBLIC-TEXT", copy.root.place, "数据文件里的电话号码无法遮盖，没有放进公开版")
        .fix("请把联系电话直接写成一行文字，不用 YAML 的别名和转义。"))
}

/// Collects the ranges of all scalars, and an edit for each whose masked text differs.
fn compare(node: &Node, masked: &Node, text: &str, ranges: &mut Vec<(usize, usize)>, edits: &mut Vec<Edit>) {
    match (&node.kind, &masked.kind) {
        (Kind::Scalar(typed), Kind::Scalar(wanted)) => {
            ranges.push(node.bytes);
            if typed != wanted {
                edits.push(Edit {
                    range: node.bytes.0..node.bytes.1,
                    text: rewritten(&text[node.bytes.0..node.bytes.1], wanted),
                });
            }
        }
        (Kind::List(items), Kind::List(others)) => {
            items.iter().zip(others).for_each(|(one, other)| compare(one, other, text, ranges, edits));
        }
        (Kind::Map(entries), Kind::Map(others)) => {
            let pairs = entries.iter().zip(others);
            pairs.for_each(|(one, other)| compare(&one.value, &other.value, text, ranges, edits));
        }
        _ => {}
    }
}

/// A scalar with another value: in double quotes, which YAML has in common with JSON, after its own anchor and tag.
fn rewritten(typed: &str, value: &str) -> String {
    let mut out = String::new();
    let mut rest = typed;
    while rest.starts_with(['&', '!']) {
        let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
        out.push_str(&rest[..end]);
        out.push(' ');
        rest = rest[end..].trim_start();
    }
    out.push_str(&serde_json::Value::from(value).to_string());
    // A block scalar ends with its line.
    if typed.ends_with('\n') {
        out.push('\n');
    }
    out
}

fn masked_root(form: &Form, root: &Arc<Node>) -> Arc<Node> {
    let phone = form.spec.facts.phone.iter().map(|path| path.split('.').collect::<Vec<_>>());
    let unprinted = [WAIVERS_KEY, UNPLACED_KEY].map(|key| vec![key]);
    phone.chain(unprinted).fold(Arc::clone(root), |root, keys| masked(&root, &keys))
}

fn masked(node: &Arc<Node>, keys: &[&str]) -> Arc<Node> {
    let kind = match (&node.kind, keys) {
        (Kind::Scalar(text), []) => Kind::Scalar(Arc::from(mask(text))),
        (Kind::List(items), []) => Kind::List(items.iter().map(|item| masked(item, &[])).collect()),
        (Kind::Map(entries), []) => {
            let replaced = |entry: &Entry| Entry { value: masked(&entry.value, &[]), ..entry.clone() };
            Kind::Map(entries.iter().map(replaced).collect())
        }
        (Kind::Map(entries), [key, rest @ ..]) => {
            let replaced = |entry: &Entry| {
                let wanted = &*entry.key == *key;
                let value = if wanted { masked(&entry.value, rest) } else { Arc::clone(&entry.value) };
                Entry { value, ..entry.clone() }
            };
            Kind::Map(entries.iter().map(replaced).collect())
        }
        _ => return Arc::clone(node),
    };
    Arc::new(Node { kind, ..Node::clone(node) })
}

/// Masks every telephone number of a text: `138****1234`, `025-8366****`.
pub fn mask(text: &str) -> String {
    let text = MOBILE.replace_all(text, "$1****$3");
    LANDLINE.replace_all(&text, "$1****").into_owned()
}

#[cfg(test)]
mod tests {
    use super::mask;

    #[test]
    fn numbers_are_masked_by_their_kind() {
        assert_eq!(mask("13812341234"), "138****1234");
        assert_eq!(mask("025-83661234"), "025-8366****");
        assert_eq!(mask("0518 8366123"), "0518 836****");
        assert_eq!(mask("025-83660026、13900001111"), "025-8366****、139****1111");
        assert_eq!(mask("孙卓"), "孙卓");
    }
}
