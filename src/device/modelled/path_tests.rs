//! The phone's side of a path, against a listener.

use std::io::Read;
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use super::path::{Arrival, Connects, Context, Path};
use crate::device::socket::{News, Socket};
use crate::net::{End, NetConfig, gives_up_after};
use crate::os::SocketEvent;
use crate::port::{Draws, Interface, Span, StreamError, Time};
use crate::trace::{Probe, Recorder};

const LONG: Duration = Duration::from_secs(30);

/// Connects to a listener.
struct Sockets(String, Sender<(u32, News)>);

impl Connects for Sockets {
    fn connect(&mut self, connection: u32) -> std::io::Result<Socket> {
        let told = self.1.clone();
        Socket::connect(self.0.clone(), move |news| {
            told.send((connection, news)).unwrap_or_default();
        })
    }
}

/// A path and what goes with it.
struct Bench {
    path: Path<Sockets>,
    news: Receiver<(u32, News)>,
    listener: TcpListener,
    config: NetConfig,
    recorder: Recorder,
    seq: u64,
    now: Time,
}

impl Bench {
    fn new() -> Bench {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let (told, news) = channel();
        let sockets = Sockets(listener.local_addr().unwrap().to_string(), told);
        let path = Path::new(Interface::Wifi, sockets);
        let (config, recorder) = (NetConfig::default(), Recorder::default());
        Bench { path, news, listener, config, recorder, seq: 0, now: Time::from_micros(1) }
    }

    fn does<T>(
        &mut self,
        act: impl FnOnce(&mut Path<Sockets>, &mut Context<'_, Recorder>) -> T,
    ) -> T {
        let Bench { path, config, recorder, seq, now, .. } = self;
        let probe = Probe { observer: recorder, at: *now, owner: 1, seq };
        act(path, &mut Context { config, draws: Draws::new(1, 1), probe })
    }

    /// Lets the next thing happen that is due; answers when that was.
    fn due(&mut self) -> Time {
        self.now = self.path.deadline();
        self.does(|path, cx| path.advance(cx));
        self.now
    }

    /// The server's end of connection 1, which is established.
    fn established(&mut self) -> TcpStream {
        self.does(|path, cx| path.connect(1, cx));
        let (stream, peer) = self.listener.accept().unwrap();
        let (connection, news) = self.news.recv_timeout(LONG).unwrap();
        assert_eq!(news, News::Established(peer.port()));
        self.does(|path, cx| path.news(connection, news, cx));
        assert_eq!(self.told(), [event(SocketEvent::Established)]);
        assert_eq!(self.path.established, [(1, peer.port())]);
        stream
    }

    fn told(&mut self) -> Vec<Arrival> {
        std::iter::from_fn(|| self.path.arrival()).collect()
    }

    fn noted(&self) -> Vec<&'static str> {
        self.recorder.events.iter().map(|event| event.what.name()).collect()
    }
}

fn event(event: SocketEvent) -> Arrival {
    Arrival::Socket { connection: 1, event }
}

#[test]
fn without_an_interface_a_connection_fails_as_unreachable() {
    let mut bench = Bench::new();
    bench.does(|path, cx| path.airplane(true, cx));
    assert_eq!(bench.told(), [Arrival::Interface(Interface::None)]);
    bench.does(|path, cx| path.connect(1, cx));
    bench.due();
    assert_eq!(bench.told(), [event(SocketEvent::Failed(StreamError::Unreachable))]);
    assert_eq!(bench.noted(), ["interface", "connect-failed"]);
}

#[test]
fn what_is_written_over_an_address_that_is_gone_does_not_arrive_and_is_given_up_one_day() {
    let mut bench = Bench::new();
    let mut server = bench.established();
    bench.does(|path, cx| path.readdress(cx));
    bench.does(|path, cx| path.send(1, b"lost".to_vec(), cx));
    // The preset of these tests has no latency.
    let tries = gives_up_after(End::Phone, Span::ZERO);
    assert_eq!(bench.path.deadline(), bench.now + tries);
    bench.due();
    assert_eq!(bench.told(), [Arrival::Address, event(SocketEvent::TimedOut)]);
    bench.does(|path, _| path.finish(1));
    // The server hears neither of the frame nor of the end, for as long as the phone is there.
    server.set_read_timeout(Some(Duration::from_millis(50))).unwrap();
    assert!(server.read(&mut [0; 8]).is_err());
    drop(bench);
    server.set_read_timeout(Some(LONG)).unwrap();
    assert_eq!(server.read(&mut [0; 8]).unwrap(), 0);
}

#[test]
fn what_was_written_arrives_before_the_end() {
    let mut bench = Bench::new();
    let mut server = bench.established();
    bench.does(|path, cx| path.send(1, b"bye".to_vec(), cx));
    bench.does(|path, _| path.finish(1));
    server.set_read_timeout(Some(LONG)).unwrap();
    let mut heard = String::new();
    server.read_to_string(&mut heard).unwrap();
    assert_eq!(heard, "bye");
    assert_eq!(bench.path.deadline(), Time::NEVER);
}

#[test]
fn the_timers_of_the_kernel_stand_still_while_the_device_sleeps() {
    let mut bench = Bench::new();
    bench.does(|path, cx| path.connect(1, cx));
    bench.does(|path, cx| path.readdress(cx));
    let before = bench.path.deadline();
    let slept = Span::from_secs(100);
    bench.path.phone_sleeps(bench.now);
    assert_eq!(bench.path.deadline(), Time::NEVER);
    bench.path.phone_wakes(bench.now + slept);
    assert_eq!(bench.path.deadline(), before + slept);
    bench.due();
    assert_eq!(bench.told(), [Arrival::Address, event(SocketEvent::Failed(StreamError::TimedOut))]);
}
