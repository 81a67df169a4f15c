//! The grammar of a target: `sign number unit`, a range, or a word. The raw text is what is printed; the parsed
//! form is what rules compare.

use std::sync::LazyLock;

use regex::Regex;
use rust_decimal::Decimal;

/// A parsed target.
#[derive(Debug, Clone, PartialEq)]
pub enum Target {
    /// Nothing.
    Blank,
    /// A stand-in for a value: `**人`, `XX%`, `-`.
    Placeholder,
    /// A number with sign and unit.
    Quantity(Quantity),
    /// Two numbers: `10-20人`.
    Range(Quantity, Quantity),
    /// A word.
    Word(Word),
}

/// A number as a target states it.
#[derive(Debug, Clone, PartialEq)]
pub struct Quantity {
    /// How it bounds what is reached.
    pub sign: Option<Sign>,
    /// The number as written, before 万 or 亿.
    pub number: Decimal,
    /// 1, 10,000 (万) or 100,000,000 (亿).
    pub scale: Decimal,
    /// The unit, without 万 and 亿; empty when there is none.
    pub unit: String,
}

/// How a target bounds what is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sign {
    /// ≥
    AtLeast,
    /// ≤
    AtMost,
    /// =
    Equal,
    /// >
    More,
    /// <
    Less,
}

/// What kind of word a target is. Only grade words can be scored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Word {
    /// 明显, 合规 …
    Grade,
    /// 推进, 序时进度 …
    Progress,
    /// 每季度, 全年 …
    Frequency,
    /// Anything else.
    Other,
}

impl Quantity {
    /// The number in its unit, 万 and 亿 multiplied out; as written when that would be too large.
    pub fn amount(&self) -> Decimal {
        self.number.checked_mul(self.scale).unwrap_or(self.number)
    }

    /// The unit as a person reads it, 万 and 亿 included.
    pub fn full_unit(&self) -> String {
        let scale = if self.scale == Decimal::from(10_000) {
            "万"
        } else if self.scale == Decimal::from(100_000_000) {
            "亿"
        } else {
            ""
        };
        format!("{scale}{}", self.unit)
    }
}

impl Sign {
    /// The canonical sign.
    pub fn text(self) -> &'static str {
        match self {
            Sign::AtLeast => "≥",
            Sign::AtMost => "≤",
            Sign::Equal => "=",
            Sign::More => ">",
            Sign::Less => "<",
        }
    }
}

/// What people type for signs, longest first.
const SIGNS: [(&str, Sign); 27] = [
    ("大于或等于", Sign::AtLeast),
    ("小于或等于", Sign::AtMost),
    ("大于等于", Sign::AtLeast),
    ("小于等于", Sign::AtMost),
    ("不低于", Sign::AtLeast),
    ("不少于", Sign::AtLeast),
    ("不小于", Sign::AtLeast),
    ("不超过", Sign::AtMost),
    ("不高于", Sign::AtMost),
    ("不多于", Sign::AtMost),
    ("不大于", Sign::AtMost),
    ("至少", Sign::AtLeast),
    ("至多", Sign::AtMost),
    ("大于", Sign::More),
    ("小于", Sign::Less),
    (">=", Sign::AtLeast),
    ("<=", Sign::AtMost),
    ("＞＝", Sign::AtLeast),
    ("＜＝", Sign::AtMost),
    ("≧", Sign::AtLeast),
    ("≦", Sign::AtMost),
    ("≥", Sign::AtLeast),
    ("≤", Sign::AtMost),
    ("＝", Sign::Equal),
    ("=", Sign::Equal),
    (">", Sign::More),
    ("<", Sign::Less),
];

const GRADES: &[&str] = &[
    "明显",
    "显著",
    "较明显",
    "比较明显",
    "合规",
    "规范",
    "充分",
    "合理",
    "明确",
    "科学",
    "健全",
    "有效",
    "及时",
    "合格",
    "完善",
    "良好",
    "优良",
    "优秀",
    "优",
    "良",
    "好",
    "较好",
    "高",
    "较高",
    "较大",
    "达标",
    "符合",
    "完整",
    "准确",
    "稳定",
    "安全",
    "提高",
    "提升",
    "改善",
    "增强",
    "逐步提高",
    "逐步提升",
    "有所提升",
    "有所提高",
    "持续提升",
    "持续改善",
    "基本合格",
    "达到预期",
    "效果明显",
    "到位",
];
const PROGRESS: &[&str] = &[
    "推进",
    "持续推进",
    "稳步推进",
    "有序推进",
    "开展",
    "持续开展",
    "进行中",
    "序时进度",
    "按序时进度",
    "按序时进度执行",
    "完成",
    "全部完成",
    "基本完成",
    "按期完成",
    "启动",
    "实施",
    "落实",
    "按计划推进",
    "按计划完成",
    "按计划执行",
    "按月安排",
];

static NUMBER: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^\s*([0-9]{1,3}(?:[,，][0-9]{3})+(?:\.[0-9]+)?|[0-9]+(?:\.[0-9]+)?)\s*(亿|万)?(.*)$")
        .expect("valid")
});
static RANGE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^([0-9.]+)\s*([%％]?)\s*(?:-|—|–|～|~|至|到)\s*([0-9.]+)\s*(.*)$").expect("valid")
});
static PLACEHOLDER: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^(?:[-_/—－–＿·.…\s]+|[xX×Ｘ]{1,4}|无|待定|略|暂无|N/?A|n/?a)$").expect("valid")
});
static STAND_IN: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"[*＊]+|[xXＸ]{2,}|_{2,}|【\s*】|（\s*）").expect("valid"));
static FREQUENCY: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^(?:全年|半年|上半年|下半年|全天候?|长期|常年|每(?:个)?(?:工作日|日|天|周|月|季度?|半年|年)(?:.{0,4})|[0-9一二三四]+季度|按[日周月季年]|[0-9]{1,2}月(?:底|末|前|中旬)?(?:前)?)$")
        .expect("valid")
});

/// Longest unit in characters; what is longer is a sentence that begins with a number.
const LONGEST_UNIT: usize = 12;

/// Reads a target.
pub fn parse(text: &str) -> Target {
    let text = text.trim();
    if text.is_empty() {
        return Target::Blank;
    }
    if let Some(word) = known_word(text) {
        return Target::Word(word);
    }
    // A placeholder has no digit in it.
    let digits = text.contains(|c: char| c.is_ascii_digit());
    if !digits && (PLACEHOLDER.is_match(text) || STAND_IN.is_match(text)) {
        return Target::Placeholder;
    }
    let (sign, rest) = signed(text);
    let (sign, rest) = if sign.is_none() { signed_behind(rest) } else { (sign, rest) };
    let rest = half_width_digits(rest);
    if !rest.starts_with(|c: char| c.is_ascii_digit()) {
        return Target::Word(word(text));
    }
    if let Some(range) = range(sign, &rest) {
        return range;
    }
    if let Some(quantity) = quantity(sign, &rest) {
        return Target::Quantity(quantity);
    }
    Target::Word(word(text))
}

fn signed(text: &str) -> (Option<Sign>, &str) {
    SIGNS
        .iter()
        .find_map(|(typed, sign)| Some((Some(*sign), text.strip_prefix(typed)?.trim_start())))
        .unwrap_or((None, text))
}

/// Signs that people write behind the number: `95%以上`.
fn signed_behind(text: &str) -> (Option<Sign>, &str) {
    const BEHIND: [(&str, Sign); 5] = [
        ("及以上", Sign::AtLeast),
        ("以上", Sign::AtLeast),
        ("及以下", Sign::AtMost),
        ("以下", Sign::AtMost),
        ("以内", Sign::AtMost),
    ];
    let found = BEHIND.iter().find_map(|(typed, sign)| Some((Some(*sign), text.strip_suffix(typed)?)));
    found.filter(|(_, rest)| rest.starts_with(|c: char| c.is_ascii_digit())).unwrap_or((None, text))
}

fn half_width_digits(text: &str) -> String {
    let fold = |c: char| match c {
        '０'..='９' => char::from(b'0' + u8::try_from(u32::from(c) - u32::from('０')).unwrap_or(0)),
        '．' => '.',
        '％' => '%',
        other => other,
    };
    text.chars().map(fold).collect()
}

fn quantity(sign: Option<Sign>, text: &str) -> Option<Quantity> {
    let parts = NUMBER.captures(text)?;
    let number = parts[1].replace([',', '，'], "").parse().ok()?;
    let scale = match parts.get(2).map(|scale| scale.as_str()) {
        Some("万") => Decimal::from(10_000),
        Some("亿") => Decimal::from(100_000_000),
        _ => Decimal::ONE,
    };
    let unit = parts[3].trim().to_owned();
    // 2025年底前 and 12月前 are dates, not quantities with a unit.
    let date = unit.starts_with("年底")
        || unit.starts_with("月底")
        || unit.ends_with('前')
        || unit.ends_with("之前");
    (unit.chars().count() <= LONGEST_UNIT && !date && !unit.contains(['，', '。', '；']))
        .then_some(Quantity { sign, number, scale, unit })
}

/// What stands between the two numbers of a range.
const RANGE_MARKS: [char; 7] = ['-', '—', '–', '～', '~', '至', '到'];

fn range(sign: Option<Sign>, text: &str) -> Option<Target> {
    if !text.contains(RANGE_MARKS) {
        return None;
    }
    let parts = RANGE.captures(text)?;
    let unit = if parts[4].is_empty() { parts[2].to_owned() } else { parts[4].to_owned() };
    let end = |number: &str| quantity(sign, &format!("{number}{unit}"));
    Some(Target::Range(end(&parts[1])?, end(&parts[3])?))
}

/// A word of the lists, which most words are.
fn known_word(text: &str) -> Option<Word> {
    if GRADES.contains(&text) {
        Some(Word::Grade)
    } else if PROGRESS.contains(&text) {
        Some(Word::Progress)
    } else {
        None
    }
}

fn word(text: &str) -> Word {
    if let Some(known) = known_word(text) {
        known
    } else if FREQUENCY.is_match(text) {
        Word::Frequency
    } else {
        Word::Other
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn q(text: &str) -> (Option<Sign>, String, String) {
        match parse(text) {
            Target::Quantity(quantity) => {
                (quantity.sign, quantity.amount().normalize().to_string(), quantity.unit)
            }
            other => panic!("{text}: {other:?}"),
        }
    }

    #[test]
    fn quantities_with_scale_and_compound_units() {
        assert_eq!(q("≥1.4亿个"), (Some(Sign::AtLeast), "140000000".into(), "个".into()));
        assert_eq!(q("=7.56万平方米"), (Some(Sign::Equal), "75600".into(), "平方米".into()));
        assert_eq!(q("≤550元/人/天"), (Some(Sign::AtMost), "550".into(), "元/人/天".into()));
        assert_eq!(q("<=50 小时/年"), (Some(Sign::AtMost), "50".into(), "小时/年".into()));
        assert_eq!(q("100%"), (None, "100".into(), "%".into()));
        assert_eq!(q("不低于９５％"), (Some(Sign::AtLeast), "95".into(), "%".into()));
        assert_eq!(q("95%以上"), (Some(Sign::AtLeast), "95".into(), "%".into()));
        assert_eq!(q("≥1,200人次"), (Some(Sign::AtLeast), "1200".into(), "人次".into()));
    }

    #[test]
    fn words_by_kind() {
        assert_eq!(parse("明显"), Target::Word(Word::Grade));
        assert_eq!(parse("按序时进度执行"), Target::Word(Word::Progress));
        assert_eq!(parse("每工作日"), Target::Word(Word::Frequency));
        assert_eq!(parse("满足"), Target::Word(Word::Other));
        assert_eq!(parse("2025年底前"), Target::Word(Word::Other));
    }

    #[test]
    fn placeholders_and_ranges() {
        for text in ["**人", "XX%", "-", "——", "/", "待定", "*"] {
            assert_eq!(parse(text), Target::Placeholder, "{text}");
        }
        assert!(matches!(parse("10-20人"), Target::Range(..)));
        assert!(matches!(parse("—（下半年实施）"), Target::Word(Word::Other)));
        assert_eq!(parse(" "), Target::Blank);
    }
}
