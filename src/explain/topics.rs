//! What is said about each meaning of a name.

use std::collections::BTreeSet;

use super::facts::{Code, Rule, Term, Word as WordFact};
use super::keys::{Section, key_values, versions};
use super::names::{Meaning, Word};
use super::topic::{KeyValues, List, Mapped, MappedCall, Named, Row, Topic, TopicKind, squeezed};
use super::{Explainer, ways};
use crate::client::{STRATEGIES, snippet};
use crate::metrics::MetricInfo;
use crate::platform::ios_range;
use crate::scenario::{ActInfo, ExpectInfo, KeyInfo, Need};
use crate::settings::{Key, Settings};
use crate::trace::{EventInfo, KillRule, OnPhone, Shape};

impl Explainer {
    /// All that is said about `meaning`.
    pub(super) fn topic(&self, meaning: &Meaning<'_>) -> Topic {
        match meaning {
            Meaning::Code(code) => self.code(code),
            Meaning::Rule(rule) => self.rule(*rule),
            Meaning::Event(info) => self.event(info),
            Meaning::Word(word) => self.word(word),
            Meaning::Key(section, key) => self.key(*section, key),
            Meaning::Step(row) => self.step(row),
            Meaning::Expectation(row) => self.expectation(row),
            Meaning::Metric(row) => self.metric(row),
            Meaning::Way(name) => ways::topic(*name),
            Meaning::Preset(section, name) => self.preset(*section, name),
            Meaning::Scenario(place) => self.scenario(*place),
            Meaning::Term(term) => self.term(term),
        }
    }

    pub(super) fn code(&self, code: &Code) -> Topic {
        let rule = |name: &String| Named::new(name, rule_meaning(name));
        let items: Vec<_> = code.rules.iter().map(rule).collect();
        let mut scenarios = self.index.kill(|found, _| found.as_str() == code.name);
        if items.is_empty() {
            scenarios.none = "none: this model does not end an app so".to_owned();
        }
        // Of one rule the keys are told here, of several with each.
        let keys = match code.rules.as_slice() {
            [one] => self.facts.rule(one).map_or(Vec::new(), |rule| values(&rule.keys)),
            _ => Vec::new(),
        };
        Topic {
            kind: TopicKind::KillCode,
            name: code.name.clone(),
            detail: code.title.clone(),
            means: code.means.clone(),
            more: self.afterwards(&code.rules),
            versions: code.versions.clone(),
            lists: list("rules", items),
            keys,
            sources: vec![code.source.clone()],
            disagreements: self.facts.disputes(&code.name).collect(),
            scenarios: Some(scenarios),
            advice: code.advice.clone(),
            see: match code.rules.as_slice() {
                [one, _, ..] => vec![format!("the limits of a rule: holdline explain {one}")],
                _ => Vec::new(),
            },
            ..Topic::default()
        }
    }

    pub(super) fn rule(&self, rule: KillRule) -> Topic {
        let name = rule.as_str();
        let fact = self.facts.rule(name).cloned().unwrap_or_default();
        let leaves = |code: &&Code| code.rules.iter().any(|known| known == name);
        let codes = self.facts.codes.iter().filter(leaves);
        let mut keys = fact.keys.clone();
        if !fact.relaunch.is_empty() {
            keys.push(fact.relaunch.clone());
        }
        Topic {
            kind: TopicKind::KillRule,
            name: name.to_owned(),
            means: squeezed(rule_meaning(name)),
            more: self.afterwards(&[name.to_owned()]),
            lists: list("codes", codes.map(|code| Named::new(&code.name, &code.title)).collect()),
            keys: values(&keys),
            sources: fact.source.into_iter().collect(),
            disagreements: self.facts.disputes(name).collect(),
            scenarios: Some(self.index.kill(|_, found| found == rule)),
            advice: fact.advice,
            ..Topic::default()
        }
    }

    /// Whether an app that one of these rules ended is launched again, by the keys that say so.
    fn afterwards(&self, rules: &[String]) -> Vec<Named> {
        let keys = rules.iter().filter_map(|name| self.facts.rule(name));
        let keys: BTreeSet<_> =
            keys.map(|rule| &rule.relaunch).filter(|key| !key.is_empty()).collect();
        let row = |Row { value, presets, .. }: Row| {
            let happens = match value.as_str() {
                "true" => "launched again in background if it has the `voip` mode",
                _ => "not launched until the user opens it",
            };
            (happens, presets)
        };
        let said = |key: &String| {
            let mut merged: Vec<(&str, Vec<&str>)> = Vec::new();
            for (happens, presets) in key_values(key)?.values.into_iter().map(row) {
                match merged.last_mut().filter(|(known, _)| *known == happens) {
                    Some((_, of)) => of.extend(presets),
                    None => merged.push((happens, presets)),
                }
            }
            let parts = merged.iter().map(|(happens, of)| format!("{}: {happens}", versions(of)));
            let text = format!("{} ({key})", parts.collect::<Vec<_>>().join("; "));
            Some(Named::new("afterwards", &text))
        };
        keys.into_iter().filter_map(said).collect()
    }

    fn event(&self, info: &EventInfo) -> Topic {
        let field = |field: &crate::trace::FieldInfo| Named::new(field.name, &shape(field.shape));
        let phone = match info.on_phone {
            OnPhone::Observed => "a phone reports it",
            OnPhone::Inferred => "on a phone it follows from what is reported before and after",
            OnPhone::ModelOnly => "on a phone nobody can see it",
        };
        let fact = self.facts.subject("event", info.name);
        Topic {
            kind: TopicKind::Event,
            name: info.name.to_owned(),
            detail: format!("lane {}; {phone}", info.lane),
            means: squeezed(info.doc),
            lists: [
                list("fields", info.fields.iter().map(field).collect()),
                self.rules_of(&fact.keys),
            ]
            .concat(),
            keys: values(&fact.keys),
            disagreements: self.facts.disputes(info.name).collect(),
            scenarios: Some(self.index.event(info.name)),
            advice: fact.advice,
            ..Topic::default()
        }
    }

    fn word(&self, word: &Word) -> Topic {
        let of: Vec<_> =
            word.fields.iter().map(|(event, field)| format!("{event} {field}")).collect();
        let about = |fact: &&WordFact| fact.word == word.word && of.contains(&fact.field);
        let fact = self.facts.words.iter().find(about);
        Topic {
            kind: TopicKind::Word,
            name: word.word.to_owned(),
            detail: format!("in the event {}", of.join(", ")),
            means: squeezed(word.means),
            keys: fact.map_or(Vec::new(), |fact| values(&fact.keys)),
            disagreements: self.facts.disputes(word.word).collect(),
            scenarios: Some(self.index.word(&word.fields, word.word)),
            advice: fact.map_or(String::new(), |fact| fact.advice.clone()),
            ..Topic::default()
        }
    }

    pub(super) fn key(&self, section: Section, key: &Key) -> Topic {
        let full = format!("{section}.{}", key.name);
        let kind = match section {
            Section::Platform => TopicKind::PlatformKey,
            Section::Network => TopicKind::NetworkKey,
            Section::Client => TopicKind::ClientKey,
            Section::Server => TopicKind::ServerKey,
        };
        Topic {
            kind,
            name: key.name.to_owned(),
            detail: key.kind.words(),
            means: squeezed(key.doc),
            lists: self.rules_of(std::slice::from_ref(&full)),
            keys: key_values(&full)
                .map(|values| KeyValues { means: String::new(), ..values })
                .into_iter()
                .collect(),
            disagreements: self.facts.disputes(&full).collect(),
            scenarios: Some(self.index.key(section, key)),
            advice: self.facts.advice_on(&full),
            ..Topic::default()
        }
    }

    /// The rules that one of these keys decides.
    fn rules_of(&self, keys: &[String]) -> Vec<List> {
        let decides = |rule: &&Rule| rule.keys.iter().any(|key| keys.contains(key));
        let rules = self.facts.rules.iter().filter(decides);
        list("rules", rules.map(|rule| Named::new(&rule.name, rule_meaning(&rule.name))).collect())
    }

    fn step(&self, row: &ActInfo) -> Topic {
        let fact = self.facts.subject("step", row.name);
        Topic {
            kind: TopicKind::Step,
            name: row.name.to_owned(),
            means: squeezed(row.doc),
            lists: [
                list("takes", row.args.iter().map(argument).collect()),
                self.rules_of(&fact.keys),
            ]
            .concat(),
            keys: values(&fact.keys),
            scenarios: Some(self.index.step(row.name)),
            advice: fact.advice,
            ..Topic::default()
        }
    }

    fn expectation(&self, row: &ExpectInfo) -> Topic {
        Topic {
            kind: TopicKind::Expectation,
            name: row.name.to_owned(),
            means: squeezed(row.doc),
            lists: list("takes", row.args.iter().map(argument).collect()),
            scenarios: Some(self.index.expectation(row.name)),
            ..Topic::default()
        }
    }

    fn metric(&self, row: &MetricInfo) -> Topic {
        Topic {
            kind: TopicKind::Metric,
            name: row.metric.to_string(),
            detail: row.unit.to_string(),
            means: squeezed(row.doc),
            scenarios: Some(self.index.metric(row.metric)),
            ..Topic::default()
        }
    }

    fn preset(&self, section: Section, name: &str) -> Topic {
        let (head, detail) = match section {
            Section::Platform => {
                ("changes", ios_range(name).map_or(String::new(), |range| range.to_string()))
            }
            Section::Network | Section::Client | Section::Server => ("sets", String::new()),
        };
        let snippet = mapped(name).filter(|_| section == Section::Client);
        let mut advice = self.facts.subject(section.preset().as_str(), name).advice;
        if let Some(twin) = snippet.as_ref().and_then(|snippet| snippet.twin.as_ref()) {
            advice = format!("Do as `{twin}` does: holdline explain {twin}");
        }
        // The first of its sort states everything: `show` does that better.
        let whole = section.presets().first() == Some(&name) || name == "default";
        let stated = if whole { Vec::new() } else { section.stated(name) };
        Topic {
            kind: section.preset(),
            name: name.to_owned(),
            detail,
            means: section.about(name),
            lists: list(head, stated),
            snippet,
            scenarios: Some(self.index.preset(section, name)),
            advice,
            see: vec![format!("holdline show {} {name}", section.shown_as())],
            ..Topic::default()
        }
    }

    fn scenario(&self, place: usize) -> Topic {
        let Some(witness) = self.index.witnesses.get(place) else { return Topic::default() };
        let scenario = &witness.scenario;
        let kills = witness.kills.iter().map(|(code, rule)| {
            Named::new(rule.as_str(), &format!("{} ({code})", rule_meaning(rule.as_str())))
        });
        let (platform, client) = (&scenario.platform.name, &scenario.client.name);
        let (network, server) = (&scenario.network.wifi.name, &scenario.server.name);
        let uses = [("platform", platform), ("client", client), ("network", network)];
        let uses = uses.into_iter().chain([("server", server)]);
        let mut lists = list("uses", uses.map(|(of, name)| Named::new(of, name)).collect());
        lists.extend(list("ends by", kills.collect()));
        Topic {
            kind: TopicKind::Scenario,
            name: witness.bundled.path().to_owned(),
            detail: scenario.name.clone(),
            means: squeezed(&scenario.shows),
            more: vec![Named::new("why", &scenario.why)],
            lists,
            advice: squeezed(&scenario.instead),
            see: vec![format!("holdline run {} --timeline", witness.bundled.file)],
            ..Topic::default()
        }
    }

    fn term(&self, term: &Term) -> Topic {
        let see = |name: &String| format!("holdline explain {name}");
        Topic {
            kind: TopicKind::Term,
            name: term.name.clone(),
            detail: term.also.join(", "),
            means: term.means.clone(),
            sources: vec![term.source.clone()],
            disagreements: self.facts.disputes(&term.name).collect(),
            see: term.see.iter().map(see).collect(),
            ..Topic::default()
        }
    }
}

/// What the word of the event `kill` means.
pub(super) fn rule_meaning(name: &str) -> &'static str {
    let place = KillRule::SPELLINGS.iter().position(|known| *known == name);
    place.and_then(|place| KillRule::MEANINGS.get(place).copied()).unwrap_or_default().trim()
}

fn values(keys: &[String]) -> Vec<KeyValues> {
    keys.iter().filter_map(|key| key_values(key)).collect()
}

/// A list, unless there is nothing in it.
fn list(head: &'static str, items: Vec<Named>) -> Vec<List> {
    if items.is_empty() { Vec::new() } else { vec![List { head, items }] }
}

/// The published code that a strategy stands for, with the values of its keys.
fn mapped(strategy: &str) -> Option<Mapped> {
    let snippet = snippet(strategy)?;
    let values = STRATEGIES.get(strategy).ok()?.values;
    let call = |call: crate::client::SnippetCall| MappedCall {
        value: values.get(&call.key).unwrap_or_default(),
        call: squeezed(&call.call),
        key: call.key,
        note: squeezed(&call.note),
    };
    Some(Mapped {
        published: squeezed(&snippet.published),
        flaw: snippet.flaw.as_deref().map(squeezed),
        twin: snippet.twin,
        calls: snippet.calls.into_iter().map(call).collect(),
    })
}

fn shape(shape: Shape) -> String {
    match shape {
        Shape::Words(words) => words.join(", "),
        Shape::Name => "a name".to_owned(),
        Shape::Number | Shape::Signed => "a whole number".to_owned(),
        Shape::Flag => "true or false".to_owned(),
        Shape::Span => "a duration".to_owned(),
        Shape::Push => "a push of the scenario".to_owned(),
    }
}

fn argument(key: &KeyInfo) -> Named {
    let kind = key.kind.words();
    let need = match key.need {
        Need::Required => String::new(),
        Need::Optional => ", may be absent".to_owned(),
        Need::Default(default) => format!(", {default} when absent"),
    };
    Named::new(key.name, &format!("{} ({kind}{need})", key.doc.trim()))
}
