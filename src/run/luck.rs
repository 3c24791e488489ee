//! What a scenario leaves to chance about its steps: when they act, and how long what they begin lasts.
//!
//! A draw depends on the seed, the device, the step and its repetition, and on nothing that happens in the
//! run: two clients meet the same luck, and devices can be played apart.

use super::agenda::Target;
use crate::port::{Draws, Purpose, Span, Time};
use crate::scenario::{Act, Scenario, Step, When};
use crate::settings::Dist;

/// The chance of a run's steps.
#[derive(Copy, Clone, Debug)]
pub(super) struct Luck {
    seed: u64,
}

impl Luck {
    pub(super) const fn new(seed: u64) -> Luck {
        Luck { seed }
    }

    /// `place` is that of the step in the list, `member` its repetition.
    fn draw(self, purpose: Purpose, target: Target, place: usize, member: u32) -> u64 {
        // What all devices share is owner 0.
        let owner = match target {
            Target::All => 0,
            Target::Device(number) => number,
        };
        let n = u64::from(member) << 32 | place as u64;
        Draws::new(self.seed, owner).draw(purpose, Time::ZERO, n)
    }

    /// When a step acts for the first time; `None` when that is not known before an event.
    pub(super) fn first(self, step: &Step, place: usize, target: Target) -> Option<Time> {
        let time = |dist: &Dist| dist.sample(self.draw(Purpose::StepTime, target, place, 0));
        match &step.when {
            When::At(at) => Some(time(at).from_start()),
            When::Every { from: Some(from), .. } => Some(time(from).from_start()),
            When::Every { .. } => self.gap(step, place, target, 0).map(Span::from_start),
            When::After { .. } => None,
        }
        .filter(|at| step.goes_on_at(*at))
    }

    /// From the act `member` of a step to the next; `None` when there is no next.
    pub(super) fn gap(
        self,
        step: &Step,
        place: usize,
        target: Target,
        member: u32,
    ) -> Option<Span> {
        let draw = self.draw(Purpose::StepGap, target, place, member);
        match &step.when {
            When::Every { period, .. } => Some(period.sample(draw)),
            When::At(_) | When::After { .. } => None,
        }
    }

    /// How long after its event a step acts.
    pub(super) fn delay(self, by: &Dist, place: usize, target: Target) -> Span {
        by.sample(self.draw(Purpose::StepDelay, target, place, 0))
    }

    /// How long what the step begins lasts.
    pub(super) fn lasts(self, lasts: &Dist, place: usize, target: Target, member: u32) -> Span {
        lasts.sample(self.draw(Purpose::StepLasts, target, place, member))
    }
}

/// What the step at `place` does to a device, with what of it is left to chance; `None` when there is no such step.
pub(crate) fn act_of(
    scenario: &Scenario,
    seed: u64,
    place: usize,
    device: u32,
    member: u32,
) -> Option<Act> {
    let step = scenario.steps.get(place)?;
    let lasts = step.lasts.as_ref().map(|lasts| {
        // Where chance has a part in it, each device has its own.
        Luck::new(seed).lasts(lasts, place, Target::Device(device), member)
    });
    Some(lasts.map_or(step.act, |lasts| step.act.lasting(lasts)))
}

#[cfg(test)]
mod tests {
    use crate::run::{Mode, Options, check_determinism, play};
    use crate::scenario::{Presets, Scenario, decode};
    use crate::trace::{Event, What};

    fn scenario(text: &str) -> Scenario {
        let text = format!("name = \"luck\"\nduration = \"2h\"\ndevices = 3\n{text}");
        decode(&text, &Presets::built_in(), &[]).unwrap_or_else(|e| panic!("{text}\n{e:#?}"))
    }

    fn events(scenario: &Scenario, seed: u64) -> Vec<Event> {
        let options = Options { seed, mode: Mode::Apart, trace: true };
        play(scenario, options).events.unwrap()
    }

    /// When `act` was done, on each device in seconds.
    fn times(events: &[Event], act: &str) -> Vec<(u32, u64)> {
        let at = |event: &&Event| matches!(event.what, What::Step { action, .. } if action == act);
        let time = |event: &Event| (event.owner, event.at.as_micros() / 1_000_000);
        events.iter().filter(at).map(time).collect()
    }

    /// Everything that can vary, on one device, on each and on the server.
    const ALL: &str = r#"
        [[step]]
        at = "uniform(1m, 30m)"
        do = "user.background"
        [[step]]
        at = "normal(40m, 5m)"
        device = 2
        do = "network.silence"
        lasts = "exponential(2m)"
        [[step]]
        at = "20m"
        do = "network.silence"
        lasts = "choice(1s, 5m)"
        [[step]]
        every = "exponential(4m)"
        from = "uniform(0s, 1h)"
        do = "server.push"
        push = "beat"
        [[step]]
        at = "uniform(50m, 70m)"
        do = "server.restart"
        down-for = "lognormal(30s, 10m)"
        [[step]]
        after = { event = "state to=suspended", by = "exponential(20m)" }
        do = "user.foreground"
        [[step]]
        at = "uniform(80m, 90m)"
        do = "app.hang"
        lasts = "uniform(1s, 30s)"
    "#;

    #[test]
    fn one_seed_gives_one_trace_and_another_seed_other_times() {
        let scenario = scenario(ALL);
        assert_eq!(events(&scenario, 1), events(&scenario, 1));
        for act in ["user.background", "network.silence", "server.push", "server.restart"] {
            let (one, two) = (events(&scenario, 1), events(&scenario, 2));
            assert!(!times(&one, act).is_empty(), "{act}");
            assert_ne!(times(&one, act), times(&two, act), "{act}");
        }
    }

    #[test]
    fn devices_played_apart_and_together_meet_the_same_luck() {
        let scenario = scenario(ALL);
        for seed in 1..=5 {
            assert_eq!(check_determinism(&scenario, seed), None, "seed {seed}");
        }
    }

    #[test]
    fn each_device_has_a_time_of_its_own() {
        let text = "[[step]]\nat = \"uniform(1m, 1h)\"\ndo = \"user.background\"";
        let mut found = times(&events(&scenario(text), 1), "user.background");
        found.sort_unstable();
        assert_eq!(found.iter().map(|(device, _)| *device).collect::<Vec<_>>(), [1, 2, 3]);
        assert!(found[0].1 != found[1].1 && found[1].1 != found[2].1, "{found:?}");
    }

    #[test]
    fn the_server_restarts_once_for_all_devices() {
        let text = "[[step]]\nat = \"uniform(1m, 1h)\"\ndo = \"server.restart\"\n\
                    down-for = \"uniform(1m, 10m)\"";
        let (scenario, mut seen) = (scenario(text), Vec::new());
        for mode in [Mode::Apart, Mode::Together] {
            let options = Options { seed: 1, mode, trace: true };
            let events = play(&scenario, options).events.unwrap();
            let down = |event: &&Event| matches!(event.what, What::ServerDown { .. });
            let down: Vec<Event> = events.iter().filter(down).copied().collect();
            assert_eq!(down.len(), 1);
            // All three lose their connection to it.
            let lost = events.iter().filter(|e| e.at == down[0].at && e.owner > 0);
            let mut owners: Vec<u32> = lost.map(|event| event.owner).collect();
            owners.dedup();
            assert_eq!(owners, [1, 2, 3]);
            seen.push(down[0]);
        }
        assert_eq!(seen[0], seen[1]);
    }

    #[test]
    fn gaps_are_drawn_anew_each_time() {
        let text = "[[step]]\nevery = \"uniform(1m, 10m)\"\ndevice = 1\ndo = \"phone.activity\"\non = true";
        let found = times(&events(&scenario(text), 1), "phone.activity");
        let mut gaps: Vec<u64> = found.windows(2).map(|two| two[1].1 - two[0].1).collect();
        assert!(gaps.len() > 10 && gaps.iter().all(|gap| (60..=600).contains(gap)), "{gaps:?}");
        gaps.sort_unstable();
        gaps.dedup();
        assert!(gaps.len() > 8, "{gaps:?}");
    }

    #[test]
    fn what_the_client_does_changes_nothing_about_the_luck() {
        let with = |client: &str| scenario(&format!("[client]\nuse = \"{client}\"\n{ALL}"));
        let (one, two) = (with("default"), with("plain-socket"));
        for act in ["user.background", "network.silence", "server.push", "server.restart"] {
            assert_eq!(times(&events(&one, 3), act), times(&events(&two, 3), act), "{act}");
        }
    }

    #[test]
    fn a_time_beyond_the_end_does_not_come() {
        let text = "[[step]]\nat = \"exponential(1h)\"\ndo = \"user.lock\"";
        let scenario = scenario(text);
        let acted: usize =
            (0..100).map(|seed| times(&events(&scenario, seed), "user.lock").len()).sum();
        // The chance of less than two means is 1 - e^-2: of 300 about 259, give or take four deviations of 6.
        assert!(acted.abs_diff(259) < 24, "{acted}");
    }

    #[test]
    fn a_repeated_step_ends_where_it_says() {
        let text = "[[step]]\nevery = \"exponential(1m)\"\nfrom = \"exponential(30m)\"\n\
                    until = \"20m\"\ndo = \"user.unlock\"";
        let scenario = scenario(text);
        let all: Vec<_> =
            (0..20).flat_map(|n| times(&events(&scenario, n), "user.unlock")).collect();
        assert!(!all.is_empty() && all.iter().all(|(_, second)| *second < 1_200), "{all:?}");
    }

    #[test]
    fn files_of_one_name_with_other_samples_are_other_profiles() {
        let hash = |csv: &'static str| {
            let files = move |_: &str| Ok(csv.as_bytes().to_vec());
            let text =
                "name = \"x\"\nduration = \"1h\"\n[network.set]\nlatency = \"empirical(x.csv)\"";
            let scenario = decode(text, &Presets { files }, &[]).unwrap();
            crate::run::header(&scenario, 1).profile_hash
        };
        assert_eq!(hash("value\n20ms\n80ms\n"), hash("value\n80ms\n20ms\n"));
        assert_ne!(hash("value\n20ms\n80ms\n"), hash("value\n20ms\n81ms\n"));
    }
}
