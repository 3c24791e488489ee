//! What a running server logs: on stderr, by `RUST_LOG`, as text or JSON.

use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;

use super::exit::CliError;

/// How logs are written.
#[derive(Copy, Clone, PartialEq, Eq, Debug, clap::ValueEnum)]
pub(super) enum LogFormat {
    /// For people
    Text,
    /// One JSON object a line
    Json,
}

impl LogFormat {
    /// Logs from now on.
    ///
    /// # Errors
    /// When `RUST_LOG` is no filter.
    pub(super) fn begin(self) -> Result<(), CliError> {
        let filter = match std::env::var("RUST_LOG") {
            Ok(filter) if !filter.is_empty() => EnvFilter::try_new(&filter)
                .map_err(|error| CliError::WrongInput(format!("RUST_LOG={filter}: {error}")))?,
            Ok(_) | Err(_) => EnvFilter::new("info"),
        };
        let logs = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
        let begun = match self {
            LogFormat::Text => logs.with_ansi(std::io::stderr().is_terminal()).try_init(),
            LogFormat::Json => logs.json().try_init(),
        };
        begun.map_err(|error| CliError::Environment(format!("nothing can be logged: {error}")))
    }
}
