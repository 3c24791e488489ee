//! Which calls of the legacy VoIP architecture an agent makes, which it leaves out, and which it makes although the
//! process may be ended for it. A pure table of the system's version, the SDK in the binary, the Info.plist, and
//! simulator or not.
//!
//! | call | where | plan | why |
//! | --- | --- | --- | --- |
//! | any | no `voip` among UIBackgroundModes | made, but for a VoIP stream: refused | `no-voip-mode` |
//! | VoIP stream | before iOS 4 | refused | `not-available` |
//! | VoIP stream | a device with iOS 16 or later, an SDK of 16 or later | refused, or `expect-trap` when asked for | `modern-sdk-trap` |
//! | VoIP stream | a simulator | made | `simulator` |
//! | VoIP stream | elsewhere, an SDK of 10 or later | made | `answer-is-the-result` |
//! | VoIP stream | elsewhere | made | `supported` |
//! | keep-alive | before iOS 4 | refused | `not-available` |
//! | keep-alive | a simulator, or an SDK of 10 or later | made | `simulator`, `answer-is-the-result` |
//! | keep-alive | elsewhere | made | `supported` |
//! | UILocalNotification | iOS 10 or later | refused: UNUserNotificationCenter is there | `not-available` |
//! | UILocalNotification | before iOS 4 | refused | `not-available` |
//! | UILocalNotification | iOS 4 to 9 | made | `supported` |
//!
//! Sources: the trap is reported of iOS 16 and later with Xcode 14 (linphone-sdk issues 250 and 251, mailcore2 issues
//! 1955, 1963 and 1964, pjproject issue 3303), at the connect of the stream, and not in the simulator. That an SDK
//! of 10 switches the legacy path off is Apple's QA1938; that `setKeepAliveTimeout:handler:` then answers NO is in
//! twilio/video-quickstart-objc issue 24. Availability is that of Apple's headers. Which SDK is the first that traps
//! nobody documents: [`Thresholds`] has it.

use crate::trace::{LegacyFeature, LegacyPlan, LegacyReason};

/// A version: major and minor.
pub type Version = (u16, u16);

/// What decides.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Situation {
    /// The version of iOS.
    pub os: Version,
    /// The SDK that the binary says it was linked with; absent is taken as modern, because a modern toolchain built it.
    pub sdk: Option<Version>,
    /// The UIBackgroundModes.
    pub background_modes: Vec<String>,
    /// Whether it runs in the simulator.
    pub simulator: bool,
    /// Whether calls are made that are expected to end the process.
    pub expect_trap: bool,
    /// From which versions on the system behaves otherwise.
    pub thresholds: Thresholds,
}

/// Versions at which the system's behaviour changes, where only reports tell.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub struct Thresholds {
    /// The first iOS that traps: reports are of 16 and later.
    pub trap_os: u16,
    /// The first SDK that is trapped: reports say Xcode 14, which has the SDK 16; Xcode 13.4.1 avoided it
    /// (linphone-sdk issue 250).
    pub trap_sdk: u16,
    /// The first SDK for which the legacy path is off (Apple QA1938).
    pub legacy_off_sdk: u16,
}

impl Default for Thresholds {
    fn default() -> Thresholds {
        Thresholds { trap_os: 16, trap_sdk: 16, legacy_off_sdk: 10 }
    }
}

/// The first iOS with background modes, keep-alive handlers and local notifications (Apple's headers).
const FIRST_OS: u16 = 4;
/// The first iOS with UNUserNotificationCenter (Apple's headers).
const NEW_NOTIFICATIONS: u16 = 10;

/// What to do with a call, and why.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub struct Plan {
    /// What to do.
    pub plan: LegacyPlan,
    /// Why.
    pub why: LegacyReason,
}

const fn made(why: LegacyReason) -> Plan {
    Plan { plan: LegacyPlan::Made, why }
}

const fn refused(why: LegacyReason) -> Plan {
    Plan { plan: LegacyPlan::Refused, why }
}

impl Situation {
    /// Whether `voip` is among the background modes.
    pub fn has_voip_mode(&self) -> bool {
        self.background_modes.iter().any(|mode| mode == "voip")
    }

    fn sdk_from(&self, major: u16) -> bool {
        self.sdk.is_none_or(|(sdk, _)| sdk >= major)
    }

    /// Whether the legacy path is off for an app with this SDK.
    pub fn legacy_off(&self) -> bool {
        self.sdk_from(self.thresholds.legacy_off_sdk)
    }

    fn traps(&self) -> bool {
        let Thresholds { trap_os, trap_sdk, .. } = self.thresholds;
        !self.simulator && self.os.0 >= trap_os && self.sdk_from(trap_sdk)
    }
}

/// What to do with `feature` in this situation.
pub fn plan(feature: LegacyFeature, situation: &Situation) -> Plan {
    let old = situation.os.0 < FIRST_OS;
    match feature {
        LegacyFeature::VoipStream if old => refused(LegacyReason::NotAvailable),
        // Checked when the stream connects, whatever the Info.plist says.
        LegacyFeature::VoipStream if situation.traps() => {
            let plan = match situation.expect_trap {
                true => LegacyPlan::ExpectTrap,
                false => LegacyPlan::Refused,
            };
            Plan { plan, why: LegacyReason::ModernSdkTrap }
        }
        LegacyFeature::VoipStream if !situation.has_voip_mode() => {
            refused(LegacyReason::NoVoipMode)
        }
        LegacyFeature::KeepAlive if old => refused(LegacyReason::NotAvailable),
        // It answers NO, and that is what is to be seen.
        LegacyFeature::KeepAlive if !situation.has_voip_mode() => made(LegacyReason::NoVoipMode),
        LegacyFeature::VoipStream | LegacyFeature::KeepAlive if situation.simulator => {
            made(LegacyReason::Simulator)
        }
        LegacyFeature::VoipStream | LegacyFeature::KeepAlive if situation.legacy_off() => {
            made(LegacyReason::AnswerIsTheResult)
        }
        LegacyFeature::VoipStream | LegacyFeature::KeepAlive => made(LegacyReason::Supported),
        LegacyFeature::LocalNotification if old || situation.os.0 >= NEW_NOTIFICATIONS => {
            refused(LegacyReason::NotAvailable)
        }
        LegacyFeature::LocalNotification => made(LegacyReason::Supported),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use LegacyFeature::{KeepAlive, LocalNotification, VoipStream};
    use LegacyPlan::{ExpectTrap, Made, Refused};
    use LegacyReason::{
        AnswerIsTheResult, ModernSdkTrap, NoVoipMode, NotAvailable, Simulator, Supported,
    };

    fn phone(os: u16, sdk: u16) -> Situation {
        Situation {
            os: (os, 0),
            sdk: Some((sdk, 3)),
            background_modes: vec!["voip".into()],
            simulator: false,
            expect_trap: false,
            thresholds: Thresholds::default(),
        }
    }

    #[test]
    fn every_cell_of_the_table_is_as_written() {
        let simulator = |os, sdk| Situation { simulator: true, ..phone(os, sdk) };
        let no_mode = |os, sdk| Situation { background_modes: Vec::new(), ..phone(os, sdk) };
        let daring = |os, sdk| Situation { expect_trap: true, ..phone(os, sdk) };
        let unknown = |os| Situation { sdk: None, ..phone(os, 9) };
        for (feature, situation, plan_, why) in [
            (VoipStream, phone(3, 3), Refused, NotAvailable),
            (VoipStream, phone(4, 4), Made, Supported),
            (VoipStream, phone(9, 9), Made, Supported),
            (VoipStream, phone(9, 10), Made, AnswerIsTheResult),
            (VoipStream, phone(15, 15), Made, AnswerIsTheResult),
            (VoipStream, phone(15, 16), Made, AnswerIsTheResult),
            (VoipStream, phone(16, 9), Made, Supported),
            (VoipStream, phone(16, 15), Made, AnswerIsTheResult),
            (VoipStream, phone(16, 16), Refused, ModernSdkTrap),
            (VoipStream, phone(26, 26), Refused, ModernSdkTrap),
            (VoipStream, daring(26, 26), ExpectTrap, ModernSdkTrap),
            (VoipStream, daring(26, 9), Made, Supported),
            (VoipStream, unknown(26), Refused, ModernSdkTrap),
            (VoipStream, unknown(9), Made, AnswerIsTheResult),
            (VoipStream, simulator(26, 26), Made, Simulator),
            (VoipStream, no_mode(9, 9), Refused, NoVoipMode),
            (VoipStream, no_mode(26, 26), Refused, ModernSdkTrap),
            (KeepAlive, phone(3, 3), Refused, NotAvailable),
            (KeepAlive, phone(9, 9), Made, Supported),
            (KeepAlive, phone(26, 9), Made, Supported),
            (KeepAlive, phone(26, 26), Made, AnswerIsTheResult),
            (KeepAlive, simulator(9, 9), Made, Simulator),
            (KeepAlive, no_mode(9, 9), Made, NoVoipMode),
            (LocalNotification, phone(3, 3), Refused, NotAvailable),
            (LocalNotification, phone(4, 4), Made, Supported),
            (LocalNotification, no_mode(9, 9), Made, Supported),
            (LocalNotification, phone(10, 9), Refused, NotAvailable),
        ] {
            let found = plan(feature, &situation);
            assert_eq!(found, Plan { plan: plan_, why }, "{feature} {situation:?}");
        }
    }

    #[test]
    fn no_call_that_traps_is_made_unless_that_is_asked_for() {
        for os in 3..=30 {
            for sdk in (3..=30).map(|major| Some((major, 0))).chain([None]) {
                let situation = Situation { sdk, ..phone(os, 9) };
                let plan = plan(VoipStream, &situation);
                let modern = sdk.is_none_or(|(major, _)| major >= 16);
                assert_eq!(plan.plan == Refused && os >= 4, os >= 16 && modern, "{situation:?}");
            }
        }
    }

    #[test]
    fn where_the_trap_begins_can_be_set() {
        let mut situation = phone(17, 15);
        situation.thresholds.trap_sdk = 15;
        assert_eq!(plan(VoipStream, &situation).plan, Refused);
    }
}
