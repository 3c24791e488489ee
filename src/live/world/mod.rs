//! Scenarios over real sockets: the phones under the model of iOS, each behind a fault proxy of its own, and a
//! push server on a free port.
//!
//! | file | what |
//! | --- | --- |
//! | `run` | a scenario from beginning to end |
//! | `steered` | the loop: one thread, one order of events, model time, as far as it is told to go |
//! | `aside` | such a run on a thread of its own, for somebody who thinks between two commands |
//! | `clock` | model time: scaled, or jumping while all is quiet |
//! | `limits` | what is not played, and how fast time may pass |
//! | `stage` | phones and server as the stage of a run |
//! | `phone` | the iOS model and the app over a path |
//! | `path`, `connection`, `socket` | the path: its connections, each over a real socket |
//! | `conditions` | link and faults, and what they make of connections and proxy |
//! | `relay` | the fault proxy, set by what the path is like |
//! | `far` | the server: `own`, behind its listener, or `elsewhere` |

mod aside;
mod clock;
mod conditions;
mod connection;
mod elsewhere;
mod far;
mod limits;
mod own;
mod path;
mod phone;
mod relay;
mod run;
mod socket;
mod stage;
mod steered;

pub(crate) use clock::ModelClock;
pub(crate) use own::Own;
pub(crate) use relay::{Relay, Standing, Told};
pub(crate) use socket::Inbox;
pub(crate) use stage::device_name;

pub use aside::{Aside, News, Until};
pub use clock::Pace;
pub use elsewhere::Server;
pub use limits::{Highest, MOST_DEVICES, NOISE, highest_speed, not_elsewhere, unsupported};
pub use run::{play_live, play_told};
pub use steered::{Listening, Reached, Steered};

pub use crate::wire::Said;

use crate::wire::dialect::BadValue;

/// How a scenario is played over real sockets.
#[derive(Clone, Debug)]
pub struct LiveOptions {
    /// The seed of what is drawn: latencies, jitter, the times of steps.
    pub seed: u64,
    /// How fast model time passes.
    pub pace: Pace,
    /// Whether every event is kept.
    pub trace: bool,
    /// A server that runs elsewhere; one of its own when absent.
    pub server: Option<Server>,
    /// Whether a fault proxy is between each phone and the server. Without one, steps on the network change what the
    /// phone knows of its interfaces and nothing else.
    pub proxied: bool,
}

impl LiveOptions {
    /// A server of its own and proxies, at this pace, nothing kept.
    pub fn new(seed: u64, pace: Pace) -> LiveOptions {
        LiveOptions { seed, pace, trace: false, server: None, proxied: true }
    }
}

/// Why a scenario could not be played over real sockets.
#[derive(Debug)]
pub enum LiveError {
    /// It asks for what real sockets cannot show: what.
    Unsupported(String),
    /// Its deadlines could not be told from noise at this speed.
    TooFast {
        /// What was asked for.
        speed: u32,
        /// What is possible.
        highest: Highest,
    },
    /// A value that cannot be said in the server's dialect.
    BadValue(BadValue),
    /// A socket, or a thread, could not be had.
    Io(std::io::Error),
}

impl std::fmt::Display for LiveError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            LiveError::Unsupported(why) => write!(f, "it needs {why}"),
            LiveError::TooFast { speed, highest } => write!(
                f,
                "speed {speed} is too high: {} leaves room for {} at most, because kernels and threads \
                 need up to {NOISE} for what takes no time in the model",
                highest.because, highest.speed
            ),
            LiveError::BadValue(bad) => write!(f, "{bad}"),
            LiveError::Io(error) => write!(f, "no socket: {error}"),
        }
    }
}

impl std::error::Error for LiveError {}

impl From<BadValue> for LiveError {
    fn from(bad: BadValue) -> LiveError {
        LiveError::BadValue(bad)
    }
}

impl From<std::io::Error> for LiveError {
    fn from(error: std::io::Error) -> LiveError {
        LiveError::Io(error)
    }
}
