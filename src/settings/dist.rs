//! Spans that vary. A draw is a uniform `u64` handed in; the result is whole microseconds, the same
//! on every machine: the one transcendental path goes through `libm`.

use super::{DURATION, Form, Kind, SPAN_UNITS, Scalar, Setting, TWO_SPANS};
use crate::port::Span;

/// How a span is distributed.
#[derive(Copy, Clone, PartialEq, Debug)]
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
}

impl Default for Dist {
    fn default() -> Self {
        Dist::Constant(Span::ZERO)
    }
}

/// The 95th percentile of the standard normal distribution.
const Z95: f64 = 1.644_853_626_951_472_2;

impl Dist {
    /// The log-normal distribution with this median, above zero, and 95th percentile, at least the median.
    pub fn log_normal(median: Span, p95: Span) -> Dist {
        let ratio = p95.as_micros() as f64 / median.as_micros().max(1) as f64;
        Dist::LogNormal { median, p95, sigma: libm::log(ratio) / Z95 }
    }

    /// The span that belongs to `draw`, a uniform value over all of `u64`.
    #[inline]
    pub fn sample(&self, draw: u64) -> Span {
        match *self {
            Dist::Constant(span) => span,
            Dist::Uniform(from, to) => {
                let width = (to - from).as_micros();
                from + Span::from_micros(((u128::from(draw) * u128::from(width)) >> 64) as u64)
            }
            Dist::LogNormal { median, sigma, .. } => {
                // 52 bits, centred in their cell, so that neither end reaches an infinite quantile.
                let p = ((draw >> 12) as f64 + 0.5) / (1u64 << 52) as f64;
                let factor = libm::exp(sigma * normal_quantile(p));
                Span::from_micros(libm::round(median.as_micros() as f64 * factor) as u64)
            }
        }
    }

    /// The middle of the distribution.
    pub fn median(&self) -> Span {
        match *self {
            Dist::Constant(span) => span,
            Dist::Uniform(from, to) => Span::from_micros(from.as_micros() / 2 + to.as_micros() / 2),
            Dist::LogNormal { median, .. } => median,
        }
    }
}

/// The quantile of the standard normal distribution by P. J. Acklam's rational approximation
/// (relative error below 1.2e-9, far below a microsecond here).
fn normal_quantile(p: f64) -> f64 {
    const A: [f64; 6] = [
        -3.969_683_028_665_376e1,
        2.209_460_984_245_205e2,
        -2.759_285_104_469_687e2,
        1.383_577_518_672_69e2,
        -3.066_479_806_614_716e1,
        2.506_628_277_459_239,
    ];
    const B: [f64; 5] = [
        -5.447_609_879_822_406e1,
        1.615_858_368_580_409e2,
        -1.556_989_798_598_866e2,
        6.680_131_188_771_972e1,
        -1.328_068_155_288_572e1,
    ];
    const C: [f64; 6] = [
        -7.784_894_002_430_293e-3,
        -3.223_964_580_411_365e-1,
        -2.400_758_277_161_838,
        -2.549_732_539_343_734,
        4.374_664_141_464_968,
        2.938_163_982_698_783,
    ];
    const D: [f64; 4] = [
        7.784_695_709_041_462e-3,
        3.224_671_290_700_398e-1,
        2.445_134_137_142_996,
        3.754_408_661_907_416,
    ];
    let polynomial = |c: &[f64], x: f64| c.iter().fold(0.0, |sum, c| sum * x + c);
    let tail = |q: f64| polynomial(&C, q) / (polynomial(&D, q) * q + 1.0);
    if p < 0.024_25 {
        tail(libm::sqrt(-2.0 * libm::log(p)))
    } else if p > 1.0 - 0.024_25 {
        -tail(libm::sqrt(-2.0 * libm::log(1.0 - p)))
    } else {
        let q = p - 0.5;
        let r = q * q;
        polynomial(&A, r) * q / (polynomial(&B, r) * r + 1.0)
    }
}

impl Setting for Dist {
    const KIND: Kind = Kind::of(
        "duration or distribution",
        "\"uniform(20ms, 80ms)\"",
        &[Form::Text(DURATION), Form::Text(TWO_SPANS)],
    )
    .in_unit(SPAN_UNITS);

    fn read(value: &Scalar) -> Result<Self, String> {
        let Scalar::Text(text) = value else { return Span::read(value).map(Dist::Constant) };
        let Some((name, rest)) = text.split_once('(') else {
            return Span::parse(text).map(Dist::Constant);
        };
        let wrong = |why: &str| {
            format!(
                "{why}; write \"40ms\", \"uniform(20ms, 80ms)\" or \"lognormal(35ms, 230ms)\" \
                 (median, 95th percentile)"
            )
        };
        let (a, b) = rest
            .strip_suffix(')')
            .and_then(|inner| inner.split_once(','))
            .ok_or_else(|| wrong(&format!("`{text}` is not a distribution")))?;
        let (a, b) = (Span::parse(a)?, Span::parse(b)?);
        match name.trim() {
            "uniform" if a <= b => Ok(Dist::Uniform(a, b)),
            "uniform" => Err(wrong("the first value of `uniform` is the smaller one")),
            "lognormal" if a <= b && a > Span::ZERO => Ok(Dist::log_normal(a, b)),
            "lognormal" => {
                Err(wrong("`lognormal` needs a median above zero and a larger 95th percentile"))
            }
            other => Err(wrong(&format!("`{other}` is not a distribution"))),
        }
    }

    fn show(&self) -> String {
        match self {
            Dist::Constant(span) => span.to_string(),
            Dist::Uniform(a, b) => format!("uniform({a}, {b})"),
            Dist::LogNormal { median, p95, .. } => format!("lognormal({median}, {p95})"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_uniform_draw_stays_inside_its_bounds() {
        let dist = Dist::Uniform(Span::from_millis(20), Span::from_millis(80));
        assert_eq!(dist.sample(0), Span::from_millis(20));
        assert!(dist.sample(u64::MAX) < Span::from_millis(80));
    }

    #[test]
    fn a_lognormal_meets_its_median_and_its_95th_percentile() {
        let dist = Dist::log_normal(Span::from_millis(35), Span::from_millis(230));
        assert_eq!(dist.sample(u64::MAX / 2), Span::from_millis(35));
        let p95 = dist.sample((u64::MAX / 100) * 95).as_micros();
        assert!(p95.abs_diff(230_000) < 10, "{p95}");
    }

    #[test]
    fn distributions_read_back_as_they_are_shown() {
        for text in ["40ms", "uniform(20ms, 80ms)", "lognormal(35ms, 230ms)"] {
            let dist = Dist::read(&Scalar::Text(text.into())).unwrap();
            assert_eq!(dist.show(), text);
        }
        assert!(Dist::read(&Scalar::Text("uniform(80ms, 20ms)".into())).is_err());
        assert!(Dist::read(&Scalar::Text("zipf(1s, 2s)".into())).is_err());
    }
}
