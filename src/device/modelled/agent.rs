//! The loop of the agent on any machine: what the host says, what sockets learn, and model time, in one order.

use std::collections::BTreeMap;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::arguments::{Fault, Options};
use super::clock::{ModelClock, time_of_day};
use super::path::Connects;
use super::phone::{NUMBER, Phone};
use super::socket::{News, Socket};
use crate::client::Client;
use crate::device::agent::control::Control;
use crate::device::agent::life::Life;
use crate::device::agent::log::Log;
use crate::device::agent::{orders, pieces};
use crate::device::protocol::{About, Clocks, LOG_FILE, Orders, ToAgent, ToHost, VERSION};
use crate::port::Time;
use crate::run::{act_of, beyond_sockets, header, setup};
use crate::scenario::Scenario;

/// Why the agent did not come to the end of a run that its host ended.
#[derive(Debug)]
pub enum Failure {
    /// There was no host, or it gave no orders.
    NoHost(String),
    /// The orders cannot be followed.
    Orders(String),
    /// A file or a socket could not be had.
    Io(String),
    /// It was told to misbehave: this is its exit code.
    Fault(u8),
}

impl Failure {
    /// The exit code of a process that ends for it.
    pub fn exit_code(&self) -> u8 {
        match self {
            Failure::NoHost(_) | Failure::Orders(_) | Failure::Io(_) => 3,
            Failure::Fault(code) => *code,
        }
    }
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Failure::NoHost(why) => write!(f, "no host gave orders: {why}"),
            Failure::Orders(why) => write!(f, "the orders are wrong: {why}"),
            Failure::Io(why) => f.write_str(why),
            Failure::Fault(code) => write!(f, "told to misbehave: exit code {code}"),
        }
    }
}

impl std::error::Error for Failure {}

/// What wakes the loop.
enum Input {
    Control,
    Socket(u32, News),
}

/// What the loop tells the thread of the control channel, for its hello.
#[derive(Clone)]
struct Known {
    about: About,
    clock: Option<ModelClock>,
    /// What the clocks said at some time since which the device was awake, or asleep.
    seen: Clocks,
    asleep: bool,
}

impl Known {
    /// What the clocks say now.
    fn clocks(&self) -> Clocks {
        let Some(clock) = self.clock else { return Clocks::default() };
        let continuous = clock.now().as_micros();
        let since = continuous.saturating_sub(self.seen.continuous);
        let uptime = if self.asleep { self.seen.uptime } else { self.seen.uptime + since };
        let wall = self.seen.wall.saturating_add_unsigned(since);
        Clocks { continuous, uptime, wall }
    }
}

type Shared = Arc<Mutex<Known>>;

fn lock(known: &Shared) -> std::sync::MutexGuard<'_, Known> {
    known.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Makes the phone's sockets.
struct Sockets {
    server: String,
    inputs: Sender<Input>,
}

impl Connects for Sockets {
    fn connect(&mut self, connection: u32) -> std::io::Result<Socket> {
        let inputs = self.inputs.clone();
        // Nobody listens any more when the agent is about to end.
        Socket::connect(self.server.clone(), move |news| {
            let _ = inputs.send(Input::Socket(connection, news));
        })
    }
}

/// Asks the host for orders and follows them, until the host ends the run.
///
/// # Errors
/// [`Failure`].
pub fn run(options: &Options) -> Result<(), Failure> {
    let io = |what: &str, error| Failure::Io(format!("{what}: {error}"));
    std::fs::create_dir_all(&options.dir)
        .map_err(|error| io(&options.dir.display().to_string(), error))?;
    if options.fault == Some(Fault::NoHello) {
        return say_nothing(options);
    }
    let mut life = Life::next(&options.dir, &options.run).map_err(|error| io("orders", error))?;
    let known = Arc::new(Mutex::new(Known {
        about: about(None),
        clock: None,
        seen: Clocks::default(),
        asleep: false,
    }));
    let (inputs, input) = channel();
    let control = Arc::new(start_control(options, life.process, &known, inputs.clone()));
    let kept = orders::load(&options.dir).filter(|kept| kept.run == options.run);
    let orders = match kept {
        Some(kept) if life.began.is_some() => kept,
        Some(_) | None => ordered(options, &control, &input)?,
    };
    misbehave(options)?;
    let refuse = |why: String| {
        control.say(ToHost::Note { text: format!("the orders are wrong: {why}") });
        control.flush(FLUSH);
        Failure::Orders(why)
    };
    let scenario = playable(&orders).map_err(refuse)?;
    orders::save(&options.dir, &orders).map_err(|error| io("the orders", error))?;
    let began = life
        .begin(&options.dir, time_of_day())
        .map_err(|error| io("the run's beginning", error))?;
    let clock = ModelClock::new(began, orders.speed);
    {
        let mut known = lock(&known);
        known.about = about(Some(&scenario));
        known.clock = Some(clock);
    }
    let about = about(Some(&scenario));
    let (names, path) = (scenario.names.clone(), options.dir.join(LOG_FILE));
    let mut log = Log::open(&path, &header(&scenario, orders.seed), &about, &orders.run, names)
        .map_err(|error| io(&path.display().to_string(), error))?;
    let said = Arc::clone(&control);
    log.set_sink(Box::new(move |at, line: &str| {
        said.say(ToHost::Event { at, line: line.to_owned() });
    }));
    let sockets = Sockets { server: orders.server.clone(), inputs };
    let strategy = Arc::new(scenario.client.values.clone());
    let client = Client::new(strategy, NUMBER);
    let phone = Phone::new(setup(&scenario, orders.seed), orders.name.clone(), client, sockets);
    let answered = BTreeMap::new();
    let mut agent = Agent {
        options,
        orders: &orders,
        scenario: &scenario,
        phone,
        clock,
        log,
        control,
        known,
        answered,
    };
    agent.play(&input, life.process == 1)
}

/// How long what was said last may take to be sent.
const FLUSH: Duration = Duration::from_secs(5);
/// The loop looks this often whether the host is still there.
const LOOK: Duration = Duration::from_millis(500);

/// What this agent is, in the scenario that it plays.
fn about(scenario: Option<&Scenario>) -> About {
    let manifest = scenario.map(|scenario| &scenario.manifest);
    let sdk = manifest.and_then(|manifest| manifest.sdk);
    About {
        triple: env!("TARGET").to_owned(),
        backend: "std".to_owned(),
        model: "std".to_owned(),
        os: scenario.map_or("modelled", |scenario| scenario.platform.name.as_str()).to_owned(),
        sdk: sdk.and_then(|major| Some((u16::try_from(major).ok()?, 0))),
        background_modes: manifest.map(|m| m.background_modes.clone()).unwrap_or_default(),
        simulator: false,
        pid: std::process::id(),
    }
}

fn start_control(
    options: &Options,
    process: u32,
    known: &Shared,
    inputs: Sender<Input>,
) -> Control {
    let Options { control, run, token, fault, .. } = options.clone();
    let run = match fault {
        Some(Fault::WrongNonce) => format!("not-{run}"),
        Some(Fault::NoHello | Fault::Exit | Fault::Abort | Fault::Hang) | None => run,
    };
    let known = Arc::clone(known);
    let hello = Box::new(move || {
        let Known { about, .. } = lock(&known).clone();
        let clocks = lock(&known).clocks();
        let (run, token) = (run.clone(), token.clone());
        ToHost::Hello { version: VERSION, run, token, process, about, clocks }
    });
    let wake = Box::new(move || {
        let _ = inputs.send(Input::Control);
    });
    Control::start(control, hello, wake)
}

/// Waits for the host's orders.
fn ordered(
    options: &Options,
    control: &Control,
    input: &Receiver<Input>,
) -> Result<Orders, Failure> {
    let until = Instant::now() + options.wait;
    loop {
        while let Some(heard) = control.heard() {
            match heard {
                ToAgent::Orders(orders) if orders.run != options.run => {
                    return Err(Failure::Orders(format!(
                        "they are for the run `{}`, and this is `{}`",
                        orders.run, options.run
                    )));
                }
                ToAgent::Orders(orders) => return Ok(*orders),
                ToAgent::Clock { n } => control.say(ToHost::Clock { n, clocks: Clocks::default() }),
                ToAgent::Do { n, .. } => {
                    let refused = Some("there are no orders yet".to_owned());
                    control.say(ToHost::Done { n, refused });
                }
                ToAgent::Log { from: _ } => {
                    control.say(ToHost::Log { from: 0, text: String::new(), end: true });
                }
                ToAgent::End => return Err(Failure::NoHost("it ended the run".to_owned())),
            }
        }
        let left = until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            let why = control.problem().unwrap_or_else(|| match control.connected() {
                true => "it was told hello and said nothing".to_owned(),
                false => format!("{} took the hello and closed", options.control),
            });
            return Err(Failure::NoHost(why));
        }
        // What wakes it is asked for above.
        let _ = input.recv_timeout(left);
    }
}

/// Connects and says nothing.
fn say_nothing(options: &Options) -> Result<(), Failure> {
    let stream = std::net::TcpStream::connect(&options.control);
    std::thread::sleep(options.wait);
    drop(stream);
    Err(Failure::NoHost("told to say nothing".to_owned()))
}

/// What it was told to do wrong when it has its orders.
fn misbehave(options: &Options) -> Result<(), Failure> {
    match options.fault {
        Some(Fault::Exit) => Err(Failure::Fault(1)),
        Some(Fault::Abort) => std::process::abort(),
        Some(Fault::Hang) => {
            std::thread::sleep(LONGEST_HANG);
            Err(Failure::Fault(1))
        }
        Some(Fault::NoHello | Fault::WrongNonce) | None => Ok(()),
    }
}

/// Nobody has to find an agent that hangs for ever.
const LONGEST_HANG: Duration = Duration::from_secs(600);

/// The scenario of the orders, if this agent can play it.
fn playable(orders: &Orders) -> Result<Scenario, String> {
    if orders.speed == 0 {
        return Err("the speed is zero: time would stand still".to_owned());
    }
    let scenario = orders::scenario(&orders.scenario)?;
    match beyond_sockets(&scenario) {
        Some(why) => Err(format!("the scenario needs {why}")),
        None => Ok(scenario),
    }
}

/// A run that is under way.
struct Agent<'a> {
    options: &'a Options,
    orders: &'a Orders,
    scenario: &'a Scenario,
    phone: Phone<Client, Sockets>,
    clock: ModelClock,
    log: Log,
    control: Arc<Control>,
    known: Shared,
    /// What became of what was asked for: a host that did not hear of it asks again.
    answered: BTreeMap<u32, Option<String>>,
}

impl Agent<'_> {
    fn play(&mut self, input: &Receiver<Input>, first: bool) -> Result<(), Failure> {
        self.phone.open_app(if first { Time::ZERO } else { self.clock.now() });
        self.write()?;
        let mut last_seen = Instant::now();
        loop {
            self.advance()?;
            while let Some(heard) = self.control.heard() {
                if self.hear(heard)? {
                    self.control.flush(FLUSH);
                    return Ok(());
                }
            }
            if self.control.connected() {
                last_seen = Instant::now();
            } else if last_seen.elapsed() > self.options.wait && self.is_over() {
                let why = "it went away, and the run is over".to_owned();
                return Err(Failure::NoHost(why));
            }
            match input.recv_timeout(self.clock.until(self.phone.deadline()).min(LOOK)) {
                Ok(Input::Socket(connection, news)) => {
                    self.advance()?;
                    self.phone.news(connection, news, self.clock.now());
                    self.write()?;
                }
                Ok(Input::Control) | Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => {
                    return Err(Failure::Io("the sockets' threads are gone".to_owned()));
                }
            }
        }
    }

    /// Whether the scenario's time is up.
    fn is_over(&self) -> bool {
        self.clock.now() >= self.scenario.duration.from_start()
    }

    /// Lets everything happen that is due by now, at its own time.
    fn advance(&mut self) -> Result<(), Failure> {
        loop {
            let (due, now) = (self.phone.deadline(), self.clock.now());
            if due > now {
                return Ok(());
            }
            self.phone.advance(due);
            self.write()?;
        }
    }

    /// Does what the host says; answers whether it ended the run.
    fn hear(&mut self, heard: ToAgent) -> Result<bool, Failure> {
        match heard {
            // The same again, after a connection was lost.
            ToAgent::Orders(orders) if orders.run == self.orders.run => {}
            ToAgent::Orders(orders) => {
                let text = format!("the orders for the run `{}` came in another", orders.run);
                self.control.say(ToHost::Note { text });
            }
            ToAgent::Clock { n } => {
                let clocks = self.clocks(self.clock.now());
                self.control.say(ToHost::Clock { n, clocks });
            }
            ToAgent::Do { n, step, member } => {
                let refused = match self.answered.get(&n) {
                    Some(refused) => refused.clone(),
                    None => self.act(step, member)?.err(),
                };
                self.answered.insert(n, refused.clone());
                self.control.say(ToHost::Done { n, refused });
            }
            ToAgent::Log { from } => {
                let path = self.options.dir.join(LOG_FILE);
                let control = &self.control;
                pieces::pieces(&path, from, |piece| control.say(piece))
                    .map_err(|error| Failure::Io(format!("{}: {error}", path.display())))?;
            }
            ToAgent::End => return Ok(true),
        }
        Ok(false)
    }

    fn act(&mut self, step: usize, member: u32) -> Result<Result<(), String>, Failure> {
        let Some(act) = act_of(self.scenario, self.orders.seed, step, NUMBER, member) else {
            let steps = self.scenario.steps.len();
            return Ok(Err(format!("there is no step {step}: the scenario has {steps}")));
        };
        self.advance()?;
        let done = self.phone.act(act, self.clock.now());
        self.write()?;
        Ok(done)
    }

    fn clocks(&self, at: Time) -> Clocks {
        let now = self.phone.clocks(at);
        let (continuous, uptime) = (now.continuous.as_micros(), now.uptime.as_micros());
        Clocks { continuous, uptime, wall: now.wall }
    }

    /// Writes down what the phone noticed, and tells of new connections.
    fn write(&mut self) -> Result<(), Failure> {
        for event in self.phone.notes.take() {
            self.log.write(&event, self.phone.clocks(event.at));
        }
        self.log.flush();
        if self.log.lost() > 0 {
            // A phone would go on; a run of which no log can be written is of no use.
            return Err(Failure::Io("the log cannot be written: is the disk full?".to_owned()));
        }
        for (pair, port) in self.phone.established() {
            self.control.say(ToHost::Connection { pair, port });
        }
        let seen = self.clocks(self.phone.last());
        let mut known = lock(&self.known);
        (known.seen, known.asleep) = (seen, self.phone.is_asleep());
        Ok(())
    }
}
