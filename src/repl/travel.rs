//! Time in a session: on, back, and in several futures.

use std::sync::Arc;

use super::ground::{Ability, Goal, Stop};
use super::interrupt::Interrupt;
use super::names;
use super::refusal::Refusal;
use super::session::{Flow, Future, Session};
use super::text::{self, appended};
use super::words::{Word, joined};
use super::{goals, story};
use crate::port::{Interface, Span, Time};
use crate::report::human::plural;
use crate::report::paragraph::plain;
use crate::scenario::ActInfo;
use crate::settings::quoted;
use crate::trace::{Event, Pattern};

impl Session {
    pub(super) fn advance_by(
        &mut self,
        span: Span,
        out: &mut String,
        interrupt: &Interrupt,
    ) -> Result<(), Refusal> {
        self.advance_to(self.ground.now() + span, out, interrupt)
    }

    fn advance_to(
        &mut self,
        to: Time,
        out: &mut String,
        interrupt: &Interrupt,
    ) -> Result<(), Refusal> {
        if to > self.end() {
            self.lengthen(to, out)?;
        }
        let known = self.ground.events().len();
        let stop = self.ground.advance(Goal::Time(to), interrupt)?;
        self.tell_since(known, out);
        self.tell_stop(stop, out);
        Ok(())
    }

    /// The run ends at `end` from now on.
    pub(super) fn lengthen(&mut self, end: Time, out: &mut String) -> Result<(), Refusal> {
        let text = text::ending_at(&self.text, &self.scenario, end)?;
        let scenario = self.read(&text)?;
        self.ground.renew(&scenario)?;
        self.tell_longer(&scenario, out);
        (self.text, self.scenario) = (text, scenario);
        Ok(())
    }

    fn tell_stop(&self, stop: Stop, out: &mut String) {
        if stop == Stop::Interrupted {
            out.push_str("interrupted\n");
        }
        self.tell_where(out);
    }

    pub(super) fn next_events(
        &mut self,
        number: usize,
        out: &mut String,
        interrupt: &Interrupt,
    ) -> Result<(), Refusal> {
        let (known, now) = (self.ground.events().len(), self.ground.now());
        let stop = self.ground.advance(Goal::Events(number), interrupt)?;
        if stop == Stop::End && self.ground.events().len() == known {
            let end = self.end();
            self.return_to(now)?;
            return Err(Refusal::new(format!("nothing more happens before the end, at {end}")));
        }
        let new = self.ground.events().get(known..).unwrap_or_default();
        story::every(out, &self.scenario, new, self.width);
        self.tell_stop(stop, out);
        Ok(())
    }

    pub(super) fn until(
        &mut self,
        words: &[Word],
        out: &mut String,
        interrupt: &Interrupt,
    ) -> Result<(), Refusal> {
        let pattern = goals::pattern(words)?;
        self.can_happen(&pattern)?;
        // Where time goes on by itself, it may have come since the last command.
        let came = |event: &&Event| pattern.matches(event, &self.scenario.names);
        let meanwhile = self.ground.events().get(self.known..).unwrap_or_default();
        if let Some(event) = meanwhile.iter().find(came) {
            let line = story::lines(&self.scenario, &[*event], self.width).concat();
            if !out.contains(&line) {
                out.push_str(&format!("  {line}\n"));
            }
            self.tell_where(out);
            return Ok(());
        }
        let (known, now) = (self.ground.events().len(), self.ground.now());
        let stop = self.ground.advance(Goal::Event(&pattern), interrupt)?;
        if stop == Stop::End {
            let end = self.end();
            let stays = match self.ground.cannot(Ability::GoBack) {
                None => {
                    self.return_to(now)?;
                    format!("; the session stays at {now}")
                }
                Some(_) => {
                    self.tell_since(known, out);
                    String::new()
                }
            };
            let message = format!("`{pattern}` does not happen before the end, at {end}{stays}");
            return Err(Refusal::new(message));
        }
        self.tell_since(known, out);
        let came = self.ground.events().get(known..).unwrap_or_default().iter();
        let mut came = came.filter(|event| pattern.matches(event, &self.scenario.names));
        if let Some(event) = came.next().filter(|_| stop == Stop::Reached) {
            let line = story::lines(&self.scenario, &[*event], self.width).concat();
            // What is notable has been told already.
            if !out.contains(&line) {
                out.push_str(&format!("  {line}\n"));
            }
        }
        self.tell_stop(stop, out);
        Ok(())
    }

    /// Whether there can be such an event in this scenario at all: a push that is sent, a device that is there.
    fn can_happen(&self, pattern: &Pattern) -> Result<(), Refusal> {
        let block =
            format!("[[expect]]\nthat = \"event\"\nevent = {}\n", quoted(&pattern.to_string()));
        self.read(&appended(&self.text, &block).0).map(|_| ())
    }

    /// Back to where it stood, if the world can do that.
    fn return_to(&mut self, now: Time) -> Result<(), Refusal> {
        match self.ground.cannot(Ability::GoBack) {
            Some(_) => Ok(()),
            None => {
                let scenario = Arc::clone(&self.scenario);
                self.ground.place(&scenario, now)
            }
        }
    }

    pub(super) fn back_events(&mut self, number: usize, out: &mut String) -> Result<(), Refusal> {
        self.has(Ability::GoBack)?;
        let events = self.ground.events();
        let Some(first) = events.len().checked_sub(number).and_then(|at| events.get(at)) else {
            let all = plural(events.len() as u64, "event");
            return Err(Refusal::new(format!("there were only {all} so far")));
        };
        let before = |event: &&Event| event.at < first.at;
        let to = events.iter().rev().find(before).map_or(Time::ZERO, |event| event.at);
        self.go_back(to, out)
    }

    pub(super) fn back_by(&mut self, span: Span, out: &mut String) -> Result<(), Refusal> {
        self.has(Ability::GoBack)?;
        let now = self.ground.now();
        if span > now.elapsed() {
            return Err(Refusal::new(format!("it is only {} since the beginning", now.elapsed())));
        }
        self.go_back(now.elapsed().saturating_sub(span).from_start(), out)
    }

    fn go_back(&mut self, to: Time, out: &mut String) -> Result<(), Refusal> {
        let scenario = Arc::clone(&self.scenario);
        self.ground.place(&scenario, to)?;
        let ahead = self.added().filter(|place| !self.has_acted(*place)).count();
        if ahead > 0 {
            let steps = plural(ahead as u64, "step");
            out.push_str(&format!("ahead: {steps} you added; `forget` drops what is ahead\n"));
        }
        self.tell_where(out);
        Ok(())
    }

    pub(super) fn goto(
        &mut self,
        time: Option<Time>,
        out: &mut String,
        interrupt: &Interrupt,
    ) -> Result<(), Refusal> {
        let (to, now) = (time.unwrap_or(self.end()), self.ground.now());
        if to >= now {
            return self.advance_to(to, out, interrupt);
        }
        self.has(Ability::GoBack)?;
        self.go_back(to, out)
    }

    fn here(&self) -> Future {
        Future { text: self.text.clone(), now: self.ground.now(), own_steps: self.own_steps }
    }

    pub(super) fn begin_fork(&mut self, name: &str, out: &mut String) -> Result<(), Refusal> {
        self.has(Ability::GoBack)?;
        if name == self.fork || self.forks.contains_key(name) {
            return Err(Refusal::new(format!(
                "there is a future `{name}` already; `forks` lists them"
            )));
        }
        let plain = |c: char| c.is_alphanumeric() || "-_.".contains(c);
        if name.is_empty() || !name.chars().all(plain) {
            return Err(Refusal::new("a name is of letters, digits, `-`, `_` and `.`"));
        }
        if Interface::SPELLINGS.contains(&name) {
            let message = format!("`switch {name}` is an act; choose another name");
            return Err(Refusal::new(message));
        }
        let here = self.here();
        let left = std::mem::replace(&mut self.fork, name.to_owned());
        out.push_str(&format!("`{name}` goes on from here; `switch {left}` leads back\n"));
        self.forks.insert(left, here);
        self.tell_where(out);
        Ok(())
    }

    pub(super) fn switch(&mut self, words: &[Word], out: &mut String) -> Result<Flow, Refusal> {
        let text = joined(words);
        if text == self.fork {
            out.push_str(&format!("this is `{text}`\n"));
            return Ok(Flow::Continue);
        }
        let Some(there) = self.forks.get(&text).cloned() else {
            return self.switch_network(words, out);
        };
        let (scenario, here) = (self.read(&there.text)?, self.here());
        self.ground.place(&scenario, there.now)?;
        let left = std::mem::replace(&mut self.fork, text);
        self.forks.remove(&self.fork);
        self.forks.insert(left, here);
        (self.text, self.scenario, self.own_steps) = (there.text, scenario, there.own_steps);
        self.tell_where(out);
        Ok(Flow::Continue)
    }

    /// No future is called that: it is the act, if it is anything.
    fn switch_network(&mut self, words: &[Word], out: &mut String) -> Result<Flow, Refusal> {
        let Some(info) = ActInfo::find("network.switch") else {
            return Err(Refusal::new("there is no such future"));
        };
        if let [word] = words
            && word.pair().is_none()
            && !Interface::SPELLINGS.contains(&word.text.as_str())
        {
            let known = self.forks.keys().map(String::as_str).chain([self.fork.as_str()]);
            let near = names::near(&word.text, known.chain(Interface::SPELLINGS.iter().copied()));
            let name = plain(&word.text);
            return Err(Refusal::new(format!(
                "there is neither a future nor an interface `{name}`; {near}"
            )));
        }
        self.act(info, &[], words, out)
    }

    pub(super) fn list_forks(&self, out: &mut String) {
        let here = (&self.fork, &self.here());
        let mut all: Vec<(&String, &Future)> = self.forks.iter().chain([here]).collect();
        all.sort_by_key(|(name, _)| *name);
        for (name, future) in all {
            let mark = if *name == self.fork { "*" } else { " " };
            let steps = future.text.matches("[[step]]").count();
            let steps = plural(steps as u64, "step");
            out.push_str(&format!("{mark} {name}  at {}, {steps} in its text\n", future.now));
        }
    }

    pub(super) fn forget(&mut self, out: &mut String) -> Result<(), Refusal> {
        self.has(Ability::Change)?;
        let mut cuts: Vec<_> = self
            .added()
            .filter(|place| !self.has_acted(*place))
            .filter_map(|place| self.scenario.steps.get(place))
            .map(|step| step.span.clone())
            .collect();
        if cuts.is_empty() {
            return Err(Refusal::new("nothing that you added lies ahead"));
        }
        let count = plural(cuts.len() as u64, "step");
        cuts.sort_by_key(|span| span.start);
        let mut text = self.text.clone();
        for span in cuts.into_iter().rev() {
            // With the rest of its last line, and the empty lines before it.
            let end = text[span.end..].find('\n').map_or(text.len(), |at| span.end + at + 1);
            let start = text[..span.start].trim_end().len();
            let gap = if text[end..].trim().is_empty() { "\n" } else { "\n\n" };
            text = format!("{}{gap}{}", &text[..start], text[end..].trim_start_matches('\n'));
        }
        let scenario = self.read(&text)?;
        self.keeping_the_past(&scenario)?;
        (self.text, self.scenario) = (text, scenario);
        out.push_str(&format!("{count} dropped\n"));
        Ok(())
    }
}
