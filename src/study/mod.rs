//! Many runs: the same days in a life for every client, and what came of them.
//!
//! [`Choice::text`] writes such days as a scenario; [`Tally`] counts what one run of it was like beyond
//! the metrics; [`Matrix`] says which runs are to be made and sums them up. Who plays the runs, in what order and on how many threads, is the caller's business and
//! changes nothing.

mod advice;
mod blame;
mod day;
mod life;
mod matrix;
mod sample;
mod tally;
mod trial;

pub use advice::{Advice, WORTH_A_WORD, advise};
pub use blame::Blame;
pub use day::{Choice, MOST_DAYS, Sdk, clock};
pub use life::{A_DAY, Happening, Moment, life};
pub use matrix::{BAD, Cell, MOST_RUNS, Matrix, Plan, Stop, Way, telling_ways};
pub use sample::Sample;
pub use tally::{Outage, Refused, Tally};
pub use trial::{ENOUGH_FOR_P99, Quantile, Trial, quantile, trial};
