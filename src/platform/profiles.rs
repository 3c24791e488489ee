//! The profiles that come with holdline.

use super::Profile;
use crate::settings::{Shelf, shelf};

/// The profiles that come with holdline, oldest first.
pub const PROFILES: Shelf<Profile> = shelf!["profiles":
    "ios-4",
    "ios-5",
    "ios-6",
    "ios-7",
    "ios-8",
    "ios-9",
    "ios-10",
    "ios-11",
    "ios-13",
    "ios-16",
];

/// The newest iOS this crate has facts about.
pub const NEWEST_IOS: u32 = 26;

/// The iOS versions, by major number, that a profile stands for.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub struct IosRange {
    /// The first of them.
    pub first: u32,
    /// The last of them.
    pub last: u32,
}

impl std::fmt::Display for IosRange {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.last == NEWEST_IOS {
            write!(f, "iOS {} and later", self.first)
        } else if self.first == self.last {
            write!(f, "iOS {}", self.first)
        } else {
            write!(f, "iOS {} to {}", self.first, self.last)
        }
    }
}

/// The iOS versions that the bundled profile `name` stands for: from the one it is named after until
/// the next profile. `None` when there is no such profile.
pub fn ios_range(name: &str) -> Option<IosRange> {
    let first_of = |name: &str| name.strip_prefix("ios-")?.parse::<u32>().ok();
    let mut from = PROFILES.names().skip_while(|known| *known != name);
    let first = first_of(from.next()?)?;
    let last = match from.next() {
        Some(next) => first_of(next)? - 1,
        None => NEWEST_IOS,
    };
    Some(IosRange { first, last })
}

/// The bundled profile that stands for the iOS version that `name` names (`ios-17`, also `ios17` and
/// `ios-17.4`), and all versions it stands for. `None` when `name` names no iOS version, or one before
/// the first profile.
pub fn covering(name: &str) -> Option<(&'static str, IosRange)> {
    covering_major(ios_major(name)?)
}

/// Says which profile stands for the iOS version that `name` names, for people who asked for a
/// profile of its own: "iOS 17 is covered by `ios-16` (iOS 16 and later)". `None` when
/// [`covering`] knows none, or when the profile is named after that very version.
pub fn covered_by(name: &str) -> Option<String> {
    let major = ios_major(name)?;
    let (profile, range) = covering_major(major)?;
    (major != range.first).then(|| format!("iOS {major} is covered by `{profile}` ({range})"))
}

/// The bundled profile that stands for iOS `major`, and all versions it stands for.
pub fn covering_major(major: u32) -> Option<(&'static str, IosRange)> {
    // The profiles leave no gap, and the newest stands for whatever comes after it.
    let ranges = PROFILES.names().filter_map(|name| Some((name, ios_range(name)?)));
    ranges.filter(|(_, range)| range.first <= major).last()
}

/// The major version in `ios-17`, `ios17` or `ios-17.4`.
pub fn ios_major(name: &str) -> Option<u32> {
    let number = name.strip_prefix("ios")?;
    let number = number.strip_prefix('-').unwrap_or(number);
    number.split('.').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::{Overrun, ReclaimTrigger, TaskKillCode, WindowKind};
    use crate::port::Span;
    use crate::settings::{Scalar, SetError, Settings};

    /// One value in every profile, oldest first.
    fn across<T>(value: impl Fn(&Profile) -> T) -> Vec<T> {
        PROFILES.names().map(|name| value(&PROFILES.get(name).unwrap().values)).collect()
    }

    fn secs(spans: &[u64]) -> Vec<Span> {
        spans.iter().copied().map(Span::from_secs).collect()
    }

    #[test]
    fn every_profile_states_every_key_with_a_source_and_a_confidence() {
        PROFILES.assert_sourced();
    }

    #[test]
    fn an_unknown_profile_is_an_error_that_names_it() {
        assert_eq!(PROFILES.get("ios-3").unwrap_err().preset, "ios-3");
        assert_eq!(ios_range("ios-3"), None);
    }

    #[test]
    fn the_profiles_stand_for_all_versions_without_a_gap() {
        let ranges: Vec<_> = PROFILES.names().map(|name| ios_range(name).unwrap()).collect();
        assert!(ranges.windows(2).all(|pair| pair[0].last + 1 == pair[1].first));
        assert_eq!(ios_range("ios-10").unwrap().to_string(), "iOS 10");
        assert_eq!(ios_range("ios-11").unwrap().to_string(), "iOS 11 to 12");
        assert_eq!(ios_range("ios-16").unwrap().to_string(), "iOS 16 and later");
    }

    #[test]
    fn every_ios_version_has_the_profile_that_stands_for_it() {
        let by = |name: &str| covering(name).map(|(profile, _)| profile);
        assert_eq!(by("ios-9"), Some("ios-9"));
        assert_eq!(by("ios-10.3"), Some("ios-10"));
        assert_eq!(by("ios-12.4"), Some("ios-11"));
        assert_eq!(by("ios-15"), Some("ios-13"));
        assert_eq!(by("ios17"), Some("ios-16"));
        assert_eq!(by("ios-27"), Some("ios-16"));
        assert_eq!([by("ios-3"), by("ios-x"), by("android-9"), by("")], [None; 4]);
    }

    #[test]
    fn a_version_without_a_profile_of_its_own_is_told_which_one_covers_it() {
        assert_eq!(
            covered_by("ios-17").as_deref(),
            Some("iOS 17 is covered by `ios-16` (iOS 16 and later)")
        );
        assert_eq!(
            covered_by("ios-12").as_deref(),
            Some("iOS 12 is covered by `ios-11` (iOS 11 to 12)")
        );
        assert_eq!([covered_by("ios9"), covered_by("ios-3")], [None, None]);
    }

    #[test]
    fn background_task_budget_is_600_then_180_then_30() {
        let budgets = across(|profile| profile.task_budget);
        assert_eq!(budgets, secs(&[600, 600, 600, 180, 180, 180, 180, 180, 30, 30]));
    }

    #[test]
    fn background_task_budget_in_background_is_30_from_ios_7() {
        let budgets = across(|profile| profile.task_budget_in_background);
        assert_eq!(budgets[3..], secs(&[30; 7]));
        assert_eq!(
            PROFILES.get("ios-6").unwrap().provenance["background-task.budget-in-background"]
                .confidence,
            "T"
        );
    }

    #[test]
    fn entered_background_has_5_seconds_everywhere() {
        assert_eq!(across(|profile| profile.entered_background_budget), secs(&[5; 10]));
    }

    #[test]
    fn a_leaked_task_kills_everywhere_and_the_code_changes_with_the_newest() {
        assert!(across(|profile| profile.task_on_overrun).iter().all(|o| *o == Overrun::Kill));
        let codes = across(|profile| profile.task_kill_code);
        assert!(codes[..9].iter().all(|code| *code == TaskKillCode::Watchdog));
        assert_eq!(codes[9], TaskKillCode::TaskOverrun);
    }

    #[test]
    fn the_task_limit_begins_with_ios_11() {
        let mut limits = vec![None; 7];
        limits.extend([Some(1000); 3]);
        assert_eq!(across(|profile| profile.task_limit), limits);
    }

    #[test]
    fn a_keep_alive_handler_gets_30_seconds_and_is_killed_and_the_stricter_figure_stands_beside() {
        for name in PROFILES.names() {
            let layer = PROFILES.get(name).unwrap();
            assert_eq!(layer.values.keep_alive_handler_budget, Span::from_secs(30));
            assert_eq!(layer.values.keep_alive_on_overrun, Overrun::Kill);
            assert_eq!(layer.values.keep_alive_handler_budget_strict, Span::from_secs(10));
            assert_eq!(layer.provenance["keep-alive.handler-budget"].confidence, "F");
            assert_eq!(layer.provenance["keep-alive.on-overrun"].confidence, "F");
            assert_eq!(layer.provenance["keep-alive.handler-budget-strict"].confidence, "A");
        }
    }

    #[test]
    fn keep_alive_needs_600_seconds_and_is_gone_with_ios_16() {
        assert_eq!(across(|profile| profile.keep_alive_minimum), secs(&[600; 10]));
        let available = across(|profile| profile.keep_alive_available);
        assert!(available[..9].iter().all(|yes| *yes) && !available[9]);
    }

    #[test]
    fn the_wake_limit_is_15_in_300_seconds_from_ios_5() {
        let mut limits = vec![None];
        limits.extend([Some(15); 9]);
        assert_eq!(across(|profile| profile.wake_limit), limits);
        assert_eq!(across(|profile| profile.wake_limit_window), secs(&[300; 10]));
        assert!(across(|p| p.wake_limit_window_kind).iter().all(|k| *k == WindowKind::Sliding));
    }

    #[test]
    fn legacy_voip_is_gated_by_sdk_10_from_ios_10_and_trapped_by_sdk_16_on_ios_16() {
        let mut gates = vec![None; 6];
        gates.extend([Some(10); 4]);
        assert_eq!(across(|profile| profile.legacy_sdk_gate), gates);
        let mut traps = vec![None; 9];
        traps.push(Some(16));
        assert_eq!(across(|profile| profile.legacy_trap_sdk), traps);
    }

    #[test]
    fn voip_sockets_wake_until_ios_16() {
        let wakes = across(|profile| profile.voip_socket_wakes);
        assert!(wakes[..9].iter().all(|yes| *yes) && !wakes[9]);
    }

    #[test]
    fn untagged_sockets_go_at_lock_until_ios_9_and_at_suspension_from_ios_10() {
        let triggers = across(|profile| profile.reclaim_trigger);
        assert!(triggers[..6].iter().all(|t| *t == ReclaimTrigger::Lock));
        assert!(triggers[6..].iter().all(|t| *t == ReclaimTrigger::Suspension));
    }

    #[test]
    fn voip_apps_are_relaunched_until_ios_12() {
        let relaunched = across(|profile| {
            (profile.relaunch_at_boot, profile.relaunch_on_nonzero_exit, profile.relaunch_on_memory)
        });
        assert!(relaunched[..8].iter().all(|all| *all == (true, true, true)));
        assert!(relaunched[8..].iter().all(|all| *all == (false, false, false)));
    }

    #[test]
    fn another_apps_end_costs_the_keep_alive_wake_from_ios_11() {
        let lost = across(|profile| profile.keep_alive_lost_with_other_app);
        assert!(lost[..7].iter().all(|lost| !lost) && lost[7..].iter().all(|lost| *lost));
        let provenance = PROFILES.get("ios-11").unwrap().provenance;
        assert_eq!(provenance["keep-alive.lost-with-other-app"].confidence, "F");
    }

    #[test]
    fn any_value_can_be_overridden_and_a_wrong_key_is_answered_with_the_nearest() {
        let mut values = PROFILES.get("ios-9").unwrap().values;
        values.set("keep-alive.handler-budget", &Scalar::Text("10s".into())).unwrap();
        values.set("keep-alive.on-overrun", &Scalar::Text("suspend".into())).unwrap();
        assert_eq!(values.keep_alive_handler_budget, Span::from_secs(10));
        assert_eq!(values.keep_alive_on_overrun, Overrun::Suspend);
        let wrong = values.set("keep-alive.handler-buget", &Scalar::Text("10s".into()));
        assert_eq!(wrong, Err(SetError::UnknownKey(Some("keep-alive.handler-budget"))));
    }
}
