//! `ios-deploy`: phones before iOS 17.

use serde_json::{Deserializer, Value};

use super::call::{Call, ToolError};
use super::device::{Device, Kind, State, Tool};
use super::json::text;

/// What it is called in messages.
const NAME: &str = "ios-deploy";

/// Lists the phones that are connected, waiting a second for them.
pub fn list() -> Call {
    Call::new(NAME, ["-c", "--json", "-t", "1"])
}

/// Its version.
pub fn version() -> Call {
    Call::new(NAME, ["--version"])
}

/// Installs an app; what it has written before stays.
pub fn install(id: &str, app: &str) -> Call {
    Call::new(NAME, ["--id", id, "--bundle", app])
}

/// Launches an installed app and leaves it alone. It is started by a debugger that then lets go.
///
/// Arguments and variables are separated by blanks here, and cannot hold any.
pub fn launch(id: &str, app: &str, args: &[String], env: &[(String, String)]) -> Call {
    let fixed = ["--id", id, "--bundle", app, "--noinstall", "--justlaunch"];
    let mut call = Call::new(NAME, fixed);
    if !args.is_empty() {
        call = call.arg("--args").arg(args.join(" "));
    }
    if !env.is_empty() {
        let env: Vec<String> = env.iter().map(|(name, value)| format!("{name}={value}")).collect();
        call = call.arg("--envs").arg(env.join(" "));
    }
    call
}

/// Copies a file of the app's data container, as `Documents/x`, into a folder of this machine, under the same path.
pub fn download(id: &str, bundle_id: &str, source: &str, folder: &str) -> Call {
    let source = format!("--download=/{source}");
    Call::new(NAME, ["--id", id, "--bundle_id", bundle_id, &source, "--to", folder])
}

/// Reads a list: JSON objects one after the other, sometimes with commas or text between them.
///
/// # Errors
/// [`ToolError::Unreadable`] when there is text that begins like an object and is none.
pub fn devices(answer: &[u8]) -> Result<Vec<Device>, ToolError> {
    let unreadable = |problem: String| ToolError::Unreadable { tool: NAME, problem };
    let mut rest = answer;
    let mut found: Vec<Device> = Vec::new();
    while let Some(start) = rest.iter().position(|byte| *byte == b'{') {
        let mut objects = Deserializer::from_slice(&rest[start..]).into_iter::<Value>();
        let object = match objects.next() {
            Some(Ok(object)) => object,
            Some(Err(error)) => return Err(unreadable(format!("no JSON: {error}"))),
            None => break,
        };
        rest = &rest[start + objects.byte_offset()..];
        // A phone on cable and Wi-Fi comes twice.
        if let Some(device) = device(&object)
            && !found.iter().any(|known| known.id == device.id)
        {
            found.push(device);
        }
    }
    Ok(found)
}

/// Since 1.9.3 the device is inside an event, before it was the whole object.
fn device(object: &Value) -> Option<Device> {
    match text(object, &["Event"]) {
        Some("DeviceDetected") | None => {}
        Some(_) => return None,
    }
    let device = object.get("Device").unwrap_or(object);
    let id = text(device, &["DeviceIdentifier"])?.to_owned();
    Some(Device {
        core_id: None,
        name: text(device, &["DeviceName"]).unwrap_or(&id).to_owned(),
        kind: Kind::Phone,
        tool: Tool::IosDeploy,
        os: text(device, &["ProductVersion"]).map(str::to_owned),
        model: text(device, &["ProductType"]).map(str::to_owned),
        state: State::Ready,
        id,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_commands_are_those_of_the_manual() {
        let env = [("A".to_owned(), "1".to_owned()), ("B".to_owned(), "2".to_owned())];
        for (call, line) in [
            (list(), "ios-deploy -c --json -t 1"),
            (install("P", "H.app"), "ios-deploy --id P --bundle H.app"),
            (
                launch("P", "H.app", &["x".into()], &env),
                "ios-deploy --id P --bundle H.app --noinstall --justlaunch --args x \
                 --envs 'A=1 B=2'",
            ),
            (
                download("P", "a.b", "Documents/x", "/t"),
                "ios-deploy --id P --bundle_id a.b --download=/Documents/x --to /t",
            ),
        ] {
            assert_eq!(call.to_string(), line);
        }
    }

    #[test]
    fn text_between_the_objects_does_not_matter() {
        let list = b"[....] Waiting\n{\"DeviceIdentifier\":\"a\"}{\"DeviceIdentifier\":\"b\"},\n%";
        let ids: Vec<String> = devices(list).unwrap().into_iter().map(|d| d.id).collect();
        assert_eq!(ids, ["a", "b"]);
        assert!(devices(b"{\"DeviceIdentifier\":").is_err());
        assert_eq!(devices(b"").unwrap(), []);
    }
}
