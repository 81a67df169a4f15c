//! Text that is code to typst, minijinja, YAML, XML or a spreadsheet is text to us, in every field and both outputs.

use super::support::{Desk, judge, sample_with, tool};

const HOSTILE: [&str; 14] = [
    r#"#read("/etc/passwd")"#,
    "$x$ $ y $",
    "*b* _i_ `c`",
    "@ref <label>a",
    r"\ \\ \n \u{41} \#",
    "{{ 1 }}{{ 7*7 }}",
    "{% x %}{# y #}",
    "=SUM(A1)",
    "+1",
    "@x",
    "-2+3",
    "]]> &foo; <5%",
    "a < b && c > d",
    "_x000D_ [1] // /* */",
];

#[test]
fn hostile_text_comes_out_as_the_very_same_text() {
    for (number, text) in HOSTILE.iter().enumerate() {
        let text = text.replace("<label>a", "label");
        let quoted = serde_json::to_string(&text).unwrap();
        let content = sample_with("项目名称: 农村饮水水质监测", &format!("项目名称: {quoted}"));
        let content =
            content.replacen("周清", &quoted, 1).replacen("依据《农村供水条例》开展监测。", &quoted, 1);
        let content = content.replacen("≥1200份", &quoted, 1);
        let desk = Desk::new().file("x.yaml", content);
        desk.run("render x.yaml").exits(0);
        let output = desk.path().join("output");
        let pdf = tool("pdftotext", &["-raw".as_ref(), &output.join("x.pdf"), "-".as_ref()]);
        let squeezed = |text: &str| text.split_whitespace().collect::<String>();
        let count = squeezed(&pdf).matches(&squeezed(&text)).count();
        assert!(count >= 4, "{number}: “{text}” stands {count} times in\n{pdf}");
        assert!(!pdf.contains("root:") && !pdf.contains("49"), "{text}");
        let cells = judge("xlsx_dump.py", &[&output.join("x.xlsx")]).exits(0).stdout;
        let cells: Vec<(String, serde_json::Value)> = serde_json::from_str(&cells).unwrap();
        let same = cells.iter().filter(|(kind, value)| kind == "s" && value == text.as_str()).count();
        assert!(same >= 3, "{number}: “{text}” is {same} cells of {cells:?}");
        assert!(cells.iter().all(|(kind, _)| kind != "f"), "a formula in {cells:?}");
    }
}
