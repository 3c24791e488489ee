//! Messages with headers, as SIP has them over TCP: lines up to an empty one, then as many bytes as
//! `Content-Length` says. A line end where a message should begin is a unit of its own.

use super::text::{Text, TextPattern};
use super::values::{Escape, Lookup, Values};

/// More header lines than this are refused.
const MOST_HEADERS: usize = 128;
/// More bytes than this before the body are refused.
const MOST_HEAD: usize = 16 << 10;

/// The compact forms of SIP: RFC 3261, 20.
const COMPACT: [(&str, &str); 7] = [
    ("v", "via"),
    ("f", "from"),
    ("t", "to"),
    ("i", "call-id"),
    ("l", "content-length"),
    ("m", "contact"),
    ("c", "content-type"),
];

/// A message; with an empty first line, a line end alone.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Message {
    start: Vec<u8>,
    /// Names in small letters.
    headers: Vec<(String, Vec<u8>)>,
    body: Vec<u8>,
}

impl Message {
    /// The header called `name`; one that is there several times is a list: RFC 3261, 7.3.1.
    fn header(&self, name: &str) -> Option<Vec<u8>> {
        let all: Vec<&[u8]> =
            self.headers.iter().filter(|(n, _)| n == name).map(|(_, v)| v.as_slice()).collect();
        (!all.is_empty()).then(|| all.join(&b", "[..]))
    }
}

/// The length of the line end that `bytes` begin with.
fn line_end(bytes: &[u8]) -> Option<usize> {
    [&b"\r\n"[..], b"\n"].into_iter().find(|end| bytes.starts_with(end)).map(<[u8]>::len)
}

fn name_of(raw: &str) -> String {
    let name = raw.trim().to_ascii_lowercase();
    let long = COMPACT.iter().find(|(short, _)| *short == name);
    long.map_or(name, |(_, long)| (*long).to_owned())
}

/// The first message and its length; nothing when it is not whole yet.
pub(super) fn first(bytes: &[u8], largest: usize) -> Result<Option<(Message, usize)>, String> {
    if let Some(length) = line_end(bytes) {
        return Ok(Some((Message::default(), length)));
    }
    let mut ends = (0..bytes.len().min(MOST_HEAD)).filter(|at| bytes[*at] == b'\n');
    let end = ends.find_map(|at| Some((at, line_end(&bytes[at + 1..])?)));
    let Some((end, empty)) = end else {
        return match bytes.len() {
            0..=MOST_HEAD => Ok(None),
            _ => Err(format!("headers longer than {MOST_HEAD} bytes")),
        };
    };
    let mut message = head(&bytes[..end])?;
    let length = match message.header("content-length") {
        None => 0,
        Some(digits) => std::str::from_utf8(&digits)
            .ok()
            .and_then(|digits| digits.trim().parse::<usize>().ok())
            .ok_or("a Content-Length that is no number")?,
    };
    let begin = end + 1 + empty;
    if length > largest.saturating_sub(begin) {
        return Err(format!("a message longer than {largest} bytes"));
    }
    let Some(body) = bytes.get(begin..begin + length) else { return Ok(None) };
    message.body = body.to_vec();
    Ok(Some((message, begin + length)))
}

fn head(bytes: &[u8]) -> Result<Message, String> {
    let mut lines = bytes.split(|byte| *byte == b'\n').map(|line| line.trim_ascii_end());
    let mut message =
        Message { start: lines.next().unwrap_or_default().to_vec(), ..Message::default() };
    for line in lines {
        let folded = line.first().is_some_and(|byte| b" \t".contains(byte));
        if let (true, Some((_, value))) = (folded, message.headers.last_mut()) {
            value.push(b' ');
            value.extend(line.trim_ascii());
            continue;
        }
        let colon = line.iter().position(|byte| *byte == b':').ok_or("a header without a colon")?;
        let name = std::str::from_utf8(&line[..colon]).map_err(|_| "a header not in UTF-8")?;
        message.headers.push((name_of(name), line[colon + 1..].trim_ascii().to_vec()));
        if message.headers.len() > MOST_HEADERS {
            return Err(format!("more than {MOST_HEADERS} headers"));
        }
    }
    Ok(message)
}

/// A message in a dialect: the head, and the body behind an empty line.
fn parted(text: &str) -> (&str, &str) {
    let text = text.strip_prefix('\n').unwrap_or(text);
    text.split_once("\n\n").unwrap_or((text.trim_end_matches('\n'), ""))
}

/// A message that is written; its `Content-Length` is counted.
#[derive(Clone, Debug)]
pub(super) struct MessageTemplate {
    head: Text,
    body: Text,
}

impl MessageTemplate {
    pub(super) fn read(text: &str, known: &[String]) -> Result<MessageTemplate, String> {
        let (head, body) = parted(text);
        let counted =
            |line: &str| name_of(line.split(':').next().unwrap_or("")) == "content-length";
        if head.lines().any(counted) {
            return Err("Content-Length is counted and must not be written".into());
        }
        let head = head.replace('\n', "\r\n");
        Ok(MessageTemplate { head: Text::read(&head, known)?, body: Text::read(body, known)? })
    }

    pub(super) fn write(&self, values: Lookup<'_>, out: &mut Vec<u8>) {
        let mut body = Vec::new();
        self.body.write(values, Escape::None, &mut body);
        self.head.write(values, Escape::Line, out);
        out.extend(format!("\r\nContent-Length: {}\r\n\r\n", body.len()).as_bytes());
        out.append(&mut body);
    }
}

/// A message that is recognized by its first line, some of its headers and perhaps its body.
#[derive(Clone, Debug)]
pub(super) struct MessagePattern {
    start: TextPattern,
    headers: Vec<(String, TextPattern)>,
    body: Option<TextPattern>,
}

impl MessagePattern {
    pub(super) fn read(
        text: &str,
        known: &[String],
        caught: &mut Vec<String>,
    ) -> Result<MessagePattern, String> {
        let (head, body) = parted(text);
        let mut lines = head.lines();
        let start = TextPattern::read(lines.next().unwrap_or(""), known, caught)?;
        let mut headers = Vec::new();
        for line in lines {
            let (name, value) =
                line.split_once(':').ok_or_else(|| format!("`{line}` is no header"))?;
            headers.push((name_of(name), TextPattern::read(value.trim(), known, caught)?));
        }
        let body = match body {
            "" => None,
            body => Some(TextPattern::read(body, known, caught)?),
        };
        Ok(MessagePattern { start, headers, body })
    }

    pub(super) fn matches(
        &self,
        message: &Message,
        values: Lookup<'_>,
        caught: &mut Values,
    ) -> bool {
        self.start.matches(&message.start, values, caught)
            && self.headers.iter().all(|(name, pattern)| {
                let value = message.header(name);
                value.is_some_and(|value| pattern.matches(&value, values, caught))
            })
            && self
                .body
                .as_ref()
                .is_none_or(|pattern| pattern.matches(&message.body, values, caught))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> Result<Option<(Message, usize)>, String> {
        first(bytes, 1000)
    }

    #[test]
    fn a_message_is_whole_with_its_body_only() {
        let bytes = b"A b\r\nVia: x\r\nv: y\r\n z\r\nl: 2\r\n\r\nhixx";
        for cut in 1..bytes.len() - 2 {
            assert_eq!(first(&bytes[..cut], 1000), Ok(None), "{cut}");
        }
        let (message, length) = read(bytes).unwrap().unwrap();
        assert_eq!(length, bytes.len() - 2);
        assert_eq!(message.header("via"), Some(b"x, y z".to_vec()));
        assert_eq!((&*message.start, &*message.body), (&b"A b"[..], &b"hi"[..]));
    }

    #[test]
    fn a_line_end_before_a_message_is_a_unit_of_its_own() {
        assert_eq!(read(b"\r\n\r\n"), Ok(Some((Message::default(), 2))));
        assert_eq!(read(b"\r"), Ok(None));
    }

    #[test]
    fn what_is_no_message_is_an_error() {
        assert!(read(b"A\r\nb\r\n\r\n").is_err());
        assert!(read(b"A\r\nl: x\r\n\r\n").is_err());
        assert!(read(b"A\r\nl: 990\r\n\r\n").unwrap_err().contains("longer than 1000"));
    }
}
