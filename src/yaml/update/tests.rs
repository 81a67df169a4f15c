use std::path::Path;

use crate::form::{Form, Library};
use crate::load::parse;
use crate::yaml::{Data, update};

fn form() -> std::sync::Arc<Form> {
    let library = Library::new(Vec::new());
    let id = library.ids().next().unwrap();
    library.form(id).unwrap().unwrap()
}

fn changed(old: &str, new: &str) -> String {
    let document = parse(Path::new("x"), old.to_owned()).unwrap();
    let data = Data::from(&*parse(Path::new("x"), new.to_owned()).unwrap().root);
    update(&document, &form(), &data)
}

const OLD: &str = "# head\nk: 1  # one\nm:   # two\n  'a': x\n  b: |-  \n    t\n\n    u\n\n# after\nl:\n  - {名: 甲, v: 1}  # 甲\n  # above\n  - 名: 乙\n    v: 2\ne: []\nz:\n";

#[test]
fn only_changed_values_change() {
    let cases = [
        ("k: 1", "k: 2"),
        ("k: 1", "k: 甲, 乙"),
        ("'a': x", "'a': p"),
        ("|-  \n    t\n\n    u\n", "|-\n    t\n    v\n"),
        ("|-  \n    t\n\n    u\n", "w\n"),
        ("v: 1}", "v: 3}"),
        ("    v: 2\n", "    v: 4\n"),
        ("  # above\n  - 名: 乙\n    v: 2\n", "  # above\n"),
        ("{名: 甲, v: 1}", "{名: 甲, v: 1, w: 5}"),
        ("    v: 2\n", "    v: 2\n  - {名: 丙, v: 3}\n"),
        ("    v: 2\n", "    v: 2\n    w: 3\n"),
        ("e: []", "e:\n  - {名: 1}"),
        ("z:\n", "z: 5\n"),
        ("z:\n", "z:\n  p: 1\n"),
        ("z:\n", "z:\nzz: 1\n"),
        ("  b: |-  \n    t\n\n    u\n", ""),
        ("k: 1", "k: |-\n  a\n  b"),
    ];
    for (from, to) in cases {
        assert!(OLD.contains(from), "{from}");
        let wanted = OLD.replacen(from, to, 1);
        let expected = match to {
            // A comment behind a value stays on the value's first line.
            "k: |-\n  a\n  b" => OLD.replacen("k: 1  # one", "k: |-  # one\n  a\n  b", 1),
            _ => wanted.clone(),
        };
        assert_eq!(changed(OLD, &expected), expected, "{from} -> {to}");
    }
    assert_eq!(changed(OLD, OLD), OLD);
}

#[test]
fn windows_line_ends_stay() {
    let old = OLD.replace('\n', "\r\n");
    let new = old.replacen("v: 2", "v: 3\r\n    w: 1", 1);
    assert_eq!(changed(&old, &new), new);
}

#[test]
fn what_cannot_be_edited_in_place_is_written_anew() {
    let old = "a: &x {名: 1}\nb: *x\n";
    let text = changed(old, "a: {名: 1}\nb: {名: 2}\n");
    assert_eq!(changed(&text, "a: {名: 1}\nb: {名: 2}\n"), text);
    assert!(text.contains("名: 2"), "{text}");
    assert_eq!(changed("{a: 1}", "a: 2\n"), "a: 2\n");
}
