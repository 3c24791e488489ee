//! The commands that ask: `status`, `connections`, `timers`, `why`.

use super::goals;
use super::insight::{self, Question, View};
use super::refusal::Refusal;
use super::session::Session;
use super::words::Word;
use crate::port::AppState;
use crate::run::setup;
use crate::settings::nearest;
use crate::trace::What;

/// What is looked at.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub(super) enum Look {
    /// The phone and the app.
    Status,
    /// Both ends of every connection.
    Connections,
    /// What is due, and why.
    Timers,
}

/// What can stand behind `why`, beside an event; the word behind `push` is its name.
pub(super) const QUESTIONS: &[&str] = &["wake", "kill", "not-woken", "unreachable", "push"];

impl Session {
    /// Shows what is so on a device: the first, or the one that is named.
    pub(super) fn look(&self, look: Look, device: u32, out: &mut String) -> Result<(), Refusal> {
        let setup = setup(&self.scenario, self.scenario.seed);
        let (ground, names) = (self.ground(), &self.scenario.names);
        let (now, events) = (ground.now(), ground.events());
        let place = device.saturating_sub(1) as usize;
        let simulated = ground.world().and_then(|world| {
            let device = world.devices().get(place)?;
            Some(View::of(device, &setup, world.shared(), names, now, events))
        });
        let over_sockets =
            ground.phone(device).map(|os| View::of_phone(device, os, &setup, names, now, events));
        let view = simulated.or(over_sockets).ok_or_else(|| self.no_device())?;
        match look {
            Look::Status => insight::status(&view, out),
            Look::Connections => insight::connections(&view, out),
            Look::Timers => insight::timers(&view, out),
        }
        Ok(())
    }

    /// Says why something happened, or did not: nothing named is what is worst now.
    pub(super) fn why(&self, words: &[Word], out: &mut String) -> Result<(), Refusal> {
        let (words, device) = self.with_device(words)?;
        let question = self.question(words, device)?;
        let names = &self.scenario.names;
        insight::answer(self.ground().events(), names, device, &question, out);
        Ok(())
    }

    fn question(&self, words: &[Word], device: u32) -> Result<Question, Refusal> {
        let texts: Vec<&str> = words.iter().map(|word| word.text.as_str()).collect();
        match texts[..] {
            [] => Ok(self.most_pressing(device)),
            ["wake" | "woken"] => Ok(Question::LastWake),
            ["kill" | "killed"] => Ok(Question::LastKill),
            ["not-woken"] => Ok(Question::NotWoken),
            ["unreachable" | "reachable"] => Ok(Question::Unreachable),
            ["push"] => Err(Refusal::new("which push is missing; write: why push NAME")),
            ["push", name] => Ok(Question::Push(name.to_owned())),
            [first, ..] => match goals::pattern(words) {
                Ok(pattern) => Ok(Question::Event(pattern)),
                Err(refusal) => {
                    let near = nearest(first, QUESTIONS.iter().copied());
                    let near = near.map(|near| format!("; or did you mean `why {near}`?"));
                    Err(Refusal::new(format!("{refusal}{}", near.unwrap_or_default())))
                }
            },
        }
    }

    /// What somebody wants to know who asks for nothing in particular.
    fn most_pressing(&self, device: u32) -> Question {
        let mine = self.ground().events().iter().filter(|event| event.owner == device);
        let (mut reachable, mut ended) = (false, false);
        for event in mine {
            if let What::Reachable { reachable: now, .. } = event.what {
                reachable = now;
            } else if let What::State { to, .. } = event.what {
                ended = to == AppState::NotRunning;
            }
        }
        match (ended, reachable) {
            (true, _) => Question::LastKill,
            (false, false) => Question::Unreachable,
            (false, true) => Question::LastWake,
        }
    }

    /// The words without the `device=N` among them, and that device; the first when none is named.
    pub(super) fn with_device<'w>(&self, words: &'w [Word]) -> Result<(&'w [Word], u32), Refusal> {
        let Some((last, before)) = words.split_last() else { return Ok((words, 1)) };
        match last.pair() {
            Some(("device", number)) => {
                let number =
                    number.parse().ok().filter(|n| (1..=self.scenario.devices).contains(n));
                let number = number.ok_or_else(|| self.no_device())?;
                Ok((before, number))
            }
            Some(_) | None => Ok((words, 1)),
        }
    }

    fn no_device(&self) -> Refusal {
        let devices = self.scenario.devices;
        Refusal::new(match devices {
            1 => "there is only device 1".to_owned(),
            _ => format!("devices are 1 to {devices}; write for example device=2"),
        })
    }
}
