//! Units of measure that stay on the line of the number before them. These are words of the language, not of any
//! form: a number cut off from its unit reads as a different number.

/// Longest first, so that 万平方米 is not taken for 万.
const UNITS: [&str; 44] = [
    "万平方米",
    "平方公里",
    "立方米",
    "平方米",
    "个百分点",
    "百分点",
    "人次",
    "场次",
    "万元",
    "亿元",
    "千元",
    "公里",
    "千米",
    "公顷",
    "小时",
    "分钟",
    "个月",
    "万人",
    "亿人",
    "万个",
    "亿个",
    "万次",
    "亿次",
    "万吨",
    "工作日",
    "万户",
    "万亩",
    "厘米",
    "毫米",
    "千克",
    "公斤",
    "元",
    "个",
    "次",
    "人",
    "件",
    "条",
    "项",
    "年",
    "月",
    "日",
    "亿",
    "万",
    "%",
];

/// Length in bytes of the unit that `text` begins with; the first character when it is a Han character that is no
/// known unit, because most measure words have one character.
pub(super) fn unit_length(text: &str) -> usize {
    if let Some(unit) = UNITS.iter().find(|unit| text.starts_with(**unit)) {
        return unit.len();
    }
    text.chars().next().filter(|c| matches!(c, '\u{4e00}'..='\u{9fff}')).map_or(0, char::len_utf8)
}
