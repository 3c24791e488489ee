//! From some moment on a run does not show what a model or a phone would do: what an expectation had not
//! settled by then is undetermined.
//!
//! Over real sockets this is so where the answer lies with a kernel's own retransmission, which a proxy in user
//! space does not bring about and whose timers do not scale.

use super::judge::{Judge, Judgement, Verdict};
use super::settled::settles;
use crate::metrics::Meter;
use crate::port::Time;

/// From some moment on a device's run proves nothing.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub struct BlurredFrom {
    /// Which device.
    pub device: u32,
    /// From when on.
    pub at: Time,
    /// How many events there were before, of all devices.
    pub events: usize,
    /// Because of what.
    pub why: &'static str,
}

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
        let settled = (0..judge.scenario().expects.len()).map(|expect| {
            let of = |found: &&(u32, Judgement)| found.0 == device && found.1.expect == expect;
            let (_, judgement) = judgements.iter().find(of)?;
            settles(judgement, judge, meter, device, at).then(|| judgement.clone())
        });
        let settled = settled.collect();
        self.found.push(Blur { device, at, why, settled });
    }

    /// The judgements of a whole run, where what was not settled before a blur is undetermined.
    pub(super) fn apply(&self, judgements: Vec<(u32, Judgement)>) -> Vec<Judgement> {
        let sharp = |(device, judgement)| self.blurred(device, &judgement).unwrap_or(judgement);
        judgements.into_iter().map(sharp).collect()
    }

    /// What is left of a judgement that a blur concerns.
    pub(super) fn blurred(&self, device: u32, judgement: &Judgement) -> Option<Judgement> {
        // What speaks of several devices together is blurred by any of them.
        let concerns = |blur: &&Blur| device == 0 || blur.device == device;
        let blur = self.found.iter().find(concerns)?;
        Some(match blur.settled.get(judgement.expect).cloned().flatten() {
            Some(settled) => settled,
            None => Judgement {
                expect: judgement.expect,
                verdict: Verdict::Undetermined,
                found: format!("{}, from {} on", blur.why, blur.at),
                look_at: Some((blur.at, blur.device)),
            },
        })
    }

    /// Why what all devices measured together proves nothing, if it does not.
    pub(super) fn why(&self) -> Option<&'static str> {
        self.found.first().map(|blur| blur.why)
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
