//! The phone's interface: which one carries traffic, and under which address.

use crate::port::{Interface, Span, Time};
use crate::trace::{DeadCause, LossCause};

/// The phone's way onto the network.
///
/// The address is a number that changes whenever an interface stops carrying traffic, so that a
/// connection is alive on this link exactly as long as the number is the one it was made under: coming
/// back to the same interface brings a new address too. So does a new lease, or a carrier that assigns
/// the phone another address, while the interface carries traffic all the time.
#[derive(Clone, Debug)]
pub(crate) struct Link {
    /// What carries traffic when airplane mode is off.
    wanted: Interface,
    airplane: bool,
    /// The phone is switched off.
    off: bool,
    carrying: Interface,
    address: u32,
    /// The first address since the interface was left last.
    first_address: u32,
    attach_at: Time,
}

impl Link {
    /// A link that carries traffic from the beginning.
    pub(crate) fn new(interface: Interface) -> Link {
        Link {
            wanted: interface,
            airplane: false,
            off: false,
            carrying: interface,
            address: 1,
            first_address: 1,
            attach_at: Time::NEVER,
        }
    }

    /// The interface that carries traffic; none while one is attaching.
    pub(crate) fn carrying(&self) -> Interface {
        self.carrying
    }

    /// The number of the current address.
    pub(crate) fn address(&self) -> u32 {
        self.address
    }

    /// What becomes of a segment and a connection of `address`, if it is not the current one.
    ///
    /// The phone's kernel keeps quiet about it: it goes on with its retransmissions in case the address
    /// comes back (XNU, `tcp_output.c`: a source address that is gone is silently ignored unless the
    /// socket asked for an error).
    #[inline]
    pub(crate) fn gone(&self, address: u32) -> Option<(LossCause, DeadCause)> {
        if address == self.address {
            None
        } else if address < self.first_address {
            Some((LossCause::NoInterface, DeadCause::Interface))
        } else {
            Some((LossCause::OldAddress, DeadCause::Address))
        }
    }

    /// The interface goes on under another address; answers whether there was one to change.
    pub(crate) fn readdress(&mut self) -> bool {
        let there = self.carrying != Interface::None;
        self.address += u32::from(there);
        there
    }

    /// When the interface that is attaching carries traffic.
    pub(crate) fn attach_at(&self) -> Time {
        self.attach_at
    }

    /// Another interface is there, or none.
    pub(crate) fn want(&mut self, interface: Interface) {
        self.wanted = interface;
    }

    /// What carries traffic when airplane mode is off and the phone on.
    pub(crate) fn wanted(&self) -> Interface {
        self.wanted
    }

    /// Sets airplane mode; answers whether that changed it.
    pub(crate) fn set_airplane(&mut self, on: bool) -> bool {
        std::mem::replace(&mut self.airplane, on) != on
    }

    /// Switches the phone off or on; answers whether that changed it.
    pub(crate) fn set_off(&mut self, off: bool) -> bool {
        std::mem::replace(&mut self.off, off) != off
    }

    /// The interface that should carry traffic.
    pub(crate) fn target(&self) -> Interface {
        if self.airplane || self.off { Interface::None } else { self.wanted }
    }

    /// Leaves the interface and its address, and attaches to the target within `attach`. Answers the
    /// interface that carries traffic now, if it is another than before.
    pub(crate) fn reattach(&mut self, attach: Span, now: Time) -> Option<Interface> {
        let before = self.carrying;
        let target = self.target();
        self.address += 1;
        self.first_address = self.address;
        self.attach_at = Time::NEVER;
        self.carrying = Interface::None;
        if attach == Span::ZERO {
            self.carrying = target;
        } else if target != Interface::None {
            self.attach_at = now + attach;
        }
        let moved = before != self.carrying || before != Interface::None;
        moved.then_some(self.carrying)
    }

    /// The attachment is complete; answers what carries traffic now.
    pub(crate) fn attached(&mut self) -> Interface {
        self.attach_at = Time::NEVER;
        self.carrying = self.target();
        self.carrying
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_carries_traffic_while_an_interface_attaches() {
        let mut link = Link::new(Interface::Wifi);
        link.want(Interface::Cellular);
        let now = Time::from_micros(10);
        assert_eq!(link.reattach(Span::from_secs(2), now), Some(Interface::None));
        assert_eq!(link.carrying(), Interface::None);
        assert_eq!(link.attach_at(), now + Span::from_secs(2));
        assert_eq!(link.attached(), Interface::Cellular);
        assert_eq!(link.attach_at(), Time::NEVER);
    }

    #[test]
    fn airplane_mode_off_brings_the_interface_before_back_under_a_new_address() {
        let mut link = Link::new(Interface::Wifi);
        let address = link.address();
        assert!(link.set_airplane(true));
        assert_eq!(link.reattach(Span::ZERO, Time::ZERO), Some(Interface::None));
        assert!(!link.set_airplane(true), "it is on already");
        assert!(link.set_airplane(false));
        assert_eq!(link.reattach(Span::ZERO, Time::ZERO), Some(Interface::Wifi));
        assert_ne!(link.address(), address);
    }

    #[test]
    fn a_new_address_under_the_same_interface_is_told_from_a_lost_interface() {
        let mut link = Link::new(Interface::Wifi);
        let first = link.address();
        assert_eq!(link.gone(first), None);
        assert!(link.readdress());
        let second = link.address();
        assert_eq!(link.gone(first), Some((LossCause::OldAddress, DeadCause::Address)));
        assert_eq!(link.gone(second), None);
        link.want(Interface::None);
        link.reattach(Span::ZERO, Time::ZERO);
        assert_eq!(link.gone(second), Some((LossCause::NoInterface, DeadCause::Interface)));
        assert!(!link.readdress(), "there is no address to change");
    }

    #[test]
    fn a_phone_that_is_off_has_no_interface_whatever_is_chosen() {
        let mut link = Link::new(Interface::Wifi);
        assert!(link.set_off(true));
        link.want(Interface::Cellular);
        assert_eq!(link.target(), Interface::None);
        assert!(link.set_off(false));
        assert_eq!(link.target(), Interface::Cellular);
    }

    #[test]
    fn an_interface_chosen_in_airplane_mode_comes_when_that_is_off() {
        let mut link = Link::new(Interface::Wifi);
        link.set_airplane(true);
        link.want(Interface::Cellular);
        assert_eq!(link.target(), Interface::None);
        link.set_airplane(false);
        assert_eq!(link.target(), Interface::Cellular);
    }
}
