//! IP packets as bytes.

use std::io;
use std::net::SocketAddrV4;

use etherparse::{PacketBuilder, TcpHeader, TcpOptionElement};

use super::story::Moment;
use crate::net::End;

/// What a full Ethernet frame holds behind the headers of IP and TCP.
pub(super) const MOST: usize = 1_460;
/// The window that everybody offers: more than is ever under way.
const WINDOW: u16 = 65_535;

/// One packet at one of the two places where the capture was made.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Packet {
    pub(super) moment: Moment,
    /// Whose side of the path it is seen on.
    pub(super) side: End,
    pub(super) bytes: Vec<u8>,
    pub(super) comment: String,
}

/// What a segment says beside its ports.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub(super) struct Segment {
    pub(super) seq: u32,
    pub(super) ack: Option<u32>,
    pub(super) syn: bool,
    pub(super) fin: bool,
    pub(super) rst: bool,
    pub(super) payload: Vec<u8>,
}

impl Segment {
    /// How far it takes the sequence number.
    pub(super) fn len(&self) -> u32 {
        self.payload.len() as u32 + u32::from(self.syn) + u32::from(self.fin)
    }

    /// The packets that it takes, without IP's own size in the way.
    pub(super) fn packets(
        &self,
        from: SocketAddrV4,
        to: SocketAddrV4,
        hops: u8,
    ) -> io::Result<Vec<Vec<u8>>> {
        let pieces: Vec<&[u8]> = match self.payload.is_empty() {
            true => vec![&[]],
            false => self.payload.chunks(MOST).collect(),
        };
        let last = pieces.len() - 1;
        let mut packets = Vec::with_capacity(pieces.len());
        for (n, piece) in pieces.into_iter().enumerate() {
            let before = (n * MOST) as u32;
            let mut header =
                TcpHeader::new(from.port(), to.port(), self.seq.wrapping_add(before), WINDOW);
            (header.syn, header.fin, header.rst) = (self.syn, self.fin, self.rst);
            header.ack = self.ack.is_some();
            header.acknowledgment_number = self.ack.unwrap_or(0);
            header.psh = n == last && !piece.is_empty();
            if self.syn {
                let most = TcpOptionElement::MaximumSegmentSize(MOST as u16);
                header.set_options(&[most]).map_err(io::Error::other)?;
            }
            let builder = PacketBuilder::ipv4(from.ip().octets(), to.ip().octets(), hops);
            let mut bytes = Vec::new();
            let builder = builder.tcp_header(header);
            builder.write_to_vec(&mut bytes, piece).map_err(io::Error::other)?;
            packets.push(bytes);
        }
        Ok(packets)
    }
}

/// A UDP datagram.
pub(super) fn datagram(
    from: SocketAddrV4,
    to: SocketAddrV4,
    hops: u8,
    payload: &[u8],
) -> io::Result<Vec<u8>> {
    let builder =
        PacketBuilder::ipv4(from.ip().octets(), to.ip().octets(), hops).udp(from.port(), to.port());
    let mut bytes = Vec::new();
    builder.write_to_vec(&mut bytes, payload).map_err(io::Error::other)?;
    Ok(bytes)
}

/// How far a packet may still go where its sender is, and on the other side of the NAT.
pub(super) const fn hops(from: End, side: End) -> u8 {
    match (from, side) {
        (End::Phone, End::Phone) | (End::Server, End::Server) => 64,
        (End::Phone, End::Server) | (End::Server, End::Phone) => 63,
    }
}
