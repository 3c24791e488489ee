//! The agent on any machine, as a process, with a host that these tests play.

// These tests wait for other processes.
#![allow(clippy::disallowed_types, clippy::disallowed_methods)]

mod host;
#[cfg(feature = "live")]
mod server;
#[cfg(feature = "live")]
mod through;
mod usage;

use holdline::device::protocol::{LOG_FILE, ToAgent, ToHost, VERSION};
use host::{Agent, Host, RUN, TOKEN};

/// Nobody is there.
const NOWHERE: &str = "127.0.0.1:9";

const LONG_RUN: &str = "name = \"an hour\"\nduration = \"1h\"\n\
    [[step]]\nat = \"1m\"\ndo = \"user.background\"\n\
    [[step]]\nat = \"2m\"\ndo = \"network.silence\"\non = true\n\
    [[step]]\nat = \"3m\"\ndo = \"server.push\"\npush = \"x\"\n";

#[test]
fn the_first_line_is_a_hello_with_the_nonce_and_the_token_of_the_run() {
    let (host, dir) = (Host::listen(), tempfile::tempdir().unwrap());
    let _agent = Agent::start(&host, dir.path(), &[]);
    let said = host.accept().next();
    let ToHost::Hello { version, run, token, process, about, clocks } = said else {
        panic!("{said:?}")
    };
    assert_eq!((version, run.as_str(), token.as_str(), process), (VERSION, RUN, TOKEN, 1));
    assert_eq!((about.backend.as_str(), clocks.continuous), ("std", 0));
    assert!(about.triple.contains(std::env::consts::ARCH), "{about:?}");
}

#[test]
fn orders_start_the_app_and_what_is_no_act_of_a_phone_is_refused() {
    let (host, dir) = (Host::listen(), tempfile::tempdir().unwrap());
    let agent = Agent::start(&host, dir.path(), &[]);
    let talk = host.accept();
    talk.order(host.orders(LONG_RUN, NOWHERE, 1));
    assert!(talk.event("process-started").contains("\"reason\":\"user\""));
    talk.event("\"event\":\"callback\"");
    talk.say(&ToAgent::Do { n: 1, step: 0, member: 0 });
    assert_eq!(talk.done(1), None);
    for (n, step, why) in [(2, 1, "proxy of the host"), (3, 2, "push server"), (4, 9, "no step 9")]
    {
        talk.say(&ToAgent::Do { n, step, member: 0 });
        let refused = talk.done(n).unwrap();
        assert!(refused.contains(why), "{refused}");
    }
    talk.say(&ToAgent::Clock { n: 7 });
    let clocks = talk.find(|said| {
        let ToHost::Clock { n: 7, clocks } = said else { return None };
        Some(clocks)
    });
    assert!(clocks.continuous > 0 && clocks.uptime == clocks.continuous, "{clocks:?}");
    talk.say(&ToAgent::End);
    assert_eq!(agent.ended(), Some(0));
}

#[test]
fn what_was_done_once_is_not_done_again_when_it_is_asked_for_again() {
    let (host, dir) = (Host::listen(), tempfile::tempdir().unwrap());
    let _agent = Agent::start(&host, dir.path(), &[]);
    let talk = host.accept();
    let toml = "name = \"x\"\nduration = \"1h\"\n[[step]]\nat = \"1m\"\ndo = \"phone.charger\"\n\
                connected = true\n";
    talk.order(host.orders(toml, NOWHERE, 1));
    for _ in 0..3 {
        talk.say(&ToAgent::Do { n: 1, step: 0, member: 0 });
        assert_eq!(talk.done(1), None);
    }
    assert_eq!(talk.log(0).matches("\"charger\"").count(), 1);
}

#[test]
fn a_host_that_went_away_gets_what_it_missed() {
    let (host, dir) = (Host::listen(), tempfile::tempdir().unwrap());
    let agent = Agent::start(&host, dir.path(), &[]);
    let talk = host.accept();
    // A client that nobody answers tries again and again: there is always more.
    let orders = host.orders(LONG_RUN, NOWHERE, 600);
    talk.order(orders.clone());
    let mut known = String::new();
    while known.len() < 2_000 {
        if let ToHost::Event { at, line } = talk.next() {
            // The header came before the first event.
            if known.is_empty() {
                known = "x".repeat(at as usize);
            }
            assert_eq!(at, known.len() as u64);
            known.push_str(&line);
            known.push('\n');
        }
    }
    talk.close();
    let talk = host.accept();
    let ToHost::Hello { process, about, clocks, .. } = talk.order(orders) else {
        panic!("no hello")
    };
    assert!(process == 1 && clocks.continuous > 0 && about.os.starts_with("ios"), "{about:?}");
    let missed = talk.log(known.len() as u64);
    assert!(!missed.is_empty());
    talk.say(&ToAgent::End);
    assert_eq!(agent.ended(), Some(0));
    let log = std::fs::read_to_string(dir.path().join(LOG_FILE)).unwrap();
    let header = log.find('\n').unwrap() + 1;
    let whole = known + &missed;
    assert!(log[header..].starts_with(&whole[header..]));
}

#[test]
fn a_process_that_was_killed_leaves_whole_lines_and_the_next_goes_on_in_the_run() {
    let (host, dir) = (Host::listen(), tempfile::tempdir().unwrap());
    let agent = Agent::start(&host, dir.path(), &[]);
    let talk = host.accept();
    let orders = host.orders(LONG_RUN, NOWHERE, 600);
    talk.order(orders.clone());
    talk.event("\"event\":\"backing-off\"");
    agent.kill();
    let before = std::fs::read_to_string(dir.path().join(LOG_FILE)).unwrap();
    let agent = Agent::start(&host, dir.path(), &[]);
    let talk = host.accept();
    let ToHost::Hello { process, .. } = talk.order(orders) else { panic!("no hello") };
    assert_eq!(process, 2);
    talk.event("\"event\":\"backing-off\"");
    talk.say(&ToAgent::End);
    assert_eq!(agent.ended(), Some(0));
    let log = std::fs::read_to_string(dir.path().join(LOG_FILE)).unwrap();
    assert!(log.starts_with(&before) && log.ends_with('\n'));
    let mut last = 0;
    for line in log.lines().filter(|line| !line.contains("\"format\"")) {
        let record = holdline::trace::read_record(line.as_bytes()).unwrap();
        assert!(record.at.as_micros() >= last, "{line}");
        last = record.at.as_micros();
    }
    assert_eq!(log.matches("\"event\":\"process-started\"").count(), 2);
}
