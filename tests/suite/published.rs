//! The five published tables, from data to files, judged by tools that know nothing of this program.

use std::path::PathBuf;
use std::sync::LazyLock;

use super::support::{Desk, judge, root, tool};

const PROJECTS: [&str; 5] = [
    "政风热线",
    "政务服务信息系统运行维护费用",
    "政务服务业务专项费用",
    "省政务服务大楼运行维护费用",
    "政务服务课题经费",
];
const DEPARTMENT: &str = "江苏省数据局";

/// All five, rendered once.
static RENDERED: LazyLock<Desk> = LazyLock::new(|| {
    let desk = Desk::new();
    let data = root().join("data").join(DEPARTMENT);
    let ran = desk.run(&format!("render {} -o output/{DEPARTMENT}", data.display()));
    ran.exits(0);
    desk
});

fn output(project: &str, extension: &str) -> PathBuf {
    RENDERED.path().join("output").join(DEPARTMENT).join(format!("{project}.{extension}"))
}

fn expected(project: &str) -> PathBuf {
    root().join("tests/expected").join(format!("{project}.json"))
}

#[test]
fn every_cell_of_the_pdf_is_as_published() {
    for project in PROJECTS {
        judge("pdf_cells.py", &[&output(project, "pdf"), &expected(project)]).exits(0);
    }
}

#[test]
fn every_cell_of_the_workbook_is_as_published() {
    for project in PROJECTS {
        judge("xlsx_cells.py", &[&output(project, "xlsx"), &expected(project)]).exits(0);
    }
}

#[test]
fn the_pdf_is_archival_and_sound() {
    for project in PROJECTS {
        judge("pdf_archive.py", &[&output(project, "pdf")]).exits(0);
        let said = tool("qpdf", &["--check".as_ref(), &output(project, "pdf")]);
        assert!(said.contains("No syntax or stream encoding errors"), "{said}");
    }
}

#[test]
fn the_pdf_is_tagged_outlined_and_carries_its_fonts() {
    for project in PROJECTS {
        let facts = judge("pdf_structure.py", &[&output(project, "pdf")]).exits(0).stdout;
        let facts: serde_json::Value = serde_json::from_str(&facts).unwrap();
        assert_eq!(facts["lang"], "zh-CN");
        assert_eq!(facts["title"], project);
        assert_eq!(facts["marked"], true);
        assert_eq!(facts["outline"][0]["text"], "江苏省省级项目预算绩效目标表");
        assert!(facts["outline"].as_array().unwrap().len() > 5);
        let fonts = facts["fonts"].as_array().unwrap();
        assert!(!fonts.is_empty());
        for font in fonts {
            assert!(
                font["embedded"] == true && font["subset"] == true && font["to_unicode"] == true,
                "{font}"
            );
        }
        assert!(facts["elements"]["TH"].as_u64().unwrap() > 30, "{}", facts["elements"]);
        assert_eq!(facts["elements"]["Table"], facts["pages"]);
        assert!(facts["table_attributes"]["TH/Scope=Row"].as_u64().unwrap() > 20);
        assert!(facts["table_attributes"]["TH/Scope=Column"].as_u64().unwrap() >= 8);
    }
}

#[test]
fn libreoffice_prints_every_text_of_the_workbook_whole() {
    for project in PROJECTS {
        let folder = tempfile::tempdir().unwrap();
        let printed = judge("office.py", &[&output(project, "xlsx"), folder.path()]).exits(0).stdout;
        let printed = PathBuf::from(printed.trim());
        judge(
            "office_text.py",
            &[&output(project, "xlsx"), &printed, "--pdf".as_ref(), &output(project, "pdf")],
        )
        .exits(0);
    }
}

#[test]
fn two_runs_and_any_number_of_jobs_give_the_same_bytes() {
    let data = root().join("data").join(DEPARTMENT);
    let run = |jobs: usize| {
        let desk = Desk::new();
        desk.run(&format!("render {} -o output/{DEPARTMENT} --jobs {jobs}", data.display())).exits(0);
        desk.given("output")
    };
    let first = RENDERED.given("output");
    for jobs in [1, 1, 4] {
        let again = run(jobs);
        let names: Vec<&String> = again.keys().collect();
        assert_eq!(names, first.keys().collect::<Vec<_>>());
        for (name, bytes) in &again {
            assert!(first[name] == *bytes, "{name} differs with {jobs} jobs");
        }
    }
}

#[test]
fn copied_text_is_the_text_of_the_data() {
    let text = tool("pdftotext", &["-raw".as_ref(), &output("政务服务课题经费", "pdf"), "-".as_ref()]);
    let text: String = text.split('\n').collect();
    assert!(
        text.contains("针对长三角“一网通办”、数字政府建设、12345热线全流程运行法治化等领域研究。"),
        "{text}"
    );
}
