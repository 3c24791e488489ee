//! The push server behind real listeners. The rules of a session are the room `server`'s; here are sockets,
//! bounds, the store and what can be asked of a running server.
//!
//! One thread does everything: a readiness loop over `mio`, and not a task for each connection, because an idle
//! connection is to cost next to nothing. It has no buffer while it is idle.
//!
//! | file | what |
//! | --- | --- |
//! | `hub` | every connection and every session, one turn at a time |
//! | `listen`, `accept` | listeners; who is accepted, and exhausted descriptors |
//! | `traffic`, `ending` | what comes and goes; how connections end |
//! | `connection`, `transport` | one connection; TLS and WebSocket between its bytes and its lines |
//! | `said` | what is said on a connection |
//! | `devices` | names, numbers, sessions, when they are due |
//! | `pushes`, `storage` | pushes on their way into the server, and the seam to a store |
//! | `payloads`, `deliveries` | what they say, and their way to the sessions |
//! | `numbers` | maps by the server's own numbers |
//! | `store` | the store in a file |
//! | `commands`, `api`, `handle` | what can be asked of a running server |
//! | `serve` | the thread of a running server |
//! | `journal`, `stats` | events: counted, logged, noted |
//! | `certificate` | the certificate for TLS |
//! | `config`, `limits` | what it is told when it is made; what it holds at most |

mod accept;
pub mod api;
pub mod certificate;
mod commands;
mod config;
mod connection;
mod deliveries;
mod devices;
mod ending;
mod handle;
mod hub;
mod journal;
mod limits;
mod listen;
mod numbers;
mod payloads;
mod pushes;
mod said;
mod serve;
mod stats;
pub mod storage;
pub mod store;
mod traffic;
mod transport;

pub use config::Config;
pub use handle::Handle;
pub use hub::Hub;
pub use journal::{Journal, Tap};
pub use limits::Limits;
pub use listen::Kind;
#[allow(unused_imports, reason = "the control API compares its token by it")]
pub(crate) use said::same;
pub use serve::{Running, spawn};
