//! What is saved plays the same.

use super::{Opening, Shelf, all, empty, events, now, opened, refused, session, told};
use crate::repl::Session;
use crate::run::{Options, play};
use crate::scenario::{Presets, decode};
use crate::trace::Event;

/// The events of the saved scenario up to where the session stands.
fn played(session: &Session) -> Vec<Event> {
    let text = session.saved_text();
    let scenario =
        decode(&text, &Presets::built_in(), &[]).unwrap_or_else(|e| panic!("{text}\n{e:?}"));
    let all = play(&scenario, Options { trace: true, ..Options::of(&scenario) }).events.unwrap();
    all.into_iter().filter(|event| event.at.as_micros() <= now(session)).collect()
}

#[test]
fn what_is_saved_plays_the_same_up_to_now() {
    for lines in [
        &["background", "advance 10m", "push a", "lock", "advance 1h", "wifi-off", "advance 1h"][..],
        &["push a every=7m", "background", "advance 1h", "back 5", "restart 30s", "advance 30m"],
        &["next", "next", "offline", "next 7", "wifi-on", "until reachable", "crash", "advance 5m"],
        &["advance 1h", "set network.use lte-carrier", "restart", "until server.up", "back"],
        &["lock", "advance 30h", "silence 30s", "advance 1m", "fork b", "reboot", "advance 1h"],
        &["advance 1h", "lock id=x", "push p after=\"state to=suspended\" since=x", "advance 1h"],
    ] {
        let mut session = empty();
        all(&mut session, lines);
        assert_eq!(played(&session), events(&session), "{lines:?}\n{}", session.saved_text());
    }
}

#[test]
fn several_devices_are_saved_as_they_were_played() {
    let mut session = session("name = \"x\"\nduration = \"2h\"\ndevices = 3\nseed = 5\n");
    all(&mut session, &["background", "advance 10m", "push a device=2", "restart", "advance 1h"]);
    assert_eq!(played(&session), events(&session));
}

#[test]
fn a_session_from_nothing_is_saved_with_the_length_it_had() {
    let mut session = empty();
    all(&mut session, &["background", "advance 10m"]);
    assert!(session.saved_text().contains("duration = \"11m\""));
    // A step that acts later needs its time.
    told(&mut session, "push a at=2h");
    assert!(session.saved_text().contains("duration = \"24h\""));
    told(&mut session, "set duration 3h");
    assert!(session.saved_text().contains("duration = \"3h\""));
}

#[test]
fn a_file_that_is_there_is_replaced_only_when_that_is_said_or_it_is_ones_own() {
    let shelf = Shelf::default();
    shelf.0.borrow_mut().insert("there.toml".into(), "precious".into());
    let mut session = opened(Opening::default(), &shelf);
    assert!(refused(&mut session, "save there.toml").contains("save! there.toml"));
    assert_eq!(shelf.text("there.toml"), "precious");
    assert!(refused(&mut session, "save").contains("save FILE"));
    all(&mut session, &["save mine.toml", "advance 1h", "save", "save mine.toml"]);
    assert!(shelf.text("mine.toml").contains("duration = \"1h 1m\""));
    told(&mut session, "save! there.toml");
    assert!(shelf.text("there.toml").contains("a session"));
}

#[test]
fn the_file_a_session_came_from_is_replaced_only_when_that_is_said() {
    let shelf = Shelf::default();
    let text = "name = \"x\"\nduration = \"1h\"\n";
    shelf.0.borrow_mut().insert("a.toml".into(), text.into());
    let opening =
        Opening { text: Some(text.into()), file: Some("a.toml".into()), ..Opening::default() };
    let mut session = opened(opening, &shelf);
    told(&mut session, "background");
    assert!(refused(&mut session, "save").contains("`save!` writes over a.toml"));
    assert!(refused(&mut session, "save a.toml").contains("there already"));
    told(&mut session, "save!");
    assert!(shelf.text("a.toml").contains("user.background"));
}

#[test]
fn a_scenario_that_names_files_is_saved_beside_them() {
    let shelf = Shelf::default();
    let fragment = "fragment = true\n[platform]\nuse = \"ios-8\"\n";
    shelf.0.borrow_mut().insert("common.toml".into(), fragment.into());
    let opening = Opening {
        text: Some("name = \"x\"\nduration = \"1h\"\ninclude = [\"common.toml\"]\n".into()),
        file: Some("a.toml".into()),
        ..Opening::default()
    };
    let mut session = opened(opening, &shelf);
    assert_eq!(session.scenario().platform.name, "ios-8");
    let refusal = refused(&mut session, "save elsewhere/b.toml");
    assert!(refusal.contains("same folder"), "{refusal}");
    told(&mut session, "save b.toml");
}
