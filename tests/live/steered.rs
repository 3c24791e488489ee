//! A run over real sockets that is steered: what time does between two commands, and when steps act.

use std::sync::Arc;
use std::time::Duration;

use holdline::live::world::{Aside, LiveError, LiveOptions, News, Pace, Reached, Until};
use holdline::port::{Span, Time};
use holdline::scenario::{Presets, Scenario, decode};
use holdline::trace::{Event, Pattern};

const BEGIN: &str = r#"
name     = "steered"
duration = "1h"
[platform]
use = "ios-9"
[network]
use = "ideal"
[client]
use = "ping-in-handler"
"#;

fn scenario(more: &str) -> Arc<Scenario> {
    Arc::new(decode(&format!("{BEGIN}{more}"), &Presets::built_in(), &[]).unwrap())
}

fn at(secs: u64) -> Time {
    Span::from_secs(secs).from_start()
}

fn open(pace: Pace) -> (Aside, News) {
    Aside::open(scenario(""), LiveOptions::new(1, pace)).unwrap()
}

fn go(aside: &mut Aside, until: Until) -> (Reached, News) {
    aside.advance(until, &|| false).unwrap()
}

fn until(aside: &mut Aside, pattern: &str) -> (Reached, News) {
    go(aside, Until::Event(Pattern::parse(pattern).unwrap()))
}

fn when(events: &[Event], name: &str) -> Vec<Time> {
    events.iter().filter(|event| event.what.name() == name).map(|event| event.at).collect()
}

const LOCK: &str = "[[step]]\nat = \"10s\"\ndo = \"user.lock\"\n";
const PUSH: &str = "[[step]]\nat = \"20m\"\ndo = \"server.push\"\npush = \"ring\"\n";

#[test]
fn a_clock_that_jumps_stands_still_between_two_commands_and_steps_act_when_they_say() {
    let (mut aside, news) = open(Pace::Jumps);
    assert_eq!(news.now, Time::ZERO);
    let (reached, news) = go(&mut aside, Until::Time(at(10)));
    assert_eq!((reached, news.now), (Reached::Time, at(10)));
    assert_eq!(when(&news.events, "client.connected").len(), 1);
    // Only so that there is time in which it could run on.
    std::thread::sleep(Duration::from_millis(50));
    aside.release().unwrap();
    assert_eq!(aside.look().unwrap().now, at(10), "it stands still while nobody commands");
    let news = aside.go_on_with(scenario(LOCK), at(10)).unwrap();
    assert_eq!(when(&news.events, "step"), [at(10)]);
    let (reached, news) = until(&mut aside, "state to=suspended");
    assert_eq!(reached, Reached::Seen);
    assert!(news.now < at(60), "{:?}", news.now);
    assert_eq!(when(&news.events, "state").last(), Some(&news.now));
    // A step that acts later is planned, and what waits for its event goes on to it.
    let news = aside.renew(scenario(&format!("{LOCK}{PUSH}"))).unwrap();
    assert!(news.events.is_empty() && news.now < at(60));
    let (reached, news) = until(&mut aside, "push-received push=ring");
    assert_eq!(
        (reached, when(&news.events, "server.push-accepted")),
        (Reached::Seen, vec![at(1_200)])
    );
    let (reached, news) = until(&mut aside, "kill");
    assert_eq!((reached, news.now), (Reached::End, at(3_600)), "it ends where the scenario does");
}

#[test]
fn a_clock_that_goes_with_the_machines_runs_on_until_a_command_holds_it() {
    let (mut aside, _) = open(Pace::Times(20));
    let mut seen = Vec::new();
    let news = loop {
        let news = aside.look().unwrap();
        aside.release().unwrap();
        seen.extend(news.events.iter().map(|event| event.what.name()));
        if seen.contains(&"client.connected") && news.now > at(1) {
            break aside.look().unwrap();
        }
        std::thread::yield_now();
    };
    // It was not told to go on, and did. While it is held, a step acts when it was meant to.
    let moment = news.now;
    std::thread::sleep(Duration::from_millis(30));
    let lock = format!("[[step]]\nat = \"{}us\"\ndo = \"user.lock\"\n", moment.as_micros());
    let news = aside.go_on_with(scenario(&lock), moment).unwrap();
    assert_eq!(when(&news.events, "step"), [moment]);
}

#[test]
fn an_interrupt_ends_a_command_that_waits_for_what_does_not_come() {
    let (mut aside, _) = open(Pace::Times(1));
    let pattern = Pattern::parse("kill").unwrap();
    let (reached, news) = aside.advance(Until::Event(pattern), &|| true).unwrap();
    assert_eq!(reached, Reached::Interrupted);
    assert!(news.now < at(3_600));
    let (reached, _) = go(&mut aside, Until::Time(news.now + Span::from_millis(100)));
    assert_eq!(reached, Reached::Time, "the next command is not interrupted");
}

#[test]
fn time_does_not_go_back_when_a_command_is_interrupted() {
    let (mut aside, mut news) = open(Pace::Times(20));
    let (mut connected, mut quiet) = (false, false);
    // Until nothing happened for a while: the last event lies behind then.
    while !(connected && quiet) {
        connected |= !when(&news.events, "client.connected").is_empty();
        let before = news.now;
        aside.release().unwrap();
        std::thread::sleep(Duration::from_millis(5));
        news = aside.look().unwrap();
        quiet = news.events.is_empty() && news.now > before;
    }
    let pattern = Pattern::parse("kill").unwrap();
    let (reached, after) = aside.advance(Until::Event(pattern), &|| true).unwrap();
    assert_eq!((reached, after.events), (Reached::Interrupted, Vec::new()));
    assert!(after.now > news.now, "{} and then {}", news.now, after.now);
}

#[test]
fn what_real_sockets_cannot_show_is_refused_and_nothing_changes() {
    let (mut aside, _) = open(Pace::Times(200));
    let expects =
        format!("{PUSH}[[expect]]\nthat = \"push-received\"\npush = \"ring\"\nwithin = \"1s\"\n");
    let error = aside.renew(scenario(&expects)).unwrap_err();
    assert!(matches!(error, LiveError::TooFast { speed: 200, .. }), "{error}");
    let waits = "[[step]]\nafter = \"retransmitted\"\ndo = \"user.lock\"\n";
    let error = aside.go_on_with(scenario(waits), at(1)).unwrap_err();
    assert!(matches!(error, LiveError::Unsupported(_)), "{error}");
    // Steps count from those that were taken.
    let news = aside.look().unwrap();
    let moment = news.now;
    let lock = format!("[[step]]\nat = \"{}us\"\ndo = \"user.lock\"\n", moment.as_micros());
    let news = aside.go_on_with(scenario(&lock), moment).unwrap();
    assert_eq!(when(&news.events, "step"), [moment]);
}
