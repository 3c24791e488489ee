//! Which interface carries traffic, from the interfaces that have an address.

use std::net::IpAddr;

use crate::port::Interface;

/// An interface that is up and runs, and one of its addresses.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Address {
    /// Its name, as `en0`.
    pub name: String,
    /// The address.
    pub ip: IpAddr,
}

/// The interface that carries traffic. On a phone `en0` is Wi-Fi and `pdp_ip0` the modem; iOS prefers Wi-Fi. Every
/// other `en` counts too: in the simulator they are the computer's.
pub fn carrier(addresses: &[Address]) -> Interface {
    let has = |prefix: &str| {
        addresses.iter().any(|address| address.name.starts_with(prefix) && leads_on(address.ip))
    };
    if has("en") {
        Interface::Wifi
    } else if has("pdp_ip") {
        Interface::Cellular
    } else {
        Interface::None
    }
}

/// The addresses behind which a server may be, in order: who notices that one changed knows that the phone's did.
pub fn routable(addresses: &[Address]) -> Vec<IpAddr> {
    let known = |address: &&Address| ["en", "pdp_ip"].iter().any(|p| address.name.starts_with(p));
    let mut ips: Vec<IpAddr> = addresses
        .iter()
        .filter(known)
        .map(|address| address.ip)
        .filter(|ip| leads_on(*ip))
        .collect();
    ips.sort_unstable();
    ips
}

/// A link-local address is what an interface gives itself: it does not say that there is a network.
fn leads_on(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => !ip.is_link_local() && !ip.is_loopback() && !ip.is_unspecified(),
        IpAddr::V6(ip) => !ip.is_unicast_link_local() && !ip.is_loopback() && !ip.is_unspecified(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn carried(addresses: &[(&str, &str)]) -> Interface {
        let address = |(name, ip): &(&str, &str)| Address {
            name: (*name).to_owned(),
            ip: ip.parse().unwrap(),
        };
        carrier(&addresses.iter().map(address).collect::<Vec<_>>())
    }

    #[test]
    fn wifi_wins_over_the_modem_and_other_interfaces_do_not_count() {
        assert_eq!(carried(&[("pdp_ip0", "10.1.2.3"), ("en0", "192.168.1.2")]), Interface::Wifi);
        assert_eq!(carried(&[("pdp_ip0", "10.1.2.3")]), Interface::Cellular);
        assert_eq!(carried(&[("lo0", "127.0.0.1"), ("utun0", "10.0.0.1")]), Interface::None);
        assert_eq!(carried(&[]), Interface::None);
    }

    #[test]
    fn an_address_that_an_interface_gave_itself_is_no_network() {
        assert_eq!(carried(&[("en0", "169.254.3.4"), ("en0", "fe80::1")]), Interface::None);
        assert_eq!(carried(&[("en0", "fe80::1"), ("en0", "2001:db8::1")]), Interface::Wifi);
    }

    #[test]
    fn the_addresses_are_the_same_in_any_order() {
        let two = |a: &str, b: &str| {
            let address = |ip: &str| Address { name: "en0".into(), ip: ip.parse().unwrap() };
            routable(&[address(a), address(b)])
        };
        assert_eq!(two("10.0.0.1", "10.0.0.2"), two("10.0.0.2", "10.0.0.1"));
        assert_eq!(two("10.0.0.1", "fe80::1").len(), 1);
    }
}
