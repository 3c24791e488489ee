//! What commands share that run until they are told to end: signals, tokens, addresses.

use std::future::Future;
use std::net::SocketAddr;

use super::exit::CliError;

/// Ends when the user or the system asks for it.
pub(super) fn end_asked() -> Result<impl Future<Output = ()> + use<>, CliError> {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let failed = |error| CliError::Environment(format!("signals cannot be heard: {error}"));
        let mut terminate = signal(SignalKind::terminate()).map_err(failed)?;
        let mut interrupt = signal(SignalKind::interrupt()).map_err(failed)?;
        Ok(async move {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
        })
    }
    #[cfg(not(unix))]
    {
        Ok(async {
            // Without a handler ctrl-c ends the process anyway.
            let _ = tokio::signal::ctrl_c().await;
        })
    }
}

/// An address that cannot be listened on.
pub(super) fn cannot_listen(address: SocketAddr, error: &std::io::Error) -> CliError {
    CliError::Environment(format!("cannot listen on {address}: {error}"))
}

/// A token that nobody guesses.
pub(super) fn new_token() -> Result<String, CliError> {
    let mut bytes = [0; 16];
    let random = rustls::crypto::ring::default_provider().secure_random;
    random.fill(&mut bytes).map_err(|_| {
        CliError::Environment("the system gives no random bytes for a token".into())
    })?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_tokens_are_alike() {
        let (one, two) = (new_token().unwrap(), new_token().unwrap());
        assert_eq!(one.len(), 32);
        assert_ne!(one, two);
    }
}
