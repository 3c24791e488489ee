//! The history of one device in as few characters as it needs, with what its path and its reach were meanwhile.

use serde::Serialize;

use super::events::Words;
use super::pack::{Rows, exact};
use crate::port::{AppState, Interface, Span, Time};
use crate::report::history::fault::fault;
use crate::report::history::{History, Stretch, history};
use crate::scenario::Scenario;
use crate::trace::{Event, Unreachable, What};

/// The lanes of a device, as the page reads them: rows of numbers. Times are microseconds, words are places in the
/// scenario's list.
#[derive(Serialize)]
pub(super) struct Lanes {
    device: u32,
    /// From, length, state.
    states: String,
    /// From, length.
    client: String,
    server: String,
    wrong: String,
    /// From, length, why a push sent then would not be received: a word.
    reach: String,
    /// From, length, interface: a word. Empty when it never changes.
    network: String,
    /// From, length, what was broken: a word.
    troubles: String,
    /// At, the word of what happened around the app.
    marks: String,
    /// At, number of the step.
    steps: String,
    /// At, reason: a word; how many lately.
    wakes: String,
    /// At, code and rule: words.
    kills: String,
    /// The push: a word; accepted, sent, received, notified, dropped: microseconds after acceptance and one more, 0 for
    /// never; fate: a word.
    flights: String,
}

/// The lanes of `device`.
pub(super) fn lanes(
    scenario: &Scenario,
    events: &[Event],
    device: u32,
    words: &mut Words,
) -> Lanes {
    let end = scenario.duration.from_start();
    let history = history(events, device, end);
    let around = Around::of(scenario, events, device);
    let state = |state: AppState| AppState::ALL.iter().position(|known| *known == state);
    let state = |is: AppState| exact(state(is).unwrap_or(0) as u64);
    Lanes {
        device,
        states: stretches(&history.states, state),
        client: plain(&history.client),
        server: plain(&history.server),
        wrong: plain(&history.wrong),
        reach: stretches(&around.reach, |why| words.place(why.as_str())),
        network: match around.network.len() {
            0 | 1 => String::new(),
            _ => stretches(&around.network, |interface| words.place(interface.as_str())),
        },
        troubles: stretches(&around.troubles, |word| words.place(word)),
        marks: moments(around.marks.iter().map(|(at, word)| (*at, words.place(word)))),
        steps: moments(history.steps.iter().map(|(at, step)| (*at, i64::from(*step)))),
        wakes: wakes(&history, words),
        kills: kills(&history, words),
        flights: flights(&history, scenario, words),
    }
}

fn micros(at: Time) -> i64 {
    exact(at.as_micros())
}

fn stretches<T: Copy>(list: &[Stretch<T>], mut word: impl FnMut(T) -> i64) -> String {
    let mut rows = Rows::new();
    for Stretch { from, to, is } in list {
        rows.row([micros(*from), exact(to.since(*from).as_micros()), word(*is)]);
    }
    rows.text()
}

fn plain(list: &[Stretch<()>]) -> String {
    let mut rows = Rows::new();
    for Stretch { from, to, .. } in list {
        rows.row([micros(*from), exact(to.since(*from).as_micros())]);
    }
    rows.text()
}

fn moments(list: impl Iterator<Item = (Time, i64)>) -> String {
    let mut rows = Rows::new();
    list.for_each(|(at, what)| rows.row([micros(at), what]));
    rows.text()
}

fn wakes(history: &History, words: &mut Words) -> String {
    let mut rows = Rows::new();
    for wake in &history.wakes {
        let reason = words.place(wake.reason.as_str());
        rows.row([micros(wake.at), reason, i64::from(wake.recent)]);
    }
    rows.text()
}

fn kills(history: &History, words: &mut Words) -> String {
    let mut rows = Rows::new();
    for (at, code, rule) in &history.kills {
        rows.row([micros(*at), words.place(code.as_str()), words.place(rule.as_str())]);
    }
    rows.text()
}

fn flights(history: &History, scenario: &Scenario, words: &mut Words) -> String {
    let mut rows = Rows::new();
    for flight in &history.flights {
        let after =
            |at: Option<Time>| at.map_or(0, |at| exact(at.since(flight.accepted).as_micros()) + 1);
        let dropped = flight.dropped.map(|(at, _)| at);
        let fate = flight.dropped.map_or(0, |(_, fate)| words.place(fate.as_str()));
        rows.row([
            words.place(&scenario.names.push(flight.push)),
            micros(flight.accepted),
            after(flight.sent),
            after(flight.received),
            after(flight.notified),
            after(dropped),
            fate,
        ]);
    }
    rows.text()
}

/// What the path and the server were like around a device.
pub(super) struct Around {
    /// Whether a push sent then would have been received, and why not.
    pub(super) reach: Vec<Stretch<Unreachable>>,
    network: Vec<Stretch<Interface>>,
    troubles: Vec<Stretch<&'static str>>,
    marks: Vec<(Time, &'static str)>,
}

impl Around {
    pub(super) fn of(scenario: &Scenario, events: &[Event], device: u32) -> Around {
        let end = scenario.duration.from_start();
        let mut around = Around {
            reach: Vec::new(),
            network: vec![Stretch { from: Time::ZERO, to: end, is: scenario.network.initial }],
            troubles: Vec::new(),
            marks: Vec::new(),
        };
        // Those that go on, by what is broken.
        let mut open: Vec<Stretch<&'static str>> = Vec::new();
        for event in events.iter().filter(|event| event.owner == 0 || event.owner == device) {
            let at = event.at;
            if let What::Reachable { why, .. } = event.what {
                follow(&mut around.reach, at, end, why);
            } else if let What::InterfaceChanged { to } = event.what {
                follow(&mut around.network, at, end, to);
            } else if let Some((word, broken)) = fault(&event.what) {
                let known = open.iter().position(|stretch| stretch.is == word);
                match (known, broken) {
                    (None, true) => open.push(Stretch { from: at, to: end, is: word }),
                    (Some(place), false) => {
                        let begun = open.remove(place);
                        around.troubles.push(Stretch { to: at, ..begun });
                    }
                    (None, false) | (Some(_), true) => {}
                }
            } else if let Some(word) = mark(&event.what) {
                around.marks.push((at, word));
            }
        }
        around.troubles.extend(open);
        around.troubles.sort_by_key(|stretch| (stretch.from, stretch.to));
        around
    }
}

/// From `at` on it is something else, to the end as far as is known.
fn follow<T: Copy + PartialEq>(list: &mut Vec<Stretch<T>>, at: Time, end: Time, is: T) {
    if let Some(last) = list.last_mut() {
        if last.is == is {
            return;
        }
        last.to = at;
        if last.to.since(last.from) == Span::ZERO {
            list.pop();
        }
    }
    list.push(Stretch { from: at, to: end, is });
}

/// What happens around the app in a moment: the name of its event.
fn mark(what: &What) -> Option<&'static str> {
    let drawn = matches!(
        what,
        What::AddressChanged {}
            | What::NatForgot { .. }
            | What::ConnectionDead { .. }
            | What::PhaseBegan { .. }
    );
    drawn.then(|| what.name())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::{Presets, decode};
    use crate::trace::RestartKind;

    fn around(whats: &[(u64, What)]) -> Around {
        let text = "name = \"quiet\"\nduration = \"100s\"";
        let scenario = decode(text, &Presets::built_in(), &[]).unwrap();
        let event = |(seconds, what): &(u64, What)| Event {
            at: Span::from_secs(*seconds).from_start(),
            owner: 1,
            seq: 0,
            lane: what.lane(),
            what: *what,
        };
        let events: Vec<Event> = whats.iter().map(event).collect();
        Around::of(&scenario, &events, 1)
    }

    fn seconds<T: Copy>(list: &[Stretch<T>]) -> Vec<(u64, u64, T)> {
        let whole = |at: Time| at.as_micros() / 1_000_000;
        list.iter().map(|s| (whole(s.from), whole(s.to), s.is)).collect()
    }

    #[test]
    fn what_is_broken_lasts_until_it_is_whole_again_or_the_run_ends() {
        let down = What::ServerDown { how: RestartKind::Process, down_for: Span::ZERO };
        let around = around(&[
            (10, down),
            (20, What::PathChanged { silent: true }),
            (30, What::ServerUp {}),
        ]);
        assert_eq!(seconds(&around.troubles), [(10, 30, "server down"), (20, 100, "path silent")]);
    }

    #[test]
    fn a_reach_that_lasts_no_time_is_not_drawn() {
        let reach = |why| What::Reachable { reachable: why == Unreachable::Reachable, why };
        let around = around(&[
            (0, reach(Unreachable::NoSession)),
            (5, reach(Unreachable::Reachable)),
            (5, reach(Unreachable::Busy)),
            (9, reach(Unreachable::Reachable)),
        ]);
        assert_eq!(
            seconds(&around.reach),
            [
                (0, 5, Unreachable::NoSession),
                (5, 9, Unreachable::Busy),
                (9, 100, Unreachable::Reachable)
            ]
        );
    }
}
