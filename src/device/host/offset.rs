//! How far the phone's clock is from the host's: an interval that is certain, from what each said to the other.
//!
//! A message cannot arrive before it was sent, so each one bounds the offset from one side, and a question with its
//! answer from both (Cristian 1989; RFC 5905, section 8). Between two of them clocks may drift apart, so a bound
//! widens with the time from it. What is left of all bounds together is the offset; its middle is the estimate.

use super::collected::Exchange;
use crate::port::{Span, Time};

/// Two clocks of which neither is broken drift apart by at most this many millionths: what kernels correct at most
/// (Linux, `include/linux/timex.h`: `MAXFREQ`, 500,000 ns/s).
const MOST_DRIFT_PPM: i128 = 500;

/// What one message says of the offset when the phone's clock said `phone`.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
struct Bound {
    phone: u64,
    /// Host less phone is at least this.
    low: i64,
    /// Host less phone is at most this.
    high: i64,
}

impl Bound {
    /// Its interval when the phone's clock says `phone`.
    fn at(&self, phone: u64) -> (i64, i64) {
        let apart = i128::from(phone.abs_diff(self.phone));
        let drift = i64::try_from((apart * MOST_DRIFT_PPM + 999_999) / 1_000_000);
        let drift = drift.unwrap_or(i64::MAX);
        (self.low.saturating_sub(drift), self.high.saturating_add(drift))
    }
}

/// Where in the interval of a time one looks.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Within {
    /// The earliest it can have been.
    Earliest,
    /// The middle.
    Middle,
    /// The latest it can have been.
    Latest,
}

/// Host less phone, in microseconds: the interval in which it lies for certain.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub struct Offset {
    /// At least this.
    pub low: i64,
    /// At most this.
    pub high: i64,
}

impl Offset {
    /// The estimate.
    pub fn middle(self) -> i64 {
        self.low.midpoint(self.high)
    }

    /// How far the truth can be from the estimate.
    pub fn uncertainty(self) -> Span {
        Span::from_micros(self.high.abs_diff(self.low).div_ceil(2))
    }
}

/// Something that contradicts what is known of the offset: it is left out.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub struct Contradiction {
    /// When, on the phone's clock.
    pub phone: u64,
    /// By how much it lies outside.
    pub by: Span,
}

/// One run of the phone's clock, from one boot of the device to the next.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct ClockRun {
    bounds: Vec<Bound>,
}

impl ClockRun {
    /// What `exchanges` say, which are all of one run of the clock; what contradicts those before it is told.
    pub fn of(exchanges: &[Exchange]) -> (ClockRun, Vec<Contradiction>) {
        let mut clock = ClockRun::default();
        let mut wrong = Vec::new();
        // The quickest exchange says most, and is the last to be doubted.
        let mut sorted: Vec<&Exchange> = exchanges.iter().collect();
        sorted.sort_by_key(|exchange| exchange.received.since(exchange.sent));
        for exchange in sorted {
            let phone = exchange.phone.continuous;
            let bound = Bound {
                phone,
                low: difference(exchange.sent, phone),
                high: difference(exchange.received, phone),
            };
            wrong.extend(clock.take(bound).err());
        }
        (clock, wrong)
    }

    /// Whether nothing is known of this run of the clock.
    pub fn is_unknown(&self) -> bool {
        self.bounds.is_empty()
    }

    /// Something that the host had done by `host` was there when the phone's clock said `phone`.
    ///
    /// # Errors
    /// [`Contradiction`]: that cannot be, so it is not believed.
    pub fn host_was_first(&mut self, host: Time, phone: u64) -> Result<(), Contradiction> {
        self.take(Bound { phone, low: difference(host, phone), high: i64::MAX })
    }

    /// Something that the phone had done when its clock said `phone` was there at `host`.
    ///
    /// # Errors
    /// [`Contradiction`]: that cannot be, so it is not believed.
    pub fn phone_was_first(&mut self, phone: u64, host: Time) -> Result<(), Contradiction> {
        self.take(Bound { phone, low: i64::MIN, high: difference(host, phone) })
    }

    fn take(&mut self, bound: Bound) -> Result<(), Contradiction> {
        let (low, high) = self.interval(bound.phone);
        let by = bound.low.saturating_sub(high).max(low.saturating_sub(bound.high));
        if by > 0 {
            let by = Span::from_micros(by.unsigned_abs());
            return Err(Contradiction { phone: bound.phone, by });
        }
        // What is known already need not be kept.
        if low >= bound.low && high <= bound.high {
            return Ok(());
        }
        self.bounds.push(bound);
        Ok(())
    }

    fn interval(&self, phone: u64) -> (i64, i64) {
        self.bounds.iter().fold((i64::MIN, i64::MAX), |(low, high), bound| {
            let (from, to) = bound.at(phone);
            (low.max(from), high.min(to))
        })
    }

    /// The offset when the phone's clock says `phone`; `None` when nothing bounds it on both sides.
    pub fn offset(&self, phone: u64) -> Option<Offset> {
        let (low, high) = self.interval(phone);
        let bounded = self.bounds.iter().any(|bound| bound.low != i64::MIN)
            && self.bounds.iter().any(|bound| bound.high != i64::MAX);
        // Each bound fits each other one at its own time: at any time all of them overlap, but for rounding.
        bounded.then(|| Offset { low: low.min(high), high: high.max(low) })
    }

    /// The same for many moments.
    pub fn table(&self) -> OffsetTable {
        let mut low: Vec<(u64, i64)> = Vec::new();
        let mut high: Vec<(u64, i64)> = Vec::new();
        for bound in &self.bounds {
            low.extend((bound.low != i64::MIN).then_some((bound.phone, bound.low)));
            // From above as from below, seen in a mirror.
            high.extend((bound.high != i64::MAX).then_some((bound.phone, -bound.high)));
        }
        OffsetTable { low: Envelope::of(low), high: Envelope::of(high) }
    }

    /// By how many millionths the phone's clock was seen to run faster (or slower, below zero) than the host's, if
    /// there is enough to tell.
    pub fn drift_ppm(&self) -> Option<f64> {
        let both = |bound: &&Bound| bound.low != i64::MIN && bound.high != i64::MAX;
        let first = self.bounds.iter().filter(both).min_by_key(|bound| bound.phone)?;
        let last = self.bounds.iter().filter(both).max_by_key(|bound| bound.phone)?;
        let apart = last.phone - first.phone;
        let middle = |bound: &Bound| Offset { low: bound.low, high: bound.high }.middle();
        let grew = middle(first) - middle(last);
        let unsure = (first.high.abs_diff(first.low) + last.high.abs_diff(last.low)) / 2;
        (grew.unsigned_abs() > unsure).then(|| grew as f64 * 1e6 / apart.max(1) as f64)
    }
}

/// The greatest of many bounds from below at any moment, each of which sinks with the time from it.
#[derive(Clone, Debug)]
struct Envelope {
    /// By the phone's time.
    at: Vec<u64>,
    /// Of the bounds up to each, in millionths: the greatest as it would be at time zero, sinking from there.
    before: Vec<i128>,
    /// Of the bounds from each on: the greatest as it would be at time zero, rising from there.
    after: Vec<i128>,
}

impl Envelope {
    fn of(mut bounds: Vec<(u64, i64)>) -> Envelope {
        bounds.sort_unstable();
        let scaled = |low: i64| i128::from(low) * 1_000_000;
        let mut before: Vec<i128> = Vec::with_capacity(bounds.len());
        for (at, low) in &bounds {
            let here = scaled(*low) + i128::from(*at) * MOST_DRIFT_PPM;
            before.push(before.last().map_or(here, |most| here.max(*most)));
        }
        let mut after: Vec<i128> = Vec::with_capacity(bounds.len());
        for (at, low) in bounds.iter().rev() {
            let here = scaled(*low) - i128::from(*at) * MOST_DRIFT_PPM;
            after.push(after.last().map_or(here, |most| here.max(*most)));
        }
        after.reverse();
        Envelope { at: bounds.into_iter().map(|(at, _)| at).collect(), before, after }
    }

    fn greatest(&self, phone: u64) -> Option<i64> {
        let place = self.at.partition_point(|at| *at <= phone);
        let drift = i128::from(phone) * MOST_DRIFT_PPM;
        let before = place.checked_sub(1).and_then(|last| self.before.get(last));
        let before = before.map(|most| *most - drift);
        let after = self.after.get(place).map(|most| *most + drift);
        let greatest = before.max(after)?.div_euclid(1_000_000);
        Some(greatest.clamp(i128::from(i64::MIN), i128::from(i64::MAX)) as i64)
    }
}

/// What [`ClockRun`] knows, to be asked often.
#[derive(Clone, Debug)]
pub struct OffsetTable {
    low: Envelope,
    high: Envelope,
}

impl OffsetTable {
    /// The offset when the phone's clock says `phone`; `None` when nothing bounds it on both sides.
    pub fn offset(&self, phone: u64) -> Option<Offset> {
        let (low, high) = (self.low.greatest(phone)?, -self.high.greatest(phone)?);
        // Each bound fits each other one at its own time: at any time all of them overlap, but for rounding.
        Some(Offset { low: low.min(high), high: high.max(low) })
    }

    /// When the phone's clock said `phone`, on the host's; `None` when nobody knows. The later on the phone, the
    /// later here.
    pub fn host_time(&self, phone: u64, within: Within) -> Option<Time> {
        let offset = self.offset(phone)?;
        let by = match within {
            Within::Earliest => offset.low,
            Within::Middle => offset.middle(),
            Within::Latest => offset.high,
        };
        Some(Time::from_micros(phone.saturating_add_signed(by)))
    }
}

fn difference(host: Time, phone: u64) -> i64 {
    let wide = i128::from(host.as_micros()) - i128::from(phone);
    // Not the ends of the range, which mean that there is no bound.
    wide.clamp(i128::from(i64::MIN / 4), i128::from(i64::MAX / 4)) as i64
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::device::protocol::Clocks;

    /// What a phone whose clock is `offset` behind the host's, and `ppm` slower, says at host time `at`.
    fn phone_at(at: u64, offset: i64, ppm: i64) -> u64 {
        let drift = i128::from(at) * i128::from(ppm) / 1_000_000;
        u64::try_from(i128::from(at) - i128::from(offset) - drift).unwrap()
    }

    fn exchange(at: u64, out: u64, back: u64, offset: i64, ppm: i64) -> Exchange {
        let continuous = phone_at(at, offset, ppm);
        Exchange {
            sent: Time::from_micros(at - out),
            received: Time::from_micros(at + back),
            phone: Clocks { continuous, uptime: 0, wall: 0 },
        }
    }

    #[test]
    fn of_several_exchanges_the_quickest_says_most() {
        let slow = exchange(10_000_000, 500_000, 100, -3_000, 0);
        let quick = exchange(11_000_000, 40, 60, -3_000, 0);
        let (clock, wrong) = ClockRun::of(&[slow, quick]);
        assert_eq!(wrong, []);
        let offset = clock.offset(phone_at(11_000_000, -3_000, 0)).unwrap();
        assert_eq!(offset, Offset { low: -3_040, high: -2_940 });
        assert_eq!(offset.uncertainty(), Span::from_micros(50));
    }

    #[test]
    fn the_further_from_an_exchange_the_less_is_known() {
        let (clock, _) = ClockRun::of(&[exchange(10_000_000, 40, 60, 0, 0)]);
        let near = clock.offset(10_000_000).unwrap().uncertainty();
        let far = clock.offset(3_610_000_000).unwrap().uncertainty();
        assert_eq!((near, far), (Span::from_micros(50), Span::from_micros(1_800_050)));
    }

    #[test]
    fn a_message_bounds_the_offset_from_its_side_and_only_where_it_can_be_true() {
        let (mut clock, _) = ClockRun::of(&[exchange(10_000_000, 9_000, 9_000, 0, 0)]);
        // A push that was sent at 10.002 was read when the phone said 10.000: its clock is 2 ms behind at least.
        clock.host_was_first(Time::from_micros(10_002_000), 10_000_000).unwrap();
        assert_eq!(clock.offset(10_000_000), Some(Offset { low: 2_000, high: 9_000 }));
        clock.phone_was_first(10_000_000, Time::from_micros(10_004_000)).unwrap();
        assert_eq!(clock.offset(10_000_000), Some(Offset { low: 2_000, high: 4_000 }));
        let wrong = clock.host_was_first(Time::from_micros(11_000_000), 10_000_000).unwrap_err();
        assert_eq!(wrong.by, Span::from_micros(996_000));
        assert_eq!(clock.offset(10_000_000), Some(Offset { low: 2_000, high: 4_000 }));
    }

    #[test]
    fn with_messages_in_one_direction_only_nothing_is_known() {
        let mut clock = ClockRun::default();
        assert!(clock.is_unknown());
        clock.host_was_first(Time::from_micros(5), 3).unwrap();
        assert_eq!((clock.offset(3), clock.table().host_time(3, Within::Middle)), (None, None));
    }

    #[test]
    fn a_drift_that_is_larger_than_the_doubt_is_told() {
        let run = |ppm| {
            let far = exchange(3_600_000_000, 50, 50, 0, ppm);
            ClockRun::of(&[exchange(1_000_000, 50, 50, 0, ppm), far]).0.drift_ppm()
        };
        assert_eq!(run(0), None);
        assert!((run(100).unwrap() + 100.0).abs() < 0.1, "{:?}", run(100));
    }

    proptest! {
        #[test]
        fn the_true_offset_is_always_inside(
            offset in -1_000_000_000i64..1_000_000_000,
            ppm in -300i64..300,
            exchanges in prop::collection::vec(
                (2_000_000_000u64..90_000_000_000, 0u64..2_000_000, 0u64..2_000_000), 1..20),
            one_way in prop::collection::vec(
                (2_000_000_000u64..90_000_000_000, 0u64..2_000_000, any::<bool>()), 0..20),
            asked in 2_000_000_000u64..90_000_000_000,
        ) {
            let exchanges: Vec<Exchange> = exchanges
                .into_iter()
                .map(|(at, out, back)| exchange(at, out, back, offset, ppm))
                .collect();
            let (mut clock, wrong) = ClockRun::of(&exchanges);
            prop_assert!(wrong.is_empty(), "{wrong:?}");
            for (at, under_way, to_phone) in one_way {
                let phone = phone_at(at, offset, ppm);
                let took = if to_phone {
                    clock.host_was_first(Time::from_micros(at - under_way), phone)
                } else {
                    clock.phone_was_first(phone, Time::from_micros(at + under_way))
                };
                prop_assert!(took.is_ok(), "{took:?}");
            }
            let phone = phone_at(asked, offset, ppm);
            let clock = clock.table();
            let earliest = clock.host_time(phone, Within::Earliest).unwrap();
            let middle = clock.host_time(phone, Within::Middle).unwrap();
            let latest = clock.host_time(phone, Within::Latest).unwrap();
            prop_assert!(earliest.as_micros() <= asked && asked <= latest.as_micros());
            prop_assert!(earliest <= middle && middle <= latest);
            let doubt = clock.offset(phone).unwrap().uncertainty();
            prop_assert!(middle.as_micros().abs_diff(asked) <= doubt.as_micros() + 1);
        }

        #[test]
        fn what_is_later_on_the_phone_is_later_on_the_host(
            exchanges in prop::collection::vec(
                (1_000_000u64..9_000_000_000, 0u64..500_000, 0u64..500_000), 1..10),
            a in 0u64..10_000_000_000,
            b in 0u64..10_000_000_000,
        ) {
            let exchanges: Vec<Exchange> =
                exchanges.into_iter().map(|(at, out, back)| exchange(at, out, back, 0, 0)).collect();
            let whole = ClockRun::of(&exchanges).0;
            let clock = whole.table();
            prop_assert_eq!(clock.offset(a), whole.offset(a));
            let (first, second) = (a.min(b), a.max(b));
            for within in [Within::Earliest, Within::Middle, Within::Latest] {
                prop_assert!(clock.host_time(first, within) <= clock.host_time(second, within));
            }
        }
    }
}
