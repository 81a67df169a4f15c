//! What a form says of one value, read off its schema and settings, for those who ask a person to fill it in: what it
//! is, what may stand there, and what must.

use std::fmt::Write;

use serde_json::Value;

use super::Form;
use crate::diag::{DataPath, Step};

/// Digits of a whole number that is a year. A number of any other fixed length is a code, whose zeros count.
const YEAR: usize = 4;
/// Most digits that are tried.
const MOST_DIGITS: usize = 20;

/// One value of a form.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Field {
    /// Its key.
    pub name: String,
    /// The property that describes it, as a JSON Pointer into the schema; the same for the same field of all list
    /// items, and of lists that are described together.
    pub origin: String,
    /// What it is.
    pub description: Option<String>,
    /// What is said when it is wrong.
    pub reason: Option<String>,
    /// Whether its key must stand there and may not be empty.
    pub required: bool,
    /// For each list on the way to it, the items that must be there.
    pub least: Vec<usize>,
    /// What may stand there.
    pub content: Content,
    /// What can be chosen.
    pub choices: Vec<String>,
    /// Whether nothing else than the choices is accepted.
    pub closed: bool,
    /// Most bytes, in UTF-8.
    pub bytes: Option<usize>,
    /// Most characters.
    pub characters: Option<u32>,
}

/// What the schema accepts as a value, found out by trying.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Content {
    /// Any words, or words in a notation that is not known here.
    #[default]
    Text,
    /// A year of four digits.
    Year,
    /// So many digits.
    Code(usize),
    /// A whole number of up to so many digits.
    Whole {
        /// Most digits.
        digits: usize,
        /// Whether it may be below zero.
        signed: bool,
    },
    /// A number with decimals.
    Decimal {
        /// Whether it may be below zero.
        signed: bool,
    },
}

impl Form {
    /// What the form says of the value at a path; of one that its schema does not describe, only the name.
    pub fn field(&self, path: &DataPath) -> Field {
        let mut field = Field::default();
        if let Some(Step::Key(key)) = path.steps().into_iter().rfind(|step| matches!(step, Step::Key(_))) {
            field.name = key.to_string();
        }
        field.choices = self.spec.lists.get(&field.name).cloned().unwrap_or_default();
        field.bytes = self.spec.limits.get(&field.name).copied();
        // What could be read before the schema ended is kept.
        let _ = self.describe(path, &mut field);
        field
    }

    fn describe(&self, path: &DataPath, field: &mut Field) -> Option<()> {
        let mut at = &self.schema.json;
        let mut origin = String::new();
        let mut demanded = false;
        for step in path.steps() {
            let (resolved, place) = self.schema.resolve_at(at, origin);
            origin = place;
            match step {
                Step::Key(key) => {
                    let required = resolved.get("required").and_then(Value::as_array);
                    demanded = required.is_some_and(|keys| keys.iter().any(|known| *known == **key));
                    at = resolved.get("properties")?.get(&**key)?;
                    let _ = write!(origin, "/properties/{}", key.replace('~', "~0").replace('/', "~1"));
                }
                Step::Index(_) => {
                    let least = resolved.get("minItems").and_then(Value::as_u64).unwrap_or(0);
                    field.least.push(usize::try_from(least).unwrap_or(usize::MAX));
                    at = resolved.get("items")?;
                    origin.push_str("/items");
                }
            }
        }
        let resolved = self.schema.resolve(at);
        let own = |key: &str| at.get(key).or_else(|| resolved.get(key));
        let said = |key: &str| own(key).and_then(Value::as_str).map(str::to_owned);
        field.description = said("description");
        field.reason = said("x-error");
        field.characters = own("maxLength").and_then(Value::as_u64).and_then(|most| u32::try_from(most).ok());
        let accepts = self.schema.part(&origin)?;
        let takes = |text: &str| accepts.is_valid(&Value::from(text));
        field.required = demanded && !takes("") && !accepts.is_valid(&Value::Null);
        if let Some(Value::Array(choices)) = own("enum") {
            field.choices = choices.iter().filter_map(Value::as_str).map(str::to_owned).collect();
            field.closed = true;
        } else {
            field.content = content(takes);
        }
        field.origin = origin;
        Some(())
    }
}

/// What is accepted, found out by trying.
fn content(takes: impl Fn(&str) -> bool) -> Content {
    // Any word will do; these two are of no notation.
    if takes("文字") || takes("word") {
        return Content::Text;
    }
    let lengths: Vec<usize> = (1..=MOST_DIGITS)
        .filter(|&length| {
            takes(&"1".repeat(length)) || takes(&format!("2{:0>width$}", 24, width = length - 1))
        })
        .collect();
    let signed = takes("-1") || takes("-1.5");
    match lengths[..] {
        [] => Content::Text,
        _ if takes("1.5") => Content::Decimal { signed },
        [YEAR] => Content::Year,
        [length] if length > 1 => Content::Code(length),
        [.., digits] => Content::Whole { digits, signed },
    }
}

#[cfg(test)]
mod tests {
    use super::{Content, Field, content};
    use crate::diag::DataPath;
    use crate::form::Library;

    #[test]
    fn a_field_is_what_schema_and_settings_say() {
        let form = Library::new(Vec::new()).form("jiangsu-project-2024").unwrap().unwrap();
        let field = |path: &str| form.field(&DataPath::parse(path));
        let name = field("项目名称");
        assert_eq!((name.required, name.bytes, name.content), (true, Some(180), Content::Text));
        assert_eq!(name.description.as_deref(), Some("与预算一体化系统一致的项目名称"));
        let begin = field("开始时间");
        assert_eq!((begin.required, begin.content), (false, Content::Year));
        let amount = field("项目资金.支出[3].全年预算数");
        assert_eq!((amount.required, amount.content), (true, Content::Decimal { signed: true }));
        assert_eq!((amount.least, amount.name.as_str()), (vec![1], "全年预算数"));
        let kind = field("绩效指标.产出指标.数量指标[0].类型");
        assert!(kind.closed && kind.choices.len() == 5 && !kind.required);
        assert_eq!(kind.origin, "/$defs/indicators/items/properties/类型");
        assert_eq!(field("项目类型").choices.len(), 4);
        assert_eq!(field("没有[0].这个"), Field { name: "这个".to_owned(), ..Field::default() });
    }

    fn of(pattern: &str) -> Content {
        let pattern = regex::Regex::new(pattern).unwrap();
        content(|text| pattern.is_match(text))
    }

    #[test]
    fn what_is_accepted_shows_what_it_is() {
        assert_eq!(of(""), Content::Text);
        assert_eq!(of("^([0-9]{4}年?)?$"), Content::Year);
        assert_eq!(of("^20[0-9]{2}$"), Content::Year);
        assert_eq!(of("^[0-9]{6}$"), Content::Code(6));
        assert_eq!(of("^[0-9]{1,3}$"), Content::Whole { digits: 3, signed: false });
        assert_eq!(of("^[0-9]$"), Content::Whole { digits: 1, signed: false });
        assert_eq!(of(r"^-?[0-9]{1,20}(\.[0-9]{1,6})?$"), Content::Decimal { signed: true });
        assert_eq!(of(r"^([0-9]+(\.[0-9]+)?)?$"), Content::Decimal { signed: false });
        assert_eq!(of("^[0-9]{4}-[0-9]{2}-[0-9]{2}$"), Content::Text);
        assert_eq!(of("^0[0-9]{2,3}-[0-9]{7,8}$"), Content::Text);
    }
}
