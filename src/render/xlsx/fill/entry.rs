//! What Excel, WPS and LibreOffice say and ask while a person fills in a cell: hints, drop-downs, limits. All of it
//! comes from what the form says of the value.

use rust_xlsxwriter::{DataValidation, DataValidationErrorStyle, DataValidationRule, Formula, XlsxError};

use super::inputs::Input;
use crate::form::{Content, Field};
use crate::render::xlsx::content::{beginning, exceeds};

/// Longest title and message of a hint, in UTF-16 units.
const LONGEST: (usize, usize) = (32, 255);
/// Longest list of choices in a validation, commas included; a longer one stands in cells.
const LONGEST_LIST: usize = 255;
/// Digits of a number that Excel keeps.
const DIGITS: usize = 15;
/// Bytes of a Chinese character in UTF-8, in which limits are counted.
const CHARACTER: usize = 3;

/// Whether choices can stand in the validation itself.
pub(super) fn fits_inline(choices: &[String]) -> bool {
    let units: usize = choices.iter().map(|choice| choice.encode_utf16().count() + 1).sum();
    // A comma ends a choice, and blanks around one are lost.
    let is_plain = |choice: &String| !choice.contains([',', '"', '\n']) && choice.trim() == choice;
    units <= LONGEST_LIST + 1 && choices.iter().all(is_plain)
}

/// The validation of a value's cell. `cell` is its address, `choices` where its choices stand, if in cells.
///
/// # Errors
/// In the words of `rust_xlsxwriter`, when a text is longer than Excel allows.
pub(super) fn validation(
    input: &Input,
    cell: &str,
    choices: Option<&str>,
) -> Result<DataValidation, XlsxError> {
    let field = &*input.field;
    let validation = DataValidation::new();
    let validation = match (choices, field.content) {
        _ if !field.choices.is_empty() => match choices {
            Some(range) => validation.allow_list_formula(Formula::new(format!("={range}"))),
            None => validation.allow_list_strings(&field.choices)?,
        },
        (_, Content::Year) => validation.allow_whole_number(DataValidationRule::Between(1000, 9999)),
        (_, Content::Whole { digits, signed }) => {
            let most = "9".repeat(digits.min(DIGITS));
            let least = if signed { format!("-{most}") } else { "0".to_owned() };
            let between = DataValidationRule::Between(Formula::new(least), Formula::new(most));
            validation.allow_whole_number_formula(between)
        }
        (_, Content::Decimal { signed: false }) => {
            validation.allow_decimal_number(DataValidationRule::GreaterThanOrEqualTo(0.0))
        }
        (_, Content::Decimal { signed: true }) => {
            let most = 999_999_999_999_999.0;
            validation.allow_decimal_number(DataValidationRule::Between(-most, most))
        }
        (_, Content::Code(digits)) => {
            validation.allow_custom(Formula::new(format!("=AND(LEN({cell})={digits},ISNUMBER(--{cell}))")))
        }
        (_, Content::Text) => match (field.bytes, field.characters) {
            // LENB counts two for a Chinese character and one for a Latin one, where UTF-8 has three and one. An
            // Excel that is not set up for Chinese counts one each and lets more pass, but never refuses too much.
            (Some(most), _) => {
                validation.allow_custom(Formula::new(format!("=2*LENB({cell})-LEN({cell})<={most}")))
            }
            (None, Some(most)) => validation.allow_text_length(DataValidationRule::LessThanOrEqualTo(most)),
            (None, None) => validation,
        },
    };
    let validation = match wrong(field) {
        Some((style, message)) => validation
            .set_error_style(style)
            .set_error_title(within(&field.name, LONGEST.0))?
            .set_error_message(within(&message, LONGEST.1))?,
        None => validation,
    };
    let title = format!("{}{}", field.name, if field.required { "（必填）" } else { "" });
    validation.set_input_title(within(&title, LONGEST.0))?.set_input_message(within(&hint(input), LONGEST.1))
}

/// What is said when something else is typed than the cell takes, and how strictly; `None` where it takes anything.
fn wrong(field: &Field) -> Option<(DataValidationErrorStyle, String)> {
    if !field.choices.is_empty() && !field.closed {
        return Some((DataValidationErrorStyle::Warning, format!("“{}”一般从列表中选择。", field.name)));
    }
    let is_free = field.choices.is_empty() && field.content == Content::Text && limit(field).is_none();
    let reason = || field.reason.clone().unwrap_or_else(|| "内容不符合要求".to_owned());
    let lines: Vec<String> = (!is_free).then(reason).into_iter().chain(limit(field)).collect();
    (!is_free).then(|| (DataValidationErrorStyle::Stop, lines.join("\n")))
}

/// Whether the validation names the cell and so holds for it alone.
pub(super) fn is_single(field: &Field) -> bool {
    field.choices.is_empty()
        && match field.content {
            Content::Code(_) => true,
            Content::Text => field.bytes.is_some(),
            _ => false,
        }
}

/// What is said when a person comes to the cell, a line for each thing.
fn hint(input: &Input) -> String {
    let field = &*input.field;
    let (before, after) = &input.around;
    let words: Vec<String> = [before, after]
        .into_iter()
        .filter(|words| !words.is_empty())
        .map(|words| format!("“{words}”"))
        .collect();
    let added = (!words.is_empty()).then(|| format!("{}自动加上，不用填写", words.join("和")));
    let lines = [field.description.clone(), field.reason.clone(), limit(field), added];
    lines.into_iter().flatten().collect::<Vec<_>>().join("\n")
}

/// The longest value that is accepted, in words.
pub(super) fn limit(field: &Field) -> Option<String> {
    match (field.bytes, field.characters) {
        (Some(bytes), _) => Some(format!("不超过 {bytes} 字节（{} 个汉字）", bytes / CHARACTER)),
        (None, Some(characters)) => Some(format!("不超过 {characters} 个字")),
        (None, None) => None,
    }
}

/// The number format that a value asks for, with the form's words around a number; `None` for that of its place.
pub(super) fn number_format(input: &Input) -> Option<String> {
    let (before, after) = &input.around;
    let digits = match input.field.content {
        Content::Year | Content::Whole { .. } => "0",
        Content::Decimal { .. } if before.is_empty() && after.is_empty() => return None,
        Content::Decimal { .. } => "General",
        Content::Code(_) => return Some("@".to_owned()),
        Content::Text => return None,
    };
    Some(format!("{}{digits}{}", literal(before), literal(after)))
}

/// Words as a number format has them.
pub(super) fn literal(words: &str) -> String {
    if words.is_empty() {
        return String::new();
    }
    let words = words.replace('"', "”").replace(char::is_control, "");
    format!("\"{words}\"")
}

/// A text that is short enough, with an ellipsis where it was not.
fn within(text: &str, limit: usize) -> String {
    if exceeds(text, limit) { beginning(text, limit - 1).to_owned() + "…" } else { text.to_owned() }
}
