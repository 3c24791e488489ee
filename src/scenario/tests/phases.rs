//! `[phases]`: how long a run is, and where faults may stand.

use super::check::{mistake, step, whole};
use crate::port::Span;
use crate::scenario::testing::{read, read_with};
use crate::scenario::{ACTS, Act, Expectation, Phases, When};

const HEAD: &str = "name = \"x\"\n";
const PHASES: &str = "[phases]\nsafety = \"2h\"\nliveness = \"30m\"\n";

/// The only mistake in a scenario with phases.
#[track_caller]
fn wrong(text: &str, message: &str, underlined: &str, label: &str) {
    whole(&format!("{HEAD}{PHASES}{text}"), message, underlined, label);
}

#[test]
fn both_phases_together_are_the_duration() {
    let scenario = read(&format!("{HEAD}{PHASES}")).unwrap();
    assert_eq!(scenario.duration, Span::from_secs(9_000));
    let (safety, liveness) = (Span::from_secs(7_200), Span::from_secs(1_800));
    assert_eq!(scenario.phases, Some(Phases { safety, liveness }));
    assert_eq!(read("name = \"x\"\nduration = \"1h\"").unwrap().phases, None);
}

#[test]
fn phases_and_a_duration_are_contradictory_and_one_of_them_is_needed() {
    let both = format!("{HEAD}duration = \"1h\"\n{PHASES}");
    whole(&both, "contradictory", "duration", "remove one of them");
    whole(HEAD, "has no `duration`", "", "missing");
    whole(&format!("{HEAD}[phases]\nsafety = \"1h\""), "no `liveness`", "[phases]", "missing");
    wrong("liveliness = \"1h\"", "no key `liveliness`", "liveliness", "`liveness`?");
    whole(&format!("{HEAD}phases = 3"), "expected [phases]", "3", "table");
    whole(
        &format!("{HEAD}[phases]\nsafety = \"0s\"\nliveness = \"1s\""),
        "longer than zero",
        "\"0s\"",
        "",
    );
}

#[test]
fn phases_are_set_from_outside_and_a_duration_is_not() {
    let text = format!("{HEAD}{PHASES}");
    let scenario = read_with(&text, &[("phases.safety", "1h"), ("phases.liveness", "1m")]).unwrap();
    assert_eq!(scenario.duration, Span::from_secs(3_660));
    for (text, key, value, message) in [
        (text.as_str(), "duration", "1h", "contradictory"),
        (&text, "phases.safty", "1h", "did you mean `safety`?"),
        (&text, "phases.safety", "1", "no unit"),
        (&text, "phases", "1h", "`phases.safety`"),
        ("name = \"x\"\nduration = \"1h\"", "phases.safety", "1h", "has no `[phases]`"),
    ] {
        let errors = read_with(text, &[(key, value)]).unwrap_err();
        assert_eq!(errors.len(), 1, "{errors:#?}");
        assert!(errors[0].message.contains(message), "{errors:#?}");
    }
}

#[test]
fn a_fault_cannot_begin_when_everything_has_healed() {
    let fault = |when: &str| format!("[[step]]\n{when}\ndo = \"server.drop\"");
    let message = "faults end when the safety phase ends at 2h";
    wrong(&fault("at = \"2h\""), message, "\"2h\"", "`server.drop` is a fault");
    wrong(&fault("every = \"1m\"\nfrom = \"2h 5m\""), message, "\"2h 5m\"", "never act");
    wrong(&fault("every = \"2h 5m\""), message, "\"2h 5m\"", "never act");
    wrong(
        &fault("after = \"phase name=liveness\""),
        message,
        "\"phase name=liveness\"",
        "never act",
    );
    for text in [
        fault("at = \"119m\""),
        fault("after = \"client.connected\""),
        "[[step]]\nat = \"2h 10m\"\ndo = \"user.background\"".to_owned(),
        "[[step]]\nat = \"2h 10m\"\ndo = \"network.airplane\"\non = false".to_owned(),
        "[[step]]\nafter = \"phase name=liveness\"\ndo = \"server.push\"\npush = \"p\"".to_owned(),
    ] {
        let text = format!("{HEAD}{PHASES}{text}");
        assert!(read(&text).is_ok(), "{text}\n{:#?}", read(&text).err());
    }
}

#[test]
fn a_fault_that_comes_again_and_again_ends_with_the_safety_phase() {
    let until = |text: &str| {
        let text = format!("{HEAD}{PHASES}[[step]]\nevery = \"10m\"\n{text}");
        let When::Every { until, .. } = read(&text).unwrap().steps[0].when else {
            panic!("{text}")
        };
        until.map(crate::port::Time::elapsed)
    };
    let fault = "do = \"server.drop\"";
    assert_eq!(until(fault), Some(Span::from_secs(7_200)));
    assert_eq!(until(&format!("until = \"1h\"\n{fault}")), Some(Span::from_secs(3_600)));
    assert_eq!(until(&format!("until = \"2h 20m\"\n{fault}")), Some(Span::from_secs(7_200)));
    assert_eq!(until("do = \"server.push\"\npush = \"p\""), None);
}

#[test]
fn without_phases_nothing_converges_and_no_phase_begins() {
    mistake(
        "[[expect]]\nthat = \"converges\"\nwithin = \"5m\"",
        "this scenario has no `[phases]`",
        "\"converges\"",
        "needs",
    );
    mistake(
        "[[step]]\nafter = \"phase name=liveness\"\ndo = \"user.lock\"",
        "there is no event `phase`",
        "\"phase name=liveness\"",
        "cannot occur",
    );
    wrong("[[expect]]\nthat = \"converges\"", "has no `within`", "[[expect]]", "missing");
    let text = format!("{HEAD}{PHASES}[[expect]]\nthat = \"converges\"\nwithin = \"10m 8s\"");
    let scenario = read(&text).unwrap();
    let within = Span::from_secs(608);
    assert_eq!(scenario.expects[0].that, Expectation::Converges { within });
    assert_eq!(scenario.expects[0].text, "converges within 10m 8s");
}

/// What is no fault, whatever its arguments.
const NO_FAULTS: &[&str] = &[
    "user.background",
    "user.foreground",
    "user.lock",
    "user.unlock",
    "user.notifications",
    "user.low-power",
    "user.set-clock",
    "phone.charger",
    "phone.screen",
    "phone.activity",
    "phone.memory-pressure",
    "server.push",
    "server.cancel",
    "app.audio",
];

#[test]
fn an_act_is_a_fault_while_it_breaks_something_and_not_when_it_ends_that() {
    let act = |text: &str| -> Act {
        let sent = step("do = \"server.push\"\npush = \"x\"\n");
        let text = format!("name = \"x\"\nduration = \"1h\"\n{sent}{}", step(text));
        read(&text).unwrap_or_else(|errors| panic!("{text}\n{errors:#?}")).steps[1].act
    };
    for row in ACTS {
        let args: String = row
            .args
            .iter()
            .filter(|key| key.need == crate::scenario::Need::Required && key.name != "on")
            .map(|key| match key.kind.choices {
                [] if key.name == "push" && row.name == "server.cancel" => {
                    "push = \"x\"\n".to_owned()
                }
                [] => format!("{} = {}\n", key.name, key.kind.example),
                [first, ..] => format!("{} = \"{first}\"\n", key.name),
            })
            .collect();
        let with = |on: &str| act(&format!("do = \"{}\"\n{args}{on}", row.name)).is_fault();
        let switched = row.args.iter().any(|key| key.name == "on");
        let expected = !NO_FAULTS.contains(&row.name);
        if switched && expected {
            assert_ne!(with("on = true\n"), with("on = false\n"), "{}", row.name);
        } else {
            let on = if switched { "on = true\n" } else { "" };
            assert_eq!(with(on), expected, "{}", row.name);
        }
    }
    assert!(act("do = \"phone.memory-pressure\"\ncritical = true").is_fault());
    assert!(act("do = \"network.internet\"\non = false").is_fault());
}
