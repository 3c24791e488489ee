//! A whole scenario through the agent, against the real push server: what it writes is what a phone would notice
//! of the same scenario in the simulator.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use holdline::device::agent::SHORTEST_GAP;
use holdline::device::agent::orders::scenario;
use holdline::device::agent::unseen::Unseen;
use holdline::device::protocol::{LOG_FILE, ToAgent, ToHost};
use holdline::port::Span;
use holdline::run::{Mode, Options, play};
use holdline::scenario::{Act, Scenario, When};
use holdline::trace::{Event, Lane, OnPhone, Record, Shape, What, read_record};

use super::host::{Agent, Conversation, Host};
use super::server::Server;

const SPEED: u32 = 60;

/// A real machine is late, and time passes sixty times as fast: this is a sixth of a second.
const LATE: Span = Span::from_secs(10);

const SUSPENDED: &str = r#"
name = "a push while suspended, then the server closes"
duration = "5m"
[platform]
use = "ios-9"
[[step]]
at = "20s"
do = "user.background"
[[step]]
at = "100s"
do = "server.push"
push = "invite"
[[step]]
at = "150s"
do = "server.drop"
how = "fin"
[[step]]
at = "200s"
do = "network.switch"
to = "cellular"
[[step]]
at = "240s"
do = "user.foreground"
"#;

const ENDED: &str = r#"
name = "the app crashes, and the phone boots again"
duration = "5m"
[platform]
use = "ios-9"
[network.set]
attach = "500ms"
[client.set]
"reconnect.jitter" = "none"
[[step]]
at = "20s"
do = "app.exit"
code = 1
[[step]]
at = "60s"
do = "user.lock"
[[step]]
at = "120s"
do = "server.push"
push = "invite"
[[step]]
at = "150s"
do = "phone.reboot"
[[step]]
at = "240s"
do = "user.unlock"
[[step]]
at = "250s"
do = "user.foreground"
"#;

const MOVED: &str = r#"
name = "the phone leaves the network and comes back"
duration = "5m"
[platform]
use = "ios-9"
[network.set]
attach = "500ms"
[client.set]
"reconnect.jitter" = "none"
"ping.interval" = "20s"
[[step]]
at = "30s"
do = "network.airplane"
on = true
[[step]]
at = "90s"
do = "network.airplane"
on = false
[[step]]
at = "150s"
do = "network.readdress"
[[step]]
at = "200s"
do = "phone.voice-call"
on = true
[[step]]
at = "230s"
do = "phone.charger"
connected = true
[[step]]
at = "250s"
do = "app.hang"
lasts = "5s"
"#;

/// What a phone notices of a run in the simulator, and how often it would notice that it had not run.
fn simulated(scenario: &Scenario) -> (Vec<Record>, usize) {
    let options = Options { seed: 1, mode: Mode::Apart, trace: true };
    let mut unseen = Unseen::default();
    let mut events = Vec::new();
    for event in play(scenario, options).events.unwrap() {
        if let What::State { to, .. } = event.what {
            unseen.state(to, event.at);
            events.push(event);
            events.extend(unseen.seen());
        } else if !unseen.keeps(&event) {
            events.push(event);
        }
    }
    let (mut suspended, mut again) = (None, 0);
    for event in &events {
        if let What::State { from, to } = event.what {
            use holdline::port::AppState::Suspended;
            let since = suspended.take().filter(|_| from == Suspended && to.runs());
            again += usize::from(since.is_some_and(|since| event.at.since(since) >= SHORTEST_GAP));
            suspended = (to == Suspended).then_some(event.at);
        }
    }
    let noticed = |event: &&Event| {
        let info = What::TABLE.iter().find(|info| info.name == event.what.name()).unwrap();
        let steps = info.name == "step" || event.lane == Lane::Server;
        info.on_phone == OnPhone::Observed && !steps
    };
    let names = &scenario.names;
    let noticed = events.iter().filter(noticed).map(|event| Record::of(event, names));
    (noticed.collect(), again)
}

/// By lane, in order: what happens at one moment in two lanes may happen either way.
fn by_lane(records: &[Record]) -> BTreeMap<Lane, Vec<&Record>> {
    let mut lanes: BTreeMap<Lane, Vec<&Record>> = BTreeMap::new();
    for record in records {
        lanes.entry(record.lane).or_default().push(record);
    }
    lanes
}

fn told(records: &[&Record]) -> String {
    let line = |record: &Record| {
        let own = record.fields.iter().filter(|(name, _)| name != "uptime" && name != "wall");
        let own: Vec<String> = own.map(|(name, value)| format!("{name}={value:?}")).collect();
        format!("{} {} {}", record.at, record.event, own.join(" "))
    };
    records.iter().map(|record| line(record)).collect::<Vec<_>>().join("\n")
}

/// The record without its spans, which differ as times do.
fn exact(record: &Record) -> (String, Vec<(String, String)>) {
    let known = record.info().unwrap().fields;
    let fields = known.iter().filter(|info| info.shape != Shape::Span);
    let value = |name: &str| (name.to_owned(), format!("{:?}", record.field(name)));
    (record.event.to_string(), fields.map(|info| value(info.name)).collect())
}

fn drive(talk: &Conversation, server: &Server, scenario: &Scenario, began: Instant) {
    let mut said = Vec::new();
    for (step, entry) in scenario.steps.iter().enumerate() {
        let When::At(at) = &entry.when else { panic!("a step at a time") };
        let real = at.constant().unwrap().as_micros() / u64::from(SPEED);
        let due = began + Duration::from_micros(real);
        said.extend(std::iter::from_fn(|| talk.next_until(due)));
        if let Act::ServerPush { push, .. } = entry.act {
            server.does(move |hub, now| hub.push_as(1, push, "come", None, now));
        } else if let Act::ServerDrop { how } = entry.act {
            server.does(move |hub, now| {
                hub.on_session(1, now, |session, cx| session.drop_connection(how, cx));
            });
        } else {
            talk.say(&ToAgent::Do { n: step as u32, step, member: 0 });
            assert_eq!(talk.done(step as u32), None);
        }
    }
    let end = scenario.duration.as_micros() / u64::from(SPEED);
    let end = began + Duration::from_micros(end);
    said.extend(std::iter::from_fn(|| talk.next_until(end)));
    // By its port the phone's connection is known at the server.
    let port = |said: &ToHost| {
        let ToHost::Connection { port, .. } = said else { return None };
        Some(*port)
    };
    let told: Vec<u16> = said.iter().filter_map(port).collect();
    if let Some(port) = server.port() {
        assert!(told.contains(&port), "{port} is none of {told:?}");
    }
}

#[test]
fn a_suspended_app_that_is_woken_leaves_the_log_of_a_phone() {
    assert!(same_as_simulated(SUSPENDED) > 1, "it is woken more than once");
}

#[test]
fn an_app_that_ends_and_is_started_again_leaves_the_log_of_a_phone() {
    same_as_simulated(ENDED);
}

#[test]
fn a_phone_that_moves_leaves_the_log_of_a_phone() {
    same_as_simulated(MOVED);
}

/// Plays a scenario by the agent and in the simulator, and compares what a phone would notice, lane by lane; answers
/// how often it would notice that it had not run.
fn same_as_simulated(toml: &str) -> usize {
    let (host, dir) = (Host::listen(), tempfile::tempdir().unwrap());
    let mut orders = host.orders(toml, "", SPEED);
    let scenario = scenario(&orders.scenario).unwrap();
    let server = Server::start(&scenario, SPEED);
    orders.server = server.address.to_string();
    let agent = Agent::start(&host, dir.path(), &[]);
    let talk = host.accept();
    talk.order(orders);
    drive(&talk, &server, &scenario, Instant::now());
    talk.say(&ToAgent::End);
    assert_eq!(agent.ended(), Some(0));

    let log = std::fs::read_to_string(dir.path().join(LOG_FILE)).unwrap();
    let lines = log.lines().skip(1);
    let mut phone: Vec<Record> = lines.map(|l| read_record(l.as_bytes()).unwrap()).collect();
    let ran_again = phone.iter().filter(|record| record.event == "ran-again").count();
    phone.retain(|record| record.event != "ran-again");
    let (model, again) = simulated(&scenario);
    let (phone, model) = (by_lane(&phone), by_lane(&model));
    assert_eq!(phone.keys().collect::<Vec<_>>(), model.keys().collect::<Vec<_>>());
    for (lane, model) in model {
        let phone = &phone[&lane];
        let both = || format!("{lane}\n{}\n\n{}", told(phone), told(&model));
        let exactly = |records: &[&Record]| records.iter().map(|r| exact(r)).collect::<Vec<_>>();
        assert_eq!(exactly(phone), exactly(&model), "{}", both());
        for (here, there) in phone.iter().zip(&model) {
            let apart = here.at.since(there.at).max(there.at.since(here.at));
            assert!(apart < LATE, "{} is {apart:?} apart\n{}", here.event, both());
        }
    }
    assert_eq!(ran_again, again, "{log}");
    again
}
