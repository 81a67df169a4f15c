//! Data files as they are written: values without places, in the words and the order of a form.

mod data;
mod scalar;
mod update;
mod writer;

pub use data::Data;
pub use update::update;
pub use writer::write;
