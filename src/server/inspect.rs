//! What can be read of a device's session while it lasts: the connections that the server has, what waits, and
//! what is due. Nothing here changes anything, and every time is the one that the rule itself goes by.

use super::timers::Live;
use super::{Due, ServerOptions, Session};
use crate::port::{PushId, Time, Transport};

/// Something that is due in the server for this device.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub struct ServerDue {
    /// When.
    pub at: Time,
    /// What.
    pub what: Job,
}

/// What is due.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Job {
    /// Something on one of the session's connections.
    Connection {
        /// Which one.
        connection: u32,
        /// What.
        due: Due,
    },
    /// A push that was written over UDP is written again.
    Resend {
        /// Which one.
        push: PushId,
        /// For which time.
        n: u32,
        /// On which connection.
        connection: u32,
    },
    /// Such a push is given up.
    ResendEnds {
        /// Which one.
        push: PushId,
    },
    /// The next packet of media.
    Media {
        /// On which connection.
        connection: u32,
    },
    /// The media stream ends.
    MediaEnds {
        /// On which connection.
        connection: u32,
    },
    /// The session that ended can be resumed no more: what waits for it is dropped.
    ResumeOver,
    /// A push that waits is not worth delivering any more. It is dropped when the server next looks at it.
    PushExpires {
        /// Which one.
        push: PushId,
    },
}

/// As what the server has a connection.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum HeldAs {
    /// It is the session's own.
    Session,
    /// It is the second one of the session.
    Side,
    /// It was accepted and has not said hello.
    Fresh,
    /// Its registration has expired.
    Lapsed,
    /// It is served without a session.
    Stray,
}

/// A connection that the server has.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub struct Held {
    /// Its number.
    pub connection: u32,
    /// What it runs over.
    pub transport: Transport,
    /// As what the server has it.
    pub held_as: HeldAs,
    /// When the client was last heard of on it, on a connection of the session.
    pub heard: Option<Time>,
    /// Since when a heartbeat waits for its answer.
    pub pinged: Option<Time>,
}

/// A push that waits to be delivered or acknowledged.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub struct Waits {
    /// Which one.
    pub push: PushId,
    /// Whether it was written to a connection at least once.
    pub written: bool,
    /// When it is not worth delivering any more.
    pub expires: Option<Time>,
}

impl Session {
    /// Every connection that the server has of the device.
    pub fn held(&self) -> Vec<Held> {
        let live = |live: Live, held_as: HeldAs| Held {
            connection: live.connection,
            transport: live.transport,
            held_as,
            heard: Some(live.heard),
            pinged: live.pinged,
        };
        let bare = |(connection, transport): (u32, Transport), held_as: HeldAs| Held {
            connection,
            transport,
            held_as,
            heard: None,
            pinged: None,
        };
        let mut held: Vec<Held> = Vec::new();
        held.extend(self.live.map(|one| live(one, HeldAs::Session)));
        held.extend(self.side.map(|one| live(one, HeldAs::Side)));
        held.extend(self.fresh.map(|one| bare(one, HeldAs::Fresh)));
        held.extend(self.lapsed.map(|one| bare(one, HeldAs::Lapsed)));
        held.extend(self.strays.all().map(|one| bare(one, HeldAs::Stray)));
        held
    }

    /// The pushes that wait to be delivered or acknowledged, oldest first.
    pub fn queue(&self) -> impl Iterator<Item = Waits> {
        self.queue.all().map(|push| Waits {
            push: push.id,
            written: push.written,
            expires: Some(push.expires).filter(|at| *at != Time::NEVER),
        })
    }

    /// Everything that is due, in no order.
    pub fn dues(&self, options: &ServerOptions) -> Vec<ServerDue> {
        let mut dues: Vec<ServerDue> = Vec::new();
        let mut add = |at: Time, what: Job| {
            let due = ServerDue { at, what };
            if at != Time::NEVER && !dues.contains(&due) {
                dues.push(due);
            }
        };
        for live in self.live.into_iter().chain(self.side) {
            for (at, due) in live.dues(options).into_iter().flatten() {
                add(at, Job::Connection { connection: live.connection, due });
            }
        }
        for one in self.resends.all() {
            if one.at < one.until {
                let (push, n, connection) = (one.id, one.n + 1, one.connection);
                add(one.at, Job::Resend { push, n, connection });
            }
            add(one.until, Job::ResendEnds { push: one.id });
        }
        let (next, ends) = (self.media.deadline(), self.media.ends(options));
        let connection = self.media.connection();
        if next < ends {
            add(next, Job::Media { connection });
        }
        add(ends, Job::MediaEnds { connection });
        add(self.resume_by, Job::ResumeOver);
        for push in self.queue() {
            add(push.expires.unwrap_or(Time::NEVER), Job::PushExpires { push: push.push });
        }
        dues
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::port::{Frame, Span};
    use crate::server::tests::{id, plain, secs, server};
    use crate::trace::What;

    #[test]
    fn everything_of_a_session_happens_when_it_was_said_to() {
        let mut server = server(|options| {
            options.heartbeat_interval = Some(secs(60));
            options.heartbeat_reply_within = Some(secs(20));
            options.idle_timeout = None;
        });
        server.connect(1);
        let due = |server: &crate::server::tests::Server| {
            let dues = server.session.dues(&server.options);
            dues.iter().map(|due| (due.at, due.what)).collect::<Vec<_>>()
        };
        let on = |due: Due| Job::Connection { connection: 1, due };
        assert_eq!(due(&server), [(secs(60).from_start(), on(Due::Heartbeat))]);
        server.wait(secs(60));
        assert!(server.events().any(|what| what == What::Heartbeat { connection: 1, n: 1 }));
        assert_eq!(due(&server), [(secs(80).from_start(), on(Due::Unanswered))]);
        server.wait(secs(10));
        server.frame(1, Frame::Pong { n: 1 });
        assert_eq!(due(&server), [(secs(130).from_start(), on(Due::Heartbeat))]);
    }

    #[test]
    fn a_media_stream_ends_when_it_was_said_to() {
        let mut server = server(|options| options.media_interval = Span::from_millis(300));
        server.connect(1);
        server.act(|session, cx| session.media(true, Some(secs(1)), cx));
        let ends = Span::from_millis(1_200);
        let due = ServerDue { at: ends.from_start(), what: Job::MediaEnds { connection: 1 } };
        assert!(server.session.dues(&server.options).contains(&due));
        server.wait(ends.saturating_sub(Span::TICK));
        assert!(!server.events().any(|what| what == What::Media { on: false }));
        server.wait(Span::TICK);
        assert!(server.events().any(|what| what == What::Media { on: false }));
    }

    #[test]
    fn a_push_that_waits_says_whether_it_was_written_and_when_it_expires() {
        let mut server = plain();
        server.act(|session, cx| session.push(id(1), Some(secs(5)), cx));
        let waits =
            |written: bool| Waits { push: id(1), written, expires: Some(secs(5).from_start()) };
        assert_eq!(server.session.queue().collect::<Vec<_>>(), [waits(false)]);
        server.connect(1);
        assert_eq!(server.session.queue().collect::<Vec<_>>(), [waits(true)]);
        assert_eq!(server.session.held().len(), 1);
    }
}
