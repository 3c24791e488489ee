//! A server on this machine, in this process: it says back each line, and closes on `BYE`.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

/// A server that listens.
pub(crate) struct Server {
    pub(crate) port: u16,
    accepted: Receiver<u16>,
}

impl Server {
    /// Listens; one that is to fail says back what it was not told.
    pub(crate) fn start(fail: bool) -> std::io::Result<Server> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let port = listener.local_addr()?.port();
        let (tell, accepted) = channel();
        thread::spawn(move || {
            while let Ok((stream, from)) = listener.accept() {
                if tell.send(from.port()).is_err() {
                    return;
                }
                thread::spawn(move || serve(stream, fail));
            }
        });
        Ok(Server { port, accepted })
    }

    /// The port of the next client; at most it is waited for so long.
    pub(crate) fn accepted(&self, within: Duration) -> Option<u16> {
        self.accepted.recv_timeout(within).ok()
    }
}

/// A port of this machine on which nobody listens.
pub(crate) fn nobody() -> std::io::Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

/// The end of a connection ends it.
fn serve(stream: TcpStream, fail: bool) {
    let Ok(mut out) = stream.try_clone() else { return };
    for line in BufReader::new(stream).lines() {
        let Ok(mut line) = line else { return };
        if line == "BYE" {
            return;
        }
        if fail {
            line = line.to_lowercase();
        }
        line.push('\n');
        if out.write_all(line.as_bytes()).is_err() {
            return;
        }
    }
}
