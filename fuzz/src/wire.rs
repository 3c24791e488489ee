//! What has to hold of any bytes that come over a connection. The fuzz target calls this, and so does an ordinary
//! test.

use holdline::wire::{ClientMessage, Lines, ServerMessage, Wrong};

/// Short, so that long lines are found soon.
const MOST_LINE: usize = 64;

/// Reads `input` as lines, in pieces as its first byte says and whole, and each line as what a client and what a
/// server says.
///
/// # Panics
/// When something does not hold.
pub(crate) fn wire(input: &[u8]) {
    let Some((size, bytes)) = input.split_first() else { return };
    let whole = lines(&[bytes]);
    let pieces: Vec<&[u8]> = bytes.chunks(usize::from(*size).max(1)).collect();
    assert_eq!(lines(&pieces), whole, "pieces of {size}");
    for line in whole.iter().flatten() {
        assert!(line.len() <= MOST_LINE && !line.contains(char::is_control));
        if let Ok(message) = ClientMessage::decode(line) {
            let written = written(|out| message.encode(out));
            assert_eq!(ClientMessage::decode(&written), Ok(message), "{line}");
        }
        if let Ok(message) = ServerMessage::decode(line) {
            let written = written(|out| message.encode(out));
            assert_eq!(ServerMessage::decode(&written), Ok(message), "{line}");
        }
    }
}

/// All lines, to the first that is too long.
fn lines(pieces: &[&[u8]]) -> Vec<Result<String, Wrong>> {
    let (mut lines, mut found, mut over) = (Lines::default(), Vec::new(), false);
    for piece in pieces {
        lines.feed(piece, MOST_LINE, |line| {
            over = line == Err(Wrong::TooLong);
            found.push(line.map(str::to_owned));
            !over
        });
        if over {
            break;
        }
    }
    found
}

fn written(encode: impl FnOnce(&mut Vec<u8>)) -> String {
    let mut bytes = Vec::new();
    encode(&mut bytes);
    assert_eq!(bytes.pop(), Some(b'\n'));
    String::from_utf8(bytes).expect("a line is text")
}
