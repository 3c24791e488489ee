//! An expectation in one line, for messages.

use super::model::Expectation;
use crate::port::{Span, Time};
use crate::trace::Names;

impl Expectation {
    /// The expectation in one line: `push-received push=invite-1 within 5s`.
    pub fn to_text(&self, names: &Names) -> String {
        match self {
            Expectation::PushReceived { push, within } => {
                format!("push-received push={}{}", names.push(*push), limit(*within))
            }
            Expectation::PushNotified { push, within } => {
                format!("push-notified push={}{}", names.push(*push), limit(*within))
            }
            Expectation::PushLost { push, within } => {
                format!("push-lost push={}{}", names.push(*push), limit(*within))
            }
            Expectation::Event { event, min, max, from, until } => {
                format!("event {event} {}{}", times(*min, *max), window(*from, *until))
            }
            Expectation::Order { events, within } => {
                let events: Vec<String> = events.iter().map(ToString::to_string).collect();
                format!("order {}{}", events.join(", then "), limit(*within))
            }
            Expectation::Metric { metric, min, max } => {
                let min = min.map_or(String::new(), |min| format!(" at least {min}"));
                let max = max.map_or(String::new(), |max| format!(" at most {max}"));
                format!("metric {metric}{min}{max}")
            }
            Expectation::Converges { within } => format!("converges{}", limit(Some(*within))),
        }
    }
}

fn limit(within: Option<Span>) -> String {
    within.map_or(String::new(), |within| format!(" within {within}"))
}

fn times(min: u64, max: Option<u64>) -> String {
    let so = |n: u64| if n == 2 { "twice".to_owned() } else { format!("{n} times") };
    match (min, max) {
        (_, Some(0)) => "never".into(),
        (1, None) => "at least once".into(),
        (min, None) => format!("at least {}", so(min)),
        (1, Some(1)) => "exactly once".into(),
        (min, Some(max)) if min == max => format!("exactly {}", so(max)),
        (0, Some(1)) => "at most once".into(),
        (0, Some(max)) => format!("at most {}", so(max)),
        (min, Some(max)) => format!("{min} to {max} times"),
    }
}

fn window(from: Time, until: Option<Time>) -> String {
    let from = match from {
        Time::ZERO => String::new(),
        from => format!(" from {}", from.elapsed()),
    };
    let until = until.map_or(String::new(), |until| format!(" until {}", until.elapsed()));
    from + &until
}
