//! The host of a run on a device: it packages, starts and drives the agent, collects what it wrote, and judges it.

mod collected;
pub mod compare;
mod connections;
mod control;
mod crew;
pub mod doctor;
pub mod drive;
mod fake;
mod hearing;
mod horizon;
mod infer;
mod judge;
pub mod knowable;
mod offset;
pub mod package;
mod people;
mod phone_log;
pub mod plan;
mod reconcile;
mod run;
mod stage;
mod tooled;
pub mod tools;
mod way;

pub use collected::{
    Collected, Death, DeathKind, Exchange, LogWarning, NoTrace, PhoneLine, PhoneLog, Undone,
};
pub use control::Refused;
pub use crew::Device;
pub use fake::Fake;
pub use infer::{Inference, Situation, World, infer};
pub use judge::{Judged, Knowledge, conclude};
pub use offset::{ClockRun, Contradiction, Offset, OffsetTable, Within};
pub use reconcile::{Known, Prepared, Reconciled, prepare, reconcile};
pub use run::{Around, Broken, Ended, Failure, Finished, Settings, play};
pub use stage::Word;
pub use tooled::{Tooled, kind_of};
