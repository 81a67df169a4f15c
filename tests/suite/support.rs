//! Drives the real binary in a folder of its own, and the judges that read its outputs.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

/// The repository.
pub(crate) fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// A folder with files, in which the binary runs.
pub(crate) struct Desk {
    folder: TempDir,
}

/// What a run of the binary gave.
#[derive(Debug)]
pub(crate) struct Ran {
    pub status: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Desk {
    pub(crate) fn new() -> Desk {
        Desk { folder: TempDir::with_prefix("jixiao-test-").unwrap() }
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn file(self, name: &str, content: impl AsRef<[u8]>) -> Desk {
        let path = self.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
        self
    }

    /// Runs the binary with arguments separated by blanks.
    pub(crate) fn run(&self, arguments: &str) -> Ran {
        self.run_with(arguments, &[])
    }

    pub(crate) fn run_with(&self, arguments: &str, environment: &[(&str, &str)]) -> Ran {
        let output = self.command(arguments).envs(environment.iter().copied()).output().unwrap();
        Ran::new(&output)
    }

    pub(crate) fn command(&self, arguments: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_jixiao"));
        command.args(arguments.split_whitespace()).current_dir(self.path()).stdin(Stdio::null());
        command.env_remove("SOURCE_DATE_EPOCH").env("NO_COLOR", "1");
        // The tests may run as a task of a scheduler themselves.
        for scheduler in
            ["SLURM_ARRAY_TASK_ID", "SLURM_ARRAY_TASK_COUNT", "JOB_COMPLETION_INDEX", "JOB_COMPLETIONS"]
        {
            command.env_remove(scheduler);
        }
        command
    }

    /// Every file below the folder with its content, by path with `/`.
    pub(crate) fn files(&self, below: &str) -> BTreeMap<String, Vec<u8>> {
        let top = self.path().join(below);
        let names = self.names(below).into_iter();
        names.map(|name| (name.clone(), std::fs::read(top.join(name)).unwrap())).collect()
    }

    /// Everything that a run gives, by path; what the program only remembers for itself is hidden.
    pub(crate) fn given(&self, below: &str) -> BTreeMap<String, Vec<u8>> {
        let hidden = |name: &str| name.rsplit('/').next().is_some_and(|name| name.starts_with('.'));
        self.files(below).into_iter().filter(|(name, _)| !hidden(name)).collect()
    }

    /// Names of the files below a folder, sorted.
    pub(crate) fn names(&self, below: &str) -> Vec<String> {
        let top = self.path().join(below);
        let mut names: Vec<String> = walkdir::WalkDir::new(&top)
            .into_iter()
            .filter_map(Result::ok)
            .filter(|entry| entry.file_type().is_file())
            .map(|entry| entry.path().strip_prefix(&top).unwrap().to_string_lossy().into_owned())
            .collect();
        names.sort();
        names
    }

    /// Names of the PDFs and workbooks below `output`.
    pub(crate) fn outputs(&self) -> Vec<String> {
        self.names("output")
            .into_iter()
            .filter(|name| name.ends_with(".pdf") || name.ends_with(".xlsx"))
            .collect()
    }
}

impl Ran {
    pub(crate) fn new(output: &Output) -> Ran {
        Ran {
            status: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8(output.stdout.clone()).unwrap(),
            stderr: String::from_utf8(output.stderr.clone()).unwrap(),
        }
    }

    /// Checks the exit code, showing what was printed when it differs.
    #[track_caller]
    pub(crate) fn exits(self, status: i32) -> Ran {
        assert_eq!(self.status, status, "stdout:\n{}\nstderr:\n{}", self.stdout, self.stderr);
        assert!(!self.stderr.contains("panicked"), "{}", self.stderr);
        self
    }

    /// Checks that standard error holds each text.
    #[track_caller]
    pub(crate) fn says(self, texts: &[&str]) -> Ran {
        for text in texts {
            assert!(self.stderr.contains(text), "missing “{text}” in:\n{}", self.stderr);
        }
        self
    }

    /// Standard error without the summary, whose time differs from run to run.
    pub(crate) fn messages(&self) -> String {
        self.stderr.lines().filter(|line| !line.starts_with("完成：")).collect::<Vec<_>>().join("\n")
    }
}

/// A small complete data file; tests change single lines of it.
pub(crate) fn sample() -> String {
    std::fs::read_to_string(root().join("tests/cases/plain/data.yaml")).unwrap()
}

/// The sample with one text replaced, which must be there.
#[track_caller]
pub(crate) fn sample_with(from: &str, to: &str) -> String {
    let sample = sample();
    assert!(sample.contains(from), "the sample has no “{from}”");
    sample.replacen(from, to, 1)
}

/// Runs one of the judges under `tests/judges`.
pub(crate) fn judge(script: &str, arguments: &[&Path]) -> Ran {
    let arguments: Vec<&OsStr> = arguments.iter().map(|path| path.as_os_str()).collect();
    judge_at(&root().join("tests/judges").join(script), &arguments)
}

/// Runs a script with the Python of the judges.
pub(crate) fn judge_at(script: &Path, arguments: &[&OsStr]) -> Ran {
    let output = Command::new(python()).arg(script).args(arguments).output().unwrap_or_else(|error| {
        panic!("no Python at {} ({error}): run `make deps`", python().display());
    });
    Ran::new(&output)
}

/// The Python of `make deps`.
pub(crate) fn python() -> PathBuf {
    if let Some(path) = std::env::var_os("JIXIAO_PYTHON") {
        return path.into();
    }
    let cache = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
    let cache = cache.unwrap_or_else(|| PathBuf::from(std::env::var_os("HOME").unwrap()).join(".cache"));
    cache.join("jixiao/venv/bin/python")
}

/// Runs another program and returns what it printed; it must succeed.
#[track_caller]
pub(crate) fn tool(program: &str, arguments: &[&Path]) -> String {
    let output = Command::new(program).args(arguments).output().unwrap_or_else(|error| {
        panic!("cannot run {program} ({error}): run `make deps`");
    });
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{program}: {text}{}", String::from_utf8_lossy(&output.stderr));
    text
}
