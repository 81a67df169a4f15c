//! A run shared by several machines, and the manifest that any number of projects fit into.

use std::fs;
use std::fs::File;
use std::time::Duration;

use super::support::{Desk, judge_at, root, sample, sample_with};

fn province() -> Desk {
    (0..12).fold(Desk::new(), |desk, number| {
        let name = format!("data/部门{}/项目{number:02}.yaml", number % 3);
        desk.file(&name, sample_with("农村饮水水质监测", &format!("农村饮水水质监测{number}")))
    })
}

/// A shard of three to which a target belongs, as the manifests tell.
fn shard_of(desk: &Desk, folder: &str, target: &str) -> usize {
    let holds = |index: &usize| {
        let text = fs::read_to_string(desk.path().join(format!("{folder}/manifest.shard-{index}-of-3.json")));
        text.unwrap().contains(&format!("\"{target}\": "))
    };
    (0..3).find(holds).unwrap()
}

#[test]
fn shards_merge_into_what_one_run_gives() {
    let desk = province()
        .file("data/部门1/坏.yaml", "表式: [")
        .file("data/部门2/同名.yaml", sample())
        .file("data/部门2/同名.yml", sample());
    desk.run("render -o single --collect").exits(1);
    for count in [1, 3, 5] {
        let folder = format!("of-{count}");
        let codes: Vec<i32> = (0..count)
            .map(|index| desk.run(&format!("render -o {folder} --shard {index}/{count} --quiet")).status)
            .collect();
        // What is wrong is told by one shard each.
        assert!(codes.iter().filter(|&&code| code == 1).count() <= 2 && codes.contains(&1), "{codes:?}");
        assert!(codes.iter().all(|&code| code < 2), "{codes:?}");
        desk.run(&format!("merge {folder} --collect"))
            .exits(1)
            .says(&[&format!("合并完成：{count} 个分片，12 个项目的输出齐全，有误 2，问题 0")]);
        assert!(desk.given(&folder) == desk.given("single"), "{count} shards give something else");
        desk.run(&format!("render -o {folder}")).exits(1).says(&["渲染 0，未变 12，有误 2"]);
    }
}

#[test]
fn a_merge_names_what_is_missing_and_changes_nothing() {
    let desk = province();
    desk.run("render --shard 0/3").exits(0);
    desk.run("render --shard 1/3").exits(0);
    let before = desk.given("output");
    desk.run("merge output").exits(1).says(&["缺少分片 2/3", "--shard 2/3", "没有合并"]);
    assert!(desk.given("output") == before);
    desk.run("render --shard 2/3").exits(0);

    let shard = shard_of(&desk, "output", "部门0/项目00");
    let again = format!("--shard {shard}/3");
    let output = desk.path().join("output/部门0/项目00.pdf");
    fs::remove_file(&output).unwrap();
    desk.run("merge output").exits(1).says(&["OUT-MISSING", "部门0/项目00.pdf", &again]);
    desk.run(&format!("render {again}")).exits(0).says(&["渲染 1"]);
    let whole = fs::read(&output).unwrap();
    fs::write(&output, "改过").unwrap();
    desk.run("merge output").exits(1).says(&["OUT-DIFFERS", "部门0/项目00.pdf", &format!("{again} --force")]);
    fs::write(&output, &whole).unwrap();
    let data = desk.path().join("data/部门0/项目00.yaml");
    fs::write(&data, sample_with("周清", "周明")).unwrap();
    desk.run("merge output").exits(1).says(&["DATA-CHANGED", "项目00.yaml", &again]);
    desk.run(&format!("render {again}")).exits(0).says(&["渲染 1"]);
    let desk = desk.file("data/部门0/新.yaml", sample());
    desk.run("merge output").exits(1).says(&["PROJECT-MISSING", "新.yaml"]);
    for index in 0..3 {
        desk.run(&format!("render --shard {index}/3")).exits(0);
    }
    desk.run("merge output").exits(0).says(&["合并完成：3 个分片，13 个项目"]);
    let hidden = |name: &String| name.contains("shard-") || name.ends_with(".journal");
    assert!(!desk.names("output").iter().any(hidden), "{:?}", desk.names("output"));
    desk.run("render -o single").exits(0);
    assert!(desk.given("output") == desk.given("single"));
    desk.run("merge output").exits(0).says(&["合并完成：0 个分片，13 个项目"]);
    desk.run("merge nowhere").exits(2);
}

#[test]
fn a_merge_that_was_killed_while_clearing_up_is_taken_up_again() {
    let desk = province();
    (0..3).for_each(|index| drop(desk.run(&format!("render --format xlsx --shard {index}/3")).exits(0)));
    let name = |index: usize| desk.path().join(format!("output/manifest.shard-{index}-of-3.json"));
    let shards: Vec<Vec<u8>> = (0..3).map(|index| fs::read(name(index)).unwrap()).collect();
    desk.run("merge output").exits(0);
    let whole = desk.given("output");
    // The manifest of the whole is there, and so are two of the shards' still.
    (1..3).for_each(|index| fs::write(name(index), &shards[index]).unwrap());
    fs::write(desk.path().join("output/.manifest.journal"), "").unwrap();
    desk.run("merge output").exits(1).says(&["缺少分片 0/3"]);
    desk.run("render --format xlsx --shard 0/3").exits(0).says(&["渲染 0"]);
    desk.run("merge output").exits(0);
    assert!(desk.given("output") == whole);
}

#[test]
fn shards_that_do_not_fit_together_are_refused() {
    let desk = province();
    desk.run("render --shard 0/2 --format xlsx").exits(0);
    desk.run("render --shard 1/2 --format xlsx --annotate").exits(0);
    desk.run("merge output").exits(1).says(&["SHARD-DIFFERS", "分片 1/2 和分片 0/2"]);
    desk.run("render --shard 1/3").exits(2).says(&["分片 0/2", "jixiao merge"]);
    desk.run("render").exits(2).says(&["还没有合并"]);
    desk.run("collect").exits(2).says(&["还没有合并"]);
    desk.run("render --shard 1/2 --collect").exits(2).says(&["--collect", "merge"]);
    desk.run("render --shard 1/2 --prune").exits(2).says(&["--prune"]);
    desk.run("render --shard 2/2").exits(2).says(&["2/2", "0 到 7"]);
    desk.run("render --shard 1/2 --format xlsx").exits(0);
    desk.run("merge output").exits(0);
}

#[test]
fn a_scheduler_tells_the_shard() {
    let desk = province();
    let slurm = [
        ("SLURM_ARRAY_TASK_ID", "1"),
        ("SLURM_ARRAY_TASK_COUNT", "4"),
        ("SLURM_ARRAY_TASK_MIN", "0"),
        ("SLURM_ARRAY_TASK_STEP", "1"),
    ];
    let ran = desk.run_with("render --json", &slurm).exits(0);
    assert!(ran.stderr.starts_with("分片 1/4\n") && ran.stderr.ends_with("分片 1/4\n"), "{}", ran.stderr);
    let lines: Vec<serde_json::Value> =
        ran.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!((1..12).contains(&lines.len()) && lines.iter().all(|line| line["shard"] == "1/4"), "{lines:?}");
    desk.run_with("render --shard none -o all", &slurm).exits(0).says(&["渲染 12"]);
    let ran = desk.run_with("render --quiet -o quiet", &slurm).exits(0);
    assert_eq!(ran.stderr, "");
    desk.run_with("render", &slurm[..3]).exits(2).says(&["SLURM_ARRAY_TASK_STEP", "--shard none"]);
    desk.run_with("render", &[("JOB_COMPLETION_INDEX", "1")]).exits(2).says(&["JOB_COMPLETIONS"]);
}

/// Makes a file look as if it had been written long ago.
fn age(desk: &Desk, name: &str) {
    let file = File::options().append(true).open(desk.path().join(name)).unwrap();
    let before = file.metadata().unwrap().modified().unwrap();
    file.set_modified(before - Duration::from_mins(1)).unwrap();
}

#[test]
fn an_edit_is_seen_whatever_its_length_and_time() {
    let desk = Desk::new().file("data/甲局/一.yaml", sample());
    desk.run("render --format xlsx").exits(0);
    let path = desk.path().join("output/甲局/一.xlsx");
    let whole = fs::read(&path).unwrap();
    let edited: Vec<u8> = whole.iter().map(|byte| !byte).collect();

    // So soon after the run that the time of change may be the same.
    let written = File::open(&path).unwrap().metadata().unwrap().modified().unwrap();
    fs::write(&path, &edited).unwrap();
    File::options().append(true).open(&path).unwrap().set_modified(written).unwrap();
    desk.run("render --format xlsx").exits(1).says(&["OUT-EDITED"]);
    assert_eq!(fs::read(&path).unwrap(), edited);

    // After it was seen unchanged, with another time.
    fs::write(&path, &whole).unwrap();
    age(&desk, "output/甲局/一.xlsx");
    desk.run("render --format xlsx").exits(0).says(&["未变 1"]);
    fs::write(&path, &edited).unwrap();
    desk.run("render --format xlsx").exits(1).says(&["OUT-EDITED"]);
    // Touched is not edited.
    fs::write(&path, &whole).unwrap();
    desk.run("render --format xlsx").exits(0).says(&["未变 1"]);
}

#[test]
fn an_edited_output_of_another_format_is_not_forgotten() {
    let desk = Desk::new().file("data/甲局/一.yaml", sample());
    desk.run("render").exits(0);
    age(&desk, "output/甲局/一.pdf");
    age(&desk, "output/甲局/一.xlsx");
    desk.run("render").exits(0).says(&["未变 1"]);
    fs::write(desk.path().join("output/甲局/一.pdf"), "改过").unwrap();
    let desk = desk.file("data/甲局/一.yaml", sample_with("周清", "周明"));
    desk.run("render --format xlsx").exits(0).says(&["渲染 1"]);
    age(&desk, "output/甲局/一.pdf");
    desk.run("render --format xlsx").exits(0).says(&["未变 1"]);
    desk.run("render").exits(1).says(&["OUT-EDITED", "一.pdf"]);
}

#[test]
fn a_manifest_that_another_program_wrote_again_is_read() {
    let desk = province();
    desk.run("render --format xlsx").exits(0);
    let path = desk.path().join("output/manifest.json");
    let text = fs::read_to_string(&path).unwrap();
    let value: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(value["projects"].as_object().unwrap().len(), 12);
    fs::write(&path, serde_json::to_string_pretty(&value).unwrap()).unwrap();
    desk.run("render --format xlsx").exits(0).says(&["渲染 0，未变 12"]);
    assert_eq!(fs::read_to_string(&path).unwrap(), text);
    fs::write(&path, &text[..text.len() / 2]).unwrap();
    desk.run("render --format xlsx").exits(2).says(&["manifest.json 已损坏"]);
}

#[test]
fn a_journal_that_breaks_off_loses_only_its_last_line() {
    let desk = province();
    desk.run("render --format xlsx -o first").exits(0);
    desk.run("render --format xlsx --shard 0/1").exits(0);
    // As a kill leaves it: no listing, the journal with all projects and half a line.
    let root = desk.path().join("output");
    let listing = fs::read_to_string(root.join("manifest.shard-0-of-1.json")).unwrap();
    let value: serde_json::Value = serde_json::from_str(&listing).unwrap();
    let lines = value["projects"].as_object().unwrap().iter().map(|(target, entry)| {
        format!("{}\n", serde_json::json!({"target": target, "settled": true, "entry": entry}))
    });
    let mut journal = lines.collect::<String>();
    journal.push_str("{\"target\":\"部门0/项目");
    fs::write(root.join(".manifest.shard-0-of-1.journal"), journal).unwrap();
    fs::remove_file(root.join("manifest.shard-0-of-1.json")).unwrap();
    desk.run("merge output").exits(1).says(&["分片 0/1 中途停止"]);
    let desk = desk.file("data/部门0/项目00.yaml", sample_with("周清", "周明"));
    desk.run("render --format xlsx --shard 0/1").exits(0).says(&["渲染 1，未变 11"]);
    desk.run("merge output").exits(0);
    desk.run("render --format xlsx -o first").exits(0).says(&["渲染 1"]);
    assert!(desk.given("output") == desk.given("first"));
}

/// Peak memory in MB and open files of a run over as many projects.
#[cfg(target_os = "linux")]
fn watched(projects: usize) -> (f64, u64) {
    let desk = Desk::new();
    let script = root().join("tests/benches/province.py");
    let data = desk.path().join("data");
    judge_at(&script, &["make".as_ref(), projects.to_string().as_ref(), data.as_os_str()]).exits(0);
    let output = desk.path().join("output");
    let command = ["render".as_ref(), data.as_os_str(), "-o".as_ref(), output.as_os_str()];
    let options = ["--format", "xlsx", "--jobs", "1"].map(std::ffi::OsStr::new);
    let watch = ["watch".as_ref(), env!("CARGO_BIN_EXE_jixiao").as_ref()];
    let told = judge_at(&script, &[&watch[..], &command, &options].concat());
    let told: serde_json::Value = serde_json::from_str(&told.exits(0).stdout).unwrap();
    (told["peak_mb"].as_f64().unwrap(), told["open_files"].as_u64().unwrap())
}

#[cfg(target_os = "linux")]
#[test]
fn memory_and_open_files_do_not_grow_with_the_projects() {
    let ((few, _), (many, files)) = (watched(200), watched(2500));
    assert!(many < few * 1.2 && many < 250.0, "{few} MB, then {many} MB");
    assert!(files < 20, "{files} open files");
}

/// typst has room for 65,535 file ids in a process, and `FileId` numbers them as they are made.
#[test]
fn drawing_uses_up_no_file_ids() {
    use typst::syntax::{RootedPath, VirtualPath, VirtualRoot};
    let forms = jixiao::batch::Desk::new(jixiao::batch::DeskOptions::default());
    let options = jixiao::DrawOptions { formats: vec![jixiao::batch::Format::Pdf], ..Default::default() };
    let mut last = 0;
    for number in 0..4 {
        let text = sample_with("周清", &format!("周清{number}"));
        jixiao::draw(&forms, "一.yaml".as_ref(), text, &options).unwrap();
        let path = VirtualPath::new(format!("probe-{number}")).unwrap();
        let made = RootedPath::new(VirtualRoot::Project, path).intern().into_raw().get();
        // The probe itself takes one.
        assert!(number == 0 || made == last + 1, "{made} after {last}");
        last = made;
    }
}
