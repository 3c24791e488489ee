//! Tracks, slices, instants and counters as the packets of a Perfetto trace.

use std::borrow::Cow;
use std::collections::BTreeMap;

use prost::Message;

use super::proto::{
    ChildTracksOrdering, CounterDescriptor, DebugAnnotation, EventType, InternedData, InternedText,
    SEQ_INCREMENTAL_STATE_CLEARED, SEQ_NEEDS_INCREMENTAL_STATE, Trace, TracePacket,
    TrackDescriptor, TrackEvent, Unit,
};
use crate::port::Time;

/// All packets come from one writer.
const SEQUENCE: u32 = 1;

/// A track, by its number.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct Track(u64);

/// What is known of an event.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Note {
    Number(u64),
    Signed(i64),
    Flag(bool),
    Text(Cow<'static, str>),
}

/// Names and values of what is known of an event.
pub(super) type Notes = Vec<(&'static str, Note)>;

/// How an event belongs to a chain of them, which has a number.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub(super) enum Flow {
    /// To none.
    None,
    /// It goes on from here.
    Through(u64),
    /// It ends here.
    Ends(u64),
}

/// Texts, each with a number from 1 on.
#[derive(Debug, Default)]
struct Texts(BTreeMap<Cow<'static, str>, u64>);

impl Texts {
    fn number(&mut self, text: Cow<'static, str>) -> u64 {
        let next = self.0.len() as u64 + 1;
        *self.0.entry(text).or_insert(next)
    }

    fn interned(self) -> Vec<InternedText> {
        let one = |(text, number): (Cow<'_, str>, u64)| InternedText {
            iid: Some(number),
            text: Some(text.into_owned()),
        };
        self.0.into_iter().map(one).collect()
    }
}

/// A trace in the making.
#[derive(Debug, Default)]
pub(super) struct Writer {
    tracks: Vec<TrackDescriptor>,
    events: Vec<(Time, TrackEvent)>,
    names: Texts,
    keys: Texts,
    values: Texts,
}

impl Writer {
    /// A track below `parent`, or a group of them; siblings stand in the order in which they are made.
    pub(super) fn track(&mut self, parent: Option<Track>, name: &str) -> Track {
        let uuid = self.tracks.len() as u64 + 1;
        self.tracks.push(TrackDescriptor {
            uuid: Some(uuid),
            name: Some(name.to_owned()),
            parent_uuid: parent.map(|Track(uuid)| uuid),
            child_ordering: Some(ChildTracksOrdering::Explicit.into()),
            sibling_order_rank: i32::try_from(uuid).ok(),
            ..TrackDescriptor::default()
        });
        Track(uuid)
    }

    fn descriptor(&mut self, Track(uuid): Track) -> Option<&mut TrackDescriptor> {
        self.tracks.get_mut(usize::try_from(uuid).ok()?.checked_sub(1)?)
    }

    /// Says more about a track.
    pub(super) fn describe(&mut self, track: Track, text: String) {
        if let Some(track) = self.descriptor(track) {
            track.description = Some(text);
        }
    }

    /// A track of numbers; those with the same `scale` are drawn to the same.
    pub(super) fn counter(&mut self, parent: Track, name: &str, scale: &str) -> Track {
        let track = self.track(Some(parent), name);
        if let Some(track) = self.descriptor(track) {
            let unit = Some(Unit::Count.into());
            let y_axis_share_key = Some(scale.to_owned());
            track.counter = Some(CounterDescriptor { unit, y_axis_share_key });
        }
        track
    }

    /// The value of a counter from `at` on.
    pub(super) fn value(&mut self, track: Track, at: Time, value: u32) {
        let mut event = event(track, EventType::Counter);
        event.counter_value = Some(i64::from(value));
        self.events.push((at, event));
    }

    /// A moment.
    pub(super) fn instant(
        &mut self,
        track: Track,
        at: Time,
        name: impl Into<Cow<'static, str>>,
        notes: Notes,
        flow: Flow,
    ) {
        self.named(EventType::Instant, track, at, name.into(), notes, flow);
    }

    /// A stretch of time. On one track they do not overlap, and come in the order of time.
    pub(super) fn slice(
        &mut self,
        track: Track,
        (from, to): (Time, Time),
        name: impl Into<Cow<'static, str>>,
        notes: Notes,
        flow: Flow,
    ) {
        self.named(EventType::SliceBegin, track, from, name.into(), notes, flow);
        self.events.push((to, event(track, EventType::SliceEnd)));
    }

    fn named(
        &mut self,
        kind: EventType,
        track: Track,
        at: Time,
        name: Cow<'static, str>,
        notes: Notes,
        flow: Flow,
    ) {
        let mut event = event(track, kind);
        event.name_iid = Some(self.names.number(name));
        for (key, note) in notes {
            let mut known = DebugAnnotation {
                name_iid: Some(self.keys.number(key.into())),
                ..DebugAnnotation::default()
            };
            match note {
                Note::Number(number) => known.uint_value = Some(number),
                Note::Signed(number) => known.int_value = Some(number),
                Note::Flag(yes) => known.bool_value = Some(yes),
                Note::Text(text) => known.string_value_iid = Some(self.values.number(text)),
            }
            event.debug_annotations.push(known);
        }
        match flow {
            Flow::None => {}
            Flow::Through(number) => event.flow_ids.push(number),
            Flow::Ends(number) => event.terminating_flow_ids.push(number),
        }
        self.events.push((at, event));
    }

    /// The trace as a file's bytes: texts, tracks, then events in the order of time.
    pub(super) fn finish(self) -> Vec<u8> {
        let Writer { tracks, mut events, names, keys, values } = self;
        let packet = TracePacket {
            trusted_packet_sequence_id: Some(SEQUENCE),
            sequence_flags: Some(SEQ_NEEDS_INCREMENTAL_STATE),
            ..TracePacket::default()
        };
        let texts = InternedData {
            event_names: names.interned(),
            debug_annotation_names: keys.interned(),
            debug_annotation_string_values: values.interned(),
        };
        let mut all = vec![TracePacket {
            interned_data: Some(texts),
            sequence_flags: Some(SEQ_INCREMENTAL_STATE_CLEARED | SEQ_NEEDS_INCREMENTAL_STATE),
            ..packet.clone()
        }];
        let described = |track| TracePacket { track_descriptor: Some(track), ..packet.clone() };
        all.extend(tracks.into_iter().map(described));
        // What ends and what begins at one time stays in its order.
        events.sort_by_key(|(at, _)| *at);
        let happened = |(at, event): (Time, TrackEvent)| TracePacket {
            timestamp: Some(at.as_micros().saturating_mul(1_000)),
            track_event: Some(event),
            ..packet.clone()
        };
        all.extend(events.into_iter().map(happened));
        Trace { packet: all }.encode_to_vec()
    }
}

fn event(Track(uuid): Track, kind: EventType) -> TrackEvent {
    TrackEvent { track_uuid: Some(uuid), r#type: Some(kind.into()), ..TrackEvent::default() }
}

/// A track whose slices may overlap: as many tracks of one name as that needs, which are shown as one.
#[derive(Debug)]
pub(super) struct Rows {
    parent: Track,
    name: &'static str,
    /// Each with the time from which on it is free.
    rows: Vec<(Track, Time)>,
}

impl Rows {
    pub(super) fn new(parent: Track, name: &'static str) -> Rows {
        Rows { parent, name, rows: Vec::new() }
    }

    /// A track that has nothing from `from` on, taken until `to`; asked in the order of `from`.
    pub(super) fn free(&mut self, writer: &mut Writer, (from, to): (Time, Time)) -> Track {
        if let Some((track, until)) = self.rows.iter_mut().find(|(_, until)| *until <= from) {
            *until = to;
            return *track;
        }
        let track = writer.track(Some(self.parent), self.name);
        self.rows.push((track, to));
        track
    }
}
