//! What a session shows of its run and its scenario, and what it saves.

use std::fmt::Write;

use super::desk::Unwritten;
use super::refusal::Refusal;
use super::session::Session;
use super::{names, story, text, times};
use crate::explain::{Explainer, Section};
use crate::port::Time;
use crate::report::explanation;
use crate::report::paragraph::{paragraph, plain};
use crate::report::timeline;
use crate::scenario::Scenario;
use crate::settings::Key;

impl Session {
    pub(super) fn show_trace(&self, number: usize, out: &mut String) {
        let events = self.ground.events();
        let from = events.len().saturating_sub(number);
        for line in story::lines(&self.scenario, &events[from..], self.width) {
            let _ = writeln!(out, "  {line}");
        }
    }

    pub(super) fn show_timeline(&self, out: &mut String) {
        let now = self.ground.now();
        if now == Time::ZERO {
            out.push_str("nothing has happened yet; `advance 1m` lets time go on\n");
            return;
        }
        let so_far = Scenario { duration: now.elapsed(), ..(*self.scenario).clone() };
        out.push_str(
            timeline::draw(&so_far, self.ground.events(), self.width).trim_start_matches('\n'),
        );
    }

    /// Shows the platform, or a key here and in every preset.
    pub(super) fn show_key(&self, asked: &str, out: &mut String) -> Result<(), Refusal> {
        let platform = &self.scenario.platform;
        if asked.is_empty() {
            let about = plain(platform.about.trim());
            paragraph(out, (&format!("{}: ", platform.name), 0), 2, &about, self.width);
            let set = platform.provenance.iter().filter(|(_, from)| from.preset == "scenario");
            for (key, _) in set {
                let (value, _) = key_of("platform", key)
                    .map_or((String::new(), true), |(s, key)| s.in_scenario(key, &self.scenario));
                let _ = writeln!(out, "  {key} = {value}, set here");
            }
            return Ok(());
        }
        let (section, name) = match asked.split_once('.') {
            Some((section, rest)) if Section::parse(section).is_some() => (section, rest),
            Some(_) | None => ("platform", asked),
        };
        let Some((section, key)) = key_of(section, name) else {
            let keys: Vec<&str> = Section::parse(section)
                .map_or(&[][..], Section::keys)
                .iter()
                .map(|key| key.name)
                .collect();
            let near = match crate::settings::nearest(name, keys.iter().copied()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => {
                    format!("`help set` says how keys are named; those of `{section}` are many")
                }
            };
            return Err(Refusal::new(format!("`{section}` has no key `{name}`; {near}")));
        };
        let (value, set) = section.in_scenario(key, &self.scenario);
        let from = if set { "set here".to_owned() } else { self.preset(section) };
        let _ = writeln!(out, "here: {} = {} ({from})", key.name, plain(&value));
        let full = format!("{section}.{}", key.name);
        // Without the bundled scenarios, which are not at hand here.
        if let Ok(mut topics) = Explainer::new(Vec::new()).explain(&full) {
            topics.iter_mut().for_each(|topic| topic.scenarios = None);
            out.push_str(&explanation::topics(&topics, self.width));
        }
        Ok(())
    }

    fn preset(&self, section: Section) -> String {
        match section {
            Section::Platform => self.scenario.platform.name.clone(),
            Section::Network => {
                format!(
                    "{}, {}",
                    self.scenario.network.wifi.name, self.scenario.network.cellular.name
                )
            }
            Section::Client => self.scenario.client.name.clone(),
            Section::Server => self.scenario.server.name.clone(),
        }
    }

    /// The scenario as it is saved. One that was begun from nothing ends soon after now.
    pub(super) fn saved_text(&self) -> String {
        if !self.lasts_as_said {
            let end = times::minute_after(self.ground.now());
            let shorter = text::ending_at(&self.text, &self.scenario, end);
            // A step that acts later than that needs the time.
            if let Ok(text) = shorter
                && self.read(&text).is_ok()
            {
                return text;
            }
        }
        self.text.clone()
    }

    pub(super) fn save(
        &mut self,
        file: Option<String>,
        replace: bool,
        out: &mut String,
    ) -> Result<(), Refusal> {
        let text = self.saved_text();
        let known = self.saved.clone().or(self.origin.clone().filter(|_| replace));
        let Some(file) = file.or(known) else {
            let message = match &self.origin {
                Some(file) => format!("write: save FILE; `save!` writes over {file}"),
                None => "the file is missing; write: save FILE".to_owned(),
            };
            return Err(Refusal::new(message));
        };
        if file.starts_with(names::BUNDLED) {
            return Err(Refusal::new("what is bundled stays as it is; write: save FILE"));
        }
        // Paths in it are relative to the file.
        if let Err(problems) = text::read(&text, &*self.desk, Some(&file), &[]) {
            let why = text::in_short(&problems);
            let help =
                "Files that a scenario names are looked for beside it: save it in the same folder.";
            return Err(Refusal::new(format!("it cannot be played from there: {why}\n{help}")));
        }
        let replace = replace || self.saved.as_ref() == Some(&file);
        match self.desk.write(&file, &text, replace) {
            Ok(()) => {}
            Err(Unwritten::Exists) => {
                let message = format!("{file} is there already; `save! {file}` replaces it");
                return Err(Refusal::new(message));
            }
            Err(Unwritten::Failed(why)) => return Err(Refusal::new(why)),
        }
        let _ = writeln!(out, "saved to {}", plain(&file));
        self.saved = Some(file);
        Ok(())
    }
}

fn key_of(section: &str, name: &str) -> Option<(Section, &'static Key)> {
    let section = Section::parse(section)?;
    Some((section, section.keys().iter().find(|key| key.name == name)?))
}
