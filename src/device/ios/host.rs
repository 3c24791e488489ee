//! The agent's way to its host: where it is, and what is said on each connection first.

use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use super::clocks;
use super::hub::{self, Event};
use super::voice::on_main;
use crate::device::agent::control::Control;
use crate::device::agent::life::Life;
use crate::device::protocol::{
    About, CONTROL_VARIABLE, Clocks, Orders, RUN_VARIABLE, TOKEN_VARIABLE, ToHost, VERSION,
};
use crate::device::system::clocks::RunClock;
use crate::device::system::words::Who;
use crate::port::Now;

/// The host that the environment names: that of a launch with variables.
pub(super) fn of_environment() -> Option<Who> {
    let control = std::env::var(CONTROL_VARIABLE).ok()?;
    let run = std::env::var(RUN_VARIABLE).ok()?;
    Some(Who { control, run, token: std::env::var(TOKEN_VARIABLE).ok()? })
}

/// The host whose orders were kept: that of a launch by a person or the system.
pub(super) fn of_orders(orders: &Orders) -> Who {
    let Orders { run, token, control, .. } = orders.clone();
    Who { control, run, token }
}

/// The run's clock once it has begun, for the thread of the control channel too.
pub(super) type Shared = Arc<Mutex<Option<RunClock>>>;

/// What the run's clocks say; zero before it began.
pub(super) fn clocks_of(clock: &Shared) -> Clocks {
    let clock = clock.lock().unwrap_or_else(PoisonError::into_inner);
    let Some(clock) = &*clock else { return Clocks::default() };
    let Now { continuous, uptime, wall } = clock.now(clocks::read());
    Clocks { continuous: continuous.as_micros(), uptime: uptime.as_micros(), wall }
}

/// The host of this process, and the run that it is of.
pub(super) struct Host {
    pub(super) who: Who,
    pub(super) life: Life,
    pub(super) control: Arc<Control>,
    pub(super) clock: Shared,
}

impl Host {
    /// Begins to connect to the host, with another process of its run.
    ///
    /// # Errors
    /// When it cannot be written down that there is one.
    pub(super) fn new(who: Who, dir: &Path, about: About) -> io::Result<Host> {
        let life = Life::next(dir, &who.run)?;
        let clock = Shared::default();
        let (process, its, of) = (life.process, Arc::clone(&clock), who.clone());
        let hello = Box::new(move || {
            let Who { run, token, .. } = of.clone();
            let (about, clocks) = (about.clone(), clocks_of(&its));
            ToHost::Hello { version: VERSION, run, token, process, about, clocks }
        });
        // The control channel is another thread; everything else is the main one.
        let wake = Box::new(|| on_main(|| hub::tell(Event::Heard)));
        let control = Arc::new(Control::start(who.control.clone(), hello, wake));
        Ok(Host { who, life, control, clock })
    }

    /// Tells a person something.
    pub(super) fn note(&self, text: String) {
        self.control.say(ToHost::Note { text });
    }
}
