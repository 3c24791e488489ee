//! Listeners, and what happens when descriptors are exhausted.

use std::fs::File;
use std::io;
use std::net::SocketAddr;

use mio::net::{TcpListener, TcpStream};
use mio::{Interest, Registry, Token};

/// What connections of a listener speak.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Kind {
    /// Lines over TCP.
    Tcp,
    /// Lines over TLS.
    Tls,
    /// Lines as WebSocket messages.
    Ws,
    /// The same over TLS.
    Wss,
}

impl Kind {
    /// Its name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Kind::Tcp => "tcp",
            Kind::Tls => "tls",
            Kind::Ws => "ws",
            Kind::Wss => "wss",
        }
    }
}

/// One address that is listened on; closed while the server is down.
pub(super) struct Listener {
    pub(super) address: SocketAddr,
    pub(super) kind: Kind,
    socket: Option<TcpListener>,
    /// More connections may wait.
    pub(super) ready: bool,
}

impl Listener {
    pub(super) fn open(
        address: SocketAddr,
        kind: Kind,
        token: Token,
        registry: &Registry,
    ) -> io::Result<Listener> {
        let mut socket = bind(address)?;
        let address = socket.local_addr()?;
        registry.register(&mut socket, token, Interest::READABLE)?;
        Ok(Listener { address, kind, socket: Some(socket), ready: true })
    }

    /// Nobody listens any more: new connections are refused.
    pub(super) fn close(&mut self) {
        self.socket = None;
        self.ready = false;
    }

    /// Listens again on the same address.
    pub(super) fn reopen(&mut self, token: Token, registry: &Registry) -> io::Result<()> {
        if self.socket.is_none() {
            *self = Listener::open(self.address, self.kind, token, registry)?;
        }
        Ok(())
    }

    /// The next connection that waits, if there is one.
    pub(super) fn accept(&mut self) -> io::Result<Option<(TcpStream, SocketAddr)>> {
        let Some(socket) = &self.socket else { return Ok(None) };
        match socket.accept() {
            Ok(accepted) => Ok(Some(accepted)),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                self.ready = false;
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }
}

/// A long queue of connections that wait to be accepted.
const BACKLOG: i32 = 4_096;

fn bind(address: SocketAddr) -> io::Result<TcpListener> {
    use socket2::{Domain, Protocol, Socket, Type};
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    // A server that comes back takes its address again, whatever is left of old connections.
    socket.set_reuse_address(true)?;
    if address.is_ipv6() {
        socket.set_only_v6(true)?;
    }
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    Ok(TcpListener::from_std(socket.into()))
}

/// A descriptor in reserve, so that a connection can be refused when there are no others.
pub(super) struct Reserve(Option<File>);

impl Reserve {
    pub(super) fn new() -> Reserve {
        Reserve(File::open("/dev/null").ok())
    }

    /// Gives the descriptor up; answers whether there was one.
    pub(super) fn give_up(&mut self) -> bool {
        self.0.take().is_some()
    }

    /// Takes one again.
    pub(super) fn take_again(&mut self) {
        if self.0.is_none() {
            self.0 = File::open("/dev/null").ok();
        }
    }
}

/// Whether an error of `accept` says that descriptors, or memory for them, are exhausted.
pub(super) fn exhausted(error: &io::Error) -> bool {
    // EMFILE, ENFILE, ENOBUFS, ENOMEM; the numbers of Linux and Darwin.
    matches!(error.raw_os_error(), Some(24 | 23 | 105 | 55 | 12))
}
