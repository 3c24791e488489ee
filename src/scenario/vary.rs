//! `[vary]`: one file, many scenarios. Each key of the section is one that `--set` takes, with a list of
//! values; every combination of values is a scenario of its own.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::diagnostic::{Diagnostic, Problems, did_you_mean, listed};
use super::document::{Leaf, Value, array, leaves, plain};
use super::overrides::Override;
use crate::settings::{grouped, nearest, scalar};

/// More scenarios than these in one file are a program's work.
const MOST_VARIANTS: usize = 1_000;

/// A key that varies.
struct Axis {
    key: String,
    values: Vec<Override>,
}

/// What varies in a scenario.
pub(super) struct Vary {
    axes: Vec<Axis>,
    /// Where the section stands.
    pub(super) span: Range<usize>,
}

/// One combination of values, in the order of the section; empty where nothing varies.
pub(super) type Variant = Vec<Override>;

impl Vary {
    /// Reads the section; a key that is set from outside has only that value.
    pub(super) fn read(document: &DeTable<'_>, outside: &[Override], problems: &Problems) -> Vary {
        let Some(section) = document.get("vary") else {
            return Vary { axes: Vec::new(), span: 0..0 };
        };
        let span = section.span();
        let Some(table) = section.get_ref().as_table() else {
            let found = scalar(section.get_ref()).what();
            let message = format!("`vary`: expected [vary], found {found}");
            problems.report(Diagnostic::new(message, span.clone(), "expected: table"));
            return Vary { axes: Vec::new(), span };
        };
        let mut axes = Vec::new();
        for (key, place, list) in leaves(table) {
            let values = match outside.iter().rev().find(|over| over.key == key) {
                Some(over) => Some(vec![over.clone()]),
                None => values(&key, list, problems),
            };
            if let Some(values) = values {
                if values.is_empty() {
                    let message = format!("`{key}` varies over nothing");
                    problems.report(Diagnostic::new(message, place, "give it values"));
                } else {
                    axes.push(Axis { key, values });
                }
            }
        }
        Vary { axes, span }
    }

    /// Every combination, the last key changing fastest; none when there are too many, which is reported.
    pub(super) fn variants(&self, problems: &Problems) -> Vec<Variant> {
        let count = self.axes.iter().fold(1usize, |n, axis| n.saturating_mul(axis.values.len()));
        if count > MOST_VARIANTS {
            let (count, most) = (grouped(count as u64), grouped(MOST_VARIANTS as u64));
            let message = format!("this would be {count} scenarios in one file; at most {most}");
            problems.report(Diagnostic::new(message, self.span.clone(), "too many combinations"));
            return Vec::new();
        }
        let mut all: Vec<Variant> = vec![Vec::new()];
        for axis in &self.axes {
            all = all
                .iter()
                .flat_map(|so_far| {
                    axis.values.iter().map(|value| {
                        let mut variant = so_far.clone();
                        variant.push(value.clone());
                        variant
                    })
                })
                .collect();
        }
        all
    }

    /// Reports what is wrong with the `where` of steps and expectations: a key that does not vary, a value it
    /// never has.
    pub(super) fn check(&self, document: &DeTable<'_>, problems: &Problems) {
        for table in items(document) {
            for (key, place, value) in condition(table) {
                let Some(axis) = self.axes.iter().find(|axis| axis.key == key) else {
                    let keys = || self.axes.iter().map(|axis| axis.key.as_str());
                    let message = format!("`{key}` does not vary");
                    let label = did_you_mean(nearest(&key, keys()), "not among the keys of [vary]");
                    let help = match self.axes.is_empty() {
                        true => {
                            "`where` chooses among the values of [vary], and there is no [vary]"
                                .into()
                        }
                        false => format!("keys that vary: {}", listed(keys())),
                    };
                    problems.report(Diagnostic::new(message, place, label).help(help));
                    continue;
                };
                // What is set from outside need not be among the values of the file.
                if axis.values.iter().any(|value| value.place().is_none()) {
                    continue;
                }
                for (wanted, span) in wanted(value) {
                    if axis.values.iter().any(|known| known.value == wanted) {
                        continue;
                    }
                    let values = || axis.values.iter().map(|value| value.value.as_str());
                    let message = format!("`{key}` is never `{wanted}`");
                    let label = did_you_mean(nearest(&wanted, values()), "no value of [vary]");
                    let help = format!("its values are: {}", listed(values()));
                    problems.report(Diagnostic::new(message, span, label).help(help));
                }
            }
        }
    }
}

/// The values of an axis; `None` when it is no list, which is reported.
fn values(key: &str, list: &Value<'_>, problems: &Problems) -> Option<Vec<Override>> {
    let Some(items) = list.get_ref().as_array() else {
        let found = scalar(list.get_ref()).what();
        let message = format!("`{key}`: expected a list of values to vary over, found {found}");
        problems.report(Diagnostic::new(message, list.span(), "expected: list"));
        return None;
    };
    let mut values: Vec<Override> = Vec::new();
    for item in items.iter() {
        let over = Override::within(key, plain(item.get_ref()), item.span());
        if values.iter().any(|known| known.value == over.value) {
            let message = format!("`{key}` has the value `{}` twice", over.value);
            problems.report(Diagnostic::new(message, item.span(), "remove one"));
        } else {
            values.push(over);
        }
    }
    Some(values)
}

/// Every step and expectation that is a table.
fn items<'r, 't>(document: &'r DeTable<'t>) -> impl Iterator<Item = &'r DeTable<'t>> {
    ["step", "expect"].into_iter().flat_map(move |list| {
        let items = document.get(list).and_then(|items| items.get_ref().as_array());
        let tables = items.into_iter().flat_map(|items| items.iter());
        tables.filter_map(|item| item.get_ref().as_table())
    })
}

/// The tests in the `where` of a step or expectation.
fn condition<'r, 't>(item: &'r DeTable<'t>) -> Vec<Leaf<'r, 't>> {
    item.get("where").and_then(|value| value.get_ref().as_table()).map_or(Vec::new(), leaves)
}

/// The values that a test allows: one, or those of a list.
fn wanted(value: &Value<'_>) -> Vec<(String, Range<usize>)> {
    match value.get_ref() {
        DeValue::Array(items) => {
            items.iter().map(|item| (plain(item.get_ref()), item.span())).collect()
        }
        one @ (DeValue::String(_)
        | DeValue::Integer(_)
        | DeValue::Float(_)
        | DeValue::Boolean(_)
        | DeValue::Datetime(_)
        | DeValue::Table(_)) => vec![(plain(one), value.span())],
    }
}

/// `document` with only those steps and expectations whose `where` holds for `variant`.
pub(super) fn narrow<'t>(mut document: DeTable<'t>, variant: &[Override]) -> DeTable<'t> {
    let holds = |item: &Value<'t>| {
        let Some(table) = item.get_ref().as_table() else { return true };
        condition(table).iter().all(|(key, _, value)| {
            let is = variant.iter().find(|over| over.key == *key);
            // A key that does not vary has been reported.
            is.is_none_or(|is| wanted(value).iter().any(|(wanted, _)| *wanted == is.value))
        })
    };
    for list in ["step", "expect"] {
        if let Some(value) = document.get_mut(list).map(Spanned::get_mut)
            && let Some(items) = value.as_array()
        {
            *value = array(items.iter().filter(|item| holds(item)).cloned());
        }
    }
    document
}
