//! Input that no case folder can hold, and machines that fail: each ends in words and an exit code, never in a
//! panic, and nothing is written for the project.

use super::support::{Desk, sample, sample_with};

#[track_caller]
fn refused(content: impl AsRef<[u8]>, says: &[&str]) {
    let desk = Desk::new().file("x.yaml", content);
    desk.run("render x.yaml").exits(1).says(says).says(&["x.yaml", "怎么办："]);
    assert!(desk.outputs().is_empty());
}

#[test]
fn bytes_that_are_not_utf8() {
    let mut gbk = sample().into_bytes();
    // 利厅 in GBK.
    let at = sample().find("省水利厅").unwrap();
    gbk.splice(at..at + "省水利厅".len(), [0xc0, 0xfb, 0xcc, 0xfc]);
    refused(gbk, &["x.yaml:4:7", "不是 UTF-8", "另存为"]);
    let utf16: Vec<u8> =
        [0xff, 0xfe].into_iter().chain(sample().encode_utf16().flat_map(u16::to_le_bytes)).collect();
    refused(utf16, &["x.yaml:1:1", "UTF-16"]);
}

#[test]
fn an_alias_bomb() {
    let mut bomb = String::from("a: &a [x,x,x,x,x,x,x,x,x,x]\n");
    for (name, of) in
        ["b", "c", "d", "e", "f", "g", "h", "i"].iter().zip(["a", "b", "c", "d", "e", "f", "g", "h"])
    {
        bomb.push_str(&format!("{name}: &{name} [{}]\n", vec![format!("*{of}"); 10].join(",")));
    }
    refused(bomb, &["x.yaml:", "别名"]);
}

#[test]
fn nesting_of_a_hundred_thousand_levels() {
    refused("[".repeat(100_000), &["x.yaml:1:", "嵌套"]);
    refused("表式: ".to_owned() + &"{a: ".repeat(100_000), &["x.yaml:1:", "嵌套"]);
    let indented: String = (0..2_000).map(|depth| format!("{}a:\n", " ".repeat(depth))).collect();
    refused(indented, &["x.yaml:", "嵌套"]);
}

#[test]
fn a_file_of_fifty_megabytes() {
    refused(vec![b'a'; 50 << 20], &["x.yaml:1:1", "4 MB"]);
}

#[test]
fn a_line_of_a_million_characters_is_shown_in_part() {
    let content = sample_with("依据《农村", &format!("{}<b>《农村", "长".repeat(1_000_000)));
    let desk = Desk::new().file("x.yaml", content);
    let ran = desk.run("render x.yaml").exits(1).says(&["x.yaml:12:1000008", "<b>"]);
    assert!(ran.stderr.len() < 2_000, "{} bytes", ran.stderr.len());
}

#[test]
fn names_that_look_like_paths_are_printed_and_harmless() {
    for name in ["../../etc/x", "a/b:c*?", "CON", r"C:\windows\system32"] {
        let content = sample_with("项目名称: 农村饮水水质监测", &format!("项目名称: '{name}'"));
        let desk = Desk::new().file("data/甲/x.yaml", content);
        desk.run("render data").exits(0);
        assert_eq!(desk.outputs(), ["甲/x.pdf", "甲/x.xlsx"]);
        let above = desk.path().parent().unwrap().join("etc/x.pdf");
        assert!(!above.exists());
    }
}

#[test]
fn two_data_files_with_one_target() {
    let desk = Desk::new()
        .file("data/甲/x.yaml", sample())
        .file("data/甲/x.yml", sample())
        .file("data/甲/X.YAML.yaml", sample())
        .file("data/甲/y.yaml", sample());
    let ran = desk.run("render data").exits(1);
    ran.says(&["data/甲/x.yaml", "data/甲/x.yml", "同一个输出"]);
    assert_eq!(desk.outputs(), ["甲/X.YAML.pdf", "甲/X.YAML.xlsx", "甲/y.pdf", "甲/y.xlsx"]);
    let desk = Desk::new().file("a/x.yaml", sample()).file("b/x.yaml", sample());
    desk.run("render a b").exits(1).says(&["a/x.yaml", "b/x.yaml"]);
    assert!(desk.outputs().is_empty());
}

#[test]
fn a_template_with_an_undefined_name() {
    let form = super::forms::copy_of_form(|name, text| match name {
        "table.yaml.j2" => text.replace("cell(主管部门)", "cell(主管单位)"),
        _ => text,
    });
    let desk = form.file("x.yaml", sample());
    desk.run("render x.yaml --templates forms").exits(1).says(&[
        "table.yaml.j2:10:",
        "主管单位",
        "x.yaml",
        "没有定义",
    ]);
    assert!(desk.outputs().is_empty());
}

#[test]
fn a_value_that_lost_its_path_is_a_form_error() {
    for broken in ["项目名称 ~ '项目'", "项目名称|upper"] {
        let form = super::forms::copy_of_form(|name, text| match name {
            "table.yaml.j2" => text.replace("cell(项目名称)", &format!("cell({broken})")),
            _ => text,
        });
        let desk = form.file("x.yaml", sample());
        desk.run("render x.yaml --templates forms").exits(1).says(&["table.yaml.j2:10:", "cell()"]);
    }
}

#[test]
fn a_template_that_leaves_a_gap_names_the_row() {
    let form = super::forms::copy_of_form(|name, text| match name {
        "table.yaml.j2" => text.replace("{value: {{ x }}, cols: 2}", "{value: {{ x }}}"),
        _ => text,
    });
    let desk = form.file("x.yaml", sample());
    desk.run("render x.yaml --templates forms").exits(1).says(&["第1行第5列没有单元格", "x.yaml"]);
}

#[test]
fn a_path_that_does_not_exist() {
    let ran = Desk::new().run("render nowhere").exits(2);
    ran.says(&["路径不存在：nowhere", "怎么办："]);
    Desk::new().run("render").exits(2).says(&["data"]);
}

#[test]
fn an_output_folder_that_cannot_be_written() {
    let desk = Desk::new().file("x.yaml", sample()).file("taken", "a file");
    desk.run("render x.yaml -o taken/out").exits(2).says(&["taken/out", "-o"]);
}

#[test]
fn no_chinese_font() {
    let desk = Desk::new().file("x.yaml", sample()).file("fonts/readme.txt", "");
    let ran = desk.run("render x.yaml --ignore-system-fonts --font-path fonts").exits(2);
    ran.says(&["没有找到中文字体", "fonts-noto-cjk"]);
    assert!(desk.outputs().is_empty());
}

/// A full disk, made with a file system of 64 kB where that is allowed, and with a limit on file sizes elsewhere.
#[cfg(target_os = "linux")]
#[test]
fn a_full_disk() {
    use std::process::Command;
    let desk = Desk::new().file("x.yaml", sample());
    let out = desk.path().join("output");
    std::fs::create_dir(&out).unwrap();
    let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", "size=64k", "tmpfs"]).arg(&out).status();
    let program = env!("CARGO_BIN_EXE_jixiao");
    let mut command = if mounted.is_ok_and(|status| status.success()) {
        let mut command = Command::new(program);
        command.args(["render", "x.yaml"]);
        command
    } else {
        let mut command = Command::new("sh");
        command.args(["-c", &format!("trap '' XFSZ; ulimit -f 16; exec '{program}' render x.yaml")]);
        command
    };
    let ran = super::support::Ran::new(&command.current_dir(desk.path()).output().unwrap());
    let left = desk.outputs();
    let _ = Command::new("umount").arg(&out).output();
    ran.exits(2).says(&["无法写入", "怎么办："]);
    assert!(left.iter().all(|name| !name.ends_with(".pdf")), "half a file: {left:?}");
}
