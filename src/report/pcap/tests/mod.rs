//! Captures of whole runs, taken apart again.

mod conversations;
mod nats;

use std::net::SocketAddrV4;

use etherparse::{NetSlice, SlicedPacket, TransportSlice};

use super::addresses::SERVER;
use crate::net::End;
use crate::port::Time;
use crate::run::{Options, play};
use crate::scenario::{Presets, Scenario, decode};
use crate::trace::{Event, What};

/// One packet, taken apart.
#[derive(Clone, Debug)]
struct Seen {
    at: Time,
    side: End,
    from: End,
    phone: SocketAddrV4,
    tcp: bool,
    seq: u32,
    ack: Option<u32>,
    syn: bool,
    fin: bool,
    rst: bool,
    payload: Vec<u8>,
    comment: String,
}

impl Seen {
    fn text(&self) -> &str {
        std::str::from_utf8(&self.payload).unwrap()
    }
}

/// A scenario, what happened in it, and the capture of that.
struct Captured {
    scenario: Scenario,
    events: Vec<Event>,
    packets: Vec<Seen>,
}

impl Captured {
    fn of(text: &str) -> Captured {
        let scenario = decode(text, &Presets::built_in(), &[]).unwrap();
        let options = Options { trace: true, ..Options::of(&scenario) };
        let events = play(&scenario, options).events.unwrap();
        let (packets, unexplained) = super::packets(&scenario, options.seed, &events).unwrap();
        assert_eq!(unexplained, 0);
        let packets = packets.iter().map(seen).collect();
        Captured { scenario, events, packets }
    }

    /// What is seen on one side from one end, without what only acknowledges.
    fn said(&self, side: End, from: End) -> impl Iterator<Item = &Seen> {
        self.packets.iter().filter(move |seen| {
            let empty = seen.payload.is_empty() && !(seen.syn || seen.fin || seen.rst);
            seen.side == side && seen.from == from && !empty
        })
    }

    /// When this text is seen on one side.
    fn times(&self, side: End, from: End, text: &str) -> Vec<Time> {
        self.said(side, from).filter(|seen| seen.text() == text).map(|seen| seen.at).collect()
    }

    fn events(&self, is: impl Fn(&What) -> bool) -> Vec<Time> {
        let events = self.events.iter().filter(|event| is(&event.what));
        events.map(|event| event.at).collect()
    }

    fn bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        super::pcap(&self.scenario, self.scenario.seed, &self.events, &mut bytes).unwrap();
        bytes
    }
}

fn seen(packet: &super::Packet) -> Seen {
    let sliced = SlicedPacket::from_ip(&packet.bytes).unwrap();
    let Some(NetSlice::Ipv4(ip)) = &sliced.net else { panic!("no IPv4") };
    let header = ip.header();
    assert_eq!(header.to_header().calc_header_checksum(), header.header_checksum());
    let (tcp, ports, payload) = match &sliced.transport {
        Some(TransportSlice::Tcp(tcp)) => {
            let right = tcp.calc_checksum_ipv4(header.source(), header.destination()).unwrap();
            assert_eq!(right, tcp.checksum());
            (Some(tcp), (tcp.source_port(), tcp.destination_port()), tcp.payload())
        }
        Some(TransportSlice::Udp(udp)) => {
            (None, (udp.source_port(), udp.destination_port()), udp.payload())
        }
        other => panic!("{other:?}"),
    };
    let source = SocketAddrV4::new(header.source_addr(), ports.0);
    let target = SocketAddrV4::new(header.destination_addr(), ports.1);
    let (from, phone) = if source == SERVER { (End::Server, target) } else { (End::Phone, source) };
    let server = if from == End::Server { source } else { target };
    assert_eq!(server, SERVER);
    let own = phone.ip().is_private();
    assert_eq!(own, packet.side == End::Phone, "the phone's own address inside, the NAT's outside");
    Seen {
        at: packet.moment.at,
        side: packet.side,
        from,
        phone,
        tcp: tcp.is_some(),
        seq: tcp.map_or(0, |tcp| tcp.sequence_number()),
        ack: tcp.filter(|tcp| tcp.ack()).map(|tcp| tcp.acknowledgment_number()),
        syn: tcp.is_some_and(|tcp| tcp.syn()),
        fin: tcp.is_some_and(|tcp| tcp.fin()),
        rst: tcp.is_some_and(|tcp| tcp.rst()),
        payload: payload.to_vec(),
        comment: packet.comment.clone(),
    }
}
