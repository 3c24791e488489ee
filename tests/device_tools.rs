//! The answers of Apple's tools, in several versions, as tests/fixtures/device has them.
#![cfg(feature = "cli")]

use std::path::{Path, PathBuf};

use holdline::device::host::tools::{
    Device, Fake, Kind, NotFound, Ran, State, Tool, ToolError, codesign, devicectl, find,
    ios_deploy, list, simctl,
};
use proptest::prelude::*;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/device")
}

fn read(name: &str) -> Vec<u8> {
    std::fs::read(folder().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// All files there are, but the page about them.
fn all() -> Vec<String> {
    let mut names = Vec::new();
    for tool in ["simctl", "devicectl", "ios-deploy", "security"] {
        for entry in std::fs::read_dir(folder().join(tool)).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            names.push(format!("{tool}/{name}"));
        }
    }
    names.sort();
    names
}

/// A device in some words: name, version, state.
fn short(devices: &[Device]) -> Vec<(String, String, State)> {
    let os = |device: &Device| device.os.clone().unwrap_or_else(|| "-".into());
    devices.iter().map(|d| (d.name.clone(), os(d), d.state.clone())).collect()
}

fn is(found: &[Device], expected: &[(&str, &str, State)]) {
    let expected: Vec<_> = expected
        .iter()
        .map(|(name, os, state)| ((*name).to_owned(), (*os).to_owned(), state.clone()))
        .collect();
    assert_eq!(short(found), expected);
}

fn gone(why: &str) -> State {
    State::Unavailable(why.into())
}

#[test]
fn every_file_says_where_its_shape_was_seen() {
    let page = String::from_utf8(read("README.md")).unwrap();
    for name in all() {
        assert!(page.contains(&format!("| `{name}` | ")), "{name} is not in README.md");
    }
    let rows = page.lines().filter(|line| line.starts_with("| `")).count();
    assert_eq!(rows, all().len(), "README.md names files that are not there");
}

#[test]
fn simulators_are_read_from_every_xcode() {
    let sims = |name: &str| simctl::devices(&read(&format!("simctl/{name}.json"))).unwrap();
    is(
        &sims("xcode-9"),
        &[
            ("iPhone 5", "9.3", gone("unavailable, runtime profile not found")),
            ("iPhone 6s", "11.2", State::Shutdown),
            ("iPhone X", "11.2", State::Ready),
        ],
    );
    is(
        &sims("xcode-10.1"),
        &[
            ("iPhone 7", "11.4", gone("runtime profile not found")),
            ("iPhone 8", "12.1", State::Shutdown),
        ],
    );
    is(
        &sims("xcode-10.2"),
        &[("iPhone 5s", "12.2", State::Ready), ("iPhone 6", "12.2", State::Shutdown)],
    );
    is(
        &sims("xcode-11"),
        &[("iPhone 8", "13.2", State::Shutdown), ("iPhone 11", "13.2", State::Ready)],
    );
    let thirteen = sims("xcode-13");
    is(
        &thirteen,
        &[
            ("iPhone 13", "15.5", State::Shutdown),
            ("iPhone SE (3rd generation)", "15.5", State::Ready),
        ],
    );
    assert_eq!(thirteen[1].model.as_deref(), Some("iPhone-SE-3rd-generation"));
    is(
        &sims("xcode-15"),
        &[
            ("iPhone 14", "16.4", State::Ready),
            ("iPhone 15", "17.0.1", State::Shutdown),
            ("iPhone 15 Pro", "17.0.1", State::Ready),
        ],
    );
    is(
        &sims("xcode-16"),
        &[
            ("iPhone 15", "17.5", gone("runtime profile not found using \"System\" match policy")),
            ("iPhone 16", "18.1", State::Shutdown),
            ("iPhone 16 Pro", "18.1", State::Other("Booting".into())),
        ],
    );
    is(
        &sims("xcode-26"),
        &[("iPhone 17", "26.0", State::Shutdown), ("iPhone Air", "26.0", State::Ready)],
    );
    is(&sims("empty"), &[]);
    let launched = String::from_utf8(read("simctl/launch.txt")).unwrap();
    assert_eq!(simctl::launched(&launched), Ok(48213));
}

fn phones(name: &str) -> Vec<Device> {
    let ran = Ran::answered(read(&format!("devicectl/{name}.json")));
    devicectl::devices(&devicectl::result(&devicectl::list(), &ran).unwrap()).unwrap()
}

#[test]
fn phones_are_read_from_every_devicectl() {
    let first = phones("list-xcode-15");
    is(&first, &[("Blue phone", "17.0", State::Ready), ("Old phone", "16.7", State::Ready)]);
    let tools: Vec<Tool> = first.iter().map(|phone| phone.tool).collect();
    assert_eq!(tools, [Tool::Devicectl, Tool::IosDeploy], "devicectl begins with iOS 17");
    assert_eq!(first[0].id, "00008110-000000000000001E");
    assert_eq!(first[0].model.as_deref(), Some("iPhone14,5"));

    let second = phones("list-version-2");
    is(
        &second,
        &[
            ("Asleep phone", "-", State::Disconnected),
            ("New phone", "18.1", State::NotPaired),
            ("Locked down phone", "17.6.1", State::NoDeveloperMode),
            ("00000018-0000-4000-8000-000000000024", "-", State::NotPaired),
        ],
    );
    is(&phones("list-version-4"), &[("Blue phone", "26.1", State::Ready)]);
    is(&phones("list-empty"), &[]);
}

fn outcome(name: &str, status: i32) -> Result<serde_json::Value, ToolError> {
    let ran =
        Ran { status: Some(status), ..Ran::answered(read(&format!("devicectl/{name}.json"))) };
    devicectl::result(&devicectl::launch("P", "dev.holdline.agent", &[], &[], false), &ran)
}

fn told(name: &str, status: i32) -> String {
    outcome(name, status).unwrap_err().to_string()
}

#[test]
fn what_devicectl_says_is_success_or_a_failure_with_what_helps() {
    assert_eq!(devicectl::launched(&outcome("launch-xcode-15", 0).unwrap()), Ok(1234));
    let locked = told("launch-locked", 1);
    assert!(locked.contains("could not be, unlocked. (com.apple.dt.CoreDeviceError"), "{locked}");
    assert!(locked.contains("; unlock the phone"), "{locked}");
    let untrusted = told("launch-untrusted", 1);
    assert!(untrusted.contains("VPN & Device Management"), "{untrusted}");
    assert!(told("launch-timeout", 1).contains("its answer says `timeout`"));
    assert!(told("install-too-many", 1).contains("delete another one"));
    assert!(told("terminate-no-process", 1).contains("it has ended"));
    let silent = told("terminate-failed-without-error", 0);
    assert!(silent.contains("its answer says `failed`"), "{silent}");
    let lock = |name: &str| devicectl::locked(&outcome(name, 0).unwrap());
    assert_eq!(lock("lock-state-version-3"), Some(false));
    assert_eq!(lock("lock-state-version-5"), Some(true));
    assert!(told("lock-state-not-connected", 1).contains("CoreDeviceError error 1011"));
}

#[test]
fn phones_before_ios_17_are_read_from_every_ios_deploy() {
    let old = |name: &str| {
        let found = ios_deploy::devices(&read(&format!("ios-deploy/{name}.json"))).unwrap();
        assert!(found.iter().all(|d| d.kind == Kind::Phone && d.tool == Tool::IosDeploy));
        found.into_iter().map(|d| (d.name, d.os.unwrap_or_default())).collect::<Vec<_>>()
    };
    let first = ("Old phone".to_owned(), "15.7.2".to_owned());
    let second = ("“Jo” phone".to_owned(), "16.7".to_owned());
    for both in ["version-1.12", "version-1.10", "with-commas"] {
        assert_eq!(old(both), [first.clone(), second.clone()], "{both}");
    }
    assert_eq!(old("version-1.9"), std::slice::from_ref(&first));
    assert_eq!(old("with-other-events"), [first]);
    assert_eq!(old("empty"), []);
}

/// A Mac whose tools answer with these files.
fn mac(simctl: &str, devicectl: &str, ios_deploy: Option<&str>) -> Fake {
    let fake = Fake::new()
        .answer("xcrun simctl list", Ran::said(read(&format!("simctl/{simctl}.json"))))
        .answer("xcrun devicectl list", Ran::answered(read(&format!("devicectl/{devicectl}.json"))))
        .answer(
            "xcrun devicectl device info lockState",
            Ran::answered(read("devicectl/lock-state-version-3.json")),
        );
    match ios_deploy {
        Some(name) => {
            fake.answer("ios-deploy -c", Ran::said(read(&format!("ios-deploy/{name}.json"))))
        }
        None => fake,
    }
}

#[test]
fn the_booted_simulator_is_meant_by_sim() {
    let mut one = mac("xcode-26", "list-empty", None);
    assert_eq!(find(&mut one, "sim").unwrap().name, "iPhone Air");
    let none = find(&mut mac("xcode-16", "list-empty", None), "sim").unwrap_err().to_string();
    assert!(none.contains("no simulator is booted: `xcrun simctl boot 00000001-"), "{none}");
    let two = find(&mut mac("xcode-15", "list-empty", None), "sim").unwrap_err();
    assert!(matches!(&two, NotFound::Ambiguous { fit, .. } if fit.len() == 2), "{two}");
    let no_runtime = find(&mut mac("empty", "list-empty", None), "sim").unwrap_err().to_string();
    assert!(no_runtime.contains("xcodebuild -downloadPlatform iOS"), "{no_runtime}");
}

#[test]
fn a_phone_is_found_by_identifier_by_its_beginning_and_by_name() {
    let mut mac = mac("xcode-26", "list-xcode-15", Some("version-1.12"));
    for wanted in [
        "00008110-000000000000001E",
        "00008110-000000000000001e",
        "00008110-000000000000001",
        "0000000B-0000-4000-8000-000000000011",
        "Blue phone",
    ] {
        assert_eq!(find(&mut mac, wanted).unwrap().name, "Blue phone", "{wanted}");
    }
    let two = find(&mut mac, "00008110-00000000000000").unwrap_err();
    assert!(matches!(two, NotFound::Ambiguous { .. }), "{two}");
    let unknown = find(&mut mac, "Red phone").unwrap_err().to_string();
    assert!(unknown.contains("there is no device `Red phone`; there are:\n  iPhone"), "{unknown}");
    // Both tools list it; it is one.
    let old = list(&mut mac).devices.into_iter().filter(|d| d.name == "Old phone").count();
    assert_eq!(old, 1);
}

#[test]
fn what_hinders_a_phone_is_told_with_what_to_do() {
    let mut mac = mac("empty", "list-version-2", None);
    for (wanted, what) in [
        ("Asleep phone", "it is not connected"),
        ("New phone", "tap Trust"),
        ("Locked down phone", "Developer Mode"),
    ] {
        let error = find(&mut mac, wanted).unwrap_err().to_string();
        assert!(error.contains(what), "{wanted}: {error}");
    }
    let locked = Ran::answered(read("devicectl/lock-state-version-5.json"));
    let mut mac = Fake::new()
        .answer("xcrun simctl list", Ran::said(read("simctl/empty.json")))
        .answer("xcrun devicectl device info lockState", locked)
        .answer("xcrun devicectl list", Ran::answered(read("devicectl/list-version-4.json")));
    let error = find(&mut mac, "Blue phone").unwrap_err();
    assert!(matches!(error, NotFound::Locked(_)), "{error}");
}

#[test]
fn without_tools_it_is_said_what_can_be_done_here() {
    let error = find(&mut Fake::new(), "sim").unwrap_err().to_string();
    assert!(error.contains("there is no `xcrun` here"), "{error}");
    assert!(error.contains("`--device fake`"), "{error}");
    for (file, help) in [
        ("error-no-simctl", "xcode-select"),
        ("error-license", "xcodebuild -license accept"),
        ("error-shutdown", "simctl boot"),
    ] {
        let ran = Ran::failed(1, read(&format!("simctl/{file}.txt")));
        let mut mac = Fake::new().answer("xcrun", ran);
        let error = find(&mut mac, "sim").unwrap_err().to_string();
        assert!(error.contains(help), "{file}: {error}");
    }
}

#[test]
fn a_terminal_obeys_nothing_that_a_list_holds() {
    let runtime = "com.apple.CoreSimulator.SimRuntime.iOS-1\\u001b[2J";
    let no_list = format!("{{\"devices\":{{\"{runtime}\":1}}}}");
    let error = simctl::devices(no_list.as_bytes()).unwrap_err().to_string();
    let odd = format!(
        "{{\"devices\":{{\"{runtime}\":[{{\"udid\":\"\\u0007a\",\"name\":\"\\u001b[1mx\",\
         \"state\":\"\\u001bc\"}}]}}}}"
    );
    let devices = simctl::devices(odd.as_bytes()).unwrap();
    let mut mac = Fake::new().answer("xcrun simctl", Ran::said(odd));
    let hindered = find(&mut mac, "\u{7}a").unwrap_err().to_string();
    for text in [error, devices[0].to_string(), hindered] {
        assert!(!text.chars().any(|c| c.is_control() && c != '\n'), "{text:?}");
    }
}

#[test]
fn identities_are_read_with_what_is_wrong_with_them() {
    let text = |name: &str| String::from_utf8(read(&format!("security/{name}.txt"))).unwrap();
    let known = codesign::read_identities(&text("identities"));
    assert_eq!(
        codesign::choose(&known, None).unwrap().name,
        "Apple Development: Jo Doe (AAAAAAAAAA)"
    );
    assert_eq!(known[1].problem.as_deref(), Some("CSSMERR_TP_CERT_REVOKED"));
    assert_eq!(codesign::read_identities(&text("none")), []);
}

proptest! {
    #[test]
    fn damaged_answers_never_panic(
        name in prop::sample::select(all()),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..12),
        keep in any::<prop::sample::Index>(),
        cut in any::<bool>(),
        status in 0..2i32,
    ) {
        let mut bytes = read(&name);
        if !bytes.is_empty() {
            for (at, byte) in changes {
                let at = at.index(bytes.len());
                bytes[at] = byte;
            }
            if cut {
                bytes.truncate(keep.index(bytes.len()));
            }
        }
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let answered = Ran { status: Some(status), ..Ran::answered(bytes.clone()) };
        // Either answer will do, and each can be told in one line of plain text.
        let mut errors = Vec::new();
        errors.extend(simctl::devices(&bytes).err());
        errors.extend(simctl::launched(&text).err());
        errors.extend(ios_deploy::devices(&bytes).err());
        match devicectl::result(&devicectl::list(), &answered) {
            Ok(result) => {
                errors.extend(devicectl::devices(&result).err());
                errors.extend(devicectl::launched(&result).err());
                _ = devicectl::locked(&result);
            }
            Err(error) => errors.push(error),
        }
        for identity in codesign::read_identities(&text) {
            prop_assert_eq!(identity.hash.len(), 40);
        }
        for error in errors {
            prop_assert!(!error.to_string().chars().any(char::is_control), "{}", error);
        }
        let mut mac = Fake::new()
            .answer("xcrun simctl", Ran::said(bytes.clone()))
            .answer("xcrun devicectl", answered)
            .answer("ios-deploy", Ran::said(bytes));
        _ = find(&mut mac, "sim");
    }
}
