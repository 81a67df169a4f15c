//! The points that an indicator earns by the usual scoring of self-evaluations: all of them when its target is met,
//! otherwise in proportion to what was reached.

use rust_decimal::Decimal;

use super::value::{Quantity, Sign, Target, parse};
use crate::calc::{decimal, plain, round};

/// Points out of `weight`, rounded half up to hundredths; nothing for targets in words, in ranges or in another unit
/// than what was reached, which a person has to judge.
///
/// | target | met | otherwise |
/// |---|---|---|
/// | `≥`, `>`, no sign | all points | reached ÷ target |
/// | `=` | all points | the smaller of both ÷ the greater |
/// | `≤`, `<` | all points | falling evenly to none at twice the target |
pub(super) fn score(target: &str, actual: &str, weight: &str) -> String {
    points(target, actual, weight).map_or_else(String::new, |points| plain(round(points, 2)))
}

fn points(target: &str, actual: &str, weight: &str) -> Option<Decimal> {
    let weight = decimal(weight)?;
    let (Target::Quantity(target), Target::Quantity(actual)) = (parse(target), parse(actual)) else {
        return None;
    };
    if target.unit != actual.unit {
        return None;
    }
    let share = share(&target, actual.amount())?;
    weight.checked_mul(share.clamp(Decimal::ZERO, Decimal::ONE))
}

/// The share of the points that was earned; below zero and above one where the target was missed or passed by far.
fn share(target: &Quantity, actual: Decimal) -> Option<Decimal> {
    let wanted = target.amount();
    let met = match target.sign {
        None | Some(Sign::AtLeast) => actual >= wanted,
        Some(Sign::More) => actual > wanted,
        Some(Sign::Equal) => actual == wanted,
        Some(Sign::AtMost) => actual <= wanted,
        Some(Sign::Less) => actual < wanted,
    };
    if met {
        return Some(Decimal::ONE);
    }
    match target.sign {
        Some(Sign::AtMost | Sign::Less) => {
            let over = actual.checked_sub(wanted)?;
            Some(over.checked_div(wanted).map_or(Decimal::ZERO, |over| Decimal::ONE - over))
        }
        Some(Sign::Equal) if actual > wanted => wanted.checked_div(actual),
        _ => actual.checked_div(wanted),
    }
}

#[cfg(test)]
mod tests {
    use super::score;

    #[test]
    fn points_follow_what_was_reached() {
        assert_eq!(score("≥1200公里", "1236公里", "10"), "10");
        assert_eq!(score("≥36公里", "33.5公里", "10"), "9.31");
        assert_eq!(score("≥1.2万人", "9000人", "8"), "6");
        assert_eq!(score("=100%", "80%", "5"), "4");
        assert_eq!(score("=4期", "5期", "5"), "4");
        assert_eq!(score("≤10万元/公里", "10.4万元/公里", "5"), "4.8");
        assert_eq!(score("≤10天", "9天", "5"), "5");
        assert_eq!(score("≤10天", "21天", "5"), "0");
        assert_eq!(score("≤0起", "1起", "5"), "0");
        assert_eq!(score(">90%", "90%", "10"), "10");
    }

    #[test]
    fn what_a_person_must_judge_has_no_points() {
        for (target, actual) in
            [("健全", "健全"), ("≥5个", "5人"), ("10-20人", "15人"), ("≥5个", ""), ("", "5")]
        {
            assert_eq!(score(target, actual, "10"), "", "{target} {actual}");
        }
        assert_eq!(score("≥5个", "5个", "十"), "");
    }
}
