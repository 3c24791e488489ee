//! One client's connection to a server that speaks a dialect: frames in, bytes out, and the other way round.

use std::collections::VecDeque;

use super::Dialect;
use super::framing::{Next, Unit};
use super::pushes::{HeardPush, HeardPushes, Ids};
use super::rules::{Exchange, Means, Refusal};
use super::values::{Escape, Lookup, Values, base64, our_id, shown};
use crate::port::{Frame, PushId, Span};

/// More pings than this wait for an answer; of older ones the answer is not known any more.
const MOST_PINGS: usize = 64;
/// More than this cannot be heard of pushes before the welcome.
const MOST_EARLY: usize = 1024;
/// A value longer than this is refused.
const MOST_VALUE: usize = 256;

/// What a dialect does not know by itself.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Vars {
    /// The name of the device.
    pub device: String,
    /// Whom to log in as, if anybody.
    pub user: Option<String>,
    /// The password.
    pub password: Option<String>,
    /// The domain or host that the server stands for.
    pub domain: String,
    /// How often the client says that it will give a sign of life.
    pub keep_alive: Span,
}

/// A value that cannot be said in a dialect.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BadValue {
    /// Which.
    pub name: &'static str,
    /// What is wrong with it.
    pub why: String,
}

impl std::fmt::Display for BadValue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.name, self.why)
    }
}

impl std::error::Error for BadValue {}

impl Vars {
    fn values(&self) -> Result<Values, BadValue> {
        let text = |value: &Option<String>| value.clone().unwrap_or_default();
        let (user, password) = (text(&self.user), text(&self.password));
        let mut values = Values::new();
        let plain = base64(format!("\0{user}\0{password}").as_bytes());
        values.insert("sasl-plain".into(), plain);
        let seconds = self.keep_alive.as_millis().div_ceil(1000).to_string();
        values.insert("keep-alive".into(), seconds.into_bytes());
        let domain = self.domain.clone();
        for (name, value) in [
            ("device", self.device.clone()),
            ("user", user),
            ("password", password),
            ("domain", domain),
        ] {
            check(name, &value, MOST_VALUE)?;
            values.insert(name.into(), value.into_bytes());
        }
        Ok(values)
    }
}

fn check(name: &'static str, value: &str, most: usize) -> Result<(), BadValue> {
    if value.len() > most {
        return Err(BadValue { name, why: format!("longer than {most} bytes") });
    }
    if value.contains(char::is_control) {
        return Err(BadValue { name, why: "it has control characters".into() });
    }
    Ok(())
}

/// What was heard of a server.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Heard {
    /// What the server said, as our client knows it.
    Frame(Frame),
    /// What was in the push of the frame before.
    Payload {
        /// The push.
        id: PushId,
        /// Its payload.
        payload: Vec<u8>,
    },
    /// A publisher's push was accepted.
    Accepted {
        /// The push.
        id: PushId,
    },
    /// The server does not take the client, or a push.
    Refused {
        /// What the server says.
        reason: String,
    },
    /// The server ends the connection.
    Goodbye {
        /// What the server says.
        reason: String,
    },
    /// Something the dialect has no pattern for; it is passed over.
    Unknown {
        /// The beginning of it.
        what: String,
    },
    /// The conversation cannot go on: what came is not this dialect, or more than is held. Close the connection.
    Broken {
        /// What is wrong.
        reason: String,
    },
}

/// Where a conversation is.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
enum State {
    /// The client has not said hello yet.
    Silent,
    /// At this exchange, whose text was sent.
    Connecting(usize),
    Welcome,
    /// Nothing is said or heard any more.
    Over,
}

/// A client's side of a connection. It does no I/O: bytes that were read are given to it, and it writes those
/// that are to be sent into a buffer.
#[derive(Debug)]
pub struct Conversation {
    dialect: Dialect,
    publisher: bool,
    state: State,
    /// What names stand for: given ones, and those caught while connecting.
    values: Values,
    given: Values,
    connections: u32,
    buffer: Vec<u8>,
    /// So much of the buffer was looked at and is not whole.
    scanned: usize,
    ids: Ids,
    heard: HeardPushes,
    /// Pushes that came before the welcome, which they are to follow.
    early: Vec<Heard>,
    pings: VecDeque<u32>,
    server_pings: VecDeque<(u32, Values)>,
    asked: u32,
    published: VecDeque<(u32, PushId)>,
    publications: u32,
}

impl Conversation {
    /// A client that speaks `dialect`.
    ///
    /// # Errors
    /// One of the values cannot be said.
    pub fn new(dialect: &Dialect, vars: &Vars) -> Result<Conversation, BadValue> {
        let given = vars.values()?;
        Ok(Conversation {
            dialect: dialect.clone(),
            publisher: false,
            state: State::Silent,
            values: given.clone(),
            given,
            connections: 0,
            buffer: Vec::new(),
            scanned: 0,
            ids: Ids::default(),
            heard: HeardPushes::default(),
            early: Vec::new(),
            pings: VecDeque::new(),
            server_pings: VecDeque::new(),
            asked: 0,
            published: VecDeque::new(),
            publications: 0,
        })
    }

    /// One that publishes pushes for other clients. Its device is its own, not theirs.
    ///
    /// # Errors
    /// One of the values cannot be said.
    pub fn publisher(dialect: &Dialect, vars: &Vars) -> Result<Conversation, BadValue> {
        Ok(Conversation { publisher: true, ..Conversation::new(dialect, vars)? })
    }

    /// A connection is there, the first or a new one. What belonged to the one before is forgotten, but not
    /// which push is which.
    pub fn connected(&mut self) {
        self.connections = self.connections.wrapping_add(1);
        self.state = State::Silent;
        self.values = self.given.clone();
        self.values.insert("connection".into(), self.connections.to_string().into_bytes());
        self.buffer.clear();
        self.scanned = 0;
        self.heard = HeardPushes::default();
        self.early.clear();
        self.pings.clear();
        self.server_pings.clear();
        self.published.clear();
    }

    /// Whether the server took the client.
    pub fn is_welcome(&self) -> bool {
        self.state == State::Welcome
    }

    /// Says `frame`: adds its bytes to `out`. A hello also reads what came before it, hence the answer. What the
    /// dialect has no words for is not said.
    pub fn send(&mut self, frame: Frame, out: &mut Vec<u8>) -> Vec<Heard> {
        let mut heard = Vec::new();
        let rules = self.dialect.rules();
        let said = match frame {
            Frame::Hello { .. } if self.state == State::Silent => {
                self.enter(0, out, &mut heard);
                heard.append(&mut self.receive(&[], out));
                Ok(())
            }
            Frame::HelloSide { .. } => Err("this dialect has no second connection".to_owned()),
            Frame::Pong { n } => self.answer(n, out),
            _ if self.state != State::Welcome => Ok(()),
            Frame::Ping { n } => match &rules.ping {
                Some(ping) => {
                    if ping.pong.is_some() {
                        if self.pings.len() >= MOST_PINGS {
                            self.pings.pop_front();
                        }
                        self.pings.push_back(n);
                    }
                    let own = Values::from([("n".to_owned(), n.to_string().into_bytes())]);
                    ping.send.write(Lookup(&[&own, &self.values]), out)
                }
                None => Ok(()),
            },
            Frame::Ack { id } => match self.heard.get(id) {
                Some(push) => {
                    match rules.pushes.get(push.rule).and_then(|rule| rule.ack.as_ref()) {
                        Some(ack) => ack.write(Lookup(&[&push.caught, &self.values]), out),
                        None => Ok(()),
                    }
                }
                None => Ok(()),
            },
            Frame::WhiteSpace => match &rules.white_space {
                Some(blank) => blank.write(Lookup(&[&self.values]), out),
                None => Ok(()),
            },
            // TLS is below a dialect, and the rest is for servers to say.
            Frame::Hello { .. }
            | Frame::TlsClient { .. }
            | Frame::TlsServer { .. }
            | Frame::Welcome
            | Frame::Push { .. }
            | Frame::Cancel { .. }
            | Frame::Knock
            | Frame::Media
            | Frame::GoAway => Ok(()),
        };
        if let Err(reason) = said {
            heard.push(self.broken(reason));
        }
        heard
    }

    /// Answers the server's ping `n`.
    fn answer(&mut self, n: u32, out: &mut Vec<u8>) -> Result<(), String> {
        let rules = self.dialect.rules();
        let at = self.server_pings.iter().position(|(asked, _)| *asked == n);
        let asked = at.and_then(|at| self.server_pings.remove(at));
        let reply = rules.server_ping.as_ref().and_then(|ping| ping.reply.as_ref());
        match (asked, reply, self.state) {
            (Some((_, caught)), Some(reply), State::Connecting(_) | State::Welcome) => {
                reply.write(Lookup(&[&caught, &self.values]), out)
            }
            (Some(_) | None, _, _) => Ok(()),
        }
    }

    /// Asks the server to deliver a push to `device`.
    ///
    /// # Errors
    /// The dialect cannot publish, the server has not welcomed this publisher, or a value cannot be said.
    pub fn publish(
        &mut self,
        id: PushId,
        device: &str,
        payload: &str,
        out: &mut Vec<u8>,
    ) -> Result<(), BadValue> {
        let rules = self.dialect.rules();
        let cannot = |why: &str| BadValue { name: "publish", why: why.to_owned() };
        let publish = rules.publish.as_ref().ok_or_else(|| cannot("this dialect cannot"))?;
        if !self.publisher || self.state != State::Welcome {
            return Err(cannot("the server has not welcomed this publisher"));
        }
        check("device", device, MOST_VALUE)?;
        check("payload", payload, rules.largest / 2)?;
        // Fits in 16 bits and is never 0, as MQTT wants it.
        self.publications = self.publications % 65_535 + 1;
        let own = Values::from([
            ("n".to_owned(), self.publications.to_string().into_bytes()),
            ("id".to_owned(), our_id(id).into_bytes()),
            ("device".to_owned(), device.as_bytes().to_vec()),
            ("payload".to_owned(), payload.as_bytes().to_vec()),
        ]);
        publish
            .send
            .write(Lookup(&[&own, &self.values]), out)
            .map_err(|why| BadValue { name: "publish", why })?;
        if publish.accepted.is_some() {
            if self.published.len() >= MOST_PINGS {
                self.published.pop_front();
            }
            self.published.push_back((self.publications, id));
        }
        Ok(())
    }

    /// Whether the server says that it has taken a push.
    pub fn confirms(&self) -> bool {
        self.dialect.rules().publish.as_ref().is_some_and(|publish| publish.accepted.is_some())
    }

    /// Says goodbye, if the dialect does; the connection may be closed then.
    pub fn close(&mut self, out: &mut Vec<u8>) -> Result<(), BadValue> {
        let rules = self.dialect.rules();
        let said = match (&rules.close, self.state) {
            (Some(close), State::Connecting(_) | State::Welcome) => {
                close.write(Lookup(&[&self.values]), out)
            }
            (Some(_), State::Silent | State::Over) | (None, _) => Ok(()),
        };
        self.state = State::Over;
        said.map_err(|why| BadValue { name: "close", why })
    }

    /// Hears `bytes`, which may be cut anywhere; answers that the dialect gives by itself are added to `out`.
    pub fn receive(&mut self, bytes: &[u8], out: &mut Vec<u8>) -> Vec<Heard> {
        let mut heard = Vec::new();
        if self.state == State::Over {
            return heard;
        }
        self.buffer.extend(bytes);
        let rules = self.dialect.rules();
        let mut at = 0;
        while !matches!(self.state, State::Silent | State::Over) {
            match rules.framing.next(&self.buffer[at..], self.scanned, rules.largest) {
                Ok(Next::Unit(unit, length)) => {
                    let what = &self.buffer[at..at + length];
                    let shown = shown(what);
                    at += length;
                    self.scanned = 0;
                    self.hear(&unit, shown, out, &mut heard);
                }
                Ok(Next::Nothing(length)) => {
                    at += length;
                    self.scanned = 0;
                }
                Ok(Next::More) => {
                    self.scanned = self.buffer.len() - at;
                    break;
                }
                Err(reason) => heard.push(self.broken(reason)),
            }
        }
        if self.state == State::Over {
            self.buffer = Vec::new();
        } else {
            self.buffer.drain(..at);
        }
        if self.buffer.len() > rules.largest {
            heard.push(self.broken(format!("more than {} bytes before hello", rules.largest)));
        }
        heard
    }

    fn broken(&mut self, reason: String) -> Heard {
        self.state = State::Over;
        Heard::Broken { reason }
    }

    fn applies(&self, exchange: &Exchange) -> bool {
        let has = |name: &String| self.values.get(name).is_some_and(|value| !value.is_empty());
        exchange.when.as_ref().is_none_or(has) && !exchange.unless.as_ref().is_some_and(has)
    }

    /// Goes on with the exchanges from `place`, up to one that waits for an answer.
    fn enter(&mut self, mut place: usize, out: &mut Vec<u8>, heard: &mut Vec<Heard>) {
        let rules = self.dialect.rules();
        let exchanges = rules.connect(self.publisher);
        while let Some(exchange) = exchanges.get(place) {
            if self.applies(exchange) {
                self.state = State::Connecting(place);
                if let Some(send) = &exchange.send
                    && let Err(reason) = send.write(Lookup(&[&self.values]), out)
                {
                    heard.push(self.broken(reason));
                    return;
                }
                if exchange.expect.is_some() {
                    return;
                }
            }
            place += 1;
        }
        self.state = State::Welcome;
        heard.push(Heard::Frame(Frame::Welcome));
        heard.append(&mut self.early);
    }

    fn hear(&mut self, unit: &Unit, shown: String, out: &mut Vec<u8>, heard: &mut Vec<Heard>) {
        let rules = self.dialect.rules();
        if let State::Connecting(place) = self.state
            && let Some(exchange) = rules.connect(self.publisher).get(place)
        {
            let expected = exchange.expect.as_ref();
            if let Some(mut caught) =
                expected.and_then(|expect| expect.caught(unit, Lookup(&[&self.values])))
            {
                self.values.append(&mut caught);
                self.enter(place + 1, out, heard);
                return;
            }
            if let Some(reason) = self.refusal(&exchange.refused, unit) {
                self.state = State::Over;
                heard.push(Heard::Refused { reason });
                return;
            }
        }
        match self.meaning(unit, heard) {
            Some(()) => {}
            None => heard.push(Heard::Unknown { what: shown }),
        }
    }

    fn refusal(&self, refusals: &[Refusal], unit: &Unit) -> Option<String> {
        refusals.iter().find_map(|refusal| {
            let caught = refusal.pattern.caught(unit, Lookup(&[&self.values]))?;
            let mut reason = Vec::new();
            refusal.reason.write(Lookup(&[&caught, &self.values]), Escape::Line, &mut reason);
            Some(String::from_utf8_lossy(&reason).into_owned())
        })
    }

    /// Hears `unit` by the rules that hold at all times; nothing when it is known to none of them.
    fn meaning(&mut self, unit: &Unit, heard: &mut Vec<Heard>) -> Option<()> {
        let rules = self.dialect.rules();
        let number =
            |caught: &Values| std::str::from_utf8(caught.get("n")?).ok()?.parse::<u32>().ok();
        if let Some(pong) = rules.ping.as_ref().and_then(|ping| ping.pong.as_ref())
            && let Some(caught) = pong.caught(unit, Lookup(&[&self.values]))
        {
            let n = number(&caught);
            let at = self.pings.iter().position(|asked| n.is_none_or(|n| n == *asked));
            // When nothing was asked it may be something else.
            if let Some(n) = at.and_then(|at| self.pings.remove(at)) {
                heard.push(Heard::Frame(Frame::Pong { n }));
                return Some(());
            }
        }
        if let Some(ping) = &rules.server_ping
            && let Some(caught) = ping.pattern.caught(unit, Lookup(&[&self.values]))
        {
            let n = number(&caught).unwrap_or_else(|| {
                self.asked = self.asked.wrapping_add(1);
                self.asked
            });
            if self.server_pings.len() >= MOST_PINGS {
                self.server_pings.pop_front();
            }
            self.server_pings.push_back((n, caught));
            heard.push(Heard::Frame(Frame::Ping { n }));
            return Some(());
        }
        if let Some(publish) = rules.publish.as_ref().filter(|_| self.publisher) {
            let accepted = publish.accepted.as_ref();
            if let Some(caught) =
                accepted.and_then(|accepted| accepted.caught(unit, Lookup(&[&self.values])))
            {
                let n = number(&caught);
                let at = self.published.iter().position(|(asked, _)| n.is_none_or(|n| n == *asked));
                if let Some((_, id)) = at.and_then(|at| self.published.remove(at)) {
                    heard.push(Heard::Accepted { id });
                    return Some(());
                }
            }
            if let Some(reason) = self.refusal(&publish.refused, unit) {
                heard.push(Heard::Refused { reason });
                return Some(());
            }
        }
        for (rule, push) in rules.pushes.iter().enumerate() {
            let Some(mut caught) = push.pattern.caught(unit, Lookup(&[&self.values])) else {
                continue;
            };
            let id = self.ids.of(caught.get("id").map(Vec::as_slice));
            let payload = caught.remove("payload").unwrap_or_default();
            self.heard.add(HeardPush { id, rule, caught });
            if self.early.len() >= MOST_EARLY {
                let reason = format!("more than {MOST_EARLY} pushes before the welcome");
                heard.push(self.broken(reason));
                return Some(());
            }
            // A broker that kept a session sends what waited before it says that the client is welcome.
            let to = if self.state == State::Welcome { heard } else { &mut self.early };
            to.push(Heard::Frame(Frame::Push { id }));
            if !payload.is_empty() {
                to.push(Heard::Payload { id, payload });
            }
            return Some(());
        }
        if let Some(cancel) = &rules.cancel
            && let Some(caught) = cancel.caught(unit, Lookup(&[&self.values]))
        {
            let id = self.heard.meant(&caught)?;
            heard.push(Heard::Frame(Frame::Cancel { id }));
            return Some(());
        }
        for hear in &rules.hears {
            let Some(caught) = hear.pattern.caught(unit, Lookup(&[&self.values])) else {
                continue;
            };
            match &hear.means {
                Means::GoAway => heard.push(Heard::Frame(Frame::GoAway)),
                Means::Knock => heard.push(Heard::Frame(Frame::Knock)),
                Means::Media => heard.push(Heard::Frame(Frame::Media)),
                Means::Ignore => {}
                Means::Goodbye(text) => {
                    let mut reason = Vec::new();
                    text.write(Lookup(&[&caught, &self.values]), Escape::Line, &mut reason);
                    let reason = String::from_utf8_lossy(&reason).into_owned();
                    self.state = State::Over;
                    heard.push(Heard::Goodbye { reason });
                }
            }
            return Some(());
        }
        None
    }
}
