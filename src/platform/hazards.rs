//! What would end an app, and what App Review says of it.

use super::ways::{Verdict, Way, WayName};
use super::{InfoPlist, Overrun, Profile, ios_range};
use crate::settings::{Layer, nearest};

/// Something that ends the app.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Hazard {
    /// The exception code, `trap`, or `exit`.
    pub code: &'static str,
    /// When it happens.
    pub when: String,
    /// Where that is stated.
    pub source: &'static str,
}

const TRAP_SOURCE: &str = "pjsip issue 3303, VialerSIPLib issue 255";

/// What would end the app on the version that `profile` describes, given the [`ways`](super::ways)
/// it has there.
pub fn hazards(info: &InfoPlist, ways: &[Way], layer: &Layer<Profile>) -> Vec<Hazard> {
    let profile = &layer.values;
    let may_work = |verdict: &Verdict| match verdict {
        Verdict::Works | Verdict::Unproven(_) | Verdict::Unknown(_) => true,
        Verdict::Missing(_)
        | Verdict::Refused(_)
        | Verdict::Kills { .. }
        | Verdict::NotOnThisVersion => false,
    };
    let open = |name: WayName| ways.iter().any(|way| way.name == name && may_work(&way.verdict));
    // What holds from some SDK on may hold for an app whose SDK is not known.
    let sdk_condition = |from: u32| match info.sdk {
        Some(_) => String::new(),
        None => format!("if linked with SDK {from} or later: "),
    };
    let mut found = Vec::new();
    let mut add = |code, when: String, source| found.push(Hazard { code, when, source });
    if info.exits_on_suspend {
        add(
            "exit",
            "UIApplicationExitsOnSuspend: the app ends whenever it leaves the screen".into(),
            "Apple, Information Property List: UIApplicationExitsOnSuspend",
        );
    }
    for way in ways {
        if let Verdict::Kills { code, why } = &way.verdict {
            add(code, format!("{}: {why}", way.name), TRAP_SOURCE);
        }
    }
    if let (None, Some(trap)) = (info.sdk, profile.legacy_trap_sdk) {
        let when = "the process is trapped when a tagged socket connects";
        add("trap", format!("{}{when}", sdk_condition(trap)), TRAP_SOURCE);
    }
    if let (true, Some(count)) = (open(WayName::VoipSocket), profile.wake_limit) {
        add(
            "0xbad22222",
            format!("more than {count} wakes in {}", profile.wake_limit_window),
            "pjsip issue 1482; XMPPFramework issues 257, 261, 570",
        );
    }
    if open(WayName::KeepAliveHandler) && profile.keep_alive_on_overrun == Overrun::Kill {
        add(
            "0x8badf00d",
            format!(
                "a keep-alive handler that takes longer than {} (Apple's page: {}, and the app \
                 is only suspended)",
                profile.keep_alive_handler_budget, profile.keep_alive_handler_budget_strict
            ),
            "this project's questions and answers; Apple, setKeepAliveTimeout(_:handler:)",
        );
    }
    if profile.task_on_overrun == Overrun::Kill {
        add(
            profile.task_kill_code.as_str(),
            format!("a background task that is not ended within {}", profile.task_budget),
            "forums/thread/85066; Apple, EXC_CRASH (SIGKILL)",
        );
    }
    if let Some(limit) = profile.task_limit {
        add(
            "0xbada5e47",
            format!("more than about {limit} background tasks at once"),
            "forums/thread/85066",
        );
    }
    add(
        "0x8badf00d",
        format!(
            "applicationDidEnterBackground takes longer than {}",
            profile.entered_background_budget
        ),
        "Apple, Extending your app's background execution time",
    );
    let callkit_rule = ios_range(&layer.name).is_some_and(|range| range.last >= 13)
        && info.sdk.is_none_or(|sdk| sdk >= 13);
    if callkit_rule && open(WayName::PushKit) {
        add(
            "0xbaadca11",
            format!(
                "{}a VoIP push that is not reported to CallKit; after a few, pushes stop coming",
                sdk_condition(13)
            ),
            "Apple, PKPushType.voIP; forums/thread/124517",
        );
    }
    found
}

/// What App Review, outside enterprise and ad-hoc distribution, says of such an app.
pub fn review(info: &InfoPlist) -> Vec<String> {
    let has = |mode: &str| info.manifest().has_mode(mode);
    let mut notes = Vec::new();
    match info.sdk {
        Some(sdk) if sdk < 13 => notes.push(format!(
            "Built with SDK {sdk}: since April 2020 the store takes no build made with an SDK \
             before 13 (and later ones have followed)."
        )),
        Some(_) => {}
        None => notes.push(
            "SDK unknown: since April 2020 the store takes no build made with an SDK before 13."
                .into(),
        ),
    }
    if has("voip") {
        notes.push(
            "VoIP sockets and keep-alive handlers end with SDK 10, which the store no longer \
             takes: the legacy ways are for enterprise and ad-hoc distribution only."
                .into(),
        );
        notes.push(
            "`voip` only to stay connected, without calls, is rejected (guideline 2.5.4).".into(),
        );
    }
    if has("audio") {
        notes.push("Silent audio only to keep running is rejected (guideline 2.5.4).".into());
    }
    if has("location") {
        notes.push("Location only to keep running is rejected (guideline 2.5.4).".into());
    }
    notes
}

/// The background modes that exist (Apple, UIBackgroundModes).
pub const BACKGROUND_MODES: &[&str] = &[
    "audio",
    "bluetooth-central",
    "bluetooth-peripheral",
    "external-accessory",
    "fetch",
    "location",
    "nearby-interaction",
    "newsstand-content",
    "processing",
    "push-to-talk",
    "remote-notification",
    "voip",
];

/// The entries of UIBackgroundModes that mean nothing, each with the mode that may be meant.
pub fn unknown_modes(info: &InfoPlist) -> Vec<(&str, Option<&'static str>)> {
    let near = |mode: &str| nearest(&mode.to_lowercase(), BACKGROUND_MODES.iter().copied());
    info.background_modes
        .iter()
        .map(String::as_str)
        .filter(|mode| !BACKGROUND_MODES.contains(mode))
        .map(|mode| (mode, near(mode)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::{PROFILES, ways};

    fn codes(info: &InfoPlist, on: &str) -> Vec<&'static str> {
        let profile = PROFILES.get(on).unwrap();
        let ways = ways(info, None, &profile);
        hazards(info, &ways, &profile).iter().map(|hazard| hazard.code).collect()
    }

    fn app(modes: &[&str], sdk: u32) -> InfoPlist {
        InfoPlist {
            background_modes: modes.iter().map(|mode| (*mode).to_owned()).collect(),
            sdk: Some(sdk),
            ..InfoPlist::default()
        }
    }

    #[test]
    fn too_many_wakes_end_a_voip_app_from_ios_5() {
        let voip = app(&["voip"], 9);
        assert!(!codes(&voip, "ios-4").contains(&"0xbad22222"));
        assert!(codes(&voip, "ios-5").contains(&"0xbad22222"));
        assert!(!codes(&app(&[], 9), "ios-9").contains(&"0xbad22222"));
    }

    #[test]
    fn a_thousand_tasks_end_an_app_from_ios_11() {
        assert!(!codes(&app(&[], 9), "ios-10").contains(&"0xbada5e47"));
        assert!(codes(&app(&[], 9), "ios-11").contains(&"0xbada5e47"));
    }

    #[test]
    fn a_tagged_socket_traps_a_modern_app_on_ios_16() {
        assert!(codes(&app(&["voip"], 16), "ios-16").contains(&"trap"));
        assert!(!codes(&app(&["voip"], 9), "ios-16").contains(&"trap"));
    }

    #[test]
    fn an_unreported_voip_push_ends_an_app_with_sdk_13_on_ios_13() {
        let voip = app(&["voip"], 13);
        assert!(codes(&voip, "ios-13").contains(&"0xbaadca11"));
        assert!(!codes(&voip, "ios-11").contains(&"0xbaadca11"));
        assert!(!codes(&app(&["voip"], 12), "ios-13").contains(&"0xbaadca11"));
    }

    #[test]
    fn what_depends_on_the_sdk_may_end_an_app_whose_sdk_is_not_known() {
        let unknown = InfoPlist { sdk: None, ..app(&["voip"], 0) };
        assert!(codes(&unknown, "ios-16").contains(&"trap"));
        assert!(codes(&unknown, "ios-16").contains(&"0xbaadca11"));
        assert!(!codes(&unknown, "ios-13").contains(&"trap"));
    }

    #[test]
    fn exits_on_suspend_comes_first() {
        let info = InfoPlist { exits_on_suspend: true, ..app(&["voip"], 9) };
        assert_eq!(codes(&info, "ios-9")[0], "exit");
    }

    #[test]
    fn review_rejects_modes_that_only_keep_the_app_running() {
        let notes = review(&app(&["voip", "audio", "location"], 17)).join("\n");
        assert_eq!(notes.matches("2.5.4").count(), 3);
        assert!(review(&app(&[], 17)).is_empty());
        assert!(review(&app(&[], 9))[0].contains("SDK 9"));
    }

    #[test]
    fn a_misspelled_mode_is_answered_with_the_one_that_exists() {
        let info = app(&["VoIP", "voip", "teleport"], 9);
        assert_eq!(unknown_modes(&info)[0], ("VoIP", Some("voip")));
        assert_eq!(unknown_modes(&info).len(), 2);
    }
}
