//! Every name that can be explained, and what it means.

use super::facts::{Code, Facts, Term};
use super::index::Index;
use super::keys::{Section, key};
use super::topic::squeezed;
use super::ways;
use crate::metrics::{Metric, MetricInfo};
use crate::platform::{WayName, covering};
use crate::scenario::{ACTS, ActInfo, EXPECTS, ExpectInfo};
use crate::settings::Key;
use crate::trace::{EventInfo, KillRule, Shape, What};

/// One thing that a name can mean.
pub(super) enum Meaning<'a> {
    /// How the system says why it ended a process.
    Code(&'a Code),
    /// The rule by which it did.
    Rule(KillRule),
    /// Something that happens.
    Event(&'static EventInfo),
    /// A word of events.
    Word(Word),
    /// A key of a preset.
    Key(Section, &'static Key),
    /// Something that a step does.
    Step(&'static ActInfo),
    /// Something that can be expected.
    Expectation(&'static ExpectInfo),
    /// Something that is measured.
    Metric(&'static MetricInfo),
    /// A way of staying connected.
    Way(WayName),
    /// A preset.
    Preset(Section, &'static str),
    /// A bundled scenario, by its place in the index.
    Scenario(usize),
    /// A word of the field.
    Term(&'a Term),
}

/// A word that fields of events hold, with one meaning.
pub(super) struct Word {
    /// The word.
    pub word: &'static str,
    /// What it means there.
    pub means: &'static str,
    /// Event and field.
    pub fields: Vec<(&'static str, &'static str)>,
}

/// What `asked` means: all of it.
pub(super) fn find<'a>(asked: &str, facts: &'a Facts, index: &Index) -> Vec<Meaning<'a>> {
    let asked = squeezed(&asked.to_lowercase());
    // Below a matrix a rule is followed by a colon and what it means.
    let name = asked.strip_suffix(':').filter(|name| name.contains(' ')).unwrap_or(&asked);
    let mut found: Vec<Meaning<'a>> = Vec::new();
    // `kill wake-limit` is the rule, `kill code=jetsam` the code.
    let kill = name.strip_prefix("kill ");
    let (code, rule) = (
        kill.and_then(|rest| rest.strip_prefix("code=")),
        kill.and_then(|rest| rest.strip_prefix("rule=")),
    );
    let either = kill.unwrap_or(name);
    found.extend(facts.code(code.unwrap_or(either)).map(Meaning::Code));
    found.extend(KillRule::parse(rule.unwrap_or(either)).map(Meaning::Rule));
    found.extend(ways::find(name).map(Meaning::Way));
    found.extend(What::TABLE.iter().find(|info| info.name == name).map(Meaning::Event));
    found.extend(words(name).into_iter().map(Meaning::Word));
    found.extend(open_words(name, index).map(Meaning::Word));
    for section in Section::ALL {
        let keys = section.keys().iter().filter(|key| key.name == name);
        found.extend(keys.map(|key| Meaning::Key(*section, key)));
    }
    found.extend(key(name).map(|(section, key)| Meaning::Key(section, key)));
    found.extend(ACTS.iter().find(|row| row.name == name).map(Meaning::Step));
    found.extend(EXPECTS.iter().find(|row| row.name == name).map(Meaning::Expectation));
    let metric = Metric::TABLE.iter().find(|row| row.metric.as_str() == name);
    found.extend(metric.map(Meaning::Metric));
    for section in Section::ALL {
        let preset = section.presets().into_iter().find(|preset| *preset == name);
        let preset = preset.or_else(|| match section {
            // `ios-14` and `iOS 14.4` are what stands for them.
            Section::Platform => covering(&name.replace(' ', "-")).map(|(profile, _)| profile),
            Section::Network | Section::Client | Section::Server => None,
        });
        found.extend(preset.map(|preset| Meaning::Preset(*section, preset)));
    }
    let scenario = name.strip_prefix("bundled:").unwrap_or(name);
    let scenario = scenario.strip_prefix("scenarios/").unwrap_or(scenario);
    let scenario = scenario.strip_suffix(".toml").unwrap_or(scenario);
    for (place, witness) in index.witnesses.iter().enumerate() {
        if [witness.bundled.path(), witness.bundled.stem()].contains(&scenario) {
            found.push(Meaning::Scenario(place));
        }
    }
    let term = |term: &&Term| term.name == name || term.also.iter().any(|also| also == name);
    found.extend(facts.terms.iter().find(term).map(Meaning::Term));
    found
}

/// The fields of events that hold words, but for code and rule of a kill, which are told as such.
fn fields() -> impl Iterator<Item = (&'static str, &'static str, &'static [&'static str], usize)> {
    What::TABLE.iter().flat_map(|info| {
        info.fields.iter().enumerate().filter_map(|(place, field)| match field.shape {
            Shape::Words(words) if info.name != "kill" => {
                Some((info.name, field.name, words, place))
            }
            Shape::Words(_)
            | Shape::Number
            | Shape::Signed
            | Shape::Flag
            | Shape::Name
            | Shape::Span
            | Shape::Push => None,
        })
    })
}

/// The meanings of `asked` as a word of events: `not-woken`, `why=not-woken`, `reachable why=not-woken`,
/// and as a matrix names a rule, `connection-dead nat`.
fn words(asked: &str) -> Vec<Word> {
    let (event, test) = match asked.split_once(' ') {
        Some((event, test)) => (Some(event), test.trim()),
        None => (None, asked),
    };
    let (field, word) = match test.split_once('=') {
        Some((field, word)) => (Some(field), word),
        None => (None, test),
    };
    let mut found: Vec<Word> = Vec::new();
    for (of, name, words, place) in fields() {
        let wanted = event.is_none_or(|event| event == of) && field.is_none_or(|f| f == name);
        let Some(at) = words.iter().position(|known| *known == word).filter(|_| wanted) else {
            continue;
        };
        let info = What::TABLE.iter().find(|info| info.name == of);
        let means = info.and_then(|info| info.fields.get(place)?.meanings.get(at).copied());
        let means = means.unwrap_or_default();
        match found.iter_mut().find(|known| known.means == means) {
            Some(known) => known.fields.push((of, name)),
            None => found.push(Word { word: words[at], means, fields: vec![(of, name)] }),
        }
    }
    found
}

/// `asked` as a word of fields that hold names from open lists, as that of a callback, if some scenario showed it.
fn open_words(asked: &str, index: &Index) -> Option<Word> {
    let all = index.witnesses.iter().flat_map(|witness| &witness.words);
    let mut fields: Vec<_> =
        all.filter(|(event, field, word)| *word == asked && is_open(event, field)).collect();
    fields.sort();
    fields.dedup();
    let (event, _, word) = *fields.first()?;
    let means = What::TABLE.iter().find(|info| info.name == *event).map_or("", |info| info.doc);
    let fields = fields.iter().map(|(event, field, _)| (*event, *field)).collect();
    Some(Word { word, means, fields })
}

/// Whether a field holds names from an open list; what a step does is told as the step.
fn is_open(event: &str, field: &str) -> bool {
    let info = What::TABLE.iter().find(|info| info.name == event && event != "step");
    let field = info.and_then(|info| info.fields.iter().find(|known| known.name == field));
    field.is_some_and(|field| field.shape == Shape::Name)
}

/// Every name, for the nearest spelling.
pub(super) fn names(facts: &Facts, index: &Index) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    let mut add = |some: &[&str]| names.extend(some.iter().map(|name| (*name).to_owned()));
    for code in &facts.codes {
        add(&[&code.name]);
        add(&code.also.iter().map(String::as_str).collect::<Vec<_>>());
    }
    add(KillRule::SPELLINGS);
    for info in What::TABLE {
        add(&[info.name]);
    }
    for (_, _, words, _) in fields() {
        add(words);
    }
    for section in Section::ALL {
        for key in section.keys() {
            add(&[key.name, &format!("{section}.{}", key.name)]);
        }
        add(&section.presets());
    }
    for row in ACTS {
        add(&[row.name]);
    }
    for row in EXPECTS {
        add(&[row.name]);
    }
    add(Metric::SPELLINGS);
    add(WayName::SPELLINGS);
    for witness in &index.witnesses {
        add(&[witness.bundled.path(), witness.bundled.stem()]);
        for (event, field, word) in &witness.words {
            if is_open(event, field) {
                add(&[word]);
            }
        }
    }
    for term in &facts.terms {
        add(&[&term.name]);
        add(&term.also.iter().map(String::as_str).collect::<Vec<_>>());
    }
    names.sort();
    names.dedup();
    names
}
