//! The built-in app: a connection manager whose behaviour is a strategy.

mod app;
mod connection;
#[cfg(test)]
mod fake_phone;
mod keep_alive;
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
