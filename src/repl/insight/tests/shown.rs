//! What the state of the phone and its connections is said to be.

use super::{Played, bundled, everything, scenario, secs};
use crate::repl::insight::{Question, View, connections, status, timers, why};

const LOCKED: &str = "name = \"locked\"\nduration = \"2h\"\n\
    [[step]]\nat = \"10s\"\ndo = \"user.lock\"\n\
    [[step]]\nat = \"5m\"\ndo = \"network.silence\"\non = true\n\
    [[step]]\nat = \"6m\"\ndo = \"server.push\"\npush = \"lost\"\n";

fn has(text: &str, wanted: &str) {
    let flat = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(flat.contains(wanted), "`{wanted}` in\n{text}");
}

#[test]
fn the_state_names_leases_wakes_device_and_reach() {
    let scenario = scenario(LOCKED);
    let mut game = Played::new(&scenario);
    game.until(secs(601));
    let text = game.text(status);
    has(&text, "app runs in background since 00:09:57");
    has(
        &text,
        "1 background task held - for background tasks since 00:09:57.886; ends 00:10:27.886 in 26.9 s",
    );
    has(&text, "1 of 15 in the last 5 m, 14 left; the oldest leaves the window 00:14:57");
    has(&text, "awake; locked; screen off; no charger; Wi-Fi");
    has(&text, "processor in background");
    has(&text, "no, since 00:05:00.000, 5 m 1 s ago: the connection is dead: holdline explain");
    has(&text, "up; 1 push waits: `lost` (written, not acknowledged");
}

#[test]
fn what_a_day_would_take_is_told_after_an_hour() {
    let scenario = scenario(LOCKED);
    let mut game = Played::new(&scenario);
    game.until(secs(3_599));
    assert!(!game.text(status).contains("a day"));
    game.until(secs(3_600));
    has(&game.text(status), "of the battery a day");
}

#[test]
fn a_dead_connection_says_why_and_who_believes_in_it() {
    let scenario = scenario(LOCKED);
    let mut game = Played::new(&scenario);
    game.until(secs(100));
    let text = game.text(connections);
    has(&text, "1 established, tagged: wakes session streams open; nothing unread");
    assert!(!text.contains("DEAD"), "{text}");
    game.until(secs(370));
    let text = game.text(connections);
    has(&text, "DEAD: the path is silent; phone and server believe in it");
    has(&text, "the server sends 1 segment again");
    has(&text, "gives up 00:");
}

#[test]
fn a_socket_that_ios_took_away_is_defunct_and_the_server_believes_in_it() {
    let scenario = bundled("sip/udp-never-wakes.toml");
    let mut game = Played::new(&scenario);
    game.until(secs(200));
    let text = game.text(connections);
    has(&text, "1 UDP, defunct, tag has no effect session");
    has(&text, "DEAD: iOS took the phone's socket away; the server believes in it");
}

#[test]
fn a_process_that_was_ended_says_by_what_and_whether_it_comes_back() {
    let text = format!("{LOCKED}[[step]]\nat = \"1m\"\ndo = \"user.force-quit\"\n");
    let scenario = scenario(&text);
    let mut game = Played::new(&scenario);
    game.until(secs(90));
    has(&game.text(status), "iOS ended the app by force-quit (0xdeadfa11); only the user");
}

/// Whatever happens in the bundled scenarios, everything can be written, in 80 columns.
#[test]
fn everything_is_written_in_eighty_columns_whenever_it_is_asked() {
    for scenario in everything() {
        let mut game = Played::new(&scenario);
        let end = game.player.end().as_micros();
        for part in 0..=6 {
            game.until(crate::port::Time::from_micros(end / 6 * part));
            game.text(status);
            game.text(connections);
            game.text(timers);
            let mut questions = vec![
                Question::LastWake,
                Question::LastKill,
                Question::NotWoken,
                Question::Unreachable,
            ];
            questions.extend(scenario.names.pushes.iter().take(3).cloned().map(Question::Push));
            for question in questions {
                game.text(|view, out| why(view, &question, out));
            }
        }
    }
}

#[test]
fn a_phone_over_real_sockets_is_told_by_its_events() {
    let scenario = scenario(LOCKED);
    let mut game = Played::new(&scenario);
    game.until(secs(370));
    fn phone<'a>(view: &View<'a>) -> View<'a> {
        View::of_phone(view.number, view.os, view.setup, view.names, view.now, view.events)
    }
    let text = game.text(|view, out| status(&phone(view), out));
    has(&text, "over real sockets");
    has(&text, "the connection is dead");
    let text = game.text(|view, out| connections(&phone(view), out));
    has(&text, "1 established, tagged: wakes not known here");
    has(&text, "DEAD: the path is silent; the phone believes in it");
    has(&game.text(|view, out| timers(&phone(view), out)), "keep-alive wake");
}
