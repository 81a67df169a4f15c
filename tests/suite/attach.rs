//! PDFs that carry their data: what other tools find inside, and what the library reads back.

use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use jixiao::DrawOptions;
use jixiao::batch::{Desk as Forms, DeskOptions, Format};
use jixiao::import::pdf::{PdfError, attached};
use proptest::prelude::*;

use super::support::{Desk, judge, root, sample, sample_with, tool};

static FORMS: LazyLock<Forms> = LazyLock::new(|| Forms::new(DeskOptions::default()));

/// The PDF of a data file with its data inside.
fn pdf(name: &str, text: &str, public: bool) -> Vec<u8> {
    let options = DrawOptions { formats: vec![Format::Pdf], attach: true, public, ..DrawOptions::default() };
    let drawn = jixiao::draw(&FORMS, Path::new(name), text.to_owned(), &options).unwrap();
    drawn.files.into_iter().next().unwrap().1
}

/// What poppler finds attached, which must be one file.
fn detached(pdf: &Path) -> (String, Vec<u8>) {
    let list = tool("pdfdetach", &["-list".as_ref(), pdf]);
    assert!(list.starts_with("1 embedded files"), "{list}");
    let name = list.lines().nth(1).unwrap().trim_start_matches("1: ").to_owned();
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    tool("pdfdetach", &["-save".as_ref(), "1".as_ref(), "-o".as_ref(), &out, pdf]);
    (name, fs::read(out).unwrap())
}

#[test]
fn the_pdf_carries_the_bytes_of_the_data_file_and_is_archival() {
    let crlf = sample().replace('\n', "\r\n") + "# 结束\r\n";
    let desk = Desk::new().file("data/甲局/一.yaml", sample()).file("data/甲局/二 (b).yml", &crlf);
    desk.run("render --attach --format pdf").exits(0);
    for (output, name, content) in [("一", "一.yaml", &sample()), ("二 (b)", "二 (b).yml", &crlf)] {
        let path = desk.path().join(format!("output/甲局/{output}.pdf"));
        assert_eq!(detached(&path), (name.to_owned(), content.clone().into_bytes()));
        judge("pdf_archive.py", &[&path, "--profile".as_ref(), "3a".as_ref()]).exits(0);
        let said = tool("qpdf", &["--check".as_ref(), &path]);
        assert!(said.contains("No syntax or stream encoding errors"), "{said}");
        let raw = String::from_utf8_lossy(&fs::read(&path).unwrap()).into_owned();
        assert!(raw.contains("/AFRelationship/Source") && raw.contains("/Subtype/application#2Fyaml"));
    }
    let before = desk.files("output");
    desk.run("render --attach --format pdf").exits(0).says(&["未变 2"]);
    desk.run("render --attach --format pdf --force").exits(0).says(&["渲染 2"]);
    assert!(desk.files("output") == before, "the same data gave other bytes");
}

#[test]
fn outputs_follow_the_option_and_the_settings() {
    let desk = Desk::new().file("data/一.yaml", sample());
    desk.run("render --format pdf").exits(0);
    let path = desk.path().join("output/一.pdf");
    let list = |path: &Path| tool("pdfdetach", &["-list".as_ref(), path]);
    assert!(list(&path).starts_with("0 embedded files"));
    judge("pdf_archive.py", &[&path]).exits(0);
    desk.run("render --format pdf --attach").exits(0).says(&["渲染 1"]);
    assert!(list(&path).starts_with("1 embedded files"));
    desk.run("render --format pdf").exits(0).says(&["渲染 1"]);
    assert!(list(&path).starts_with("0 embedded files"));
    let desk = desk.file("jixiao.toml", "[render]\nattach = true\n");
    desk.run("render --format pdf").exits(0).says(&["渲染 1"]);
    assert!(list(&path).starts_with("1 embedded files"));
    // Another name of the same data is another file inside.
    fs::rename(desk.path().join("data/一.yaml"), desk.path().join("data/一.yml")).unwrap();
    desk.run("render --format pdf").exits(0).says(&["渲染 1"]);
    assert_eq!(detached(&path).0, "一.yml");
}

/// Telephone numbers wherever a data file can hold them without printing them.
fn with_numbers() -> String {
    sample_with(
        "联系电话: 025-86000000",
        "# 旧号 13812341234\n联系电话: &号 025-86000000 # 值班 025-83660026",
    )
    .replace("中长期目标: ", "中长期目标: |\n  ")
    .replace("\n年度目标: ", "\n# 处长 13912341234\n年度目标: ")
        + "豁免:\n  - {规则: PB-01, 理由: 热线 13612341234 已公开}\n未识别:\n  - 13512341234\n  - *号\n"
}

#[test]
fn a_copy_for_publication_carries_no_telephone_number() {
    let data = with_numbers();
    let numbers = ["86000000", "83660026", "13812341234", "13912341234", "13612341234", "13512341234"];
    assert!(numbers.iter().all(|number| data.contains(number)));
    let desk = Desk::new().file("data/一.yaml", &data);
    desk.run("render --attach --public --format pdf").exits(0);
    let path = desk.path().join("output/一-公开.pdf");
    judge("pdf_archive.py", &[&path, "--profile".as_ref(), "3a".as_ref()]).exits(0);
    let copy = String::from_utf8(detached(&path).1).unwrap();
    for number in numbers {
        assert!(!copy.contains(number), "{number} in:\n{copy}");
    }
    let changed: Vec<(&str, &str)> =
        data.lines().zip(copy.lines()).filter(|(before, after)| before != after).collect();
    insta::assert_snapshot!(changed.iter().map(|(_, after)| format!("{after}\n")).collect::<String>(), @r#"
    # 旧号 138****1234
    联系电话: &号 "025-8600****" # 值班 025-8366****
    # 处长 139****1234
      - {规则: PB-01, 理由: "热线 136****1234 已公开"}
      - "135****1234"
    "#);
    assert_eq!(data.lines().count(), copy.lines().count());
    // It is data as good as the original.
    desk.file("again/一.yaml", &copy).run("render again --format pdf").exits(0);
}

#[test]
fn a_number_in_any_style_is_masked() {
    for typed in
        ["\"025-8600\\u0030000\"", "'025-86000000'", "|\n  025-86000000", ">-\n  025-86000000\n  分机 1"]
    {
        let data = sample_with("025-86000000", typed);
        let copy = &attached(&pdf("一.yaml", &data, true)).unwrap()[0].text;
        assert!(!copy.contains("8600000") && copy.contains("8600****"), "{copy}");
        assert_eq!(copy.lines().last(), data.lines().last());
    }
}

#[test]
fn the_library_reads_the_published_data_back() {
    for entry in fs::read_dir(root().join("data/江苏省数据局")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let text = fs::read_to_string(&path).unwrap();
        let read = attached(&pdf(&name, &text, false)).unwrap();
        assert_eq!(read.len(), 1);
        assert_eq!((read[0].name.as_str(), read[0].text.as_str()), (name.as_str(), text.as_str()));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn any_text_comes_back_byte_for_byte(
        value in "[一-龥a-zA-Z0-9（）《》“”%≥，。：;'\"#&*!|>{}\\[\\]@`-]{1,60}",
        comment in "[ -~\u{3000}-\u{9fff}\u{1f300}-\u{1f5ff}]{0,40}",
        name in "[一-龥a-z0-9 ()（）&#-]{1,20}",
    ) {
        let quoted = serde_json::Value::from(value).to_string();
        let text = sample_with("农村饮水水质监测", &quoted) + &format!("# {comment}\n");
        let file = format!("{name}.yaml");
        let read = attached(&pdf(&file, &text, false)).unwrap();
        prop_assert_eq!(&read[0].text, &text);
        prop_assert_eq!(&read[0].name, &file);
    }
}

/// Runs qpdf over a PDF.
fn rewritten(pdf: &[u8], arguments: &[&str]) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let (from, to) = (folder.path().join("from.pdf"), folder.path().join("to.pdf"));
    fs::write(&from, pdf).unwrap();
    let mut all: Vec<&Path> = arguments.iter().map(Path::new).collect();
    all.extend([from.as_path(), to.as_path()]);
    tool("qpdf", &all);
    fs::read(to).unwrap()
}

#[test]
fn a_pdf_that_other_programs_saved_again_still_gives_its_data() {
    let original = pdf("一.yaml", &sample(), false);
    for arguments in [
        &["--object-streams=generate", "--recompress-flate"][..],
        &["--linearize"],
        &["--qdf"],
        &["--encrypt", "", "owner", "256", "--"],
    ] {
        let read = attached(&rewritten(&original, arguments)).unwrap();
        assert_eq!((read[0].name.as_str(), &read[0].text), ("一.yaml", &sample()), "{arguments:?}");
    }
}

#[test]
fn what_gives_no_data_is_told_apart() {
    let plain = |options: DrawOptions| {
        let options = DrawOptions { formats: vec![Format::Pdf], ..options };
        jixiao::draw(&FORMS, Path::new("一.yaml"), sample(), &options).unwrap().files.remove(0).1
    };
    let bare = plain(DrawOptions::default());
    assert_eq!(attached(&bare), Err(PdfError::Bare));
    let message = PdfError::Bare.finding(Path::new("表.pdf"));
    assert!(message.fix.unwrap().contains("--attach"));
    let ours = pdf("一.yaml", &sample(), false);
    let locked = rewritten(&ours, &["--encrypt", "secret", "owner", "256", "--"]);
    assert_eq!(attached(&locked), Err(PdfError::Encrypted));
    let folder = tempfile::tempdir().unwrap();
    let add = |pdf: &[u8], name: &str, content: &str| {
        let file = folder.path().join(name);
        fs::write(&file, content).unwrap();
        rewritten_with(pdf, &file)
    };
    let foreign = add(&bare, "note.txt", "not ours");
    assert_eq!(attached(&foreign), Err(PdfError::Foreign(vec!["note.txt".to_owned()])));
    let yaml = add(&bare, "other.yaml", "a: 1\n");
    assert_eq!(attached(&yaml), Err(PdfError::Foreign(vec!["other.yaml".to_owned()])));
    let both = attached(&add(&ours, "note.txt", "not ours")).unwrap();
    assert_eq!(both.len(), 1);
    // Twenty megabytes of blanks are 20 kB when packed.
    let bomb = add(&bare, "bomb.yaml", &" ".repeat(20 << 20));
    assert_eq!(attached(&bomb), Err(PdfError::Foreign(vec!["bomb.yaml".to_owned()])));
    for bytes in [&b""[..], b"%PDF-1.7", b"PK\x03\x04", "表式: 甲".as_bytes()] {
        assert_eq!(attached(bytes), Err(PdfError::Damaged));
    }
    assert_eq!(attached(&vec![b' '; (64 << 20) + 1]), Err(PdfError::Large));
}

/// A PDF with one more file inside.
fn rewritten_with(pdf: &[u8], file: &Path) -> Vec<u8> {
    let name = file.to_string_lossy();
    rewritten(pdf, &["--add-attachment", &name, "--"])
}

#[test]
fn hostile_pdfs_end_in_an_answer() {
    let ours = pdf("一.yaml", &sample(), false);
    // The page tree is its own child.
    let kids = ours.windows(6).position(|window| window == b"/Kids[").unwrap() + 6;
    let mut endless = ours.clone();
    endless.splice(kids..kids, *b"1 0 R ");
    assert_eq!(attached(&endless), Err(PdfError::Damaged));
    // Arrays deeper than any stack.
    let mut deep = b"%PDF-1.7\n1 0 obj\n".to_vec();
    deep.extend(vec![b'['; 1 << 20]);
    assert_eq!(attached(&deep), Err(PdfError::Damaged));
    // What is let through, the reader's stack must bear, here on a thread of 2 MB.
    for (open, close) in [("[", "]"), ("<</A", ">>"), ("<</A[", "]>>")] {
        let nested = format!("{}0{}", open.repeat(990), close.repeat(990));
        let file = format!("%PDF-1.7\n1 0 obj\n{nested}\nendobj\ntrailer\n<</Root 1 0 R/X {nested}>>\n");
        assert_eq!(attached(file.as_bytes()), Err(PdfError::Damaged));
    }
    // Cut off anywhere, or with bytes turned: an answer, and never other data than the one inside.
    for cut in (0..ours.len()).step_by(ours.len() / 40) {
        for read in attached(&ours[..cut]).into_iter().flatten() {
            assert_eq!(read.text, sample());
        }
        let mut turned = ours.clone();
        for at in (cut..ours.len()).step_by(977) {
            turned[at] ^= 0x15;
        }
        let _ = attached(&turned);
    }
}
