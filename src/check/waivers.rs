//! Waivers that a project states with reasons, and what the reserved keys themselves give rise to.

use unicode_normalization::is_nfc;

use super::Rule;
use crate::diag::{DataPath, Finding, Severity, Status};
use crate::form::{UNPLACED_KEY, WAIVERS_KEY};
use crate::load::{Document, Kind, Node};

/// The keys of a waiver.
const RULE: &str = "规则";
const REASON: &str = "理由";

/// Marks the findings that the document waives; a waiver for a rule that does not exist is a finding itself.
pub(super) fn apply(document: &Document, rules: &[Rule], findings: &mut Vec<Finding>) {
    let Some(node) = document.root.get(WAIVERS_KEY) else { return };
    let Kind::List(items) = &node.kind else { return };
    for (index, item) in items.iter().enumerate() {
        let text = |key: &str| item.get(key).and_then(|node| node.text()).unwrap_or_default();
        let (rule, reason) = (text(RULE), text(REASON));
        if !rules.iter().any(|known| known.id == rule) {
            let place = item.get(RULE).unwrap_or(item);
            let finding = document
                .finding("WAIVER", document.stretch(place), format!("豁免的规则“{rule}”不存在"))
                .of(DataPath::root().key(WAIVERS_KEY).index(index).key(RULE))
                .fix("可用 jixiao rules 查看全部规则的编号。");
            findings.push(finding.graded(Severity::Warning, "合规性"));
            continue;
        }
        for finding in findings.iter_mut().filter(|finding| finding.rule == rule) {
            finding.status = Status::Waived(reason.to_owned());
        }
    }
}

/// Findings that need no rule of a form: what an import left behind, and text that is not in normal form C.
pub(super) fn standing(document: &Document) -> Vec<Finding> {
    let mut findings = Vec::new();
    if let Some(node) = document.root.get(UNPLACED_KEY).filter(|node| node.kind != Kind::Null) {
        let finding = document
            .finding("IMPORT-LEFT", document.stretch(node), "导入时有内容没有放进表里")
            .of(DataPath::root().key(UNPLACED_KEY))
            .fix("请把有用的内容移到对应的栏目，然后删除这一项。");
        findings.push(finding.graded(Severity::Warning, "完整性"));
    }
    if !is_nfc(&document.text) {
        walk(document, &document.root, &DataPath::root(), &mut findings);
    }
    findings
}

fn walk(document: &Document, node: &Node, path: &DataPath, findings: &mut Vec<Finding>) {
    match &node.kind {
        Kind::Scalar(text) if !is_nfc(text) => {
            let finding = document
                .finding(
                    "TEXT-NFC",
                    document.stretch(node),
                    "文字含有未合成的字符（不是 Unicode NFC 形式），检索时可能找不到",
                )
                .of(path.clone())
                .fix("请重新输入带声调或变音符号的字符。");
            findings.push(finding.graded(Severity::Hint, "合规性"));
        }
        Kind::Null | Kind::Scalar(_) => {}
        Kind::List(items) => {
            for (index, item) in items.iter().enumerate() {
                walk(document, item, &path.index(index), findings);
            }
        }
        Kind::Map(entries) => {
            for entry in entries {
                walk(document, &entry.value, &path.key(entry.key.clone()), findings);
            }
        }
    }
}
