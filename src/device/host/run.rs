//! A run on a device, from launching the agent to all that is known of it.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::pin::pin;
use std::time::{Duration, Instant};

use tokio::sync::mpsc::UnboundedReceiver;

use super::control::{Control, Heard, Refused};
use super::crew::{Crew, Device, Did};
use super::drive::Kind;
use super::stage::{DeviceStage, Staging, Word};
use super::{Collected, Death, DeathKind, LogWarning, PhoneLog};
use crate::device::protocol::{
    About, CONTROL_VARIABLE, Orders, RUN_VARIABLE, TOKEN_VARIABLE, Text, ToAgent,
};
use crate::live::world::{ModelClock, Pace, device_name};
use crate::port::{Span, Time};
use crate::run::Player;
use crate::scenario::Scenario;
use crate::trace::Event;

/// How long the agent has to answer what it is asked at the end.
const ANSWERED: Duration = Duration::from_secs(5);
/// How long the tools have to fetch the log and to end the app.
const TOOLS: Duration = Duration::from_secs(60);

/// How a scenario is played on a device.
#[derive(Clone, Debug)]
pub struct Settings {
    /// What it is played on.
    pub kind: Kind,
    /// Where control channel and push server listen.
    pub bind: IpAddr,
    /// The nonce of the run: nobody else has it.
    pub nonce: String,
    /// The token of the run: nobody guesses it.
    pub token: String,
    /// The scenario, for the phone.
    pub text: Text,
    /// The seed of what is drawn.
    pub seed: u64,
    /// How many times faster than the machine's clock time passes.
    pub speed: u32,
    /// Whether legacy calls are made that are expected to trap.
    pub expect_trap: bool,
    /// Whether nobody is there to do what only a person can do.
    pub unattended: bool,
    /// How long the agent has to say hello.
    pub hello_within: Duration,
    /// How long a person has for a step.
    pub person_within: Span,
    /// A process that ends so soon after a stream connected that is expected to trap was trapped.
    pub trap_within: Span,
}

/// Who is around a run.
pub struct Around<'a> {
    /// Is told what there is to know while it goes on.
    pub tell: &'a mut dyn FnMut(&Word),
    /// Says that a step is done that a person was asked to do.
    pub said: UnboundedReceiver<()>,
}

/// Why a run did not begin.
#[derive(Debug)]
pub enum Failure {
    /// The agent never said hello with this run's nonce.
    NoHello {
        /// How long it was waited for.
        waited: Duration,
        /// Who was refused meanwhile.
        refused: Refused,
        /// How its process ended, if it did.
        ended: Option<DeathKind>,
    },
    /// The agent speaks another version of the control channel.
    OtherVersion(u64),
    /// The app could not be started.
    Launch(String),
    /// It was ended before the agent said hello.
    Interrupted,
    /// A socket or a thread could not be had.
    Io(std::io::Error),
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Failure {
        Failure::Io(error)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Failure::NoHello { waited, refused, ended } => {
                f.write_str("the agent never said hello with this run's nonce")?;
                match ended {
                    Some(how) => write!(f, ": its process {}", Ended(how))?,
                    None => write!(f, " within {}", Span::from_millis(millis(*waited)))?,
                }
                match refused.other_run {
                    0 => Ok(()),
                    _ => f.write_str("; somebody said hello with the nonce of another run"),
                }
            }
            Failure::OtherVersion(version) => write!(
                f,
                "the agent speaks version {version} of the control channel, and this holdline {}\n\
                 Build the agent from the same version of holdline, and install it again.",
                crate::device::protocol::VERSION
            ),
            Failure::Launch(why) => f.write_str(why),
            Failure::Interrupted => f.write_str("interrupted before the agent said hello"),
            Failure::Io(error) => write!(f, "no socket: {error}"),
        }
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

/// How a process ended, in words behind it.
pub struct Ended<'a>(pub &'a DeathKind);

impl fmt::Display for Ended<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            DeathKind::Exited(code) => write!(f, "exited with code {code}"),
            DeathKind::Signal(signal) => write!(f, "was killed by signal {signal}"),
            DeathKind::ByHost => f.write_str("was ended by the host"),
            DeathKind::Gone => f.write_str("is gone"),
            DeathKind::Reported(report) => write!(f, "crashed: {report}"),
        }
    }
}

/// What ended a run before its end.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Broken {
    /// The agent's process ended, and nothing starts it again.
    Died(DeathKind),
    /// An agent of another version came.
    OtherVersion(u64),
    /// Somebody wanted it to end.
    Interrupted,
}

/// What is known of a run when it is over.
#[derive(Debug)]
pub struct Finished {
    /// All there is to judge.
    pub collected: Collected,
    /// What the agent is.
    pub about: About,
    /// The phone's log as it was fetched.
    pub log: Option<Vec<u8>>,
    /// What ended it before its end.
    pub broken: Option<Broken>,
    /// Whether the process was trapped as the legacy call was expected to be.
    pub legacy_trap: bool,
    /// Who was refused on the control channel.
    pub refused: Refused,
}

/// Plays `scenario` on `device`, until its end or until `interrupted` ends. Runs in a local task set.
///
/// # Errors
/// [`Failure`] when the agent did not say hello, or what is needed cannot be had.
pub async fn play(
    scenario: &Scenario,
    settings: &Settings,
    device: Box<dyn Device>,
    around: Around<'_>,
    interrupted: impl Future<Output = ()>,
) -> Result<Finished, Failure> {
    let mut interrupted = pin!(interrupted);
    let control = Control::open(settings.bind, &settings.nonce, &settings.token).await?;
    let mut crew = Crew::start(device)?;
    crew.launch(vec![
        (CONTROL_VARIABLE.into(), control.address().to_string()),
        (RUN_VARIABLE.into(), settings.nonce.clone()),
        (TOKEN_VARIABLE.into(), settings.token.clone()),
    ]);
    let about = tokio::select! {
        about = hello(&control, &mut crew, settings.hello_within) => about,
        () = &mut interrupted => Err(Failure::Interrupted),
    };
    let (process, about) = match about {
        Ok(said) => said,
        Err(failure) => {
            end(&mut crew).await;
            return Err(failure);
        }
    };
    let clock = ModelClock::new(Pace::Times(settings.speed));
    let staging = Staging {
        kind: settings.kind,
        bind: settings.bind,
        seed: settings.seed,
        speed: settings.speed,
        person_within: settings.person_within,
        unattended: settings.unattended,
    };
    let reached = control.address();
    let mut stage = DeviceStage::open(scenario, staging, &clock, control, crew)?;
    stage.process = process;
    stage.control.say(ToAgent::Orders(Box::new(orders(settings, reached, stage.address()))));
    (around.tell)(&Word::Hello(Box::new(about.clone())));
    let mut player = Player::new(scenario, settings.seed, 1..=1, stage);
    player.start(&mut ());
    let mut course = Course { player, around, trap_within: settings.trap_within };
    let broken = course.go(&mut interrupted).await?;
    course.finish(about, settings, broken).await
}

fn orders(settings: &Settings, control: SocketAddr, server: SocketAddr) -> Orders {
    Orders {
        run: settings.nonce.clone(),
        token: settings.token.clone(),
        control: control.to_string(),
        server: server.to_string(),
        name: device_name(1),
        scenario: settings.text.clone(),
        seed: settings.seed,
        speed: settings.speed,
        expect_trap: settings.expect_trap,
    }
}

/// Waits for the agent's Hello.
async fn hello(
    control: &Control,
    crew: &mut Crew,
    within: Duration,
) -> Result<(u32, About), Failure> {
    let until = tokio::time::Instant::now() + within;
    let never = |ended| Failure::NoHello { waited: within, refused: control.refused(), ended };
    loop {
        tokio::select! {
            biased;
            () = control.arrived() => match control.take() {
                Some((_, Heard::Hello { process, about, .. })) => return Ok((process, *about)),
                Some((_, Heard::OtherVersion(version))) => {
                    return Err(Failure::OtherVersion(version));
                }
                Some((_, Heard::Said(_) | Heard::Gone)) | None => {}
            },
            did = crew.did.recv() => match did {
                Some(Did::Launched(Err(why))) => return Err(Failure::Launch(why)),
                Some(Did::Ended(how)) => return Err(never(Some(how))),
                Some(Did::Launched(Ok(())) | Did::Acted { .. } | Did::Log(_)) => {}
                Some(Did::Over) | None => return Err(never(None)),
            },
            () = tokio::time::sleep_until(until) => return Err(never(None)),
        }
    }
}

/// Ends the app's process and waits for that.
async fn end(crew: &mut Crew) {
    crew.end();
    let over = async { while !matches!(crew.did.recv().await, Some(Did::Over) | None) {} };
    // Tools that hang are left alone.
    let _ = tokio::time::timeout(TOOLS, over).await;
}

/// A run that goes on.
struct Course<'s, 'a> {
    player: Player<'s, DeviceStage<'s>>,
    around: Around<'a>,
    trap_within: Span,
}

impl Course<'_, '_> {
    /// Goes on until the end; answers what ended it before that.
    async fn go(
        &mut self,
        mut interrupted: impl Future<Output = ()> + Unpin,
    ) -> Result<Option<Broken>, Failure> {
        let mut last = Time::ZERO;
        loop {
            let end = self.player.end();
            let (due, now) = (self.player.due(), self.now());
            if due.min(now) >= end {
                return Ok(None);
            }
            if due <= now || !self.is_quiet() {
                last = last.max(due.min(now));
                self.player.step(last, &mut ());
            } else {
                let interrupt = tokio::select! {
                    biased;
                    () = &mut interrupted => true,
                    waited = self.wait(due.min(end)) => {
                        waited?;
                        false
                    }
                };
                if interrupt {
                    return Ok(Some(Broken::Interrupted));
                }
                last = last.max(self.now().min(due)).min(end);
                if last < end {
                    self.player.step(last, &mut ());
                }
            }
            if let Some(broken) = self.look() {
                return Ok(Some(broken));
            }
        }
    }

    fn now(&mut self) -> Time {
        self.player.stage().clock.now()
    }

    fn is_quiet(&mut self) -> bool {
        let stage = self.player.stage();
        let quiet = stage.inbox.is_empty() && stage.control.is_empty();
        quiet && stage.crew.is_empty() && stage.said == 0
    }

    /// Waits until something came, or until `due`.
    async fn wait(&mut self, due: Time) -> Result<(), Failure> {
        let Course { player, around, .. } = self;
        let stage = player.stage();
        let soon = Instant::now() + HELD;
        let until = stage.clock.real(due).unwrap_or(soon);
        // What the server said of a connection that nobody has numbered waits for that, and not for ever.
        let until = if stage.connections.wait() { until.min(soon) } else { until };
        let DeviceStage { inbox, control, crew, own, said, .. } = stage;
        tokio::select! {
            () = inbox.arrived.notified() => {}
            () = control.arrived() => {}
            ready = own.ready() => ready?,
            // The stage looks at it.
            did = crew.did.recv() => crew.put_back(did),
            one = around.said.recv(), if !around.said.is_closed() => {
                *said += u32::from(one.is_some());
            }
            () = tokio::time::sleep_until(until.into()) => {}
        }
        Ok(())
    }

    /// Passes on what there is to know; answers what ends the run.
    fn look(&mut self) -> Option<Broken> {
        let Course { player, around, .. } = self;
        let stage = player.stage();
        while let Some(word) = stage.words.pop_front() {
            (around.tell)(&word);
        }
        stage.broken.take()
    }

    /// The run is over: asks for what is missing, and ends the app.
    async fn finish(
        mut self,
        about: About,
        settings: &Settings,
        broken: Option<Broken>,
    ) -> Result<Finished, Failure> {
        let trap_within = self.trap_within;
        let stage = self.player.stage();
        let ended = stage.clock.now().min(stage.scenario.duration.from_start());
        stage.carry_server(ended, true, &mut ());
        stage.ask_clocks();
        stage.ask_log();
        let answered = async {
            while stage.control.is_connected()
                && !(stage.questions.is_empty() && stage.log.is_complete())
            {
                stage.control.arrived().await;
                stage.hear(ended, &mut ());
            }
        };
        // What is not answered by then is missing.
        let _ = tokio::time::timeout(ANSWERED, answered).await;
        let lives = settings.kind == Kind::Fake && stage.deaths.is_empty();
        let alive = if lives { Some(ended) } else { stage.heard_at };
        stage.control.say(ToAgent::End);
        let legacy_trap = trapped(stage, trap_within);
        stage.give_up();
        let goes = async {
            while stage.control.is_connected() {
                stage.control.arrived().await;
                stage.hear(ended, &mut ());
            }
        };
        // One that does not end by itself is ended.
        let _ = tokio::time::timeout(ANSWERED, goes).await;
        end(&mut stage.crew).await;
        let (fetched, warning) = fetch(stage).await;
        let fetched_whole = fetched.is_some();
        let bytes = longer(fetched, stage.log.bytes());
        let whole = fetched_whole || stage.log.is_complete();
        let (phone, mut warnings) = match bytes.as_deref().map(PhoneLog::read) {
            Some(Ok((log, warnings))) => (Some(log), warnings),
            Some(Err(why)) => (None, vec![LogWarning::Collecting { why: why.to_string() }]),
            None => (None, Vec::new()),
        };
        warnings.extend(warning);
        let refused = stage.control.refused();
        let mut host = std::mem::take(&mut stage.events);
        host.sort_by_key(Event::key);
        let collected = Collected {
            host,
            phone,
            warnings,
            exchanges: std::mem::take(&mut stage.exchanges),
            deaths: std::mem::take(&mut stage.deaths),
            speed: settings.speed,
            undone: std::mem::take(&mut stage.undone),
            ended,
            fetched: whole.then_some(ended),
            alive,
        };
        self.look();
        Ok(Finished { collected, about, log: bytes, broken, legacy_trap, refused })
    }
}

/// How soon an event is looked at again that waits for the number of its connection.
const HELD: Duration = Duration::from_millis(200);

/// Whether the process was trapped. What follows from its end is for the judge.
fn trapped(stage: &mut DeviceStage<'_>, within: Span) -> bool {
    let Some(expected) = stage.trap_expected else { return false };
    // Of a phone it shows that its connection ends, and that the process never comes back.
    let gone = stage.gone_for_good.map(|at| Death { at, how: DeathKind::Gone });
    let soon = |death: &&Death| death.at >= expected && death.at.since(expected) <= within;
    let Some(death) = stage.deaths.iter().chain(gone.as_ref()).find(soon).cloned() else {
        return false;
    };
    if stage.deaths.is_empty() {
        stage.deaths.push(death);
    }
    true
}

/// The log, as the tools have it.
async fn fetch(stage: &mut DeviceStage<'_>) -> (Option<Vec<u8>>, Option<LogWarning>) {
    stage.crew.log();
    let fetched = async {
        loop {
            match stage.crew.did.recv().await {
                Some(Did::Log(log)) => return log,
                Some(Did::Launched(_) | Did::Acted { .. } | Did::Ended(_)) => {}
                Some(Did::Over) | None => return Ok(None),
            }
        }
    };
    match tokio::time::timeout(TOOLS, fetched).await {
        Ok(Ok(log)) => (log, None),
        Ok(Err(why)) => (None, Some(LogWarning::Collecting { why })),
        Err(_) => {
            let why = "the tool that fetches the phone's log did not end".into();
            (None, Some(LogWarning::Collecting { why }))
        }
    }
}

/// What there is more of: the log as it was fetched, or as it came over the control channel.
fn longer(fetched: Option<Vec<u8>>, came: &[u8]) -> Option<Vec<u8>> {
    let came = (!came.is_empty()).then(|| came.to_vec());
    match (fetched, came) {
        (Some(fetched), Some(came)) if came.len() > fetched.len() => Some(came),
        (Some(fetched), _) => Some(fetched),
        (None, came) => came,
    }
}
