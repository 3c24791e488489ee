//! A client that says lines and reads lines, by hand.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::time::Duration;

/// Nothing that is waited for takes longer.
pub(crate) const PATIENCE: Duration = Duration::from_secs(10);

pub(crate) struct Client<S: Read + Write = TcpStream> {
    stream: BufReader<S>,
}

/// A connection that does not wait for ever.
pub(crate) fn connect(address: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect_timeout(&address, PATIENCE).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream.set_write_timeout(Some(PATIENCE)).unwrap();
    stream
}

impl Client {
    pub(crate) fn connect(address: SocketAddr) -> Client {
        Client::over(connect(address))
    }

    /// A device that is connected.
    pub(crate) fn device(address: SocketAddr, name: &str) -> Client {
        let mut client = Client::connect(address);
        client.say(format!("HELLO 1 {name}\n"));
        assert_eq!(client.line(), "WELCOME 1");
        client
    }

    /// Says that nothing more comes.
    pub(crate) fn shut(&self) {
        self.stream.get_ref().shutdown(Shutdown::Write).unwrap();
    }

    /// Another way to write to the same connection.
    pub(crate) fn second(&self) -> TcpStream {
        self.stream.get_ref().try_clone().unwrap()
    }

    pub(crate) fn port(&self) -> u16 {
        self.stream.get_ref().local_addr().unwrap().port()
    }
}

impl<S: Read + Write> Client<S> {
    pub(crate) fn over(stream: S) -> Client<S> {
        Client { stream: BufReader::new(stream) }
    }

    pub(crate) fn say(&mut self, bytes: impl AsRef<[u8]>) {
        let stream = self.stream.get_mut();
        stream.write_all(bytes.as_ref()).and_then(|()| stream.flush()).unwrap();
    }

    /// Reads a line with its end, as far as it comes.
    pub(crate) fn read_line(&mut self, line: &mut String) -> std::io::Result<usize> {
        self.stream.read_line(line)
    }

    /// The next line; nothing at the end.
    pub(crate) fn line(&mut self) -> String {
        let mut line = String::new();
        self.stream.read_line(&mut line).unwrap();
        line.truncate(line.trim_end_matches('\n').len());
        line
    }

    /// All lines to the end; a reset is an end, too.
    pub(crate) fn lines(&mut self) -> Vec<String> {
        let mut all = Vec::new();
        loop {
            let mut line = String::new();
            match self.stream.read_line(&mut line) {
                Ok(0) => return all,
                Ok(_) => all.push(line.trim_end().to_owned()),
                Err(error) if error.kind() == std::io::ErrorKind::ConnectionReset => return all,
                Err(error) => panic!("{error} after {} lines", all.len()),
            }
        }
    }

    /// Whether a welcome comes next, and not a refusal.
    pub(crate) fn is_welcome(&mut self) -> bool {
        let mut line = String::new();
        self.stream.read_line(&mut line).is_ok() && line == "WELCOME 1\n"
    }

    /// The reason of the `ERROR` or `BYE` that is all that still comes.
    pub(crate) fn last_word(&mut self) -> String {
        let lines = self.lines();
        let [line] = &*lines else { panic!("one line, not {lines:?}") };
        line.split(' ').take(2).collect::<Vec<_>>().join(" ")
    }
}
