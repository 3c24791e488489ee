//! The tables of a scenario's page: what was measured, and what the run depends on.

use std::fmt::Write;

use super::Shown;
use super::escape::text;
use crate::metrics::{Metric, Value};
use crate::report::human;
use crate::run::header;

/// What was measured, in people's units.
pub(super) fn metrics(shown: &Shown<'_>) -> String {
    let totals = &shown.run.outcome.totals;
    let mut out = String::from(
        "<section class=\"metrics\"><h3>Metrics</h3>\n<table><thead><tr><th scope=\"col\">Metric</th>\
         <th scope=\"col\">Value</th><th scope=\"col\">What it means</th></tr></thead><tbody>\n",
    );
    let mut missing = Vec::new();
    for info in Metric::TABLE {
        let Some(value) = totals.value(info.metric) else {
            missing.push(format!("<code>{}</code>", info.metric));
            continue;
        };
        let _ = writeln!(
            out,
            "<tr><th scope=\"row\"><code>{}</code></th><td>{}</td><td>{}</td></tr>",
            info.metric,
            said(value),
            text(info.doc.trim())
        );
    }
    out.push_str("</tbody></table>\n");
    if !missing.is_empty() {
        let _ = writeln!(
            out,
            "<p class=\"faint\">Nothing happened that these could measure: {}.</p>",
            missing.join(", ")
        );
    }
    out.push_str("</section>\n");
    out
}

fn said(value: Value) -> String {
    match value {
        Value::Count(n) => human::count(n),
        Value::Duration(span) => human::span(span),
        Value::Share(share) => human::share(share),
        Value::Energy(nanojoules) => energy(nanojoules),
    }
}

/// With three digits: `1.25 kJ`, `30.2 J`, `120 mJ`.
fn energy(nanojoules: u64) -> String {
    let mut value = nanojoules as f64 / 1e6;
    let mut unit = "mJ";
    for larger in ["J", "kJ"] {
        if value >= 999.5 {
            (value, unit) = (value / 1e3, larger);
        }
    }
    let digits = match value {
        0.0 => 0,
        small if small < 9.995 => 2,
        medium if medium < 99.95 => 1,
        _ => 0,
    };
    format!("{value:.digits$} {unit}")
}

/// What the run depends on, and the command that runs it again.
pub(super) fn facts(shown: &Shown<'_>) -> String {
    let scenario = &shown.entry.subject.scenario;
    let run = shown.run;
    let header = header(scenario, run.outcome.seed);
    let mut rows: Vec<(&str, String)> = vec![
        ("File", shown.entry.subject.file.clone()),
        ("Seed", run.outcome.seed.to_string()),
        ("Simulated", human::span(scenario.duration)),
        ("Devices", human::count(u64::from(scenario.devices))),
        ("Platform", header.platform.clone()),
        ("Client", scenario.client.name.clone()),
        ("Server", scenario.server.name.clone()),
        ("Wi-Fi", scenario.network.wifi.name.clone()),
        ("Cellular", scenario.network.cellular.name.clone()),
        ("Begins on", scenario.network.initial.to_string()),
        ("holdline", env!("CARGO_PKG_VERSION").to_owned()),
        ("Model", header.model.clone()),
        ("Profile hash", format!("{:016x}", header.profile_hash)),
    ];
    let vary = scenario.variant.iter().map(|(key, value)| format!("{key} = {value}"));
    let vary: Vec<String> = vary.collect();
    if !vary.is_empty() {
        rows.insert(1, ("Variant", vary.join(", ")));
    }
    let mut out = String::from("<section class=\"facts\"><h3>This run</h3>\n<dl>\n");
    for (name, value) in rows.iter().filter(|(_, value)| !value.is_empty()) {
        let _ = writeln!(out, "<div><dt>{name}</dt><dd>{}</dd></div>", text(value));
    }
    let _ = writeln!(
        out,
        "</dl>\n<h4>Run it again</h4>\n<div class=\"command\"><pre tabindex=\"0\"><code>{}</code></pre>\
         <button type=\"button\" class=\"copy js-only\">Copy</button></div>\n</section>",
        command(&run.reproduce)
    );
    out
}

/// A command, broken into lines between its words only.
fn command(command: &str) -> String {
    let words: Vec<String> =
        command.split(' ').map(|word| format!("<span>{}</span>", text(word))).collect();
    words.join(" ")
}

/// The scenario as it was read.
pub(super) fn source(shown: &Shown<'_>) -> String {
    let subject = &shown.entry.subject;
    let body = match subject.text.as_str() {
        "" => "<p>Its text is not known here.</p>".to_owned(),
        known => format!("<pre tabindex=\"0\"><code>{}</code></pre>", text(known)),
    };
    format!(
        "<details class=\"source\"><summary>Scenario file <code>{}</code></summary>{body}</details>\n",
        text(&subject.file)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_energy_has_three_digits_and_a_unit_that_fits() {
        let said = |millijoules: f64| energy((millijoules * 1e6) as u64);
        assert_eq!([said(0.0), said(120.4), said(999.4)], ["0 mJ", "120 mJ", "999 mJ"]);
        assert_eq!([said(999.6), said(30_200.0)], ["1.00 J", "30.2 J"]);
        assert_eq!(said(1_250_000.0), "1.25 kJ");
    }
}
