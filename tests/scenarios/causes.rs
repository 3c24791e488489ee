//! Where the chains of causes begin: in every bundled scenario, of everything that somebody would ask about.

use holdline::port::{LaunchReason, Time};
use holdline::report::cause::{chain, words::words};
use holdline::run::{Options, play};
use holdline::scenario::Scenario;
use holdline::trace::{Event, LossCause, What};

use super::library::everything;

fn events(scenario: &Scenario) -> Vec<Event> {
    let outcome = play(scenario, Options { trace: true, ..Options::of(scenario) });
    outcome.events.expect("it was asked for")
}

/// Whether nothing has to be before it: a step, the opening of the app, the end of faults, a timer that sets itself
/// again, the server's own timer, bad luck.
fn root(what: &What) -> bool {
    matches!(
        what,
        What::Step { .. }
            | What::PhaseBegan { .. }
            | What::ProcessStarted { reason: LaunchReason::User }
            | What::SetTimer { .. }
            | What::Heartbeat { .. }
            | What::Lost { cause: LossCause::Chance, .. }
    )
}

/// Whether a row of a connectivity trace, which is no event, can have begun it.
fn begun_by_a_row(what: &What) -> bool {
    matches!(what, What::InterfaceChanged { .. } | What::PathChanged { .. })
}

/// The chains of the events that are `asked` about which do not begin in a root, and how many do.
fn loose(asked: impl Fn(&What) -> bool) -> (Vec<String>, usize) {
    let (mut loose, mut well) = (Vec::new(), 0);
    for (path, scenario) in everything() {
        let events = events(&scenario);
        let rows = scenario.network.trace.is_some();
        for place in (0..events.len()).filter(|place| asked(&events[*place].what)) {
            let places = chain(&events, place);
            assert!(places.is_sorted_by(|after, before| before < after), "a cause comes before");
            let first = &events[*places.last().expect("the event itself")].what;
            // What holds before the app is opened was so from the beginning.
            let at_once = events[place].at == Time::ZERO;
            if root(first) || at_once || (rows && begun_by_a_row(first)) {
                well += 1;
                continue;
            }
            let (at, said) = (events[place].at, words(&events[place].what, &scenario.names));
            let first = words(first, &scenario.names);
            loose.push(format!("{}: {at} {said} <- {first}", path.display()));
        }
    }
    (loose, well)
}

#[test]
fn every_wake_can_be_traced_to_what_began_it() {
    let (loose, well) = loose(|what| matches!(what, What::Wake { .. }));
    assert_eq!(loose, Vec::<String>::new());
    assert!(well > 1_000, "{well}");
}

#[test]
fn every_termination_and_every_exit_can_be_traced_to_what_began_it() {
    let (loose, well) = loose(|what| matches!(what, What::Kill { .. } | What::Exit { .. }));
    assert_eq!(loose, Vec::<String>::new());
    assert!(well > 30, "{well}");
}

#[test]
fn every_push_that_was_shown_dropped_or_could_not_come_can_be_traced_to_what_began_it() {
    let (loose, well) = loose(|what| {
        matches!(
            what,
            What::Notified { .. }
                | What::PushDropped { .. }
                | What::ConnectionDead { .. }
                | What::ClientDisconnected { .. }
                | What::Reachable { reachable: false, .. }
        )
    });
    assert_eq!(loose, Vec::<String>::new());
    assert!(well > 1_000, "{well}");
}
