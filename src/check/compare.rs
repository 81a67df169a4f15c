//! Functions of rules that hold texts against indicators, against each other, and against amounts.

#![expect(clippy::needless_pass_by_value, reason = "the template engine hands arguments over by value")]

use std::sync::LazyLock;

use minijinja::{Environment, Error, Value};
use regex::Regex;
use rust_decimal::Decimal;
use rustc_hash::FxHashSet;

use super::record::record;
use super::text::{Mention, drifting_titles, mentions, pairs, same_unit, squeeze};
use super::value::{Target, parse};
use super::vocabulary::pattern;
use crate::calc::{decimal, plain};

/// Registers the functions.
pub(super) fn register(env: &mut Environment<'_>) {
    env.add_function("mismatches", mismatches);
    env.add_function("slips", slips);
    env.add_function("estimates", estimates);
    env.add_function("repeated_names", repeated_names);
    env.add_function("absent_fixed", |groups: Vec<Value>| -> Vec<Value> {
        groups.iter().flat_map(absent_fixed).collect()
    });
    env.add_function("newest_basis", |bases: Vec<Value>| -> i64 {
        // A basis without a year may be of this year.
        const UNKNOWN: i64 = 9999;
        let years = bases.iter().map(|basis| attr(basis, "year").as_i64().unwrap_or(UNKNOWN));
        years.max().unwrap_or(UNKNOWN)
    });
    env.add_function("in_other_unit", |text: &str, total: &str, money: &str| -> Vec<String> {
        let total = decimal(total).filter(|total| *total > Decimal::ZERO);
        money_mentions(text)
            .filter(|(written, yuan)| {
                // The table's number, taken as yuan, is what the text says in 万元: the table was filled in in yuan.
                written.contains(['万', '亿']) && total == Some(*yuan) && one_of(money) > Decimal::ONE
            })
            .map(|(written, _)| written)
            .collect()
    });
    env.add_function("same_money", |texts: Vec<String>, total: &str, money: &str| -> Vec<String> {
        if texts.is_empty() {
            return texts;
        }
        let total = decimal(total).and_then(|total| total.checked_mul(one_of(money)));
        let same =
            |text: &String| money_mentions(text).any(|(_, yuan)| Some(yuan) == total && !yuan.is_zero());
        texts.into_iter().filter(same).collect()
    });
}

fn attr(value: &Value, name: &str) -> Value {
    value.get_attr(name).unwrap_or_default()
}

fn text(value: &Value, name: &str) -> String {
    let value = attr(value, name);
    match value.as_str() {
        Some(text) => text.to_owned(),
        None if value.is_undefined() => String::new(),
        None => value.to_string(),
    }
}

/// How many yuan one unit of money is.
fn one_of(money: &str) -> Decimal {
    match parse(&format!("1{money}")) {
        Target::Quantity(quantity) => quantity.amount(),
        _ => Decimal::ONE,
    }
}

static MONEY: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"([0-9][0-9,，]*(?:\.[0-9]+)?)\s*(?:余|多)?(亿|万)?元").expect("a fixed pattern")
});

/// Amounts of money in a text, as written and in yuan.
fn money_mentions(text: &str) -> impl Iterator<Item = (String, Decimal)> {
    MONEY.captures_iter(text).filter_map(|parts| {
        let scale = match parts.get(2).map(|scale| scale.as_str()) {
            Some("万") => Decimal::from(10_000),
            Some(_) => Decimal::from(100_000_000),
            None => Decimal::ONE,
        };
        Some((parts[0].to_owned(), decimal(&parts[1])?.checked_mul(scale)?))
    })
}

/// An indicator with a number, as far as texts are compared with it.
struct Counted {
    name: String,
    words: FxHashSet<(char, char)>,
    shown: String,
    amount: Decimal,
    half: Option<Decimal>,
    unit: String,
    exact: bool,
}

impl Counted {
    fn new(indicator: &Value) -> Option<Counted> {
        let full = attr(indicator, "full");
        if text(&full, "is") != "quantity" || attr(indicator, "fixed").is_true() {
            return None;
        }
        let name = text(indicator, "name");
        Some(Counted {
            words: pairs(&COMMON.replace_all(&name, "|")),
            name,
            shown: text(&full, "text"),
            amount: decimal(&text(&full, "amount"))?,
            half: decimal(&text(&attr(indicator, "half"), "amount")),
            unit: same_unit(&text(&full, "unit")).to_owned(),
            exact: text(&full, "sign") == "=",
        })
    }

    fn agrees(&self, amount: Decimal) -> bool {
        self.amount == amount || self.half == Some(amount)
    }
}

/// Words that stand in so many names that they relate nothing.
static COMMON: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new("系统|平台|项目|工作|服务|全年|全省|开展|组织|完成|管理|建设|活动|以上|不少|至少|计划|年度")
        .expect("a fixed pattern")
});
/// A number for several years is no number of the budget year.
static SEVERAL_YEARS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new("[三四五六七八]年|(?:^|[^0-9])[2-9]年|累计|期内|每年|年均|以来|共计|合计|总计|到20[0-9]{2}年|至20[0-9]{2}年").expect("a fixed pattern")
});

/// The words around a number, which relate it to an indicator when its name has them too.
fn words_around(mention: &Mention) -> FxHashSet<(char, char)> {
    const BEFORE: usize = 10;
    const AFTER: usize = 8;
    let Some((before, after)) = mention.clause.split_once(&mention.text) else { return FxHashSet::default() };
    let before: String = before.chars().rev().take(BEFORE).collect::<Vec<_>>().into_iter().rev().collect();
    let after: String = after.chars().take(AFTER).collect();
    let bare = |text: &str| COMMON.replace_all(text, "|").into_owned();
    pairs(&format!("{}|{}", bare(&before), bare(&after)))
}

/// Units of sizes that texts and indicators state exactly.
const SIZES: [&str; 6] = ["平方米", "平方公里", "亩", "公顷", "公里", "立方米"];

/// Numbers of the texts that contradict the indicators: those of goals for the same thing, and in other texts sizes
/// (areas, lengths) that an indicator states exactly.
fn mismatches(indicators: Vec<Value>, goals: Vec<Value>, texts: Vec<Value>) -> Vec<Value> {
    let counted: Vec<Counted> = indicators.iter().filter_map(Counted::new).collect();
    let mut out = Vec::new();
    for field in &goals {
        let mut all = mentions(&text(field, "text"));
        all.retain(|mention| !SEVERAL_YEARS.is_match(&mention.clause));
        for mention in all.iter().filter(|mention| !mention.part) {
            // A percentage belongs to a name more loosely than a count does.
            let least = if mention.unit == "%" { 2 } else { 1 };
            let mut candidates = counted.iter().filter(|one| one.unit == mention.unit).peekable();
            if candidates.peek().is_none() {
                continue;
            }
            let around = words_around(mention);
            let related: Vec<(usize, &Counted)> = candidates
                .map(|one| (one.words.intersection(&around).count(), one))
                .filter(|(relation, _)| *relation >= least)
                .collect();
            // Parts that stand in one field may add up to the indicator.
            let same = all.iter().filter(|other| other.unit == mention.unit);
            let sum = same.fold(Decimal::ZERO, |sum, other| sum.saturating_add(other.amount));
            if related.iter().any(|(_, one)| one.agrees(mention.amount) || one.agrees(sum)) {
                continue;
            }
            if let Some((_, best)) = related.iter().rev().max_by_key(|(relation, _)| *relation) {
                out.push(mismatch(field, &mention.text, &mention.text, best));
            }
        }
    }
    out.extend(indicators.iter().filter_map(|indicator| behind_rate(indicator, &counted)));
    for one in counted.iter().filter(|one| one.exact && SIZES.contains(&one.unit.as_str())) {
        for field in &texts {
            let same: Vec<Mention> = mentions(&text(field, "text"))
                .into_iter()
                .filter(|mention| mention.unit == one.unit)
                .collect();
            let sum = same.iter().try_fold(Decimal::ZERO, |sum, mention| sum.checked_add(mention.amount));
            let agrees = same.iter().any(|mention| one.agrees(mention.amount))
                || sum.is_some_and(|sum| one.agrees(sum));
            if same.is_empty() || agrees {
                continue;
            }
            let shown = same.iter().map(|mention| mention.text.as_str()).collect::<Vec<_>>().join("+");
            out.push(mismatch(field, &shown, &same[0].text, one));
        }
    }
    out
}

/// A half-year completion rate that the half-year count behind it cannot reach: 6 of 25 is 24 %, not 25 %.
fn behind_rate(indicator: &Value, counted: &[Counted]) -> Option<Value> {
    if !text(indicator, "name").ends_with("完成率") {
        return None;
    }
    let rate = Counted::new(indicator).filter(|rate| rate.unit == "%")?;
    let wanted = pairs(&COMMON.replace_all(rate.name.trim_end_matches("完成率"), "|"));
    let behind = counted.iter().filter(|one| one.unit != "%" && !one.unit.starts_with('元'));
    let (related, count) = behind
        .map(|one| (pairs(&one.name).intersection(&wanted).count(), one))
        .max_by_key(|(related, _)| *related)?;
    let share = crate::calc::percent(count.half?, count.amount)?;
    let half = attr(indicator, "half");
    if related == 0 || share >= rate.half? || text(&half, "is") != "quantity" {
        return None;
    }
    let shown =
        format!("{}/{}={}%", plain(count.half?), plain(count.amount), plain(crate::calc::round(share, 1)));
    Some(record([
        ("path", attr(&half, "path")),
        ("place", attr(indicator, "place")),
        ("mention", format!("{}半年{shown}", count.name).into()),
        ("mark", "".into()),
        ("target", attr(&half, "text")),
        ("name", rate.name.into()),
    ]))
}

fn mismatch(field: &Value, shown: &str, mark: &str, indicator: &Counted) -> Value {
    record([
        ("path", attr(field, "path")),
        ("place", attr(field, "place")),
        ("mention", shown.into()),
        ("mark", mark.into()),
        ("target", indicator.shown.as_str().into()),
        ("name", indicator.name.as_str().into()),
    ])
}

/// Indicators whose name an earlier one has.
fn repeated_names(indicators: Vec<Value>) -> Vec<Value> {
    let mut seen = std::collections::HashSet::new();
    indicators
        .into_iter()
        .filter(|item| {
            let name = squeeze(&text(item, "name"));
            !name.is_empty() && !seen.insert(name)
        })
        .collect()
}

/// The fixed indicators that a group lacks.
fn absent_fixed(group: &Value) -> Vec<Value> {
    let list = |name: &str| attr(group, name).try_iter().into_iter().flatten().collect::<Vec<Value>>();
    let present: Vec<String> = list("items").iter().map(|item| text(item, "name")).collect();
    list("fixed")
        .into_iter()
        .filter(|name| !present.contains(&name.to_string()))
        .map(|name| record([("path", attr(group, "path")), ("place", attr(group, "place")), ("name", name)]))
        .collect()
}

/// Slips of the pen from a list of patterns whose first group is the slip, and names in book-title marks that differ by little.
fn slips(fields: Vec<Value>, typos: Value) -> Result<Vec<Value>, Error> {
    let typos: Vec<(String, String)> = typos
        .try_iter()
        .into_iter()
        .flatten()
        .map(|wrong| (wrong.to_string(), text(&typos, &wrong.to_string())))
        .collect();
    let slip = |field: &Value, found: &str, likely: &str, drift: bool| {
        record([
            ("path", attr(field, "path")),
            ("place", attr(field, "place")),
            ("found", found.into()),
            ("likely", likely.into()),
            ("drift", drift.into()),
        ])
    };
    let mut out = Vec::new();
    let texts: Vec<String> = fields.iter().map(|field| text(field, "text")).collect();
    let joined = texts.join("\n");
    // Almost every text is free of almost every slip: one look for all of them together is enough.
    let any = typos.iter().map(|(wrong, _)| format!("(?:{wrong})")).collect::<Vec<_>>().join("|");
    let suspects = if pattern(&any)?.is_match(&joined) { &typos[..] } else { &[] };
    for (field, text) in fields.iter().zip(&texts) {
        for (wrong, right) in suspects {
            let found = pattern(wrong)?
                .captures(text)
                .and_then(|found| found.get(1).map(|found| found.as_str().to_owned()));
            out.extend(found.map(|found| slip(field, &found, right, false)));
        }
    }
    for (rarer, other) in drifting_titles(&joined) {
        let holder = fields.iter().zip(&texts).find(|(_, text)| text.contains(&format!("《{rarer}》")));
        if let Some((field, _)) = holder {
            out.push(slip(field, &format!("《{rarer}》"), &format!("《{other}》"), true));
        }
    }
    Ok(out)
}

/// Unit prices times the quantities they are for: `{path, place, price, quantity, amount}`, the amount in yuan. A
/// price per month counts twelve times; one per day needs days, which no indicator tells, and counts once.
fn estimates(indicators: Vec<Value>) -> Vec<Value> {
    let full = |item: &Value, key: &str| text(&attr(item, "full"), key);
    let mut out = Vec::new();
    for price in &indicators {
        let unit = full(price, "unit");
        let Some(per) = unit.strip_prefix("元/").or_else(|| unit.strip_prefix("元／")) else { continue };
        let mut parts =
            per.split(['/', '／', '.', '·', '（', '）', '(', ')']).filter(|part| !part.is_empty());
        let Some(counted) = parts.next() else { continue };
        let months =
            if parts.any(|part| matches!(part, "月" | "个月")) { Decimal::from(12) } else { Decimal::ONE };
        let words = pairs(&text(price, "name"));
        let quantity = indicators
            .iter()
            .filter(|item| {
                let unit = full(item, "unit");
                unit == counted || (counted == "人" && unit == "人次")
            })
            .map(|item| (pairs(&text(item, "name")).intersection(&words).count(), item))
            .filter(|(related, _)| *related > 0)
            .max_by_key(|(related, _)| *related)
            .map(|(_, item)| item);
        let Some(quantity) = quantity else { continue };
        let product = decimal(&full(price, "amount"))
            .zip(decimal(&full(quantity, "amount")))
            .and_then(|(price, quantity)| price.checked_mul(quantity)?.checked_mul(months));
        if let Some(amount) = product {
            out.push(record([
                ("path", attr(&attr(price, "full"), "path")),
                ("place", attr(price, "place")),
                ("price", full(price, "text").into()),
                ("quantity", full(quantity, "text").into()),
                ("amount", plain(amount).into()),
            ]));
        }
    }
    out
}
