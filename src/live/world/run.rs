//! Plays a scenario over real sockets: one thread, one order of events, model time.

use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use super::clock::{ModelClock, Pace};
use super::elsewhere::Elsewhere;
use super::far::Far;
use super::limits::{highest_speed, not_elsewhere, unsupported};
use super::own::Own;
use super::relay::Relay;
use super::socket::Inbox;
use super::speech::{Said, Speech};
use super::stage::{LiveStage, device_name};
use super::{LiveError, LiveOptions};
use crate::client::Client;
use crate::port::{App, Time};
use crate::run::{Outcome, Player, setup};
use crate::scenario::Scenario;
use crate::trace::{Event, Observer, Recorder};

/// Plays a scenario with the built-in client over real sockets: its own server on a free port, a proxy for each
/// phone, the phones under the model of iOS.
///
/// # Errors
/// When the scenario asks for what real sockets cannot show, when the speed is too high for its deadlines, or when
/// a socket cannot be had.
pub fn play_live(
    scenario: &Scenario,
    options: &LiveOptions,
    observer: &mut impl Observer,
) -> Result<Outcome, LiveError> {
    play_told(scenario, options, observer, &mut |_| {})
}

/// The same; what servers say beside their frames is told.
///
/// # Errors
/// As of [`play_live`].
pub fn play_told(
    scenario: &Scenario,
    options: &LiveOptions,
    observer: &mut impl Observer,
    told: &mut dyn FnMut(&Said),
) -> Result<Outcome, LiveError> {
    if let Some(why) = unsupported(scenario) {
        return Err(LiveError::Unsupported(why));
    }
    if options.server.is_some()
        && let Some(what) = not_elsewhere(scenario)
    {
        return Err(LiveError::Unsupported(what));
    }
    if let Pace::Times(speed) = options.pace {
        let highest = highest_speed(scenario);
        if speed > highest.speed {
            return Err(LiveError::TooFast { speed, highest });
        }
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let strategy = Arc::new(scenario.client.values.clone());
    let make = |device| Client::new(Arc::clone(&strategy), device);
    let mut recorder = Recorder::default();
    let local = tokio::task::LocalSet::new();
    let played = local.block_on(&runtime, async {
        let mut watchers = (&mut recorder, &mut *observer);
        play(scenario, options, make, &mut watchers, told).await
    });
    let mut outcome = played?;
    if options.trace {
        let mut events = recorder.events;
        events.sort_by_key(Event::key);
        outcome.events = Some(events);
    }
    outcome.conclude(scenario, options.seed);
    Ok(outcome)
}

async fn play<A: App, O: Observer>(
    scenario: &Scenario,
    options: &LiveOptions,
    make: impl Fn(u32) -> A,
    observer: &mut O,
    told: &mut dyn FnMut(&Said),
) -> Result<Outcome, LiveError> {
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
            true => Relay::open(far.address(), seed, &clock, &inbox)?,
            false => Relay::direct(far.address()),
        };
        let speech = match &options.server {
            None => Speech::own(device_name(device)),
            Some(server) => server.speech(device)?,
        };
        ways.push((relay, speech));
    }
    let names = scenario.names.clone();
    let stage = LiveStage::new(setup, Rc::clone(&inbox), far, ways, make, names);
    let mut player = Player::new(scenario, options.seed, 1..=devices, stage);
    let end = player.end();
    player.start(observer);
    let mut last = Time::ZERO;
    loop {
        let (due, now) = (player.due(), clock.now());
        if due.min(now) >= end {
            break;
        }
        if due <= now || !inbox.is_empty() {
            last = last.max(due.min(now));
            player.step(last, observer);
        } else {
            wait(&mut player, &clock, &inbox, due.min(end)).await?;
            let now = clock.now().min(due);
            if now < end {
                last = last.max(now);
                player.step(last, observer);
            }
        }
        for said in player.stage().sayings() {
            told(&said);
        }
        for (device, why) in std::mem::take(&mut player.stage().blurs) {
            player.blur(device, last, why);
        }
    }
    Ok(player.finish())
}

/// How long nothing may have happened before a clock that jumps goes on.
const QUIET: Duration = Duration::from_millis(1);

/// Waits until something came on a socket, or until `due`.
async fn wait<A: App>(
    player: &mut Player<'_, LiveStage<A>>,
    clock: &Arc<ModelClock>,
    inbox: &Rc<Inbox>,
    due: Time,
) -> Result<(), LiveError> {
    match clock.pace() {
        Pace::Times(_) => {
            let until = clock.real(due).unwrap_or_else(|| std::time::Instant::now() + QUIET);
            let far = &player.stage().far;
            tokio::select! {
                () = inbox.arrived.notified() => {}
                ready = far.ready() => ready?,
                () = tokio::time::sleep_until(until.into()) => {}
            }
        }
        Pace::Jumps => {
            if quiet(player, inbox).await? {
                let sleeper = clock.next_sleeper();
                clock.jump(due.min(sleeper));
                // What arrives comes before what the phone decides at the same moment.
                if sleeper <= due {
                    quiet(player, inbox).await?;
                }
            }
        }
    }
    Ok(())
}

/// Waits until nothing is under way any more; answers whether it was so, or something came on a socket before.
///
/// A thread that was not run for a while finds its timer over before it has looked at its sockets. So it is quiet
/// when nothing happened between the ends of two sleeps.
async fn quiet<A: App>(
    player: &mut Player<'_, LiveStage<A>>,
    inbox: &Rc<Inbox>,
) -> Result<bool, LiveError> {
    let mut before = None;
    loop {
        tokio::select! {
            biased;
            () = inbox.arrived.notified() => return Ok(false),
            ready = player.stage().far.ready() => return ready.map(|()| false).map_err(LiveError::Io),
            () = tokio::time::sleep(QUIET) => {}
        }
        let after = Some(player.stage().progress());
        if before == after {
            return Ok(true);
        }
        before = after;
    }
}
