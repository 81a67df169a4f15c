//! The copy for publication: telephone numbers masked where the form's facts say that they stand.

use std::sync::{Arc, LazyLock};

use regex::Regex;

use crate::form::Form;
use crate::load::{Document, Entry, Kind, Node};

static MOBILE: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"(1[3-9][0-9])[\s-]?([0-9]{4})[\s-]?([0-9]{4})").expect("a fixed pattern"));
static LANDLINE: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"((?:0[0-9]{2,3}[\s-]?)?[0-9]{3,4})([0-9]{4})").expect("a fixed pattern"));

/// The document with its telephone number masked; everything else, places included, stays as it is.
pub fn public_copy(form: &Form, document: Document) -> Document {
    let Some(path) = &form.spec.facts.phone else { return document };
    let keys: Vec<&str> = path.split('.').collect();
    let root = masked(&document.root, &keys);
    Document { root, ..document }
}

fn masked(node: &Arc<Node>, keys: &[&str]) -> Arc<Node> {
    let kind = match (&node.kind, keys) {
        (Kind::Scalar(text), []) => Kind::Scalar(Arc::from(mask(text))),
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
