//! How a line may go on: what stands before the cursor decides which names fit.

use super::vocabulary::{CommandWords, KeyWords, Vocabulary};

/// A way to go on.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Candidate {
    /// What the word becomes.
    pub text: String,
    /// What it means, in a line; may be empty.
    pub means: String,
}

/// How a line may go on.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Completion {
    /// The text from this byte on becomes one of these.
    Words(usize, Vec<Candidate>),
    /// The name of a file.
    File,
}

impl Vocabulary {
    /// How `line`, which ends at the cursor, may go on.
    pub fn complete(&self, line: &str) -> Completion {
        let begin = line.rfind([' ', '"']).map_or(0, |blank| blank + 1);
        let (before, word) = line.split_at(begin);
        let before: Vec<&str> = before.split([' ', '"']).filter(|word| !word.is_empty()).collect();
        let Some((command, given)) = before.split_first() else {
            // A name with a dot is there without one as well.
            let spelled = |known: &&CommandWords| known.name.contains('.') == word.contains('.');
            return words(begin, word, self.commands.iter().filter(spelled).map(named));
        };
        // The value of a key, or of a field.
        if let Some((key, value)) = word.split_once('=') {
            let values = self.values(command, given, key);
            return words(begin + key.len() + 1, value, values.into_iter().map(plain));
        }
        match (*command, given) {
            ("save" | "save!", []) => Completion::File,
            ("help", []) => words(begin, word, self.commands.iter().map(named)),
            ("set", []) => words(begin, word, self.settings.iter().map(keyed)),
            ("set", [key]) => words(begin, word, self.setting(key).iter().cloned().map(plain)),
            ("platform", []) => {
                let keys = self.settings.iter().map(|key| Candidate {
                    text: key.name.trim_start_matches("platform.").to_owned(),
                    means: key.means.clone(),
                });
                words(begin, word, keys)
            }
            ("goto", []) => words(begin, word, ["start", "end"].map(str::to_owned).map(plain)),
            ("trace", []) => words(begin, word, ["last", "all"].map(str::to_owned).map(plain)),
            ("until", []) => {
                let goals = self.goals.iter().cloned().map(plain);
                words(begin, word, goals.chain(self.events.iter().map(named)))
            }
            ("until" | "why", ["push", ..]) => {
                words(begin, word, self.pushes.iter().cloned().map(plain))
            }
            ("why", []) => {
                let questions = self.questions.iter().cloned().map(plain);
                words(begin, word, questions.chain(self.events.iter().map(named)))
            }
            ("status" | "connections" | "timers", []) => {
                words(begin, word, [plain("device=".to_owned())])
            }
            ("until" | "why", [event, ..]) => words(begin, word, fields(&self.events, event)),
            ("expect", []) => {
                let named_here = self.expectations.iter().chain(&self.events).map(named);
                words(begin, word, named_here)
            }
            ("expect", [what, ..]) => {
                let keys = fields(&self.expectations, what).chain(fields(&self.events, what));
                let pushes = self.pushes.iter().cloned().map(plain);
                let first = find(&self.expectations, what).and_then(|words| words.keys.first());
                let first = first.into_iter().flat_map(|key| key.values.clone()).map(plain);
                words(begin, word, keys.chain(first).chain(pushes))
            }
            ("switch", []) => {
                let forks = self.forks.iter().cloned().map(plain);
                words(begin, word, forks.chain(self.positional("network-switch")))
            }
            (act, _) => {
                let keys = fields(&self.commands, act);
                let first = self.positional(act);
                match given {
                    [] => words(begin, word, first.chain(keys)),
                    [..] => words(begin, word, keys),
                }
            }
        }
    }

    /// What the first argument of `act` can be, which needs no name.
    fn positional(&self, act: &str) -> impl Iterator<Item = Candidate> {
        let first = find(&self.commands, act).and_then(|command| command.keys.first());
        let pushes = first.is_some_and(|key| key.name == "push").then_some(&self.pushes);
        let values = first.map(|key| &key.values);
        pushes.into_iter().chain(values).flatten().cloned().map(plain)
    }

    /// What `key` can be behind `command` and what was given to it already.
    fn values(&self, command: &str, given: &[&str], key: &str) -> Vec<String> {
        let numbers = |numbers: &[u32]| numbers.iter().map(u32::to_string).collect();
        match key {
            "push" => return self.pushes.clone(),
            "since" => return self.ids.clone(),
            "device" => return (1..=self.devices.min(64)).map(|n| n.to_string()).collect(),
            "connection" | "stream" => return numbers(&self.connections),
            _ => {}
        }
        let tables = match command {
            "until" | "why" | "expect" => vec![&self.expectations, &self.events],
            _ => vec![&self.commands],
        };
        let named = match command {
            "until" | "why" | "expect" => given.first().copied().unwrap_or_default(),
            act => act,
        };
        let keys = tables.into_iter().filter_map(|table| find(table, named));
        let found = keys.flat_map(|words| &words.keys).find(|known| known.name == key);
        found.map_or_else(Vec::new, |known| known.values.clone())
    }

    /// The words that a key of `set` can be.
    fn setting(&self, key: &str) -> &[String] {
        let found = self.settings.iter().find(|known| known.name == key);
        found.map_or(&[], |key| &key.values)
    }

    /// What the command does that `line` is the name of and nothing else.
    pub fn hint(&self, line: &str) -> Option<&str> {
        find(&self.commands, line).map(|command| command.does.as_str())
    }
}

fn find<'v>(table: &'v [CommandWords], name: &str) -> Option<&'v CommandWords> {
    table.iter().find(|known| known.name == name)
}

/// The keys of `name` in `table`, as they begin an argument.
fn fields<'v>(table: &'v [CommandWords], name: &str) -> impl Iterator<Item = Candidate> + use<'v> {
    find(table, name)
        .into_iter()
        .flat_map(|words| &words.keys)
        .map(|key| Candidate { text: format!("{}=", key.name), means: key.means.clone() })
}

fn named(words: &CommandWords) -> Candidate {
    Candidate { text: words.name.clone(), means: words.does.clone() }
}

fn keyed(key: &KeyWords) -> Candidate {
    Candidate { text: key.name.clone(), means: key.means.clone() }
}

fn plain(text: String) -> Candidate {
    Candidate { text, means: String::new() }
}

/// Those of `all` that `word` is the beginning of, each once.
fn words(begin: usize, word: &str, all: impl IntoIterator<Item = Candidate>) -> Completion {
    let mut found: Vec<Candidate> =
        all.into_iter().filter(|candidate| candidate.text.starts_with(word)).collect();
    found.sort();
    found.dedup_by(|a, b| a.text == b.text);
    Completion::Words(begin, found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::repl::{NoFiles, Opening, Session};

    fn vocabulary() -> Vocabulary {
        let text = "name = \"talk\"\nduration = \"1h\"\ndevices = 2\n\
                    [[step]]\nid = \"lock\"\nat = \"10s\"\ndo = \"user.lock\"\n\
                    [[step]]\nat = \"20s\"\ndo = \"server.push\"\npush = \"invite\"\n";
        let opening = Opening { text: Some(text.to_owned()), ..Opening::default() };
        Session::open(opening, Box::new(NoFiles)).unwrap().vocabulary()
    }

    fn offered(line: &str) -> Vec<String> {
        match vocabulary().complete(line) {
            Completion::Words(_, found) => found.into_iter().map(|one| one.text).collect(),
            Completion::File => vec!["a file".to_owned()],
        }
    }

    #[test]
    fn a_line_begins_with_a_command_or_an_act() {
        assert_eq!(offered("backg"), ["background"]);
        assert!(offered("").len() > 40, "{:?}", offered(""));
        assert!(offered("server-r").contains(&"server-restart".to_owned()));
        assert!(offered("server.r").contains(&"server.restart".to_owned()));
        assert!(offered("").iter().all(|name| !name.contains('.')));
    }

    #[test]
    fn an_act_goes_on_with_its_arguments_and_their_values() {
        assert!(offered("server-restart ").contains(&"down-for=".to_owned()));
        assert!(offered("server-restart how=").contains(&"host-down".to_owned()));
        assert_eq!(offered("push inv"), ["invite"]);
        assert_eq!(offered("push push=i"), ["invite"]);
        assert_eq!(offered("lock device="), ["1", "2"]);
    }

    #[test]
    fn an_event_goes_on_with_its_fields() {
        assert!(offered("until su").contains(&"suspended".to_owned()));
        assert_eq!(offered("until kill co"), ["code="]);
        assert_eq!(offered("until \"wake re"), ["reason=", "recent="]);
        assert!(offered("until wake reason=").contains(&"keep-alive".to_owned()));
        assert_eq!(offered("until push inv"), ["invite"]);
    }

    #[test]
    fn keys_files_and_futures_are_offered_where_they_stand() {
        assert!(offered("set network.nat").contains(&"network.nat.idle-timeout".to_owned()));
        assert!(offered("platform wake-limit.").contains(&"wake-limit.count".to_owned()));
        assert_eq!(offered("save "), ["a file"]);
        assert!(offered("switch ").contains(&"main".to_owned()));
        assert!(offered("switch ").contains(&"cellular".to_owned()));
        assert!(offered("expect metric ").contains(&"metric=".to_owned()));
        assert!(offered("expect metric det").contains(&"detection.client.max".to_owned()));
        assert_eq!(offered("set network.use carrier-270"), ["carrier-270s"]);
    }

    #[test]
    fn what_is_completed_is_the_word_at_the_cursor() {
        let Completion::Words(begin, _) = vocabulary().complete("server-restart how=ho") else {
            panic!("no words");
        };
        assert_eq!(begin, "server-restart how=".len());
    }

    #[test]
    fn the_name_of_a_command_alone_says_what_it_does() {
        assert!(vocabulary().hint("advance").unwrap().contains("time"));
        assert_eq!(vocabulary().hint("advance 1"), None);
    }
}
