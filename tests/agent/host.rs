//! The host of a run, as far as an agent sees it: it listens, takes what comes apart, and answers.

use std::io::{BufRead, BufReader, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use holdline::device::agent::orders::text_of;
use holdline::device::protocol::{Orders, ToAgent, ToHost};

/// Nothing in these tests takes as long as this.
pub(crate) const LONG: Duration = Duration::from_secs(60);

pub(crate) const RUN: &str = "run-1";
pub(crate) const TOKEN: &str = "secret";

/// Listens for agents.
pub(crate) struct Host {
    address: SocketAddr,
    came: Receiver<TcpStream>,
}

impl Host {
    pub(crate) fn listen() -> Host {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let (sender, came) = channel();
        // It ends with the process of the tests.
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                if sender.send(stream).is_err() {
                    return;
                }
            }
        });
        Host { address, came }
    }

    pub(crate) fn address(&self) -> String {
        self.address.to_string()
    }

    /// The next connection of an agent.
    pub(crate) fn accept(&self) -> Conversation {
        Conversation::new(self.came.recv_timeout(LONG).expect("no agent came"))
    }

    /// The orders to play `toml`, against a push server at `server`.
    pub(crate) fn orders(&self, toml: &str, server: &str, speed: u32) -> Orders {
        let none = |path: &str| Err(format!("{path}: there are no files"));
        Orders {
            run: RUN.into(),
            token: TOKEN.into(),
            control: self.address(),
            server: server.into(),
            name: "device-1".into(),
            scenario: text_of(toml, &[], 0, none).unwrap(),
            seed: 1,
            speed,
            expect_trap: false,
        }
    }
}

/// A connection of an agent.
pub(crate) struct Conversation {
    stream: TcpStream,
    said: Receiver<ToHost>,
}

impl Conversation {
    fn new(stream: TcpStream) -> Conversation {
        let lines = BufReader::new(stream.try_clone().unwrap()).lines();
        let (sender, said) = channel();
        std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                let message =
                    serde_json::from_str(&line).unwrap_or_else(|error| panic!("{line}: {error}"));
                if sender.send(message).is_err() {
                    return;
                }
            }
        });
        Conversation { stream, said }
    }

    pub(crate) fn say(&self, message: &ToAgent) {
        let mut line = serde_json::to_string(message).unwrap();
        line.push('\n');
        (&self.stream).write_all(line.as_bytes()).unwrap();
    }

    /// What it says next; nothing when it says nothing until `until`, or has closed.
    pub(crate) fn next_until(&self, until: Instant) -> Option<ToHost> {
        self.said.recv_timeout(until.saturating_duration_since(Instant::now())).ok()
    }

    /// What it says next.
    pub(crate) fn next(&self) -> ToHost {
        self.next_until(Instant::now() + LONG).expect("it said nothing more")
    }

    /// What it says until `wanted` finds something in it.
    pub(crate) fn find<T>(&self, mut wanted: impl FnMut(ToHost) -> Option<T>) -> T {
        loop {
            if let Some(found) = wanted(self.next()) {
                return found;
            }
        }
    }

    /// Waits for the line of the log that has `text`.
    pub(crate) fn event(&self, text: &str) -> String {
        self.find(|said| {
            let ToHost::Event { line, .. } = said else { return None };
            line.contains(text).then_some(line)
        })
    }

    /// What became of what was asked for with this number.
    pub(crate) fn done(&self, number: u32) -> Option<String> {
        self.find(|said| {
            let ToHost::Done { n, refused } = said else { return None };
            (n == number).then_some(refused)
        })
    }

    /// The log from a byte on.
    pub(crate) fn log(&self, from: u64) -> String {
        self.say(&ToAgent::Log { from });
        let (mut whole, mut next) = (String::new(), from);
        self.find(|said| {
            let ToHost::Log { from, text, end } = said else { return None };
            assert_eq!(from, next, "pieces follow each other");
            next += text.len() as u64;
            whole.push_str(&text);
            end.then(|| std::mem::take(&mut whole))
        })
    }

    /// Takes the hello and gives orders.
    pub(crate) fn order(&self, orders: Orders) -> ToHost {
        let hello = self.next();
        self.say(&ToAgent::Orders(Box::new(orders)));
        hello
    }

    /// What it says until it closes.
    pub(crate) fn rest(&self) -> Vec<ToHost> {
        let until = Instant::now() + LONG;
        std::iter::from_fn(|| self.next_until(until)).collect()
    }

    pub(crate) fn close(self) {
        let _ = self.stream.shutdown(Shutdown::Both);
    }
}

/// The agent as a process, killed when this is dropped.
pub(crate) struct Agent {
    child: Child,
}

/// An agent that begins with these arguments.
pub(crate) fn command(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_holdline-agent"));
    for name in ["HOLDLINE_CONTROL", "HOLDLINE_RUN", "HOLDLINE_TOKEN", "HOLDLINE_AGENT_FAULT"] {
        command.env_remove(name);
    }
    command.args(args);
    command
}

/// What the agent says and answers, with these arguments and variables.
pub(crate) fn output(args: &[&str], variables: &[(&str, &str)]) -> Output {
    command(args).envs(variables.iter().copied()).output().unwrap()
}

impl Agent {
    /// Starts it for `host`, with its files in `dir`.
    pub(crate) fn start(host: &Host, dir: &Path, variables: &[(&str, &str)]) -> Agent {
        let mut command = command(&["--dir", dir.to_str().unwrap(), "--wait", "5"]);
        let own = [
            ("HOLDLINE_CONTROL", &*host.address()),
            ("HOLDLINE_RUN", RUN),
            ("HOLDLINE_TOKEN", TOKEN),
        ];
        command.envs(own).envs(variables.iter().copied()).stderr(Stdio::inherit());
        Agent::of(command)
    }

    /// The process that `command` becomes.
    pub(crate) fn of(mut command: Command) -> Agent {
        Agent { child: command.spawn().unwrap() }
    }

    /// SIGKILL.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Its exit code, when it has ended.
    pub(crate) fn ended(mut self) -> Option<i32> {
        let until = Instant::now() + LONG;
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.code();
            }
            assert!(Instant::now() < until, "the agent does not end");
            // There is no waiting for a child with a bound.
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

impl Drop for Agent {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
