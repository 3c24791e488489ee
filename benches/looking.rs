//! How long it takes to look at a day of one device: the files that `holdline run` writes of it, and to go back
//! over it in a session. Run with `cargo bench --bench looking`.

use holdline::repl::{Interrupt, NoFiles, Opening, Session};
use holdline::report::{Entry, Run, Subject, html, pcap, perfetto, timeline};
use holdline::run::{Mode, Options, play};
use holdline::scenario::{Presets, decode};

fn main() {
    divan::main();
}

/// A day: a phone in a pocket behind a carrier that forgets, a server that keeps it awake, a call every ten minutes.
const DAY: &str = r#"
name = "a day"
duration = "24h"
[platform]
use = "ios-9"
[network]
use = "carrier-270s"
[server]
set = { heartbeat.interval = "4m" }
[[step]]
at = "10s"
do = "user.lock"
[[step]]
every = "10m"
do = "server.push"
push = "call"
[[expect]]
that = "push-received"
push = "call"
within = "5s"
"#;

fn entry() -> Entry {
    let scenario = decode(DAY, &Presets::built_in(), &[]).expect("a scenario");
    let options = Options { seed: 1, mode: Mode::default(), trace: true };
    let mut outcome = play(&scenario, options);
    let events = outcome.events.take();
    let (sentence, reproduce) = (String::new(), String::new());
    let run = Run { outcome, sentence, reproduce, determinism: None };
    let (group, stem, file) = (String::new(), "day".into(), "day.toml".into());
    let subject = Subject { group, stem, file, text: DAY.to_owned(), scenario };
    Entry { subject, runs: vec![run], detail: String::new(), events, baseline: None }
}

#[divan::bench]
fn html_page(bencher: divan::Bencher<'_, '_>) {
    let entries = [entry()];
    bencher.bench_local(|| html::html(&entries).expect("a page").len());
}

#[divan::bench]
fn perfetto_trace(bencher: divan::Bencher<'_, '_>) {
    let entry = entry();
    let events = entry.events.as_deref().expect("events");
    bencher.bench_local(|| perfetto::perfetto(&entry, events).len());
}

#[divan::bench]
fn packet_capture(bencher: divan::Bencher<'_, '_>) {
    let entry = entry();
    let events = entry.events.as_deref().expect("events");
    bencher.bench_local(|| {
        let mut out = Vec::new();
        pcap::pcap(&entry.subject.scenario, 1, events, &mut out).expect("a capture");
        out.len()
    });
}

#[divan::bench]
fn timeline_of_80_columns(bencher: divan::Bencher<'_, '_>) {
    let entry = entry();
    let events = entry.events.as_deref().expect("events");
    bencher.bench_local(|| timeline::draw(&entry.subject.scenario, events, 80).len());
}

/// `back 1m` from the end of the day: the whole of it is played again.
#[divan::bench]
fn back_over_the_day(bencher: divan::Bencher<'_, '_>) {
    let opening = Opening { text: Some(DAY.to_owned()), ..Opening::default() };
    let mut session = Session::open(opening, Box::new(NoFiles)).expect("a session");
    let interrupt = Interrupt::new();
    let mut out = String::new();
    session.execute("goto 24h", &mut out, &interrupt).expect("the end");
    bencher.bench_local(|| {
        out.clear();
        session.execute("back 1m", &mut out, &interrupt).expect("earlier");
        session.execute("advance 1m", &mut out, &interrupt).expect("later");
    });
}
