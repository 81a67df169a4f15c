//! Published tables as text into data files, and the command around it.

use std::path::Path;

use jixiao::batch::{Desk as Forms, DeskOptions};
use jixiao::import::{LabelReader, cells};
use jixiao::load;
use jixiao::yaml::{self, Data};

use super::support::root;

const DEPARTMENT: &str = "江苏省数据局";

fn published() -> String {
    std::fs::read_to_string(root().join("tests/imports/published-2024.txt")).unwrap()
}

#[test]
fn the_published_tables_become_the_data_files() {
    let forms = Forms::new(DeskOptions::default());
    let harvests = LabelReader::new(forms.library(), None).unwrap().read(&cells(&published()));
    assert_eq!(harvests.len(), 5);
    for harvest in harvests {
        let Some(Data::Text(name)) = harvest.data.get("项目名称") else { panic!("{harvest:?}") };
        let file = root().join("data").join(DEPARTMENT).join(format!("{name}.yaml"));
        let text = load::read(&file).unwrap();
        let document = load::parse(&file, text.clone()).unwrap();
        assert_eq!(harvest.data, Data::from(&*document.root), "{name}");
        assert_eq!(harvest.unplaced, [], "{name}");
        let form = forms.form(&document).unwrap();
        let written = yaml::write(&form, &harvest.data, &[]);
        assert_eq!(written, text.split_once('\n').unwrap().1, "{name}");
        let again = load::parse(Path::new("x"), written).unwrap();
        assert_eq!(Data::from(&*again.root), harvest.data);
    }
}
