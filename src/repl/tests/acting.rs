//! Acts: now, at a time, again and again, after an event.

use super::{all, empty, events, now, refused, session, told};
use crate::trace::What;

#[test]
fn an_act_without_a_time_acts_now() {
    let mut session = empty();
    all(&mut session, &["advance 10m", "background"]);
    assert!(session.text.contains("at = \"10m\"\ndo = \"user.background\""), "{}", session.text);
    let acted = events(&session);
    let step = acted.iter().find(|event| matches!(event.what, What::Step { .. })).unwrap();
    assert_eq!(step.at.as_micros(), 600_000_000);
}

#[test]
fn an_act_comes_a_microsecond_after_what_has_happened_at_this_moment() {
    let mut session = empty();
    all(&mut session, &["advance 10m", "background", "lock"]);
    assert!(session.text.contains("at = \"10m 0.000001s\"\ndo = \"user.lock\""));
    assert_eq!(now(&session), 600_000_001);
}

#[test]
fn an_act_can_be_planned_for_a_time_or_a_while_from_now() {
    let mut session = empty();
    all(&mut session, &["advance 10m", "push a at=1h"]);
    assert_eq!(told(&mut session, "push b in=5m"), "server.push acts at 00:15:00.000\n");
    let said = told(&mut session, "advance 1h");
    assert!(said.contains("00:15:00.000 user   step do=server.push"), "{said}");
    assert!(said.contains("01:00:00.000 user   step do=server.push"), "{said}");
}

#[test]
fn a_repeated_act_goes_on_by_itself() {
    let mut session = empty();
    told(&mut session, "push beat every=10m until=35m");
    let said = told(&mut session, "advance 1h");
    assert!(said.contains("push=beat-3") && !said.contains("push=beat-4"), "{said}");
}

#[test]
fn a_step_that_would_change_what_has_happened_is_refused_with_the_first_event_that_differs() {
    let mut session = empty();
    told(&mut session, "advance 10m");
    let refusal = refused(&mut session, "push late at=5m");
    assert!(refusal.contains("first at 00:05:00.000"), "{refusal}");
    let refusal = refused(&mut session, "lock after=client.connected");
    assert!(refusal.contains("first at 00:00:00.113") && refusal.contains("since=ID"), "{refusal}");
}

#[test]
fn a_step_can_wait_for_an_event_after_one_that_acts_now() {
    let mut session = empty();
    all(&mut session, &["advance 10m", "crash id=gone"]);
    all(&mut session, &["lock after=client.connected since=gone by=1s", "advance 20m"]);
    let locked =
        |event: &crate::trace::Event| matches!(event.what, What::ScreenLocked { locked: true });
    assert!(events(&session).iter().any(locked));
}

#[test]
fn a_step_of_the_scenario_acts_at_its_time() {
    let mut session = session(
        "name = \"x\"\nduration = \"1h\"\n[[step]]\nat = \"5m\"\ndo = \"user.background\"\n",
    );
    let said = told(&mut session, "advance 10m");
    assert!(said.contains("00:05:00.000 user   step do=user.background step=1"), "{said}");
}

#[test]
fn an_act_can_be_on_one_device() {
    let mut session = session("name = \"x\"\nduration = \"1h\"\ndevices = 3\n");
    all(&mut session, &["advance 1m", "background device=2"]);
    let acted = events(&session);
    let steps = acted.iter().filter(|event| matches!(event.what, What::Step { .. }));
    assert_eq!(steps.map(|event| event.owner).collect::<Vec<_>>(), [2]);
    let refusal = refused(&mut session, "lock device=4");
    assert!(refusal.contains("there is no device 4"), "{refusal}");
}

#[test]
fn a_fault_has_its_place_in_the_safety_phase() {
    let text = "name = \"x\"\n[phases]\nsafety = \"10m\"\nliveness = \"10m\"\n";
    let mut session = session(text);
    told(&mut session, "advance 15m");
    let refusal = refused(&mut session, "offline");
    assert!(refusal.contains("fault"), "{refusal}");
}

#[test]
fn a_block_of_steps_and_expectations_is_added_as_it_stands() {
    let mut session = empty();
    let block = "[[step]]\nat = \"5m\"     # soon\ndo = \"server.push\"\npush = \"a\"\n\
                 [[expect]]\nthat = \"push-received\"\npush = \"a\"\n";
    let said = told(&mut session, block);
    assert!(said.contains("acts at 00:05:00.000") && said.contains("open"), "{said}");
    assert!(session.text.contains("at = \"5m\"     # soon"));
}

#[test]
fn a_mistake_in_a_block_is_shown_where_it_stands_in_it() {
    let mut session = empty();
    let refusal = refused(&mut session, "[[step]]\nat = \"5m\"\ndo = \"server.pus\"\n");
    assert!(refusal.contains("block:3:6") && refusal.contains("`server.push`"), "{refusal}");
}

#[test]
fn a_block_whose_header_cannot_be_read_is_refused() {
    let mut session = empty();
    for block in ["[[step", "[\"network\"]\nuse = \"ideal\"", "[", "[]"] {
        let refusal = refused(&mut session, block);
        assert!(refusal.contains("as [[step]] or [network]"), "{block}: {refusal}");
    }
}

#[test]
fn a_block_goes_on_until_an_empty_line() {
    let more = super::Session::wants_more;
    assert!(more("[[step]]") && more("[[step]]\nat = \"1m\""));
    assert!(!more("[[step]]\nat = \"1m\"\n") && !more("[[step]]\n  "));
    assert!(!more("advance 1m") && !more(""));
}
