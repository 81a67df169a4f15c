//! Many projects in one run.

use std::fs;
use std::process::Stdio;
use std::time::{Duration, Instant};

use super::support::{Desk, Ran, sample, sample_with};

fn two_departments() -> Desk {
    Desk::new()
        .file("data/甲局/一.yaml", sample())
        .file("data/甲局/处室/二.yaml", sample_with("33.90", "34.90"))
        .file("data/乙局/三.yaml", sample())
        .file("data/乙局/.隐藏.yaml", "不是数据")
        .file("data/乙局/说明.txt", "不是数据")
}

#[test]
fn outputs_mirror_the_data_tree() {
    let desk = two_departments();
    desk.run("render").exits(0).says(&["共 3 个项目，渲染 3", "写出 6 个文件到 output"]);
    let names = [
        "乙局/三.pdf",
        "乙局/三.xlsx",
        "甲局/一.pdf",
        "甲局/一.xlsx",
        "甲局/处室/二.pdf",
        "甲局/处室/二.xlsx",
    ];
    assert_eq!(desk.outputs(), names);
    desk.run("render data/甲局/一.yaml -o one").exits(0);
    assert!(desk.path().join("one/一.pdf").exists());
    desk.run("render data/甲局 -o two --format pdf").exits(0);
    assert!(desk.path().join("two/处室/二.pdf").exists() && !desk.path().join("two/一.xlsx").exists());
}

#[test]
fn what_has_not_changed_is_skipped() {
    let desk = two_departments();
    desk.run("render").exits(0);
    let before = desk.given("output");
    desk.run("render").exits(0).says(&["渲染 0，未变 3"]);
    assert_eq!(desk.given("output"), before);
    fs::write(desk.path().join("data/乙局/三.yaml"), sample_with("周清", "周明")).unwrap();
    desk.run("render").exits(0).says(&["渲染 1，未变 2"]);
    desk.run("render --force").exits(0).says(&["渲染 3，未变 0"]);
    fs::remove_file(desk.path().join("output/甲局/一.pdf")).unwrap();
    desk.run("render").exits(0).says(&["渲染 1，未变 2"]);
    desk.run_with("render", &[("SOURCE_DATE_EPOCH", "1700000000")]).exits(0).says(&["渲染 3"]);
}

#[test]
fn an_edited_output_is_not_overwritten_without_force() {
    let desk = two_departments();
    desk.run("render").exits(0);
    let edited = desk.path().join("output/甲局/一.xlsx");
    std::thread::sleep(Duration::from_millis(20));
    fs::write(&edited, "改过").unwrap();
    desk.run("render").exits(1).says(&["一.xlsx", "--force", "有误 1"]);
    assert_eq!(fs::read(&edited).unwrap(), "改过".as_bytes());
    desk.run("render --force").exits(0);
    assert_ne!(fs::read(&edited).unwrap(), "改过".as_bytes());
}

#[test]
fn outputs_without_data_are_named_and_pruned() {
    let desk = two_departments();
    desk.run("render").exits(0);
    fs::remove_file(desk.path().join("data/乙局/三.yaml")).unwrap();
    desk.run("render").exits(0).says(&["乙局/三", "--prune"]);
    assert!(desk.path().join("output/乙局/三.pdf").exists());
    desk.run("render --prune").exits(0).says(&["已删除 乙局/三"]);
    assert!(!desk.path().join("output/乙局/三.pdf").exists());
}

#[test]
fn one_bad_project_does_not_stop_the_others() {
    let desk = two_departments().file("data/乙局/坏.yaml", "表式: [").file("data/丙.yaml", sample());
    let ran = desk.run("render --json").exits(1);
    assert_eq!(desk.outputs().len(), 8);
    let lines: Vec<serde_json::Value> =
        ran.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let seen: Vec<_> = lines
        .iter()
        .map(|line| (line["source"].as_str().unwrap(), line["status"].as_str().unwrap()))
        .collect();
    let wanted = [
        ("data/丙.yaml", "rendered"),
        ("data/乙局/三.yaml", "rendered"),
        ("data/乙局/坏.yaml", "rejected"),
        ("data/甲局/一.yaml", "rendered"),
        ("data/甲局/处室/二.yaml", "rendered"),
    ];
    assert_eq!(seen, wanted);
    let finding = &lines[2]["findings"][0];
    assert_eq!((finding["rule"].as_str(), finding["line"].as_u64()), (Some("DATA-SYNTAX"), Some(1)));
    assert_eq!(lines[0]["pages"], 2);
}

#[test]
fn quiet_prints_only_what_changes_the_exit_code() {
    let desk = two_departments();
    let ran = desk.run("render --quiet").exits(0);
    assert_eq!((ran.stdout.as_str(), ran.stderr.as_str()), ("", ""));
    let desk = desk.file("data/坏.yaml", "");
    let ran = desk.run("render --quiet").exits(1);
    assert!(ran.stderr.starts_with("错误[DATA-EMPTY]") && !ran.stderr.contains("完成"), "{}", ran.stderr);
}

#[test]
fn options_may_stand_in_a_file() {
    let desk =
        two_departments().file("jixiao.toml", "[render]\noutput = \"成果\"\nformat = [\"xlsx\"]\njobs = 1\n");
    desk.run("render").exits(0);
    assert!(desk.path().join("成果/甲局/一.xlsx").exists() && !desk.path().join("成果/甲局/一.pdf").exists());
    let desk = desk.file("jixiao.toml", "[render]\nouput = \"x\"\n");
    desk.run("render").exits(2).says(&["jixiao.toml:2:1", "ouput"]);
}

#[test]
fn wrong_usage_is_explained_in_chinese() {
    let desk = two_departments();
    desk.run("rendr").exits(2).says(&["没有“rendr”这个命令", "render"]);
    desk.run("render --formt pdf").exits(2).says(&["--formt", "--format"]);
    desk.run("render --format doc").exits(2).says(&["没有“doc”这种输出格式", "pdf、xlsx"]);
    desk.run("render --jobs zwei").exits(2).says(&["zwei", "--jobs"]);
    desk.run("render --jobs 0").exits(2).says(&["--jobs"]);
    desk.run("").exits(2).says(&["缺少命令"]);
    desk.run_with("render", &[("SOURCE_DATE_EPOCH", "gestern")]).exits(2).says(&["SOURCE_DATE_EPOCH"]);
    let help = desk.run("render --help").exits(0).stdout;
    assert!(help.contains("用法") && !help.contains("Usage") && !help.contains("Options"), "{help}");
}

/// Enough projects that a signal finds the run at work.
fn many() -> Desk {
    (0..300).fold(Desk::new(), |desk, number| {
        desk.file(&format!("data/甲/{number:03}.yaml"), sample_with("周清", &format!("周清{number}")))
    })
}

#[cfg(unix)]
fn signalled(desk: &Desk, signal: &str) -> Ran {
    let child = desk
        .command("render --format pdf --jobs 2")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let begun = Instant::now();
    while desk.outputs().len() < 10 && begun.elapsed() < Duration::from_mins(1) {
        std::thread::sleep(Duration::from_millis(5));
    }
    std::process::Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap();
    Ran::new(&child.wait_with_output().unwrap())
}

#[cfg(unix)]
fn assert_whole(desk: &Desk) -> usize {
    let pdfs: Vec<_> = desk.files("output").into_iter().filter(|(name, _)| name.ends_with(".pdf")).collect();
    for (name, bytes) in &pdfs {
        assert!(
            bytes.starts_with(b"%PDF-") && bytes.trim_ascii_end().ends_with(b"%%EOF"),
            "{name} is cut off"
        );
    }
    pdfs.len()
}

#[cfg(unix)]
#[test]
fn an_interrupted_run_leaves_whole_files_and_is_taken_up_again() {
    let desk = many();
    signalled(&desk, "-INT").exits(130).says(&["正在停止", "已中断"]);
    let done = assert_whole(&desk);
    assert!((10..300).contains(&done), "{done}");
    assert!(desk.files("output").keys().all(|name| !name.contains("jixiao-tmp")));
    desk.run("render --format pdf").exits(0).says(&[&format!("未变 {done}")]);
    assert_eq!(assert_whole(&desk), 300);
}

#[cfg(unix)]
#[test]
fn a_killed_run_is_taken_up_again_without_force() {
    let desk = many();
    signalled(&desk, "-KILL");
    let done = assert_whole(&desk);
    let ran = desk.run("render --format pdf").exits(0);
    let again: usize = 300
        - ran
            .stderr
            .split("未变 ")
            .nth(1)
            .and_then(|rest| rest.split('，').next()?.parse().ok())
            .unwrap_or(0);
    assert!(again <= 300 - done + 4, "{again} projects redone after {done}");
    assert_eq!(assert_whole(&desk), 300);
    let left: Vec<_> = desk.files("output").into_keys().filter(|name| name.contains("jixiao-tmp")).collect();
    assert!(left.is_empty(), "{left:?}");
}
