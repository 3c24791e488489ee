//! What an agent knows of its network from one look to the next, and from one process of a run to the next.

use std::io;
use std::net::IpAddr;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::interfaces::{Address, carrier, routable};
use crate::device::agent::orders::write_whole;
use crate::port::Interface;
use crate::trace::What;

const FILE: &str = "holdline-network.json";

/// What carries traffic, and the addresses that say whether it is still the same.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Network {
    interface: String,
    addresses: Vec<IpAddr>,
}

impl Network {
    /// The network of a phone whose interfaces have these addresses.
    pub fn of(addresses: &[Address]) -> Network {
        let interface = carrier(addresses).as_str().to_owned();
        Network { interface, addresses: routable(addresses) }
    }

    /// What happened to the network since it was like `before`.
    pub fn change_since(&self, before: &Network) -> Option<What> {
        if self == before {
            None
        } else if self.interface == before.interface {
            Some(What::AddressChanged {})
        } else {
            Interface::parse(&self.interface).map(|to| What::InterfaceChanged { to })
        }
    }

    /// What the process before knew of the network.
    pub fn load(dir: &Path) -> Option<Network> {
        serde_json::from_slice(&std::fs::read(dir.join(FILE)).ok()?).ok()
    }

    /// Keeps it for the process after.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn keep(&self, dir: &Path) -> io::Result<()> {
        write_whole(dir, FILE, &serde_json::to_vec(self)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn network(name: &str, ip: &str) -> Network {
        Network::of(&[Address { name: name.into(), ip: ip.parse().unwrap() }])
    }

    #[test]
    fn another_process_finds_what_changed_since_the_one_before() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(Network::load(dir.path()), None);
        let home = network("en0", "192.168.1.2");
        home.keep(dir.path()).unwrap();
        let before = Network::load(dir.path()).unwrap();
        assert_eq!(home.change_since(&before), None);
        let readdressed = network("en0", "192.168.1.3");
        assert_eq!(readdressed.change_since(&before), Some(What::AddressChanged {}));
        let to = Interface::Cellular;
        let away = network("pdp_ip0", "10.0.0.1");
        assert_eq!(away.change_since(&before), Some(What::InterfaceChanged { to }));
    }
}
