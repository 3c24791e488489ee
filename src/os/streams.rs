//! CFStream pairs: what an app sets on them, opens, reads, writes and closes, and which callbacks they
//! owe it. Each side of a pair reports its own events; one disconnect arrives on both.

use std::collections::VecDeque;

use super::{Context, Os, Output};
use crate::port::{
    Callback, Frame, RunLoop, ServiceType, Side, StreamError, StreamEvent, StreamId, StreamPair,
    Transport,
};
use crate::trace::{ConnectionEnd, KillRule, LogLine, Observer, Refusal, Unheard, What};

/// How many pairs an app may hold at once: a bound of the model, so that an app that never closes one
/// cannot make it grow without end.
const MOST_PAIRS: usize = 256;

/// Bytes that a UDP socket holds for an app that does not read: `udp_recvspace`, forty datagrams of 1 KiB with
/// their addresses (XNU of the time, `udp_usrreq.c`). What comes then is dropped.
const UDP_BUFFER: u32 = 40 * (1024 + 28);

/// What is under a pair.
#[derive(Copy, Clone, PartialEq, Debug)]
pub(super) enum Link {
    /// Nothing yet.
    Unopened,
    /// A handshake.
    Connecting,
    /// A connection that the phone's kernel holds for alive.
    Established,
    /// Nothing any more.
    Ended(ConnectionEnd),
}

impl Link {
    /// Whether the phone's kernel has a connection that closing the streams closes. After the peer's FIN
    /// it has: this side is still open.
    fn held(self) -> bool {
        match self {
            Link::Connecting | Link::Established | Link::Ended(ConnectionEnd::Fin) => true,
            Link::Unopened
            | Link::Ended(
                ConnectionEnd::Reset
                | ConnectionEnd::TimedOut
                | ConnectionEnd::Refused
                | ConnectionEnd::Unreachable
                | ConnectionEnd::NotResolved
                | ConnectionEnd::Reclaimed
                | ConnectionEnd::Closed,
            ) => false,
        }
    }
}

/// One side of a pair.
#[derive(Copy, Clone, Debug)]
pub(super) struct Half {
    service: ServiceType,
    client: bool,
    pub(super) run_loop: Option<RunLoop>,
    opened: bool,
    closed: bool,
}

impl Half {
    /// A stream that was just made.
    pub(super) const NEW: Half = Half {
        service: ServiceType::Default,
        client: false,
        run_loop: None,
        opened: false,
        closed: false,
    };
}

/// A pair of streams over one connection.
#[derive(Clone, Debug)]
pub(super) struct Pair {
    pub(super) id: u32,
    pub(super) transport: Transport,
    pub(super) halves: [Half; 2],
    pub(super) link: Link,
    pub(super) received: VecDeque<Frame>,
    /// A `has-bytes-available` is on its way to the app.
    pub(super) bytes_told: bool,
    /// The connection was made; the app is owed the news of its end.
    pub(super) owes_end: bool,
}

impl Pair {
    fn new(id: u32, transport: Transport) -> Pair {
        Pair {
            id,
            transport,
            halves: [Half::NEW; 2],
            link: Link::Unopened,
            received: VecDeque::new(),
            bytes_told: false,
            owes_end: false,
        }
    }

    pub(super) fn half(&mut self, side: Side) -> &mut Half {
        &mut self.halves[side as usize]
    }

    /// The service type that the app gave it in time, while it holds it open. Tagging the stream that is
    /// read is enough (Monal, commit f3189edcb), and without that one nothing is watched.
    pub(super) fn service(&self) -> ServiceType {
        if self.is_open(Side::Read) {
            self.halves[Side::Read as usize].service
        } else {
            ServiceType::Default
        }
    }

    /// Whether it is a VoIP socket of the app's own.
    pub(super) fn tagged(&self) -> bool {
        self.service() == ServiceType::Voip
    }

    /// What the system makes of its service type: see [`Gate::watches`](super::Gate::watches).
    fn watched<O: Observer>(&self, cx: &Context<'_, O>) -> Result<bool, Refusal> {
        cx.gate.watches(self.service(), self.transport, cx.profile)
    }

    /// Whether the system keeps its socket for the suspended app and wakes the app for it.
    pub(super) fn kept<O: Observer>(&self, cx: &Context<'_, O>) -> bool {
        self.watched(cx) == Ok(true)
    }

    /// Whether `frame` finds no room with what the app has not read. Over TCP the sender would wait.
    pub(super) fn is_full(&self, frame: Frame) -> bool {
        match self.transport {
            Transport::Tcp => false,
            Transport::Udp => {
                let unread: u32 = self.received.iter().map(|frame| frame.wire_len()).sum();
                unread + frame.wire_len() > UDP_BUFFER
            }
        }
    }

    /// Whether something was received that the app has not been told of, and can be told of now.
    fn owes_bytes(&self) -> bool {
        let waiting = !self.received.is_empty() && !self.bytes_told;
        waiting && self.is_open(Side::Read) && self.hears(Side::Read).is_ok()
    }

    /// What it takes for an event on `side` to reach the app.
    pub(super) fn hears(&self, side: Side) -> Result<(), Unheard> {
        let half = &self.halves[side as usize];
        match (half.client, half.run_loop) {
            (false, _) => Err(Unheard::NoClient),
            (true, None) => Err(Unheard::NotScheduled),
            (true, Some(RunLoop::Stopped)) => Err(Unheard::RunLoopStopped),
            (true, Some(RunLoop::WithoutSources)) => Err(Unheard::RunLoopWithoutSources),
            (true, Some(RunLoop::WrongMode)) => Err(Unheard::WrongMode),
            (true, Some(RunLoop::Main)) => Ok(()),
        }
    }

    pub(super) fn is_open(&self, side: Side) -> bool {
        let half = &self.halves[side as usize];
        half.opened && !half.closed
    }
}

/// The pairs an app holds.
#[derive(Clone, Debug, Default)]
pub(super) struct Streams {
    pub(super) pairs: Vec<Pair>,
    last: u32,
    /// Closed streams of which an event was on its way when they were closed, and is still told.
    pub(super) lingering: Vec<StreamId>,
}

impl Streams {
    pub(super) fn pair(&mut self, id: u32) -> Option<&mut Pair> {
        self.pairs.iter_mut().find(|pair| pair.id == id)
    }

    fn known(&self, id: u32) -> Option<&Pair> {
        self.pairs.iter().find(|pair| pair.id == id)
    }

    pub(super) fn is_open(&self, stream: StreamId) -> bool {
        self.known(stream.pair).is_some_and(|pair| pair.is_open(stream.side))
    }

    /// Whether the app is told of an event of this stream that waited for its turn.
    pub(super) fn is_told(&self, stream: StreamId) -> bool {
        self.is_open(stream) || self.lingering.contains(&stream)
    }

    pub(super) fn has_bytes(&self, stream: StreamId) -> bool {
        self.known(stream.pair).is_some_and(|pair| !pair.received.is_empty())
    }

    /// The process has ended: the connections it held, and whether each had unread data.
    pub(super) fn close_all(&mut self) -> Vec<(u32, bool)> {
        let held = |pair: &Pair| pair.link.held().then_some((pair.id, !pair.received.is_empty()));
        let ended = self.pairs.iter().filter_map(held).collect();
        self.pairs.clear();
        self.lingering.clear();
        ended
    }
}

impl Os {
    pub(super) fn create_pair<O: Observer>(
        &mut self,
        transport: Transport,
        cx: &mut Context<'_, O>,
    ) -> StreamPair {
        self.streams.last += 1;
        let id = self.streams.last;
        if self.streams.pairs.len() < MOST_PAIRS {
            self.streams.pairs.push(Pair::new(id, transport));
            cx.probe.emit(match transport {
                Transport::Tcp => What::CreateStream { pair: id },
                Transport::Udp => What::CreateDatagramStream { pair: id },
            });
        } else {
            cx.probe.emit(What::SystemLog { line: LogLine::NO_DESCRIPTORS, id });
        }
        StreamPair(id)
    }

    pub(super) fn tag<O: Observer>(
        &mut self,
        stream: StreamId,
        service: ServiceType,
        cx: &mut Context<'_, O>,
    ) -> bool {
        let Some(pair) = self.streams.pair(stream.pair) else { return false };
        let half = pair.half(stream.side);
        let taken = !half.opened;
        if taken {
            half.service = service;
        }
        let StreamId { pair, side } = stream;
        cx.probe.emit(What::SetServiceType { pair, side, service, taken });
        taken
    }

    pub(super) fn set_stream_client(&mut self, stream: StreamId) {
        if let Some(pair) = self.streams.pair(stream.pair) {
            pair.half(stream.side).client = true;
        }
        self.offer_bytes(stream.pair);
    }

    pub(super) fn schedule_stream<O: Observer>(
        &mut self,
        stream: StreamId,
        run_loop: RunLoop,
        cx: &mut Context<'_, O>,
    ) {
        if let Some(pair) = self.streams.pair(stream.pair) {
            pair.half(stream.side).run_loop = Some(run_loop);
            cx.probe.emit(What::Schedule { pair: stream.pair, side: stream.side, run_loop });
        }
        self.offer_bytes(stream.pair);
    }

    /// Tells the app that there is something to read, if it is owed that: of what came before it listened,
    /// and of what is left after a read.
    fn offer_bytes(&mut self, id: u32) {
        if let Some(pair) = self.streams.pair(id)
            && pair.owes_bytes()
        {
            pair.bytes_told = true;
            let stream = StreamId { pair: id, side: Side::Read };
            self.tell(Callback::Stream(stream, StreamEvent::HasBytesAvailable));
        }
    }

    pub(super) fn open_stream<O: Observer>(
        &mut self,
        stream: StreamId,
        cx: &mut Context<'_, O>,
    ) -> bool {
        let Some(pair) = self.streams.pair(stream.pair) else { return false };
        let half = pair.half(stream.side);
        let ok = !half.opened && !half.closed;
        cx.probe.emit(What::Open { pair: stream.pair, side: stream.side, ok });
        if !ok {
            return false;
        }
        half.opened = true;
        let trapped = cx.gate.trap && stream.side == Side::Read && pair.tagged();
        if let (Err(why), Side::Read) = (pair.watched(cx), stream.side) {
            cx.probe.emit(What::VoipTagIgnored { pair: stream.pair, why });
        }
        if (pair.link, pair.transport) == (Link::Unopened, Transport::Udp) {
            pair.link = Link::Established;
            pair.owes_end = true;
            self.out.push_back(Output::OpenDatagrams { connection: stream.pair });
        }
        match pair.link {
            Link::Unopened => {
                pair.link = Link::Connecting;
                self.out.push_back(Output::Connect { connection: stream.pair });
            }
            // The connection exists, as under a socket that CocoaAsyncSocket wraps; UDP needs none.
            Link::Established => {
                if trapped {
                    self.kill_for(KillRule::ModernSdkTrap, cx);
                    return false;
                }
                self.signal(stream.pair, stream.side, StreamEvent::OpenCompleted, cx);
                if stream.side == Side::Write {
                    self.signal(stream.pair, stream.side, StreamEvent::CanAcceptBytes, cx);
                }
                self.offer_bytes(stream.pair);
            }
            Link::Ended(how) => {
                let event = match how {
                    ConnectionEnd::Fin => StreamEvent::EndEncountered,
                    ConnectionEnd::Reset
                    | ConnectionEnd::TimedOut
                    | ConnectionEnd::Refused
                    | ConnectionEnd::Unreachable
                    | ConnectionEnd::NotResolved
                    | ConnectionEnd::Reclaimed
                    | ConnectionEnd::Closed => StreamEvent::ErrorOccurred,
                };
                self.offer_bytes(stream.pair);
                self.signal(stream.pair, stream.side, event, cx);
            }
            Link::Connecting => {}
        }
        true
    }

    /// Owes the app an event on one side of a pair; nobody hears it when no client is set, or when the
    /// stream is not scheduled.
    pub(super) fn signal<O: Observer>(
        &mut self,
        id: u32,
        side: Side,
        event: StreamEvent,
        cx: &mut Context<'_, O>,
    ) {
        let Some(pair) = self.streams.pair(id) else { return };
        if !pair.is_open(side) {
            return;
        }
        match pair.hears(side) {
            Ok(()) => self.tell(Callback::Stream(StreamId { pair: id, side }, event)),
            Err(why) => cx.probe.emit(What::StreamUnheard { pair: id, side, event, why }),
        }
    }

    /// The app is about to be told of a stream event.
    #[inline]
    pub(super) fn stream_told<O: Observer>(
        &mut self,
        stream: StreamId,
        event: StreamEvent,
        cx: &mut Context<'_, O>,
    ) {
        let Some(pair) = self.streams.pair(stream.pair) else { return };
        match event {
            StreamEvent::HasBytesAvailable => pair.bytes_told = false,
            StreamEvent::ErrorOccurred | StreamEvent::EndEncountered => {
                if let Link::Ended(how) = pair.link {
                    self.end_known(stream.pair, how, cx);
                }
            }
            StreamEvent::OpenCompleted | StreamEvent::CanAcceptBytes => {}
        }
    }

    /// The app is not told of a stream event after all: it has closed the stream, or read everything.
    pub(super) fn stream_not_told(&mut self, stream: StreamId, event: StreamEvent) {
        if event == StreamEvent::HasBytesAvailable
            && let Some(pair) = self.streams.pair(stream.pair)
        {
            pair.bytes_told = false;
        }
    }

    /// The app knows now, by whatever sign, that its connection is gone.
    fn end_known<O: Observer>(&mut self, id: u32, how: ConnectionEnd, cx: &mut Context<'_, O>) {
        let Some(pair) = self.streams.pair(id) else { return };
        if std::mem::take(&mut pair.owes_end) {
            cx.probe.emit(What::ClientDisconnected { pair: id, how });
        }
    }

    pub(super) fn read_stream<O: Observer>(
        &mut self,
        stream: StreamId,
        cx: &mut Context<'_, O>,
    ) -> Result<Option<Frame>, StreamError> {
        let id = stream.pair;
        let pair = match self.streams.pair(id) {
            Some(pair) if pair.is_open(stream.side) => pair,
            Some(_) | None => return self.stream_failed(id, "read", StreamError::NotOpen, cx),
        };
        if let Some(frame) = pair.received.pop_front() {
            cx.probe.emit(What::Read { pair: id, frame });
            match frame {
                Frame::Push { id: push } => cx.probe.emit(What::PushReceived { push, pair: id }),
                Frame::Welcome => cx.probe.emit(What::ClientConnected { pair: id }),
                Frame::TlsClient { .. }
                | Frame::TlsServer { .. }
                | Frame::Hello { .. }
                | Frame::HelloSide { .. }
                | Frame::Cancel { .. }
                | Frame::Knock
                | Frame::Media
                | Frame::Ping { .. }
                | Frame::Pong { .. }
                | Frame::Ack { .. }
                | Frame::WhiteSpace
                | Frame::GoAway => {}
            }
            // CFStream says again that there is something to read, for an app that reads once a callback.
            self.offer_bytes(id);
            return Ok(Some(frame));
        }
        match pair.link {
            Link::Unopened | Link::Connecting | Link::Established => Ok(None),
            Link::Ended(how) => match read_error(how) {
                None => Ok(None),
                Some(error) => {
                    self.end_known(id, how, cx);
                    self.stream_failed(id, "read", error, cx)
                }
            },
        }
    }

    pub(super) fn write_stream<O: Observer>(
        &mut self,
        stream: StreamId,
        frame: Frame,
        cx: &mut Context<'_, O>,
    ) -> Result<u32, StreamError> {
        let id = stream.pair;
        let link = match self.streams.pair(id) {
            Some(pair) if pair.is_open(stream.side) => pair.link,
            Some(_) | None => return self.stream_failed(id, "write", StreamError::NotOpen, cx),
        };
        let taken = match link {
            Link::Unopened | Link::Connecting => 0,
            Link::Established => {
                self.out.push_back(Output::Send { connection: id, frame });
                frame.wire_len()
            }
            Link::Ended(how) => {
                self.end_known(id, how, cx);
                return self.stream_failed(id, "write", write_error(how), cx);
            }
        };
        cx.probe.emit(What::Write { pair: id, frame, taken });
        Ok(taken)
    }

    fn stream_failed<T, O: Observer>(
        &self,
        pair: u32,
        call: &'static str,
        error: StreamError,
        cx: &mut Context<'_, O>,
    ) -> Result<T, StreamError> {
        cx.probe.emit(What::StreamFailed { pair, call, error });
        Err(error)
    }

    pub(super) fn close_stream<O: Observer>(&mut self, stream: StreamId, cx: &mut Context<'_, O>) {
        let id = stream.pair;
        let Some(pair) = self.streams.pair(id) else { return };
        let half = pair.half(stream.side);
        if std::mem::replace(&mut half.closed, true) {
            return;
        }
        let scheduled = half.run_loop.is_some();
        cx.probe.emit(What::Close { pair: id, side: stream.side });
        if scheduled && cx.profile.stream_told_after_close {
            self.linger(stream);
        }
        let Some(pair) = self.streams.pair(id) else { return };
        if !pair.halves.iter().all(|half| half.closed) {
            return;
        }
        let (link, unread) = (pair.link, !pair.received.is_empty());
        self.end_known(id, ConnectionEnd::Closed, cx);
        if link.held() {
            self.out.push_back(if unread {
                Output::Reset { connection: id }
            } else {
                Output::Finish { connection: id }
            });
        }
        self.streams.pairs.retain(|pair| pair.id != id);
    }
}

/// What `recv` answers on a connection that ended so; after FIN it is the end of data, not an error.
fn read_error(how: ConnectionEnd) -> Option<StreamError> {
    match how {
        ConnectionEnd::Fin => None,
        ConnectionEnd::Reset => Some(StreamError::Reset),
        ConnectionEnd::TimedOut => Some(StreamError::TimedOut),
        ConnectionEnd::Refused => Some(StreamError::Refused),
        ConnectionEnd::Unreachable => Some(StreamError::Unreachable),
        ConnectionEnd::NotResolved => Some(StreamError::NotResolved),
        // XNU, uipc_socket.c: ENOTCONN from a defunct socket.
        ConnectionEnd::Reclaimed => Some(StreamError::NotConnected),
        ConnectionEnd::Closed => Some(StreamError::NotOpen),
    }
}

/// What `send` answers on a connection that ended so.
fn write_error(how: ConnectionEnd) -> StreamError {
    match how {
        // XNU, uipc_socket.c: EPIPE from a defunct socket; after FIN the peer will answer with RST.
        ConnectionEnd::Fin | ConnectionEnd::Reclaimed => StreamError::BrokenPipe,
        ConnectionEnd::Reset => StreamError::Reset,
        ConnectionEnd::TimedOut => StreamError::TimedOut,
        ConnectionEnd::Refused => StreamError::Refused,
        ConnectionEnd::Unreachable => StreamError::Unreachable,
        ConnectionEnd::NotResolved => StreamError::NotResolved,
        ConnectionEnd::Closed => StreamError::NotOpen,
    }
}
