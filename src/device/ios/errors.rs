//! Errors of streams: `CFStreamError` is a domain and a code, the app is told what the kernel means.

use objc2_cf_network::kCFStreamErrorDomainNetDB;
use objc2_core_foundation::{CFStreamError, CFStreamErrorDomain};

use crate::port::StreamError;

/// What a stream's error means; nothing when there is no word for it.
///
/// The codes of the domain POSIX are those of `errno`; those of NetDB are `EAI_…` of `getaddrinfo`, all of which say
/// that the name was not resolved.
pub(super) fn meaning(error: CFStreamError) -> Option<StreamError> {
    // SAFETY: a constant of CFNetwork, never written.
    let net_db = unsafe { kCFStreamErrorDomainNetDB };
    if error.domain == CFStreamErrorDomain::POSIX.0 {
        of_errno(error.error)
    } else if isize::try_from(net_db) == Ok(error.domain) {
        Some(StreamError::NotResolved)
    } else {
        None
    }
}

/// What an `errno` means for a stream.
fn of_errno(code: i32) -> Option<StreamError> {
    Some(match code {
        libc::EBADF => StreamError::NotOpen,
        libc::ENOTCONN => StreamError::NotConnected,
        libc::EPIPE => StreamError::BrokenPipe,
        libc::ECONNREFUSED => StreamError::Refused,
        libc::ECONNRESET | libc::ECONNABORTED => StreamError::Reset,
        libc::ETIMEDOUT => StreamError::TimedOut,
        libc::ENETUNREACH
        | libc::EHOSTUNREACH
        | libc::ENETDOWN
        | libc::EHOSTDOWN
        | libc::EADDRNOTAVAIL => StreamError::Unreachable,
        _ => return None,
    })
}
