//! Why what happened did, from the last event back to what began it.

use super::{Played, bundled, everything, scenario, secs};
use crate::port::LaunchReason;
use crate::repl::insight::{Question, why};
use crate::report::cause::chain;
use crate::trace::{Pattern, What};

/// The answer at the end of a bundled scenario.
fn at_end(path: &str, question: &Question) -> String {
    let scenario = bundled(path);
    let mut game = Played::new(&scenario);
    let end = game.player.end();
    game.until(end);
    game.text(|view, out| why(view, question, out))
}

#[test]
fn a_kill_for_too_many_wakes_leads_to_the_stream_that_woke_the_app() {
    let text = at_end("sip/media-wakes-to-death.toml", &Question::LastKill);
    let told: Vec<&str> = text.lines().map(|line| line.get(14..).unwrap_or(line)).collect();
    assert_eq!(
        told[..6],
        [
            "iOS ended the app by wake-limit (0xbad22222)",
            "<- the app was woken by its socket: wake 16 in the window",
            "<- a media frame of the server arrived on connection 2",
            "<- the server sent a media frame on connection 2",
            "<- the server's media stream began",
            "<- step 1: server.media",
        ]
    );
    assert!(text.contains("holdline explain wake-limit\n"), "{text}");
}

#[test]
fn the_server_s_own_timer_is_where_a_heartbeat_begins() {
    let woken = Question::Event(Pattern::parse("wake reason=socket").expect("a pattern"));
    let text = at_end("waking/heartbeat-every-20-s.toml", &woken);
    assert!(text.contains("<- the server's heartbeat"), "{text}");
    assert!(text.contains("the server's own timer"), "{text}");
}

#[test]
fn a_push_that_was_lost_says_its_way_and_what_was_in_it() {
    let text = at_end("sip/udp-never-wakes.toml", &Question::Push("locked".to_owned()));
    assert!(text.starts_with("00:03:00.000  the server accepted push `locked`\n"), "{text}");
    assert!(text.contains("it was lost:\n"), "{text}");
    assert!(text.contains("it could not come before, because:\n"), "{text}");
    assert!(text.contains("<- iOS took socket 1 away"), "{text}");
}

#[test]
fn a_push_that_came_at_once_says_so() {
    let text = at_end("sip/udp-never-wakes.toml", &Question::Push("on-screen".to_owned()));
    assert!(text.contains("it came at once:\n"), "{text}");
    assert!(text.ends_with("<- step 1: server.push\n"), "{text}");
}

#[test]
fn a_push_that_nobody_sent_is_not_known() {
    let text = at_end("sip/udp-never-wakes.toml", &Question::Push("\u{1b}[2J".to_owned()));
    assert_eq!(text, "the server has not been given a push ` [2J` yet\n");
}

#[test]
fn an_app_whose_socket_is_not_tagged_is_not_woken_and_the_reason_is_named() {
    let scenario = scenario(
        "name = \"untagged\"\nduration = \"10m\"\n\
         [platform]\nset = { socket-reclaim.trigger = \"never\" }\n\
         [client]\nset = { stream.service-type = \"default\", keep-alive.install = \"never\" }\n\
         [[step]]\nat = \"10s\"\ndo = \"user.lock\"\n\
         [[step]]\nat = \"5m\"\ndo = \"server.push\"\npush = \"quiet\"\n",
    );
    let mut game = Played::new(&scenario);
    game.until(secs(400));
    let text = game.text(|view, out| why(view, &Question::NotWoken, out));
    assert!(text.contains("a push frame of the server arrived on connection 1\n"), "{text}");
    assert!(text.contains("the app did not tag its streams for VoIP"), "{text}");
    assert!(text.contains("holdline explain not-woken\n"), "{text}");
    let text = game.text(|view, out| why(view, &Question::Unreachable, out));
    assert!(text.contains("the app is suspended, and nothing wakes it"), "{text}");
    assert!(text.contains("<- step 1: user.lock"), "{text}");
}

#[test]
fn an_event_is_asked_about_by_a_pattern_or_its_place() {
    let scenario = bundled("sip/media-wakes-to-death.toml");
    let mut game = Played::new(&scenario);
    game.until(secs(130));
    let asked = Pattern::parse("lease-began reason=socket-wake").expect("a pattern");
    let by_pattern = game.text(|view, out| why(view, &Question::Event(asked.clone()), out));
    let place =
        game.recorder.events.iter().rposition(|event| asked.matches(event, &scenario.names));
    let place = Question::Place(place.expect("it happened"));
    assert_eq!(by_pattern, game.text(|view, out| why(view, &place, out)));
    let far = game.text(|view, out| why(view, &Question::Place(1_000_000), out));
    assert_eq!(far, "there is no event at this place\n");
}

#[test]
fn the_middle_of_a_long_chain_is_left_out() {
    let text = at_end(
        "network/gprs-round-trips.toml",
        &Question::Event(Pattern::parse("sent").expect("a pattern")),
    );
    assert!(text.contains(" more …\n"), "{text}");
    assert!(text.lines().count() < 40, "{text}");
}

/// A chain ends where nothing was before: somebody's step or the opening of the app, or a timer of its own.
#[test]
fn every_kill_of_the_bundled_scenarios_ends_in_a_root() {
    let mut kills = 0;
    for scenario in everything() {
        let mut game = Played::new(&scenario);
        let end = game.player.end();
        game.until(end);
        let events = &game.recorder.events;
        for place in 0..events.len() {
            if !matches!(events[place].what, What::Kill { .. }) {
                continue;
            }
            kills += 1;
            let places = chain(events, place);
            let first = &events[*places.last().expect("the kill itself")].what;
            let root = matches!(
                first,
                What::Step { .. }
                    | What::SetTimer { .. }
                    | What::Heartbeat { .. }
                    | What::ProcessStarted { reason: LaunchReason::User }
            );
            assert!(root, "{}: {first:?}", scenario.name);
        }
    }
    assert!(kills > 20, "{kills}");
}
