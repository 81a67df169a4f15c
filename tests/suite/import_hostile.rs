//! Files that only look like workbooks, or are far larger than they look: each is read or refused with a sentence that
//! says what to do, in little memory and time.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use jixiao::form::Library;
use jixiao::import::workbook::{self, Table};

use super::support::{Desk, judge, python, root};

static FORMS: LazyLock<Library> = LazyLock::new(|| Library::new(Vec::new()));

/// Names of what `hostile.py` makes, and a word of what is said of it; nothing where it is read.
const HOSTILE: [(&str, &str); 37] = [
    ("far-cell", ""),
    ("outside-cell", "工作表之外"),
    ("bomb", "大得不正常"),
    ("lying-bomb", "损坏"),
    ("blank-rows-many", ""),
    ("shared-strings-huge", "大得不正常"),
    ("shared-strings-endless", "大得不正常"),
    ("shared-strings-announced", "大得不正常"),
    ("shared-string-repeated", "内容太多"),
    ("shared-string-missing", "损坏"),
    ("sheets-many", "3000 张"),
    ("sheets-shared", "损坏"),
    ("deep", "大得不正常"),
    ("endless-cell", "大得不正常"),
    ("endless-comment", "大得不正常"),
    ("entities", "损坏"),
    ("styles-many", "大得不正常"),
    ("strings-allowed", ""),
    ("styles-allowed", ""),
    ("sheet-allowed", ""),
    ("cells-allowed", ""),
    ("names-many", "大得不正常"),
    ("external-links", ""),
    ("formulas", ""),
    ("merges", ""),
    ("merges-many", "大得不正常"),
    ("password", "密码"),
    ("old-format", ".xls"),
    ("text-file", ".csv"),
    ("binary-workbook", ".xlsb"),
    ("open-document", ".ods"),
    ("archive-only", "压缩包"),
    ("truncated", "不完整"),
    ("corrupt", "损坏"),
    ("empty-archive", "压缩包"),
    ("empty-file", "空的"),
    ("noise", "不是工作簿"),
];

fn hostile(desk: &Desk, name: &str) -> PathBuf {
    let path = desk.path().join(format!("{name}.xlsx"));
    judge("hostile.py", &[Path::new(name), &path]).exits(0);
    path
}

#[test]
fn hostile_files_are_refused_in_little_memory_and_time() {
    let names =
        Command::new(python()).arg(root().join("tests/judges/hostile.py")).arg("list").output().unwrap();
    assert_eq!(String::from_utf8(names.stdout).unwrap().lines().count(), HOSTILE.len());
    let desk = Desk::new();
    let mut table = String::new();
    for (name, words) in HOSTILE {
        let path = hostile(&desk, name);
        let started = std::time::Instant::now();
        let child = Command::new(std::env::current_exe().unwrap())
            .args(["import_hostile::child_reads_a_workbook", "--exact", "--ignored"])
            .env(BOOK, &path)
            .output()
            .unwrap();
        let took = started.elapsed();
        std::fs::remove_file(&path).unwrap();
        assert!(child.status.success(), "{name}: {}", String::from_utf8_lossy(&child.stdout));
        let answer = std::fs::read_to_string(path.with_extension("answer")).unwrap();
        let (peak, said) = answer.split_once(' ').unwrap();
        assert_eq!(said.is_empty(), words.is_empty(), "{name}: {said}");
        assert!(said.contains(words), "{name}: {said}");
        assert!(peak.parse::<u64>().unwrap() < 300_000, "{name}: {peak} kB");
        assert!(took.as_secs() < 15, "{name}: {took:?}");
        table += &format!("{name}: {peak} kB, {} ms: {said}\n", took.as_millis());
    }
    std::fs::write(Path::new(env!("CARGO_TARGET_TMPDIR")).join("hostile.txt"), table).unwrap();
}

/// Names the workbook that the child reads.
const BOOK: &str = "JIXIAO_TEST_BOOK";

/// Run as a process of its own, whose memory can be told apart. Beside the workbook it leaves its peak of memory in
/// kB (0 where the system does not tell it) and what was said.
#[test]
#[ignore = "run by another test"]
fn child_reads_a_workbook() {
    let path = PathBuf::from(std::env::var_os(BOOK).unwrap());
    let bytes = std::fs::read(&path).unwrap();
    let said = match workbook::read(&path, &bytes, &FORMS) {
        Ok(_) => String::new(),
        Err(finding) => {
            assert!(finding.fix.is_some());
            finding.message
        }
    };
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or(" 0 kB");
    std::fs::write(path.with_extension("answer"), format!("{} {said}", peak.trim().trim_end_matches(" kB")))
        .unwrap();
}

#[test]
fn cells_are_read_as_they_are_shown() {
    let desk = Desk::new();
    let found = |name: &str| {
        let bytes = std::fs::read(hostile(&desk, name)).unwrap();
        match workbook::read(Path::new("book.xlsx"), &bytes, &FORMS).unwrap().tables.remove(0) {
            Table::Found { found, remarks } => (found, remarks),
            Table::Mapped { .. } => panic!("no map in it"),
        }
    };
    let texts = |name: &str| {
        let (found, remarks) = found(name);
        let cells = found.cells.iter().map(|cell| format!("{},{} {}", cell.row, cell.column, cell.text));
        (cells.collect::<Vec<_>>(), remarks.into_iter().map(|(_, text)| text).collect::<Vec<_>>())
    };
    let (cells, remarks) = texts("formulas");
    assert_eq!(cells, ["1,1 2", "1,4 269.3"]);
    assert_eq!(remarks.len(), 5);
    for (remark, words) in remarks.iter().zip([
        "A1 是公式，取了",
        "B1 是公式，但",
        "C1 是错误值 #REF!",
        "269.3",
        "E1 是公式，但",
    ]) {
        assert!(remark.contains(words), "{remark}");
    }
    assert_eq!(texts("far-cell").0, ["1,1 首", "1048576,16384 末"]);
    let (merged, remarks) = found("merges");
    assert_eq!((merged.cells[0].rows, merged.cells[0].columns), (2, 2));
    assert!(remarks[0].1.contains("4 处合并"), "{remarks:?}");
}
