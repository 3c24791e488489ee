//! The main loop on any machine.

use std::time::{Duration, Instant};

use super::Plain;
use crate::device::agent::Agent;
use crate::port::{App, Callback};

/// How often an agent is told that its main thread runs.
const PULSE: Duration = Duration::from_secs(1);

/// Runs the main loop of an agent for so long, or until its app exits; answers the code if it has.
pub fn run_for<A: App>(agent: &mut Agent<Plain, A>, span: Duration) -> Option<i32> {
    let mut pulse = Instant::now();
    let until = pulse.checked_add(span);
    loop {
        let now = Instant::now();
        let left = until.map_or(PULSE, |until| until.saturating_duration_since(now));
        if let Some(code) = agent.backend().exited() {
            return Some(code);
        }
        if left.is_zero() {
            return None;
        }
        if now >= pulse {
            agent.pulse();
            pulse = now + PULSE;
        }
        // Without waiting, what came is still seen.
        agent.backend().wait(Duration::ZERO);
        if let Some(callback) = agent.backend().next_callback() {
            agent.callback(callback);
            continue;
        }
        let due = agent.backend().deadline().unwrap_or(pulse).min(pulse);
        let wait = due.saturating_duration_since(now).min(left);
        agent.backend().wait(wait);
    }
}

impl Plain {
    /// Waits until there is something to tell, at most for so long.
    pub fn pump(&mut self, within: Duration) -> Option<Callback> {
        let began = Instant::now();
        loop {
            let next = self.next_callback();
            let left = within.saturating_sub(began.elapsed());
            if next.is_some() || left.is_zero() {
                return next;
            }
            let due = self.deadline().map(|due| due.saturating_duration_since(Instant::now()));
            self.wait(due.unwrap_or(left).min(left));
        }
    }
}
