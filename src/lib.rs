//! Will this client stay reachable when iOS puts it to sleep, how soon will it notice when it is not,
//! and what does that cost?
//!
//! holdline puts a client that holds a connection through the iOS lifecycle (background, suspension,
//! keep-alive handlers, wakes, kills, relaunches) while the network drops, NATs forget and servers
//! restart. Everything is described in TOML scenarios and replayed deterministically in virtual time.
//!
//! # The rooms
//!
//! A folder is a room with one job, and imports run downwards only:
//!
//! | room | job |
//! | --- | --- |
//! | `cli`, `report` | the command line; readers of a run (feature `cli`) |
//! | [`run`] | a scenario's steps into inputs of the rooms, its expectations against the events |
//! | [`sim`] | the virtual-time kernel: devices, what they share, one order of events |
//! | [`scenario`] | the scenario language: TOML in, a checked [`Scenario`](scenario::Scenario) out |
//! | [`metrics`] | what a run measured, from events as they pass |
//! | [`server`] | the push server's core: sessions, offline queue, heartbeats |
//! | [`client`] | the built-in app: a connection manager whose behaviour is a strategy |
//! | [`os`] | iOS rules: lifecycle, leases, keep-alive, streams, kills, relaunch, sleep |
//! | [`net`] | link, NAT, TCP at connection level, radio energy |
//! | [`platform`] | what each iOS version allows, as data with sources |
//! | [`trace`] | the table of events, JSON Lines, observers, patterns |
//! | [`settings`], [`port`] | typed keys; the vocabulary: [`App`](port::App), [`Phone`](port::Phone), time |
//!
//! All rooms below `cli` are plain state machines and data: they read no clock, open no socket and draw
//! no randomness that was not handed to them. They build alone with `--no-default-features`.
//!
//! # Your own client
//!
//! Implement [`port::App`] and hand it to [`run::play_app`]: see `examples/custom_app.rs`.
//!
//! ```
//! use holdline::run::{Options, Verdict, play};
//! use holdline::scenario::{Presets, decode};
//!
//! let text = r#"
//!     name = "a push reaches the suspended app"
//!     duration = "5m"
//!     [[step]]
//!     at = "10s"
//!     do = "user.background"
//!     [[step]]
//!     at = "2m"
//!     do = "server.push"
//!     push = "invite"
//!     [[expect]]
//!     that = "push-notified"
//!     push = "invite"
//!     within = "1s"
//! "#;
//! let scenario = decode(text, &Presets::built_in(), &[]).expect("a valid scenario");
//! let outcome = play(&scenario, Options::of(&scenario));
//! assert_eq!(outcome.verdict, Verdict::Pass);
//! ```

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
