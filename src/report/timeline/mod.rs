//! A run drawn by lanes, as plain text: the steps, the state of the app, what each side believed of the
//! connection and where they were wrong, pushes, faults, kills; and the events that tell the story.
//!
//! It knows events, and no rules.

mod axis;
mod history;
mod lanes;
mod notable;
mod sign;

use std::fmt::Write;

use crate::port::Span;
use crate::scenario::Scenario;
use crate::trace::Event;
use axis::Axis;
use history::history;
use lanes::Lane;

/// The indentation of everything.
const INDENT: usize = 4;
/// The columns of a lane's name.
const NAME: usize = 13;
/// More devices than this are not drawn.
const MOST_DEVICES: u32 = 4;

/// Draws every device of a run, or the first few of many, in lines of at most `width` columns.
pub fn draw(scenario: &Scenario, events: &[Event], width: usize) -> String {
    let mut out = String::new();
    let drawn = scenario.devices.min(MOST_DEVICES);
    for device in 1..=drawn {
        out.push('\n');
        if scenario.devices > 1 {
            let _ = writeln!(out, "{:INDENT$}device {device} of {}", "", scenario.devices);
        }
        device_lanes(&mut out, scenario, events, device, width);
    }
    out
}

fn device_lanes(
    out: &mut String,
    scenario: &Scenario,
    events: &[Event],
    device: u32,
    width: usize,
) {
    let axis = Axis::new(scenario.duration, width.saturating_sub(INDENT + NAME + 1).max(20));
    let history = history(events, device, scenario.duration.from_start());
    let (labels, ticks) = axis.header();
    let mut line = |name: &str, row: &str| {
        let text = format!("{:INDENT$}{name:<NAME$}{row}", "");
        let _ = writeln!(out, "{}", text.trim_end());
    };
    line("", &labels);
    line("", &ticks);
    let lanes = lanes::lanes(&history, &axis);
    for (name, row) in &lanes {
        line(name, row);
    }
    for text in legend(&lanes, width - INDENT) {
        let _ = writeln!(out, "{:INDENT$}{text}", "");
    }
    out.push('\n');
    let quiet = Span::from_micros(scenario.duration.as_micros() / 100).max(Span::from_secs(60));
    for text in notable::list(events, device, &scenario.names, quiet, width - INDENT) {
        let _ = writeln!(out, "{:INDENT$}{text}", "");
    }
}

/// What the signs that are drawn mean.
fn legend(lanes: &[Lane], width: usize) -> Vec<String> {
    const SIGNS: &[(&str, &str)] = &[
        ("app", "A active"),
        ("app", "i inactive"),
        ("app", "b background"),
        ("app", ". suspended"),
        ("app", "  (blank) not running"),
        ("phone", "= believes it is connected"),
        ("wrong", "# they differ, or it is dead"),
        ("faults", "v goes down"),
        ("faults", "^ comes back"),
        ("faults", "~ interface changes"),
        ("faults", "n NAT forgets"),
        ("faults", "! connection dies"),
    ];
    let drawn = |lane: &str, sign: &str| {
        let sign = sign.chars().next().unwrap_or(' ');
        lanes.iter().any(|(name, row)| name == lane && row.contains(sign))
    };
    let mut parts: Vec<&str> =
        SIGNS.iter().filter(|(lane, sign)| drawn(lane, sign)).map(|(_, sign)| *sign).collect();
    if lanes.iter().any(|(_, row)| row.contains(lanes::SEVERAL)) {
        parts.push("* several");
    }
    let mut lines: Vec<String> = Vec::new();
    for part in parts {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 3 + part.len() <= width => {
                line.push_str(" · ");
                line.push_str(part.trim_start());
            }
            Some(_) | None => lines.push(part.trim_start().to_owned()),
        }
    }
    lines
}
