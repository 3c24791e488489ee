//! The listening socket, which can be closed and opened again at the same address.

use std::io;
use std::net::SocketAddr;
use std::task::{Context, Poll};

use socket2::{Domain, Protocol, Socket, Type};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Handle;

/// Connections that wait to be taken; the kernel allows less.
const BACKLOG: i32 = 4_096;

/// The listening socket.
pub(super) struct Door {
    address: SocketAddr,
    runtime: Handle,
    wanted: bool,
    listener: Option<TcpListener>,
    /// Holds the port while nobody listens.
    reserve: Option<Socket>,
}

impl Door {
    /// Listens at `address`, of which a port 0 is chosen by the kernel.
    ///
    /// # Errors
    /// Those of the sockets; and where there is no runtime.
    pub(super) fn open(address: SocketAddr) -> io::Result<Door> {
        let runtime = Handle::try_current().map_err(io::Error::other)?;
        let listener = listen(bound(address)?)?;
        let address = listener.local_addr()?;
        Ok(Door { address, runtime, wanted: true, listener: Some(listener), reserve: None })
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Has it be open or closed, at once. If it cannot be opened, [`Door::retry`] tries again.
    pub(super) fn want(&mut self, open: bool) {
        self.wanted = open;
        if open {
            // Told by `retry`, which the task that accepts calls.
            let _ = self.retry();
        } else if let Some(listener) = self.listener.take() {
            drop(listener);
            // Nobody listens, so SYN is answered with RST; but nobody else gets the port.
            self.reserve = bound(self.address).ok();
        }
    }

    /// Opens it if that is wanted and was not possible.
    pub(super) fn retry(&mut self) -> io::Result<()> {
        if self.wanted && self.listener.is_none() {
            let socket = match self.reserve.take() {
                Some(socket) => socket,
                None => bound(self.address)?,
            };
            let _guard = self.runtime.enter();
            self.listener = Some(listen(socket)?);
        }
        Ok(())
    }

    /// The next connection; none comes while it is closed.
    pub(super) fn poll_accept(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<(TcpStream, SocketAddr)>> {
        match &self.listener {
            Some(listener) => listener.poll_accept(cx),
            None => Poll::Pending,
        }
    }

    /// Whether it is open, where that is wanted.
    pub(super) fn is_as_wanted(&self) -> bool {
        self.wanted == self.listener.is_some()
    }
}

fn bound(address: SocketAddr) -> io::Result<Socket> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    // On Windows this would let another process take the port.
    #[cfg(unix)]
    socket.set_reuse_address(true)?;
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    Ok(socket)
}

fn listen(socket: Socket) -> io::Result<TcpListener> {
    socket.listen(BACKLOG)?;
    TcpListener::from_std(socket.into())
}
