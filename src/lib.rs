//! Will this client stay reachable when iOS puts it to sleep, how soon will it notice when it is not,
//! and what does that cost?
pub mod client;
pub mod metrics;
pub mod net;
pub mod os;
pub mod platform;
pub mod port;
pub mod run;
pub mod scenario;
pub mod server;
pub mod settings;
pub mod sim;
pub mod trace;

#[cfg(feature = "cli")]
pub mod cli;
#[cfg(feature = "cli")]
pub mod report;
