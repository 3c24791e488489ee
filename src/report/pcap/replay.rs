//! From the events of one TCP connection back to its segments: which was under way when, and where it stayed.
//!
//! The path tells of frames and of losses. What carries no frame has no event of its own and follows from others:
//! that a phone is connected says that a SYN arrived and was answered. `handshake` is how a connection begins,
//! `losses` which segment a loss means, `endings` what came of the last ones.

use std::collections::VecDeque;

use super::story::{Flight, Kind, Moment, Story};
use crate::net::{End, Host, NetConfig};
use crate::port::{Frame, Side, Span, Time};
use crate::trace::{ConnectionEnd, LossCause, What};

/// What an end knows of the connection.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub(super) enum State {
    Absent,
    Connecting,
    Open,
    Closed,
}

/// When an event is, and what holds then.
#[derive(Copy, Clone, Debug)]
pub(super) struct Now {
    pub(super) at: Time,
    /// The number of the event.
    pub(super) index: u64,
    pub(super) host: Host,
}

/// What was sent just now: the next event may say that it was lost.
#[derive(Copy, Clone, Debug)]
pub(super) struct Fresh {
    pub(super) flight: usize,
    /// It is a retransmission: if it gets through, all that waits leaves with it.
    pub(super) releases: bool,
}

/// A connection as its events pass.
#[derive(Clone, Debug)]
pub(super) struct Replay {
    pub(super) story: Story,
    pub(super) now: Now,
    sub: u32,
    /// By [`End`], as all that follows.
    pub(super) ends: [State; 2],
    /// The peer's FIN has arrived.
    pub(super) told: [bool; 2],
    /// Flights that have left and not arrived, by the end that sent them.
    pub(super) under_way: [VecDeque<usize>; 2],
    /// Places of segments that wait for a retransmission.
    pub(super) waiting: [VecDeque<usize>; 2],
    /// How long the last one was under way.
    pub(super) took: [Option<Span>; 2],
    /// When it arrived: nothing overtakes it.
    pub(super) last_arrival: [Time; 2],
    /// How long one is under way as the settings have it.
    pub(super) latency: Span,
    /// Whether keep-alive probes are sent.
    pub(super) probes: [bool; 2],
    pub(super) fresh: Option<Fresh>,
    /// When the first SYN is due, if that waits for the server's name.
    pub(super) syn_at: Option<Time>,
    /// The connection is one to a captive portal.
    pub(super) with_portal: bool,
    /// What became of the phone's last segment that was lost.
    pub(super) last_loss: Option<LossCause>,
    /// Whether the NAT answers the phone's segments when it has forgotten the connection.
    pub(super) nat_resets: bool,
    /// Frames in the phone's kernel that the app has not read: it resets what it closes so.
    unread: u32,
    closed_sides: [bool; 2],
    pub(super) server: AtServer,
}

/// What tells whether the server closes a connection or resets it.
#[derive(Copy, Clone, Default, Debug)]
pub(super) struct AtServer {
    /// The session on it has ended.
    forgotten: bool,
    /// A frame came just now, on a connection without a session.
    stray: bool,
    /// When a step last reset it.
    pub(super) dropped: Option<Time>,
}

impl Replay {
    /// A connection that the phone begins to make, from which it sends nothing yet.
    pub(super) fn new(now: Now, config: &NetConfig, latency: Span, nat_resets: bool) -> Replay {
        Replay {
            story: Story::default(),
            now,
            sub: 0,
            ends: [State::Connecting, State::Absent],
            told: [false; 2],
            under_way: Default::default(),
            waiting: Default::default(),
            took: [None; 2],
            last_arrival: [Time::ZERO; 2],
            latency,
            probes: [config.phone_keep_alive.is_some(), config.server_keep_alive.is_some()],
            fresh: None,
            syn_at: None,
            with_portal: false,
            last_loss: None,
            nat_resets,
            unread: 0,
            closed_sides: [false; 2],
            server: AtServer::default(),
        }
    }

    /// A time that belongs to the event of now.
    pub(super) fn moment(&mut self, at: Time) -> Moment {
        self.sub += 1;
        Moment { at, order: (self.now.index, self.sub) }
    }

    /// Now.
    pub(super) fn here(&mut self) -> Moment {
        self.moment(self.now.at)
    }

    /// How long a segment from `from` is under way, as far as is known.
    pub(super) fn estimate(&self, from: End) -> Span {
        let known = self.took[from as usize].or(self.took[from.peer() as usize]);
        known.unwrap_or(self.latency).max(Span::TICK)
    }

    pub(super) fn state(&self, end: End) -> State {
        self.ends[end as usize]
    }

    /// A segment joins those that `from` sends in order; answers its place.
    pub(super) fn add(&mut self, from: End, kind: Kind) -> usize {
        let segments = &mut self.story.segments[from as usize];
        segments.push(kind);
        segments.len() - 1
    }

    /// A segment leaves; answers its flight.
    pub(super) fn leave(&mut self, from: End, kind: Kind, place: usize, sent: Moment) -> usize {
        self.story.flights.push(Flight::new(from, kind, place, sent));
        self.story.flights.len() - 1
    }

    /// A segment without a place leaves, behind all that was sent in order.
    pub(super) fn leave_alone(&mut self, from: End, kind: Kind, sent: Moment) -> usize {
        let place = self.story.segments[from as usize].len();
        self.leave(from, kind, place, sent)
    }

    /// The segment at `place` leaves now, for all that is known.
    fn leave_now(&mut self, from: End, place: usize, releases: bool) {
        let kind = self.story.segments[from as usize][place];
        let sent = self.here();
        let flight = self.leave(from, kind, place, sent);
        self.fresh = Some(Fresh { flight, releases });
    }

    /// What left just now was not lost.
    pub(super) fn settle(&mut self) {
        let Some(Fresh { flight, releases }) = self.fresh.take() else { return };
        let Flight { from, kind, sent, .. } = self.story.flights[flight];
        let way = from as usize;
        if kind == Kind::Syn {
            return;
        }
        self.under_way[way].push_back(flight);
        let Some(sent) = sent.filter(|_| releases) else { return };
        self.waiting[way].pop_front();
        let behind = std::mem::take(&mut self.waiting[way]);
        for (n, place) in (1..).zip(behind) {
            let (kind, order) = (self.story.segments[way][place], sent.order);
            let sent = Moment { at: sent.at, order: (order.0, order.1 + n) };
            let flight = self.leave(from, kind, place, sent);
            self.under_way[way].push_back(flight);
        }
    }

    /// An event of the connection, or of its phone or server.
    pub(super) fn event(&mut self, what: &What, now: Now) {
        // What leaves behind a retransmission takes places in the order of its event.
        self.overdue_syn(now);
        (self.now, self.sub) = (now, 0);
        let stray = std::mem::take(&mut self.server.stray);
        if let What::Lost { from, cause, .. } = *what {
            return if let Some(from) = End::parse(from) {
                self.lost(from, cause)
            };
        }
        self.settle();
        if let What::Sent { from, frame, .. } = *what {
            self.at(from, |replay, from| replay.sent(from, frame));
        } else if let What::Arrived { from, frame, .. } = *what {
            self.at(from, |replay, from| replay.arrived(from, frame));
        } else if let What::Retransmitted { from, .. } = *what {
            self.at(from, Replay::retransmitted);
        } else if let What::Established { .. } = *what {
            self.established();
        } else if let What::ConnectFailed { error, .. } = *what {
            self.failed(error);
        } else if let What::TimedOut { side, .. } = *what {
            self.at(side, Replay::stops);
        } else if let What::Ended { side, how, .. } = *what {
            self.at(side, |replay, side| replay.ended(side, how, stray));
        } else if let What::Read { .. } = *what {
            self.unread = self.unread.saturating_sub(1);
        } else if let What::SocketReclaimed { .. } = *what {
            self.unread = 0;
            self.withdraw();
        } else if let What::Close { side, .. } = *what {
            self.closes(side);
        } else if let What::SessionOpened { .. } | What::SideOpened { .. } = *what {
            self.server.forgotten = false;
        } else if let What::SessionClosed { .. } | What::SideClosed { .. } = *what {
            self.server.forgotten = true;
        }
    }

    fn at(&mut self, end: &str, act: impl FnOnce(&mut Replay, End)) {
        match End::parse(end) {
            Some(end) => act(self, end),
            None => self.story.unexplained += 1,
        }
    }

    fn sent(&mut self, from: End, frame: Frame) {
        if from == End::Server {
            self.accept(self.now.at);
        }
        self.submit(from, Kind::Data(frame));
    }

    /// A segment leaves, or waits behind those that wait.
    fn submit(&mut self, from: End, kind: Kind) {
        let place = self.add(from, kind);
        if self.waiting[from as usize].is_empty() {
            self.leave_now(from, place, false);
        } else {
            self.waiting[from as usize].push_back(place);
        }
    }

    fn arrived(&mut self, from: End, frame: Frame) {
        let way = from as usize;
        let is_it = |flight: &usize| self.story.flights[*flight].kind == Kind::Data(frame);
        let Some(position) = self.under_way[way].iter().position(is_it) else {
            self.story.unexplained += 1;
            return;
        };
        if position > 0 {
            self.story.unexplained += 1;
        }
        let flight = self.under_way[way].drain(..=position).next_back();
        if let Some(flight) = flight {
            self.arrives_now(flight);
        }
        match from {
            End::Phone => self.server.stray = self.server.forgotten,
            End::Server => self.unread += 1,
        }
    }

    /// A flight arrives now.
    pub(super) fn arrives_now(&mut self, flight: usize) {
        let here = self.here();
        let flight = &mut self.story.flights[flight];
        flight.arrived = Some(here);
        self.last_arrival[flight.from as usize] = here.at;
        if let Some(sent) = flight.sent {
            self.took[flight.from as usize] = Some(here.at.since(sent.at));
        }
    }

    fn retransmitted(&mut self, from: End) {
        let way = from as usize;
        if from == End::Phone && self.state(from) == State::Connecting {
            return self.syn();
        }
        if self.waiting[way].is_empty() {
            self.was_unknown(from);
        }
        match self.waiting[way].front().copied() {
            Some(place) => self.leave_now(from, place, true),
            None => self.story.unexplained += 1,
        }
    }

    /// An end stops trying.
    fn stops(&mut self, end: End) {
        self.ends[end as usize] = State::Closed;
        self.waiting[end as usize].clear();
    }

    /// The host of an end forgets the connection without a word.
    pub(super) fn vanish(&mut self, end: End, now: Now) {
        self.overdue_syn(now);
        self.settle();
        match (end, self.state(end)) {
            (End::Phone, State::Connecting) => self.withdraw(),
            (_, State::Absent) => {}
            (_, State::Connecting | State::Open | State::Closed) => self.stops(end),
        }
    }

    /// The app gives up the attempt to connect, if it is still one.
    pub(super) fn withdraw(&mut self) {
        if self.state(End::Phone) == State::Connecting {
            self.stops(End::Phone);
            self.syn_at = None;
        }
    }

    fn closes(&mut self, side: Side) {
        self.closed_sides[side as usize] = true;
        if self.closed_sides == [true; 2] {
            self.withdraw();
        }
    }

    /// An end learns of the other's end, or ends it itself.
    fn ended(&mut self, side: End, how: ConnectionEnd, stray: bool) {
        if how == ConnectionEnd::Closed {
            let resets = match side {
                End::Phone => self.unread > 0,
                End::Server => stray || self.server.dropped == Some(self.now.at),
            };
            self.closed(side, resets);
        } else if how == ConnectionEnd::Fin {
            self.fin_arrives(side);
        } else if how == ConnectionEnd::Reset {
            self.rst_arrives(side);
        } else {
            self.story.unexplained += 1;
        }
    }

    fn closed(&mut self, side: End, resets: bool) {
        if side == End::Server {
            self.accept(self.now.at);
        }
        self.ends[side as usize] = State::Closed;
        if resets {
            self.waiting[side as usize].clear();
            let place = self.add(side, Kind::Fin);
            self.leave_now(side, place, false);
            if let Some(Fresh { flight, .. }) = self.fresh {
                self.story.flights[flight].kind = Kind::Rst;
            }
        } else {
            self.submit(side, Kind::Fin);
        }
    }
}
