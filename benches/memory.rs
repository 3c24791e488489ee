//! How many bytes a device takes: `cargo bench --bench memory`. The column `max alloc` of a thousand
//! devices that run together, less that of one, divided by 999.
#![allow(missing_docs, clippy::print_stderr)]

use divan::{AllocProfiler, Bencher};
use holdline::client::Client;
use holdline::run::{Mode, Options, play};
use holdline::scenario::{Presets, Scenario, decode};
use holdline::sim::Device;

#[global_allocator]
static ALLOCATIONS: AllocProfiler = AllocProfiler::system();

fn main() {
    eprintln!("a device's value: {} bytes", size_of::<Device<Client>>());
    divan::main();
}

fn scenario(devices: u32, hours: u32) -> Scenario {
    let text = format!(
        r#"
        name = "devices that sleep"
        duration = "{hours}h"
        devices = {devices}
        [client]
        use = "workload"
        [network]
        use = "workload"
        [server]
        use = "workload"
        [[step]]
        at = "10s"
        do = "user.lock"
        "#
    );
    decode(&text, &Presets::built_in(), &[]).unwrap_or_else(|errors| panic!("{errors:?}"))
}

#[divan::bench(args = [(1, 1), (1_000, 1), (1, 24), (1, 24 * 30)], sample_count = 5)]
fn devices_and_hours(bencher: Bencher<'_, '_>, (devices, hours): (u32, u32)) {
    let scenario = scenario(devices, hours);
    let options = Options { mode: Mode::Together, ..Options::of(&scenario) };
    bencher.bench(|| play(&scenario, options));
}
