//! The direction of the source: a module uses only what stands above it, files stay short, and no form's words
//! stand in the program.

use std::fs;
use std::path::PathBuf;

use super::support::root;

/// Top to bottom. `diag`, `calc`, `grid` and `hash` are the models and helpers that all share.
const ORDER: [&str; 16] = [
    "diag", "hash", "calc", "grid", "load", "form", "yaml", "check", "layout", "measure", "render", "write",
    "batch", "inspect", "collect", "import",
];

fn sources() -> Vec<(PathBuf, String)> {
    walkdir::WalkDir::new(root().join("src"))
        .into_iter()
        .map(|entry| entry.unwrap().into_path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
        .map(|path| {
            (path.strip_prefix(root().join("src")).unwrap().to_owned(), fs::read_to_string(&path).unwrap())
        })
        .collect()
}

fn module(path: &std::path::Path) -> String {
    path.components().next().unwrap().as_os_str().to_string_lossy().trim_end_matches(".rs").to_owned()
}

#[test]
fn modules_use_only_what_stands_above_them() {
    let sources = sources();
    assert!(sources.len() > 30);
    let mut checked = 0;
    for (path, text) in &sources {
        let Some(own) = ORDER.iter().position(|name| *name == module(path)) else { continue };
        for used in text.split("crate::").skip(1) {
            let name: String = used.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
            let Some(other) = ORDER.iter().position(|known| *known == name) else { continue };
            assert!(other <= own, "{} uses {name}, which stands below it", path.display());
            checked += 1;
        }
    }
    assert!(checked > 40, "{checked}");
}

#[test]
fn no_file_is_long() {
    for (path, text) in sources() {
        let lines = text.lines().count();
        assert!(lines <= 400, "{} has {lines} lines", path.display());
        let is_tests = path.file_name().is_some_and(|name| name == "tests.rs");
        assert!(is_tests || text.starts_with("//!"), "{} does not say what it owns", path.display());
    }
}

/// Words that a form's author chose: labels and names in its template, groups and values in its settings.
#[test]
fn no_word_of_a_form_stands_in_the_program() {
    let reserved = ["表式", "年度", "豁免", "未识别", "类型"];
    let mut words = Vec::new();
    for folder in fs::read_dir(root().join("templates")).unwrap() {
        let path = folder.unwrap().path();
        let Ok(schema) = fs::read_to_string(path.join("schema.json")) else { continue };
        // What the program itself fills in, it has to name.
        if fs::read_to_string(path.join("form.yaml")).unwrap().contains("\npurpose:") {
            continue;
        }
        words.push(path.file_name().unwrap().to_string_lossy().into_owned());
        let schema: serde_json::Value = serde_json::from_str(&schema).unwrap();
        keys(&schema, &mut words);
    }
    assert!(words.len() > 50, "{}", words.len());
    words.retain(|word| !reserved.contains(&word.as_str()));
    // 完成时间 is a field of a form and also a common ending of indicator names; 项目, 部门 and 单位 are what summaries
    // and volumes, which belong to no form, call their own columns.
    let allowed = ["规则", "理由", "指标", "名称", "完成时间", "项目", "部门", "单位"];
    for (path, text) in sources() {
        if path.to_string_lossy().ends_with("tests.rs") {
            continue;
        }
        let code: String = text
            .split("#[cfg(test)]")
            .next()
            .unwrap()
            .lines()
            .filter(|line| !line.trim_start().starts_with("//"))
            .collect();
        for word in words.iter().filter(|word| !allowed.contains(&word.as_str())) {
            assert!(!code.contains(&format!("\"{word}\"")), "{} names “{word}”", path.display());
        }
    }
}

fn keys(schema: &serde_json::Value, words: &mut Vec<String>) {
    match schema {
        serde_json::Value::Object(object) => {
            if let Some(properties) = object.get("properties").and_then(serde_json::Value::as_object) {
                words.extend(properties.keys().cloned());
            }
            object.values().for_each(|value| keys(value, words));
        }
        serde_json::Value::Array(list) => list.iter().for_each(|value| keys(value, words)),
        _ => {}
    }
}
