//! The agent on any machine: the model of iOS over TCP sockets of the standard library.
//!
//! The process is the phone, not the app: what the model does to the app (suspends it, ends it, starts it again)
//! happens in the model, and the log says no more of it than a phone's would. `arguments` is the command line, `start`
//! how it begins, `agent` the loop, `phone` the model and the app, `path` its way to the server, `clock`
//! model time, `notes` what of all this a phone would notice.

mod agent;
mod arguments;
mod clock;
mod notes;
mod path;
#[cfg(test)]
mod path_tests;
mod phone;
mod start;

pub use arguments::{Arguments, HELP, Options, parse};
pub use start::{Failure, run};
