//! What a cell of a list or summary holds, how a column looks, and formulas whose texts can come from data.

use std::fmt::Write;

use rust_decimal::Decimal;
use rust_xlsxwriter::{Color, Format, FormatAlign, FormatBorder, Formula, Worksheet, XlsxError};

use super::content::{LONGEST, exceeds, is_lookalike};

/// Face and size of lists and summaries.
const FACE: (&str, f64) = ("宋体", 10.0);
/// Longest text that a formula can hold.
const LONGEST_IN_FORMULA: usize = 255;
/// Ground of header cells, and colour of links.
const COLORS: (u32, u32) = (0x00E8_EDF3, 0x0005_63C1);

/// Height of a line and of the space around all lines, in pixels.
const LINE: (u32, u32) = (18, 4);
/// Width of a Han character and of a Latin one, and of what a cell keeps free, in pixels.
const ADVANCE: (u32, u32, u32) = (14, 8, 8);
/// Tallest row in pixels.
const TALLEST: u32 = 540;

/// Height of a row in pixels that shows texts whole in cells of so many pixels; office programs do not fit the rows
/// of a file that they open.
pub(super) fn height<'a>(cells: impl IntoIterator<Item = (&'a str, u32)>) -> u32 {
    let lines = cells.into_iter().map(|(text, width)| {
        let room = width.saturating_sub(ADVANCE.2).max(ADVANCE.0);
        let of_line = |line: &str| {
            let width: u32 = line.chars().map(|c| if c.is_ascii() { ADVANCE.1 } else { ADVANCE.0 }).sum();
            width.div_ceil(room).max(1)
        };
        text.split('\n').map(of_line).sum()
    });
    (lines.max().unwrap_or(1) * LINE.0 + LINE.1).min(TALLEST)
}

/// Height of a row of one line.
pub(super) const ONE_LINE: u32 = LINE.0 + LINE.1;

/// What one cell holds.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Value {
    /// Nothing.
    #[default]
    Empty,
    /// A text, whatever it looks like.
    Text(String),
    /// A number.
    Number(Decimal),
    /// A link to a sheet or file, with its text.
    Link(String, String),
    /// A formula without its `=`, and its result.
    Formula(String, String),
}

impl Value {
    /// The text that a row must be high enough for.
    pub(super) fn text(&self) -> &str {
        match self {
            Value::Text(text) | Value::Link(_, text) => text,
            Value::Empty | Value::Number(_) | Value::Formula(..) => "",
        }
    }
}

/// How the cells of a column look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Look {
    /// Text from the left.
    Text,
    /// A name that is repeated row by row: made smaller rather than broken where it is too long.
    Name,
    /// Short text or a number in the middle.
    Center,
    /// Money.
    Amount,
    /// A number as it is.
    Number,
    /// A share.
    Percent,
    /// Text that a person fills in, also where the sheet is protected.
    Input,
}

/// A column of a list or summary.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// Its title.
    pub title: String,
    /// Its width in pixels.
    pub width: u32,
    /// How its cells look.
    pub look: Look,
}

impl Column {
    /// A column.
    pub fn new(title: impl Into<String>, width: u32, look: Look) -> Column {
        Column { title: title.into(), width, look }
    }
}

/// The formats of lists and summaries.
#[derive(Debug)]
pub(super) struct Formats {
    pub(super) title: Format,
    pub(super) header: Format,
    cells: [(Look, Format, Format); 7],
    link: Format,
}

impl Formats {
    pub(super) fn new() -> Formats {
        let face = Format::new()
            .set_font_name(FACE.0)
            .set_font_size(FACE.1)
            .set_font_family(1)
            .set_font_charset(134)
            .set_align(FormatAlign::VerticalCenter);
        let number = face.clone().set_border(FormatBorder::Thin).set_align(FormatAlign::Right).set_shrink();
        let cell = face.clone().set_border(FormatBorder::Thin).set_text_wrap();
        let look = |look: Look| {
            let format = match look {
                Look::Text => cell.clone().set_align(FormatAlign::Left),
                Look::Name => number.clone().set_align(FormatAlign::Left),
                Look::Center => cell.clone().set_align(FormatAlign::Center),
                // A number does not wrap; too long for its column it would print as ####, unless it may shrink.
                Look::Amount => number.clone().set_num_format("#,##0.00####"),
                Look::Number => number.clone(),
                Look::Percent => number.clone().set_num_format("0.0%"),
                Look::Input => cell.clone().set_align(FormatAlign::Left).set_unlocked(),
            };
            (look, format.clone(), format.set_bold())
        };
        let looks =
            [Look::Text, Look::Name, Look::Center, Look::Amount, Look::Number, Look::Percent, Look::Input];
        let header = cell.clone().set_bold().set_align(FormatAlign::Center);
        Formats {
            title: face.set_font_size(14).set_bold().set_align(FormatAlign::Left),
            header: header.set_background_color(Color::RGB(COLORS.0)),
            cells: looks.map(look),
            link: cell
                .set_font_color(Color::RGB(COLORS.1))
                .set_underline(rust_xlsxwriter::FormatUnderline::Single),
        }
    }

    fn of(&self, look: Look, bold: bool) -> &Format {
        let found = self.cells.iter().find(|(known, ..)| *known == look);
        found.map_or(&self.header, |(_, plain, heavy)| if bold { heavy } else { plain })
    }

    /// Writes one cell.
    pub(super) fn write(
        &self,
        sheet: &mut Worksheet,
        (row, col): (u32, u16),
        value: &Value,
        look: Look,
        bold: bool,
    ) -> Result<(), XlsxError> {
        let format = self.of(look, bold);
        match value {
            Value::Empty => sheet.write_blank(row, col, format)?,
            Value::Text(text) if exceeds(text, LONGEST) => {
                let cut: String = text.chars().take(LONGEST / 2).collect();
                sheet.write_string_with_format(row, col, cut + "…", format)?
            }
            // Written as it stands it would be taken for rich text.
            Value::Text(text) if is_lookalike(text) => {
                sheet.write_string_with_format(row, col, format!("{text} "), format)?
            }
            Value::Text(text) => sheet.write_string_with_format(row, col, text, format)?,
            Value::Number(number) => sheet.write_number_with_format(row, col, double(*number), format)?,
            Value::Link(target, text) => match link(target, text) {
                Some(formula) => {
                    let formula = Formula::new(formula).set_result(text);
                    let align = if look == Look::Center { FormatAlign::Center } else { FormatAlign::Left };
                    sheet.write_formula_with_format(row, col, formula, &self.link.clone().set_align(align))?
                }
                None => sheet.write_string_with_format(row, col, text, format)?,
            },
            Value::Formula(formula, result) => {
                let formula = Formula::new(formula).set_result(result);
                sheet.write_formula_with_format(row, col, formula, format)?
            }
        };
        Ok(())
    }
}

/// The double nearest to a decimal; what Excel keeps of it are 15 digits.
pub(super) fn double(number: Decimal) -> f64 {
    number.to_string().parse().unwrap_or_default()
}

/// A decimal as a formula's result.
pub fn result(number: Decimal) -> String {
    number.normalize().to_string()
}

/// The address of a sheet's first cell, in this workbook or in a file beside it.
pub fn address(file: Option<&str>, sheet: &str) -> String {
    format!("{}#{}!A1", file.unwrap_or_default(), quoted(sheet))
}

/// A sheet's name as formulas have it.
pub fn quoted(sheet: &str) -> String {
    format!("'{}'", sheet.replace('\'', "''"))
}

/// A formula that leads somewhere; `None` where a formula cannot hold the words.
fn link(target: &str, text: &str) -> Option<String> {
    let mut formula = String::from("HYPERLINK(");
    for (separator, words) in [("", target), (",", text)] {
        if exceeds(words, LONGEST_IN_FORMULA) || words.contains(char::is_control) {
            return None;
        }
        let _ = write!(formula, "{separator}\"{}\"", words.replace('"', "\"\""));
    }
    Some(formula + ")")
}

#[cfg(test)]
mod tests {
    use super::{address, link};

    #[test]
    fn names_cannot_break_out_of_a_formula() {
        let target = address(None, "a'b");
        assert_eq!(target, "#'a''b'!A1");
        assert_eq!(link(&target, "\")+1").as_deref(), Some("HYPERLINK(\"#'a''b'!A1\",\"\"\")+1\")"));
        assert_eq!(link(&"长".repeat(256), "x"), None);
    }
}
