//! A push server just large enough to be measured: a thread a connection, and faults on request.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

/// What it does wrong.
#[derive(Copy, Clone, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Nothing.
    None,
    /// The first device gets every push twice.
    Twice,
    /// It hangs up instead of answering a ping.
    HangsUp,
}

struct Shared {
    devices: Mutex<BTreeMap<String, TcpStream>>,
    ids: AtomicU64,
    fault: Fault,
}

/// Serves until the test ends.
pub(crate) fn start(fault: Fault) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let shared = Shared { devices: Mutex::default(), ids: AtomicU64::new(1), fault };
    let shared = Arc::new(shared);
    std::thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let shared = Arc::clone(&shared);
            std::thread::spawn(move || serve(stream, &shared));
        }
    });
    address
}

/// Until the client hangs up; what cannot be written then does not matter.
fn serve(stream: TcpStream, shared: &Shared) -> Option<()> {
    let mut out = stream.try_clone().ok()?;
    let mut device = String::new();
    for line in BufReader::new(stream).lines().map_while(Result::ok) {
        let words: Vec<&str> = line.splitn(4, ' ').collect();
        match words.as_slice() {
            ["HELLO", "1", name] => {
                device = (*name).to_owned();
                shared.devices.lock().unwrap().insert(device.clone(), out.try_clone().ok()?);
                out.write_all(b"WELCOME 1\n").ok()?;
            }
            ["AUTH", "1", "secret"] => out.write_all(b"WELCOME 1\n").ok()?,
            ["PING", _] if shared.fault == Fault::HangsUp => {
                return out.shutdown(std::net::Shutdown::Both).ok();
            }
            ["PING", n] => out.write_all(format!("PONG {n}\n").as_bytes()).ok()?,
            ["ALL", reference, "-", payload] => {
                let devices = shared.devices.lock().unwrap();
                for (name, device) in devices.iter() {
                    shared.push(name, device, payload);
                }
                let many = devices.len();
                out.write_all(format!("DONE {reference} 1 {many}\n").as_bytes()).ok()?;
            }
            ["PUB", reference, name, rest] => {
                let payload = rest.strip_prefix("- ").unwrap();
                let devices = shared.devices.lock().unwrap();
                shared.push(name, &devices[*name], payload);
                out.write_all(format!("DONE {reference} 1 1\n").as_bytes()).ok()?;
            }
            ["ACK", id] => assert!(id.parse::<u64>().unwrap() < shared.ids.load(Ordering::SeqCst)),
            _ => out.write_all(b"ERROR syntax what\n").ok()?,
        }
    }
    shared.devices.lock().unwrap().remove(&device);
    Some(())
}

impl Shared {
    fn push(&self, name: &str, mut device: &TcpStream, payload: &str) {
        let id = self.ids.fetch_add(1, Ordering::SeqCst);
        let line = format!("PUSH {id} {payload}\n");
        let times = if self.fault == Fault::Twice && name == "d0" { 2 } else { 1 };
        // Who is gone gets none.
        let _ = device.write_all(line.repeat(times).as_bytes());
    }
}
