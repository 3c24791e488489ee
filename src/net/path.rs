//! The verdict on a segment at the moment it is sent: how long it is under way, or why it never arrives.

use super::context::Context;
use super::faults::Faults;
use super::follow::Measured;
use super::link::Link;
use super::nat::Binding;
use super::radio::Radio;
use super::{Access, End};
use crate::port::{Interface, Purpose, Span, Time};
use crate::settings::Share;
use crate::trace::{DeadCause, LossCause};

/// All that a device's connections share: its link, the state of the path, its radio.
#[derive(Clone, Debug)]
pub(super) struct Path {
    pub(super) link: Link,
    pub(super) faults: Faults,
    pub(super) radio: Radio,
    /// What a connectivity trace says in place of the preset.
    pub(super) measured: Option<Measured>,
    drawn_at: Time,
    drawn: u64,
}

impl Path {
    pub(super) fn new(interface: Interface) -> Path {
        Path {
            link: Link::new(interface),
            faults: Faults::default(),
            radio: Radio::default(),
            measured: None,
            drawn_at: Time::ZERO,
            drawn: 0,
        }
    }

    /// Tells the draws of one moment apart.
    #[inline]
    fn next_draw(&mut self, now: Time) -> u64 {
        if self.drawn_at != now {
            (self.drawn_at, self.drawn) = (now, 0);
        }
        self.drawn += 1;
        self.drawn
    }

    /// Sends a segment of a connection made under `address`; `opens` says that it is a SYN.
    ///
    /// In order: the phone has the interface and address of the connection (its radio then works, even
    /// in vain), nothing stands in the way, luck, and the NAT lets it pass.
    ///
    /// # Errors
    /// Why it will not arrive.
    #[inline]
    pub(super) fn carry<O>(
        &mut self,
        from: End,
        address: u32,
        nat: &mut Binding,
        opens: bool,
        cx: &Context<O>,
    ) -> Result<Span, LossCause> {
        let now = cx.probe.at;
        let access = match cx.config.access(self.link.carrying()) {
            Some(access) => access,
            None => return Err(LossCause::NoInterface),
        };
        if let Some((cause, _)) = self.link.gone(address) {
            return Err(cause);
        }
        let n = self.next_draw(now);
        let mut delay = self.latency(access, n, cx);
        if self.radio.idle(now) {
            delay += access.radio_idle_delay.sample(cx.draws.draw(Purpose::RadioIdle, now, n));
            delay += match from {
                End::Phone => Span::ZERO,
                End::Server => {
                    access.radio_paging_delay.sample(cx.draws.draw(Purpose::Paging, now, n))
                }
            };
        }
        match from {
            End::Phone => self.radio.touch(access, now),
            End::Server => {}
        }
        if let Some((cause, _)) = self.faults.in_the_way(self.link.carrying(), access) {
            return Err(cause);
        }
        let loss = self.loss(access);
        if loss.ppm() > 0 && loss.hits(cx.draws.draw(Purpose::Loss, now, n)) {
            return Err(LossCause::Chance);
        }
        if !nat.passes(from, opens, now) {
            return Err(LossCause::Nat);
        }
        Ok(delay)
    }

    /// What becomes of a segment that would be sent now, and of its connection; nothing when the way is free.
    pub(super) fn in_the_way<O>(&self, cx: &Context<O>) -> Option<(LossCause, DeadCause)> {
        let interface = self.link.carrying();
        self.faults.in_the_way(interface, cx.config.access(interface)?)
    }

    /// How long an answer of something inside the path is under way.
    pub(super) fn delay<O>(&mut self, cx: &Context<O>) -> Span {
        let now = cx.probe.at;
        let n = self.next_draw(now);
        cx.config
            .access(self.link.carrying())
            .map_or(Span::TICK, |access| self.latency(access, n, cx))
    }

    /// How long the segment of the draw `n` is under way by `access`, the interface that carries traffic.
    #[inline]
    fn latency<O>(&self, access: &Access, n: u64, cx: &Context<O>) -> Span {
        let measured = self.measured.and_then(|known| known.latency(self.link.carrying()));
        match measured {
            None => access.latency.sample(cx.draws.draw(Purpose::Latency, cx.probe.at, n)),
            Some(latency) => latency,
        }
    }

    /// How many segments are lost by `access`, the interface that carries traffic.
    #[inline]
    fn loss(&self, access: &Access) -> Share {
        let measured = self.measured.and_then(|known| known.loss(self.link.carrying()));
        measured.unwrap_or(access.loss)
    }

    /// The phone receives a segment.
    #[inline]
    pub(super) fn received<O>(&mut self, cx: &Context<O>) {
        if let Some(access) = cx.config.access(self.link.carrying()) {
            self.radio.touch(access, cx.probe.at);
        }
    }
}
