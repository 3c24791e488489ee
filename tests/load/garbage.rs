//! Many connections of nonsense: whoever talks sense is served meanwhile, and nothing of them stays.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use socket2::{Domain, Socket, Type};

use crate::client::{Client, PATIENCE};
use crate::number;
use crate::proc::{descriptors, memory, wait_until};
use crate::serving::Serving;

/// A connection from an address of its own for each batch, so that ports do not run out.
fn connect_from(batch: usize, to: SocketAddr) -> TcpStream {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    let from = [127, 0, (batch >> 8) as u8 + 1, batch as u8];
    socket.bind(&SocketAddr::from((from, 0)).into()).unwrap();
    socket.connect_timeout(&to.into(), PATIENCE).unwrap();
    socket.into()
}

/// Bytes that look random, the same for the same number.
fn noise(n: usize) -> Vec<u8> {
    let mut state = n as u64 * 2 + 1;
    let mut byte = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (state >> 56) as u8
    };
    (0..n % 600).map(|_| byte()).collect()
}

/// The beginning of what `openssl s_client` says first.
const TLS_HELLO: &[u8] = b"\x16\x03\x01\x00\xf4\x01\x00\x00\xf0\x03\x03\x1b\x0e\x9d\x41\x11\n";

/// One connection of nonsense, of the kind that its number says.
fn nonsense(batch: usize, n: usize, [plain, tls, ws]: [SocketAddr; 3]) {
    let to = [plain, plain, tls, ws][n / 8 % 4];
    let mut stream = connect_from(batch, to);
    let mut tell = |bytes: &[u8]| {
        // It may have been ended by then.
        let _ = stream.write_all(bytes);
    };
    match n % 8 {
        // A port scan: nothing is said.
        0 => {}
        1 | 2 => tell(&noise(n)),
        3 => tell(TLS_HELLO),
        4 => tell(b"GET / HTTP/1.1\r\nHost: holdline\r\n\r\n"),
        5 => tell(b"HELLO 1 pho\xffne\n"),
        6 => tell(&[b'x'; 5_000]),
        _ => tell(b"HELLO 1 half"),
    }
    if n % 2 == 0 {
        // Some read until they are ended, as long as they have patience, and others are gone at once.
        let _ = stream.set_read_timeout(Some(Duration::from_millis(2)));
        let _ = stream.read(&mut [0; 256]);
    }
    if n % 3 == 0 {
        let _ = socket2::SockRef::from(&stream).set_linger(Some(Duration::ZERO));
    }
}

#[test]
fn a_flood_of_nonsense_leaves_nothing_and_good_clients_are_served_meanwhile() {
    let folder = tempfile::tempdir().unwrap();
    let tls = folder.path().to_str().unwrap();
    let mut server = Serving::start(&[
        "--listen",
        "0",
        "--tls-listen",
        "0",
        "--ws-listen",
        "0",
        "--tls-self-signed",
        tls,
        "--handshake-within",
        "2s",
    ]);
    server.told("certificate ");
    let (plain, tls, ws) = (server.address("tcp"), server.address("tls"), server.address("ws"));
    let addresses = [plain, tls, ws];
    let mut good = Client::device(plain, "good");
    let flood = move |batches: std::ops::Range<usize>, each: usize| {
        for batch in batches {
            (0..each).for_each(|n| nonsense(batch, n, addresses));
        }
    };
    // What the allocator takes once does not come back; the second flood must not take more.
    let own = descriptors(server.pid());
    flood(0..1, 1_000);
    wait_until("they are gone", || descriptors(server.pid()) == own);
    let before = memory(server.pid(), "VmRSS");
    // 100,000 take a minute in a debug build on two cores.
    let batches = number(20, 100);
    let flooding = std::thread::spawn(move || flood(1..batches + 1, 1_000));
    let (mut slowest, mut n) = (Duration::ZERO, 0);
    while !flooding.is_finished() {
        n += 1;
        let asked = Instant::now();
        good.say(format!("PING {n}\n"));
        assert_eq!(good.line(), format!("PONG {n}"));
        // Newcomers are served, too.
        if n % 20 == 0 {
            Client::device(plain, "newcomer");
        }
        slowest = slowest.max(asked.elapsed());
        // So often, and not as fast as it can.
        std::thread::sleep(Duration::from_millis(2));
    }
    flooding.join().unwrap();
    wait_until("they are gone", || descriptors(server.pid()) == own);
    let after = memory(server.pid(), "VmRSS");
    eprintln!("{n} pings, the slowest took {slowest:?}; {before} KiB before, {after} after");
    assert!(n > 20 && slowest < Duration::from_secs(2), "{n} pings, one took {slowest:?}");
    assert!(after < before + 8 * 1024, "{after} KiB, {before} before");
}
