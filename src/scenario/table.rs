//! A small reader over a TOML table: it knows which keys the table can have, reports what is wrong
//! with a value where it stands, and names the keys that nobody asked for.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::diagnostic::{Diagnostic, Problems, did_you_mean, listed, part};
use crate::settings::{Form, Kind, Setting, nearest, scalar};

/// Whether a key has to be there.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Need {
    /// It has to be.
    Required,
    /// It may be absent, which means something of its own.
    Optional,
    /// When absent it has this value, as written in TOML.
    Default(&'static str),
}

/// One key of the language.
#[derive(Copy, Clone, Debug)]
pub struct KeyInfo {
    /// The key.
    pub name: &'static str,
    /// Its type.
    pub kind: Kind,
    /// Whether it has to be there.
    pub need: Need,
    /// What it means.
    pub doc: &'static str,
}

impl KeyInfo {
    /// A key that has to be there.
    pub(super) const fn required<T: Setting>(name: &'static str, doc: &'static str) -> KeyInfo {
        KeyInfo { name, kind: T::KIND, need: Need::Required, doc }
    }

    /// A key that may be absent.
    pub(super) const fn optional<T: Setting>(name: &'static str, doc: &'static str) -> KeyInfo {
        KeyInfo { name, kind: T::KIND, need: Need::Optional, doc }
    }

    /// A key that is `default`, written in TOML, when absent.
    pub(super) const fn or<T: Setting>(
        name: &'static str,
        default: &'static str,
        doc: &'static str,
    ) -> KeyInfo {
        KeyInfo { name, kind: T::KIND, need: Need::Default(default), doc }
    }

    /// A key whose value is a list or a table, of these forms.
    pub(super) const fn nested(
        name: &'static str,
        kind: &'static str,
        example: &'static str,
        forms: &'static [Form],
        doc: &'static str,
    ) -> KeyInfo {
        let kind = Kind::of(kind, example, forms);
        KeyInfo { name, kind, need: Need::Optional, doc }
    }

    /// The same key, which has to be there.
    pub(super) const fn needed(self) -> KeyInfo {
        KeyInfo { need: Need::Required, ..self }
    }
}

/// A value where it stands.
pub(super) type Located<'a> = &'a Spanned<DeValue<'a>>;

/// One table being read.
pub(super) struct Reader<'a> {
    /// `None` reads as a table without keys: a section that is not there.
    table: Option<&'a DeTable<'a>>,
    /// What stands for the table as a whole: its header or its braces.
    head: Range<usize>,
    /// The table in messages: `the step`, `[network]`.
    what: String,
    keys: Vec<&'static KeyInfo>,
    pub(super) problems: &'a Problems,
}

impl<'a> Reader<'a> {
    pub(super) fn new(
        table: Option<&'a DeTable<'a>>,
        head: Range<usize>,
        what: impl Into<String>,
        keys: &'static [KeyInfo],
        problems: &'a Problems,
    ) -> Reader<'a> {
        Reader { table, head, what: what.into(), keys: keys.iter().collect(), problems }
    }

    /// A reader of the section `[name]` of this table, which may be absent.
    pub(super) fn section(&self, name: &str, keys: &'static [KeyInfo]) -> Reader<'a> {
        let found = self.table(name);
        let head = found.as_ref().map_or(0..0, |(_, head)| head.clone());
        Reader::new(found.map(|(table, _)| table), head, format!("[{name}]"), keys, self.problems)
    }

    /// Knows these keys as well.
    pub(super) fn with_keys(&mut self, keys: &'static [KeyInfo]) {
        self.keys.extend(keys);
    }

    fn key(&self, name: &str) -> Option<&'static KeyInfo> {
        self.keys.iter().copied().find(|key| key.name == name)
    }

    /// The value as it stands.
    pub(super) fn raw(&self, name: &str) -> Option<Located<'a>> {
        self.table?.get(name)
    }

    /// Whether the key is there.
    pub(super) fn has(&self, name: &str) -> bool {
        self.raw(name).is_some()
    }

    /// Where the value of `name` stands; the table's head when it does not.
    pub(super) fn span(&self, name: &str) -> Range<usize> {
        self.raw(name).map_or(self.head.clone(), Spanned::span)
    }

    /// Where the key `name` stands; the table's head when it does not.
    pub(super) fn key_span(&self, name: &str) -> Range<usize> {
        self.table
            .into_iter()
            .flatten()
            .find(|(key, _)| key.get_ref() == name)
            .map_or(self.head.clone(), |(key, _)| key.span())
    }

    /// What stands for the table as a whole.
    pub(super) fn head(&self) -> Range<usize> {
        self.head.clone()
    }

    /// The value of a key that is required or has a default; `None` when it is wrong or missing,
    /// which is reported.
    pub(super) fn get<T: Setting>(&self, name: &str) -> Option<T> {
        if let Some(value) = self.maybe(name)? {
            return Some(value);
        }
        let key = self.key(name)?;
        match key.need {
            Need::Required => {
                self.missing(key);
                None
            }
            Need::Optional => None,
            Need::Default(text) => {
                let value = DeValue::parse(text).ok()?;
                T::read(&scalar(value.get_ref())).ok()
            }
        }
    }

    /// The value of a key that may be absent, `Some(None)` then; `None` when it is wrong, which is
    /// reported.
    pub(super) fn maybe<T: Setting>(&self, name: &str) -> Option<Option<T>> {
        let Some(value) = self.raw(name) else { return Some(None) };
        self.read(name, value).map(Some)
    }

    /// Reads a value that stands for `name`; `None` when it is wrong, which is reported.
    pub(super) fn read<T: Setting>(&self, name: &str, value: Located<'a>) -> Option<T> {
        T::read(&scalar(value.get_ref()))
            .map_err(|message| self.wrong(name, value, &message, T::KIND.name))
            .ok()
    }

    /// The table under `name`, in braces or under a header of its own; `None` when it is not there
    /// or not a table, which is reported.
    pub(super) fn table(&self, name: &str) -> Option<(&'a DeTable<'a>, Range<usize>)> {
        let value = self.raw(name)?;
        match value.get_ref() {
            DeValue::Table(table) => Some((table, value.span())),
            DeValue::String(_)
            | DeValue::Integer(_)
            | DeValue::Float(_)
            | DeValue::Boolean(_)
            | DeValue::Datetime(_)
            | DeValue::Array(_) => {
                let example = self.key(name).map_or("{ … }", |key| key.kind.example);
                let message = format!("expected {example}, found {}", what(value));
                self.wrong(name, value, &message, "table");
                None
            }
        }
    }

    /// The items of the list under `name`; `Some` of nothing when it is absent.
    pub(super) fn list(&self, name: &str) -> Option<&'a [Spanned<DeValue<'a>>]> {
        let Some(value) = self.raw(name) else { return Some(&[]) };
        match value.get_ref() {
            DeValue::Array(items) => Some(items),
            DeValue::String(_)
            | DeValue::Integer(_)
            | DeValue::Float(_)
            | DeValue::Boolean(_)
            | DeValue::Datetime(_)
            | DeValue::Table(_) => {
                let example = self.key(name).map_or("[ … ]", |key| key.kind.example);
                let message = format!("expected {example}, found {}", what(value));
                self.wrong(name, value, &message, "list");
                None
            }
        }
    }

    /// Reports that `value` is not what `name` takes.
    pub(super) fn wrong(&self, name: &str, value: Located<'a>, message: &str, kind: &str) {
        let message = format!("`{name}`: {message}");
        let problem = Diagnostic::new(message, value.span(), format!("expected: {kind}"));
        self.problems.report(problem.see(part::VALUES));
    }

    /// Reports that a key that has to be there is not.
    pub(super) fn missing(&self, key: &KeyInfo) {
        // A key that is spelled like it is reported as unknown, and meant it.
        let keys = self.table.into_iter().flat_map(|table| table.keys());
        let mut unknown = keys.map(|known| known.get_ref()).filter(|name| self.key(name).is_none());
        if unknown.any(|name| nearest(name, self.keys.iter().map(|key| key.name)) == Some(key.name))
        {
            return;
        }
        let message = format!("{} has no `{}`", self.what, key.name);
        let label = format!("`{}` is missing", key.name);
        let example = match key.kind {
            Kind { example: "", choices: [first, ..], .. } => format!("\"{first}\""),
            Kind { example, .. } => example.to_owned(),
        };
        let help = format!("write for example `{} = {example}`: {}", key.name, key.doc);
        self.problems.report(Diagnostic::new(message, self.head.clone(), label).help(help));
    }

    /// Reports the keys that this table cannot have.
    pub(super) fn finish(&self) {
        self.unknown_keys(|_| true);
    }

    /// Reports the keys that this table cannot have, if they are also `bad`.
    pub(super) fn unknown_keys(&self, bad: impl Fn(&str) -> bool) {
        for (key, _) in self.table.into_iter().flatten() {
            let name = key.get_ref().as_ref();
            if self.problems.enough() {
                return;
            }
            if self.key(name).is_some() || !bad(name) {
                continue;
            }
            let near = nearest(name, self.keys.iter().map(|key| key.name));
            let message = format!("{} has no key `{name}`", self.what);
            let label = did_you_mean(near, "unknown key");
            let known = listed(self.keys.iter().map(|key| key.name));
            self.problems.report(
                Diagnostic::new(message, key.span(), label).help(format!("the keys are: {known}")),
            );
        }
    }

    /// From the table's head to the end of its last value.
    pub(super) fn extent(&self) -> Range<usize> {
        let end = self.table.map_or(0, last);
        self.head.start..self.head.end.max(end)
    }
}

/// The end of the last value in `table`.
fn last(table: &DeTable<'_>) -> usize {
    let end = |value: &Spanned<DeValue<'_>>| {
        let inner = value.get_ref().as_table().map_or(0, last);
        value.span().end.max(inner)
    };
    table.values().map(end).max().unwrap_or(0)
}

/// A value's type, for messages.
pub(super) fn what(value: Located<'_>) -> &'static str {
    scalar(value.get_ref()).what()
}
