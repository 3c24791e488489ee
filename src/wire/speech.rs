//! What a phone's frames are in bytes, and back: in our own protocol, or in the dialect of another server.

use std::collections::BTreeMap;

use super::dialect::{BadValue, Conversation, Dialect, Heard, Vars};
use super::{ClientMessage, Lines, MOST_LINE, ServerMessage, frame_id};
use crate::port::{Frame, PushId};

/// How a phone talks to its server.
pub enum Speech {
    /// Our own protocol.
    Own {
        /// What the device says it is called.
        name: String,
        /// What is half received, by connection.
        lines: BTreeMap<u32, Lines>,
    },
    /// Another server's, on one connection at a time.
    Other {
        /// The dialect, as far as it has come.
        talk: Box<Conversation>,
        /// The newest connection.
        connection: u32,
    },
}

/// What a phone hears.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Said {
    /// A frame.
    Frame(Frame),
    /// What the push said that comes next, or came just now.
    Payload(PushId, String),
    /// The server refuses something, or says goodbye; why.
    Refused(String),
    /// A push of the scenario could not be published; why.
    NotPublished(String),
}

impl Speech {
    /// Our own protocol, as a device of this name.
    pub fn own(name: String) -> Speech {
        Speech::Own { name, lines: BTreeMap::new() }
    }

    /// The dialect of another server.
    ///
    /// # Errors
    /// A value that cannot be said in it.
    pub fn other(dialect: &Dialect, vars: &Vars) -> Result<Speech, BadValue> {
        let talk = Box::new(Conversation::new(dialect, vars)?);
        Ok(Speech::Other { talk, connection: 0 })
    }

    /// A connection is established.
    pub fn established(&mut self, on: u32) {
        match self {
            Speech::Own { .. } => {}
            Speech::Other { talk, connection } => {
                *connection = on;
                talk.connected();
            }
        }
    }

    /// The phone has no such connection any more.
    pub fn ended(&mut self, on: u32) {
        match self {
            Speech::Own { lines, .. } => drop(lines.remove(&on)),
            Speech::Other { .. } => {}
        }
    }

    /// Says a frame on a connection: adds its bytes to `out`; a hello may make what came before it heard.
    pub fn say(&mut self, on: u32, frame: Frame, out: &mut Vec<u8>) -> Vec<Said> {
        match self {
            Speech::Own { name, .. } => {
                if let Some(message) = ClientMessage::of(frame, name) {
                    message.encode(out);
                }
                Vec::new()
            }
            Speech::Other { talk, connection } if *connection == on => {
                talk.send(frame, out).into_iter().filter_map(said).collect()
            }
            Speech::Other { .. } => Vec::new(),
        }
    }

    /// Hears bytes on a connection; what has to be answered at once is added to `out`.
    pub fn hear(&mut self, on: u32, bytes: &[u8], out: &mut Vec<u8>) -> Vec<Said> {
        match self {
            Speech::Own { lines, .. } => {
                let mut heard = Vec::new();
                lines.entry(on).or_default().feed(bytes, MOST_LINE, |line| {
                    if let Ok(message) = line.and_then(ServerMessage::decode) {
                        heard.extend(of_own(message));
                    }
                    true
                });
                heard
            }
            Speech::Other { talk, connection } if *connection == on => {
                talk.receive(bytes, out).into_iter().filter_map(said).collect()
            }
            Speech::Other { .. } => Vec::new(),
        }
    }
}

fn of_own(message: ServerMessage<'_>) -> Vec<Said> {
    let refused = |reason: &str, text: &str| vec![Said::Refused(format!("{reason}: {text}"))];
    let frame = match message {
        ServerMessage::Welcome { version: _ } => Frame::Welcome,
        ServerMessage::Ping { n } => Frame::Ping { n },
        ServerMessage::Pong { n } => Frame::Pong { n },
        ServerMessage::Push { id, payload } => {
            let id = frame_id(id);
            return vec![Said::Payload(id, payload.to_owned()), Said::Frame(Frame::Push { id })];
        }
        ServerMessage::Cancel { id } => Frame::Cancel { id: frame_id(id) },
        ServerMessage::Knock => Frame::Knock,
        ServerMessage::Media { payload: _ } => Frame::Media,
        ServerMessage::GoAway => Frame::GoAway,
        ServerMessage::Bye { reason, text } | ServerMessage::Error { reason, text } => {
            return refused(reason, text);
        }
        ServerMessage::Done { .. } | ServerMessage::Fail { .. } => return Vec::new(),
    };
    vec![Said::Frame(frame)]
}

fn said(heard: Heard) -> Option<Said> {
    match heard {
        Heard::Frame(frame) => Some(Said::Frame(frame)),
        Heard::Payload { id, payload } => {
            Some(Said::Payload(id, String::from_utf8_lossy(&payload).into_owned()))
        }
        Heard::Refused { reason } | Heard::Goodbye { reason } | Heard::Broken { reason } => {
            Some(Said::Refused(reason))
        }
        // Publishers hear the first; nobody has to know the second.
        Heard::Accepted { .. } | Heard::Unknown { .. } => None,
    }
}
