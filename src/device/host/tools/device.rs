//! The devices there are, and which of them is meant.

use std::fmt;

/// What a device is.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Kind {
    /// Of the simulator.
    Simulator,
    /// Hardware.
    Phone,
}

/// Which tool speaks with a device.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Tool {
    /// Apple's, for simulators.
    Simctl,
    /// Apple's, for iOS 17 and later.
    Devicectl,
    /// For what is older.
    IosDeploy,
}

/// What hinders or allows its use.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum State {
    /// It can be used, as far as its list says.
    Ready,
    /// A simulator that is not started.
    Shutdown,
    /// A simulator whose runtime is gone, and what the list says of it.
    Unavailable(String),
    /// A phone that this Mac is not paired with.
    NotPaired,
    /// A phone that is known, and not connected now.
    Disconnected,
    /// Its developer mode is off.
    NoDeveloperMode,
    /// Anything else that its list says, as `Booting`.
    Other(String),
}

/// A device as its tool's list has it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Device {
    /// What the tools take: the UDID, or where a phone tells none, CoreDevice's identifier.
    pub id: String,
    /// CoreDevice's own identifier of a phone, where there is one.
    pub core_id: Option<String>,
    /// What it is called.
    pub name: String,
    /// What it is.
    pub kind: Kind,
    /// Which tool speaks with it.
    pub tool: Tool,
    /// Its version of iOS, as `17.0.1`; absent when the list has none.
    pub os: Option<String>,
    /// Its model: `iPhone14,5` of hardware, the device type of a simulator.
    pub model: Option<String>,
    /// What hinders or allows its use.
    pub state: State,
}

impl Device {
    /// The major version of its iOS.
    pub fn major(&self) -> Option<u32> {
        self.os.as_deref()?.split('.').next()?.parse().ok()
    }
}

/// As it is shown in lists: name, kind, version, identifier.
impl fmt::Display for Device {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self.kind {
            Kind::Simulator => "simulator",
            Kind::Phone => "phone",
        };
        let clean = |text: &str| text.chars().filter(|c| !c.is_control()).collect::<String>();
        let os = self.os.as_deref().unwrap_or("of an unknown version");
        write!(f, "{} ({kind}, iOS {}, {})", clean(&self.name), clean(os), clean(&self.id))
    }
}
