//! The same lines over TLS and as WebSocket messages.

use std::io::{Read, Write};
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use holdline::live::server::Kind;
use holdline::live::server::certificate::self_signed;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use tungstenite::{Message, WebSocket, client};

use crate::client::{Client, connect};
use crate::server::{Server, serve};

/// A server with a certificate that was made in `folder`.
fn secure(folder: &Path, kind: Kind) -> Server {
    let files = self_signed(folder, &["push.test".into()]).unwrap();
    let tls = files.load().unwrap();
    serve(|config| config.tls = Some(tls), kind, |_| None)
}

/// Speaks TLS as a client that trusts the CA in `folder`, and calls the server `name`.
fn tls(
    address: SocketAddr,
    folder: &Path,
    name: &str,
) -> StreamOwned<ClientConnection, std::net::TcpStream> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(folder.join("ca.pem")).unwrap()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::try_from(name.to_owned()).unwrap();
    let connection = ClientConnection::new(Arc::new(config), name).unwrap();
    StreamOwned::new(connection, connect(address))
}

fn ws<S: Read + Write>(stream: S) -> WebSocket<S> {
    client("ws://localhost/", stream).ok().unwrap().0
}

fn text<S: Read + Write>(socket: &mut WebSocket<S>) -> String {
    socket.read().unwrap().into_text().unwrap().to_string()
}

#[test]
fn lines_over_tls_for_every_name_of_the_certificate() {
    let folder = tempfile::tempdir().unwrap();
    let server = secure(folder.path(), Kind::Tls);
    for name in ["localhost", "127.0.0.1", "push.test"] {
        let mut phone = Client::over(tls(server.address, folder.path(), name));
        phone.say("HELLO 1 phone\n");
        assert_eq!(phone.line(), "WELCOME 1");
        let id = server.push("phone", "hello").unwrap().id;
        assert_eq!(phone.line(), format!("PUSH {id} hello"));
        phone.say(format!("ACK {id}\nPING 1\n"));
        assert_eq!(phone.line(), "PONG 1");
        assert_eq!(server.device("phone").unwrap().transport, Some("tls"));
        phone.say("NONSENSE\n");
        assert!(phone.line().starts_with("ERROR syntax "));
    }
    server.wait_for("holdline_connections", 0);
}

#[test]
fn plain_bytes_on_a_port_of_tls_leave_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let server = secure(folder.path(), Kind::Tls);
    let mut phone = connect(server.address);
    phone.write_all(b"HELLO 1 phone\n").unwrap();
    let _ = phone.read_to_end(&mut Vec::new());
    assert_eq!(server.stat("holdline_refused_total", Some("transport")), 1);
    drop(phone);
    server.wait_for("holdline_connections", 0);
}

#[test]
fn a_message_of_a_websocket_is_a_line() {
    let server = serve(|_| {}, Kind::Ws, |_| None);
    let mut phone = ws(connect(server.address));
    phone.send(Message::text("HELLO 1 phone")).unwrap();
    assert_eq!(text(&mut phone), "WELCOME 1");
    phone.send(Message::text("PING 3\r\n")).unwrap();
    assert_eq!(text(&mut phone), "PONG 3");
    let id = server.push("phone", "hello").unwrap().id;
    assert_eq!(text(&mut phone), format!("PUSH {id} hello"));
    phone.send(Message::Ping(vec![7].into())).unwrap();
    assert_eq!(phone.read().unwrap(), Message::Pong(vec![7].into()));
    phone.close(None).unwrap();
    while phone.read().is_ok() {}
    server.wait_for("holdline_connections", 0);
    assert_eq!(server.device("phone").unwrap().waiting, 1, "it was not acknowledged");
}

#[test]
fn what_is_no_line_on_a_websocket_is_told() {
    let server = serve(|_| {}, Kind::Ws, |_| None);
    for (message, reason) in [
        (Message::text("PING 1\nPING 2"), "syntax"),
        (Message::text("x".repeat(5_000)), "too-long"),
        (Message::binary(vec![1, 2]), "transport"),
        (Message::text("PING 1"), "not-hello"),
    ] {
        let mut phone = ws(connect(server.address));
        phone.send(message).unwrap();
        let told = text(&mut phone);
        assert!(told.starts_with(&format!("ERROR {reason} ")), "{told}");
    }
    server.wait_for("holdline_connections", 0);
}

#[test]
fn a_websocket_that_is_one_too_many_is_told_by_http() {
    let server = serve(|config| config.limits.connections = 0, Kind::Ws, |_| None);
    let mut refused = String::new();
    connect(server.address).read_to_string(&mut refused).unwrap();
    assert!(refused.starts_with("HTTP/1.1 503 "), "{refused}");
    assert!(refused.ends_with("\r\n\r\ntoo-many-connections\n"), "{refused}");
}

#[test]
fn a_websocket_over_tls() {
    let folder = tempfile::tempdir().unwrap();
    let server = secure(folder.path(), Kind::Wss);
    let mut phone = ws(tls(server.address, folder.path(), "localhost"));
    phone.send(Message::text("HELLO 1 phone")).unwrap();
    assert_eq!(text(&mut phone), "WELCOME 1");
    assert_eq!(server.device("phone").unwrap().transport, Some("wss"));
    drop(phone);
    server.wait_for("holdline_connections", 0);
}
