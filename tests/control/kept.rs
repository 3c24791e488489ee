//! The whole of it: `holdline serve` with a store is killed, and what it accepted is delivered by the next one.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// A server that is killed when the test is over.
struct Server {
    child: Child,
    address: String,
    control: String,
}

impl Server {
    fn start(store: &Path) -> Server {
        let mut child = Command::new(env!("CARGO_BIN_EXE_holdline"))
            .args(["serve", "--listen", "0", "--control", "0", "--token", "secret", "--store"])
            .arg(store)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut after = |word: &str| {
            let line = lines.next().unwrap().unwrap();
            line.strip_prefix(word).unwrap_or_else(|| panic!("no {word} in {line}")).to_owned()
        };
        let (address, control) = (after("listening tcp "), after("control "));
        Server { child, address, control }
    }

    fn push(&self, payload: &str) -> String {
        let output = Command::new(env!("CARGO_BIN_EXE_holdline"))
            .args(["push", "alice", payload, "--token", "secret", "--control", &self.control])
            .output()
            .unwrap();
        String::from_utf8(output.stdout).unwrap()
    }

    /// Says hello as a device and reads so many lines.
    fn hello(&self, lines: usize, acknowledge: bool) -> Vec<String> {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        stream.write_all(b"HELLO 1 alice\n").unwrap();
        let mut read = Vec::new();
        for line in BufReader::new(stream.try_clone().unwrap()).lines().take(lines) {
            let line = line.unwrap();
            if let Some(id) = line.strip_prefix("PUSH ").and_then(|rest| rest.split(' ').next())
                && acknowledge
            {
                stream.write_all(format!("ACK {id}\n").as_bytes()).unwrap();
            }
            read.push(line);
        }
        if acknowledge {
            // Its answer comes after the server has heard the acknowledgements.
            stream.write_all(b"PING 9\n").unwrap();
            let pong = BufReader::new(stream).lines().next().unwrap().unwrap();
            assert_eq!(pong, "PONG 9");
        }
        read
    }

    /// Lets it end by itself, which writes what was acknowledged.
    fn drain(mut self) {
        let run = Command::new(env!("CARGO_BIN_EXE_holdline"))
            .args(["server", "drain", "--grace", "1s", "--token", "secret"])
            .args(["--control", &self.control])
            .output()
            .unwrap();
        assert!(run.status.success(), "{run:?}");
        assert!(self.child.wait().unwrap().success());
    }

    fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Most have ended by then.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn what_a_killed_server_accepted_is_delivered_by_the_next_in_order_and_ids_go_on() {
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("pushes.redb");
    let first = Server::start(&store);
    assert_eq!(first.push("one"), "accepted as 1 for 1 device\n");
    assert_eq!(first.push("two"), "accepted as 2 for 1 device\n");
    first.kill();
    let second = Server::start(&store);
    assert_eq!(second.push("three"), "accepted as 3 for 1 device\n");
    let expected = ["WELCOME 1", "PUSH 1 one", "PUSH 2 two", "PUSH 3 three"];
    assert_eq!(second.hello(4, false), expected);
    second.kill();
    // Nobody acknowledged.
    let third = Server::start(&store);
    assert_eq!(third.hello(4, true), expected);
    third.drain();
    let fourth = Server::start(&store);
    assert_eq!(fourth.push("four"), "accepted as 4 for 1 device\n");
    assert_eq!(fourth.hello(2, true), ["WELCOME 1", "PUSH 4 four"]);
}
