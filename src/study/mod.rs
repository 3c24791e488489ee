//! Many runs: the same days in a life for every client, and what came of them.
//!
//! `life` draws what happens, and `day` writes it as a scenario ([`Choice::text`]). `trial` plays one run of it,
//! and `tally` counts what that was like beyond the metrics: what the unreachable time was spent in (`blame`),
//! how late pushes were, what ended the app. `advice` plays the days again with changes. `matrix` says which
//! runs are to be made and sums them up, each share as a `sample`. `compare` puts two runs under one another, `baseline` a run and what is stored of it. Who plays the runs, in what order and on
//! how many threads, is the caller's business and changes nothing.

pub mod baseline;
pub mod compare;

mod advice;
mod blame;
mod day;
mod life;
mod matrix;
mod sample;
mod tally;
mod trial;

pub use advice::{Advice, WORTH_A_WORD, advise};
pub use blame::{Blame, most_first};
pub use day::{Choice, MOST_DAYS, Sdk, clock};
pub use life::{A_DAY, Happening, Moment, life};
pub use matrix::{BAD, Cell, MOST_RUNS, Matrix, Plan, Stop, Way, telling_ways};
pub use sample::Sample;
pub use tally::{Outage, Refused, Tally};
pub use trial::{ENOUGH_FOR_P99, Quantile, Trial, quantile, trial};
