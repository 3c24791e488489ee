//! The agent's end of the control channel: a connection that is made again for as long as the run lasts.
//!
//! Two threads do it: one connects, says hello and reads, the other writes. What happened while the channel was down
//! is not kept here: the host asks for it, and it is in the log.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpStream, ToSocketAddrs};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use crate::device::protocol::{LONGEST_LINE, ToAgent, ToHost};

/// What the agent says at the beginning of each connection.
pub type Hello = Box<dyn Fn() -> ToHost + Send>;
/// Called whenever something was heard, on a thread of the channel.
pub type Wake = Box<dyn Fn() + Send>;

/// How long one attempt to connect may take.
const CONNECT_WITHIN: Duration = Duration::from_secs(5);
/// How long a write may take until the connection counts as lost.
const WRITE_WITHIN: Duration = Duration::from_secs(10);
/// The first pause between two attempts; each that fails doubles it.
const SHORTEST_PAUSE: Duration = Duration::from_millis(50);
/// The longest pause.
const LONGEST_PAUSE: Duration = Duration::from_secs(2);
/// So many lines of the log wait to be sent. Those beyond are dropped: the log has them.
const MOST_EVENTS: usize = 4_096;
/// So much of anything waits to be sent, or to be looked at.
const MOST_WAITING: usize = 16_384;

/// The control channel. It ends when this is dropped.
pub struct Control {
    shared: Arc<Shared>,
}

/// What the two threads and the agent share.
struct Shared {
    address: String,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    ended: bool,
    /// The connection, after its hello.
    stream: Option<TcpStream>,
    /// Counts connections, so that the end of one is not taken for the end of the next.
    number: u64,
    say: VecDeque<ToHost>,
    /// One is being written.
    writing: bool,
    dropped: u64,
    heard: VecDeque<ToAgent>,
    problem: Option<String>,
}

impl Control {
    /// Begins to connect to `address`, as `HOST:PORT`, and does so again whenever the connection is lost.
    pub fn start(address: String, hello: Hello, wake: Wake) -> Control {
        let (state, changed) = (Mutex::default(), Condvar::new());
        let shared = Arc::new(Shared { address, state, changed });
        let (reader, writer) = (Arc::clone(&shared), Arc::clone(&shared));
        let reads = thread::Builder::new().name("control".into());
        let writes = thread::Builder::new().name("control-writer".into());
        let begun = reads
            .spawn(move || reader.connect_again_and_again(&hello, &wake))
            .and_then(|_| writes.spawn(move || writer.write_all()));
        if let Err(error) = begun {
            shared.lock().problem = Some(format!("no thread for the control channel: {error}"));
        }
        Control { shared }
    }

    /// Says something, as soon as there is a connection. A line of the log that does not fit, or that nobody is
    /// there to hear, is dropped and counted.
    pub fn say(&self, message: ToHost) {
        let mut state = self.shared.lock();
        let is_event = matches!(message, ToHost::Event { .. });
        let unheard = is_event && (state.stream.is_none() || state.say.len() >= MOST_EVENTS);
        if unheard || state.say.len() >= MOST_WAITING {
            state.dropped += 1;
        } else {
            state.say.push_back(message);
            self.shared.changed.notify_all();
        }
    }

    /// The next thing that the host said.
    pub fn heard(&self) -> Option<ToAgent> {
        let heard = self.shared.lock().heard.pop_front();
        self.shared.changed.notify_all();
        heard
    }

    /// Whether there is a connection on which the hello was said.
    pub fn connected(&self) -> bool {
        self.shared.lock().stream.is_some()
    }

    /// How much was dropped.
    pub fn dropped(&self) -> u64 {
        self.shared.lock().dropped
    }

    /// Why there was no connection the last time there was none.
    pub fn problem(&self) -> Option<String> {
        self.shared.lock().problem.clone()
    }

    /// Waits until everything is said; answers whether it is.
    pub fn flush(&self, within: Duration) -> bool {
        let until = Instant::now() + within;
        let mut state = self.shared.lock();
        loop {
            if state.say.is_empty() && !state.writing {
                return true;
            }
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return false;
            }
            state = self.shared.wait(state, left);
        }
    }
}

impl Drop for Control {
    fn drop(&mut self) {
        let mut state = self.shared.lock();
        state.ended = true;
        if let Some(stream) = state.stream.take() {
            // One that is closed already needs no closing.
            let _ = stream.shutdown(Shutdown::Both);
        }
        self.shared.changed.notify_all();
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait<'a>(&self, state: MutexGuard<'a, State>, most: Duration) -> MutexGuard<'a, State> {
        self.changed.wait_timeout(state, most).unwrap_or_else(PoisonError::into_inner).0
    }

    /// The thread that connects and reads.
    fn connect_again_and_again(&self, hello: &Hello, wake: &Wake) {
        let mut pause = SHORTEST_PAUSE;
        loop {
            let lines = self.one_connection(hello, wake).unwrap_or_else(|problem| {
                self.lock().problem = Some(problem);
                0
            });
            self.lost();
            // A host that talks is there: the next attempt need not wait.
            pause = if lines > 0 { SHORTEST_PAUSE } else { (pause * 2).min(LONGEST_PAUSE) };
            if self.pause(pause) {
                return;
            }
        }
    }

    /// Waits before the next attempt; answers whether the run is over.
    fn pause(&self, pause: Duration) -> bool {
        let until = Instant::now() + pause;
        let mut state = self.lock();
        while !state.ended {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return false;
            }
            state = self.wait(state, left);
        }
        true
    }

    /// From connecting to the end of the connection; answers how many lines were heard.
    fn one_connection(&self, hello: &Hello, wake: &Wake) -> Result<u64, String> {
        let stream = connect(&self.address)?;
        let problem = |error| format!("{}: {error}", self.address);
        stream.set_nodelay(true).map_err(problem)?;
        stream.set_write_timeout(Some(WRITE_WITHIN)).map_err(problem)?;
        let mut writer = stream.try_clone().map_err(problem)?;
        let hello = line_of(&hello()).ok_or("the hello is longer than a line may be")?;
        writer.write_all(&hello).map_err(problem)?;
        {
            let mut state = self.lock();
            if state.ended {
                return Ok(0);
            }
            state.number += 1;
            state.stream = Some(writer);
            state.problem = None;
        }
        self.changed.notify_all();
        self.read(stream, wake)
    }

    fn read(&self, stream: TcpStream, wake: &Wake) -> Result<u64, String> {
        let mut reader = BufReader::new(stream);
        let mut line = Vec::new();
        let mut lines = 0;
        loop {
            line.clear();
            let most = LONGEST_LINE as u64 + 1;
            let read = reader.by_ref().take(most).read_until(b'\n', &mut line);
            match read {
                Ok(0) => return Ok(lines),
                Ok(_) if line.last() != Some(&b'\n') && line.len() > LONGEST_LINE => {
                    return Err(format!("the host said a line of more than {LONGEST_LINE} bytes"));
                }
                // The connection ended in the middle of a line.
                Ok(_) if line.last() != Some(&b'\n') => return Ok(lines),
                Ok(_) => {}
                Err(error) => return Err(format!("{}: {error}", self.address)),
            }
            let message = serde_json::from_slice(&line)
                .map_err(|error| format!("the host said what this agent does not know: {error}"))?;
            lines += 1;
            if !self.keep(message) {
                return Ok(lines);
            }
            wake();
        }
    }

    /// Keeps what was heard until it is looked at, and waits for room; answers whether the run goes on.
    fn keep(&self, message: ToAgent) -> bool {
        let mut state = self.lock();
        while state.heard.len() >= MOST_WAITING && !state.ended {
            state = self.wait(state, LONGEST_PAUSE);
        }
        state.heard.push_back(message);
        !state.ended
    }

    /// The connection is over.
    fn lost(&self) {
        let mut state = self.lock();
        if let Some(stream) = state.stream.take() {
            let _ = stream.shutdown(Shutdown::Both);
        }
        // What the log has the host asks for when it is back.
        let before = state.say.len();
        state.say.retain(|message| !matches!(message, ToHost::Event { .. }));
        state.dropped += (before - state.say.len()) as u64;
    }

    /// The thread that writes.
    fn write_all(&self) {
        while let Some((mut stream, number, message)) = self.next() {
            let written = line_of(&message).map(|line| stream.write_all(&line));
            let mut state = self.lock();
            state.writing = false;
            match written {
                Some(Ok(())) => {}
                Some(Err(error)) => self.not_written(&mut state, &stream, number, message, &error),
                // No line that the host would take.
                None => state.dropped += 1,
            }
            self.changed.notify_all();
        }
    }

    /// The connection broke while `message` was written.
    fn not_written(
        &self,
        state: &mut State,
        stream: &TcpStream,
        number: u64,
        message: ToHost,
        error: &std::io::Error,
    ) {
        let _ = stream.shutdown(Shutdown::Both);
        if state.number == number {
            state.stream = None;
            state.problem = Some(format!("{}: {error}", self.address));
        }
        // A part of it may have arrived; the host knows the end of a connection from the end of a line.
        if matches!(message, ToHost::Event { .. }) {
            state.dropped += 1;
        } else {
            state.say.push_front(message);
        }
    }

    /// The next message and the connection for it; `None` when the run is over.
    fn next(&self) -> Option<(TcpStream, u64, ToHost)> {
        let mut state = self.lock();
        while !state.ended {
            if let (Some(stream), false) = (&state.stream, state.say.is_empty()) {
                if let Ok(stream) = stream.try_clone() {
                    let (number, message) = (state.number, state.say.pop_front()?);
                    state.writing = true;
                    return Some((stream, number, message));
                }
                state.stream = None;
            }
            state = self.wait(state, LONGEST_PAUSE);
        }
        None
    }
}

fn connect(address: &str) -> Result<TcpStream, String> {
    let addresses = address.to_socket_addrs().map_err(|error| format!("{address}: {error}"))?;
    let mut problem = format!("{address} is no address");
    for address in addresses {
        match TcpStream::connect_timeout(&address, CONNECT_WITHIN) {
            Ok(stream) => return Ok(stream),
            Err(error) => problem = format!("{address}: {error}"),
        }
    }
    Err(problem)
}

/// The message as a line; `None` when that is longer than a line may be.
fn line_of(message: &ToHost) -> Option<Vec<u8>> {
    let mut line = serde_json::to_vec(message).ok()?;
    line.push(b'\n');
    Some(line).filter(|line| line.len() <= LONGEST_LINE)
}
