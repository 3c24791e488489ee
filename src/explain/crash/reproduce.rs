//! The bundled scenario that shows what a report is about. It is played before it is offered: what it expects
//! has to hold, on the platform of the report if there is such a scenario, and else on its own.

use serde::Serialize;

use super::Finding;
use super::diagnosis::Told;
use crate::explain::Explainer;
use crate::explain::topic::Shown;
use crate::run::Verdict;
use crate::trace::{Event, KillRule, What};

/// A scenario that shows what a report is about.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Reproduce {
    /// The command. The run passes.
    pub command: String,
    /// The scenario's name.
    pub scenario: String,
    /// Said when the scenario is played on another platform than that of the report.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub note: String,
}

/// Where a scenario has to pass.
#[derive(Copy, Clone)]
enum On<'a> {
    /// On the platform of the report.
    Report(&'a str),
    /// On its own platform; on that of the report it has to show the same.
    OwnLike(&'a str),
    /// On its own platform.
    Own,
}

impl Explainer {
    /// A bundled scenario that shows it, or why there is none. Where the report leaves the rule open, one of
    /// those that leave such a code.
    pub(super) fn reproduce(
        &self,
        finding: Finding,
        told: &Told<'_>,
        platform: Option<&str>,
    ) -> (Option<Reproduce>, String) {
        let rules: Vec<KillRule> = match (told.rule, told.code) {
            (Some(rule), _) => vec![rule],
            (None, code) => {
                let names = code.into_iter().flat_map(|code| &code.rules);
                names.filter_map(|name| KillRule::parse(name)).collect()
            }
        };
        let passes = |on: On<'_>| match finding {
            Finding::OwnCrash => self.first(self.index.event("exit").list, on, crashes_once),
            Finding::Rule | Finding::Code | Finding::UnknownCode | Finding::Unsaid => {
                rules.iter().find_map(|rule| {
                    let list = self.index.kill(|_, found| found == *rule).list;
                    self.first(list, on, |events| ended_by(events, *rule, told))
                })
            }
        };
        if let Some(platform) = platform
            && let Some(shown) = passes(On::Report(platform))
        {
            let command = format!("holdline run {} --set platform.use={platform}", shown.scenario);
            let note = String::new();
            return (Some(Reproduce { command, scenario: shown.name, note }), String::new());
        }
        // Next best is one that shows it there, too, though not all that it expects holds there.
        let shows_there = platform.and_then(|platform| passes(On::OwnLike(platform)));
        match (shows_there.or_else(|| passes(On::Own)), platform) {
            (Some(shown), platform) => {
                let command = format!("holdline run {}", shown.scenario);
                let note =
                    platform.map_or(String::new(), |platform| self.elsewhere(&shown, platform));
                (Some(Reproduce { command, scenario: shown.name, note }), String::new())
            }
            (None, _) if finding == Finding::OwnCrash || !rules.is_empty() => {
                (None, "no bundled scenario shows it".to_owned())
            }
            (None, _) => (None, String::new()),
        }
    }

    /// The first of `list` that passes on this platform, and there `shows` it.
    fn first(
        &self,
        list: Vec<Shown>,
        on: On<'_>,
        shows: impl Fn(&[Event]) -> bool,
    ) -> Option<Shown> {
        let fits = |shown: &Shown| {
            let Some(witness) = self.index.witness(shown) else { return false };
            let passes = |platform| witness.on(platform, &shows) == Some((Verdict::Pass, true));
            match on {
                On::Report(platform) => passes(Some(platform)),
                On::OwnLike(platform) => {
                    let there = witness.on(Some(platform), &shows);
                    there.is_some_and(|(_, shown)| shown) && passes(None)
                }
                On::Own => passes(None),
            }
        };
        list.into_iter().find(fits)
    }

    /// That the scenario is about its own platform.
    fn elsewhere(&self, shown: &Shown, platform: &str) -> String {
        let own = self.index.witness(shown).map_or("", |one| one.scenario.platform.name.as_str());
        format!(
            "This is on {own}, its own platform: on {platform} no bundled scenario for this passes."
        )
    }
}

/// Whether the rule ended the app, and left the code of the report if that is known: one rule leaves different
/// codes on different versions.
fn ended_by(events: &[Event], rule: KillRule, told: &Told<'_>) -> bool {
    events.iter().any(|event| {
        let What::Kill { code, rule: found } = event.what else { return false };
        found == rule && told.code.is_none_or(|known| known.name == code.as_str())
    })
}

/// Whether the app ended itself a single time, with a code other than zero, and nothing else ended it: a
/// report is about one crash.
fn crashes_once(events: &[Event]) -> bool {
    let killed = events.iter().any(|event| matches!(event.what, What::Kill { .. }));
    let codes: Vec<_> = events
        .iter()
        .filter_map(|event| if let What::Exit { code } = event.what { Some(code) } else { None })
        .collect();
    !killed && matches!(codes.as_slice(), [code] if *code != 0)
}
