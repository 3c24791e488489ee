//! The commands of a session: their names, and how each is read.

use super::ask::Look;
use super::refusal::Refusal;
use super::times;
use super::words::{Word, joined};
use crate::port::{Span, Time};

/// What somebody asked for, beside acts.
#[derive(Clone, PartialEq, Debug)]
pub(super) enum Command {
    /// Time goes on by so much.
    Advance(Span),
    /// Until so many events have happened.
    Next(usize),
    /// Until this happens.
    Until(Vec<Word>),
    /// So many events back.
    BackEvents(usize),
    /// So long back.
    BackTime(Span),
    /// To this time; `None` is the end.
    Goto(Option<Time>),
    /// Another future from here, under this name.
    Fork(String),
    /// To the future of this name; or an act, if there is none.
    Switch(Vec<Word>),
    /// Which futures there are.
    Forks,
    /// What was added for later is dropped.
    Forget,
    /// Something is expected.
    Expect(Vec<Word>),
    /// How all that is expected stands.
    Expects,
    /// A key has another value, from the beginning on.
    Set(String, String),
    /// The value of a key.
    Show(String),
    /// What is so on a device.
    Look(Look, Vec<Word>),
    /// Why something happened, or did not.
    Why(Vec<Word>),
    /// The last so many events.
    Trace(usize),
    /// The run so far, drawn.
    Timeline,
    /// The scenario as a text.
    Text,
    /// Writes the scenario.
    Save { file: Option<String>, replace: bool },
    /// Says what can be said.
    Help(Option<String>),
    /// The end of the session.
    Quit,
}

/// One row of the table of commands.
pub(super) struct Row {
    /// Its name.
    pub(super) name: &'static str,
    /// What follows it.
    pub(super) usage: &'static str,
    /// What it does, in a line.
    pub(super) does: &'static str,
    /// What else is to be known, in lines.
    pub(super) more: &'static str,
    read: fn(&Row, &[Word]) -> Result<Command, Refusal>,
}

impl Row {
    /// The command with these words behind its name.
    pub(super) fn read(&self, rest: &[Word]) -> Result<Command, Refusal> {
        (self.read)(self, rest)
    }

    fn wrong(&self, message: &str) -> Refusal {
        let usage = format!("{} {}", self.name, self.usage);
        Refusal::new(format!("{message}\nwrite: {}", usage.trim_end()))
    }

    /// Nothing may follow.
    fn alone(&self, rest: &[Word], command: Command) -> Result<Command, Refusal> {
        match rest {
            [] => Ok(command),
            [word, ..] => Err(self.wrong(&format!("`{}` says nothing here", word.text))),
        }
    }

    fn one(&self, rest: &[Word], what: &str) -> Result<String, Refusal> {
        match rest {
            [word] => Ok(word.text.clone()),
            [] => Err(self.wrong(&format!("{what} is missing"))),
            [_, word, ..] => Err(self.wrong(&format!("`{}` says nothing here", word.text))),
        }
    }

    fn number(&self, rest: &[Word], otherwise: usize) -> Result<usize, Refusal> {
        match rest {
            [] => Ok(otherwise),
            [word] => match word.text.parse() {
                Ok(number) if number > 0 => Ok(number),
                Ok(_) | Err(_) => {
                    let message = format!("`{}` is not a number from 1 on", word.text);
                    Err(self.wrong(&message))
                }
            },
            [_, word, ..] => Err(self.wrong(&format!("`{}` says nothing here", word.text))),
        }
    }

    fn span(&self, rest: &[Word]) -> Result<Span, Refusal> {
        if rest.is_empty() {
            return Err(self.wrong("how long is missing"));
        }
        Span::parse(&joined(rest)).map_err(|message| self.wrong(&message))
    }
}

fn back(row: &Row, rest: &[Word]) -> Result<Command, Refusal> {
    match rest {
        [] => Ok(Command::BackEvents(1)),
        [word] if word.text.chars().all(|c| c.is_ascii_digit()) => {
            Ok(Command::BackEvents(row.number(rest, 1)?))
        }
        [..] => Ok(Command::BackTime(row.span(rest)?)),
    }
}

fn goto(row: &Row, rest: &[Word]) -> Result<Command, Refusal> {
    let text = joined(rest);
    match text.as_str() {
        "" => Err(row.wrong("the time is missing")),
        "end" => Ok(Command::Goto(None)),
        "start" | "beginning" => Ok(Command::Goto(Some(Time::ZERO))),
        text => {
            let time = times::time(text).map_err(|message| row.wrong(&message))?;
            Ok(Command::Goto(Some(time)))
        }
    }
}

fn set(row: &Row, rest: &[Word]) -> Result<Command, Refusal> {
    if let [word] = rest
        && let Some((key, value)) = word.pair()
    {
        return Ok(Command::Set(key.to_owned(), value.to_owned()));
    }
    match rest {
        [key, value @ ..] if !value.is_empty() => {
            let value =
                value.strip_prefix(&[Word { text: "=".into(), quoted: false }]).unwrap_or(value);
            Ok(Command::Set(key.text.clone(), joined(value)))
        }
        [..] => Err(row.wrong("a key and its value are needed")),
    }
}

fn trace(row: &Row, rest: &[Word]) -> Result<Command, Refusal> {
    match rest {
        [word] if word.text == "all" => Ok(Command::Trace(usize::MAX)),
        [word, rest @ ..] if word.text == "last" => Ok(Command::Trace(row.number(rest, 20)?)),
        [..] => Ok(Command::Trace(row.number(rest, 20)?)),
    }
}

fn save(row: &Row, rest: &[Word]) -> Result<Command, Refusal> {
    let file = if rest.is_empty() { None } else { Some(row.one(rest, "the file")?) };
    Ok(Command::Save { file, replace: row.name.ends_with('!') })
}

/// Every command that is no act.
pub(super) const COMMANDS: &[Row] = &[
    Row {
        name: "advance",
        usage: "DURATION",
        does: "Lets time go on.",
        more: "`advance 10m`, `advance 1h 30m`. Past the end of the scenario its duration is extended.",
        read: |row, rest| Ok(Command::Advance(row.span(rest)?)),
    },
    Row {
        name: "next",
        usage: "[NUMBER]",
        does: "Goes on to the next event, or the NUMBER-th, to the end of its moment.",
        more: "",
        read: |row, rest| Ok(Command::Next(row.number(rest, 1)?)),
    },
    Row {
        name: "until",
        usage: "EVENT",
        does: "Goes on until something happens.",
        more: "EVENT is a state of the app (`suspended`), a short form (`wake`, `push NAME`, `reachable`), or an\n\
               event pattern as in a scenario: `until callback name=keep-alive`.",
        read: |row, rest| match rest {
            [] => Err(row.wrong("what to wait for is missing")),
            [..] => Ok(Command::Until(rest.to_vec())),
        },
    },
    Row {
        name: "back",
        usage: "[NUMBER|DURATION]",
        does: "Goes back to before the last event, or the last NUMBER, or by a duration.",
        more: "What you added for later acts again when its time comes; `forget` drops it.",
        read: back,
    },
    Row {
        name: "goto",
        usage: "TIME",
        does: "Goes to a time: `goto 01:30:00`, `goto 90m`, `goto start`, `goto end`.",
        more: "",
        read: goto,
    },
    Row {
        name: "fork",
        usage: "NAME",
        does: "Goes on in a second future, called NAME; `switch` leads back.",
        more: "",
        read: |row, rest| Ok(Command::Fork(row.one(rest, "its name")?)),
    },
    Row {
        name: "switch",
        usage: "NAME",
        does: "Goes to the future called NAME. With an interface it is the act `network.switch`.",
        more: "`switch main`, `switch cellular`.",
        read: |row, rest| match rest {
            [] => Err(row.wrong("the name is missing")),
            [..] => Ok(Command::Switch(rest.to_vec())),
        },
    },
    Row {
        name: "forks",
        usage: "",
        does: "Lists the futures there are, and where each stands.",
        more: "",
        read: |row, rest| row.alone(rest, Command::Forks),
    },
    Row {
        name: "forget",
        usage: "",
        does: "Drops the steps you added that act later than now.",
        more: "",
        read: |row, rest| row.alone(rest, Command::Forget),
    },
    Row {
        name: "expect",
        usage: "WHAT [KEY=VALUE …]",
        does: "Adds an expectation and says how it stands.",
        more: "`expect push-received call within=5s`, `expect metric detection.client.max max=10m`,\n\
               `expect kill count=0`, `expect \"state to=suspended\" from=10m`.",
        read: |row, rest| match rest {
            [] => Err(row.wrong("what is expected is missing")),
            [..] => Ok(Command::Expect(rest.to_vec())),
        },
    },
    Row {
        name: "expects",
        usage: "",
        does: "Lists what is expected, and how each stands as of now.",
        more: "",
        read: |row, rest| row.alone(rest, Command::Expects),
    },
    Row {
        name: "set",
        usage: "KEY VALUE",
        does: "Gives a key of the scenario another value and plays it again up to now.",
        more: "The keys are those of `holdline run --set`: `set platform.keep-alive.handler-budget 5s`.",
        read: set,
    },
    Row {
        name: "platform",
        usage: "[KEY]",
        does: "Shows the platform, or the value of a key here and on every iOS.",
        more: "Keys of the other sections too, with their names: `platform network.nat.idle-timeout`.",
        read: |row, rest| match rest {
            [] => Ok(Command::Show(String::new())),
            [..] => Ok(Command::Show(row.one(rest, "the key")?)),
        },
    },
    Row {
        name: "status",
        usage: "[device=N]",
        does: "Shows the app's state, its run time, the wake budget, the device, reachability, battery.",
        more: "",
        read: |_, rest| Ok(Command::Look(Look::Status, rest.to_vec())),
    },
    Row {
        name: "connections",
        usage: "[device=N]",
        does: "Shows both ends of every connection, and when the NAT forgets it: a netstat.",
        more: "",
        read: |_, rest| Ok(Command::Look(Look::Connections, rest.to_vec())),
    },
    Row {
        name: "timers",
        usage: "[device=N]",
        does: "Lists everything that is due, with the reason.",
        more: "",
        read: |_, rest| Ok(Command::Look(Look::Timers, rest.to_vec())),
    },
    Row {
        name: "why",
        usage: "[wake|kill|not-woken|unreachable|push NAME|EVENT] [device=N]",
        does: "Says why something happened or did not: its causes, back to the step that began it.",
        more: "Without a question: why the app was ended, is not reachable, or was woken last. EVENT is as of\n\
               `until`: the last one like it is explained.",
        read: |_, rest| Ok(Command::Why(rest.to_vec())),
    },
    Row {
        name: "trace",
        usage: "[[last] NUMBER|all]",
        does: "Lists the last events, 20 or NUMBER of them.",
        more: "",
        read: trace,
    },
    Row {
        name: "timeline",
        usage: "",
        does: "Draws the run so far by lanes.",
        more: "",
        read: |row, rest| row.alone(rest, Command::Timeline),
    },
    Row {
        name: "text",
        usage: "",
        does: "Shows the scenario as `save` writes it.",
        more: "",
        read: |row, rest| row.alone(rest, Command::Text),
    },
    Row {
        name: "save",
        usage: "[FILE]",
        does: "Writes the session as a scenario that plays the same up to now.",
        more: "A file that is there stays as it is, unless this session wrote it; `save! FILE` replaces it.",
        read: save,
    },
    Row {
        name: "save!",
        usage: "[FILE]",
        does: "Writes the session as a scenario, over what is there.",
        more: "Without FILE, over the file the session was begun with, or last saved to.",
        read: save,
    },
    Row {
        name: "help",
        usage: "[COMMAND]",
        does: "Lists the commands, or says more about one.",
        more: "",
        read: |row, rest| match rest {
            [] => Ok(Command::Help(None)),
            [..] => Ok(Command::Help(Some(row.one(rest, "the command")?))),
        },
    },
    Row {
        name: "quit",
        usage: "",
        does: "Ends the session.",
        more: "",
        read: |row, rest| row.alone(rest, Command::Quit),
    },
    Row {
        name: "exit",
        usage: "",
        does: "Ends the session. (The act `app.exit` is `app-exit CODE`.)",
        more: "",
        read: |row, rest| row.alone(rest, Command::Quit),
    },
];
