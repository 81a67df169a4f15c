//! The file beside the manifest that remembers in which state the outputs were last seen. It is no part of the
//! result, since times differ from machine to machine; without it every output is read once more.

use std::io::{BufReader, BufWriter, Read, Write};
use std::path::Path;

use super::entry::{Modified, Stamp};
use super::{Draft, unwritable};
use crate::diag::Failure;

/// What a target is looked up by: the first half of its path's SHA-256.
pub(super) type Key = [u8; 16];

/// How the file begins.
const MAGIC: &[u8] = b"jixiao stamps 1\n";
/// Bytes of a record: a key, a stamp.
const RECORD: usize = 24;

/// Hands each record to `each`. A file that is missing or strange says nothing.
pub(super) fn read(path: &Path, mut each: impl FnMut(Key, Stamp)) {
    let Ok(file) = std::fs::File::open(path) else { return };
    let mut file = BufReader::new(file);
    let mut magic = [0; MAGIC.len()];
    if file.read_exact(&mut magic).is_err() || magic != MAGIC {
        return;
    }
    let mut record = [0; RECORD];
    while file.read_exact(&mut record).is_ok() {
        let (mut key, mut stamp) = (Key::default(), [0; 8]);
        key.copy_from_slice(&record[..16]);
        stamp.copy_from_slice(&record[16..]);
        each(key, Stamp(u64::from_le_bytes(stamp)));
    }
}

/// Writes the records of files that have not changed for so long that another change would show.
pub(super) fn write(
    path: &Path,
    records: impl Iterator<Item = (Key, Stamp, Modified)>,
) -> Result<(), Failure> {
    let mut draft = Draft::new(path)?;
    let failed = |error: &std::io::Error| unwritable(path, error);
    // The clock of the file system, which sets the times that are compared.
    draft.write_all(MAGIC).map_err(|error| failed(&error))?;
    let now = draft.modified()?;
    let mut draft = BufWriter::new(draft);
    for (key, stamp, youngest) in records {
        if stamp != Stamp::UNKNOWN && (youngest == Modified::default() || youngest.is_settled(now)) {
            let mut record = [0; RECORD];
            record[..16].copy_from_slice(&key);
            record[16..].copy_from_slice(&stamp.0.to_le_bytes());
            draft.write_all(&record).map_err(|error| failed(&error))?;
        }
    }
    draft.into_inner().map_err(|error| failed(error.error()))?.publish()?;
    Ok(())
}
