//! A hub that answers as it is told, and what asks the control API over a socket.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use holdline::live::control::{Serving, serve};
use holdline::live::server::Handle;
use holdline::live::server::api::{Accepted, Command, DeviceInfo, Refused, Reply, Stat, Stats};
use holdline::port::Span;
use tokio::sync::{mpsc, oneshot};

pub(crate) const TOKEN: &str = "secret";

/// How the hub answers.
#[derive(Clone)]
pub(crate) enum Mood {
    /// It does what it is asked.
    Willing,
    /// It refuses everything.
    Refusing(Refused),
    /// It says nothing.
    Mute,
}

pub(crate) struct Fake {
    pub(crate) address: SocketAddr,
    pub(crate) mood: Arc<Mutex<Mood>>,
    /// What it was asked, as `Debug` writes it.
    pub(crate) seen: Arc<Mutex<Vec<String>>>,
    end: Option<oneshot::Sender<()>>,
    serving: Option<Serving>,
}

impl Fake {
    pub(crate) fn start() -> Fake {
        let mood = Arc::new(Mutex::new(Mood::Willing));
        let seen = Arc::<Mutex<Vec<String>>>::default();
        let (commands, mut asked) = mpsc::channel(1);
        let (its_mood, its_seen) = (Arc::clone(&mood), Arc::clone(&seen));
        #[expect(clippy::disallowed_methods, reason = "a server answers beside the test")]
        std::thread::spawn(move || {
            let mut unanswered = Vec::new();
            while let Some(command) = asked.blocking_recv() {
                its_seen.lock().unwrap().push(format!("{command:?}"));
                let mood = its_mood.lock().unwrap().clone();
                unanswered.extend(answer(command, mood));
            }
        });
        let handle = Handle::over(commands);
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let (end, ended) = oneshot::channel();
        let serving = serve(listener, handle, TOKEN.into(), ended).unwrap();
        Fake { address: serving.address, mood, seen, end: Some(end), serving: Some(serving) }
    }

    pub(crate) fn mood(&self, mood: Mood) {
        *self.mood.lock().unwrap() = mood;
    }

    /// Asks with the token.
    pub(crate) fn ask(&self, method: &str, path: &str, body: &str) -> Answer {
        self.ask_as(Some(TOKEN), method, path, body)
    }

    pub(crate) fn ask_as(
        &self,
        token: Option<&str>,
        method: &str,
        path: &str,
        body: &str,
    ) -> Answer {
        let mut stream = TcpStream::connect(self.address).unwrap();
        stream.write_all(request(token, method, path, body).as_bytes()).unwrap();
        Answer::read(stream)
    }

    /// Ends it, and waits for that.
    pub(crate) fn end(&mut self) {
        drop(self.end.take());
        if let Some(serving) = self.serving.take() {
            serving.join().unwrap();
        }
    }
}

impl Drop for Fake {
    fn drop(&mut self) {
        self.end();
    }
}

pub(crate) fn request(token: Option<&str>, method: &str, path: &str, body: &str) -> String {
    let token = token.map(|token| format!("authorization: Bearer {token}\r\n"));
    format!(
        "{method} {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n{}content-length: {}\r\n\r\n{body}",
        token.unwrap_or_default(),
        body.len()
    )
}

pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn read(mut stream: TcpStream) -> Answer {
        let mut text = String::new();
        stream.read_to_string(&mut text).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
        Answer { status: status.unwrap_or(0), head: head.to_lowercase(), body: body.to_owned() }
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.body))
    }

    /// The word of an error.
    pub(crate) fn error(&self) -> String {
        self.json()["error"].as_str().unwrap_or_default().to_owned()
    }
}

/// A reply that is kept so that nobody is answered.
type Kept = Box<dyn std::any::Any + Send>;

fn answer(command: Command, mood: Mood) -> Option<Kept> {
    fn with<T: Send + 'static>(reply: Reply<T>, mood: Mood, value: T) -> Option<Kept> {
        match mood {
            Mood::Willing => drop(reply.send(Ok(value))),
            Mood::Refusing(refused) => drop(reply.send(Err(refused))),
            Mood::Mute => return Some(Box::new(reply)),
        }
        None
    }
    match command {
        Command::Push { reply, .. } => with(reply, mood, Accepted { id: u64::MAX, devices: 1 }),
        Command::Cancel { reply, .. } | Command::Restart { reply, .. } => with(reply, mood, ()),
        Command::Devices { limit, after, reply } => {
            let names = ["alice", "bob", "carol"].into_iter();
            let later = names.filter(|name| after.as_deref().is_none_or(|after| *name > after));
            with(reply, mood, later.take(limit).map(info).collect())
        }
        Command::Device { device, reply } => with(reply, mood, info(&device)),
        Command::Heartbeat { reply, .. }
        | Command::Drop { reply, .. }
        | Command::Drain { reply, .. } => with(reply, mood, 1),
        Command::Stats { reply } => {
            let name = "holdline_connections";
            let help = "Connections that are open.";
            let values = vec![Stat { name, help, counter: false, label: None, value: 2 }];
            with(reply, mood, Stats { values })
        }
    }
}

fn info(device: &str) -> DeviceInfo {
    DeviceInfo {
        device: device.to_owned(),
        address: Some("127.0.0.1:50412".into()),
        transport: Some("tcp"),
        connected_for: Some(Span::from_secs(63)),
        heard_ago: Some(Span::from_secs(12)),
        waiting: 0,
    }
}
