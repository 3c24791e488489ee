//! Which ways of staying connected an app has on a version of iOS.
//!
//! The legacy ways follow from the profile; the ways that came later are in `successors`.

use super::{Entitlements, InfoPlist, Overrun, Profile, ios_range, successors};
use crate::port::words;

words! {
    /// A way to be reached, or to run, while the app is not on screen.
    pub enum WayName {
        /// A TCP socket tagged as VoIP signalling, which the system watches.
        VoipSocket = "voip-socket",
        /// `setKeepAliveTimeout:handler:`.
        KeepAliveHandler = "keep-alive-handler",
        /// `beginBackgroundTask`.
        BackgroundTask = "background-task",
        /// The `audio` background mode.
        Audio = "audio",
        /// The `location` background mode.
        Location = "location",
        /// A VoIP push through Apple's servers.
        PushKit = "pushkit",
        /// A push with `content-available` and nothing to show.
        SilentPush = "silent-push",
        /// Background fetch, later `BGAppRefreshTask`.
        BackgroundRefresh = "background-refresh",
        /// `BGProcessingTask`.
        BackgroundProcessing = "background-processing",
        /// `NEAppPushProvider`: an extension with its own connection to a server on the local network.
        LocalPushConnectivity = "local-push-connectivity",
        /// The PushToTalk framework.
        PushToTalk = "push-to-talk",
        /// `BGContinuedProcessingTask`.
        ContinuedProcessing = "continued-processing",
    }
}

/// Whether a way is open to an app.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Verdict {
    /// It works.
    Works,
    /// It would work if the app had this.
    Missing(String),
    /// It would work with this, but what was given does not show whether the app has it.
    Unknown(String),
    /// The system does not let this app do it.
    Refused(String),
    /// Trying ends the app.
    Kills {
        /// The exception code, or `trap`.
        code: &'static str,
        /// Why.
        why: String,
    },
    /// This version does not have it.
    NotOnThisVersion,
}

impl Verdict {
    /// One word for it.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Verdict::Works => "works",
            Verdict::Missing(_) => "missing",
            Verdict::Unknown(_) => "unknown",
            Verdict::Refused(_) => "refused",
            Verdict::Kills { .. } => "kills",
            Verdict::NotOnThisVersion => "not-on-this-version",
        }
    }

    /// What is missing, or why not; nothing when it works or does not exist.
    pub fn detail(&self) -> Option<&str> {
        match self {
            Verdict::Missing(text) | Verdict::Unknown(text) | Verdict::Refused(text) => Some(text),
            Verdict::Kills { why, .. } => Some(why),
            Verdict::Works | Verdict::NotOnThisVersion => None,
        }
    }
}

/// One way and what it is worth to an app.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Way {
    /// Which.
    pub name: WayName,
    /// Whether the app has it.
    pub verdict: Verdict,
    /// What it gives, in a few words.
    pub note: String,
    /// Where that is stated.
    pub source: String,
}

/// What an app has of every way, on the version that `profile` describes.
///
/// `profile_name` says which iOS versions those are; a profile of another name is judged by its
/// legacy ways alone. `None` for `entitlements` means that they are not known.
pub fn ways(
    info: &InfoPlist,
    entitlements: Option<&Entitlements>,
    profile_name: &str,
    profile: &Profile,
) -> Vec<Way> {
    let mut ways = vec![
        voip_socket(info, profile),
        keep_alive_handler(info, profile),
        background_task(profile),
        by_mode(info, WayName::Audio, "audio", "runs while it really plays or records sound"),
        by_mode(info, WayName::Location, "location", "runs while it gets locations"),
    ];
    if let Some(range) = ios_range(profile_name) {
        ways.extend(successors::ways(info, entitlements, range));
    }
    if info.exits_on_suspend {
        ways.iter_mut().for_each(exits_on_suspend);
    }
    ways
}

/// An app that ends when it leaves the screen has no use for anything that keeps its process.
fn exits_on_suspend(way: &mut Way) {
    if way.verdict == Verdict::Works && way.name != WayName::LocalPushConnectivity {
        way.verdict = Verdict::Refused(
            "UIApplicationExitsOnSuspend is set: the app ends when it leaves the screen".into(),
        );
    }
}

const VOIP_MODE: &str = "`voip` in UIBackgroundModes";

/// What stands in the way of either legacy feature, if anything does.
fn legacy_obstacle(info: &InfoPlist, profile: &Profile) -> Option<Verdict> {
    match (info.sdk, profile.legacy_sdk_gate) {
        (Some(sdk), Some(gate)) if sdk >= gate => Some(Verdict::Refused(format!(
            "linked with SDK {sdk}: ignored for SDK {gate} and later"
        ))),
        _ if !info.manifest().has_mode("voip") => Some(Verdict::Missing(VOIP_MODE.into())),
        (None | Some(_), None | Some(_)) => None,
    }
}

fn voip_socket(info: &InfoPlist, profile: &Profile) -> Way {
    let verdict = match (info.sdk, profile.legacy_trap_sdk) {
        (Some(sdk), Some(trap)) if sdk >= trap => Verdict::Kills {
            code: "trap",
            why: format!("linked with SDK {sdk}: the process is trapped when the socket connects"),
        },
        _ if !profile.voip_socket_wakes => Verdict::NotOnThisVersion,
        (None | Some(_), None | Some(_)) => {
            legacy_obstacle(info, profile).unwrap_or(Verdict::Works)
        }
    };
    let limit = profile.wake_limit.map_or(String::new(), |count| {
        format!(", at most {count} wakes in {}", profile.wake_limit_window)
    });
    Way {
        name: WayName::VoipSocket,
        verdict,
        note: format!(
            "traffic on a tagged TCP socket wakes the app for about {}{limit}",
            profile.voip_wake_runtime
        ),
        source: "Apple, Tips for Developing a VoIP App; QA1938; pjsip issue 3303".into(),
    }
}

fn keep_alive_handler(info: &InfoPlist, profile: &Profile) -> Way {
    let verdict = if profile.keep_alive_available {
        legacy_obstacle(info, profile).unwrap_or(Verdict::Works)
    } else {
        Verdict::NotOnThisVersion
    };
    Way {
        name: WayName::KeepAliveHandler,
        verdict,
        note: format!(
            "called before every timeout of {} or more, for up to {} (Apple's page says {})",
            profile.keep_alive_minimum,
            profile.keep_alive_handler_budget,
            profile.keep_alive_handler_budget_strict
        ),
        source: "Apple, setKeepAliveTimeout(_:handler:)".into(),
    }
}

fn background_task(profile: &Profile) -> Way {
    let end = match profile.task_on_overrun {
        Overrun::Kill => "killed",
        Overrun::Suspend => "suspended",
    };
    Way {
        name: WayName::BackgroundTask,
        verdict: Verdict::Works,
        note: format!(
            "{} for all tasks after leaving the screen, {} after a wake in background; {end} if \
             not ended in time",
            profile.task_budget, profile.task_budget_in_background
        ),
        source: "Apple, beginBackgroundTask; forums/thread/85066".into(),
    }
}

fn by_mode(info: &InfoPlist, name: WayName, mode: &str, note: &str) -> Way {
    let verdict = if info.manifest().has_mode(mode) {
        Verdict::Works
    } else {
        Verdict::Missing(format!("`{mode}` in UIBackgroundModes"))
    };
    let source = "Apple, App Programming Guide for iOS: background modes".into();
    Way { name, verdict, note: note.into(), source }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::PROFILES;

    fn app(modes: &[&str], sdk: u32) -> InfoPlist {
        InfoPlist {
            background_modes: modes.iter().map(|mode| (*mode).to_owned()).collect(),
            sdk: Some(sdk),
            ..InfoPlist::default()
        }
    }

    fn verdict(info: &InfoPlist, on: &str, name: WayName) -> Verdict {
        let profile = PROFILES.get(on).unwrap().values;
        let ways = ways(info, Some(&Entitlements::default()), on, &profile);
        ways.into_iter().find(|way| way.name == name).unwrap().verdict
    }

    #[test]
    fn every_version_has_an_opinion_on_every_way() {
        for on in PROFILES.names() {
            let profile = PROFILES.get(on).unwrap().values;
            let names: Vec<_> =
                ways(&app(&[], 9), None, on, &profile).iter().map(|way| way.name).collect();
            assert_eq!(names, WayName::ALL, "{on}");
        }
    }

    #[test]
    fn an_old_voip_app_keeps_its_socket_until_ios_15() {
        let info = app(&["voip"], 9);
        for on in PROFILES.names() {
            let expected = if on == "ios-16" { Verdict::NotOnThisVersion } else { Verdict::Works };
            assert_eq!(verdict(&info, on, WayName::VoipSocket), expected, "{on}");
            assert_eq!(verdict(&info, on, WayName::KeepAliveHandler), expected, "{on}");
        }
    }

    #[test]
    fn without_the_voip_mode_both_legacy_ways_miss_it() {
        let info = app(&[], 9);
        for name in [WayName::VoipSocket, WayName::KeepAliveHandler] {
            assert_eq!(verdict(&info, "ios-9", name), Verdict::Missing(VOIP_MODE.into()));
        }
    }

    #[test]
    fn an_sdk_from_10_on_is_refused_from_ios_10_on_and_trapped_on_ios_16() {
        let info = app(&["voip"], 17);
        assert_eq!(verdict(&info, "ios-9", WayName::VoipSocket), Verdict::Works);
        assert!(matches!(verdict(&info, "ios-10", WayName::VoipSocket), Verdict::Refused(_)));
        let trapped = verdict(&info, "ios-16", WayName::VoipSocket);
        assert!(matches!(trapped, Verdict::Kills { code: "trap", .. }));
        assert_eq!(verdict(&info, "ios-16", WayName::KeepAliveHandler), Verdict::NotOnThisVersion);
    }

    #[test]
    fn an_unknown_sdk_is_taken_as_the_oldest() {
        let info = InfoPlist { sdk: None, ..app(&["voip"], 0) };
        assert_eq!(verdict(&info, "ios-10", WayName::VoipSocket), Verdict::Works);
    }

    #[test]
    fn an_app_that_exits_on_suspend_has_no_way_at_all() {
        let info = InfoPlist { exits_on_suspend: true, ..app(&["voip", "audio"], 9) };
        for name in [WayName::VoipSocket, WayName::BackgroundTask, WayName::Audio] {
            assert!(matches!(verdict(&info, "ios-9", name), Verdict::Refused(_)), "{name}");
        }
    }
}
