//! What an indicator's name, sign and unit say about it: the class it belongs to, and how its half-year and
//! full-year targets compare. Suggestions from the language of such tables; a form's rules decide what to do with
//! them.

use super::value::{Quantity, Sign, Target};

/// How half-year and full-year targets of an indicator compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Adds up over the year: half at most full.
    Flow,
    /// What is there at any time: equal is fine.
    Stock,
    /// A share.
    Ratio,
    /// An upper bound.
    Cap,
    /// A word.
    Grade,
}

impl Kind {
    /// The word by which data files and rules name it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Kind::Flow => "数量",
            Kind::Stock => "存量",
            Kind::Ratio => "比率",
            Kind::Cap => "上限",
            Kind::Grade => "等级",
        }
    }

    /// The kind of that name.
    pub(super) fn named(name: &str) -> Option<Kind> {
        [Kind::Flow, Kind::Stock, Kind::Ratio, Kind::Cap, Kind::Grade]
            .into_iter()
            .find(|kind| kind.name() == name)
    }

    /// The most likely kind.
    pub(super) fn guess(name: &str, half: &Target, full: &Target) -> Kind {
        let (Target::Quantity(quantity) | Target::Range(quantity, _)) = full else {
            return Kind::Grade;
        };
        let ratio_name =
            ["率", "占比", "比例", "比重", "满意度", "覆盖面"].iter().any(|end| name.ends_with(end));
        if matches!(quantity.unit.as_str(), "%" | "‰" | "个百分点") || ratio_name {
            Kind::Ratio
        } else if matches!(quantity.sign, Some(Sign::AtMost | Sign::Less)) {
            Kind::Cap
        } else if matches!(
            quantity.unit.as_str(),
            "人" | "平方米" | "亩" | "公顷" | "公里" | "千米" | "平方公里"
        ) || quantity.sign == Some(Sign::Equal)
            || half == full
        {
            Kind::Stock
        } else {
            Kind::Flow
        }
    }
}

/// Suggests the class of an indicator by its suffix and unit; the first match wins. `ask` means that the name alone
/// does not tell, the empty string that nothing is suggested.
pub(super) fn class(name: &str, full: &Target) -> &'static str {
    let name = name.trim();
    let ends = |ends: &[&str]| ends.iter().any(|end| name.ends_with(end));
    let has = |parts: &[&str]| parts.iter().any(|part| name.contains(part));
    let unit = match full {
        Target::Quantity(quantity) => quantity.unit.as_str(),
        _ => "",
    };
    if ends(&["满意度", "满意率"]) {
        "satisfaction"
    } else if is_money(unit) && has(&["拨付", "投入资金", "投入经费"]) {
        "input"
    } else if ends(&["成本", "费用", "单价", "经费", "造价", "成本控制", "控制数"]) || is_unit_price(unit)
    {
        "cost"
    } else if ends(&[
        "及时率",
        "及时性",
        "办结率",
        "完成时间",
        "完成时限",
        "完成及时",
        "按期完成率",
        "按时完成率",
        "准时率",
    ]) || has(&["按期"])
    {
        "timeliness"
    } else if ends(&["合格率", "达标率", "准确率", "合规性", "优良率", "通过率", "准确性", "完好率"])
    {
        "quality"
    } else if ends(&["覆盖率", "完成率", "执行率"]) {
        "ask"
    } else if is_counting(unit)
        && ends(&["数", "量", "场次", "人次", "面积", "次数", "期数", "刊次", "里程", "长度"])
    {
        "quantity"
    } else {
        ""
    }
}

/// Whether the unit is money, whole or per something.
pub(super) fn is_money(unit: &str) -> bool {
    unit == "元" || is_unit_price(unit)
}

fn is_unit_price(unit: &str) -> bool {
    unit.starts_with("元/") || unit.starts_with("元／") || unit.starts_with("元每")
}

/// Whether the unit counts things, people or occasions.
pub(super) fn is_counting(unit: &str) -> bool {
    !unit.is_empty()
        && !unit.contains(['%', '％', '‰'])
        && unit != "个百分点"
        && !is_money(unit)
        && !is_time(unit)
}

fn is_time(unit: &str) -> bool {
    const TIMES: [&str; 12] =
        ["小时", "分钟", "秒", "天", "日", "月", "个月", "年", "工作日", "个工作日", "小时/年", "学时/人"];
    TIMES.contains(&unit)
}

/// Whether a name says a share whose natural maximum is the whole; growth has none.
pub(super) fn is_bounded_ratio(name: &str, quantity: &Quantity) -> bool {
    const GROWING: [&str; 14] = [
        "增长",
        "增幅",
        "增速",
        "增加率",
        "提升率",
        "提高率",
        "收益率",
        "回报率",
        "投入产出",
        "产出比",
        "倍",
        "同比",
        "环比",
        "超额",
    ];
    quantity.unit.starts_with(['%', '％']) && !GROWING.iter().any(|part| name.contains(part))
}
