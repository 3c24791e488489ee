//! An act with its arguments on one line, as a `[[step]]` of the scenario language.

use std::fmt::Write;
use std::sync::OnceLock;

use super::names::begun;
use super::refusal::Refusal;
use super::values::{fits, names_flag, toml};
use super::words::{self, Word};
use crate::port::{Span, Time};
use crate::scenario::{ActInfo, KeyInfo, Place, describe};
use crate::settings::quoted;

/// A step somebody asked for.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct StepLine {
    /// The act's name.
    act: &'static str,
    /// Its arguments and the keys of every step, as TOML.
    keys: Vec<(String, String)>,
    after: After,
    /// So long from now.
    wait: Option<Span>,
}

/// The event it waits for.
#[derive(Clone, PartialEq, Debug, Default)]
struct After {
    event: Option<String>,
    since: Option<String>,
    by: Option<String>,
}

/// Names beside the keys of a step: what `after` has, and `in`, which is `at` counted from now.
const BESIDE: &[&str] = &["since", "by", "after.event", "after.since", "after.by", "in"];

/// The keys of every step.
pub(super) fn keys() -> &'static [KeyInfo] {
    static KEYS: OnceLock<Vec<KeyInfo>> = OnceLock::new();
    KEYS.get_or_init(|| {
        let step = |section: &&crate::scenario::SectionDoc| {
            section.place == Place::Each && section.name == "step"
        };
        let keys = describe().iter().find(step).map_or(Vec::new(), |section| section.keys.clone());
        keys.into_iter().filter(|key| !["do", "where"].contains(&key.name)).collect()
    })
}

impl StepLine {
    /// Reads the words behind the act's name. `given` counts where they say nothing else.
    ///
    /// # Errors
    /// [`Refusal`] when a name can mean several keys, or one is given twice. Wrong values are left to the
    /// decoder.
    pub(super) fn read(
        info: &'static ActInfo,
        given: &[(&str, &str)],
        rest: &[Word],
    ) -> Result<StepLine, Refusal> {
        let mut line =
            StepLine { act: info.name, keys: Vec::new(), after: After::default(), wait: None };
        for word in rest {
            match word.pair() {
                Some((name, value)) => line.named(info, name, value)?,
                None => line.unnamed(info, word)?,
            }
        }
        for (name, value) in given {
            if !line.has(name) {
                line.named(info, name, value)?;
            }
        }
        Ok(line)
    }

    fn has(&self, name: &str) -> bool {
        self.keys.iter().any(|(known, _)| known == name)
    }

    fn named(&mut self, info: &ActInfo, name: &str, value: &str) -> Result<(), Refusal> {
        let args: Vec<&str> = info.args.iter().map(|key| key.name).collect();
        let rest: Vec<&str> =
            keys().iter().map(|key| key.name).chain(BESIDE.iter().copied()).collect();
        // An argument of the act comes before a key that every step has.
        let meant = match begun(name, &args) {
            Ok(None) => begun(name, &rest),
            found => found,
        };
        let meant = meant.map_err(|several| {
            Refusal::new(format!("`{name}` can mean: {}", several.join(", ")))
        })?;
        let Some(meant) = meant else {
            // The decoder says what is near.
            return self.put(name, quoted(value));
        };
        if let Some(key) = info.args.iter().find(|key| key.name == meant) {
            return self.put(meant, toml(&key.kind, value));
        }
        let slot = match meant {
            "after" | "after.event" => &mut self.after.event,
            "since" | "after.since" => &mut self.after.since,
            "by" | "after.by" => &mut self.after.by,
            "in" => {
                let span =
                    Span::parse(value).map_err(|wrong| Refusal::new(format!("`in`: {wrong}")))?;
                return match self.wait.replace(span) {
                    Some(_) => Err(twice("in")),
                    None => Ok(()),
                };
            }
            other => {
                let key = keys().iter().find(|key| key.name == other);
                return self.put(other, key.map_or(quoted(value), |key| toml(&key.kind, value)));
            }
        };
        match slot.replace(value.to_owned()) {
            Some(_) => Err(twice(meant)),
            None => Ok(()),
        }
    }

    /// A value goes to the first argument that is free and that it fits, or else to the first free one.
    fn unnamed(&mut self, info: &ActInfo, word: &Word) -> Result<(), Refusal> {
        let free: Vec<&KeyInfo> = info.args.iter().filter(|key| !self.has(key.name)).collect();
        if let Some(key) = free.iter().find(|key| names_flag(word, key.name, &key.kind)) {
            return self.put(key.name, "true".to_owned());
        }
        let fitting = free.iter().find(|key| fits(&key.kind, &word.text)).or(free.first());
        let Some(key) = fitting else {
            let message = match info.args {
                [] => format!("`{}` takes no arguments, and `{}` is none", info.name, word.text),
                _ => format!(
                    "`{}` has all its arguments, and `{}` is one more",
                    info.name, word.text
                ),
            };
            let help = "when it acts is said as `at=10m`, `in=5m`, `every=10m` or `after=EVENT`";
            return Err(Refusal::new(format!("{message}\n{help}")));
        };
        self.put(key.name, toml(&key.kind, &word.text))
    }

    fn put(&mut self, name: &str, value: String) -> Result<(), Refusal> {
        if self.has(name) {
            return Err(twice(name));
        }
        self.keys.push((name.to_owned(), value));
        Ok(())
    }

    /// Whether it says itself when it acts.
    pub(super) fn timed(&self) -> bool {
        let timing = ["at", "every"].iter().any(|key| self.has(key));
        timing || self.wait.is_some() || self.after != After::default()
    }

    /// The step as TOML. It acts at `moment`, unless it says something else; `now` is what `in` counts from.
    pub(super) fn toml(&self, moment: Time, now: Time) -> String {
        let mut out = String::from("[[step]]\n");
        let at = match self.wait {
            Some(wait) => Some(now + wait),
            None if self.timed() => None,
            None => Some(moment),
        };
        if let Some(at) = at {
            let _ = writeln!(out, "at = \"{}\"", super::times::exact(at));
        }
        let After { event, since, by } = &self.after;
        let parts = [("event", event), ("since", since), ("by", by)];
        let parts: Vec<String> = parts
            .iter()
            .filter_map(|(name, value)| Some(format!("{name} = {}", quoted(value.as_ref()?))))
            .collect();
        if !parts.is_empty() {
            let _ = writeln!(out, "after = {{ {} }}", parts.join(", "));
        }
        let args = |name: &str| {
            ActInfo::find(self.act).is_some_and(|info| info.args.iter().any(|key| key.name == name))
        };
        let mut line = |(name, value): &(String, String)| {
            let _ = writeln!(out, "{} = {value}", words::key(name));
        };
        self.keys.iter().filter(|(name, _)| !args(name)).for_each(&mut line);
        line(&("do".to_owned(), quoted(self.act)));
        self.keys.iter().filter(|(name, _)| args(name)).for_each(&mut line);
        out
    }
}

fn twice(name: &str) -> Refusal {
    Refusal::new(format!("`{name}` is given twice"))
}
