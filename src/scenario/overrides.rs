//! Overrides from outside the text: `--set key=value`.

use std::ops::Range;

use super::diagnostic::{Diagnostic, Problems, did_you_mean, part};
use crate::settings::{Scalar, Setting, nearest};

/// One `--set key=value`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Override {
    /// `seed`, `duration`, `deadline`, `devices`; or a section's name, a dot, and a key of its own or of
    /// its preset: `app.sdk`, `platform.use`, `platform.keep-alive.handler-budget`.
    pub key: String,
    /// The value as written: with or without quotes.
    pub value: String,
    /// Where it stands, if it is a value of `[vary]`.
    place: Option<Range<usize>>,
}

/// Keys of the top that can be overridden.
pub const TOP: &[&str] = &["seed", "duration", "deadline", "devices"];
/// Sections with keys that can be overridden.
pub(super) const SECTIONS: &[&str] =
    &["platform", "app", "network", "client", "server", "phases", "variables"];

impl Override {
    /// `key` is to be `value`.
    pub fn new(key: impl Into<String>, value: impl Into<String>) -> Override {
        Override { key: key.into(), value: value.into(), place: None }
    }

    /// `key` is to be `value`, as the scenario itself says at `place`.
    pub(super) fn within(key: &str, value: String, place: Range<usize>) -> Override {
        Override { key: key.to_owned(), value, place: Some(place) }
    }

    /// Where it stands in the scenario, if it comes from there.
    pub(super) fn place(&self) -> Option<Range<usize>> {
        self.place.clone()
    }

    /// The value as TOML would have it, were it written with the quotes it needs.
    pub(crate) fn scalar(&self) -> Scalar {
        let text = self.value.trim();
        let quoted = text.strip_prefix('"').and_then(|text| text.strip_suffix('"'));
        match (quoted, text) {
            (Some(inner), _) => Scalar::Text(inner.to_owned()),
            (None, "true") => Scalar::Bool(true),
            (None, "false") => Scalar::Bool(false),
            (None, text) => {
                text.parse().map_or_else(|_| Scalar::Text(text.to_owned()), Scalar::Integer)
            }
        }
    }

    /// A mistake in this override.
    pub(super) fn wrong(&self, message: &str) -> Diagnostic {
        if let Some(place) = self.place() {
            let message = format!("`{}`: {message}", self.key);
            return Diagnostic::new(message, place, "a value of [vary]").see(part::VARY);
        }
        let message = format!("--set {}={}: {message}", self.key, self.value);
        Diagnostic::new(message, 0..0, "").see(part::SET)
    }

    /// Reads the value; `None` when it is wrong, which is reported.
    pub(super) fn read<T: Setting>(&self, problems: &Problems) -> Option<T> {
        T::read(&self.scalar()).map_err(|message| problems.report(self.wrong(&message))).ok()
    }
}

/// The overrides of one run, sorted by where they go. Of several for one key the last counts.
pub(super) struct Overrides<'a> {
    list: Vec<(&'a str, &'a Override)>,
}

impl<'a> Overrides<'a> {
    /// Reports the overrides of keys that do not exist, as far as their first word tells.
    pub(super) fn new(list: &'a [Override], problems: &Problems) -> Overrides<'a> {
        let known = |over: &'a Override| {
            let (head, rest) = over.key.split_once('.').unwrap_or((&over.key, ""));
            let ok = if rest.is_empty() { TOP.contains(&head) } else { SECTIONS.contains(&head) };
            if !ok {
                let near = nearest(head, TOP.iter().chain(SECTIONS).copied());
                let message = match near {
                    Some(near) if near == head && rest.is_empty() => {
                        let key = match head {
                            "app" => "sdk",
                            "phases" => "safety",
                            _ => "use",
                        };
                        format!("`{head}` is a section; name one of its keys, as `{head}.{key}`")
                    }
                    Some(near) if near == head => format!("`{head}` has no keys of its own"),
                    near => did_you_mean(near, "there is no such key"),
                };
                let help = "keys are seed, duration, deadline, devices, and for example \
                            platform.keep-alive.handler-budget, app.sdk, network.use, client.…, server.…, \
                            variables.…";
                problems.report(over.wrong(&message).help(help));
            }
            ok.then_some((head, over))
        };
        Overrides { list: list.iter().filter_map(known).collect() }
    }

    /// The override of a key of the top.
    pub(super) fn top(&self, key: &str) -> Option<&'a Override> {
        self.list.iter().rev().find(|(_, over)| over.key == key).map(|(_, over)| *over)
    }

    /// The override of a section's own key, such as `use`.
    pub(super) fn own(&self, section: &str, key: &str) -> Option<&'a Override> {
        let mut all = self.preset(section);
        all.retain(|(name, _)| *name == key);
        all.pop().map(|(_, over)| over)
    }

    /// The overrides in a section by what follows its name, in the order given.
    pub(super) fn preset(&self, section: &str) -> Vec<(&'a str, &'a Override)> {
        self.list
            .iter()
            .filter(|(head, _)| *head == section)
            .filter_map(|(_, over)| over.key.split_once('.').map(|(_, rest)| (rest, *over)))
            .collect()
    }
}
