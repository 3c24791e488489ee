//! RESP, the serialization protocol of Redis: one reply is text, an error or a list of texts.

use super::text::position;

/// A list longer than this is refused.
const MOST_ITEMS: usize = 64;
/// A line longer than this is refused; long texts have their length before them.
const MOST_LINE: usize = 4096;

/// One reply. A number is the text of its digits, and null is empty text.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Reply {
    Text(Vec<u8>),
    Error(Vec<u8>),
    List(Vec<Vec<u8>>),
}

/// The first reply and its length; nothing when it is not whole yet.
pub(super) fn first(bytes: &[u8], largest: usize) -> Result<Option<(Reply, usize)>, String> {
    let Some((sort, line, mut at)) = line(bytes)? else { return Ok(None) };
    match sort {
        b'-' => Ok(Some((Reply::Error(line.to_vec()), at))),
        b'*' | b'>' => {
            let items = count(line, MOST_ITEMS)?.unwrap_or(0);
            let mut list = Vec::new();
            for _ in 0..items {
                let Some((item, length)) = scalar(&bytes[at..], largest)? else { return Ok(None) };
                list.push(item);
                at += length;
            }
            Ok(Some((Reply::List(list), at)))
        }
        _ => Ok(scalar(bytes, largest)?.map(|(text, length)| (Reply::Text(text), length))),
    }
}

/// What sort the first line is, the rest of it, and where the next begins.
#[expect(clippy::type_complexity, reason = "three words for one use")]
fn line(bytes: &[u8]) -> Result<Option<(u8, &[u8], usize)>, String> {
    let Some(end) = position(&bytes[..bytes.len().min(MOST_LINE)], b"\r\n") else {
        return match bytes.len() {
            0..MOST_LINE => Ok(None),
            _ => Err(format!("a line longer than {MOST_LINE} bytes")),
        };
    };
    match bytes[..end].split_first() {
        Some((sort, rest)) if b"+-:$*>_#,".contains(sort) => Ok(Some((*sort, rest, end + 2))),
        Some((sort, _)) => Err(format!("a reply that begins with byte {sort:#04x}")),
        None => Err("an empty line where a reply should begin".into()),
    }
}

/// A length; nothing for -1, which is null.
fn count(digits: &[u8], most: usize) -> Result<Option<usize>, String> {
    if digits == b"-1" {
        return Ok(None);
    }
    let number = std::str::from_utf8(digits).ok().and_then(|text| text.parse::<usize>().ok());
    match number {
        Some(n) if n <= most => Ok(Some(n)),
        Some(n) => Err(format!("a length of {n}, where at most {most} are taken")),
        None => Err("a length that is no number".into()),
    }
}

fn scalar(bytes: &[u8], largest: usize) -> Result<Option<(Vec<u8>, usize)>, String> {
    let Some((sort, line, at)) = line(bytes)? else { return Ok(None) };
    match sort {
        b'$' => {
            let Some(length) = count(line, largest)? else { return Ok(Some((Vec::new(), at))) };
            let Some(text) = bytes.get(at..at + length + 2) else { return Ok(None) };
            if !text.ends_with(b"\r\n") {
                return Err("a text longer than its length".into());
            }
            Ok(Some((text[..length].to_vec(), at + length + 2)))
        }
        b'*' | b'>' => Err("a list within a list".into()),
        b'_' => Ok(Some((Vec::new(), at))),
        _ => Ok(Some((line.to_vec(), at))),
    }
}

/// Writes a command: a list of texts.
pub(super) fn command(words: &[Vec<u8>], out: &mut Vec<u8>) {
    out.extend(format!("*{}\r\n", words.len()).as_bytes());
    for word in words {
        out.extend(format!("${}\r\n", word.len()).as_bytes());
        out.extend(word);
        out.extend(b"\r\n");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Option<(Reply, usize)>, String> {
        first(text.as_bytes(), 100)
    }

    #[test]
    fn every_sort_of_reply_is_read_whole() {
        let text = |text: &str| Reply::Text(text.as_bytes().to_vec());
        for (bytes, reply) in [
            ("+PONG\r\n", text("PONG")),
            (":7\r\n", text("7")),
            ("$2\r\nhi\r\n", text("hi")),
            ("$-1\r\n", text("")),
            ("-ERR x\r\n", Reply::Error(b"ERR x".to_vec())),
            ("*2\r\n$1\r\na\r\n:1\r\n", Reply::List(vec![b"a".to_vec(), b"1".to_vec()])),
        ] {
            assert_eq!(read(bytes), Ok(Some((reply, bytes.len()))), "{bytes}");
            for cut in 0..bytes.len() {
                assert_eq!(read(&bytes[..cut]), Ok(None), "{bytes} cut at {cut}");
            }
        }
    }

    #[test]
    fn what_is_no_reply_or_too_long_is_an_error() {
        for wrong in
            ["HTTP\r\n", "\r\n", "$x\r\n", "$101\r\n", "*65\r\n", "*1\r\n*1\r\n", "$1\r\nabc"]
        {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}
