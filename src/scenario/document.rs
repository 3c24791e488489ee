//! TOML text to a table whose spans count through all files of a scenario, and what is done to such tables
//! before they are read.

use std::borrow::Cow;
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeArray, DeTable, DeValue};

use super::diagnostic::{Diagnostic, Problems, part};

/// More text than this in one file is not a scenario.
pub(super) const MOST_BYTES: usize = 1 << 20;
/// Beyond these the parser is lost in text that is not TOML at all.
const MOST_SYNTAX_ERRORS: usize = 100;
/// What the language has is a few levels deep.
const MOST_DEPTH: usize = 32;

/// A value where it stands.
pub(super) type Value<'t> = Spanned<DeValue<'t>>;

/// The text of a scenario's file.
///
/// # Errors
/// What is wrong with it, and the text it is to be shown in: it is too long, or not UTF-8.
pub fn text_of(bytes: Vec<u8>) -> Result<String, Box<(Diagnostic, String)>> {
    if bytes.len() > MOST_BYTES {
        return Err(Box::new((too_long(), String::new())));
    }
    String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        let shown = String::from_utf8_lossy(error.as_bytes()).into_owned();
        let message = format!("this is not text in UTF-8: byte {at}");
        // What stands for the wrong byte.
        let span = at..at + char::REPLACEMENT_CHARACTER.len_utf8();
        let problem = Diagnostic::new(message, span, "not a character");
        let help = "save the file as UTF-8";
        Box::new((problem.help(help).see(part::TOML), shown))
    })
}

/// A text is longer than is read.
pub(super) fn too_long() -> Diagnostic {
    let most = crate::settings::grouped(MOST_BYTES as u64);
    let message = format!("this is too long for a scenario: more than {most} bytes");
    let help = "keep common parts in fragments, and data in files of their own";
    Diagnostic::new(message, 0..0, "").help(help).see(part::LIMITS)
}

/// The table in `text`, which stands at `start` among the files of its scenario; `None` when it is not TOML,
/// which is reported.
pub(super) fn parse<'t>(text: &'t str, start: usize, problems: &Problems) -> Option<DeTable<'t>> {
    let (document, syntax) = DeTable::parse_recoverable(text);
    if syntax.is_empty() {
        return match too_deep(document.get_ref()) {
            None => Some(moved_table(document.into_inner(), start)),
            Some(span) => {
                let message =
                    format!("tables and lists are nested deeper than {MOST_DEPTH} levels");
                let span = span.start + start..span.end + start;
                problems.report(Diagnostic::new(message, span, "too deep").see(part::LIMITS));
                None
            }
        };
    }
    syntax_errors(text, start, &syntax, problems);
    None
}

/// The first key or item that lies too deep, if one does. Goes no deeper than that itself.
fn too_deep(document: &DeTable<'_>) -> Option<Range<usize>> {
    fn below(value: &Spanned<DeValue<'_>>, depth: usize) -> Option<Range<usize>> {
        let nested = value.get_ref().is_table() || value.get_ref().is_array();
        if nested && depth > MOST_DEPTH {
            return Some(value.span());
        }
        let tables = value.get_ref().as_table().into_iter().flat_map(|table| table.values());
        let items = value.get_ref().as_array().into_iter().flat_map(|items| items.iter());
        tables.chain(items).find_map(|inner| below(inner, depth + 1))
    }
    document.values().find_map(|value| below(value, 1))
}

/// What is wrong with the TOML itself: one mistake a line, as later ones on it follow from the first.
fn syntax_errors(text: &str, start: usize, errors: &[toml::de::Error], problems: &Problems) {
    let mut lines: Vec<usize> = Vec::new();
    for error in errors.iter().take(MOST_SYNTAX_ERRORS) {
        let span = on_characters(text, error.span().unwrap_or(0..0));
        let line = text[..span.start].matches('\n').count();
        if lines.contains(&line) {
            continue;
        }
        lines.push(line);
        let what = error.message().lines().next().unwrap_or_default();
        let message = format!("this is not TOML: {what}");
        problems.report(Diagnostic::new(message, span.start + start..span.end + start, what));
    }
}

/// `span` inside `text`, widened to whole characters.
fn on_characters(text: &str, span: Range<usize>) -> Range<usize> {
    let (mut start, mut end) = (span.start.min(text.len()), span.end.min(text.len()));
    while !text.is_char_boundary(start) {
        start -= 1;
    }
    end = end.max(start);
    while !text.is_char_boundary(end) {
        end += 1;
    }
    start..end
}

/// `table` with its spans moved on by `start`.
fn moved_table(table: DeTable<'_>, start: usize) -> DeTable<'_> {
    let mut moved = DeTable::new();
    for (key, value) in table {
        let span = key.span();
        let key = Spanned::new(span.start + start..span.end + start, key.into_inner());
        moved.insert(key, moved_value(value, start));
    }
    moved
}

fn moved_value(value: Value<'_>, start: usize) -> Value<'_> {
    let span = value.span().start + start..value.span().end + start;
    let inner = match value.into_inner() {
        DeValue::Table(table) => DeValue::Table(moved_table(table, start)),
        DeValue::Array(items) => array(items.into_iter().map(|item| moved_value(item, start))),
        plain @ (DeValue::String(_)
        | DeValue::Integer(_)
        | DeValue::Float(_)
        | DeValue::Boolean(_)
        | DeValue::Datetime(_)) => plain,
    };
    Spanned::new(span, inner)
}

/// A list of these.
pub(super) fn array<'t>(items: impl IntoIterator<Item = Value<'t>>) -> DeValue<'t> {
    let mut list = DeArray::new();
    for item in items {
        list.push(item);
    }
    DeValue::Array(list)
}

/// What `text` is as a bare TOML value; text when it is none.
pub(super) fn bare(text: &str) -> DeValue<'_> {
    DeValue::parse(text).map_or(DeValue::String(Cow::Borrowed(text)), Spanned::into_inner)
}

/// A value as text, its quotes left out; of a list the items, one after the other with commas between.
pub(super) fn plain(value: &DeValue<'_>) -> String {
    match value {
        DeValue::String(text) => text.to_string(),
        DeValue::Integer(number) => number.to_string(),
        DeValue::Float(number) => number.to_string(),
        DeValue::Boolean(yes) => yes.to_string(),
        DeValue::Datetime(date) => date.to_string(),
        DeValue::Array(items) => {
            items.iter().map(|item| plain(item.get_ref())).collect::<Vec<_>>().join(",")
        }
        DeValue::Table(_) => "{ … }".to_owned(),
    }
}

/// What is no table: its dotted path, the place of the last key, and the value.
pub(super) type Leaf<'r, 't> = (String, Range<usize>, &'r Value<'t>);

/// The leaves of nested tables, in the order of the text.
pub(super) fn leaves<'r, 't>(table: &'r DeTable<'t>) -> Vec<Leaf<'r, 't>> {
    let mut found = Vec::new();
    collect("", table, &mut found);
    found.sort_by_key(|(_, span, _)| span.start);
    found
}

fn collect<'r, 't>(prefix: &str, table: &'r DeTable<'t>, found: &mut Vec<Leaf<'r, 't>>) {
    for (key, value) in table {
        let path = format!("{prefix}{}", key.get_ref());
        match value.get_ref().as_table() {
            Some(inner) => collect(&format!("{path}."), inner, found),
            None => found.push((path, key.span(), value)),
        }
    }
}
