//! The host's end of the control channel: who may speak on it, and what the agent says.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::rc::Rc;
use std::time::{Duration, Instant};

use tokio::io::{AsyncBufRead, AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::tcp::OwnedWriteHalf;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::JoinHandle;

use crate::device::protocol::{About, Clocks, LONGEST_LINE, ToAgent, ToHost, VERSION};

/// A connection that has not said hello yet is closed after so long.
const HELLO_SOON: Duration = Duration::from_secs(5);
/// A Hello is not longer than this.
const LONGEST_HELLO: usize = 64 << 10;
/// More connections than this that have not said hello are turned away.
const MOST_STRANGERS: usize = 4;
/// More than this waits on the socket until it was looked at.
const MOST_UNHEARD: usize = 4_096;

/// What came over the control channel.
#[derive(Clone, PartialEq, Debug)]
pub(super) enum Heard {
    /// The agent of this run said hello.
    Hello {
        /// How many processes of it there have been.
        process: u32,
        /// What it is.
        about: Box<About>,
        /// Its clocks then.
        clocks: Clocks,
    },
    /// The agent has said something.
    Said(ToHost),
    /// The agent's connection ended, and there is no other.
    Gone,
    /// The right agent, of another version.
    OtherVersion(u64),
}

/// Connections that were not the agent's, by what was wrong.
#[derive(Copy, Clone, PartialEq, Eq, Debug, Default)]
pub struct Refused {
    /// They said nothing that is a Hello, or too late.
    pub no_hello: u64,
    /// They said the nonce of another run.
    pub other_run: u64,
    /// They did not know the token, or it was used up.
    pub wrong_token: u64,
    /// There were too many at once.
    pub too_many: u64,
}

impl Refused {
    /// How many there were.
    pub fn all(&self) -> u64 {
        self.no_hello + self.other_run + self.wrong_token + self.too_many
    }
}

/// The way to the agent that is connected now.
struct Line {
    serial: u64,
    to: UnboundedSender<ToAgent>,
}

/// What connections share.
struct Shared {
    run: String,
    token: String,
    heard: RefCell<VecDeque<(Instant, Heard)>>,
    arrived: Notify,
    taken: Notify,
    line: RefCell<Option<Line>>,
    serials: Cell<u64>,
    strangers: Cell<usize>,
    process: Cell<u32>,
    refused: Cell<Refused>,
}

/// The control channel of a run, listening.
pub(super) struct Control {
    address: SocketAddr,
    shared: Rc<Shared>,
    accepts: JoinHandle<()>,
}

impl Control {
    /// Listens at a free port of `at`, for the agent that knows both. Runs on the local task set of the run.
    pub(super) async fn open(at: IpAddr, run: &str, token: &str) -> io::Result<Control> {
        let listener = TcpListener::bind((at, 0)).await?;
        let address = listener.local_addr()?;
        let shared = Rc::new(Shared {
            run: run.to_owned(),
            token: token.to_owned(),
            heard: RefCell::default(),
            arrived: Notify::new(),
            taken: Notify::new(),
            line: RefCell::default(),
            serials: Cell::new(0),
            strangers: Cell::new(0),
            process: Cell::new(0),
            refused: Cell::default(),
        });
        let accepts = tokio::task::spawn_local(accept(listener, Rc::clone(&shared)));
        Ok(Control { address, shared, accepts })
    }

    /// Where it listens.
    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    /// What came, and when, if something did.
    pub(super) fn take(&self) -> Option<(Instant, Heard)> {
        let taken = self.shared.heard.borrow_mut().pop_front();
        self.shared.taken.notify_waiters();
        taken
    }

    /// Whether nothing came that was not taken.
    pub(super) fn is_empty(&self) -> bool {
        self.shared.heard.borrow().is_empty()
    }

    /// Ends when something came, or at once when something is there.
    pub(super) async fn arrived(&self) {
        if self.is_empty() {
            self.shared.arrived.notified().await;
        }
    }

    /// Says something to the agent; answers whether there is one to say it to.
    pub(super) fn say(&self, what: ToAgent) -> bool {
        let line = self.shared.line.borrow();
        line.as_ref().is_some_and(|line| line.to.send(what).is_ok())
    }

    /// Whether the agent is connected, as far as is known.
    pub(super) fn is_connected(&self) -> bool {
        self.shared.line.borrow().is_some()
    }

    /// Who was refused.
    pub(super) fn refused(&self) -> Refused {
        self.shared.refused.get()
    }
}

impl Drop for Control {
    fn drop(&mut self) {
        self.accepts.abort();
    }
}

impl Shared {
    fn put(&self, heard: Heard) {
        self.heard.borrow_mut().push_back((Instant::now(), heard));
        self.arrived.notify_one();
    }

    fn refuse(&self, count: impl FnOnce(&mut Refused)) {
        let mut refused = self.refused.get();
        count(&mut refused);
        self.refused.set(refused);
    }

    /// Takes a new line to the agent; the one before it is closed.
    fn connect(&self) -> (u64, UnboundedReceiver<ToAgent>) {
        let serial = self.serials.get() + 1;
        self.serials.set(serial);
        let (to, from) = unbounded_channel();
        *self.line.borrow_mut() = Some(Line { serial, to });
        (serial, from)
    }

    /// A connection ended; nobody is told when there is a newer one.
    fn disconnect(&self, serial: u64) {
        let mut line = self.line.borrow_mut();
        if line.as_ref().is_some_and(|line| line.serial == serial) {
            *line = None;
            drop(line);
            self.put(Heard::Gone);
        }
    }
}

async fn accept(listener: TcpListener, shared: Rc<Shared>) {
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            // Descriptors may come back.
            tokio::time::sleep(HELLO_SOON / 50).await;
            continue;
        };
        if shared.strangers.get() >= MOST_STRANGERS {
            shared.refuse(|refused| refused.too_many += 1);
            continue;
        }
        shared.strangers.set(shared.strangers.get() + 1);
        tokio::task::spawn_local(serve(stream, Rc::clone(&shared)));
    }
}

/// Serves one connection from its Hello on.
async fn serve(stream: TcpStream, shared: Rc<Shared>) {
    // A line is to go at once.
    let _ = stream.set_nodelay(true);
    let (reads, writes) = stream.into_split();
    let mut reads = BufReader::new(reads);
    let mut line = Vec::new();
    let first = next_line(&mut reads, &mut line, LONGEST_HELLO);
    let there = matches!(tokio::time::timeout(HELLO_SOON, first).await, Ok(Ok(true)));
    shared.strangers.set(shared.strangers.get() - 1);
    let greeting = if there { greeting(&line, &shared) } else { Greeting::None };
    match greeting {
        Greeting::Welcome { process, about, clocks } => {
            shared.process.set(process);
            let (serial, asked) = shared.connect();
            shared.put(Heard::Hello { process, about, clocks });
            talk(reads, writes, asked, &shared).await;
            shared.disconnect(serial);
        }
        Greeting::OtherVersion(version) => shared.put(Heard::OtherVersion(version)),
        Greeting::OtherRun => shared.refuse(|refused| refused.other_run += 1),
        Greeting::WrongToken => shared.refuse(|refused| refused.wrong_token += 1),
        Greeting::None => shared.refuse(|refused| refused.no_hello += 1),
    }
}

/// What the first line of a connection comes to.
enum Greeting {
    Welcome { process: u32, about: Box<About>, clocks: Clocks },
    OtherVersion(u64),
    OtherRun,
    WrongToken,
    None,
}

/// Judges a Hello. The version comes behind the proof of who speaks, and before all that depends on it.
fn greeting(line: &[u8], shared: &Shared) -> Greeting {
    let Ok(value) = serde_json::from_slice::<serde_json::Value>(line) else {
        return Greeting::None;
    };
    let text = |name: &str| value.get(name).and_then(serde_json::Value::as_str);
    let (Some("hello"), Some(run), Some(token)) = (text("say"), text("run"), text("token")) else {
        return Greeting::None;
    };
    if !same(run, &shared.run) {
        return Greeting::OtherRun;
    }
    if !same(token, &shared.token) {
        return Greeting::WrongToken;
    }
    let version = value.get("version").and_then(serde_json::Value::as_u64);
    if version != Some(u64::from(VERSION)) {
        return Greeting::OtherVersion(version.unwrap_or(0));
    }
    match serde_json::from_value(value) {
        // A process that another one has followed says nothing new.
        Ok(ToHost::Hello { process, .. }) if process < shared.process.get() => Greeting::WrongToken,
        Ok(ToHost::Hello { process, about, clocks, .. }) => {
            Greeting::Welcome { process, about: Box::new(about), clocks }
        }
        Ok(
            ToHost::Event { .. }
            | ToHost::Clock { .. }
            | ToHost::Done { .. }
            | ToHost::Connection { .. }
            | ToHost::Log { .. }
            | ToHost::PushToken { .. }
            | ToHost::Note { .. },
        )
        | Err(_) => Greeting::None,
    }
}

/// Whether two texts are the same. How long that takes does not tell where they differ.
fn same(one: &str, other: &str) -> bool {
    let pairs = one.bytes().zip(other.bytes());
    let differs = pairs.fold(0, |differs, (a, b)| differs | (a ^ b));
    one.len() == other.len() && std::hint::black_box(differs) == 0
}

/// Passes on what the agent says, and tells it what it is to be told, until one of both ends or another connection
/// takes this one's place.
async fn talk(
    mut reads: BufReader<tokio::net::tcp::OwnedReadHalf>,
    writes: OwnedWriteHalf,
    asked: UnboundedReceiver<ToAgent>,
    shared: &Shared,
) {
    let reading = async {
        let mut line = Vec::new();
        while let Ok(true) = next_line(&mut reads, &mut line, LONGEST_LINE).await {
            // Nothing that an agent says is anything else; who says it is cut off.
            let Ok(said) = serde_json::from_slice(&line) else { return };
            shared.put(Heard::Said(said));
            while shared.heard.borrow().len() >= MOST_UNHEARD {
                shared.taken.notified().await;
            }
        }
    };
    tokio::select! {
        () = reading => {}
        () = writing(writes, asked) => {}
    }
}

async fn writing(mut writes: OwnedWriteHalf, mut asked: UnboundedReceiver<ToAgent>) {
    while let Some(what) = asked.recv().await {
        let Ok(mut line) = serde_json::to_string(&what) else { return };
        line.push('\n');
        if writes.write_all(line.as_bytes()).await.is_err() {
            return;
        }
    }
}

/// Reads a line without its line break; answers whether there was one. The rest of a connection that ends in the
/// middle of a line is none, and one that is longer than `most` is an error.
async fn next_line(
    from: &mut (impl AsyncBufRead + Unpin),
    line: &mut Vec<u8>,
    most: usize,
) -> io::Result<bool> {
    line.clear();
    loop {
        let there = from.fill_buf().await?;
        if there.is_empty() {
            return Ok(false);
        }
        let end = there.iter().position(|byte| *byte == b'\n');
        let taken = end.unwrap_or(there.len());
        if line.len() + taken > most {
            return Err(io::Error::other("the line is too long"));
        }
        line.extend_from_slice(&there[..taken]);
        from.consume(taken + usize::from(end.is_some()));
        if end.is_some() {
            return Ok(true);
        }
    }
}
