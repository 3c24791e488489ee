//! The built-in app: a connection manager whose behaviour is a strategy.

mod strategy;

pub use strategy::{Dedupe, HandlerAction, InstallWhen, Jitter, Notify, Strategy, TaskEnd};
