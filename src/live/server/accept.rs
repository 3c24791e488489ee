//! Connections that are accepted, or refused with a reason.

use std::io;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use mio::net::TcpStream;
use mio::{Interest, Token};
use tracing::warn;

use super::connection::Connection;
use super::hub::Hub;
use super::limits::ACCEPT_AGAIN;
use super::listen::{Kind, exhausted};
use super::transport::Transport;
use crate::port::Time;
use crate::wire::ServerMessage;

/// How many connections are accepted before others have their turn.
const ACCEPTS: usize = 512;

impl Hub {
    /// Takes those who wait at the listeners.
    pub(super) fn accept(&mut self, now: Time) {
        if self.exhausted && now < self.accept_again {
            return;
        }
        for place in 0..self.listeners.len() {
            let mut left = ACCEPTS;
            while left > 0 && self.listeners[place].ready {
                left -= 1;
                let kind = self.listeners[place].kind;
                match self.listeners[place].accept() {
                    Ok(Some(accepted)) => {
                        if std::mem::take(&mut self.exhausted) {
                            self.reserve.take_again();
                        }
                        self.accepted(accepted, kind, now);
                    }
                    Ok(None) => {}
                    // The connection was gone before it was taken.
                    Err(error) if passing(&error) => {}
                    Err(error) => {
                        self.cannot_accept(place, &error, now);
                        break;
                    }
                }
            }
        }
    }

    /// Descriptors are exhausted: those that wait are refused with the one in reserve. After so many of them, or
    /// if another error stands in the way, the rest waits until a connection ends or some time has passed.
    fn cannot_accept(&mut self, place: usize, error: &io::Error, now: Time) {
        if !std::mem::replace(&mut self.exhausted, true) {
            let open = self.connections.len();
            warn!(%error, open, "nobody can be accepted: new connections are refused");
        }
        self.accept_again = now + ACCEPT_AGAIN;
        if !exhausted(error) {
            return;
        }
        let kind = self.listeners[place].kind;
        for _ in 0..ACCEPTS {
            if !self.reserve.give_up() {
                break;
            }
            let Ok(Some((stream, _))) = self.listeners[place].accept() else { break };
            let text = "the server has no descriptors left";
            self.say_and_drop(stream, kind, "no-descriptors", text);
            self.reserve.take_again();
        }
        self.reserve.take_again();
    }

    /// Says why a connection is not taken, if it can be said at once: not over TLS, where nothing can be said
    /// before the handshake.
    fn say_and_drop(&mut self, stream: TcpStream, kind: Kind, reason: &'static str, text: &str) {
        self.journal.counters.refused(reason);
        let mut line = Vec::new();
        match kind {
            Kind::Tcp => ServerMessage::Error { reason, text }.encode(&mut line),
            Kind::Ws => line.extend_from_slice(
                format!(
                    "HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\n\
                     Content-Type: text/plain\r\nContent-Length: {}\r\n\r\n{reason}\n",
                    reason.len() + 1
                )
                .as_bytes(),
            ),
            Kind::Tls | Kind::Wss => {}
        }
        let _ = io::Write::write(&mut &stream, &line);
        // What it said already would make a reset of the close, which may overtake the line.
        let _ = io::Read::read(&mut &stream, &mut [0; 512]);
    }

    fn accepted(&mut self, accepted: (TcpStream, SocketAddr), kind: Kind, now: Time) {
        self.journal.counters.accepted += 1;
        let origin = origin(accepted.1.ip());
        let from = self.from.get(&origin).copied().unwrap_or(0);
        let refusal = if self.connections.len() >= self.limits.connections {
            Some(("too-many-connections", "the server has as many connections as it takes"))
        } else if from as usize >= self.limits.per_address {
            Some(("too-many-from-address", "your address has as many connections as it may"))
        } else {
            None
        };
        if let Some((reason, text)) = refusal {
            return self.say_and_drop(accepted.0, kind, reason, text);
        }
        let transport = match Transport::new(kind, self.tls.as_ref(), self.limits.line) {
            Ok(transport) => transport,
            Err(broken) => {
                warn!(error = broken.text, "a connection cannot be secured");
                return;
            }
        };
        let number = self.number();
        let mut connection = Connection::new(accepted, number, kind, transport, now);
        connection.keep_alive(&self.options);
        let entry = self.connections.vacant_entry();
        let (token, both) = (Token(entry.key()), Interest::READABLE | Interest::WRITABLE);
        if let Err(error) = self.poll.registry().register(connection.stream(), token, both) {
            warn!(%error, "a connection cannot be watched");
            return;
        }
        self.places.insert(number, entry.key());
        entry.insert(connection);
        *self.from.entry(origin).or_insert(0) += 1;
        self.fresh.push_back((now + self.limits.handshake, number));
    }

    /// A number that no connection has.
    fn number(&mut self) -> u32 {
        loop {
            self.next_connection = self.next_connection.wrapping_add(1).max(1);
            if !self.places.contains_key(&self.next_connection) {
                return self.next_connection;
            }
        }
    }
}

/// Whether an error of `accept` concerns only the connection that was to be accepted.
fn passing(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionReset, Interrupted};
    matches!(error.kind(), ConnectionAborted | ConnectionReset | Interrupted)
}

/// What counts as one address: an IPv4 address, or the /64 that one site has of IPv6.
pub(super) fn origin(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => IpAddr::V4(address),
        IpAddr::V6(address) => {
            IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX)))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_one_site_are_one() {
        let of = |text: &str| origin(text.parse().unwrap());
        assert_eq!(of("2001:db8::1"), of("2001:db8::ffff:2"));
        assert_ne!(of("2001:db8::1"), of("2001:db8:0:1::1"));
        assert_eq!(of("::ffff:192.0.2.1"), of("192.0.2.1"));
        assert_ne!(of("192.0.2.1"), of("192.0.2.2"));
    }
}
