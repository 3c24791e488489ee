//! The built-in app: a connection manager whose behaviour is a strategy.
//!
//! [`Client`] answers callbacks (`app`) as its [`Strategy`] says. One file a concern: `connection` making,
//! reading and losing it, `over_socket` streams over a connected socket, `second` another connection,
//! `reconnect` the way back, `keep_alive` the handler, `ping` whether anybody is there, `pushes` and `seen`
//! what came, `tasks` background tasks, `timers` the names of timers. `strategy` has the keys, `strategies` the
//! bundled ones, `snippet` the published code that some of them stand for.

mod app;
mod connection;
#[cfg(test)]
mod fake_phone;
mod keep_alive;
mod over_socket;
mod ping;
mod pushes;
mod reconnect;
mod second;
mod seen;
mod snippet;
mod strategies;
mod strategy;
mod tasks;
#[cfg(test)]
mod tests;
mod timers;

pub use app::Client;
pub use snippet::{Snippet, SnippetCall, snippet};
pub use strategies::STRATEGIES;
pub use strategy::{Dedupe, HandlerAction, InstallWhen, Jitter, Notify, Strategy, TaskEnd};
pub use timers::timer_meaning;
