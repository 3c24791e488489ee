//! What the first word of a line means: a command, an act of the scenario language, or a short form of one.

use super::commands::{COMMANDS, Row};
use super::refusal::Refusal;
use crate::scenario::{ACTS, ActInfo};
use crate::settings::nearest;

/// A handy name for an act with some arguments given; others, and the same ones again, may follow.
pub(super) struct Alias {
    /// The name.
    pub(super) name: &'static str,
    /// The act.
    pub(super) act: &'static str,
    /// What it is given.
    pub(super) given: &'static [(&'static str, &'static str)],
    /// What it does, in a line.
    pub(super) does: &'static str,
}

/// All of them.
pub(super) const ALIASES: &[Alias] = &[
    Alias {
        name: "wifi-off",
        act: "network.switch",
        given: &[("to", "cellular")],
        does: "Wi-Fi goes, the cellular network takes over.",
    },
    Alias {
        name: "wifi-on",
        act: "network.switch",
        given: &[("to", "wifi")],
        does: "Wi-Fi carries traffic.",
    },
    Alias {
        name: "offline",
        act: "network.switch",
        given: &[("to", "none")],
        does: "No network carries traffic.",
    },
    Alias {
        name: "airplane",
        act: "network.airplane",
        given: &[("on", "true")],
        does: "Airplane mode on; `airplane off` ends it.",
    },
    Alias {
        name: "call",
        act: "phone.voice-call",
        given: &[("on", "true")],
        does: "A telephone call begins; `call off` ends it.",
    },
    Alias {
        name: "plug-in",
        act: "phone.charger",
        given: &[("connected", "true")],
        does: "The charger is plugged in.",
    },
    Alias {
        name: "unplug",
        act: "phone.charger",
        given: &[("connected", "false")],
        does: "The charger is pulled out.",
    },
    Alias {
        name: "crash",
        act: "app.exit",
        given: &[("code", "1")],
        does: "The app exits with a code other than zero.",
    },
];

/// What stands before the path of a bundled scenario.
pub(super) const BUNDLED: &str = "bundled:";

/// The command that is an act as well.
const SWITCH: &str = "switch";

/// What a name means.
#[derive(Copy, Clone)]
pub(super) enum Meaning {
    /// A command.
    Command(&'static Row),
    /// An act, and what its alias gives it.
    Act(&'static ActInfo, &'static [(&'static str, &'static str)]),
}

impl Meaning {
    /// The name that stands for it in messages; two names of one thing have the same.
    pub(super) fn name(&self) -> String {
        match self {
            Meaning::Command(row) => row.name.to_owned(),
            Meaning::Act(info, []) => short_of(info),
            Meaning::Act(info, given) => {
                let args: Vec<String> = given.iter().map(|(k, v)| format!("{k}={v}")).collect();
                format!("{} {}", short_of(info), args.join(" "))
            }
        }
    }
}

/// `user.background` as one word.
pub(super) fn hyphened(name: &str) -> String {
    name.replace('.', "-")
}

/// The short name of an act: without its group.
pub(super) fn short(name: &str) -> &str {
    name.split_once('.').map_or(name, |(_, short)| short)
}

/// The shortest name of an act that means nothing else.
pub(super) fn short_of(info: &ActInfo) -> String {
    let short = short(info.name);
    let taken = COMMANDS.iter().any(|row| row.name == short && short != SWITCH);
    if taken { hyphened(info.name) } else { short.to_owned() }
}

/// Every name with its meaning. What comes first hides the same name later on, but for short names of acts,
/// which are ambiguous then.
pub(super) fn all() -> Vec<(String, Meaning)> {
    let mut all: Vec<(String, Meaning)> =
        COMMANDS.iter().map(|row| (row.name.to_owned(), Meaning::Command(row))).collect();
    for alias in ALIASES {
        if let Some(info) = ActInfo::find(alias.act) {
            all.push((alias.name.to_owned(), Meaning::Act(info, alias.given)));
        }
    }
    let hidden: Vec<String> = all.iter().map(|(name, _)| name.clone()).collect();
    for info in ACTS {
        all.push((info.name.to_owned(), Meaning::Act(info, &[])));
        all.push((hyphened(info.name), Meaning::Act(info, &[])));
        let short = short(info.name);
        if !hidden.iter().any(|name| name == short) {
            all.push((short.to_owned(), Meaning::Act(info, &[])));
        }
    }
    all
}

/// What `asked` means: its name, or an unambiguous beginning of one.
///
/// # Errors
/// [`Refusal`] with those it may mean, or the name that is nearest.
pub(super) fn find(asked: &str) -> Result<Meaning, Refusal> {
    let wanted = asked.to_ascii_lowercase().replace('_', "-");
    let all = all();
    let among = |fits: &dyn Fn(&str) -> bool| {
        let mut found: Vec<Meaning> = Vec::new();
        for (_, meaning) in all.iter().filter(|(name, _)| fits(name)) {
            if !found.iter().any(|known| known.name() == meaning.name()) {
                found.push(*meaning);
            }
        }
        found
    };
    let mut found = among(&|name| name == wanted);
    if found.is_empty() {
        found = among(&|name| name.starts_with(&wanted));
    }
    match &found[..] {
        [one] => Ok(*one),
        [] => Err(unknown(asked, &wanted, &all)),
        [..] => {
            let names: Vec<String> = found.iter().map(Meaning::name).collect();
            Err(Refusal::new(format!("`{asked}` can mean: {}", names.join(", "))))
        }
    }
}

/// Which of `names` was meant, in words.
pub(super) fn near<'a>(wrong: &str, names: impl Iterator<Item = &'a str> + Clone) -> String {
    match nearest(wrong, names.clone()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("there are: {}", names.collect::<Vec<_>>().join(", ")),
    }
}

fn unknown(asked: &str, wanted: &str, all: &[(String, Meaning)]) -> Refusal {
    let near = nearest(wanted, all.iter().map(|(name, _)| name.as_str()));
    Refusal::new(match near {
        Some(near) => format!("there is no command `{asked}`; did you mean `{near}`?"),
        None => format!("there is no command `{asked}`; `help` lists them"),
    })
}

/// The one of `names` that `asked` is or begins.
///
/// # Errors
/// Those it may mean, when there are several.
pub(super) fn begun<'a>(asked: &str, names: &[&'a str]) -> Result<Option<&'a str>, Vec<&'a str>> {
    if let Some(name) = names.iter().find(|name| **name == asked) {
        return Ok(Some(name));
    }
    let mut found: Vec<&str> =
        names.iter().copied().filter(|name| !asked.is_empty() && name.starts_with(asked)).collect();
    found.dedup();
    match found[..] {
        [] => Ok(None),
        [one] => Ok(Some(one)),
        [..] => Err(found),
    }
}
