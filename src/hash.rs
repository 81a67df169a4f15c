//! SHA-256 as lower-case hexadecimal, as `sha256sum` prints it.

use sha2::{Digest, Sha256};

/// Hash over several pieces, as if they stood one after the other.
pub(crate) fn sha256<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> String {
    use std::fmt::Write;
    let mut hasher = Sha256::new();
    for piece in pieces {
        hasher.update(piece);
    }
    hasher.finalize().iter().fold(String::with_capacity(64), |mut out, byte| {
        let _ = write!(out, "{byte:02x}");
        out
    })
}
