//! Runs as one page that needs nothing but itself: what became of them, lanes to zoom into, events, measurements.
//!
//! Everything that can be read is in the page as it is; the script only draws lanes and events, from data that stand
//! beside it, when a scenario is looked at.

mod article;
mod data;
mod escape;
mod events;
mod facts;
mod index;
mod lanes;
mod pack;
mod policy;
#[cfg(test)]
mod tests;
mod vocabulary;

use std::collections::BTreeSet;
use std::fmt::Write;

use super::{Entry, Run};
use crate::metrics::Metric;
use crate::settings::Share;

/// What is run before anything is drawn.
const HEAD: &str = include_str!("page/head.js");

const STYLE: &str = concat!(
    include_str!("page/colours.css"),
    include_str!("page/page.css"),
    include_str!("page/chart.css"),
);

const SCRIPT: &str = concat!(
    "\"use strict\";\n{\n",
    include_str!("page/unpack.js"),
    include_str!("page/words.js"),
    include_str!("page/dom.js"),
    include_str!("page/tip.js"),
    include_str!("page/bands.js"),
    include_str!("page/moments.js"),
    include_str!("page/pushes.js"),
    include_str!("page/axis.js"),
    include_str!("page/chart.js"),
    include_str!("page/gestures.js"),
    include_str!("page/list.js"),
    include_str!("page/scenario.js"),
    include_str!("page/main.js"),
    "}\n",
);

/// A scenario with the run that is shown of it.
struct Shown<'e> {
    entry: &'e Entry,
    run: &'e Run,
    /// Its address within the page.
    slug: String,
}

impl Shown<'_> {
    /// The word of its verdict.
    fn word(&self) -> &'static str {
        index::word(self.entry.verdict(), self.entry.flaky())
    }

    fn reachable(&self) -> Share {
        self.run.outcome.totals.share(Metric::Reachable).unwrap_or(Share::NONE)
    }
}

/// The page; `entries` have their events.
///
/// # Errors
/// What `serde_json` says; there is no such value here.
pub fn html(entries: &[Entry]) -> serde_json::Result<String> {
    let shown = shown(entries);
    let title = match shown.as_slice() {
        [one] => one.entry.subject.scenario.name.clone(),
        all => format!("{} scenarios", all.len()),
    };
    let alone = shown.len() == 1;
    let mut out = String::new();
    let _ = write!(
        out,
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"{policy}\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n\
         <meta name=\"generator\" content=\"holdline {version}\">\n\
         <title>{title} · holdline</title>\n<script>{HEAD}</script>\n<style>{STYLE}</style>\n</head>\n\
         <body class=\"{kind}\">\n",
        policy = policy::policy(&[HEAD, SCRIPT], STYLE),
        version = env!("CARGO_PKG_VERSION"),
        title = escape::text(&title),
        kind = if alone { "one" } else { "many" },
    );
    out.push_str(
        "<div class=\"top\"><span class=\"brand\">holdline</span>\
         <button type=\"button\" id=\"theme\" class=\"js-only\">Theme</button></div>\n",
    );
    if !alone {
        out.push_str(&index::index(&shown));
    }
    for (n, one) in shown.iter().enumerate() {
        out.push_str(&article::article(one, n, alone));
    }
    embed(&mut out, "vocabulary", &vocabulary::Vocabulary::new())?;
    for (n, one) in shown.iter().enumerate() {
        if let Some(events) = &one.entry.events {
            embed(&mut out, &format!("data-{n}"), &data::Data::of(one.entry, one.run, events))?;
        }
    }
    let _ = write!(out, "<script>{SCRIPT}</script>\n</body>\n</html>\n");
    Ok(out)
}

/// Every scenario that was run, each with an address of its own.
fn shown(entries: &[Entry]) -> Vec<Shown<'_>> {
    let mut known = BTreeSet::new();
    let mut all = Vec::new();
    for entry in entries {
        let Some(run) = entry.shown() else { continue };
        let subject = &entry.subject;
        let own = match subject.group.as_str() {
            "" => subject.stem.clone(),
            group => format!("{group}/{}", subject.stem),
        };
        // What the page calls its own parts has no slash at its beginning.
        let own = format!("/{}", escape::slug(&own));
        let mut slug = own.clone();
        let mut more = 2;
        while !known.insert(slug.clone()) {
            slug = format!("{own}-{more}");
            more += 1;
        }
        all.push(Shown { entry, run, slug });
    }
    all
}

/// Data beside the page, which only its script reads.
fn embed(out: &mut String, id: &str, data: &impl serde::Serialize) -> serde_json::Result<()> {
    let json = serde_json::to_string(data)?;
    let json = escape::json(&json);
    let _ = writeln!(out, "<script type=\"application/json\" id=\"{id}\">{json}</script>");
    Ok(())
}

/// The word of a verdict, with a sign for those who do not see colours.
fn badge(word: &str) -> String {
    let sign = match word {
        "pass" => "✓",
        "fail" => "✕",
        "flaky" => "≈",
        _ => "?",
    };
    format!("<span class=\"badge {word}\"><i aria-hidden=\"true\">{sign}</i> {word}</span>")
}
