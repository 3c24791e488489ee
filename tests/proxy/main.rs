//! The fault proxy over loopback sockets: what each fault does to a client and a server, and that
//! its removal restores. What needs no sockets is tested beside the code, in counted time.

// These tests talk to the machine.
#![allow(clippy::disallowed_types, clippy::disallowed_methods)]

mod command;
mod faults;
mod http;
mod many;
mod set;

use std::io::{self, ErrorKind};
use std::sync::Arc;
use std::time::Duration;

use holdline::live::proxy::{Change, FaultId, FaultSpec, Invalid, Options, Proxy, Scaled};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// Longer than anything takes here, so that a test that hangs fails.
const LONG: Duration = Duration::from_secs(20);

/// Long enough to see that something did not come: on loopback it would within microseconds.
const A_WHILE: Duration = Duration::from_millis(100);

/// `future`, or the test fails.
async fn soon<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(LONG, future).await.expect("it takes too long")
}

/// A proxy before a server.
struct Bench {
    proxy: Proxy,
    server: TcpListener,
}

impl Bench {
    async fn new(faults: &[&str]) -> Bench {
        Bench::with(faults, Options::default(), 1.0).await
    }

    async fn with(faults: &[&str], options: Options, speed: f64) -> Bench {
        let server = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let upstream = server.local_addr().unwrap();
        let listen = "127.0.0.1:0".parse().unwrap();
        let clock = Arc::new(Scaled::new(speed));
        let proxy = Proxy::bind_with(listen, upstream, clock, options).unwrap();
        let bench = Bench { proxy, server };
        bench.set(faults);
        bench
    }

    fn apply(&self, faults: &[&str]) -> Result<Vec<FaultId>, Invalid> {
        let one = |text: &&str| Change::Add(FaultSpec::parse(text).unwrap());
        self.proxy.apply(faults.iter().map(one).collect())
    }

    fn set(&self, faults: &[&str]) -> Vec<FaultId> {
        self.apply(faults).unwrap()
    }

    fn clear(&self) {
        self.proxy.apply(vec![Change::Clear]).unwrap();
    }

    async fn connect(&self) -> TcpStream {
        soon(TcpStream::connect(self.proxy.local_addr())).await.unwrap()
    }

    async fn accept(&self) -> TcpStream {
        soon(self.server.accept()).await.unwrap().0
    }

    /// Both ends of a connection.
    async fn pair(&self) -> (TcpStream, TcpStream) {
        let client = self.connect().await;
        (client, self.accept().await)
    }

    /// Waits until `true_now` of the proxy.
    async fn until(&self, true_now: impl Fn(&Proxy) -> bool) {
        soon(async {
            while !true_now(&self.proxy) {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        })
        .await;
    }
}

async fn say(stream: &mut TcpStream, bytes: &[u8]) {
    soon(stream.write_all(bytes)).await.unwrap();
}

async fn hears(stream: &mut TcpStream, bytes: &[u8]) {
    let mut got = vec![0; bytes.len()];
    soon(stream.read_exact(&mut got)).await.unwrap();
    assert!(got == bytes, "other bytes than were sent");
}

/// Nothing comes, and no end either.
async fn hears_nothing(stream: &mut TcpStream) {
    let got = tokio::time::timeout(A_WHILE, stream.read(&mut [0])).await;
    assert!(got.is_err(), "{got:?}");
}

async fn hears_fin(stream: &mut TcpStream) {
    assert_eq!(soon(stream.read(&mut [0])).await.unwrap(), 0);
}

async fn hears_reset(stream: &mut TcpStream) {
    let got: io::Result<usize> = soon(stream.read(&mut [0])).await;
    assert_eq!(got.unwrap_err().kind(), ErrorKind::ConnectionReset);
}

/// Ends `stream` with RST.
fn reset(stream: TcpStream) {
    socket2::SockRef::from(&stream).set_linger(Some(Duration::ZERO)).unwrap();
}

/// Bytes go both ways.
async fn works(client: &mut TcpStream, server: &mut TcpStream) {
    say(client, b"ping").await;
    hears(server, b"ping").await;
    say(server, b"pong").await;
    hears(client, b"pong").await;
}
