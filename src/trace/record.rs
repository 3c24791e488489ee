//! An event as data: what a line of a trace says, whatever program or version wrote it.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::{Event, EventInfo, Field, Lane, Names, Shape, What};
use crate::port::{Callback, Frame, PushId, Span, StreamEvent, Time};

/// The value of a record's field.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Datum {
    /// A number; of a span, microseconds.
    Number(u64),
    /// A number below zero.
    Negative(i64),
    /// True or false.
    Flag(bool),
    /// A word or a name.
    Text(Cow<'static, str>),
    /// A span without an end.
    Endless,
}

impl Datum {
    fn of(field: Field, names: &Names) -> Datum {
        match field {
            Field::Number(n) => Datum::Number(n),
            Field::Signed(n) => u64::try_from(n).map_or(Datum::Negative(n), Datum::Number),
            Field::Flag(yes) => Datum::Flag(yes),
            Field::Word(word) => Datum::Text(word.into()),
            Field::Span(Span::MAX) => Datum::Endless,
            Field::Span(span) => Datum::Number(span.as_micros()),
            Field::Push(id) => Datum::Text(names.push(id).into()),
        }
    }

    /// The text, if it is one.
    pub fn text(&self) -> Option<&str> {
        match self {
            Datum::Text(text) => Some(text),
            Datum::Number(_) | Datum::Negative(_) | Datum::Flag(_) | Datum::Endless => None,
        }
    }

    /// The number, if it is one from zero.
    pub fn number(&self) -> Option<u64> {
        match self {
            Datum::Number(n) => Some(*n),
            Datum::Negative(_) | Datum::Flag(_) | Datum::Text(_) | Datum::Endless => None,
        }
    }
}

/// One event as a trace has it: without the sequence number, which only orders.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Record {
    /// Continuous time.
    pub at: Time,
    /// The device; 0 is what all share.
    pub device: u32,
    /// The lane it is drawn in.
    pub lane: Lane,
    /// The event's name.
    pub event: Cow<'static, str>,
    /// Its fields, in the order of [`What::TABLE`] where that has the event.
    pub fields: Vec<(Cow<'static, str>, Datum)>,
}

impl Record {
    /// The event as data; `names` are those of the pushes.
    pub fn of(event: &Event, names: &Names) -> Record {
        let mut fields = Vec::new();
        event.what.fields(&mut |name, field| {
            fields.push((Cow::Borrowed(name), Datum::of(field, names)));
        });
        let (at, device, lane) = (event.at, event.owner, event.lane);
        Record { at, device, lane, event: event.what.name().into(), fields }
    }

    /// The row of its event, if this version has such an event.
    pub fn info(&self) -> Option<&'static EventInfo> {
        What::TABLE.iter().find(|info| info.name == self.event)
    }

    /// The value of a field.
    pub fn field(&self, name: &str) -> Option<&Datum> {
        self.fields.iter().find(|(known, _)| known == name).map(|(_, value)| value)
    }

    /// What a field's value can be, if this version knows it.
    pub fn shape(&self, field: &str) -> Option<Shape> {
        let fields = self.info()?.fields.iter();
        fields.into_iter().find(|known| known.name == field).map(|known| known.shape)
    }

    /// The event again, if this version has it with these fields; `seq` is its place.
    pub fn event(&self, seq: u64, pushes: &mut PushNumbers) -> Option<Event> {
        let what = What::read(&self.event, &mut |field, read| {
            self.field(field).is_some_and(|datum| read(datum, pushes))
        })?;
        Some(Event { at: self.at, owner: self.device, seq, lane: self.lane, what })
    }
}

/// Numbers for the names of pushes, in the order in which they are met.
#[derive(Clone, Default, Debug)]
pub struct PushNumbers {
    numbers: BTreeMap<String, u32>,
    names: Names,
    /// How many of the names are those of a scenario, whose series have members.
    given: u32,
}

impl PushNumbers {
    /// The numbers that a scenario has given to `names`, and to the members of its series. Others follow.
    pub fn of(names: &Names) -> PushNumbers {
        let numbers = names.pushes.iter().cloned().zip(0..).collect();
        PushNumbers { numbers, names: names.clone(), given: names.pushes.len() as u32 }
    }

    /// The number of the push of this name: the members of a series have one each.
    pub fn number(&mut self, name: &str) -> PushId {
        if let Some(known) = self.numbers.get(name) {
            return PushId { name: *known, member: 0 };
        }
        if let Some((series, member)) = name.rsplit_once('-')
            && let Some(known) = self.numbers.get(series).filter(|known| **known < self.given)
            && let Some(member) = member.parse().ok().filter(|member| *member > 0)
        {
            return PushId { name: *known, member };
        }
        let next = self.names.pushes.len() as u32;
        self.numbers.insert(name.to_owned(), next);
        self.names.pushes.push(name.to_owned());
        PushId { name: next, member: 0 }
    }

    /// All names met so far.
    pub fn names(&self) -> &Names {
        &self.names
    }
}

/// A name from an open list, as the program has it; `?` is one that nothing here counts or draws.
pub(super) fn known_name(text: &str) -> &'static str {
    const SIDES: &[&str] = &["phone", "server"];
    [Callback::NAMES, StreamEvent::SPELLINGS, Frame::NAMES, SIDES]
        .into_iter()
        .flatten()
        .find(|known| **known == text)
        .copied()
        .unwrap_or("?")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trace::{KillCode, KillRule, LeaseReason, LogLine};

    fn event(what: What) -> Event {
        Event { at: Time::from_micros(7), owner: 1, seq: 0, lane: what.lane(), what }
    }

    #[test]
    fn an_event_comes_back_from_its_record() {
        let push = PushId { name: 0, member: 0 };
        let names = Names { pushes: vec!["call".into()] };
        for what in [
            What::Kill { code: KillCode::Watchdog, rule: KillRule::TaskNeverEnded },
            What::LeaseBegan { reason: LeaseReason::Audio, budget: Span::MAX },
            What::Callback { name: "keep-alive", id: 3 },
            What::Exit { code: -9 },
            What::PushAccepted { push, waiting: 1 },
            What::VoiceCall { on: true, stalls: false },
            What::SystemLog { line: LogLine::NO_EXIT, id: 0 },
        ] {
            let event = event(what);
            let record = Record::of(&event, &names);
            assert_eq!(record.event(0, &mut PushNumbers::default()), Some(event));
        }
    }

    #[test]
    fn what_this_version_does_not_have_stays_data() {
        let mut record = Record::of(&event(What::Booted {}), &Names::default());
        record.event = "an-event-of-tomorrow".into();
        assert_eq!(record.event(0, &mut PushNumbers::default()), None);
        let lost = Record {
            fields: Vec::new(),
            ..Record::of(&event(What::Exit { code: 1 }), &Names::default())
        };
        assert_eq!(lost.event(0, &mut PushNumbers::default()), None, "a field is missing");
    }

    #[test]
    fn a_push_of_a_scenario_has_the_number_that_the_scenario_gave_it() {
        let names = Names { pushes: vec!["beat".into(), "call-2".into()] };
        let mut pushes = PushNumbers::of(&names);
        assert_eq!(pushes.number("call-2"), PushId { name: 1, member: 0 });
        assert_eq!(pushes.number("beat-7"), PushId { name: 0, member: 7 });
        assert_eq!(pushes.number("beat"), PushId { name: 0, member: 0 });
        assert_eq!(pushes.number("other-7"), PushId { name: 2, member: 0 });
        assert_eq!(pushes.number("other-7-1"), PushId { name: 3, member: 0 });
    }

    #[test]
    fn each_push_has_one_number() {
        let mut pushes = PushNumbers::default();
        let (a, b) = (pushes.number("call-1"), pushes.number("call-2"));
        assert_eq!((pushes.number("call-1"), a == b), (a, false));
        assert_eq!(pushes.names().push(b), "call-2");
    }
}
