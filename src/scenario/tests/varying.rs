//! Steps whose times vary: what they mean, and where they have to lie.

use super::check::{HEAD, mistake};
use crate::port::{Span, Time};
use crate::scenario::testing::read;
use crate::scenario::{Act, Gap, Step, When};
use crate::settings::{Dist, Setting};

fn step(text: &str) -> Step {
    let scenario = read(&format!("{HEAD}[[step]]\n{text}"));
    scenario.unwrap_or_else(|errors| panic!("{text}\n{errors:#?}")).steps.remove(0)
}

#[test]
fn a_time_may_be_a_distribution() {
    let uniform = Dist::Uniform(Span::from_secs(60), Span::from_secs(120));
    let at = step("at = \"uniform(1m, 2m)\"\ndo = \"user.lock\"");
    assert_eq!(at.when, When::At(uniform.clone()));
    let every = step(
        "every = \"uniform(1m, 2m)\"\nfrom = \"exponential(5m)\"\nuntil = \"30m\"\ndo = \"user.lock\"",
    );
    let until = Some(Time::from_micros(1_800_000_000));
    let from = Some(Dist::Exponential { mean: Span::from_secs(300) });
    assert_eq!(every.when, When::Every { period: Gap(uniform.clone()), from, until });
    let after = step("after = { event = \"kill\", by = \"uniform(1m, 2m)\" }\ndo = \"user.lock\"");
    let When::After { by, .. } = &after.when else { panic!("{after:?}") };
    assert_eq!(by, &uniform);
    assert!(at.varies() && every.varies() && after.varies());
    assert!(!step("at = \"1m\"\ndo = \"user.lock\"").varies());
}

#[test]
fn how_long_an_act_lasts_may_be_a_distribution() {
    let half = Span::from_secs(90);
    for (text, act) in [
        ("do = \"network.silence\"", Act::NetworkSilence { on: true, lasts: Some(half) }),
        ("do = \"server.media\"", Act::ServerMedia { on: true, lasts: Some(half) }),
        ("do = \"app.hang\"", Act::AppHang { lasts: half }),
    ] {
        let step = step(&format!("at = \"1m\"\n{text}\nlasts = \"uniform(1m, 2m)\""));
        assert_eq!(step.act, act);
        assert_eq!(step.lasts.map(|lasts| lasts.show()).as_deref(), Some("uniform(1m, 2m)"));
        assert_ne!(act.lasting(Span::from_secs(100)), act);
    }
    let restart = step("at = \"1m\"\ndo = \"server.restart\"\ndown-for = \"exponential(1m)\"");
    assert_eq!(restart.lasts, Some(Dist::Exponential { mean: Span::from_secs(60) }));
    assert_eq!(step("at = \"1m\"\ndo = \"server.restart\"").lasts, None);
}

#[test]
fn a_time_that_the_run_does_not_reach_is_a_mistake_early_or_late() {
    let at = |at: &str| format!("[[step]]\nat = \"{at}\"\ndo = \"user.lock\"");
    mistake(
        &at("uniform(2h, 3h)"),
        "`at` is 2h at the earliest, and the run ends after 1h",
        "\"uniform(2h, 3h)\"",
        "never reached",
    );
    mistake(
        &at("choice(1m, 2h)"),
        "`at` is 2h at the latest, and the run ends after 1h",
        "\"choice(1m, 2h)\"",
        "not always",
    );
    mistake(&at("normal(2h, 1s)"), "at the earliest", "\"normal(2h, 1s)\"", "never reached");
    mistake(&at("uniform(2h, 1h)"), "the smaller one", "\"uniform(2h, 1h)\"", "distribution");
    // The end of a uniform distribution is not one of its values, and others have no end.
    for text in ["uniform(0s, 1h)", "exponential(2h)", "normal(1h, 10m)", "lognormal(1h, 3h)"] {
        assert!(read(&format!("{HEAD}{}", at(text))).is_ok(), "{text}");
    }
    let every = |text: &str| format!("[[step]]\n{text}\ndo = \"user.lock\"");
    mistake(
        &every("every = \"1m\"\nfrom = \"uniform(1m, 2h)\""),
        "`from` is 1h 59m 59s at the latest",
        "\"uniform(1m, 2h)\"",
        "",
    );
    mistake(
        &every("every = \"uniform(2h, 3h)\""),
        "`every` is 2h at the earliest",
        "\"uniform(2h, 3h)\"",
        "",
    );
    mistake(
        &every("every = \"uniform(10m, 20m)\"\nuntil = \"10m\""),
        "never acts: it begins at 10m",
        "\"10m\"",
        "later than 10m",
    );
    mistake(
        "[[step]]\nafter = { event = \"kill\", by = \"uniform(2h, 3h)\" }\ndo = \"user.lock\"",
        "`by` is 2h at the earliest",
        "\"uniform(2h, 3h)\"",
        "",
    );
}

#[test]
fn time_goes_on_between_two_acts() {
    let every = |text: &str| format!("[[step]]\nevery = \"{text}\"\ndo = \"user.lock\"");
    for text in ["uniform(0s, 1m)", "choice(0s, 1m)"] {
        mistake(&every(text), "longer than zero", &format!("\"{text}\""), "above zero");
    }
    for text in ["exponential(1m)", "normal(1m, 1m)", "lognormal(1m, 1h)"] {
        let step = step(&every(text)["[[step]]\n".len()..]);
        let When::Every { period, .. } = &step.when else { panic!("{step:?}") };
        assert!(period.sample(0) >= Gap::SHORTEST, "{text}");
    }
    // As short as one likes, as long as it is said.
    assert_eq!(Gap(Dist::Constant(Span::TICK)).sample(0), Span::TICK);
}

#[test]
fn a_step_of_varying_gaps_acts_at_most_about_a_million_times() {
    for text in ["uniform(1us, 2us)", "exponential(1us)", "normal(0s, 1us)"] {
        let step = format!("[[step]]\nevery = \"{text}\"\ndo = \"user.lock\"");
        mistake(&step, "at most 1,000,000", &format!("\"{text}\""), "too often");
    }
}

#[test]
fn a_push_at_varying_times_has_members_without_number() {
    let expect = |push: &str| {
        format!(
            "{HEAD}[[step]]\nevery = \"exponential(10m)\"\ndo = \"server.push\"\npush = \"beat\"\n\
             [[expect]]\nthat = \"push-received\"\npush = \"{push}\""
        )
    };
    assert!(read(&expect("beat")).is_ok() && read(&expect("beat-70")).is_ok());
    assert!(read(&expect("bead-1")).is_err());
}
