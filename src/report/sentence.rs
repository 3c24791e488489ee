//! What a run says in one sentence.

use super::human;
use crate::metrics::{Delays, KillRecord, Metric, Totals};
use crate::port::Span;
use crate::scenario::{Act, Scenario};
use crate::trace::{KillCode, KillRule};

/// Composes the sentence of one run: what killed the app, how long it was reachable, how soon it noticed,
/// what became of the pushes; with `verbose` what that cost.
pub fn sentence(scenario: &Scenario, totals: &Totals, verbose: bool) -> String {
    let mut parts = Vec::new();
    parts.extend(kill(totals));
    parts.push(reachable(totals, parts.is_empty()));
    let restarts = scenario.steps.iter().any(|step| matches!(step.act, Act::ServerRestart { .. }));
    parts.extend(noticed(totals, restarts));
    parts.extend(pushes(totals));
    if verbose {
        parts.push(cost(scenario, totals));
    }
    parts.join("; ")
}

/// The sentence of a run on a phone: only what somebody saw of it.
pub fn of_phone(totals: &Totals) -> String {
    let parts: Vec<String> = kill(totals).into_iter().chain(pushes(totals)).collect();
    if parts.is_empty() { "no push was sent".to_owned() } else { parts.join("; ") }
}

fn share(totals: &Totals, metric: Metric) -> String {
    totals.share(metric).map(human::share).unwrap_or_default()
}

fn kill(totals: &Totals) -> Option<String> {
    let KillRecord { at, code, rule, .. } = totals.first_kill?;
    let after = human::span(at.elapsed());
    let why = why(code, rule);
    Some(match totals.count(Metric::Kills) {
        0 | 1 => format!("killed {why} after {after}"),
        n => format!("killed {}, first {why} after {after}", human::times(n)),
    })
}

/// What a termination was for, with the code it left if there is one: `for memory (jetsam)`.
fn why(code: KillCode, rule: KillRule) -> String {
    let what = match rule {
        KillRule::EnteredBackgroundTooSlow => "for entering the background too slowly",
        KillRule::LaunchTooSlow => "for launching too slowly",
        KillRule::ResumeTooSlow => "for coming back too slowly",
        KillRule::TaskNeverEnded => "for a background task that was not ended",
        KillRule::ExpiryHandlerTooSlow => "for a slow expiration handler",
        KillRule::TooManyTasks => "for too many background tasks",
        KillRule::KeepAliveHandlerTooSlow => "for a slow keep-alive handler",
        KillRule::WakeLimit => "for too many wakes",
        KillRule::Memory => "for memory",
        KillRule::ForceQuit => "by the user",
        KillRule::ModernSdkTrap => "by the trap for modern SDKs",
    };
    match code {
        KillCode::Trap => what.to_owned(),
        KillCode::Jetsam
        | KillCode::ForceQuit
        | KillCode::Watchdog
        | KillCode::TooManyWakes
        | KillCode::TooManyTasks
        | KillCode::TaskOverrun => format!("{what} ({code})"),
    }
}

fn reachable(totals: &Totals, alone: bool) -> String {
    let share = share(totals, Metric::Reachable);
    if alone { format!("reachable {share} of the time") } else { format!("reachable {share}") }
}

/// How soon clients noticed dead connections; a server's restart is called by its name.
fn noticed(totals: &Totals, restarts: bool) -> Vec<String> {
    if !restarts {
        return found("outage", &totals.client, totals.missed).into_iter().collect();
    }
    let restart = found("restart", &totals.restart, totals.missed_restart);
    let outage = found("outage", &totals.outage, totals.missed - totals.missed_restart);
    restart.into_iter().chain(outage).collect()
}

/// `restart noticed after 9 m 52 s`, `18 of 19 outages noticed, within 5 m 6 s`, `outage never noticed`.
fn found(noun: &str, delays: &Delays, missed: u64) -> Option<String> {
    let all = delays.count + missed;
    let soon = match (delays.count, delays.max) {
        (_, max) if max < Span::from_secs(1) => "at once".to_owned(),
        (1, max) => format!("after {}", human::span(max)),
        (_, max) => format!("within {}", human::span(max)),
    };
    Some(match (delays.count, missed) {
        (0, 0) => return None,
        (0, 1) => format!("{noun} never noticed"),
        (0, 2) => format!("neither {noun} noticed"),
        (0, n) => format!("none of {n} {noun}s noticed"),
        (1, 0) => format!("{noun} noticed {soon}"),
        (2, 0) => format!("both {noun}s noticed {soon}"),
        (n, 0) => format!("{n} {noun}s noticed {soon}"),
        (n, _) => format!("{n} of {all} {noun}s noticed, {soon}"),
    })
}

fn pushes(totals: &Totals) -> Option<String> {
    let (accepted, received) =
        (totals.count(Metric::PushAccepted), totals.count(Metric::PushReceived));
    match (accepted, received) {
        (0, _) => None,
        (1, 0) => Some("push not received".into()),
        (1, _) => Some("push received".into()),
        (2, 2) => Some("both pushes received".into()),
        (all, some) if all == some => Some(format!("all {all} pushes received")),
        (2, 0) => Some("neither push received".into()),
        (all, 0) => Some(format!("none of {all} pushes received")),
        (all, some) => Some(format!("{some} of {all} pushes received")),
    }
}

fn cost(scenario: &Scenario, totals: &Totals) -> String {
    let wakes = totals.count(Metric::Wakes);
    let hours = scenario.duration.saturating_mul(u64::from(scenario.devices));
    // Tenths of a wake an hour, rounded to the nearest.
    let (hour, whole) = (Span::from_secs(3_600).as_micros(), hours.as_micros().max(1));
    let tenths =
        (u128::from(wakes) * u128::from(hour) * 10 + u128::from(whole) / 2) / u128::from(whole);
    let battery = share(totals, Metric::BatteryPerDay);
    format!("{}.{} wakes an hour; {battery} of the battery a day", tenths / 10, tenths % 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn delays(count: u64, max: Span) -> Delays {
        Delays { count, sum: max, max }
    }

    #[test]
    fn one_dead_connection_is_told_by_its_time() {
        let after = Span::parse("9m 52s").unwrap();
        let said = |count, missed| found("restart", &delays(count, after), missed).unwrap();
        assert_eq!(said(1, 0), "restart noticed after 9 m 52 s");
        assert_eq!(said(3, 0), "3 restarts noticed within 9 m 52 s");
        assert_eq!(said(3, 1), "3 of 4 restarts noticed, within 9 m 52 s");
    }

    #[test]
    fn what_takes_no_time_to_notice_is_noticed_at_once() {
        let said = found("restart", &delays(1, Span::from_millis(24)), 0);
        assert_eq!(said.unwrap(), "restart noticed at once");
    }

    #[test]
    fn a_termination_is_told_by_what_it_was_for() {
        let said = |code, rule| why(code, rule);
        assert_eq!(said(KillCode::Jetsam, KillRule::Memory), "for memory (jetsam)");
        assert_eq!(
            said(KillCode::TooManyWakes, KillRule::WakeLimit),
            "for too many wakes (0xbad22222)"
        );
        assert_eq!(said(KillCode::ForceQuit, KillRule::ForceQuit), "by the user (0xdeadfa11)");
        assert_eq!(said(KillCode::Trap, KillRule::ModernSdkTrap), "by the trap for modern SDKs");
        assert_eq!((human::times(2), human::times(3)), ("twice".into(), "3 times".into()));
    }

    #[test]
    fn what_nobody_noticed_is_said() {
        let nothing = Delays::default();
        assert_eq!(found("outage", &nothing, 1).unwrap(), "outage never noticed");
        assert_eq!(found("outage", &nothing, 2).unwrap(), "neither outage noticed");
        assert_eq!(found("outage", &nothing, 0), None);
    }
}
