//! Python's `websockets` as a device and as a publisher, plain and over TLS.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::program::Program;
use crate::serving::{Serving, TOKEN};

crate::tools::tests![
    a_device_and_a_publisher_over_websockets,
    a_device_over_a_websocket_over_tls_trusts_the_ca_that_was_written,
    a_client_without_the_ca_is_not_connected,
];

/// A Python that has `websockets`: one beside the build, the first one of the path, or the system's, for which packages
/// are.
pub(crate) fn python() -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_TARGET_TMPDIR")).join("python/bin/python3");
    let has = |python: &PathBuf| {
        let run = Command::new(python).args(["-c", "import websockets"]).output();
        run.is_ok_and(|output| output.status.success())
    };
    [beside, "python3".into(), "/usr/bin/python3".into()].into_iter().find(has)
}

fn start(url: &str, ca: Option<&Path>) -> Program {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/outside/device.py");
    let mut command = Command::new(python().expect("it is installed"));
    Program::start(command.arg(script).arg(url).args(ca))
}

fn connected(url: &str, ca: Option<&Path>) -> Program {
    let mut program = start(url, ca);
    assert_eq!(program.line(), "connected\n");
    program
}

/// Pushes to the device, which has said nothing yet.
fn push(device: &mut Program, publisher: &mut Program) {
    device.say("HELLO 1 phone\n");
    assert_eq!(device.line(), "WELCOME 1\n");
    publisher.say(&format!("AUTH 1 {TOKEN}\n"));
    assert_eq!(publisher.line(), "WELCOME 1\n");
    // Long enough for a length of its own in the frame.
    let payload = "grüße ".repeat(200);
    let payload = payload.trim_end();
    publisher.say(&format!("PUB 1 phone - {payload}\n"));
    assert_eq!(publisher.line(), "DONE 1 1 1\n");
    assert_eq!(device.line(), format!("PUSH 1 {payload}\n"));
    device.say("ACK 1\nPING 9\n!ping\n");
    let mut answers = [device.line(), device.line()];
    answers.sort();
    assert_eq!(answers, ["PONG 9\n", "pong\n"]);
}

fn a_device_and_a_publisher_over_websockets() {
    let mut server = Serving::start(&["--ws-listen", "0"]);
    let url = format!("ws://{}/any/path", server.address("ws"));
    let (mut phone, mut publisher) = (connected(&url, None), connected(&url, None));
    push(&mut phone, &mut publisher);
    phone.say("!close\n");
    assert_eq!(phone.line(), "closed 1000\n");
    // It was acknowledged.
    let mut again = connected(&url, None);
    again.say("HELLO 1 phone\nPING 1\n");
    assert_eq!([again.line(), again.line()], ["WELCOME 1\n", "PONG 1\n"]);
    let _newer = {
        let mut newer = connected(&url, None);
        newer.say("HELLO 1 phone\n");
        assert_eq!(newer.line(), "WELCOME 1\n");
        newer
    };
    assert!(again.line().starts_with("BYE replaced "));
    // A close frame that libraries take for a good end, and no end in between (1006).
    assert_eq!(again.line(), "closed 1001\n");
}

/// A server of WebSockets over TLS.
fn secure(folder: &Path) -> (Serving, SocketAddr) {
    let tls = folder.to_str().expect("UTF-8");
    let mut server = Serving::start(&["--wss-listen", "0", "--tls-self-signed", tls]);
    server.told("certificate ");
    let address = server.address("wss");
    (server, address)
}

fn a_device_over_a_websocket_over_tls_trusts_the_ca_that_was_written() {
    let folder = tempfile::tempdir().expect("a folder");
    let (_server, address) = secure(folder.path());
    let ca = folder.path().join("ca.pem");
    let url = format!("wss://localhost:{}", address.port());
    push(&mut connected(&url, Some(&ca)), &mut connected(&url, Some(&ca)));
}

fn a_client_without_the_ca_is_not_connected() {
    let folder = tempfile::tempdir().expect("a folder");
    let (_server, address) = secure(folder.path());
    let (code, said, complaint) = start(&format!("wss://localhost:{}", address.port()), None).end();
    assert_eq!((code, said.as_str()), (Some(1), ""));
    assert!(complaint.contains("CERTIFICATE_VERIFY_FAILED"), "{complaint}");
}
