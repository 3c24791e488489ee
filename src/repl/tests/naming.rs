//! Names: of commands, acts and arguments.

use super::{empty, refused, session, told};
use crate::repl::commands::COMMANDS;
use crate::repl::names::{ALIASES, Meaning, find};
use crate::scenario::{ACTS, ActInfo};

fn meaning(name: &str) -> String {
    match find(name) {
        Ok(Meaning::Command(row)) => format!("command {}", row.name),
        Ok(Meaning::Act(info, _)) => info.name.to_owned(),
        Err(refusal) => refusal.to_string(),
    }
}

#[test]
fn every_act_has_its_name_and_its_name_with_a_hyphen() {
    for info in ACTS {
        assert_eq!(meaning(info.name), info.name);
        assert_eq!(meaning(&info.name.replace('.', "-")), info.name);
    }
}

#[test]
fn every_act_but_those_that_are_commands_has_a_short_name() {
    for info in ACTS {
        let short = info.name.split('.').nth(1).unwrap();
        let hidden = COMMANDS.iter().find(|row| row.name == short);
        match hidden {
            Some(row) => assert_eq!(meaning(short), format!("command {}", row.name)),
            None => assert_eq!(meaning(short), info.name),
        }
    }
    assert_eq!(meaning("restart"), "server.restart");
}

#[test]
fn every_alias_gives_an_act_arguments_that_it_has() {
    for alias in ALIASES {
        let info = ActInfo::find(alias.act).unwrap();
        for (key, _) in alias.given {
            assert!(info.args.iter().any(|arg| arg.name == *key), "{}: {key}", alias.name);
        }
        told(&mut empty(), alias.name);
    }
}

#[test]
fn a_name_can_be_cut_short_while_it_means_one_thing() {
    assert_eq!(meaning("adv"), "command advance");
    assert_eq!(meaning("foreg"), "user.foreground");
    assert_eq!(meaning("User_Background"), "user.background");
}

#[test]
fn a_name_that_can_mean_several_things_is_not_guessed() {
    assert_eq!(meaning("memory"), "`memory` can mean: memory-pressure, memory-kill");
    assert!(meaning("fo").contains("fork, forks, forget"), "{}", meaning("fo"));
}

#[test]
fn an_unknown_name_tells_the_nearest() {
    assert_eq!(meaning("backgroud"), "there is no command `backgroud`; did you mean `background`?");
    assert!(meaning("qqq").contains("`help`"));
}

#[test]
fn a_value_without_a_name_goes_to_the_first_argument_it_fits() {
    for (line, toml) in [
        ("push a 30s", "do = \"server.push\"\npush = \"a\"\nttl = \"30s\""),
        (
            "restart 10s host-down",
            "do = \"server.restart\"\ndown-for = \"10s\"\nhow = \"host-down\"",
        ),
        ("silence 30s", "do = \"network.silence\"\nlasts = \"30s\""),
        ("captive-portal on answers", "on = true\nhow = \"answers\""),
        ("memory-pressure critical", "do = \"phone.memory-pressure\"\ncritical = true"),
        ("app-exit 3", "do = \"app.exit\"\ncode = 3"),
        ("set-clock +1h", "by = \"+1h\""),
        ("server-restart down=30s how=host-down", "down-for = \"30s\"\nhow = \"host-down\""),
    ] {
        let mut session = empty();
        told(&mut session, line);
        assert!(session.text.contains(toml), "{line}: {}", session.text);
    }
}

#[test]
fn what_is_said_wins_over_what_an_alias_gives() {
    let mut session = empty();
    told(&mut session, "airplane off");
    assert!(session.text.contains("on = false"));
}

#[test]
fn a_wrong_argument_is_told_as_the_decoder_tells_it() {
    let mut session = empty();
    for (line, part) in [
        ("push", "`push` is missing"),
        ("server-restart dwn=30s", "did you mean `down-for`?"),
        ("server-restart how=host-dwn", "did you mean \"host-down\"?"),
        ("server-restart down=30x", "not a unit of time"),
        ("server-restart down=1s down=2s", "given twice"),
        ("background x", "takes no arguments"),
        ("push a b c", "one more"),
        ("push \"a", "a quote begins"),
    ] {
        let refusal = refused(&mut session, line);
        assert!(refusal.contains(part), "{line}: {refusal}");
    }
}

#[test]
fn switch_is_for_networks_and_for_futures() {
    let mut session = session("name = \"x\"\nduration = \"1h\"\n");
    told(&mut session, "switch cellular");
    assert!(session.text.contains("to = \"cellular\""));
    told(&mut session, "fork b");
    assert!(told(&mut session, "switch main").contains("[main]"));
    let refusal = refused(&mut session, "switch celular");
    assert!(refusal.contains("`cellular`"), "{refusal}");
    assert!(refused(&mut session, "fork wifi").contains("another name"));
}

#[test]
fn every_command_and_act_has_its_help() {
    let mut session = empty();
    let all = told(&mut session, "help");
    for row in COMMANDS {
        assert!(all.contains(row.does.split_whitespace().next().unwrap()), "{}", row.name);
        assert!(told(&mut session, &format!("help {}", row.name)).contains(row.name));
    }
    for info in ACTS {
        assert!(told(&mut session, &format!("help {}", info.name)).contains("in=DURATION"));
    }
    assert!(refused(&mut session, "help fork-lift").contains("no command"));
}

#[test]
fn the_vocabulary_has_what_can_be_said_now() {
    let mut session = empty();
    told(&mut session, "push call id=ring at=5m");
    told(&mut session, "fork other");
    let words = session.vocabulary();
    assert_eq!((words.pushes, words.ids), (vec!["call".to_owned()], vec!["ring".to_owned()]));
    assert_eq!(words.forks, ["main", "other"]);
    let switch = words.commands.iter().find(|one| one.name == "network-switch").unwrap();
    assert!(switch.keys[0].values.contains(&"cellular".to_owned()));
    assert!(words.settings.iter().any(|key| key.name == "platform.keep-alive.handler-budget"));
    assert!(words.goals.contains(&"suspended".to_owned()));
}

#[test]
fn a_line_cannot_move_the_cursor_by_what_is_said_of_it() {
    let mut session = empty();
    let refusal = refused(&mut session, "backgroud\u{1b}[2J");
    assert!(refusal.contains("control character"), "{refusal}");
    assert!(refused(&mut session, "lock\tnow").contains("`now`"), "a tab is a blank");
}
