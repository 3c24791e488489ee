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
//! | `repl` | a session that steers a scenario by hand (feature `cli`) |
//! | [`device`] | the same client on a phone: the agent there, and its host here |
//! | `explain` | what a name or a crash report means, by facts and by scenarios played (feature `cli`) |
//! | `live` | real sockets: the push server, the fault proxy, scenarios over them (feature `live`) |
//! | [`study`] | many runs: the same days in a life for every client, and what came of them |
//! | [`run`] | a scenario's steps into inputs of the rooms, its expectations against the events |
//! | [`sim`] | the virtual-time kernel: devices, what they share, one order of events |
//! | [`scenario`] | the scenario language: TOML in, a checked [`Scenario`](scenario::Scenario) out |
//! | [`metrics`] | what a run measured, from events as they pass |
//! | [`server`] | the push server's core: sessions, offline queue, heartbeats, registrations |
//! | [`client`] | the built-in app: a connection manager whose behaviour is a strategy |
//! | [`os`] | iOS rules: lifecycle, leases, keep-alive, streams, sound, kills, relaunch, sleep |
//! | [`net`] | link, NAT, TCP at connection level, UDP sockets, radio energy |
//! | [`platform`] | what each iOS version allows, as data with sources |
//! | [`trace`] | the table of events, JSON Lines, observers, patterns |
//! | [`wire`] | the line protocol of the real server, as bytes |
//! | [`settings`], [`port`] | typed keys; the vocabulary: [`App`](port::App), [`Phone`](port::Phone), time |
//!
//! All rooms below `live` are plain state machines and data: they read no clock, open no socket and draw
//! no randomness that was not handed to them. They build alone with `--no-default-features`.
//!
//! # A run
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
//!
//! # Your own client
//!
//! A client is an [`App`](port::App): it is given a [`Callback`](port::Callback) at a time and asks the
//! [`Phone`](port::Phone) for what iOS would give it. [`run::play_app`] puts it through a scenario, and the
//! [`Outcome`](run::Outcome) holds the verdict, what was measured, by [`Metric`](metrics::Metric), and the
//! events if they were asked for. `examples/custom_app.rs` is a whole one.
//!
//! ```
//! use holdline::metrics::{Metric, Value};
//! use holdline::port::{App, Callback, Phone, RunLoop, ServiceType};
//! use holdline::run::{Options, play_app};
//! use holdline::scenario::{Presets, decode};
//!
//! /// Opens a connection at launch, and that is all it does.
//! struct Opens;
//!
//! impl App for Opens {
//!     fn on(&mut self, callback: Callback, phone: &mut impl Phone) {
//!         if let Callback::Launched(_) = callback {
//!             let pair = phone.create_stream();
//!             for stream in [pair.read(), pair.write()] {
//!                 phone.set_service_type(stream, ServiceType::Voip);
//!                 phone.set_client(stream);
//!                 phone.schedule(stream, RunLoop::Main);
//!                 phone.open(stream);
//!             }
//!         }
//!     }
//!
//!     fn forget(&mut self) {}
//! }
//!
//! let text = "name = \"a minute\"\nduration = \"1m\"";
//! let scenario = decode(text, &Presets::built_in(), &[]).expect("a valid scenario");
//! let outcome = play_app(&scenario, Options::of(&scenario), |_device| Opens);
//! assert_eq!(outcome.totals.value(Metric::Connects), Some(Value::Count(1)));
//! ```

pub mod client;
pub mod device;
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
pub mod study;
pub mod trace;
pub mod wire;

#[cfg(feature = "cli")]
pub mod cli;
#[cfg(feature = "cli")]
pub mod explain;
#[cfg(feature = "live")]
pub mod live;
#[cfg(feature = "cli")]
pub mod repl;
#[cfg(feature = "cli")]
pub mod report;
