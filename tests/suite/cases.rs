//! Every folder under `tests/cases` holds a data file and what must become of it: `grid.snap` for one that can be
//! drawn, `error.snap` with the command's words for one that cannot. A new test is a new folder.

use std::path::Path;

use jixiao::batch::{Desk as Forms, DeskOptions};

use super::support::{Desk, root};

#[test]
fn every_case_gives_its_golden() {
    let mut folders: Vec<_> =
        std::fs::read_dir(root().join("tests/cases")).unwrap().map(|entry| entry.unwrap().path()).collect();
    folders.sort();
    assert!(folders.len() > 20);
    let forms = Forms::new(DeskOptions::default());
    for folder in folders {
        let name = folder.file_name().unwrap().to_string_lossy().into_owned();
        let bytes = std::fs::read(folder.join("data.yaml")).unwrap();
        let desk = Desk::new().file("data.yaml", &bytes);
        let ran = desk.run("render data.yaml");
        let mut settings = insta::Settings::clone_current();
        settings.set_snapshot_path(&folder);
        settings.set_prepend_module_to_snapshot(false);
        settings.set_omit_expression(true);
        settings.bind(|| {
            if name.starts_with("bad-") {
                assert_eq!(ran.status, 1, "{name}: {}", ran.stderr);
                assert!(desk.outputs().is_empty(), "{name}: something was written");
                insta::assert_snapshot!("error", ran.messages());
            } else {
                assert_eq!(ran.status, 0, "{name}: {}", ran.stderr);
                insta::assert_snapshot!("grid", golden(&forms, &folder.join("data.yaml")));
            }
        });
    }
}

fn golden(forms: &Forms, file: &Path) -> String {
    let document = jixiao::load::parse(Path::new("data.yaml"), jixiao::load::read(file).unwrap()).unwrap();
    let press = forms.press(&document).unwrap();
    assert_eq!(press.form().schema.judge(&document), []);
    let grid = press.layouter().grid(&document).unwrap();
    let unprinted = grid
        .unprinted
        .iter()
        .map(|part| format!("unprinted {} = {}\n", part.path.as_ref().unwrap(), part.text));
    grid.to_golden() + &unprinted.collect::<String>()
}
