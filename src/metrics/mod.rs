//! What a run measured, from events as they pass. All sums are integers, so that measurements of parts
//! merge into the measurement of the whole whatever the order.

mod meter;
mod metric;
mod outage;
mod pushes;
mod reach;

pub use meter::{KillRecord, Meter, Totals};
pub use metric::{Better, Metric, MetricInfo, Unit, Value};
pub use outage::Delays;
pub use pushes::PushRecord;
