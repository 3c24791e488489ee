//! The agent on this machine, without a model of iOS, with the built-in client or somebody else's, and a real server.
#![cfg(feature = "live")]
// Real sockets and threads.
#![allow(clippy::disallowed_types, clippy::disallowed_methods)]

mod app;
mod bench;
mod streams;

use app::Caller;
use bench::{Bench, client};
use holdline::port::{Callback, LaunchReason};
use holdline::server::DropHow;

const LAUNCHED: Callback = Callback::Launched(LaunchReason::User);

#[test]
fn the_built_in_client_connects_receives_acknowledges_and_comes_back() {
    let mut bench = Bench::start(client());
    bench.agent.callback(LAUNCHED);
    bench.until("connected", |bench| bench.count("client.connected") == 1);
    bench.server.push("call");
    bench.until("acknowledged", |bench| bench.server.waiting() == 0);
    assert_eq!(bench.count("push-received"), 1);
    bench.server.drop_connection(DropHow::Fin);
    bench.until("connected again", |bench| bench.count("client.connected") == 2);
    assert_eq!(bench.count("client.disconnected"), 1);
    bench.server.drop_connection(DropHow::Reset);
    bench.until("connected a third time", |bench| bench.count("client.connected") == 3);
    bench.server.push("call again");
    bench.until("acknowledged", |bench| bench.server.waiting() == 0);
    assert_eq!(bench.count("push-received"), 2);
    bench.is_a_trace();
}

#[test]
fn a_service_type_and_a_handler_that_no_phone_gives_are_told_so_and_harm_nothing() {
    let mut bench = Bench::start(client());
    bench.agent.callback(LAUNCHED);
    bench.agent.callback(Callback::EnteredBackground);
    bench.until("connected", |bench| bench.count("client.connected") == 1);
    let records = bench.records();
    let told = |event: &str, field: &str, value: bool| {
        let is = |record: &&holdline::trace::Record| record.event == event;
        let mut all = records.iter().filter(is).map(|record| record.field(field));
        let expected = holdline::trace::Datum::Flag(value);
        assert!(all.clone().count() > 0 && all.all(|found| found == Some(&expected)), "{event}");
    };
    told("set-service-type", "taken", false);
    told("set-keep-alive-timeout", "installed", false);
    assert_eq!(bench.count("keep-alive-refused"), 1);
    assert_eq!(bench.count("legacy-call"), 2, "one for the stream, one for the handler");
}

#[test]
fn an_app_that_somebody_else_wrote_runs_as_it_is() {
    let mut bench = Bench::start(Caller::default());
    bench.agent.callback(LAUNCHED);
    bench.until("connected", |bench| bench.count("client.connected") == 1);
    bench.server.push("ring");
    bench.until("acknowledged", |bench| bench.server.waiting() == 0);
    bench.server.drop_connection(DropHow::Fin);
    bench.until("connected again", |bench| bench.count("client.connected") == 2);
    assert_eq!(bench.count("not-notified"), 1, "nobody sees a notification here");
    bench.is_a_trace();
}

#[test]
fn an_app_that_exits_is_over_and_the_last_line_says_so() {
    let mut bench = Bench::start(Caller::that_exits_at(1));
    bench.agent.callback(LAUNCHED);
    assert_eq!(bench.run_to_the_end(), 7);
    let records = bench.records();
    let last: Vec<&str> = records.iter().rev().take(2).map(|record| &*record.event).collect();
    assert_eq!(last, ["exit", "callback-returned"]);
    // Nothing is told to what has ended.
    bench.agent.callback(Callback::BecameActive);
    assert_eq!(bench.records().len(), records.len());
}
