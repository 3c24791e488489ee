//! An expectation on one line, as an `[[expect]]` of the scenario language.

use std::fmt::Write;

use super::names::begun;
use super::refusal::Refusal;
use super::values::{fits, toml};
use super::words::{self, Word, joined};
use crate::scenario::{EXPECTS, ExpectInfo, KeyInfo};
use crate::settings::{Form, nearest, quoted};
use crate::trace::{EventInfo, What};

/// The expectation in these words, as TOML: `push-received call within=5s`, `kill count=0`.
///
/// # Errors
/// [`Refusal`] when the first word is neither an expectation nor an event, or a key is given twice. Wrong values
/// are left to the decoder.
pub(super) fn toml_of(words: &[Word]) -> Result<String, Refusal> {
    let Some(first) = words.first() else {
        return Err(Refusal::new("what is expected is missing"));
    };
    let (info, rest) = match EXPECTS.iter().find(|row| row.name == first.text && !first.quoted) {
        Some(info) => (info, &words[1..]),
        None => (event_row(&first.text)?, words),
    };
    let mut line = Line { info, keys: Vec::new(), patterns: Vec::new() };
    for word in rest {
        line.word(word)?;
    }
    Ok(line.toml())
}

/// The row of the expectation on events, if `text` begins with an event's name.
fn event_row(text: &str) -> Result<&'static ExpectInfo, Refusal> {
    let name = text.split_whitespace().next().unwrap_or_default();
    let row = EXPECTS.iter().find(|row| row.name == "event");
    if let (Some(row), Some(_)) = (row, event(name)) {
        return Ok(row);
    }
    let names = || {
        let events = What::TABLE.iter().map(|event| event.name);
        EXPECTS.iter().map(|row| row.name).chain(events)
    };
    let all: Vec<&str> = EXPECTS.iter().map(|row| row.name).collect();
    let message = format!("`{text}` is neither an expectation nor an event");
    Err(Refusal::new(match nearest(name, names()) {
        Some(near) => format!("{message}; did you mean `{near}`?"),
        None => format!("{message}; the expectations are: {}", all.join(", ")),
    }))
}

fn event(name: &str) -> Option<&'static EventInfo> {
    What::TABLE.iter().find(|event| event.name == name)
}

struct Line {
    info: &'static ExpectInfo,
    keys: Vec<(String, String)>,
    /// Event patterns, where the expectation has one or several; whether tests of fields may follow.
    patterns: Vec<(String, bool)>,
}

impl Line {
    fn word(&mut self, word: &Word) -> Result<(), Refusal> {
        let Some((name, value)) = word.pair() else { return self.unnamed(word) };
        // A field of the event comes before a key of the expectation.
        if let Some((pattern, true)) = self.patterns.last_mut() {
            let known = pattern.split_whitespace().next().and_then(event);
            let field = |event: &EventInfo| event.fields.iter().any(|field| field.name == name);
            if name == "device" || known.is_some_and(field) {
                let _ = write!(pattern, " {name}={value}");
                return Ok(());
            }
        }
        let names: Vec<&str> =
            self.info.args.iter().map(|key| key.name).chain(["sometimes", "where"]).collect();
        match begun(name, &names) {
            Err(several) => Err(Refusal::new(format!("`{name}` can mean: {}", several.join(", ")))),
            // The decoder says what is near.
            Ok(None) => self.put(name, quoted(value)),
            Ok(Some(meant)) => self.put(meant, self.value(meant, value)),
        }
    }

    fn key(&self, name: &str) -> Option<&'static KeyInfo> {
        self.info.args.iter().find(|key| key.name == name)
    }

    fn value(&self, name: &str, text: &str) -> String {
        if let ("count", Some((min, max))) = (name, text.split_once("..")) {
            let bound = |name: &str, text: &str| match text.parse::<i64>() {
                Ok(number) => Some(format!("{name} = {number}")),
                Err(_) if text.is_empty() => None,
                Err(_) => Some(format!("{name} = {}", quoted(text))),
            };
            let bounds: Vec<String> =
                [bound("min", min), bound("max", max)].into_iter().flatten().collect();
            return format!("{{ {} }}", bounds.join(", "));
        }
        match (self.key(name), name, text) {
            (Some(key), _, _) => toml(&key.kind, text),
            (None, "sometimes", "true" | "false") => text.to_owned(),
            (None, _, _) => quoted(text),
        }
    }

    fn unnamed(&mut self, word: &Word) -> Result<(), Refusal> {
        let takes = |key: &&KeyInfo| {
            key.kind.forms.iter().any(|form| match form {
                Form::Event => true,
                Form::List(_, forms) => forms.contains(&Form::Event),
                Form::AnyText
                | Form::Text(_)
                | Form::Words(_)
                | Form::Whole(..)
                | Form::Flag
                | Form::Table
                | Form::Tables
                | Form::Named(_)
                | Form::Varied
                | Form::Chosen
                | Form::Plain => false,
            })
        };
        if self.info.args.iter().any(|key| takes(&key)) {
            self.patterns.push((word.text.clone(), !word.quoted));
            return Ok(());
        }
        let mut free = self.info.args.iter().filter(|key| !self.has(key.name));
        let first = free.clone().next();
        match free.find(|key| fits(&key.kind, &word.text)).or(first) {
            Some(key) => self.put(key.name, toml(&key.kind, &word.text)),
            None => {
                let keys: Vec<&str> = self.info.args.iter().map(|key| key.name).collect();
                Err(Refusal::new(format!(
                    "`{}` is one more than `{}` has keys: {}",
                    word.text,
                    self.info.name,
                    keys.join(", ")
                )))
            }
        }
    }

    fn has(&self, name: &str) -> bool {
        self.keys.iter().any(|(known, _)| known == name)
    }

    fn put(&mut self, name: &str, value: String) -> Result<(), Refusal> {
        if self.has(name) {
            return Err(Refusal::new(format!("`{name}` is given twice")));
        }
        self.keys.push((name.to_owned(), value));
        Ok(())
    }

    fn toml(&self) -> String {
        let mut out = format!("[[expect]]\nthat = {}\n", quoted(self.info.name));
        if self.key("events").is_some() && !self.patterns.is_empty() {
            let list: Vec<String> = self.patterns.iter().map(|(one, _)| quoted(one)).collect();
            let _ = writeln!(out, "events = [{}]", list.join(", "));
        } else if !self.patterns.is_empty() {
            let words: Vec<Word> = self
                .patterns
                .iter()
                .map(|(text, _)| Word { text: text.clone(), quoted: true })
                .collect();
            let _ = writeln!(out, "event = {}", quoted(&joined(&words)));
        }
        for (name, value) in &self.keys {
            let _ = writeln!(out, "{} = {value}", words::key(name));
        }
        out
    }
}
