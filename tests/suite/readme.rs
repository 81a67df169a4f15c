//! The tour of both READMEs is run as it stands, on a copy of the data.

use std::fs;

use super::support::{Desk, root};

/// Lines of `console` blocks that begin with `$ jixiao`.
fn commands(file: &str) -> Vec<String> {
    let text = fs::read_to_string(root().join(file)).unwrap();
    let blocks = text.split("```console\n").skip(1).map(|block| block.split("```").next().unwrap());
    blocks
        .flat_map(str::lines)
        .filter_map(|line| line.strip_prefix("$ jixiao "))
        .map(|line| line.split("  #").next().unwrap().trim().to_owned())
        .collect()
}

#[test]
fn the_tour_works_and_both_languages_tell_the_same() {
    let english = commands("README.md");
    assert!(english.len() >= 6, "{english:?}");
    assert_eq!(english, commands("README.zh.md"));
    let mut desk = Desk::new();
    for file in walkdir::WalkDir::new(root().join("data")) {
        let file = file.unwrap();
        if file.file_type().is_file() {
            let name = file.path().strip_prefix(root()).unwrap().to_string_lossy().into_owned();
            desk = desk.file(&name, fs::read(file.path()).unwrap());
        }
    }
    for command in english {
        desk.run(&command).exits(0);
    }
}
