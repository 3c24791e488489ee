//! Keys that get another value.

use super::{Opening, Shelf, all, empty, opened, refused, session, told};
use crate::scenario::Override;

#[test]
fn a_key_that_is_set_names_the_first_event_that_differs() {
    let mut session = empty();
    all(&mut session, &["background", "advance 1h"]);
    let said = told(&mut session, "set platform.keep-alive.handler-budget 5s");
    assert!(said.contains("played again from the beginning to 01:00:00.000"), "{said}");
    assert!(said.contains("was 00:") && said.contains("is  00:"), "{said}");
    assert!(said.contains("budget=30s") && said.contains("budget=5s"), "{said}");
}

#[test]
fn a_key_that_matters_to_nothing_says_so() {
    let mut session = empty();
    told(&mut session, "advance 1m");
    assert!(told(&mut session, "set deadline 20s").contains("no event differs"));
}

#[test]
fn what_somebody_wrote_stays_as_it_is() {
    let text =
        "# why\nname = \"x\" # one\nduration = \"1h\"\n\n[platform] # rules\nuse = \"ios-9\"\n";
    let mut session = session(text);
    told(&mut session, "set platform.use ios-8");
    assert_eq!(session.text, text.replace("ios-9", "ios-8"));
}

#[test]
fn every_key_of_the_vocabulary_can_be_written_if_it_has_a_value_of_its_own() {
    for (key, value) in [
        ("seed", "7"),
        ("devices", "2"),
        ("app.debugger", "true"),
        ("network.use", "lte-carrier"),
        ("network.nat.idle-timeout", "2m"),
        ("client.use", "default"),
        ("server.heartbeat.interval", "60s"),
    ] {
        let mut session = empty();
        told(&mut session, &format!("set {key} {value}"));
        told(&mut session, "advance 1m");
    }
}

#[test]
fn a_wrong_key_or_value_names_what_is_near() {
    let mut session = empty();
    for (line, part) in [
        ("set platform.keep-alive.handler-budgt 5s", "`keep-alive.handler-budget`"),
        ("set platform.use ios-3", "there is no platform `ios-3`"),
        ("set network.nat.idle-timeout soon", "`soon`"),
        ("set sed 7", "seed"),
        ("set seed", "a key and its value"),
    ] {
        let refusal = refused(&mut session, line);
        assert!(refusal.contains(part), "{line}: {refusal}");
    }
}

#[test]
fn a_shorter_scenario_puts_the_session_at_its_end() {
    let mut session = session("name = \"x\"\nduration = \"1h\"\n");
    all(&mut session, &["advance 30m", "set duration 10m"]);
    assert_eq!(super::now(&session), 600_000_000);
}

#[test]
fn what_is_set_from_outside_stands_in_the_text() {
    let opening = Opening {
        text: Some("name = \"x\"\nduration = \"1h\"\n".to_owned()),
        file: None,
        set: vec![Override::new("platform.use", "ios-8")],
        seed: Some(9),
    };
    let session = opened(opening, &Shelf::default());
    assert_eq!((session.scenario().seed, session.scenario().platform.name.as_str()), (9, "ios-8"));
    assert!(session.text.contains("seed = 9") && session.text.contains("use = \"ios-8\""));
}

#[test]
fn of_a_scenario_that_varies_the_chosen_one_is_left() {
    let text = "name = \"x\"\nduration = \"1h\"\n[vary]\nplatform.use = [\"ios-8\", \"ios-9\"]\n\
                [[step]]\nat = \"1m\"\ndo = \"user.lock\"\nwhere = { platform.use = \"ios-8\" }\n";
    let opening = |set| Opening { text: Some(text.to_owned()), set, ..Opening::default() };
    let session = opened(opening(vec![Override::new("platform.use", "ios-8")]), &Shelf::default());
    assert_eq!(session.scenario().steps.len(), 1);
    assert!(session.text.contains("platform.use = [\"ios-8\"]"), "{}", session.text);
    let many = super::Session::open(opening(Vec::new()), Box::new(Shelf::default()));
    let Err(super::Unopened::Mistakes(problems)) = many else { panic!("it varies") };
    assert!(problems[0].help.as_ref().is_some_and(|help| help.contains("--set")));
}

#[test]
fn a_section_that_is_pasted_counts_as_if_its_keys_were_set() {
    let mut session = session("name = \"x\"\nduration = \"1h\"\n[network]\nuse = \"wifi-home\"\n");
    told(&mut session, "advance 1m");
    let said =
        told(&mut session, "[network]\nuse = \"lte-carrier\"\nset.nat.idle-timeout = \"2m\"\n");
    assert!(said.contains("played again from the beginning"), "{said}");
    assert!(session.text.contains("use = \"lte-carrier\"") && !session.text.contains("wifi-home"));
    told(&mut session, "[platform]\nuse = \"ios-8\"\n");
    assert_eq!(session.scenario().platform.name, "ios-8");
}

#[test]
fn the_value_of_a_key_is_shown_with_where_it_comes_from() {
    let mut session = empty();
    let said = told(&mut session, "platform keep-alive.handler-budget");
    assert!(said.contains("here: keep-alive.handler-budget = 30s (ios-9)"), "{said}");
    told(&mut session, "set platform.keep-alive.handler-budget 5s");
    let said = told(&mut session, "platform keep-alive.handler-budget");
    assert!(said.contains("= 5s (set here)"), "{said}");
    assert!(told(&mut session, "platform").contains("keep-alive.handler-budget = 5s"));
    let refusal = refused(&mut session, "platform keep-alive.handler-budgt");
    assert!(refusal.contains("`keep-alive.handler-budget`"), "{refusal}");
}
