//! One connection's sockets: waits for what its [`Relay`] waits for, and has it go on.

use std::future::Future;
use std::io;
use std::net::{Shutdown, SocketAddr};
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use socket2::SockRef;
use tokio::io::Interest;
use tokio::net::TcpStream;
use tokio::sync::Notify;

use super::event::ProxyWhat;
use super::fault::Side;
use super::relay::{Relay, Wait, Wire, Wires};
use super::shared::Shared;
use crate::port::Time;

/// One connection as others see it: its state, and a bell that says that the state was changed.
#[derive(Debug)]
pub(super) struct Cell {
    pub(super) number: u64,
    pub(super) client: SocketAddr,
    pub(super) relay: Mutex<Relay>,
    pub(super) local: Mutex<Option<SocketAddr>>,
    pub(super) changed: Notify,
}

/// The guard of `mutex`. No code panics while it holds one, so a poisoned one is as good as any.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Wire for TcpStream {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        self.try_read(into)
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.try_write(bytes)
    }

    fn fin(&mut self) {
        // It fails when the peer has reset the connection, which reading tells.
        let _ = SockRef::from(&*self).shutdown(Shutdown::Write);
    }

    fn reset(&mut self) {
        reset_when_dropped(self);
    }

    fn failed(&mut self) -> bool {
        matches!(self.take_error(), Ok(Some(_)) | Err(_))
    }
}

/// Has the kernel send RST in place of FIN when `stream` is dropped.
pub(super) fn reset_when_dropped(stream: &TcpStream) {
    // It cannot fail on a socket that is open; if it did, FIN would be sent.
    let _ = SockRef::from(stream).set_linger(Some(std::time::Duration::ZERO));
}

type Connecting = Pin<Box<dyn Future<Output = io::Result<TcpStream>> + Send>>;

/// Carries one connection until nothing is left of it.
pub(super) async fn serve(shared: Arc<Shared>, cell: Arc<Cell>, client: TcpStream) {
    let _registered = Registered { shared: &shared, cell: &cell };
    // What a delay is measured against should not depend on Nagle's algorithm.
    let _ = client.set_nodelay(true);
    let mut wires: Wires<TcpStream> = [Some(client), None];
    let mut connecting: Option<Connecting> = None;
    loop {
        tokio::task::coop::consume_budget().await;
        let wait = step(&shared, &cell, &mut wires);
        if wait.done {
            return;
        }
        match (wait.connect, &connecting) {
            (true, None) => connecting = Some(Box::pin(TcpStream::connect(shared.upstream))),
            (false, Some(_)) => connecting = None,
            (true, Some(_)) | (false, None) => {}
        }
        let at = wait.until.unwrap_or(Time::NEVER);
        tokio::select! {
            () = ready(wires[0].as_ref(), wait.read[0], wait.write[0]) => {}
            () = ready(wires[1].as_ref(), wait.read[1], wait.write[1]) => {}
            () = cell.changed.notified() => {}
            () = shared.clock.sleep_until(at), if at < Time::NEVER => {}
            reached = reached(&mut connecting) => {
                connecting = None;
                match reached {
                    Ok(server) => {
                        let _ = server.set_nodelay(true);
                        let local = server.local_addr().ok();
                        *lock(&cell.local) = local;
                        wires[Side::Server as usize] = Some(server);
                        lock(&cell.relay).server_reached();
                        shared.tell(Some(cell.number), ProxyWhat::ServerReached { local });
                    }
                    Err(error) => {
                        lock(&cell.relay).server_failed(shared.clock.now());
                        let why = error.to_string();
                        shared.tell(Some(cell.number), ProxyWhat::ServerFailed { why });
                    }
                }
            }
        }
    }
}

fn step(shared: &Shared, cell: &Cell, wires: &mut Wires<TcpStream>) -> Wait {
    let mut happened = Vec::new();
    // Under the lock, so that no byte is between a read and the books.
    let wait = lock(&cell.relay).step(wires, shared.clock.now(), &mut happened);
    for what in happened {
        shared.tell(Some(cell.number), what);
    }
    wait
}

async fn reached(connecting: &mut Option<Connecting>) -> io::Result<TcpStream> {
    match connecting {
        Some(connecting) => connecting.await,
        None => std::future::pending().await,
    }
}

/// Ends when there is something to read, room to write, or the end of `stream`.
async fn ready(stream: Option<&TcpStream>, read: bool, write: bool) {
    let Some(stream) = stream else { return std::future::pending().await };
    let mut interest = Interest::ERROR;
    if read {
        interest |= Interest::READABLE;
    }
    if write {
        interest |= Interest::WRITABLE;
    }
    // An error would be one of the runtime's: the next step reads and hears of it.
    let _ = stream.ready(interest).await;
}

/// Takes the connection out of the table when it is over, however that comes.
struct Registered<'a> {
    shared: &'a Shared,
    cell: &'a Cell,
}

impl Drop for Registered<'_> {
    fn drop(&mut self) {
        self.shared.forget(self.cell.number);
    }
}
