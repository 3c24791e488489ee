//! `xcrun devicectl`: phones with iOS 17 and later. Its JSON is written to a file, the only interface for programs
//! that its manual promises.

use serde_json::Value;

use super::call::{ANSWER, Call, Ran, Runs, ToolError, failure};
use super::device::{Device, Kind, State, Tool};
use super::failures;
use super::json::{at, parse, text};

/// What it is called in messages.
const NAME: &str = "devicectl";

fn devicectl(args: &[&str]) -> Call {
    Call::new("xcrun", ["devicectl"].iter().chain(args).copied())
}

fn of_device(args: &[&str], id: &str) -> Call {
    devicectl(&[&["device"], args, &["--device", id]].concat())
}

/// The version of CoreDevice.
pub fn version() -> Call {
    devicectl(&["--version"])
}

/// Lists the phones that this Mac knows.
pub fn list() -> Call {
    devicectl(&["list", "devices", "--json-output", ANSWER])
}

/// Whether a phone is locked.
pub fn lock_state(id: &str) -> Call {
    of_device(&["info", "lockState"], id).arg("--json-output").arg(ANSWER)
}

/// Installs an app; what it has written before stays.
pub fn install(id: &str, app: &str) -> Call {
    of_device(&["install", "app"], id).arg("--json-output").arg(ANSWER).arg(app)
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
    let mut call = of_device(&["process", "launch"], id);
    if fresh {
        call = call.arg("--terminate-existing");
    }
    if !env.is_empty() {
        let object: serde_json::Map<String, Value> =
            env.iter().map(|(name, value)| (name.clone(), value.as_str().into())).collect();
        call = call.arg("--environment-variables").arg(Value::from(object).to_string());
    }
    call = call.arg("--json-output").arg(ANSWER).arg(bundle_id);
    if args.iter().any(|arg| arg.starts_with('-')) {
        // What follows is not for the tool.
        call = call.arg("--");
    }
    call.args.extend(args.iter().cloned());
    call
}

fn process(verb: &str, id: &str, pid: u32) -> Call {
    let pid = pid.to_string();
    of_device(&["process", verb], id).arg("--pid").arg(pid)
}

/// Ends a process at once, as iOS does it.
pub fn terminate(id: &str, pid: u32) -> Call {
    process("terminate", id, pid).arg("--kill").arg("--json-output").arg(ANSWER)
}

/// Stops a process. That is not how iOS suspends an app: nothing is told to it, and its sockets stay.
pub fn freeze(id: &str, pid: u32) -> Call {
    process("suspend", id, pid).arg("--json-output").arg(ANSWER)
}

/// Lets a stopped process go on.
pub fn thaw(id: &str, pid: u32) -> Call {
    process("resume", id, pid).arg("--json-output").arg(ANSWER)
}

/// Tells a process that memory is short.
pub fn memory_warning(id: &str, pid: u32) -> Call {
    process("sendMemoryWarning", id, pid).arg("--json-output").arg(ANSWER)
}

/// Opens a URL.
pub fn open_url(id: &str, url: &str) -> Call {
    of_device(&["process", "openURL"], id).arg("--json-output").arg(ANSWER).arg(url)
}

/// Copies a file of the app's data container, as `Documents/x`, to this machine.
pub fn copy_from(id: &str, bundle_id: &str, source: &str, to: &str) -> Call {
    let domain = ["--domain-type", "appDataContainer", "--domain-identifier", bundle_id];
    let mut call = of_device(&["copy", "from"], id);
    call.args.extend(domain.map(str::to_owned));
    call.arg("--source").arg(source).arg("--destination").arg(to).arg("--json-output").arg(ANSWER)
}

/// Makes a call that must succeed, and gives the `result` of its answer.
///
/// # Errors
/// [`ToolError`]: also when the program ended well and its answer says otherwise, which happens.
pub fn ask(runs: &mut dyn Runs, call: &Call) -> Result<Value, ToolError> {
    result(call, &runs.run(call)?)
}

/// The `result` of an answer.
///
/// # Errors
/// [`ToolError::Failed`] when the answer tells of a failure, [`ToolError::Unreadable`] when it is no answer.
pub fn result(call: &Call, ran: &Ran) -> Result<Value, ToolError> {
    let Some(answer) = &ran.answer else {
        if ran.is_success() {
            let problem = "it wrote none".into();
            return Err(ToolError::Unreadable { tool: NAME, problem });
        }
        return Err(failure(call, ran));
    };
    let mut answer = match parse(NAME, answer) {
        Ok(answer) => answer,
        // What it said besides is worth more.
        Err(_) if !ran.is_success() => return Err(failure(call, ran)),
        Err(error) => return Err(error),
    };
    let outcome = text(&answer, &["info", "outcome"]);
    if outcome == Some("success") && ran.is_success() {
        return match answer.get_mut("result") {
            Some(result) => Ok(result.take()),
            None => Ok(Value::Null),
        };
    }
    match outcome {
        None if ran.is_success() => Err(ToolError::Unreadable {
            tool: NAME,
            problem: "it does not say how the call came out (`info.outcome`)".into(),
        }),
        Some(outcome) if failures::told(&answer).is_none() && ran.stderr.is_empty() => {
            Err(ToolError::Failed {
                line: call.to_string(),
                status: ran.status,
                said: format!("its answer says `{outcome}`").replace(char::is_control, " "),
                help: None,
            })
        }
        Some(_) | None => Err(failure(call, ran)),
    }
}

/// Reads the `result` of a list: phones and tablets, in the list's own order.
///
/// # Errors
/// [`ToolError::Unreadable`] when it is no list of devices. An entry without identifier is left out: those of devices
/// that were never paired have empty properties.
pub fn devices(result: &Value) -> Result<Vec<Device>, ToolError> {
    let list = result.get("devices").and_then(Value::as_array);
    let list = list.ok_or_else(|| ToolError::Unreadable {
        tool: NAME,
        problem: "there is no list `result.devices`".into(),
    })?;
    Ok(list.iter().filter_map(device).collect())
}

fn device(entry: &Value) -> Option<Device> {
    let platform = text(entry, &["hardwareProperties", "platform"]);
    if platform.is_some_and(|platform| platform != "iOS") {
        return None;
    }
    let core_id = text(entry, &["identifier"]);
    let udid = text(entry, &["hardwareProperties", "udid"]);
    let os = text(entry, &["deviceProperties", "osVersionNumber"]).map(str::to_owned);
    let simulated = text(entry, &["hardwareProperties", "reality"])
        .is_some_and(|reality| reality != "physical");
    if simulated {
        // Xcode 27 lists simulators here, too; `simctl` has them.
        return None;
    }
    let id = udid.or(core_id)?.to_owned();
    let name = text(entry, &["deviceProperties", "name"]).unwrap_or(&id).to_owned();
    let mut device = Device {
        core_id: core_id.map(str::to_owned),
        name,
        kind: Kind::Phone,
        tool: Tool::Devicectl,
        os,
        model: text(entry, &["hardwareProperties", "productType"]).map(str::to_owned),
        state: state(entry),
        id,
    };
    if device.major().is_some_and(|major| major < FIRST_VERSION) {
        device.tool = Tool::IosDeploy;
    }
    Some(device)
}

/// The first iOS that this tool speaks with.
pub const FIRST_VERSION: u32 = 17;

fn state(entry: &Value) -> State {
    let connection = |key: &str| text(entry, &["connectionProperties", key]);
    if connection("pairingState") != Some("paired") {
        return State::NotPaired;
    }
    if text(entry, &["deviceProperties", "developerModeStatus"]) == Some("disabled") {
        return State::NoDeveloperMode;
    }
    match connection("tunnelState") {
        Some("unavailable") => State::Disconnected,
        Some(_) | None => State::Ready,
    }
}

/// Whether a phone is locked, from the `result` of [`lock_state`]: not what it needs for its files
/// (`unlockedSinceBoot`), but whether it asks for its code now.
pub fn locked(result: &Value) -> Option<bool> {
    result.get("passcodeRequired").and_then(Value::as_bool)
}

/// The process of the `result` of [`launch`].
///
/// # Errors
/// [`ToolError::Unreadable`] when there is none.
pub fn launched(result: &Value) -> Result<u32, ToolError> {
    let pid = at(result, &["process", "processIdentifier"]).and_then(Value::as_u64);
    pid.and_then(|pid| u32::try_from(pid).ok()).ok_or_else(|| ToolError::Unreadable {
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
        let json = "--json-output answer.json";
        let device = "xcrun devicectl device";
        let env = [(s("B"), s("2 3")), (s("A"), s("\"1\""))];
        for (call, line) in [
            (list(), format!("xcrun devicectl list devices {json}")),
            (lock_state("P"), format!("{device} info lockState --device P {json}")),
            (install("P", "H.app"), format!("{device} install app --device P {json} H.app")),
            (
                launch("P", "a.b", &[s("x")], &env, true),
                format!(
                    "{device} process launch --device P --terminate-existing \
                     --environment-variables '{{\"A\":\"\\\"1\\\"\",\"B\":\"2 3\"}}' {json} a.b x"
                ),
            ),
            (
                launch("P", "a.b", &[s("-x")], &[], false),
                format!("{device} process launch --device P {json} a.b -- -x"),
            ),
            (
                launch("P", "a.b", &[], &[], false),
                format!("{device} process launch --device P {json} a.b"),
            ),
            (
                terminate("P", 7),
                format!("{device} process terminate --device P --pid 7 --kill {json}"),
            ),
            (freeze("P", 7), format!("{device} process suspend --device P --pid 7 {json}")),
            (thaw("P", 7), format!("{device} process resume --device P --pid 7 {json}")),
            (
                memory_warning("P", 7),
                format!("{device} process sendMemoryWarning --device P --pid 7 {json}"),
            ),
            (
                copy_from("P", "a.b", "Documents/x", "/t/x"),
                format!(
                    "{device} copy from --device P --domain-type appDataContainer \
                     --domain-identifier a.b --source Documents/x --destination /t/x {json}"
                ),
            ),
            (open_url("P", "u:v"), format!("{device} process openURL --device P {json} u:v")),
        ] {
            assert_eq!(call.to_string(), line);
        }
    }

    #[test]
    fn success_without_an_outcome_or_an_answer_is_not_taken_for_one() {
        let call = list();
        for ran in [Ran::said(""), Ran::answered("{}"), Ran::answered("devices")] {
            assert!(matches!(result(&call, &ran), Err(ToolError::Unreadable { .. })), "{ran:?}");
        }
        let failed = Ran::answered("{\"info\":{\"outcome\":\"failed\"},\"result\":{}}");
        assert!(matches!(result(&call, &failed), Err(ToolError::Failed { .. })));
    }
}
