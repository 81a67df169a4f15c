//! Sorts more lines than memory should hold: full batches go to files without a name and are merged while reading.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use super::listing::Line;
use super::unwritable;
use crate::diag::Failure;

/// Bytes of lines that are held before they go to a file.
const BATCH: usize = 4 << 20;
/// Bytes of a file that are read at once.
const BUFFER: usize = 1 << 14;

/// Collects lines.
pub(super) struct Sorter {
    folder: PathBuf,
    lines: Vec<Line>,
    bytes: usize,
    runs: Vec<BufReader<File>>,
}

impl Sorter {
    /// A sorter that puts its files into a folder, which is on the disk where there is room for the outputs.
    pub(super) fn new(folder: &Path) -> Sorter {
        Sorter { folder: folder.to_owned(), lines: Vec::new(), bytes: 0, runs: Vec::new() }
    }

    pub(super) fn push(&mut self, line: Line) -> Result<(), Failure> {
        self.bytes += line.target.len() + line.text.len();
        self.lines.push(line);
        if self.bytes < BATCH { Ok(()) } else { self.spill() }
    }

    fn sort(&mut self) -> std::vec::IntoIter<Line> {
        self.bytes = 0;
        let mut lines = std::mem::take(&mut self.lines);
        lines.sort_by(|a, b| a.target.cmp(&b.target));
        lines.into_iter()
    }

    fn spill(&mut self) -> Result<(), Failure> {
        let lines = self.sort();
        let folder = self.folder.clone();
        let write = || -> std::io::Result<File> {
            let mut file = BufWriter::new(tempfile::tempfile_in(&folder)?);
            for Line { target, text } in lines {
                for part in [target, text] {
                    file.write_all(&(part.len() as u64).to_le_bytes())?;
                    file.write_all(part.as_bytes())?;
                }
            }
            let mut file = file.into_inner()?;
            file.seek(SeekFrom::Start(0))?;
            Ok(file)
        };
        let file = write().map_err(|error| unwritable(&self.folder, &error))?;
        self.runs.push(BufReader::with_capacity(BUFFER, file));
        Ok(())
    }

    /// All lines, sorted by target; of several with one target the one that came last.
    pub(super) fn finish(mut self) -> Result<Sorted, Failure> {
        let last = self.sort();
        let mut sorted =
            Sorted { folder: self.folder, runs: self.runs, last, heads: BinaryHeap::new(), held: None };
        for run in 0..=sorted.runs.len() {
            sorted.refill(run)?;
        }
        Ok(sorted)
    }
}

/// Lines in order.
pub(super) struct Sorted {
    folder: PathBuf,
    runs: Vec<BufReader<File>>,
    last: std::vec::IntoIter<Line>,
    /// The next line of each run; the run's number goes after the target, so that later lines come later.
    heads: BinaryHeap<Reverse<(String, usize, String)>>,
    held: Option<Line>,
}

impl Sorted {
    fn refill(&mut self, run: usize) -> Result<(), Failure> {
        let line = match self.runs.get_mut(run) {
            Some(file) => take(file).map_err(|error| unwritable(&self.folder, &error))?,
            None => self.last.next(),
        };
        if let Some(Line { target, text }) = line {
            self.heads.push(Reverse((target, run, text)));
        }
        Ok(())
    }

    fn raw(&mut self) -> Result<Option<Line>, Failure> {
        let Some(Reverse((target, run, text))) = self.heads.pop() else { return Ok(None) };
        self.refill(run)?;
        Ok(Some(Line { target, text }))
    }

    /// The next line.
    pub(super) fn next(&mut self) -> Result<Option<Line>, Failure> {
        let mut line = match self.held.take() {
            Some(line) => line,
            None => match self.raw()? {
                Some(line) => line,
                None => return Ok(None),
            },
        };
        while let Some(next) = self.raw()? {
            if next.target != line.target {
                self.held = Some(next);
                break;
            }
            line = next;
        }
        Ok(Some(line))
    }
}

fn take(file: &mut BufReader<File>) -> std::io::Result<Option<Line>> {
    if file.fill_buf()?.is_empty() {
        return Ok(None);
    }
    let mut part = || -> std::io::Result<String> {
        let mut length = [0; 8];
        file.read_exact(&mut length)?;
        let mut text = String::new();
        file.by_ref().take(u64::from_le_bytes(length)).read_to_string(&mut text)?;
        Ok(text)
    };
    Ok(Some(Line { target: part()?, text: part()? }))
}

#[cfg(test)]
mod tests {
    use super::{BATCH, Line, Sorter};

    #[test]
    fn the_last_of_several_lines_wins_across_batches() {
        let folder = tempfile::tempdir().unwrap();
        let mut sorter = Sorter::new(folder.path());
        let long = "x".repeat(BATCH / 50);
        let mut expected = std::collections::BTreeMap::new();
        for number in 0..200_u32 {
            let target = format!("{}", number * 7919 % 83);
            let text = format!("{number}{long}");
            expected.insert(target.clone(), text.clone());
            sorter.push(Line { target, text }).unwrap();
        }
        assert!(sorter.runs.len() > 2);
        let mut lines = sorter.finish().unwrap();
        for (target, text) in expected {
            assert_eq!(lines.next().unwrap(), Some(Line { target, text }));
        }
        assert_eq!(lines.next().unwrap(), None);
    }
}
