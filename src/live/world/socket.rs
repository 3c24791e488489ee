//! One real TCP socket of the phone: a task that connects, writes what it is asked to, and tells what comes.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::io;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::Notify;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use crate::port::StreamError;

/// What the phone's kernel is asked to do with a socket.
#[derive(Debug)]
enum Ask {
    Write(Vec<u8>),
    Finish,
    Reset,
}

/// What the phone's kernel learns of a socket.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum News {
    Established(SocketAddr),
    Failed(StreamError),
    Bytes(Vec<u8>),
    Fin,
    Reset,
}

/// Which socket: the device's number and that of the connection.
pub(super) type Key = (u32, u32);

/// What has come on all sockets of a run and was not looked at.
#[derive(Debug, Default)]
pub(crate) struct Inbox {
    news: RefCell<VecDeque<(Key, News)>>,
    /// A proxy has told something.
    told: Cell<bool>,
    pub(crate) arrived: Notify,
}

impl Inbox {
    pub(super) fn take(&self) -> Option<(Key, News)> {
        self.news.borrow_mut().pop_front()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.news.borrow().is_empty() && !self.told.get()
    }

    /// A proxy has told something, which is asked for there.
    pub(crate) fn tell(&self) {
        self.told.set(true);
        self.arrived.notify_one();
    }

    /// What proxies have told is looked at now.
    pub(crate) fn looked(&self) {
        self.told.set(false);
    }

    fn put(&self, key: Key, news: News) {
        self.news.borrow_mut().push_back((key, news));
        self.arrived.notify_one();
    }
}

/// The phone's end of a socket. Dropping it closes the socket.
#[derive(Debug)]
pub(super) struct Socket {
    asks: UnboundedSender<Ask>,
}

impl Socket {
    /// Begins to connect to `to`. Runs on the local task set of the run.
    pub(super) fn connect(to: SocketAddr, key: Key, inbox: Rc<Inbox>) -> Socket {
        let (asks, asked) = unbounded_channel();
        tokio::task::spawn_local(live(to, key, inbox, asked));
        Socket { asks }
    }

    // A socket whose task has ended takes nothing: its end is in the inbox.

    pub(super) fn write(&self, bytes: Vec<u8>) {
        let _ = self.asks.send(Ask::Write(bytes));
    }

    pub(super) fn finish(&self) {
        let _ = self.asks.send(Ask::Finish);
    }

    pub(super) fn reset(&self) {
        let _ = self.asks.send(Ask::Reset);
    }
}

/// The kernel of this machine tries longer than a phone's; a connection on loopback is there or refused.
const CONNECT_WITHIN: Duration = Duration::from_secs(10);

async fn live(to: SocketAddr, key: Key, inbox: Rc<Inbox>, mut asked: UnboundedReceiver<Ask>) {
    let connected = tokio::time::timeout(CONNECT_WITHIN, TcpStream::connect(to)).await;
    let mut stream = match connected {
        Ok(Ok(stream)) => stream,
        Ok(Err(error)) => return inbox.put(key, News::Failed(failure(&error))),
        Err(_) => return inbox.put(key, News::Failed(StreamError::TimedOut)),
    };
    // A frame is a segment: nothing is held back for more.
    let _ = stream.set_nodelay(true);
    match stream.local_addr() {
        Ok(local) => inbox.put(key, News::Established(local)),
        Err(error) => return inbox.put(key, News::Failed(failure(&error))),
    }
    let mut buffer = vec![0; 16 * 1024];
    let mut open = true;
    loop {
        tokio::select! {
            biased;
            ask = asked.recv() => match ask {
                Some(Ask::Write(bytes)) => {
                    if stream.write_all(&bytes).await.is_err() {
                        return inbox.put(key, News::Reset);
                    }
                }
                // Closed: what was accepted for sending is still sent, and what comes is answered by RST.
                Some(Ask::Finish) | None => {
                    let _ = stream.shutdown().await;
                    return;
                }
                Some(Ask::Reset) => {
                    let _ = socket2::SockRef::from(&stream).set_linger(Some(Duration::ZERO));
                    return;
                }
            },
            read = stream.read(&mut buffer), if open => match read {
                Ok(0) => {
                    open = false;
                    inbox.put(key, News::Fin);
                }
                Ok(n) => inbox.put(key, News::Bytes(buffer[..n].to_vec())),
                Err(_) => return inbox.put(key, News::Reset),
            },
        }
    }
}

/// Why a connection could not be made, in the words of streams.
fn failure(error: &io::Error) -> StreamError {
    let kind = error.kind();
    if kind == io::ErrorKind::ConnectionRefused {
        StreamError::Refused
    } else if kind == io::ErrorKind::ConnectionReset {
        StreamError::Reset
    } else if [io::ErrorKind::HostUnreachable, io::ErrorKind::NetworkUnreachable].contains(&kind) {
        StreamError::Unreachable
    } else {
        StreamError::TimedOut
    }
}
