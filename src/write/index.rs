//! Where the manifest and its journal tell of each target: a few bytes for each, so that a million projects fit.

use std::collections::HashMap;
use std::collections::hash_map::Entry as Place;
use std::path::Path;

use super::entry::{Modified, Stamp};
use super::stamps::{self, Key};
use crate::diag::Failure;
use crate::hash::sha256_bytes;

/// Where an entry stands, and when its files were last seen.
#[derive(Debug, Clone, Copy)]
pub(super) struct Slot {
    /// Offset in bytes; in the journal where the highest bit is set, else in the listing.
    at: u64,
    pub(super) length: u32,
    /// The youngest time of change behind the stamp, in seconds since 1970; 0 when it was old enough long ago.
    youngest: u32,
    pub(super) stamp: Stamp,
}

const IN_JOURNAL: u64 = 1 << 63;

impl Slot {
    pub(super) fn new(at: u64, text: &str, in_journal: bool) -> Slot {
        let at = if in_journal { at | IN_JOURNAL } else { at };
        Slot { at, length: u32::try_from(text.len()).unwrap_or(u32::MAX), youngest: 0, stamp: Stamp::UNKNOWN }
    }

    pub(super) fn is_in_journal(self) -> bool {
        self.at & IN_JOURNAL != 0
    }

    pub(super) fn at(self) -> u64 {
        self.at & !IN_JOURNAL
    }

    pub(super) fn seen(&mut self, (stamp, youngest): (Stamp, Modified)) {
        self.stamp = stamp;
        self.youngest = youngest.seconds();
    }
}

/// All targets.
#[derive(Debug, Default)]
pub(super) struct Index(HashMap<Key, Slot>);

/// What a target is looked up by.
pub(super) fn key(target: &str) -> Key {
    let mut key = Key::default();
    key.copy_from_slice(&sha256_bytes(target.as_bytes())[..16]);
    key
}

impl Index {
    pub(super) fn get(&self, target: &str) -> Option<Slot> {
        self.0.get(&key(target)).copied()
    }

    pub(super) fn put(&mut self, target: &str, slot: Slot) {
        self.0.insert(key(target), slot);
    }

    pub(super) fn forget(&mut self, target: &str) {
        self.0.remove(&key(target));
    }

    pub(super) fn seen(&mut self, target: &str, seen: (Stamp, Modified)) {
        if let Place::Occupied(mut slot) = self.0.entry(key(target)) {
            slot.get_mut().seen(seen);
        }
    }

    /// Takes the stamps that an earlier run left.
    pub(super) fn recall(&mut self, path: &Path) {
        stamps::read(path, |key, stamp| {
            if let Place::Occupied(mut slot) = self.0.entry(key) {
                slot.get_mut().stamp = stamp;
            }
        });
    }

    /// Leaves the stamps for a later run.
    pub(super) fn remember(&self, path: &Path) -> Result<(), Failure> {
        let records = self.0.iter();
        stamps::write(
            path,
            records.map(|(key, slot)| (*key, slot.stamp, Modified::from_seconds(slot.youngest))),
        )
    }
}
