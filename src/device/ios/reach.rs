//! The interface that carries traffic, from the addresses that the interfaces have.
//!
//! `SCNetworkReachability` would be one more framework, and would tell nothing else of a host on the local network:
//! so the addresses are looked at, at each pulse and whenever the app's life changes. A change is noticed up to a pulse
//! late. While the app is suspended neither would tell.

use std::ffi::CStr;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::ptr::null_mut;

use crate::device::system::interfaces::Address;

/// The addresses of all interfaces that are up and run.
pub(super) fn addresses() -> Vec<Address> {
    let mut list: *mut libc::ifaddrs = null_mut();
    // SAFETY: the place for the list lives until the call returns.
    if unsafe { libc::getifaddrs(&raw mut list) } != 0 {
        return Vec::new();
    }
    let mut found = Vec::new();
    let mut next: *const libc::ifaddrs = list;
    // SAFETY: each element is followed by another or by nothing, until the list is freed.
    while let Some(entry) = unsafe { next.as_ref() } {
        next = entry.ifa_next;
        let running = libc::IFF_UP | libc::IFF_RUNNING;
        if entry.ifa_flags.cast_signed() & running != running {
            continue;
        }
        // SAFETY: the address is nothing, or one of the family that it says.
        let Some(ip) = (unsafe { ip(entry.ifa_addr) }) else { continue };
        // SAFETY: the name ends with a zero, and lives until the list is freed.
        let name = unsafe { CStr::from_ptr(entry.ifa_name) };
        found.push(Address { name: name.to_string_lossy().into_owned(), ip });
    }
    // SAFETY: it is the list that was given, and nothing of it is used any more.
    unsafe { libc::freeifaddrs(list) };
    found
}

/// # Safety
/// `address` is null, or an address of the family that it says.
unsafe fn ip(address: *const libc::sockaddr) -> Option<IpAddr> {
    // SAFETY: as the caller says; every family begins with the same two bytes.
    let family = unsafe { address.as_ref() }?.sa_family;
    match i32::from(family) {
        libc::AF_INET => {
            // SAFETY: the family says that it is this structure. It need not be aligned.
            let four = unsafe { address.cast::<libc::sockaddr_in>().read_unaligned() };
            Some(IpAddr::V4(Ipv4Addr::from(u32::from_be(four.sin_addr.s_addr))))
        }
        libc::AF_INET6 => {
            // SAFETY: as above.
            let six = unsafe { address.cast::<libc::sockaddr_in6>().read_unaligned() };
            Some(IpAddr::V6(Ipv6Addr::from(six.sin6_addr.s6_addr)))
        }
        _ => None,
    }
}
