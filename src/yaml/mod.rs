//! Data files as they are written: values without places, in the words and the order of a form.

mod data;

pub use data::Data;
