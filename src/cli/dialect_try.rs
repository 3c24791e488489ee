//! `holdline dialect try`: one connection to a real server, and what is heard on it.

use std::io::{ErrorKind, Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::time::{Duration, Instant};

use super::dialect::read;
use super::exit::{CliError, Exit};
use crate::port::{Frame, PushId, Span};
use crate::report::style::{BAD, FAINT, GOOD, paint};
use crate::wire::dialect::{BadValue, Conversation, FOREIGN, Heard, Vars};

/// A server that does not answer for so long is not there.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long is waited for bytes before the clock is looked at.
const A_MOMENT: Duration = Duration::from_millis(50);

/// What to try, and with which values.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = "\
Examples:
  holdline dialect try mqtt --connect test.example.com
  holdline dialect try redis --connect localhost --password s3cret --for 1m
  holdline dialect try xmpp --connect localhost --user a --password b \\
      --domain example.com --push hello")]
pub(super) struct TryArgs {
    /// A dialect that comes with holdline, or a file
    #[arg(value_name = "NAME|FILE")]
    name: String,

    /// The server: a host, with a port unless it is the usual one
    #[arg(long, value_name = "HOST[:PORT]")]
    connect: String,

    /// How long to listen after the server's welcome
    #[arg(long = "for", value_name = "TIME", default_value = "10s", value_parser = Span::parse)]
    listen: Span,

    /// What {device} stands for
    #[arg(long, default_value = "holdline-try")]
    device: String,

    /// What {user} stands for
    #[arg(long)]
    user: Option<String>,

    /// What {password} stands for
    #[arg(long)]
    password: Option<String>,

    /// What {domain} stands for; the host when absent
    #[arg(long)]
    domain: Option<String>,

    /// What {keep-alive} stands for
    #[arg(long, value_name = "TIME", default_value = "60s", value_parser = Span::parse)]
    keep_alive: Span,

    /// Publish this to the device over a second connection, once it is welcome
    #[arg(long, value_name = "TEXT")]
    push: Option<String>,
}

/// Connects, pings once and listens.
pub(super) fn run(args: &TryArgs, out: &mut dyn Write) -> Result<Exit, CliError> {
    let dialect = read(&args.name)?;
    let (host, port) = host_and_port(&args.connect, dialect.port())?;
    let domain = args.domain.clone().unwrap_or_else(|| host.clone());
    let vars = Vars {
        device: args.device.clone(),
        user: args.user.clone(),
        password: args.password.clone(),
        domain,
        keep_alive: args.keep_alive,
    };
    let server = Server { host, port, began: Instant::now() };
    let talk = Conversation::new(&dialect, &vars).map_err(bad_value)?;
    let mut client = server.connect(talk, "")?;
    let mut pong = !dialect.answers_pings();
    let mut until = Instant::now() + PATIENCE;
    let mut welcome = false;
    while Instant::now() < until {
        for heard in client.listen()? {
            client.print(&shown(&heard), out)?;
            match heard {
                Heard::Frame(Frame::Welcome) => {
                    welcome = true;
                    until = Instant::now() + Duration::from_micros(args.listen.as_micros());
                    if dialect.pings() {
                        client.say(Frame::Ping { n: 1 })?;
                        client.print("sent ping 1", out)?;
                    }
                    if let Some(payload) = &args.push {
                        let device = format!("{}-publisher", args.device);
                        let vars = Vars { device, ..vars.clone() };
                        let talk = Conversation::publisher(&dialect, &vars).map_err(bad_value)?;
                        publish(server.connect(talk, "publisher: ")?, &args.device, payload, out)?;
                    }
                }
                Heard::Frame(Frame::Pong { .. }) => pong = true,
                Heard::Frame(Frame::Ping { n }) => client.say(Frame::Pong { n })?,
                Heard::Frame(Frame::Push { id }) => client.say(Frame::Ack { id })?,
                Heard::Refused { .. } | Heard::Goodbye { .. } | Heard::Broken { .. } => {
                    return Ok(Exit::Failed);
                }
                Heard::Frame(_)
                | Heard::Payload { .. }
                | Heard::Accepted { .. }
                | Heard::Unknown { .. } => {}
            }
        }
        if client.closed {
            client.print(&paint(BAD, "the server closed the connection"), out)?;
            return Ok(Exit::Failed);
        }
    }
    client.close()?;
    let missing = match (welcome, pong) {
        (false, _) => "no welcome came",
        (true, false) => "no answer to the ping came",
        (true, true) => return Ok(Exit::Passed),
    };
    client.print(&paint(BAD, missing), out)?;
    Ok(Exit::Failed)
}

/// Publishes one push to `device`, and waits until the server has it.
fn publish(mut line: Line, device: &str, text: &str, out: &mut dyn Write) -> Result<(), CliError> {
    let until = Instant::now() + PATIENCE;
    while Instant::now() < until && !line.closed {
        for heard in line.listen()? {
            line.print(&shown(&heard), out)?;
            match heard {
                Heard::Frame(Frame::Welcome) => {
                    let mut bytes = Vec::new();
                    let id = PushId { name: 0, member: 0 };
                    line.talk.publish(id, device, text, &mut bytes).map_err(bad_value)?;
                    line.write(&bytes)?;
                }
                Heard::Frame(Frame::Ping { n }) => line.say(Frame::Pong { n })?,
                Heard::Accepted { .. }
                | Heard::Refused { .. }
                | Heard::Goodbye { .. }
                | Heard::Broken { .. } => return line.close(),
                Heard::Frame(_) | Heard::Payload { .. } | Heard::Unknown { .. } => {}
            }
        }
    }
    line.print(&paint(BAD, "nothing says that the push was accepted"), out)
}

/// The host and the port in `text`.
pub(super) fn host_and_port(text: &str, usual: u16) -> Result<(String, u16), CliError> {
    let wrong =
        || CliError::WrongInput(format!("`{text}` is no HOST[:PORT], such as localhost:1883"));
    // An IPv6 address has colons of its own: [::1]:1883.
    let (host, port) = match text.rsplit_once(':') {
        Some((host, port)) if !host.contains(':') || host.ends_with(']') => {
            (host, port.parse().map_err(|_| wrong())?)
        }
        Some(_) | None => (text, usual),
    };
    let host = host.trim_start_matches('[').trim_end_matches(']');
    if host.is_empty() { Err(wrong()) } else { Ok((host.to_owned(), port)) }
}

fn bad_value(error: BadValue) -> CliError {
    CliError::WrongInput(error.to_string())
}

/// What was heard, in a line.
fn shown(heard: &Heard) -> String {
    match heard {
        Heard::Frame(frame) => {
            let number = match frame {
                Frame::Ping { n } | Frame::Pong { n } => format!(" {n}"),
                Frame::Push { id } | Frame::Ack { id } | Frame::Cancel { id } => {
                    match id.name {
                        // Another server's push has no name of ours.
                        FOREIGN => format!(" #{}", id.member),
                        name => format!(" hl-{name}-{}", id.member),
                    }
                }
                Frame::TlsClient { .. }
                | Frame::TlsServer { .. }
                | Frame::Hello { .. }
                | Frame::HelloSide { .. }
                | Frame::Welcome
                | Frame::Knock
                | Frame::Media
                | Frame::WhiteSpace
                | Frame::GoAway => String::new(),
            };
            paint(GOOD, &format!("{}{number}", frame.name()))
        }
        Heard::Payload { payload, .. } => {
            format!("  payload: {}", String::from_utf8_lossy(payload).escape_debug())
        }
        Heard::Accepted { .. } => paint(GOOD, "the push was accepted"),
        Heard::Refused { reason } => paint(BAD, &format!("refused: {reason}")),
        Heard::Goodbye { reason } => paint(BAD, &format!("goodbye: {reason}")),
        Heard::Unknown { what } => {
            paint(FAINT, &format!("no pattern of the dialect is like this: {what}"))
        }
        Heard::Broken { reason } => paint(BAD, &format!("this is not the dialect: {reason}")),
    }
}

/// Where to connect.
struct Server {
    host: String,
    port: u16,
    began: Instant,
}

impl Server {
    /// Connects and says hello.
    fn connect(&self, mut talk: Conversation, who: &'static str) -> Result<Line, CliError> {
        let place = format!("{}:{}", self.host, self.port);
        let cannot =
            |why: String| CliError::Environment(format!("cannot connect to {place}: {why}"));
        let addresses = (self.host.as_str(), self.port).to_socket_addrs();
        let mut last = "the name has no address".to_owned();
        for address in addresses.map_err(|error| cannot(error.to_string()))? {
            match TcpStream::connect_timeout(&address, PATIENCE) {
                Ok(stream) => {
                    stream.set_read_timeout(Some(A_MOMENT)).map_err(|e| cannot(e.to_string()))?;
                    stream.set_write_timeout(Some(PATIENCE)).map_err(|e| cannot(e.to_string()))?;
                    talk.connected();
                    let began = self.began;
                    let mut line =
                        Line { stream, talk, began, who, waiting: Vec::new(), closed: false };
                    line.say(Frame::Hello { device: 0 })?;
                    return Ok(line);
                }
                Err(error) => last = error.to_string(),
            }
        }
        Err(cannot(last))
    }
}

/// A connection and what is said on it.
struct Line {
    stream: TcpStream,
    talk: Conversation,
    began: Instant,
    who: &'static str,
    /// What was heard while something was said.
    waiting: Vec<Heard>,
    closed: bool,
}

impl Line {
    fn print(&self, text: &str, out: &mut dyn Write) -> Result<(), CliError> {
        let at = self.began.elapsed().as_secs_f64();
        writeln!(out, "{at:8.3} s  {}{text}", self.who)?;
        Ok(out.flush()?)
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), CliError> {
        // A connection that the server ended is told when it is read.
        match self.stream.write_all(bytes) {
            Ok(()) => Ok(()),
            Err(error) if gone(error.kind()) => Ok(()),
            Err(error) => Err(CliError::Environment(format!("cannot send: {error}"))),
        }
    }

    fn say(&mut self, frame: Frame) -> Result<(), CliError> {
        let mut bytes = Vec::new();
        self.waiting.append(&mut self.talk.send(frame, &mut bytes));
        self.write(&bytes)
    }

    /// What is heard within a moment.
    fn listen(&mut self) -> Result<Vec<Heard>, CliError> {
        let mut heard = std::mem::take(&mut self.waiting);
        if !heard.is_empty() {
            return Ok(heard);
        }
        let mut bytes = [0; 4096];
        match self.stream.read(&mut bytes) {
            Ok(0) => self.closed = true,
            Ok(count) => {
                let mut answer = Vec::new();
                heard = self.talk.receive(&bytes[..count], &mut answer);
                self.write(&answer)?;
            }
            Err(error) if gone(error.kind()) => self.closed = true,
            Err(error) if idle(error.kind()) => {}
            Err(error) => return Err(CliError::Environment(format!("cannot read: {error}"))),
        }
        Ok(heard)
    }

    fn close(&mut self) -> Result<(), CliError> {
        let mut bytes = Vec::new();
        self.talk.close(&mut bytes).map_err(bad_value)?;
        self.write(&bytes)
    }
}

fn gone(kind: ErrorKind) -> bool {
    [ErrorKind::BrokenPipe, ErrorKind::ConnectionReset, ErrorKind::ConnectionAborted]
        .contains(&kind)
}

fn idle(kind: ErrorKind) -> bool {
    [ErrorKind::WouldBlock, ErrorKind::TimedOut, ErrorKind::Interrupted].contains(&kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_is_a_host_with_or_without_a_port() {
        let read = |text: &str| host_and_port(text, 9).ok();
        let is = |host: &str, port| Some((host.to_owned(), port));
        assert_eq!(read("localhost"), is("localhost", 9));
        assert_eq!(read("127.0.0.1:1883"), is("127.0.0.1", 1883));
        assert_eq!(read("[::1]:1883"), is("::1", 1883));
        assert_eq!(read("::1"), is("::1", 9));
        assert_eq!((read("a:b"), read("a:70000"), read(":1")), (None, None, None));
    }
}
