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
            | ToHost::Beneath { .. }
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

#[cfg(test)]
mod tests {
    use std::future::Future;
    use std::net::Ipv4Addr;

    use tokio::io::AsyncReadExt;

    use super::*;

    fn hello(run: &str, token: &str, version: u32, process: u32) -> String {
        let about = About {
            triple: "t".into(),
            backend: "std".into(),
            model: "m".into(),
            os: "9".into(),
            sdk: None,
            background_modes: Vec::new(),
            simulator: false,
            pid: 1,
        };
        let clocks = Clocks::default();
        let (run, token) = (run.to_owned(), token.to_owned());
        let hello = ToHost::Hello { version, run, token, process, about, clocks };
        serde_json::to_string(&hello).unwrap() + "\n"
    }

    fn right(process: u32) -> String {
        hello("run", "token", VERSION, process)
    }

    fn with<F: Future<Output = ()>>(test: impl FnOnce(Control) -> F) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        tokio::task::LocalSet::new().block_on(&runtime, async {
            let at = Ipv4Addr::LOCALHOST.into();
            let control = Control::open(at, "run", "token").await.unwrap();
            let bounded = tokio::time::timeout(Duration::from_secs(20), test(control));
            bounded.await.expect("it ends in time");
        });
    }

    async fn say(control: &Control, text: &[u8]) -> TcpStream {
        let mut stream = TcpStream::connect(control.address()).await.unwrap();
        // Who is cut off while it still speaks is cut off.
        let _ = stream.write_all(text).await;
        stream
    }

    async fn next(control: &Control) -> Heard {
        loop {
            control.arrived().await;
            if let Some((_, heard)) = control.take() {
                return heard;
            }
        }
    }

    /// Until the other side has closed it.
    async fn closed(mut stream: TcpStream) {
        let mut rest = Vec::new();
        let _ = stream.read_to_end(&mut rest).await;
        assert!(rest.is_empty(), "a stranger is told nothing");
    }

    #[test]
    fn only_who_knows_nonce_and_token_is_heard() {
        with(async |control| {
            let strangers = [
                hello("other", "token", VERSION, 1),
                hello("run", "tokem", VERSION, 1),
                hello("run", "token2", VERSION, 1),
                "GET / HTTP/1.1\n".into(),
                "{\"say\":\"clock\",\"n\":1}\n".into(),
                "[[[[[[[[\n".into(),
            ];
            for stranger in strangers {
                closed(say(&control, stranger.as_bytes()).await).await;
            }
            let refused = control.refused();
            let counts = (refused.other_run, refused.wrong_token, refused.no_hello);
            assert_eq!((counts, control.is_empty()), ((1, 2, 3), true));
            let _agent = say(&control, right(1).as_bytes()).await;
            assert!(matches!(next(&control).await, Heard::Hello { process: 1, .. }));
        });
    }

    #[test]
    fn the_right_agent_of_another_version_is_told_apart() {
        with(async |control| {
            let _agent = say(&control, hello("run", "token", 9, 1).as_bytes()).await;
            assert_eq!(next(&control).await, Heard::OtherVersion(9));
        });
    }

    #[test]
    fn a_new_connection_of_the_agent_takes_the_place_of_the_old() {
        with(async |control| {
            let old = say(&control, right(1).as_bytes()).await;
            assert!(matches!(next(&control).await, Heard::Hello { .. }));
            let new = say(&control, right(2).as_bytes()).await;
            assert!(matches!(next(&control).await, Heard::Hello { process: 2, .. }));
            closed(old).await;
            assert!(control.is_connected() && control.say(ToAgent::End));
            // A process that another one followed does not come back.
            closed(say(&control, right(1).as_bytes()).await).await;
            assert_eq!(control.refused().wrong_token, 1);
            drop(new);
            assert_eq!(next(&control).await, Heard::Gone);
            assert!(!control.say(ToAgent::End));
        });
    }

    #[test]
    fn a_line_without_an_end_is_cut_off() {
        with(async |control| {
            let endless = vec![b'x'; LONGEST_HELLO + 2];
            closed(say(&control, &endless).await).await;
            assert_eq!(control.refused().no_hello, 1);
            let mut agent = say(&control, right(1).as_bytes()).await;
            assert!(matches!(next(&control).await, Heard::Hello { .. }));
            let endless = vec![b'x'; LONGEST_LINE + 2];
            let _ = agent.write_all(&endless).await;
            assert_eq!(next(&control).await, Heard::Gone);
        });
    }

    #[test]
    fn who_says_something_else_than_an_agent_does_is_cut_off() {
        with(async |control| {
            let mut agent = say(&control, right(1).as_bytes()).await;
            assert!(matches!(next(&control).await, Heard::Hello { .. }));
            agent.write_all(b"{\"say\":\"shout\"}\n").await.unwrap();
            assert_eq!(next(&control).await, Heard::Gone);
        });
    }

    #[test]
    fn a_crowd_of_strangers_is_turned_away() {
        with(async |control| {
            let mut crowd = Vec::new();
            for _ in 0..MOST_STRANGERS + 3 {
                crowd.push(say(&control, b"{").await);
            }
            while control.refused().too_many < 3 {
                tokio::task::yield_now().await;
            }
            drop(crowd);
            while control.refused().no_hello < MOST_STRANGERS as u64 {
                tokio::task::yield_now().await;
            }
            let _agent = say(&control, right(1).as_bytes()).await;
            assert!(matches!(next(&control).await, Heard::Hello { .. }));
        });
    }

    #[test]
    fn a_flood_waits_on_the_socket() {
        with(async |control| {
            let line = serde_json::to_string(&ToHost::Note { text: "n".into() }).unwrap() + "\n";
            let flood = right(1) + &line.repeat(2 * MOST_UNHEARD);
            let _agent = say(&control, flood.as_bytes()).await;
            assert!(matches!(next(&control).await, Heard::Hello { .. }));
            for _ in 0..2 * MOST_UNHEARD {
                assert!(matches!(next(&control).await, Heard::Said(_)));
                assert!(control.shared.heard.borrow().len() <= MOST_UNHEARD);
            }
        });
    }
}
