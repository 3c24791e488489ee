//! The host of a run on a device: it packages, starts and drives the agent, collects what it wrote, and judges it.

mod collected;
mod horizon;
mod infer;
mod judge;
pub mod knowable;
mod offset;
mod reconcile;

pub use collected::{
    Collected, Death, DeathKind, Exchange, LogWarning, NoTrace, PhoneLine, PhoneLog, Undone,
};
pub use infer::{Inference, Situation, World, infer};
pub use judge::{Judged, Knowledge, conclude};
pub use offset::{ClockRun, Contradiction, Offset, OffsetTable, Within};
pub use reconcile::{Known, Prepared, Reconciled, prepare, reconcile};
