//! What is said about one name, as data: the console draws it, JSON holds it as it is.

use serde::Serialize;

use crate::port::words;
use crate::settings::CONFIDENCES;

words! {
    /// What sort of thing a name is.
    #[derive(Default)]
    pub enum TopicKind {
        /// The code of a termination, or what ends an app without one.
        KillCode = "kill code",
        /// A rule by which the system ends an app.
        KillRule = "kill rule",
        /// An event of the trace.
        Event = "event",
        /// A word of an event's field.
        Word = "word",
        /// A key of a platform profile.
        PlatformKey = "platform key",
        /// A key of a network.
        NetworkKey = "network key",
        /// A key of a strategy.
        ClientKey = "client key",
        /// A server option.
        ServerKey = "server key",
        /// Something a step does.
        Step = "step",
        /// Something that can be expected.
        Expectation = "expectation",
        /// Something that is measured.
        Metric = "metric",
        /// A way of staying connected.
        Way = "way",
        /// A version of iOS.
        Platform = "platform",
        /// A ready-made network.
        Network = "network",
        /// What a client does.
        Strategy = "strategy",
        /// Ready-made options of the server.
        ServerPreset = "server preset",
        /// A scenario that comes with the program.
        Scenario = "scenario",
        /// A word of the field.
        #[default]
        Term = "term",
    }
}

impl Serialize for TopicKind {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl TopicKind {
    /// Whether it is about the values of a key.
    pub const fn is_key(self) -> bool {
        match self {
            TopicKind::PlatformKey
            | TopicKind::NetworkKey
            | TopicKind::ClientKey
            | TopicKind::ServerKey => true,
            TopicKind::KillCode
            | TopicKind::KillRule
            | TopicKind::Event
            | TopicKind::Word
            | TopicKind::Step
            | TopicKind::Expectation
            | TopicKind::Metric
            | TopicKind::Way
            | TopicKind::Platform
            | TopicKind::Network
            | TopicKind::Strategy
            | TopicKind::ServerPreset
            | TopicKind::Scenario
            | TopicKind::Term => false,
        }
    }

    /// Whether a scenario uses such a thing; the others it shows.
    pub const fn is_used(self) -> bool {
        match self {
            TopicKind::Step
            | TopicKind::Expectation
            | TopicKind::Platform
            | TopicKind::Network
            | TopicKind::Strategy
            | TopicKind::ServerPreset => true,
            TopicKind::KillCode
            | TopicKind::KillRule
            | TopicKind::Event
            | TopicKind::Word
            | TopicKind::PlatformKey
            | TopicKind::NetworkKey
            | TopicKind::ClientKey
            | TopicKind::ServerKey
            | TopicKind::Metric
            | TopicKind::Way
            | TopicKind::Scenario
            | TopicKind::Term => false,
        }
    }
}

/// Everything that is said about one meaning of a name. What is empty does not apply.
#[derive(Clone, PartialEq, Debug, Default, Serialize)]
pub struct Topic {
    /// What sort of thing it is: `kill code`, `platform key`, `event`.
    pub kind: TopicKind,
    /// Its name.
    pub name: String,
    /// More about the sort: a key's type, an event's lane, the events a word belongs to.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub detail: String,
    /// What it means.
    pub means: String,
    /// Further paragraphs.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub more: Vec<Named>,
    /// The versions of iOS it is about.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub versions: String,
    /// Lists of names: the rules behind a code, the fields of an event, what a preset sets.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub lists: Vec<List>,
    /// The published code that a strategy stands for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub snippet: Option<Mapped>,
    /// The keys that decide, with their values.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub keys: Vec<KeyValues>,
    /// Where what is said comes from.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub sources: Vec<Sourced>,
    /// Where sources disagree.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub disagreements: Vec<Disagreement>,
    /// Which bundled scenarios show it; absent where that makes no sense.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scenarios: Option<Scenarios>,
    /// What to do.
    #[serde(rename = "do", skip_serializing_if = "String::is_empty")]
    pub advice: String,
    /// What else to look at: names that are explained, or commands.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub see: Vec<String>,
}

/// A name and what it means.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Named {
    /// The name.
    pub name: String,
    /// What it means.
    pub means: String,
}

impl Named {
    /// A name and its meaning, with single blanks between words.
    pub fn new(name: impl Into<String>, means: &str) -> Named {
        Named { name: name.into(), means: squeezed(means) }
    }
}

/// Names under a heading.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct List {
    /// What they are: `rules`, `fields`, `sets`.
    pub head: &'static str,
    /// They.
    pub items: Vec<Named>,
}

/// Published code as a strategy: its calls, its flaw, and the strategy without it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Mapped {
    /// Where such code was published.
    pub published: String,
    /// What is wrong with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub flaw: Option<String>,
    /// The strategy that is the same, corrected.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub twin: Option<String>,
    /// Its calls.
    pub calls: Vec<MappedCall>,
}

/// One call and the key that stands for it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct MappedCall {
    /// The call, in Objective-C or C.
    pub call: String,
    /// The key of the strategy.
    pub key: String,
    /// The value that the strategy gives it.
    pub value: String,
    /// How the two hang together.
    pub note: String,
}

/// A key and its values across presets.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct KeyValues {
    /// The key with its section: `platform.wake-limit.count`.
    pub key: String,
    /// What it means.
    pub means: String,
    /// Its values, in the order of the presets.
    pub values: Vec<Row>,
}

/// The value of a key in some presets.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Row {
    /// In which: versions of iOS, or names of presets.
    pub of: String,
    /// The presets by name.
    pub presets: Vec<&'static str>,
    /// The value.
    pub value: String,
    /// Where it comes from.
    #[serde(flatten)]
    pub source: Sourced,
}

/// A source and how far it can be trusted.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Sourced {
    /// The document, measurement or code.
    pub source: String,
    /// The letter of confidence.
    pub confidence: String,
    /// What the letter means, in a word or three.
    pub trust: &'static str,
}

impl Sourced {
    /// A source with the letter of its confidence.
    pub fn new(source: &str, letter: &str) -> Sourced {
        let known = CONFIDENCES.iter().find(|known| known.letter == letter);
        let trust = known.map_or("not graded", |known| known.short);
        Sourced { source: squeezed(source), confidence: letter.to_owned(), trust }
    }
}

/// Sources that do not agree.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Disagreement {
    /// What about.
    pub about: String,
    /// Every side.
    pub sides: Vec<Claim>,
    /// What is taken here.
    pub here: String,
}

/// One side of a disagreement.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Claim {
    /// What it says.
    pub says: String,
    /// Who says so.
    #[serde(flatten)]
    pub source: Sourced,
}

/// The bundled scenarios that show something.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize)]
pub struct Scenarios {
    /// They: those that state it as an expectation, or set the key, come first.
    pub list: Vec<Shown>,
    /// Said when there are none.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub none: String,
}

/// A bundled scenario that shows something.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Shown {
    /// The command line's name for it.
    pub scenario: String,
    /// Its name, in a line.
    pub name: String,
    /// How it shows it, where that is not obvious: `fails with … = 10s`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub how: String,
}

/// `text` with single blanks between its words.
pub(super) fn squeezed(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
