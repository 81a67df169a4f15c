//! The manifests of the shards of a run: what lies in the output folder, whether it fits together, and how one
//! manifest of the whole is made of it.

use std::path::{Path, PathBuf};

use super::entry::{Entry, Stamp};
use super::index::{Index, Slot};
use super::journal::Journal;
use super::listing::{Head, Line, Listing, Part, Writer, program, read};
use super::sorter::{Sorted, Sorter};
use super::{Manifest, Shard, remove, unwritable};
use crate::diag::{Failure, Finding, Rejection};

/// The files of a manifest.
#[derive(Debug, Clone)]
pub(super) struct Names {
    pub(super) listing: PathBuf,
    pub(super) journal: PathBuf,
    pub(super) stamps: PathBuf,
}

impl Names {
    pub(super) fn new(root: &Path, shard: Option<Shard>) -> Names {
        let infix = shard.map(Shard::infix).unwrap_or_default();
        Names {
            listing: root.join(format!("manifest{infix}.json")),
            journal: root.join(format!(".manifest{infix}.journal")),
            stamps: root.join(format!(".manifest{infix}.stamps")),
        }
    }
}

/// The shards of which a listing or a journal lies in a folder, sorted.
fn shards_in(root: &Path) -> Result<Vec<Shard>, Failure> {
    let files = std::fs::read_dir(root).map_err(|error| unwritable(root, &error))?;
    let mut shards = Vec::new();
    for file in files {
        let name = file.map_err(|error| unwritable(root, &error))?.file_name();
        let name = name.to_string_lossy();
        let listing = name.strip_prefix("manifest.shard-").and_then(|name| name.strip_suffix(".json"));
        let journal = name.strip_prefix(".manifest.shard-").and_then(|name| name.strip_suffix(".journal"));
        shards.extend(listing.or(journal).and_then(Shard::named));
    }
    shards.sort();
    shards.dedup();
    Ok(shards)
}

/// Refuses to go on where the manifests of another run wait: of shards before a run of the whole, of the whole or of
/// another count of shards before a shard.
pub(super) fn refuse_leftovers(root: &Path, shard: Option<Shard>) -> Result<(), Failure> {
    let shown = root.display();
    let others = shards_in(root)?;
    let other = others.iter().find(|other| shard.is_none_or(|shard| shard.count() != other.count()));
    if let Some(other) = other {
        return Err(Failure::new(format!("{shown} 里有分片 {other} 的清单，还没有合并")).fix(format!(
            "请先运行 jixiao merge {shown}；不再需要时删除 {shown}/manifest.shard-*.json 和 {shown}/.manifest.shard-*。"
        )));
    }
    let whole = Names::new(root, None).journal;
    if shard.is_none() || !whole.exists() {
        return Ok(());
    }
    let idle = match Journal::open(&whole)? {
        // A merge that failed leaves nothing but the file.
        Some(journal) if !journal.left => journal.remove().map(|()| true)?,
        _ => false,
    };
    if !idle {
        return Err(Failure::new(format!("另一个 jixiao 正在写入 {shown}，或者上一次运行没有结束"))
            .fix("请等它结束；上一次被中断时，先不带 --shard 再运行一次 render。"));
    }
    Ok(())
}

/// All shards of a run, each finished and all made in the same way. No run can begin while this is held.
pub struct Parts {
    root: PathBuf,
    lock: Journal,
    shards: Vec<Shard>,
    part: Part,
}

/// A target of a shard.
#[derive(Debug)]
pub struct Recorded {
    /// Its outputs' path, without extension.
    pub target: String,
    /// Its files.
    pub entry: Entry,
    text: String,
}

impl Parts {
    /// Finds the shards of an output folder. Where they are merged already there are none, and the manifest of the
    /// whole stands for them.
    ///
    /// # Errors
    /// A finding for each shard that is missing, not finished or differs from the others; a failure when there is
    /// nothing to merge.
    pub fn open(root: &Path) -> Result<Parts, Rejection> {
        let shards = shards_in(root)?;
        let whole = Names::new(root, None);
        if shards.is_empty() && !whole.listing.exists() {
            return Err(Failure::new(format!("{} 里没有分片的清单", root.display()))
                .fix("请先用 jixiao render --shard K/N 渲染全部分片到这个文件夹。")
                .into());
        }
        let Some(lock) = Journal::open(&whole.journal)?.filter(|lock| !lock.left) else {
            return Err(Failure::new(format!("另一个 jixiao 正在写入 {}", root.display()))
                .fix("请等它结束再合并。")
                .into());
        };
        let mut parts = Parts { root: root.to_owned(), lock, shards, part: Part::default() };
        match parts.check() {
            Ok(findings) if findings.is_empty() => Ok(parts),
            Ok(findings) => parts.close().map_err(Rejection::from).and(Err(Rejection::Data(findings))),
            Err(failure) => parts.close().and(Err(failure)).map_err(Rejection::from),
        }
    }

    /// What is wrong with the shards.
    fn check(&mut self) -> Result<Vec<Finding>, Failure> {
        let Some(count) = self.shards.first().map(|shard| shard.count()) else { return Ok(Vec::new()) };
        let told = |file: &Path, rule: &str, message: String, fix: String| {
            Finding::structure(rule, file, message).fix(fix)
        };
        if let Some(other) = self.shards.iter().find(|shard| shard.count() != count) {
            let first = self.shards[0];
            let message = format!("分片 {first} 和 {other} 的总数不一样，不是同一次运行");
            let fix = "请删除其中不要的清单（manifest.shard-*.json）再合并。".to_owned();
            return Ok(vec![told(
                &Names::new(&self.root, Some(*other)).listing,
                "SHARD-COUNT",
                message,
                fix,
            )]);
        }
        let mut findings = Vec::new();
        let mut first: Option<(Shard, Part)> = None;
        let shards: Vec<Shard> = (0..count).filter_map(|index| Shard::new(index, count)).collect();
        for &shard in &shards {
            let names = Names::new(&self.root, Some(shard));
            let again = format!("请重新运行这个分片：jixiao render … --shard {shard}");
            // A journal is there while a shard runs, and after it was killed.
            let journal = names.journal.exists();
            let running = journal && Journal::open(&names.journal)?.is_none();
            let listing = if journal { None } else { Listing::open(&names.listing)? };
            let Some(listing) = listing else {
                let (message, fix) = match (running, journal) {
                    (true, _) => (format!("分片 {shard} 还在运行"), "请等它结束再合并。".to_owned()),
                    (_, true) => (format!("分片 {shard} 中途停止，没有完成"), again),
                    _ => (format!("缺少分片 {shard}"), again),
                };
                findings.push(told(&names.listing, "SHARD-MISSING", message, fix));
                continue;
            };
            let Head { program: made_by, part } = listing.head;
            let mut part = part.unwrap_or_default();
            if made_by != program() {
                let message = format!("分片 {shard} 由 {made_by} 生成，合并的是 {}", program());
                findings.push(told(&names.listing, "SHARD-DIFFERS", message, again.clone()));
            }
            self.part.rejected.append(&mut part.rejected);
            let (of, same) = first.get_or_insert((shard, part.clone()));
            if *same != part {
                let message = format!("分片 {shard} 和分片 {of} 的表式、字体或选项不一样");
                findings.push(told(&names.listing, "SHARD-DIFFERS", message, again));
            }
        }
        if let Some((_, Part { settings, suffixes, .. })) = first {
            self.part = Part { settings, suffixes, rejected: std::mem::take(&mut self.part.rejected) };
        }
        self.shards = shards;
        Ok(findings)
    }

    /// How many there are; none when they are merged already.
    pub fn count(&self) -> u32 {
        u32::try_from(self.shards.len()).unwrap_or(u32::MAX)
    }

    /// What all shards have in common, with the projects that any of them refused.
    pub fn part(&self) -> &Part {
        &self.part
    }

    /// Begins to make one manifest of all.
    ///
    /// # Errors
    /// When a manifest cannot be read; a finding for a target in the wrong shard.
    pub fn merging(&self) -> Result<Merging, Rejection> {
        let mut sorter = Sorter::new(&self.root);
        let whole = Names::new(&self.root, None).listing;
        let shards =
            self.shards.iter().map(|&shard| (Some(shard), Names::new(&self.root, Some(shard)).listing));
        let sources = shards.chain(self.shards.is_empty().then_some((None, whole)));
        for (shard, path) in sources {
            let Some(mut listing) = Listing::open(&path)? else { continue };
            while let Some((line, _)) = listing.next()? {
                if let Some(shard) = shard.filter(|shard| !shard.holds(&line.target)) {
                    let rightly = Shard::of(&line.target, shard.count());
                    let message = format!("{} 属于分片 {rightly}，却在分片 {shard} 的清单里", line.target);
                    return Err(Finding::structure("SHARD-DOUBLE", &path, message)
                        .fix(format!("请重新运行这个分片：jixiao render … --shard {shard}"))
                        .into());
                }
                sorter.push(line)?;
            }
        }
        let head = Head { program: program(), part: None };
        let writer = Writer::new(&Names::new(&self.root, None).listing, &head)?;
        Ok(Merging { root: self.root.clone(), sorted: sorter.finish()?, writer, index: Index::default() })
    }

    /// Gives up merging; the shards stay.
    ///
    /// # Errors
    /// When the lock cannot be removed.
    pub fn close(self) -> Result<(), Failure> {
        self.lock.remove()
    }
}

/// A manifest in the making.
pub struct Merging {
    root: PathBuf,
    sorted: Sorted,
    writer: Writer,
    index: Index,
}

impl Merging {
    /// The next target.
    ///
    /// # Errors
    /// When a manifest cannot be read.
    pub fn take(&mut self) -> Result<Option<Recorded>, Failure> {
        let Some(Line { target, text }) = self.sorted.next()? else { return Ok(None) };
        let entry = read(&self.root, &text)?;
        Ok(Some(Recorded { target, entry, text }))
    }

    /// Takes a target over, with the times of change that its files were read with.
    ///
    /// # Errors
    /// When the manifest cannot be written.
    pub fn keep(&mut self, recorded: Recorded) -> Result<(), Failure> {
        let Recorded { target, entry, text } = recorded;
        let mut slot = Slot::new(0, &text, false);
        slot.seen(Stamp::of(&entry));
        self.index.put(&target, slot);
        self.writer.line(&Line { target, text })
    }

    /// Puts the manifest of the whole in its place and removes those of the shards.
    ///
    /// # Errors
    /// When a file cannot be written or removed.
    pub fn finish(self, parts: Parts) -> Result<(), Failure> {
        let Merging { root, writer, index, sorted: _ } = self;
        let whole = Names::new(&root, None);
        writer.finish()?;
        index.remember(&whole.stamps)?;
        Manifest::sweep(&root);
        for &shard in &parts.shards {
            let names = Names::new(&root, Some(shard));
            remove(&names.stamps)?;
            remove(&names.listing)?;
        }
        parts.close()
    }
}
