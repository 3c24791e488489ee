//! The agent beside the model: the same app and the same answers of the system give the same events.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use super::fake::{Fake, PUSH, about, header, names, situation};
use super::log::Log;
use super::policy::Situation;
use super::{Agent, log};
use crate::device::Endpoint;
use crate::os::{Context, Delivery, Gate, Handle, Os, SocketEvent};
use crate::platform::{Manifest, PROFILES};
use crate::port::{
    App, AppReport, Callback, Clock, Draws, Frame, Interface, Phone, RunLoop, ServiceType, Side,
    Span, StreamError, StreamEvent, StreamId, StreamPair, TaskId, Time, TimerId, Token,
};
use crate::trace::{OnPhone, Probe, Record, Recorder, read_record};

/// What the app under test does in its turns.
#[derive(Clone, Debug)]
enum Call {
    Create,
    Tag(Side, ServiceType),
    Listen,
    Open,
    Read,
    Write(Frame),
    Close,
    KeepAlive(u64),
    ClearKeepAlive,
    BeginTask,
    EndTask(u32),
    Timer(u32, u64, Clock),
    CancelTimer(u32),
    Notify,
    Unnotify,
    Busy(u64),
    Exit(i32),
    GiveUp,
}
use Call::*;

#[derive(Clone, Debug, Default)]
struct Scripted {
    pair: Option<StreamPair>,
    on: BTreeMap<&'static str, Vec<Call>>,
}

impl App for Scripted {
    fn on(&mut self, callback: Callback, phone: &mut impl Phone) {
        let calls = self.on.get(callback.name()).cloned().unwrap_or_default();
        let pair = self.pair.unwrap_or(StreamPair(1));
        for call in calls {
            match call {
                Create => self.pair = Some(phone.create_stream()),
                Tag(side, service) => {
                    phone.set_service_type(StreamId { pair: pair.0, side }, service);
                }
                Listen => {
                    for stream in [pair.read(), pair.write()] {
                        phone.set_client(stream);
                        phone.schedule(stream, RunLoop::Main);
                    }
                }
                Open => [pair.read(), pair.write()].iter().for_each(|side| {
                    phone.open(*side);
                }),
                Read => drop(phone.read(pair.read())),
                Write(frame) => drop(phone.write(pair.write(), frame)),
                Close => [pair.read(), pair.write()].iter().for_each(|side| phone.close(*side)),
                KeepAlive(secs) => drop(phone.set_keep_alive_timeout(Span::from_secs(secs))),
                ClearKeepAlive => phone.clear_keep_alive_timeout(),
                BeginTask => drop(phone.begin_background_task()),
                EndTask(id) => phone.end_background_task(TaskId(id)),
                Timer(id, secs, clock) => {
                    phone.set_timer(TimerId(id), Span::from_secs(secs), clock);
                }
                CancelTimer(id) => phone.cancel_timer(TimerId(id)),
                Notify => drop(phone.post_local_notification(7, PUSH)),
                Unnotify => phone.cancel_local_notification(7, PUSH),
                Busy(secs) => phone.busy(Span::from_secs(secs), Token(5)),
                Exit(code) => phone.exit(code),
                GiveUp => phone.report(AppReport::GaveUp),
            }
        }
    }

    fn forget(&mut self) {}
}

/// What comes from outside.
#[derive(Clone, Debug)]
enum Outside {
    Socket(SocketEvent),
    Background,
    Sleep(u64),
}

/// What the model did: its events, and what the app was told when, with what had come on the socket by then.
struct Modelled {
    records: Vec<Record>,
    told: Vec<(Time, Callback, Vec<SocketEvent>)>,
}

fn modelled(app: &mut Scripted, outside: &[Outside]) -> Modelled {
    let profile = PROFILES.get("ios-9").unwrap().values;
    let manifest = Manifest { sdk: Some(9), ..Manifest::voip() };
    let gate = Gate::of(&profile, &manifest);
    let (mut os, mut recorder, mut seq) = (Os::new(Interface::Wifi), Recorder::default(), 0);
    let (mut now, mut told, mut came) = (Time::ZERO, Vec::new(), Vec::new());
    let mut step = |now: Time,
                    came: &mut Vec<SocketEvent>,
                    act: &mut dyn FnMut(&mut Os, &mut Context<'_, Recorder>)| {
        let probe = Probe { observer: &mut recorder, at: now, owner: 1, seq: &mut seq };
        let mut cx = Context { profile: &profile, gate, draws: Draws::new(1, 1), probe };
        act(&mut os, &mut cx);
        while let Some(delivery) = os.next_delivery(&mut cx) {
            if let Delivery::Callback(callback) = delivery {
                told.push((now, callback, std::mem::take(came)));
                app.on(callback, &mut Handle::new(&mut os, &mut cx));
                os.turn_over(&mut cx);
            }
        }
        os.deadline()
    };
    let mut due = step(now, &mut came, &mut |os, cx| os.foreground(cx));
    for event in outside {
        now += Span::from_secs(1);
        let until = match event {
            Outside::Sleep(secs) => now + Span::from_secs(*secs),
            Outside::Socket(_) | Outside::Background => now,
        };
        while due <= until {
            due = step(due, &mut came, &mut |os, cx| os.advance(cx));
        }
        now = until;
        due = match event {
            Outside::Socket(socket) => {
                came.push(*socket);
                step(now, &mut came, &mut |os, cx| os.socket(1, *socket, cx))
            }
            Outside::Background => step(now, &mut came, &mut |os, cx| os.background(cx)),
            Outside::Sleep(_) => due,
        };
    }
    let names = names();
    let records = recorder.events.iter().map(|event| Record::of(event, &names)).collect();
    Modelled { records, told }
}

/// What an agent with this app tells on `Fake` when the system tells it `told`.
fn agented(
    app: Scripted,
    situation: Situation,
    told: &[(Time, Callback, Vec<SocketEvent>)],
) -> (Vec<Record>, Vec<(u32, u16)>) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("log");
    let log = Log::open(&path, &header(), &about(), "a", names()).unwrap();
    let to = Endpoint { host: "localhost".into(), port: 7_400 };
    let mut agent = Agent::new(app, Fake::default(), log, situation, to, "alice".into(), 1);
    let connections: Rc<RefCell<Vec<(u32, u16)>>> = Rc::default();
    let heard = Rc::clone(&connections);
    agent.on_connection(Box::new(move |pair, port| heard.borrow_mut().push((pair, port))));
    for (at, callback, came) in told {
        let blocked = matches!(callback, Callback::Continue(_));
        agent.backend().now = agent.backend().now.max(*at);
        came.iter().for_each(|event| agent.backend().came(event));
        // A blocked thread goes on by itself on a phone.
        if !blocked {
            agent.callback(*callback);
        }
    }
    let text = std::fs::read_to_string(&path).unwrap();
    let records = text.lines().skip(1).map(|line| read_record(line.as_bytes()).unwrap()).collect();
    let connections = connections.take();
    (records, connections)
}

/// What the model of the path tells, or only a phone.
const OUTSIDE: [&str; 3] = ["connect-failed", "legacy-call", "ran-again"];

/// Events as both sides can be expected to tell them.
fn comparable(records: &[Record]) -> Vec<String> {
    let observed = |record: &&Record| {
        let row = record.info().unwrap();
        row.on_phone == OnPhone::Observed && !OUTSIDE.contains(&row.name)
    };
    let line = |record: &Record| {
        let mut fields = String::new();
        for (name, value) in &record.fields {
            match (&**name, value.number()) {
                ("uptime" | "wall", _) => {}
                // The model counts the bytes of its own frames.
                ("taken", Some(n)) => fields.push_str(&format!(" taken={}", n > 0)),
                _ => fields.push_str(&format!(" {name}={value:?}")),
            }
        }
        format!("{} {}{fields}", record.at, record.event)
    };
    records.iter().filter(observed).map(line).collect()
}

const LAUNCH: [Call; 4] = [Create, Tag(Side::Read, ServiceType::Voip), Listen, Open];

fn app(more: &[(&'static str, &[Call])]) -> Scripted {
    let mut on: BTreeMap<&'static str, Vec<Call>> = BTreeMap::new();
    on.insert("launched", LAUNCH.to_vec());
    on.insert("has-bytes-available", vec![Read]);
    on.insert("can-accept-bytes", vec![Write(Frame::Hello { device: 1 })]);
    for (name, calls) in more {
        on.entry(name).or_default().extend_from_slice(calls);
    }
    Scripted { pair: None, on }
}

#[test]
fn an_agent_tells_the_same_events_as_the_model() {
    use Outside::{Background, Sleep, Socket};
    let frame = |frame| Socket(SocketEvent::Frame(frame));
    let up = Socket(SocketEvent::Established);
    let welcome = frame(Frame::Welcome);
    let push = frame(Frame::Push { id: PUSH });
    let tables: Vec<(&str, Scripted, Vec<Outside>)> = vec![
        ("connects", app(&[]), vec![up.clone(), welcome.clone(), push.clone()]),
        (
            "is refused",
            app(&[("error-occurred", &[Read, Close])]),
            vec![Socket(SocketEvent::Failed(StreamError::Refused))],
        ),
        (
            "is closed upon",
            app(&[("end-encountered", &[Read, Close])]),
            vec![up.clone(), welcome.clone(), Socket(SocketEvent::Fin)],
        ),
        (
            "is reset",
            app(&[("error-occurred", &[Write(Frame::Ping { n: 1 }), Close])]),
            vec![up.clone(), welcome.clone(), Socket(SocketEvent::Reset)],
        ),
        ("closes", app(&[("will-resign-active", &[Close])]), vec![up.clone(), Background]),
        (
            "asks for everything",
            app(&[
                ("became-active", &[KeepAlive(600), KeepAlive(30), ClearKeepAlive, GiveUp]),
                ("entered-background", &[BeginTask, BeginTask, EndTask(1), EndTask(1), EndTask(2)]),
                (
                    "will-resign-active",
                    &[Notify, Unnotify, Timer(3, 9, Clock::Uptime), CancelTimer(3)],
                ),
            ]),
            vec![up.clone(), welcome.clone(), Background],
        ),
        (
            "is late",
            app(&[("became-active", &[Busy(4)]), ("continue", &[GiveUp])]),
            vec![Sleep(9), up.clone(), welcome.clone()],
        ),
        (
            "ends",
            app(&[("has-bytes-available", &[Exit(0), GiveUp])]),
            vec![up.clone(), welcome.clone()],
        ),
        (
            "sets no client and looks from time to time",
            Scripted {
                pair: None,
                on: BTreeMap::from([
                    ("launched", vec![Create, Open]),
                    ("became-active", vec![Write(Frame::Hello { device: 1 }), Read]),
                    ("will-resign-active", vec![Write(Frame::Hello { device: 1 })]),
                    ("entered-background", vec![Read, Read, Read, Close]),
                ]),
            },
            vec![up.clone(), welcome.clone(), push.clone(), Background],
        ),
        (
            "sets no client and writes only",
            Scripted {
                pair: None,
                on: BTreeMap::from([
                    ("launched", vec![Create, Open]),
                    ("became-active", vec![Write(Frame::Hello { device: 1 })]),
                    ("will-resign-active", vec![Write(Frame::Hello { device: 1 })]),
                    ("entered-background", vec![Close]),
                ]),
            },
            vec![up.clone(), Background],
        ),
        (
            "reads one at a time",
            app(&[]),
            vec![
                up.clone(),
                welcome.clone(),
                push,
                frame(Frame::Ping { n: 2 }),
                frame(Frame::Cancel { id: PUSH }),
                frame(Frame::GoAway),
            ],
        ),
        (
            "is blocked in a handler",
            app(&[
                ("has-bytes-available", &[Busy(3)]),
                ("continue", &[Write(Frame::Ping { n: 1 }), Read]),
            ]),
            vec![up, welcome, Sleep(6)],
        ),
        (
            "uses what is not there",
            app(&[(
                "became-active",
                &[Write(Frame::Knock), Tag(Side::Read, ServiceType::Voip), Close, Read, Open],
            )]),
            vec![Background],
        ),
    ];
    for (what, app, outside) in tables {
        let model = modelled(&mut app.clone(), &outside);
        let (agent, _) = agented(app, situation(), &model.told);
        let (model, agent) = (comparable(&model.records), comparable(&agent));
        assert!(agent.len() > 5, "{what}");
        assert_eq!(agent, model, "an app that {what}");
    }
}

#[test]
fn a_refused_service_type_leaves_an_untyped_stream_and_is_told_with_its_reason() {
    let told = [(Time::ZERO, Callback::Launched(crate::port::LaunchReason::User), Vec::new())];
    let modern = Situation { os: (26, 0), sdk: Some((26, 0)), ..situation() };
    let (records, _) = agented(app(&[]), modern.clone(), &told);
    let lines: Vec<String> = records.iter().map(|record| format!("{record:?}")).collect();
    let find = |name: &str| records.iter().find(|record| record.event == name).unwrap();
    let text = |name: &str, field: &str| find(name).field(field).unwrap().text().map(str::to_owned);
    assert_eq!(text("legacy-call", "plan").as_deref(), Some("refused"), "{lines:#?}");
    assert_eq!(text("legacy-call", "why").as_deref(), Some("modern-sdk-trap"));
    assert_eq!(find("set-service-type").field("taken"), Some(&crate::trace::Datum::Flag(false)));
    assert_eq!(records.iter().filter(|record| record.event == "open").count(), 2);
    // Asked for, it is made, and told before the stream is opened.
    let (records, _) = agented(app(&[]), Situation { expect_trap: true, ..modern }, &told);
    let place = |name: &str| records.iter().position(|record| record.event == name).unwrap();
    assert!(place("legacy-call") < place("open"));
}

#[test]
fn a_time_without_run_time_is_told_before_what_comes_then() {
    let launched = Callback::Launched(crate::port::LaunchReason::User);
    let at = |secs| Span::from_secs(secs).from_start();
    let told = [
        (at(0), launched, Vec::new()),
        (at(2), Callback::BecameActive, Vec::new()),
        (at(602), Callback::KeepAlive, Vec::new()),
    ];
    let (records, _) = agented(Scripted::default(), situation(), &told);
    let names: Vec<&str> = records.iter().map(|record| &*record.event).collect();
    let gaps: Vec<usize> = (0..names.len()).filter(|at| names[*at] == "ran-again").collect();
    assert_eq!(gaps.len(), 1);
    assert_eq!(records[gaps[0]].field("after").unwrap().number(), Some(600_000_000));
    assert_eq!(names[gaps[0] + 1], "callback");
}

#[test]
fn the_host_is_told_which_port_a_connection_has() {
    let outside = [Outside::Socket(SocketEvent::Established)];
    let model = modelled(&mut app(&[]), &outside);
    let (_, connections) = agented(app(&[]), situation(), &model.told);
    assert_eq!(connections, [(1, 4_711)]);
}

#[test]
fn what_a_system_tells_of_a_stream_that_nobody_has_harms_nobody() {
    let events = [
        StreamEvent::OpenCompleted,
        StreamEvent::HasBytesAvailable,
        StreamEvent::CanAcceptBytes,
        StreamEvent::ErrorOccurred,
        StreamEvent::EndEncountered,
    ];
    let told: Vec<_> = events
        .iter()
        .map(|event| {
            let stream = StreamId { pair: 9, side: Side::Read };
            (Time::ZERO, Callback::Stream(stream, *event), Vec::new())
        })
        .collect();
    let (records, _) = agented(Scripted::default(), situation(), &told);
    assert_eq!(records, []);
    assert_eq!(log::on_phone(&crate::trace::What::Booted {}), OnPhone::Inferred);
}
