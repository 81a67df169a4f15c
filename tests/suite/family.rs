//! Every form that comes with the program, by its example: filled in and read back, carried inside of a PDF, begun from
//! an empty file. No form is named here; a new one with an example joins by itself.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use jixiao::load;
use jixiao::yaml::Data;
use serde_json::{Map, Value};

use super::support::{Desk, judge, root};

/// Keys of an example that no cell asks for.
const UNASKED: [&str; 2] = ["表式", "豁免"];

/// Examples with their forms; one for each form that people fill in.
fn examples() -> Vec<(String, PathBuf, String)> {
    let files = fs::read_dir(root().join("data/示例")).unwrap().map(|entry| entry.unwrap().path());
    let mut examples: Vec<_> = files
        .map(|file| {
            let text = load::read(&file).unwrap();
            let form = data(&text).get("表式").and_then(Data::text).unwrap().to_owned();
            (form, file, text)
        })
        .collect();
    examples.sort();
    let folders = fs::read_dir(root().join("templates")).unwrap().map(|entry| entry.unwrap().path());
    let forms = folders.filter(|folder| folder.join("rules.yaml").exists()).count();
    assert!(forms >= 7, "{forms}");
    assert_eq!(examples.len(), forms, "each form has one example");
    examples
}

fn data(text: &str) -> Data {
    Data::from(&*load::parse(Path::new("data.yaml"), text.to_owned()).unwrap().root)
}

/// Texts by JSON Pointer, without what is empty or asked for nowhere.
fn texts(data: &Data) -> BTreeMap<String, String> {
    fn walk(data: &Data, path: &str, out: &mut BTreeMap<String, String>) {
        match data {
            Data::Null => {}
            Data::Text(text) if text.is_empty() => {}
            Data::Text(text) => drop(out.insert(path.to_owned(), text.clone())),
            Data::List(items) => {
                items.iter().enumerate().for_each(|(at, item)| walk(item, &format!("{path}/{at}"), out));
            }
            Data::Map(entries) => {
                for (key, value) in entries.iter().filter(|(key, _)| !UNASKED.contains(&key.as_str())) {
                    walk(value, &format!("{path}/{key}"), out);
                }
            }
        }
    }
    let mut out = BTreeMap::new();
    walk(data, "", &mut out);
    out
}

#[test]
fn a_workbook_filled_in_gives_the_data() {
    for (form, _, text) in examples() {
        let desk = Desk::new();
        desk.run(&format!("new {form} --xlsx -o book.xlsx --spare 20")).exits(0);
        let typed = texts(&data(&text));
        let values: Map<String, Value> =
            typed.iter().map(|(path, text)| (path.clone(), text.as_str().into())).collect();
        fs::write(desk.path().join("values.json"), Value::from(values).to_string()).unwrap();
        let at = |name: &str| desk.path().join(name);
        let (book, values, filled) = (at("book.xlsx"), at("values.json"), at("filled.xlsx"));
        let options = [&*book, "--fill".as_ref(), &*values, "--output".as_ref(), &*filled];
        judge("xlsx_map.py", &options).exits(0);
        let ran = desk.run("import filled.xlsx -o back").exits(0);
        let files = desk.files("back");
        assert_eq!(files.len(), 1, "{form}: {}", ran.stderr);
        let written = String::from_utf8(files.into_values().next().unwrap()).unwrap();
        assert_eq!(texts(&data(&written)), typed, "{form}");
    }
}

#[test]
fn a_pdf_carries_the_data_file() {
    for (form, file, text) in examples() {
        let desk = Desk::new().file("x.yaml", fs::read(file).unwrap());
        desk.run("render x.yaml --format pdf --attach -o out").exits(0);
        desk.run("import out/x.pdf -o back").exits(0);
        let files = desk.files("back");
        let (_, written) = files.first_key_value().unwrap();
        assert_eq!(String::from_utf8_lossy(written), text, "{form}");
    }
}

#[test]
fn an_example_is_sound_and_its_form_too() {
    for (form, file, _) in examples() {
        let desk = Desk::new().file("x.yaml", fs::read(&file).unwrap());
        let ran = desk.run("check x.yaml --fail-on warning").exits(0);
        assert!(!ran.stderr.contains("panicked"), "{form}");
        desk.run(&format!("rules {form}")).exits(0);
        desk.run(&format!("schema {form}")).exits(0);
        desk.run(&format!("new {form} -o empty.yaml")).exits(0);
        // An empty file has the right shape: what is missing is values.
        let found = desk.run("check empty.yaml --format json").exits(1).stdout;
        for line in found.lines() {
            let finding: Value = serde_json::from_str(line).unwrap();
            let rule = finding["rule"].as_str().unwrap();
            assert!(["DATA-VALUE", "DATA-MISSING", "DATA-EMPTY"].contains(&rule), "{form}: {line}");
        }
    }
}
