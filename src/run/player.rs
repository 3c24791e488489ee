//! The loop: the next thing that is due, of the scenario or of the world, until the run is over.

use std::ops::RangeInclusive;
use std::sync::Arc;

use super::acts::act;
use super::agenda::{Agenda, Plan, Target};
use super::judge::Judge;
use super::luck::Luck;
use super::outcome::Outcome;
use super::setup::forgiven;
use super::triggers::Triggers;
use crate::metrics::Meter;
use crate::port::{App, Time};
use crate::scenario::{Act, Scenario, Step, When};
use crate::sim::{Setup, World};
use crate::trace::{Event, Observer};

/// Everybody who watches a run.
struct Watchers<'a, 's, O> {
    triggers: &'a mut Triggers<'s>,
    meter: &'a mut Meter,
    judge: &'a mut Judge<'s>,
    recorder: &'a mut O,
}

impl<O: Observer> Observer for Watchers<'_, '_, O> {
    #[inline]
    fn event(&mut self, event: &Event) {
        self.meter.event(event);
        if self.triggers.wait() {
            self.triggers.event(event);
        }
        if self.judge.watches() {
            self.judge.event(event);
        }
        self.recorder.event(event);
    }
}

/// Whom a step concerns: each device by itself where chance has a part in it.
fn targets(step: &Step, numbers: &RangeInclusive<u32>) -> Vec<Target> {
    match step.device {
        Some(device) => vec![Target::Device(device)],
        None if step.varies() && !step.act.server_wide() => {
            numbers.clone().map(Target::Device).collect()
        }
        None => vec![Target::All],
    }
}

/// Some devices of a scenario, being played.
pub(super) struct Player<'s, A> {
    scenario: &'s Scenario,
    world: World<A>,
    agenda: Agenda,
    luck: Luck,
    triggers: Triggers<'s>,
    meter: Meter,
    judge: Judge<'s>,
}

impl<'s, A: App> Player<'s, A> {
    pub(super) fn new(
        scenario: &'s Scenario,
        setup: Arc<Setup>,
        numbers: RangeInclusive<u32>,
        make: &impl Fn(u32) -> A,
    ) -> Player<'s, A> {
        let (first, luck) = (*numbers.start(), Luck::new(setup.seed));
        let devices = numbers.end() - first + 1;
        let mut agenda = Agenda::default();
        for (step, entry) in scenario.steps.iter().enumerate() {
            let member = u32::from(matches!(entry.when, When::Every { .. }));
            for target in targets(entry, &numbers) {
                if let Some(at) = luck.first(entry, step, target) {
                    agenda.plan(at, target, Plan::Step { step, member });
                }
            }
        }
        // A run without expectations on pushes keeps no record of those that are done.
        let keep_pushes = !scenario.expects.is_empty();
        Player {
            scenario,
            world: World::new(setup, numbers, make),
            agenda,
            luck,
            triggers: Triggers::new(scenario, luck, first, devices),
            meter: Meter::new(first, devices, forgiven(scenario), keep_pushes),
            judge: Judge::new(scenario, first, devices),
        }
    }

    /// Plays to the end.
    pub(super) fn play<O: Observer>(mut self, recorder: &mut O) -> Outcome {
        let end = super::end_of(self.scenario);
        let Player { world, triggers, meter, judge, .. } = &mut self;
        world.start(&mut Watchers { triggers, meter, judge, recorder: &mut *recorder });
        loop {
            self.plan_triggered();
            let now = self.agenda.deadline().min(self.world.deadline());
            if now >= end {
                break;
            }
            if self.agenda.deadline() <= now {
                while let Some((target, plan)) = self.agenda.take(now) {
                    self.carry_out(plan, target, now, recorder);
                }
            }
            let Player { world, triggers, meter, judge, .. } = &mut self;
            world.advance(now, &mut Watchers { triggers, meter, judge, recorder: &mut *recorder });
        }
        let Player { scenario, world, mut meter, judge, .. } = self;
        meter.finish(end, world.devices().iter().map(|device| device.radio_energy(end)));
        let judgements = judge.judge(&meter, end);
        let totals = meter.totals(scenario.duration, &scenario.platform.values);
        Outcome::of_part(totals, judgements)
    }

    fn plan_triggered(&mut self) {
        for (at, target, step) in self.triggers.ready.drain(..) {
            self.agenda.plan(at, target, Plan::Step { step, member: 0 });
        }
    }

    fn carry_out<O: Observer>(&mut self, plan: Plan, target: Target, now: Time, recorder: &mut O) {
        let Player { scenario, world, agenda, luck, triggers, meter, judge } = self;
        let (number, member) = match plan {
            Plan::Step { step, member } => (step, member),
            Plan::EndSilence { step } => (step, 0),
        };
        let step = &scenario.steps[number];
        let todo = match (plan, &step.lasts) {
            (Plan::Step { .. }, None) => step.act,
            (Plan::Step { .. }, Some(lasts)) => {
                step.act.lasting(luck.lasts(lasts, number, target, member))
            }
            (Plan::EndSilence { .. }, _) => Act::NetworkSilence { on: false, lasts: None },
        };
        if let Plan::Step { .. } = plan
            && let Some(gap) = luck.gap(step, number, target, member)
            && step.goes_on_at(now + gap)
        {
            agenda.plan(now + gap, target, Plan::Step { step: number, member: member + 1 });
        }
        if let Act::NetworkSilence { on: true, lasts: Some(lasts) } = todo {
            agenda.plan(now + lasts, target, Plan::EndSilence { step: number });
        }
        triggers.step_acted(number, target);
        let observer = &mut Watchers { triggers, meter, judge, recorder };
        act(world, (number, todo), member, target, now, observer);
    }
}
