//! A run over real sockets that goes as far as it is told: one thread, one order of events, model time.

use std::net::Ipv4Addr;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::runtime::Runtime;
use tokio::task::LocalSet;

use super::clock::{ModelClock, Pace};
use super::elsewhere::Elsewhere;
use super::far::Far;
use super::limits::{highest_speed, not_elsewhere, unsupported};
use super::own::Own;
use super::relay::Relay;
use super::socket::Inbox;
use super::stage::{LiveStage, device_name};
use super::{LiveError, LiveOptions};
use crate::client::Client;
use crate::os::Os;
use crate::port::Time;
use crate::run::{BlurredFrom, Outcome, Player, setup};
use crate::scenario::Scenario;
use crate::trace::{Event, Observer};
use crate::wire::{Said, Speech};

/// Why a run stands where it does.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Reached {
    /// It was to go as far as this time.
    Time,
    /// An event happened that was waited for.
    Seen,
    /// It was interrupted.
    Interrupted,
    /// The run is over.
    End,
}

/// Who is told what happens while a run goes on.
pub struct Listening<'a, O> {
    /// Sees every event.
    pub observer: &'a mut O,
    /// Hears what servers say beside their frames.
    pub told: &'a mut dyn FnMut(&Said),
}

impl<O> Listening<'_, O> {
    fn again(&mut self) -> Listening<'_, O> {
        Listening { observer: self.observer, told: self.told }
    }
}

/// What cannot be.
enum Never {}

/// A run over real sockets: the server on a free port or elsewhere, a proxy for each phone, the phones under the
/// model of iOS. Its tasks run only while it is told to go on.
///
/// What time does in between depends on its [`Pace`]. A clock that jumps stands still. One that goes with the
/// machine's runs on, and what was due is made up for when the run goes on: whoever steers such a run lets it go on
/// all the time.
pub struct Steered<'s> {
    course: Course<'s>,
    // The tasks, after whoever asks them; what runs them, last.
    local: LocalSet,
    runtime: Runtime,
}

/// The run itself, inside of what runs its tasks.
struct Course<'s> {
    player: Player<'s, LiveStage<Client>>,
    clock: Arc<ModelClock>,
    inbox: Rc<Inbox>,
    elsewhere: bool,
    /// When something could happen last.
    last: Time,
    /// What was due until then has happened.
    stands: Time,
    /// How many events there were.
    count: usize,
    blurs: Vec<BlurredFrom>,
}

impl<'s> Steered<'s> {
    /// Starts server, proxies and phones, and opens the app on each.
    ///
    /// # Errors
    /// When the scenario asks for what real sockets cannot show, when the speed is too high for its deadlines, or
    /// when a socket cannot be had.
    pub fn open<O: Observer>(
        scenario: &'s Scenario,
        options: &LiveOptions,
        observer: &mut O,
    ) -> Result<Steered<'s>, LiveError> {
        playable(scenario, options.server.is_some(), options.pace)?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let local = LocalSet::new();
        let course =
            local.block_on(&runtime, async { Course::open(scenario, options, observer) })?;
        Ok(Steered { course, local, runtime })
    }

    /// Goes on until `until`, whose events happen too; until `seen` finds an event; until `interrupt` is set; or
    /// until the run is over. What happens at the same moment as an event that is seen happens too.
    ///
    /// # Errors
    /// When a socket cannot be had.
    pub fn advance<O: Observer>(
        &mut self,
        until: Time,
        seen: &mut dyn FnMut(&Event) -> bool,
        interrupt: &AtomicBool,
        listening: Listening<'_, O>,
    ) -> Result<Reached, LiveError> {
        let Steered { course, local, runtime } = self;
        let end = course.player.end();
        let reached = local.block_on(runtime, async {
            tokio::select! {
                biased;
                () = set(interrupt) => Ok(Reached::Interrupted),
                reached = course.advance(until, end, seen, listening) => reached,
            }
        })?;
        let stands = match reached {
            Reached::Time => until,
            Reached::End => end,
            Reached::Seen => course.last,
            // Nothing was due while it waited.
            Reached::Interrupted => course.clock.now().min(course.player.due()).min(until).min(end),
        };
        course.stand(stands);
        Ok(reached)
    }

    /// Lets everything happen that is due by now.
    ///
    /// # Errors
    /// When a socket cannot be had.
    pub fn catch_up<O: Observer>(&mut self, listening: Listening<'_, O>) -> Result<(), LiveError> {
        let now = self.course.clock.now();
        let Steered { course, local, runtime } = self;
        local.block_on(runtime, async {
            course.advance(now, Time::NEVER, &mut |_| false, listening).await
        })?;
        course.stand(now);
        Ok(())
    }

    /// Goes on until `ended` ends, and beyond the end of the run; answers what `ended` did.
    ///
    /// # Errors
    /// When a socket cannot be had.
    pub fn advance_until<T, O: Observer>(
        &mut self,
        ended: impl Future<Output = T>,
        mut listening: Listening<'_, O>,
    ) -> Result<T, LiveError> {
        let Steered { course, local, runtime } = self;
        let on = async {
            let never = Time::NEVER;
            loop {
                course.advance(never, never, &mut |_| false, listening.again()).await?;
            }
        };
        local.block_on(runtime, async {
            tokio::select! {
                biased;
                ended = ended => Ok(ended),
                failed = on => { let failed: Result<Never, LiveError> = failed; match failed? {} }
            }
        })
    }

    /// Goes on with `scenario`: the same with more steps at its end, and perhaps another end of the run.
    ///
    /// # Errors
    /// When what is new cannot be done over real sockets, or should have been done already; nothing was done then.
    pub fn go_on_with(&mut self, scenario: &'s Scenario) -> Result<(), LiveError> {
        let now = self.now();
        let Course { player, clock, elsewhere, .. } = &mut self.course;
        playable(scenario, *elsewhere, clock.pace())?;
        if let Some(at) = player.first_of_new(scenario).filter(|at| *at < now) {
            let what = format!("time to go back: a step acts at {at}, and it is {now} already");
            return Err(LiveError::Unsupported(what));
        }
        player.go_on_with(scenario);
        player.stage().set_names(&scenario.names);
        Ok(())
    }

    /// Where it stands: everything that was due until then has happened.
    pub fn now(&self) -> Time {
        self.course.stands.max(self.course.last)
    }

    /// When something is due next that is known by now: what comes over sockets is not.
    pub fn due(&mut self) -> Time {
        self.course.player.due().min(self.course.clock.next_sleeper())
    }

    /// From when on runs of devices prove nothing.
    pub fn blurs(&self) -> &[BlurredFrom] {
        &self.course.blurs
    }

    /// The phone with this number.
    pub fn phone(&mut self, number: u32) -> Option<&Os> {
        self.course.player.stage().os(number)
    }

    /// Energy of each device's radio above idle until now, in nanojoules.
    pub fn radio_energy(&mut self) -> Vec<u64> {
        let now = self.now();
        crate::run::Stage::radio_energy(self.course.player.stage(), now)
    }

    /// The run is over: what was measured, and what became of each expectation.
    pub fn finish(self) -> Outcome {
        let Steered { course, local, runtime } = self;
        // What it holds of the runtime is given back in it.
        local.block_on(&runtime, async { course.player.finish() })
    }
}

/// Whether a scenario can be played over real sockets, at this pace.
fn playable(scenario: &Scenario, elsewhere: bool, pace: Pace) -> Result<(), LiveError> {
    if let Some(why) = unsupported(scenario) {
        return Err(LiveError::Unsupported(why));
    }
    if elsewhere && let Some(what) = not_elsewhere(scenario) {
        return Err(LiveError::Unsupported(what));
    }
    if let Pace::Times(speed) = pace {
        let highest = highest_speed(scenario);
        if speed > highest.speed {
            return Err(LiveError::TooFast { speed, highest });
        }
    }
    Ok(())
}

impl<'s> Course<'s> {
    fn open<O: Observer>(
        scenario: &'s Scenario,
        options: &LiveOptions,
        observer: &mut O,
    ) -> Result<Course<'s>, LiveError> {
        let setup = Arc::new(setup(scenario, options.seed));
        let clock = ModelClock::new(options.pace);
        let inbox = Rc::new(Inbox::default());
        let devices = scenario.devices;
        let far = match &options.server {
            None => Far::Own(Box::new(Own::open(&setup, devices)?)),
            Some(server) => Far::Elsewhere(Elsewhere::open(server, &inbox, &clock)?),
        };
        let mut ways = Vec::new();
        for device in 1..=devices {
            let seed = options.seed.wrapping_add(u64::from(device));
            let relay = match options.proxied {
                true => {
                    let at = Ipv4Addr::LOCALHOST.into();
                    Relay::open(at, far.address(), seed, &clock, &inbox)?
                }
                false => Relay::direct(far.address()),
            };
            let speech = match &options.server {
                None => Speech::own(device_name(device)),
                Some(server) => server.speech(device)?,
            };
            ways.push((relay, speech));
        }
        let strategy = Arc::new(scenario.client.values.clone());
        let make = |device| Client::new(Arc::clone(&strategy), device);
        let names = scenario.names.clone();
        let stage = LiveStage::new(setup, Rc::clone(&inbox), far, ways, make, names);
        let mut player = Player::new(scenario, options.seed, 1..=devices, stage);
        let mut count = 0;
        player.start(&mut Counting { count: &mut count, observer });
        let elsewhere = options.server.is_some();
        let blurs = Vec::new();
        let (last, stands) = (Time::ZERO, Time::ZERO);
        Ok(Course { player, clock, inbox, elsewhere, last, stands, count, blurs })
    }

    /// What was due until `at` has happened. It stands no earlier than it did.
    fn stand(&mut self, at: Time) {
        self.stands = self.stands.max(at).max(self.last);
    }

    /// Lets what is due at `now` happen.
    fn step<O: Observer>(&mut self, now: Time, listening: &mut Listening<'_, O>) {
        self.last = self.last.max(now);
        let Listening { observer, .. } = listening;
        self.player.step(self.last, &mut Counting { count: &mut self.count, observer: *observer });
    }

    /// Passes on what was said, and takes note of devices whose run proves nothing from now on.
    fn look(&mut self, told: &mut dyn FnMut(&Said)) {
        for said in self.player.stage().sayings() {
            told(&said);
        }
        for (device, why) in std::mem::take(&mut self.player.stage().blurs) {
            let at = self.last;
            self.player.blur(device, at, why);
            if self.blurs.iter().all(|blur| blur.device != device) {
                let events = self.count;
                self.blurs.push(BlurredFrom { device, at, events, why });
            }
        }
    }

    async fn advance<O: Observer>(
        &mut self,
        until: Time,
        end: Time,
        seen: &mut dyn FnMut(&Event) -> bool,
        listening: Listening<'_, O>,
    ) -> Result<Reached, LiveError> {
        let Listening { observer, told } = listening;
        let mut watching = Watching { seen, found: false, observer };
        loop {
            let (due, now) = (self.player.due(), self.clock.now());
            if due.min(now) >= end {
                return Ok(Reached::End);
            }
            let mut listening = Listening { observer: &mut watching, told: &mut *told };
            if due <= now.min(until) || !self.inbox.is_empty() {
                self.step(due.min(now), &mut listening);
            } else if now >= until {
                return Ok(Reached::Time);
            } else {
                self.wait(due.min(end).min(until)).await?;
                let now = self.clock.now().min(due);
                if now < end {
                    self.step(now, &mut listening);
                }
            }
            self.look(told);
            if watching.found {
                return Ok(Reached::Seen);
            }
        }
    }

    /// Waits until something came on a socket, or until `due`.
    async fn wait(&mut self, due: Time) -> Result<(), LiveError> {
        match self.clock.pace() {
            Pace::Times(_) => {
                let until =
                    self.clock.real(due).unwrap_or_else(|| std::time::Instant::now() + QUIET);
                let far = &self.player.stage().far;
                tokio::select! {
                    () = self.inbox.arrived.notified() => {}
                    ready = far.ready() => ready?,
                    () = tokio::time::sleep_until(until.into()) => {}
                }
            }
            Pace::Jumps => {
                if self.quiet().await? {
                    let sleeper = self.clock.next_sleeper();
                    self.clock.jump(due.min(sleeper));
                    // What arrives comes before what the phone decides at the same moment.
                    if sleeper <= due {
                        self.quiet().await?;
                    }
                }
            }
        }
        Ok(())
    }

    /// Waits until nothing is under way any more; answers whether it was so, or something came on a socket before.
    ///
    /// A thread that was not run for a while finds its timer over before it has looked at its sockets. So it is
    /// quiet when nothing happened between the ends of two sleeps.
    async fn quiet(&mut self) -> Result<bool, LiveError> {
        let mut before = None;
        loop {
            let far = &self.player.stage().far;
            tokio::select! {
                biased;
                () = self.inbox.arrived.notified() => return Ok(false),
                ready = far.ready() => return ready.map(|()| false).map_err(LiveError::Io),
                () = tokio::time::sleep(QUIET) => {}
            }
            let after = Some(self.player.stage().progress());
            if before == after {
                return Ok(true);
            }
            before = after;
        }
    }
}

/// How long nothing may have happened before a clock that jumps goes on.
const QUIET: Duration = Duration::from_millis(1);

/// How soon an interrupt is noticed.
const NOTICED: Duration = Duration::from_millis(20);

/// Ends when `flag` is set.
async fn set(flag: &AtomicBool) {
    while !flag.load(Ordering::Relaxed) {
        tokio::time::sleep(NOTICED).await;
    }
}

/// Watches for an event, beside somebody else.
struct Watching<'a, O> {
    seen: &'a mut dyn FnMut(&Event) -> bool,
    found: bool,
    observer: &'a mut O,
}

impl<O: Observer> Observer for Watching<'_, O> {
    fn event(&mut self, event: &Event) {
        self.found |= (self.seen)(event);
        self.observer.event(event);
    }
}

/// Counts the events that somebody else sees.
struct Counting<'a, O> {
    count: &'a mut usize,
    observer: &'a mut O,
}

impl<O: Observer> Observer for Counting<'_, O> {
    fn event(&mut self, event: &Event) {
        *self.count += 1;
        self.observer.event(event);
    }
}
