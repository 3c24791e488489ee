//! A run drawn by lanes, as plain text: the steps, the state of the app, what each side believed of the
//! connection and where they were wrong, pushes, faults, kills; and the events that tell the story.
//!
//! It knows events, and no rules.

mod axis;
mod lanes;
mod notable;

use std::fmt::Write;
use std::ops::Range;

use super::history::{History, history};
use crate::port::{Span, Time};
use crate::scenario::Scenario;
use crate::trace::{Event, Names, What};
use axis::Axis;
use lanes::Lane;
use notable::{Clock, Telling};

/// The indentation of everything.
const INDENT: usize = 4;
/// The columns of a lane's name.
const NAME: usize = 13;
/// A gap shorter than this between two events needs no line.
const QUIET: Span = Span::from_secs(60);
/// More devices than this are not drawn.
const MOST_DEVICES: u32 = 4;
/// More changes of the app's state than this are not told one by one.
const MOST_STATES: usize = 6;

/// Draws every device of a run, or the first few of many, in lines of at most `width` columns.
pub fn draw(scenario: &Scenario, events: &[Event], width: usize) -> String {
    let mut out = String::new();
    let drawn = scenario.devices.min(MOST_DEVICES);
    for device in 1..=drawn {
        out.push('\n');
        if scenario.devices > 1 {
            let _ = writeln!(out, "{:INDENT$}device {device} of {}", "", scenario.devices);
        }
        device_lanes(&mut out, scenario, events, device, width);
    }
    if scenario.devices > drawn {
        let _ = writeln!(out, "\n{:INDENT$}{} more are not drawn", "", scenario.devices - drawn);
    }
    out
}

/// Draws a part of the run of one device: the lanes of the time `drawn`, and the events of the time `told`.
/// The lanes count from the beginning of `drawn`; events are told by day and time of day, the run having begun
/// at a midnight.
pub fn draw_part(
    scenario: &Scenario,
    events: &[Event],
    drawn: Range<Time>,
    told: Range<Time>,
    width: usize,
) -> String {
    let mut out = String::from("\n");
    let end = scenario.duration.from_start();
    let axis = axis(drawn.end.since(drawn.start), width);
    lanes_of(&mut out, &history(events, 1, end).part(&drawn), &axis, width);
    let events: Vec<Event> =
        events.iter().filter(|event| told.contains(&event.at)).copied().collect();
    story(&mut out, scenario, (&events, 1), QUIET, Clock::TimeOfDay, width);
    out
}

/// The events of one device that tell the story, and those of what all share, a line each of at most `width`
/// columns; long gaps and many alike in a row are lines of their own. A few changes of the app's state belong to
/// the story, many do not.
pub fn told(events: &[Event], device: u32, names: &Names, width: usize) -> Vec<String> {
    let state = |event: &&Event| event.owner == device && matches!(event.what, What::State { .. });
    let states = events.iter().filter(state).count() <= MOST_STATES;
    let telling = Telling { quiet: QUIET, clock: Clock::SinceTheBeginning, states };
    notable::list(events, device, names, telling, width)
}

fn device_lanes(
    out: &mut String,
    scenario: &Scenario,
    events: &[Event],
    device: u32,
    width: usize,
) {
    let axis = axis(scenario.duration, width);
    let history = history(events, device, scenario.duration.from_start());
    lanes_of(out, &history, &axis, width);
    let quiet = Span::from_micros(scenario.duration.as_micros() / 100).max(QUIET);
    story(out, scenario, (events, device), quiet, Clock::SinceTheBeginning, width);
}

fn axis(duration: Span, width: usize) -> Axis {
    Axis::new(duration, width.saturating_sub(INDENT + NAME + 1).max(20))
}

fn lanes_of(out: &mut String, history: &History, axis: &Axis, width: usize) {
    let (labels, ticks) = axis.header();
    let mut line = |name: &str, row: &str| {
        let text = format!("{:INDENT$}{name:<NAME$}{row}", "");
        let _ = writeln!(out, "{}", text.trim_end());
    };
    line("", &labels);
    line("", &ticks);
    let lanes = lanes::lanes(history, axis);
    for (name, row) in &lanes {
        line(name, row);
    }
    for text in legend(&lanes, width - INDENT) {
        let _ = writeln!(out, "{:INDENT$}{text}", "");
    }
    out.push('\n');
}

/// The events that tell the story; a gap of `quiet` or more is a line of its own.
fn story(
    out: &mut String,
    scenario: &Scenario,
    (events, device): (&[Event], u32),
    quiet: Span,
    clock: Clock,
    width: usize,
) {
    let telling = Telling { quiet, clock, states: false };
    for text in notable::list(events, device, &scenario.names, telling, width - INDENT) {
        let _ = writeln!(out, "{:INDENT$}{text}", "");
    }
}

fn has_digit(row: &str) -> bool {
    row.contains(|c: char| c.is_ascii_digit())
}

/// What the signs that are drawn mean.
fn legend(lanes: &[Lane], width: usize) -> Vec<String> {
    const SIGNS: &[(&str, &str)] = &[
        ("app", "A active"),
        ("app", "i inactive"),
        ("app", "b background"),
        ("app", ". suspended"),
        ("app", "  (blank) not running"),
        ("phone", "= believes it is connected"),
        ("wrong", "# they differ, or it is dead"),
        ("faults", "v goes down"),
        ("faults", "^ comes back"),
        ("faults", "~ interface changes"),
        ("faults", "a address changes"),
        ("faults", "n NAT forgets"),
        ("faults", "! connection dies"),
    ];
    let drawn = |lane: &str, sign: &str| {
        let sign = sign.chars().next().unwrap_or(' ');
        lanes.iter().any(|(name, row)| name == lane && row.contains(sign))
    };
    let mut parts: Vec<&str> =
        SIGNS.iter().filter(|(lane, sign)| drawn(lane, sign)).map(|(_, sign)| *sign).collect();
    let digits = |name: &str, row: &str| name != "wrong" && name != "kills" && has_digit(row);
    if lanes.iter().any(|(name, row)| digits(name, row)) {
        parts.push("digits: step numbers in `steps`, counts elsewhere");
    }
    if lanes.iter().any(|(_, row)| row.contains(lanes::SEVERAL)) {
        parts.push("* several");
    }
    let mut lines: Vec<String> = Vec::new();
    for part in parts {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 3 + part.len() <= width => {
                line.push_str(" · ");
                line.push_str(part.trim_start());
            }
            Some(_) | None => lines.push(part.trim_start().to_owned()),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::port::{AppState, LaunchReason, PushId};
    use crate::scenario::{Presets, decode};
    use crate::trace::{
        ConnectionEnd, DeadCause, KillCode, KillRule, RestartKind, SessionEnd, WakeReason, What,
    };

    fn state(from: AppState, to: AppState) -> What {
        What::State { from, to }
    }

    #[test]
    fn every_lane_is_drawn_over_one_axis() {
        use AppState::{Active, Background, NotRunning, Suspended};
        let minutes = |n: u64| Span::from_secs(n * 60).from_start();
        let push = PushId { name: 0, member: 0 };
        let story: Vec<(Time, What)> = vec![
            (minutes(0), What::ProcessStarted { reason: LaunchReason::User }),
            (minutes(0), state(NotRunning, Active)),
            (minutes(0), What::SessionOpened { connection: 1 }),
            (minutes(0), What::ClientConnected { pair: 1 }),
            (minutes(5), What::Step { action: "user.background", number: 1 }),
            (minutes(5), state(Active, Background)),
            (minutes(8), state(Background, Suspended)),
            (minutes(20), What::Step { action: "server.push", number: 2 }),
            (minutes(20), What::PushSent { push, connection: 1 }),
            (minutes(20), What::Wake { reason: WakeReason::Socket, recent: 1 }),
            (minutes(20), What::PushReceived { push, pair: 1 }),
            (minutes(20), What::Notified { push, id: 0 }),
            (minutes(30), What::ServerDown { how: RestartKind::HostDown, down_for: Span::ZERO }),
            (minutes(30), What::ConnectionDead { connection: 1, cause: DeadCause::Server }),
            (minutes(30), What::SessionClosed { connection: 1, why: SessionEnd::Restart }),
            (minutes(31), What::ServerUp {}),
            (minutes(40), What::Wake { reason: WakeReason::KeepAlive, recent: 2 }),
            (minutes(40), What::ClientDisconnected { pair: 1, how: ConnectionEnd::Reset }),
            (minutes(41), What::SessionOpened { connection: 2 }),
            (minutes(41), What::ClientConnected { pair: 2 }),
            (minutes(50), What::Kill { code: KillCode::Watchdog, rule: KillRule::TaskNeverEnded }),
            (minutes(50), state(Suspended, NotRunning)),
            (minutes(51), What::SessionClosed { connection: 2, why: SessionEnd::Failed }),
        ];
        let event = |(seq, (at, what)): (usize, (Time, What))| {
            let owner = u32::from(!matches!(what, What::ServerDown { .. } | What::ServerUp {}));
            Event { at, owner, seq: seq as u64, lane: what.lane(), what }
        };
        let events: Vec<Event> = story.into_iter().enumerate().map(event).collect();
        let text = "name = \"a story\"\nduration = \"1h\"\n[[step]]\nat = \"20m\"\n\
                    do = \"server.push\"\npush = \"call\"";
        let scenario = decode(text, &Presets::built_in(), &[]).unwrap();
        insta::assert_snapshot!(draw(&scenario, &events, 78));
    }
}
