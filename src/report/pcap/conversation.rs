//! From the segments of one TCP connection to packets: sequence numbers, acknowledgements, both sides of the NAT.

use std::collections::BTreeSet;
use std::io;
use std::net::SocketAddrV4;

use super::addresses::{Ends, SERVER};
use super::around::{Around, Hosts};
use super::packet::{Packet, Segment, hops};
use super::story::{Flight, Kind, Moment, Story, Within};
use super::text::{Text, remark};
use crate::net::{End, Host};
use crate::port::{Span, Time};
use crate::trace::LossCause;

/// What a connection's packets need beside its segments.
pub(super) struct Setting<'a> {
    pub(super) ends: Ends,
    /// What the first packet says of it.
    pub(super) about: String,
    pub(super) text: Text<'a>,
    pub(super) around: &'a Around,
    pub(super) hosts: &'a Hosts,
    /// The end of the run.
    pub(super) end: Time,
}

impl Setting<'_> {
    /// From where to where a packet goes, as it is seen on one side of the NAT.
    pub(super) fn way(&self, from: End, side: End) -> (SocketAddrV4, SocketAddrV4) {
        let phone = match side {
            End::Phone => self.ends.phone,
            End::Server => self.ends.mapped,
        };
        match from {
            End::Phone => (phone, SERVER),
            End::Server => (SERVER, phone),
        }
    }

    /// Whether an end is there to see what comes at this time.
    fn is_there(&self, end: End, at: Time) -> bool {
        at < self.end
            && match end {
                End::Phone => self.around.holds(*self.ends.phone.ip(), at),
                End::Server => self.hosts.at(at) != Host::Silent,
            }
    }
}

/// What happens to one flight.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Step {
    Leaves(usize),
    Arrives(usize),
}

/// The packets of a connection being made, in the order of time.
struct Conversation<'a> {
    story: &'a Story,
    setting: &'a Setting<'a>,
    /// Where the sequence numbers of each side begin.
    first: [u32; 2],
    /// How far each place is from there.
    offsets: [Vec<u32>; 2],
    /// What each end expects next of the other; nothing before it has heard of it.
    expects: [Option<u32>; 2],
    /// Up to where each end has sent.
    next: [u32; 2],
    /// What was sent, by flight.
    sent: Vec<Option<Segment>>,
    /// When each end sends something that arrives, and so carries an acknowledgement.
    speaks: BTreeSet<(usize, Time)>,
    /// What arrives of each end, by when it was sent.
    arrivals: [Arrivals; 2],
    /// When the last acknowledgement of each end arrived.
    acknowledged: [Time; 2],
    out: &'a mut Vec<Packet>,
}

/// Adds the packets of a connection to `out`.
pub(super) fn packets(
    story: &Story,
    number: u32,
    setting: &Setting<'_>,
    out: &mut Vec<Packet>,
) -> io::Result<()> {
    // Two connections are told apart by their numbers, too.
    let first = [number.wrapping_mul(1_000_003), number.wrapping_mul(2_000_003) ^ 0x8000_0000];
    let length = |from: End, kind: &Kind| match kind {
        Kind::Data(frame) => setting.text.bytes(from, *frame).len() as u32,
        Kind::Syn | Kind::SynAck | Kind::Fin => 1,
        Kind::Rst | Kind::Probe | Kind::Answer => 0,
    };
    let offsets = [End::Phone, End::Server].map(|from| {
        let mut offsets = vec![0_u32];
        for kind in &story.segments[from as usize] {
            let last = offsets.last().copied().unwrap_or(0);
            offsets.push(last.wrapping_add(length(from, kind)));
        }
        offsets
    });
    let carries = |flight: &&Flight| {
        matches!(flight.kind, Kind::Data(_) | Kind::Fin) && flight.lost.is_none()
    };
    let speaks = story.flights.iter().filter(carries);
    let speaks = speaks.filter_map(|flight| Some((flight.from as usize, flight.sent?.at)));
    let mut conversation = Conversation {
        story,
        setting,
        first,
        offsets,
        expects: [None; 2],
        next: first,
        sent: vec![None; story.flights.len()],
        speaks: speaks.collect(),
        arrivals: [End::Phone, End::Server].map(|from| Arrivals::of(story, from)),
        acknowledged: [Time::ZERO; 2],
        out,
    };
    let mut steps: Vec<(Moment, Step)> = Vec::new();
    for (n, flight) in story.flights.iter().enumerate() {
        steps.extend(flight.sent.map(|at| (at, Step::Leaves(n))));
        steps.extend(flight.arrived.map(|at| (at, Step::Arrives(n))));
    }
    steps.sort_unstable();
    for (moment, step) in steps.into_iter().filter(|(moment, _)| moment.at < setting.end) {
        match step {
            Step::Leaves(flight) => conversation.leaves(flight, moment)?,
            Step::Arrives(flight) => conversation.arrives(flight, moment)?,
        }
    }
    Ok(())
}

impl Conversation<'_> {
    /// What a flight says when it is sent.
    fn segment(&self, flight: &Flight) -> Segment {
        let (from, peer) = (flight.from as usize, flight.from.peer() as usize);
        let offset = self.offsets[from].get(flight.place).copied().unwrap_or(0);
        let mut segment = Segment {
            seq: self.first[from].wrapping_add(offset),
            ack: self.expects[from],
            ..Segment::default()
        };
        match flight.kind {
            Kind::Syn => (segment.syn, segment.ack) = (true, None),
            Kind::SynAck => segment.syn = true,
            Kind::Data(frame) => segment.payload = self.setting.text.bytes(flight.from, frame),
            Kind::Fin => segment.fin = true,
            Kind::Probe => segment.seq = self.next[from].wrapping_sub(1),
            Kind::Answer => segment.seq = self.next[from],
            Kind::Rst => {
                segment.rst = true;
                segment.seq = self.next[from];
                // Something in the path answers with what it saw last.
                if flight.within == Some(Within::Nat) {
                    segment.seq = self.expects[peer].unwrap_or(0);
                }
            }
        }
        if flight.kind == Kind::SynAck && segment.ack.is_none() {
            segment.ack = Some(self.next[peer]);
        }
        let answered = flight.answers.and_then(|flight| self.sent[flight].as_ref());
        if let (Kind::Rst, Some(to)) = (flight.kind, answered) {
            // RFC 9293, 3.5.2: in the place that the peer expects, or acknowledging what has none.
            (segment.seq, segment.ack) = match to.ack {
                Some(ack) => (ack, None),
                None => (0, Some(to.seq.wrapping_add(to.len()))),
            };
        }
        segment
    }

    fn leaves(&mut self, number: usize, moment: Moment) -> io::Result<()> {
        let flight = &self.story.flights[number];
        let segment = self.segment(flight);
        let from = flight.from as usize;
        let end = segment.seq.wrapping_add(segment.len());
        if end.wrapping_sub(self.next[from]) as i32 > 0 {
            self.next[from] = end;
        }
        if flight.leaves() {
            self.emit(&segment, flight.from, flight.from, moment, self.comment(flight, true))?;
        }
        if flight.taken {
            let at = moment.at + self.story.round_trip;
            let ack = self.pure(flight.from.peer(), Some(end));
            let arrives = Moment { at, order: (moment.order.0, u32::MAX) };
            if self.setting.is_there(flight.from, at) {
                let comment = "from the captive portal".to_owned();
                self.emit(&ack, flight.from.peer(), flight.from, arrives, comment)?;
            }
        }
        self.sent[number] = Some(segment);
        Ok(())
    }

    fn arrives(&mut self, number: usize, moment: Moment) -> io::Result<()> {
        let flight = &self.story.flights[number];
        // What was made within the path has not left anywhere.
        let segment = self.sent[number].take().unwrap_or_else(|| self.segment(flight));
        let to = flight.from.peer();
        let comment = self.comment(flight, flight.within.is_some());
        self.emit(&segment, flight.from, to, moment, comment)?;
        let end = segment.seq.wrapping_add(segment.len());
        if flight.within == Some(Within::Portal) && segment.len() > 0 {
            self.next[flight.from as usize] = end;
        }
        let expected = self.expects[to as usize].is_none_or(|expects| expects == segment.seq);
        if expected && segment.len() > 0 && !flight.unknown {
            self.expects[to as usize] = Some(end);
        }
        self.sent[number] = Some(segment);
        let acknowledged = match flight.kind {
            Kind::SynAck => !flight.unknown,
            // What is said in the same moment carries it.
            Kind::Data(_) | Kind::Fin => {
                !flight.unknown && !self.speaks.contains(&(to as usize, moment.at))
            }
            Kind::Syn | Kind::Rst | Kind::Probe | Kind::Answer => false,
        };
        if acknowledged { self.acknowledge(flight, moment) } else { Ok(()) }
    }

    /// A segment without anything in it but the acknowledgement of what came up to `ack`.
    fn pure(&self, from: End, ack: Option<u32>) -> Segment {
        Segment { seq: self.next[from as usize], ack, ..Segment::default() }
    }

    /// The receiver of a flight acknowledges it, and the acknowledgement takes as long as the flight took.
    fn acknowledge(&mut self, flight: &Flight, moment: Moment) -> io::Result<()> {
        let from = flight.from.peer();
        let ack = self.pure(from, self.expects[from as usize]);
        let sent = Moment { at: moment.at, order: (moment.order.0, moment.order.1 + 1) };
        self.emit(&ack, from, from, sent, String::new())?;
        let Some(left) = flight.sent.filter(|_| flight.within.is_none()) else { return Ok(()) };
        let arrives = self.between(from, moment, moment.at.since(left.at));
        self.acknowledged[from as usize] = arrives;
        if !self.setting.is_there(flight.from, arrives) {
            return Ok(());
        }
        let arrives = Moment { at: arrives, order: (moment.order.0, u32::MAX) };
        self.emit(&ack, from, flight.from, arrives, String::new())
    }

    /// When what leaves `from` now arrives after about `took`: in the order of what that end sends.
    fn between(&self, from: End, now: Moment, took: Span) -> Time {
        let (last, next) = self.arrivals[from as usize].around(now);
        let earliest = self.acknowledged[from as usize].max(now.at.max(last) + Span::TICK);
        (now.at + took).min(next).max(earliest)
    }

    /// What is said of a flight where it is seen; `first` says that this is the first place.
    fn comment(&self, flight: &Flight, first: bool) -> String {
        let mut said: Vec<String> = Vec::new();
        if flight.kind == Kind::Syn {
            said.push(self.setting.about.clone());
        }
        match flight.within {
            Some(Within::Nat) => said.push("from the NAT, which has forgotten it".into()),
            Some(Within::Portal) => said.push("from the captive portal".into()),
            None => {}
        }
        if let Kind::Data(frame) = flight.kind {
            said.extend(remark(frame));
        }
        if flight.kind == Kind::Probe {
            said.push("keep-alive probe".into());
        }
        if flight.taken {
            said.push("taken by the captive portal".into());
        } else if let Some(cause) = flight.lost {
            said.push(lost(cause));
        } else if flight.unknown && !first {
            said.push("nobody knows the connection here".into());
        }
        said.join("; ")
    }

    fn emit(
        &mut self,
        segment: &Segment,
        from: End,
        side: End,
        moment: Moment,
        comment: String,
    ) -> io::Result<()> {
        let (source, target) = self.setting.way(from, side);
        let packets = segment.packets(source, target, hops(from, side))?;
        self.out.extend(packets.into_iter().map(|bytes| Packet {
            moment,
            side,
            bytes,
            comment: comment.clone(),
        }));
        Ok(())
    }
}

/// What arrives of all that one end sends.
struct Arrivals {
    /// When each was sent, in order.
    sent: Vec<Moment>,
    /// When the last of each and those sent before it arrives.
    last: Vec<Time>,
    /// When the first of each and those sent after it arrives.
    next: Vec<Time>,
}

impl Arrivals {
    fn of(story: &Story, from: End) -> Arrivals {
        let flights = story.flights.iter().filter(|flight| flight.from == from);
        let mut both: Vec<(Moment, Time)> =
            flights.filter_map(|flight| Some((flight.sent?, flight.arrived?.at))).collect();
        both.sort_unstable();
        let mut last: Vec<Time> = both.iter().map(|(_, arrived)| *arrived).collect();
        let mut next = last.clone();
        for place in 1..both.len() {
            last[place] = last[place].max(last[place - 1]);
        }
        for place in (1..both.len()).rev() {
            next[place - 1] = next[place - 1].min(next[place]);
        }
        Arrivals { sent: both.into_iter().map(|(sent, _)| sent).collect(), last, next }
    }

    /// When the last arrives of what is sent until `now`, and the first of what is sent later.
    fn around(&self, now: Moment) -> (Time, Time) {
        let later = self.sent.partition_point(|sent| *sent <= now);
        let last = later.checked_sub(1).and_then(|place| self.last.get(place));
        let next = self.next.get(later);
        (last.copied().unwrap_or(Time::ZERO), next.copied().unwrap_or(Time::NEVER))
    }
}

/// What is said of what is lost.
pub(super) fn lost(cause: LossCause) -> String {
    format!("lost: {cause}")
}
