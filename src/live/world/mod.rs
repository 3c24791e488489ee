//! Scenarios over real sockets: the phones under the model of iOS, each behind a fault proxy of its own, and a
//! push server on a free port.
//!
//! | file | what |
//! | --- | --- |
//! | `run` | the loop: one thread, one order of events, model time |
//! | `clock` | model time: scaled, or jumping while all is quiet |
//! | `limits` | what is not played, and how fast time may pass |
//! | `stage` | phones and server as the stage of a run |
//! | `phone` | the iOS model and the app over a path |
//! | `path`, `connection`, `socket` | the path: link, what stands in the way, each real socket |
//! | `relay` | the fault proxy, set by what the path is like |
//! | `far`, `speech` | the server behind its listener; frames as bytes |

mod clock;
mod connection;
mod far;
mod limits;
mod path;
mod phone;
mod relay;
mod run;
mod socket;
mod speech;
mod stage;

pub use clock::Pace;
pub use limits::{Highest, MOST_DEVICES, NOISE, highest_speed, unsupported};
pub use run::play_live;

/// How a scenario is played over real sockets.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub struct LiveOptions {
    /// The seed of what is drawn: latencies, jitter, the times of steps.
    pub seed: u64,
    /// How fast model time passes.
    pub pace: Pace,
    /// Whether every event is kept.
    pub trace: bool,
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
            LiveError::Io(error) => write!(f, "no socket: {error}"),
        }
    }
}

impl std::error::Error for LiveError {}

impl From<std::io::Error> for LiveError {
    fn from(error: std::io::Error) -> LiveError {
        LiveError::Io(error)
    }
}
