//! Whether two values say the same, and if not, what happened to the value.

use rust_decimal::Decimal;
use unicode_normalization::UnicodeNormalization;

use super::{Delta, Kind};
use crate::calc::{decimal, percent, plain};
use crate::check::{Quantity, Sign, Target, parse_target, same_unit};
use crate::load::paragraphs;

/// What happened to a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Verdict {
    pub(super) kind: Kind,
    pub(super) delta: Option<Delta>,
}

impl From<Kind> for Verdict {
    fn from(kind: Kind) -> Verdict {
        Verdict { kind, delta: None }
    }
}

/// How a value is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Meaning<'a> {
    /// As a text.
    Text,
    /// As an amount in this unit.
    Amount(&'a str),
    /// As a target of an indicator.
    Target,
}

/// What happened between two values; nothing where they are the same to the letter, or both empty.
pub(super) fn judge(old: &str, new: &str, meaning: Meaning<'_>) -> Option<Verdict> {
    if old == new || (old.trim().is_empty() && new.trim().is_empty()) {
        return None;
    }
    Some(match meaning {
        _ if old.trim().is_empty() => Kind::Filled.into(),
        _ if new.trim().is_empty() => Kind::Emptied.into(),
        Meaning::Text => text(old, new).into(),
        Meaning::Amount(unit) => amount(old, new, unit),
        Meaning::Target => target(old, new),
    })
}

/// The difference of two numbers.
pub(super) fn delta(old: Decimal, new: Decimal, unit: &str) -> Delta {
    let difference = new.checked_sub(old).unwrap_or_default();
    // A percentage of percentages would be read as percentage points.
    let percent = if unit == "%" { None } else { percent(difference, old.abs()) };
    let unit = if unit == "%" { "个百分点" } else { unit };
    Delta { difference, percent, unit: unit.to_owned() }
}

fn text(old: &str, new: &str) -> Kind {
    if fold(old) == fold(new) { Kind::Wording } else { Kind::Changed }
}

/// A text as far as its meaning goes: full-width signs as half-width ones, composed, without blanks and breaks.
pub(super) fn fold(text: &str) -> String {
    let printed = paragraphs(text).map_or_else(|_| text.to_owned(), std::borrow::Cow::into_owned);
    let narrow = |c: char| match c {
        '！'..='～' => char::from_u32(u32::from(c) - u32::from('！') + u32::from('!')).unwrap_or(c),
        '“' | '”' => '"',
        '‘' | '’' => '\'',
        other => other,
    };
    printed.nfc().filter(|c| !c.is_whitespace()).map(narrow).collect()
}

fn amount(old: &str, new: &str, unit: &str) -> Verdict {
    let (Some(before), Some(now)) = (decimal(old), decimal(new)) else { return text(old, new).into() };
    let kind = match now.cmp(&before) {
        std::cmp::Ordering::Equal => return Kind::Wording.into(),
        std::cmp::Ordering::Greater => Kind::Increased,
        std::cmp::Ordering::Less => Kind::Decreased,
    };
    Verdict { kind, delta: Some(delta(before, now, unit)) }
}

fn target(old: &str, new: &str) -> Verdict {
    use Target::{Blank, Placeholder, Quantity, Range, Word};
    match (parse_target(old), parse_target(new)) {
        (Blank | Placeholder, Blank | Placeholder) => text(old, new).into(),
        (Blank | Placeholder, _) => Kind::Filled.into(),
        (_, Blank | Placeholder) => Kind::Emptied.into(),
        (Quantity(before), Quantity(now)) => quantity(&before, &now),
        (Range(low, high), Range(lower, higher)) => {
            let same = equal(&low, &lower) && equal(&high, &higher);
            if same { Kind::Wording.into() } else { text(old, new).into() }
        }
        (Word(_), Quantity(_) | Range(..)) => Kind::Quantified.into(),
        (Quantity(_) | Range(..), Word(_)) => Kind::Qualified.into(),
        _ => text(old, new).into(),
    }
}

fn equal(one: &Quantity, other: &Quantity) -> bool {
    one.amount() == other.amount() && unit(one) == unit(other) && sign(one) == sign(other)
}

/// The sign; a bare number and one after “=” say the same.
fn sign(quantity: &Quantity) -> Sign {
    quantity.sign.unwrap_or(Sign::Equal)
}

fn unit(quantity: &Quantity) -> String {
    same_unit(&fold(&quantity.unit)).to_owned()
}

fn quantity(old: &Quantity, new: &Quantity) -> Verdict {
    if unit(old) != unit(new) {
        return Kind::Unit.into();
    }
    let (before, now) = (old.amount(), new.amount());
    // In the unit that both are written in; without 万 and 亿 where they differ in that.
    let delta = (before != now).then(|| {
        if old.scale == new.scale {
            delta(old.number, new.number, &fold_percent(&new.full_unit()))
        } else {
            delta(before, now, &fold_percent(&new.unit))
        }
    });
    let kind = match (Bound::of(sign(old)), Bound::of(sign(new))) {
        (one, other) if one != other => Kind::Sign,
        _ if before == now && sign(old) == sign(new) => Kind::Wording,
        _ if before == now => Kind::Sign,
        (Bound::Above, _) => {
            if now > before {
                Kind::Loosened
            } else {
                Kind::Tightened
            }
        }
        (Bound::Below, _) => {
            if now > before {
                Kind::Raised
            } else {
                Kind::Lowered
            }
        }
        (Bound::Exact, _) => {
            if now > before {
                Kind::Increased
            } else {
                Kind::Decreased
            }
        }
    };
    Verdict { kind, delta }
}

fn fold_percent(unit: &str) -> String {
    if same_unit(unit) == "%" { "%".to_owned() } else { unit.to_owned() }
}

/// On which side a target bounds what is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Bound {
    Below,
    Above,
    Exact,
}

impl Bound {
    fn of(sign: Sign) -> Bound {
        match sign {
            Sign::AtLeast | Sign::More => Bound::Below,
            Sign::AtMost | Sign::Less => Bound::Above,
            Sign::Equal => Bound::Exact,
        }
    }
}

impl Delta {
    /// `+5期，+20%`: the difference with its unit and, where there is one, the percentage to a tenth.
    pub fn shown(&self) -> String {
        let signed = |number: Decimal| {
            let sign = if number > Decimal::ZERO { "+" } else { "" };
            format!("{sign}{}", plain(number))
        };
        let share = self.percent.map(|percent| format!("，{}%", signed(rounded(percent))));
        format!("{}{}{}", signed(self.difference), self.unit, share.unwrap_or_default())
    }
}

/// Rounded half up to a tenth, as bookkeeping rounds.
pub(super) fn rounded(percent: Decimal) -> Decimal {
    crate::calc::round(percent, 1)
}

#[cfg(test)]
mod tests {
    use super::{Kind, Meaning, judge};

    fn target(old: &str, new: &str) -> (Kind, String) {
        let verdict = judge(old, new, Meaning::Target).unwrap();
        (verdict.kind, verdict.delta.map(|delta| delta.shown()).unwrap_or_default())
    }

    #[test]
    fn targets_are_compared_as_bounds() {
        assert_eq!(target("≥25期", "≥30期"), (Kind::Raised, "+5期，+20%".to_owned()));
        assert_eq!(target("≥30期", "≥25期"), (Kind::Lowered, "-5期，-16.7%".to_owned()));
        assert_eq!(target("≤280元", "≤250元"), (Kind::Tightened, "-30元，-10.7%".to_owned()));
        assert_eq!(target("≤250元", "≤280元"), (Kind::Loosened, "+30元，+12%".to_owned()));
        assert_eq!(target("=10个", "12个"), (Kind::Increased, "+2个，+20%".to_owned()));
        assert_eq!(target("≥90%", "≥92.5％"), (Kind::Raised, "+2.5个百分点".to_owned()));
        assert_eq!(target("≥1.2万人", "≥1.5万人"), (Kind::Raised, "+0.3万人，+25%".to_owned()));
        assert_eq!(target("≥9000人", "≥1.2万人"), (Kind::Raised, "+3000人，+33.3%".to_owned()));
        assert_eq!(target("≥0项", "≥2项"), (Kind::Raised, "+2项".to_owned()));
        assert_eq!(target("≥5项", "≤5项"), (Kind::Sign, String::new()));
        assert_eq!(target("≥5项", ">5项"), (Kind::Sign, String::new()));
        assert_eq!(target("≥5项", "≥5次"), (Kind::Unit, String::new()));
        assert_eq!(target("明显", "≥5次"), (Kind::Quantified, String::new()));
        assert_eq!(target("≥5次", "明显"), (Kind::Qualified, String::new()));
        assert_eq!(target("明显", "显著"), (Kind::Changed, String::new()));
        assert_eq!(target("**人", "≥5人"), (Kind::Filled, String::new()));
        assert_eq!(target("≥5人", ""), (Kind::Emptied, String::new()));
    }

    #[test]
    fn what_means_the_same_is_wording() {
        for (old, new) in [
            ("≥6期", ">=6期"),
            ("≥6期", "不少于６期"),
            ("95%以上", "≥95％"),
            ("≥1.2万人", "≥12000人"),
            ("10-20人", "10～20人"),
            ("=45%", "＝45%"),
            ("明显（良好）", "明显(良好)"),
        ] {
            assert_eq!(target(old, new), (Kind::Wording, String::new()), "{old} {new}");
        }
        assert_eq!(judge("明显", "明显", Meaning::Target), None);
        assert_eq!(judge("", " ", Meaning::Text), None);
        let amount = |old, new| judge(old, new, Meaning::Amount("万元")).map(|verdict| verdict.kind);
        assert_eq!(amount("269", "269.00"), Some(Kind::Wording));
        assert_eq!(amount("269", "269.01"), Some(Kind::Increased));
        let text = |old, new| judge(old, new, Meaning::Text).map(|verdict| verdict.kind);
        assert_eq!(text("甲（乙）：“丙”", "甲(乙):\"丙\""), Some(Kind::Wording));
        assert_eq!(text("<p>甲</p><p>乙</p>", "甲\n乙"), Some(Kind::Wording));
        assert_eq!(text("10²", "102"), Some(Kind::Changed));
    }
}
