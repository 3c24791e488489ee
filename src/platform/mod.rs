//! What each iOS version allows, as data with sources.

mod bplist;
mod entitlements;
mod hazards;
mod info_plist;
mod plist_reader;
mod profile;
mod profiles;
mod successors;
mod ways;

pub use entitlements::{Entitlements, read_entitlements};
pub use hazards::{BACKGROUND_MODES, Hazard, hazards, review, unknown_modes};
pub use info_plist::{InfoPlist, read_info_plist};
pub use plist_reader::{MAX_PLIST_BYTES, Place, PlistError};
pub use profile::{LateTask, Overrun, Profile, ReclaimTrigger, TaskKillCode, WindowKind};
pub use profiles::{
    IosRange, NEWEST_IOS, PROFILES, covered_by, covering, covering_major, ios_major, ios_range,
};
pub use ways::{Verdict, Way, WayName, ways, ways_since};

/// What the app is: the part of its bundle that iOS looks at, and how it is run.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Manifest {
    /// The UIBackgroundModes of its Info.plist.
    pub background_modes: Vec<String>,
    /// The major version of the SDK it was linked with, from DTSDKName; `None` is not known, and is
    /// taken as the oldest.
    pub sdk: Option<u32>,
    /// Whether a debugger is attached to its process, as when Xcode runs it.
    pub debugger: bool,
}

impl Manifest {
    /// An app with the `voip` background mode.
    pub fn voip() -> Manifest {
        Manifest { background_modes: vec!["voip".into()], sdk: None, debugger: false }
    }

    /// Whether `mode` is among its background modes.
    pub fn has_mode(&self, mode: &str) -> bool {
        self.background_modes.iter().any(|known| known == mode)
    }
}
