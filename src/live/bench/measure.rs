//! One run against one kind of server: processes are started, ordered about, looked at, and ended.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::process::Command;
use std::thread::sleep;
use std::time::Duration;

use super::child::{Children, Running};
use super::error::BenchError;
use super::machine::{Memory, memory, processor_time};
use super::orders::{Answer, Done, Kind, Order, Setup};
use super::plan::{Plan, Server, Shares, part};
use super::pool::FROM_ONE_ADDRESS;
use super::rows::Row;

/// Enough for a process to start on a busy machine.
const START: Duration = Duration::from_secs(20);
/// Generators give up by themselves when a server is silent; this is for one that hangs.
const ORDER: Duration = Duration::from_secs(900);
/// What a server does after the last answer, as returning memory, is over by then.
const REST: Duration = Duration::from_millis(300);
/// So many connections are being opened at once.
const CONNECTS_AT_ONCE: u32 = 64;

/// What publishers say to the servers that are started here.
const TOKEN: &str = "bench-server";

/// What one run measured.
pub(super) type Sample = BTreeMap<Row, f64>;

/// One run against a server of this kind.
pub(super) fn measure(
    plan: &Plan,
    shares: Shares,
    kind: Kind,
    children: &Children,
) -> Result<Sample, BenchError> {
    let servers = Servers::start(plan, shares, kind, children)?;
    let mut generators = Generators::start(plan, shares, &servers, children)?;
    if let Some(token) = &servers.token {
        generators.one(&Order::Authorise { token: token.clone() })?;
    }
    sleep(REST);
    let mut sample = Sample::new();
    let many = f64::from(plan.connections);
    let before = memory(&servers.pids);
    let (connects, processor) =
        servers.watch(|| generators.all(|_| Order::Connect { at_once: CONNECTS_AT_ONCE }))?;
    put_rate(&mut sample, Row::Connects, &connects);
    put_latency(&mut sample, Row::ConnectLatency99, &connects, 0.99);
    put(&mut sample, Row::ConnectProcessor, processor.map(|nanos| nanos / 1e3 / many));
    sleep(REST);
    let idle = memory(&servers.pids);
    let grown = |now: Option<Memory>, of: fn(Memory) -> u64| {
        before.zip(now).map(|(then, now)| (of(now) as f64 - of(then) as f64) / many)
    };
    put(&mut sample, Row::Anonymous, grown(idle, |memory| memory.anonymous));
    put(&mut sample, Row::Resident, grown(idle, |memory| memory.resident));

    let round = |generators: &mut Generators, round: u32| {
        generators.all(|n| Order::OneToAll { round, payload: plan.payload, begins: n == 0 })
    };
    // The first one pays for what is allocated then.
    round(&mut generators, 1)?;
    let (deliveries, processor) = servers.watch(|| {
        let mut sum = Done::default();
        for n in 0..plan.rounds {
            sum.merge(&round(&mut generators, n + 2)?);
        }
        Ok(sum)
    })?;
    put_rate(&mut sample, Row::OneToAll, &deliveries);
    put_latency(&mut sample, Row::OneToAllLatency50, &deliveries, 0.5);
    put_latency(&mut sample, Row::OneToAllLatency99, &deliveries, 0.99);
    let each = processor.map(|nanos| nanos / 1e3 / deliveries.count as f64);
    put(&mut sample, Row::OneToAllProcessor, each);
    let theirs = deliveries.cpu.map(|nanos| nanos as f64).zip(processor);
    let share = theirs.map(|(theirs, servers)| 100.0 * theirs / (theirs + servers));
    put(&mut sample, Row::GeneratorShare, share);
    sleep(REST);
    let after = memory(&servers.pids);
    put(&mut sample, Row::AnonymousAfter, grown(after, |memory| memory.anonymous));

    let (messages, window, payload) = (plan.messages, plan.window, plan.payload);
    let (stream, processor) =
        servers.watch(|| generators.one(&Order::OneToOne { messages, window, payload }))?;
    put_rate(&mut sample, Row::OneToOne, &stream);
    put_latency(&mut sample, Row::OneToOneLatency50, &stream, 0.5);
    put_latency(&mut sample, Row::OneToOneLatency99, &stream, 0.99);
    let each = processor.map(|nanos| nanos / 1e3 / f64::from(messages));
    put(&mut sample, Row::OneToOneProcessor, each);

    let pings = generators.one(&Order::Pings { count: plan.pings, at_once: 1 })?;
    put_rate(&mut sample, Row::Pings, &pings);
    put_latency(&mut sample, Row::PingLatency50, &pings, 0.5);
    put_latency(&mut sample, Row::PingLatency99, &pings, 0.99);
    let pings = generators.one(&Order::Pings { count: plan.pings, at_once: plan.at_once })?;
    put_rate(&mut sample, Row::PingsAtOnce, &pings);
    put_latency(&mut sample, Row::PingsAtOnceLatency99, &pings, 0.99);
    generators.all(|_| Order::Settle)?;
    Ok(sample)
}

fn put(sample: &mut Sample, row: Row, value: Option<f64>) {
    if let Some(value) = value {
        sample.insert(row, value);
    }
}

fn put_rate(sample: &mut Sample, row: Row, done: &Done) {
    let nanos = done.ended.saturating_sub(done.began).max(1);
    sample.insert(row, done.count as f64 * 1e9 / nanos as f64);
}

fn put_latency(sample: &mut Sample, row: Row, done: &Done, share: f64) {
    put(sample, row, done.latencies.quantile(share).map(|nanos| nanos as f64 / 1e3));
}

/// The servers of one run.
struct Servers {
    kind: Kind,
    addresses: Vec<SocketAddr>,
    token: Option<String>,
    /// Whose memory and time are looked at.
    pids: Vec<u32>,
    _running: Vec<Running>,
}

impl Servers {
    fn start(
        plan: &Plan,
        shares: Shares,
        kind: Kind,
        children: &Children,
    ) -> Result<Servers, BenchError> {
        if let (Kind::Holdline, Server::Running { address, token, pid }) = (kind, &plan.server) {
            let (addresses, pids) = (vec![*address], pid.iter().copied().collect());
            let token = Some(token.clone());
            return Ok(Servers { kind, addresses, token, pids, _running: Vec::new() });
        }
        let token = match kind {
            Kind::Echo => None,
            Kind::Holdline => Some(TOKEN.to_owned()),
        };
        let mut running = Vec::new();
        let mut addresses = Vec::new();
        for _ in 0..shares.servers {
            let mut server = children.start(command(plan, kind))?;
            addresses.push(address(kind, &mut server)?);
            running.push(server);
        }
        let pids = running.iter().map(Running::pid).collect();
        Ok(Servers { kind, addresses, token, pids, _running: running })
    }

    /// Does something and says how much processor time the servers took meanwhile, in nanoseconds.
    fn watch<T>(
        &self,
        act: impl FnOnce() -> Result<T, BenchError>,
    ) -> Result<(T, Option<f64>), BenchError> {
        let before = processor_time(&self.pids);
        let done = act()?;
        let after = processor_time(&self.pids);
        Ok((done, before.zip(after).map(|(before, after)| after.saturating_sub(before) as f64)))
    }
}

/// How a server is started.
fn command(plan: &Plan, kind: Kind) -> Command {
    let mut command = Command::new(&plan.program);
    match kind {
        Kind::Echo => command.args(["bench-server", "--child", "echo"]),
        Kind::Holdline => {
            // Every connection comes from this machine; publishers come on top.
            let most = (plan.connections + 64).to_string();
            command.args(["serve", "--listen", "127.0.0.1:0", "--token", TOKEN]);
            command.args(["--max-connections", &most, "--max-per-address", &most]);
            command.args(["--max-devices", &most])
        }
    };
    command
}

/// Where a server that was just started says it listens.
fn address(kind: Kind, server: &mut Running) -> Result<SocketAddr, BenchError> {
    let line = server.hear(START)?;
    let word = line.split_whitespace().last().unwrap_or_default();
    word.parse().map_err(|_| {
        let name = kind.name();
        BenchError::Failed(format!("the {name} server does not say where it listens: {line}"))
    })
}

/// The generators of one run.
struct Generators(Vec<Running>);

impl Generators {
    fn start(
        plan: &Plan,
        shares: Shares,
        servers: &Servers,
        children: &Children,
    ) -> Result<Generators, BenchError> {
        let mut generators = Generators(Vec::new());
        let mut source = 2;
        for n in 0..shares.generators {
            let mut command = Command::new(&plan.program);
            command.args(["bench-server", "--child", "generator"]);
            let (first, count) = part(plan.connections, shares.generators, n);
            let setup = Setup {
                kind: servers.kind,
                servers: servers.addresses.clone(),
                first,
                count,
                everyone: plan.connections,
                source: cfg!(target_os = "linux").then_some(source),
            };
            source += count / FROM_ONE_ADDRESS + 2;
            let mut generator = children.start(command)?;
            generator.tell(&encode(&setup)?)?;
            generators.0.push(generator);
        }
        Ok(generators)
    }

    /// What came of an order to the first one.
    fn one(&mut self, order: &Order) -> Result<Done, BenchError> {
        let Some(first) = self.0.first_mut() else { return Ok(Done::default()) };
        first.tell(&encode(order)?)?;
        hear(first)
    }

    /// What came of an order to all; the first one, which publishes, gets it last.
    fn all(&mut self, order: impl Fn(usize) -> Order) -> Result<Done, BenchError> {
        for (n, generator) in self.0.iter_mut().enumerate().rev() {
            generator.tell(&encode(&order(n))?)?;
        }
        let mut sum = Done::default();
        for generator in &mut self.0 {
            sum.merge(&hear(generator)?);
        }
        Ok(sum)
    }
}

fn encode(order: &impl serde::Serialize) -> Result<String, BenchError> {
    serde_json::to_string(order).map_err(|error| BenchError::Failed(error.to_string()))
}

fn hear(generator: &mut Running) -> Result<Done, BenchError> {
    let line = generator.hear(ORDER)?;
    let answer: Answer = serde_json::from_str(&line)
        .map_err(|error| BenchError::Failed(format!("no answer: {line}: {error}")))?;
    answer.map_err(BenchError::Failed)
}
