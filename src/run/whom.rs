//! Whom an expectation speaks of. Unless it names a device, it has to hold on each of them.

use crate::scenario::{Act, Expectation, Scenario, When};
use crate::trace::Pattern;

/// The devices an expectation is judged on.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub(super) enum Whom {
    /// Each device, apart.
    Each,
    /// One device, by its number.
    Device(u32),
    /// All of them together: an order of events on several named devices.
    Together,
}

impl Whom {
    pub(super) fn of(expectation: &Expectation, scenario: &Scenario) -> Whom {
        match expectation {
            Expectation::PushReceived { push, .. }
            | Expectation::PushNotified { push, .. }
            | Expectation::PushLost { push, .. } => {
                let sends = |act: &Act| matches!(act, Act::ServerPush { push: sent, .. } if sent.name == push.name);
                let step = scenario.steps.iter().find(|step| sends(&step.act));
                let device = step.and_then(|step| match &step.when {
                    When::After { event, .. } => step.device.or_else(|| named(event)),
                    When::At(_) | When::Every { .. } => step.device,
                });
                device.map_or(Whom::Each, Whom::Device)
            }
            Expectation::Event { event, .. } => named(event).map_or(Whom::Each, Whom::Device),
            Expectation::Order { events, .. } => {
                let mut devices: Vec<u32> = events.iter().filter_map(named).collect();
                devices.dedup();
                match devices[..] {
                    [] => Whom::Each,
                    [device] => Whom::Device(device),
                    [..] => Whom::Together,
                }
            }
            Expectation::Metric { .. } => Whom::Together,
            Expectation::Converges { .. } => Whom::Each,
        }
    }

    /// Whether it is judged on `device`, of devices that begin with `first`.
    pub(super) fn concerns(self, device: u32, first: u32) -> bool {
        match self {
            Whom::Each => true,
            Whom::Device(number) => number == device,
            Whom::Together => device == first,
        }
    }
}

/// The device that a pattern names; what all devices share happens to each.
fn named(pattern: &Pattern) -> Option<u32> {
    pattern.device().filter(|device| *device > 0)
}

#[cfg(test)]
mod tests {
    use crate::run::{Options, Verdict, play};
    use crate::scenario::{Presets, decode};

    /// Two devices; only the second loses its network and is sent the push.
    fn verdicts(expects: &str) -> Vec<Verdict> {
        let text = format!(
            r#"
            name = "two devices"
            duration = "1h"
            devices = 2
            [[step]]
            at = "10s"
            do = "network.switch"
            to = "none"
            device = 2
            [[step]]
            at = "10m"
            do = "server.push"
            push = "late"
            device = 2
            [[step]]
            at = "11m"
            do = "network.switch"
            to = "wifi"
            device = 2
            {expects}
            "#
        );
        let scenario = decode(&text, &Presets::built_in(), &[]).unwrap();
        let outcome = play(&scenario, Options::of(&scenario));
        outcome.judgements.iter().map(|judgement| judgement.verdict).collect()
    }

    #[test]
    fn an_expectation_that_names_a_device_is_judged_on_that_one_only() {
        let expects = r#"
            [[expect]]
            that = "event"
            event = "interface to=none device=2"
            [[expect]]
            that = "event"
            event = "interface to=none device=1"
            [[expect]]
            that = "order"
            events = ["interface to=none device=2", "client.connected"]
        "#;
        assert_eq!(verdicts(expects), [Verdict::Pass, Verdict::Fail, Verdict::Pass]);
    }

    #[test]
    fn an_expectation_that_names_no_device_holds_on_each() {
        let expects = r#"
            [[expect]]
            that = "event"
            event = "interface to=none"
            [[expect]]
            that = "event"
            event = "client.connected"
            count = { min = 1 }
        "#;
        assert_eq!(verdicts(expects), [Verdict::Fail, Verdict::Pass]);
    }

    #[test]
    fn a_push_to_one_device_is_judged_on_that_one() {
        let expects = r#"
            [[expect]]
            that = "push-received"
            push = "late"
        "#;
        assert_eq!(verdicts(expects), [Verdict::Pass]);
    }

    #[test]
    fn an_order_over_several_devices_is_judged_on_all_together() {
        let order = |first: u32, second: u32| {
            format!(
                r#"
                [[expect]]
                that = "order"
                events = ["client.connected device={first}", "interface to=none device={second}"]
                "#
            )
        };
        assert_eq!(verdicts(&order(1, 2)), [Verdict::Pass]);
        assert_eq!(verdicts(&order(2, 1)), [Verdict::Fail]);
    }

    #[test]
    fn a_member_of_a_series_is_judged_by_itself() {
        let text = r#"
            name = "beats, the second while the network is gone"
            duration = "10m"
            [[step]]
            every = "2m"
            do = "server.push"
            push = "beat"
            [[step]]
            at = "3m"
            do = "network.switch"
            to = "none"
            [[step]]
            at = "5m"
            do = "network.switch"
            to = "wifi"
            [[expect]]
            that = "push-received"
            push = "beat-1"
            within = "5s"
            [[expect]]
            that = "push-received"
            push = "beat-2"
            within = "5s"
            [[expect]]
            that = "push-received"
            push = "beat"
            within = "5s"
        "#;
        let scenario = decode(text, &Presets::built_in(), &[]).unwrap();
        let outcome = play(&scenario, Options::of(&scenario));
        let verdicts: Vec<_> = outcome.judgements.iter().map(|found| found.verdict).collect();
        assert_eq!(verdicts, [Verdict::Pass, Verdict::Fail, Verdict::Fail]);
    }
}
