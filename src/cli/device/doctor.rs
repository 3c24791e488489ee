//! `holdline device doctor`: what is missing on this host to run scenarios on devices.

use std::fs;
use std::io::Write;
use std::net::{IpAddr, Ipv4Addr, UdpSocket};
use std::path::PathBuf;
use std::time::SystemTime;

use crate::cli::exit::{CliError, Exit};
use crate::cli::format::Format;
use crate::cli::terminal;
use crate::device::host::doctor::{Diagnosis, Found, Lane, Machine, ask, judge};
use crate::device::host::tools::Real;
use crate::report::paragraph::paragraph;
use crate::report::style::{BAD, FAINT, GOOD, HEADING, UNSURE, paint};

macro_rules! examples {
    () => {
        "\
Examples:
  holdline device doctor
  holdline device doctor --device sim
  holdline device doctor --lane dinghy --format json"
    };
}

/// Tell what is missing on this machine to run scenarios on devices, step by step
///
/// Each step is done, missing with what mends it, or not needed here.
#[derive(Clone, Debug, clap::Args)]
#[command(
    after_help = examples!(),
    after_long_help = concat!(
        examples!(),
        "\n\nExit codes:\n",
        "  0  the lane asked for is ready; without one, any is\n",
        "  2  wrong input\n",
        "  3  it is not ready, or holdline failed"
    ),
)]
pub(super) struct DoctorArgs {
    /// For this device: `fake`, `sim`, or a device's identifier or name
    #[arg(long, value_name = "DEVICE")]
    device: Option<String>,

    /// For this way to run on devices [default: what the device asks for, else all]
    #[arg(long, value_enum)]
    lane: Option<LaneName>,

    /// How to write the answer
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

/// The ways to run on devices.
#[derive(Copy, Clone, PartialEq, Eq, Debug, clap::ValueEnum)]
enum LaneName {
    /// An agent on this machine, under the model of iOS
    Fake,
    /// cargo-dinghy's own way, under a debugger
    Dinghy,
    /// The agent in the simulator
    Simulator,
    /// The agent on a phone
    Phone,
}

impl From<LaneName> for Lane {
    fn from(name: LaneName) -> Lane {
        match name {
            LaneName::Fake => Lane::Fake,
            LaneName::Dinghy => Lane::Dinghy,
            LaneName::Simulator => Lane::Simulator,
            LaneName::Phone => Lane::Phone,
        }
    }
}

/// Examines this machine and writes what was found to `out`.
pub(super) fn run(args: &DoctorArgs, out: &mut dyn Write) -> Result<Exit, CliError> {
    let answers = ask(&mut Real, machine());
    let lane = args.lane.map(Lane::from);
    let diagnosis = judge(&answers, lane, args.device.as_deref(), SystemTime::now());
    let text = text(&diagnosis, &answers.machine.system, terminal::drawing_width());
    args.format.write(out, text, json(&diagnosis, &answers.machine.system))?;
    Ok(if diagnosis.ready() { Exit::Passed } else { Exit::Broken })
}

fn machine() -> Machine {
    let beside = std::env::current_exe().ok().and_then(|exe| {
        let name = format!("holdline-agent{}", std::env::consts::EXE_SUFFIX);
        Some(exe.parent()?.join(name)).filter(|path| path.is_file())
    });
    Machine {
        system: std::env::consts::OS.to_owned(),
        agent: beside,
        profiles: profiles(),
        lan: lan(),
    }
}

/// The provisioning profiles that Xcode keeps, in the order of their names.
fn profiles() -> Vec<(PathBuf, Vec<u8>)> {
    /// More are not looked at.
    const MOST: usize = 200;
    let Some(home) = std::env::home_dir() else { return Vec::new() };
    let places = [
        // Since Xcode 16, and before.
        "Library/Developer/Xcode/UserData/Provisioning Profiles",
        "Library/MobileDevice/Provisioning Profiles",
    ];
    let mut files: Vec<PathBuf> = places
        .iter()
        .filter_map(|place| fs::read_dir(home.join(place)).ok())
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|kind| kind == "mobileprovision"))
        .collect();
    files.sort();
    files.truncate(MOST);
    files.into_iter().filter_map(|path| fs::read(&path).ok().map(|bytes| (path, bytes))).collect()
}

/// The address that this machine would speak from. Nothing is sent: the address is one for documentation (RFC 5737).
fn lan() -> Option<IpAddr> {
    let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).ok()?;
    socket.connect((Ipv4Addr::new(192, 0, 2, 1), 9)).ok()?;
    Some(socket.local_addr().ok()?.ip())
}

/// One step a paragraph, then the lanes.
fn text(diagnosis: &Diagnosis, system: &str, width: usize) -> String {
    const NAME: usize = 14;
    const INDENT: usize = 9 + NAME;
    let mut out = format!("holdline {} on {system}\n\n", env!("CARGO_PKG_VERSION"));
    let mut not_needed = Vec::new();
    for check in &diagnosis.checks {
        let (word, style) = match check.found {
            Found::Ok => ("ok", GOOD),
            Found::Missing => ("missing", BAD),
            Found::Look => ("look", UNSURE),
            Found::NotNeeded => {
                not_needed.push(check.name);
                continue;
            }
        };
        let head = format!("{}{:<NAME$}", paint(style, &format!("{word:<9}")), check.name);
        paragraph(&mut out, (&head, INDENT), INDENT, &check.detail, width);
        if let Some(mend) = &check.mend {
            let head = " ".repeat(INDENT) + "do: ";
            paragraph(&mut out, (&head, INDENT + 4), INDENT + 4, mend, width);
        }
    }
    if !not_needed.is_empty() {
        let head = format!("{}{:<NAME$}", paint(FAINT, &format!("{:<9}", "-")), "");
        let text = format!("not needed here: {}", not_needed.join(", "));
        paragraph(&mut out, (&head, INDENT), INDENT, &text, width);
    }
    out.push('\n');
    let lanes = Lane::ALL.into_iter().filter(|lane| diagnosis.asked.is_none_or(|one| one == *lane));
    for lane in lanes {
        let missing = diagnosis.missing(lane);
        let state = match missing.is_empty() {
            true => paint(GOOD, "ready"),
            false => format!("{} {}", paint(BAD, "not ready:"), missing.join(", ")),
        };
        out.push_str(&format!("{} {state}\n", paint(HEADING, &format!("{:<10}", lane.name()))));
    }
    out
}

fn json(diagnosis: &Diagnosis, system: &str) -> serde_json::Value {
    let checks = diagnosis.checks.iter().map(|check| {
        serde_json::json!({
            "name": check.name,
            "found": check.found.to_string(),
            "detail": check.detail,
            "do": check.mend,
            "lanes": check.needed_by.iter().map(|lane| lane.name()).collect::<Vec<_>>(),
        })
    });
    let lanes = Lane::ALL.into_iter().map(|lane| {
        let missing = diagnosis.missing(lane);
        serde_json::json!({ "name": lane.name(), "ready": missing.is_empty(), "missing": missing })
    });
    serde_json::json!({
        "system": system,
        "asked": diagnosis.asked.map(Lane::name),
        "ready": diagnosis.ready(),
        "checks": checks.collect::<Vec<_>>(),
        "lanes": lanes.collect::<Vec<_>>(),
    })
}
