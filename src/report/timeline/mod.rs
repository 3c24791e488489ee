//! A run drawn by lanes, as plain text: the steps, the state of the app, what each side believed of the
//! connection and where they were wrong, pushes, faults, kills; and the events that tell the story.
//!
//! It knows events, and no rules.

mod axis;
mod beside;
#[cfg(test)]
mod drawings;
mod flights;
mod fold;
mod lanes;
mod legend;
mod notable;
mod row;
mod scenes;

use std::collections::BTreeMap;
use std::fmt::Write;
use std::ops::Range;

use super::because::unreceived;
use super::failure::QUIET;
use super::history::{History, Limit, history, limit};
use super::style::{FAINT, paint};
use crate::port::{PushId, Span, Time};
use crate::scenario::Scenario;
use crate::trace::{Event, Names, What};
use axis::{Axis, Header};
pub use beside::{Beside, beside};
use flights::Pushes;
use notable::{Clock, List, Told};
use row::Row;
use scenes::Scenes;

/// The indentation of everything.
const INDENT: usize = 4;
/// The columns of a lane's name.
const NAME: usize = 13;
/// More devices than this are not drawn.
pub(super) const MOST_DEVICES: u32 = 4;
/// More changes of the app's state than this are not told one by one.
const MOST_STATES: usize = 6;

/// Why pushes were not received, by device.
type Unreceived = BTreeMap<(u32, PushId), &'static str>;

/// Draws every device of a run, or the first few of many, in lines of at most `width` columns.
pub fn draw(scenario: &Scenario, events: &[Event], width: usize) -> String {
    let end = scenario.duration.from_start();
    Drawing { scenario, width, end, goes_on: false }.devices(events)
}

/// Draws every device of a run that has come to `now`, or the first few of many: what is under way is not
/// lost yet.
pub fn draw_until(scenario: &Scenario, events: &[Event], now: Time, width: usize) -> String {
    let goes_on = now < scenario.duration.from_start();
    Drawing { scenario, width, end: now, goes_on }.devices(events)
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
    let whole = history(events, 1, end);
    let history = whole.clone().part(&drawn);
    let within = |time: &Range<Time>| {
        let time = time.clone();
        events.iter().filter(move |event| time.contains(&event.at)).copied()
    };
    let moved = |event: Event| Event { at: event.at.since(drawn.start).from_start(), ..event };
    let shown: Vec<Event> = within(&drawn).map(moved).collect();
    let part = Drawing {
        scenario,
        width,
        end: drawn.end.since(drawn.start).from_start(),
        goes_on: drawn.end < end,
    };
    part.lanes(&mut out, &shown, (1, &history), &unreceived(events));
    let told: Vec<Event> = within(&told).collect();
    let story = Drawing { end, ..part };
    story.story(&mut out, &told, (1, &whole), (QUIET, Clock::TimeOfDay));
    out
}

/// The events of one device that tell the story, and those of what all share, a line each of at most `width`
/// columns; long gaps and many alike in a row are lines of their own. A few changes of the app's state belong to
/// the story, many do not.
pub fn told(events: &[Event], device: u32, names: &Names, width: usize) -> Vec<String> {
    let state = |event: &&Event| event.owner == device && matches!(event.what, What::State { .. });
    let states = events.iter().filter(state).count() <= MOST_STATES;
    let (quiet, clock) = (QUIET, Clock::SinceTheBeginning);
    List { names, quiet, clock, repeats: &[] }.lines(&Told::of(events, device, states), width)
}

/// The columns of the lanes in lines of `width`.
fn columns(width: usize) -> usize {
    width.saturating_sub(INDENT + NAME + 1).max(20)
}

/// A lane with its name.
fn line(out: &mut String, name: &str, row: &str) {
    let text = format!("{:INDENT$}{name:<NAME$}{row}", "");
    let _ = writeln!(out, "{}", text.trim_end());
}

/// The times above the lanes, and what is folded.
fn times(out: &mut String, header: &Header) {
    if !header.folded.is_empty() {
        line(out, "folded", &paint(FAINT, &header.folded));
    }
    line(out, "", &header.labels);
}

/// What all devices' drawings have in common.
#[derive(Copy, Clone)]
struct Drawing<'a> {
    scenario: &'a Scenario,
    width: usize,
    end: Time,
    /// Whether the run goes on from the end.
    goes_on: bool,
}

impl Drawing<'_> {
    fn devices(self, events: &[Event]) -> String {
        let mut out = String::new();
        let devices = self.scenario.devices;
        let drawn = devices.min(MOST_DEVICES);
        let unreceived = unreceived(events);
        for device in 1..=drawn {
            out.push('\n');
            if devices > 1 {
                let _ = writeln!(out, "{:INDENT$}device {device} of {devices}", "");
            }
            let history = history(events, device, self.end);
            self.lanes(&mut out, events, (device, &history), &unreceived);
            let quiet = Span::from_micros(self.end.as_micros() / 100).max(QUIET);
            let how = (quiet, Clock::SinceTheBeginning);
            self.story(&mut out, events, (device, &history), how);
        }
        if devices > drawn {
            let _ = writeln!(out, "\n{:INDENT$}{} more are not drawn", "", devices - drawn);
        }
        out
    }

    fn lanes(
        self,
        out: &mut String,
        events: &[Event],
        (device, history): (u32, &History),
        unreceived: &Unreceived,
    ) {
        let (scenes, axis) = self.axis(events, (device, history));
        let lanes = self.rows(&axis, (device, history), unreceived);
        let header = axis.header();
        times(out, &header);
        line(out, "", &header.ticks);
        lanes.iter().for_each(|row| line(out, &row.name, &row.painted()));
        let drawn = (&axis, lanes.as_slice(), self.limit());
        for text in legend::legend(history, &scenes, drawn, self.width.saturating_sub(INDENT)) {
            let _ = writeln!(out, "{:INDENT$}{text}", "");
        }
        out.push('\n');
    }

    fn limit(self) -> Limit {
        limit(&self.scenario.platform.values)
    }

    fn axis(self, events: &[Event], (device, history): (u32, &History)) -> (Scenes, Axis) {
        let scenes = scenes::scenes(events, device, history, self.end);
        let columns = columns(self.width);
        let axis = fold::axis(self.end.elapsed(), columns, &scenes, &history.wakes);
        (scenes, axis)
    }

    fn rows(
        self,
        axis: &Axis,
        (device, history): (u32, &History),
        unreceived: &Unreceived,
    ) -> Vec<Row> {
        let pushes = Pushes {
            names: &self.scenario.names,
            why: &|push| unreceived.get(&(device, push)).copied(),
            end: self.end,
            goes_on: self.goes_on,
        };
        lanes::lanes(history, axis, self.limit(), &pushes)
    }

    /// The events that tell the story; a gap of `quiet` or more is a line of its own.
    fn story(
        self,
        out: &mut String,
        events: &[Event],
        (device, history): (u32, &History),
        (quiet, clock): (Span, Clock),
    ) {
        let repeats = scenes::scenes(events, device, history, self.end).repeats;
        let told = Told::of(events, device, false);
        let list = List { names: &self.scenario.names, quiet, clock, repeats: &repeats };
        for text in list.lines(&told, self.width.saturating_sub(INDENT)) {
            let _ = writeln!(out, "{:INDENT$}{text}", "");
        }
    }
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

    fn bare(text: &str) -> String {
        anstream::adapter::strip_str(text).to_string()
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
            (minutes(19), What::PushAccepted { push, waiting: 0 }),
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
        insta::assert_snapshot!(bare(&draw(&scenario, &events, 78)));
    }
}
