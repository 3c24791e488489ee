//! A run that happened elsewhere, judged by the events that are known of it.

use std::iter::repeat_n;

use super::blur::{BlurredFrom, Blurs};
use super::judge::{Judge, Judgement, judge_metric};
use super::outcome::Outcome;
use super::settled::metric_settles;
use super::setup::forgiven;
use crate::metrics::{Meter, Totals};
use crate::scenario::{Expectation, Scenario};
use crate::trace::{Event, Observer};

/// Judges the events of a whole run of `scenario`, which are in order, by what it expects. Nobody measured the
/// energy of a radio: that counts as none.
pub fn judge_recorded(scenario: &Scenario, seed: u64, events: &[Event]) -> Outcome {
    judge_recorded_until(scenario, seed, events, &[])
}

/// The same of a run that is known only in part: from each of `blurred` on, which are in the order of time, what
/// happened on its device proves nothing. What was not settled by then is undetermined.
pub fn judge_recorded_until(
    scenario: &Scenario,
    seed: u64,
    events: &[Event],
    blurred: &[BlurredFrom],
) -> Outcome {
    let devices = scenario.devices;
    let end = super::end_of(scenario);
    let mut judge = Judge::new(scenario, 1, devices);
    let mut meter = Meter::new(1, devices, forgiven(scenario), !scenario.expects.is_empty());
    let mut blurs = Blurs::default();
    let mut least: Option<Totals> = None;
    let mut ahead = blurred.iter().peekable();
    let mut blur = |blur: &BlurredFrom, judge: &Judge<'_>, meter: &Meter| {
        blurs.add(blur.device, blur.at, blur.why, judge, meter);
        least.get_or_insert_with(|| {
            let mut known = meter.at_least(blur.at);
            known.finish(blur.at, repeat_n(0, devices as usize));
            known.totals(scenario.duration, &scenario.platform.values)
        });
    };
    for (place, event) in events.iter().take_while(|event| event.at < end).enumerate() {
        while let Some(next) = ahead.next_if(|next| next.events <= place) {
            blur(next, &judge, &meter);
        }
        meter.event(event);
        judge.event(event);
    }
    for next in ahead {
        blur(next, &judge, &meter);
    }
    meter.finish(end, repeat_n(0, devices as usize));
    let judgements = blurs.apply(judge.judge(&meter, end));
    let totals = meter.totals(scenario.duration, &scenario.platform.values);
    let mut outcome = Outcome { blurred: blurs.why(), ..Outcome::of_part(totals, judgements) };
    outcome.conclude(scenario, seed);
    if let Some(least) = least {
        for judgement in &mut outcome.judgements {
            if let Some(settled) = settled_metric(scenario, judgement, &least) {
                *judgement = settled;
            }
        }
        outcome.weigh(scenario);
    }
    outcome
}

/// What an expectation on a metric came to for good before nothing was known any more.
fn settled_metric(scenario: &Scenario, judgement: &Judgement, least: &Totals) -> Option<Judgement> {
    let expect = judgement.expect;
    let Expectation::Metric { metric, min, max } = scenario.expects.get(expect)?.that else {
        return None;
    };
    metric_settles(least, metric, min, max).then(|| judge_metric(expect, least, metric, min, max))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::port::{Span, Time};
    use crate::run::{Options, Verdict, play};
    use crate::scenario::{Presets, decode};
    use crate::trace::What;

    const TEXT: &str = r#"
        name = "two devices, one push"
        duration = "30m"
        devices = 2
        [[step]]
        at = "1m"
        do = "server.push"
        push = "early"
        [[step]]
        at = "2m"
        do = "phone.memory-kill"
        [[expect]]
        that = "push-received"
        push = "early"
        within = "5s"
        [[expect]]
        that = "event"
        event = "kill"
        count = 0
        [[expect]]
        that = "metric"
        metric = "kills"
        max = 0
        [[expect]]
        that = "metric"
        metric = "push.latency.max"
        max = "1s"
    "#;

    fn scenario() -> Scenario {
        decode(TEXT, &Presets::built_in(), &[]).unwrap()
    }

    fn events(scenario: &Scenario) -> Vec<Event> {
        play(scenario, Options { trace: true, ..Options::of(scenario) }).events.unwrap()
    }

    fn verdicts(outcome: &Outcome) -> Vec<Verdict> {
        outcome.judgements.iter().map(|judgement| judgement.verdict).collect()
    }

    #[test]
    fn a_recorded_run_comes_to_what_the_run_itself_came_to() {
        let scenario = scenario();
        let played = play(&scenario, Options { trace: true, ..Options::of(&scenario) });
        let judged = judge_recorded(&scenario, 1, played.events.as_deref().unwrap());
        assert_eq!(judged.judgements, played.judgements);
        assert_eq!(verdicts(&judged), [Verdict::Pass, Verdict::Fail, Verdict::Fail, Verdict::Pass]);
    }

    #[test]
    fn what_is_behind_the_end_of_the_run_does_not_count() {
        let scenario = scenario();
        let mut events = events(&scenario);
        events.retain(|event| !matches!(event.what, What::Kill { .. }));
        let what = What::Kill {
            code: crate::trace::KillCode::Jetsam,
            rule: crate::trace::KillRule::Memory,
        };
        let at = scenario.duration.from_start();
        events.push(Event { at, owner: 1, seq: 9_999, lane: what.lane(), what });
        assert_eq!(verdicts(&judge_recorded(&scenario, 1, &events))[1..3], [Verdict::Pass; 2]);
    }

    #[test]
    fn what_was_settled_before_a_run_is_unknown_stands_and_so_does_a_metric_that_only_grows() {
        let scenario = scenario();
        let events = events(&scenario);
        let cut = |secs| {
            let at: Time = Span::from_secs(secs).from_start();
            let known: Vec<Event> = events.iter().filter(|event| event.at < at).copied().collect();
            let blur = |device| BlurredFrom { device, at, events: known.len(), why: "cut" };
            let outcome = judge_recorded_until(&scenario, 1, &known, &[blur(1), blur(2)]);
            (outcome.verdict, verdicts(&outcome))
        };
        use Verdict::{Fail, Pass, Undetermined};
        assert_eq!(cut(90), (Undetermined, vec![Pass, Undetermined, Undetermined, Undetermined]));
        assert_eq!(cut(300), (Fail, vec![Pass, Fail, Fail, Undetermined]));
        assert_eq!(cut(0), (Undetermined, vec![Undetermined; 4]));
    }
}
