//! A capture file: pcapng's section header, two interfaces, and the packets.

use std::borrow::Cow;
use std::io::{self, Write};

use pcap_parser::pcapng::{
    EnhancedPacketBlock, InterfaceDescriptionBlock, OptionCode, PcapNGOption, SectionHeaderBlock,
};
use pcap_parser::{Linktype, ToVec};

use super::packet::Packet;
use crate::net::End;

/// 2010-06-07 00:00:00 UTC, the day on which iOS 4 with its VoIP sockets was shown: a run begins there.
pub(super) const BEGINNING: u64 = 1_275_868_800;

/// Times are microseconds: 10 to the power of minus this.
const RESOLUTION: u8 = 6;

/// Longer texts are cut.
const MOST_TEXT: usize = 8_000;

fn option(code: OptionCode, text: &str) -> PcapNGOption<'static> {
    let value: String = text.chars().take(MOST_TEXT).collect();
    PcapNGOption { code, len: value.len() as u16, value: Cow::Owned(value.into_bytes()) }
}

fn bytes(block: &mut impl ToVec) -> io::Result<Vec<u8>> {
    block.to_vec().map_err(|error| io::Error::other(format!("{error:?}")))
}

/// Begins a capture; `about` says of what.
pub(super) fn begin(out: &mut impl Write, about: &str) -> io::Result<()> {
    let program = concat!("holdline ", env!("CARGO_PKG_VERSION"));
    out.write_all(&bytes(&mut SectionHeaderBlock {
        block_type: 0,
        block_len1: 0,
        bom: 0,
        major_version: 1,
        minor_version: 0,
        section_len: -1,
        options: vec![option(OptionCode::Comment, about), option(OptionCode::ShbUserAppl, program)],
        block_len2: 0,
    })?)?;
    for (name, description) in
        [("phone", "at the phones, inside the NAT"), ("server", "at the server, outside the NAT")]
    {
        out.write_all(&bytes(&mut InterfaceDescriptionBlock {
            block_type: 0,
            block_len1: 0,
            linktype: Linktype::RAW,
            reserved: 0,
            snaplen: 0,
            options: vec![
                option(OptionCode::IfName, name),
                option(OptionCode::IfDescription, description),
            ],
            block_len2: 0,
            if_tsresol: RESOLUTION,
            if_tsoffset: 0,
        })?)?;
    }
    Ok(())
}

/// Adds a packet.
pub(super) fn packet(out: &mut impl Write, packet: &Packet) -> io::Result<()> {
    let at = BEGINNING * 1_000_000 + packet.moment.at.as_micros();
    let length = packet.bytes.len() as u32;
    let comment = option(OptionCode::Comment, &packet.comment);
    out.write_all(&bytes(&mut EnhancedPacketBlock {
        block_type: 0,
        block_len1: 0,
        if_id: match packet.side {
            End::Phone => 0,
            End::Server => 1,
        },
        ts_high: (at >> 32) as u32,
        ts_low: at as u32,
        caplen: length,
        origlen: length,
        data: &packet.bytes,
        options: if packet.comment.is_empty() { Vec::new() } else { vec![comment] },
        block_len2: 0,
    })?)
}
