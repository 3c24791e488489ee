//! The load generator: reads orders, drives its connections, answers what came of it.

use std::io::{BufRead, Write};
use std::time::Duration;

use super::error::{BenchError, Trying};
use super::machine;
use super::orders::{Answer, Done, Order, Setup};
use super::phases::{Connecting, Count, Pinging, Round, Silence, Stream, payload};
use super::pool::Pool;
use super::target::{Publisher, Target, fill};

/// So many lines are written before the answers to them are looked at.
const BATCH: usize = 64;
/// For so long nothing may come at the end.
const SILENCE: u64 = 100_000_000;

/// Follows the orders on standard input until they end.
pub fn generate() -> Result<(), BenchError> {
    let mut lines = std::io::stdin().lock().lines();
    let mut out = std::io::stdout();
    let mut generator: Option<Generator> = None;
    while let Some(line) = lines.next().transpose().trying(|| "cannot read an order".into())? {
        let answer = match &mut generator {
            Some(generator) => answer(generator, &line),
            None => {
                let setup = decode(&line).map_err(BenchError::Failed)?;
                generator = Some(Generator::new(setup)?);
                continue;
            }
        };
        let text = serde_json::to_string(&answer);
        let text = text.map_err(|error| BenchError::Failed(error.to_string()))?;
        writeln!(out, "{text}").and_then(|()| out.flush()).trying(|| "cannot answer".into())?;
    }
    Ok(())
}

fn decode<T: serde::de::DeserializeOwned>(line: &str) -> Result<T, String> {
    serde_json::from_str(line).map_err(|error| format!("no order: {line}: {error}"))
}

fn answer(generator: &mut Generator, line: &str) -> Answer {
    let me = [std::process::id()];
    let before = machine::processor_time(&me);
    let mut done = generator.follow(&decode(line)?)?;
    done.cpu = before.zip(machine::processor_time(&me)).map(|(before, after)| after - before);
    Ok(done)
}

struct Generator {
    setup: Setup,
    target: &'static Target,
    pool: Pool,
    /// How many connections at the front of the pool publish, one a server.
    publishers: usize,
}

impl Generator {
    fn new(setup: Setup) -> Result<Generator, BenchError> {
        let pool = Pool::new(setup.source).trying(|| "cannot wait for sockets".into())?;
        let target = Target::of(setup.kind);
        Ok(Generator { setup, target, pool, publishers: 0 })
    }

    fn follow(&mut self, order: &Order) -> Result<Done, String> {
        match order {
            Order::Authorise { token } => self.authorise(token),
            Order::Connect { at_once } => self.connect(*at_once),
            Order::OneToAll { round, payload, begins } => {
                self.one_to_all(*round, *payload, *begins)
            }
            Order::OneToOne { messages, window, payload } => {
                self.one_to_one(*messages, *window, *payload)
            }
            Order::Pings { count, at_once } => self.pings(*count, *at_once),
            Order::Settle => self.settle(),
        }
    }

    fn publisher(&self) -> Result<&'static Publisher, String> {
        self.target.publisher.as_ref().ok_or_else(|| "such a server has no publishers".into())
    }

    fn authorise(&mut self, token: &str) -> Result<Done, String> {
        let publisher = self.publisher()?;
        let hello = |_: usize, out: &mut Vec<u8>| fill(out, publisher.hello, &[("token", &token)]);
        self.publishers = self.setup.servers.len();
        self.open(self.publishers, &hello, 1)
    }

    fn connect(&mut self, at_once: u32) -> Result<Done, String> {
        let (publishers, first, target) = (self.publishers, self.setup.first, self.target);
        let hello = move |link: usize, out: &mut Vec<u8>| {
            let number = u64::from(first) + (link - publishers) as u64;
            device(number, |name| fill(out, target.hello, &[("device", &name)]));
        };
        self.open(publishers + self.setup.count as usize, &hello, at_once as usize)
    }

    /// Opens connections until there are so `many`; the first is for the first server.
    fn open(
        &mut self,
        many: usize,
        hello: &dyn Fn(usize, &mut Vec<u8>),
        at_once: usize,
    ) -> Result<Done, String> {
        let servers = &self.setup.servers;
        let (began, start) = (self.pool.now(), self.pool.len());
        let first = self.setup.first as usize;
        let mut phase = Connecting { count: Count::new(self.target), hello };
        self.pool.until(&mut phase, |phase, pool| {
            let welcomed = start + phase.count.count as usize;
            while pool.len() < many && pool.len() - welcomed < at_once {
                let number = first + pool.len() - start;
                pool.open(servers[number % servers.len()])?;
            }
            Ok(welcomed == many)
        })?;
        self.pool.forget();
        Ok(done(began, phase.count))
    }

    fn one_to_all(&mut self, round: u32, length: usize, begins: bool) -> Result<Done, String> {
        let mut phase = Round { count: Count::new(self.target), round, accepted: (0, 0) };
        let began = self.pool.now();
        let mut line = Vec::new();
        let mut pushes = 0;
        if self.target.publisher.is_none() {
            payload(&mut line, round, began, length);
            line.push(b'\n');
            for link in 0..self.pool.len() {
                self.pool.write(link, &line)?;
                if link % BATCH == BATCH - 1 {
                    self.pool.turn(Duration::ZERO, &mut phase)?;
                }
            }
        } else if begins {
            let mut text = Vec::new();
            payload(&mut text, round, began, length);
            let n = u64::from(round);
            fill(&mut line, self.publisher()?.all, &[("n", &n), ("payload", &text.as_slice())]);
            for publisher in 0..self.publishers {
                self.pool.write(publisher, &line)?;
            }
            pushes = self.publishers as u64;
        }
        let due = u64::from(self.setup.count);
        self.pool.until(&mut phase, |phase, _| {
            Ok(phase.count.count == due && phase.accepted.0 == pushes)
        })?;
        let everyone = u64::from(self.setup.everyone);
        if pushes > 0 && phase.accepted.1 != everyone {
            let devices = phase.accepted.1;
            return Err(format!("the server says {devices} devices of {everyone}"));
        }
        Ok(done(began, phase.count))
    }

    fn one_to_one(&mut self, messages: u32, window: u32, length: usize) -> Result<Done, String> {
        self.pool.forget();
        let (target, publisher) = (self.target, self.target.publisher.as_ref());
        // The first connection of a device, and that of its server's publisher.
        let to = u64::from(self.setup.first);
        let from = match publisher {
            Some(_) => self.setup.first as usize % self.setup.servers.len(),
            None => 0,
        };
        let began = self.pool.now();
        let mut phase = Stream { count: Count::new(target), accepted: 0 };
        let (mut sent, mut text, mut lines) = (0_u32, Vec::new(), Vec::new());
        self.pool.until(&mut phase, |phase, pool| {
            lines.clear();
            let now = pool.now();
            while sent < messages && u64::from(sent) - phase.count.count < u64::from(window) {
                sent += 1;
                let Some(publisher) = publisher else {
                    payload(&mut lines, sent, now, length);
                    lines.push(b'\n');
                    continue;
                };
                text.clear();
                payload(&mut text, sent, now, length);
                let (n, text) = (u64::from(sent), text.as_slice());
                device(to, |name| {
                    let values: [(&str, &dyn super::target::AsText); 3] =
                        [("n", &n), ("device", &name), ("payload", &text)];
                    fill(&mut lines, publisher.one, &values);
                });
            }
            if !lines.is_empty() {
                pool.write(from, &lines)?;
            }
            let accepted = publisher.is_none() || phase.accepted == u64::from(messages);
            Ok(phase.count.count == u64::from(messages) && accepted)
        })?;
        self.pool.forget();
        Ok(done(began, phase.count))
    }

    fn pings(&mut self, count: u32, at_once: u32) -> Result<Done, String> {
        self.pool.forget();
        let (target, first) = (self.target, self.publishers);
        let links = (self.pool.len() - first).max(1);
        let at_once = at_once.min(links as u32);
        let began = self.pool.now();
        let mut phase = Pinging { count: Count::new(target), asked: 0, free: at_once };
        let (mut next, mut line) = (0, Vec::new());
        self.pool.until(&mut phase, |phase, pool| {
            while phase.free > 0 && phase.asked < count {
                let link = first + next;
                next = (next + 1) % links;
                let now = pool.now();
                let Some(note) = pool.note(link) else { break };
                if note.asked != 0 {
                    // Slower than a whole round of the others; the next one then.
                    continue;
                }
                phase.asked += 1;
                phase.free -= 1;
                (note.asked, note.last) = (now, phase.asked);
                line.clear();
                fill(&mut line, target.ping, &[("n", &u64::from(phase.asked))]);
                pool.write(link, &line)?;
            }
            Ok(phase.count.count == u64::from(count))
        })?;
        self.pool.forget();
        Ok(done(began, phase.count))
    }

    fn settle(&mut self) -> Result<Done, String> {
        let began = self.pool.now();
        let mut phase = Silence(Count::new(self.target));
        self.pool.until(&mut phase, |_, pool| Ok(pool.now() - began > SILENCE))?;
        Ok(done(began, phase.0))
    }
}

fn done(began: u64, count: Count) -> Done {
    Done {
        began,
        ended: count.ended.max(began),
        count: count.count,
        cpu: None,
        latencies: count.latencies,
    }
}

/// Gives the name of device `number` to `say`.
fn device(number: u64, say: impl FnOnce(&str)) {
    let mut name = b"d".to_vec();
    super::target::AsText::write_to(&number, &mut name);
    say(std::str::from_utf8(&name).unwrap_or("d"));
}
