//! The manifest as a file: one JSON document in which each project has a line of its own, sorted by target, so that
//! it can be read and written line by line however long it is.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, ErrorKind, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::{Draft, Entry, unwritable};
use crate::diag::Failure;

/// What stands before the projects.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Head {
    /// Name and version of the program.
    pub(super) program: String,
    /// What a shard was made with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) part: Option<Part>,
}

/// What is the same in all shards of a run.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// Hash over forms, fonts and options.
    pub settings: String,
    /// How the names of a project's outputs go on after the target.
    pub suffixes: Vec<String>,
    /// Projects whose data was refused, by target.
    pub rejected: Vec<String>,
}

/// One project of a listing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) target: String,
    /// The entry as JSON; nothing for a target that is to be left out.
    pub(super) text: String,
}

const OPENING: &str = "{\n";
const PROJECTS: &str = "\"projects\": {\n";
const CLOSING: &str = "}\n}\n";

/// Name and version of this program.
pub(super) fn program() -> String {
    concat!("jixiao ", env!("CARGO_PKG_VERSION")).to_owned()
}

/// A listing, read from its beginning to its end.
pub(super) struct Listing {
    path: PathBuf,
    reader: BufReader<File>,
    pub(super) head: Head,
    /// Where the next line begins.
    offset: u64,
}

impl Listing {
    /// Opens a listing; `None` when there is none. One whose lines someone rearranged is put in order first.
    pub(super) fn open(path: &Path) -> Result<Option<Listing>, Failure> {
        for attempt in 0..2 {
            let file = match File::open(path) {
                Ok(file) => file,
                Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
                Err(error) => return Err(unwritable(path, &error)),
            };
            let mut listing = Listing {
                path: path.to_owned(),
                reader: BufReader::new(file),
                head: Head::default(),
                offset: 0,
            };
            if listing.begin()? {
                return Ok(Some(listing));
            }
            if attempt == 0 {
                rearrange(path)?;
            }
        }
        Err(damaged(path, "开头不对"))
    }

    /// Reads what stands before the projects; says whether it is as this program writes it.
    fn begin(&mut self) -> Result<bool, Failure> {
        let mut text = String::new();
        loop {
            let line = self.line()?;
            match line.as_str() {
                OPENING if text.is_empty() => text.push('{'),
                PROJECTS if text.ends_with(",\n") => {
                    text.truncate(text.len() - 2);
                    text.push('}');
                    let head = serde_json::from_str(&text);
                    self.head = head.map_err(|error| damaged(&self.path, &error.to_string()))?;
                    return Ok(true);
                }
                member if member.starts_with('"') => text.push_str(member),
                _ => return Ok(false),
            }
        }
    }

    fn line(&mut self) -> Result<String, Failure> {
        let mut line = String::new();
        let read =
            self.reader.read_line(&mut line).map_err(|error| damaged(&self.path, &error.to_string()))?;
        self.offset += read as u64;
        Ok(line)
    }

    /// The next project and where its entry stands in the file.
    pub(super) fn next(&mut self) -> Result<Option<(Line, u64)>, Failure> {
        let begin = self.offset;
        let line = self.line()?;
        if line.starts_with('}') {
            return Ok(None);
        }
        let mut keys = serde_json::Deserializer::from_str(&line).into_iter::<String>();
        let target = keys.next().and_then(Result::ok);
        let after = keys.byte_offset();
        let rest = line.trim_end().trim_end_matches(',');
        let entry = rest.get(after..).and_then(|entry| entry.strip_prefix(": "));
        match (target, entry) {
            (Some(target), Some(entry)) if entry.starts_with('{') && entry.ends_with('}') => {
                Ok(Some((Line { target, text: entry.to_owned() }, begin + after as u64 + 2)))
            }
            _ => Err(damaged(&self.path, &format!("第 {begin} 个字节之后不对"))),
        }
    }
}

/// Writes a listing whose lines come sorted.
pub(super) struct Writer {
    path: PathBuf,
    draft: BufWriter<Draft>,
    first: bool,
}

impl Writer {
    pub(super) fn new(path: &Path, head: &Head) -> Result<Writer, Failure> {
        let head = serde_json::to_value(head).map_err(|error| Failure::new(error.to_string()))?;
        let members = head.as_object().into_iter().flatten();
        let members: Vec<String> = members.map(|(key, value)| format!("\"{key}\": {value},\n")).collect();
        let text = [OPENING, &members.concat(), PROJECTS].concat();
        let mut writer =
            Writer { path: path.to_owned(), draft: BufWriter::new(Draft::new(path)?), first: true };
        writer.put(&text)?;
        Ok(writer)
    }

    fn put(&mut self, text: &str) -> Result<(), Failure> {
        self.draft.write_all(text.as_bytes()).map_err(|error| unwritable(&self.path, &error))
    }

    pub(super) fn line(&mut self, line: &Line) -> Result<(), Failure> {
        let before = if std::mem::take(&mut self.first) { "" } else { ",\n" };
        let target = serde_json::Value::from(line.target.as_str());
        self.put(&format!("{before}{target}: {}", line.text))
    }

    pub(super) fn finish(mut self) -> Result<(), Failure> {
        let before = if self.first { "" } else { "\n" };
        self.put(&format!("{before}{CLOSING}"))?;
        let draft = self.draft.into_inner().map_err(|error| unwritable(&self.path, error.error()))?;
        draft.publish()?;
        Ok(())
    }
}

/// Any JSON document of a manifest.
#[derive(Deserialize)]
struct Document {
    program: String,
    #[serde(default)]
    part: Option<Part>,
    projects: BTreeMap<String, Entry>,
}

/// Puts the lines of a manifest that another program wrote out again back in order.
fn rearrange(path: &Path) -> Result<(), Failure> {
    let bytes = std::fs::read(path).map_err(|error| unwritable(path, &error))?;
    let Document { program, part, projects } =
        serde_json::from_slice(&bytes).map_err(|error| damaged(path, &error.to_string()))?;
    let mut writer = Writer::new(path, &Head { program, part })?;
    for (target, entry) in projects {
        writer.line(&Line { target, text: written(&entry)? })?;
    }
    writer.finish()
}

/// An entry as its line holds it.
pub(super) fn written(entry: &Entry) -> Result<String, Failure> {
    serde_json::to_string(entry).map_err(|error| Failure::new(error.to_string()))
}

/// An entry read back from its line.
pub(super) fn read(path: &Path, text: &str) -> Result<Entry, Failure> {
    serde_json::from_str(text).map_err(|error| damaged(path, &error.to_string()))
}

pub(super) fn damaged(path: &Path, reason: &str) -> Failure {
    Failure::new(format!("{} 已损坏（{reason}）", path.display()))
        .fix("请删除它再运行；输出文件可用 --force 重新生成。")
}
