//! Pairs of streams over TCP sockets: what each side owes the app is read off their state, so that nothing is told of
//! what is closed, and nothing is lost that came before anybody listened.

use std::collections::VecDeque;
use std::sync::mpsc::{Sender, channel};
use std::sync::{Mutex, PoisonError};

use crate::device::Endpoint;
use crate::device::socket::{News, Socket};
use crate::port::{RunLoop, Side, StreamError, StreamEvent};

/// News of the connection under a pair.
pub(super) type Told = (u32, News);

/// Bytes that wait for the kernel at the most; an app that writes more is told when there is room again.
const MOST_UNWRITTEN: usize = 64 << 10;

/// What is under a pair.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
enum Link {
    Unopened,
    Connecting,
    Established,
    /// The other side closed, or the connection failed.
    Ended(Option<StreamError>),
}

/// One side.
#[derive(Copy, Clone, Default, Debug)]
struct Half {
    client: bool,
    run_loop: Option<RunLoop>,
    opened: bool,
    closed: bool,
    told_open: bool,
    told_end: bool,
}

impl Half {
    fn is_open(&self) -> bool {
        self.opened && !self.closed
    }

    /// Only the main run loop is run.
    fn hears(&self) -> bool {
        self.is_open() && self.client && self.run_loop == Some(RunLoop::Main)
    }
}

/// One pair.
#[derive(Debug)]
pub(super) struct Pair {
    to: Endpoint,
    link: Link,
    pub(super) port: Option<u16>,
    socket: Option<Socket>,
    /// Lets the socket read on: it waits after each piece until that was read here.
    read_on: Option<Sender<()>>,
    halves: [Half; 2],
    inbound: VecDeque<u8>,
    /// The app was told of bytes, and has not read since.
    told_bytes: bool,
    owes_room: bool,
}

impl Pair {
    pub(super) fn new(to: &Endpoint) -> Pair {
        Pair {
            to: to.clone(),
            link: Link::Unopened,
            port: None,
            socket: None,
            read_on: None,
            halves: [Half::default(); 2],
            inbound: VecDeque::new(),
            told_bytes: false,
            owes_room: false,
        }
    }

    /// One that fails as soon as it is opened.
    pub(super) fn impossible(to: &Endpoint, why: StreamError) -> Pair {
        Pair { link: Link::Ended(Some(why)), ..Pair::new(to) }
    }

    fn half(&mut self, side: Side) -> &mut Half {
        &mut self.halves[side as usize]
    }

    fn is_open(&self, side: Side) -> bool {
        self.halves[side as usize].is_open()
    }

    pub(super) fn set_client(&mut self, side: Side) {
        self.half(side).client = true;
    }

    pub(super) fn schedule(&mut self, side: Side, run_loop: Option<RunLoop>) {
        self.half(side).run_loop = run_loop;
    }

    /// Opens one side; the first of the two connects. Answers whether it can be opened.
    pub(super) fn open(&mut self, id: u32, side: Side, news: &Sender<Told>) -> bool {
        let half = self.half(side);
        if half.opened || half.closed {
            return false;
        }
        half.opened = true;
        if self.link == Link::Unopened {
            self.connect(id, news.clone());
        }
        true
    }

    fn connect(&mut self, id: u32, news: Sender<Told>) {
        let (read_on, wait) = channel();
        let wait = Mutex::new(wait);
        let tell = move |what: News| {
            let bytes = matches!(what, News::Bytes(_));
            // Nobody hears the news of a backend that is gone, and nobody lets go of a pair that is.
            let _ = news.send((id, what));
            if bytes {
                let _ = wait.lock().unwrap_or_else(PoisonError::into_inner).recv();
            }
        };
        let Endpoint { host, port } = &self.to;
        match Socket::connect(format!("{host}:{port}"), tell) {
            Ok(socket) => {
                self.link = Link::Connecting;
                (self.socket, self.read_on) = (Some(socket), Some(read_on));
            }
            Err(_) => self.link = Link::Ended(Some(StreamError::Unreachable)),
        }
    }

    /// The socket learned something.
    pub(super) fn news(&mut self, news: News) {
        if let Link::Ended(_) = self.link {
            return;
        }
        match news {
            News::Established(port) => (self.link, self.port) = (Link::Established, Some(port)),
            News::Failed(error) => self.link = Link::Ended(Some(error)),
            News::Bytes(bytes) => self.inbound.extend(bytes),
            News::Room => self.owes_room = true,
            News::Fin => self.link = Link::Ended(None),
            News::Reset => self.link = Link::Ended(Some(StreamError::Reset)),
        }
    }

    /// Takes bytes that came.
    pub(super) fn read(&mut self, side: Side, buffer: &mut [u8]) -> Result<usize, StreamError> {
        if !self.is_open(side) {
            return Err(StreamError::NotOpen);
        }
        self.told_bytes = false;
        let n = buffer.len().min(self.inbound.len());
        self.inbound.drain(..n).zip(buffer).for_each(|(byte, place)| *place = byte);
        if n > 0 && self.inbound.is_empty() {
            // A socket that has ended reads no more.
            let _ = self.read_on.as_ref().map(|read_on| read_on.send(()));
        }
        match self.error() {
            Some(error) if n == 0 => Err(error),
            Some(_) | None => Ok(n),
        }
    }

    /// Takes as many bytes for sending as there is room for.
    pub(super) fn write(&mut self, side: Side, bytes: &[u8]) -> Result<usize, StreamError> {
        if !self.is_open(side) {
            return Err(StreamError::NotOpen);
        }
        match (self.link, &self.socket) {
            (Link::Ended(error), _) => Err(error.unwrap_or(StreamError::BrokenPipe)),
            (Link::Established, Some(socket)) => {
                let room = MOST_UNWRITTEN.saturating_sub(socket.unwritten());
                let n = bytes.len().min(room);
                if n > 0 {
                    socket.write(bytes[..n].to_vec());
                }
                if n < bytes.len() {
                    // What was told of room is out of date.
                    self.owes_room = !socket.tell_room();
                }
                Ok(n)
            }
            (Link::Unopened | Link::Connecting | Link::Established, _) => Ok(0),
        }
    }

    pub(super) fn error(&self) -> Option<StreamError> {
        match self.link {
            Link::Ended(error) => error,
            Link::Unopened | Link::Connecting | Link::Established => None,
        }
    }

    /// Closes one side; answers whether both are closed now.
    pub(super) fn close(&mut self, side: Side) -> bool {
        self.half(side).closed = true;
        self.halves.iter().all(|half| half.closed)
    }

    /// The streams are gone: what was written is still sent, then FIN.
    pub(super) fn finish(self) {
        if let Some(socket) = self.socket {
            socket.finish();
        }
    }

    /// New streams take the place of these, if there is a connection.
    pub(super) fn renew(&mut self) -> bool {
        let can = self.link == Link::Established;
        if can {
            self.halves = [Half::default(); 2];
            (self.told_bytes, self.owes_room) = (false, false);
        }
        can
    }

    /// What the app is to be told next; it counts as told.
    pub(super) fn due(&mut self) -> Option<(Side, StreamEvent)> {
        [Side::Read, Side::Write]
            .into_iter()
            .find_map(|side| self.due_on(side).map(|event| (side, event)))
    }

    fn due_on(&mut self, side: Side) -> Option<StreamEvent> {
        let reads = side == Side::Read;
        let (link, was_established) = (self.link, self.port.is_some());
        let unread = reads && !self.inbound.is_empty();
        let half = &mut self.halves[side as usize];
        if !half.hears() {
            return None;
        }
        if was_established && !half.told_open {
            half.told_open = true;
            self.owes_room |= !reads;
            return Some(StreamEvent::OpenCompleted);
        }
        if unread {
            let untold = !std::mem::replace(&mut self.told_bytes, true);
            return untold.then_some(StreamEvent::HasBytesAvailable);
        }
        if let Link::Ended(error) = link {
            let untold = !std::mem::replace(&mut half.told_end, true);
            return untold.then_some(match error {
                None => StreamEvent::EndEncountered,
                Some(_) => StreamEvent::ErrorOccurred,
            });
        }
        let room = !reads && std::mem::take(&mut self.owes_room);
        room.then_some(StreamEvent::CanAcceptBytes)
    }
}
