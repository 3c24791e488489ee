//! What stands between the phone and the server beside link, NAT and luck, and what a segment that meets
//! it comes to.

use super::Access;
use crate::port::{Interface, words};
use crate::trace::{DeadCause, LossCause};

words! {
    /// What a captive portal does with new connections. Those that were there before it are in silence.
    pub enum Portal {
        /// It refuses the server's port: RST.
        Reset = "reset",
        /// It takes any connection, acknowledges what is sent over it, and never says anything.
        Answers = "answers",
    }
}

words! {
    /// What becomes of a name while names are not resolved.
    pub enum Resolver {
        /// It is answered that there is no such name.
        Fails = "fails",
        /// It is not answered.
        Silent = "silent",
    }
}

/// What is wrong now. Steps of the scenario set it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Faults {
    /// The path swallows everything, by whichever interface.
    pub(crate) silent: bool,
    /// So does a row of the connectivity trace.
    pub(crate) down: bool,
    /// The Wi-Fi has no way to the internet.
    pub(crate) no_internet: bool,
    /// A captive portal stands between the Wi-Fi and the internet.
    pub(crate) portal: Option<Portal>,
    /// Names are not resolved, by whichever interface.
    pub(crate) resolver: Option<Resolver>,
    /// The phone is in a telephone call.
    pub(crate) voice_call: bool,
}

impl Faults {
    /// Whether the path swallows everything, for whichever reason.
    #[inline]
    pub(crate) fn silence(&self) -> bool {
        self.silent || self.down
    }

    /// What becomes of a segment that goes by `interface`, which is like `access`, and of the connection it
    /// belongs to; nothing when the way is free.
    #[inline]
    pub(crate) fn in_the_way(
        &self,
        interface: Interface,
        access: &Access,
    ) -> Option<(LossCause, DeadCause)> {
        let wifi = interface == Interface::Wifi;
        if self.silence() {
            Some((LossCause::Silence, DeadCause::Silence))
        } else if self.voice_call && access.voice_call_stalls_data {
            Some((LossCause::VoiceCall, DeadCause::VoiceCall))
        } else if self.portal.is_some() && wifi {
            Some((LossCause::CaptivePortal, DeadCause::CaptivePortal))
        } else if self.no_internet && wifi {
            Some((LossCause::NoInternet, DeadCause::NoInternet))
        } else {
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cause(faults: &Faults, interface: Interface, access: &Access) -> Option<DeadCause> {
        faults.in_the_way(interface, access).map(|(_, cause)| cause)
    }

    #[test]
    fn what_is_wrong_behind_the_access_point_does_not_concern_the_cellular_network() {
        let portal = Faults { portal: Some(Portal::Answers), ..Faults::default() };
        let uplink = Faults { no_internet: true, ..Faults::default() };
        let access = Access::default();
        for (faults, expected) in
            [(portal, DeadCause::CaptivePortal), (uplink, DeadCause::NoInternet)]
        {
            assert_eq!(cause(&faults, Interface::Wifi, &access), Some(expected));
            assert_eq!(cause(&faults, Interface::Cellular, &access), None);
        }
    }

    #[test]
    fn a_call_stalls_data_only_on_a_network_that_cannot_do_both() {
        let faults = Faults { voice_call: true, ..Faults::default() };
        let umts = Access::default();
        let gprs = Access { voice_call_stalls_data: true, ..Access::default() };
        assert_eq!(cause(&faults, Interface::Cellular, &umts), None);
        assert_eq!(cause(&faults, Interface::Cellular, &gprs), Some(DeadCause::VoiceCall));
    }

    #[test]
    fn names_that_are_not_resolved_stop_no_segment() {
        let faults = Faults { resolver: Some(Resolver::Silent), ..Faults::default() };
        assert_eq!(cause(&faults, Interface::Wifi, &Access::default()), None);
    }
}
