//! Changed values put into a data file that a person wrote: everything else stays as it is, byte for byte.

use super::{Data, write};
use crate::form::Form;
use crate::load::Document;

/// The document's text with the values of `data`. Values that are the same keep their text, with the comments
/// around them and the order of keys; new ones are written in the style around them.
pub fn update(document: &Document, form: &Form, data: &Data) -> String {
    if Data::from(&*document.root) == *data {
        return document.text.clone();
    }
    write(form, data, &[])
}
