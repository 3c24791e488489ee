//! What is between the bytes of a socket and lines: nothing, TLS, WebSocket, or WebSocket over TLS. No sockets here:
//! bytes in, bytes out.

use std::io::{self, Read, Write};
use std::sync::Arc;

use rustls::{ServerConfig, ServerConnection};
use tungstenite::handshake::HandshakeError;
use tungstenite::handshake::server::{NoCallback, ServerHandshake};
use tungstenite::protocol::frame::CloseFrame;
use tungstenite::protocol::frame::coding::CloseCode;
use tungstenite::protocol::{Message, WebSocket, WebSocketConfig};

use super::listen::Kind;

/// Why a transport gave up.
#[derive(Debug)]
pub(super) struct Broken {
    /// The reason on the wire.
    pub(super) reason: &'static str,
    pub(super) text: String,
}

impl Broken {
    pub(super) fn new(text: impl std::fmt::Display) -> Broken {
        Broken { reason: "transport", text: text.to_string() }
    }

    /// What a WebSocket's failure is: its lines have their own bound and form.
    fn ws(error: &tungstenite::Error) -> Broken {
        let text = format!("WebSocket: {error}");
        let reason =
            if matches!(error, tungstenite::Error::Capacity(_)) { "too-long" } else { "transport" };
        Broken { reason, text }
    }
}

/// The two ends of a pipe in memory: what came and was not read, what was written and did not go.
#[derive(Debug, Default)]
struct Pipe {
    came: Vec<u8>,
    read: usize,
    goes: Vec<u8>,
    over: bool,
}

impl Read for Pipe {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let rest = &self.came[self.read..];
        if rest.is_empty() {
            self.came = Vec::new();
            self.read = 0;
            return if self.over { Ok(0) } else { Err(io::ErrorKind::WouldBlock.into()) };
        }
        let n = rest.len().min(into.len());
        into[..n].copy_from_slice(&rest[..n]);
        self.read += n;
        Ok(n)
    }
}

impl Write for Pipe {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.goes.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A WebSocket, or its handshake.
enum Ws {
    Handshake(tungstenite::handshake::MidHandshake<ServerHandshake<Pipe, NoCallback>>),
    Open(WebSocket<Pipe>),
    /// Between two states, and after a failure.
    Gone,
}

/// The layers of one connection.
pub(super) struct Transport {
    tls: Option<Box<ServerConnection>>,
    ws: Option<Box<Ws>>,
    most: usize,
    /// The other side has said that nothing more comes.
    pub(super) ended: bool,
}

impl Transport {
    /// The layers of a connection of this kind; `None` when there are none. Lines have at most `most` bytes.
    ///
    /// # Errors
    /// When TLS is asked for without a certificate.
    pub(super) fn new(
        kind: Kind,
        tls: Option<&Arc<ServerConfig>>,
        most: usize,
    ) -> Result<Option<Transport>, Broken> {
        let broken = |error: rustls::Error| Broken::new(error);
        let secure = || {
            let config = tls.ok_or_else(|| Broken::new("no certificate"))?;
            let mut connection = ServerConnection::new(Arc::clone(config)).map_err(broken)?;
            connection.set_buffer_limit(None);
            Ok(Some(Box::new(connection)))
        };
        let tls = match kind {
            Kind::Tcp => return Ok(None),
            Kind::Tls | Kind::Wss => secure()?,
            Kind::Ws => None,
        };
        let ws = match kind {
            Kind::Tcp | Kind::Tls => None,
            Kind::Ws | Kind::Wss => Some(Box::new(Ws::begin(most)?)),
        };
        Ok(Some(Transport { tls, ws, most, ended: false }))
    }

    /// Takes what came on the socket; answers the lines that came out of it, whole or in pieces, and puts what has
    /// to go on the socket behind `goes`.
    pub(super) fn receive(
        &mut self,
        mut bytes: &[u8],
        goes: &mut Vec<u8>,
    ) -> Result<Vec<u8>, Broken> {
        let Some(tls) = &mut self.tls else { return self.unwrap_ws(bytes.to_vec(), goes) };
        let mut plain = Vec::new();
        let mut failed = None;
        while !bytes.is_empty() {
            tls.read_tls(&mut bytes).map_err(Broken::new)?;
            match tls.process_new_packets() {
                Ok(state) => self.ended |= state.peer_has_closed(),
                Err(error) => {
                    failed = Some(Broken::new(format_args!("TLS: {error}")));
                    break;
                }
            }
            match tls.reader().read_to_end(&mut plain) {
                Ok(_) => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) => return Err(Broken::new(error)),
            }
        }
        // An alert that says what is wrong goes out too.
        self.flush_tls(goes)?;
        if let Some(failed) = failed {
            return Err(failed);
        }
        let mut answers = Vec::new();
        let lines = self.unwrap_ws(plain, &mut answers)?;
        self.wrap_tls(&answers, goes)?;
        Ok(lines)
    }

    /// Takes a line that is to be sent; puts what has to go on the socket behind `goes`. Nothing goes during a
    /// handshake: nobody would hear it.
    pub(super) fn send(&mut self, line: &[u8], goes: &mut Vec<u8>) -> Result<(), Broken> {
        let Some(ws) = &mut self.ws else { return self.wrap_tls(line, goes) };
        let Ws::Open(socket) = &mut **ws else { return Ok(()) };
        for line in line.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
            let text = String::from_utf8_lossy(line).into_owned();
            socket.send(Message::text(text)).map_err(Broken::new)?;
        }
        let wrapped = std::mem::take(&mut socket.get_mut().goes);
        self.wrap_tls(&wrapped, goes)
    }

    /// Says that nothing more is sent: a close frame, TLS's alert.
    pub(super) fn close(&mut self, goes: &mut Vec<u8>) {
        let mut wrapped = Vec::new();
        if let Some(ws) = &mut self.ws
            && let Ws::Open(socket) = &mut **ws
        {
            // It is closed anyway.
            let _ = socket.close(Some(CloseFrame { code: CloseCode::Away, reason: "".into() }));
            let _ = socket.flush();
            wrapped = std::mem::take(&mut socket.get_mut().goes);
        }
        let _ = self.wrap_tls(&wrapped, goes);
        if let Some(tls) = &mut self.tls {
            tls.send_close_notify();
            let _ = self.flush_tls(goes);
        }
    }

    fn wrap_tls(&mut self, plain: &[u8], goes: &mut Vec<u8>) -> Result<(), Broken> {
        let Some(tls) = &mut self.tls else {
            goes.extend_from_slice(plain);
            return Ok(());
        };
        if tls.is_handshaking() {
            return Ok(());
        }
        tls.writer().write_all(plain).map_err(Broken::new)?;
        self.flush_tls(goes)
    }

    fn flush_tls(&mut self, goes: &mut Vec<u8>) -> Result<(), Broken> {
        if let Some(tls) = &mut self.tls {
            while tls.wants_write() {
                tls.write_tls(goes).map_err(Broken::new)?;
            }
        }
        Ok(())
    }

    fn unwrap_ws(&mut self, bytes: Vec<u8>, goes: &mut Vec<u8>) -> Result<Vec<u8>, Broken> {
        let Some(ws) = &mut self.ws else { return Ok(bytes) };
        ws.receive(&bytes, goes, self.most, &mut self.ended)
    }
}

impl Ws {
    fn begin(most: usize) -> Result<Ws, Broken> {
        let config = WebSocketConfig::default()
            .max_message_size(Some(most + 2))
            .max_frame_size(Some(most + 2))
            // Buffers belong to what is under way, not to what is idle.
            .read_buffer_size(1_024)
            .write_buffer_size(0);
        match ServerHandshake::start(Pipe::default(), NoCallback, Some(config)).handshake() {
            Err(HandshakeError::Interrupted(mid)) => Ok(Ws::Handshake(mid)),
            Ok(socket) => Ok(Ws::Open(socket)),
            Err(HandshakeError::Failure(error)) => Err(Broken::new(error)),
        }
    }

    fn receive(
        &mut self,
        bytes: &[u8],
        goes: &mut Vec<u8>,
        most: usize,
        ended: &mut bool,
    ) -> Result<Vec<u8>, Broken> {
        let mut lines = Vec::new();
        if let Ws::Handshake(_) = self {
            let Ws::Handshake(mut mid) = std::mem::replace(self, Ws::Gone) else {
                return Ok(lines);
            };
            let pipe = mid.get_mut().get_mut();
            pipe.came.extend_from_slice(bytes);
            if pipe.came.len() > most.max(8 * 1_024) {
                return Err(Broken::new("the WebSocket handshake is too long"));
            }
            match mid.handshake() {
                Ok(socket) => *self = Ws::Open(socket),
                Err(HandshakeError::Interrupted(mut mid)) => {
                    goes.append(&mut mid.get_mut().get_mut().goes);
                    *self = Ws::Handshake(mid);
                    return Ok(lines);
                }
                Err(HandshakeError::Failure(error)) => {
                    return Err(Broken::new(format_args!("WebSocket: {error}")));
                }
            }
        } else if let Ws::Open(socket) = self {
            socket.get_mut().came.extend_from_slice(bytes);
        }
        let Ws::Open(socket) = self else { return Ok(lines) };
        loop {
            match socket.read() {
                Ok(Message::Text(text)) => {
                    let line = text.strip_suffix('\n').unwrap_or(&text);
                    if line.contains('\n') {
                        let text = "a message is one line".into();
                        return Err(Broken { reason: "syntax", text });
                    }
                    lines.extend_from_slice(text.as_bytes());
                    if !lines.ends_with(b"\n") {
                        lines.push(b'\n');
                    }
                }
                Ok(Message::Binary(_)) => {
                    return Err(Broken::new("WebSocket: only text messages are lines"));
                }
                Ok(Message::Close(_)) => *ended = true,
                Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_)) => {}
                Err(tungstenite::Error::Io(error)) if error.kind() == io::ErrorKind::WouldBlock => {
                    break;
                }
                Err(tungstenite::Error::ConnectionClosed) => {
                    *ended = true;
                    break;
                }
                Err(error) => {
                    goes.append(&mut socket.get_mut().goes);
                    return Err(Broken::ws(&error));
                }
            }
        }
        // Answers to pings and closes.
        let _ = socket.flush();
        goes.append(&mut socket.get_mut().goes);
        Ok(lines)
    }
}
