//! The loop: the next thing that is due, of the scenario or of the world, until the run is over.

use std::ops::RangeInclusive;

use super::agenda::{Agenda, Plan, Target};
use super::blur::Blurs;
use super::judge::Judge;
use super::luck::Luck;
use super::outcome::Outcome;
use super::setup::forgiven;
use super::stage::{Stage, Todo};
use super::triggers::Triggers;
use crate::metrics::Meter;
use crate::port::Time;
use crate::scenario::{Act, ConnectivityRow, Scenario, Step, When};
use crate::trace::{Event, Observer, Phase, What};

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

/// The rows of the connectivity trace, if there is one.
fn rows(scenario: &Scenario) -> &[ConnectivityRow] {
    scenario.network.trace.as_ref().map_or(&[], |trace| &trace.rows)
}

/// Some devices of a scenario, being played.
pub(crate) struct Player<'s, S> {
    scenario: &'s Scenario,
    stage: S,
    agenda: Agenda,
    luck: Luck,
    triggers: Triggers<'s>,
    meter: Meter,
    judge: Judge<'s>,
    blurs: Blurs,
    end: Time,
}

impl<'s, S: Stage> Player<'s, S> {
    /// A run of the devices with these `numbers`, which `stage` has, under `seed`.
    pub(crate) fn new(
        scenario: &'s Scenario,
        seed: u64,
        numbers: RangeInclusive<u32>,
        stage: S,
    ) -> Player<'s, S> {
        let (first, luck) = (*numbers.start(), Luck::new(seed));
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
        if let Some(phases) = &scenario.phases {
            agenda.plan(phases.safety.from_start(), Target::All, Plan::Heal);
        }
        if let Some(row) = rows(scenario).first() {
            agenda.plan(row.at, Target::All, Plan::Row(0));
        }
        // A run without expectations on pushes keeps no record of those that are done.
        let keep_pushes = !scenario.expects.is_empty();
        Player {
            scenario,
            stage,
            agenda,
            luck,
            triggers: Triggers::new(scenario, luck, first, devices),
            meter: Meter::new(first, devices, forgiven(scenario), keep_pushes),
            judge: Judge::new(scenario, first, devices),
            blurs: Blurs::default(),
            end: super::end_of(scenario),
        }
    }

    /// Plays to the end, in no time but that of the scenario.
    pub(super) fn play<O: Observer>(mut self, recorder: &mut O) -> Outcome {
        self.start(recorder);
        loop {
            let now = self.due();
            if now >= self.end {
                break;
            }
            self.step(now, recorder);
        }
        self.finish()
    }

    /// The run begins.
    pub(crate) fn start<O: Observer>(&mut self, recorder: &mut O) {
        self.begin(recorder);
        let Player { stage, triggers, meter, judge, .. } = self;
        stage.start(&mut Watchers { triggers, meter, judge, recorder });
    }

    /// When something is due next, of the scenario or of the stage.
    #[inline]
    pub(crate) fn due(&mut self) -> Time {
        self.plan_triggered();
        self.agenda.deadline().min(self.stage.deadline())
    }

    /// Lets everything that is due at `now` happen: first the scenario's steps, then the rest.
    #[inline]
    pub(crate) fn step<O: Observer>(&mut self, now: Time, recorder: &mut O) {
        if self.agenda.deadline() <= now {
            while let Some((target, plan)) = self.agenda.take(now) {
                self.carry_out(plan, target, now, recorder);
            }
        }
        let Player { stage, triggers, meter, judge, .. } = self;
        stage.advance(now, &mut Watchers { triggers, meter, judge, recorder });
    }

    #[cfg(feature = "live")]
    /// From now on what happens on `device` does not show what it would do elsewhere, because of `why`: an
    /// expectation that is not settled yet is undetermined.
    pub(crate) fn blur(&mut self, device: u32, now: Time, why: &'static str) {
        let Player { judge, meter, blurs, .. } = self;
        blurs.add(device, now, why, judge, meter);
    }

    #[cfg(feature = "live")]
    /// The end of the run; what would happen then does not.
    pub(crate) fn end(&self) -> Time {
        self.end
    }

    #[cfg(feature = "live")]
    /// What it is played on.
    pub(crate) fn stage(&mut self) -> &mut S {
        &mut self.stage
    }

    /// What it was played on, as it is now.
    pub(super) fn into_stage(self) -> S {
        self.stage
    }

    /// The run is over.
    pub(crate) fn finish(self) -> Outcome {
        let Player { scenario, stage, mut meter, judge, blurs, end, .. } = self;
        meter.finish(end, stage.radio_energy(end));
        let judgements = blurs.apply(judge.judge(&meter, end));
        let totals = meter.totals(scenario.duration, &scenario.platform.values);
        Outcome { blurred: blurs.why(), ..Outcome::of_part(totals, judgements) }
    }

    fn plan_triggered(&mut self) {
        for (at, target, step) in self.triggers.ready.drain(..) {
            self.agenda.plan(at, target, Plan::Step { step, member: 0 });
        }
    }

    /// What holds before the app is opened: the first phase, and a row of the connectivity trace at the very
    /// beginning.
    fn begin<O: Observer>(&mut self, recorder: &mut O) {
        let Player { scenario, stage, triggers, meter, judge, .. } = self;
        if scenario.phases.is_some() {
            let observer = &mut Watchers { triggers, meter, judge, recorder: &mut *recorder };
            stage.emit(Time::ZERO, What::PhaseBegan { name: Phase::Safety }, observer);
        }
        if rows(scenario).first().is_some_and(|row| row.at == Time::ZERO)
            && let Some((target, plan)) = self.agenda.take(Time::ZERO)
        {
            self.carry_out(plan, target, Time::ZERO, recorder);
        }
    }

    /// Whether the safety phase is over, so that no fault acts any more.
    fn healed(&self, now: Time) -> bool {
        self.scenario.phases.is_some_and(|phases| phases.safety.from_start() <= now)
    }

    fn heal<O: Observer>(&mut self, now: Time, recorder: &mut O) {
        let Player { stage, triggers, meter, judge, .. } = self;
        let observer = &mut Watchers { triggers, meter, judge, recorder };
        stage.emit(now, What::PhaseBegan { name: Phase::Liveness }, observer);
        stage.heal(now, observer);
    }

    /// The connectivity trace goes on with the row at this place.
    fn follow<O: Observer>(&mut self, place: usize, now: Time, recorder: &mut O) {
        if self.healed(now) {
            return;
        }
        let Player { scenario, stage, agenda, triggers, meter, judge, .. } = self;
        let rows = rows(scenario);
        if let Some(next) = rows.get(place + 1) {
            agenda.plan(next.at, Target::All, Plan::Row(place + 1));
        }
        if let Some(row) = rows.get(place) {
            let observer = &mut Watchers { triggers, meter, judge, recorder };
            stage.follow(row.conditions, now, observer);
        }
    }

    fn carry_out<O: Observer>(&mut self, plan: Plan, target: Target, now: Time, recorder: &mut O) {
        let (number, member) = match plan {
            Plan::Heal => return self.heal(now, recorder),
            Plan::Row(place) => return self.follow(place, now, recorder),
            Plan::Step { step, member } => (step, member),
            Plan::EndSilence { step } => (step, 0),
        };
        // What a fault waited for may come too late for it, and the end of a silence after everything healed.
        let step = &self.scenario.steps[number];
        if step.act.is_fault() && self.healed(now) {
            return;
        }
        let Player { stage, agenda, luck, triggers, meter, judge, .. } = self;
        let todo = match (plan, &step.lasts) {
            (Plan::Heal | Plan::Row(_) | Plan::Step { .. }, None) => step.act,
            (Plan::Heal | Plan::Row(_) | Plan::Step { .. }, Some(lasts)) => {
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
        stage.act(Todo { number, act: todo, member, target }, now, observer);
    }
}
