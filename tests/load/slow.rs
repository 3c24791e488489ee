//! Readers that are slow or do not read at all.

use std::io::{BufReader, Read, Write};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use crate::client::{Client, PATIENCE};
use crate::proc::memory;
use crate::serving::Serving;
use crate::{number, publisher, pushed};

/// Pushes so many payloads of 4000 bytes to `device`, pipelined.
fn push_many(address: SocketAddr, device: &str, count: usize) {
    let mut publisher = publisher(address);
    let mut writer = publisher.second();
    let name = device.to_owned();
    let saying = std::thread::spawn(move || {
        let payload = "x".repeat(4_000);
        for n in 0..count {
            writer.write_all(format!("PUB {n} {name} - {payload}\n").as_bytes()).unwrap();
        }
    });
    for n in 0..count {
        let answer = publisher.line();
        assert!(answer.starts_with(&format!("DONE {n} ")), "{answer}");
    }
    saying.join().unwrap();
}

#[test]
fn a_reader_that_never_reads_is_cut_off_others_are_served_and_memory_has_a_bound() {
    let mut server = Serving::start(&["--listen", "0"]);
    let address = server.address("tcp");
    let mut stalled = Client::device(address, "stalled");
    let mut healthy = Client::device(address, "healthy");
    let before = memory(server.pid(), "VmRSS");
    // 100 MB.
    let pushing = std::thread::spawn(move || push_many(address, "stalled", 25_000));
    let mut publisher = publisher(address);
    let (mut slowest, mut n) = (Duration::ZERO, 0);
    while !pushing.is_finished() {
        n += 1;
        let asked = Instant::now();
        publisher.say(format!("PUB {n} healthy - {n}\n"));
        assert!(publisher.line().starts_with(&format!("DONE {n} ")));
        let line = healthy.line();
        let (id, payload) = pushed(&line).unwrap();
        assert_eq!(payload, n.to_string());
        healthy.say(format!("ACK {id}\n"));
        slowest = slowest.max(asked.elapsed());
    }
    pushing.join().unwrap();
    let most = memory(server.pid(), "VmHWM");
    eprintln!("{n} were delivered to the other, the slowest took {slowest:?}");
    assert!(n > 5, "{n} were delivered to the other");
    assert!(slowest < Duration::from_secs(2), "one took {slowest:?}");
    assert!(most < before + 32 * 1024, "{most} KiB, {before} before");
    // It did not take its last words in time, so that they are lost; it is ended all the same.
    stalled.lines();
    let logged = server.logged();
    assert_eq!(logged.matches("too slow: cut off").count(), 1, "{logged}");
}

#[test]
fn many_that_never_read_cost_no_more_than_their_bounds() {
    let mut server = Serving::start(&["--listen", "0", "--set", "queue.limit=5"]);
    let address = server.address("tcp");
    let stalled: Vec<Client> =
        (0..50).map(|n| Client::device(address, &format!("stalled-{n}"))).collect();
    let before = memory(server.pid(), "VmRSS");
    let mut publisher = publisher(address);
    let payload = "x".repeat(4_000);
    // To each as much as kernels hold for it, and more: 200 MB in all.
    for n in 0..number(1_000, 2_500) {
        publisher.say(format!("ALL {n} - {payload}\n"));
        assert!(publisher.line().starts_with("DONE "));
    }
    let most = memory(server.pid(), "VmHWM");
    assert!(most < before + 48 * 1024, "{most} KiB, {before} before");
    drop(stalled);
    let mut phone = Client::device(address, "phone");
    phone.say("PING 1\n");
    assert_eq!(phone.line(), "PONG 1");
}

/// Says hello with a kernel that takes little at a time, as over a mobile network.
fn narrow(address: SocketAddr, name: &str) -> BufReader<std::net::TcpStream> {
    let socket = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None).unwrap();
    socket.set_recv_buffer_size(4_096).unwrap();
    // Kernels hold much more for the large segments of loopback than for those of any network.
    socket.set_tcp_mss(1_220).unwrap();
    socket.connect_timeout(&address.into(), PATIENCE).unwrap();
    socket.set_read_timeout(Some(PATIENCE)).unwrap();
    let mut stream: std::net::TcpStream = socket.into();
    stream.write_all(format!("HELLO 1 {name}\n").as_bytes()).unwrap();
    BufReader::new(stream)
}

#[test]
fn a_device_gets_all_that_waited_however_long_its_queue_is() {
    // With many and long pushes, and with many and short ones.
    for (limit, count, length) in [(100, 100, 4_000), (50_000, 20_000, 200)] {
        let limit = format!("queue.limit={limit}");
        let mut server = Serving::start(&["--listen", "0", "--set", &limit]);
        let address = server.address("tcp");
        let mut publisher = publisher(address);
        let payload = "x".repeat(length);
        for n in 0..count {
            publisher.say(format!("PUB {n} phone - {payload}\n"));
            assert!(publisher.line().starts_with("DONE "));
        }
        let mut phone = Client::over(narrow(address, "phone").into_inner());
        assert_eq!(phone.line(), "WELCOME 1");
        for n in 1..=count {
            let line = phone.line();
            assert_eq!(pushed(&line).map(|(id, _)| id), Some(n), "of {count}: {line:.60}");
            phone.say(format!("ACK {n}\n"));
        }
        phone.say("PING 1\n");
        assert_eq!(phone.line(), "PONG 1");
    }
}

#[test]
fn a_reader_that_is_slow_hears_everything_in_order_or_why_not() {
    let mut server = Serving::start(&["--listen", "0"]);
    let address = server.address("tcp");
    let mut phone = narrow(address, "phone");
    let pushing = std::thread::spawn(move || push_many(address, "phone", 2_000));
    let mut heard = Vec::new();
    let mut piece = [0; 4_096];
    // Slow at first, and then all that is left.
    for _ in 0..100 {
        let n = phone.read(&mut piece).unwrap();
        heard.extend_from_slice(&piece[..n]);
        // That it is slow is what is tested.
        std::thread::sleep(Duration::from_millis(10));
    }
    pushing.join().unwrap();
    // A reset ends it as well.
    let _ = phone.read_to_end(&mut heard);
    let text = String::from_utf8(heard).unwrap();
    let mut lines = text.lines();
    assert_eq!(lines.next(), Some("WELCOME 1"));
    let ids: Vec<u64> = lines.clone().filter_map(|line| Some(pushed(line)?.0)).collect();
    assert!(ids.iter().copied().eq(1..=ids.len() as u64), "in order, without a gap");
    assert!(ids.len() > 10 && ids.len() < 2_000, "{} were heard", ids.len());
}
