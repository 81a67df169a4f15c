//! Draws a measured grid: as PDF through typst, as a workbook through rust_xlsxwriter. Both give bytes.

pub mod pdf;
pub mod xlsx;
