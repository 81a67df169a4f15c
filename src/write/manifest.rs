//! `manifest.json`: every output with its hash, its source's hash and all that its bytes depend on. While a run
//! goes on, each finished project is a line of a journal, so that a crash loses nothing. Entries stay on disk; what
//! is held of each is where it stands.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};

use super::entry::{Entry, Known, Modified, Output, Stamp};
use super::index::{Index, Slot};
use super::journal::{Journal, Note, piece};
use super::listing::{Head, Line, Listing, Part, Writer, damaged, program, read, written};
use super::parts::{Names, refuse_leftovers};
use super::sorter::Sorter;
use super::{Shard, TEMPORARY, remove, slashed, unwritable};
use crate::diag::Failure;

/// What the output folder holds, as far as this program put it there.
#[derive(Debug)]
pub struct Manifest {
    root: PathBuf,
    names: Names,
    /// Which share of the targets it is about, and what its listing says of the run.
    part: Option<(Shard, Part)>,
    /// The listing that it goes out from.
    base: PathBuf,
    listing: Option<File>,
    index: Index,
    /// Files that were about to be written when an earlier run ended.
    announced: BTreeMap<String, Vec<Output>>,
    journal: Journal,
    /// Whether the listing must be written anew.
    changed: bool,
}

impl Manifest {
    /// Opens the manifest of an output folder, making the folder when needed, and takes up the journal of a run
    /// that did not end.
    ///
    /// # Errors
    /// When the folder cannot be written, another run is writing there, shards there wait for being merged, or the
    /// manifest is not readable.
    pub fn open(root: &Path) -> Result<Manifest, Failure> {
        Manifest::take(root, None)
    }

    /// Opens the manifest of one shard, which goes out from the manifest of the whole.
    ///
    /// # Errors
    /// As [`Manifest::open`]; and when a run of the whole did not end, or shards of another count are there.
    pub fn open_shard(root: &Path, shard: Shard, part: Part) -> Result<Manifest, Failure> {
        Manifest::take(root, Some((shard, part)))
    }

    fn take(root: &Path, part: Option<(Shard, Part)>) -> Result<Manifest, Failure> {
        std::fs::create_dir_all(root).map_err(|error| unwritable(root, &error))?;
        let shard = part.as_ref().map(|(shard, _)| *shard);
        refuse_leftovers(root, shard)?;
        let (whole, names) = (Names::new(root, None), Names::new(root, shard));
        let Some(journal) = Journal::open(&names.journal)? else {
            return Err(Failure::new(format!("另一个 jixiao 正在写入 {}", root.display()))
                .fix("请等它结束，或换一个输出文件夹（-o）。"));
        };
        let source = if names.listing.exists() { &names } else { &whole };
        let mut manifest = Manifest {
            root: root.to_owned(),
            base: source.listing.clone(),
            listing: None,
            index: Index::default(),
            announced: BTreeMap::new(),
            journal,
            changed: source.listing != names.listing,
            part,
            names: names.clone(),
        };
        manifest.load(&source.stamps)?;
        manifest.replay()?;
        Ok(manifest)
    }

    fn holds(&self, target: &str) -> bool {
        self.part.as_ref().is_none_or(|(shard, _)| shard.holds(target))
    }

    fn load(&mut self, stamps: &Path) -> Result<(), Failure> {
        let Some(mut listing) = Listing::open(&self.base)? else {
            self.changed = true;
            return Ok(());
        };
        self.changed |= listing.head.program != program();
        while let Some((line, at)) = listing.next()? {
            if self.holds(&line.target) {
                self.index.put(&line.target, Slot::new(at, &line.text, false));
            }
        }
        self.index.recall(stamps);
        self.listing = Some(File::open(&self.base).map_err(|error| unwritable(&self.base, &error))?);
        Ok(())
    }

    /// Removes the temporary files of a run that was killed. The lock is held, so no run is using them.
    pub(super) fn sweep(root: &Path) {
        let files = walkdir::WalkDir::new(root).into_iter().filter_map(Result::ok);
        for file in files.filter(|file| file.file_name().to_string_lossy().starts_with(TEMPORARY)) {
            // One that cannot be removed is only untidy.
            let _ = std::fs::remove_file(file.path());
        }
    }

    fn replay(&mut self) -> Result<(), Failure> {
        if !self.journal.left {
            return Ok(());
        }
        // Beside a shard others may be at work, whose files these could be.
        if self.part.is_none() {
            Manifest::sweep(&self.root);
        }
        let written = self.journal.modified();
        let (index, announced) = (&mut self.index, &mut self.announced);
        let mut changed = false;
        self.journal.replay(|text, at| {
            let Some(note) = Note::read(text) else { return };
            if !note.settled {
                let outputs = note.entry.into_iter().flat_map(|entry| entry.outputs);
                announced.entry(note.target).or_default().extend(outputs);
                return;
            }
            changed = true;
            announced.remove(&note.target);
            let Some(entry) = note.entry else { return index.forget(&note.target) };
            let mut slot = Slot::new(at, text, true);
            let (stamp, youngest) = Stamp::of(&entry);
            if youngest.is_settled(written) {
                slot.seen((stamp, youngest));
            }
            index.put(&note.target, slot);
        })?;
        self.changed |= changed;
        Ok(())
    }

    /// What is known of a target.
    ///
    /// # Errors
    /// When the manifest cannot be read.
    pub fn entry(&mut self, target: &Path) -> Result<Option<Known>, Failure> {
        let Some(slot) = self.index.get(&slashed(target)) else { return Ok(None) };
        let entry = if slot.is_in_journal() {
            let text = self.journal.piece(slot.at(), slot.length)?;
            let note = Note::read(&text).and_then(|note| note.entry);
            note.ok_or_else(|| damaged(&self.journal.path, "有一行读不出来"))?
        } else {
            let Some(listing) = &mut self.listing else { return Ok(None) };
            let text = piece(listing, slot.at(), slot.length);
            read(&self.base, &text.map_err(|error| unwritable(&self.base, &error))?)?
        };
        Ok(Some(Known { entry, stamp: slot.stamp }))
    }

    /// Whether it knows a target.
    pub fn knows(&self, target: &Path) -> bool {
        self.index.get(&slashed(target)).is_some()
    }

    /// Notes in which state a target's files were found the same as written.
    pub fn seen(&mut self, target: &Path, entry: &Entry) {
        self.index.seen(&slashed(target), Stamp::of(entry));
    }

    /// Whether a file that is there is not as this program left it.
    ///
    /// # Errors
    /// When the manifest cannot be read.
    pub fn is_foreign(&mut self, target: &Path, path: &Path, root: &Path) -> Result<bool, Failure> {
        if !root.join(path).exists() {
            return Ok(false);
        }
        let settled = self.entry(target)?.map(|known| known.entry.outputs).unwrap_or_default();
        let announced = self.announced.get(&slashed(target)).into_iter().flatten();
        let path = slashed(path);
        Ok(!settled.iter().chain(announced).any(|output| output.path == path && output.matches(root)))
    }

    /// Notes files that are about to be written.
    ///
    /// # Errors
    /// When the journal cannot be written.
    pub fn announce(&mut self, target: &Path, entry: &Entry) -> Result<(), Failure> {
        self.journal.append(&Note::new(slashed(target), false, Some(entry.clone()))).map(drop)
    }

    /// Notes that a project's files are written. Formats that this run did not write keep their earlier files.
    ///
    /// # Errors
    /// When the journal cannot be written.
    pub fn settle(&mut self, target: &Path, mut entry: Entry) -> Result<(), Failure> {
        if let Some(mut before) = self.entry(target)? {
            before.entry.outputs.retain(|old| entry.outputs.iter().all(|new| new.path != old.path));
            // A file that someone edited must not pass for untouched.
            for mut old in before.entry.outputs {
                if !old.is_seen(&self.root) {
                    old.modified = Modified::default();
                }
                entry.outputs.push(old);
            }
            entry.outputs.sort_by(|a, b| a.path.cmp(&b.path));
        }
        let target = slashed(target);
        let note = Note::new(target.clone(), true, Some(entry));
        let (at, text) = self.journal.append(&note)?;
        let mut slot = Slot::new(at, &text, true);
        slot.seen(note.entry.as_ref().map(Stamp::of).unwrap_or_default());
        self.index.put(&target, slot);
        self.changed = true;
        Ok(())
    }

    /// Notes that a project of a shard was refused, so that a merge does not take it for missing.
    pub fn reject(&mut self, target: &Path) {
        if let Some((_, part)) = &mut self.part {
            part.rejected.push(slashed(target));
        }
    }

    /// Targets, as they were when the manifest was opened, whose data file is gone, with that file.
    ///
    /// # Errors
    /// When the manifest cannot be read.
    pub fn orphans(&self) -> Result<Vec<(String, String)>, Failure> {
        let mut gone = Vec::new();
        let Some(mut listing) = Listing::open(&self.base)? else { return Ok(gone) };
        while let Some((line, _)) = listing.next()? {
            let entry = read(&self.base, &line.text)?;
            if self.holds(&line.target) && !Path::new(&entry.source).exists() {
                gone.push((line.target, entry.source));
            }
        }
        Ok(gone)
    }

    /// Removes a target's files and forgets it. A file that someone edited stays.
    ///
    /// # Errors
    /// When a file cannot be removed.
    pub fn prune(&mut self, target: &str) -> Result<(), Failure> {
        let Some(known) = self.entry(Path::new(target))? else { return Ok(()) };
        for output in known.entry.outputs.iter().filter(|output| output.matches(&self.root)) {
            remove(&self.root.join(&output.path))?;
        }
        self.journal.append(&Note::new(target.to_owned(), true, None))?;
        self.index.forget(target);
        self.changed = true;
        Ok(())
    }

    /// Ends a run that did not get to its end. What it has done is kept; a shard stays without a listing, so that it
    /// does not pass for finished.
    ///
    /// # Errors
    /// When the manifest cannot be written.
    pub fn suspend(self) -> Result<(), Failure> {
        if self.part.is_some() { Ok(()) } else { self.close() }
    }

    /// Writes the manifest and drops the journal.
    ///
    /// # Errors
    /// When the manifest cannot be written; the journal then stays and nothing is lost.
    pub fn close(mut self) -> Result<(), Failure> {
        // The listing that is read must be closed before it is replaced: Windows would refuse.
        self.listing = None;
        if self.changed || self.part.is_some() {
            self.rewrite()?;
        }
        self.index.remember(&self.names.stamps)?;
        self.journal.remove()
    }

    fn rewrite(&mut self) -> Result<(), Failure> {
        let mut sorter = Sorter::new(&self.root);
        let mut failure = None;
        self.journal.replay(|text, _| {
            let Some(note) = Note::read(text).filter(|note| note.settled) else { return };
            let text = note.entry.as_ref().map_or_else(|| Ok(String::new()), written);
            let pushed = text.and_then(|text| sorter.push(Line { target: note.target, text }));
            failure = failure.take().or(pushed.err());
        })?;
        failure.map_or(Ok(()), Err)?;
        let mut news = sorter.finish()?;
        let part = self.part.take().map(|(shard, mut part)| {
            part.rejected.sort();
            (shard, part)
        });
        let head = Head { program: program(), part: part.as_ref().map(|(_, part)| part.clone()) };
        let mut writer = Writer::new(&self.names.listing, &head)?;
        let mut listing = Listing::open(&self.base)?;
        let mut old = || -> Result<Option<Line>, Failure> {
            let Some(listing) = &mut listing else { return Ok(None) };
            loop {
                let line = listing.next()?.map(|(line, _)| line);
                let foreign =
                    |line: &Line| part.as_ref().is_some_and(|(shard, _)| !shard.holds(&line.target));
                if !line.as_ref().is_some_and(foreign) {
                    return Ok(line);
                }
            }
        };
        let (mut before, mut new) = (old()?, news.next()?);
        loop {
            let line = match (&before, &new) {
                (None, None) => break,
                (Some(old_line), Some(new_line)) if old_line.target == new_line.target => {
                    before = old()?;
                    continue;
                }
                (Some(old_line), Some(new_line)) if old_line.target < new_line.target => {
                    std::mem::replace(&mut before, old()?)
                }
                (Some(_), None) => std::mem::replace(&mut before, old()?),
                (_, Some(_)) => std::mem::replace(&mut new, news.next()?),
            };
            if let Some(line) = line.filter(|line| !line.text.is_empty()) {
                writer.line(&line)?;
            }
        }
        drop(listing);
        writer.finish()
    }
}
