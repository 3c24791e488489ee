//! The answer of `holdline check` as JSON.

use serde_json::{Value, json};

use super::check::{Finding, Report, Version};
use crate::platform::{Hazard, Verdict, Way};

/// The same facts as the text, with the source of each.
pub(super) fn value(report: &Report) -> Value {
    let info = &report.info;
    json!({
        "file": report.path.display().to_string(),
        "app": {
            "bundle-id": info.bundle_id,
            "name": info.name,
            "version": info.version,
            "background-modes": info.background_modes,
            "unknown-background-modes": report.unknown_modes.iter().map(|(mode, near)| {
                json!({ "mode": mode, "nearest": near })
            }).collect::<Vec<_>>(),
            "sdk": info.sdk,
            "sdk-name": info.sdk_name,
            "sdk-given": report.sdk_given,
            "build-setting": info.build_setting,
            "minimum-os": info.minimum_os,
            "device-families": info.device_families,
            "requires-persistent-wifi": info.persistent_wifi,
            "exits-on-suspend": info.exits_on_suspend,
            "task-identifiers": info.task_identifiers,
        },
        "entitlements": {
            "known": report.entitlements_known,
            "from": report.entitlements_from,
        },
        "too-old-for-the-app": report.too_old,
        "versions": report.versions.iter().map(version).collect::<Vec<_>>(),
        "missing": report.missing.iter().map(|f| finding("way", f)).collect::<Vec<_>>(),
        "ends": report.hazards.iter().map(|f| finding("code", f)).collect::<Vec<_>>(),
        "app-review": report.review,
    })
}

fn version(version: &Version) -> Value {
    json!({
        "platform": version.platform,
        "stands-for": version.stands_for,
        "runs": version.runs,
        "ways": version.ways.iter().map(way).collect::<Vec<_>>(),
        "ends": version.hazards.iter().map(hazard).collect::<Vec<_>>(),
    })
}

fn way(way: &Way) -> Value {
    let code = match &way.verdict {
        Verdict::Kills { code, .. } => Some(*code),
        Verdict::Works
        | Verdict::Unproven(_)
        | Verdict::Missing(_)
        | Verdict::Unknown(_)
        | Verdict::Refused(_)
        | Verdict::NotOnThisVersion => None,
    };
    json!({
        "way": way.name.as_str(),
        "verdict": way.verdict.as_str(),
        "detail": way.verdict.detail(),
        "code": code,
        "note": way.note,
        "source": way.source,
    })
}

fn hazard(hazard: &Hazard) -> Value {
    json!({ "code": hazard.code, "when": hazard.when, "source": hazard.source })
}

fn finding(about: &str, finding: &Finding) -> Value {
    json!({ about: finding.about, "text": finding.text, "platforms": finding.platforms })
}
