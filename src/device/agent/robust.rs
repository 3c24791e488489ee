//! What must not harm an agent: bytes in any pieces, callbacks in any order, a system that refuses, time that is
//! missing.

use proptest::prelude::*;

use super::Agent;
use super::fake::{Fake, about, header, names, situation};
use super::log::Log;
use crate::device::Endpoint;
use crate::os::SocketEvent;
use crate::port::{
    App, Callback, Frame, LaunchReason, Phone, RunLoop, ServiceType, Span, StreamError,
    StreamEvent, StreamPair, TaskId, TimerId, Token,
};
use crate::scenario::Act;
use crate::trace::{Datum, Record, read_record};

/// Uses whatever it is told of as much as it can.
#[derive(Default)]
struct Greedy {
    /// What it does in its first turn.
    first: Vec<Ask>,
    closes: bool,
}

/// What a test's app asks for in its first turn.
#[derive(Copy, Clone)]
enum Ask {
    Busy(u64),
    Tag(ServiceType),
    Exit(i32),
}

impl App for Greedy {
    fn on(&mut self, callback: Callback, phone: &mut impl Phone) {
        let pair = StreamPair(1);
        match callback {
            Callback::Launched(_) => {
                let pair = phone.create_stream();
                for ask in self.first.clone() {
                    match ask {
                        Ask::Busy(secs) => phone.busy(Span::from_secs(secs), Token(1)),
                        Ask::Exit(code) => phone.exit(code),
                        Ask::Tag(service) => {
                            phone.set_service_type(pair.read(), service);
                        }
                    }
                }
                for stream in [pair.read(), pair.write()] {
                    phone.set_client(stream);
                    phone.schedule(stream, RunLoop::Main);
                    phone.open(stream);
                }
            }
            Callback::Stream(..) => {
                while let Ok(Some(frame)) = phone.read(pair.read()) {
                    if let Frame::Push { id } = frame {
                        let _ = phone.write(pair.write(), Frame::Ack { id });
                    }
                }
                if self.closes {
                    phone.close(pair.read());
                    phone.close(pair.write());
                }
            }
            Callback::BecameActive
            | Callback::WillResignActive
            | Callback::EnteredBackground
            | Callback::WillEnterForeground
            | Callback::WillTerminate
            | Callback::MemoryWarning
            | Callback::ProtectedDataAvailable
            | Callback::KeepAlive
            | Callback::TaskExpiring(_)
            | Callback::Timer(_)
            | Callback::ReachabilityChanged(_)
            | Callback::LowPowerModeChanged(_)
            | Callback::Continue(_) => {}
        }
    }

    fn forget(&mut self) {}
}

/// An agent with its log in a folder.
struct Rig {
    agent: Agent<Fake, Greedy>,
    dir: tempfile::TempDir,
}

const LAUNCHED: Callback = Callback::Launched(LaunchReason::User);

impl Rig {
    fn new(app: Greedy, backend: Fake) -> Rig {
        let dir = tempfile::tempdir().unwrap();
        let log = Log::open(&dir.path().join("log"), &header(), &about(), "a", names()).unwrap();
        let to = Endpoint { host: "localhost".into(), port: 7_400 };
        let agent = Agent::new(app, backend, log, situation(), to, "alice".into(), 1);
        Rig { agent, dir }
    }

    fn records(&self) -> Vec<Record> {
        let text = std::fs::read_to_string(self.dir.path().join("log")).unwrap();
        text.lines().skip(1).map(|line| read_record(line.as_bytes()).unwrap()).collect()
    }

    fn events(&self) -> Vec<String> {
        self.records().iter().map(|record| record.event.to_string()).collect()
    }

    fn stream(&mut self, event: StreamEvent) {
        let pair = StreamPair(1);
        let stream = match event {
            StreamEvent::HasBytesAvailable => pair.read(),
            StreamEvent::OpenCompleted
            | StreamEvent::CanAcceptBytes
            | StreamEvent::ErrorOccurred
            | StreamEvent::EndEncountered => pair.write(),
        };
        self.agent.callback(Callback::Stream(stream, event));
    }
}

fn number(record: &Record, field: &str) -> u64 {
    record.field(field).and_then(Datum::number).unwrap()
}

fn callbacks() -> impl Strategy<Value = Callback> {
    let events = prop_oneof![
        Just(StreamEvent::OpenCompleted),
        Just(StreamEvent::HasBytesAvailable),
        Just(StreamEvent::CanAcceptBytes),
        Just(StreamEvent::ErrorOccurred),
        Just(StreamEvent::EndEncountered),
    ];
    let streams = (0..3_u32, any::<bool>(), events).prop_map(|(pair, reads, event)| {
        let pair = StreamPair(pair);
        Callback::Stream(if reads { pair.read() } else { pair.write() }, event)
    });
    prop_oneof![
        4 => streams,
        1 => Just(LAUNCHED),
        1 => Just(Callback::KeepAlive),
        1 => any::<u32>().prop_map(|id| Callback::TaskExpiring(TaskId(id))),
        1 => any::<u32>().prop_map(|id| Callback::Timer(TimerId(id))),
        1 => Just(Callback::Continue(Token(3))),
    ]
}

proptest! {
    #[test]
    fn bytes_and_callbacks_in_any_order_leave_a_log_that_can_be_read(
        told in prop::collection::vec((callbacks(), prop::collection::vec(any::<u8>(), 0..300)), 1..30),
        closes in any::<bool>(),
        room in 0..40_usize,
        error in prop::option::of(Just(SocketEvent::Reset)),
    ) {
        let backend = Fake { room, ..Fake::default() };
        let mut rig = Rig::new(Greedy { closes, ..Greedy::default() }, backend);
        rig.agent.callback(LAUNCHED);
        rig.agent.backend().came(&SocketEvent::Established);
        let half = told.len() / 2;
        for (n, (callback, bytes)) in told.into_iter().enumerate() {
            rig.agent.backend().inbound.extend(bytes);
            if let (true, Some(error)) = (n == half, &error) {
                rig.agent.backend().came(error);
            }
            rig.agent.callback(callback);
        }
        let events = rig.events();
        let begun = events.iter().filter(|event| *event == "callback").count();
        let ended = events.iter().filter(|event| *event == "callback-returned").count();
        prop_assert_eq!(begun, ended);
    }

    #[test]
    fn frames_are_read_the_same_in_whatever_pieces_they_come(
        cuts in prop::collection::vec(1..60_usize, 1..20),
    ) {
        let mut rig = Rig::new(Greedy::default(), Fake::default());
        rig.agent.callback(LAUNCHED);
        let mut whole = Fake::default();
        for frame in [Frame::Welcome, Frame::Ping { n: 4 }, Frame::Media, Frame::GoAway] {
            whole.came(&SocketEvent::Frame(frame));
        }
        rig.agent.backend().came(&SocketEvent::Established);
        rig.stream(StreamEvent::OpenCompleted);
        let mut cuts = cuts.into_iter().cycle();
        while !whole.inbound.is_empty() {
            let piece = cuts.next().unwrap().min(whole.inbound.len());
            rig.agent.backend().inbound.extend(whole.inbound.drain(..piece));
            rig.stream(StreamEvent::HasBytesAvailable);
        }
        let read: Vec<_> = rig.records().into_iter().filter(|record| record.event == "read").collect();
        let names: Vec<_> =
            read.iter().map(|record| record.field("frame").unwrap().text().unwrap()).collect();
        prop_assert_eq!(names, ["welcome", "ping", "media", "go-away"]);
    }
}

#[test]
fn half_a_frame_tells_the_app_nothing() {
    let mut rig = Rig::new(Greedy::default(), Fake::default());
    rig.agent.callback(LAUNCHED);
    rig.agent.backend().came(&SocketEvent::Established);
    rig.stream(StreamEvent::OpenCompleted);
    let before = rig.events();
    rig.agent.backend().inbound.extend(b"PI");
    rig.stream(StreamEvent::HasBytesAvailable);
    assert_eq!(rig.events(), before);
    rig.agent.backend().inbound.extend(b"NG 1\n");
    rig.stream(StreamEvent::HasBytesAvailable);
    assert_eq!(rig.events()[before.len()..], ["callback", "read", "callback-returned"]);
}

#[test]
fn what_finds_little_room_is_sent_when_there_is_more() {
    let backend = Fake { room: 3, ..Fake::default() };
    let mut rig = Rig::new(Greedy::default(), backend);
    rig.agent.callback(LAUNCHED);
    rig.agent.backend().came(&SocketEvent::Established);
    rig.stream(StreamEvent::OpenCompleted);
    rig.agent.backend().came(&SocketEvent::Frame(Frame::Push { id: super::fake::PUSH }));
    rig.stream(StreamEvent::HasBytesAvailable);
    assert_eq!(rig.agent.backend().sent, b"ACK", "as much as there is room for");
    let records = rig.records();
    let write = records.iter().find(|record| record.event == "write").unwrap();
    assert!(number(write, "taken") > 3, "taken whole");
    rig.stream(StreamEvent::CanAcceptBytes);
    assert_eq!(rig.agent.backend().sent, b"ACK 0\n");
}

#[test]
fn a_suspension_while_the_thread_is_blocked_is_told_and_is_no_part_of_the_turn() {
    let backend = Fake { suspended: Span::from_secs(500), ..Fake::default() };
    let first = vec![Ask::Busy(5)];
    let mut rig = Rig::new(Greedy { first, ..Greedy::default() }, backend);
    rig.agent.callback(LAUNCHED);
    let records = rig.records();
    let at = records.iter().position(|record| record.event == "ran-again").unwrap();
    assert_eq!(number(&records[at], "after"), 500_000_000);
    assert_eq!(records[at + 1].field("name").unwrap().text(), Some("continue"));
    let returned = records.iter().find(|record| record.event == "callback-returned").unwrap();
    assert_eq!(number(returned, "took"), 5_000_000);
}

#[test]
fn a_hang_that_a_step_asks_for_is_told_and_blocks() {
    let mut rig = Rig::new(Greedy::default(), Fake::default());
    rig.agent.callback(LAUNCHED);
    let before = rig.records().len();
    assert_eq!(rig.agent.act(Act::AppHang { lasts: Span::from_secs(9) }), Ok(()));
    assert_eq!(rig.events()[before..], ["busy"]);
    assert_eq!(rig.agent.backend().now.as_micros(), 9_000_000);
    rig.agent.pulse();
    assert_eq!(rig.events()[before..], ["busy"], "it was no suspension");
    let refused = rig.agent.act(Act::AppAudio { on: true }).unwrap_err();
    assert!(refused.contains("no sound"), "{refused}");
}

#[test]
fn nothing_is_told_to_an_app_that_has_exited() {
    let first = vec![Ask::Exit(3)];
    let mut rig = Rig::new(Greedy { first, ..Greedy::default() }, Fake::default());
    rig.agent.callback(LAUNCHED);
    let records = rig.records();
    assert_eq!(records.last().unwrap().event, "exit");
    assert!(!rig.events().contains(&"open".to_owned()), "exit does not return");
    rig.agent.callback(Callback::BecameActive);
    rig.agent.pulse();
    assert!(rig.agent.act(Act::AppExit { code: 1 }).is_err());
    assert_eq!(rig.records(), records);
}

#[test]
fn a_step_that_lets_the_app_exit_is_the_end() {
    let mut rig = Rig::new(Greedy::default(), Fake::default());
    rig.agent.callback(LAUNCHED);
    assert_eq!(rig.agent.act(Act::AppExit { code: 4 }), Ok(()));
    assert_eq!(rig.events().last().unwrap(), "exit");
}

#[test]
fn a_stream_that_the_system_does_not_open_is_a_failure_that_is_told() {
    let mut rig = Rig::new(Greedy::default(), Fake { refuses: true, ..Fake::default() });
    rig.agent.callback(LAUNCHED);
    let records = rig.records();
    let failed: Vec<_> = records.iter().filter(|record| record.event == "stream-failed").collect();
    assert_eq!(failed.len(), 2);
    assert_eq!(failed[0].field("call").unwrap().text(), Some("open"));
    let why = failed[0].field("error").unwrap().text();
    assert_eq!(why, Some(StreamError::NotOpen.as_str()));
}

#[test]
fn the_service_type_of_a_request_is_refused_with_its_reason() {
    let first = vec![Ask::Tag(ServiceType::VoipRequest)];
    let mut rig = Rig::new(Greedy { first, ..Greedy::default() }, Fake::default());
    rig.agent.callback(LAUNCHED);
    let records = rig.records();
    let told = records.iter().find(|record| record.event == "legacy-call").unwrap();
    assert_eq!(told.field("plan").unwrap().text(), Some("refused"));
    assert_eq!(told.field("why").unwrap().text(), Some("not-available"));
}
