//! iOS rules: lifecycle, run time, keep-alive, streams, kills, relaunch, sleep.
//!
//! [`Os`] is one phone with one app on it, as a plain state machine. It is told what the user, the
//! network and time do, and answers with callbacks for the app and requests for the network. Every rule
//! is a small file here; every number it asks for is a key of the platform
//! [`Profile`].
//!
//! | file | rule |
//! | --- | --- |
//! | `lifecycle` | states and callbacks, in their order |
//! | `leases` | every reason to run in background, its budget and its end |
//! | `suspension` | when an app stops running, and how it is woken |
//! | `wake_limit` | how often it may be woken |
//! | `tasks` | background tasks |
//! | `audio` | an app that plays or records runs on |
//! | `keep_alive` | the keep-alive handler |
//! | `gate` | which legacy VoIP features an app has |
//! | `streams`, `sockets` | what streams do and report; which sockets wake the app |
//! | `linger`, `over` | what a closed stream still says; streams over a connected socket |
//! | `reclaim` | sockets taken from a suspended app |
//! | `inspect` | what can be read of a phone while it runs |
//! | `debugger` | what an attached debugger holds off |
//! | `process` | exit, kill, relaunch, reboot |
//! | `turns`, `app_timers`, `storage` | the main thread, its timers, what survives a kill |
//! | `device` | lock, charger, memory, device sleep and the three clocks |
//! | `phone` | what the app asks, as [`Phone`](crate::port::Phone) |

mod app_timers;
mod audio;
mod debugger;
mod device;
mod gate;
mod inspect;
mod keep_alive;
mod leases;
mod lifecycle;
mod linger;
mod over;
mod phone;
mod process;
mod reclaim;
mod sockets;
mod storage;
#[cfg(test)]
mod stream_tests;
mod streams;
mod suspension;
mod tasks;
#[cfg(test)]
mod testing;
mod turns;
mod wake_limit;

use std::collections::VecDeque;

use crate::platform::Profile;
use crate::port::{AppState, Callback, Draws, Frame, Interface, StreamError, Time};
use crate::trace::{Observer, Probe};

use app_timers::AppTimers;
use device::Device;
use keep_alive::KeepAlive;
use leases::Leases;
use process::Process;
use reclaim::Reclaim;
use storage::Storage;
use streams::Streams;
use suspension::Suspension;
use tasks::Tasks;
use turns::MainThread;

pub(crate) use wake_limit::WakeLimit;

pub use gate::Gate;
pub use inspect::{DeviceSeen, Due, PairSeen, SocketSeen, Timer, WakeBudget};
pub use leases::Lease;
pub use phone::Handle;

/// What the rules need besides the phone's own state; borrowed for each call.
pub struct Context<'a, O> {
    /// What this iOS version allows.
    pub profile: &'a Profile,
    /// What the system grants the app of the legacy VoIP architecture.
    pub gate: Gate,
    /// The device's chance.
    pub draws: Draws,
    /// Who watches; its time is now.
    pub probe: Probe<'a, O>,
}

impl<O: Observer> Context<'_, O> {
    fn now(&self) -> Time {
        self.probe.at
    }
}

/// What the phone's kernel learned about a connection.
#[derive(Copy, Clone, PartialEq, Debug)]
pub enum SocketEvent {
    /// The handshake is done.
    Established,
    /// The connection could not be made.
    Failed(StreamError),
    /// A frame arrived.
    Frame(Frame),
    /// The peer closed.
    Fin,
    /// The peer does not know the connection.
    Reset,
    /// Nobody acknowledged for as long as the kernel tries.
    TimedOut,
}

/// What the phone wants of the network.
#[derive(Copy, Clone, PartialEq, Debug)]
pub enum Output {
    /// Make a connection.
    Connect {
        /// Its number.
        connection: u32,
    },
    /// Open a UDP socket.
    OpenDatagrams {
        /// Its number.
        connection: u32,
    },
    /// Send a frame.
    Send {
        /// On which connection.
        connection: u32,
        /// What.
        frame: Frame,
    },
    /// Close a connection: FIN.
    Finish {
        /// Its number.
        connection: u32,
    },
    /// Abort a connection: RST, because data was left unread.
    Reset {
        /// Its number.
        connection: u32,
    },
    /// The phone goes down and forgets every connection without a word.
    Vanish,
    /// The phone is up again: its interface may attach.
    PowerOn,
    /// The device sleeps: its kernel's timers stand still.
    Sleep,
    /// The device is awake again.
    Wake,
}

/// What the app is to be told next.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Delivery {
    /// The process has ended: its memory is gone.
    Forget,
    /// A callback.
    Callback(Callback),
}

/// One phone with one app.
#[derive(Clone, Debug)]
pub struct Os {
    state: AppState,
    device: Device,
    process: Process,
    main: MainThread,
    pending: VecDeque<Delivery>,
    leases: Leases,
    suspension: Suspension,
    wake_limit: WakeLimit,
    tasks: Tasks,
    /// The app plays or records.
    audio: bool,
    keep_alive: KeepAlive,
    streams: Streams,
    reclaim: Reclaim,
    timers: AppTimers,
    storage: Storage,
    out: VecDeque<Output>,
}

impl Os {
    /// A phone that is switched on, unlocked and on `interface`, with the app installed and not running.
    pub fn new(interface: Interface) -> Os {
        Os {
            state: AppState::NotRunning,
            device: Device::new(interface),
            process: Process::default(),
            main: MainThread::default(),
            pending: VecDeque::new(),
            leases: Leases::default(),
            suspension: Suspension::default(),
            wake_limit: WakeLimit::default(),
            tasks: Tasks::default(),
            audio: false,
            keep_alive: KeepAlive::default(),
            streams: Streams::default(),
            reclaim: Reclaim::default(),
            timers: AppTimers::default(),
            storage: Storage::default(),
            out: VecDeque::new(),
        }
    }

    /// The app's state.
    pub fn state(&self) -> AppState {
        self.state
    }

    /// The next request to the network.
    #[inline]
    pub fn output(&mut self) -> Option<Output> {
        self.out.pop_front()
    }

    /// Whether there is a request to the network.
    #[inline]
    pub fn has_output(&self) -> bool {
        !self.out.is_empty()
    }

    /// When something is due next; [`Time::NEVER`] if nothing is.
    #[inline]
    pub fn deadline(&self) -> Time {
        let running = if self.state.runs() {
            self.main.deadline().min(self.timers.deadline())
        } else {
            Time::NEVER
        };
        running
            .min(self.keep_alive.deadline())
            .min(self.leases.deadline())
            .min(self.tasks.warning())
            .min(self.main.watchdog())
            .min(self.reclaim.deadline())
            .min(self.device.deadline())
            .min(self.process.deadline())
    }

    /// Handles one thing that is due now. Work that ends at the very moment at which it has to be done
    /// was done in time, so the main thread comes before the timers that judge it.
    pub fn advance<O: Observer>(&mut self, cx: &mut Context<'_, O>) {
        let now = cx.now();
        if self.state.runs() && self.main.deadline() <= now {
            self.continue_turn();
        } else if self.state.runs() && self.timers.deadline() <= now {
            self.fire_timer(now);
        } else if self.keep_alive.deadline() <= now {
            self.keep_alive_due(cx);
        } else if self.tasks.warning() <= now {
            self.warn_of_expiry();
        } else if self.leases.deadline() <= now {
            self.lease_over(cx);
        } else if self.main.watchdog() <= now {
            self.watchdog_bites(cx);
        } else if self.reclaim.deadline() <= now {
            self.reclaim_sockets(cx);
        } else if self.process.deadline() <= now {
            self.process_due(cx);
        } else if self.device.deadline() <= now {
            self.device_due(cx);
        }
    }
}
