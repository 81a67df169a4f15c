//! Findings as a SARIF 2.1.0 log, which editors and code hosts open. Columns count characters there too.

use jixiao::check::Rule;
use jixiao::diag::{Finding, Severity, Status};
use serde_json::{Value, json};

/// The log of one run.
pub(crate) fn log(findings: &[Finding], rules: &[Rule]) -> String {
    let described: Vec<Value> = rules
        .iter()
        .map(|rule| {
            json!({
                "id": rule.id,
                "shortDescription": {"text": rule.why},
                "help": {"text": format!("不好：{}\n好：{}", rule.bad, rule.good)},
                "properties": {"type": rule.kind},
            })
        })
        .collect();
    let log = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "jixiao",
                "version": env!("CARGO_PKG_VERSION"),
                "rules": described,
            }},
            "columnKind": "unicodeCodePoints",
            "results": findings.iter().map(result).collect::<Vec<_>>(),
        }],
    });
    format!("{log:#}\n")
}

fn result(finding: &Finding) -> Value {
    let level = match finding.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Hint => "note",
    };
    let mut location = json!({"physicalLocation": {"artifactLocation": {"uri": uri(finding)}}});
    if let Some(at) = finding.at {
        location["physicalLocation"]["region"] = json!({
            "startLine": at.place.line,
            "startColumn": at.place.column,
            "endColumn": at.place.column + at.length,
        });
    }
    if let Some(path) = &finding.path {
        location["logicalLocations"] = json!([{"fullyQualifiedName": path.to_string()}]);
    }
    let text = match &finding.fix {
        Some(fix) => format!("{}。{fix}", finding.message.trim_end_matches('。')),
        None => finding.message.clone(),
    };
    let mut result = json!({
        "ruleId": finding.rule,
        "level": level,
        "message": {"text": text},
        "locations": [location],
    });
    match &finding.status {
        Status::Finding => {}
        Status::Waived(reason) => {
            result["suppressions"] = json!([{"kind": "inSource", "justification": reason}]);
        }
        Status::Deferred => result["kind"] = json!("review"),
    }
    // SARIF: a result that is not a failure has the level "none".
    if finding.status == Status::Deferred {
        result["level"] = json!("none");
    }
    result
}

/// A relative URI reference; everything but the plain characters of paths is percent-encoded.
fn uri(finding: &Finding) -> String {
    use std::fmt::Write;
    let path = finding.file.to_string_lossy().replace('\\', "/");
    let mut uri = String::new();
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            uri.push(char::from(byte));
        } else {
            let _ = write!(uri, "%{byte:02X}");
        }
    }
    uri
}
