//! A phone's log beside the model, for people and for programs.

mod json;
mod text;

use crate::device::host::compare::Compared;
use crate::device::host::{LogWarning, PhoneLog};
use crate::scenario::Scenario;

pub use json::json;
pub use text::text;

/// What is told.
#[derive(Copy, Clone, Debug)]
pub struct Told<'t> {
    /// The log's file, as the command line names it.
    pub file: &'t str,
    /// The scenario's.
    pub scenario_file: &'t str,
    /// The log.
    pub log: &'t PhoneLog,
    /// What was wrong with it.
    pub warnings: &'t [LogWarning],
    /// The scenario.
    pub scenario: &'t Scenario,
    /// What came out.
    pub compared: &'t Compared,
}
