//! Where a session stands, in a line.

use std::fmt;

use super::ground::Ground;
use crate::port::{AppState, Time};
use crate::report::human;
use crate::trace::What;

/// What a status line shows.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Brief {
    /// The time of the run.
    pub now: Time,
    /// When the run ends.
    pub end: Time,
    /// When something is due next, if anything is and it is known.
    pub due: Option<Time>,
    /// The name of this future, if there are others.
    pub fork: Option<String>,
    /// Every device, in the order of their numbers.
    pub devices: Vec<DeviceBrief>,
}

/// What a status line shows of a device.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub struct DeviceBrief {
    /// The state of its app.
    pub state: AppState,
    /// Whether a push sent now would be received.
    pub reachable: bool,
}

impl Brief {
    pub(super) fn of(ground: &dyn Ground, devices: u32, end: Time, fork: Option<String>) -> Brief {
        let nothing = DeviceBrief { state: AppState::NotRunning, reachable: false };
        let mut found = vec![nothing; devices as usize];
        for event in ground.events() {
            let Some(index) = event.owner.checked_sub(1) else { continue };
            let Some(device) = found.get_mut(index as usize) else { continue };
            if let What::State { to, .. } = event.what {
                device.state = to;
            } else if let What::Reachable { reachable, .. } = event.what {
                device.reachable = reachable;
            }
        }
        Brief { now: ground.now(), end, due: ground.due(), fork, devices: found }
    }
}

impl fmt::Display for Brief {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.now)?;
        if let Some(fork) = &self.fork {
            write!(f, " [{fork}]")?;
        }
        match self.devices[..] {
            [DeviceBrief { state, reachable }] => {
                write!(f, " {state}, {}", if reachable { "reachable" } else { "unreachable" })?;
            }
            [..] => {
                let reachable = self.devices.iter().filter(|device| device.reachable).count();
                let all = human::plural(self.devices.len() as u64, "device");
                write!(f, " {reachable} of {all} reachable")?;
            }
        }
        match self.due {
            Some(due) => write!(f, ", next at {due}"),
            None if self.now >= self.end => write!(f, ", the end"),
            None => write!(f, ", nothing due"),
        }
    }
}
