//! What a server is told when it is made.

use std::sync::Arc;

use super::limits::Limits;
use crate::server::ServerOptions;

/// What a server is told when it is made.
pub struct Config {
    /// The rules of sessions.
    pub options: ServerOptions,
    /// What it holds at most.
    pub limits: Limits,
    /// The certificate, where TLS is listened for.
    pub tls: Option<Arc<rustls::ServerConfig>>,
    /// What publishers have to know; without one nobody publishes over a connection.
    pub token: Option<String>,
    /// Devices whose numbers are given.
    pub known: Vec<(String, u32)>,
}

impl Config {
    /// A server with these rules, the default bounds, and nothing else.
    pub fn of(options: ServerOptions) -> Config {
        Config { options, limits: Limits::default(), tls: None, token: None, known: Vec::new() }
    }
}
