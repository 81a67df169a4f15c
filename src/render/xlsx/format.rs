//! Cell formats, built once for each workbook. A face has the name under which Windows ships it where the form lists
//! such a one, because Excel replaces a face that it lacks by whatever it likes.

use rust_xlsxwriter::{Format, FormatAlign, FormatBorder};

use super::content::exceeds;
use super::rows::whole;
use crate::grid::{Align, FaceList, Grid, Look, Role, Style, TextStyle};

/// Width in points of one level of indent: three blanks of the default face.
pub(super) const INDENT: f64 = 18.0;
/// Longest text, in UTF-16 units, that older versions of Excel show in a cell formatted as text; of a longer one
/// they show `####`.
const LONGEST_AS_TEXT: usize = 255;
/// Excel's number for the format of text: what is typed into the cell stays as it is typed.
const TEXT: u8 = 49;
/// The Chinese families that every Windows has (the last two with any office suite).
const SHIPPED: [&str; 8] =
    ["宋体", "新宋体", "黑体", "仿宋", "楷体", "微软雅黑", "仿宋_GB2312", "楷体_GB2312"];
/// Words in the names of families that are heavy without being set in bold.
const HEAVY: [&str; 5] = ["黑", "小标宋", "Hei", "XiaoBiaoSong", "Bold"];
/// Words in the names of families without serifs.
const SANS: [&str; 4] = ["黑", "Hei", "Gothic", "Sans"];
/// Excel's number for the Chinese character set, by which it picks a substitute for a face.
const GB2312: u8 = 134;
/// Excel's numbers for families with and without serifs, likewise.
const FAMILIES: (u8, u8) = (1, 2);

/// The formats of one workbook.
#[derive(Debug)]
pub(super) struct Formats {
    headings: Vec<Variants>,
    label: Variants,
    value: Variants,
    text: Variants,
    amount: Variants,
    field: Vec<(Align, Variants)>,
    /// Cells that differ from others of their role.
    special: Vec<(Role, Look, Variants)>,
    numbers: Vec<(NumberLook, Format)>,
}

/// What the format of a number depends on.
#[derive(Debug, Clone, PartialEq)]
struct NumberLook {
    role: Role,
    look: Look,
    /// Excel's number format; `None` for the general one.
    code: Option<String>,
    /// Whether someone may type over it.
    open: bool,
}

/// One look in the ways that a cell may treat what is typed into it.
#[derive(Debug)]
struct Variants {
    /// Excel decides what it is.
    general: Format,
    /// The cell is text.
    text: Format,
    /// This content is text, as if typed behind an apostrophe.
    quoted: Format,
}

impl Formats {
    /// Builds the formats that a grid needs.
    pub(super) fn new(grid: &Grid) -> Formats {
        let style = &*grid.style;
        let cell = |text: &TextStyle| base(style, text).set_border(FormatBorder::Thin);
        let wrapped = |format: Format| Variants::new(format.set_text_wrap());
        Formats {
            headings: style.headings.iter().map(|text| wrapped(base(style, text))).collect(),
            label: wrapped(cell(&style.label)),
            value: wrapped(cell(&style.value).set_unlocked()),
            text: wrapped(cell(&style.text).set_unlocked()),
            amount: wrapped(cell(&style.amount).set_unlocked()),
            field: [Align::Left, Align::Center, Align::Right]
                .map(|align| {
                    let text = TextStyle { align, ..style.field.clone() };
                    (align, wrapped(base(style, &text).set_unlocked()))
                })
                .into(),
            special: Vec::new(),
            numbers: Vec::new(),
        }
    }

    /// The format of a field above or below the table.
    pub(super) fn field(&self, align: Align, text: &str) -> &Format {
        let found = self.field.iter().find(|(known, _)| *known == align);
        found.map_or(&self.value, |(_, variants)| variants).literal(text)
    }

    /// The format of a heading line.
    pub(super) fn heading(&self, level: usize, text: &str) -> &Format {
        self.headings[level.min(self.headings.len() - 1)].literal(text)
    }

    /// The format of a cell that shows a text, or nothing.
    pub(super) fn cell(&mut self, style: &Style, role: Role, look: Look, text: &str) -> &Format {
        let look = Look { height: 0.0, ..look };
        let variants = if look == Look::default() {
            match role {
                Role::Label | Role::Header => &self.label,
                Role::Text => &self.text,
                Role::Value | Role::Date | Role::Blank => &self.value,
                Role::Amount => &self.amount,
            }
        } else {
            let found = self.special.iter().position(|(known, other, _)| *known == role && *other == look);
            let at = found.unwrap_or_else(|| {
                let format = styled(style, role, look).set_text_wrap();
                let format = if role.is_heading() { format } else { format.set_unlocked() };
                self.special.push((role, look, Variants::new(format)));
                self.special.len() - 1
            });
            &self.special[at].2
        };
        let is_short = !exceeds(text, LONGEST_AS_TEXT);
        // An amount that is still to be filled in becomes a number.
        let is_open = role == Role::Amount && text.is_empty();
        match role {
            // Values such as 25% are typed over with others that must stay text too.
            Role::Value | Role::Date | Role::Blank | Role::Amount if is_short && !is_open => &variants.text,
            Role::Amount if is_open => &variants.general,
            _ => variants.literal(text),
        }
    }

    /// The format of a number with Excel's code for it; `None` is the general one. An open one may be typed over.
    pub(super) fn number(
        &mut self,
        style: &Style,
        (role, look): (Role, Look),
        code: Option<String>,
        open: bool,
    ) -> &Format {
        let wanted = NumberLook { role, look: Look { height: 0.0, ..look }, code, open };
        let found = self.numbers.iter().position(|(other, _)| *other == wanted);
        let at = found.unwrap_or_else(|| {
            // A number does not wrap; too long for its column it would print as ####, unless it may shrink.
            let format = styled(style, role, look).set_shrink();
            let format = if open { format.set_unlocked() } else { format };
            let format = match &wanted.code {
                Some(code) => format.set_num_format(code),
                None => format,
            };
            self.numbers.push((wanted, format));
            self.numbers.len() - 1
        });
        &self.numbers[at].1
    }
}

/// A role's format with what a single cell changes of it.
fn styled(style: &Style, role: Role, look: Look) -> Format {
    let text = match role {
        Role::Label | Role::Header => &style.label,
        Role::Value | Role::Date | Role::Blank => &style.value,
        Role::Text => &style.text,
        Role::Amount => &style.amount,
    };
    let align = look.align.unwrap_or(text.align);
    let text = TextStyle { align, indent: text.indent + look.indent, ..text.clone() };
    base(style, &text).set_border(FormatBorder::Thin)
}

impl Variants {
    fn new(general: Format) -> Variants {
        let text = general.clone().set_num_format_index(TEXT);
        let quoted = general.clone().set_quote_prefix();
        Variants { general, text, quoted }
    }

    /// The format for a text that nobody is expected to type over, guarded only where editing would turn it into
    /// something else: a formula, a number, a date.
    fn literal(&self, text: &str) -> &Format {
        let guarded = match text.as_bytes().first() {
            Some(b'=' | b'+' | b'-' | b'@' | b'\'') => true,
            Some(b'0'..=b'9' | b'.') => !exceeds(text, LONGEST_AS_TEXT),
            _ => false,
        };
        if guarded { &self.quoted } else { &self.general }
    }
}

/// Face, size and place of a text in its cell.
fn base(style: &Style, text: &TextStyle) -> Format {
    let (family, bold) = face(&style.faces[text.face]);
    let mut format = Format::new()
        .set_font_name(family)
        .set_font_family(if names_one_of(family, &SANS) { FAMILIES.1 } else { FAMILIES.0 })
        .set_font_size((text.size * 2.0).round() / 2.0)
        .set_align(FormatAlign::VerticalCenter)
        .set_align(match text.align {
            Align::Left => FormatAlign::Left,
            Align::Center => FormatAlign::Center,
            Align::Right => FormatAlign::Right,
        });
    if !family.is_ascii() {
        format = format.set_font_charset(GB2312);
    }
    if bold {
        format = format.set_bold();
    }
    match indent_levels(text) {
        0 => format,
        levels => format.set_indent(levels),
    }
}

/// Levels of indent that come nearest to the form's.
pub(super) fn indent_levels(text: &TextStyle) -> u8 {
    if text.indent <= 0.0 || text.align == Align::Center {
        return 0;
    }
    match text.indent * text.size / INDENT {
        levels if levels < 1.5 => 1,
        levels => u8::try_from(whole(levels.round())).unwrap_or(15).min(15),
    }
}

/// The family that stands for a list of faces, and whether it must be set in bold to be as heavy as asked for.
pub(super) fn face(list: &FaceList) -> (&str, bool) {
    let shipped = list.families.iter().find(|family| SHIPPED.contains(&family.as_str()));
    let family = shipped.or(list.families.first()).map_or(SHIPPED[0], String::as_str);
    let bold = list.weight >= 600 && !names_one_of(family, &HEAVY);
    (family, bold)
}

fn names_one_of(family: &str, words: &[&str]) -> bool {
    words.iter().any(|word| family.contains(word))
}

#[cfg(test)]
mod tests {
    use super::face;
    use crate::grid::FaceList;

    fn list(families: &[&str], weight: u16) -> FaceList {
        FaceList { families: families.iter().map(|&family| family.to_owned()).collect(), weight }
    }

    #[test]
    fn a_face_that_windows_has_is_preferred() {
        assert_eq!(face(&list(&["方正书宋_GBK", "宋体", "SimSun"], 400)), ("宋体", false));
        assert_eq!(face(&list(&["方正小标宋_GBK", "黑体"], 700)), ("黑体", false));
        assert_eq!(face(&list(&["方正小标宋_GBK"], 700)), ("方正小标宋_GBK", false));
        assert_eq!(face(&list(&["Noto Serif CJK SC"], 700)), ("Noto Serif CJK SC", true));
        assert_eq!(face(&list(&["仿宋"], 700)), ("仿宋", true));
        assert_eq!(face(&list(&[], 400)), ("宋体", false));
    }
}
