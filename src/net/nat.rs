//! What a NAT remembers of one connection, and what it does when it has forgotten.

use super::{Access, End, NatExpiry};
use crate::port::{Span, Time};

/// One connection's binding.
///
/// Its timer is re-armed lazily: a segment only notes its time, and the timer, when due, looks whether
/// that was long enough ago. So at most one is pending, and a busy connection costs one event for each
/// timeout instead of one for each segment.
#[derive(Clone, Debug)]
pub(super) struct Binding {
    timeout: Option<Span>,
    on_expiry: NatExpiry,
    last: Time,
    alive: bool,
    /// When to look next.
    pub(super) look_at: Time,
}

impl Binding {
    /// No binding yet: the SYN makes it.
    pub(super) fn new(access: Option<&Access>) -> Binding {
        Binding {
            timeout: access.and_then(|access| access.nat_idle_timeout),
            on_expiry: access.map_or(NatExpiry::Silent, |access| access.nat_on_expiry),
            last: Time::ZERO,
            alive: false,
            look_at: Time::NEVER,
        }
    }

    /// No binding yet for a UDP socket: its first datagram makes it, and any later one anew. That the NAT
    /// then takes the same port as before is taken for granted.
    pub(super) fn datagrams(access: Option<&Access>) -> Binding {
        Binding {
            timeout: access.and_then(|access| access.nat_udp_idle_timeout),
            on_expiry: NatExpiry::Recreate,
            ..Binding::new(access)
        }
    }

    /// A segment from `from` reaches the NAT; answers whether it passes. `opens` says that it is a SYN.
    #[inline]
    pub(super) fn passes(&mut self, from: End, opens: bool, now: Time) -> bool {
        if !self.alive {
            let made_anew = match from {
                End::Phone => opens || self.on_expiry == NatExpiry::Recreate,
                End::Server => false,
            };
            if !made_anew {
                return false;
            }
            self.alive = true;
            self.look_at = self.timeout.map_or(Time::NEVER, |timeout| now + timeout);
        }
        self.last = now;
        true
    }

    /// The timer is due: answers the idle time if the binding is forgotten now, else looks again later.
    pub(super) fn look(&mut self, now: Time) -> Option<Span> {
        let expires = self.expires();
        if expires > now {
            self.look_at = expires;
            return None;
        }
        self.forget(now)
    }

    /// When the binding is forgotten if no segment comes before.
    pub(super) fn expires(&self) -> Time {
        self.timeout.map_or(Time::NEVER, |timeout| self.last + timeout)
    }

    /// When the last segment passed, if one did.
    pub(super) fn last(&self) -> Option<Time> {
        Some(self.last).filter(|_| self.alive || self.last != Time::ZERO)
    }

    /// The binding is gone; answers how long it was idle, or nothing if there was none.
    pub(super) fn forget(&mut self, now: Time) -> Option<Span> {
        self.look_at = Time::NEVER;
        std::mem::take(&mut self.alive).then(|| now.since(self.last))
    }

    /// Whether the binding is there.
    pub(super) fn alive(&self) -> bool {
        self.alive
    }

    /// Whether a forgotten binding stays away whatever the phone sends.
    pub(super) fn gone_for_good(&self) -> bool {
        !self.alive && self.on_expiry != NatExpiry::Recreate
    }

    /// Whether the NAT answers the phone with RST now.
    pub(super) fn resets(&self) -> bool {
        !self.alive && self.on_expiry == NatExpiry::Reset
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn binding(on_expiry: NatExpiry) -> Binding {
        let access = Access {
            nat_idle_timeout: Some(Span::from_secs(300)),
            nat_on_expiry: on_expiry,
            ..Access::default()
        };
        Binding::new(Some(&access))
    }

    const fn at(secs: u64) -> Time {
        Span::from_secs(secs).from_start()
    }

    #[test]
    fn traffic_in_either_direction_keeps_a_binding() {
        let mut nat = binding(NatExpiry::Silent);
        assert!(nat.passes(End::Phone, true, at(0)));
        assert!(nat.passes(End::Server, false, at(200)));
        assert_eq!((nat.look(at(300)), nat.look_at), (None, at(500)));
        assert!(nat.passes(End::Phone, false, at(499)));
        assert_eq!((nat.look(at(500)), nat.look_at), (None, at(799)));
        assert_eq!(nat.look(at(799)), Some(Span::from_secs(300)));
        assert!(!nat.alive());
    }

    #[test]
    fn only_the_phone_makes_a_binding_anew_and_only_where_the_nat_allows_it() {
        for (kind, comes_back) in
            [(NatExpiry::Silent, false), (NatExpiry::Reset, false), (NatExpiry::Recreate, true)]
        {
            let mut nat = binding(kind);
            nat.passes(End::Phone, true, at(0));
            nat.forget(at(1));
            assert!(!nat.passes(End::Server, false, at(2)));
            assert_eq!(nat.passes(End::Phone, false, at(3)), comes_back);
            assert_eq!(nat.resets(), kind == NatExpiry::Reset);
        }
    }
}
