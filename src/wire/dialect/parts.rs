//! Binary packets as lists of parts, written and recognized.

use std::ops::Range;

use super::framing::Length;
use super::mistake::{Mistakes, Value, number, text};
use super::text::{Text, TextPattern, names};
use super::values::{Escape, Lookup, Values};

/// Lists of parts longer than this are refused.
const MOST_PARTS: usize = 64;
/// Lists within lists deeper than this are refused.
const MOST_DEPTH: usize = 4;

/// The keys of a part, for help.
const KEYS: &str = "\"text\", { hex = \"c0 00\" }, { u8 = 1 }, { u16 = \"{n}\" }, { u32 = 1 }, \
                    { text16 = \"MQTT\" }, { sized = […] }; in a pattern also { any = 2 } and \
                    { bits = \"0011.01.\" }";

/// A part that is written.
#[derive(Clone, Debug)]
pub(super) enum Part {
    Bytes(Vec<u8>),
    Text(Text),
    Number { size: usize, value: Number },
    Text16(Text),
    Sized(Vec<Part>),
}

/// A number: this, or what a name stands for.
#[derive(Clone, Debug)]
pub(super) enum Number {
    Is(u64),
    Of(String),
}

/// A part that is recognized.
#[derive(Clone, Debug)]
pub(super) enum Sought {
    Bytes(Vec<u8>),
    /// All that is left.
    Text(TextPattern),
    Number {
        size: usize,
        value: SoughtNumber,
    },
    Text16(TextPattern),
    Sized(Vec<Sought>),
    Any(usize),
    Bits {
        mask: u8,
        value: u8,
    },
}

#[derive(Clone, Debug)]
pub(super) enum SoughtNumber {
    Is(u64),
    Value(String),
    Catch(String),
}

/// What a part is, as it is spelled.
struct Spelled<'a> {
    key: &'a str,
    /// Where the key stands.
    at: Range<usize>,
    value: &'a Value<'a>,
}

fn spelled<'a>(item: &'a Value<'a>, mistakes: &Mistakes) -> Option<Spelled<'a>> {
    if item.get_ref().as_str().is_some() {
        return Some(Spelled { key: "text", at: item.span(), value: item });
    }
    let mut entries = item.get_ref().as_table().into_iter().flatten();
    match (entries.next(), entries.next()) {
        (Some((key, value)), None) => {
            Some(Spelled { key: key.get_ref().as_ref(), at: key.span(), value })
        }
        (None, _) | (Some(_), Some(_)) => {
            let message = "a part is text, or a table with one key";
            mistakes.add_with_help(item.span(), message, format!("a part is one of {KEYS}"));
            None
        }
    }
}

fn items<'a>(value: &'a Value<'a>, depth: usize, mistakes: &Mistakes) -> Option<&'a [Value<'a>]> {
    let Some(items) = value.get_ref().as_array() else {
        mistakes.add_with_help(
            value.span(),
            "a packet is a list of parts",
            format!("a part is one of {KEYS}"),
        );
        return None;
    };
    if items.len() > MOST_PARTS || depth > MOST_DEPTH {
        let message = format!("more than {MOST_PARTS} parts, or deeper than {MOST_DEPTH}");
        mistakes.add(value.span(), message);
        return None;
    }
    Some(items)
}

/// The bytes of `hex`: two digits each, with blanks anywhere.
pub(super) fn hex(value: &Value<'_>, mistakes: &Mistakes) -> Option<Vec<u8>> {
    let written = text(value, "`hex`", mistakes)?;
    let digits: Vec<Option<u32>> =
        written.chars().filter(|c| !c.is_whitespace()).map(|c| c.to_digit(16)).collect();
    let pair = |pair: &[Option<u32>]| match pair {
        [Some(high), Some(low)] => u8::try_from(high << 4 | low).ok(),
        _ => None,
    };
    let bytes: Option<Vec<u8>> = digits.chunks(2).map(pair).collect();
    if bytes.is_none() {
        mistakes.add(value.span(), "`hex` must be pairs of 0-9 and a-f, such as \"c0 00\"");
    }
    bytes
}

const fn size_of(key: &str) -> Option<usize> {
    match key.as_bytes() {
        b"u8" => Some(1),
        b"u16" => Some(2),
        b"u32" => Some(4),
        _ => None,
    }
}

fn fixed(value: &Value<'_>, size: usize, mistakes: &Mistakes) -> Option<u64> {
    let most = (1_i64 << (8 * size)) - 1;
    number(value, "this", 0..=most, mistakes).and_then(|n| u64::try_from(n).ok())
}

/// A name alone in braces.
fn name<'a>(value: &'a Value<'_>) -> Option<&'a str> {
    value.get_ref().as_str()?.strip_prefix('{')?.strip_suffix('}')
}

fn unknown(spelled: &Spelled<'_>, mistakes: &Mistakes) {
    let message = format!("there is no part `{}` here", spelled.key);
    mistakes.add_with_help(spelled.at.clone(), message, format!("a part is one of {KEYS}"));
}

/// Reads text by `read` and tells what is wrong with it.
pub(super) fn told<T>(
    value: &Value<'_>,
    what: &str,
    mistakes: &Mistakes,
    read: impl FnOnce(&str) -> Result<T, String>,
) -> Option<T> {
    let written = text(value, what, mistakes)?;
    read(written).map_err(|message| mistakes.add(value.span(), message)).ok()
}

/// Reads a list of parts that are written.
pub(super) fn read(
    value: &Value<'_>,
    known: &[String],
    depth: usize,
    mistakes: &Mistakes,
) -> Option<Vec<Part>> {
    let one = |item| {
        let part = spelled(item, mistakes)?;
        let text = |what| told(part.value, what, mistakes, |text| Text::read(text, known));
        match (part.key, size_of(part.key)) {
            ("text", _) => text("text").map(Part::Text),
            ("text16", _) => text("`text16`").map(Part::Text16),
            ("hex", _) => hex(part.value, mistakes).map(Part::Bytes),
            ("sized", _) => read(part.value, known, depth + 1, mistakes).map(Part::Sized),
            (_, Some(size)) => {
                let value = match name(part.value) {
                    Some(name) if known.iter().any(|known| known == name) => {
                        Number::Of(name.to_owned())
                    }
                    Some(name) => {
                        let known = names(known);
                        let message =
                            format!("`{{{name}}}` has no value here; these have: {known}");
                        mistakes.add(part.value.span(), message);
                        return None;
                    }
                    None => Number::Is(fixed(part.value, size, mistakes)?),
                };
                Some(Part::Number { size, value })
            }
            (_, None) => {
                unknown(&part, mistakes);
                None
            }
        }
    };
    // All of them, so that every mistake is told.
    items(value, depth, mistakes)?.iter().map(one).collect::<Vec<_>>().into_iter().collect()
}

/// Reads a list of parts that are recognized.
pub(super) fn read_pattern(
    value: &Value<'_>,
    known: &[String],
    caught: &mut Vec<String>,
    depth: usize,
    mistakes: &Mistakes,
) -> Option<Vec<Sought>> {
    let mut parts = Vec::new();
    let items = items(value, depth, mistakes)?;
    for (place, item) in items.iter().enumerate() {
        let part = spelled(item, mistakes)?;
        let text = |what, caught: &mut Vec<String>| {
            told(part.value, what, mistakes, |text| TextPattern::read(text, known, caught))
        };
        let sought = match (part.key, size_of(part.key)) {
            ("text", _) if place + 1 < items.len() => {
                let message = "text is all that is left, and must be the last part; use `hex` or \
                               `text16` before others";
                mistakes.add(part.value.span(), message);
                return None;
            }
            ("text", _) => Sought::Text(text("text", caught)?),
            ("text16", _) => Sought::Text16(text("`text16`", caught)?),
            ("hex", _) => Sought::Bytes(hex(part.value, mistakes)?),
            ("sized", _) => {
                Sought::Sized(read_pattern(part.value, known, caught, depth + 1, mistakes)?)
            }
            ("any", _) => {
                let count = number(part.value, "`any`", 1..=1024, mistakes)?;
                Sought::Any(usize::try_from(count).ok()?)
            }
            ("bits", _) => told(part.value, "`bits`", mistakes, bits)?,
            (_, Some(size)) => {
                let value = match name(part.value) {
                    Some(name) if known.iter().any(|known| known == name) => {
                        SoughtNumber::Value(name.to_owned())
                    }
                    Some(name) => {
                        // Reads the name by the rules of text.
                        told(part.value, "this", mistakes, |text| {
                            TextPattern::read(text, known, caught)
                        })?;
                        SoughtNumber::Catch(name.to_owned())
                    }
                    None => SoughtNumber::Is(fixed(part.value, size, mistakes)?),
                };
                Sought::Number { size, value }
            }
            (_, None) => {
                unknown(&part, mistakes);
                return None;
            }
        };
        parts.push(sought);
    }
    Some(parts)
}

fn bits(text: &str) -> Result<Sought, String> {
    let (mut mask, mut value, mut count) = (0, 0, 0);
    for c in text.chars().filter(|c| *c != ' ') {
        let (cares, bit) = match c {
            '0' => (1, 0),
            '1' => (1, 1),
            '.' => (0, 0),
            _ => return Err("`bits` is of 0, 1 and `.`, which is either".into()),
        };
        count += 1;
        if count <= 8 {
            mask = mask << 1 | cares;
            value = value << 1 | bit;
        }
    }
    match count {
        8 => Ok(Sought::Bits { mask, value }),
        n => Err(format!("`bits` is one byte, which are 8 bits, not {n}")),
    }
}

/// Writes `parts`; `sized` ones with this sort of length.
pub(super) fn write(
    parts: &[Part],
    length: Length,
    values: Lookup<'_>,
    out: &mut Vec<u8>,
) -> Result<(), String> {
    for part in parts {
        match part {
            Part::Bytes(bytes) => out.extend(bytes),
            Part::Text(text) => text.write(values, Escape::None, out),
            Part::Text16(text) => {
                let mut inside = Vec::new();
                text.write(values, Escape::None, &mut inside);
                Length::Fixed(2).write(inside.len(), out)?;
                out.append(&mut inside);
            }
            Part::Sized(parts) => {
                let mut inside = Vec::new();
                write(parts, length, values, &mut inside)?;
                length.write(inside.len(), out)?;
                out.append(&mut inside);
            }
            Part::Number { size, value } => {
                let value = match value {
                    Number::Is(value) => *value,
                    Number::Of(name) => {
                        let text = std::str::from_utf8(values.get(name)).unwrap_or_default();
                        text.parse().map_err(|_| format!("{{{name}}} is no number: `{text}`"))?
                    }
                };
                if value >> (8 * size) > 0 {
                    return Err(format!("{value} does not fit in {size} bytes"));
                }
                out.extend(&value.to_be_bytes()[8 - size..]);
            }
        }
    }
    Ok(())
}

/// Whether `parts` are the whole of `bytes`; what was caught is added to `caught`.
pub(super) fn matches(
    parts: &[Sought],
    length: Length,
    bytes: &[u8],
    values: Lookup<'_>,
    caught: &mut Values,
) -> bool {
    let mut left = Left(bytes);
    let fits = |part: &Sought| match part {
        Sought::Bytes(bytes) => left.take(bytes.len()).is_some_and(|taken| taken == bytes),
        Sought::Any(count) => left.take(*count).is_some(),
        Sought::Bits { mask, value } => {
            left.take(1).is_some_and(|taken| taken.iter().all(|byte| byte & mask == *value))
        }
        Sought::Number { size, value } => left.number(*size).is_some_and(|number| match value {
            SoughtNumber::Is(value) => number == *value,
            SoughtNumber::Value(name) => number.to_string().as_bytes() == values.get(name),
            SoughtNumber::Catch(name) => {
                caught.insert(name.clone(), number.to_string().into_bytes());
                true
            }
        }),
        Sought::Text16(pattern) => {
            let size = left.number(2).and_then(|size| usize::try_from(size).ok());
            let taken = size.and_then(|size| left.take(size));
            taken.is_some_and(|taken| pattern.matches(taken, values, caught))
        }
        Sought::Text(pattern) => pattern.matches(std::mem::take(&mut left.0), values, caught),
        Sought::Sized(parts) => {
            let Ok(Some((size, digits))) = length.take(left.0) else { return false };
            let taken = left.take(digits).and_then(|_| left.take(size));
            taken.is_some_and(|taken| matches(parts, length, taken, values, caught))
        }
    };
    parts.iter().all(fits) && left.0.is_empty()
}

/// The bytes that no part took yet.
struct Left<'a>(&'a [u8]);

impl<'a> Left<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, left) = self.0.split_at_checked(count)?;
        self.0 = left;
        Some(taken)
    }

    /// A number of so many bytes, the highest first.
    fn number(&mut self, size: usize) -> Option<u64> {
        let taken = self.take(size)?;
        Some(taken.iter().fold(0, |number, byte| number << 8 | u64::from(*byte)))
    }
}
