//! `xcrun simctl`: simulators.

use super::call::{Call, ToolError};
use super::device::{Device, Kind, State, Tool};
use super::json::{clean, flag, parse, text};

/// What it is called in messages.
const NAME: &str = "simctl";

/// The app that comes to the foreground so that ours goes to the background: there is no command for that.
pub const OTHER_APP: &str = "com.apple.Preferences";

/// What `simctl launch` takes away from a variable's name before it hands it to the app.
const CHILD: &str = "SIMCTL_CHILD_";

fn simctl(args: &[&str]) -> Call {
    Call::new("xcrun", ["simctl"].iter().chain(args).copied())
}

/// Lists all simulators.
pub fn list() -> Call {
    simctl(&["list", "devices", "--json"])
}

/// Starts a simulator.
pub fn boot(id: &str) -> Call {
    simctl(&["boot", id])
}

/// Waits until a simulator has started, and starts it if need be.
pub fn boot_status(id: &str) -> Call {
    simctl(&["bootstatus", id, "-b"]).within(std::time::Duration::from_secs(300))
}

/// Installs an app; what it has written before stays.
pub fn install(id: &str, app: &str) -> Call {
    simctl(&["install", id, app])
}

/// Launches an app without a debugger, with these variables in its environment. One that runs comes to the
/// foreground, unless `fresh` ends it first.
pub fn launch(
    id: &str,
    bundle_id: &str,
    args: &[String],
    env: &[(String, String)],
    fresh: bool,
) -> Call {
    let mut call = simctl(&["launch"]);
    if fresh {
        call = call.arg("--terminate-running-process");
    }
    call = call.arg(id).arg(bundle_id);
    call.args.extend(args.iter().cloned());
    for (name, value) in env {
        call = call.with_env(format!("{CHILD}{name}"), value.clone());
    }
    call
}

/// Ends an app, without a change to the background before.
pub fn terminate(id: &str, bundle_id: &str) -> Call {
    simctl(&["terminate", id, bundle_id])
}

/// Stops a process, as no system does it: it is a process of this machine.
pub fn freeze(pid: u32) -> Call {
    Call::new("kill", ["-STOP".to_owned(), pid.to_string()])
}

/// Lets a stopped process go on.
pub fn thaw(pid: u32) -> Call {
    Call::new("kill", ["-CONT".to_owned(), pid.to_string()])
}

/// Says where the app's data is on this machine.
pub fn data_container(id: &str, bundle_id: &str) -> Call {
    simctl(&["get_app_container", id, bundle_id, "data"])
}

/// Opens a URL.
pub fn open_url(id: &str, url: &str) -> Call {
    simctl(&["openurl", id, url])
}

/// Delivers a remote notification of this JSON. VoIP pushes are not supported.
pub fn push(id: &str, bundle_id: &str, payload: &str) -> Call {
    let mut call = simctl(&["push", id, bundle_id, "-"]);
    call.stdin = Some(payload.as_bytes().to_vec());
    call
}

/// Says which Xcode it is of.
pub fn help() -> Call {
    simctl(&["help"])
}

/// Reads a list: the simulators of iOS, oldest version first, each version in the list's own order.
///
/// # Errors
/// [`ToolError::Unreadable`] when it is no list of devices. An entry without UDID or name is left out.
pub fn devices(answer: &[u8]) -> Result<Vec<Device>, ToolError> {
    let list = parse(NAME, answer)?;
    let unreadable = |problem: &str| ToolError::Unreadable { tool: NAME, problem: problem.into() };
    let runtimes = list
        .get("devices")
        .and_then(serde_json::Value::as_object)
        .ok_or_else(|| unreadable("there is no object `devices`"))?;
    let mut found: Vec<Device> = Vec::new();
    for (runtime, entries) in runtimes {
        let Some(os) = ios_version(runtime) else { continue };
        let entries = entries
            .as_array()
            .ok_or_else(|| unreadable(&format!("the devices of {} are no list", clean(runtime))))?;
        found.extend(entries.iter().filter_map(|entry| device(entry, &os)));
    }
    found.sort_by_cached_key(|device| numbers(device.os.as_deref().unwrap_or_default()));
    Ok(found)
}

/// The version in `iOS 11.2` or `com.apple.CoreSimulator.SimRuntime.iOS-17-0-1`; `None` for other systems.
fn ios_version(runtime: &str) -> Option<String> {
    let name = runtime.rsplit("SimRuntime.").next().unwrap_or(runtime);
    let version = name.strip_prefix("iOS-").or_else(|| name.strip_prefix("iOS "))?;
    let version = version.split(' ').next().unwrap_or(version);
    Some(version.replace('-', "."))
}

fn numbers(version: &str) -> Vec<u64> {
    version.split('.').map(|part| part.parse().unwrap_or(0)).collect()
}

fn device(entry: &serde_json::Value, os: &str) -> Option<Device> {
    let model = text(entry, &["deviceTypeIdentifier"]);
    Some(Device {
        id: text(entry, &["udid"])?.to_owned(),
        core_id: None,
        name: text(entry, &["name"])?.to_owned(),
        kind: Kind::Simulator,
        tool: Tool::Simctl,
        os: Some(os.to_owned()),
        model: model.map(|model| model.rsplit('.').next().unwrap_or(model).to_owned()),
        state: state(entry),
    })
}

/// `isAvailable` is a boolean, or `YES` in Xcode 10.1; before there was `availability` as `(available)`.
fn state(entry: &serde_json::Value) -> State {
    let old = text(entry, &["availability"]);
    let available = entry
        .get("isAvailable")
        .and_then(flag)
        .or_else(|| old.map(|old| old == "(available)"))
        .unwrap_or(true);
    if !available {
        let why = text(entry, &["availabilityError"]).or(old).unwrap_or("unavailable");
        return State::Unavailable(clean(why.trim_matches(['(', ')'])));
    }
    match text(entry, &["state"]) {
        Some("Booted") => State::Ready,
        Some("Shutdown") => State::Shutdown,
        Some(other) => State::Other(clean(other)),
        None => State::Other("unknown".into()),
    }
}

/// The process in `com.example.app: 1234`, what `launch` says.
///
/// # Errors
/// [`ToolError::Unreadable`] when there is no number at the end of a line.
pub fn launched(answer: &str) -> Result<u32, ToolError> {
    let pid = answer.lines().rev().find_map(|line| line.rsplit(':').next()?.trim().parse().ok());
    pid.ok_or_else(|| ToolError::Unreadable {
        tool: NAME,
        problem: "it names no process that was launched".into(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn s(text: &str) -> String {
        text.to_owned()
    }

    #[test]
    fn the_commands_are_those_of_the_manual() {
        for (call, line) in [
            (list(), "xcrun simctl list devices --json"),
            (boot("U"), "xcrun simctl boot U"),
            (boot_status("U"), "xcrun simctl bootstatus U -b"),
            (install("U", "/a/H.app"), "xcrun simctl install U /a/H.app"),
            (
                launch("U", "a.b", &[s("-x")], &[(s("HOLDLINE_RUN"), s("n 1"))], false),
                "SIMCTL_CHILD_HOLDLINE_RUN='n 1' xcrun simctl launch U a.b -x",
            ),
            (
                launch("U", "a.b", &[], &[], true),
                "xcrun simctl launch --terminate-running-process U a.b",
            ),
            (terminate("U", "a.b"), "xcrun simctl terminate U a.b"),
            (freeze(7), "kill -STOP 7"),
            (thaw(7), "kill -CONT 7"),
            (data_container("U", "a.b"), "xcrun simctl get_app_container U a.b data"),
            (open_url("U", "holdline:go"), "xcrun simctl openurl U holdline:go"),
            (push("U", "a.b", "{}"), "xcrun simctl push U a.b - < INPUT"),
        ] {
            assert_eq!(call.to_string(), line);
        }
    }

    #[test]
    fn runtimes_of_both_styles_have_their_version() {
        assert_eq!(ios_version("iOS 11.2"), Some(s("11.2")));
        assert_eq!(ios_version("com.apple.CoreSimulator.SimRuntime.iOS-17-0-1"), Some(s("17.0.1")));
        assert_eq!(ios_version("com.apple.CoreSimulator.SimRuntime.watchOS-5-3"), None);
        assert_eq!(ios_version("tvOS 12.0"), None);
    }

    #[test]
    fn the_process_is_the_number_at_the_end() {
        assert_eq!(launched("dev.holdline.agent: 4711\n"), Ok(4711));
        assert!(launched("nothing\n").is_err());
    }
}
