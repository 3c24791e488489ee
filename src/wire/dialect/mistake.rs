//! What is wrong with a dialect's text and where, and a strict reader over its tables.

use std::cell::RefCell;
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::settings::{Scalar, nearest, scalar};

/// More than this is not told at once.
const ENOUGH: usize = 50;

/// One mistake in a dialect.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Mistake {
    /// What is wrong, in a sentence that stands alone.
    pub message: String,
    /// The text it is about, in bytes, on character boundaries.
    pub span: Range<usize>,
    /// What to do next.
    pub help: Option<String>,
}

impl Mistake {
    /// The line and the column where it begins in `text`, both counted from 1.
    pub fn position(&self, text: &str) -> (usize, usize) {
        let before = text.get(..self.span.start).unwrap_or(text);
        let start = before.rfind('\n').map_or(0, |at| at + 1);
        (before.matches('\n').count() + 1, before[start..].chars().count() + 1)
    }
}

impl std::fmt::Display for Mistake {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)?;
        self.help.as_ref().map_or(Ok(()), |help| write!(f, "; {help}"))
    }
}

/// A value where it stands.
pub(super) type Value<'t> = Spanned<DeValue<'t>>;

/// The mistakes found so far; shared by all readers of a text, hence the cell.
#[derive(Default)]
pub(super) struct Mistakes(RefCell<Vec<Mistake>>);

impl Mistakes {
    pub(super) fn add(&self, span: Range<usize>, message: impl Into<String>) {
        self.push(Mistake { message: message.into(), span, help: None });
    }

    pub(super) fn add_with_help(
        &self,
        span: Range<usize>,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        self.push(Mistake { message: message.into(), span, help: Some(help.into()) });
    }

    fn push(&self, mistake: Mistake) {
        let mut list = self.0.borrow_mut();
        if list.len() < ENOUGH && !list.contains(&mistake) {
            list.push(mistake);
        }
    }

    /// All of them in the order of the text.
    pub(super) fn into_sorted(self) -> Vec<Mistake> {
        let mut list = self.0.into_inner();
        list.sort_by_key(|mistake| (mistake.span.start, mistake.span.end));
        list
    }
}

/// The table in `text`; nothing when it is not TOML, which is told.
pub(super) fn parse<'t>(text: &'t str, mistakes: &Mistakes) -> Option<DeTable<'t>> {
    let (document, errors) = DeTable::parse_recoverable(text);
    if errors.is_empty() {
        return Some(document.into_inner());
    }
    for error in errors.iter().take(ENOUGH) {
        let what = error.message().lines().next().unwrap_or_default();
        let span = on_characters(text, error.span().unwrap_or(0..0));
        mistakes.add(span, format!("this is not TOML: {what}"));
    }
    None
}

/// `span` inside `text`, widened to whole characters.
fn on_characters(text: &str, span: Range<usize>) -> Range<usize> {
    let start = (0..=span.start.min(text.len())).rev().find(|at| text.is_char_boundary(*at));
    let start = start.unwrap_or(0);
    let end = span.end.clamp(start, text.len());
    start..(end..=text.len()).find(|at| text.is_char_boundary(*at)).unwrap_or(text.len())
}

/// One table of a dialect. Keys that it cannot have are told when it is opened.
pub(super) struct Section<'a> {
    table: &'a DeTable<'a>,
    /// What stands for the table as a whole.
    pub(super) head: Range<usize>,
    /// The table in messages.
    what: &'static str,
    pub(super) mistakes: &'a Mistakes,
}

impl<'a> Section<'a> {
    pub(super) fn open(
        table: &'a DeTable<'a>,
        head: Range<usize>,
        what: &'static str,
        keys: &[&str],
        mistakes: &'a Mistakes,
    ) -> Section<'a> {
        for (key, _) in table {
            let name = key.get_ref().as_ref();
            if keys.contains(&name) {
                continue;
            }
            let help = match nearest(name, keys.iter().copied()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("the keys are: {}", keys.join(", ")),
            };
            mistakes.add_with_help(key.span(), format!("{what} has no key `{name}`"), help);
        }
        Section { table, head, what, mistakes }
    }

    /// The section that `value` is; nothing when it is no table, which is told.
    pub(super) fn of(
        value: &'a Value<'a>,
        what: &'static str,
        keys: &[&str],
        mistakes: &'a Mistakes,
    ) -> Option<Section<'a>> {
        match value.get_ref().as_table() {
            Some(table) => Some(Section::open(table, value.span(), what, keys, mistakes)),
            None => {
                mistakes.add(value.span(), format!("{what} must be a table, with keys"));
                None
            }
        }
    }

    pub(super) fn raw(&self, key: &str) -> Option<&'a Value<'a>> {
        self.table.get(key)
    }

    /// The value of a key that has to be there.
    pub(super) fn required(&self, key: &str) -> Option<&'a Value<'a>> {
        let found = self.raw(key);
        if found.is_none() {
            self.mistakes.add(self.head.clone(), format!("{} has no `{key}`", self.what));
        }
        found
    }

    /// The section under `key`, if it is there.
    pub(super) fn section(
        &self,
        key: &str,
        what: &'static str,
        keys: &[&str],
    ) -> Option<Section<'a>> {
        Section::of(self.raw(key)?, what, keys, self.mistakes)
    }

    /// The items of the list under `key`; none when it is absent.
    pub(super) fn list(&self, key: &str, most: usize) -> &'a [Value<'a>] {
        let Some(value) = self.raw(key) else { return &[] };
        let Some(items) = value.get_ref().as_array() else {
            self.mistakes.add(value.span(), format!("`{key}` must be a list"));
            return &[];
        };
        if items.len() > most {
            let message = format!("`{key}` has {} items; at most {most} are read", items.len());
            self.mistakes.add(value.span(), message);
            return &[];
        }
        items
    }

    /// The text under `key`, if it is there.
    pub(super) fn text(&self, key: &str) -> Option<&'a str> {
        text(self.raw(key)?, &format!("`{key}`"), self.mistakes)
    }

    /// The number under `key`, if it is there.
    pub(super) fn number(&self, key: &str, range: std::ops::RangeInclusive<i64>) -> Option<i64> {
        number(self.raw(key)?, &format!("`{key}`"), range, self.mistakes)
    }
}

/// `value` as text; nothing when it is something else, which is told.
pub(super) fn text<'a>(value: &'a Value<'a>, what: &str, mistakes: &Mistakes) -> Option<&'a str> {
    let text = value.get_ref().as_str();
    if text.is_none() {
        let found = scalar(value.get_ref()).what();
        mistakes.add(value.span(), format!("{what} must be text, not {found}"));
    }
    text
}

/// `value` as a number within `range`; nothing when it is something else, which is told.
pub(super) fn number(
    value: &Value<'_>,
    what: &str,
    range: std::ops::RangeInclusive<i64>,
    mistakes: &Mistakes,
) -> Option<i64> {
    let (first, last) = (range.start(), range.end());
    match scalar(value.get_ref()) {
        Scalar::Integer(n) if range.contains(&n) => return Some(n),
        Scalar::Integer(_)
        | Scalar::Float(_)
        | Scalar::Bool(_)
        | Scalar::Text(_)
        | Scalar::Samples(_)
        | Scalar::Other(_) => {}
    }
    mistakes.add(value.span(), format!("{what} must be a whole number from {first} to {last}"));
    None
}
