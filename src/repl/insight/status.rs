//! The state of one device: app, run time, wakes, phone, battery, and whether a push would come through.

use super::{View, hang};
use crate::metrics::{Meter, Metric, Value};
use crate::net::Host;
use crate::os::{Lease, WakeBudget};
use crate::port::{AppState, Interface, Span, Time};
use crate::report::cause::words::{lease, reach, words};
use crate::report::human;
use crate::report::paragraph::plain;
use crate::server::Waits;
use crate::trace::{LeaseReason, Unreachable, What};

/// The state of the device.
pub fn status(view: &View<'_>, out: &mut String) {
    out.push_str(&format!("device {} at {}\n", view.number, view.now));
    let mut line = |name: &str, text: String| hang(out, &format!("  {name:<12}"), &text);
    line("app", app(view));
    line("process", process(view));
    line("run time", run_time(view));
    for held in view.os.leases() {
        line("", held_lease(view, held));
    }
    line("wakes", wakes(view));
    line("device", device(view));
    line("battery", battery(view));
    line("reachable", reachable(view));
    line("server", server(view));
}

fn app(view: &View<'_>) -> String {
    let state = view.os.state();
    let since = view.back().find_map(|event| {
        if let What::State { to, .. } = event.what {
            (to == state).then_some(event.at)
        } else {
            None
        }
    });
    let since = view.os.suspended_since().or(since);
    let mut said = match state {
        AppState::NotRunning => "not running".to_owned(),
        AppState::Inactive => "on screen, inactive".to_owned(),
        AppState::Active => "on screen, active".to_owned(),
        AppState::Background => "runs in background".to_owned(),
        AppState::Suspended => "suspended".to_owned(),
    };
    if let Some(since) = since {
        said += &format!(" since {}", view.since(since));
    }
    if let (Some(until), turn) = view.os.main_thread() {
        let turn = turn.map_or(String::new(), |turn| format!(" in {turn}"));
        said += &format!("; main thread blocked{turn} until {}", view.until(until));
    }
    said
}

/// Since when there is a process, or what ended the last one and when the next one begins.
fn process(view: &View<'_>) -> String {
    let last = |is: fn(&What) -> bool| view.back().find(|event| is(&event.what));
    if view.os.state() != AppState::NotRunning {
        let started = last(|what| matches!(what, What::ProcessStarted { .. }));
        return started.map_or("runs".to_owned(), |event| {
            format!("runs since {}: {}", view.since(event.at), words(&event.what, view.names))
        });
    }
    let ended =
        last(|what| matches!(what, What::Kill { .. } | What::Exit { .. } | What::Reboot {}));
    let ended = ended.map_or("none yet".to_owned(), |event| {
        format!("none since {}: {}", view.since(event.at), words(&event.what, view.names))
    });
    let next = view.os.planned_launch().map(|(at, _)| at);
    let next = match next {
        Some(at) => format!("; iOS starts it again at {}", view.until(at)),
        None if view.os.removed_by_user() => "; only the user or a boot starts it again".to_owned(),
        None => String::new(),
    };
    ended + &next
}

fn run_time(view: &View<'_>) -> String {
    let left = match view.os.background_time_remaining(view.now) {
        Span::MAX => "background time left: no limit now (its clock stands still)".to_owned(),
        left => format!("background time left: {}", human::span(left)),
    };
    let tasks = human::plural(view.os.tasks_held() as u64, "background task");
    let none = if view.os.leases().is_empty() { "; no reason to run in background" } else { "" };
    format!("{left}; {tasks} held{none}")
}

fn held_lease(view: &View<'_>, held: &Lease) -> String {
    let Lease { reason, began, ends } = *held;
    let ends = match ends {
        Time::NEVER => "without a limit".to_owned(),
        at => format!("ends {}", view.until(at)),
    };
    let grace = match reason {
        LeaseReason::Grace => ", then it is suspended",
        LeaseReason::Launch
        | LeaseReason::EnteredBackground
        | LeaseReason::BackgroundTask
        | LeaseReason::KeepAliveHandler
        | LeaseReason::SocketWake
        | LeaseReason::Audio => "",
    };
    format!("- for {} since {began}; {ends}{grace}", lease(reason))
}

fn wakes(view: &View<'_>) -> String {
    let WakeBudget { recent, limit, window, next_leaves } =
        view.os.wake_budget(view.now, &view.setup.profile);
    let window = human::span(window);
    let Some(limit) = limit else {
        return format!("{recent} in the last {window}; this version has no limit");
    };
    let left = match limit.saturating_sub(recent) {
        0 => "none left: the next one ends the app".to_owned(),
        left => format!("{left} left"),
    };
    let leaves = next_leaves
        .map_or(String::new(), |at| format!("; the oldest leaves the window {}", view.until(at)));
    format!("{recent} of {limit} in the last {window}, {left}{leaves}")
}

fn device(view: &View<'_>) -> String {
    let seen = view.os.device();
    let mut said = match (seen.boot_ends, seen.asleep_since, seen.falls_asleep) {
        (Some(at), ..) => format!("boots until {}", view.until(at)),
        (None, Some(since), _) => format!("asleep since {}", view.since(since)),
        (None, None, Some(at)) => format!("awake; falls asleep {}", view.until(at)),
        (None, None, None) => "awake".to_owned(),
    };
    let switch = |on: bool, yes: &'static str, no: &'static str| if on { yes } else { no };
    let interface = match seen.interface {
        Interface::None => "no network",
        Interface::Wifi => "Wi-Fi",
        Interface::Cellular => "cellular",
    };
    for part in [
        switch(seen.locked, "locked", "unlocked"),
        switch(seen.screen, "screen on", "screen off"),
        switch(seen.charger, "on the charger", "no charger"),
        switch(seen.low_power, "low-power mode", ""),
        switch(seen.notifications, "", "notifications forbidden"),
        interface,
    ] {
        if !part.is_empty() {
            said += "; ";
            said += part;
        }
    }
    said
}

/// What was spent so far, measured as in every run: by the meter.
fn battery(view: &View<'_>) -> String {
    let mut meter = Meter::new(view.number, 1, Span::ZERO, false);
    for event in view.events.iter().filter(|one| one.owner == view.number || one.owner == 0) {
        crate::trace::Observer::event(&mut meter, event);
    }
    let radio = view.world.map(|world| world.net.radio_energy(view.now));
    meter.finish(view.now, radio);
    let totals = meter.totals(view.now.elapsed(), &view.setup.profile);
    let joules = |metric: Metric| match totals.value(metric) {
        Some(Value::Energy(nanojoules)) => millis(nanojoules),
        Some(Value::Count(_) | Value::Duration(_) | Value::Share(_)) | None => String::new(),
    };
    let radio = match radio {
        Some(_) => format!("radio {}, ", joules(Metric::EnergyRadio)),
        None => String::new(),
    };
    let used = format!("{radio}processor in background {}", joules(Metric::EnergyCpu));
    match totals.share(Metric::BatteryPerDay) {
        Some(share) if view.now.elapsed() >= A_DAY_SHOWS => {
            format!("{used}: {} of the battery a day", human::share(share))
        }
        Some(_) | None => used,
    }
}

/// What a shorter run uses says nothing of a day.
const A_DAY_SHOWS: Span = Span::from_secs(3_600);

/// Joules with three decimals.
fn millis(nanojoules: u64) -> String {
    let millijoules = nanojoules / 1_000_000;
    format!("{}.{:03} J", millijoules / 1_000, millijoules % 1_000)
}

fn reachable(view: &View<'_>) -> String {
    match view.reach() {
        None => "nothing is known yet".to_owned(),
        Some((Unreachable::Reachable, since)) => format!("yes, since {}", view.since(since)),
        Some((why, since)) => {
            format!("no, since {}: {}: holdline explain {why}", view.since(since), reach(why))
        }
    }
}

fn server(view: &View<'_>) -> String {
    let Some(world) = view.world else {
        return "over real sockets: `holdline server` asks it".to_owned();
    };
    let host = match (world.shared.host(), world.shared.deadline()) {
        (Host::Up, _) => "up".to_owned(),
        (Host::Refusing, at) => format!("down, refuses; up again {}", view.until(at)),
        (Host::Silent, at) => format!("down, silent; up again {}", view.until(at)),
    };
    let waiting: Vec<Waits> = world.session.queue().collect();
    if waiting.is_empty() {
        return format!("{host}; no push waits");
    }
    const MOST: usize = 8;
    let mut listed: Vec<String> = waiting.iter().take(MOST).map(|push| waits(view, push)).collect();
    if waiting.len() > MOST {
        listed.push(format!("{} more", waiting.len() - MOST));
    }
    let count = match waiting.len() {
        1 => "1 push waits".to_owned(),
        n => format!("{n} pushes wait"),
    };
    format!("{host}; {count}: {}", listed.join(", "))
}

fn waits(view: &View<'_>, push: &Waits) -> String {
    let state = if push.written { "written, not acknowledged" } else { "not written" };
    let expires = push.expires.map_or(String::new(), |at| format!("; expires {}", view.until(at)));
    format!("`{}` ({state}{expires})", plain(&view.names.push(push.push)))
}
