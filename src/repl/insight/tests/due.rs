//! What is said to be due happens then, and nothing happens that was not due.

use super::{Played, everything, scenario, secs};
use crate::port::Time;
use crate::repl::insight::{Holds, Row, rows, timers};
use crate::trace::{LeaseReason, WakeReason, What};

/// When the row of this name is due.
fn due(game: &mut Played<'_>, name: &str) -> Time {
    let rows = rows(&game.view());
    let named = |row: &&Row| row.name == name;
    rows.iter().find(named).unwrap_or_else(|| panic!("`{name}` among {rows:#?}")).at
}

/// A phone that is locked after ten seconds; what else there is, is `more`.
fn locked(more: &str) -> String {
    format!(
        "name = \"locked\"\nduration = \"2h\"\n{more}\n[[step]]\nat = \"10s\"\ndo = \"user.lock\"\n"
    )
}

#[test]
fn a_nat_forgets_when_it_was_said_to_if_nothing_else_happens() {
    let scenario = scenario(&locked(
        "[client]\nset = { keep-alive.install = \"never\" }\n\
         [network]\nset = { nat.idle-timeout = \"4m 30s\" }",
    ));
    let mut game = Played::new(&scenario);
    game.until(secs(100));
    let at = due(&mut game, "NAT 1");
    game.until(secs(3_600));
    assert_eq!(game.times(|what| matches!(what, What::NatForgot { connection: 1, .. })), [at]);
}

#[test]
fn the_keep_alive_handler_is_called_when_it_was_said_to_be() {
    let scenario = scenario(&locked(""));
    let mut game = Played::new(&scenario);
    game.until(secs(100));
    let at = due(&mut game, "keep-alive wake");
    game.until(at);
    let woken = |what: &What| matches!(what, What::Wake { reason: WakeReason::KeepAlive, .. });
    assert_eq!(game.times(woken), [at]);
}

#[test]
fn run_time_for_a_socket_ends_when_it_was_said_to() {
    let push = "[[step]]\nat = \"1m\"\ndo = \"server.push\"\npush = \"a\"";
    let scenario = scenario(&locked(push));
    let mut game = Played::new(&scenario);
    game.until(secs(61));
    let at = due(&mut game, "lease socket-wake");
    game.until(secs(300));
    let ended =
        |what: &What| matches!(what, What::LeaseEnded { reason: LeaseReason::SocketWake, .. });
    assert_eq!(game.times(ended), [at]);
}

#[test]
fn the_server_asks_for_a_sign_of_life_when_it_was_said_to() {
    let scenario = scenario(&locked(
        "[server]\nset = { heartbeat.interval = \"7m\", heartbeat.reply-within = \"30s\" }\n\
         [client]\nset = { heartbeat.reply = false, keep-alive.install = \"never\" }",
    ));
    let mut game = Played::new(&scenario);
    game.until(secs(100));
    let asked = due(&mut game, "heartbeat 1");
    game.until(asked);
    assert_eq!(game.times(|what| matches!(what, What::Heartbeat { .. })), [asked]);
    let hung_up = due(&mut game, "heartbeat 1");
    game.until(hung_up);
    assert_eq!(game.times(|what| matches!(what, What::SessionClosed { .. })), [hung_up]);
}

#[test]
fn the_server_serves_again_when_it_was_said_to() {
    let restart =
        "[[step]]\nat = \"5m\"\ndo = \"server.restart\"\nhow = \"process\"\ndown-for = \"90s\"";
    let scenario = scenario(&locked(restart));
    let mut game = Played::new(&scenario);
    game.until(secs(310));
    let at = due(&mut game, "up again");
    game.until(secs(600));
    assert_eq!(game.times(|what| matches!(what, What::ServerUp {})), [at]);
}

/// The whole of it: in every bundled scenario, whatever happens without a step was due at that very time, and it
/// was not said that it waits.
#[test]
fn nothing_happens_that_was_not_due() {
    let mut happened = 0;
    for scenario in everything() {
        let mut game = Played::new(&scenario);
        loop {
            let now = game.player.due();
            if now >= game.player.end() {
                break;
            }
            let due = |row: &Row| row.at == now && !matches!(row.holds, Holds::Waits(_));
            let was_due = (0..scenario.devices as usize)
                .any(|index| rows(&game.view_of(index)).iter().any(due));
            let before = game.recorder.events.len();
            game.player.step(now, &mut game.recorder);
            game.now = now;
            let new = &game.recorder.events[before..];
            let stepped = |what: &What| {
                matches!(
                    what,
                    What::Step { .. }
                        | What::PhaseBegan { .. }
                        // The end of a silence, and a row of a connectivity trace.
                        | What::PathChanged { .. }
                        | What::Conditions { .. }
                        | What::InterfaceChanged { .. }
                )
            };
            if new.iter().any(|event| stepped(&event.what)) || new.is_empty() {
                continue;
            }
            happened += 1;
            assert!(was_due, "{} at {now}: {new:#?}", scenario.name);
        }
    }
    assert!(happened > 10_000, "{happened}");
}

#[test]
fn what_is_certain_and_what_may_not_come_are_told_apart() {
    let push = "[[step]]\nat = \"1m\"\ndo = \"server.push\"\npush = \"a\"";
    let scenario = scenario(&locked(push));
    let mut game = Played::new(&scenario);
    game.until(secs(60));
    let text = game.text(timers);
    let line = |of: &str| {
        text.lines().find(|line| line.contains(of)).unwrap_or_else(|| panic!("{of}: {text}"))
    };
    assert!(line("arrival 1: a push").starts_with("= "), "{text}");
    assert!(line("keep-alive wake").starts_with("~ "), "{text}");
    assert!(text.ends_with("= certain   ~ if nothing happens before   . waits\n"), "{text}");
}
