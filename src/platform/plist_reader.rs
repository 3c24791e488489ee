//! Bytes of a property list into a dictionary, within limits, and errors that say where.

use plist::{Dictionary, Value};

/// The largest property list that is read. Real ones have a few kilobytes.
pub const MAX_PLIST_BYTES: usize = 16 << 20;

/// How much memory a list may take once it is spelled out.
const MAX_SPELLED_BYTES: usize = 64 << 20;

/// How deep containers may be nested.
const MAX_DEPTH: usize = 64;

/// A place in a file.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Place {
    /// A line and a column of text, both counted from 1.
    Line {
        /// The line.
        line: usize,
        /// The column, in bytes.
        column: usize,
    },
    /// Bytes from the beginning of the file.
    Offset(u64),
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Place::Line { line, column } => write!(f, "line {line}, column {column}"),
            Place::Offset(offset) => write!(f, "byte {offset}"),
        }
    }
}

/// Why a property list cannot be used.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PlistError {
    /// Where it was noticed, as far as that is known.
    pub place: Option<Place>,
    /// What is wrong.
    pub problem: String,
    /// What to do about it.
    pub help: String,
}

impl std::fmt::Display for PlistError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if let Some(place) = self.place {
            write!(f, "{place}: ")?;
        }
        write!(f, "{}\n{}", self.problem, self.help)
    }
}

impl std::error::Error for PlistError {}

impl PlistError {
    fn at(place: Option<Place>, problem: impl Into<String>, help: impl Into<String>) -> PlistError {
        PlistError { place, problem: problem.into(), help: help.into() }
    }

    /// An error about the value of `key`, placed where the key's name stands in `bytes`.
    pub(super) fn at_key(bytes: &[u8], key: &str, problem: String, help: &str) -> PlistError {
        let xml = format!("<key>{key}</key>");
        let place = find(bytes, xml.as_bytes())
            .map(|offset| line_of(bytes, offset))
            .or_else(|| find(bytes, key.as_bytes()).map(|offset| Place::Offset(offset as u64)));
        PlistError::at(place, problem, help)
    }

    /// The same error in a list that begins `base` bytes into a file that is not text.
    pub(super) fn moved_by(self, bytes: &[u8], base: usize) -> PlistError {
        let offset = match self.place {
            Some(Place::Line { line, column }) => {
                let before = bytes.split_inclusive(|b| *b == b'\n').take(line - 1).map(<[u8]>::len);
                before.sum::<usize>() + column - 1
            }
            Some(Place::Offset(offset)) => offset as usize,
            None => return self,
        };
        PlistError { place: Some(Place::Offset((base + offset) as u64)), ..self }
    }
}

const REPAIR: &str = "`plutil -lint` on a Mac checks a property list; build the app again if this \
                      one was damaged on the way.";

/// Reads an XML or binary property list whose top is a dictionary.
///
/// # Errors
/// [`PlistError`] for anything else, for a list over [`MAX_PLIST_BYTES`] and for one nested deeper
/// than any real one.
pub(super) fn read_dictionary(bytes: &[u8]) -> Result<Dictionary, PlistError> {
    if bytes.len() > MAX_PLIST_BYTES {
        return Err(PlistError::at(
            None,
            format!("larger than {} MiB", MAX_PLIST_BYTES >> 20),
            "This is hardly a property list: give the Info.plist of the app, or its .app folder.",
        ));
    }
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).trim_ascii_start();
    let value = if bytes.starts_with(b"bplist") {
        binary_limits(bytes)?;
        plist::from_bytes(bytes)
    } else if text.starts_with(b"<") {
        xml_limits(bytes)?;
        Value::from_reader_xml(bytes)
    } else {
        return Err(not_a_plist(bytes));
    };
    let value = value.map_err(|error| located(bytes, &error))?;
    let found = what(&value);
    value.into_dictionary().ok_or_else(|| {
        PlistError::at(
            None,
            format!("the top of the list is {found}, not a dictionary"),
            "An Info.plist is a dictionary of keys such as CFBundleIdentifier.",
        )
    })
}

fn not_a_plist(bytes: &[u8]) -> PlistError {
    let (problem, help) = if bytes.is_empty() {
        ("the file is empty", REPAIR)
    } else if bytes.starts_with(b"PK") {
        ("this is a zip archive, such as an .ipa", "Unzip it and give the .app folder in Payload.")
    } else {
        (
            "neither an XML nor a binary property list",
            "Give the Info.plist inside the built .app, or convert this one with \
             `plutil -convert xml1` on a Mac.",
        )
    };
    PlistError::at(Some(Place::Offset(0)), problem, help)
}

/// The error of the parser, which prints its kind and `(offset n)`, in words and with a place.
fn located(bytes: &[u8], error: &plist::Error) -> PlistError {
    let binary = bytes.starts_with(b"bplist");
    let text = error.to_string();
    let (kind, offset) = match text.split_once(" (offset ") {
        Some((kind, rest)) => (kind, rest.trim_end_matches(')').parse::<usize>().ok()),
        None => (text.as_str(), None),
    };
    let offset = offset.unwrap_or(bytes.len()).min(bytes.len());
    let place = if binary { Place::Offset(offset as u64) } else { line_of(bytes, offset) };
    let name = kind.split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or(kind);
    let problem = match name {
        "UnexpectedEof" | "UnexpectedEndOfEventStream" => "the list ends too early".to_owned(),
        "UnclosedXmlElement" => "an element is not closed before the file ends".to_owned(),
        "UnexpectedXmlOpeningTag" => "an element begins inside a text value".to_owned(),
        "UnexpectedXmlCharactersExpectedElement" => {
            "text stands where an element is expected".to_owned()
        }
        "UnknownXmlElement" => "an element that property lists do not have".to_owned(),
        "InvalidXmlSyntax" => {
            "broken XML: tags do not match or an attribute is malformed".to_owned()
        }
        "InvalidXmlUtf8" => "text that is not valid UTF-8, or an unknown entity".to_owned(),
        "UnexpectedEventType" => "a key without a value, or a value without a key".to_owned(),
        "Io" | "ObjectOffsetTooLarge" | "ObjectReferenceTooLarge" if binary => {
            "the binary list is cut off or damaged: it points outside itself".to_owned()
        }
        other => format!("the list is damaged ({other})"),
    };
    PlistError::at(Some(place), problem, REPAIR)
}

/// The line and column of a byte.
fn line_of(bytes: &[u8], offset: usize) -> Place {
    let before = &bytes[..offset.min(bytes.len())];
    let start = before.iter().rposition(|b| *b == b'\n').map_or(0, |at| at + 1);
    let line = before.iter().filter(|b| **b == b'\n').count() + 1;
    Place::Line { line, column: before.len() - start + 1 }
}

/// Where `needle` first stands in `bytes`.
pub(super) fn find(bytes: &[u8], needle: &[u8]) -> Option<usize> {
    bytes.windows(needle.len()).position(|window| window == needle)
}

/// What a value is, for messages.
pub(super) fn what(value: &Value) -> &'static str {
    match value {
        Value::Array(_) => "an array",
        Value::Dictionary(_) => "a dictionary",
        Value::Boolean(_) => "true or false",
        Value::Data(_) => "data",
        Value::Date(_) => "a date",
        Value::Integer(_) | Value::Real(_) => "a number",
        Value::String(_) => "a string",
        Value::Uid(_) => "a UID",
        _ => "of an unknown type",
    }
}

fn too_deep(place: Place) -> PlistError {
    PlistError::at(
        Some(place),
        format!(
            "arrays and dictionaries are nested more than {MAX_DEPTH} deep, or refer to each other too often"
        ),
        "No app needs that: the file is damaged or made to harm.",
    )
}

/// Refuses nesting that would exhaust the stack when the values are dropped. Counts every opening of
/// a container outside comments; what follows a malformed construct is left to the parser.
fn xml_limits(bytes: &[u8]) -> Result<(), PlistError> {
    let mut depth = 0usize;
    let mut at = 0;
    while let Some(open) = bytes[at..].iter().position(|b| *b == b'<').map(|found| at + found) {
        let tag = &bytes[open..];
        let skip = |end: &[u8]| find(tag, end).map_or(tag.len(), |found| found + end.len());
        if tag.starts_with(b"<!--") {
            at = open + skip(b"-->");
            continue;
        } else if tag.starts_with(b"<![CDATA[") {
            at = open + skip(b"]]>");
            continue;
        }
        let length = tag_length(tag);
        let tag = &tag[..length];
        if tag.starts_with(b"</") {
            depth = depth.saturating_sub(1);
        } else if !matches!(tag.get(1), Some(b'!' | b'?')) && !tag.ends_with(b"/>") {
            depth += 1;
            if depth > MAX_DEPTH {
                return Err(too_deep(line_of(bytes, open)));
            }
        }
        at = open + length;
    }
    Ok(())
}

/// The length of the tag at the start of `bytes`: up to the `>` that is not in quotes.
fn tag_length(bytes: &[u8]) -> usize {
    let mut quote = None;
    for (at, byte) in bytes.iter().enumerate() {
        match (quote, byte) {
            (None, b'>') => return at + 1,
            (None, b'"' | b'\'') => quote = Some(*byte),
            (Some(open), close) if open == *close => quote = None,
            (None | Some(_), _) => {}
        }
    }
    bytes.len()
}

/// Refuses a binary list whose containers are shared so often, or nested so deep, that it would grow
/// beyond any use when it is spelled out. Malformed lists pass: the parser explains those.
fn binary_limits(bytes: &[u8]) -> Result<(), PlistError> {
    let Some(table) = super::bplist::Objects::new(bytes) else { return Ok(()) };
    match table.spelled_out(MAX_DEPTH, MAX_SPELLED_BYTES) {
        Ok(()) => Ok(()),
        Err(offset) => Err(too_deep(Place::Offset(offset))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nesting_that_would_exhaust_the_stack_is_refused_with_its_place() {
        let deep = format!("<plist>\n{}", "<array>".repeat(1_000_000));
        let error = read_dictionary(deep.as_bytes()).unwrap_err();
        assert!(matches!(error.place, Some(Place::Line { line: 2, .. })), "{error}");
        let hidden = "<array><x a=\"</array></array>\">".repeat(1_000_000);
        assert!(read_dictionary(hidden.as_bytes()).is_err());
    }

    #[test]
    fn brackets_in_comments_do_not_count_as_nesting() {
        let list = format!(
            "<plist><!-- {} --><dict><key>a</key><true/></dict></plist>",
            "<dict>".repeat(1_000)
        );
        assert_eq!(read_dictionary(list.as_bytes()).unwrap().len(), 1);
    }

    #[test]
    fn what_is_no_property_list_is_named() {
        let problem = |bytes: &[u8]| read_dictionary(bytes).unwrap_err().problem;
        assert_eq!(problem(b""), "the file is empty");
        assert!(problem(b"PK\x03\x04").contains("zip"));
        assert!(problem(b"{ a = 1; }").contains("neither"));
        assert!(problem(b"<plist><array/></plist>").contains("an array, not a dictionary"));
    }

    #[test]
    fn an_error_is_at_the_line_where_it_was_noticed() {
        let error = read_dictionary(b"<plist>\n<dict>\n  <oops/>\n</dict></plist>").unwrap_err();
        assert!(matches!(error.place, Some(Place::Line { line: 3, .. })), "{error}");
        assert!(error.to_string().contains("plutil"));
    }

    #[test]
    fn an_oversized_list_is_refused_before_it_is_read() {
        let error = read_dictionary(&vec![b'<'; MAX_PLIST_BYTES + 1]).unwrap_err();
        assert!(error.problem.contains("16 MiB"));
    }
}
