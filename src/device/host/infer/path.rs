//! What the path did: from what streams were told and reported on the phone, and from what the server did.

use std::collections::{BTreeMap, BTreeSet};

use super::end::{End, Rule};
use super::{Additions, of_phone};
use crate::port::{Frame, StreamEvent, Time};
use crate::trace::{ConnectionEnd, Delivery, RestartKind, SessionEnd, What};

const PHONE: &str = "phone";
const SERVER: &str = "server";

/// The connections so far.
#[derive(Default)]
struct Path {
    /// Pairs of streams over TCP of which no side was opened.
    made: BTreeSet<u32>,
    /// Since when a connection is being made.
    connecting: BTreeMap<u32, Time>,
    /// Where the app was told last that there is something to read.
    told: BTreeMap<u32, usize>,
    /// Connections that the phone's kernel holds for the app, and how many sides of each the app has closed.
    held: BTreeMap<u32, u32>,
    /// The connections of the session in the server.
    session: Option<u32>,
    /// Its process ended, and its kernel closed what it held.
    server_process_down: bool,
    side: Option<u32>,
}

/// Adds what the path did. How a frame came to arrive nobody knows: it is taken as come at the first try.
pub(super) fn infer(added: &mut Additions<'_>, ends: &[End]) {
    let mut path = Path::default();
    let mut ends = ends.iter().peekable();
    for place in 0..added.known.len() {
        while let Some(end) = ends.next_if(|end| end.place <= place) {
            let boots = end.kill == Rule::Boot;
            path.process_ended(|what| {
                // A device that boots forgets its connections without a word.
                if !boots {
                    added.at_or_before(end.at, end.place, what);
                }
            });
        }
        let known = added.known[place];
        if of_phone(&known) {
            path.phone(added, place, known.event.what, known.event.at);
        } else {
            path.server(added, place, known.event.what);
        }
    }
}

impl Path {
    #[expect(clippy::wildcard_enum_match_arm, reason = "few events tell of the path")]
    fn phone(&mut self, added: &mut Additions<'_>, place: usize, what: What, at: Time) {
        match what {
            What::CreateStream { pair } => {
                self.made.insert(pair);
            }
            What::Open { pair, ok: true, .. } if self.made.remove(&pair) => {
                self.connecting.insert(pair, at);
                added.after(place, What::Connecting { connection: pair });
            }
            What::Callback { name, id } if name == StreamEvent::OpenCompleted.as_str() => {
                if let Some(since) = self.connecting.remove(&id) {
                    self.held.insert(id, 0);
                    added
                        .before(place, What::Established { connection: id, took: at.since(since) });
                }
            }
            What::Callback { name, id } if name == StreamEvent::HasBytesAvailable.as_str() => {
                self.told.insert(id, place);
            }
            What::Write { pair, frame, taken: 1.. } => {
                added.after(place, What::Sent { connection: pair, from: PHONE, frame });
            }
            What::Read { pair, frame } => {
                let how = Delivery::First;
                let arrived = What::Arrived { connection: pair, from: SERVER, frame, how };
                added.before(self.told.get(&pair).copied().unwrap_or(place), arrived);
            }
            What::ClientDisconnected { pair, how } => {
                if matches!(how, ConnectionEnd::Fin | ConnectionEnd::Reset) {
                    added.before(place, What::Ended { connection: pair, side: PHONE, how });
                }
                // After the peer's FIN, and until the app has closed both sides, this side is there.
                if !matches!(how, ConnectionEnd::Fin | ConnectionEnd::Closed) {
                    self.held.remove(&pair);
                }
            }
            What::Close { pair, .. } => {
                if let Some(sides) = self.held.get_mut(&pair) {
                    *sides += 1;
                    if *sides == 2 {
                        self.held.remove(&pair);
                        added.after(place, closed(pair, PHONE));
                    }
                }
            }
            What::Exit { .. } => self.process_ended(|what| added.after(place, what)),
            _ => {}
        }
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "few events tell of the path")]
    fn server(&mut self, added: &mut Additions<'_>, place: usize, what: What) {
        let sent = |connection, frame| What::Sent { connection, from: SERVER, frame };
        let arrived = |connection, frame| What::Arrived {
            connection,
            from: PHONE,
            frame,
            how: Delivery::First,
        };
        match what {
            What::SessionOpened { connection } => {
                self.session = Some(connection);
                added.before(place, arrived(connection, Frame::Hello { device: 1 }));
                added.after(place, sent(connection, Frame::Welcome));
            }
            What::SideOpened { connection } => {
                self.side = Some(connection);
                added.before(place, arrived(connection, Frame::HelloSide { device: 1 }));
            }
            What::SessionClosed { connection, why } => {
                self.session = None;
                self.closed(added, place, connection, why);
            }
            What::SideClosed { connection, why } => {
                self.side = None;
                self.closed(added, place, connection, why);
            }
            What::PushSent { push, connection } | What::PushResent { push, connection, .. } => {
                added.after(place, sent(connection, Frame::Push { id: push }));
            }
            What::PushAcknowledged { push } => {
                if let Some(connection) = self.session {
                    added.before(place, arrived(connection, Frame::Ack { id: push }));
                }
            }
            What::Heartbeat { connection, n } => {
                added.after(place, sent(connection, Frame::Ping { n }));
            }
            What::ServerPing { connection, n } => {
                added.before(place, arrived(connection, Frame::Ping { n }));
                added.after(place, sent(connection, Frame::Pong { n }));
            }
            What::ServerPong { connection, n } => {
                added.before(place, arrived(connection, Frame::Pong { n }));
            }
            What::PushCancelled { push, written: true } => {
                if let Some(connection) = self.session {
                    added.after(place, sent(connection, Frame::Cancel { id: push }));
                }
            }
            What::ServerDown { how: RestartKind::Process, .. } => self.server_process_down = true,
            What::ServerDown { how: RestartKind::HostDown, .. } | What::ServerUp {} => {
                self.server_process_down = false;
            }
            What::ServerDown { how: RestartKind::Drain, .. } => {
                for connection in self.session.into_iter().chain(self.side) {
                    added.after(place, sent(connection, Frame::GoAway));
                }
            }
            _ => {}
        }
    }

    /// The session's connection ended in the server; `why` says which side began.
    fn closed(&self, added: &mut Additions<'_>, place: usize, connection: u32, why: SessionEnd) {
        match why {
            SessionEnd::ClosedByClient => {
                let how = ConnectionEnd::Fin;
                added.before(place, What::Ended { connection, side: SERVER, how });
                added.after(place, closed(connection, SERVER));
            }
            SessionEnd::Idle
            | SessionEnd::HeartbeatUnanswered
            | SessionEnd::Replaced
            | SessionEnd::Drained
            | SessionEnd::Dropped => added.after(place, closed(connection, SERVER)),
            SessionEnd::Restart if self.server_process_down => {
                added.after(place, closed(connection, SERVER));
            }
            // Its kernel was told, and not how; or the connection lives on.
            SessionEnd::Restart
            | SessionEnd::Failed
            | SessionEnd::RegistrationExpired
            | SessionEnd::LateEnd => {}
        }
    }

    /// The phone's kernel closes what the process held.
    fn process_ended(&mut self, mut add: impl FnMut(What)) {
        for (connection, _) in std::mem::take(&mut self.held) {
            add(closed(connection, PHONE));
        }
        self.made.clear();
        self.connecting.clear();
        self.told.clear();
    }
}

fn closed(connection: u32, side: &'static str) -> What {
    What::Ended { connection, side, how: ConnectionEnd::Closed }
}
