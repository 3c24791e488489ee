//! What came of a run on a device, for people and for programs.

use std::io::Write;
use std::path::Path;

use serde_json::{Value, json};

use super::plan;
use crate::cli::exit::{CliError, Exit};
use crate::cli::format::Format;
use crate::cli::views::{Places, ViewArgs};
use crate::cli::{files, terminal, trace_files};
use crate::device::host::knowable::{Basis, of_metric};
use crate::device::host::plan::plan as planned;
use crate::device::host::{
    Broken, DeathKind, Ended, Failure, Finished, Judged, Knowledge, Offset, Settings, conclude,
};
use crate::device::protocol::About;
use crate::metrics::Metric;
use crate::port::Span;
use crate::report::console::{self, Summary};
use crate::report::paragraph::plain;
use crate::report::sentence::of_phone;
use crate::report::style::{BAD, FAINT, paint};
use crate::report::{Entry, Run, Subject, because, failure, json, timeline};
use crate::run::Verdict;
use crate::scenario::Scenario;

/// What is wanted of the result.
pub(super) struct Asked<'a> {
    /// The command that runs this again.
    pub(super) again: String,
    pub(super) trace: Option<&'a Path>,
    pub(super) log: Option<&'a Path>,
    /// How wide the timeline is, if there is to be one.
    pub(super) timeline: Option<usize>,
    pub(super) format: Format,
    pub(super) views: &'a ViewArgs,
    pub(super) places: &'a Places,
}

/// What is said of a run beside its verdict.
struct Facts {
    /// A line each, for people.
    lines: Vec<String>,
    /// The same for programs.
    json: Value,
}

/// Judges a run, writes the files that are wanted of it, and tells what came of it.
pub(super) fn tell(
    subject: Subject,
    settings: &Settings,
    finished: Finished,
    asked: &Asked<'_>,
    out: &mut dyn Write,
) -> Result<Exit, CliError> {
    let Finished { collected, about, log, broken, legacy_trap, refused } = finished;
    if let (Some(path), Some(log)) = (asked.log, &log) {
        files::write(path, "log", |file| file.write_all(log))?;
    }
    // What it said in its Hello it said before it knew its orders.
    let about = collected.phone.as_ref().and_then(|log| log.about.clone()).unwrap_or(about);
    let ended = collected.ended;
    let undone: Vec<(usize, String)> =
        collected.undone.iter().map(|undone| (undone.step, undone.why.clone())).collect();
    let mut judged = conclude(&subject.scenario, settings.seed, &collected);
    // What ends the agent from outside is no result of the scenario.
    let failed = unexpected(broken.as_ref(), legacy_trap);
    if failed.is_some() {
        judged.outcome.verdict = Verdict::Fail;
    }
    if let Some(path) = asked.trace {
        trace_files::write(path, &subject.scenario, settings.seed, &judged.events)?;
    }
    if broken == Some(Broken::Interrupted) {
        judged.notes.insert(0, format!("interrupted at {ended}"));
    }
    let told = Told { about: &about, undone: &undone, failed, refused: refused.all(), legacy_trap };
    let facts = facts(&subject.scenario, settings, &judged, &told);
    let entry = entry(subject, judged, asked, &facts);
    let entries = [entry];
    asked.views.write(&entries, asked.places)?;
    let summary = Summary::of(&entries, 0, 0);
    let written = match asked.format {
        Format::Text => console::entries(&entries, terminal::text_width()),
        Format::Json => {
            let whole = json::json(&entries, &summary, Span::ZERO).map_err(std::io::Error::from)?;
            let mut whole: Value = serde_json::from_str(&whole).map_err(std::io::Error::from)?;
            whole["device"] = facts.json;
            for run in whole["scenarios"].as_array_mut().into_iter().flatten() {
                withhold_unknown(&mut run["metrics"]);
            }
            serde_json::to_string_pretty(&whole).map_err(std::io::Error::from)? + "\n"
        }
    };
    out.write_all(written.as_bytes())?;
    Ok(match entries[0].verdict() {
        Verdict::Fail => Exit::Failed,
        Verdict::Undetermined => Exit::Undetermined,
        Verdict::Pass => Exit::Passed,
    })
}

/// Takes the values of metrics away that nobody measured on a phone.
fn withhold_unknown(metrics: &mut Value) {
    for metric in Metric::ALL {
        if let (Basis::Nobody(_), Some(measured)) =
            (of_metric(*metric), metrics.get_mut(metric.as_str()))
        {
            measured["value"] = Value::Null;
        }
    }
}

/// How far the phone's clock is from the host's.
fn clock(offset: Offset) -> String {
    let by = Span::from_micros(offset.middle().unsigned_abs());
    let way = if offset.middle() < 0 { "ahead of" } else { "behind" };
    format!("the phone's clock is {by} {way} the host's, give or take {}", offset.uncertainty())
}

/// How what an expectation is about is known, where it is not plainly observed.
fn known(place: usize, knowledge: &Knowledge) -> Option<String> {
    match knowledge {
        Knowledge::Observed => None,
        Knowledge::Inferred { from } => {
            Some(format!("expectation {} is inferred from {from}", place + 1))
        }
        // It stands where the expectation does.
        Knowledge::Unknowable { .. } => None,
    }
}

fn known_json(scenario: &Scenario, judged: &Judged) -> Value {
    let one = |(place, knowledge): (usize, &Knowledge)| {
        let (known, why) = match knowledge {
            Knowledge::Observed => ("observed", None),
            Knowledge::Inferred { from } => ("inferred", Some(from)),
            Knowledge::Unknowable { why } => ("unknowable", Some(why)),
        };
        let text = scenario.expects.get(place).map(|expect| &expect.text);
        json!({ "text": text, "known": known, "why": why })
    };
    judged.known.iter().enumerate().map(one).collect()
}

/// What is known beside the judgement.
struct Told<'a> {
    about: &'a About,
    undone: &'a [(usize, String)],
    failed: Option<String>,
    refused: u64,
    legacy_trap: bool,
}

/// Why the run failed, whatever it shows, if it did.
fn unexpected(broken: Option<&Broken>, legacy_trap: bool) -> Option<String> {
    match broken {
        Some(Broken::Died(_)) if legacy_trap => None,
        Some(Broken::Died(how)) => {
            let word = match how {
                DeathKind::Signal(_) => "killed",
                DeathKind::Exited(_)
                | DeathKind::ByHost
                | DeathKind::Gone
                | DeathKind::Reported(_) => "ended",
            };
            Some(format!("{word}: the agent's process {} before the run was over", Ended(how)))
        }
        Some(Broken::OtherVersion(version)) => {
            Some(format!("an agent came that speaks version {version} of the control channel"))
        }
        Some(Broken::Interrupted) | None => None,
    }
}

fn entry(subject: Subject, judged: Judged, asked: &Asked<'_>, facts: &Facts) -> Entry {
    let scenario = &subject.scenario;
    let Judged { outcome, events, .. } = judged;
    let mut detail = String::new();
    for line in &facts.lines {
        detail.push_str(&format!("    {line}\n"));
    }
    detail.push_str(&because::because(scenario, &outcome, &events));
    detail.push_str(&failure::failure(scenario, &outcome, &events, &asked.again));
    if let Some(width) = asked.timeline {
        detail.push_str(&timeline::draw(scenario, &events, width));
    }
    let sentence = of_phone(&outcome.totals);
    let run = Run { outcome, sentence, reproduce: asked.again.clone(), determinism: None };
    Entry { runs: vec![run], detail, events: Some(events), baseline: None, subject }
}

/// What ran where, how its clock stands to ours, and who did what.
fn facts(scenario: &Scenario, settings: &Settings, judged: &Judged, told: &Told<'_>) -> Facts {
    let About { triple, backend, model, os, sdk, background_modes, simulator, pid } = told.about;
    let sdk = sdk.map(|(major, minor)| format!("{major}.{minor}"));
    let mut lines = Vec::new();
    if let Some(why) = &told.failed {
        lines.push(paint(BAD, why).to_string());
    }
    if told.legacy_trap {
        lines.push("legacy-trap: the process was ended as its VoIP stream connected".into());
    }
    let stamp = sdk.as_ref().map_or("no SDK stamp".into(), |sdk| format!("SDK {sdk}"));
    let fact = format!("{model}, {os}, {stamp}, {triple} ({backend}), run {}", settings.nonce);
    lines.push(paint(FAINT, &plain(&fact)).to_string());
    lines.extend(judged.offset.map(|offset| paint(FAINT, &clock(offset)).to_string()));
    for (place, knowledge) in judged.known.iter().enumerate() {
        lines.extend(known(place, knowledge).map(|line| paint(FAINT, &line).to_string()));
    }
    for note in &judged.notes {
        lines.push(paint(FAINT, &plain(note)).to_string());
    }
    if told.refused > 0 {
        let many = told.refused;
        lines.push(format!("{many} connections to the control channel were refused"));
    }
    let steps = planned(scenario, settings.kind);
    let by = |who: &str| -> Vec<String> {
        let mine = steps.iter().filter(|planned| plan::who(planned) == who);
        mine.map(|planned| (planned.step + 1).to_string()).collect()
    };
    let whole: Vec<String> = ["host", "agent", "tool", "person"]
        .into_iter()
        .map(|who| (who, by(who)))
        .filter(|(_, steps)| !steps.is_empty())
        .map(|(who, steps)| format!("{who}: {}", steps.join(", ")))
        .collect();
    if !whole.is_empty() {
        lines.push(paint(FAINT, &format!("steps by {}", whole.join("; by "))).to_string());
    }
    let json = json!({
        "kind": settings.kind.as_str(),
        "model": model,
        "os": os,
        "sdk": sdk,
        "triple": triple,
        "backend": backend,
        "simulator": simulator,
        "background_modes": background_modes,
        "pid": pid,
        "run": settings.nonce,
        "speed": settings.speed,
        "failed": told.failed,
        "legacy_trap": told.legacy_trap,
        "refused_connections": told.refused,
        "notes": judged.notes,
        "clock": judged.offset.map(|offset| json!({
            "host_less_phone_us": offset.middle(),
            "uncertainty_us": offset.uncertainty().as_micros(),
        })),
        "expectations": known_json(scenario, judged),
        "steps": steps.iter().map(|one| plan::step_json(scenario, one)).collect::<Vec<_>>(),
        "undone": told.undone.iter()
            .map(|(step, why)| json!({ "step": step + 1, "why": why })).collect::<Vec<_>>(),
    });
    Facts { lines, json }
}

/// Tells of a run that never began.
pub(super) fn failed(
    subject: &Subject,
    settings: &Settings,
    failure: &Failure,
    format: Format,
    out: &mut dyn Write,
) -> Result<Exit, CliError> {
    match failure {
        Failure::NoHello { .. } => {
            let text = format!(
                "{}  {}  {}\n",
                paint(BAD, "FAIL"),
                plain(&subject.stem),
                plain(&failure.to_string())
            );
            let json = json!({
                "verdict": Verdict::Fail.as_str(),
                "file": subject.file,
                "name": subject.scenario.name,
                "failed": failure.to_string(),
                "device": { "kind": settings.kind.as_str(), "run": settings.nonce },
            });
            format.write(out, text, json)?;
            Ok(Exit::Failed)
        }
        Failure::OtherVersion(_) | Failure::Launch(_) | Failure::Interrupted | Failure::Io(_) => {
            Err(CliError::Environment(failure.to_string()))
        }
    }
}
