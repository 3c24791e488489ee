//! Which ways of staying connected an app has on a version of iOS.
//!
//! The legacy ways follow from the profile; the ways that came later are in `successors`.

use super::{Entitlements, InfoPlist, Overrun, Profile, ios_range, successors};
use crate::port::words;
use crate::settings::Layer;

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

impl WayName {
    /// Whether this is a way for the app's server to reach it. The others only give it time to run.
    pub const fn reaches_the_app(self) -> bool {
        match self {
            WayName::VoipSocket
            | WayName::KeepAliveHandler
            | WayName::PushKit
            | WayName::SilentPush
            | WayName::BackgroundRefresh
            | WayName::LocalPushConnectivity
            | WayName::PushToTalk => true,
            WayName::BackgroundTask
            | WayName::Audio
            | WayName::Location
            | WayName::BackgroundProcessing
            | WayName::ContinuedProcessing => false,
        }
    }
}

/// Whether a way is open to an app.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Verdict {
    /// It works.
    Works,
    /// Whether it works is not proven by any source: why.
    Unproven(String),
    /// It would work if the app had this.
    Missing(String),
    /// What was given does not show whether it works: what decides, and what to give.
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
            Verdict::Unproven(_) => "unproven",
            Verdict::Missing(_) => "missing",
            Verdict::Unknown(_) => "unknown",
            Verdict::Refused(_) => "refused",
            Verdict::Kills { .. } => "kills",
            Verdict::NotOnThisVersion => "not-on-this-version",
        }
    }

    /// What is missing, or why it is not certain, or why not; nothing when it works or does not exist.
    pub fn detail(&self) -> Option<&str> {
        match self {
            Verdict::Unproven(text)
            | Verdict::Missing(text)
            | Verdict::Unknown(text)
            | Verdict::Refused(text) => Some(text),
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
/// The profile's name says which iOS versions those are; a profile of another name is judged by its
/// legacy ways alone. Its confidence in a value decides between works and unproven. `None` for `entitlements` means that they are not known.
pub fn ways(
    info: &InfoPlist,
    entitlements: Option<&Entitlements>,
    profile: &Layer<Profile>,
) -> Vec<Way> {
    let values = &profile.values;
    let mut ways = vec![
        voip_socket(info, profile),
        keep_alive_handler(info, profile),
        background_task(values),
        by_mode(info, WayName::Audio, "audio", "runs while it really plays or records sound"),
        by_mode(info, WayName::Location, "location", "runs while it gets locations"),
    ];
    if let Some(range) = ios_range(&profile.name) {
        let gated = values.legacy_sdk_gate.is_some();
        ways.extend(successors::ways(info, entitlements, range, gated));
    }
    if info.exits_on_suspend {
        ways.iter_mut().for_each(exits_on_suspend);
    }
    ways
}

/// The first version of iOS that has this way, if it came after the legacy ones; those follow from the profiles.
pub fn ways_since(name: WayName) -> Option<u32> {
    successors::since(name)
}

/// An app that ends when it leaves the screen has no use for anything that keeps its process.
fn exits_on_suspend(way: &mut Way) {
    let open = match way.verdict {
        Verdict::Works | Verdict::Unproven(_) | Verdict::Unknown(_) => true,
        Verdict::Missing(_)
        | Verdict::Refused(_)
        | Verdict::Kills { .. }
        | Verdict::NotOnThisVersion => false,
    };
    if open && way.name != WayName::LocalPushConnectivity {
        way.verdict = Verdict::Refused(
            "UIApplicationExitsOnSuspend is set: the app ends when it leaves the screen".into(),
        );
    }
}

const VOIP_MODE: &str = "`voip` in UIBackgroundModes";

/// What either legacy feature is worth to an app. `key` of the profile says whether the system has
/// it, and is `available`; apps linked with the SDK `trap` or a later one are trapped by it.
fn legacy(
    info: &InfoPlist,
    profile: &Layer<Profile>,
    key: &str,
    available: bool,
    trap: Option<u32>,
) -> Verdict {
    let has_mode = info.manifest().has_mode("voip");
    let doubt = doubt(profile, key);
    match (info.sdk, profile.values.legacy_sdk_gate) {
        (Some(sdk), Some(gate)) if sdk >= gate => match available {
            true => {
                Verdict::Refused(format!("linked with SDK {sdk}: ignored for SDK {gate} and later"))
            }
            false => Verdict::NotOnThisVersion,
        },
        (None | Some(_), None | Some(_)) if !has_mode && !available => Verdict::NotOnThisVersion,
        (None, Some(gate)) if !has_mode => Verdict::Missing(format!(
            "{VOIP_MODE}, and an SDK before {gate} (not known here; give --sdk)"
        )),
        (None | Some(_), None | Some(_)) if !has_mode => Verdict::Missing(VOIP_MODE.into()),
        (None, Some(gate)) => {
            let before = match (available, &doubt) {
                (true, None) => "works",
                (true | false, Some(_)) => "unproven",
                (false, None) => "gone",
            };
            let trapped = trap.map_or(String::new(), |trap| {
                format!(", and from {trap} on the process is trapped when the socket connects")
            });
            Verdict::Unknown(format!(
                "{before} with an SDK before {gate}, ignored from {gate} on{trapped}; give --sdk"
            ))
        }
        (Some(_), None | Some(_)) | (None, None) => match (doubt, available) {
            (Some(why), true | false) => Verdict::Unproven(why),
            (None, true) => Verdict::Works,
            (None, false) => Verdict::NotOnThisVersion,
        },
    }
}

/// Why the profile's value of `key` is not certain: the first clause of its source, if its
/// confidence is one report or less.
fn doubt(profile: &Layer<Profile>, key: &str) -> Option<String> {
    let from = profile.provenance.get(key)?;
    if !matches!(from.confidence.as_str(), "F" | "I" | "R" | "T") {
        return None;
    }
    let clause = from.source.split([';', '\n']).next().unwrap_or_default();
    Some(clause.trim().trim_end_matches('.').to_owned())
}

fn voip_socket(info: &InfoPlist, layer: &Layer<Profile>) -> Way {
    let profile = &layer.values;
    let verdict = match (info.sdk, profile.legacy_trap_sdk) {
        (Some(sdk), Some(trap)) if sdk >= trap => Verdict::Kills {
            code: "trap",
            why: format!("linked with SDK {sdk}: the process is trapped when the socket connects"),
        },
        (None | Some(_), trap) => {
            legacy(info, layer, "voip-socket.wakes", profile.voip_socket_wakes, trap)
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

fn keep_alive_handler(info: &InfoPlist, layer: &Layer<Profile>) -> Way {
    let profile = &layer.values;
    let verdict = legacy(info, layer, "keep-alive.available", profile.keep_alive_available, None);
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
        Verdict::Missing(format!(
            "`{mode}` in UIBackgroundModes: only for apps that really play or navigate"
        ))
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
        let ways = ways(info, Some(&Entitlements::default()), &PROFILES.get(on).unwrap());
        ways.into_iter().find(|way| way.name == name).unwrap().verdict
    }

    #[test]
    fn every_version_has_an_opinion_on_every_way() {
        for on in PROFILES.names() {
            let names: Vec<_> = ways(&app(&[], 9), None, &PROFILES.get(on).unwrap())
                .iter()
                .map(|way| way.name)
                .collect();
            assert_eq!(names, WayName::ALL, "{on}");
        }
    }

    #[test]
    fn an_old_voip_app_keeps_both_legacy_ways_until_ios_10_and_from_then_on_nothing_proves_it() {
        let info = app(&["voip"], 9);
        for on in PROFILES.names() {
            for name in [WayName::VoipSocket, WayName::KeepAliveHandler] {
                let proven = !["ios-11", "ios-13", "ios-16"].contains(&on);
                let expected = if proven { "works" } else { "unproven" };
                assert_eq!(verdict(&info, on, name).as_str(), expected, "{on} {name}");
            }
        }
        let why = |on: &str| verdict(&info, on, WayName::VoipSocket).detail().unwrap().to_owned();
        assert_eq!(why("ios-13"), "No evidence either way");
        assert!(why("ios-11").contains("iOS 12 beta 4"), "{}", why("ios-11"));
        assert!(why("ios-16").contains("unreported"), "{}", why("ios-16"));
    }

    #[test]
    fn the_confidence_of_the_deciding_key_makes_the_difference_between_works_and_unproven() {
        let mut layer = PROFILES.get("ios-9").unwrap();
        for (letter, expected) in [("A", "works"), ("W", "works"), ("F", "unproven")] {
            layer.provenance.get_mut("voip-socket.wakes").unwrap().confidence = letter.into();
            let ways = ways(&app(&["voip"], 9), None, &layer);
            assert_eq!(ways[0].verdict.as_str(), expected, "{letter}");
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
    fn an_unknown_sdk_leaves_the_legacy_ways_unknown_wherever_a_gate_applies() {
        let info = InfoPlist { sdk: None, ..app(&["voip"], 0) };
        for name in [WayName::VoipSocket, WayName::KeepAliveHandler] {
            for on in ["ios-4", "ios-9"] {
                assert_eq!(verdict(&info, on, name), Verdict::Works, "{on} {name}");
            }
            for on in ["ios-10", "ios-11", "ios-13", "ios-16"] {
                let Verdict::Unknown(text) = verdict(&info, on, name) else {
                    panic!("{on} {name} must be unknown");
                };
                assert!(text.contains("with an SDK before 10, ignored from 10 on"), "{text}");
                assert!(text.ends_with("; give --sdk"), "{text}");
            }
        }
        let Verdict::Unknown(text) = verdict(&info, "ios-16", WayName::VoipSocket) else {
            panic!("unknown");
        };
        assert!(text.contains("from 16 on the process is trapped"), "{text}");
    }

    #[test]
    fn an_unknown_sdk_leaves_a_way_that_needs_a_newer_one_unknown() {
        let info = InfoPlist {
            sdk: None,
            task_identifiers: vec!["com.example.export".into()],
            ..app(&["voip"], 0)
        };
        assert_eq!(
            verdict(&info, "ios-16", WayName::ContinuedProcessing),
            Verdict::Unknown("needs SDK 26; give --sdk".into())
        );
    }

    #[test]
    fn sound_and_location_are_only_for_apps_that_have_them() {
        let Verdict::Missing(text) = verdict(&app(&["voip"], 9), "ios-9", WayName::Audio) else {
            panic!("missing");
        };
        assert!(text.ends_with("only for apps that really play or navigate"), "{text}");
    }

    #[test]
    fn an_app_that_exits_on_suspend_has_no_way_at_all() {
        let info = InfoPlist { exits_on_suspend: true, ..app(&["voip", "audio"], 9) };
        for name in [WayName::VoipSocket, WayName::BackgroundTask, WayName::Audio] {
            assert!(matches!(verdict(&info, "ios-9", name), Verdict::Refused(_)), "{name}");
        }
    }
}
