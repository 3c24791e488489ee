//! A histogram of latencies with a bounded relative error, small enough to send between processes.

use serde::{Deserialize, Serialize};

/// Each power of two is cut into so many buckets: an error below 1 %.
const STEPS: u64 = 128;

/// How often each latency was seen, in nanoseconds.
#[derive(Clone, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
#[serde(from = "Sparse", into = "Sparse")]
pub(super) struct Histogram {
    counts: Vec<u64>,
    total: u64,
}

/// The buckets that are not empty, with their places.
#[derive(Serialize, Deserialize)]
struct Sparse(Vec<(usize, u64)>);

impl From<Histogram> for Sparse {
    fn from(histogram: Histogram) -> Sparse {
        let counts = histogram.counts.into_iter().enumerate();
        Sparse(counts.filter(|(_, count)| *count > 0).collect())
    }
}

impl From<Sparse> for Histogram {
    fn from(sparse: Sparse) -> Histogram {
        let mut histogram = Histogram::default();
        for (place, count) in sparse.0 {
            // Nothing writes more; a longer one would only cost memory.
            if place < bucket(u64::MAX) + 1 {
                histogram.add(place, count);
            }
        }
        histogram
    }
}

impl Histogram {
    /// One more of `nanos`.
    #[inline]
    pub(super) fn record(&mut self, nanos: u64) {
        self.add(bucket(nanos), 1);
    }

    /// All of `other`, too.
    pub(super) fn merge(&mut self, other: &Histogram) {
        for (place, count) in other.counts.iter().enumerate() {
            self.add(place, *count);
        }
    }

    /// The latency that `share` (0 to 1) of all do not exceed, in nanoseconds; `None` without any.
    pub(super) fn quantile(&self, share: f64) -> Option<u64> {
        let rank = ((self.total as f64 * share).ceil() as u64).clamp(1, self.total.max(1));
        let mut seen = 0;
        self.counts.iter().enumerate().find_map(|(place, count)| {
            seen += count;
            (seen >= rank).then(|| upper(place))
        })
    }

    #[inline]
    fn add(&mut self, place: usize, count: u64) {
        if place >= self.counts.len() {
            self.counts.resize(place + 1, 0);
        }
        self.counts[place] += count;
        self.total += count;
    }
}

/// Below `STEPS` a bucket a nanosecond, above it `STEPS / 2` a power of two.
#[inline]
fn bucket(nanos: u64) -> usize {
    let bits = 64 - nanos.leading_zeros();
    let shift = bits.saturating_sub(STEPS.trailing_zeros());
    (u64::from(shift) * (STEPS / 2) + (nanos >> shift)) as usize
}

/// The largest value in a bucket.
fn upper(place: usize) -> u64 {
    let place = place as u64;
    if place < STEPS {
        return place;
    }
    let shift = place / (STEPS / 2) - 1;
    let first = (place - shift * (STEPS / 2)) << shift;
    first + ((1 << shift) - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_lies_in_a_bucket_less_than_two_percent_wide() {
        for value in [0, 1, 127, 128, 129, 1_000, 123_456, 10_000_000_000, u64::MAX] {
            let upper = upper(bucket(value));
            assert!(upper >= value, "{value}");
            assert!((upper - value) as f64 <= value as f64 * 0.016, "{value} {upper}");
        }
    }

    #[test]
    fn quantiles_of_merged_histograms_are_those_of_all_values() {
        let (mut odd, mut even) = (Histogram::default(), Histogram::default());
        for n in 1..=100 {
            if n % 2 == 1 { odd.record(n) } else { even.record(n) }
        }
        odd.merge(&even);
        let text = serde_json::to_string(&odd).expect("numbers");
        let again: Histogram = serde_json::from_str(&text).expect("its own");
        assert_eq!(again, odd);
        assert_eq!((again.quantile(0.5), again.quantile(0.99)), (Some(50), Some(99)));
        assert_eq!(Histogram::default().quantile(0.5), None);
    }
}
