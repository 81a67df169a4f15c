//! SHA-256 as lower-case hexadecimal, as `sha256sum` prints it.

use sha2::{Digest, Sha256};

/// Hash over several pieces, as if they stood one after the other.
pub(crate) fn sha256<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> String {
    let mut hasher = Sha256::new();
    for piece in pieces {
        hasher.update(piece);
    }
    hexadecimal(hasher)
}

/// Hash over one piece, as bytes.
pub(crate) fn sha256_bytes(piece: &[u8]) -> [u8; 32] {
    Sha256::digest(piece).into()
}

/// The first 64 bits of the hash over one piece, as a number: for what is only counted and compared.
pub(crate) fn short(piece: &[u8]) -> u64 {
    let hash = sha256_bytes(piece);
    hash[..8].iter().fold(0, |number, byte| number << 8 | u64::from(*byte))
}

/// Hash over all that a reader gives, and its length.
///
/// # Errors
/// When it cannot be read.
pub(crate) fn sha256_of(mut reader: impl std::io::Read) -> std::io::Result<(String, u64)> {
    let (mut hasher, mut length) = (Sha256::new(), 0);
    let mut buffer = vec![0; 1 << 16];
    loop {
        match reader.read(&mut buffer)? {
            0 => return Ok((hexadecimal(hasher), length)),
            read => {
                hasher.update(&buffer[..read]);
                length += read as u64;
            }
        }
    }
}

fn hexadecimal(hasher: Sha256) -> String {
    use std::fmt::Write;
    hasher.finalize().iter().fold(String::with_capacity(64), |mut out, byte| {
        let _ = write!(out, "{byte:02x}");
        out
    })
}
