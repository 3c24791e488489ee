//! Every single thing in which a log and a run of the model differ.

use super::scope::{Lists, Stream};
use crate::port::Span;
use crate::study::compare::{Alignment, Part, Seen, align, part};
use crate::trace::{Datum, Record, Shape};

/// So many first pairs say by how much the clocks differ.
const FIRST_PAIRS: usize = 16;

/// So many events of a stream behind the end of the log are kept.
const MOST_BEHIND: usize = 32;

/// In what an event differs.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Kind {
    /// The phone has it and the model has not.
    OnlyPhone,
    /// The model has it and the phone has not.
    OnlyModel,
    /// On the phone it came so much later than what was before it let expect, in microseconds.
    Later(i64),
    /// A span is so much longer on the phone, in microseconds.
    Longer(String, i64),
    /// Something else about it is not the same: the field, on the phone, in the model.
    Otherwise(String, [String; 2]),
}

/// One thing that differs.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Item {
    /// On which device.
    pub device: u32,
    /// In which stream.
    pub stream: Stream,
    /// When, on the phone's clock.
    pub at: i64,
    /// What the event is.
    pub what: String,
    /// In what it differs.
    pub kind: Kind,
    /// The places of the event among the records of phone and model.
    pub places: [Option<usize>; 2],
    /// How many pairs of this device came before.
    pub pairs: usize,
}

/// What a comparison found.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct Found {
    /// What differs, in order of time.
    pub items: Vec<Item>,
    /// By how much the phone's clock is ahead of the scenario's, in microseconds.
    pub offset: i64,
    /// How many events have a counterpart.
    pub matched: usize,
    /// How many events of phone and model were compared.
    pub events: [usize; 2],
    /// How far their times are apart where they are the same within the tolerance, in microseconds: half of them at
    /// most, all of them at most.
    pub apart: [u64; 2],
    /// The sum of it, where no single one counts too much.
    pub residual: u64,
    /// How many events of the model are behind the end of the log.
    pub later: usize,
    /// The first of these, of each stream.
    pub behind: Vec<Item>,
    /// Where the log ends, on the scenario's clock, with what times may differ.
    pub until: i64,
}

/// The records of both sides, and how far times may differ.
#[derive(Copy, Clone)]
pub(super) struct Sides<'r> {
    pub(super) records: [&'r [Record]; 2],
    pub(super) within: Span,
    /// When the run ends, in microseconds of the scenario.
    pub(super) end: i64,
}

fn micros(span: Span) -> i64 {
    i64::try_from(span.as_micros()).unwrap_or(i64::MAX / 4)
}

/// Compares the lists of both sides.
pub(super) fn look(sides: Sides<'_>, phone: &Lists, model: &Lists) -> Found {
    let within = micros(sides.within);
    let offset = offset(sides, phone, model);
    let last = phone.values().filter_map(|list| Some(list.seen.last()?.at)).max();
    let until = last.unwrap_or(0) - offset + within;
    let mut found = Found { offset, until, ..Found::default() };
    let mut apart: Vec<u64> = Vec::new();
    let keys: std::collections::BTreeSet<_> = phone.keys().chain(model.keys()).collect();
    for key in keys {
        let [ones, others] = [phone.get(key), model.get(key)];
        let none = (&[][..], &[][..]);
        let of = |list: Option<&super::scope::List>| list.map(|list| list.seen.len()).unwrap_or(0);
        let (one_places, one) = ones.map_or(none, |list| (&list.places[..], &list.seen[..]));
        let (other_places, other) = others.map_or(none, |list| (&list.places, &list.seen));
        let covered = other.partition_point(|seen| seen.at <= until);
        // What would have come as the run ended came on one side and not on the other.
        let near = |seen: &&Seen| seen.at < sides.end - within;
        found.later += other[covered..].iter().filter(near).count();
        let behind = other[covered..].iter().filter(near).take(MOST_BEHIND).zip(covered..);
        let walk = Walk {
            sides,
            key: *key,
            offset,
            lists: [one, other],
            places: [one_places, other_places],
        };
        found.behind.extend(
            behind.map(|(_, place)| walk.item(Kind::OnlyModel, [None, Some(place)], offset, 0)),
        );
        let most = one.partition_point(|seen| seen.at - offset < sides.end + within);
        let (one, other) = (&one[..most], &other[..covered]);
        let alignment = align(one, other, Some(offset), sides.within);
        found.matched += alignment.pairs.len();
        found.events[0] += of(ones);
        found.events[1] += covered;
        found.residual += residual(&alignment, offset, sides.within);
        let walk = Walk { lists: [one, other], ..walk };
        let items = walk.items(&alignment, &mut apart);
        // What the model does at the moment in which the log ends may be missing as what it does later.
        let pairs = alignment.pairs.len();
        let (cut, items): (Vec<Item>, Vec<Item>) = items.into_iter().partition(|item| {
            let late = item.at - offset >= until - 2 * within;
            item.kind == Kind::OnlyModel && item.pairs == pairs && late
        });
        found.later += cut.len();
        found.behind.extend(cut);
        found.items.extend(items);
    }
    found.behind.sort_by_key(|item| (item.at, item.device, item.stream));
    found.items.sort_by_key(|item| (item.at, item.device, item.stream));
    apart.sort_unstable();
    found.apart = [apart.get(apart.len() / 2), apart.last()].map(|us| us.copied().unwrap_or(0));
    found
}

/// How far apart the times are, all together.
fn residual(alignment: &Alignment, offset: i64, within: Span) -> u64 {
    let most = 10 * within.as_micros().max(1);
    alignment.pairs.iter().map(|pair| pair.shift.abs_diff(offset).min(most)).sum()
}

/// By how much the phone's clock is ahead: what the steps say, or else the first events of the phone.
fn offset(sides: Sides<'_>, phone: &Lists, model: &Lists) -> i64 {
    for wanted in [Stream::World, Stream::Phone, Stream::Server] {
        let mut shifts: Vec<i64> = Vec::new();
        for (key, one) in phone.iter().filter(|((_, stream), _)| *stream == wanted) {
            let Some(other) = model.get(key) else { continue };
            let first = |seen: &[Seen]| seen.len().min(4 * FIRST_PAIRS);
            let (one, other) = (&one.seen[..first(&one.seen)], &other.seen[..first(&other.seen)]);
            let mut pairs = align(one, other, None, sides.within).pairs;
            if wanted == Stream::World {
                // A step is done when it is due; what else the world does has no time of its own.
                let places = &phone[key].places;
                pairs.retain(|pair| sides.records[0][places[pair.places[0]]].event == "step");
            }
            shifts.extend(pairs.iter().take(FIRST_PAIRS).map(|pair| pair.shift));
        }
        shifts.sort_unstable();
        if let Some(middle) = shifts.get(shifts.len() / 2) {
            return *middle;
        }
    }
    0
}

/// One pass over both lists of a stream.
struct Walk<'w> {
    sides: Sides<'w>,
    key: (u32, Stream),
    offset: i64,
    lists: [&'w [Seen]; 2],
    places: [&'w [usize]; 2],
}

impl Walk<'_> {
    /// What differs; how far the times of pairs are apart within the tolerance goes to `apart`.
    fn items(&self, alignment: &Alignment, apart: &mut Vec<u64>) -> Vec<Item> {
        let within = micros(self.sides.within);
        let mut items = Vec::new();
        let [mut ones, mut others] =
            [0, 1].map(|side: usize| alignment.alone[side].iter().copied().peekable());
        let mut shift = self.offset;
        for (pairs, pair) in alignment.pairs.iter().enumerate() {
            let [one, other] = pair.places;
            while let Some(place) = ones.next_if(|place| *place < one) {
                items.push(self.item(Kind::OnlyPhone, [Some(place), None], shift, pairs));
            }
            while let Some(place) = others.next_if(|place| *place < other) {
                items.push(self.item(Kind::OnlyModel, [None, Some(place)], shift, pairs));
            }
            let both = [Some(one), Some(other)];
            if (pair.shift - shift).abs() <= within {
                apart.push(pair.shift.abs_diff(shift));
                shift += (pair.shift - shift) / 4;
            } else {
                // Back where it was at first: that is no difference of its own.
                if (pair.shift - self.offset).abs() > within {
                    items.push(self.item(Kind::Later(pair.shift - shift), both, shift, pairs));
                }
                shift = pair.shift;
            }
            let [phone, model] = [self.record(0, one), self.record(1, other)];
            for kind in differing(phone, model, within) {
                items.push(self.item(kind, both, shift, pairs));
            }
        }
        let pairs = alignment.pairs.len();
        for place in ones {
            items.push(self.item(Kind::OnlyPhone, [Some(place), None], shift, pairs));
        }
        for place in others {
            // What comes so much later on the phone comes after its end.
            let at = self.lists[1][place].at + shift - self.offset;
            if at < self.sides.end - within {
                items.push(self.item(Kind::OnlyModel, [None, Some(place)], shift, pairs));
            }
        }
        items
    }

    fn record(&self, side: usize, place: usize) -> &Record {
        &self.sides.records[side][self.places[side][place]]
    }

    fn item(&self, kind: Kind, places: [Option<usize>; 2], shift: i64, pairs: usize) -> Item {
        let (device, stream) = self.key;
        let at = match places {
            [Some(place), _] => self.lists[0][place].at,
            [None, Some(place)] => self.lists[1][place].at + shift,
            [None, None] => 0,
        };
        let side = usize::from(places[0].is_none());
        let record = places[side].map(|place| self.record(side, place));
        let what = record.map(crate::study::compare::identity).unwrap_or_default();
        let places = [0, 1].map(|side: usize| places[side].map(|place| self.places[side][place]));
        Item { device, stream, at, what, kind, places, pairs }
    }
}

/// In what two events differ that belong together.
fn differing(phone: &Record, model: &Record, within: i64) -> Vec<Kind> {
    let mut found = Vec::new();
    for (name, one) in &phone.fields {
        let Some(other) = model.field(name).filter(|_| part(phone, name) == Part::Value) else {
            continue;
        };
        match (one, other) {
            (one, other) if one == other => {}
            (Datum::Number(one), Datum::Number(other))
                if phone.shape(name) == Some(Shape::Span) =>
            {
                let by =
                    i64::try_from(*one).unwrap_or(i64::MAX) - i64::try_from(*other).unwrap_or(0);
                if by.abs() > within {
                    found.push(Kind::Longer(name.to_string(), by));
                }
            }
            (one, other) => {
                found.push(Kind::Otherwise(name.to_string(), [said(one), said(other)]));
            }
        }
    }
    found
}

/// A value as a trace has it.
fn said(datum: &Datum) -> String {
    match datum {
        Datum::Number(n) => n.to_string(),
        Datum::Negative(n) => n.to_string(),
        Datum::Flag(yes) => yes.to_string(),
        Datum::Text(text) => text.to_string(),
        Datum::Endless => "endless".into(),
    }
}
