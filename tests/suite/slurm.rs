//! The scripts of `docs/deploy` on a real Slurm, and that what stands beside them fits the program.

use std::fs;
use std::process::Command;

use serde_json::Value;

use super::support::{Desk, Ran, python, root, sample_with};

const PROJECTS: usize = 2000;

#[cfg(target_os = "linux")]
#[test]
fn an_array_with_a_killed_task_gives_what_one_run_gives() {
    let desk = (0..PROJECTS).fold(Desk::new(), |desk, number| {
        let name = format!("data/部门{}/项目{number:04}.yaml", number / 250);
        desk.file(&name, sample_with("周清", &format!("周清{number}")))
    });
    desk.run("render -o single --format xlsx --quiet").exits(0);
    let judges = root().join("tests/judges");
    let output = Command::new(python())
        .arg(judges.join("slurm_cluster.py"))
        .arg(python())
        .arg(judges.join("slurm_array.py"))
        .args([desk.path(), &root().join("docs/deploy")])
        .current_dir(desk.path())
        .env("JIXIAO", env!("CARGO_BIN_EXE_jixiao"))
        .envs([("JIXIAO_FORMAT", "xlsx"), ("JIXIAO_MERGE_OPTIONS", "")])
        .output()
        .unwrap();
    let told: Value = serde_json::from_str(&Ran::new(&output).exits(0).stdout).unwrap();
    assert_eq!(told["states"], serde_json::json!(["COMPLETED"]), "{told}");
    assert_eq!(told["merge"], serde_json::json!([0]), "{told}");
    assert!(told["merge_log"].as_str().unwrap().contains(&format!("8 个分片，{PROJECTS} 个项目")), "{told}");
    // The killed task redid only what was in flight, and told its share at each beginning and at the end.
    let count = |name: &str| told[name].as_u64().unwrap();
    assert!(count("done_before_kill") >= 20 && count("rendered_after") > 0, "{told}");
    assert_eq!(count("unchanged_after"), count("done_before_kill"), "{told}");
    assert_eq!(count("shares_told"), 3, "{told}");
    // A merge before that named the shard and changed nothing.
    assert_eq!(told["early_merge"][0], 1, "{told}");
    assert!(told["early_merge"][1].as_str().unwrap().contains("分片 3/8 中途停止"), "{told}");
    let (merged, single) = (desk.given("output"), desk.given("single"));
    assert_eq!(merged.len(), PROJECTS + 1);
    assert!(merged == single, "the array gave other files than one run");
}

fn documents(file: &str) -> Vec<Value> {
    use serde::Deserialize;
    let text = fs::read_to_string(root().join("docs/deploy").join(file)).unwrap();
    serde_yaml::Deserializer::from_str(&text).map(|document| Value::deserialize(document).unwrap()).collect()
}

fn container(job: &Value) -> &Value {
    &job["spec"]["template"]["spec"]["containers"][0]
}

#[test]
fn the_jobs_of_kubernetes_fit_the_program() {
    let render = documents("kubernetes-render.yaml").pop().unwrap();
    let spec = &render["spec"];
    assert_eq!((render["apiVersion"].as_str(), render["kind"].as_str()), (Some("batch/v1"), Some("Job")));
    assert_eq!(spec["completionMode"], "Indexed");
    assert!(spec["backoffLimitPerIndex"].as_u64().unwrap() > 0);
    // Limits per index need pods that are not started again in place.
    assert_eq!(spec["template"]["spec"]["restartPolicy"], "Never");
    let variables = container(&render)["env"].as_array().unwrap();
    let source = fs::read_to_string(root().join("src/cli/shard.rs")).unwrap();
    for variable in variables {
        let name = variable["name"].as_str().unwrap();
        assert!(source.contains(&format!("\"{name}\"")), "the program does not read {name}");
    }
    let count = variables.iter().find(|variable| variable["name"] == "JOB_COMPLETIONS").unwrap();
    assert_eq!(count["value"].as_str().unwrap(), spec["completions"].to_string());
    let merge = documents("kubernetes-merge.yaml").pop().unwrap();
    assert_eq!(merge["spec"]["template"]["spec"]["restartPolicy"], "Never");
    let volumes = |job: &Value| job["spec"]["template"]["spec"]["volumes"].clone();
    assert_eq!(volumes(&merge), volumes(&render));
    assert_eq!(container(&merge)["image"], container(&render)["image"]);
    // What the jobs run, the program takes: on the same folders, here.
    let desk = (0..6).fold(Desk::new(), |desk, number| {
        desk.file(&format!("data/甲局/{number}.yaml"), sample_with("周清", &format!("周清{number}")))
    });
    let arguments = |job: &Value| {
        let all = container(job)["args"].as_array().unwrap().iter();
        let words: Vec<&str> = all.map(|word| word.as_str().unwrap().trim_start_matches('/')).collect();
        words.join(" ")
    };
    for index in 0..spec["completions"].as_u64().unwrap() {
        let index = index.to_string();
        let told =
            [("JOB_COMPLETION_INDEX", index.as_str()), ("JOB_COMPLETIONS", count["value"].as_str().unwrap())];
        desk.run_with(&arguments(&render), &told).exits(0);
    }
    desk.run(&arguments(&merge)).exits(0).says(&["6 个项目"]);
    assert!(desk.path().join("output/汇总.xlsx").exists());
}
