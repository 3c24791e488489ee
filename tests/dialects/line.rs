//! A conversation over a socket.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use holdline::port::{Frame, PushId, Span};
use holdline::wire::dialect::{Conversation, Dialect, Heard, Vars};

use crate::server::Server;

/// What has not come by then does not come.
const PATIENCE: Duration = Duration::from_secs(10);

/// The push of these tests.
pub(crate) const PUSH: PushId = PushId { name: 17, member: 4 };

/// Values for a device.
pub(crate) fn vars(device: &str) -> Vars {
    Vars {
        device: device.into(),
        user: None,
        password: None,
        domain: "localhost".into(),
        keep_alive: Span::from_secs(60),
    }
}

/// A connection to a server.
pub(crate) struct Line {
    stream: TcpStream,
    talk: Conversation,
    heard: Vec<Heard>,
    closed: bool,
}

impl Line {
    /// A client that says hello.
    pub(crate) fn client(name: &str, server: &Server, vars: &Vars) -> Line {
        let dialect = Dialect::bundled(name).expect("a dialect").expect("without mistakes");
        Line::open(server, Conversation::new(&dialect, vars).expect("values"))
    }

    /// A publisher that is welcome.
    pub(crate) fn publisher(name: &str, server: &Server, vars: &Vars) -> Line {
        let dialect = Dialect::bundled(name).expect("a dialect").expect("without mistakes");
        let mut line = Line::open(server, Conversation::publisher(&dialect, vars).expect("values"));
        line.expect(&Heard::Frame(Frame::Welcome));
        line
    }

    /// A client that is welcome.
    pub(crate) fn welcome(name: &str, server: &Server, vars: &Vars) -> Line {
        let mut line = Line::client(name, server, vars);
        line.expect(&Heard::Frame(Frame::Welcome));
        line
    }

    fn open(server: &Server, mut talk: Conversation) -> Line {
        let stream = TcpStream::connect(("127.0.0.1", server.port)).expect("it listens");
        stream.set_read_timeout(Some(Duration::from_millis(20))).expect("a socket");
        talk.connected();
        let mut line = Line { stream, talk, heard: Vec::new(), closed: false };
        line.say(Frame::Hello { device: 0 });
        line
    }

    pub(crate) fn say(&mut self, frame: Frame) {
        let mut bytes = Vec::new();
        self.heard.append(&mut self.talk.send(frame, &mut bytes));
        self.stream.write_all(&bytes).expect("it is connected");
    }

    /// Publishes the push of these tests, and waits until the server has it.
    pub(crate) fn publish(&mut self, device: &str, payload: &str) {
        self.start_publishing(device, payload);
        self.expect(&Heard::Accepted { id: PUSH });
    }

    pub(crate) fn start_publishing(&mut self, device: &str, payload: &str) {
        let mut bytes = Vec::new();
        self.talk.publish(PUSH, device, payload, &mut bytes).expect("it can be published");
        self.stream.write_all(&bytes).expect("it is connected");
    }

    pub(crate) fn close(mut self) {
        let mut bytes = Vec::new();
        self.talk.close(&mut bytes).expect("it can be said");
        self.stream.write_all(&bytes).expect("it is connected");
    }

    /// Reads what is there; does not wait long.
    fn read(&mut self) {
        let mut bytes = [0; 1024];
        match self.stream.read(&mut bytes) {
            Ok(0) => self.closed = true,
            Ok(count) => {
                let mut answer = Vec::new();
                self.heard.append(&mut self.talk.receive(&bytes[..count], &mut answer));
                self.stream.write_all(&answer).expect("it is connected");
            }
            Err(error) if error.kind() == ErrorKind::WouldBlock => {}
            Err(error) if error.kind() == ErrorKind::ConnectionReset => self.closed = true,
            Err(error) => panic!("{error}"),
        }
    }

    /// Waits until something is heard that `is` it, and forgets all before it.
    pub(crate) fn until(&mut self, is: impl Fn(&Heard) -> bool) -> Heard {
        let began = Instant::now();
        loop {
            if let Some(at) = self.heard.iter().position(&is) {
                return self.heard.drain(..=at).next_back().expect("it was found");
            }
            let heard = &self.heard;
            assert!(!self.closed, "the server closed the connection; heard {heard:?}");
            assert!(began.elapsed() < PATIENCE, "nothing came but {heard:?}");
            self.read();
        }
    }

    /// Waits until this is heard.
    pub(crate) fn expect(&mut self, what: &Heard) {
        self.until(|heard| heard == what);
    }

    /// Pings with `n`, and waits for the answer to that.
    pub(crate) fn ping(&mut self, n: u32) {
        self.say(Frame::Ping { n });
        self.expect(&Heard::Frame(Frame::Pong { n }));
    }

    /// Waits for the push of these tests with this payload.
    pub(crate) fn expect_push(&mut self, payload: &str) {
        self.expect(&Heard::Frame(Frame::Push { id: PUSH }));
        self.expect(&Heard::Payload { id: PUSH, payload: payload.into() });
    }

    /// The reason for which the server refuses.
    pub(crate) fn refusal(&mut self) -> String {
        match self.until(|heard| matches!(heard, Heard::Refused { .. })) {
            Heard::Refused { reason } => reason,
            Heard::Frame(_)
            | Heard::Payload { .. }
            | Heard::Accepted { .. }
            | Heard::Goodbye { .. }
            | Heard::Unknown { .. }
            | Heard::Broken { .. } => String::new(),
        }
    }

    /// Says nothing until the server closes the connection, or for so long; how long that was.
    pub(crate) fn silent_until_closed(&mut self, most: Duration) -> Option<Duration> {
        let began = Instant::now();
        while began.elapsed() < most {
            if self.closed {
                return Some(began.elapsed());
            }
            self.read();
        }
        None
    }
}
