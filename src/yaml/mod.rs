//! Data files as they are written: values without places, in the words and the order of a form.

mod data;
mod edit;
mod scalar;
mod spans;
mod update;
mod writer;

pub use data::Data;
pub use edit::{Edit, apply};
pub use update::update;
pub use writer::write;

#[cfg(test)]
mod tests;
