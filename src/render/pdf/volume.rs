//! Several grids in one PDF: a bound volume, or a part of one. Each grid has the pages that it has alone; in addition
//! pages carry running numbers, cells may link to pages, and the outline names each grid.

use std::collections::HashMap;
use std::sync::Arc;

use super::drawing::{Drawing, SheetData};
use super::world::Shelf;
use super::{Pdf, Standards, export, pages};
use crate::diag::DataPath;
use crate::grid::{Grid, Meta};
use crate::load::fonts::{Face, Typefaces};
use crate::measure::Measured;
use serde::Serialize;

/// Where a cell leads.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Link {
    /// Page of this file, from 1.
    pub page: usize,
    /// Another file, before which the page goes for nothing.
    pub url: Option<String>,
}

/// One grid of a volume.
#[derive(Debug)]
pub struct Leaf<'a> {
    /// The grid.
    pub grid: &'a Grid,
    /// The grid measured with its form's columns.
    pub measured: &'a Measured,
    /// The form's typefaces.
    pub faces: &'a Typefaces,
    /// Entry in the outline; the grid's own title when there is none.
    pub outline: Option<&'a str>,
    /// Number of its first page in the volume; `None` for pages without a printed number.
    pub first: Option<usize>,
    /// Links of the cells that show the value at a path.
    pub links: HashMap<DataPath, Link>,
}

/// Draws volumes with the faces of all forms that are bound in them.
#[derive(Debug)]
pub struct VolumeRenderer {
    shelf: Shelf,
    standards: Standards,
}

impl VolumeRenderer {
    /// Prepares to draw with the faces of several forms.
    ///
    /// # Errors
    /// When typst does not know the standard, which would be a fault of this program.
    pub fn new<'a>(faces: impl IntoIterator<Item = &'a Typefaces>) -> Result<VolumeRenderer, String> {
        let mut all: Vec<Arc<Face>> = Vec::new();
        for face in faces.into_iter().flat_map(Typefaces::faces) {
            if !all.iter().any(|known| Arc::ptr_eq(known, &face)) {
                all.push(face);
            }
        }
        Ok(VolumeRenderer { shelf: Shelf::new(all), standards: Standards::new()? })
    }

    /// Draws the leaves of one file. `total` is the number of pages of the whole volume, of which this file may be a
    /// part; `timestamp` is the creation date, in seconds since 1970 (UTC).
    ///
    /// # Errors
    /// What typst reports; data cannot cause it, a form's style could.
    pub fn render(
        &self,
        meta: &Meta,
        leaves: &[Leaf<'_>],
        total: usize,
        timestamp: i64,
    ) -> Result<Pdf, String> {
        let mut planned = 0;
        let sheets = leaves.iter().map(|leaf| {
            let pages = pages(leaf.grid, leaf.measured);
            planned += pages.len();
            SheetData::bound(leaf, &pages, total)
        });
        let drawing = Drawing::new(meta, sheets.collect());
        export(&self.shelf, &self.standards, &drawing, meta, planned, timestamp)
    }
}
