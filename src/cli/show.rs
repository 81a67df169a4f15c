//! Words on the screen. Findings look like those of a good compiler: what, where, the line with the place
//! underlined, and what to do.

use std::io::{IsTerminal, Write};

use jixiao::diag::{Failure, Finding, Severity, Status};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Widest excerpt of a line, in columns.
const EXCERPT: usize = 100;

/// Prints to standard output. A reader that went away (as `head` does) ends nothing badly.
pub(crate) fn out(text: &str) {
    let _ = std::io::stdout().lock().write_all(text.as_bytes());
}

/// Prints a line to standard error.
pub(crate) fn note(text: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}

/// Prints a failure of the machine or of the usage.
pub(crate) fn failure(failure: &Failure) {
    let paint = Paint::detect(std::io::stderr().is_terminal());
    note(&format!("{}：{}", paint.red("错误"), failure.message));
    if let Some(fix) = &failure.fix {
        note(&format!("  = {}：{fix}", paint.bold("怎么办")));
    }
}

/// Prints a finding with its line.
pub(crate) fn finding(finding: &Finding) {
    note(&describe_in(finding, Paint::detect(std::io::stderr().is_terminal())));
}

/// Prints a finding in one line, for runs that it does not stop.
pub(crate) fn brief(finding: &Finding) {
    let paint = Paint::detect(std::io::stderr().is_terminal());
    let status = status_note(finding);
    note(&format!(
        "{}[{}] {}：{}{status}",
        level(finding, paint),
        finding.rule,
        finding.location(),
        finding.message
    ));
}

fn level(finding: &Finding, paint: Paint) -> String {
    match finding.severity {
        Severity::Error => paint.red("错误"),
        Severity::Warning => paint.yellow("警告"),
        Severity::Hint => paint.bold("提示"),
    }
}

/// What is said of a finding that does not stand.
fn status_note(finding: &Finding) -> String {
    match &finding.status {
        Status::Finding => String::new(),
        Status::Waived(reason) => format!("（已豁免：{reason}）"),
        Status::Deferred => "（待核：缺少数据）".to_owned(),
    }
}

/// A finding as text for standard output.
pub(crate) fn describe(finding: &Finding) -> String {
    describe_in(finding, Paint::detect(std::io::stdout().is_terminal()))
}

fn describe_in(finding: &Finding, paint: Paint) -> String {
    use std::fmt::Write;
    let severity = level(finding, paint);
    let mut text = format!(
        "{severity}[{}]：{}{}\n  --> {}",
        finding.rule,
        finding.message,
        status_note(finding),
        finding.location()
    );
    if let (Some(at), Some(line)) = (finding.at, &finding.excerpt) {
        let number = at.place.line.to_string();
        let pad = " ".repeat(number.len());
        let (shown, before, under) = window(line, at.place.column - 1, at.length);
        let marks = paint.red(&"^".repeat(under.max(1)));
        let _ = write!(text, "\n{pad} |\n{number} | {shown}\n{pad} | {}{marks}", " ".repeat(before));
    }
    if let Some(place) = &finding.place {
        let _ = write!(text, "\n  = 位置：{place}（{}）", finding.kind);
    }
    if let Some(path) = &finding.path {
        let _ = write!(text, "\n  = 数据：{path}");
    }
    if let Some(reason) = &finding.reason {
        let _ = write!(text, "\n  = 原因：{reason}");
    }
    if let Some(fix) = &finding.fix {
        let _ = write!(text, "\n  = {}：{fix}", paint.bold("怎么办"));
    }
    text
}

/// The part of a line around a stretch of it, the width of what stands before the stretch, and the stretch's
/// width, all in terminal columns.
fn window(line: &str, start: usize, length: usize) -> (String, usize, usize) {
    let clean: Vec<char> = line.chars().map(|c| if c == '\t' || c.is_control() { ' ' } else { c }).collect();
    let width = |chars: &[char]| chars.iter().map(|c| c.width().unwrap_or(0)).sum::<usize>();
    let start = start.min(clean.len());
    let end = (start + length).min(clean.len());
    let mut first = 0;
    while width(&clean[first..start]) > EXCERPT / 2 {
        first += 1;
    }
    let mut last = clean.len();
    while last > start + 1 && width(&clean[first..last]) > EXCERPT {
        last -= 1;
    }
    let prefix = if first > 0 { "…" } else { "" };
    let suffix = if last < clean.len() { "…" } else { "" };
    let shown: String = clean[first..last].iter().collect();
    let before = prefix.width() + width(&clean[first..start]);
    (format!("{prefix}{shown}{suffix}"), before, width(&clean[start..end.min(last).max(start)]))
}

/// Colours, on a terminal that wants them.
#[derive(Debug, Clone, Copy)]
struct Paint(bool);

impl Paint {
    fn detect(terminal: bool) -> Paint {
        Paint(terminal && std::env::var_os("NO_COLOR").is_none())
    }

    fn wrap(self, code: &str, text: &str) -> String {
        if self.0 { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() }
    }

    fn red(self, text: &str) -> String {
        self.wrap("1;31", text)
    }

    fn yellow(self, text: &str) -> String {
        self.wrap("1;33", text)
    }

    fn bold(self, text: &str) -> String {
        self.wrap("1", text)
    }
}
