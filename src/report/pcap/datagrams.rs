//! From the events of one UDP socket to packets.

use std::io;

use super::addresses::Ends;
use super::conversation::{Setting, lost};
use super::packet::{Packet, datagram, hops};
use super::replay::Now;
use super::story::Moment;
use super::text::remark;
use crate::net::End;
use crate::port::Frame;
use crate::trace::{LossCause, What};

/// One datagram.
#[derive(Clone, Debug)]
struct Datagram {
    from: End,
    frame: Frame,
    sent: Moment,
    arrived: Option<Moment>,
    lost: Option<LossCause>,
}

/// A UDP socket of the phone, as its events pass.
#[derive(Clone, Debug)]
pub(super) struct Socket {
    /// Its ends; none without an address when it was opened.
    pub(super) ends: Option<Ends>,
    pub(super) about: String,
    datagrams: Vec<Datagram>,
    /// Before this place nothing is under way any more.
    first: usize,
    /// The last event sent one, so that the next may say that it was lost.
    fresh: bool,
    pub(super) unexplained: u32,
}

impl Socket {
    pub(super) fn new(ends: Option<Ends>, about: String) -> Socket {
        Socket { ends, about, datagrams: Vec::new(), first: 0, fresh: false, unexplained: 0 }
    }

    pub(super) fn event(&mut self, what: &What, now: Now) {
        let here = Moment { at: now.at, order: (now.index, 0) };
        let fresh = std::mem::take(&mut self.fresh);
        if let What::Sent { from, frame, .. } = *what {
            let Some(from) = End::parse(from) else { return };
            self.datagrams.push(Datagram { from, frame, sent: here, arrived: None, lost: None });
            self.fresh = true;
        } else if let What::Arrived { from, frame, .. } = *what {
            let it = self.under_way(|known| known.from.as_str() == from && known.frame == frame);
            match it {
                Some(datagram) => datagram.arrived = Some(here),
                None => self.unexplained += 1,
            }
        } else if let What::Lost { from, cause, .. } = *what {
            self.lost(from, cause, fresh, here);
        }
    }

    fn under_way(&mut self, is: impl Fn(&Datagram) -> bool) -> Option<&mut Datagram> {
        let under_way = |known: &Datagram| known.arrived.is_none() && known.lost.is_none();
        let over = self.datagrams.iter().skip(self.first).take_while(|known| !under_way(known));
        self.first += over.count();
        let mut rest = self.datagrams.iter_mut().skip(self.first);
        rest.find(|known| under_way(known) && is(known))
    }

    fn lost(&mut self, from: &str, cause: LossCause, fresh: bool, here: Moment) {
        let on_arrival =
            matches!(cause, LossCause::HostDown | LossCause::NoSocket | LossCause::BufferFull);
        let last = self.datagrams.last_mut().filter(|last| {
            fresh && !on_arrival && last.from.as_str() == from && last.sent.at == here.at
        });
        // It has arrived at the kernel, which has no room for it.
        if cause == LossCause::BufferFull {
            let full = |known: &&mut Datagram| {
                known.from.as_str() == from && known.arrived.is_some_and(|at| at.at == here.at)
            };
            match self.datagrams.iter_mut().rfind(full) {
                Some(datagram) => datagram.lost = Some(cause),
                None => self.unexplained += 1,
            }
            return;
        }
        let lost = match last {
            Some(last) => Some(last),
            None => self.under_way(|known| known.from.as_str() == from),
        };
        match lost {
            Some(datagram) => {
                datagram.lost = Some(cause);
                if cause == LossCause::NoSocket {
                    datagram.arrived = Some(here);
                }
            }
            None => self.unexplained += 1,
        }
    }

    /// Adds its packets to `out`.
    pub(super) fn packets(&self, setting: &Setting<'_>, out: &mut Vec<Packet>) -> io::Result<()> {
        for (n, known) in self.datagrams.iter().enumerate() {
            let payload = setting.text.bytes(known.from, known.frame);
            let mut said: Vec<String> = Vec::new();
            said.extend((n == 0).then(|| self.about.clone()));
            said.extend(remark(known.frame));
            said.extend(known.lost.map(lost));
            let comment = said.join("; ");
            let mut emit = |side: End, moment: Moment| -> io::Result<()> {
                let (source, target) = setting.way(known.from, side);
                let bytes = datagram(source, target, hops(known.from, side), &payload)?;
                out.push(Packet { moment, side, bytes, comment: comment.clone() });
                Ok(())
            };
            let kept = matches!(known.lost, Some(LossCause::NoInterface | LossCause::OldAddress));
            if !(kept && known.from == End::Phone) {
                emit(known.from, known.sent)?;
            }
            if let Some(arrived) = known.arrived {
                emit(known.from.peer(), arrived)?;
            }
        }
        Ok(())
    }
}
