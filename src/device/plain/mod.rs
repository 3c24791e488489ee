//! A [`Backend`](super::Backend) on any machine, over TCP sockets of the standard library and without a model of iOS.
//!
//! There is no life cycle, nothing is suspended and nothing of the legacy VoIP architecture is there: a VoIP service
//! type is not taken, a keep-alive handler is not installed. What is left is the foreground path of streams and
//! timers, over a real network. `backend` is what an agent asks of it, `pairs` the streams and what they owe the app,
//! `run` the main loop.

mod backend;
mod pairs;
mod run;

pub use backend::Plain;
pub use run::run_for;
