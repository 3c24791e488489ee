//! Which event of one run is which of another, when their times differ.
//!
//! Both lists keep their order. An event may have the counterpart that has its identity; between one pair and the next
//! the shift of the times stays what it was within a tolerance, goes back to what it was at first, or changes, which
//! costs. What has no counterpart costs, too. The cheapest way through both lists is searched with a beam: the
//! hypotheses that cost least so far, with what they have left behind already counted in.

use std::collections::BTreeMap;

use super::identity::{Part, identity, part};
use crate::port::{Span, Time};
use crate::trace::Record;

/// What an event without a counterpart costs.
const GAP: u64 = 10;
/// What it costs that the shift goes back to the first one.
const RETURN: u64 = 2;
/// What it costs that the shift changes, before what depends on how much.
const SHIFT: u64 = 10;
/// What it costs that what came of the event differs.
const VALUE: u64 = 3;
/// So many hypotheses are followed.
const BEAM: usize = 24;
/// Of these, so many are kept whose shift is the first one, whatever they cost.
const AT_BASE: usize = 6;
/// After so many pairs in a row without a cost there is no doubt.
const SURE: u32 = 24;

/// One pair.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub struct Pair {
    /// The places in both lists.
    pub places: [usize; 2],
    /// The time of the first less that of the second, in microseconds.
    pub shift: i64,
}

/// What belongs together.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Alignment {
    /// The pairs, in order.
    pub pairs: Vec<Pair>,
    /// The places of what has no counterpart, of each list.
    pub alone: [Vec<usize>; 2],
}

/// An event as far as it matters here.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Seen {
    /// When, in microseconds.
    pub at: i64,
    /// Which event it is: the same number for the same identity.
    pub which: u32,
    /// What came of it, as text; spans are left out.
    pub value: String,
}

/// Gives each identity a number.
#[derive(Clone, Default, Debug)]
pub struct Numbering {
    numbers: BTreeMap<String, u32>,
}

impl Numbering {
    /// The record as it is aligned.
    pub fn seen(&mut self, record: &Record) -> Seen {
        let next = self.numbers.len() as u32;
        let which = *self.numbers.entry(identity(record)).or_insert(next);
        let value = record.fields.iter().filter(|(name, _)| {
            part(record, name) == Part::Value
                && record.shape(name) != Some(crate::trace::Shape::Span)
        });
        let value = value.map(|(name, value)| format!("{name}={value:?} ")).collect();
        Seen { at: micros(record.at), which, value }
    }
}

fn micros(at: Time) -> i64 {
    i64::try_from(at.as_micros()).unwrap_or(i64::MAX / 4)
}

/// A way through both lists so far.
#[derive(Copy, Clone, Debug)]
struct Way {
    /// The next of the second list.
    next: usize,
    /// How the times differ now.
    shift: i64,
    /// How they differed at first.
    base: Option<i64>,
    cost: u64,
    /// Pairs in a row without a cost.
    sure: u32,
    /// The last pair, in the list of all that were tried.
    last: Option<u32>,
}

/// A pair that was tried, and the one before it.
#[derive(Copy, Clone)]
struct Tried {
    places: [u32; 2],
    before: Option<u32>,
}

struct Search<'s> {
    lists: [&'s [Seen]; 2],
    /// The places of each identity in the second list.
    places: Vec<Vec<usize>>,
    within: i64,
    tried: Vec<Tried>,
}

/// Aligns two lists, each in its own order. `base` is by how much the first is behind, if that is known.
pub fn align(a: &[Seen], b: &[Seen], base: Option<i64>, within: Span) -> Alignment {
    let most = a.iter().chain(b).map(|seen| seen.which as usize + 1).max().unwrap_or(0);
    let mut places = vec![Vec::new(); most];
    b.iter().enumerate().for_each(|(place, seen)| places[seen.which as usize].push(place));
    let within = i64::try_from(within.as_micros()).unwrap_or(i64::MAX / 4);
    let mut search = Search { lists: [a, b], places, within, tried: Vec::new() };
    let first = Way { next: 0, shift: base.unwrap_or(0), base, cost: 0, sure: 0, last: None };
    let mut ways = vec![first];
    for place in 0..a.len() {
        ways = search.go_on(place, &ways);
    }
    let whole = |way: &&Way| way.cost + GAP * (b.len() - way.next) as u64;
    let best = ways.iter().min_by_key(whole);
    search.alignment(best.and_then(|way| way.last))
}

impl Search<'_> {
    fn go_on(&mut self, place: usize, ways: &[Way]) -> Vec<Way> {
        let mut new: Vec<(Way, Option<usize>)> = Vec::with_capacity(ways.len() * 4);
        for way in ways {
            new.push((Way { cost: way.cost + GAP, sure: 0, ..*way }, None));
            let mut candidates = self.candidates(place, way);
            candidates.dedup();
            for candidate in candidates {
                new.push((self.paired(place, candidate, way), Some(candidate)));
            }
        }
        let now = self.lists[0][place].at;
        let left = |way: &Way| {
            let by = now.saturating_sub(way.shift).saturating_sub(self.within);
            let gone = self.lists[1].partition_point(|seen| seen.at < by);
            way.cost + GAP * gone.saturating_sub(way.next) as u64
        };
        let mut ranked: Vec<(u64, Way, Option<usize>)> =
            new.into_iter().map(|(way, pair)| (left(&way), way, pair)).collect();
        ranked.sort_by_key(|(key, way, _)| (*key, way.next, way.shift));
        let bucket = self.within.max(1);
        let mut seen: std::collections::BTreeSet<(usize, i64)> = std::collections::BTreeSet::new();
        let mut at_base = 0;
        let mut kept: Vec<Way> = Vec::new();
        for (_, way, pair) in ranked {
            if !seen.insert((way.next, way.shift.div_euclid(bucket))) {
                continue;
            }
            let based = way.base.is_none_or(|base| (way.shift - base).abs() <= self.within);
            if kept.len() >= BEAM && !(based && at_base < AT_BASE) {
                continue;
            }
            at_base += usize::from(based);
            let sure = way.sure >= SURE && based;
            let last = match pair {
                Some(other) => {
                    let places = [place as u32, other as u32];
                    self.tried.push(Tried { places, before: way.last });
                    Some(self.tried.len() as u32 - 1)
                }
                None => way.last,
            };
            kept.push(Way { last, ..way });
            if sure && kept.len() == 1 {
                break;
            }
        }
        kept
    }

    /// What can be the counterpart: the next one, and those whose times fit the shift, or the first shift, best.
    fn candidates(&self, place: usize, way: &Way) -> Vec<usize> {
        let seen = &self.lists[0][place];
        let all = &self.places[seen.which as usize];
        let open = &all[all.partition_point(|other| *other < way.next)..];
        let mut found: Vec<usize> = open.first().copied().into_iter().collect();
        for shift in [Some(way.shift), way.base].into_iter().flatten() {
            let time = seen.at.saturating_sub(shift);
            let after = open.partition_point(|other| self.lists[1][*other].at < time);
            found.extend(open.get(after));
            found.extend(after.checked_sub(1).and_then(|before| open.get(before)));
        }
        found.sort_unstable();
        found
    }

    fn paired(&self, place: usize, other: usize, way: &Way) -> Way {
        let (one, two) = (&self.lists[0][place], &self.lists[1][other]);
        let shift = one.at - two.at;
        let apart = (shift - way.shift).abs();
        let back = way.base.map_or(0, |base| (shift - base).abs());
        let mut cost = GAP * (other - way.next) as u64;
        // The clocks may drift: the shift follows slowly.
        let followed = way.shift + (shift - way.shift) / 4;
        let shift = match way.base {
            None => shift,
            Some(_) if apart <= self.within => followed,
            Some(_) if back <= self.within => {
                cost += RETURN;
                shift
            }
            Some(_) => {
                cost += SHIFT + 2 * u64::from((apart.unsigned_abs() / 1_000_000 + 1).ilog2());
                shift
            }
        };
        cost += if one.value == two.value { 0 } else { VALUE };
        let sure = if cost == 0 { way.sure + 1 } else { 0 };
        let base = way.base.or(Some(shift));
        Way { next: other + 1, shift, base, cost: way.cost + cost, sure, last: way.last }
    }

    fn alignment(&self, mut last: Option<u32>) -> Alignment {
        let mut pairs = Vec::new();
        while let Some(tried) = last.and_then(|last| self.tried.get(last as usize)) {
            pairs.push(self.pair(tried.places.map(|place| place as usize)));
            last = tried.before;
        }
        pairs.reverse();
        let mut alone = [0, 1].map(|side| self.alone(&pairs, side));
        self.changed_places(&mut pairs, &mut alone);
        Alignment { pairs, alone }
    }

    fn pair(&self, places: [usize; 2]) -> Pair {
        Pair { places, shift: self.lists[0][places[0]].at - self.lists[1][places[1]].at }
    }

    fn alone(&self, pairs: &[Pair], side: usize) -> Vec<usize> {
        let mut taken = vec![false; self.lists[side].len()];
        pairs.iter().for_each(|pair| taken[pair.places[side]] = true);
        (0..taken.len()).filter(|place| !taken[*place]).collect()
    }

    /// Within the tolerance events may have changed places: what is alone on both sides then belongs together.
    fn changed_places(&self, pairs: &mut Vec<Pair>, alone: &mut [Vec<usize>; 2]) {
        let mut found: Vec<Pair> = Vec::new();
        let [ones, others] = alone;
        ones.retain(|one| {
            let before = pairs.partition_point(|pair| pair.places[0] < *one);
            let near = before.checked_sub(1).and_then(|at| pairs.get(at)).or(pairs.get(before));
            let Some(shift) = near.map(|pair| pair.shift) else { return true };
            let fits = |other: &usize| {
                let pair = self.pair([*one, *other]);
                self.lists[0][*one].which == self.lists[1][*other].which
                    && (pair.shift - shift).abs() <= self.within
            };
            let Some(at) = others.iter().position(fits) else { return true };
            found.push(self.pair([*one, others.remove(at)]));
            false
        });
        pairs.extend(found);
        pairs.sort_by_key(|pair| pair.places);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `a12` is the event `a` at 12 seconds.
    fn list(text: &str) -> Vec<Seen> {
        let one = |word: &str| {
            let (name, at) = word.split_at(1);
            let at = at.parse::<i64>().unwrap() * 1_000_000;
            let which = u32::from(name.as_bytes()[0] - b'a');
            Seen { at, which, value: String::new() }
        };
        text.split_whitespace().map(one).collect()
    }

    fn aligned(a: &str, b: &str) -> (Vec<(usize, usize)>, [Vec<usize>; 2]) {
        let found = align(&list(a), &list(b), Some(0), Span::from_secs(2));
        let pairs = found.pairs.iter().map(|pair| (pair.places[0], pair.places[1])).collect();
        (pairs, found.alone)
    }

    #[test]
    fn a_run_belongs_to_itself() {
        let (pairs, alone) = aligned("a1 b2 a9 c9", "a1 b2 a9 c9");
        assert_eq!((pairs.len(), alone), (4, [vec![], vec![]]));
    }

    #[test]
    fn what_is_missing_in_the_middle_of_a_rhythm_is_told_where_it_is_missing() {
        let (_, alone) = aligned("a10 a20 a30 a50 a60", "a10 a20 a30 a40 a50 a60");
        assert_eq!(alone, [vec![], vec![3]]);
        let (_, alone) = aligned("a10 a20 a30 a40 a50 a60", "a10 a20 a30 a50 a60");
        assert_eq!(alone, [vec![3], vec![]]);
    }

    #[test]
    fn a_rhythm_that_is_slower_belongs_together_beat_by_beat() {
        let (pairs, alone) = aligned("a10 b10 c10 a70 b70 c70", "a10 b10 c10 a40 b40 c40");
        assert_eq!((pairs.len(), alone), (6, [vec![], vec![]]));
    }

    #[test]
    fn what_changed_places_within_the_tolerance_belongs_together() {
        let (pairs, alone) = aligned("a1 c2 b3 d9", "a1 b2 c3 d9");
        assert_eq!((pairs.len(), alone), (4, [vec![], vec![]]));
    }

    #[test]
    fn a_hundred_missing_events_do_not_lead_astray() {
        let text = |range: std::ops::Range<u32>| -> String {
            range
                .map(|n| {
                    format!("{} ", ["a", "b"][n as usize % 2].to_owned() + &(n * 10).to_string())
                })
                .collect()
        };
        let whole = text(0..300);
        let holed = text(0..100) + &text(200..300);
        let (pairs, alone) = aligned(&holed, &whole);
        assert_eq!((pairs.len(), alone[0].len(), alone[1].clone()), (200, 0, (100..200).collect()));
        let (pairs, alone) = aligned(&whole, &holed);
        assert_eq!((pairs.len(), alone[1].len(), alone[0].clone()), (200, 0, (100..200).collect()));
    }
}
