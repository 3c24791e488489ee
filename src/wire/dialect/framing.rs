//! How the bytes of a connection are cut into what can be recognized.

use super::mistake::{Section, text};
use super::{headers, resp, xml};

/// A unit longer than this is refused, unless the dialect says otherwise.
const LARGEST: usize = 64 << 10;
/// A dialect cannot allow more than this.
const MOST: i64 = 1 << 20;

/// How bytes are cut.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Framing {
    /// Lines; after one that begins with one of `bodies`, as many bytes follow as its last word says.
    Lines { end: &'static str, bodies: Vec<String> },
    /// Messages with headers.
    Headers,
    /// Replies of Redis.
    Resp,
    /// Elements below the root.
    Xml { root: String },
    /// Some bytes, then the length of what follows.
    Prefixed { header: usize, length: Length },
}

/// How the length of a packet is written.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub(super) enum Length {
    /// Seven bits a byte, the lowest first, at most four bytes: MQTT 3.1.1, 2.2.3.
    Varint,
    /// So many bytes, the highest first.
    Fixed(usize),
}

/// What is recognized as a whole.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Unit {
    Line { line: Vec<u8>, body: Option<Vec<u8>> },
    Message(headers::Message),
    Reply(resp::Reply),
    Element(xml::Node),
    Packet(Vec<u8>),
}

/// What some bytes begin with.
pub(super) enum Next {
    /// A unit of this length.
    Unit(Unit, usize),
    /// So many bytes that say nothing.
    Nothing(usize),
    /// It is not whole yet.
    More,
}

impl Framing {
    /// Reads `[framing]`: how, and the length of the longest unit.
    pub(super) fn read(section: &Section<'_>) -> Option<(Framing, usize)> {
        let largest = section.number("largest", 64..=MOST);
        let largest = largest.and_then(|n| usize::try_from(n).ok()).unwrap_or(LARGEST);
        let kind = section.required("kind")?;
        let name = text(kind, "`kind`", section.mistakes)?;
        let only = |key: &str, of: &str| {
            if let (Some(value), false) = (section.raw(key), name == of) {
                let message = format!("framing `{name}` takes no `{key}`; `{of}` does");
                section.mistakes.add(value.span(), message);
            }
        };
        for (key, of) in [
            ("line-end", "lines"),
            ("bodies-after", "lines"),
            ("root", "xml"),
            ("header", "length-prefixed"),
            ("length", "length-prefixed"),
        ] {
            only(key, of);
        }
        let framing = match name {
            "lines" => Framing::Lines { end: line_end(section)?, bodies: bodies(section)? },
            "headers" => Framing::Headers,
            "resp" => Framing::Resp,
            "xml" => {
                let root = section.required("root")?;
                Framing::Xml { root: text(root, "`root`", section.mistakes)?.to_owned() }
            }
            "length-prefixed" => {
                section.required("header")?;
                let header = usize::try_from(section.number("header", 0..=16)?).ok()?;
                Framing::Prefixed { header, length: length(section)? }
            }
            _ => {
                let known = "lines, headers, resp, xml or length-prefixed";
                section.mistakes.add(kind.span(), format!("`kind` must be {known}"));
                return None;
            }
        };
        Some((framing, largest))
    }

    /// What `bytes` begin with, of which the first `scanned` were not enough. No unit is longer than `largest`.
    pub(super) fn next(
        &self,
        bytes: &[u8],
        scanned: usize,
        largest: usize,
    ) -> Result<Next, String> {
        // What cannot be whole yet is not looked at again and again. An error must not depend on how the bytes
        // were cut, so nothing is looked at behind the end of what may be whole.
        let new = bytes.get(scanned..).unwrap_or_default();
        let blank = bytes.first().is_some_and(u8::is_ascii_whitespace);
        let next = match self {
            Framing::Lines { bodies, .. } if bodies.is_empty() && !new.contains(&b'\n') => {
                Next::More
            }
            Framing::Xml { .. } if !blank => match new.iter().rposition(|byte| *byte == b'>') {
                Some(end) => self.whole(&bytes[..=scanned + end], largest)?,
                None => Next::More,
            },
            Framing::Lines { .. }
            | Framing::Headers
            | Framing::Resp
            | Framing::Xml { .. }
            | Framing::Prefixed { .. } => self.whole(bytes, largest)?,
        };
        let long = match &next {
            Next::Unit(_, length) => *length > largest,
            Next::Nothing(_) => false,
            Next::More => bytes.len() > largest,
        };
        if long { Err(format!("more than {largest} bytes at once")) } else { Ok(next) }
    }

    fn whole(&self, bytes: &[u8], largest: usize) -> Result<Next, String> {
        let found = match self {
            Framing::Lines { bodies, .. } => line(bytes, bodies, largest)?,
            Framing::Headers => headers::first(bytes, largest)?
                .map(|(message, length)| (Unit::Message(message), length)),
            Framing::Resp => {
                resp::first(bytes, largest)?.map(|(reply, length)| (Unit::Reply(reply), length))
            }
            Framing::Xml { root } => match xml::first(bytes, root)? {
                xml::First::Element(node, length) => Some((Unit::Element(node), length)),
                xml::First::Nothing(length) => return Ok(Next::Nothing(length)),
                xml::First::More => None,
            },
            Framing::Prefixed { header, length } => {
                let body = bytes.get(*header..).unwrap_or_default();
                match length.take(body)? {
                    Some((inside, of_length)) if header + of_length + inside > largest => {
                        return Err(format!("a packet of {inside} bytes; {largest} are allowed"));
                    }
                    Some((inside, of_length)) => {
                        let whole = header + of_length + inside;
                        bytes.get(..whole).map(|packet| (Unit::Packet(packet.to_vec()), whole))
                    }
                    None => None,
                }
            }
        };
        Ok(found.map_or(Next::More, |(unit, length)| Next::Unit(unit, length)))
    }
}

/// The first line with its body, if it has one.
fn line(bytes: &[u8], bodies: &[String], largest: usize) -> Result<Option<(Unit, usize)>, String> {
    let Some(end) = bytes.iter().position(|byte| *byte == b'\n') else { return Ok(None) };
    let line = bytes[..end].strip_suffix(b"\r").unwrap_or(&bytes[..end]);
    let starts = |word: &String| {
        let rest = line.strip_prefix(word.as_bytes());
        rest.is_some_and(|rest| rest.first().is_none_or(|byte| *byte == b' '))
    };
    if !bodies.iter().any(starts) {
        return Ok(Some((Unit::Line { line: line.to_vec(), body: None }, end + 1)));
    }
    let count = line.rsplit(|byte| *byte == b' ').next().and_then(|digits| {
        let digits = std::str::from_utf8(digits).ok()?;
        digits.parse::<usize>().ok().filter(|count| *count <= largest)
    });
    let count = count.ok_or("a line whose last word should be the length of its body")?;
    let begin = end + 1;
    let Some(body) = bytes.get(begin..begin + count) else { return Ok(None) };
    let line_end = match &bytes[begin + count..] {
        [b'\n', ..] => 1,
        [b'\r', b'\n', ..] => 2,
        [] | [b'\r'] => return Ok(None),
        _ => return Err("a body longer than its length".into()),
    };
    let unit = Unit::Line { line: line.to_vec(), body: Some(body.to_vec()) };
    Ok(Some((unit, begin + count + line_end)))
}

impl Length {
    /// The length that `bytes` begin with, and how many bytes it takes.
    pub(super) fn take(self, bytes: &[u8]) -> Result<Option<(usize, usize)>, String> {
        match self {
            Length::Fixed(size) => Ok(bytes.get(..size).map(|digits| {
                (digits.iter().fold(0, |value, byte| value << 8 | usize::from(*byte)), size)
            })),
            Length::Varint => {
                let mut value = 0;
                for (place, byte) in bytes.iter().take(4).enumerate() {
                    value |= usize::from(byte & 0x7f) << (7 * place);
                    if byte & 0x80 == 0 {
                        return Ok(Some((value, place + 1)));
                    }
                }
                if bytes.len() < 4 {
                    Ok(None)
                } else {
                    Err("a length of more than four bytes".into())
                }
            }
        }
    }

    /// Writes `length`.
    pub(super) fn write(self, length: usize, out: &mut Vec<u8>) -> Result<(), String> {
        let most = match self {
            Length::Fixed(size) => (1_u64 << (8 * size)) - 1,
            Length::Varint => (1 << 28) - 1,
        };
        let mut value = length as u64;
        if value > most {
            return Err(format!("{length} bytes do not fit in a length of this sort"));
        }
        match self {
            Length::Fixed(size) => out.extend(&value.to_be_bytes()[8 - size..]),
            Length::Varint => loop {
                let byte = (value & 0x7f) as u8;
                value >>= 7;
                out.push(if value > 0 { byte | 0x80 } else { byte });
                if value == 0 {
                    break;
                }
            },
        }
        Ok(())
    }
}

fn line_end(section: &Section<'_>) -> Option<&'static str> {
    let Some(value) = section.raw("line-end") else { return Some("\n") };
    match text(value, "`line-end`", section.mistakes)? {
        "lf" => Some("\n"),
        "crlf" => Some("\r\n"),
        _ => {
            section.mistakes.add(value.span(), "`line-end` must be lf or crlf");
            None
        }
    }
}

fn bodies(section: &Section<'_>) -> Option<Vec<String>> {
    let words = section.list("bodies-after", 16).iter();
    words.map(|word| Some(text(word, "a word", section.mistakes)?.to_owned())).collect()
}

fn length(section: &Section<'_>) -> Option<Length> {
    let value = section.required("length")?;
    match text(value, "`length`", section.mistakes)? {
        "varint" => Some(Length::Varint),
        "u8" => Some(Length::Fixed(1)),
        "u16" => Some(Length::Fixed(2)),
        "u32" => Some(Length::Fixed(4)),
        _ => {
            section.mistakes.add(value.span(), "`length` must be varint, u8, u16 or u32");
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_length_comes_back_as_it_was_written() {
        // The bounds are those of MQTT 3.1.1, table 2.4.
        for (length, bytes) in [
            (0, &[0x00][..]),
            (127, &[0x7f]),
            (128, &[0x80, 0x01]),
            (16_383, &[0xff, 0x7f]),
            (2_097_151, &[0xff, 0xff, 0x7f]),
            (268_435_455, &[0xff, 0xff, 0xff, 0x7f]),
        ] {
            let mut out = Vec::new();
            Length::Varint.write(length, &mut out).unwrap();
            assert_eq!(out, bytes);
            assert_eq!(Length::Varint.take(&out), Ok(Some((length, bytes.len()))));
        }
        assert!(Length::Varint.write(268_435_456, &mut Vec::new()).is_err());
        assert!(Length::Varint.take(&[0xff; 4]).is_err());
        assert!(Length::Fixed(1).write(256, &mut Vec::new()).is_err());
        assert_eq!(Length::Fixed(2).take(&[1, 2, 3]), Ok(Some((0x102, 2))));
    }

    #[test]
    fn a_line_with_a_body_is_whole_with_its_body() {
        let framing = Framing::Lines { end: "\r\n", bodies: vec!["MSG".into()] };
        let bytes = b"MSG a 4\r\n\r\n\r\n\r\nMSGS 3\r\n";
        let Ok(Next::Unit(unit, length)) = framing.next(bytes, 0, 100) else { panic!() };
        let line = b"MSG a 4".to_vec();
        assert_eq!(unit, Unit::Line { line, body: Some(b"\r\n\r\n".to_vec()) });
        let Ok(Next::Unit(unit, _)) = framing.next(&bytes[length..], 0, 100) else { panic!() };
        assert_eq!(unit, Unit::Line { line: b"MSGS 3".to_vec(), body: None });
        for cut in 0..length {
            assert!(matches!(framing.next(&bytes[..cut], 0, 100), Ok(Next::More)), "{cut}");
        }
        assert!(framing.next(b"MSG x\r\n", 0, 100).is_err());
        assert!(framing.next(b"MSG 1\r\nabc", 0, 100).is_err());
    }

    #[test]
    fn nothing_longer_than_the_largest_is_held() {
        let lines = Framing::Lines { end: "\n", bodies: Vec::new() };
        assert!(lines.next(&[b'x'; 101], 0, 100).is_err());
        let packets = Framing::Prefixed { header: 1, length: Length::Varint };
        assert!(packets.next(&[0x30, 0xff, 0x7f], 0, 100).is_err());
    }
}
