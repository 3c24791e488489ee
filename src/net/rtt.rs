//! The round-trip estimate from which retransmission timeouts start.

use crate::port::Span;

/// Smoothed round-trip time and its variation by RFC 6298, in whole microseconds.
#[derive(Copy, Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Rtt {
    smoothed: u64,
    variation: u64,
}

impl Rtt {
    /// An estimate with these values.
    #[cfg(test)]
    pub(super) fn of(smoothed: Span, variation: Span) -> Rtt {
        Rtt { smoothed: smoothed.as_micros(), variation: variation.as_micros() }
    }

    /// Takes one measurement (RFC 6298, 2.2 and 2.3: α = 1/8, β = 1/4).
    #[inline]
    pub(super) fn sample(&mut self, span: Span) {
        let r = span.as_micros();
        if self.smoothed == 0 {
            *self = Rtt { smoothed: r, variation: r / 2 };
        } else {
            self.variation = (3 * self.variation + self.smoothed.abs_diff(r)) / 4;
            self.smoothed = (7 * self.smoothed + r) / 8;
        }
    }

    /// The smoothed round-trip time; `None` before the first measurement.
    pub(super) fn smoothed(self) -> Option<Span> {
        (self.smoothed > 0).then(|| Span::from_micros(self.smoothed))
    }

    /// The variation of the round-trip time.
    pub(super) fn variation(self) -> Span {
        Span::from_micros(self.variation)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_estimate_follows_rfc_6298() {
        let mut rtt = Rtt::default();
        assert_eq!(rtt.smoothed(), None);
        rtt.sample(Span::from_millis(100));
        assert_eq!(rtt, Rtt::of(Span::from_millis(100), Span::from_millis(50)));
        rtt.sample(Span::from_millis(180));
        assert_eq!(rtt, Rtt::of(Span::from_millis(110), Span::from_micros(57_500)));
    }
}
