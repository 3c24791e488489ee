//! The app on the phone: its log, its way to the host, and the client on a [`Backend`](super::Backend).

pub mod control;
pub mod life;
pub mod log;
pub mod orders;
pub mod pieces;
