//! Spans that vary. A draw is a uniform `u64` handed in; the result is whole microseconds, the same
//! on every machine: every transcendental path goes through `libm`.

use std::sync::Arc;

use super::quantile::{exponential_quantile, normal_quantile, probability};
use super::{Choice, Samples};
use crate::port::Span;

/// How a span is distributed.
#[derive(Clone, PartialEq, Debug)]
pub enum Dist {
    /// Always the same: `"40ms"`.
    Constant(Span),
    /// Every value from the first up to, not including, the second alike: `"uniform(20ms, 80ms)"`.
    Uniform(Span, Span),
    /// Log-normal, given by its median and its 95th percentile: `"lognormal(35ms, 230ms)"`. Made by
    /// [`Dist::log_normal`].
    LogNormal {
        /// Half of all values are below it.
        median: Span,
        /// 95 of 100 values are below it.
        p95: Span,
        /// The standard deviation of the logarithm, which follows from the two.
        sigma: f64,
    },
    /// Normal; what would be negative is zero: `"normal(40ms, 10ms)"`.
    Normal {
        /// The mean of what is drawn before negative values become zero.
        mean: Span,
        /// Its standard deviation.
        deviation: Span,
    },
    /// Exponential, as the time between things that happen by chance: `"exponential(10m)"`.
    Exponential {
        /// The mean.
        mean: Span,
    },
    /// One of a few values: `"choice(90%: 40ms, 10%: 2s)"`.
    Choice(Arc<Choice>),
    /// As measured: `"empirical(latency.csv)"`.
    Empirical(Arc<Samples>),
}

impl Default for Dist {
    fn default() -> Self {
        Dist::Constant(Span::ZERO)
    }
}

/// The 95th percentile of the standard normal distribution.
const Z95: f64 = 1.644_853_626_951_472_2;

/// The longest span that is drawn, which is the longest that can be written.
const LONGEST: Span = Span::from_micros(u64::MAX / 4 - 1);

/// The only way from a float to the clock: whole microseconds, nothing below zero or beyond what holdline can count.
#[inline]
fn rounded(micros: f64) -> Span {
    Span::from_micros(libm::round(micros) as u64).min(LONGEST)
}

impl Dist {
    /// The log-normal distribution with this median, above zero, and 95th percentile, at least the median.
    pub fn log_normal(median: Span, p95: Span) -> Dist {
        let ratio = p95.as_micros() as f64 / median.as_micros().max(1) as f64;
        Dist::LogNormal { median, p95, sigma: libm::log(ratio) / Z95 }
    }

    /// The span that belongs to `draw`, a uniform value over all of `u64`.
    #[inline]
    pub fn sample(&self, draw: u64) -> Span {
        match self {
            Dist::Constant(span) => *span,
            Dist::Uniform(from, to) => {
                let width = (*to - *from).as_micros();
                *from + Span::from_micros(((u128::from(draw) * u128::from(width)) >> 64) as u64)
            }
            Dist::LogNormal { median, sigma, .. } => {
                let factor = libm::exp(sigma * normal_quantile(probability(draw)));
                rounded(median.as_micros() as f64 * factor)
            }
            Dist::Normal { mean, deviation } => {
                let z = normal_quantile(probability(draw));
                rounded(mean.as_micros() as f64 + deviation.as_micros() as f64 * z)
            }
            Dist::Exponential { mean } => {
                rounded(mean.as_micros() as f64 * exponential_quantile(probability(draw)))
            }
            Dist::Choice(choice) => choice.sample(draw),
            Dist::Empirical(samples) => samples.sample(draw),
        }
    }

    /// The middle of the distribution.
    pub fn median(&self) -> Span {
        match self {
            Dist::Constant(span) => *span,
            Dist::Uniform(from, to) => Span::from_micros(from.as_micros() / 2 + to.as_micros() / 2),
            Dist::LogNormal { median, .. } => *median,
            Dist::Normal { mean, .. } => *mean,
            Dist::Choice(choice) => choice.median(),
            Dist::Exponential { .. } | Dist::Empirical(_) => self.sample(u64::MAX / 2),
        }
    }

    /// The value, if it is always the same.
    pub fn constant(&self) -> Option<Span> {
        match self {
            Dist::Constant(span) => Some(*span),
            Dist::Uniform(..)
            | Dist::LogNormal { .. }
            | Dist::Normal { .. }
            | Dist::Exponential { .. }
            | Dist::Choice(_)
            | Dist::Empirical(_) => None,
        }
    }

    /// The shortest span that can be drawn.
    pub fn least(&self) -> Span {
        match self {
            Dist::Choice(choice) => choice.bounds().0,
            // The greater the draw, the longer the span.
            Dist::Constant(_)
            | Dist::Uniform(..)
            | Dist::LogNormal { .. }
            | Dist::Normal { .. }
            | Dist::Exponential { .. }
            | Dist::Empirical(_) => self.sample(0),
        }
    }

    /// The longest span that can be drawn; `None` when the distribution has no end.
    pub fn most(&self) -> Option<Span> {
        match self {
            Dist::Choice(choice) => Some(choice.bounds().1),
            Dist::Constant(_) | Dist::Uniform(..) | Dist::Empirical(_) => {
                Some(self.sample(u64::MAX))
            }
            Dist::LogNormal { .. } | Dist::Normal { .. } | Dist::Exponential { .. } => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::port::{Draws, Purpose, Time};
    use crate::settings::Share;

    const N: u64 = 20_000;

    fn ms(n: u64) -> Span {
        Span::from_millis(n)
    }

    /// Many draws as a run makes them, sorted.
    fn many(dist: &Dist) -> Vec<u64> {
        let draws = Draws::new(1, 1);
        let draw = |n| draws.draw(Purpose::Latency, Time::from_micros(n), 0);
        let mut all: Vec<u64> = (0..N).map(|n| dist.sample(draw(n)).as_micros()).collect();
        all.sort_unstable();
        all
    }

    fn mean(all: &[u64]) -> u64 {
        all.iter().sum::<u64>() / all.len() as u64
    }

    fn quantile(all: &[u64], percent: usize) -> u64 {
        all[all.len() * percent / 100]
    }

    /// Whether `found` is within 3 % of `wanted`: four standard errors of the widest of these or more.
    fn near(found: u64, wanted: u64) -> bool {
        found.abs_diff(wanted) * 100 <= wanted * 3
    }

    fn samples(millis: &[u64]) -> Dist {
        let spans = millis.iter().copied().map(ms).collect();
        Dist::Empirical(Arc::new(Samples::new("x.csv", spans).unwrap()))
    }

    fn choice(items: &[(u32, u64)]) -> Dist {
        let item = |&(percent, n): &(u32, u64)| (Some(Share::from_ppm(percent * 10_000)), ms(n));
        Dist::Choice(Arc::new(Choice::new(items.iter().map(item).collect()).unwrap()))
    }

    #[test]
    fn a_uniform_draw_stays_inside_its_bounds() {
        let dist = Dist::Uniform(ms(20), ms(80));
        assert_eq!(dist.sample(0), ms(20));
        assert!(dist.sample(u64::MAX) < ms(80));
        assert!(near(mean(&many(&dist)), 50_000));
    }

    #[test]
    fn a_lognormal_meets_its_median_and_its_95th_percentile() {
        let dist = Dist::log_normal(ms(35), ms(230));
        assert_eq!(dist.sample(u64::MAX / 2), ms(35));
        let p95 = dist.sample((u64::MAX / 100) * 95).as_micros();
        assert!(p95.abs_diff(230_000) < 10, "{p95}");
    }

    #[test]
    fn a_normal_meets_its_mean_and_its_deviation() {
        let all = many(&Dist::Normal { mean: ms(40), deviation: ms(10) });
        assert!(near(mean(&all), 40_000), "{}", mean(&all));
        // One standard deviation to each side are the 15.87 and the 84.13 percentile.
        assert!(near(quantile(&all, 16), 30_055) && near(quantile(&all, 84), 49_945));
    }

    #[test]
    fn a_normal_draw_below_zero_is_zero() {
        let all = many(&Dist::Normal { mean: ms(10), deviation: ms(10) });
        let zero = all.iter().filter(|micros| **micros == 0).count() as u64;
        // 15.87 % are below the mean by more than a standard deviation.
        assert!(zero.abs_diff(N * 1_587 / 10_000) < N / 100, "{zero}");
    }

    #[test]
    fn an_exponential_meets_its_mean_and_its_median() {
        let dist = Dist::Exponential { mean: ms(100) };
        let all = many(&dist);
        assert!(near(mean(&all), 100_000), "{}", mean(&all));
        assert!(near(quantile(&all, 50), 69_315) && near(quantile(&all, 95), 299_573));
        assert_eq!(dist.median().as_millis(), 69);
    }

    #[test]
    fn a_choice_draws_each_value_as_often_as_its_share_says() {
        let all = many(&choice(&[(90, 40), (10, 2_000)]));
        let rare = all.iter().filter(|micros| **micros == 2_000_000).count() as u64;
        assert!(rare.abs_diff(N / 10) < N / 100, "{rare}");
        assert_eq!(all.iter().filter(|micros| **micros == 40_000).count() as u64, N - rare);
    }

    #[test]
    fn samples_are_drawn_as_they_were_measured() {
        let all = many(&samples(&[10, 20, 30, 40, 1_000]));
        assert!(near(quantile(&all, 25), 20_000) && near(quantile(&all, 50), 30_000));
        assert!(all[0] >= 10_000 && *all.last().unwrap() <= 1_000_000);
    }

    #[test]
    fn every_draw_lies_between_the_least_and_the_most() {
        for dist in [
            Dist::Constant(ms(5)),
            Dist::Uniform(ms(20), ms(80)),
            Dist::Uniform(ms(20), ms(20)),
            Dist::log_normal(ms(35), ms(230)),
            Dist::Normal { mean: ms(40), deviation: ms(10) },
            Dist::Exponential { mean: ms(100) },
            choice(&[(50, 40), (20, 2_000), (30, 3)]),
            samples(&[30, 7, 10]),
        ] {
            let all = many(&dist);
            assert!(Span::from_micros(all[0]) >= dist.least(), "{dist:?}");
            if let Some(most) = dist.most() {
                assert!(Span::from_micros(all[all.len() - 1]) <= most, "{dist:?}");
            }
            assert!(near(quantile(&all, 50), dist.median().as_micros()), "{dist:?}");
        }
    }

    #[test]
    fn the_longest_spans_there_are_do_not_overflow() {
        for dist in [
            Dist::Uniform(Span::ZERO, LONGEST),
            Dist::log_normal(Span::TICK, LONGEST),
            Dist::log_normal(LONGEST, LONGEST),
            Dist::Normal { mean: LONGEST, deviation: LONGEST },
            Dist::Exponential { mean: LONGEST },
            Dist::Empirical(Arc::new(Samples::new("x.csv", vec![Span::ZERO, LONGEST]).unwrap())),
        ] {
            for draw in [0, 1, u64::MAX / 2, u64::MAX - 1, u64::MAX] {
                assert!(dist.sample(draw) <= LONGEST, "{dist:?}");
            }
        }
        assert_eq!(Dist::Exponential { mean: LONGEST }.sample(u64::MAX), LONGEST);
    }

    /// What is drawn is part of every trace: these never change.
    #[test]
    fn draws_are_the_same_on_every_machine() {
        let draw = 0xd1b5_4a32_d192_ed03;
        let micros = |dist: Dist| dist.sample(draw).as_micros();
        let found = [
            micros(Dist::Uniform(ms(20), ms(80))),
            micros(Dist::log_normal(ms(35), ms(230))),
            micros(Dist::Normal { mean: ms(40), deviation: ms(10) }),
            micros(Dist::Exponential { mean: ms(100) }),
            micros(choice(&[(50, 40), (20, 2_000), (30, 3)])),
            micros(samples(&[30, 7, 10])),
        ];
        assert_eq!(found, [69_150, 99_433, 49_122, 171_021, 3_000, 22_766]);
    }
}
