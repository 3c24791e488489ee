//! Runs on a phone, judged: never otherwise than the simulator judges the same run, and never by what nobody knows.

use std::collections::BTreeMap;

use holdline::device::host::{
    Collected, Exchange, Judged, Knowledge, Known, PhoneLine, PhoneLog, Undone, conclude,
};
use holdline::device::protocol::Clocks;
use holdline::metrics::Metric;
use holdline::port::{PushId, Span, Time};
use holdline::run::{Options, Verdict, header, judge_recorded, play};
use holdline::scenario::{Expectation, Presets, Scenario, decode};
use holdline::trace::{Event, Record, What};

use super::library::everything;
use super::phone::told;
use super::traced;

/// How far the phone's clock is ahead of the host's.
const AHEAD: u64 = 1_234_567;

/// What a run on a phone leaves of what both sides know.
fn left(scenario: &Scenario, known: &[Known]) -> Collected {
    let end = scenario.duration.from_start();
    let (mut host, mut lines, mut exchanges) = (Vec::new(), Vec::new(), Vec::new());
    for known in known {
        let Some(line) = known.line else {
            host.push(known.event);
            continue;
        };
        let phone = known.event.at.as_micros() + AHEAD;
        let at = Time::from_micros(phone);
        let record = Record::of(&Event { at, ..known.event }, &scenario.names);
        let uptime = known.uptime.map(|uptime| uptime + AHEAD);
        lines.push(PhoneLine { record, uptime, wall: i64::try_from(phone).ok() });
        if line % 40 == 0 {
            // Asked 2 ms before and heard 3 ms later.
            let asked = known.event.at.as_micros().saturating_sub(2_000);
            exchanges.push(Exchange {
                sent: Time::from_micros(asked),
                received: known.event.at + Span::from_millis(3),
                phone: Clocks { continuous: phone, uptime: phone, wall: phone.cast_signed() },
            });
        }
    }
    let header = header(scenario, scenario.seed);
    let log = PhoneLog { header, about: None, run: None, lines, holes: Vec::new() };
    Collected {
        host,
        phone: Some(log),
        warnings: Vec::new(),
        exchanges,
        deaths: Vec::new(),
        speed: 1,
        undone: Vec::new(),
        ended: end,
        fetched: Some(end),
        alive: None,
    }
}

fn collected(scenario: &Scenario) -> Collected {
    left(scenario, &told(scenario, &traced(scenario)))
}

fn verdicts(judged: &Judged) -> Vec<Verdict> {
    judged.outcome.judgements.iter().map(|judgement| judgement.verdict).collect()
}

/// Whether a metric takes what the stage alone knows.
fn takes_energy(expectation: &Expectation) -> bool {
    matches!(
        expectation,
        Expectation::Metric { metric: Metric::EnergyRadio | Metric::BatteryPerDay, .. }
    )
}

#[test]
fn a_recorded_run_of_every_scenario_is_judged_as_the_run_itself() {
    for (path, scenario) in everything() {
        let options = Options { trace: true, ..Options::of(&scenario) };
        let played = play(&scenario, options);
        let judged = judge_recorded(&scenario, scenario.seed, played.events.as_ref().unwrap());
        for (mine, theirs) in judged.judgements.iter().zip(&played.judgements) {
            if !takes_energy(&scenario.expects[mine.expect].that) {
                assert_eq!(mine, theirs, "{}", path.display());
            }
        }
        assert_eq!(judged.judgements.len(), played.judgements.len());
        for metric in Metric::ALL {
            if !matches!(metric, Metric::EnergyRadio | Metric::BatteryPerDay) {
                let (mine, theirs) = (judged.totals.value(*metric), played.totals.value(*metric));
                assert_eq!(mine, theirs, "{} {metric}", path.display());
            }
        }
    }
}

#[test]
fn a_run_on_a_phone_is_judged_as_in_the_simulator_or_not_at_all() {
    let mut tally: BTreeMap<(&str, Verdict), usize> = BTreeMap::new();
    for (path, scenario) in everything() {
        if scenario.devices != 1 {
            continue;
        }
        let simulated = play(&scenario, Options::of(&scenario));
        let judged = conclude(&scenario, scenario.seed, &collected(&scenario));
        assert_eq!(judged.known.len(), scenario.expects.len());
        for (mine, theirs) in judged.outcome.judgements.iter().zip(&simulated.judgements) {
            let entry = &scenario.expects[mine.expect];
            assert!(
                mine.verdict == Verdict::Undetermined || mine.verdict == theirs.verdict,
                "{}: {} is {} on the phone ({}) and {} in the simulator ({})",
                path.display(),
                entry.text,
                mine.verdict,
                mine.found,
                theirs.verdict,
                theirs.found,
            );
            let known = match &judged.known[mine.expect] {
                Knowledge::Observed => "observed",
                Knowledge::Inferred { .. } => "inferred",
                Knowledge::Unknowable { .. } => "unknowable",
            };
            *tally.entry((known, mine.verdict)).or_default() += 1;
        }
    }
    // What is observed or inferred is mostly judged, and what is not knowable never.
    let of = |known, verdict| tally.get(&(known, verdict)).copied().unwrap_or_default();
    assert!(of("observed", Pass) > 10 * of("observed", Undetermined), "{tally:?}");
    assert!(of("inferred", Pass) > 2 * of("inferred", Undetermined), "{tally:?}");
    assert_eq!(of("unknowable", Pass) + of("unknowable", Fail), 0, "{tally:?}");
}

/// The expectation turned so that it cannot be met, where there is a simple way.
fn turned(expectation: &Expectation) -> Option<Expectation> {
    Some(match expectation {
        Expectation::PushReceived { push, within } => {
            Expectation::PushLost { push: *push, within: *within }
        }
        Expectation::PushLost { push, within } => {
            Expectation::PushReceived { push: *push, within: *within }
        }
        Expectation::Event { event, from, until, .. } => Expectation::Event {
            event: event.clone(),
            min: 1_000_000,
            max: None,
            from: *from,
            until: *until,
        },
        Expectation::PushNotified { .. }
        | Expectation::Order { .. }
        | Expectation::Metric { .. }
        | Expectation::Converges { .. } => return None,
    })
}

#[test]
fn what_cannot_be_met_never_passes() {
    let mut failed = 0;
    for (path, mut scenario) in everything().into_iter().filter(|(_, s)| s.devices == 1) {
        let run = collected(&scenario);
        scenario.expects.retain_mut(|entry| match turned(&entry.that) {
            Some(that) => {
                entry.that = that;
                true
            }
            None => false,
        });
        let simulated = play(&scenario, Options::of(&scenario));
        let judged = conclude(&scenario, scenario.seed, &run);
        for (mine, theirs) in judged.outcome.judgements.iter().zip(&simulated.judgements) {
            let same = mine.verdict == Verdict::Undetermined || mine.verdict == theirs.verdict;
            assert!(same, "{}: {mine:?} {theirs:?}", path.display());
            failed += usize::from(mine.verdict == Verdict::Fail);
        }
    }
    assert!(failed > 100, "{failed}");
}

const TEXT: &str = r#"
    name = "two pushes"
    duration = "30m"
    [[step]]
    at = "1m"
    do = "user.lock"
    [[step]]
    at = "2m"
    do = "server.push"
    push = "early"
    [[step]]
    at = "20m"
    do = "server.push"
    push = "late"
    [[expect]]
    that = "push-received"
    push = "early"
    within = "5s"
    [[expect]]
    that = "push-received"
    push = "late"
    within = "5s"
    [[expect]]
    that = "event"
    event = "kill"
    count = 0
    [[expect]]
    that = "event"
    event = "push-received push=early"
    count = 0
    [[expect]]
    that = "event"
    event = "server.push-accepted push=late"
    [[expect]]
    that = "event"
    event = "connection-dead"
    count = 0
    [[expect]]
    that = "metric"
    metric = "wakes"
    min = 2
"#;

fn scenario(text: &str) -> Scenario {
    decode(text, &Presets::built_in(), &[]).unwrap()
}

use Verdict::{Fail, Pass, Undetermined};

#[test]
fn a_whole_run_is_judged_and_what_nobody_can_know_is_not() {
    let scenario = scenario(TEXT);
    let judged = conclude(&scenario, 1, &collected(&scenario));
    assert_eq!(verdicts(&judged), [Pass, Pass, Pass, Fail, Pass, Undetermined, Pass]);
    assert!(judged.notes.is_empty(), "{:?}", judged.notes);
    let wakes = |event: &&Event| matches!(event.what, What::Wake { .. });
    let inferred = judged.inferred.iter().map(|place| &judged.events[*place]).filter(wakes).count();
    // The last one is by the user, for the log.
    assert_eq!(inferred, traced(&scenario).iter().filter(wakes).count() + 1);
    assert!(judged.offset.unwrap().low <= -1_234_567 && judged.offset.unwrap().high >= -1_234_567);
}

#[test]
fn without_a_phone_s_log_nothing_passes() {
    let scenario = scenario(TEXT);
    for phone in [None, Some(Vec::new())] {
        let mut run = collected(&scenario);
        run.phone = run.phone.and_then(|log| phone.map(|lines| PhoneLog { lines, ..log }));
        let judged = conclude(&scenario, 1, &run);
        assert_eq!(verdicts(&judged), [Undetermined; 7]);
        assert_eq!(judged.outcome.verdict, Undetermined);
    }
}

#[test]
fn behind_the_cut_of_a_log_nothing_is_known_and_what_failed_before_stays_failed() {
    let scenario = scenario(TEXT);
    let mut run = collected(&scenario);
    let log = run.phone.as_mut().unwrap();
    let cut = Span::from_secs(600).from_start();
    log.lines.retain(|line| line.record.at < cut);
    run.fetched = None;
    run.exchanges.retain(|exchange| exchange.received < cut);
    let judged = conclude(&scenario, 1, &run);
    let expected = [Pass, Undetermined, Undetermined, Fail, Pass, Undetermined, Undetermined];
    assert_eq!(verdicts(&judged), expected);
    assert_eq!(judged.outcome.verdict, Fail);
}

#[test]
fn a_line_that_cannot_be_read_leaves_a_hole_in_what_is_known() {
    let scenario = scenario(TEXT);
    let mut run = collected(&scenario);
    let log = run.phone.as_mut().unwrap();
    let late = Span::from_secs(600).from_start();
    log.holes = vec![log.lines.iter().position(|line| line.record.at > late).unwrap()];
    let judged = conclude(&scenario, 1, &run);
    assert_eq!(verdicts(&judged)[..4], [Pass, Undetermined, Undetermined, Fail]);
}

#[test]
fn behind_a_step_that_was_not_done_nothing_is_judged() {
    let scenario = scenario(TEXT);
    let mut run = collected(&scenario);
    let at = Span::from_secs(600).from_start();
    run.undone = vec![Undone { step: 0, at, why: "nobody locked it".into() }];
    let judged = conclude(&scenario, 1, &run);
    let expected =
        [Pass, Undetermined, Undetermined, Fail, Undetermined, Undetermined, Undetermined];
    assert_eq!(verdicts(&judged), expected);
    assert!(judged.notes[0].contains("step 1 was not done"), "{:?}", judged.notes);
}

#[test]
fn a_run_that_was_ended_early_is_judged_as_far_as_it_went() {
    let scenario = scenario(TEXT);
    let mut run = collected(&scenario);
    run.ended = Span::from_secs(600).from_start();
    assert_eq!(verdicts(&conclude(&scenario, 1, &run))[..3], [Pass, Undetermined, Undetermined]);
}

#[test]
fn a_push_that_the_server_has_an_answer_to_and_the_log_does_not_know_makes_the_log_doubtful() {
    let scenario = scenario(TEXT);
    let mut run = collected(&scenario);
    let late = PushId { name: 1, member: 0 };
    let log = run.phone.as_mut().unwrap();
    let names = scenario.names.push(late);
    log.lines.retain(|line| {
        line.record.field("push").and_then(|push| push.text()) != Some(names.as_str())
    });
    // Without the answer it was not received; with it, it was, and the log does not say so.
    assert_eq!(verdicts(&conclude(&scenario, 1, &run))[1], Undetermined);
    run.host.retain(|event| event.what != What::PushAcknowledged { push: late });
    assert_eq!(verdicts(&conclude(&scenario, 1, &run))[1], Fail);
}

#[test]
fn whether_a_push_came_in_time_is_not_judged_where_the_clocks_do_not_tell() {
    let text = TEXT.replacen("5s", "60ms", 1);
    let scenario = scenario(&text);
    let mut run = collected(&scenario);
    let sharp = verdicts(&conclude(&scenario, 1, &run))[0];
    assert_ne!(sharp, Undetermined);
    // The phone answered within two seconds, and no message narrows that down.
    run.exchanges.truncate(1);
    run.exchanges[0].sent = Time::ZERO;
    run.exchanges[0].received += Span::from_secs(2);
    run.host.retain(|event| {
        !matches!(event.what, What::PushSent { .. } | What::PushAcknowledged { .. })
            && !matches!(event.what, What::SessionOpened { .. })
            && !matches!(event.what, What::ServerPing { .. } | What::ServerPong { .. })
    });
    let judged = conclude(&scenario, 1, &run);
    assert_eq!(verdicts(&judged)[0], Undetermined);
    assert!(
        judged.outcome.judgements[0].found.contains("clocks"),
        "{:?}",
        judged.outcome.judgements[0]
    );
}

const KILLED: &str = r#"
    name = "too many wakes"
    duration = "10m"
    [[step]]
    at = "10s"
    do = "user.lock"
    [[step]]
    every = "12s"
    from = "1m"
    do = "server.push"
    push = "beat"
    [[expect]]
    that = "event"
    event = "kill"
    [[expect]]
    that = "event"
    event = "kill code=0xbad22222"
    [[expect]]
    that = "metric"
    metric = "kills"
    max = 0
"#;

#[test]
fn that_a_process_was_ended_is_judged_and_by_which_rule_only_where_a_report_says_so() {
    let scenario = scenario(KILLED);
    let events = traced(&scenario);
    let killed = events.iter().find(|event| matches!(event.what, What::Kill { .. })).unwrap();
    let mut run = collected(&scenario);
    let judged = conclude(&scenario, 1, &run);
    assert_eq!(verdicts(&judged), [Pass, Undetermined, Fail]);
    assert!(judged.events.iter().any(|event| matches!(event.what, What::ProcessGone {})));
    assert!(!judged.events.iter().any(|event| matches!(event.what, What::Kill { .. })));
    let how = holdline::device::host::DeathKind::Reported("Exception Codes: 0xBAD22222".into());
    run.deaths = vec![holdline::device::host::Death { at: killed.at + Span::from_millis(5), how }];
    assert_eq!(verdicts(&conclude(&scenario, 1, &run)), [Pass, Pass, Fail]);
}

#[test]
fn an_app_that_is_not_heard_of_again_may_have_been_ended() {
    let scenario = scenario(TEXT);
    let mut run = collected(&scenario);
    let end = scenario.duration.from_start();
    run.phone.as_mut().unwrap().lines.retain(|line| line.record.at < end);
    let kills = |run: &Collected| verdicts(&conclude(&scenario, 1, run))[2];
    assert_eq!(kills(&run), Undetermined);
    run.alive = Some(end);
    assert_eq!(kills(&run), Pass);
}
