//! The vocabulary as types: what an app is told, what it can ask, what goes over the wire, and time.
//!
//! Nothing here decides anything. [`App`] and [`Phone`] are the seam between a client and the system it
//! runs under, whichever world that is.

mod callback;
mod draws;
mod frame;
mod phone;
mod time;
mod words;

pub use callback::{Callback, LaunchReason, StreamEvent, TimerId, Token};
pub use draws::{Draws, Purpose};
pub use frame::{Frame, PushId};
pub use phone::{
    App, AppReport, Clock, ConnectBy, Interface, Phone, RunLoop, ServiceType, Side, StorageError,
    StreamError, StreamId, StreamPair, TaskId, Transport,
};
pub use time::{Now, Span, Time};
pub(crate) use words::words;

use words::words as declare;

declare! {
    /// The state of an app, in UIKit's words.
    pub enum AppState {
        /// There is no process.
        NotRunning = "not-running",
        /// In the foreground, but not receiving events: on the way in or out.
        Inactive = "inactive",
        /// In the foreground and receiving events.
        Active = "active",
        /// Off screen and running code.
        Background = "background",
        /// In memory, running no code.
        Suspended = "suspended",
    }
}

impl AppState {
    /// Whether the app's code can run in this state.
    pub const fn runs(self) -> bool {
        match self {
            AppState::Inactive | AppState::Active | AppState::Background => true,
            AppState::NotRunning | AppState::Suspended => false,
        }
    }

    /// Whether the app is on screen.
    pub const fn foreground(self) -> bool {
        match self {
            AppState::Inactive | AppState::Active => true,
            AppState::NotRunning | AppState::Suspended | AppState::Background => false,
        }
    }
}
