//! What tshark makes of a capture.

use std::path::Path;
use std::process::Command;

use crate::tools;

/// When a run begins, in microseconds since 1970: see docs/pcap.md.
const BEGINNING: u64 = 1_275_868_800_000_000;

/// What tshark is asked of each packet.
const FIELDS: [&str; 14] = [
    "frame.time_epoch",
    "frame.interface_name",
    "frame.comment",
    "ip.src",
    "tcp.stream",
    "tcp.len",
    "tcp.flags",
    "tcp.analysis.retransmission",
    "tcp.analysis.keep_alive",
    "_ws.expert.severity",
    "_ws.malformed",
    "ip.checksum.status",
    "tcp.checksum.status",
    "udp.checksum.status",
];

/// One packet.
#[derive(Clone, Debug)]
pub(crate) struct Packet {
    /// Microseconds since the run began.
    pub(crate) at: u64,
    /// `phone` or `server`.
    pub(crate) side: String,
    /// The end that sent it, in the same words.
    pub(crate) from: &'static str,
    pub(crate) comment: String,
    pub(crate) stream: Option<u32>,
    pub(crate) syn: bool,
    pub(crate) rst: bool,
    pub(crate) retransmission: bool,
    /// The worst that tshark has to say about it: 0x800000 is an error.
    pub(crate) severity: u64,
    pub(crate) malformed: bool,
    /// The sums of IP and of what is in it; 1 is right.
    pub(crate) sums: [String; 2],
}

/// The packets of a capture.
pub(crate) fn packets(path: &Path) -> Vec<Packet> {
    let mut command = Command::new(tools::path_of("tshark").expect("tshark"));
    command.args(["-n", "-T", "fields", "-r"]).arg(path);
    for sum in ["ip", "tcp", "udp"] {
        command.args(["-o", &format!("{sum}.check_checksum:TRUE")]);
    }
    for field in FIELDS {
        command.args(["-e", field]);
    }
    let output = command.output().expect("tshark runs");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{}: {said}", path.display());
    let text = String::from_utf8(output.stdout).expect("text");
    text.lines().map(packet).collect()
}

fn packet(line: &str) -> Packet {
    let fields: Vec<&str> = line.split('\t').collect();
    let field = |name: &str| {
        let place = FIELDS.iter().position(|field| *field == name).expect("asked for");
        fields.get(place).copied().unwrap_or("")
    };
    let number = |text: &str| text.parse::<u64>().unwrap_or(0);
    let flags = field("tcp.flags").trim_start_matches("0x");
    let flags = u32::from_str_radix(flags, 16).unwrap_or(0);
    let sums = match field("udp.checksum.status") {
        "" => field("tcp.checksum.status"),
        udp => udp,
    };
    // A blank that is sent again looks like one: a single byte that was sent before.
    let keeps_alive = !field("tcp.analysis.keep_alive").is_empty() && field("tcp.len") == "1";
    Packet {
        at: micros(field("frame.time_epoch")) - BEGINNING,
        side: field("frame.interface_name").to_owned(),
        from: if field("ip.src") == "198.51.100.10" { "server" } else { "phone" },
        comment: field("frame.comment").to_owned(),
        stream: field("tcp.stream").parse().ok(),
        syn: flags & 2 != 0,
        rst: flags & 4 != 0,
        retransmission: !field("tcp.analysis.retransmission").is_empty() || keeps_alive,
        severity: field("_ws.expert.severity").split(',').map(number).max().unwrap_or(0),
        malformed: !field("_ws.malformed").is_empty(),
        sums: [field("ip.checksum.status").to_owned(), sums.to_owned()],
    }
}

/// Seconds with a fraction as microseconds.
fn micros(text: &str) -> u64 {
    let (whole, fraction) = text.split_once('.').expect("a fraction");
    let whole: u64 = whole.parse().expect("seconds");
    whole * 1_000_000 + fraction[..6].parse::<u64>().expect("microseconds")
}

/// Bytes that are written as digits.
fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<char> = text.chars().filter(char::is_ascii_hexdigit).collect();
    let byte = |pair: &[char]| {
        let value = |digit: char| digit.to_digit(16).expect("a digit") as u8;
        value(pair[0]) << 4 | value(pair[1])
    };
    digits.chunks_exact(2).map(byte).collect()
}

/// What tshark makes of some streams: what the first end said and what the other did, in this order.
pub(crate) fn follow(path: &Path, streams: &[u32]) -> Vec<Followed> {
    let mut command = Command::new(tools::path_of("tshark").expect("tshark"));
    command.args(["-n", "-q", "-r"]).arg(path);
    for stream in streams {
        command.args(["-z", &format!("follow,tcp,raw,{stream}")]);
    }
    let output = command.output().expect("tshark runs");
    assert!(output.status.success());
    let text = String::from_utf8(output.stdout).expect("text");
    text.split("Follow: tcp,raw").skip(1).map(followed).collect()
}

/// A reassembled stream.
#[derive(Clone, Debug, Default)]
pub(crate) struct Followed {
    pub(crate) stream: u32,
    pub(crate) phone: Vec<u8>,
    pub(crate) server: Vec<u8>,
}

fn followed(text: &str) -> Followed {
    let mut followed = Followed::default();
    let mut server_is_first = false;
    for line in text.lines() {
        if let Some(stream) = line.strip_prefix("Filter: tcp.stream eq ") {
            followed.stream = stream.parse().expect("a number");
        } else if let Some(node) = line.strip_prefix("Node 0: ") {
            server_is_first = node.starts_with("198.51.100.10");
        } else if line.starts_with("Node 1") || line.starts_with('=') {
        } else if line.starts_with('\t') == server_is_first {
            followed.phone.extend(hex(line));
        } else {
            followed.server.extend(hex(line));
        }
    }
    followed
}
