//! Which devices there are, and which one is meant.

use std::fmt;

use super::call::{Runs, ToolError, succeed};
use super::device::{Device, Kind, State, Tool};
use super::{devicectl, failures, ios_deploy, simctl};

/// The devices that the tools of this machine know.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Listed {
    /// Simulators first, then phones.
    pub devices: Vec<Device>,
    /// What tools could not answer.
    pub problems: Vec<ToolError>,
}

/// Asks the tools which devices there are. One that fails does not hide what others know.
pub fn list(runs: &mut dyn Runs) -> Listed {
    let mut listed = Listed::default();
    let simulators = succeed(runs, &simctl::list()).and_then(|ran| simctl::devices(&ran.stdout));
    listed.take(simulators);
    if let [ToolError::Missing { program, .. }] = &listed.problems[..] {
        // Without `xcrun` there is no other tool of Xcode either.
        if program == "xcrun" {
            return listed;
        }
    }
    let phones =
        devicectl::ask(runs, &devicectl::list()).and_then(|result| devicectl::devices(&result));
    listed.take(phones);
    let old = succeed(runs, &ios_deploy::list()).and_then(|ran| ios_deploy::devices(&ran.stdout));
    match old {
        // Only phones before iOS 17 need it.
        Err(ToolError::Missing { .. }) => {}
        Ok(old) => old.into_iter().for_each(|device| listed.add_connected(device)),
        Err(error) => listed.problems.push(error),
    }
    listed
}

impl Listed {
    fn take(&mut self, answer: Result<Vec<Device>, ToolError>) {
        match answer {
            Ok(devices) => self.devices.extend(devices),
            Err(error) => self.problems.push(error),
        }
    }

    /// Adds what `ios-deploy` sees. It knows nothing of pairing and developer mode; whom `devicectl` serves, that
    /// one knows better.
    fn add_connected(&mut self, device: Device) {
        match self.devices.iter_mut().find(|known| known.id == device.id) {
            None => self.devices.push(device),
            Some(known) if known.tool == Tool::IosDeploy => {
                let core_id = known.core_id.take();
                *known = Device { core_id, ..device };
            }
            Some(_) => {}
        }
    }
}

/// Why a device cannot be used.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum NotFound {
    /// The tools gave no answer at all.
    NoTools(ToolError),
    /// There is none of that name or identifier.
    Unknown {
        /// What was asked for.
        wanted: String,
        /// What there is.
        known: Vec<Device>,
    },
    /// No simulator is booted.
    NoneBooted {
        /// Those that could be.
        could: Vec<Device>,
    },
    /// More than one fits.
    Ambiguous {
        /// What was asked for.
        wanted: String,
        /// All that fit.
        fit: Vec<Device>,
    },
    /// It is known, and cannot be used now.
    NotUsable(Box<Device>),
    /// It is locked.
    Locked(Box<Device>),
}

impl std::error::Error for NotFound {}

/// So many devices are named in a message; `holdline device doctor` shows all.
const SHOWN: usize = 6;

fn lines(f: &mut fmt::Formatter<'_>, devices: &[Device]) -> fmt::Result {
    for device in devices.iter().take(SHOWN) {
        write!(f, "\n  {device}")?;
    }
    match devices.len().saturating_sub(SHOWN) {
        0 => Ok(()),
        more => write!(f, "\n  and {more} more"),
    }
}

impl fmt::Display for NotFound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            NotFound::NoTools(error) => write!(f, "no device can be asked for: {error}"),
            NotFound::Unknown { wanted, known } if known.is_empty() => write!(
                f,
                "there is no device `{wanted}`, nor any other: connect a phone by cable, unlock \
                 it and trust this Mac, or boot a simulator"
            ),
            NotFound::Unknown { wanted, known } => {
                write!(f, "there is no device `{wanted}`; there are:")?;
                lines(f, known)
            }
            NotFound::NoneBooted { could } => match could.first() {
                None => f.write_str(
                    "there is no simulator of iOS: `xcodebuild -downloadPlatform iOS` gets one",
                ),
                Some(first) => {
                    write!(f, "no simulator is booted: `xcrun simctl boot {}`, or", first.id)?;
                    lines(f, &could[1..])
                }
            },
            NotFound::Ambiguous { wanted, fit } => {
                write!(f, "`{wanted}` may be any of these; give the identifier:")?;
                lines(f, fit)
            }
            NotFound::NotUsable(device) => {
                write!(f, "{device} cannot be used: {}", hindrance(device))
            }
            NotFound::Locked(device) => write!(
                f,
                "{device} is locked: unlock it, and set Settings, Display & Brightness, Auto-Lock \
                 to Never for the time of the run"
            ),
        }
    }
}

/// What hinders, and what to do about it.
pub(crate) fn hindrance(device: &Device) -> String {
    match &device.state {
        State::Ready => "nothing hinders it".into(),
        State::Shutdown => format!("it is not booted: `xcrun simctl boot {}`", device.id),
        State::Unavailable(why) => format!("its runtime is gone ({why}): take another one"),
        State::NotPaired => {
            "it is not paired with this Mac: connect it by cable, unlock it and tap Trust".into()
        }
        State::Disconnected => {
            "it is not connected: connect it by cable, or to the same network, and unlock it".into()
        }
        State::NoDeveloperMode => "its developer mode is off: on the phone, Settings, Privacy & \
             Security, Developer Mode, then restart it"
            .into(),
        State::Other(state) => format!("it is `{state}` now; wait for it"),
    }
}

/// The device that is meant by `sim` (the booted simulator), by an identifier, the beginning of one, or a name, if it
/// can be used now.
///
/// # Errors
/// [`NotFound`], with what to do.
pub fn find(runs: &mut dyn Runs, wanted: &str) -> Result<Device, NotFound> {
    let listed = list(runs);
    if let ([], [error, ..]) = (&listed.devices[..], &listed.problems[..]) {
        return Err(NotFound::NoTools(error.clone()));
    }
    let device = choose(listed.devices, wanted)?;
    if device.state != State::Ready {
        return Err(NotFound::NotUsable(Box::new(device)));
    }
    if device.tool == Tool::Devicectl && is_locked(runs, &device) == Some(true) {
        return Err(NotFound::Locked(Box::new(device)));
    }
    Ok(device)
}

/// Whether a phone is locked; `None` when it does not say.
pub(crate) fn is_locked(runs: &mut dyn Runs, device: &Device) -> Option<bool> {
    let call = devicectl::lock_state(&device.id);
    let ran = runs.run(&call).ok()?;
    match devicectl::result(&call, &ran) {
        Ok(result) => devicectl::locked(&result),
        Err(_) if failures::is_locked(&ran) => Some(true),
        Err(_) => None,
    }
}

/// The device that is meant, whatever its state.
pub(crate) fn choose(devices: Vec<Device>, wanted: &str) -> Result<Device, NotFound> {
    if wanted == "sim" {
        return booted(devices);
    }
    // Each of these is more exact than the next.
    let is = |a: &str| a.eq_ignore_ascii_case(wanted);
    let begins = |a: &str| {
        a.len() > wanted.len()
            && a.is_char_boundary(wanted.len())
            && a[..wanted.len()].eq_ignore_ascii_case(wanted)
    };
    let by_id = |d: &Device| is(&d.id) || d.core_id.as_deref().is_some_and(is);
    let by_name = |d: &Device| d.name == wanted;
    let by_start = |d: &Device| begins(&d.id) || d.core_id.as_deref().is_some_and(begins);
    for fits in [&by_id as &dyn Fn(&Device) -> bool, &by_name, &by_start] {
        let mut fit: Vec<Device> = devices.iter().filter(|d| fits(d)).cloned().collect();
        // Many simulators of one name are told apart by being booted.
        if fit.len() > 1 && fit.iter().filter(|d| d.state == State::Ready).count() == 1 {
            fit.retain(|d| d.state == State::Ready);
        }
        match (fit.pop(), fit.is_empty()) {
            (None, _) => {}
            (Some(one), true) => return Ok(one),
            (Some(last), false) => {
                fit.push(last);
                return Err(NotFound::Ambiguous { wanted: wanted.into(), fit });
            }
        }
    }
    Err(NotFound::Unknown { wanted: wanted.into(), known: devices })
}

fn booted(devices: Vec<Device>) -> Result<Device, NotFound> {
    let simulators = devices.into_iter().filter(|d| d.kind == Kind::Simulator);
    let (mut ready, others): (Vec<Device>, Vec<Device>) =
        simulators.partition(|d| d.state == State::Ready);
    match (ready.pop(), ready.is_empty()) {
        (Some(one), true) => Ok(one),
        (Some(last), false) => {
            ready.push(last);
            Err(NotFound::Ambiguous { wanted: "sim".into(), fit: ready })
        }
        (None, _) => {
            let mut could: Vec<Device> =
                others.into_iter().filter(|d| d.state == State::Shutdown).collect();
            // The newest first.
            could.reverse();
            Err(NotFound::NoneBooted { could })
        }
    }
}
