//! A line into what it says.

use super::lines::Wrong;
use super::message::{ClientMessage, ServerMessage, VERSION};
use crate::port::Span;

/// The longest name of a device.
const MOST_NAME: usize = 64;

/// Whether a device can be called `name`.
pub fn is_device_name(name: &str) -> bool {
    (1..=MOST_NAME).contains(&name.len())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._:@-".contains(&byte))
}

/// The words of a line, from the front.
struct Words<'a> {
    rest: &'a str,
}

impl<'a> Words<'a> {
    fn next(&mut self) -> &'a str {
        let (word, rest) = self.rest.split_once(' ').unwrap_or((self.rest, ""));
        self.rest = rest;
        word
    }

    fn number<T: std::str::FromStr>(&mut self, what: &'static str) -> Result<T, Wrong> {
        let word = self.next();
        // `parse` takes a sign, which is no digit.
        let digits = word.bytes().all(|byte| byte.is_ascii_digit());
        word.parse().ok().filter(|_| digits).ok_or(Wrong::Syntax(what))
    }

    fn ttl(&mut self) -> Result<Option<Span>, Wrong> {
        const WHAT: &str = "a time to live is a number of seconds, or -";
        if self.rest.starts_with("- ") || self.rest == "-" {
            self.next();
            return Ok(None);
        }
        let seconds: u32 = self.number(WHAT)?;
        Ok(Some(Span::from_secs(u64::from(seconds))))
    }

    fn rest(self) -> &'a str {
        self.rest
    }

    /// A message whose last word is the next. Another version of the protocol may have written more behind it:
    /// that is no mistake of spelling, the version is what does not fit.
    fn of_version<M>(
        mut self,
        version: u32,
        message: impl FnOnce(&'a str) -> M,
    ) -> Result<M, Wrong> {
        let message = message(self.next());
        if version == VERSION { self.end(message) } else { Ok(message) }
    }

    fn end<M>(self, message: M) -> Result<M, Wrong> {
        if self.rest.is_empty() { Ok(message) } else { Err(Wrong::Syntax("the line goes on")) }
    }
}

impl<'a> ClientMessage<'a> {
    /// What a client's line says.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn decode(line: &'a str) -> Result<ClientMessage<'a>, Wrong> {
        if line.bytes().all(|byte| byte == b' ') {
            return Ok(ClientMessage::Blank);
        }
        let mut words = Words { rest: line };
        let message = match words.next() {
            "HELLO" => {
                let version = words.number("HELLO is followed by a version and a device")?;
                return words
                    .of_version(version, |device| ClientMessage::Hello { version, device });
            }
            "SIDE" => {
                let version = words.number("SIDE is followed by a version and a device")?;
                return words.of_version(version, |device| ClientMessage::Side { version, device });
            }
            "PING" => ClientMessage::Ping { n: words.number("PING is followed by a number")? },
            "PONG" => ClientMessage::Pong { n: words.number("PONG is followed by a number")? },
            "ACK" => ClientMessage::Ack { id: words.number("ACK is followed by a push's id")? },
            "AUTH" => {
                let version = words.number("AUTH is followed by a version and a token")?;
                return words.of_version(version, |token| ClientMessage::Auth { version, token });
            }
            "PUB" => {
                let reference = words.number("PUB is followed by a reference")?;
                let device = words.next();
                let ttl = words.ttl()?;
                let payload = words.rest();
                return Ok(ClientMessage::Publish { reference, device, ttl, payload });
            }
            "ALL" => {
                let reference = words.number("ALL is followed by a reference")?;
                let ttl = words.ttl()?;
                return Ok(ClientMessage::PublishAll { reference, ttl, payload: words.rest() });
            }
            _ => return Err(Wrong::Syntax("no such message; see docs/protocol.md")),
        };
        words.end(message)
    }
}

impl<'a> ServerMessage<'a> {
    /// What a server's line says.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn decode(line: &'a str) -> Result<ServerMessage<'a>, Wrong> {
        let mut words = Words { rest: line };
        let message = match words.next() {
            "WELCOME" => ServerMessage::Welcome {
                version: words.number("WELCOME is followed by a version")?,
            },
            "PING" => ServerMessage::Ping { n: words.number("PING is followed by a number")? },
            "PONG" => ServerMessage::Pong { n: words.number("PONG is followed by a number")? },
            "PUSH" => {
                let id = words.number("PUSH is followed by an id")?;
                return Ok(ServerMessage::Push { id, payload: words.rest() });
            }
            "CANCEL" => ServerMessage::Cancel { id: words.number("CANCEL is followed by an id")? },
            "KNOCK" => ServerMessage::Knock,
            "MEDIA" => return Ok(ServerMessage::Media { payload: words.rest() }),
            "GOAWAY" => ServerMessage::GoAway,
            "BYE" => {
                let reason = words.next();
                return Ok(ServerMessage::Bye { reason, text: words.rest() });
            }
            "ERROR" => {
                let reason = words.next();
                return Ok(ServerMessage::Error { reason, text: words.rest() });
            }
            "DONE" => {
                let reference = words.number("DONE is followed by a reference")?;
                let id = words.number("DONE is followed by an id")?;
                let devices = words.number("DONE ends with a number of devices")?;
                ServerMessage::Done { reference, id, devices }
            }
            "FAIL" => {
                let reference = words.number("FAIL is followed by a reference")?;
                ServerMessage::Fail { reference, reason: words.next() }
            }
            _ => return Err(Wrong::Syntax("no such message; see docs/protocol.md")),
        };
        words.end(message)
    }
}
