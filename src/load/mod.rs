//! Reads files: data files into a tree that knows every value's place, and typefaces into memory. Nothing else in
//! the library reads.

pub mod fonts;
mod markup;
mod parse;
mod source;
mod tree;

pub use markup::{MarkupError, paragraphs};
pub use parse::parse;
pub use source::{SIZE_LIMIT, form_folders, read, read_any, text};
pub use tree::{Document, Entry, Kind, Node};
