//! What rules ask of running text: numbers with their units, years that are plans, documents cited as a basis,
//! names in book-title marks, numbering, punctuation, likeness.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;
use rust_decimal::Decimal;
use rustc_hash::{FxHashMap, FxHashSet};

pub(super) fn regex(pattern: &str) -> Regex {
    Regex::new(pattern).expect("a fixed pattern")
}

static AMOUNT_OF_TASK: LazyLock<Regex> =
    LazyLock::new(|| regex(r"(?:不少于|不低于|不超过|至少|超过|达到|约|共)?[0-9]"));
static MARKUP: LazyLock<Regex> =
    LazyLock::new(|| regex(r"</?(?:p|br)\b[^<>]*>|&(?:[a-zA-Z]{2,8}|#\d{1,7}|#x[0-9a-fA-F]{1,6});"));
static AMOUNT: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"([0-9]{1,3}(?:[,，][0-9]{3})+(?:\.[0-9]+)?|[0-9]+(?:\.[0-9]+)?)(?:余|多)?(亿|万)?(个百分点|座次|台次|件次|户次|吨公里|平方公里|平方米|立方米|工作日|人次|场次|公里|小时|公顷|次|期|件|条|份|家|户|人|项|个|场|篇|套|台|座|所|亩|吨|元|%|％)",
    )
});
static YEAR: LazyLock<Regex> = LazyLock::new(|| regex(r"((?:19|20)\d{2})年(度)?"));
static CITED: LazyLock<Regex> =
    LazyLock::new(|| regex(r"《[^《》]*》|〔[^〔〕]*〕[第]?\d*号?|\[[^\[\]]*\]\d+号"));
static PLAN: LazyLock<Regex> =
    LazyLock::new(|| regex(r"计划|拟|将|力争|目标|争取|预计|确保|至少|要求完成|全年"));
static NUMBER_OF_DOCUMENT: LazyLock<Regex> =
    LazyLock::new(|| regex(r"[〔\[（(]((?:19|20)\d{2})[〕\]）)]\s*\d+\s*号"));
static TITLE: LazyLock<Regex> = LazyLock::new(|| regex(r"《([^《》]+)》"));
static ISSUER: LazyLock<Regex> =
    LazyLock::new(|| regex(r"省|国务院|中央|国家|市|部|厅|局|委|政府|办公|党组|县|区"));
static BASIS: LazyLock<Regex> = LazyLock::new(|| regex(r"通知|意见|规划|纪要|要点|方案|批复|决定|计划"));
static YEARLY: LazyLock<Regex> =
    LazyLock::new(|| regex(r"(?:((?:19|20)\d{2})年)?[^《》]{0,12}(?:工作要点|年度计划|年工作计划|工作计划)"));

/// Markup of rich-text boxes in a text, in order.
pub(super) fn markup(text: &str) -> Vec<&str> {
    MARKUP.find_iter(text).map(|found| found.as_str()).collect()
}

/// A number with its unit in running text.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Mention {
    /// As it stands: `28期`.
    pub text: String,
    /// 万 and 亿 multiplied out.
    pub amount: Decimal,
    /// The unit, in the form in which targets are compared.
    pub unit: String,
    /// The clause that holds it.
    pub clause: String,
    /// Whether it counts a part of what was counted before it in the sentence (其中).
    pub part: bool,
}

/// Units that mean the same.
pub fn same_unit(unit: &str) -> &str {
    match unit {
        "场次" | "次" | "场" => "次",
        "％" => "%",
        other => other,
    }
}

/// All numbers with units in a text.
pub(super) fn mentions(text: &str) -> Vec<Mention> {
    AMOUNT
        .captures_iter(text)
        .filter_map(|parts| {
            let whole = parts.get(0)?;
            let number = crate::calc::decimal(&parts[1])?;
            let scale = match parts.get(2).map(|scale| scale.as_str()) {
                Some("万") => Decimal::from(10_000),
                Some(_) => Decimal::from(100_000_000),
                None => Decimal::ONE,
            };
            Some(Mention {
                text: whole.as_str().to_owned(),
                amount: number.checked_mul(scale)?,
                unit: same_unit(&parts[3]).to_owned(),
                clause: clause(text, whole.range()).to_owned(),
                part: is_part(&text[..whole.start()]),
            })
        })
        .collect()
}

pub(super) const STOPS: [char; 7] = ['，', '。', '；', '：', '\n', ',', ';'];

/// Whether the sentence that ends here has gone over to parts.
fn is_part(before: &str) -> bool {
    before.rsplit(['。', '；', '\n']).next().is_some_and(|sentence| sentence.contains("其中"))
}

/// The clause around a range of bytes, which may itself hold a comma.
fn clause(text: &str, range: Range<usize>) -> &str {
    let start = text[..range.start]
        .rfind(STOPS)
        .map_or(0, |stop| stop + text[stop..].chars().next().map_or(1, char::len_utf8));
    let end = text[range.end..].find(STOPS).map_or(text.len(), |stop| range.end + stop);
    &text[start..end]
}

/// Years that a text states as a plan: outside of citations, in a sentence with words of planning.
pub(super) fn plan_years(text: &str) -> Vec<(i64, String)> {
    let bare = CITED.replace_all(text, "");
    let mut years = Vec::new();
    for sentence in bare.split(['。', '；', '\n']) {
        for found in YEAR.captures_iter(sentence) {
            let at = found.get(0).map_or(0, |found| found.start());
            let after = &sentence[at..];
            if PLAN.is_match(after)
                && !after.contains("以来")
                && !sentence[..at].ends_with(['自', '从', '较', '比', '于'])
            {
                years.extend(found[1].parse().ok().map(|year: i64| (year, found[0].to_owned())));
            }
        }
    }
    years
}

/// A document cited as the basis of a project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Basis {
    /// Its title or number.
    pub text: String,
    /// Its year, when the text tells.
    pub year: Option<i64>,
    /// Whether it holds for one year only, as a 工作要点 does.
    pub yearly: bool,
}

/// Documents cited as a basis: a document number, or a 通知, 意见, 规划, 纪要, 要点 with its issuer. A law named in
/// running text is none.
pub(super) fn bases(text: &str) -> Vec<Basis> {
    let mut bases: Vec<Basis> = NUMBER_OF_DOCUMENT
        .captures_iter(text)
        .map(|found| {
            // The issuer's short name stands before the year: 苏政发〔2024〕6号.
            let start = found.get(0).map_or(0, |found| found.start());
            let issuer: Vec<char> = text[..start].chars().rev().take_while(|&c| is_han(c)).take(8).collect();
            let issuer: String = issuer.into_iter().rev().collect();
            Basis { text: format!("{issuer}{}", &found[0]), year: found[1].parse().ok(), yearly: false }
        })
        .filter(|basis| basis.text.starts_with(is_han))
        .collect();
    for found in TITLE.captures_iter(text) {
        let title = &found[1];
        if !BASIS.is_match(title) || !ISSUER.is_match(title) {
            continue;
        }
        let whole = found.get(0).map_or(0..0, |whole| whole.range());
        let after: String = text[whole.end..].chars().take(24).collect();
        let before: String =
            text[..whole.start].chars().rev().take(20).collect::<Vec<_>>().into_iter().rev().collect();
        let number = NUMBER_OF_DOCUMENT.captures(&after).filter(|number| {
            number.get(0).is_some_and(|number| after[..number.start()].chars().count() <= 9)
        });
        let year = number
            .and_then(|number| number[1].parse().ok())
            .or_else(|| YEAR.captures(title)?[1].parse().ok())
            .or_else(|| YEAR.captures_iter(&before).last()?[1].parse().ok());
        bases.push(Basis { text: found[0].to_owned(), year, yearly: YEARLY.is_match(title) });
    }
    bases
}

/// Names of papers and works in book-title marks that differ by little: `(rarer, other)`.
pub(super) fn drifting_titles(text: &str) -> Vec<(String, String)> {
    const ALIKE: f64 = 0.72;
    let mut titles: Vec<&str> = Vec::new();
    for found in TITLE.captures_iter(text) {
        let title = found.get(1).map_or("", |title| title.as_str());
        let is_document = BASIS.is_match(title)
            || ["办法", "条例", "法", "规定", "标准", "细则"].iter().any(|end| title.ends_with(end));
        if !is_document && !titles.contains(&title) {
            titles.push(title);
        }
    }
    let mut pairs = Vec::new();
    for (index, one) in titles.iter().enumerate() {
        for other in &titles[index + 1..] {
            let has_digits = |title: &str| {
                title.chars().any(|c| c.is_ascii_digit() || "一二三四五六七八九十上中下".contains(c))
            };
            if strsim::normalized_levenshtein(one, other) >= ALIKE && !(has_digits(one) && has_digits(other))
            {
                let (rarer, often) = if text.matches(one).count() < text.matches(other).count() {
                    (one, other)
                } else {
                    (other, one)
                };
                pairs.push(((*rarer).to_owned(), (*often).to_owned()));
            }
        }
    }
    pairs
}

/// Likeness of two texts from 0 to 1, blanks and markup aside.
pub fn similar(one: &str, other: &str) -> f64 {
    let (one, other) = (squeeze(one), squeeze(other));
    // Texts of very different length are unlike; the comparison is quadratic, so they are not compared.
    let (short, long) = if one.len() < other.len() { (&one, &other) } else { (&other, &one) };
    if long.is_empty() || short.len() * 2 < long.len() {
        return 0.0;
    }
    if one == other {
        return 1.0;
    }
    bigram_likeness(&one, &other)
}

/// Share of common pairs of neighbouring characters (Sørensen–Dice), linear in the length of the texts. strsim's own
/// divides by bytes, which makes any two Han texts unlike.
fn bigram_likeness(one: &str, other: &str) -> f64 {
    let pairs = |text: &str| -> Vec<(char, char)> { text.chars().zip(text.chars().skip(1)).collect() };
    let (one, other) = (pairs(one), pairs(other));
    let total = one.len() + other.len();
    let mut left: FxHashMap<(char, char), usize> = FxHashMap::default();
    for pair in one {
        *left.entry(pair).or_default() += 1;
    }
    let common = other.into_iter().filter(|pair| match left.get_mut(pair) {
        Some(count) if *count > 0 => {
            *count -= 1;
            true
        }
        _ => false,
    });
    2.0 * common.count() as f64 / total.max(1) as f64
}

/// The longest run of characters that both texts hold.
pub(super) fn common_run(one: &str, other: &str) -> String {
    let (one, other): (Vec<char>, Vec<char>) =
        (squeeze(one).chars().collect(), squeeze(other).chars().collect());
    let mut previous = vec![0usize; other.len() + 1];
    let (mut best, mut end) = (0, 0);
    for (row, a) in one.iter().enumerate() {
        let mut current = vec![0usize; other.len() + 1];
        for (column, b) in other.iter().enumerate() {
            if a == b {
                current[column + 1] = previous[column] + 1;
                if current[column + 1] > best {
                    (best, end) = (current[column + 1], row + 1);
                }
            }
        }
        previous = current;
    }
    one[end - best..end].iter().collect()
}

/// A text without blanks, with full-width brackets and punctuation: how two ways of writing a name become one.
pub(super) fn squeeze(text: &str) -> String {
    text.chars()
        .filter(|c| !c.is_whitespace())
        .map(|c| match c {
            '(' => '（',
            ')' => '）',
            ',' => '，',
            ';' => '；',
            ':' => '：',
            other => other,
        })
        .collect()
}

/// The last Han characters of a task: what is to be made or done, without what it is about.
pub(super) fn tail(text: &str) -> String {
    const LENGTH: usize = 4;
    let han: Vec<char> = text.chars().filter(|&c| is_han(c)).collect();
    han[han.len().saturating_sub(LENGTH)..].iter().collect()
}

/// Whether a character is Han.
pub(super) fn is_han(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{9fff}' | '\u{20000}'..='\u{3ffff}')
}

/// Pairs of neighbouring Han characters, the words of a name as far as likeness goes.
pub(super) fn pairs(text: &str) -> FxHashSet<(char, char)> {
    let neighbours = text.chars().zip(text.chars().skip(1));
    neighbours.filter(|pair| is_han(pair.0) && is_han(pair.1)).collect()
}

/// Clauses of a goal that begin with a task verb, with what stands after it.
pub(super) fn tasks(text: &str) -> Vec<(String, String)> {
    static TASK: LazyLock<Regex> = LazyLock::new(|| {
        regex(
            r"^(?:(?:目标)?[0-9一二三四五六七八九十]+[、：:.．]|[（(][0-9一二三四五六七八九十]+[）)])?\s*(?:做好|办好|开展|组织开展|组织|落实|举办|建设|建成|完成|实施|新建|改造|编制|编写|开发|研发|制定|制作|举行)(.{4,})$",
        )
    });
    text.split(['；', '。', '\n', ';', '，', ','])
        .filter_map(|clause| {
            let clause = clause.trim();
            let whole = TASK.captures(clause)?[1].to_owned();
            // How much is to be done is no part of what is to be done.
            let object = AMOUNT_OF_TASK.split(&whole).next().filter(|object| object.chars().count() >= 2);
            let object = object.unwrap_or(&whole).to_owned();
            Some((clause.to_owned(), object))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_year_is_a_plan_only_with_words_of_planning() {
        assert_eq!(plan_years("2023年计划组织开展至少28期").first().map(|year| year.0), Some(2023));
        assert!(plan_years("2021年底建成。").is_empty());
        assert!(plan_years("根据《2022年工作要点》（苏政办发〔2022〕26号），计划开展").is_empty());
    }

    #[test]
    fn a_basis_is_a_number_or_a_document_with_its_issuer() {
        assert_eq!(bases("依据《农村供水条例》开展监测").len(), 0);
        assert_eq!(bases("（苏政办发〔2024〕18号）")[0].year, Some(2024));
        let minutes = &bases("2018年11月，根据《省政府办公厅专题会议纪要》（第6号）文件要求")[0];
        assert_eq!((minutes.year, minutes.yearly), (Some(2018), false));
    }

    #[test]
    fn texts_that_differ_in_a_word_are_alike() {
        let one =
            "保障省一体化平台稳定运行，为推进数字化建设赋能；全省视频会议系统正常运行，进行等保三级测评。";
        assert!(similar(one, &one.replacen("全省", "省", 1)) > 0.9);
        assert!(
            similar(
                one,
                "全年采样一千二百份，检测数据合格率百分之九十五以上，及时向社会公布水质监测的结果。"
            ) < 0.3
        );
    }
}
