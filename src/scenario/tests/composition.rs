//! Scenarios put together: fragments, variables, and what varies.

use crate::port::{PushId, Span};
use crate::scenario::testing::read_files;
use crate::scenario::{Diagnostic, Override, Scenario, When, World, is_fragment};

/// The scenarios of the first file, which can include the others.
fn all(files: &[(&str, &str)], set: &[(&str, &str)]) -> Result<Vec<Scenario>, Vec<Diagnostic>> {
    let set: Vec<_> = set.iter().map(|(key, value)| Override::new(*key, *value)).collect();
    read_files(files, &set)
}

#[track_caller]
fn one(files: &[(&str, &str)]) -> Scenario {
    all(files, &[]).unwrap().remove(0)
}

/// The only mistake: its message, the file it is in, what is underlined.
#[track_caller]
fn mistake(files: &[(&str, &str)], message: &str, file: &str, underlined: &str) -> Diagnostic {
    let mut errors = all(files, &[]).expect_err("a mistake");
    assert_eq!(errors.len(), 1, "{errors:#?}");
    let error = errors.remove(0);
    let (path, text) = match &error.file {
        Some(file) => (file.path.as_str(), file.text.as_str()),
        None => ("", files[0].1),
    };
    assert!(error.message.contains(message), "{error:#?}");
    assert_eq!((path, &text[error.span.clone()]), (file, underlined), "{error:#?}");
    error
}

const HEAD: &str = "name = \"x\"\nduration = \"1h\"\n";

#[test]
fn what_stands_in_a_file_wins_over_what_it_includes_and_the_later_fragment_over_the_earlier() {
    let main = format!(
        "include = [\"a.toml\", \"b.toml\"]\n{HEAD}[client]\nset = {{ push.work = \"3s\" }}"
    );
    let a = "seed = 4\n[client]\nuse = \"ping-in-handler\"\nset = { push.work = \"1s\", keep-alive.timeout = \"11m\" }\n[platform]\nuse = \"ios-8\"";
    let b = "[client]\nset = { push.work = \"2s\" }\n[platform]\nuse = \"ios-10\"";
    let scenario = one(&[("main.toml", &main), ("a.toml", a), ("b.toml", b)]);
    assert_eq!((scenario.seed, scenario.platform.name.as_str()), (4, "ios-10"));
    assert_eq!(scenario.client.name, "ping-in-handler");
    assert_eq!(scenario.client.values.push_work, Span::from_secs(3));
    assert_eq!(scenario.client.values.keep_alive_timeout, Span::from_secs(660));
}

#[test]
fn steps_and_expectations_of_fragments_come_before_a_files_own() {
    let step = |id: &str| format!("[[step]]\nid = \"{id}\"\nat = \"1m\"\ndo = \"user.lock\"\n");
    let main = format!("include = [\"a.toml\", \"b.toml\"]\n{HEAD}{}", step("own"));
    let files = [("main.toml", main.as_str()), ("a.toml", &step("a")), ("b.toml", &step("b"))];
    let ids = one(&files).steps.into_iter().map(|step| step.id.unwrap());
    assert_eq!(ids.collect::<Vec<_>>(), ["a", "b", "own"]);
}

#[test]
fn a_fragment_that_two_others_include_counts_once() {
    let main = format!("include = [\"a.toml\", \"b.toml\"]\n{HEAD}");
    let push = "[[step]]\nat = \"1m\"\ndo = \"server.push\"\npush = \"call\"";
    let both = "include = [\"c.toml\"]";
    let files =
        [("main.toml", main.as_str()), ("a.toml", both), ("b.toml", both), ("c.toml", push)];
    assert_eq!(one(&files).steps.len(), 1);
}

#[test]
fn paths_in_a_fragment_are_seen_from_the_fragment() {
    let main = format!("include = [\"common/a.toml\"]\n{HEAD}");
    let files = [
        ("main.toml", main.as_str()),
        ("common/a.toml", "include = [\"../other/b.toml\"]\n[app]\ninfo-plist = \"App.plist\""),
        ("other/b.toml", "seed = 9"),
        ("common/App.plist", crate::scenario::testing::INFO_PLIST),
    ];
    let scenario = one(&files);
    assert_eq!((scenario.seed, scenario.manifest.sdk), (9, Some(9)));
}

#[test]
fn what_a_fragment_says_of_itself_is_not_the_scenarios() {
    let main = format!("include = [\"a.toml\"]\n{HEAD}");
    let a = "fragment = true\nname = \"a\"\nshows = \"A.\"\nseed = 3";
    let scenario = one(&[("main.toml", &main), ("a.toml", a)]);
    assert_eq!((scenario.name.as_str(), scenario.shows.as_str(), scenario.seed), ("x", "", 3));
}

#[test]
fn a_mistake_in_a_fragment_is_underlined_there() {
    let main = format!("include = [\"a.toml\"]\n{HEAD}");
    let step = "[[step]]\nat = \"2h\"\ndo = \"user.lock\"";
    mistake(&[("m.toml", &main), ("a.toml", step)], "the run ends after 1h", "a.toml", "\"2h\"");
    mistake(&[("m.toml", &main), ("a.toml", "sed = 1")], "no key `sed`", "a.toml", "sed");
    mistake(&[("m.toml", &main), ("a.toml", "a = ")], "not TOML", "a.toml", "");
    mistake(&[("m.toml", &main), ("a.toml", "version = 2")], "version 2", "a.toml", "2");
    mistake(&[("m.toml", &main), ("a.toml", "include = 3")], "found a whole number", "a.toml", "3");
}

#[test]
fn a_fragment_that_is_missing_or_includes_itself_is_underlined() {
    let main = format!("include = [\"a.toml\"]\n{HEAD}");
    let files = [("m.toml", main.as_str())];
    mistake(&files, "a.toml: there is no such file", "", "\"a.toml\"");
    let b = "include = [\"b.toml\"]";
    let files =
        [("m.toml", main.as_str()), ("a.toml", b), ("b.toml", "\ninclude = [\"./a.toml\"]")];
    mistake(&files, "a.toml includes b.toml includes a.toml", "b.toml", "\"./a.toml\"");
    let files = [("m.toml", main.as_str()), ("a.toml", "include = [\"m.toml\"]")];
    mistake(&files, "includes itself", "m.toml", "\"a.toml\"");
}

#[test]
fn a_fragment_is_not_played_by_itself() {
    let text = format!("fragment = true\n{HEAD}");
    mistake(&[("m.toml", &text)], "this is a fragment", "", "true");
    assert!(is_fragment(&text) && !is_fragment(HEAD));
    assert!(!is_fragment("fragment = false") && !is_fragment("# fragment = true"));
}

const VARIABLES: &str = r#"
name = "NAT of ${nat}, ${n} devices"
duration = "$length"
devices = "$n"
shows = "It costs $5."
[variables]
nat = "270s"
n = 2
length = "1h"
modes = ["audio"]
push = "call"
[app]
background-modes = "$modes"
[network]
set = { nat.idle-timeout = "$nat" }
[[step]]
at = "1m"
do = "server.push"
push = "${push}-$$1"
"#;

#[test]
fn a_variable_keeps_its_type_alone_and_is_text_inside_a_text() {
    let scenario = one(&[("m.toml", VARIABLES)]);
    assert_eq!(scenario.name, "NAT of 270s, 2 devices");
    assert_eq!((scenario.devices, scenario.duration), (2, Span::from_secs(3_600)));
    assert_eq!(scenario.network.wifi.values.nat_idle_timeout, Some(Span::from_secs(270)));
    assert_eq!(scenario.manifest.background_modes, ["audio"]);
    assert_eq!(scenario.names.push(PushId { name: 0, member: 0 }), "call-$1");
    assert_eq!(scenario.shows, "It costs $5.", "prose has no variables");
}

#[test]
fn a_variable_can_be_set_from_outside_and_by_the_file_that_includes_it() {
    let set = [("variables.nat", "5m"), ("variables.n", "3"), ("variables.modes", "voip,audio")];
    let scenario = all(&[("m.toml", VARIABLES)], &set).unwrap().remove(0);
    assert_eq!(scenario.network.wifi.values.nat_idle_timeout, Some(Span::from_secs(300)));
    assert_eq!((scenario.devices, scenario.manifest.background_modes.len()), (3, 2));
    let main = format!("include = [\"a.toml\"]\n{HEAD}[variables]\nn = 7");
    let a = "seed = \"$n\"\n[variables]\nn = 1";
    assert_eq!(one(&[("m.toml", &main), ("a.toml", a)]).seed, 7);
}

#[test]
fn a_wrong_variable_is_underlined_where_it_is_used_with_what_it_stands_for() {
    let text = format!("{HEAD}seed = \"$sede\"\n[variables]\nseed = 1");
    let error = mistake(&[("m.toml", &text)], "no variable `sede`", "", "\"$sede\"");
    assert_eq!(error.label, "did you mean `seed`?");
    let text = format!("{HEAD}seed = \"$n\"\n[variables]\nn = \"soon\"");
    let error = mistake(&[("m.toml", &text)], "expected a whole number", "", "\"$n\"");
    assert_eq!(error.note.as_deref(), Some("`$n` is \"soon\" here"));
    let text = format!("{HEAD}deadline = \"$n s\"\n[variables]\nn = 1");
    mistake(&[("m.toml", &text)], "begins no variable", "", "\"$n s\"");
    let text = format!("{HEAD}deadline = \"5$n\"\n[variables]\nn = {{ a = 1 }}");
    assert_eq!(all(&[("m.toml", &text)], &[]).unwrap_err().len(), 2);
    let text = format!("{HEAD}deadline = \"${{n}}s\"\n[variables]\nn = [1]");
    mistake(&[("m.toml", &text)], "is a list", "", "\"${n}s\"");
}

#[test]
fn every_combination_is_a_scenario_and_the_last_key_changes_fastest() {
    let text = format!(
        "{HEAD}[vary]\nplatform.use = [\"ios-8\", \"ios-9\"]\nnetwork.nat.idle-timeout = [\"5m\", \"1h\"]"
    );
    let variants: Vec<String> = all(&[("m.toml", &text)], &[])
        .unwrap()
        .iter()
        .map(|scenario| {
            let nat = scenario.network.wifi.values.nat_idle_timeout.unwrap();
            assert_eq!(
                scenario.variant[0],
                ("platform.use".into(), scenario.platform.name.clone())
            );
            format!("{} {nat}", scenario.platform.name)
        })
        .collect();
    assert_eq!(variants, ["ios-8 5m", "ios-8 1h", "ios-9 5m", "ios-9 1h"]);
}

#[test]
fn what_is_set_from_outside_does_not_vary() {
    let text = format!(
        "{HEAD}[vary]\nplatform.use = [\"ios-8\", \"ios-9\"]\nvariables.n = [1, 2]\n[variables]\nn = 0"
    );
    let scenarios = all(&[("m.toml", &text)], &[("platform.use", "ios-10")]).unwrap();
    assert_eq!(scenarios.len(), 2);
    assert!(scenarios.iter().all(|scenario| scenario.platform.name == "ios-10"));
}

#[test]
fn steps_and_expectations_can_be_for_some_of_the_scenarios_only() {
    let text = format!(
        r#"{HEAD}[vary]
platform.use = ["ios-8", "ios-9", "ios-10"]
[[step]]
where = {{ platform.use = "ios-8" }}
at = "1m"
do = "user.lock"
[[step]]
where = {{ platform.use = ["ios-9", "ios-10"] }}
at = "2m"
do = "user.lock"
"#
    );
    let times: Vec<Span> = all(&[("m.toml", &text)], &[])
        .unwrap()
        .iter()
        .map(|scenario| {
            assert_eq!(scenario.steps.len(), 1);
            let When::At(at) = &scenario.steps[0].when else { panic!() };
            at.median()
        })
        .collect();
    let minutes = |n: u64| Span::from_secs(n * 60);
    assert_eq!(times, [minutes(1), minutes(2), minutes(2)]);
}

#[test]
fn what_varies_wrongly_is_underlined() {
    let vary = |text: &str| format!("{HEAD}[vary]\n{text}");
    let wrong = |text: &str, message: &str, underlined: &str| {
        mistake(&[("m.toml", &vary(text))], message, "", underlined)
    };
    wrong("platform.use = \"ios-9\"", "expected a list of values", "\"ios-9\"");
    wrong("platform.use = []", "varies over nothing", "use");
    wrong("platform.use = [\"ios-9\", \"ios-9\"]", "twice", "\"ios-9\"");
    wrong("platform.use = [\"ios-9\", \"ios9\"]", "no platform `ios9`", "\"ios9\"");
    wrong("client.push.wrok = [\"1s\"]", "no such key", "\"1s\"");
    wrong("variables.n = [1]", "no variable `n`", "1");
    let many = (0..40).map(|n| n.to_string()).collect::<Vec<_>>().join(", ");
    let many = format!("seed = [{many}]\ndevices = [{}]", many.replacen("0, ", "", 1));
    wrong(&many, "1,560 scenarios", "[vary]");
    let condition = |text: &str| {
        format!(
            "{}[[step]]\nat = \"1m\"\ndo = \"user.lock\"\nwhere = {{ {text} }}",
            vary("seed = [1, 2]\n")
        )
    };
    mistake(&[("m.toml", &condition("sed = 1"))], "`sed` does not vary", "", "sed");
    mistake(&[("m.toml", &condition("seed = 3"))], "`seed` is never `3`", "", "3");
}

#[test]
fn a_mistake_that_all_variants_share_is_told_once() {
    let text = format!("{HEAD}sed = 1\n[vary]\nseed = [1, 2, 3]");
    mistake(&[("m.toml", &text)], "no key `sed`", "", "sed");
}

#[test]
fn a_scenario_is_for_all_worlds_unless_it_names_some() {
    assert_eq!(one(&[("m.toml", HEAD)]).worlds, World::ALL);
    let text = format!("{HEAD}worlds = [\"live\", \"device\"]");
    assert_eq!(one(&[("m.toml", &text)]).worlds, [World::Live, World::Device]);
    mistake(&[("m.toml", &format!("{HEAD}worlds = []"))], "never played", "", "[]");
    let text = format!("{HEAD}worlds = [\"simm\"]");
    mistake(&[("m.toml", &text)], "did you mean \"sim\"", "", "\"simm\"");
}

#[test]
fn many_scenarios_are_not_taken_for_one_wherever_it_is_said_that_they_vary() {
    let main = format!("include = [\"a.toml\"]\n{HEAD}");
    let files = [("m.toml", main.as_str()), ("a.toml", "\n[vary]\nseed = [1, 2]")];
    let errors = crate::scenario::testing::read_one(&files).unwrap_err();
    assert!(errors[0].message.contains("many scenarios"), "{errors:#?}");
    let file = errors[0].file.as_ref().unwrap();
    assert_eq!((file.path.as_str(), &file.text[errors[0].span.clone()]), ("a.toml", "[vary]"));
}
