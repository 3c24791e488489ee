//! A mean of several runs, and how far it can be trusted.

/// The same share measured in several runs, in millionths.
#[derive(Copy, Clone, PartialEq, Eq, Debug, Default)]
pub struct Sample {
    runs: u64,
    sum: u64,
    squares: u128,
}

/// Student's t for a two-sided interval of 95 %, by degrees of freedom from 1: any table of it.
const T: [f64; 30] = [
    12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160,
    2.145, 2.131, 2.120, 2.110, 2.101, 2.093, 2.086, 2.080, 2.074, 2.069, 2.064, 2.060, 2.056,
    2.052, 2.048, 2.045, 2.042,
];

/// Student's t for `freedom` degrees of freedom, from 1. Beyond the table the normal distribution's 1.96
/// with the first term of its correction: within 0.002 of the true value.
fn t(freedom: u64) -> f64 {
    let place = usize::try_from(freedom).unwrap_or(usize::MAX).saturating_sub(1);
    T.get(place).copied().unwrap_or(1.96 + 2.4 / freedom as f64)
}

impl Sample {
    /// Adds what one run measured.
    pub fn add(&mut self, millionths: u32) {
        self.runs += 1;
        self.sum += u64::from(millionths);
        self.squares += u128::from(millionths) * u128::from(millionths);
    }

    /// How many runs there were.
    pub fn runs(&self) -> u64 {
        self.runs
    }

    /// The mean in millionths, rounded down; 0 of none.
    pub fn mean(&self) -> u32 {
        self.sum.checked_div(self.runs).unwrap_or(0) as u32
    }

    /// Half the width of the 95 % interval of the mean, in millionths, rounded up; `None` of fewer than
    /// two runs. It knows of the chance between runs, and of nothing else.
    pub fn half_width(&self) -> Option<u32> {
        if self.runs < 2 {
            return None;
        }
        let n = u128::from(self.runs);
        // Sums of integers, so that the order of runs does not matter to the last bit.
        let spread = n * self.squares - u128::from(self.sum) * u128::from(self.sum);
        let variance = spread as f64 / (n * (n - 1)) as f64;
        Some((t(self.runs - 1) * (variance / n as f64).sqrt()).ceil() as u32)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(shares: &[u32]) -> Sample {
        let mut sample = Sample::default();
        shares.iter().for_each(|share| sample.add(*share));
        sample
    }

    #[test]
    fn the_interval_is_students() {
        // Mean 20, standard deviation 10, five runs: 2.776 * 10 / sqrt(5) = 12.41.
        let sample = of(&[10, 10, 20, 30, 30]);
        assert_eq!((sample.mean(), sample.half_width()), (20, Some(13)));
        assert_eq!(of(&[500_000; 8]).half_width(), Some(0));
    }

    #[test]
    fn one_run_has_no_interval() {
        assert_eq!(of(&[7]).half_width(), None);
        assert_eq!(of(&[]).mean(), 0);
    }

    #[test]
    fn beyond_the_table_the_value_goes_on_without_a_jump() {
        assert!((t(31) - 2.040).abs() < 0.003 && (t(120) - 1.980).abs() < 0.001);
        assert!((1..200).all(|freedom| t(freedom) >= t(freedom + 1)));
    }
}
