//! Findings: what is wrong, where in the data, why, and what to do. Errors of reading, of structure and (later in
//! the flow) of content all take this one shape; only `cli` turns it into words on a screen.

use std::path::{Path, PathBuf};

use serde::{Serialize, Serializer};

mod path;

pub use path::{DataPath, Step};

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth a look.
    Hint,
    /// A reviewer will ask.
    Warning,
    /// The table would be sent back, or cannot be made at all.
    Error,
}

/// What became of a finding.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Status {
    /// It stands.
    #[default]
    Finding,
    /// The project waived it, with this reason.
    Waived(String),
    /// It cannot be judged, because data is missing (待核).
    Deferred,
}

impl Status {
    /// The word that JSON uses.
    pub fn name(&self) -> &'static str {
        match self {
            Status::Finding => "finding",
            Status::Waived(_) => "waived",
            Status::Deferred => "deferred",
        }
    }
}

/// A place in a text file; both count from 1, the column in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Place {
    /// Line.
    pub line: usize,
    /// Column, in characters.
    pub column: usize,
}

/// A stretch of a text file on one line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Stretch {
    /// Where it begins.
    pub place: Place,
    /// How many characters it covers, at least 1.
    pub length: usize,
}

impl From<Place> for Stretch {
    fn from(place: Place) -> Stretch {
        Stretch { place, length: 1 }
    }
}

/// One thing that is wrong with one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Stable id of the rule, e.g. `DATA-KEY`.
    pub rule: String,
    /// How bad it is.
    pub severity: Severity,
    /// The family of the rule; structure errors are `结构`.
    pub kind: String,
    /// Whether it stands.
    pub status: Status,
    /// What is wrong, one Chinese sentence.
    pub message: String,
    /// The file it is about.
    pub file: PathBuf,
    /// Where in the file.
    pub at: Option<Stretch>,
    /// The value it is about.
    pub path: Option<DataPath>,
    /// Place in the printed form, where there is one.
    pub place: Option<String>,
    /// The values that disagree.
    pub values: Vec<String>,
    /// Why it matters, one Chinese sentence.
    pub reason: Option<String>,
    /// What to do, one Chinese sentence.
    pub fix: Option<String>,
    /// The line of the file it points at, for showing.
    pub excerpt: Option<String>,
}

impl Finding {
    /// An error of structure: the file cannot become a table as it is.
    pub fn structure(rule: &str, file: &Path, message: impl Into<String>) -> Finding {
        Finding {
            rule: rule.to_owned(),
            severity: Severity::Error,
            kind: "结构".to_owned(),
            status: Status::Finding,
            message: message.into(),
            file: file.to_owned(),
            at: None,
            path: None,
            place: None,
            values: Vec::new(),
            reason: None,
            fix: None,
            excerpt: None,
        }
    }

    /// A finding of content instead: with its own severity and family.
    #[must_use]
    pub fn graded(mut self, severity: Severity, kind: &str) -> Finding {
        self.severity = severity;
        kind.clone_into(&mut self.kind);
        self
    }

    /// Points at a stretch of the file and keeps the line that holds it.
    #[must_use]
    pub fn at(mut self, text: &str, at: impl Into<Stretch>) -> Finding {
        let at = at.into();
        self.excerpt = text.lines().nth(at.place.line.saturating_sub(1)).map(excerpt_of);
        self.at = Some(at);
        self
    }

    /// Names the value that the finding is about.
    #[must_use]
    pub fn of(mut self, path: DataPath) -> Finding {
        self.path = Some(path);
        self
    }

    /// Says what to do.
    #[must_use]
    pub fn fix(mut self, fix: impl Into<String>) -> Finding {
        self.fix = Some(fix.into());
        self
    }

    /// Whether it counts for the exit code: neither waived nor deferred, and at least this bad.
    pub fn reaches(&self, severity: Severity) -> bool {
        self.status == Status::Finding && self.severity >= severity
    }

    /// `path:line:column`, as much of it as is known.
    pub fn location(&self) -> String {
        let file = self.file.display();
        match self.at {
            Some(Stretch { place, .. }) => format!("{file}:{}:{}", place.line, place.column),
            None => file.to_string(),
        }
    }
}

/// The part of a line that is kept for showing: a line of a million characters helps nobody.
fn excerpt_of(line: &str) -> String {
    const LONGEST: usize = 20_000;
    line.chars().take(LONGEST).collect()
}

impl Serialize for Finding {
    /// The documented JSON object of a finding: every key stands in every object.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeStruct;
        let mut object = serializer.serialize_struct("Finding", 12)?;
        object.serialize_field("rule", &self.rule)?;
        object.serialize_field("severity", &self.severity)?;
        object.serialize_field("type", &self.kind)?;
        object.serialize_field("status", self.status.name())?;
        object.serialize_field("message", &self.message)?;
        object.serialize_field("file", &self.file.to_string_lossy())?;
        object.serialize_field("line", &self.at.map(|at| at.place.line))?;
        object.serialize_field("column", &self.at.map(|at| at.place.column))?;
        object.serialize_field("path", &self.path.as_ref().map(ToString::to_string))?;
        object.serialize_field("place", &self.place)?;
        object.serialize_field("values", &self.values)?;
        object.serialize_field("fix", &self.fix)?;
        object.end()
    }
}

/// Why the machine, not the data, stopped the work: wrong usage, no permission, disk full, no font.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{message}")]
pub struct Failure {
    /// What happened, one Chinese sentence with the system's own words in brackets.
    pub message: String,
    /// What to do.
    pub fix: Option<String>,
}

impl Failure {
    /// A failure with nothing to suggest.
    pub fn new(message: impl Into<String>) -> Failure {
        Failure { message: message.into(), fix: None }
    }

    /// Says what to do.
    #[must_use]
    pub fn fix(mut self, fix: impl Into<String>) -> Failure {
        self.fix = Some(fix.into());
        self
    }
}

/// Why one project gave no output.
#[derive(Debug, Clone)]
pub enum Rejection {
    /// Its data (or its form) has errors.
    Data(Vec<Finding>),
    /// The machine failed.
    Machine(Failure),
}

impl From<Finding> for Rejection {
    fn from(finding: Finding) -> Rejection {
        Rejection::Data(vec![finding])
    }
}

impl From<Failure> for Rejection {
    fn from(failure: Failure) -> Rejection {
        Rejection::Machine(failure)
    }
}
