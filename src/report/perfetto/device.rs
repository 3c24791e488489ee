//! The tracks of one device.

use std::borrow::Cow;
use std::collections::BTreeSet;

use super::notes::notes;
use super::stretches::{Named, Stretches, stretches};
use super::writer::{Flow, Note, Notes, Rows, Track, Writer};
use crate::port::{PushId, Time};
use crate::report::history::sign::{Sign, sign};
use crate::report::history::{Flight, History, history};
use crate::report::human;
use crate::report::paragraph::plain;
use crate::scenario::Scenario;
use crate::trace::{Event, Lane, What};

/// Writes the tracks of the device with this number and these events, which may be of all devices. A track on
/// which nothing happened is left out.
pub(super) fn device(
    writer: &mut Writer,
    parent: Track,
    scenario: &Scenario,
    (number, events): (u32, &[Event]),
    end: Time,
) {
    let history = history(events, number, end);
    let Stretches { wakes, leases, client, server, dead, reachable, faults } =
        stretches(events, &scenario.names, end);
    steps(writer, parent, events);
    let states = history.states.iter().map(|state| Named {
        from: state.from,
        to: state.to,
        name: state.is.as_str().into(),
        notes: Notes::new(),
    });
    slices(writer, parent, "app", states.collect());
    slices(writer, parent, "wakes", wakes);
    limit(writer, parent, &history, scenario, end);
    if !leases.is_empty() {
        let group = writer.track(Some(parent), "run time in background");
        for (reason, list) in leases {
            slices(writer, group, reason.as_str(), list);
        }
    }
    slices(writer, parent, "phone believes", client);
    slices(writer, parent, "server believes", server);
    let wrong = history.wrong.iter().map(|wrong| Named {
        from: wrong.from,
        to: wrong.to,
        name: "wrong".into(),
        notes: Notes::new(),
    });
    slices(writer, parent, "wrong beliefs", wrong.collect());
    slices(writer, parent, "outages", dead);
    slices(writer, parent, "reachable", reachable);
    pushes(writer, parent, (number, events), &history, scenario, end);
    slices(writer, parent, "faults", faults);
    moments(writer, parent, events, scenario);
    let kills = events.iter().filter(|event| matches!(sign(&event.what), Sign::Kill(..)));
    instants(writer, parent, "kills", kills, scenario);
    listed(writer, parent, events, scenario);
}

/// Stretches on a track of this name, on several where they overlap.
fn slices(writer: &mut Writer, parent: Track, name: &'static str, list: Vec<Named>) {
    let mut rows = Rows::new(parent, name);
    for Named { from, to, name, notes } in list {
        let track = rows.free(writer, (from, to));
        writer.slice(track, (from, to), name, notes, Flow::None);
    }
}

/// Events as moments on a track of this name.
fn instants<'e>(
    writer: &mut Writer,
    parent: Track,
    name: &'static str,
    events: impl Iterator<Item = &'e Event>,
    scenario: &Scenario,
) {
    let mut track = None;
    for Event { at, what, .. } in events {
        let track = *track.get_or_insert_with(|| writer.track(Some(parent), name));
        let known = notes(what, &scenario.names);
        writer.instant(track, *at, title(what), known, Flow::None);
    }
}

/// What an event is called where its track does not say it.
fn title(what: &What) -> Cow<'static, str> {
    if let What::Kill { code, rule } = what {
        format!("{rule} ({code})").into()
    } else if let What::InterfaceChanged { to } = what {
        format!("interface: {to}").into()
    } else {
        what.name().into()
    }
}

fn steps(writer: &mut Writer, parent: Track, events: &[Event]) {
    let mut track = None;
    for Event { at, what, .. } in events {
        let What::Step { action, number } = what else { continue };
        let track = *track.get_or_insert_with(|| writer.track(Some(parent), "steps"));
        let known = vec![("step", Note::Number(u64::from(*number)))];
        writer.instant(track, *at, *action, known, Flow::None);
    }
}

/// How many wakes there were within the window of the wake limit, at each wake, and the limit. When no wake came
/// for as long as the window, there are none.
fn limit(writer: &mut Writer, parent: Track, history: &History, scenario: &Scenario, end: Time) {
    let platform = &scenario.platform.values;
    let (window, limit) = (platform.wake_limit_window, platform.wake_limit);
    if history.wakes.is_empty() {
        return;
    }
    let scale = "wakes";
    let track = writer.counter(parent, &format!("wakes within {}", human::span(window)), scale);
    writer.value(track, Time::ZERO, 0);
    let later = history.wakes.iter().skip(1).map(|wake| wake.at).chain([end]);
    for (wake, next) in history.wakes.iter().zip(later) {
        writer.value(track, wake.at, wake.recent);
        if next.since(wake.at) > window {
            writer.value(track, wake.at + window, 0);
        }
    }
    if let Some(limit) = limit {
        let track = writer.counter(parent, "wake limit", scale);
        writer.value(track, Time::ZERO, limit);
        writer.value(track, end, limit);
    }
}

/// One part of a push's way.
struct Leg {
    place: usize,
    flow: u64,
    lasts: (Time, Time),
    name: String,
    notes: Notes,
    last: bool,
}

/// Where a push is from one time to the next, as tracks.
const PLACES: [&str; 3] = ["server", "network", "app"];

/// Pushes: waiting at the server, under way, and in the app, with the flow from one to the other.
fn pushes(
    writer: &mut Writer,
    parent: Track,
    (number, events): (u32, &[Event]),
    history: &History,
    scenario: &Scenario,
    end: Time,
) {
    if history.flights.is_empty() {
        return;
    }
    let not_taken: BTreeSet<PushId> =
        history.flights.iter().filter(|one| one.refused()).map(|one| one.push).collect();
    let refused = events.iter().filter(
        |event| matches!(sign(&event.what), Sign::Dropped(push, _) if not_taken.contains(&push)),
    );
    let mut legs: Vec<Leg> = Vec::new();
    for (flight, n) in history.flights.iter().zip(1u64..).filter(|(flight, _)| !flight.refused()) {
        let name = plain(&scenario.names.push(flight.push));
        legs.extend(way(flight, &name, u64::from(number) << 32 | n, end));
    }
    let group = writer.track(Some(parent), "pushes");
    for (place, name) in PLACES.into_iter().enumerate() {
        let mut rows = Rows::new(group, name);
        let mut here: Vec<&Leg> = legs.iter().filter(|leg| leg.place == place).collect();
        here.sort_by_key(|leg| leg.lasts);
        for leg in here {
            let track = rows.free(writer, leg.lasts);
            let flow = if leg.last { Flow::Ends(leg.flow) } else { Flow::Through(leg.flow) };
            writer.slice(track, leg.lasts, leg.name.clone(), leg.notes.clone(), flow);
        }
    }
    instants(writer, group, "refused", refused, scenario);
}

/// The legs of one push.
fn way(flight: &Flight, name: &str, flow: u64, end: Time) -> Vec<Leg> {
    let Flight { push: _, accepted, sent, received, notified, dropped } = *flight;
    let over = dropped.map_or(end, |(at, _)| at);
    let fate = match (dropped, notified, received, sent) {
        (_, Some(_), ..) => "notified",
        (_, None, Some(_), _) => "received",
        (Some((_, fate)), None, None, _) => fate.as_str(),
        (None, None, None, Some(_)) => "sent and not received",
        (None, None, None, None) => "not sent",
    };
    let legs = [
        Some((accepted, sent.or(received).unwrap_or(over))),
        sent.map(|sent| (sent, received.unwrap_or(over.max(sent)))),
        received.map(|received| (received, notified.unwrap_or(received))),
    ];
    let last = legs.iter().rposition(Option::is_some);
    let leg = |(place, lasts): (usize, Option<(Time, Time)>)| {
        let lasts = lasts?;
        let last = last == Some(place);
        let mut notes = vec![("push", Note::Text(name.to_owned().into()))];
        if last {
            notes.push(("fate", Note::Text(fate.into())));
        }
        let lost = last && received.is_none();
        let name = if lost { format!("{name}: {fate}") } else { name.to_owned() };
        Some(Leg { place, flow, lasts, name, notes, last })
    };
    legs.into_iter().enumerate().filter_map(leg).collect()
}

/// Faults that are a moment.
fn moments(writer: &mut Writer, parent: Track, events: &[Event], scenario: &Scenario) {
    let moment = |event: &&Event| matches!(sign(&event.what), Sign::Fault('~' | 'a' | 'n'));
    instants(writer, parent, "changes of the network", events.iter().filter(moment), scenario);
}

/// What else is a part of the story, by lane.
fn listed(writer: &mut Writer, parent: Track, events: &[Event], scenario: &Scenario) {
    let is_listed = |event: &&Event| sign(&event.what) == Sign::Listed;
    if !events.iter().any(|event| is_listed(&event)) {
        return;
    }
    let group = writer.track(Some(parent), "other events");
    for lane in Lane::ALL {
        let here = events.iter().filter(is_listed).filter(|event| event.lane == *lane);
        instants(writer, group, lane.as_str(), here, scenario);
    }
}
