//! Measures the push server against a bare echo server, on the same machine and in the same run.
//!
//! `measure` starts servers and generators as child processes (`child`) and gives the generators orders
//! (`orders`); a generator (`generator`, `phases`) drives its connections (`pool`) with bare bytes
//! (`target`), counts every delivery once, and answers with a `histogram` of latencies. `machine` says what
//! processes took, `rows` what is measured, `report` what came of it. `echo` is the other server. `plan`
//! checks that descriptors suffice; `clock` is one time for all processes; `error` says why nothing could
//! be measured.

mod child;
mod clock;
mod echo;
mod error;
mod generator;
mod histogram;
mod machine;
mod measure;
mod orders;
mod phases;
mod plan;
mod pool;
mod report;
mod rows;
mod target;

pub use echo::serve_echo;
pub use error::BenchError;
pub use generator::generate;
pub use machine::Machine;
pub use plan::{Plan, Server};
pub use report::{Line, Report, Spread};

use orders::Kind;

/// Measures as `plan` says, echo server and push server in turns; `step` hears what is being done.
pub fn bench(plan: &Plan, mut step: impl FnMut(&str)) -> Result<Report, BenchError> {
    let shares = plan.shares()?;
    let children = child::Children::default();
    let _interruptible = child::interruptible(&children)?;
    let mut samples = Vec::new();
    for run in 1..=plan.runs {
        for kind in [Kind::Echo, Kind::Holdline] {
            step(&format!("run {run} of {}: {}", plan.runs, kind.name()));
            match measure::measure(plan, shares, kind, &children) {
                Ok(sample) => samples.push((kind, sample)),
                Err(_) if children.interrupted() => return Err(BenchError::Interrupted),
                Err(BenchError::Failed(why)) => {
                    return Err(BenchError::Failed(format!("{} server: {why}", kind.name())));
                }
                Err(
                    error @ (BenchError::Options(_)
                    | BenchError::Descriptors { .. }
                    | BenchError::Io { .. }
                    | BenchError::Interrupted),
                ) => return Err(error),
            }
        }
    }
    Ok(Report::of(plan, shares, &samples))
}
