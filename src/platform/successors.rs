//! The ways of staying connected that came after VoIP sockets: what each needs, and since when.

use super::ways::{Verdict, Way, WayName};
use super::{Entitlements, InfoPlist, IosRange};

/// What a way asks of the app's entitlements.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
enum Entitled {
    /// Nothing.
    Nothing,
    /// `aps-environment`.
    Push,
    /// `app-push-provider` of the network extensions, which Apple grants on request.
    LocalPush,
    /// `com.apple.developer.push-to-talk`.
    PushToTalk,
}

impl Entitled {
    fn name(self) -> &'static str {
        match self {
            Entitled::Nothing => "",
            Entitled::Push => "aps-environment",
            Entitled::LocalPush => "app-push-provider among the network extensions",
            Entitled::PushToTalk => "com.apple.developer.push-to-talk",
        }
    }

    fn granted(self, entitlements: &Entitlements) -> bool {
        match self {
            Entitled::Nothing => true,
            Entitled::Push => entitlements.aps_environment.is_some(),
            Entitled::LocalPush => entitlements.local_push,
            Entitled::PushToTalk => entitlements.push_to_talk,
        }
    }
}

/// One row: a way, since when, what it needs.
struct Successor {
    name: WayName,
    /// The first iOS, and the first SDK, that has it.
    since: u32,
    mode: Option<&'static str>,
    entitled: Entitled,
    /// From this iOS on the tasks must be named in BGTaskSchedulerPermittedIdentifiers.
    task_identifiers_from: Option<u32>,
    note: &'static str,
    source: &'static str,
}

const SUCCESSORS: &[Successor] = &[
    Successor {
        name: WayName::PushKit,
        since: 8,
        mode: Some("voip"),
        entitled: Entitled::Push,
        task_identifiers_from: None,
        note: "a VoIP push launches the app; with SDK 13 and later each must be reported to CallKit",
        source: "Apple QA1938; PKPushType.voIP",
    },
    Successor {
        name: WayName::SilentPush,
        since: 7,
        mode: Some("remote-notification"),
        entitled: Entitled::Push,
        task_identifiers_from: None,
        note: "30s a push, two or three an hour, not guaranteed, none after a force-quit",
        source: "Apple, Pushing background updates to your App",
    },
    Successor {
        name: WayName::BackgroundRefresh,
        since: 7,
        mode: Some("fetch"),
        entitled: Entitled::Nothing,
        task_identifiers_from: None,
        note: "up to 30s when the system likes",
        source: "Apple, BGAppRefreshTask; forums/thread/780956",
    },
    Successor {
        name: WayName::BackgroundProcessing,
        since: 13,
        mode: Some("processing"),
        entitled: Entitled::Nothing,
        task_identifiers_from: Some(13),
        note: "minutes, while the device is idle; no use for being reached",
        source: "Apple, BGProcessingTask",
    },
    Successor {
        name: WayName::LocalPushConnectivity,
        since: 14,
        mode: None,
        entitled: Entitled::LocalPush,
        task_identifiers_from: None,
        note: "an app extension (not looked at here) holds its own connection on up to 10 named \
               Wi-Fi networks",
        source: "Apple, NEAppPushProvider and NEAppPushManager.matchSSIDs",
    },
    Successor {
        name: WayName::PushToTalk,
        since: 16,
        mode: Some("push-to-talk"),
        entitled: Entitled::PushToTalk,
        task_identifiers_from: None,
        note: "a channel joined in the foreground; its pushes wake the app",
        source: "Apple's engineers, forums/thread/763289",
    },
    Successor {
        name: WayName::ContinuedProcessing,
        since: 26,
        mode: None,
        entitled: Entitled::Nothing,
        task_identifiers_from: Some(26),
        note: "finishes what a person began, in sight of them; no use for being reached",
        source: "Apple, BGContinuedProcessingTask",
    },
];

/// The first iOS that has this way, if it is one of these.
pub(super) fn since(name: WayName) -> Option<u32> {
    SUCCESSORS.iter().find(|row| row.name == name).map(|row| row.since)
}

/// What an app has of these ways on the given versions. `gated` says that the SDK decides there what
/// an app may use, so that one that is not known leaves things open.
pub(super) fn ways(
    info: &InfoPlist,
    entitlements: Option<&Entitlements>,
    range: IosRange,
    gated: bool,
) -> Vec<Way> {
    let way = |row: &Successor| {
        let from = if row.since > range.first && row.since <= range.last {
            format!("from iOS {} on: ", row.since)
        } else {
            String::new()
        };
        Way {
            name: row.name,
            verdict: judge(row, info, entitlements, range, gated),
            note: format!("{from}{}", row.note),
            source: row.source.into(),
        }
    };
    SUCCESSORS.iter().map(way).collect()
}

fn judge(
    row: &Successor,
    info: &InfoPlist,
    entitlements: Option<&Entitlements>,
    range: IosRange,
    gated: bool,
) -> Verdict {
    if row.since > range.last {
        return Verdict::NotOnThisVersion;
    }
    if let Some(sdk) = info.sdk.filter(|sdk| *sdk < row.since) {
        return Verdict::Refused(format!("needs SDK {}, linked with {sdk}", row.since));
    }
    let mut missing = Vec::new();
    if let Some(mode) = row.mode.filter(|mode| !info.manifest().has_mode(mode)) {
        missing.push(format!("`{mode}` in UIBackgroundModes"));
    }
    let must_name = row.task_identifiers_from.is_some_and(|from| range.last >= from);
    if must_name && info.task_identifiers.is_empty() {
        missing.push("its task in BGTaskSchedulerPermittedIdentifiers".into());
    }
    let entitlement = format!("entitlement {}", row.entitled.name());
    match entitlements {
        Some(known) if !row.entitled.granted(known) => missing.push(entitlement.clone()),
        Some(_) | None => {}
    }
    if !missing.is_empty() {
        return Verdict::Missing(missing.join(" and "));
    }
    let sdk_open = gated && info.sdk.is_none();
    let entitlement_open = entitlements.is_none() && row.entitled != Entitled::Nothing;
    match (sdk_open, entitlement_open) {
        (false, false) => Verdict::Works,
        (true, false) => Verdict::Unknown(format!("needs SDK {}; give --sdk", row.since)),
        (false, true) => Verdict::Unknown(format!("needs {entitlement}, not known here")),
        (true, true) => Verdict::Unknown(format!(
            "needs SDK {} (give --sdk) and {entitlement}, not known here",
            row.since
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::ios_range;

    fn modern() -> InfoPlist {
        InfoPlist {
            background_modes: vec!["voip".into(), "remote-notification".into()],
            sdk: Some(17),
            ..InfoPlist::default()
        }
    }

    fn verdict(
        info: &InfoPlist,
        entitlements: Option<&Entitlements>,
        on: &str,
        name: WayName,
    ) -> Verdict {
        let range = ios_range(on).unwrap();
        let found = ways(info, entitlements, range, true).into_iter().find(|way| way.name == name);
        found.unwrap().verdict
    }

    #[test]
    fn each_successor_begins_with_its_version() {
        let on = |profile: &str| {
            ways(&modern(), None, ios_range(profile).unwrap(), true)
                .into_iter()
                .filter(|way| way.verdict != Verdict::NotOnThisVersion)
                .count()
        };
        assert_eq!(
            ["ios-6", "ios-7", "ios-8", "ios-9", "ios-11", "ios-13", "ios-16"].map(on),
            [0, 2, 3, 3, 3, 5, 7]
        );
    }

    #[test]
    fn pushkit_works_with_the_mode_the_sdk_and_the_entitlement() {
        let push =
            Entitlements { aps_environment: Some("production".into()), ..Entitlements::default() };
        let with = |info: &InfoPlist, entitlements| {
            verdict(info, entitlements, "ios-13", WayName::PushKit)
        };
        assert_eq!(with(&modern(), Some(&push)), Verdict::Works);
        assert!(matches!(with(&modern(), None), Verdict::Unknown(_)));
        let none = Entitlements::default();
        let Verdict::Missing(what) = with(&modern(), Some(&none)) else {
            panic!("the entitlement is missing");
        };
        assert!(what.contains("aps-environment"));
        let old = InfoPlist { sdk: Some(7), ..modern() };
        assert!(matches!(with(&old, Some(&push)), Verdict::Refused(_)));
    }

    #[test]
    fn everything_missing_is_named_at_once() {
        let bare = InfoPlist { sdk: Some(17), ..InfoPlist::default() };
        let Verdict::Missing(what) = verdict(&bare, None, "ios-13", WayName::BackgroundProcessing)
        else {
            panic!("mode and identifiers are missing");
        };
        assert!(what.contains("`processing`") && what.contains("PermittedIdentifiers"), "{what}");
    }

    #[test]
    fn a_way_that_begins_inside_a_range_says_when() {
        let note = ways(&modern(), None, ios_range("ios-13").unwrap(), true)
            .into_iter()
            .find(|way| way.name == WayName::LocalPushConnectivity)
            .unwrap()
            .note;
        assert!(note.starts_with("from iOS 14 on: "), "{note}");
    }
}
