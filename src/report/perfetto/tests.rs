//! What is in a trace, read back.

use std::collections::BTreeMap;

use prost::Message;

use super::perfetto as written;
use super::proto::{EventType, Trace, TrackEvent};
use crate::report::{Entry, Run, Subject};
use crate::run::{Mode, Options, play};
use crate::scenario::{Presets, decode};

/// A push to a suspended app, one that the server gives up, and a server that is down for a while.
const TALK: &str = r#"
name = "talk"
duration = "2h"
[client]
use = "ping-in-handler"
[[step]]
at = "10s"
do = "user.background"
[[step]]
at = "30m"
do = "server.push"
push = "call"
[[step]]
at = "40m"
do = "server.restart"
how = "host-down"
down-for = "20m"
[[step]]
at = "50m"
do = "server.push"
push = "late"
"#;

fn entry(text: &str) -> Entry {
    let scenario = decode(text, &Presets::built_in(), &[]).expect("a scenario");
    let options = Options { seed: 1, mode: Mode::default(), trace: true };
    let mut outcome = play(&scenario, options);
    let events = outcome.events.take();
    let (sentence, reproduce) = ("reachable".to_owned(), "holdline run talk.toml".to_owned());
    let run = Run { outcome, sentence, reproduce, determinism: None };
    let (group, stem, file) = (String::new(), "talk".into(), "talk.toml".into());
    let subject = Subject { group, stem, file, text: text.to_owned(), scenario };
    Entry { subject, runs: vec![run], detail: String::new(), events, baseline: None }
}

/// The trace of `entry`.
fn perfetto(entry: &Entry) -> Vec<u8> {
    written(entry, entry.events.as_deref().expect("events were kept"))
}

/// A trace, its texts in place of their numbers.
struct Read {
    tracks: BTreeMap<u64, (String, Option<u64>)>,
    /// By the path of their track: time, kind, name and the event.
    events: Vec<(String, u64, EventType, String, TrackEvent)>,
}

impl Read {
    fn of(entry: &Entry) -> Read {
        let trace = Trace::decode(&*perfetto(entry)).expect("a trace");
        let (mut names, mut tracks) = (BTreeMap::new(), BTreeMap::new());
        let mut events = Vec::new();
        for packet in trace.packet {
            for text in packet.interned_data.into_iter().flat_map(|data| data.event_names) {
                names.insert(text.iid, text.text.unwrap_or_default());
            }
            if let Some(track) = packet.track_descriptor {
                let name = track.name.unwrap_or_default();
                tracks.insert(track.uuid.unwrap_or(0), (name, track.parent_uuid));
            }
            if let Some(event) = packet.track_event {
                events.push((packet.timestamp.expect("a time"), event));
            }
        }
        let mut read = Read { tracks, events: Vec::new() };
        for (at, event) in events {
            let path = read.path(event.track_uuid.unwrap_or(0));
            let name = event.name_iid.map_or(String::new(), |_| names[&event.name_iid].clone());
            read.events.push((path, at, event.r#type(), name, event));
        }
        read
    }

    fn path(&self, track: u64) -> String {
        match &self.tracks[&track] {
            (name, Some(parent)) if self.tracks[parent].1.is_some() => {
                format!("{}/{name}", self.path(*parent))
            }
            (name, _) => name.clone(),
        }
    }

    /// What stands on a track: seconds and name.
    fn on(&self, track: &str) -> Vec<(u64, &str)> {
        let here = self.events.iter().filter(|(path, ..)| path == track);
        let named = here.filter(|(_, _, kind, ..)| *kind != EventType::SliceEnd);
        named.map(|(_, at, _, name, _)| (at / 1_000_000_000, name.as_str())).collect()
    }
}

#[test]
fn steps_and_states_are_where_they_happened() {
    let read = Read::of(&entry(TALK));
    let steps = [
        (10, "user.background"),
        (1_800, "server.push"),
        (2_400, "server.restart"),
        (3_000, "server.push"),
    ];
    assert_eq!(read.on("steps"), steps);
    assert_eq!(read.on("app")[..2], [(0, "active"), (10, "background")]);
    assert_eq!(read.on("faults"), [(2_400, "server down")]);
}

#[test]
fn a_push_that_arrives_is_a_flow_from_the_server_over_the_network_to_the_app() {
    let read = Read::of(&entry(TALK));
    let mut way = Vec::new();
    for (path, _, _, name, event) in &read.events {
        if name.starts_with("call") {
            way.push((path.as_str(), event.flow_ids.clone(), event.terminating_flow_ids.clone()));
        }
    }
    let [(server, first, none), (network, second, nothing), (app, over, last)] = &way[..] else {
        panic!("{way:?}");
    };
    assert_eq!((*server, *network, *app), ("pushes/server", "pushes/network", "pushes/app"));
    assert!(none.is_empty() && nothing.is_empty() && over.is_empty(), "{way:?}");
    assert!(!first.is_empty() && first == second && second == last, "{way:?}");
}

#[test]
fn a_push_that_the_server_does_not_take_stands_apart_with_its_fate() {
    let read = Read::of(&entry(TALK));
    assert_eq!(read.on("pushes/refused"), [(3_000, "server.push-dropped")]);
}

#[test]
fn slices_of_one_track_neither_overlap_nor_stay_open() {
    let entry = entry(TALK);
    let trace = Trace::decode(&*perfetto(&entry)).expect("a trace");
    let mut open: BTreeMap<u64, i32> = BTreeMap::new();
    for event in trace.packet.iter().filter_map(|packet| packet.track_event.as_ref()) {
        let depth = open.entry(event.track_uuid.unwrap_or(0)).or_default();
        *depth += match event.r#type() {
            EventType::SliceBegin => 1,
            EventType::SliceEnd => -1,
            EventType::Instant | EventType::Counter | EventType::Unspecified => 0,
        };
        assert!((0..=1).contains(depth), "{event:?}");
    }
    assert!(open.len() > 5 && open.values().all(|depth| *depth == 0), "{open:?}");
}

#[test]
fn two_pushes_under_way_at_once_take_two_rows_of_one_name() {
    let more = "[[step]]\nat = \"41m\"\ndo = \"network.silence\"\non = true\n";
    let pushes = "[[step]]\nat = \"35m\"\ndo = \"network.silence\"\non = true\n\
                  [[step]]\nat = \"36m\"\ndo = \"server.push\"\npush = \"a\"\n\
                  [[step]]\nat = \"37m\"\ndo = \"server.push\"\npush = \"b\"\n";
    let read = Read::of(&entry(&format!("{TALK}{pushes}{more}")));
    let rows = read.tracks.values().filter(|(name, _)| name == "network").count();
    assert_eq!(rows, 2);
}

#[test]
fn each_device_has_its_own_tracks() {
    let read = Read::of(&entry(&TALK.replace("duration", "devices = 2\nduration")));
    for device in ["device 1", "device 2"] {
        assert_eq!(read.on(&format!("{device}/app"))[0], (0, "active"));
        assert_eq!(read.on(&format!("{device}/faults")), [(2_400, "server down")]);
    }
}

#[test]
fn one_run_is_always_the_same_bytes() {
    assert_eq!(perfetto(&entry(TALK)), perfetto(&entry(TALK)));
}
