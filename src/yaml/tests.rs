use std::path::Path;
use std::sync::{Arc, LazyLock};

use proptest::prelude::*;

use super::{Data, update, write};
use crate::diag::DataPath;
use crate::form::{Form, Library};
use crate::load::{Document, parse};

static FORM: LazyLock<Arc<Form>> = LazyLock::new(|| {
    let library = Library::new(Vec::new());
    let id = library.ids().next().unwrap();
    library.form(id).unwrap().unwrap()
});

fn read(text: &str) -> Document {
    parse(Path::new("x.yaml"), text.to_owned()).unwrap_or_else(|finding| panic!("{finding:?}\n{text}"))
}

/// The data with keys sorted: files keep the form's order, or their own.
fn sorted(data: &Data) -> Data {
    match data {
        Data::Map(entries) => {
            let mut entries: Vec<_> =
                entries.iter().map(|(key, value)| (key.clone(), sorted(value))).collect();
            entries.sort_by(|a, b| a.0.cmp(&b.0));
            Data::Map(entries)
        }
        Data::List(items) => Data::List(items.iter().map(sorted).collect()),
        other => other.clone(),
    }
}

/// What the loader refuses in any file.
fn accepted(text: &str) -> bool {
    let refused = |c: char| {
        (c.is_control() && !"\n\r\t".contains(c))
            || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{fffe}' | '\u{ffff}' | '\u{feff}')
    };
    !text.contains(refused)
}

const PIECES: [&str; 56] = [
    "\n", "\n\n", " ", "  ", "\t", "\r", "\r\n", "\u{a0}", "\u{3000}", "\u{2028}", "\u{2029}", "\u{200b}",
    "甲", "乙丙", "𠮷", "😀", "é", "e\u{301}", "'", "\"", "#", " #", "# ", ":", ": ", "：", "-", "- ", "?",
    "? ", "<p>", "</p>", "%", "@", "`", "=", "≥5%", "0", "12", ".", ",", "{", "}", "[", "]", "&", "*", "!",
    "|", ">", "---", "...", "\\", "\\n", "null", "~",
];

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => prop::collection::vec(prop::sample::select(&PIECES[..]), 0..7).prop_map(|pieces| pieces.concat()),
        1 => any::<String>().prop_filter("refused by the loader", |text| accepted(text)),
        1 => "[-+.0-9eExX_:]{1,8}",
    ]
}

fn key() -> impl Strategy<Value = String> {
    let known = ["项目名称", "项目资金", "收入", "资金总额", "指标", "半年", "全年", "未识别"];
    prop_oneof![3 => prop::sample::select(known.to_vec()).prop_map(str::to_owned), 1 => text()]
}

fn map(value: impl Strategy<Value = Data>) -> impl Strategy<Value = Data> {
    prop::collection::vec((key(), value), 1..5).prop_map(|entries| {
        let mut data = Data::Map(Vec::new());
        for (key, value) in entries {
            data.set(&DataPath::root().key(key), value);
        }
        data
    })
}

fn data() -> impl Strategy<Value = Data> {
    let leaf = prop_oneof![1 => Just(Data::Null), 6 => text().prop_map(Data::Text)];
    let value = leaf.prop_recursive(4, 24, 4, |value| {
        prop_oneof![
            prop::collection::vec(value.clone(), 0..4).prop_map(Data::List),
            map(value),
            Just(Data::Map(Vec::new())),
        ]
    });
    map(value)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_written_is_read_again(data in data(), remark in text()) {
        let remarks = [(DataPath::root().key("项目资金").key("收入"), remark.clone()), (DataPath::root(), remark)];
        for remarks in [&[][..], &remarks] {
            let written = write(&FORM, &data, remarks);
            prop_assert_eq!(sorted(&Data::from(&*read(&written).root)), sorted(&data), "{}", written);
        }
    }

    #[test]
    fn an_update_gives_the_new_data_and_leaves_the_same_alone(old in data(), new in data(), at in any::<prop::sample::Index>(), other in text()) {
        let text = write(&FORM, &old, &[(DataPath::root(), "说明".to_owned())]);
        let document = read(&text);
        prop_assert_eq!(&update(&document, &FORM, &old), &text);
        let mut touched = old.clone();
        touch(&mut touched, &mut at.index(8), &other);
        for new in [new, touched] {
            let updated = update(&document, &FORM, &new);
            prop_assert_eq!(sorted(&Data::from(&*read(&updated).root)), sorted(&new), "{}\n{}", text, updated);
        }
    }
}

/// Changes the value that is `left` values away.
fn touch(data: &mut Data, left: &mut usize, text: &str) {
    if *left == 0 {
        *data = Data::Text(text.to_owned());
    }
    *left = left.wrapping_sub(1);
    match data {
        Data::List(items) => items.iter_mut().for_each(|item| touch(item, left, text)),
        Data::Map(entries) => entries.iter_mut().for_each(|(_, value)| touch(value, left, text)),
        Data::Null | Data::Text(_) => {}
    }
}

#[test]
fn long_texts_and_long_keys_are_kept() {
    let long = "绩".repeat(30_000);
    let mut data = Data::default();
    for (key, text) in
        [("a", long.clone()), ("b", format!("{long}: \n {long}")), (long.as_str(), "x".to_owned())]
    {
        data.set(&DataPath::root().key(key), Data::Text(text));
    }
    let written = write(&FORM, &data, &[]);
    assert_eq!(Data::from(&*read(&written).root), data);
}

/// Each value of a file that a person wrote, with comments everywhere, changed by itself: one line changes.
#[test]
fn an_update_of_one_value_changes_its_line_only() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/示例/戏曲惠民演出进乡村.yaml");
    let text = std::fs::read_to_string(file).unwrap();
    let document = read(&text);
    let data = Data::from(&*document.root);
    let mut changed = 0;
    for at in 0..200 {
        let mut new = data.clone();
        let mut left = at;
        touch_text(&mut new, &mut left);
        if new == data {
            break;
        }
        let updated = update(&document, &FORM, &new);
        assert_eq!(Data::from(&*read(&updated).root), new);
        let lines: Vec<_> = text.lines().zip(updated.lines()).filter(|(old, new)| old != new).collect();
        assert_eq!((lines.len(), updated.lines().count()), (1, text.lines().count()), "{lines:?}");
        let comment = lines[0].0.split_once(" #").map_or("", |(_, comment)| comment);
        assert!(lines[0].1.ends_with(comment), "{lines:?}");
        changed += 1;
    }
    assert!(changed > 90, "{changed}");
}

/// Changes the text that is `left` texts away.
fn touch_text(data: &mut Data, left: &mut usize) {
    match data {
        Data::Text(text) => {
            if *left == 0 {
                "改过的, 值: #1".clone_into(text);
            }
            *left = left.wrapping_sub(1);
        }
        Data::List(items) => items.iter_mut().for_each(|item| touch_text(item, left)),
        Data::Map(entries) => entries.iter_mut().for_each(|(_, value)| touch_text(value, left)),
        Data::Null => {}
    }
}

#[test]
fn remarks_stand_above_their_values() {
    let mut data = Data::default();
    let name = DataPath::root().key("项目名称");
    data.set(&name, Data::Text("甲".to_owned()));
    let item = DataPath::root().key("项目资金").key("支出").index(0);
    data.set(&item.key("名称"), Data::Text("乙".to_owned()));
    let remarks = [
        (DataPath::root(), "导入自 x.txt\n第2行".to_owned()),
        (name, "由第3行第2列拆分".to_owned()),
        (item.key("名称"), "说明".to_owned()),
        (DataPath::root().key("没有"), "不在数据里".to_owned()),
    ];
    let wanted = "# 导入自 x.txt\n# 第2行\n# 不在数据里\n# 由第3行第2列拆分\n项目名称: 甲\n项目资金:\n  支出:\n    # 说明\n    - {名称: 乙}\n";
    assert_eq!(write(&FORM, &data, &remarks), wanted);
}
