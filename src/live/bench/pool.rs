//! A generator's sockets: one epoll loop, raw lines, one buffer for all.

use std::io::{ErrorKind, Read, Write};
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use mio::net::TcpStream;
use mio::{Events, Interest, Poll, Token};
use socket2::{Domain, Protocol, Socket, Type};

use super::clock::Clock;

/// What is read at once.
const BUFFER: usize = 64 * 1024;
/// A line longer than this is none that was asked for.
const LONGEST: usize = 64 * 1024;
const EVENTS: usize = 1024;
/// So many connections come from one address: with more of its 28,000 ports taken, the kernel searches long.
pub(super) const FROM_ONE_ADDRESS: u32 = 5_000;
/// How long a server may be silent while answers are due.
const PATIENCE: u64 = 30_000_000_000;
/// `connect` is under way: EINPROGRESS of Linux, and of the BSDs and macOS.
const UNDER_WAY: [i32; 2] = [115, 36];

/// What a phase does with what its connections hear.
pub(super) trait Phase {
    /// A connection is there; what it says first goes to `out`.
    fn connected(&mut self, _link: usize, _now: u64, _out: &mut Vec<u8>) {}

    /// A connection heard a line; the answer goes to `out`.
    fn line(&mut self, line: &[u8], at: &mut At<'_>) -> Result<(), String>;
}

/// When a line was heard, and what belongs to its connection.
pub(super) struct At<'a> {
    /// In nanoseconds since the epoch.
    pub(super) now: u64,
    /// What the phase keeps a connection.
    pub(super) note: &'a mut Note,
    /// The answer.
    pub(super) out: &'a mut Vec<u8>,
}

/// What phases keep a connection.
#[derive(Copy, Clone, Default, Debug)]
pub(super) struct Note {
    /// The last round or number that came.
    pub(super) last: u32,
    /// When it asked for what it waits for.
    pub(super) asked: u64,
}

#[derive(Debug)]
struct Link {
    stream: TcpStream,
    connected: bool,
    /// The beginning of a line whose end has not come.
    partial: Vec<u8>,
    /// What the socket did not take yet.
    unsent: Vec<u8>,
    note: Note,
}

/// All connections of one generator.
pub(super) struct Pool {
    poll: Poll,
    events: Events,
    links: Vec<Link>,
    buffer: Vec<u8>,
    out: Vec<u8>,
    source: Option<u32>,
    clock: Clock,
    heard: u64,
}

impl Pool {
    /// None yet; they come from 127.0.0.`source` and the addresses after it.
    pub(super) fn new(source: Option<u32>) -> std::io::Result<Pool> {
        let clock = Clock::new();
        Ok(Pool {
            poll: Poll::new()?,
            events: Events::with_capacity(EVENTS),
            links: Vec::new(),
            buffer: vec![0; BUFFER],
            out: Vec::new(),
            source,
            clock,
            heard: clock.now(),
        })
    }

    /// Now.
    pub(super) fn now(&self) -> u64 {
        self.clock.now()
    }

    /// How many connections there are.
    pub(super) fn len(&self) -> usize {
        self.links.len()
    }

    /// What phases keep of a connection.
    pub(super) fn note(&mut self, link: usize) -> Option<&mut Note> {
        self.links.get_mut(link).map(|link| &mut link.note)
    }

    /// What phases keep of every connection is as at first.
    pub(super) fn forget(&mut self) {
        for link in &mut self.links {
            link.note = Note::default();
        }
    }

    /// Begins one more connection.
    pub(super) fn open(&mut self, server: SocketAddr) -> Result<(), String> {
        let number = self.links.len();
        let mut stream = self
            .socket(server, number as u32)
            .map_err(|error| format!("connection {number} to {server}: {error}"))?;
        let asked = self.clock.now();
        let interest = Interest::READABLE | Interest::WRITABLE;
        let registered = self.poll.registry().register(&mut stream, Token(number), interest);
        registered.map_err(|error| format!("cannot wait for connection {number}: {error}"))?;
        let note = Note { asked, last: 0 };
        self.links.push(Link {
            stream,
            connected: false,
            partial: Vec::new(),
            unsent: Vec::new(),
            note,
        });
        Ok(())
    }

    fn socket(&self, server: SocketAddr, number: u32) -> std::io::Result<TcpStream> {
        let socket = Socket::new(Domain::for_address(server), Type::STREAM, Some(Protocol::TCP))?;
        socket.set_nonblocking(true)?;
        socket.set_tcp_nodelay(true)?;
        // Closed by a reset, so that no port stays in TIME-WAIT for the next run.
        socket.set_linger(Some(Duration::ZERO))?;
        if let (Some(source), true) = (self.source, server.ip().is_loopback()) {
            let last = source + number / FROM_ONE_ADDRESS;
            let address = Ipv4Addr::from(u32::from(Ipv4Addr::new(127, 0, 0, 0)) + last);
            socket.bind(&SocketAddr::from((address, 0)).into())?;
        }
        match socket.connect(&server.into()) {
            Ok(()) => {}
            Err(error) if error.kind() == ErrorKind::WouldBlock => {}
            Err(error) if error.raw_os_error().is_some_and(|code| UNDER_WAY.contains(&code)) => {}
            Err(error) => return Err(error),
        }
        Ok(TcpStream::from_std(socket.into()))
    }

    /// Writes `bytes` to a connection, now or as soon as it takes them.
    pub(super) fn write(&mut self, number: usize, bytes: &[u8]) -> Result<(), String> {
        let Some(link) = self.links.get_mut(number) else { return Ok(()) };
        link.write(bytes).map_err(|error| format!("connection {number}: {error}"))
    }

    /// Waits for what happens, at most `patience`, and hands it to `phase`.
    pub(super) fn turn(
        &mut self,
        patience: Duration,
        phase: &mut impl Phase,
    ) -> Result<(), String> {
        match self.poll.poll(&mut self.events, Some(patience)) {
            Ok(()) => {}
            Err(error) if error.kind() == ErrorKind::Interrupted => return Ok(()),
            Err(error) => return Err(format!("cannot wait for the connections: {error}")),
        }
        let now = self.clock.now();
        if !self.events.is_empty() {
            self.heard = now;
        }
        for event in &self.events {
            let number = event.token().0;
            let Some(link) = self.links.get_mut(number) else { continue };
            let failed = |error| format!("connection {number}: {error}");
            self.out.clear();
            if event.is_writable() && !link.ready().map_err(failed)? {
                link.connected = true;
                phase.connected(number, now, &mut self.out);
            }
            if event.is_readable() {
                let now = self.clock.now();
                let heard = link.read(&mut self.buffer, &mut self.out, now, phase);
                heard.map_err(|error| match error {
                    Fault::Socket(error) => failed(error),
                    Fault::Phase(why) => format!("connection {number}: {why}"),
                })?;
            }
            if !self.out.is_empty() {
                link.write(&self.out).map_err(failed)?;
            }
        }
        Ok(())
    }

    /// Takes turns until `over` says so; an error when the server is silent for too long before.
    pub(super) fn until<P: Phase>(
        &mut self,
        phase: &mut P,
        mut over: impl FnMut(&mut P, &mut Pool) -> Result<bool, String>,
    ) -> Result<(), String> {
        self.heard = self.clock.now();
        while !over(phase, self)? {
            self.turn(Duration::from_millis(100), phase)?;
            if self.clock.now() - self.heard > PATIENCE {
                return Err("the server has said nothing for 30 s".into());
            }
        }
        Ok(())
    }
}

/// Why a connection cannot go on.
enum Fault {
    Socket(std::io::Error),
    Phase(String),
}

impl Link {
    /// The socket takes more: sends what waited. Answers whether it had been connected before.
    fn ready(&mut self) -> std::io::Result<bool> {
        if !self.connected {
            return match self.stream.take_error()? {
                Some(error) => Err(error),
                None => Ok(false),
            };
        }
        if !self.unsent.is_empty() {
            let unsent = std::mem::take(&mut self.unsent);
            self.write(&unsent)?;
        }
        Ok(true)
    }

    fn write(&mut self, mut bytes: &[u8]) -> std::io::Result<()> {
        while self.unsent.is_empty() && !bytes.is_empty() {
            match self.stream.write(bytes) {
                Ok(written) => bytes = &bytes[written..],
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        self.unsent.extend_from_slice(bytes);
        Ok(())
    }

    /// Reads until the socket is empty: a read that does not fill the buffer has emptied it.
    fn read(
        &mut self,
        buffer: &mut [u8],
        out: &mut Vec<u8>,
        now: u64,
        phase: &mut impl Phase,
    ) -> Result<(), Fault> {
        loop {
            let length = match self.stream.read(buffer) {
                Ok(0) => return Err(Fault::Phase("the server closed it".into())),
                Ok(length) => length,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) => return Err(Fault::Socket(error)),
            };
            let mut at = At { now, note: &mut self.note, out: &mut *out };
            let heard =
                lines(&mut self.partial, &buffer[..length], |line| phase.line(line, &mut at));
            heard.map_err(Fault::Phase)?;
            if length < buffer.len() {
                return Ok(());
            }
        }
    }
}

/// Gives each whole line of `partial` and `bytes` to `take`, without its end; `partial` keeps the rest.
fn lines(
    partial: &mut Vec<u8>,
    mut bytes: &[u8],
    mut take: impl FnMut(&[u8]) -> Result<(), String>,
) -> Result<(), String> {
    while let Some(end) = bytes.iter().position(|byte| *byte == b'\n') {
        if partial.is_empty() {
            take(&bytes[..end])?;
        } else {
            partial.extend_from_slice(&bytes[..end]);
            let whole = std::mem::take(partial);
            take(&whole)?;
        }
        bytes = &bytes[end + 1..];
    }
    partial.extend_from_slice(bytes);
    if partial.len() > LONGEST {
        return Err(format!("a line longer than {LONGEST} bytes"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_whole_wherever_reads_cut_them() {
        let text = b"one\n\ntwo and more\nthree\nrest";
        for size in 1..text.len() {
            let (mut partial, mut heard) = (Vec::new(), Vec::new());
            for piece in text.chunks(size) {
                let take = |line: &[u8]| {
                    heard.push(String::from_utf8_lossy(line).into_owned());
                    Ok(())
                };
                lines(&mut partial, piece, take).expect("short lines");
            }
            assert_eq!(heard, ["one", "", "two and more", "three"]);
            assert_eq!(partial, b"rest");
        }
    }
}
