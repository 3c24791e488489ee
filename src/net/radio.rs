//! What the radio takes above its idle power, in closed form: a promotion when it was idle, then power
//! for as long as it stays up. Integer nanojoules: milliwatts times microseconds.

use super::Access;
use crate::port::{Span, Time};

/// The radio of the interface that carries traffic.
#[derive(Clone, Debug, Default)]
pub(crate) struct Radio {
    /// All energy up to `last`.
    nanojoules: u64,
    last: Time,
    /// The radio has been up since the interface was entered.
    used: bool,
    /// The radio is up until then.
    up_until: Time,
    milliwatts: u64,
}

impl Radio {
    /// Whether a segment at `now` finds the radio idle.
    #[inline]
    pub(crate) fn idle(&self, now: Time) -> bool {
        !self.used || now > self.up_until
    }

    /// The phone sends or receives a segment.
    #[inline]
    pub(crate) fn touch(&mut self, access: &Access, now: Time) {
        self.nanojoules = self.energy(now);
        if self.idle(now) {
            let promotion = energy(access.promotion_time, access.promotion_power.0.into());
            self.nanojoules = self.nanojoules.saturating_add(promotion);
        }
        self.last = now;
        self.used = true;
        self.up_until = now + access.tail_time;
        self.milliwatts = access.tail_power.0.into();
    }

    /// The interface is left: its radio is off at once.
    pub(crate) fn leave(&mut self, now: Time) {
        *self = Radio { nanojoules: self.energy(now), last: now, ..Radio::default() };
    }

    /// Nanojoules above idle up to `now`.
    #[inline]
    pub(crate) fn energy(&self, now: Time) -> u64 {
        self.nanojoules
            .saturating_add(energy(now.min(self.up_until).since(self.last), self.milliwatts))
    }
}

/// Milliwatts times microseconds.
fn energy(span: Span, milliwatts: u64) -> u64 {
    span.saturating_mul(milliwatts).as_micros()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::Milliwatts;

    /// Huang et al., MobiSys 2012, Tables 3 and 4.
    fn lte() -> Access {
        Access {
            promotion_time: Span::from_micros(260_100),
            promotion_power: Milliwatts(1_211),
            tail_time: Span::from_millis(11_576),
            tail_power: Milliwatts(1_060),
            ..Access::default()
        }
    }

    const fn at(secs: u64) -> Time {
        Span::from_secs(secs).from_start()
    }

    #[test]
    fn an_isolated_lte_packet_takes_12_6_joules() {
        let mut radio = Radio::default();
        radio.touch(&lte(), at(100));
        let joules = radio.energy(at(200)) as f64 / 1e9;
        assert!((joules - 12.59).abs() < 0.01, "{joules}");
    }

    #[test]
    fn the_tail_counts_only_up_to_now() {
        let mut radio = Radio::default();
        radio.touch(&lte(), at(100));
        let promotion = radio.energy(at(100));
        assert_eq!(radio.energy(at(101)) - promotion, 1_060 * 1_000_000);
    }

    #[test]
    fn a_segment_within_the_tail_extends_it_without_a_promotion() {
        let mut radio = Radio::default();
        radio.touch(&lte(), at(100));
        radio.touch(&lte(), at(105));
        let mut alone = Radio::default();
        alone.touch(&lte(), at(100));
        assert_eq!(radio.energy(at(200)) - alone.energy(at(200)), 5 * 1_060 * 1_000_000);
    }

    #[test]
    fn leaving_the_interface_ends_the_tail() {
        let mut radio = Radio::default();
        radio.touch(&lte(), at(100));
        radio.leave(at(101));
        assert_eq!(radio.energy(at(101)), radio.energy(at(300)));
        assert!(radio.idle(at(101)));
    }
}
