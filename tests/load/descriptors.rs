//! Descriptors are exhausted while there are a store, a control API and publishers.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::Command;
use std::time::Duration;

use crate::client::{Client, connect};
use crate::proc::{cpu, descriptors, wait_until};
use crate::publisher;
use crate::serving::Serving;

/// Asks the control API for its health; nothing if it does not answer.
fn health(address: &str) -> String {
    let mut answer = String::new();
    if let Ok(mut stream) = TcpStream::connect(address) {
        let _ = stream.set_read_timeout(Some(Duration::from_millis(300)));
        let _ = stream.write_all(b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        let _ = stream.read_to_string(&mut answer);
    }
    answer
}

#[test]
fn without_descriptors_it_keeps_whom_it_has_refuses_others_and_takes_them_later() {
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("pushes.redb");
    let mut command = Command::new("sh");
    command
        .args(["-c", "ulimit -n 200; exec \"$@\"", "sh", env!("CARGO_BIN_EXE_holdline")])
        .args(["serve", "--listen", "0", "--control", "0", "--handshake-within", "2s", "--store"])
        .arg(&store);
    let mut server = Serving::by(command);
    let address = server.address("tcp");
    let control = server.told("control http://");
    assert!(health(&control).starts_with("HTTP/1.1 200 "));
    let mut publisher = publisher(address);
    let mut devices: Vec<Client> = Vec::new();
    let refused = loop {
        assert!(devices.len() < 300, "there is an end of descriptors");
        let mut client = Client::connect(address);
        client.say(format!("HELLO 1 phone-{}\n", devices.len()));
        match client.line() {
            welcome if welcome == "WELCOME 1" => devices.push(client),
            refused => break refused,
        }
    };
    assert!(refused.starts_with("ERROR no-descriptors "), "{refused}");
    assert!(devices.len() > 150, "{}", devices.len());
    // All that are there are served, and the store works.
    for (n, device) in devices.iter_mut().enumerate() {
        publisher.say(format!("PUB {n} phone-{n} - {n}\n"));
        assert!(publisher.line().starts_with(&format!("DONE {n} ")));
        assert!(device.line().ends_with(&format!(" {n}")));
    }
    // Many who wait cost nothing, at the server's port and at the control API's.
    let at_control: Vec<TcpStream> =
        (0..20).filter_map(|_| TcpStream::connect(&control).ok()).collect();
    let waiting: Vec<TcpStream> = (0..100).map(|_| connect(address)).collect();
    let before = cpu(server.pid());
    // How much it does meanwhile is what is tested.
    std::thread::sleep(Duration::from_secs(1));
    let spent = cpu(server.pid()) - before;
    assert!(spent < Duration::from_millis(200), "it spent {spent:?} of a second");
    for mut stream in waiting {
        // What it was told is there by now. It may wait still, where the control API was faster to take the
        // descriptor in reserve; and one whose words were not read before is reset.
        stream.set_nonblocking(true).unwrap();
        let mut told = [0; 200];
        let n = stream.read(&mut told).unwrap_or(0);
        let told = String::from_utf8_lossy(&told[..n]);
        let reason = told.split(' ').nth(1).unwrap_or("waits");
        // A few may have had the place of a connection that ended; they said nothing.
        assert!(["waits", "no-descriptors", "handshake-timeout"].contains(&reason), "{told}");
    }
    drop(at_control);
    devices.truncate(100);
    wait_until("newcomers are accepted", || {
        let mut client = Client::connect(address);
        client.say("HELLO 1 again\n");
        client.is_welcome()
    });
    wait_until("the control API answers", || health(&control).starts_with("HTTP/1.1 200 "));
    for device in &mut devices {
        device.say("PING 1\n");
        assert_eq!(device.line(), "PONG 1");
    }
    drop((devices, publisher));
    wait_until("nothing stays", || descriptors(server.pid()) < 40);
    let logged = server.logged();
    // Once for each time that a descriptor became free and was taken.
    assert!(logged.lines().count() < 150, "it says so, and not all the time: {logged}");
}
