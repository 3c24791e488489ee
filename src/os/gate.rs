//! Which legacy VoIP features an app has: by its manifest, its SDK and the version of the system.

use crate::platform::{Manifest, Profile};
use crate::trace::Refusal;

/// What the system grants an app: of the legacy VoIP architecture, to one that plays sound, and by a debugger.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub struct Gate {
    /// Why VoIP features are refused; `None` when they are granted.
    pub voip: Option<Refusal>,
    /// Whether a VoIP-tagged socket traps the process when it connects.
    pub trap: bool,
    /// Whether the app runs on in background while it plays or records.
    pub audio: bool,
    /// Whether a debugger keeps the app running and the watchdogs away.
    pub debugger: bool,
}

impl Gate {
    /// The gate for this app on this platform.
    pub fn of(profile: &Profile, manifest: &Manifest) -> Gate {
        // An unknown SDK is taken as the oldest: the legacy path is what the question is about.
        let at_least = |bound: Option<u32>| match (bound, manifest.sdk) {
            (Some(bound), Some(sdk)) => sdk >= bound,
            (Some(_) | None, None) | (None, Some(_)) => false,
        };
        let voip = if !manifest.has_mode("voip") {
            Some(Refusal::NoVoipMode)
        } else if at_least(profile.legacy_sdk_gate) {
            Some(Refusal::SdkGate)
        } else {
            None
        };
        Gate {
            voip,
            trap: at_least(profile.legacy_trap_sdk),
            audio: manifest.has_mode("audio"),
            debugger: manifest.debugger,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sdk_gate_closes_for_apps_linked_with_a_newer_sdk_only() {
        let profile = Profile { legacy_sdk_gate: Some(10), ..Profile::default() };
        let app = |sdk| Manifest { sdk, ..Manifest::voip() };
        assert_eq!(Gate::of(&profile, &app(Some(9))).voip, None);
        assert_eq!(Gate::of(&profile, &app(Some(10))).voip, Some(Refusal::SdkGate));
        assert_eq!(Gate::of(&profile, &app(None)).voip, None);
    }

    #[test]
    fn without_the_background_mode_nothing_is_granted() {
        let app = Manifest { background_modes: vec!["audio".into()], ..Manifest::voip() };
        assert_eq!(Gate::of(&Profile::default(), &app).voip, Some(Refusal::NoVoipMode));
    }
}
