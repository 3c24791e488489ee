//! How fast the simulator is, with metrics on: `cargo bench`. Results and how they were measured are in
//! `docs/performance.md`.
#![allow(missing_docs)]

use divan::Bencher;
use divan::counter::ItemsCount;
use holdline::run::{Options, play};
use holdline::scenario::{Override, Presets, Scenario, decode, decode_all, is_fragment};

fn main() {
    divan::main();
}

/// 600 s keep-alives, each with a ping and a pong: three events. The phone sleeps in between.
const KEEP_ALIVES: &str = r#"
name = "keep-alives for a year"
duration = "365d"
[platform]
use = "ios-9"
set = { keep-alive.early-at-most = "0%" }
[client]
use = "workload"
[network]
use = "workload"
[server]
use = "workload"
[[step]]
at = "10s"
do = "user.lock"
"#;

/// What a fleet has besides: a push every half hour, and a server that restarts at noon.
const FLEET: &str = r#"
[[step]]
every = "30m"
do = "server.push"
push = "news"
[[step]]
at = "12h"
do = "server.restart"
how = "process"
down-for = "30s"
"#;

fn scenario(text: &str, overrides: &[(&str, &str)]) -> Scenario {
    let overrides: Vec<_> =
        overrides.iter().map(|(key, value)| Override::new(*key, *value)).collect();
    decode(text, &Presets::built_in(), &overrides).unwrap_or_else(|errors| panic!("{errors:?}"))
}

/// Items are logical events: firings of the client's timers and handlers, and arrivals of frames.
fn bench(bencher: Bencher<'_, '_>, scenario: &Scenario) {
    let options = Options::of(scenario);
    let events = play(scenario, options).totals.logical_events();
    bencher.counter(ItemsCount::new(events)).bench(|| play(scenario, options));
}

#[divan::bench(sample_count = 20)]
fn one_device_one_year(bencher: Bencher<'_, '_>) {
    bench(bencher, &scenario(KEEP_ALIVES, &[]));
}

/// A tenth of the time in a tenth of the year: nothing grows with the length of a run.
#[divan::bench(sample_count = 50)]
fn one_device_a_tenth_of_a_year(bencher: Bencher<'_, '_>) {
    bench(bencher, &scenario(KEEP_ALIVES, &[("duration", "876h")]));
}

#[divan::bench(sample_count = 10)]
fn a_thousand_devices_a_day(bencher: Bencher<'_, '_>) {
    let text = format!("{KEEP_ALIVES}{FLEET}");
    bench(bencher, &scenario(&text, &[("duration", "24h"), ("devices", "1000")]));
}

/// The floor: the same year of timers and messages with nothing behind them. A heap of times, one
/// latency drawn for each message, three counters; no phone, no TCP, no client, no metrics.
#[divan::bench(sample_count = 20)]
fn floor_one_device_one_year(bencher: Bencher<'_, '_>) {
    bencher.counter(ItemsCount::new(3 * YEAR / PERIOD)).bench(floor);
}

const YEAR: u64 = 365 * 86_400 * 1_000_000;
const PERIOD: u64 = 600 * 1_000_000;

fn floor() -> [u64; 3] {
    use holdline::port::{Draws, Purpose, Time};
    use std::cmp::Reverse;
    use std::collections::BinaryHeap;

    let draws = Draws::new(1, 1);
    let latency = |at: u64| {
        let draw = draws.draw(Purpose::Latency, Time::from_micros(at), 0);
        20_000 + ((u128::from(draw) * 60_000) >> 64) as u64
    };
    let mut counts = [0u64; 3];
    let mut queue = BinaryHeap::from([Reverse((PERIOD, 0usize))]);
    while let Some(Reverse((at, kind))) = queue.pop() {
        if at >= YEAR {
            break;
        }
        counts[kind] += 1;
        if kind == 0 {
            queue.push(Reverse((at + PERIOD, 0)));
        }
        if kind < 2 {
            queue.push(Reverse((at + latency(at), kind + 1)));
        }
    }
    counts
}

/// Every bundled scenario once, one after the other, decoding included.
#[divan::bench(sample_count = 20)]
fn all_bundled_scenarios(bencher: Bencher<'_, '_>) {
    let root = std::path::Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios"));
    let mut texts = Vec::new();
    for folder in std::fs::read_dir(root).expect("scenarios").flatten() {
        for file in std::fs::read_dir(folder.path()).into_iter().flatten().flatten() {
            if file.path().extension().is_some_and(|ending| ending == "toml") {
                let text = std::fs::read_to_string(file.path()).expect("a scenario");
                if !is_fragment(&text) {
                    texts.push((file.path(), text));
                }
            }
        }
    }
    bencher.counter(ItemsCount::new(texts.len())).bench(|| {
        for (path, text) in &texts {
            let files = |file: &str| -> Result<Vec<u8>, String> {
                std::fs::read(path.with_file_name(file)).map_err(|error| error.to_string())
            };
            let library = Presets { files };
            for scenario in decode_all(text, &library, &[]).expect("a valid scenario") {
                divan::black_box(play(&scenario, Options::of(&scenario)));
            }
        }
    });
}
