//! The virtual-time kernel: devices that each hold all that concerns them, the part of the server they
//! share, and one order of events by (time, owner, sequence).
//!
//! Time only moves from one thing that is due to the next. Devices meet in nothing but the shared server's
//! schedule, so a world of one device gives the same events as that device among many.

mod device;
mod shared;
mod world;

pub use device::{Device, Moment, Setup};
pub use shared::Shared;
pub use world::World;
