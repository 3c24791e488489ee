//! Measured spans, to draw from.

use crate::port::Span;

/// The samples of a file, sorted. A draw takes a quantile of them: between two neighbours it is
/// interpolated linearly, the least sample is the quantile of 0 and the greatest that of 1 (definition 7 of
/// Hyndman and Fan, "Sample Quantiles in Statistical Packages", The American Statistician 50, 1996).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Samples {
    file: String,
    sorted: Vec<Span>,
    hash: u64,
}

impl Samples {
    /// Fewer are not a distribution.
    pub const LEAST: usize = 2;
    /// More tell nothing more.
    pub const MOST: usize = 100_000;

    /// The samples that stand in `file`, in any order.
    ///
    /// # Errors
    /// A sentence when there are too few or too many of them.
    pub fn new(file: impl Into<String>, mut samples: Vec<Span>) -> Result<Samples, String> {
        let (found, most) = (samples.len(), Samples::MOST);
        if found < Samples::LEAST {
            let samples = if found == 1 { "sample" } else { "samples" };
            return Err(format!("{found} {samples} found; write {} or more", Samples::LEAST));
        }
        if found > most {
            let most = super::grouped(most as u64);
            return Err(format!("more than {most} samples; keep {most} or fewer"));
        }
        samples.sort_unstable();
        // FNV-1a, the same on every machine, as for the profile of a run.
        let hash = samples
            .iter()
            .flat_map(|span| span.as_micros().to_le_bytes())
            .fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| {
                (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
            });
        Ok(Samples { file: file.into(), sorted: samples, hash })
    }

    /// The file they stand in, as the scenario names it.
    pub fn file(&self) -> &str {
        &self.file
    }

    /// A hash of the samples themselves: two files of one name differ by it.
    pub fn hash(&self) -> u64 {
        self.hash
    }

    /// The quantile that belongs to `draw`, in whole microseconds; no float is involved.
    pub(super) fn sample(&self, draw: u64) -> Span {
        let place = u128::from(draw) * (self.sorted.len() as u128 - 1);
        let (index, part) = ((place >> 64) as usize, u128::from(place as u64));
        let (low, high) = (self.sorted[index], self.sorted[index + 1]);
        let width = u128::from((high - low).as_micros());
        low + Span::from_micros(((width * part) >> 64) as u64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn samples(millis: &[u64]) -> Samples {
        Samples::new("x.csv", millis.iter().copied().map(Span::from_millis).collect()).unwrap()
    }

    #[test]
    fn a_draw_is_interpolated_between_the_sorted_samples() {
        let samples = samples(&[80, 20, 40]);
        let at = |part: f64| samples.sample((part * u64::MAX as f64) as u64).as_micros();
        assert_eq!(at(0.0), 20_000);
        assert!(at(0.25).abs_diff(30_000) <= 1 && at(0.5).abs_diff(40_000) <= 1);
        assert!(at(0.75).abs_diff(60_000) <= 1);
        assert!(samples.sample(u64::MAX) <= Span::from_millis(80));
    }

    #[test]
    fn the_hash_tells_other_samples_apart_and_not_their_order() {
        assert_eq!(samples(&[1, 2, 3]).hash(), samples(&[3, 1, 2]).hash());
        assert_ne!(samples(&[1, 2, 3]).hash(), samples(&[1, 2, 4]).hash());
    }

    #[test]
    fn too_few_or_too_many_samples_are_refused() {
        let of = |n: usize| Samples::new("x.csv", vec![Span::TICK; n]);
        assert_eq!(of(1).unwrap_err(), "1 sample found; write 2 or more");
        assert!(of(2).is_ok() && of(Samples::MOST).is_ok());
        assert!(of(Samples::MOST + 1).unwrap_err().contains("more than 100,000 samples"));
    }
}
