//! One device's session and offline queue: hello, pushes, acknowledgements, heartbeats, restarts.

use std::collections::VecDeque;

use super::delivery::drop_push;
use super::media::Media;
use super::queue::Queue;
use super::resend::Resends;
use super::strays::Strays;
use super::timers::{Due, Live};
use super::{EndedBy, QueueKind, ServerOptions, Via};
use crate::port::{Frame, Time, Transport, words};
use crate::trace::{ConnectionEnd, Observer, Probe, PushFate, RestartKind, SessionEnd, What};

/// What a session needs to know of the world while it is called.
pub struct Context<'a, O> {
    /// What the server does.
    pub options: &'a ServerOptions,
    /// Now, and who watches.
    pub probe: Probe<'a, O>,
}

/// What a session asks of the server's sockets, in the order in which it is to be done.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Output {
    /// Write a frame.
    Send {
        /// To this connection.
        connection: u32,
        /// The frame.
        frame: Frame,
    },
    /// Close a connection: FIN.
    Close {
        /// Which one.
        connection: u32,
    },
    /// Reset a connection: RST.
    Reset {
        /// Which one.
        connection: u32,
    },
}

words! {
    /// How a step of the scenario ends a connection at the server.
    pub enum DropHow {
        /// The server closes it: FIN.
        Fin = "fin",
        /// The server resets it: RST.
        Reset = "reset",
        /// The server forgets it and tells nobody.
        Silent = "silent",
    }
}

/// A connection has so many turns in a TLS handshake before it has to say hello; TLS 1.2 needs two.
const MOST_TURNS: u32 = 8;
/// What is due.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
enum Job {
    /// On the session's own connection.
    Main(Due),
    /// On the second one.
    Side(Due),
    /// A push is written again, or given up.
    Resend,
    /// The next packet of media.
    Media,
    /// Nobody has resumed the session that ended.
    ResumeOver,
}

/// One device's session and offline queue.
///
/// Connections are told apart by their number, so what comes late of an old one cannot touch the
/// session of a new one. At most one connection is held that has not said hello, in a TLS handshake or
/// before it: a newer one takes its place.
#[derive(Clone, Debug)]
pub struct Session {
    device: u32,
    pub(super) down: bool,
    /// A connection that was accepted and has not said hello.
    pub(super) fresh: Option<(u32, Transport)>,
    /// How often that connection had its turn in a TLS handshake.
    handshake: u32,
    pub(super) live: Option<Live>,
    /// The second connection of the session.
    pub(super) side: Option<Live>,
    /// The connection of a session that ended because the registration expired.
    pub(super) lapsed: Option<(u32, Transport)>,
    /// Connections without a session that are served all the same: only by the fault of ending sessions by
    /// device. Pushes do not find them.
    pub(super) strays: Strays,
    /// When what waits for a session that ended is dropped.
    pub(super) resume_by: Time,
    pub(super) queue: Queue,
    pub(super) resends: Resends,
    pub(super) media: Media,
    outputs: VecDeque<Output>,
    heartbeats: u32,
    /// Not later than the next thing due; [`Session::advance`] arms it again when it was too early.
    deadline: Time,
}

impl Session {
    /// The server's knowledge of `device` before it ever connected.
    pub fn new(device: u32) -> Session {
        Session {
            device,
            down: false,
            fresh: None,
            handshake: 0,
            live: None,
            side: None,
            lapsed: None,
            strays: Strays::default(),
            resume_by: Time::NEVER,
            queue: Queue::default(),
            resends: Resends::default(),
            media: Media::default(),
            outputs: VecDeque::new(),
            heartbeats: 0,
            deadline: Time::NEVER,
        }
    }

    /// When [`advance`](Session::advance) is to be called. It may turn out then that nothing is due:
    /// frames only note when they came and leave the timer alone.
    #[inline]
    pub fn deadline(&self) -> Time {
        self.deadline
    }

    /// Does the one thing that is due, or arms the timer again.
    pub fn advance<O: Observer>(&mut self, cx: &mut Context<'_, O>) {
        let Some((at, job)) = self.next(cx.options) else {
            self.deadline = Time::NEVER;
            return;
        };
        if at > cx.probe.at {
            self.deadline = at;
            return;
        }
        match job {
            Job::Main(Due::Drained) => self.hang_up(SessionEnd::Drained, cx),
            Job::Main(Due::Unanswered) => self.hang_up(SessionEnd::HeartbeatUnanswered, cx),
            Job::Main(Due::Idle) => self.hang_up(SessionEnd::Idle, cx),
            Job::Main(Due::Expired) => self.lapse(cx),
            Job::Main(Due::Heartbeat) => self.heartbeat(self.live, cx),
            Job::Side(Due::Drained) => self.hang_up_side(SessionEnd::Drained, cx),
            Job::Side(Due::Unanswered) => self.hang_up_side(SessionEnd::HeartbeatUnanswered, cx),
            Job::Side(Due::Idle) => self.hang_up_side(SessionEnd::Idle, cx),
            Job::Side(Due::Expired) => self.hang_up_side(SessionEnd::RegistrationExpired, cx),
            Job::Side(Due::Heartbeat) => self.heartbeat(self.side, cx),
            Job::Resend => self.resend(cx),
            Job::Media => self.send_media(cx),
            Job::ResumeOver => self.stop_waiting(cx),
        }
        self.arm(cx.options);
    }

    /// The next thing that is due, and when.
    fn next(&self, options: &ServerOptions) -> Option<(Time, Job)> {
        let of = |live: Option<Live>| live.and_then(|live| live.next(options));
        let resend = self.resends.deadline();
        let media = self.media.deadline();
        [
            of(self.live).map(|(at, due)| (at, Job::Main(due))),
            of(self.side).map(|(at, due)| (at, Job::Side(due))),
            (resend != Time::NEVER).then_some((resend, Job::Resend)),
            (media != Time::NEVER).then_some((media, Job::Media)),
            (self.resume_by != Time::NEVER).then_some((self.resume_by, Job::ResumeOver)),
        ]
        .into_iter()
        .flatten()
        .min_by_key(|(at, _)| *at)
    }

    /// Asks for a sign of life on one of the session's connections.
    fn heartbeat<O: Observer>(&mut self, on: Option<Live>, cx: &mut Context<'_, O>) {
        let Some(connection) = on.map(|live| live.connection) else { return };
        if let Some(live) = self.of(connection) {
            live.pinged = Some(cx.probe.at);
        }
        self.heartbeats = self.heartbeats.wrapping_add(1);
        let n = self.heartbeats;
        cx.probe.emit(What::Heartbeat { connection, n });
        self.send(connection, Frame::Ping { n });
    }

    /// The session's end of `connection`, if it is one of the session's two.
    fn of(&mut self, connection: u32) -> Option<&mut Live> {
        let of = |live: &&mut Live| live.connection == connection;
        self.live.as_mut().filter(of).or(self.side.as_mut().filter(of))
    }

    /// Whether `connection` is kept although it is none of the session's.
    fn serves_without_session(&self, connection: u32) -> bool {
        let lapsed = self.lapsed.is_some_and(|(lapsed, _)| lapsed == connection);
        lapsed || self.strays.contains(connection)
    }

    /// Whether something came out that was not taken.
    #[inline]
    pub fn has_output(&self) -> bool {
        !self.outputs.is_empty()
    }

    /// The next thing to be done at the sockets.
    #[inline]
    pub fn output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// Gives back the memory of what is empty. For whoever has many sessions, of which most are idle.
    pub fn release(&mut self) {
        if self.outputs.is_empty() {
            self.outputs = VecDeque::new();
        }
        self.queue.release();
    }

    /// A TCP connection was accepted, or a UDP socket is heard of for the first time; no frame has come
    /// yet.
    pub fn accepted<O: Observer>(
        &mut self,
        connection: u32,
        transport: Transport,
        _: &mut Context<'_, O>,
    ) {
        if self.down || self.knows(connection) {
            return;
        }
        self.handshake = 0;
        if let Some((older, _)) = self.fresh.replace((connection, transport)) {
            self.outputs.push_back(Output::Close { connection: older });
        }
    }

    /// A frame arrived. A connection that the server does not know is reset.
    pub fn frame<O: Observer>(&mut self, connection: u32, frame: Frame, cx: &mut Context<'_, O>) {
        if self.down {
            return;
        }
        if let Frame::Hello { device } = frame
            && device == self.device
            && let Some(transport) = self.may_register(connection)
        {
            return self.hello(connection, transport, cx);
        }
        if let Frame::HelloSide { device } = frame
            && device == self.device
            && self.live.is_some()
            && let Some((_, transport)) = self.fresh.take_if(|(fresh, _)| *fresh == connection)
        {
            self.open_side(connection, transport, cx);
        }
        if self.fresh.is_some_and(|(fresh, _)| fresh == connection) {
            if let Frame::TlsClient { n } = frame
                && self.handshake < MOST_TURNS
            {
                self.handshake += 1;
                return self.send(connection, Frame::TlsServer { n });
            }
            // Anything but a handshake and its own hello breaks the protocol.
            self.fresh = None;
            self.outputs.push_back(Output::Close { connection });
            return;
        }
        if let Some(live) = self.of(connection) {
            let answered = live.pinged.is_some();
            live.hear(cx.probe.at);
            if answered {
                self.arm(cx.options);
            }
        } else if !self.serves_without_session(connection) {
            return self.outputs.push_back(Output::Reset { connection });
        }
        match frame {
            Frame::Ping { n } => {
                cx.probe.emit(What::ServerPing { connection, n });
                self.send(connection, Frame::Pong { n });
            }
            Frame::Pong { n } => cx.probe.emit(What::ServerPong { connection, n }),
            Frame::Ack { id } => {
                self.resends.stop(id);
                if self.queue.take(id).is_some() || !cx.options.keeps_written() {
                    cx.probe.emit(What::PushAcknowledged { push: id });
                }
            }
            Frame::HelloSide { .. } => self.side_said_hello(connection, cx),
            // A sign of life and no more; the rest is not a client's to send now.
            Frame::WhiteSpace
            | Frame::Media
            | Frame::TlsClient { .. }
            | Frame::TlsServer { .. }
            | Frame::Hello { .. }
            | Frame::Welcome
            | Frame::Push { .. }
            | Frame::Cancel { .. }
            | Frame::Knock
            | Frame::GoAway => {}
        }
    }

    /// The server's kernel says that a connection ended. Of an old connection this changes nothing, unless
    /// the server looks sessions up by their device.
    pub fn closed<O: Observer>(
        &mut self,
        connection: u32,
        how: ConnectionEnd,
        cx: &mut Context<'_, O>,
    ) {
        self.fresh.take_if(|(fresh, _)| *fresh == connection);
        self.lapsed.take_if(|(lapsed, _)| *lapsed == connection);
        let stray = self.strays.remove(connection);
        // A server that has read to the end closes its side too.
        if how == ConnectionEnd::Fin {
            self.outputs.push_back(Output::Close { connection });
        }
        let why = match how {
            ConnectionEnd::Fin => SessionEnd::ClosedByClient,
            ConnectionEnd::Reset
            | ConnectionEnd::TimedOut
            | ConnectionEnd::Refused
            | ConnectionEnd::Unreachable
            | ConnectionEnd::NotResolved
            | ConnectionEnd::Reclaimed
            | ConnectionEnd::Closed => SessionEnd::Failed,
        };
        if self.connection() == Some(connection) {
            self.end(why, cx);
        } else if self.side() == Some(connection) {
            self.end_side(why, cx);
        } else if let (Some(session), true) = (self.live, stray) {
            self.end(SessionEnd::LateEnd, cx);
            self.add_stray(session);
        }
    }

    /// The server stops serving, or begins to drain.
    ///
    /// Draining ends nothing yet and loses nothing: the queue is handed over, and the session stays
    /// usable until the grace is over.
    pub fn down<O: Observer>(&mut self, how: RestartKind, cx: &mut Context<'_, O>) {
        match how {
            RestartKind::Drain => return self.drain(cx),
            RestartKind::Process => {
                let waiting = self.fresh.into_iter().chain(self.lapsed);
                let known = waiting.map(|(connection, _)| connection).chain(self.connection());
                let known = known.chain(self.strays.take());
                self.outputs.extend(known.map(|connection| Output::Close { connection }));
            }
            RestartKind::HostDown => self.end_side(SessionEnd::Restart, cx),
        }
        self.down = true;
        (self.fresh, self.lapsed) = (None, None);
        self.strays = Strays::default();
        self.end(SessionEnd::Restart, cx);
        match cx.options.queue_kind {
            QueueKind::Memory => {
                while let Some(push) = self.queue.oldest() {
                    drop_push(push.id, PushFate::LostInRestart, cx);
                }
            }
            QueueKind::Durable | QueueKind::Absent => {}
        }
    }

    /// The server serves again.
    pub fn up<O: Observer>(&mut self, _: &mut Context<'_, O>) {
        self.down = false;
    }

    /// Ends the device's connection by the scenario's will; nothing happens without one.
    pub fn drop_connection<O: Observer>(&mut self, how: DropHow, cx: &mut Context<'_, O>) {
        let silent = self.lapsed.or(self.fresh).map(|(connection, _)| connection);
        let known = self.connection().or(silent).or(self.strays.newest());
        let Some(connection) = known else { return };
        self.fresh.take_if(|(fresh, _)| *fresh == connection);
        self.lapsed.take_if(|(lapsed, _)| *lapsed == connection);
        self.strays.remove(connection);
        match how {
            DropHow::Silent => self.end_side(SessionEnd::Dropped, cx),
            DropHow::Fin | DropHow::Reset => {}
        }
        self.end(SessionEnd::Dropped, cx);
        match how {
            DropHow::Fin => self.outputs.push_back(Output::Close { connection }),
            DropHow::Reset => self.outputs.push_back(Output::Reset { connection }),
            DropHow::Silent => {}
        }
    }

    /// The connection of the current session.
    #[inline]
    pub fn connection(&self) -> Option<u32> {
        self.live.map(|live| live.connection)
    }

    /// Whether the server has this connection: one of the session's, or one without a session.
    pub fn knows(&self, connection: u32) -> bool {
        self.may_register(connection).is_some() || self.side() == Some(connection)
    }

    /// When the client was last heard of, while there is a session.
    pub fn heard(&self) -> Option<Time> {
        self.live.map(|live| live.heard)
    }

    /// Asks for a sign of life now, whatever the interval; answers whether anybody was asked.
    pub fn ask_for_life<O: Observer>(&mut self, cx: &mut Context<'_, O>) -> bool {
        let live = self.live;
        self.heartbeat(live, cx);
        self.arm(cx.options);
        live.is_some()
    }

    /// Whether the server has nothing of the device that it would miss: no connection and no push.
    pub fn is_idle(&self) -> bool {
        self.live.is_none()
            && self.fresh.is_none()
            && self.lapsed.is_none()
            && self.waiting() == 0
            && self.strays.newest().is_none()
    }

    /// Whether the server is down.
    pub fn is_down(&self) -> bool {
        self.down
    }

    fn hello<O: Observer>(
        &mut self,
        connection: u32,
        transport: Transport,
        cx: &mut Context<'_, O>,
    ) {
        if let Some(old) = self.live.filter(|old| old.connection != connection) {
            self.end(SessionEnd::Replaced, cx);
            match cx.options.session_ended_by {
                EndedBy::Connection => self.close(old.connection),
                // The entry of the device is overwritten, and nobody thinks of the old connection.
                EndedBy::Device => self.add_stray(old),
            }
        }
        self.fresh.take_if(|(fresh, _)| *fresh == connection);
        if let Some((old, _)) = self.lapsed.take().filter(|(old, _)| *old != connection) {
            self.outputs.push_back(Output::Close { connection: old });
        }
        self.strays.remove(connection);
        self.resume_by = Time::NEVER;
        match &mut self.live {
            Some(live) => live.hear(cx.probe.at),
            None => {
                cx.probe.emit(What::SessionOpened { connection });
                self.live = Some(Live::new(connection, transport, cx.probe.at));
            }
        }
        self.register(cx);
        self.arm(cx.options);
        self.send(connection, Frame::Welcome);
        if cx.options.push_via == Via::Main {
            self.redeliver(cx);
        }
    }

    fn drain<O: Observer>(&mut self, cx: &mut Context<'_, O>) {
        let fresh = self.fresh.take().map(|(connection, _)| connection);
        for connection in fresh.into_iter().chain(self.strays.take()) {
            self.outputs.push_back(Output::Close { connection });
        }
        if let Some(live) = self.live.as_mut().filter(|live| live.drained == Time::NEVER) {
            live.drained = cx.probe.at + cx.options.drain_grace;
            let connection = live.connection;
            self.send(connection, Frame::GoAway);
            self.arm(cx.options);
        }
    }

    /// A connection stays without a session; of too many the oldest is closed.
    fn add_stray(&mut self, of: Live) {
        let oldest = self.strays.add(of.connection, of.transport);
        self.outputs.extend(oldest.map(|connection| Output::Close { connection }));
    }

    /// Ends the session and closes its connection.
    fn hang_up<O: Observer>(&mut self, why: SessionEnd, cx: &mut Context<'_, O>) {
        if let Some(connection) = self.connection() {
            self.end(why, cx);
            self.outputs.push_back(Output::Close { connection });
        }
    }

    /// The session is over, and with it what depends on it.
    pub(super) fn end<O: Observer>(&mut self, why: SessionEnd, cx: &mut Context<'_, O>) {
        self.hang_up_side(why, cx);
        if let Some(Live { connection, .. }) = self.live.take() {
            self.end_media(connection, cx);
            // A registration that expired leaves the connection: there is nothing to resume.
            let window =
                cx.options.resume_window.filter(|_| why != SessionEnd::RegistrationExpired);
            self.resume_by = window.map_or(Time::NEVER, |window| cx.probe.at + window);
            cx.probe.emit(What::SessionClosed { connection, why });
            self.end_resends(connection, why, cx);
            self.arm(cx.options);
        }
    }

    pub(super) fn arm(&mut self, options: &ServerOptions) {
        self.deadline = self.next(options).map_or(Time::NEVER, |(at, _)| at);
    }

    pub(super) fn send(&mut self, connection: u32, frame: Frame) {
        self.outputs.push_back(Output::Send { connection, frame });
    }

    pub(super) fn close(&mut self, connection: u32) {
        self.outputs.push_back(Output::Close { connection });
    }
}
