//! How far a run is known: from some moment on it proves nothing any more, or nothing of the phone.

use super::collected::Collected;
use super::reconcile::{Known, Reconciled};
use crate::port::{PushId, Span, Time};
use crate::scenario::Scenario;
use crate::trace::What;

/// From when on something is not known.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub(super) struct Horizon {
    /// From when on.
    pub(super) at: Time,
    /// Whether what happened at that very moment is still known.
    pub(super) included: bool,
    /// Because of what.
    pub(super) why: &'static str,
}

/// How far what host and phone know goes.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub(super) struct Horizons {
    /// What the host knows by itself.
    pub(super) host: Option<Horizon>,
    /// What it takes the phone to know.
    pub(super) phone: Option<Horizon>,
    /// Whether the process lives.
    pub(super) life: Option<Horizon>,
    /// Sentences about it.
    pub(super) notes: Vec<String>,
}

fn from(at: Time, why: &'static str) -> Horizon {
    Horizon { at, included: false, why }
}

fn behind(at: Time, why: &'static str) -> Horizon {
    Horizon { at, included: true, why }
}

/// The nearer of two.
fn nearer(one: Option<Horizon>, other: Option<Horizon>) -> Option<Horizon> {
    match (one, other) {
        (Some(one), Some(other)) => Some(if other.at < one.at { other } else { one }),
        (one, other) => one.or(other),
    }
}

impl Horizons {
    /// Of a run that is known so far.
    pub(super) fn of(scenario: &Scenario, run: &Collected, known: &Reconciled) -> Horizons {
        let end = scenario.duration.from_start();
        let mut notes = Vec::new();
        let mut host = (run.ended < end)
            .then(|| from(run.ended, "the run was ended before the scenario's end"));
        for undone in &run.undone {
            let step = undone.step + 1;
            notes.push(format!("step {step} was not done at {}: {}", undone.at, undone.why));
            host = nearer(host, Some(from(undone.at, "a step was not done")));
        }
        let log = log(run, known, end);
        let phone = nearer(host, log);
        let life = nearer(phone, life(run, known, end));
        Horizons { host, phone, life, notes }
    }
}

/// How far the phone's log goes.
fn log(run: &Collected, known: &Reconciled, end: Time) -> Option<Horizon> {
    let Some(log) = run.phone.as_ref().filter(|log| !log.lines.is_empty()) else {
        return Some(from(Time::ZERO, "there is no log of the phone"));
    };
    let told = || known.events.iter().filter(|known| known.line.is_some());
    let last = told().next_back().map_or(Time::ZERO, |known| known.event.at);
    let cut = match run.fetched {
        Some(fetched) if fetched >= end => None,
        Some(fetched) => Some(behind(fetched.max(last), "the phone's log was fetched")),
        None => Some(behind(last, "the phone's log ends")),
    };
    let hole = log.holes.iter().min().map(|hole| {
        let before = told().rfind(|known| known.line.is_some_and(|line| line < *hole));
        let at = before.map_or(Time::ZERO, |known| known.event.at);
        behind(at, "something in the phone's log cannot be read")
    });
    let lost = told()
        .find(|known| known.doubt == Span::MAX)
        .map(|known| from(known.event.at, "nobody knows when events of the phone happened"));
    let missing = missing(&known.events)
        .map(|at| behind(at, "the server knows of more than the phone's log"));
    [cut, hole, lost, missing].into_iter().fold(None, nearer)
}

/// The last that the phone told before the server had its answer to a push that it never told of.
#[expect(clippy::wildcard_enum_match_arm, reason = "only what both sides have a part in tells")]
fn missing(events: &[Known]) -> Option<Time> {
    let received = |wanted: PushId| {
        move |known: &Known| match known.event.what {
            What::PushReceived { push, .. } => push == wanted && known.line.is_some(),
            _ => false,
        }
    };
    let answered = events.iter().enumerate().find_map(|(place, known)| match known.event.what {
        What::PushAcknowledged { push } if known.line.is_none() => {
            (!events.iter().any(received(push))).then_some(place)
        }
        What::SessionOpened { connection } if known.line.is_none() => {
            let made = |known: &Known| match known.event.what {
                What::CreateStream { pair } | What::CreateDatagramStream { pair } => {
                    pair == connection
                }
                _ => false,
            };
            (!events.iter().any(made)).then_some(place)
        }
        _ => None,
    })?;
    let before = events[..answered].iter().rfind(|known| known.line.is_some());
    Some(before.map_or(Time::ZERO, |known| known.event.at))
}

/// How far it is known whether the process lives. One that is not heard of any more may have been ended without a word;
/// one that has ended is not, until another is started.
fn life(run: &Collected, known: &Reconciled, end: Time) -> Option<Horizon> {
    let mut heard = Time::ZERO;
    let mut ended = false;
    for known in known.events.iter().filter(|known| known.line.is_some()) {
        heard = heard.max(known.event.at);
        ended = matches!(known.event.what, What::Exit { .. });
    }
    let answered = run.exchanges.iter().map(|exchange| exchange.sent);
    let seen = answered.chain(run.alive).fold(heard, Time::max);
    ended |= run.deaths.iter().any(|death| death.at >= seen);
    (!ended && seen < end).then(|| behind(seen, "nobody knows whether the process lived"))
}
