use rust_decimal::Decimal;

use super::{evaluate, parse, plain};

/// The value of an expression with `甲` = 7, `乙` = 4, `零` = 0, `空` blank and `列` = 1.5, blank, 3.
fn value(text: &str) -> Option<String> {
    let number = |text: &str| Some(text.parse::<Decimal>().expect("a number"));
    let numbers = |name: &str| match name {
        "甲" => vec![number("7")],
        "乙" => vec![number("4")],
        "零" => vec![number("0")],
        "空" => vec![None],
        "列" => vec![number("1.5"), None, number("3")],
        _ => Vec::new(),
    };
    evaluate(&parse(text).expect("an expression"), &numbers).map(plain)
}

#[test]
fn operations_bind_as_in_school() {
    assert_eq!(value("甲 + 乙 * 2 - 3").as_deref(), Some("12"));
    assert_eq!(value("（甲＋乙）×2÷-4").as_deref(), Some("-5.5"));
    assert_eq!(value("甲 / 乙").as_deref(), Some("1.75"));
    assert_eq!(value("0.1 + 0.2").as_deref(), Some("0.3"));
    assert_eq!(value("round(甲 / 8, 2)").as_deref(), Some("0.88"));
    assert_eq!(value("round(0 - 甲 / 8, 2)").as_deref(), Some("-0.88"));
    assert_eq!(value("abs(乙 - 甲)").as_deref(), Some("3"));
}

#[test]
fn many_numbers_count_without_the_blank_ones() {
    assert_eq!(value("sum(列)").as_deref(), Some("4.5"));
    assert_eq!(value("sum(列, 甲, 1)").as_deref(), Some("12.5"));
    assert_eq!(value("min(列)").as_deref(), Some("1.5"));
    assert_eq!(value("max(列, 10 / 乙)").as_deref(), Some("3"));
    assert_eq!(value("average(列)").as_deref(), Some("2.25"));
    assert_eq!(value("sum(无)"), None);
    assert_eq!(value("sum(空)"), None);
}

#[test]
fn a_branch_is_chosen_before_it_is_calculated() {
    assert_eq!(value("if(零 = 0, 1, 甲 / 零)").as_deref(), Some("1"));
    assert_eq!(value("if(甲 >= 乙, 甲, 乙)").as_deref(), Some("7"));
    assert_eq!(value("if(甲 ≠ 7, 1, 2)").as_deref(), Some("2"));
    assert_eq!(value("if(甲 < 7, 1, if(甲 <= 7, 2, 3))").as_deref(), Some("2"));
}

#[test]
fn nothing_is_answered_rather_than_something_wrong() {
    assert_eq!(value("甲 / 零"), None);
    assert_eq!(value("甲 + 空"), None);
    assert_eq!(value("if(甲 > 0, 甲, 空)"), None);
    assert_eq!(value("列 + 1"), None);
    assert_eq!(value("9999999999999999999999999999 * 9999999999999999999999999999"), None);
}

#[test]
fn what_is_no_expression_is_explained() {
    for (text, reason) in [
        ("", "公式没有写完"),
        ("甲 +", "公式没有写完"),
        ("甲 乙", "多出“乙”"),
        ("(甲", "缺少“)”"),
        ("甲 & 乙", "不能用“&”"),
        ("total(甲)", "没有“total”这个函数"),
        ("if(甲, 1, 2)", "if 的第一项应是比较"),
        ("round(甲, 乙)", "round 的第二项"),
        ("1.2.3", "不是数"),
        ("* 甲", "“*”的前面缺少数或名称"),
    ] {
        let error = parse(text).expect_err(text);
        assert!(error.contains(reason), "{text}: {error}");
    }
    assert!(parse(&"(".repeat(100_000)).is_err());
}
