//! What is known besides the profiles: codes, rules, signs in reports, words, disagreements. It is data, in
//! `facts/*.toml`; its sources stand beside it.

use toml::de::{DeTable, DeValue};

use super::topic::{Claim, Disagreement, Sourced, squeezed};

/// A way in which the system says why it ended a process.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Code {
    /// `0xbad22222`, `jetsam`.
    pub name: String,
    /// Other names.
    pub also: Vec<String>,
    /// In a few words.
    pub title: String,
    /// What happened.
    pub means: String,
    /// The rules of this model that end an app so.
    pub rules: Vec<String>,
    /// Where it is known from.
    pub versions: String,
    /// What to do.
    pub advice: String,
    /// Where all this comes from.
    pub source: Sourced,
}

impl Code {
    /// The number of a code that is one.
    pub(super) fn number(&self) -> Option<u64> {
        u64::from_str_radix(self.name.strip_prefix("0x")?, 16).ok()
    }
}

/// A rule by which an app is ended.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Rule {
    /// The word of the event `kill`.
    pub name: String,
    /// The keys that decide, with their section.
    pub keys: Vec<String>,
    /// The key that says whether the app is started again; empty when no key does.
    pub relaunch: String,
    /// What to do.
    pub advice: String,
    /// Where the rule comes from.
    pub source: Option<Sourced>,
}

/// A text that tells something in a report or a log.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Sign {
    /// Texts that are all found, in small letters; the first marks the line that decides.
    pub all: Vec<String>,
    /// The code's name.
    pub code: String,
    /// The rule, where there is one.
    pub rule: Option<String>,
    /// What else it says.
    pub note: String,
}

/// What to do about a word of an event.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Word {
    /// Event and field.
    pub field: String,
    /// The word.
    pub word: String,
    /// The keys that decide, with their section.
    pub keys: Vec<String>,
    /// What to do.
    pub advice: String,
}

/// What to do about an event, a step or a preset.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Subject {
    /// `event`, `step`, or what one of a section's presets is called.
    pub sort: String,
    /// Its name.
    pub name: String,
    /// The keys that decide, with their section.
    pub keys: Vec<String>,
    /// What to do.
    pub advice: String,
}

/// A word of the field that is no event, key or preset.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Term {
    /// The word.
    pub name: String,
    /// Other names.
    pub also: Vec<String>,
    /// What it means.
    pub means: String,
    /// What else to look at.
    pub see: Vec<String>,
    /// Where that comes from.
    pub source: Sourced,
}

/// A disagreement and what it is about.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Dispute {
    /// The names it is told with.
    pub topics: Vec<String>,
    /// The disagreement.
    pub what: Disagreement,
}

/// All of it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Facts {
    /// In the order in which they are listed.
    pub codes: Vec<Code>,
    /// One a word of the event `kill`.
    pub rules: Vec<Rule>,
    /// The first that fits counts.
    pub signs: Vec<Sign>,
    /// Those about which there is something to do.
    pub words: Vec<Word>,
    /// Those about which there is something to do.
    pub subjects: Vec<Subject>,
    /// Words of the field.
    pub terms: Vec<Term>,
    /// Where sources disagree.
    pub disputes: Vec<Dispute>,
}

impl Facts {
    /// Reads what comes with the program. It is part of it: what cannot be read is missing, and a test
    /// says so.
    pub(super) fn built_in() -> Facts {
        Facts {
            codes: rows(include_str!("facts/codes.toml"), "code", |row| Code {
                name: row.text("name"),
                also: row.list("also"),
                title: row.text("title"),
                means: row.text("means"),
                rules: row.list("rules"),
                versions: row.text("versions"),
                advice: row.text("do"),
                source: row.source(),
            }),
            rules: rows(include_str!("facts/rules.toml"), "rule", |row| Rule {
                name: row.text("name"),
                keys: row.list("keys"),
                relaunch: row.text("relaunch"),
                advice: row.text("do"),
                source: Some(row.source()),
            }),
            signs: rows(include_str!("facts/signs.toml"), "sign", |row| Sign {
                all: row.list("all"),
                code: row.text("code"),
                rule: Some(row.text("rule")).filter(|rule| !rule.is_empty()),
                note: row.text("note"),
            }),
            words: rows(include_str!("facts/words.toml"), "word", |row| Word {
                field: row.text("field"),
                word: row.text("word"),
                keys: row.list("keys"),
                advice: row.text("do"),
            }),
            subjects: rows(include_str!("facts/subjects.toml"), "subject", |row| Subject {
                sort: row.text("sort"),
                name: row.text("name"),
                keys: row.list("keys"),
                advice: row.text("do"),
            }),
            terms: rows(include_str!("facts/terms.toml"), "term", |row| Term {
                name: row.text("name"),
                also: row.list("also"),
                means: row.text("means"),
                see: row.list("see"),
                source: row.source(),
            }),
            disputes: rows(include_str!("facts/disagreements.toml"), "disagreement", |row| {
                Dispute {
                    topics: row.list("topics"),
                    what: Disagreement {
                        about: row.text("about"),
                        sides: row
                            .tables("side")
                            .map(|side| Claim { says: side.text("says"), source: side.source() })
                            .collect(),
                        here: row.text("here"),
                    },
                }
            }),
        }
    }

    /// The code of this name, other name or number, however the number is written.
    pub(super) fn code(&self, text: &str) -> Option<&Code> {
        let text = text.trim().to_lowercase();
        let named = |code: &&Code| code.name == text || code.also.contains(&text);
        self.codes.iter().find(named).or_else(|| {
            let numbers = numbers(&text);
            let is = |code: &&Code| code.number().is_some_and(|number| numbers.contains(&number));
            self.codes.iter().find(is)
        })
    }

    /// The rule of this name.
    pub(super) fn rule(&self, name: &str) -> Option<&Rule> {
        self.rules.iter().find(|rule| rule.name == name)
    }

    /// What to do about the `sort` of this name; empty when nothing is known.
    pub(super) fn subject(&self, sort: &str, name: &str) -> Subject {
        let is = |known: &&Subject| known.sort == sort && known.name == name;
        self.subjects.iter().find(is).cloned().unwrap_or_default()
    }

    /// What to do about what `key` decides: its own row, or that of the rule, the word or the event, step or
    /// preset that it decides first of all.
    pub(super) fn advice_on(&self, key: &str) -> String {
        let own = self.subject("key", key).advice;
        if !own.is_empty() {
            return own;
        }
        let rules = self.rules.iter().map(|rule| (&rule.keys, &rule.advice));
        let subjects = self.subjects.iter().map(|subject| (&subject.keys, &subject.advice));
        let words = self.words.iter().map(|word| (&word.keys, &word.advice));
        let mut about = rules.chain(subjects).chain(words);
        let decides = |keys: &Vec<String>| keys.first().is_some_and(|first| first == key);
        about.find(|(keys, _)| decides(keys)).map_or(String::new(), |(_, advice)| advice.clone())
    }

    /// The disagreements that are told with `topic`.
    pub(super) fn disputes<'a>(
        &'a self,
        topic: &'a str,
    ) -> impl Iterator<Item = Disagreement> + 'a {
        self.disputes
            .iter()
            .filter(move |dispute| dispute.topics.iter().any(|known| known == topic))
            .map(|dispute| dispute.what.clone())
    }
}

/// The numbers that `text` may stand for: hexadecimal with or without `0x`, decimal, and decimal with the
/// sign that 32 bits may have.
pub(super) fn numbers(text: &str) -> Vec<u64> {
    let text = text.trim();
    let mut found = Vec::new();
    if let Some(digits) = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        found.extend(u64::from_str_radix(digits, 16).ok());
        return found;
    }
    found.extend(text.parse::<u64>().ok());
    found.extend(text.parse::<i32>().ok().filter(|n| *n < 0).map(|n| u64::from(n as u32)));
    if text.len() == 8 {
        found.extend(u64::from_str_radix(text, 16).ok());
    }
    found
}

/// One element of a list of tables.
struct Fact<'a>(&'a DeTable<'a>);

impl Fact<'_> {
    fn text(&self, key: &str) -> String {
        match self.0.get(key).map(|value| value.get_ref()) {
            Some(DeValue::String(text)) => squeezed(text),
            _ => String::new(),
        }
    }

    fn list(&self, key: &str) -> Vec<String> {
        let Some(list) = self.0.get(key).and_then(|value| value.get_ref().as_array()) else {
            return Vec::new();
        };
        list.iter().filter_map(|item| item.get_ref().as_str()).map(str::to_owned).collect()
    }

    fn tables(&self, key: &str) -> impl Iterator<Item = Fact<'_>> {
        let list = self.0.get(key).and_then(|value| value.get_ref().as_array());
        list.into_iter().flatten().filter_map(|item| item.get_ref().as_table()).map(Fact)
    }

    fn source(&self) -> Sourced {
        Sourced::new(&self.text("source"), &self.text("confidence"))
    }
}

/// Every element of the list `name` of the document.
fn rows<T>(document: &str, name: &str, read: impl Fn(Fact<'_>) -> T) -> Vec<T> {
    let Ok(table) = DeTable::parse(document) else { return Vec::new() };
    Fact(table.get_ref()).tables(name).map(read).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::snippet;
    use crate::explain::Explainer;
    use crate::explain::keys::{Section, key};
    use crate::scenario::ACTS;
    use crate::settings::CONFIDENCES;
    use crate::trace::{KillCode, KillRule, Shape, What};

    #[test]
    fn every_row_of_every_file_is_read() {
        let facts = Facts::built_in();
        for (document, head, read) in [
            (include_str!("facts/codes.toml"), "[[code]]", facts.codes.len()),
            (include_str!("facts/rules.toml"), "[[rule]]", facts.rules.len()),
            (include_str!("facts/signs.toml"), "[[sign]]", facts.signs.len()),
            (include_str!("facts/words.toml"), "[[word]]", facts.words.len()),
            (include_str!("facts/subjects.toml"), "[[subject]]", facts.subjects.len()),
            (include_str!("facts/terms.toml"), "[[term]]", facts.terms.len()),
            (include_str!("facts/disagreements.toml"), "[[disagreement]]", facts.disputes.len()),
        ] {
            assert!(read > 0 && document.matches(head).count() == read, "{head}: {read}");
        }
    }

    #[test]
    fn every_rule_and_code_of_a_kill_is_there_and_names_what_exists() {
        let facts = Facts::built_in();
        for code in KillCode::SPELLINGS {
            assert!(facts.codes.iter().any(|known| known.name == *code), "no code {code}");
        }
        for rule in KillRule::SPELLINGS {
            assert!(facts.rule(rule).is_some(), "facts/rules.toml lacks {rule}");
        }
        let rules = facts.codes.iter().flat_map(|code| &code.rules);
        for rule in rules.chain(facts.rules.iter().map(|rule| &rule.name)) {
            assert!(KillRule::parse(rule).is_some(), "no rule {rule}");
        }
        for sign in &facts.signs {
            assert!(facts.codes.iter().any(|code| code.name == sign.code), "{sign:?}");
            assert!(sign.rule.as_ref().is_none_or(|rule| KillRule::parse(rule).is_some()));
            assert!(!sign.all.is_empty() && sign.all.iter().all(|t| t.to_lowercase() == *t));
        }
    }

    #[test]
    fn every_key_that_is_named_exists() {
        let facts = Facts::built_in();
        let relaunch = facts.rules.iter().map(|rule| &rule.relaunch).filter(|key| !key.is_empty());
        let of_rules = facts.rules.iter().flat_map(|rule| &rule.keys).chain(relaunch);
        let of_subjects = facts.subjects.iter().flat_map(|subject| &subject.keys);
        let of_words = facts.words.iter().flat_map(|word| &word.keys);
        for name in of_rules.chain(of_words).chain(of_subjects) {
            assert!(key(name).is_some(), "there is no key {name}");
        }
    }

    #[test]
    fn every_word_is_one_that_its_field_can_hold() {
        for fact in Facts::built_in().words {
            let (event, name) = fact.field.split_once(' ').unwrap();
            let info = What::TABLE.iter().find(|info| info.name == event).unwrap();
            let field = info.fields.iter().find(|field| field.name == name).unwrap();
            let Shape::Words(words) = field.shape else { panic!("{}", fact.field) };
            assert!(words.contains(&fact.word.as_str()), "{fact:?}");
            assert!(!fact.advice.is_empty(), "{fact:?}");
        }
    }

    #[test]
    fn every_reason_that_a_run_names_says_what_to_do() {
        let facts = Facts::built_in();
        for (event, name) in
            [("reachable", "why"), ("server.push-dropped", "fate"), ("connection-dead", "cause")]
        {
            let info = What::TABLE.iter().find(|info| info.name == event).unwrap();
            let field = info.fields.iter().find(|field| field.name == name).unwrap();
            let Shape::Words(words) = field.shape else { panic!("{event} {name}") };
            for word in words.iter().filter(|word| **word != "reachable") {
                let of = format!("{event} {name}");
                let there = facts.words.iter().any(|fact| fact.field == of && fact.word == *word);
                assert!(there, "facts/words.toml lacks `{of}={word}`");
            }
        }
    }

    #[test]
    fn every_step_and_preset_says_what_to_do_and_every_subject_exists() {
        let facts = Facts::built_in();
        let steps = ACTS.iter().map(|row| ("step", row.name));
        let presets = Section::ALL.iter().flat_map(|section| {
            section.presets().into_iter().map(|preset| (section.preset().as_str(), preset))
        });
        let known: Vec<_> = steps.chain(presets).collect();
        for (sort, name) in &known {
            let said = !facts.subject(sort, name).advice.is_empty();
            // Published code with a flaw names the strategy without it.
            assert!(said || snippet(name).is_some(), "facts/subjects.toml lacks the {sort} {name}");
        }
        for Subject { sort, name, advice, .. } in &facts.subjects {
            let is_event = sort == "event" && What::TABLE.iter().any(|info| info.name == name);
            let is_key = sort == "key" && key(name).is_some();
            assert!(is_event || is_key || known.contains(&(&**sort, &**name)), "{sort} {name}");
            assert!(!advice.is_empty(), "{sort} {name}");
        }
    }

    #[test]
    fn every_key_of_a_platform_says_what_to_do() {
        let facts = Facts::built_in();
        let keys = Section::Platform.keys().iter().map(|key| format!("platform.{}", key.name));
        let missing: Vec<_> = keys.filter(|key| facts.advice_on(key).is_empty()).collect();
        assert!(missing.is_empty(), "facts/subjects.toml lacks {missing:?}");
    }

    #[test]
    fn every_disagreement_has_two_sides_and_is_told_with_names_that_exist() {
        let explainer = Explainer::new(Vec::new());
        for dispute in Facts::built_in().disputes {
            assert!(dispute.what.sides.len() >= 2, "{dispute:?}");
            assert!(!dispute.what.here.is_empty(), "{dispute:?}");
            for topic in &dispute.topics {
                let topics = explainer.explain(topic).unwrap_or_default();
                let told = topics.iter().any(|topic| topic.disagreements.contains(&dispute.what));
                assert!(told, "`{topic}` does not tell it");
            }
        }
    }

    #[test]
    fn every_source_has_a_letter_and_every_reference_leads_somewhere() {
        let facts = Facts::built_in();
        let sides = facts.disputes.iter().flat_map(|dispute| &dispute.what.sides);
        let sources = facts.codes.iter().map(|code| &code.source);
        let sources = sources.chain(facts.terms.iter().map(|term| &term.source));
        let sources = sources.chain(facts.rules.iter().filter_map(|rule| rule.source.as_ref()));
        for source in sources.chain(sides.map(|side| &side.source)) {
            let known = CONFIDENCES.iter().any(|known| known.letter == source.confidence);
            assert!(known && !source.source.is_empty(), "{source:?}");
        }
        let explainer = Explainer::new(Vec::new());
        for name in facts.terms.iter().flat_map(|term| &term.see) {
            assert!(explainer.explain(name).is_ok(), "see {name}");
        }
    }

    #[test]
    fn a_number_may_be_written_in_many_ways() {
        assert_eq!(numbers("0x8BADF00D".to_lowercase().as_str()), [0x8bad_f00d]);
        assert_eq!(numbers("-1951535091"), [0x8bad_f00d]);
        assert_eq!(numbers("8badf00d"), [0x8bad_f00d]);
        assert_eq!(numbers("12345678"), [12_345_678, 0x1234_5678]);
        assert_eq!(numbers("wake"), Vec::<u64>::new());
    }
}
