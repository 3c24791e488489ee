//! Connections that begin something and do not end it.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use crate::client::{Client, connect};
use crate::number;
use crate::proc::{descriptors, wait_until};
use crate::serving::Serving;

/// How long a connection has to say hello here.
const WITHIN: Duration = Duration::from_secs(1);

#[test]
fn half_a_hello_is_ended_in_time_and_half_a_line_after_it_may_stay() {
    let folder = tempfile::tempdir().unwrap();
    let tls = folder.path().to_str().unwrap();
    let mut server = Serving::start(&[
        "--handshake-within",
        "1s",
        "--listen",
        "0",
        "--tls-listen",
        "0",
        "--ws-listen",
        "0",
        "--tls-self-signed",
        tls,
    ]);
    server.told("certificate ");
    let (plain, tls, ws) = (server.address("tcp"), server.address("tls"), server.address("ws"));
    let mut phone = Client::device(plain, "phone");
    phone.say("PI");
    let own = descriptors(server.pid());
    // Of each kind a half.
    let count = number(300, 3_000);
    let began = Instant::now();
    let halves: Vec<TcpStream> = (0..count)
        .map(|n| {
            let (address, half): (_, &[u8]) = match n % 5 {
                0 => (plain, b""),
                1 => (plain, b"HELLO 1 pho"),
                2 => (plain, b"\n\n \nAUTH"),
                3 => (tls, b"\x16\x03\x01\x02\x00\x01"),
                _ => (ws, b"GET / HTTP/1.1\r\nUpgrade: webs"),
            };
            let mut stream = connect(address);
            stream.write_all(half).unwrap();
            stream
        })
        .collect();
    let opened = began.elapsed();
    // One that says a byte now and then has no more time than others.
    let mut trickle = connect(plain);
    let trickling = std::thread::spawn(move || {
        let began = Instant::now();
        while trickle.write_all(b" ").is_ok() {
            assert!(began.elapsed() < 10 * WITHIN, "it is not ended");
            // That it is slow is what is tested.
            std::thread::sleep(Duration::from_millis(50));
        }
    });
    for (n, mut stream) in halves.into_iter().enumerate() {
        let mut told = Vec::new();
        // What was said and not read makes a reset of the end.
        let _ = stream.read_to_end(&mut told);
        let told = String::from_utf8_lossy(&told);
        match n % 5 {
            0..3 => assert!(told.starts_with("ERROR handshake-timeout "), "{n}: {told}"),
            // There nothing can be said yet.
            3 => assert!(!told.contains("ERROR"), "{told}"),
            _ => assert!(told.is_empty() || told.starts_with("HTTP/1.1 "), "{told}"),
        }
    }
    assert!(began.elapsed() < opened + 4 * WITHIN, "{:?}", began.elapsed());
    trickling.join().unwrap();
    wait_until("they are gone", || descriptors(server.pid()) == own);
    phone.say("NG 1\n");
    assert_eq!(phone.line(), "PONG 1");
}
