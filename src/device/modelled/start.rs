//! How the agent on any machine begins: it asks a host for orders, or has them, and opens the app.

use std::collections::BTreeMap;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use super::agent::{Agent, FLUSH, Input, Known, Shared, Sockets, lock};
use super::arguments::{Fault, Options};
use super::clock::{ModelClock, time_of_day};
use super::phone::{NUMBER, Phone};
use crate::client::Client;
use crate::device::agent::control::Control;
use crate::device::agent::life::Life;
use crate::device::agent::log::Log;
use crate::device::agent::orders;
use crate::device::protocol::{About, Clocks, LOG_FILE, Orders, ToAgent, ToHost, VERSION};
use crate::run::{beyond_sockets, header, setup};
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

/// Asks the host for orders and follows them, until the host ends the run.
///
/// # Errors
/// [`Failure`].
pub fn run(options: &Options) -> Result<(), Failure> {
    std::fs::create_dir_all(&options.dir)
        .map_err(|error| io(&options.dir.display().to_string(), error))?;
    if options.fault == Some(Fault::NoHello) {
        return say_nothing(options);
    }
    let life = Life::next(&options.dir, &options.run).map_err(|error| io("orders", error))?;
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
    let sockets = Sockets { server: orders.server.clone(), inputs };
    Process { options, control, known, life }.follow(&orders, &scenario, sockets, &input)
}

/// A process of the agent before its app runs.
struct Process<'a> {
    options: &'a Options,
    control: Arc<Control>,
    known: Shared,
    life: Life,
}

impl Process<'_> {
    /// Opens the log and lets the user open the app.
    fn follow(
        mut self,
        orders: &Orders,
        scenario: &Scenario,
        sockets: Sockets,
        input: &Receiver<Input>,
    ) -> Result<(), Failure> {
        let log = self.log(orders, scenario)?;
        let Process { options, control, known, life } = &mut self;
        let first = life.began.is_none();
        // Now, when everything is there: a phone needs no time for what comes before.
        let began = life
            .begin(&options.dir, time_of_day())
            .map_err(|error| io("the run's beginning", error))?;
        let clock = ModelClock::new(began, orders.speed);
        lock(known).clock = Some(clock);
        let client = Client::new(Arc::new(scenario.client.values.clone()), NUMBER);
        let setup = setup(scenario, orders.seed);
        let phone = Phone::new(setup, orders.name.clone(), client, sockets);
        let (control, known, answered) = (Arc::clone(control), Arc::clone(known), BTreeMap::new());
        Agent { options, orders, scenario, phone, clock, log, control, known, answered }
            .play(input, first)
    }

    fn log(&self, orders: &Orders, scenario: &Scenario) -> Result<Log, Failure> {
        let about = about(Some(scenario));
        lock(&self.known).about = about.clone();
        let (names, path) = (scenario.names.clone(), self.options.dir.join(LOG_FILE));
        let header = header(scenario, orders.seed);
        let mut log = Log::open(&path, &header, &about, &orders.run, names)
            .map_err(|error| io(&path.display().to_string(), error))?;
        let control = Arc::clone(&self.control);
        log.set_sink(Box::new(move |at, line: &str| {
            control.say(ToHost::Event { at, line: line.to_owned() });
        }));
        Ok(log)
    }
}

/// A file could not be had.
fn io(what: &str, error: std::io::Error) -> Failure {
    Failure::Io(format!("{what}: {error}"))
}

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
