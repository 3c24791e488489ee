//! Who has which address: private ones behind the NATs, public ones from the ranges for documentation.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddrV4};

use crate::port::Interface;
use crate::wire::PORT;

/// The server (TEST-NET-2, RFC 5737).
pub(super) const SERVER: SocketAddrV4 = SocketAddrV4::new(Ipv4Addr::new(198, 51, 100, 10), PORT);

/// The first of the ports that a phone's kernel gives, and how many there are (RFC 6335, 6).
const EPHEMERAL: (u16, u16) = (49_152, 16_384);
/// The same for the ports of a NAT.
const MAPPED: (u16, u16) = (20_001, 45_000);
/// How many NATs of each kind have an address of their own; devices behind another of them share one.
const NATS: u32 = 120;

/// The ends of one connection.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub(super) struct Ends {
    /// The phone's own.
    pub(super) phone: SocketAddrV4,
    /// The phone's as the server sees it.
    pub(super) mapped: SocketAddrV4,
}

/// The addresses that were given so far.
#[derive(Clone, Debug, Default)]
pub(super) struct Addresses {
    wifi: u32,
    cellular: u32,
    mapped: BTreeMap<Ipv4Addr, u16>,
}

impl Addresses {
    /// A phone's next address on this interface.
    pub(super) fn private(&mut self, interface: Interface) -> Option<Ipv4Addr> {
        let (count, first, size) = match interface {
            Interface::None => return None,
            Interface::Wifi => (&mut self.wifi, Ipv4Addr::new(192, 168, 1, 0), 0xfe00),
            Interface::Cellular => (&mut self.cellular, Ipv4Addr::new(10, 0, 0, 0), 0xff_ff00),
        };
        // 192.168.1.2 is the first: 1 is the router. The last byte is neither 0 nor 255.
        let (block, host) = (*count / 250, *count % 250 + 2);
        *count += 1;
        Some(Ipv4Addr::from_bits(u32::from(first) + (block * 256 + host) % size))
    }

    /// The ends of a connection that `device` makes from `address` on `interface`.
    pub(super) fn ends(
        &mut self,
        device: u32,
        connection: u32,
        address: Ipv4Addr,
        interface: Interface,
    ) -> Ends {
        let place = (device.wrapping_sub(1) % NATS) as u8;
        let nat = match interface {
            Interface::None | Interface::Wifi => 1 + place,
            Interface::Cellular => 129 + place,
        };
        let nat = Ipv4Addr::new(203, 0, 113, nat);
        let next = self.mapped.entry(nat).or_insert(0);
        let port = MAPPED.0 + *next;
        *next = (*next + 1) % MAPPED.1;
        let own = EPHEMERAL.0 + (connection.wrapping_sub(1) % u32::from(EPHEMERAL.1)) as u16;
        Ends { phone: SocketAddrV4::new(address, own), mapped: SocketAddrV4::new(nat, port) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_address_is_another_and_of_its_network() {
        let mut addresses = Addresses::default();
        let mut given = std::collections::BTreeSet::new();
        for n in 0..2_000 {
            let interface = if n % 2 == 0 { Interface::Wifi } else { Interface::Cellular };
            let address = addresses.private(interface).unwrap();
            let first = if n % 2 == 0 { 192 } else { 10 };
            assert_eq!(address.octets()[0], first);
            assert!(address.is_private() && !matches!(address.octets()[3], 0 | 1 | 255));
            assert!(given.insert(address), "{address}");
        }
        assert_eq!(addresses.private(Interface::None), None);
    }

    #[test]
    fn devices_are_behind_nats_of_their_own_and_each_connection_has_its_port() {
        let mut addresses = Addresses::default();
        let phone = Ipv4Addr::new(192, 168, 1, 2);
        let one = addresses.ends(1, 1, phone, Interface::Wifi);
        let two = addresses.ends(1, 2, phone, Interface::Wifi);
        let other = addresses.ends(2, 1, phone, Interface::Wifi);
        let mobile = addresses.ends(1, 3, Ipv4Addr::new(10, 0, 0, 2), Interface::Cellular);
        assert_eq!(one.mapped.ip(), two.mapped.ip());
        assert_ne!(one.mapped.port(), two.mapped.port());
        assert_ne!(one.phone.port(), two.phone.port());
        assert!(other.mapped.ip() != one.mapped.ip() && mobile.mapped.ip() != one.mapped.ip());
    }
}
