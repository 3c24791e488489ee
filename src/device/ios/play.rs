//! What the agent plays: the client of a scenario on the system below.

use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError};

use objc2::rc::Retained;
use objc2_ui_kit::UIApplication;

use super::backend::IosBackend;
use super::host::Host;
use super::hub::{self, VOICE};
use super::store::Kept;
use super::{clocks, reach};
use crate::client::Client;
use crate::device::agent::log::Log;
use crate::device::agent::policy::{Situation, Thresholds};
use crate::device::agent::{Agent, orders};
use crate::device::protocol::{About, LOG_FILE, Orders, ToHost};
use crate::device::system::network::Network;
use crate::device::system::words::{endpoint, push_of};
use crate::port::{Callback, PushId};
use crate::run::{act_of, beyond_sockets, header};
use crate::scenario::{Act, Scenario};
use crate::trace::What;

/// A phone is the first device of its run, and the only one.
const DEVICE: u32 = 1;

/// A scenario that is played.
pub(super) struct Playing {
    pub(super) agent: Agent<IosBackend, Client>,
    scenario: Scenario,
    seed: u64,
    network: Network,
    dir: PathBuf,
}

/// A scenario that is played from now on, and whether the device has booted since the process before.
pub(super) struct Begun {
    pub(super) playing: Playing,
    pub(super) booted: bool,
}

impl Playing {
    /// Follows orders, from the beginning of the run or where the process before ended.
    ///
    /// # Errors
    /// Why they cannot be followed.
    pub(super) fn begin(
        orders: &Orders,
        host: &mut Host,
        dir: &Path,
        about: &About,
        app: &Retained<UIApplication>,
    ) -> Result<Begun, String> {
        let scenario = playable(orders)?;
        let to = endpoint(&orders.server)?;
        let problem = |what: &'static str| move |error| format!("{what}: {error}");
        orders::save(dir, orders).map_err(problem("the orders"))?;
        let begun = host.life.began.is_some();
        let (clock, booted) = clocks::of_run(dir, begun).map_err(problem("the run's clock"))?;
        let now = u64::try_from(clocks::read().wall).unwrap_or(0);
        host.life.begin(dir, now).map_err(problem("the run's beginning"))?;
        *host.clock.lock().unwrap_or_else(PoisonError::into_inner) = Some(clock.clone());
        let (names, path) = (scenario.names.clone(), dir.join(LOG_FILE));
        let first = header(&scenario, orders.seed);
        let mut log =
            Log::open(&path, &first, about, &orders.run, names).map_err(problem("the log"))?;
        let control = Arc::clone(&host.control);
        log.set_sink(Box::new(move |at, line| {
            control.say(ToHost::Event { at, line: line.to_owned() });
        }));
        let kept = Kept::new(dir, scenario.platform.values.storage_capacity);
        let backend = IosBackend::new(clock, kept, Some(app.clone()), VOICE, hub::look);
        let client = Client::new(Arc::new(scenario.client.values.clone()), DEVICE);
        let (situation, name) = (situation(about, orders.expect_trap), orders.name.clone());
        let mut agent = Agent::new(client, backend, log, situation, to, name, DEVICE);
        let control = Arc::clone(&host.control);
        agent.on_connection(Box::new(move |pair, port| {
            control.say(ToHost::Connection { pair, port });
        }));
        let (seed, dir, known) = (orders.seed, dir.to_owned(), Network::load(dir));
        let network = known.filter(|_| begun).unwrap_or_else(network);
        let mut playing = Playing { agent, scenario, seed, network: network.clone(), dir };
        playing.know(network);
        // What changed since the process before; the client finds it as it is.
        if let Some(change) = playing.changed() {
            playing.agent.note(change);
        }
        Ok(Begun { playing, booted })
    }

    /// What a step of the scenario does; nothing when there is no such step.
    pub(super) fn act(&self, step: usize, member: u32) -> Result<Act, String> {
        act_of(&self.scenario, self.seed, step, DEVICE, member).ok_or_else(|| {
            let steps = self.scenario.steps.len();
            format!("there is no step {step}: the scenario has {steps}")
        })
    }

    /// The push of this name.
    pub(super) fn push(&self, name: &str) -> Option<PushId> {
        push_of(&self.scenario.names, name)
    }

    /// A second is over.
    pub(super) fn pulse(&mut self) {
        self.agent.pulse();
        self.look();
        self.look_at_network();
    }

    /// Fires the timers that are due.
    pub(super) fn look(&mut self) {
        for timer in self.agent.backend().due() {
            self.agent.callback(Callback::Timer(timer));
        }
    }

    /// Tells of another interface or address.
    pub(super) fn look_at_network(&mut self) {
        let Some(change) = self.changed() else { return };
        self.agent.note(change);
        if let What::InterfaceChanged { to } = change {
            self.agent.callback(Callback::ReachabilityChanged(to));
        }
    }

    /// What is another than it was when somebody looked last.
    fn changed(&mut self) -> Option<What> {
        let now = network();
        let change = now.change_since(&self.network);
        if change.is_some() {
            self.know(now);
        }
        change
    }

    fn know(&mut self, network: Network) {
        self.network = network;
        // A process that does not find it takes the network for what it was.
        let _kept = self.network.keep(&self.dir);
    }
}

fn network() -> Network {
    Network::of(&reach::addresses())
}

/// The scenario of the orders, if a phone can play it.
fn playable(orders: &Orders) -> Result<Scenario, String> {
    if orders.speed != 1 {
        return Err(format!("a phone's time passes once, not {} times as fast", orders.speed));
    }
    let scenario = orders::scenario(&orders.scenario)?;
    match beyond_sockets(&scenario) {
        Some(why) => Err(format!("the scenario needs {why}")),
        None => Ok(scenario),
    }
}

fn situation(about: &About, expect_trap: bool) -> Situation {
    let mut parts = about.os.split('.').map(|part| part.parse().unwrap_or(0));
    Situation {
        os: (parts.next().unwrap_or(0), parts.next().unwrap_or(0)),
        sdk: about.sdk,
        background_modes: about.background_modes.clone(),
        simulator: about.simulator,
        expect_trap,
        thresholds: Thresholds::default(),
    }
}
