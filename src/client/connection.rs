//! The connection: making it, reading it, losing it.

use super::app::{After, Client};
use super::tasks::Slot;
use super::{TaskEnd, timers};
use crate::port::{
    AppState, Clock, Frame, Phone, RunLoop, ServiceType, Side, Span, StreamEvent, StreamId,
    StreamPair, Time, Transport,
};

/// How the client stands with its connection, as far as it knows.
#[derive(Copy, Clone, PartialEq, Eq, Debug, Default)]
pub(super) enum Link {
    /// There is none, and nothing is under way.
    #[default]
    Idle,
    /// The client closed it on purpose until the app comes to the foreground.
    Parked,
    /// There is none; the next attempt waits for its time.
    Waiting,
    /// The streams are opened; the server's welcome is to come by `due`, in continuous time. What the
    /// client has `said` of the TLS handshake and the hello, the server has `answered` up to there.
    Opening { pair: StreamPair, said: u32, answered: u32, due: Time },
    /// The server has welcomed the client.
    Connected { pair: StreamPair },
}

impl Link {
    pub(super) fn pair(self) -> Option<StreamPair> {
        match self {
            Link::Opening { pair, .. } | Link::Connected { pair } => Some(pair),
            Link::Idle | Link::Parked | Link::Waiting => None,
        }
    }
}

/// Makes the streams of a connection over `transport`.
pub(super) fn create(transport: Transport, phone: &mut impl Phone) -> StreamPair {
    match transport {
        Transport::Tcp => phone.create_stream(),
        Transport::Udp => phone.create_datagram_stream(),
    }
}

impl Client {
    /// Makes a new connection. There is none when this is called.
    pub(super) fn connect(&mut self, phone: &mut impl Phone) {
        if self.state.link == Link::Waiting {
            phone.cancel_timer(timers::RECONNECT);
        }
        let pair = create(self.strategy.transport, phone);
        let sides = [pair.read(), pair.write()];
        let due = self.strategy.connect_timeout.map(|timeout| phone.now().continuous + timeout);
        let due = due.unwrap_or(Time::NEVER);
        self.state.link = Link::Opening { pair, said: 0, answered: 0, due };
        self.state.interface = Some(phone.reachability());
        // A socket has no service type: its streams get it when there are any.
        let streams = !self.strategy.over_socket;
        if streams && !self.strategy.tag_after_open {
            self.tag(pair, phone);
        }
        self.listen(pair, phone);
        if let Some(timeout) = self.strategy.connect_timeout {
            phone.set_timer(timers::CONNECT_TIMEOUT, timeout, Clock::Uptime);
        }
        if !sides.into_iter().all(|side| phone.open(side)) {
            return self.lost(phone);
        }
        if streams && self.strategy.tag_after_open {
            self.tag(pair, phone);
        }
    }

    /// Sees to it that the events of a pair arrive, as far as the strategy does.
    pub(super) fn listen(&self, pair: StreamPair, phone: &mut impl Phone) {
        for side in [pair.read(), pair.write()] {
            if self.strategy.set_client {
                phone.set_client(side);
            }
            match side.side {
                Side::Read if self.strategy.schedule_read => {
                    phone.schedule(side, self.strategy.run_loop);
                }
                Side::Read => {}
                Side::Write => phone.schedule(side, RunLoop::Main),
            }
        }
    }

    pub(super) fn tag(&self, pair: StreamPair, phone: &mut impl Phone) {
        match self.strategy.service_type {
            ServiceType::Default => {}
            service @ (ServiceType::Voip | ServiceType::VoipRequest) => {
                phone.set_service_type(pair.read(), service);
                if self.strategy.tag_both {
                    phone.set_service_type(pair.write(), service);
                }
            }
        }
    }

    /// A stream has something to say. Of a pair that the client has closed nothing matters any more:
    /// so one disconnect, which both streams report, is handled once. A handler that does not compare takes
    /// every event for one of the connection it has now.
    pub(super) fn stream(&mut self, stream: StreamId, event: StreamEvent, phone: &mut impl Phone) {
        let pair = StreamPair(stream.pair);
        if self.is_second(pair) {
            return self.second_stream(stream, event, phone);
        }
        let current = self.state.link.pair();
        if current != Some(pair) && (self.strategy.compare || self.state.link == Link::Parked) {
            return;
        }
        if self.strategy.over_socket && self.wrap(stream, event, phone) {
            return;
        }
        match event {
            StreamEvent::OpenCompleted | StreamEvent::CanAcceptBytes => match stream.side {
                Side::Write => self.introduce(phone),
                Side::Read => {}
            },
            StreamEvent::HasBytesAvailable => {
                self.woken(phone);
                match current {
                    Some(pair) => self.read_on(pair, phone),
                    None => self.end_task(Slot::Wake, phone),
                }
            }
            StreamEvent::ErrorOccurred | StreamEvent::EndEncountered => {
                self.woken(phone);
                self.lost(phone);
                self.end_task(Slot::Wake, phone);
            }
        }
    }

    /// Holds the app awake for what a socket brought, unless something does already.
    pub(super) fn woken(&mut self, phone: &mut impl Phone) {
        if self.strategy.wake_task
            && phone.application_state() == AppState::Background
            && !self.state.tasks.any()
            && self.has_time_for_task(phone)
        {
            self.state.tasks.begin(Slot::Wake, TaskEnd::Done, phone);
        }
    }

    /// Says what comes next, the handshake and then the hello, unless an answer is still to come. The
    /// handshake runs in the app: while it is suspended, nothing is said.
    fn introduce(&mut self, phone: &mut impl Phone) {
        let device = self.device;
        let turns = self.strategy.connect_tls_round_trips;
        let Link::Opening { pair, said, answered, .. } = &mut self.state.link else { return };
        if *said > *answered {
            return;
        }
        let frame =
            if *said < turns { Frame::TlsClient { n: *said + 1 } } else { Frame::Hello { device } };
        match phone.write(pair.write(), frame) {
            Ok(0) => {}
            Ok(_) => *said += 1,
            Err(_) => self.lost(phone),
        }
    }

    /// The server has had its turn in the handshake.
    fn tls(&mut self, n: u32, phone: &mut impl Phone) {
        if let Link::Opening { said, answered, .. } = &mut self.state.link
            && n == *said
            && n <= self.strategy.connect_tls_round_trips
        {
            *answered = n;
            self.introduce(phone);
        }
    }

    /// Reads until nothing is left, the connection is gone, or a push needs the main thread.
    pub(super) fn read_on(&mut self, pair: StreamPair, phone: &mut impl Phone) {
        while self.state.link.pair() == Some(pair) || self.is_second(pair) {
            match phone.read(pair.read()) {
                Ok(Some(frame)) => {
                    self.frame(pair, frame, phone);
                    if let Frame::Push { .. } = frame
                        && (self.strategy.push_work > Span::ZERO || self.strategy.long_poll)
                    {
                        return self.after(self.strategy.push_work, After::Push(pair), phone);
                    }
                }
                Ok(None) => break,
                Err(_) if self.is_second(pair) => self.close_second(phone),
                Err(_) => self.lost(phone),
            }
        }
        self.end_task(Slot::Wake, phone);
    }

    /// A push was handled. It may have been the answer to a long poll: then the client asks again.
    pub(super) fn pushed(&mut self, pair: StreamPair, phone: &mut impl Phone) {
        if self.strategy.long_poll && self.state.link.pair() == Some(pair) {
            self.begin_reconnect_task(phone);
            self.close(phone);
            self.connect(phone);
            self.end_task(Slot::Wake, phone);
        } else {
            self.read_on(pair, phone);
        }
    }

    fn frame(&mut self, pair: StreamPair, frame: Frame, phone: &mut impl Phone) {
        match frame {
            Frame::TlsServer { n } => self.tls(n, phone),
            Frame::Welcome => self.welcome(phone),
            Frame::Ping { n } if self.strategy.heartbeat_reply => {
                self.answer(pair, Frame::Pong { n }, phone);
            }
            Frame::Pong { n } => self.pong(n, phone),
            Frame::Push { id } => self.push(id, pair, phone),
            Frame::Cancel { id } => self.cancelled(id, phone),
            Frame::Knock => self.check_second(phone),
            Frame::GoAway => self.lost(phone),
            // A heartbeat the strategy ignores, and what is not a server's to send.
            Frame::Ping { .. }
            | Frame::TlsClient { .. }
            | Frame::Hello { .. }
            | Frame::HelloSide { .. }
            | Frame::Ack { .. }
            | Frame::Media
            | Frame::WhiteSpace => {}
        }
    }

    fn welcome(&mut self, phone: &mut impl Phone) {
        let Link::Opening { pair, .. } = self.state.link else { return self.registered(phone) };
        self.state.link = Link::Connected { pair };
        self.state.backoff.reset();
        self.cancel_connect_timeout(phone);
        self.start_pings(phone);
        self.start_registering(phone);
        self.check_second(phone);
        self.settled(phone);
    }

    /// Writes an answer where the question came from.
    pub(super) fn answer(&mut self, pair: StreamPair, frame: Frame, phone: &mut impl Phone) {
        if !self.is_second(pair) {
            self.send(frame, phone);
        } else if phone.write(pair.write(), frame).is_err() {
            self.close_second(phone);
        }
    }

    /// Writes a frame on the connection, if there is one. What finds no room is not sent again: its
    /// sender has another chance.
    pub(super) fn send(&mut self, frame: Frame, phone: &mut impl Phone) {
        if let Some(pair) = self.state.link.pair()
            && phone.write(pair.write(), frame).is_err()
        {
            self.lost(phone);
        }
    }

    /// Closes both streams and forgets what belonged to them.
    pub(super) fn close(&mut self, phone: &mut impl Phone) {
        let Some(pair) = self.state.link.pair() else { return };
        if self.strategy.unschedule {
            phone.unschedule(pair.read());
            phone.unschedule(pair.write());
        }
        phone.close(pair.read());
        phone.close(pair.write());
        self.let_go(phone);
    }

    /// Forgets what belonged to the connection.
    fn let_go(&mut self, phone: &mut impl Phone) {
        self.close_second(phone);
        self.forget_ping(phone);
        match self.state.link {
            Link::Opening { .. } => self.cancel_connect_timeout(phone),
            Link::Connected { .. } => {
                if self.strategy.ping_interval.is_some() {
                    phone.cancel_timer(timers::PING_INTERVAL);
                }
                if self.strategy.register_interval.is_some() {
                    phone.cancel_timer(timers::REGISTER);
                }
            }
            Link::Idle | Link::Parked | Link::Waiting => {}
        }
        self.state.link = Link::Idle;
    }

    fn cancel_connect_timeout(&self, phone: &mut impl Phone) {
        if self.strategy.connect_timeout.is_some() {
            phone.cancel_timer(timers::CONNECT_TIMEOUT);
        }
    }

    /// The connection, or the attempt to make one, has failed.
    pub(super) fn lost(&mut self, phone: &mut impl Phone) {
        if let Link::Opening { .. } = self.state.link {
            self.state.backoff.failed();
        }
        if self.strategy.close_failed {
            self.close(phone);
        } else {
            self.let_go(phone);
        }
        self.reconnect(phone);
    }

    /// Ends the connection until the app comes to the foreground.
    pub(super) fn park(&mut self, phone: &mut impl Phone) {
        if self.state.link == Link::Waiting {
            phone.cancel_timer(timers::RECONNECT);
        }
        self.close(phone);
        self.state.link = Link::Parked;
    }

    /// Whether the client waits to learn how it stands with its connection.
    pub(super) fn unsettled(&self) -> bool {
        match self.state.link {
            Link::Waiting | Link::Opening { .. } => true,
            Link::Connected { .. } => self.state.pings.owed(),
            Link::Idle | Link::Parked => false,
        }
    }
}
