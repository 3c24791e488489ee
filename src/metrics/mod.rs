//! What a run measured, from events as they pass.

mod metric;

pub use metric::{Metric, MetricInfo, Unit, Value};
