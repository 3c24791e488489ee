//! One real TCP socket of the phone: a thread that connects and reads, and one that writes.

use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, TcpStream, ToSocketAddrs};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use crate::port::StreamError;

/// What the phone's kernel learns of a socket.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum News {
    /// It is connected, from this port of the phone's.
    Established(u16),
    Failed(StreamError),
    Bytes(Vec<u8>),
    /// All that was written is with the kernel: told to whoever asked with [`Socket::tell_room`].
    Room,
    Fin,
    Reset,
}

type Tell = Arc<dyn Fn(News) + Send + Sync>;

/// The kernel of this machine tries longer than a phone's; a host in the same network is there or refuses.
const CONNECT_WITHIN: Duration = Duration::from_secs(10);

/// The phone's end of a socket. The machine's socket is closed when it is finished, or dropped without being held.
#[derive(Debug)]
pub(super) struct Socket {
    asks: Sender<Vec<u8>>,
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    /// Nobody wants to know of it any more.
    deaf: AtomicBool,
    /// Bytes to be written that the kernel has not taken.
    unwritten: AtomicUsize,
    wants_room: AtomicBool,
    stream: Mutex<Option<TcpStream>>,
}

impl Socket {
    /// Begins to connect to `to`; `tell` is called on a thread of the socket.
    ///
    /// # Errors
    /// When there is no thread for it.
    pub(super) fn connect(
        to: String,
        tell: impl Fn(News) + Send + Sync + 'static,
    ) -> std::io::Result<Socket> {
        let (asks, asked) = channel();
        let shared = Arc::new(Shared::default());
        let its = Arc::clone(&shared);
        thread::Builder::new()
            .name("socket".into())
            .spawn(move || its.live(&to, asked, Arc::new(tell)))?;
        Ok(Socket { asks, shared })
    }

    /// Writes as soon as it can.
    pub(super) fn write(&self, bytes: Vec<u8>) {
        self.shared.unwritten.fetch_add(bytes.len(), Ordering::SeqCst);
        // One whose thread has ended takes nothing: its end was told.
        let _ = self.asks.send(bytes);
    }

    /// How many bytes wait for the kernel.
    pub(super) fn unwritten(&self) -> usize {
        self.shared.unwritten.load(Ordering::SeqCst)
    }

    /// Tells [`News::Room`] once when no bytes wait any more; answers whether some do.
    pub(super) fn tell_room(&self) -> bool {
        self.shared.wants_room.store(true, Ordering::SeqCst);
        // What was written meanwhile may have been the last.
        self.unwritten() > 0 || !self.shared.wants_room.swap(false, Ordering::SeqCst)
    }

    /// Says no more and hears no more; the other side is not told, as when a phone is out of reach. It stays like
    /// that for as long as it is kept.
    pub(super) fn hold(&self) {
        self.shared.deaf.store(true, Ordering::Relaxed);
    }

    /// Closes it: what was written before is still sent, then FIN.
    pub(super) fn finish(self) {
        self.hold();
        let Socket { asks, .. } = self;
        // The writer sends what it has, and closes.
        drop(asks);
    }
}

impl Shared {
    fn tell(&self, news: News, tell: &Tell) {
        if !self.deaf.load(Ordering::Relaxed) {
            tell(news);
        }
    }

    fn live(self: &Arc<Shared>, to: &str, asked: Receiver<Vec<u8>>, tell: Tell) {
        let (its, told) = (Arc::clone(self), Arc::clone(&tell));
        let connected = connect(to).and_then(|stream| {
            // A frame is a segment: nothing is held back for more.
            stream.set_nodelay(true).map_err(|error| failure(error.kind()))?;
            let port = stream.local_addr().map_err(|error| failure(error.kind()))?.port();
            let writer = stream.try_clone().map_err(|error| failure(error.kind()))?;
            let kept = stream.try_clone().map_err(|error| failure(error.kind()))?;
            *self.stream.lock().unwrap_or_else(PoisonError::into_inner) = Some(kept);
            let writes = thread::Builder::new().name("socket-writer".into());
            writes
                .spawn(move || its.write(writer, &asked, &told))
                .map_err(|error| failure(error.kind()))?;
            Ok((stream, port))
        });
        match connected {
            Ok((stream, port)) => {
                self.tell(News::Established(port), &tell);
                self.read(stream, &tell);
            }
            Err(error) => self.tell(News::Failed(error), &tell),
        }
    }

    fn read(&self, mut stream: TcpStream, tell: &Tell) {
        let mut buffer = vec![0; 16 * 1024];
        // What a phone out of reach would not get stays in the kernel.
        while !self.deaf.load(Ordering::Relaxed) {
            match stream.read(&mut buffer) {
                Ok(0) => return self.tell(News::Fin, tell),
                Ok(n) => self.tell(News::Bytes(buffer[..n].to_vec()), tell),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(_) => return self.tell(News::Reset, tell),
            }
        }
    }

    fn write(&self, mut stream: TcpStream, asked: &Receiver<Vec<u8>>, tell: &Tell) {
        for bytes in asked {
            if stream.write_all(&bytes).is_err() {
                // The reader may have ended before, with a FIN.
                self.tell(News::Reset, tell);
                break;
            }
            let before = self.unwritten.fetch_sub(bytes.len(), Ordering::SeqCst);
            if before == bytes.len() && self.wants_room.swap(false, Ordering::SeqCst) {
                self.tell(News::Room, tell);
            }
        }
        let _ = stream.shutdown(Shutdown::Both);
    }
}

fn connect(to: &str) -> Result<TcpStream, StreamError> {
    let addresses = to.to_socket_addrs().map_err(|_| StreamError::NotResolved)?;
    let mut problem = StreamError::NotResolved;
    for address in addresses {
        match TcpStream::connect_timeout(&address, CONNECT_WITHIN) {
            Ok(stream) => return Ok(stream),
            Err(error) => problem = failure(error.kind()),
        }
    }
    Err(problem)
}

/// Why a connection could not be made, in the words of streams.
fn failure(kind: ErrorKind) -> StreamError {
    if kind == ErrorKind::ConnectionRefused {
        StreamError::Refused
    } else if kind == ErrorKind::ConnectionReset {
        StreamError::Reset
    } else if [ErrorKind::HostUnreachable, ErrorKind::NetworkUnreachable].contains(&kind) {
        StreamError::Unreachable
    } else {
        StreamError::TimedOut
    }
}
