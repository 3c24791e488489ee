//! Scenarios that the schema refuses, each with one mistake, and what it lets pass.

use holdline::scenario::{Presets, decode_all};

use crate::{objections, to_json, validator};

const HEAD: &str = "name = \"x\"\nduration = \"2h\"\n";
const STEP: &str = "[[step]]\nat = \"1m\"\n";
const EXPECT: &str = "[[expect]]\n";

/// Mistakes behind [`HEAD`].
const WRONG: &[(&str, &str)] = &[
    ("an unknown key at the top", "sed = 7"),
    ("an unknown section", "[phone]\nuse = \"ios-9\""),
    ("an unknown version of the language", "version = 2"),
    ("a number where text belongs", "shows = 3"),
    ("text where a number belongs", "seed = \"seven\""),
    ("a number below the least", "devices = 0"),
    ("a number that is negative", "seed = -1"),
    ("a fraction where a whole number belongs", "runs = 1.5"),
    ("a duration without a unit", "deadline = \"30\""),
    ("a duration that is a number", "deadline = 30"),
    ("a duration of zero", "deadline = \"0s\""),
    ("an unknown unit", "deadline = \"30 sec\""),
    ("an unknown world", "worlds = [\"moon\"]"),
    ("an unknown lint", "allow = [\"everything\"]"),
    ("an unknown platform", "[platform]\nuse = \"ios-3\""),
    ("an unknown network", "[network]\nuse = \"wifi-hone\""),
    ("an unknown other network", "[network]\nother = \"wifi-hone\""),
    ("an unknown strategy", "[client]\nuse = \"pings\""),
    ("an unknown server preset", "[server]\nuse = \"pings\""),
    ("an unknown interface", "[network]\ninterface = \"bluetooth\""),
    ("an unknown key to set", "[client]\nset = { ping.intervall = \"10s\" }"),
    ("an unknown key in quotes", "[client.set]\n\"ping.intervall\" = \"10s\""),
    ("a wrong value of a key in quotes", "[client.set]\n\"ping.interval\" = 10"),
    ("a share that is a number", "[network]\nset = { loss = 2 }"),
    ("a share of more than all", "[network]\nset = { loss = \"101%\" }"),
    ("a distribution that does not exist", "[network]\nset = { latency = \"zipf(1s, 2s)\" }"),
    ("a distribution of one value", "[network]\nset = { latency = \"uniform(1s)\" }"),
    ("text where true or false belongs", "[app]\ndebugger = \"yes\""),
    ("an unknown background mode", "[app]\nbackground-modes = [\"voice\"]"),
    ("a list of values where a table belongs", "platform = [\"ios-9\"]"),
    ("one value where several vary", "[vary]\nplatform.use = \"ios-9\""),
    ("nothing to vary over", "[vary]\nplatform.use = []"),
    ("a key that cannot vary", "[vary]\nplatform.user = [\"ios-9\"]"),
    ("a variable that is a table", "[variables]\nn = { a = 1 }"),
    ("a step that is no table", "step = [\"user.lock\"]"),
    ("a step without an act", "[[step]]\nat = \"1m\""),
    ("a step without a time", "[[step]]\ndo = \"user.lock\""),
    ("a step with two times", "[[step]]\nat = \"1m\"\nevery = \"2m\"\ndo = \"user.lock\""),
    ("`until` without `every`", "[[step]]\nat = \"1m\"\nuntil = \"2m\"\ndo = \"user.lock\""),
    ("an event that does not exist", "[[step]]\nafter = \"kil\"\ndo = \"user.lock\""),
    ("a field that its event lacks", "[[step]]\nafter = \"kill cod=1\"\ndo = \"user.lock\""),
    ("`after` without an event", "[[step]]\nafter = { by = \"1s\" }\ndo = \"user.lock\""),
];

/// Mistakes behind [`HEAD`] and [`STEP`].
const WRONG_STEPS: &[(&str, &str)] = &[
    ("an unknown act", "do = \"user.look\""),
    ("an argument that is missing", "do = \"server.push\""),
    ("an argument of another act", "do = \"user.lock\"\npush = \"a\""),
    ("an argument of the wrong type", "do = \"network.airplane\"\non = \"true\""),
    ("a word of another act", "do = \"server.drop\"\nhow = \"host-down\""),
    ("a name of two words", "do = \"server.push\"\npush = \"a b\""),
    ("a clock set without a sign", "do = \"user.set-clock\"\nby = \"1h\""),
    ("a code beyond the bounds", "do = \"app.exit\"\ncode = 4294967296"),
];

/// Mistakes behind [`HEAD`] and [`EXPECT`].
const WRONG_EXPECTATIONS: &[(&str, &str)] = &[
    ("an unknown expectation", "that = \"pushed\""),
    ("no expectation", "push = \"a\""),
    ("an argument that is missing", "that = \"event\""),
    (
        "an argument of another expectation",
        "that = \"metric\"\nmetric = \"kills\"\nmin = 1\npush = \"a\"",
    ),
    ("an order of one event", "that = \"order\"\nevents = [\"kill\"]"),
    ("a count without bounds", "that = \"event\"\nevent = \"kill\"\ncount = {}"),
    ("a value that its field never has", "that = \"event\"\nevent = \"kill code=0xbad\""),
    ("an unknown metric", "that = \"metric\"\nmetric = \"kill\"\nmax = 1"),
    ("a metric without bounds", "that = \"metric\"\nmetric = \"kills\""),
    ("a bound in another unit", "that = \"metric\"\nmetric = \"reachable\"\nmin = \"10s\""),
    ("a bound without a unit", "that = \"metric\"\nmetric = \"energy.radio\"\nmax = 3"),
];

fn all() -> Vec<(String, String)> {
    let behind = |head: &str, list: &[(&str, &str)]| {
        let one = |(what, text): &(&str, &str)| ((*what).to_owned(), format!("{HEAD}{head}{text}"));
        list.iter().map(one).collect::<Vec<_>>()
    };
    let mut all = behind("", WRONG);
    all.extend(behind(STEP, WRONG_STEPS));
    all.extend(behind(EXPECT, WRONG_EXPECTATIONS));
    all.push(("no name".to_owned(), "duration = \"1h\"".to_owned()));
    all.push(("no duration".to_owned(), "name = \"x\"".to_owned()));
    all
}

#[test]
fn what_is_wrong_is_refused_by_the_schema_and_by_the_decoder() {
    let (validator, library) = (validator(), Presets::built_in());
    for (what, text) in all() {
        assert!(!validator.is_valid(&to_json(&text)), "the schema lets {what} pass:\n{text}");
        assert!(decode_all(&text, &library, &[]).is_err(), "the decoder lets {what} pass:\n{text}");
    }
}

/// Unusual, but right.
const RIGHT: &[(&str, &str)] = &[
    ("a version that a profile covers", "[platform]\nuse = \"ios-17.4\""),
    ("a key in quotes", "[client.set]\n\"ping.interval\" = \"10s\""),
    ("`never`", "[client]\nset = { ping.interval = \"never\" }"),
    ("`none`", "[platform]\nset = { legacy-voip.sdk-gate = \"none\" }"),
    ("a distribution", "[network]\nset = { latency = \"lognormal(35ms, 230ms)\" }"),
    ("a variable for a number", "devices = \"$n\"\n[variables]\nn = 3"),
    ("a variable in a duration", "deadline = \"${n}s\"\n[variables]\nn = 3"),
    ("a variable for a preset", "[platform]\nuse = \"$os\"\n[variables]\nos = \"ios-9\""),
    (
        "a variable for an act",
        "[variables]\nact = \"user.lock\"\n[[step]]\nat = \"1m\"\ndo = \"$act\"",
    ),
    ("a variable for a list", "[variables]\nm = [\"voip\"]\n[app]\nbackground-modes = \"$m\""),
    (
        "sets that vary, with a step for one of them",
        "[vary]\nplatform.use = [\"ios-8\", \"ios-9\"]\n\"client.push.work\" = [\"1s\", \"2s\"]\n\
         [[step]]\nat = \"1m\"\ndo = \"user.lock\"\nwhere = { platform.use = [\"ios-9\"] }",
    ),
    (
        "a repeated step",
        "[[step]]\nevery = \"1m\"\nuntil = \"1h\"\ndo = \"server.push\"\npush = \"a\"",
    ),
    ("an exact count", "[[expect]]\nthat = \"event\"\nevent = \"kill\"\ncount = 0"),
    ("an energy", "[[expect]]\nthat = \"metric\"\nmetric = \"energy.radio\"\nmax = \"2.5J\""),
    (
        "a pattern of two tests",
        "[[step]]\nafter = \"kill code=0xbad22222 device=1\"\ndo = \"user.lock\"",
    ),
];

#[test]
fn what_is_unusual_but_right_passes() {
    let (validator, library) = (validator(), Presets::built_in());
    for (what, text) in RIGHT {
        let text = format!("{HEAD}{text}");
        let objections = objections(&validator, &to_json(&text));
        assert!(objections.is_empty(), "{what}:\n{text}\n{objections}");
        let read = decode_all(&text, &library, &[]);
        assert!(read.is_ok(), "{what}:\n{text}\n{read:#?}");
    }
}

#[test]
fn a_fragment_need_not_be_a_whole_scenario() {
    let validator = validator();
    let fits = |text: &str| validator.is_valid(&to_json(text));
    assert!(fits("fragment = true\nseed = 3"));
    assert!(!fits("fragment = false\nseed = 3"));
    assert!(fits("name = \"x\"\ninclude = [\"common.toml\"]"), "the fragment says how long it is");
    assert!(
        !fits("include = [\"common.toml\"]\nduration = \"1h\""),
        "the name is a scenario's own"
    );
}
