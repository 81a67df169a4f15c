//! Typography and paper of a table, in points, as the form asks for them and before any font is chosen.

/// Alignment of a cell's lines across its width. Vertically, every cell of an official table is centred.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Align {
    /// Ragged right.
    Left,
    /// Centred.
    Center,
    /// Ragged left.
    Right,
}

/// How a single cell differs from others of its role.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Look {
    /// Alignment across the cell, where it is not the role's.
    pub align: Option<Align>,
    /// Space kept free at the left of every line, in ems.
    pub indent: f64,
    /// Least height in points.
    pub height: f64,
}

impl Look {
    /// The look as golden files keep it; nothing for a usual one.
    pub(super) fn to_golden(self) -> String {
        let align = match self.align {
            None => "",
            Some(Align::Left) => " left",
            Some(Align::Center) => " center",
            Some(Align::Right) => " right",
        };
        let indent = if self.indent > 0.0 { format!(" indent {}", self.indent) } else { String::new() };
        let height = if self.height > 0.0 { format!(" height {:.0}", self.height) } else { String::new() };
        format!("{align}{indent}{height}")
    }
}

/// Typefaces in order of preference; the first that the machine has is used, character by character.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct FaceList {
    /// Family names.
    pub families: Vec<String>,
    /// Weight on the usual scale of 100 to 900.
    pub weight: u16,
}

/// How the text of one role is set.
#[derive(Debug, Clone, PartialEq)]
pub struct TextStyle {
    /// Index into [`Style::faces`].
    pub face: usize,
    /// Size in points.
    pub size: f64,
    /// Alignment across the cell.
    pub align: Align,
    /// First-line indent of each paragraph, in ems.
    pub indent: f64,
}

/// Sheet of paper, in points.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Paper {
    /// Width as used, that is the longer side when landscape.
    pub width: f64,
    /// Height as used.
    pub height: f64,
    /// Margins: top, right, bottom, left.
    pub margin: [f64; 4],
    /// Whether the sheet lies on its long side.
    pub landscape: bool,
}

impl Paper {
    /// Width between the margins.
    pub fn inner_width(&self) -> f64 {
        self.width - self.margin[1] - self.margin[3]
    }

    /// Height between the margins.
    pub fn inner_height(&self) -> f64 {
        self.height - self.margin[0] - self.margin[2]
    }
}

/// What is printed at the foot of each page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FooterKind {
    /// Nothing.
    #[default]
    None,
    /// 第 n 页 / 共 m 页.
    Pages,
}

/// All that a renderer needs to know about looks.
#[derive(Debug, Clone, PartialEq)]
pub struct Style {
    /// The sheet.
    pub paper: Paper,
    /// Column widths in points; they add up to the inner width.
    pub columns: Vec<f64>,
    /// Typefaces; a [`TextStyle`] names one by position.
    pub faces: Vec<FaceList>,
    /// Styles of heading lines by level; the last serves all deeper levels.
    pub headings: Vec<TextStyle>,
    /// Labels and column headers.
    pub label: TextStyle,
    /// Values and blank cells.
    pub value: TextStyle,
    /// Long text.
    pub text: TextStyle,
    /// Amounts.
    pub amount: TextStyle,
    /// Fields of the lines above and below the table.
    pub field: TextStyle,
    /// Space between a cell's rule and its text, on all four sides.
    pub inset: f64,
    /// Thickness of the rules.
    pub rule: f64,
    /// Distance between the baselines of two lines, in ems.
    pub pitch: f64,
    /// Space below each heading line, in points.
    pub heading_gap: f64,
    /// Page foot.
    pub footer: FooterKind,
}

impl Style {
    /// The style of a heading line.
    pub fn heading(&self, level: usize) -> &TextStyle {
        &self.headings[level.min(self.headings.len() - 1)]
    }

    /// Height in points of `lines` lines of text, without inset.
    pub fn lines_height(&self, style: &TextStyle, lines: usize) -> f64 {
        if lines == 0 { 0.0 } else { style.size * (1.0 + (lines - 1) as f64 * self.pitch) }
    }

    /// Height in points of a line of fields of which the highest has so many lines, with the space that keeps it off
    /// the table.
    pub fn strip_height(&self, lines: usize) -> f64 {
        self.lines_height(&self.field, lines.max(1)) + self.heading_gap
    }
}
