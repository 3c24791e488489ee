//! `[variables]`: values with a name, which the rest of the scenario uses as `"$name"` or `"${name}"`.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::diagnostic::{Diagnostic, Problems, did_you_mean, listed};
use super::document::{Value, array, bare, plain};
use super::overrides::{Override, Overrides};
use crate::settings::{Scalar, nearest, scalar};

/// Keys of the top in which a `$` is only a `$`: what is written for people, and what is read before there are
/// variables.
pub(super) const LITERAL: [&str; 7] =
    ["shows", "why", "instead", "include", "variables", "vary", "version"];

/// The variables of a scenario.
pub(super) struct Variables<'t> {
    list: Vec<(String, Value<'t>)>,
    /// Those that something uses.
    used: BTreeSet<String>,
}

impl<'t> Variables<'t> {
    /// Reads the section of `document`, with the values that are set from outside.
    pub(super) fn read(
        document: &DeTable<'t>,
        overrides: &Overrides<'t>,
        problems: &Problems,
    ) -> Variables<'t> {
        let mut variables = Variables { list: Vec::new(), used: BTreeSet::new() };
        let section = document.get("variables");
        let table = section.and_then(|section| section.get_ref().as_table());
        if let (Some(section), None) = (section, table) {
            let found = scalar(section.get_ref()).what();
            let message = format!("`variables`: expected [variables], found {found}");
            problems.report(Diagnostic::new(message, section.span(), "expected: table"));
        }
        for (key, value) in table.into_iter().flatten() {
            let name = key.get_ref().to_string();
            if !is_name(&name) {
                let message = format!("`{name}` cannot be the name of a variable");
                let label = "use letters, digits, - and _";
                problems.report(Diagnostic::new(message, key.span(), label));
            } else if value.get_ref().is_table() {
                let message = format!("the variable `{name}` is a table");
                let label = "expected: one value or a list";
                problems.report(Diagnostic::new(message, value.span(), label));
            } else {
                variables.list.push((name, value.clone()));
            }
        }
        for (name, over) in overrides.preset("variables") {
            variables.set(name, over, problems);
        }
        variables
    }

    fn names(&self) -> impl Iterator<Item = &str> {
        self.list.iter().map(|(name, _)| name.as_str())
    }

    fn set(&mut self, name: &str, over: &'t Override, problems: &Problems) {
        let Some(place) = self.names().position(|known| known == name) else {
            let near = did_you_mean(nearest(name, self.names()), "see [variables]");
            let message = format!("the scenario has no variable `{name}`; {near}");
            let help = match self.list.is_empty() {
                true => "declare it with its default under [variables]".to_owned(),
                false => format!("its variables are: {}", listed(self.names())),
            };
            problems.report(over.wrong(&message).help(help));
            return;
        };
        let value = &mut self.list[place].1;
        let given = match value.get_ref().is_array() {
            true => list_of(&over.value),
            false => match over.scalar() {
                Scalar::Text(text) => DeValue::String(Cow::Owned(text)),
                Scalar::Integer(_)
                | Scalar::Float(_)
                | Scalar::Bool(_)
                | Scalar::Samples(_)
                | Scalar::Other(_) => bare(over.value.trim()),
            },
        };
        *value = Spanned::new(over.place().unwrap_or(value.span()), given);
    }

    /// `document` with every use of a variable replaced by its value, which stands where it is used.
    pub(super) fn substitute(
        &mut self,
        mut document: DeTable<'t>,
        problems: &Problems,
    ) -> DeTable<'t> {
        let keys: Vec<String> = document.keys().map(|key| key.get_ref().to_string()).collect();
        for key in keys.iter().filter(|key| !LITERAL.contains(&key.as_str())) {
            if let Some(value) = document.get_mut(key.as_str()) {
                self.in_value(value, problems);
            }
        }
        document
    }

    /// The variables that nothing uses, with the places of their values.
    pub(super) fn unused(&self) -> Vec<(String, Range<usize>)> {
        let unused = self.list.iter().filter(|(name, _)| !self.used.contains(name));
        unused.map(|(name, value)| (name.clone(), value.span())).collect()
    }

    fn in_value(&mut self, value: &mut Value<'t>, problems: &Problems) {
        let span = value.span();
        match value.get_mut() {
            DeValue::String(text) if text.contains('$') => {
                let text = text.to_string();
                if let Some(new) = self.expand(&text, &span, problems) {
                    problems.note(&span, format!("`{text}` is {} here", shown(&new)));
                    *value = Spanned::new(span, new);
                } else {
                    problems.doubt(&span);
                }
            }
            DeValue::Array(items) => {
                for item in items.iter_mut() {
                    self.in_value(item, problems);
                }
            }
            DeValue::Table(table) => {
                let keys: Vec<String> = table.keys().map(|key| key.get_ref().to_string()).collect();
                for key in keys {
                    if let Some(value) = table.get_mut(key.as_str()) {
                        self.in_value(value, problems);
                    }
                }
            }
            DeValue::String(_)
            | DeValue::Integer(_)
            | DeValue::Float(_)
            | DeValue::Boolean(_)
            | DeValue::Datetime(_) => {}
        }
    }

    /// What `text`, which has a `$` in it, stands for; `None` when that cannot be told, which is reported.
    fn expand(
        &mut self,
        text: &str,
        span: &Range<usize>,
        problems: &Problems,
    ) -> Option<DeValue<'t>> {
        let report = |message: &str, help: &str| {
            let problem = Diagnostic::new(message, span.clone(), "not a variable").help(help);
            problems.report(problem);
        };
        let whole = text.strip_prefix('$').map(|name| {
            name.strip_prefix('{').and_then(|name| name.strip_suffix('}')).unwrap_or(name)
        });
        if let Some(name) = whole.filter(|name| is_name(name)) {
            return Some(self.value(name, span, problems)?.into_inner());
        }
        let mut out = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('$') {
            out.push_str(before);
            if let Some(after) = after.strip_prefix('$') {
                out.push('$');
                rest = after;
                continue;
            }
            let inner = after.strip_prefix('{').and_then(|after| after.split_once('}'));
            let Some((name, after)) = inner.filter(|(name, _)| is_name(name)) else {
                report(
                    &format!("`{text}` has a `$` that begins no variable"),
                    "write \"$name\" for a whole value, \"${name}\" inside a text, and $$ for the sign itself",
                );
                return None;
            };
            let value = self.value(name, span, problems)?;
            if value.get_ref().is_array() {
                report(
                    &format!("the variable `{name}` is a list and cannot stand inside a text"),
                    &format!("write \"${name}\" alone, where a list is expected"),
                );
                return None;
            }
            out.push_str(&plain(value.get_ref()));
            rest = after;
        }
        out.push_str(rest);
        Some(DeValue::String(Cow::Owned(out)))
    }

    fn value(&mut self, name: &str, span: &Range<usize>, problems: &Problems) -> Option<Value<'t>> {
        if let Some((_, value)) = self.list.iter().find(|(known, _)| known == name) {
            self.used.insert(name.to_owned());
            return Some(value.clone());
        }
        let label = did_you_mean(nearest(name, self.names()), "unknown variable");
        let help = match self.list.is_empty() {
            true => format!(
                "give it a default: a section [variables] with `{name} = …`; $$ is the sign itself"
            ),
            false => format!("the variables are: {}", listed(self.names())),
        };
        let message = format!("there is no variable `{name}`");
        problems.report(Diagnostic::new(message, span.clone(), label).help(help));
        None
    }
}

/// Whether `name` can be a variable's.
fn is_name(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_')
}

/// A list of texts as `--set` gives it: `voip,audio`, with or without brackets.
fn list_of(text: &str) -> DeValue<'_> {
    let text = text.trim();
    let inner = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text);
    let words = inner.split(',').map(|word| word.trim().trim_matches('"'));
    let item = |word: &str| Spanned::new(0..0, DeValue::String(Cow::Owned(word.to_owned())));
    array(words.filter(|word| !word.is_empty()).map(item))
}

/// A value as it would be written.
fn shown(value: &DeValue<'_>) -> String {
    match value {
        DeValue::String(text) => format!("{:?}", text.as_ref()),
        DeValue::Array(items) => {
            let items: Vec<String> = items.iter().map(|item| shown(item.get_ref())).collect();
            format!("[{}]", items.join(", "))
        }
        DeValue::Integer(_)
        | DeValue::Float(_)
        | DeValue::Boolean(_)
        | DeValue::Datetime(_)
        | DeValue::Table(_) => plain(value),
    }
}
