//! `holdline serve` as a process.

use std::io::{BufRead, BufReader, Read};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use crate::client::{Client, PATIENCE};

struct Process {
    child: Child,
    out: BufReader<ChildStdout>,
}

impl Drop for Process {
    fn drop(&mut self) {
        // It has mostly ended by then.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Process {
    /// Starts a server, by a shell that does something `before`.
    fn start(before: &str, args: &str) -> Process {
        let binary = env!("CARGO_BIN_EXE_holdline");
        let mut child = Command::new("sh")
            .args(["-c", &format!("{before} exec '{binary}' serve {args}")])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let out = BufReader::new(child.stdout.take().unwrap());
        Process { child, out }
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.out.read_line(&mut line).unwrap();
        line.trim_end().to_owned()
    }

    /// Where it listens, as it says next.
    fn address(&mut self) -> SocketAddr {
        let line = self.line();
        line.strip_prefix("listening tcp ").unwrap_or_else(|| panic!("{line}")).parse().unwrap()
    }

    fn signal(&self, name: &str) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args([name, &pid]).status().unwrap().success());
    }

    fn wait(&mut self) -> ExitStatus {
        let began = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            assert!(began.elapsed() < PATIENCE, "it does not end");
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    fn logged(&mut self) -> String {
        let mut logged = String::new();
        self.child.stderr.take().unwrap().read_to_string(&mut logged).unwrap();
        logged
    }
}

#[test]
fn a_signal_drains_and_the_exit_code_is_0() {
    for signal in ["-TERM", "-INT"] {
        let mut server = Process::start("", "--listen 0 --drain-within 300ms --token secret-one");
        let address = server.address();
        let mut phone = Client::device(address, "phone");
        let mut publisher = Client::connect(address);
        publisher.say("AUTH 1 secret-one\nPUB 1 phone - payload-one\n");
        assert_eq!([publisher.line(), publisher.line()], ["WELCOME 1", "DONE 1 1 1"]);
        assert_eq!(phone.line(), "PUSH 1 payload-one");
        server.signal(signal);
        assert_eq!(phone.line(), "GOAWAY");
        assert_eq!(phone.last_word(), "BYE drained");
        assert_eq!(server.wait().code(), Some(0));
        let logged = server.logged();
        assert!(logged.contains("draining"), "{logged}");
        for secret in ["secret-one", "payload-one"] {
            assert!(!logged.contains(secret), "{logged}");
        }
    }
}

#[test]
fn every_address_is_told_and_written_to_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let (file, tls) = (folder.path().join("addresses"), folder.path().join("tls"));
    let args = format!(
        "--listen 0 --listen '[::1]:0' --ws-listen 0 --wss-listen 0 --log-format json \
         --tls-self-signed '{}' --addr-file '{}'",
        tls.display(),
        file.display()
    );
    let mut server = Process::start("", &args);
    let certificate = server.line();
    assert!(certificate.starts_with("certificate ") && certificate.ends_with("ca.pem"));
    let addresses: Vec<String> = (0..4).map(|_| server.line()).collect();
    let kinds: Vec<&str> = addresses.iter().filter_map(|line| line.split(' ').nth(1)).collect();
    assert_eq!(kinds, ["tcp", "tcp", "wss", "ws"]);
    assert!(addresses[1].contains("[::1]:"), "{addresses:?}");
    assert_eq!(server.line().split(' ').next(), Some("token"), "one was made");
    let began = Instant::now();
    while !file.exists() {
        assert!(began.elapsed() < PATIENCE, "no file");
        std::thread::sleep(Duration::from_millis(5));
    }
    assert_eq!(std::fs::read_to_string(&file).unwrap(), addresses.join("\n") + "\n");
    server.signal("-TERM");
    assert_eq!(server.wait().code(), Some(0));
}

#[test]
fn what_is_wrong_is_told_before_anything_is_listened_on() {
    for (args, said) in [
        ("--preset xmmp", "did you mean `xmpp`?"),
        ("--set heartbeat.intervall=1s", "did you mean `heartbeat.interval`?"),
        ("--tls-listen 0", "TLS needs a certificate"),
        ("--cert /nowhere.pem --key /nowhere.pem --tls-listen 0", "/nowhere.pem"),
        ("--listen localhost", "expected an address and a port"),
    ] {
        let mut server = Process::start("", args);
        assert_eq!(server.wait().code(), Some(2), "{args}");
        let logged = server.logged();
        assert!(logged.contains(said), "{args}: {logged}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn without_descriptors_it_keeps_what_it_has_and_accepts_later() {
    let mut server = Process::start("ulimit -n 40;", "--listen 0 --token t");
    let address = server.address();
    let mut first = Client::device(address, "first");
    let mut others = Vec::new();
    let refused = loop {
        assert!(others.len() < 100, "there is an end of descriptors");
        let mut client = Client::connect(address);
        client.say(format!("HELLO 1 d{}\n", others.len()));
        match client.line() {
            welcome if welcome == "WELCOME 1" => others.push(client),
            refused => break refused,
        }
    };
    assert!(refused.starts_with("ERROR no-descriptors "), "{refused}");
    assert!(others.len() > 5, "{}", others.len());
    first.say("PING 1\n");
    assert_eq!(first.line(), "PONG 1", "who is connected stays so");
    // It does not spin meanwhile.
    let _waits = TcpStream::connect(address);
    let before = cpu(server.child.id());
    std::thread::sleep(Duration::from_millis(500));
    assert!(cpu(server.child.id()) - before < 20, "it waits");
    others.truncate(3);
    let began = Instant::now();
    loop {
        let mut client = Client::connect(address);
        client.say("HELLO 1 again\n");
        // One that is refused at once may be reset.
        if client.is_welcome() {
            break;
        }
        assert!(began.elapsed() < PATIENCE, "nobody is accepted");
        std::thread::sleep(Duration::from_millis(20));
    }
    server.signal("-TERM");
    drop((first, others));
    assert_eq!(server.wait().code(), Some(0));
    let logged = server.logged();
    assert_eq!(logged.matches("nobody can be accepted").count(), 1, "once an episode: {logged}");
}

/// The CPU time of a process, in hundredths of a second.
#[cfg(target_os = "linux")]
fn cpu(pid: u32) -> u64 {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
    let behind_name = stat.rsplit_once(") ").unwrap().1;
    behind_name.split(' ').skip(11).take(2).map(|ticks| ticks.parse::<u64>().unwrap()).sum()
}
