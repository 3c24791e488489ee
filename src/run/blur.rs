//! From some moment on a run does not show what a model or a phone would do: what an expectation had not
//! settled by then is undetermined.
//!
//! Over real sockets this is so where the answer lies with a kernel's own retransmission, which a proxy in user
//! space does not bring about and whose timers do not scale.

#[cfg(feature = "live")]
use super::judge::Judge;
use super::judge::{Judgement, Verdict};
use crate::metrics::{Meter, PushRecord};
use crate::port::{PushId, Span, Time};
use crate::scenario::Expectation;

/// What one device's run had settled when it became blurred.
#[derive(Clone, Debug)]
pub(super) struct Blur {
    device: u32,
    at: Time,
    why: &'static str,
    /// By expectation: what became of it, if nothing later can change that.
    settled: Vec<Option<Judgement>>,
}

/// The first blur of each device.
#[derive(Clone, Default, Debug)]
pub(super) struct Blurs {
    found: Vec<Blur>,
}

impl Blurs {
    #[cfg(feature = "live")]
    /// From `at` on what happens on `device` proves nothing, because of `why`.
    pub(super) fn add(
        &mut self,
        device: u32,
        at: Time,
        why: &'static str,
        judge: &Judge<'_>,
        meter: &Meter,
    ) {
        if self.found.iter().any(|blur| blur.device == device) {
            return;
        }
        let judgements = judge.judge(meter, at);
        let settled = judge.scenario().expects.iter().enumerate().map(|(expect, entry)| {
            let of = |found: &&(u32, Judgement)| found.0 == device && found.1.expect == expect;
            let (_, judgement) = judgements.iter().find(of)?;
            settles(&entry.that, judgement.verdict, meter, device, at).then(|| judgement.clone())
        });
        let settled = settled.collect();
        self.found.push(Blur { device, at, why, settled });
    }

    /// The judgements of a whole run, where what was not settled before a blur is undetermined.
    pub(super) fn apply(&self, judgements: Vec<(u32, Judgement)>) -> Vec<Judgement> {
        let sharp = |(device, judgement): (u32, Judgement)| {
            // What speaks of several devices together is blurred by any of them.
            let concerns = |blur: &&Blur| device == 0 || blur.device == device;
            let Some(blur) = self.found.iter().find(concerns) else { return judgement };
            match blur.settled.get(judgement.expect).cloned().flatten() {
                Some(settled) => settled,
                None => Judgement {
                    expect: judgement.expect,
                    verdict: Verdict::Undetermined,
                    found: format!("{}, from {} on", blur.why, blur.at),
                    look_at: Some((blur.at, blur.device)),
                },
            }
        };
        judgements.into_iter().map(sharp).collect()
    }

    /// Why what all devices measured together proves nothing, if it does not.
    pub(super) fn why(&self) -> Option<&'static str> {
        self.found.first().map(|blur| blur.why)
    }
}

/// Whether nothing later can change `verdict`, which the run up to `at` gave.
pub(super) fn settles(
    that: &Expectation,
    verdict: Verdict,
    meter: &Meter,
    device: u32,
    at: Time,
) -> bool {
    let known = |push: PushId, within: Option<Span>, arrived: fn(&PushRecord) -> Option<Time>| {
        let records = meter.pushes(device).into_iter().flatten();
        let mut sent = records.filter(|(id, _)| id.name == push.name).peekable();
        sent.peek().is_some()
            && sent.all(|(id, record)| {
                // Of a series, more may be sent later.
                let single = id.member == push.member;
                let over = |accepted| within.is_some_and(|within| accepted + within < at);
                single && (arrived(record).is_some() || record.accepted.is_none_or(over))
            })
    };
    match that {
        Expectation::PushReceived { push, within } | Expectation::PushLost { push, within } => {
            known(*push, *within, |record| record.received)
        }
        Expectation::PushNotified { push, within } => {
            known(*push, *within, |record| record.notified)
        }
        Expectation::Event { min, max, until, .. } => {
            until.is_some_and(|until| until <= at)
                || match verdict {
                    Verdict::Pass => max.is_none(),
                    // It was not too few, so it was too many.
                    Verdict::Fail => *min == 0,
                    Verdict::Undetermined => false,
                }
        }
        Expectation::Order { .. } => verdict == Verdict::Pass,
        Expectation::Metric { .. } | Expectation::Converges { .. } => false,
    }
}

#[cfg(all(test, feature = "live"))]
mod tests {
    use std::sync::Arc;

    use crate::client::Client;
    use crate::port::{Span, Time};
    use crate::run::{Outcome, Player, Verdict, setup};
    use crate::scenario::{Presets, decode};
    use crate::sim::World;

    const TEXT: &str = r#"
        name = "blurred"
        duration = "30m"
        [[step]]
        at = "1m"
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
        event = "client.connected"
        [[expect]]
        that = "event"
        event = "kill"
        count = 0
        [[expect]]
        that = "event"
        event = "server.push-sent push=early"
        count = 0
        [[expect]]
        that = "metric"
        metric = "kills"
        max = 0
    "#;

    /// The run in the simulator, blurred at `at`.
    fn blurred(at: Option<Time>) -> Outcome {
        let scenario = decode(TEXT, &Presets::built_in(), &[]).unwrap();
        let strategy = Arc::new(scenario.client.values.clone());
        let make = |device| Client::new(Arc::clone(&strategy), device);
        let world = World::new(Arc::new(setup(&scenario, 1)), 1..=1, make);
        let mut player = Player::new(&scenario, 1, 1..=1, world);
        player.start(&mut ());
        let mut left = at;
        loop {
            let now = player.due();
            if let Some(at) = left.take_if(|at| *at <= now) {
                player.blur(1, at, "nobody knows");
            }
            if now >= player.end() {
                break;
            }
            player.step(now, &mut ());
        }
        let mut outcome = player.finish();
        outcome.conclude(&scenario, 1);
        outcome
    }

    fn verdicts(outcome: &Outcome) -> Vec<Verdict> {
        outcome.judgements.iter().map(|judgement| judgement.verdict).collect()
    }

    use Verdict::{Fail, Pass, Undetermined};

    #[test]
    fn what_was_settled_before_a_blur_stands_and_the_rest_is_undetermined() {
        assert_eq!(verdicts(&blurred(None)), [Pass, Pass, Pass, Pass, Fail, Pass]);
        let outcome = blurred(Some(Span::from_secs(600).from_start()));
        // What has happened once too often stays so; what must never happen may still happen.
        let expected = [Pass, Undetermined, Pass, Undetermined, Fail, Undetermined];
        assert_eq!(verdicts(&outcome), expected);
        assert_eq!(outcome.judgements[1].found, "nobody knows, from 00:10:00.000 on");
    }

    #[test]
    fn a_push_is_settled_when_it_arrived_or_its_time_is_over() {
        let at = |secs| Span::from_secs(secs).from_start();
        assert_eq!(verdicts(&blurred(Some(at(1_199))))[1], Undetermined, "it was not sent yet");
        assert_eq!(verdicts(&blurred(Some(at(1_201))))[1], Pass);
    }
}
