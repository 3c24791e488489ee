//! What became of one connection's segments: what a capture of it is made of.

use crate::net::End;
use crate::port::{Frame, Span, Time};
use crate::trace::LossCause;

/// A time, and the place among all that is at that time.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct Moment {
    pub(super) at: Time,
    /// The number of the event that says so, and a count of what follows from it.
    pub(super) order: (u64, u32),
}

/// What a segment is.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub(super) enum Kind {
    Syn,
    SynAck,
    Data(Frame),
    Fin,
    Rst,
    /// A keep-alive probe.
    Probe,
    /// The answer to one.
    Answer,
}

/// Something inside the path that speaks for the server.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub(super) enum Within {
    Nat,
    Portal,
}

/// One segment, once on its way.
#[derive(Clone, Debug)]
pub(super) struct Flight {
    pub(super) from: End,
    pub(super) kind: Kind,
    /// Where it stands among all that its side sends in order; for one that has no place there, the number of
    /// those before it.
    pub(super) place: usize,
    /// When it left its side; never if something within the path made it.
    pub(super) sent: Option<Moment>,
    /// When it came to the other side.
    pub(super) arrived: Option<Moment>,
    /// Why it did not, where that was said.
    pub(super) lost: Option<LossCause>,
    /// What it answers, if that is what it is for.
    pub(super) answers: Option<usize>,
    /// What made it, if not its side.
    pub(super) within: Option<Within>,
    /// Nobody knew it where it arrived, so that it is not acknowledged.
    pub(super) unknown: bool,
    /// A captive portal acknowledges it in the server's place.
    pub(super) taken: bool,
}

impl Flight {
    /// A segment that leaves `from`.
    pub(super) fn new(from: End, kind: Kind, place: usize, sent: Moment) -> Flight {
        Flight {
            from,
            kind,
            place,
            sent: Some(sent),
            arrived: None,
            lost: None,
            answers: None,
            within: None,
            unknown: false,
            taken: false,
        }
    }

    /// Whether it left its side. A phone whose address is gone sends nothing for it.
    pub(super) fn leaves(&self) -> bool {
        let kept = matches!(self.lost, Some(LossCause::NoInterface | LossCause::OldAddress));
        self.sent.is_some() && !(self.from == End::Phone && kept)
    }
}

/// One connection.
#[derive(Clone, Debug, Default)]
pub(super) struct Story {
    /// What each side sends in order, by the [`End`] that sends.
    pub(super) segments: [Vec<Kind>; 2],
    /// Every time that one of them, or another segment, was under way.
    pub(super) flights: Vec<Flight>,
    /// How long the handshake took, from the SYN that was answered.
    pub(super) round_trip: Span,
    /// Events that fit nothing that is known of the connection.
    pub(super) unexplained: u32,
}
