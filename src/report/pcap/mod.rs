//! A run as a packet capture in pcapng, for Wireshark: both sides of the NAT as two interfaces.
//!
//! The capture is made at the phone and at the server, so that times are those of the events: a segment is seen at its
//! sender when it was sent and at its receiver when it arrived; one that was lost is seen at its sender alone. What has
//! no event (SYNs at the server, acknowledgements) is added by what must have been.
//!
//! `device` gives each connection its events, `replay` makes segments of them, `conversation` and `datagrams` packets;
//! `text` is what is in them, `addresses` and `around` from where to where, `packet` and `blocks` the bytes.

mod addresses;
mod around;
mod blocks;
mod conversation;
mod datagrams;
mod device;
mod endings;
mod handshake;
mod losses;
mod packet;
mod replay;
mod story;
#[cfg(test)]
mod tests;
mod text;

use std::io::{self, Write};

use addresses::Addresses;
use around::Hosts;
use device::Device;
use packet::Packet;
use replay::Now;

use super::paragraph::plain;
use crate::run::setup;
use crate::scenario::Scenario;
use crate::trace::Event;

/// Writes what went over the wire in a run of `scenario` under `seed`, with these events, as a capture.
///
/// # Errors
/// What `out` says.
pub fn pcap(
    scenario: &Scenario,
    seed: u64,
    events: &[Event],
    out: &mut impl Write,
) -> io::Result<()> {
    let (packets, unexplained) = packets(scenario, seed, events)?;
    let mut about = format!("{}, seed {seed}: a simulated run", plain(&scenario.name));
    if unexplained > 0 {
        about.push_str(&format!("; {unexplained} of its events are {NOT_SHOWN}"));
    }
    blocks::begin(out, &about)?;
    packets.iter().try_for_each(|packet| blocks::packet(out, packet))
}

/// What is said of events that fit nothing that is known of their connection.
const NOT_SHOWN: &str = "not in this capture";

/// The packets in the order of time, and how many events fitted nothing.
fn packets(scenario: &Scenario, seed: u64, events: &[Event]) -> io::Result<(Vec<Packet>, u32)> {
    let (hosts, config) = (Hosts::of(events), setup(scenario, seed).net);
    let mut addresses = Addresses::default();
    let mut devices: Vec<Device> = (1..=scenario.devices)
        .map(|number| Device::new(number, scenario, &config, &mut addresses))
        .collect();
    for (index, event) in (0..).zip(events) {
        let now = Now { at: event.at, index, host: hosts.at(event.at) };
        let whom = match event.owner.checked_sub(1) {
            None => devices.iter_mut().collect::<Vec<_>>(),
            Some(place) => devices.get_mut(place as usize).into_iter().collect(),
        };
        whom.into_iter().for_each(|device| device.event(event, now, &mut addresses));
    }
    let (mut packets, mut unexplained) = (Vec::new(), 0);
    let end = scenario.duration.from_start();
    for device in devices {
        unexplained += device.packets(&hosts, end, &mut packets)?;
    }
    packets.sort_by_key(|packet| packet.moment);
    Ok((packets, unexplained))
}
