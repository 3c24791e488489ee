//! The answer of `holdline check` as text in 80 columns.

use std::io::{self, Write};

use super::check::{Finding, Report, Version};
use crate::platform::{Verdict, Way};

/// The widest line.
const WIDTH: usize = 80;

/// Writes the whole answer.
pub(super) fn write(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    app(report, out)?;
    for alike in report.versions.chunk_by(|a, b| a.ways == b.ways) {
        table(alike, report, out)?;
    }
    if report.versions.iter().any(|version| version.runs) {
        findings("What is missing, or not known, to be reached", &report.missing, report, out)?;
        findings("What would end it", &report.hazards, report, out)?;
    }
    writeln!(out, "\nApp Review, outside enterprise and ad-hoc distribution")?;
    if report.review.is_empty() {
        writeln!(out, "  nothing to say from this Info.plist")?;
    }
    for note in &report.review {
        paragraph("  - ", 4, note, out)?;
    }
    Ok(())
}

fn app(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let info = &report.info;
    let mut line = vec![info.bundle_id.clone().unwrap_or("no bundle id".into())];
    let named = [info.name.as_deref(), info.version.as_deref()];
    let named = named.into_iter().flatten().collect::<Vec<_>>().join(" ");
    if !named.is_empty() {
        line.push(named);
    }
    line.push(match (info.sdk, report.sdk_given, info.sdk_name.as_deref()) {
        (Some(sdk), true, _) => format!("SDK {sdk} (as given)"),
        (Some(sdk), false, name) => {
            let number = name.unwrap_or_default().trim_start_matches(|c: char| !c.is_ascii_digit());
            format!("SDK {}", if number.is_empty() { sdk.to_string() } else { number.into() })
        }
        (None, _, _) => "SDK unknown: give --sdk".into(),
    });
    if let Some(minimum) = &info.minimum_os {
        line.push(format!("runs on iOS {minimum} and later"));
    }
    paragraph("", 2, &line.join(" · "), out)?;
    if let Some(setting) = &info.build_setting {
        let or = if info.sdk.is_none() { ", or --sdk" } else { "" };
        let text = format!("it holds the build setting {setting}; give the built .app{or}");
        paragraph("this is a source Info.plist: ", 2, &text, out)?;
    }
    let modes = match info.background_modes.as_slice() {
        [] => "none".to_owned(),
        modes => modes.join(", "),
    };
    paragraph("background modes: ", 2, &modes, out)?;
    for (mode, near) in &report.unknown_modes {
        let meant = near.map_or(String::new(), |near| format!("; did you mean `{near}`?"));
        paragraph("  ", 2, &format!("iOS has no background mode `{mode}`{meant}"), out)?;
    }
    let entitlements = match report.entitlements_known {
        true => format!("from {}", report.entitlements_from),
        false => format!("unknown ({})", report.entitlements_from),
    };
    paragraph("entitlements: ", 2, &entitlements, out)?;
    if info.persistent_wifi {
        let text = "keeps Wi-Fi open while the app runs, not while it is suspended";
        paragraph("UIRequiresPersistentWiFi: ", 2, text, out)?;
    }
    if !report.too_old.is_empty() {
        paragraph("left out, too old for this app: ", 2, &report.too_old.join(", "), out)?;
    }
    Ok(())
}

/// The ways on versions that have the same.
fn table(versions: &[Version], report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let Some(one) = versions.first() else { return Ok(()) };
    let names: Vec<_> = versions.iter().map(|version| version.platform).collect();
    let stand_for: Vec<_> = versions.iter().map(|version| version.stands_for.as_str()).collect();
    writeln!(out)?;
    paragraph("", 2, &format!("{}: {}", names.join(", "), stand_for.join(", ")), out)?;
    if !one.runs {
        let minimum = report.info.minimum_os.as_deref().unwrap_or_default();
        let text = format!("does not run on {} (minimum {minimum})", stand_for.join(", "));
        return paragraph("  ", 4, &text, out);
    }
    let (absent, present): (Vec<&Way>, Vec<&Way>) =
        one.ways.iter().partition(|way| way.verdict == Verdict::NotOnThisVersion);
    for way in present {
        let head = format!("  {:<24} {:<8} ", way.name, way.verdict.as_str());
        let text = match &way.verdict {
            Verdict::Missing(what) => format!("needs {what}"),
            Verdict::Kills { code, why } => format!("{code}: {why}"),
            Verdict::Refused(why) | Verdict::Unknown(why) | Verdict::Unproven(why) => why.clone(),
            Verdict::Works | Verdict::NotOnThisVersion => way.note.clone(),
        };
        paragraph(&head, head.len(), &text, out)?;
    }
    if !absent.is_empty() {
        let names: Vec<_> = absent.iter().map(|way| way.name.as_str()).collect();
        paragraph("  not on this version: ", 4, &names.join(", "), out)?;
    }
    Ok(())
}

fn findings(
    title: &str,
    findings: &[Finding],
    report: &Report,
    out: &mut dyn Write,
) -> io::Result<()> {
    writeln!(out, "\n{title}")?;
    if findings.is_empty() {
        writeln!(out, "  nothing found")?;
    }
    for finding in findings {
        let everywhere =
            finding.platforms.len() == report.versions.iter().filter(|v| v.runs).count();
        let place = match finding.platforms.as_slice() {
            [only] => (*only).to_owned(),
            [first, .., last] if !everywhere && adjoin(&finding.platforms, report) => {
                format!("{first} to {last}")
            }
            _ if everywhere => "all of these versions".to_owned(),
            some => some.join(", "),
        };
        let text = format!("{} [{place}]", finding.text);
        paragraph(&format!("  {:<24} ", finding.about), 27, &text, out)?;
    }
    Ok(())
}

/// Whether these platforms stand side by side in the answer.
fn adjoin(platforms: &[&str], report: &Report) -> bool {
    let all: Vec<_> = report.versions.iter().map(|version| version.platform).collect();
    all.windows(platforms.len()).any(|window| window == platforms)
}

/// Writes `head` and then `text`, broken at blanks; further lines are indented by `indent`. A word
/// longer than a line stands alone on it.
fn paragraph(head: &str, indent: usize, text: &str, out: &mut dyn Write) -> io::Result<()> {
    let mut line = head.to_owned();
    let mut fresh = true;
    for word in text.split_whitespace() {
        // What is read from the file is shown without control characters.
        let word: String = word.chars().filter(|c| !c.is_control()).collect();
        let blank = usize::from(!fresh);
        if !fresh && line.chars().count() + blank + word.chars().count() > WIDTH {
            writeln!(out, "{line}")?;
            line = " ".repeat(indent);
            fresh = true;
        }
        if !fresh {
            line.push(' ');
        }
        line.push_str(&word);
        fresh = false;
    }
    writeln!(out, "{}", line.trim_end())
}
