//! The protocol as it is documented, byte by byte over plain sockets.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use crate::serving::{Serving, TOKEN};

crate::tools::tests![
    a_hello_and_a_ping_are_the_documented_bytes,
    a_push_is_accepted_delivered_acknowledged_and_gone,
    lines_with_cr_lf_and_lines_in_single_bytes_are_the_same,
];

/// A connection that does not wait for ever.
pub(crate) fn connect(address: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(address).expect("it listens");
    stream.set_read_timeout(Some(Duration::from_secs(20))).expect("a socket");
    stream
}

/// Says something, and holds the answer to the last byte.
pub(crate) fn exchange(stream: &mut TcpStream, says: &[u8], hears: &[u8]) {
    stream.write_all(says).expect("it is read");
    let mut heard = vec![0; hears.len()];
    let so_far = stream.read_exact(&mut heard);
    let (heard, hears) = (heard.escape_ascii().to_string(), hears.escape_ascii().to_string());
    assert_eq!(heard, hears, "after {}: {so_far:?}", says.escape_ascii());
}

/// A publisher that was welcomed.
pub(crate) fn publisher(address: SocketAddr) -> TcpStream {
    let mut publisher = connect(address);
    exchange(&mut publisher, format!("AUTH 1 {TOKEN}\n").as_bytes(), b"WELCOME 1\n");
    publisher
}

fn a_hello_and_a_ping_are_the_documented_bytes() {
    let mut server = Serving::start(&["--listen", "0"]);
    let mut phone = connect(server.address("tcp"));
    let bytes = |hex: &str| -> Vec<u8> {
        hex.split(' ').map(|byte| u8::from_str_radix(byte, 16).expect("hex")).collect()
    };
    let document = include_str!("../../docs/protocol.md");
    let documented = |hex: &str| {
        assert!(document.replace('\n', " ").contains(hex), "{hex} is not in the document");
        bytes(hex)
    };
    let hello = documented("48 45 4c 4c 4f 20 31 20 70 68 6f 6e 65 0a");
    let welcome = documented("57 45 4c 43 4f 4d 45 20 31 0a");
    let ping = documented("50 49 4e 47 20 37 0a");
    exchange(&mut phone, &hello, &welcome);
    exchange(&mut phone, &ping, b"PONG 7\n");
}

fn a_push_is_accepted_delivered_acknowledged_and_gone() {
    let mut server = Serving::start(&["--listen", "0"]);
    let address = server.address("tcp");
    let mut phone = connect(address);
    exchange(&mut phone, b"HELLO 1 phone\n", b"WELCOME 1\n");
    let mut publisher = publisher(address);
    exchange(&mut publisher, b"PUB 7 phone - hello  there\n", b"DONE 7 1 1\n");
    exchange(&mut phone, b"", b"PUSH 1 hello  there\n");
    // Not acknowledged: it comes again, with the same id.
    let mut phone = connect(address);
    exchange(&mut phone, b"HELLO 1 phone\n", b"WELCOME 1\nPUSH 1 hello  there\n");
    exchange(&mut phone, b"ACK 1\nPING 1\n", b"PONG 1\n");
    let mut phone = connect(address);
    exchange(&mut phone, b"HELLO 1 phone\nPING 2\n", b"WELCOME 1\nPONG 2\n");
    exchange(&mut publisher, "ALL 4294967295 60 grüße\n".as_bytes(), b"DONE 4294967295 2 1\n");
    exchange(&mut phone, b"", "PUSH 2 grüße\n".as_bytes());
    exchange(&mut publisher, b"PUB 8 phone - \n", b"DONE 8 3 1\n");
    exchange(&mut phone, b"", b"PUSH 3 \n");
}

fn lines_with_cr_lf_and_lines_in_single_bytes_are_the_same() {
    let mut server = Serving::start(&["--listen", "0"]);
    let mut phone = connect(server.address("tcp"));
    phone.set_nodelay(true).expect("a socket");
    for byte in b"HELLO 1 phone\r\nPING 1" {
        exchange(&mut phone, &[*byte], b"");
    }
    exchange(&mut phone, b"\r\n\r\n  \nPING 2\r\n", b"WELCOME 1\nPONG 1\nPONG 2\n");
}
