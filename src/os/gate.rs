//! Which legacy VoIP features an app has: by its manifest, its SDK and the version of the system.

use crate::platform::{Manifest, Profile};
use crate::port::{ServiceType, Transport};
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

    /// Whether the system watches a stream of this service type while the app is suspended; `Ok(false)` when it
    /// was not asked to.
    ///
    /// # Errors
    /// Why it does not although it was asked to.
    pub fn watches(
        &self,
        service: ServiceType,
        transport: Transport,
        profile: &Profile,
    ) -> Result<bool, Refusal> {
        let available = match service {
            ServiceType::Default => return Ok(false),
            ServiceType::Voip => profile.voip_socket_wakes,
            ServiceType::VoipRequest => profile.voip_request_wakes,
        };
        match self.voip {
            _ if !available => Err(Refusal::NotAvailable),
            Some(why) => Err(why),
            None if transport == Transport::Udp && !profile.voip_socket_udp => {
                Err(Refusal::Datagrams)
            }
            None => Ok(true),
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
    fn a_request_of_the_voip_type_is_watched_where_the_profile_says_so() {
        let gate = Gate { voip: None, trap: false, audio: false, debugger: false };
        for (socket, request) in [(true, true), (true, false), (false, true), (false, false)] {
            let profile = Profile {
                voip_socket_wakes: socket,
                voip_request_wakes: request,
                ..Profile::default()
            };
            let watches = |service| gate.watches(service, Transport::Tcp, &profile);
            let answer = |yes| if yes { Ok(true) } else { Err(Refusal::NotAvailable) };
            assert_eq!(watches(ServiceType::Voip), answer(socket));
            assert_eq!(watches(ServiceType::VoipRequest), answer(request));
            assert_eq!(watches(ServiceType::Default), Ok(false));
        }
    }

    #[test]
    fn without_the_background_mode_nothing_is_granted() {
        let app = Manifest { background_modes: vec!["audio".into()], ..Manifest::voip() };
        assert_eq!(Gate::of(&Profile::default(), &app).voip, Some(Refusal::NoVoipMode));
    }
}
