//! A session: a scenario as a text, and how far it has been played.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use super::blocks;
use super::brief::Brief;
use super::commands::Command;
use super::desk::Desk;
use super::ground::{Ability, Ground};
use super::interrupt::Interrupt;
use super::names::{self, Meaning};
use super::refusal::Refusal;
use super::simulated::Simulated;
use super::step_line::StepLine;
use super::text::{self, EMPTY, appended};
use super::words::{Word, words};
use super::{expect_line, help, settings, standing, story, times};
use crate::port::Time;
use crate::report::paragraph::plain;
use crate::run::{Happened, SoFar, Verdict, first_difference, so_far};
use crate::scenario::{ActInfo, Diagnostic, Override, Scenario, When};
use crate::trace::{Event, What};

/// What a session is begun with.
#[derive(Clone, Debug, Default)]
pub struct Opening {
    /// The scenario; an empty one when absent.
    pub text: Option<String>,
    /// The file it is in, as a command line names it.
    pub file: Option<String>,
    /// What is set from outside.
    pub set: Vec<Override>,
    /// The seed, instead of the scenario's own.
    pub seed: Option<u64>,
}

/// What becomes of the session after a command.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Flow {
    /// It goes on.
    Continue,
    /// It goes on, but what the command looked at failed: a script ends here.
    Failed,
    /// It is over.
    Quit,
}

/// A future: what the scenario is in it, and where it stands.
#[derive(Clone, Debug)]
pub(super) struct Future {
    pub(super) text: String,
    pub(super) now: Time,
    pub(super) own_steps: usize,
}

/// Somebody steering a scenario by hand.
pub struct Session {
    pub(super) desk: Box<dyn Desk>,
    pub(super) ground: Box<dyn Ground>,
    pub(super) scenario: Arc<Scenario>,
    pub(super) text: String,
    /// How many steps the scenario had at the beginning; the others were added.
    pub(super) own_steps: usize,
    /// The name of this future.
    pub(super) fork: String,
    /// The other futures.
    pub(super) forks: BTreeMap<String, Future>,
    /// The file it was begun with.
    pub(super) origin: Option<String>,
    /// The file it was saved to last.
    pub(super) saved: Option<String>,
    /// Whether somebody said how long the scenario is.
    pub(super) lasts_as_said: bool,
    /// How many events there were when the last command ended.
    pub(super) known: usize,
    /// Where lines end.
    pub(super) width: usize,
}

/// The future that there is at the beginning.
pub(super) const MAIN: &str = "main";

impl Session {
    /// Begins a session in the simulated world.
    ///
    /// # Errors
    /// [`Unopened`] when the scenario or what is set has mistakes.
    pub fn open(opening: Opening, desk: Box<dyn Desk>) -> Result<Session, Unopened> {
        Session::over(opening, desk, |scenario| Ok(Box::new(Simulated::new(scenario))))
    }

    /// Begins a session in the world that `make` gives the scenario.
    ///
    /// # Errors
    /// [`Unopened`] when the scenario has mistakes, or `make` refuses.
    pub fn over(
        opening: Opening,
        desk: Box<dyn Desk>,
        make: impl FnOnce(&Arc<Scenario>) -> Result<Box<dyn Ground>, Refusal>,
    ) -> Result<Session, Unopened> {
        let text = opening.text.unwrap_or_else(|| EMPTY.to_owned());
        let mut set = opening.set;
        let lasts_as_said = opening.file.is_some() || set.iter().any(|over| over.key == "duration");
        set.extend(opening.seed.map(|seed| Override::new("seed", seed.to_string())));
        let asked = text::read(&text, &*desk, None, &set).map_err(Unopened::Mistakes)?;
        let text = settings::written(&text, &set).map_err(Unopened::Refused)?;
        let scenario = match text::read(&text, &*desk, None, &[]) {
            Ok(scenario) if text::same_world(&scenario, &asked) => Arc::new(scenario),
            Ok(_) | Err(_) => {
                let message = "what is set from outside cannot be written into this scenario\n\
                               Write it into the file, and open that.";
                return Err(Unopened::Refused(Refusal::new(message)));
            }
        };
        let ground = make(&scenario).map_err(Unopened::Refused)?;
        Ok(Session {
            known: 0,
            desk,
            ground,
            own_steps: scenario.steps.len(),
            scenario,
            text,
            fork: MAIN.to_owned(),
            forks: BTreeMap::new(),
            origin: opening.file,
            saved: None,
            lasts_as_said,
            width: 100,
        })
    }

    /// Lines end before this column from now on.
    pub fn set_width(&mut self, width: usize) {
        self.width = width.max(40);
    }

    /// Whether `text`, lines with a line break between each two, is the beginning of a block that goes on: a
    /// block of TOML ends with an empty line.
    pub fn wants_more(text: &str) -> bool {
        let last = text.rsplit('\n').next().unwrap_or_default();
        text.trim_start().starts_with('[') && !last.trim().is_empty()
    }

    /// Where it stands.
    pub fn brief(&self) -> Brief {
        let fork = (!self.forks.is_empty()).then(|| self.fork.clone());
        Brief::of(&*self.ground, self.scenario.devices, self.end(), fork)
    }

    /// The scenario as it is now.
    pub fn scenario(&self) -> &Scenario {
        &self.scenario
    }

    /// The world it steers.
    pub fn ground(&self) -> &dyn Ground {
        &*self.ground
    }

    /// Does what `text` says, a line or a block, and tells of it in `out`.
    ///
    /// # Errors
    /// [`Refusal`] when it is not done; nothing has changed then.
    pub fn execute(
        &mut self,
        text: &str,
        out: &mut String,
        interrupt: &Interrupt,
    ) -> Result<Flow, Refusal> {
        let text = text.trim();
        if text.is_empty() || text.starts_with('#') {
            return Ok(Flow::Continue);
        }
        // What is refused is told with the words of the line, which may come from a file.
        if text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t')) {
            return Err(Refusal::new("there is a control character in it; write it without"));
        }
        self.known = self.ground.events().len();
        self.ground.enter()?;
        self.tell_meanwhile(out);
        let flow = self.carry_out(text, out, interrupt);
        self.ground.leave();
        for notice in self.ground.notices() {
            out.push_str(&format!("{}\n", plain(&notice)));
        }
        flow
    }

    /// Tells what happened by itself since the last command.
    fn tell_meanwhile(&self, out: &mut String) {
        let mut told = String::new();
        self.tell_since(self.known, &mut told);
        if !told.is_empty() {
            out.push_str(&format!("meanwhile:\n{told}"));
            self.tell_where(out);
        }
    }

    fn carry_out(
        &mut self,
        text: &str,
        out: &mut String,
        interrupt: &Interrupt,
    ) -> Result<Flow, Refusal> {
        // A world whose time goes on by itself may have gone on past the end.
        if self.ground.now() > self.end() {
            self.lengthen(times::minute_after(self.ground.now()), out)?;
        }
        if text.starts_with('[') {
            return blocks::add(self, text, out);
        }
        if text.contains('\n') {
            return Err(Refusal::new("one command a line; blocks of TOML begin with `[`"));
        }
        let words = words(text)?;
        let Some((name, rest)) = words.split_first() else { return Ok(Flow::Continue) };
        match names::find(&name.text)? {
            Meaning::Act(info, given) => self.act(info, given, rest, out),
            Meaning::Command(row) => self.command(row.read(rest)?, out, interrupt),
        }
    }

    fn command(
        &mut self,
        command: Command,
        out: &mut String,
        interrupt: &Interrupt,
    ) -> Result<Flow, Refusal> {
        match command {
            Command::Advance(span) => self.advance_by(span, out, interrupt)?,
            Command::Next(number) => self.next_events(number, out, interrupt)?,
            Command::Until(words) => self.until(&words, out, interrupt)?,
            Command::BackEvents(number) => self.back_events(number, out)?,
            Command::BackTime(span) => self.back_by(span, out)?,
            Command::Goto(time) => self.goto(time, out, interrupt)?,
            Command::Fork(name) => self.begin_fork(&name, out)?,
            Command::Switch(words) => return self.switch(&words, out),
            Command::Forks => self.list_forks(out),
            Command::Forget => self.forget(out)?,
            Command::Expect(words) => return self.expect(&words, out),
            Command::Expects => return Ok(self.expects(out)),
            Command::Set(key, value) => settings::set(self, &key, &value, out)?,
            Command::Show(key) => self.show_key(&key, out)?,
            Command::Look(look, words) => {
                let (words, device) = self.with_device(&words)?;
                if let [word, ..] = words {
                    let text = format!("`{}` says nothing here", word.text);
                    return Err(Refusal::new(text));
                }
                self.look(look, device, out)?;
            }
            Command::Why(words) => self.why(&words, out)?,
            Command::Trace(number) => self.show_trace(number, out),
            Command::Timeline => self.show_timeline(out),
            Command::Text => out.push_str(&self.saved_text()),
            Command::Save { file, replace } => self.save(file, replace, out)?,
            Command::Help(None) => help::all(out, self.width),
            Command::Help(Some(name)) => help::one(out, &name, self.width)?,
            Command::Quit => return Ok(Flow::Quit),
        }
        Ok(Flow::Continue)
    }

    /// The end of the run.
    pub(super) fn end(&self) -> Time {
        self.scenario.duration.from_start()
    }

    /// What stands behind a command that changed where the session stands.
    pub(super) fn tell_where(&self, out: &mut String) {
        out.push_str(&format!("{}\n", self.brief()));
    }

    /// Tells of the events since there were `known`.
    pub(super) fn tell_since(&self, known: usize, out: &mut String) {
        let new = self.ground.events().get(known..).unwrap_or_default();
        story::notable(out, &self.scenario, new, self.width);
    }

    /// Why the world cannot do that, as a refusal.
    pub(super) fn has(&self, ability: Ability) -> Result<(), Refusal> {
        self.ground.cannot(ability).map_or(Ok(()), |why| Err(Refusal::new(why)))
    }

    /// Reads a text that was changed by a line.
    pub(super) fn read(&self, text: &str) -> Result<Arc<Scenario>, Refusal> {
        let read = text::read(text, &*self.desk, None, &[]);
        read.map(Arc::new).map_err(|problems| text::in_short(&problems))
    }

    /// Does an act: now, or when its line says.
    pub(super) fn act(
        &mut self,
        info: &'static ActInfo,
        given: &[(&str, &str)],
        rest: &[Word],
        out: &mut String,
    ) -> Result<Flow, Refusal> {
        let line = StepLine::read(info, given, rest)?;
        if line.timed() {
            self.has(Ability::Plan)?;
        }
        let (moment, now) = (self.ground.moment(), self.ground.now());
        let mut text = self.text.clone();
        if moment >= self.end() {
            text = text::ending_at(&text, &self.scenario, times::minute_after(moment))?;
        }
        let (text, _) = appended(&text, &line.toml(moment, now));
        let scenario = self.read(&text)?;
        if line.timed() {
            self.plan(text, scenario, out)?;
            return Ok(Flow::Continue);
        }
        let known = self.ground.events().len();
        self.ground.act(&scenario)?;
        self.tell_longer(&scenario, out);
        (self.text, self.scenario) = (text, scenario);
        self.tell_since(known, out);
        self.tell_where(out);
        Ok(Flow::Continue)
    }

    /// The scenario has steps that act later, or wait for something: nothing that has happened may change.
    pub(super) fn plan(
        &mut self,
        text: String,
        scenario: Arc<Scenario>,
        out: &mut String,
    ) -> Result<(), Refusal> {
        let known = self.scenario.steps.len();
        self.keeping_the_past(&scenario)?;
        self.tell_longer(&scenario, out);
        (self.text, self.scenario) = (text, scenario);
        for step in self.scenario.steps.iter().skip(known) {
            let when = match &step.when {
                When::At(at) => match at.constant() {
                    Some(at) => format!("acts at {}", at.from_start()),
                    None => "acts at a time that is drawn".to_owned(),
                },
                When::After { event, .. } => format!("waits for `{event}`"),
                When::Every { .. } => "acts again and again".to_owned(),
            };
            out.push_str(&format!("{} {when}\n", step.act.name()));
        }
        Ok(())
    }

    /// Plays `scenario` up to now.
    ///
    /// # Errors
    /// [`Refusal`] when what has happened would be different; everything is as before then.
    pub(super) fn keeping_the_past(&mut self, scenario: &Arc<Scenario>) -> Result<(), Refusal> {
        let before = self.ground.events().to_vec();
        let now = self.ground.now();
        self.ground.place(scenario, now)?;
        let Some(differs) = first_difference(&before, self.ground.events()) else { return Ok(()) };
        let old = Arc::clone(&self.scenario);
        self.ground.place(&old, now)?;
        let at = [differs.first, differs.second].iter().flatten().map(|event| event.at).min();
        let event = |found: Option<Event>, scenario: &Scenario| match found {
            Some(event) => story::lines(scenario, &[event], self.width).concat(),
            None => "nothing more".to_owned(),
        };
        Err(Refusal::new(format!(
            "that would change what has happened already, first at {}:\n  \
             it was   {}\n  would be {}\n\
             Go back before that (`goto`) and add it there. A step that waits for an event\n\
             can wait `since=ID`, the id of a step that acts from now on.",
            at.unwrap_or(differs.at),
            event(differs.first, &old),
            event(differs.second, scenario),
        )))
    }

    pub(super) fn tell_longer(&self, scenario: &Scenario, out: &mut String) {
        if scenario.duration > self.scenario.duration {
            let (from, to) = (self.scenario.duration, scenario.duration);
            out.push_str(&format!("the scenario was {from} long and is {to} now\n"));
        }
    }

    /// How what is expected stands.
    pub(super) fn standings(&self) -> Vec<SoFar> {
        let happened = Happened {
            events: self.ground.events(),
            now: self.ground.now(),
            energy: self.ground.energy(),
            blurred: self.ground.blurred(),
        };
        so_far(&self.scenario, happened)
    }

    fn expect(&mut self, words: &[Word], out: &mut String) -> Result<Flow, Refusal> {
        let (text, _) = appended(&self.text, &expect_line::toml_of(words)?);
        let scenario = self.read(&text)?;
        self.ground.renew(&scenario)?;
        (self.text, self.scenario) = (text, scenario);
        let all = self.standings();
        let Some(last) = all.last() else { return Ok(Flow::Continue) };
        standing::line(out, &self.scenario, last, self.width);
        let failed = last.settled && last.judgement.verdict == Verdict::Fail;
        Ok(if failed { Flow::Failed } else { Flow::Continue })
    }

    fn expects(&self, out: &mut String) -> Flow {
        let all = self.standings();
        for found in &all {
            standing::line(out, &self.scenario, found, self.width);
        }
        if all.is_empty() {
            out.push_str("nothing is expected; `expect` adds something\n");
        }
        if standing::fails(&all) { Flow::Failed } else { Flow::Continue }
    }

    /// The places of the steps that were added.
    pub(super) fn added(&self) -> Range<usize> {
        self.own_steps..self.scenario.steps.len()
    }

    /// Whether the step at this place has acted.
    pub(super) fn has_acted(&self, place: usize) -> bool {
        self.ground.events().iter().any(
            |event| matches!(event.what, What::Step { number, .. } if number as usize == place + 1),
        )
    }
}

/// Why a session did not begin.
#[derive(Clone, Debug)]
pub enum Unopened {
    /// The scenario, or what is set, has mistakes.
    Mistakes(Vec<Diagnostic>),
    /// Something else.
    Refused(Refusal),
}
