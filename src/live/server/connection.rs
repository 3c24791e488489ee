//! One accepted connection. While it is idle it holds no buffer.

use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr};
use std::time::Duration;

use mio::net::TcpStream;
use socket2::{SockRef, TcpKeepalive};

use super::listen::Kind;
use super::transport::{Broken, Transport};
use crate::port::{Span, Time};
use crate::server::ServerOptions;
use crate::wire::Lines;

/// So much is collected before it is written.
const COLLECTED: usize = 16 * 1_024;

/// Whose connection it is.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub(super) enum Role {
    /// Nobody has said hello yet.
    Fresh,
    /// A device's, by its number.
    Device(u32),
    /// It publishes.
    Publisher,
    /// The server has said its last word; what still comes is not looked at.
    Closing,
}

/// One accepted connection.
pub(super) struct Connection {
    stream: TcpStream,
    pub(super) peer: SocketAddr,
    /// Tells it from others that had the same place.
    pub(super) number: u32,
    pub(super) kind: Kind,
    pub(super) role: Role,
    pub(super) since: Time,
    pub(super) lines: Lines,
    transport: Option<Box<Transport>>,
    /// What the socket did not take yet, or was not offered.
    out: Vec<u8>,
    /// What waits was collected in this turn: the socket was not asked yet.
    collected: bool,
    /// FIN goes behind what waits.
    finishes: bool,
    /// What a publisher said that was not answered yet.
    pub(super) unanswered: u32,
    /// It is not read until it has taken its answers.
    pub(super) held: bool,
}

/// What became of a write.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub(super) enum Written {
    /// It went, or waits.
    Fine,
    /// More waits than allowed.
    TooSlow,
    /// The connection is broken.
    Broken,
}

impl Connection {
    pub(super) fn new(
        (stream, peer): (TcpStream, SocketAddr),
        number: u32,
        kind: Kind,
        transport: Option<Transport>,
        since: Time,
    ) -> Connection {
        // A frame is a segment: nothing waits for more.
        let _ = stream.set_nodelay(true);
        Connection {
            stream,
            peer,
            number,
            kind,
            role: Role::Fresh,
            since,
            lines: Lines::default(),
            transport: transport.map(Box::new),
            out: Vec::new(),
            collected: false,
            finishes: false,
            unanswered: 0,
            held: false,
        }
    }

    pub(super) fn stream(&mut self) -> &mut TcpStream {
        &mut self.stream
    }

    /// The kernel probes the connection while it is idle, if the rules say so.
    pub(super) fn keep_alive(&self, options: &ServerOptions) {
        let Some(idle) = options.tcp_keep_alive_idle else { return };
        let seconds = |span: Span| Duration::from_secs(span.as_micros().div_ceil(1_000_000));
        let probes = TcpKeepalive::new()
            .with_time(seconds(idle))
            .with_interval(seconds(options.tcp_keep_alive_interval))
            .with_retries(options.tcp_keep_alive_count);
        // Without it a connection that fails silently is found later.
        let _ = SockRef::from(&self.stream).set_tcp_keepalive(&probes);
    }

    /// Whether something was said that the socket did not take yet.
    pub(super) fn has_waiting(&self) -> bool {
        !self.out.is_empty()
    }

    /// Whether something was collected that the socket was not offered.
    pub(super) fn has_collected(&self) -> bool {
        self.collected
    }

    /// Whether the other side has ended its layer, WebSocket or TLS.
    pub(super) fn has_ended(&self) -> bool {
        self.transport.as_ref().is_some_and(|transport| transport.ended)
    }

    /// Reads once: 0 is the end.
    pub(super) fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            match self.stream.read(buffer) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                read => return read,
            }
        }
    }

    /// What came, through the connection's layers; `None` when it has none and the bytes are the lines.
    pub(super) fn unwrap(&mut self, bytes: &[u8], most: usize) -> Option<Result<Vec<u8>, Broken>> {
        let transport = self.transport.as_mut()?;
        let mut goes = Vec::new();
        let lines = transport.receive(bytes, &mut goes);
        match self.write(&goes, most) {
            Written::Fine => Some(lines),
            Written::TooSlow => {
                let text = "you take too little of what is sent".into();
                Some(lines.and(Err(Broken { reason: "too-slow", text })))
            }
            Written::Broken => Some(lines.and(Err(Broken::new("the connection is broken")))),
        }
    }

    /// Sends lines at once, behind what was collected; at most `most` bytes may wait.
    pub(super) fn send(&mut self, lines: &[u8], most: usize) -> Written {
        self.wrapped(lines, |connection, bytes| connection.write(bytes, most))
    }

    /// How many bytes wait.
    pub(super) fn backlog(&self) -> usize {
        self.out.len()
    }

    /// Takes lines that go with the next [`flush`](Connection::flush); at most `most` bytes may wait.
    pub(super) fn collect(&mut self, lines: &[u8], most: usize) -> Written {
        self.wrapped(lines, |connection, bytes| connection.put(bytes, most))
    }

    /// Hands on what lines are on the socket.
    fn wrapped(
        &mut self,
        lines: &[u8],
        hand_on: impl FnOnce(&mut Connection, &[u8]) -> Written,
    ) -> Written {
        if self.finishes {
            return Written::Fine;
        }
        let Some(transport) = self.transport.as_mut() else { return hand_on(self, lines) };
        let mut goes = Vec::new();
        match transport.send(lines, &mut goes) {
            Ok(()) => hand_on(self, &goes),
            Err(_) => Written::Broken,
        }
    }

    fn put(&mut self, bytes: &[u8], most: usize) -> Written {
        // What is much goes at once; what the socket did not take is counted there.
        let blocked = !self.out.is_empty() && !self.collected;
        if blocked || self.out.len() + bytes.len() > most.min(COLLECTED) {
            return self.write(bytes, most);
        }
        self.out.extend_from_slice(bytes);
        self.collected = !self.out.is_empty();
        Written::Fine
    }

    fn write(&mut self, bytes: &[u8], most: usize) -> Written {
        if self.collected && self.flush() == Written::Broken {
            return Written::Broken;
        }
        let mut rest = bytes;
        while self.out.is_empty() && !rest.is_empty() {
            match self.stream.write(rest) {
                Ok(n) => rest = &rest[n..],
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                Err(_) => return Written::Broken,
            }
        }
        if rest.is_empty() {
            return Written::Fine;
        }
        if self.out.len() + rest.len() > most {
            return Written::TooSlow;
        }
        self.out.extend_from_slice(rest);
        Written::Fine
    }

    /// Offers the socket what waits: it takes bytes again, or something was collected.
    pub(super) fn flush(&mut self) -> Written {
        // A FIN makes a socket writable once more.
        if self.out.is_empty() {
            return Written::Fine;
        }
        self.collected = false;
        let mut sent = 0;
        while sent < self.out.len() {
            match self.stream.write(&self.out[sent..]) {
                Ok(n) => sent += n,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                Err(_) => return Written::Broken,
            }
        }
        self.out.drain(..sent);
        if self.out.is_empty() {
            self.out = Vec::new();
            if self.finishes {
                let _ = self.stream.shutdown(Shutdown::Write);
            }
        }
        Written::Fine
    }

    /// Nothing more is sent: FIN behind what waits.
    pub(super) fn finish(&mut self) {
        if self.finishes {
            return;
        }
        if self.collected {
            let _ = self.flush();
        }
        self.finishes = true;
        if let Some(transport) = &mut self.transport {
            let mut goes = Vec::new();
            transport.close(&mut goes);
            let _ = self.write(&goes, usize::MAX);
        }
        if self.out.is_empty() {
            let _ = self.stream.shutdown(Shutdown::Write);
        }
    }

    /// The connection is reset when it is dropped.
    pub(super) fn reset_when_dropped(&self) {
        let _ = SockRef::from(&self.stream).set_linger(Some(Duration::ZERO));
    }
}
