//! Time: on, back, and in several futures.

use super::{all, empty, events, now, refused, session, told};
use crate::repl::Interrupt;

#[test]
fn advancing_tells_what_passed_and_where_it_stands() {
    let mut session = empty();
    let said = told(&mut session, "advance 10m");
    assert!(said.contains("app    client.connected stream=1"), "{said}");
    assert!(said.ends_with("00:10:00.000 active, reachable, next at 01:00:00.000\n"), "{said}");
}

#[test]
fn next_goes_to_the_end_of_the_moment_of_the_next_event() {
    let mut session = empty();
    let before = events(&session).len();
    told(&mut session, "next");
    let after = events(&session);
    assert!(after.len() > before);
    assert!(after[before..].iter().all(|event| event.at.as_micros() == now(&session)));
    told(&mut session, "background");
    let after = events(&session);
    told(&mut session, "next 40");
    assert!(events(&session).len() >= after.len() + 40);
}

#[test]
fn more_events_than_there_are_is_the_end() {
    let mut session = empty();
    told(&mut session, "advance 1m");
    told(&mut session, &format!("next {}", usize::MAX));
    assert_eq!(session.brief().now, session.brief().end);
}

#[test]
fn back_goes_to_where_next_came_from() {
    let mut session = empty();
    all(&mut session, &["background", "advance 10m", "push a", "next 3"]);
    let (here, seen) = (now(&session), events(&session));
    told(&mut session, "next");
    told(&mut session, "back");
    assert_eq!((now(&session), events(&session)), (here, seen));
}

#[test]
fn going_back_and_on_again_comes_to_the_same_events() {
    let mut session = empty();
    all(&mut session, &["background", "advance 1h", "wifi-off", "advance 1h"]);
    let (here, seen) = (now(&session), events(&session));
    assert!(told(&mut session, "back 90m").contains("ahead: 1 step you added"));
    assert!(events(&session).len() < seen.len());
    told(&mut session, "advance 90m");
    assert_eq!((now(&session), events(&session)), (here, seen));
}

#[test]
fn there_is_nothing_before_the_beginning() {
    let mut session = empty();
    told(&mut session, "advance 1m");
    assert!(refused(&mut session, "back 2m").contains("only 1m since the beginning"));
    assert!(refused(&mut session, "back 100000").contains("so far"));
    told(&mut session, "goto start");
    assert_eq!(now(&session), 0);
}

#[test]
fn what_lies_ahead_can_be_dropped() {
    let mut session = empty();
    all(&mut session, &["advance 10m", "background", "advance 10m", "lock", "back 15m"]);
    assert_eq!(told(&mut session, "forget"), "2 steps dropped\n");
    assert!(!session.text.contains("[[step]]"), "{}", session.text);
    assert!(refused(&mut session, "forget").contains("nothing"));
    all(&mut session, &["lock", "advance 1h"]);
    assert_eq!(session.scenario().steps.len(), 1);
}

#[test]
fn only_what_has_not_acted_is_dropped() {
    let mut session = session(
        "name = \"x\"\nduration = \"1h\"\n[[step]]\nat = \"50m\"\ndo = \"user.lock\"\n# end\n",
    );
    all(&mut session, &["background", "push a at=40m", "advance 10m", "forget"]);
    assert_eq!(session.scenario().steps.len(), 2);
    assert!(session.text.contains("# end") && !session.text.contains("server.push"));
}

#[test]
fn two_futures_know_nothing_of_each_other() {
    let mut session = empty();
    all(&mut session, &["background", "advance 10m"]);
    let seen = events(&session);
    all(&mut session, &["fork other", "wifi-off", "advance 1h"]);
    assert_eq!(now(&session), 4_200_000_000);
    let other = events(&session);
    told(&mut session, "switch main");
    assert_eq!((now(&session), events(&session)), (600_000_000, seen));
    assert_eq!(told(&mut session, "forks").lines().count(), 2);
    told(&mut session, "switch other");
    assert_eq!(events(&session), other);
    assert!(refused(&mut session, "fork main").contains("already"));
}

#[test]
fn advancing_past_the_end_makes_the_scenario_longer_and_says_so() {
    let mut session = session("name = \"x\"\nduration = \"10m\"\n");
    told(&mut session, "advance 10m");
    let said = told(&mut session, "advance 5m");
    assert!(said.contains("was 10m long and is 15m now"), "{said}");
    assert!(session.text.contains("duration = \"15m\""));
    // And so does an act at the end.
    assert!(told(&mut session, "background").contains("is 16m now"));
}

#[test]
fn a_scenario_with_phases_gets_a_longer_second_one() {
    let mut session = session("name = \"x\"\n[phases]\nsafety = \"10m\"\nliveness = \"10m\"\n");
    told(&mut session, "advance 30m");
    assert!(session.text.contains("liveness = \"20m\""), "{}", session.text);
}

#[test]
fn until_stops_when_it_has_happened() {
    let mut session = empty();
    all(&mut session, &["background", "push a in=1h"]);
    let said = told(&mut session, "until suspended");
    assert!(said.contains("state from=background to=suspended"), "{said}");
    told(&mut session, "until push a");
    let last = events(&session);
    assert!(last.iter().any(|event| event.what.name() == "push-received"));
    assert!(now(&session) < 3_601_000_000);
    told(&mut session, "until callback name=keep-alive");
    told(&mut session, "until wake");
}

#[test]
fn what_never_happens_is_refused_and_the_session_stays() {
    let mut session = empty();
    told(&mut session, "advance 1m");
    assert!(refused(&mut session, "until kill").contains("stays at 00:01:00.000"));
    assert!(refused(&mut session, "until push nobody").contains("no step sends the push"));
    assert!(refused(&mut session, "until supended").contains("`suspended`"));
    assert!(refused(&mut session, "until push").contains("until push NAME"));
}

#[test]
fn an_interrupt_stops_a_long_command_where_it_is() {
    let mut session = empty();
    let interrupt = Interrupt::new();
    interrupt.raise();
    let mut out = String::new();
    session.execute("advance 10h", &mut out, &interrupt).unwrap();
    assert!(out.contains("interrupted"), "{out}");
    assert!(now(&session) < 36_000_000_000);
    interrupt.clear();
    session.execute("advance 10h", &mut out, &interrupt).unwrap();
    assert!(now(&session) >= 36_000_000_000);
}

#[test]
fn the_line_of_state_tells_of_several_devices_together() {
    let mut session = session("name = \"x\"\nduration = \"1h\"\ndevices = 3\n");
    all(&mut session, &["advance 1m", "force-quit device=2"]);
    let brief = session.brief();
    assert_eq!(brief.devices.iter().filter(|device| device.reachable).count(), 2);
    assert!(brief.to_string().contains("2 of 3 devices reachable"), "{brief}");
}
