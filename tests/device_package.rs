//! `holdline device package` over binaries made here, and what `holdline check` says of the app.
#![cfg(feature = "cli")]

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

/// A Mach-O file with nothing but LC_BUILD_VERSION: platform 2 is iOS, 7 its simulator.
fn binary(platform: u32, minos: u32, sdk: u32) -> Vec<u8> {
    let header = [0xfeed_facf, 0x0100_000c, 0, 2, 1, 24, 0, 0];
    let command = [0x32, 24, platform, minos, sdk, 0];
    header.iter().chain(&command).flat_map(|word: &u32| word.to_le_bytes()).collect()
}

const IOS_13: u32 = 13 << 16;
const SDK_26_1: u32 = 26 << 16 | 1 << 8;

const PROFILE: &str = "<?xml version=\"1.0\"?><plist version=\"1.0\"><dict>\
    <key>Name</key><string>Mine</string>\
    <key>TeamIdentifier</key><array><string>ABCDE12345</string></array>\
    <key>ExpirationDate</key><date>2999-01-01T00:00:00Z</date>\
    <key>ProvisionedDevices</key><array><string>PHONE</string></array>\
    <key>Entitlements</key><dict>\
    <key>application-identifier</key><string>ABCDE12345.dev.example.*</string>\
    <key>aps-environment</key><string>development</string>\
    <key>get-task-allow</key><true/></dict></dict></plist>";

fn holdline(folder: &Path, args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_holdline"));
    // Whatever this machine has to sign with must not matter.
    command.current_dir(folder).env("NO_COLOR", "1").env("PATH", folder);
    command.args(args).output().unwrap()
}

fn package(folder: &Path, args: &[&str]) -> (Option<i32>, String) {
    let args = [&["device", "package", "--agent", "agent", "--out", "out"], args].concat();
    let output = holdline(folder, &args);
    let text = [output.stdout, output.stderr].concat();
    (output.status.code(), String::from_utf8(text).unwrap())
}

fn workplace(platform: u32) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("agent"), binary(platform, IOS_13, SDK_26_1)).unwrap();
    // As in the file: the list is inside a signed message.
    let profile = [b"\x30\x82\xff", PROFILE.as_bytes(), b"\xa0"].concat();
    fs::write(folder.path().join("p.mobileprovision"), profile).unwrap();
    folder
}

fn names(folder: &Path) -> Vec<String> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn a_packaged_app_says_what_it_lets_itself_do() {
    let place = workplace(2);
    let args = ["--profile", "p.mobileprovision", "--unsigned", "--device", "PHONE"];
    let (code, text) = package(place.path(), &args);
    assert_eq!(code, Some(0), "{text}");
    let about = "dev.example.holdline-agent for a phone: SDK 26.1, iOS 13.0 and later";
    assert!(text.starts_with(about), "{text}");
    assert!(text.contains("codesign --force --sign IDENTITY --entitlements"), "{text}");
    assert_eq!(names(&place.path().join("out")), ["Holdline.app", "Holdline.entitlements"]);
    assert_eq!(
        names(&place.path().join("out/Holdline.app")),
        ["Info.plist", "PkgInfo", "embedded.mobileprovision", "holdline-agent"]
    );

    let check = holdline(place.path(), &["check", "out/Holdline.app", "--platform", "ios-16"]);
    let said = String::from_utf8(check.stdout).unwrap();
    let app = format!(
        "dev.example.holdline-agent · Holdline {} · SDK 26.1 · runs on iOS 13.0 and later",
        env!("CARGO_PKG_VERSION")
    );
    let words: Vec<&str> = said.split_whitespace().collect();
    assert!(words.join(" ").starts_with(&app), "{said}");
    assert!(said.contains("background modes: voip, remote-notification"), "{said}");
    let way = |name: &str| said.lines().find(|line| line.trim_start().starts_with(name));
    assert!(way("pushkit").is_some_and(|line| line.contains(" works ")), "{said}");
    assert!(way("voip-socket").is_some_and(|line| line.contains(" kills ")), "{said}");
}

#[test]
fn another_sdk_is_an_option_that_the_app_records() {
    let place = workplace(7);
    let (code, text) = package(place.path(), &["--unsigned", "--sdk-stamp", "9.3"]);
    assert_eq!(code, Some(0), "{text}");
    assert!(text.contains("names SDK 9.3, and was linked with 26.1"), "{text}");
    let app = place.path().join("out/Holdline.app");
    let stamped = fs::read(app.join("holdline-agent")).unwrap();
    assert_eq!(stamped, binary(7, IOS_13, 9 << 16 | 3 << 8));
    let list = fs::read_to_string(app.join("Info.plist")).unwrap();
    assert!(list.contains("<string>iphonesimulator9.3</string>"), "{list}");
    assert!(list.contains("<key>HoldlineLinkedWithSDK</key>\n\t<string>26.1</string>"), "{list}");

    // Nothing is stamped that nobody asked for, and what is ours is replaced.
    let (code, _) = package(place.path(), &["--unsigned"]);
    assert_eq!(code, Some(0));
    assert_eq!(fs::read(app.join("holdline-agent")).unwrap(), binary(7, IOS_13, SDK_26_1));
    assert_eq!(names(&place.path().join("out")), ["Holdline.app"]);
}

#[test]
fn a_dry_run_shows_the_commands_and_writes_nothing() {
    let place = workplace(7);
    let (code, text) = package(place.path(), &["--dry-run", "--for", "sim"]);
    assert_eq!(code, Some(0), "{text}");
    assert!(text.contains("  codesign --force --sign - --timestamp=none out/Holdline.app\n"));
    assert!(text.contains("  codesign --verify --strict out/Holdline.app\n"));
    assert_eq!(names(&place.path().join("out")), [""; 0]);
}

#[test]
fn what_cannot_be_signed_leaves_nothing_behind() {
    let place = workplace(7);
    let (code, text) = package(place.path(), &[]);
    assert_eq!(code, Some(3), "{text}");
    assert!(text.contains("there is no `codesign` here"), "{text}");
    assert_eq!(names(&place.path().join("out")), [""; 0]);
}

#[test]
fn wrong_input_is_told_and_nothing_is_written() {
    let place = workplace(2);
    fs::write(place.path().join("elf"), b"\x7fELF").unwrap();
    fs::create_dir_all(place.path().join("taken/Holdline.app")).unwrap();
    let profile = ["--profile", "p.mobileprovision", "--unsigned"];
    for (args, what) in [
        (&["--unsigned"][..], "needs a provisioning profile"),
        (&["--for", "sim", "--unsigned"], "is for a phone, not for the simulator"),
        (&["--agent", "elf"], "not a Mach-O file"),
        (&["--agent", "nothing"], "the agent cannot be read"),
        (&[profile.as_slice(), &["--bundle-id", "com.other"]].concat(), "not for com.other"),
        (&[profile.as_slice(), &["--device", "OTHER"]].concat(), "does not list the phone OTHER"),
        (
            &[profile.as_slice(), &["--entitlement", "legacy-voip"]].concat(),
            "does not grant com.apple.developer.legacyvoip",
        ),
        (&[profile.as_slice(), &["--out", "taken"]].concat(), "was not made by"),
        (&["--profile", "elf"], "there is no property list in it"),
        (&["--sdk-stamp", "nine"], "is not a version"),
    ] {
        // A later option takes the place of an earlier one.
        let mut all = vec!["device", "package"];
        if !args.contains(&"--agent") {
            all.extend(["--agent", "agent"]);
        }
        if !args.contains(&"--out") {
            all.extend(["--out", "out"]);
        }
        all.extend(args);
        let output = holdline(place.path(), &all);
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{args:?}: {said}");
        assert!(said.contains(what), "{args:?}: {said}");
    }
    assert_eq!(names(&place.path().join("out")), [""; 0]);
    assert_eq!(names(&place.path().join("taken")), ["Holdline.app"]);
}
