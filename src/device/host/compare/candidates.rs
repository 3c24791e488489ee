//! Values to try for a key of the platform: computed from what differs and from what the phone's log shows.

use std::collections::BTreeSet;

use super::items::{Item, Kind};
use crate::device::host::compare::scope::Stream;
use crate::platform::Profile;
use crate::port::Span;
use crate::settings::{Form, Key, Scalar, Settings, Share};
use crate::trace::{Datum, Record};

/// The beginnings of so many differences give durations.
const HEADS: usize = 4;
/// So many moments before a difference are measured from.
const MOMENTS: usize = 24;
/// An event that only one side has may be one of so many that only the other has.
const NEAREST: usize = 2;
/// A key is not tried with more values than this.
const MOST: usize = 96;
/// Whole numbers up to this are all tried.
const ALL_UP_TO: u32 = 64;

/// What is known about the values that could be right.
#[derive(Clone, Default, Debug)]
pub(super) struct Clues {
    /// By how much times differ, in microseconds.
    by: BTreeSet<u64>,
    /// How long something took on the phone.
    long: BTreeSet<u64>,
    /// By which share of its timeout the keep-alive handler was called early.
    early: BTreeSet<u32>,
    /// The SDK of the app.
    sdk: Option<u32>,
    within: u64,
}

impl Clues {
    /// What `items`, which are unexplained, the model's events `behind` the end of the log, and the phone's records
    /// say.
    pub(super) fn of(
        [items, behind]: [&[&Item]; 2],
        phone: &[Record],
        sdk: Option<u32>,
        within: Span,
    ) -> Clues {
        let mut clues = Clues { sdk, within: within.as_micros().max(1), ..Clues::default() };
        for item in items {
            if let Kind::Later(by) | Kind::Longer(_, by) = item.kind {
                clues.by.insert(by.unsigned_abs());
            }
        }
        // What is missing here may be what is too much there.
        for one in items.iter().filter(|item| item.kind == Kind::OnlyPhone) {
            let others = items.iter().chain(behind).filter(|other| {
                other.kind == Kind::OnlyModel
                    && (other.device, &other.what) == (one.device, &one.what)
            });
            let mut by: Vec<u64> = others.map(|other| one.at.abs_diff(other.at)).collect();
            by.sort_unstable();
            clues.by.extend(by.into_iter().take(NEAREST));
        }
        let mut before = usize::MAX;
        let heads = if items.is_empty() { behind } else { items };
        let heads = heads.iter().filter(|item| {
            // One that follows closely is no beginning.
            let far = before == usize::MAX || item.pairs.abs_diff(before) > 1;
            before = item.pairs;
            far
        });
        for item in heads.take(HEADS) {
            clues.around(item, phone);
        }
        clues.early = early(phone);
        clues.by = apart(&clues.by, clues.within);
        clues.long = apart(&clues.long, clues.within);
        clues
    }

    /// How long it is from what was before to where the difference is, and to what is next; and what took long there.
    fn around(&mut self, item: &Item, phone: &[Record]) {
        let of_phone =
            |record: &&Record| record.device == item.device && Stream::of(record) != Stream::Server;
        let at = u64::try_from(item.at).unwrap_or(0);
        let all: Vec<&Record> = phone.iter().filter(of_phone).collect();
        let place = all.partition_point(|record| record.at.as_micros() < at);
        let mut ends: Vec<u64> = vec![at];
        ends.extend(place.checked_sub(1).map(|last| all[last].at.as_micros()));
        ends.extend(all.get(place).map(|next| next.at.as_micros()));
        let mut moments: Vec<u64> = Vec::new();
        for record in all[..place].iter().rev() {
            let time = record.at.as_micros();
            if moments.last().is_none_or(|last| last.abs_diff(time) > self.within / 4) {
                moments.push(time);
            }
            if moments.len() == MOMENTS {
                break;
            }
        }
        for end in ends {
            self.long.extend(moments.iter().filter(|from| **from < end).map(|from| end - from));
        }
        let near = all[place.saturating_sub(8)..].iter().take(16);
        for record in near {
            for (name, value) in &record.fields {
                if let (Some(crate::trace::Shape::Span), Datum::Number(us)) =
                    (record.shape(name), value)
                {
                    self.long.insert(*us);
                }
            }
        }
    }

    /// The values to try for `key`, whose value is `now`; none of them is that.
    pub(super) fn values(&self, key: &Key, now: &str) -> Vec<Scalar> {
        let text = |text: &str| Scalar::Text(text.to_owned());
        let mut values: Vec<Scalar> = key.kind.choices.iter().map(|word| text(word)).collect();
        for form in key.kind.forms {
            match form {
                Form::Flag => values.extend([Scalar::Bool(true), Scalar::Bool(false)]),
                Form::Words(words) => values.extend(words.iter().map(|word| text(word))),
                Form::Whole(..) => values.extend(self.numbers(now)),
                Form::Text(form) if *form == crate::settings::SHARE => {
                    values.extend(self.shares(now))
                }
                Form::Text(form) if *form == crate::settings::DURATION => {
                    values.extend(self.spans(now));
                }
                Form::Text(_)
                | Form::AnyText
                | Form::Event
                | Form::List(..)
                | Form::Table
                | Form::Tables
                | Form::Named(_)
                | Form::Varied
                | Form::Chosen
                | Form::Plain => {}
            }
        }
        values.retain(|value| shown(value) != now);
        values
    }

    fn numbers(&self, now: &str) -> Vec<Scalar> {
        let number = now.parse::<u32>().unwrap_or(0);
        let mut all: BTreeSet<u32> = BTreeSet::new();
        if number <= ALL_UP_TO {
            all.extend(0..=(2 * number).clamp(20, ALL_UP_TO));
        } else {
            all.extend([number / 4, number / 2, number * 3 / 4, number.saturating_mul(2)]);
        }
        all.extend(self.sdk.into_iter().flat_map(|sdk| [sdk, sdk + 1]));
        all.into_iter().map(|n| Scalar::Integer(i64::from(n))).collect()
    }

    fn shares(&self, now: &str) -> Vec<Scalar> {
        let now = Share::from_ppm(ppm(now));
        let ends = [self.early.first(), self.early.last()].into_iter().flatten();
        let mut all: BTreeSet<u32> = ends.copied().collect();
        all.extend(
            (0..=100_u32).map(|n| n * 10_000).filter(|ppm| ppm.abs_diff(now.ppm()) <= 400_000),
        );
        let shown = |ppm: u32| Scalar::Text(crate::settings::Setting::show(&Share::from_ppm(ppm)));
        all.into_iter().map(shown).collect()
    }

    fn spans(&self, now: &str) -> Vec<Scalar> {
        let now = Span::parse(now).map_or(0, Span::as_micros);
        let mut all: Vec<u64> = Vec::new();
        for by in &self.by {
            for exact in [now + by, now.saturating_sub(*by)] {
                // What a platform has is mostly a round number, and what is measured is not.
                let near = |unit: u64| (exact + unit / 2) / unit * unit;
                let round = [5_000_000, 1_000_000].map(near).into_iter();
                all.extend(round.filter(|round| round.abs_diff(exact) <= self.within / 2));
                all.push(exact);
            }
        }
        all.extend(&self.long);
        all.extend([now / 2, now * 2, now / 4, now * 4, now / 10, now * 10]);
        let mut seen = BTreeSet::new();
        all.retain(|us| seen.insert(us / (self.within / 8).max(1)));
        all.truncate(MOST);
        all.into_iter().map(span).collect()
    }

    /// Rounder values than this one, the roundest first, that are no further away than times may differ.
    pub(super) fn rounder(&self, value: &Scalar) -> Vec<Scalar> {
        let Scalar::Text(text) = value else { return Vec::new() };
        let Ok(exact) = Span::parse(text).map(Span::as_micros) else { return Vec::new() };
        let mut found: Vec<u64> = Vec::new();
        for unit in [3_600, 600, 300, 60, 30, 10, 5, 1].map(|s: u64| s * 1_000_000) {
            let round = (exact + unit / 2) / unit * unit;
            if round.abs_diff(exact) <= self.within / 2 && round > 0 && !found.contains(&round) {
                found.push(round);
            }
        }
        for unit in [500_000, 100_000, 10_000, 1_000] {
            let round = (exact + unit / 2) / unit * unit;
            if round > 0 && !found.contains(&round) && unit <= self.within {
                found.push(round);
            }
        }
        found.retain(|round| *round != exact);
        found.into_iter().map(span).collect()
    }
}

fn span(us: u64) -> Scalar {
    Scalar::Text(Span::from_micros(us).to_string())
}

/// A value as `Settings::get` shows it.
pub(super) fn shown(value: &Scalar) -> String {
    match value {
        Scalar::Text(text) => text.clone(),
        Scalar::Integer(n) => n.to_string(),
        Scalar::Bool(yes) => yes.to_string(),
        Scalar::Float(n) => n.to_string(),
        Scalar::Samples(_) | Scalar::Other(_) => String::new(),
    }
}

fn ppm(text: &str) -> u32 {
    let share: Result<Share, _> = crate::settings::Setting::read(&Scalar::Text(text.to_owned()));
    share.map_or(0, Share::ppm)
}

/// Those of `all` that are further apart than a quarter of the tolerance.
fn apart(all: &BTreeSet<u64>, within: u64) -> BTreeSet<u64> {
    let mut kept: BTreeSet<u64> = BTreeSet::new();
    for us in all {
        if kept.last().is_none_or(|last| us - last > within / 4) {
            kept.insert(*us);
        }
    }
    kept
}

/// By which share of its timeout the handler was called early, each time.
fn early(phone: &[Record]) -> BTreeSet<u32> {
    let mut found = BTreeSet::new();
    let (mut timeout, mut from) = (0_u64, None);
    for record in phone {
        let at = record.at.as_micros();
        let name = record.field("name").and_then(Datum::text);
        match record.event.as_ref() {
            "set-keep-alive-timeout" => {
                timeout = record.field("timeout").and_then(Datum::number).unwrap_or(0);
                from = Some(at);
            }
            "callback" if name == Some("keep-alive") => {
                let after =
                    from.map(|from| at.saturating_sub(from)).filter(|after| *after <= timeout);
                if let Some(after) = after.filter(|_| timeout > 0) {
                    let share = u128::from(timeout - after) * 1_000_000 / u128::from(timeout);
                    found.insert(share as u32);
                }
                from = Some(at);
            }
            _ => {}
        }
    }
    found
}

/// Values that are far from any that a platform has: they show whether a key matters at all.
pub(super) fn probes(key: &Key, now: &str, clues: &Clues) -> Vec<Scalar> {
    let span = key
        .kind
        .forms
        .iter()
        .any(|form| matches!(form, Form::Text(form) if *form == crate::settings::DURATION));
    match span {
        true => {
            let now = Span::parse(now).unwrap_or_default();
            let far = [
                Span::from_millis(100),
                Span::from_secs(1),
                Span::from_micros(now.as_micros().saturating_mul(20)),
                Span::from_secs(48 * 3_600),
            ];
            far.into_iter().map(|far| Scalar::Text(far.to_string())).collect()
        }
        false => {
            let all = clues.values(key, now);
            let last = all.len().saturating_sub(1);
            let some = |(place, _): &(usize, _)| [0, last / 4, last / 2, last].contains(place);
            all.iter().enumerate().filter(some).map(|(_, value)| value.clone()).collect()
        }
    }
}

/// Whether a run can bear this value, and what the profile is with it.
pub(super) fn with(profile: &Profile, key: &str, value: &Scalar) -> Option<Profile> {
    if crate::scenario::unbearable("platform", key, value).is_some() {
        return None;
    }
    let mut profile = profile.clone();
    profile.set(key, value).ok()?;
    Some(profile)
}
