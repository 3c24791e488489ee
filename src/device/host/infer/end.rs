//! How processes ended that did not say so themselves: as far as what the host did, saw, or was told of explains it.

use super::{Situation, World, of_phone};
use crate::device::host::collected::{Death, DeathKind};
use crate::device::host::offset::Within;
use crate::device::host::reconcile::Known;
use crate::port::Time;
use crate::scenario::Act;
use crate::trace::{KillCode, KillRule, LegacyFeature, LegacyPlan, SessionEnd, What};

/// By which rule a process was ended.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub(super) enum Rule {
    /// By this one.
    Known(KillCode, KillRule),
    /// Nobody knows by which.
    Unknown,
    /// By none: it crashed, or the host ended it.
    None,
    /// By none: the device booted.
    Boot,
}

/// The end of one process.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub(super) struct End {
    /// Before the known event at this place.
    pub(super) place: usize,
    /// When.
    pub(super) at: Time,
    /// By which rule.
    pub(super) kill: Rule,
}

/// One process, by places among the known events.
struct Process {
    /// Its start.
    first: usize,
    /// The last that the phone told of it.
    last: usize,
    /// The start of the next.
    next: Option<usize>,
    /// Whether it said itself that it ends.
    exited: bool,
}

fn processes(known: &[Known]) -> Vec<Process> {
    let mut found: Vec<Process> = Vec::new();
    for (place, known) in known.iter().enumerate().filter(|(_, known)| of_phone(known)) {
        if let What::ProcessStarted { .. } = known.event.what {
            if let Some(before) = found.last_mut() {
                before.next = Some(place);
            }
            found.push(Process { first: place, last: place, next: None, exited: false });
        } else if let Some(process) = found.last_mut()
            && of_process(&known.event.what)
        {
            process.last = place;
            process.exited |= matches!(known.event.what, What::Exit { .. });
        }
    }
    found
}

/// Whether only a process that lives tells it.
fn of_process(what: &What) -> bool {
    !matches!(what, What::FirstUnlock {} | What::Charger { .. } | What::InterfaceChanged { .. })
}

/// How the processes ended that did not exit.
pub(super) fn ends(known: &[Known], situation: &Situation<'_>, world: World) -> Vec<End> {
    let silent = processes(known).into_iter().filter(|process| !process.exited);
    silent.filter_map(|process| end(known, &process, situation, world)).collect()
}

fn end(known: &[Known], process: &Process, s: &Situation<'_>, world: World) -> Option<End> {
    let until = process.next.unwrap_or(known.len());
    if let Some(end) = by_step(known, process, until, s) {
        return Some(end);
    }
    let last = known[process.last].event.at;
    let next = process.next.map(|next| known[next].event.at);
    let within = |at: Time| at >= last && next.is_none_or(|next| at <= next);
    let death = s.deaths.iter().find(|death| within(death.at));
    if death.is_none() && next.is_none() {
        return None;
    }
    // Its sockets ended with it.
    let closed = known[process.last..until].iter().find(|known| is_closing(&known.event.what));
    let seen = [death.map(|death| death.at), closed.map(|known| known.event.at), next];
    let latest = seen.into_iter().flatten().min().unwrap_or(last);
    let at = match (world.end, world.within) {
        (Some(at), _) => at.clamp(last, latest.max(last)),
        (None, Within::Earliest) => last,
        (None, Within::Middle | Within::Latest) => latest,
    };
    let place = known.partition_point(|known| known.event.at < at).clamp(process.last + 1, until);
    Some(End { place, at, kill: rule(known, process, until, death, s) })
}

fn is_closing(what: &What) -> bool {
    use SessionEnd::{ClosedByClient, Failed};
    matches!(what, What::SessionClosed { why: ClosedByClient | Failed, .. })
}

/// A step ended it: the host did that, or had it done.
#[expect(clippy::wildcard_enum_match_arm, reason = "few steps end a process")]
fn by_step(known: &[Known], process: &Process, until: usize, s: &Situation<'_>) -> Option<End> {
    let dies = process.next.is_some() || !s.deaths.is_empty();
    let terminated = is_callback(&known[process.last].event.what, "will-terminate");
    let from = if terminated { process.first } else { process.last };
    let (place, kill) = (from..until).find_map(|place| {
        let kill = match s.act(&known[place].event)? {
            Act::UserForceQuit => Rule::Known(KillCode::ForceQuit, KillRule::ForceQuit),
            Act::PhoneMemoryKill => Rule::Known(KillCode::Jetsam, KillRule::Memory),
            Act::PhoneMemoryPressure { critical: true } if dies => {
                Rule::Known(KillCode::Jetsam, KillRule::Memory)
            }
            Act::PhoneReboot => Rule::Boot,
            _ => return None,
        };
        Some((place, kill))
    })?;
    // Told that it is terminated, it went on to the end of that.
    let place = if place < process.last { process.last } else { place };
    Some(End { place: place + 1, at: known[place].event.at, kill })
}

#[expect(clippy::wildcard_enum_match_arm, reason = "two events are about callbacks")]
fn is_callback(what: &What, wanted: &str) -> bool {
    match what {
        What::Callback { name, .. } | What::CallbackReturned { name, .. } => *name == wanted,
        _ => false,
    }
}

/// The rule that explains the end of a process, if something does.
fn rule(
    known: &[Known],
    process: &Process,
    until: usize,
    death: Option<&Death>,
    s: &Situation<'_>,
) -> Rule {
    let told = &known[process.first..=process.last];
    match death.map(|death| &death.how) {
        Some(DeathKind::Exited(_) | DeathKind::ByHost) => return Rule::None,
        Some(DeathKind::Reported(text)) => {
            if let Some(code) = reported(text) {
                return rule_of(code, told);
            }
        }
        Some(DeathKind::Signal(_) | DeathKind::Gone) | None => {}
    }
    if trapped(told) {
        return Rule::Known(KillCode::Trap, KillRule::ModernSdkTrap);
    }
    match death.map(|death| &death.how) {
        // What a process does to itself: SIGILL, SIGTRAP, SIGABRT, SIGFPE, SIGBUS, SIGSEGV. The numbers of the last two
        // differ between systems.
        Some(DeathKind::Signal(4..=8 | 10 | 11)) => Rule::None,
        Some(_) | None => {
            let exits = |known: &Known| matches!(s.act(&known.event), Some(Act::AppExit { .. }));
            // It was told to exit and did.
            if known[process.last..until].iter().any(exits) { Rule::None } else { Rule::Unknown }
        }
    }
}

/// The exception code that a crash report has.
fn reported(text: &str) -> Option<KillCode> {
    let text = text.to_ascii_lowercase();
    let has = |code: &&KillCode| match code {
        KillCode::Trap => ["spd_checkin_socket", "voip socket will not wake"]
            .iter()
            .any(|sign| text.contains(sign)),
        KillCode::Watchdog
        | KillCode::TooManyWakes
        | KillCode::TooManyTasks
        | KillCode::TaskOverrun
        | KillCode::ForceQuit
        | KillCode::Jetsam => text.contains(code.as_str()),
    };
    KillCode::ALL.iter().find(has).copied()
}

/// The rule that goes with a code. One code stands for several watchdogs: the turn that did not end tells which.
fn rule_of(code: KillCode, told: &[Known]) -> Rule {
    let rule = match code {
        KillCode::TooManyWakes => KillRule::WakeLimit,
        KillCode::TooManyTasks => KillRule::TooManyTasks,
        KillCode::TaskOverrun => KillRule::TaskNeverEnded,
        KillCode::ForceQuit => KillRule::ForceQuit,
        KillCode::Jetsam => KillRule::Memory,
        KillCode::Trap => KillRule::ModernSdkTrap,
        KillCode::Watchdog => match open_turn(told) {
            Some("entered-background") => KillRule::EnteredBackgroundTooSlow,
            Some("launched") => KillRule::LaunchTooSlow,
            Some("will-enter-foreground" | "became-active") => KillRule::ResumeTooSlow,
            Some("keep-alive") => KillRule::KeepAliveHandlerTooSlow,
            Some("task-expiring") => KillRule::ExpiryHandlerTooSlow,
            Some(_) | None => KillRule::TaskNeverEnded,
        },
    };
    Rule::Known(code, rule)
}

/// The callback that the app had not returned from.
#[expect(clippy::wildcard_enum_match_arm, reason = "two events are about turns")]
fn open_turn(told: &[Known]) -> Option<&'static str> {
    let mut open = None;
    for known in told {
        match known.event.what {
            What::Callback { name, .. } => {
                open.get_or_insert(name);
            }
            What::CallbackReturned { .. } => open = None,
            _ => {}
        }
    }
    open
}

/// Whether it made a call that was expected to trap, and nothing came of that but its end.
fn trapped(told: &[Known]) -> bool {
    let expected = told.iter().rposition(|known| {
        matches!(
            known.event.what,
            What::LegacyCall { call: LegacyFeature::VoipStream, plan: LegacyPlan::ExpectTrap, .. }
        )
    });
    expected.is_some_and(|from| {
        let opened = |known: &Known| is_callback(&known.event.what, "open-completed");
        !told[from..].iter().any(opened)
    })
}
