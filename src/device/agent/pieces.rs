//! The log in pieces, as a host asks for it.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Seek, SeekFrom};
use std::path::Path;

use crate::device::protocol::ToHost;

/// So much of the log goes in one line, unless one of its own lines is longer.
const PIECE: usize = 256 << 10;

/// Gives the whole lines of the log at `path` from byte `from` on to `say`, piece by piece; the last one says that
/// it is. What is still being written is left for the next time.
///
/// # Errors
/// When the log cannot be read.
pub fn pieces(path: &Path, from: u64, mut say: impl FnMut(ToHost)) -> io::Result<()> {
    let mut file = File::open(path)?;
    let from = from.min(file.metadata()?.len());
    file.seek(SeekFrom::Start(from))?;
    let mut reader = BufReader::new(file);
    let (mut begin, mut text) = (from, String::new());
    loop {
        let before = text.len();
        // The log is JSON of our own: UTF-8.
        let read = reader.read_line(&mut text)?;
        if read == 0 || !text.ends_with('\n') {
            text.truncate(before);
            say(ToHost::Log { from: begin, text, end: true });
            return Ok(());
        }
        if text.len() >= PIECE {
            let whole = std::mem::take(&mut text);
            let next = begin + whole.len() as u64;
            say(ToHost::Log { from: begin, text: whole, end: false });
            begin = next;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(text: &str, from: u64) -> Vec<(u64, String, bool)> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("log");
        std::fs::write(&path, text).unwrap();
        let mut told = Vec::new();
        pieces(&path, from, |piece| {
            let ToHost::Log { from, text, end } = piece else { panic!("{piece:?}") };
            told.push((from, text, end));
        })
        .unwrap();
        told
    }

    #[test]
    fn a_log_is_told_in_whole_lines_from_any_byte_on() {
        assert_eq!(asked("ab\ncd\ne", 3), [(3, "cd\n".into(), true)]);
        assert_eq!(asked("ab\n", 3), [(3, String::new(), true)]);
        assert_eq!(asked("ab\n", 99), [(3, String::new(), true)]);
    }

    #[test]
    fn a_long_log_comes_in_pieces_that_follow_each_other() {
        let text = format!("{}\n", "x".repeat(99)).repeat(10_000);
        let told = asked(&text, 0);
        assert!(told.len() > 3 && told.iter().rev().skip(1).all(|(.., end)| !end));
        assert!(told.last().is_some_and(|(.., end)| *end));
        let mut whole = String::new();
        for (from, piece, _) in told {
            assert_eq!(from, whole.len() as u64);
            whole.push_str(&piece);
        }
        assert_eq!(whole, text);
    }
}
