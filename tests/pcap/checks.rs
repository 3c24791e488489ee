//! What has to hold for every capture; each check answers what is wrong.

use std::collections::BTreeMap;

use crate::packets::{Followed, Packet};
use crate::trace::Trace;

/// An expert's word of this weight is an error.
const ERROR: u64 = 0x0080_0000;

/// Whether tshark takes every packet for what it is, with the right sums.
pub(crate) fn well_formed(packets: &[Packet]) -> Result<(), String> {
    for packet in packets {
        let wrong = packet.malformed || packet.severity >= ERROR;
        if wrong || packet.sums != ["1", "1"] {
            return Err(format!("malformed, or a wrong sum: {packet:?}"));
        }
    }
    Ok(())
}

/// Whether what tshark takes for sent again is what was, and the other way round.
pub(crate) fn retransmissions(packets: &[Packet], trace: &Trace) -> Result<(), String> {
    let mut expected = trace.retransmitted();
    expected.sort_unstable();
    expected.dedup();
    let of_sender = |packet: &&Packet| packet.side == packet.from && packet.retransmission;
    let mut found: Vec<(u64, &str)> =
        packets.iter().filter(of_sender).map(|packet| (packet.at, packet.from)).collect();
    found.sort_unstable();
    found.dedup();
    let missing: Vec<_> = expected.iter().filter(|again| !found.contains(again)).collect();
    let others: Vec<_> = found.iter().filter(|again| !expected.contains(again)).collect();
    match missing.is_empty() && others.is_empty() {
        true => Ok(()),
        false => Err(format!("not found: {missing:?}; found and not sent again: {others:?}")),
    }
}

/// The connection whose SYN has this comment, by device and number.
fn connection(comment: &str) -> Option<(u64, u64)> {
    let rest = comment.strip_prefix("device ")?;
    let (device, rest) = rest.split_once(", connection ")?;
    let (number, _) = rest.split_once(',')?;
    Some((device.parse().ok()?, number.parse().ok()?))
}

/// The streams of a capture: whose side, device and connection.
pub(crate) fn streams(packets: &[Packet]) -> BTreeMap<u32, (String, u64, u64)> {
    let syns = packets.iter().filter(|packet| packet.syn && packet.from == "phone");
    let known = syns.filter_map(|packet| {
        let (device, number) = connection(&packet.comment)?;
        Some((packet.stream?, (packet.side.clone(), device, number)))
    });
    known.collect()
}

/// Whether the streams are, to the byte, the lines that were delivered on them.
pub(crate) fn delivered(
    packets: &[Packet],
    followed: &[Followed],
    trace: &Trace,
) -> Result<usize, String> {
    let streams = streams(packets);
    let mut lines = 0;
    for stream in followed {
        let (side, device, number) = &streams[&stream.stream];
        // What arrives is seen on the side of whom it reaches.
        let (from, said) = match side.as_str() {
            "phone" => ("server", &stream.server),
            _ => ("phone", &stream.phone),
        };
        let found = frames(from, said);
        let expected = trace.arrived(*device, *number, from);
        // What came where nobody knew the connection any more was answered by a reset.
        let reset = packets.iter().any(|packet| packet.stream == Some(stream.stream) && packet.rst);
        let more = found.len().saturating_sub(expected.len());
        if !found.starts_with(&expected) || more > usize::from(reset) {
            return Err(format!("{stream:?}: {found:?} instead of {expected:?}"));
        }
        lines += expected.len();
    }
    Ok(lines)
}

/// The frames whose bytes these are; whatever is none of them is named so.
fn frames(from: &str, mut bytes: &[u8]) -> Vec<&'static str> {
    let mut frames = Vec::new();
    while !bytes.is_empty() {
        let (frame, length) = frame(from, bytes);
        frames.push(frame);
        bytes = &bytes[length..];
    }
    frames
}

fn frame(from: &str, bytes: &[u8]) -> (&'static str, usize) {
    if bytes[0] == 0 {
        // A turn of a handshake; two never follow each other without an answer.
        let zeroes = bytes.iter().take_while(|byte| **byte == 0).count();
        return match from {
            "phone" => ("tls-client", zeroes.min(if zeroes == 128 { 128 } else { 256 })),
            _ => ("tls-server", zeroes.min(if zeroes == 64 { 64 } else { 3_072 })),
        };
    }
    let Some(length) = bytes.iter().position(|byte| *byte == b'\n') else {
        return ("half a line", bytes.len());
    };
    let line = String::from_utf8_lossy(&bytes[..length]);
    let words: Vec<&str> = line.split(' ').collect();
    let frame = match (from, words.as_slice()) {
        ("phone", [""]) => "white-space",
        ("phone", ["HELLO", "1", _]) => "hello",
        ("phone", ["SIDE", "1", _]) => "hello-side",
        ("phone", ["ACK", _]) => "ack",
        ("server", ["WELCOME", "1"]) => "welcome",
        ("server", ["PUSH", _, ..]) => "push",
        ("server", ["CANCEL", _]) => "cancel",
        ("server", ["KNOCK"]) => "knock",
        ("server", ["MEDIA", _]) => "media",
        ("server", ["GOAWAY"]) => "go-away",
        (_, ["PING", _]) => "ping",
        (_, ["PONG", _]) => "pong",
        _ => "no line of the protocol",
    };
    (frame, length + 1)
}
