//! A world over real sockets as a ground: what has happened there stays.

use std::sync::Arc;

use super::ground::{Ability, Goal, Ground, Stop};
use super::interrupt::Interrupt;
use super::refusal::Refusal;
use crate::client::Client;
use crate::live::world::{Aside, LiveError, LiveOptions, News, Reached, Said, Until};
use crate::os::Os;
use crate::port::{Span, Time};
use crate::run::BlurredFrom;
use crate::scenario::{Scenario, When};
use crate::sim::World;
use crate::trace::{Event, Names, What};

/// A scenario that is played over real sockets, as far as somebody wanted.
#[derive(Debug)]
pub struct OverSockets {
    aside: Aside,
    scenario: Arc<Scenario>,
    now: Time,
    due: Time,
    events: Vec<Event>,
    energy: Vec<u64>,
    phones: Vec<Os>,
    blurred: Vec<BlurredFrom>,
    notices: Vec<String>,
}

impl OverSockets {
    /// Starts server, proxies and phones, and opens the app on each.
    ///
    /// # Errors
    /// When the scenario asks for what real sockets cannot show, when time would pass too fast for its deadlines, or
    /// when a socket cannot be had.
    pub fn open(scenario: &Arc<Scenario>, options: LiveOptions) -> Result<OverSockets, LiveError> {
        let (aside, news) = Aside::open(Arc::clone(scenario), options)?;
        let mut ground = OverSockets {
            aside,
            scenario: Arc::clone(scenario),
            now: Time::ZERO,
            due: Time::NEVER,
            events: Vec::new(),
            energy: Vec::new(),
            phones: Vec::new(),
            blurred: Vec::new(),
            notices: Vec::new(),
        };
        ground.take(news);
        Ok(ground)
    }

    fn take(&mut self, news: News) {
        let News { now, events, sayings, blurs, energy, phones, due } = news;
        (self.now, self.due, self.energy, self.phones) = (now, due, energy, phones);
        self.events.extend(events);
        for blur in blurs.iter().skip(self.blurred.len()) {
            let BlurredFrom { device, at, why, .. } = blur;
            self.notices.push(format!("from {at} on device {device} proves nothing: {why}"));
        }
        self.blurred = blurs;
        self.notices.extend(sayings.into_iter().filter_map(|said| match said {
            Said::NotPublished(why) => Some(format!("not published: {why}")),
            // What servers say of an end is in the events, as the end itself.
            Said::Frame(_) | Said::Payload(..) | Said::Refused(_) => None,
        }));
    }

    /// Whether the new steps of `scenario` that wait for an event wait for one that is to come.
    fn waits_for_the_future(&self, scenario: &Scenario) -> Result<(), Refusal> {
        for step in scenario.steps.iter().skip(self.scenario.steps.len()) {
            let When::After { event, since, .. } = &step.when else { continue };
            if let Some(since) = since
                && acted(&self.events, *since)
            {
                return Err(Refusal::new(
                    "the step that it waits for has acted already, and time does not go back over real sockets",
                ));
            }
            let names = &scenario.names;
            let before = self.events.iter().find(|known| event.matches(known, names));
            if let (Some(before), None) = (before, since) {
                return Err(Refusal::new(format!(
                    "`{event}` has happened already, at {}, and time does not go back over real sockets\n\
                     A step can wait `since=ID`, the id of a step that acts from now on.",
                    before.at
                )));
            }
        }
        Ok(())
    }
}

/// Whether the step at this place has acted.
fn acted(events: &[Event], place: usize) -> bool {
    let is = |event: &Event| matches!(event.what, What::Step { number, .. } if number as usize == place + 1);
    events.iter().any(is)
}

/// Why something was not done.
fn refused(error: &LiveError) -> Refusal {
    let what = match error {
        LiveError::Unsupported(_) | LiveError::TooFast { .. } | LiveError::BadValue(_) => {
            "that cannot be done over real sockets"
        }
        LiveError::Io(_) => "the run cannot go on",
    };
    Refusal::new(format!("{what}: {error}"))
}

impl Ground for OverSockets {
    fn cannot(&self, ability: Ability) -> Option<&'static str> {
        match ability {
            Ability::GoBack => Some(
                "over real sockets time does not go back, and there is one future\n\
                 `save FILE`, and steer it with `holdline repl FILE`: the simulator can.",
            ),
            Ability::Change => Some(
                "over real sockets a run keeps what it was begun with\n\
                 Begin another session with `--set KEY=VALUE`.",
            ),
            Ability::Plan => None,
        }
    }

    fn enter(&mut self) -> Result<(), Refusal> {
        let news = self.aside.look().map_err(|error| refused(&error))?;
        self.take(news);
        Ok(())
    }

    fn leave(&mut self) {
        // A run that has ended says so when it is looked at.
        let _ = self.aside.release();
    }

    fn notices(&mut self) -> Vec<String> {
        std::mem::take(&mut self.notices)
    }

    fn now(&self) -> Time {
        self.now
    }

    fn due(&self) -> Option<Time> {
        Some(self.due).filter(|due| *due != Time::NEVER)
    }

    fn events(&self) -> &[Event] {
        &self.events
    }

    fn moment(&self) -> Time {
        match self.events.last() {
            Some(last) if last.at >= self.now => last.at + Span::TICK,
            Some(_) | None => self.now,
        }
    }

    fn energy(&self) -> Vec<u64> {
        self.energy.clone()
    }

    fn phone(&self, number: u32) -> Option<&Os> {
        self.phones.get(number.checked_sub(1)? as usize)
    }

    fn blurred(&self) -> &[BlurredFrom] {
        &self.blurred
    }

    fn world(&self) -> Option<&World<Client>> {
        None
    }

    fn advance(&mut self, goal: Goal<'_>, interrupt: &Interrupt) -> Result<Stop, Refusal> {
        let until = match goal {
            Goal::Time(to) => Until::Time(to),
            Goal::Events(number) => Until::Events(number),
            Goal::Event(pattern) => Until::Event(pattern.clone()),
        };
        let advanced = self.aside.advance(until, &|| interrupt.raised());
        let (reached, news) = advanced.map_err(|error| refused(&error))?;
        self.take(news);
        Ok(match (reached, goal) {
            (Reached::Time | Reached::Seen, _) => Stop::Reached,
            // The end is as far as somebody can go.
            (Reached::End, Goal::Time(to)) if to <= self.now => Stop::Reached,
            (Reached::End, _) => Stop::End,
            (Reached::Interrupted, _) => Stop::Interrupted,
        })
    }

    fn act(&mut self, scenario: &Arc<Scenario>) -> Result<(), Refusal> {
        let acted = self.aside.go_on_with(Arc::clone(scenario), self.moment());
        let news = acted.map_err(|error| refused(&error))?;
        self.scenario = Arc::clone(scenario);
        self.take(news);
        Ok(())
    }

    fn renew(&mut self, scenario: &Arc<Scenario>) -> Result<(), Refusal> {
        self.waits_for_the_future(scenario)?;
        let renewed = self.aside.renew(Arc::clone(scenario));
        let news = renewed.map_err(|error| refused(&error))?;
        self.scenario = Arc::clone(scenario);
        self.take(news);
        Ok(())
    }

    /// Only where it stands, with more steps at the end that act later.
    fn place(&mut self, scenario: &Arc<Scenario>, to: Time) -> Result<(), Refusal> {
        let known = self.scenario.steps.len();
        let same = |names: &Names| scenario.names.pushes.starts_with(&names.pushes);
        if to != self.now || scenario.steps.len() < known || !same(&self.scenario.names) {
            return Err(Refusal::new(self.cannot(Ability::GoBack).unwrap_or_default()));
        }
        self.renew(scenario)
    }
}
