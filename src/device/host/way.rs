//! What stands between the phone and the server: what is set on the fault proxy.

use super::drive::Kind;
use crate::live::world::Standing;
use crate::net::{Host, Portal};
use crate::port::{Interface, Span};
use crate::scenario::NetworkSetup;
use crate::settings::Dist;
use crate::trace::What;

/// What is in the way now.
#[derive(Clone, Debug)]
pub(super) struct InTheWay {
    kind: Kind,
    /// The interface that carries the phone's traffic, as it told last.
    pub(super) interface: Interface,
    silent: bool,
    no_internet: bool,
    portal: Option<Portal>,
    /// Data stands still during a telephone call.
    pub(super) stalled: bool,
    pub(super) host: Host,
}

impl InTheWay {
    pub(super) fn new(kind: Kind, interface: Interface) -> InTheWay {
        InTheWay {
            kind,
            interface,
            silent: false,
            no_internet: false,
            portal: None,
            stalled: false,
            host: Host::Up,
        }
    }

    // What changed is an event.

    pub(super) fn silence(&mut self, on: bool) -> Option<What> {
        let changed = std::mem::replace(&mut self.silent, on) != on;
        changed.then_some(What::PathChanged { silent: on })
    }

    pub(super) fn internet(&mut self, on: bool) -> Option<What> {
        let changed = std::mem::replace(&mut self.no_internet, !on) == on;
        changed.then_some(What::InternetChanged { on })
    }

    pub(super) fn captive_portal(&mut self, portal: Option<Portal>) -> Option<What> {
        let changed = std::mem::replace(&mut self.portal, portal) != portal;
        changed.then_some(What::PortalChanged { on: portal.is_some() })
    }

    /// What the proxy has to do. On a phone the network is a real one: nothing is added to its latency.
    pub(super) fn standing(&self, network: &NetworkSetup) -> Standing {
        let wifi = self.interface == Interface::Wifi;
        let access = access(network, self.interface);
        let latency = match (self.kind, access) {
            (Kind::Fake | Kind::Simulator, Some(access)) => access.latency.clone(),
            (Kind::Phone | Kind::OldPhone, _) | (_, None) => Dist::Constant(Span::ZERO),
        };
        Standing {
            silent: self.silent
                || self.stalled
                || (self.no_internet && wifi)
                || self.host == Host::Silent,
            portal: self.portal.filter(|_| wifi),
            refused: self.host == Host::Refusing,
            latency,
            late: Span::ZERO,
            nat: access.and_then(|access| Some((access.nat_idle_timeout?, access.nat_on_expiry))),
        }
    }
}

/// What the interface is like.
fn access(network: &NetworkSetup, interface: Interface) -> Option<&crate::net::Access> {
    match interface {
        Interface::Wifi => Some(&network.wifi.values),
        Interface::Cellular => Some(&network.cellular.values),
        Interface::None => None,
    }
}
