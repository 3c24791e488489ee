//! What is compared: events that a phone observes, of the lanes that the log has.

use std::collections::{BTreeMap, BTreeSet};

use crate::study::compare::{Knows, Numbering, Seen};
use crate::trace::{Lane, Record};

/// Events of a phone that no model of it has: they tell how the phone was watched.
const NO_MODEL_HAS: &[&str] = &["ran-again", "legacy-call", "voip-push", "call-reported"];

/// Events that keep one order among themselves.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Stream {
    /// What the phone tells.
    Phone,
    /// What the server does.
    Server,
    /// What the person does, and the world around.
    World,
}

impl Stream {
    /// The stream of an event; what the user sees is told by the app.
    pub fn of(record: &Record) -> Stream {
        match record.lane {
            Lane::User if record.event.ends_with("notified") => Stream::Phone,
            Lane::Os | Lane::App | Lane::Stream | Lane::Net => Stream::Phone,
            Lane::Server => Stream::Server,
            Lane::User => Stream::World,
        }
    }
}

/// Which events are compared.
#[derive(Clone, Debug)]
pub(super) struct Scope {
    knows: Knows,
    /// Streams of which the log has nothing.
    absent: BTreeSet<Stream>,
    /// Of an agent's own log: what it tells of the world.
    told: Option<BTreeSet<String>>,
}

/// Events of one stream of one device.
#[derive(Clone, Default, Debug)]
pub(super) struct List {
    /// Their places among all records.
    pub(super) places: Vec<usize>,
    /// What they are.
    pub(super) seen: Vec<Seen>,
}

/// All lists of a run, by device and stream.
pub(super) type Lists = BTreeMap<(u32, Stream), List>;

impl Scope {
    /// What the log with these records can be compared in; an agent's own log says what the world did only as far as
    /// the app is told.
    pub(super) fn of(records: &[Record], agent: bool, knows: Knows) -> Scope {
        let has = |stream: Stream| records.iter().any(|record| Stream::of(record) == stream);
        let absent = [Stream::Server, Stream::World].into_iter().filter(|one| !has(*one));
        let world = records.iter().filter(|record| Stream::of(record) == Stream::World);
        let told = agent.then(|| world.map(|record| record.event.to_string()).collect());
        Scope { knows, absent: absent.collect(), told }
    }

    /// Whether the log is an agent's own.
    pub(super) fn of_an_agent(&self) -> bool {
        self.told.is_some()
    }

    /// Whether this is compared.
    pub(super) fn has(&self, record: &Record) -> bool {
        let stream = Stream::of(record);
        self.knows.of(record)
            && !NO_MODEL_HAS.contains(&record.event.as_ref())
            && !self.absent.contains(&stream)
            && (stream != Stream::World
                || self.told.as_ref().is_none_or(|told| told.contains(record.event.as_ref())))
    }

    /// What is not compared, in a sentence each.
    pub(super) fn notes(&self) -> Vec<String> {
        let name = |stream: &Stream| match stream {
            Stream::Phone => "phone",
            Stream::Server => "server",
            Stream::World => "user",
        };
        let absent = self.absent.iter().map(name);
        absent
            .map(|lane| format!("the log has no events of the lane {lane}: that is not compared"))
            .collect()
    }

    /// The events that are compared, by device and stream.
    pub(super) fn lists(&self, records: &[Record], numbering: &mut Numbering) -> Lists {
        let mut lists = Lists::new();
        for (place, record) in records.iter().enumerate() {
            if !self.has(record) {
                continue;
            }
            let list = lists.entry((record.device, Stream::of(record))).or_default();
            list.places.push(place);
            list.seen.push(numbering.seen(record));
        }
        lists
    }
}
