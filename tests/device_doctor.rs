//! What the doctor says of several hosts, from the answers in tests/fixtures/device.
#![cfg(feature = "cli")]
// What a profile says of time is judged against a date.
#![allow(clippy::disallowed_types)]

use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use holdline::device::host::doctor::{Diagnosis, Found, Lane, Machine, ask, judge};
use holdline::device::host::tools::{Fake, Ran};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

fn read(name: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/device");
    std::fs::read(folder.join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// The beginning of 2026-01-10.
fn now() -> SystemTime {
    SystemTime::UNIX_EPOCH + DAY * 20_463
}

/// A profile for one phone; its only certificate is three bytes, of which `identity` has the SHA-1.
fn profile(phone: &str, expires: &str) -> (PathBuf, Vec<u8>) {
    let text = format!(
        "<?xml version=\"1.0\"?><plist version=\"1.0\"><dict><key>Name</key><string>Mine</string>\
         <key>TeamIdentifier</key><array><string>ABCDE12345</string></array>\
         <key>ExpirationDate</key><date>{expires}</date>\
         <key>ProvisionedDevices</key><array><string>{phone}</string></array>\
         <key>DeveloperCertificates</key><array><data>AAEC</data></array>\
         <key>Entitlements</key><dict><key>application-identifier</key>\
         <string>ABCDE12345.dev.holdline.agent</string></dict></dict></plist>"
    );
    ("mine.mobileprovision".into(), [b"\x30\x82", text.as_bytes(), b"\xa0"].concat())
}

const IDENTITY: &str =
    "  1) 0C7A623FD2BBC05B06423BE359E4021D36E721AD \"Apple Development: Jo (AAAAAAAAAA)\"\n";
const PHONE: &str = "00008110-000000000000001E";

fn machine(system: &str) -> Machine {
    Machine {
        system: system.into(),
        agent: Some("/bin/holdline-agent".into()),
        profiles: vec![profile(PHONE, "2026-01-15T00:00:00Z")],
        lan: Some(Ipv4Addr::new(192, 168, 1, 5).into()),
    }
}

/// A Mac with everything, whose lists are these.
fn mac(simctl: &str, devicectl: &str) -> Fake {
    Fake::new()
        .answer("rustup", Ran::said("aarch64-apple-ios\naarch64-apple-ios-sim\n"))
        .answer("cargo-dinghy --version", Ran::said("cargo-dinghy 0.8.6\n"))
        .answer("xcodebuild -version", Ran::said("Xcode 15.4\nBuild version 15F31d\n"))
        .answer("xcrun devicectl --version", Ran::said("397.21\n"))
        .answer("ios-deploy --version", Ran::said("1.12.2\n"))
        .answer("ios-deploy -c", Ran::said(""))
        .answer("xcrun simctl list", Ran::said(read(&format!("simctl/{simctl}.json"))))
        .answer("xcrun devicectl list", Ran::answered(read(&format!("devicectl/{devicectl}.json"))))
        .answer(
            "xcrun devicectl device info lockState",
            Ran::answered(read("devicectl/lock-state-version-3.json")),
        )
        .answer("security find-identity", Ran::said(IDENTITY))
        .answer("/usr/libexec", Ran::said("Firewall is disabled. (State = 0)\n"))
}

fn of(runs: &mut Fake, machine: Machine, device: Option<&str>) -> Diagnosis {
    judge(&ask(runs, machine), None, device, now())
}

/// What is found of a step, in words, with what mends it.
fn step<'a>(diagnosis: &'a Diagnosis, name: &str) -> (Found, &'a str, &'a str) {
    let check = diagnosis.checks.iter().find(|check| check.name == name).expect("a step");
    (check.found, &check.detail, check.mend.as_deref().unwrap_or(""))
}

#[test]
fn a_mac_with_everything_is_ready_for_every_lane() {
    let diagnosis = of(&mut mac("xcode-13", "list-xcode-15"), machine("macos"), None);
    for lane in Lane::ALL {
        assert_eq!(diagnosis.missing(lane), [""; 0], "{}", lane.name());
    }
    assert!(diagnosis.ready());
    assert_eq!(step(&diagnosis, "xcode").1, "Xcode 15.4");
    assert_eq!(step(&diagnosis, "ios-deploy").0, Found::NotNeeded);
    assert_eq!(step(&diagnosis, "firewall").0, Found::Ok);
    let told = step(&diagnosis, "profile").1;
    assert_eq!(told, "`Mine` for dev.holdline.agent, valid for 5 more days");
}

#[test]
fn linux_is_ready_for_the_fake_and_says_that_phones_need_a_mac() {
    let mut linux = Fake::new();
    let diagnosis = of(&mut linux, machine("linux"), None);
    assert!(diagnosis.ready());
    assert_eq!(diagnosis.missing(Lane::Fake), [""; 0]);
    for lane in [Lane::Dinghy, Lane::Simulator, Lane::Phone] {
        assert_eq!(diagnosis.missing(lane), ["mac"]);
    }
    assert!(step(&diagnosis, "mac").1.contains("`--device fake`"));
    let asked = linux.lines();
    assert!(asked.iter().all(|line| !line.contains("xcrun")), "asked for nothing: {asked:?}");

    let phone = of(&mut Fake::new(), machine("linux"), Some("sim"));
    assert_eq!((phone.asked, phone.ready()), (Some(Lane::Simulator), false));
    let bare = Machine { agent: None, ..machine("linux") };
    let fake = of(&mut Fake::new(), bare, Some("fake"));
    assert_eq!((fake.ready(), fake.missing(Lane::Fake)), (false, vec!["agent"]));
    assert!(step(&fake, "agent").2.starts_with("cargo build"));
}

#[test]
fn a_fresh_mac_is_told_each_step_with_what_mends_it() {
    let ran = Ran::failed(72, read("simctl/error-no-simctl.txt"));
    let mut bare = Fake::new().answer("xcrun", ran.clone()).answer("xcodebuild", ran);
    let nothing = Machine { profiles: Vec::new(), lan: None, ..machine("macos") };
    let diagnosis = of(&mut bare, nothing, None);
    for (name, mend) in [
        ("xcode", "sudo xcode-select -s /Applications/Xcode.app"),
        ("target-sim", "rustup.rs"),
        ("cargo-dinghy", "cargo install cargo-dinghy"),
        ("simulator", "install Xcode"),
        ("devicectl", "install Xcode"),
        ("phone", "tap Trust"),
        ("identity", "macOS"),
        ("profile", "run it on the phone once"),
        ("lan", "join the network"),
    ] {
        let (found, detail, told) = step(&diagnosis, name);
        assert_eq!(found, Found::Missing, "{name}: {detail}");
        assert!(told.contains(mend), "{name}: {detail}: {told}");
    }
    assert!(diagnosis.ready(), "the fake is ready all the same");
    assert_eq!(step(&diagnosis, "firewall").0, Found::Look);
}

#[test]
fn a_simulator_that_is_not_booted_is_one_command_away() {
    let mut mac = mac("xcode-16", "list-empty");
    let diagnosis = of(&mut mac, machine("macos"), Some("sim"));
    let (found, _, mend) = step(&diagnosis, "simulator");
    assert_eq!(found, Found::Missing);
    assert!(mend.starts_with("xcrun simctl boot 00000001-"), "{mend}");
    assert!(!diagnosis.ready());
    assert_eq!(step(&diagnosis, "profile").0, Found::NotNeeded, "a simulator wants none");
    let named = of(&mut mac, machine("macos"), Some("iPhone 16"));
    assert_eq!(named.asked, Some(Lane::Simulator), "the name says what it is");
}

#[test]
fn what_hinders_a_phone_is_its_own_step() {
    let hindered = |name: &str| {
        let mut mac = mac("empty", "list-version-2");
        let diagnosis = of(&mut mac, machine("macos"), Some(name));
        assert!(!diagnosis.ready());
        let (found, detail, mend) = step(&diagnosis, "phone");
        assert_eq!(found, Found::Missing);
        format!("{detail}; {mend}")
    };
    assert!(hindered("New phone").contains("tap Trust"));
    assert!(hindered("Locked down phone").contains("Developer Mode"));
    assert!(hindered("Asleep phone").contains("connect it by cable"));
    assert!(hindered("Nobody's").contains("there is no device `Nobody's`"));

    let locked = Ran::answered(read("devicectl/lock-state-version-5.json"));
    let mut mac = Fake::new()
        .answer("xcrun simctl list", Ran::said(read("simctl/empty.json")))
        .answer("xcrun devicectl list", Ran::answered(read("devicectl/list-xcode-15.json")))
        .answer("xcrun devicectl device info lockState", locked);
    let diagnosis = of(&mut mac, machine("macos"), Some("Blue phone"));
    assert_eq!(step(&diagnosis, "unlocked").0, Found::Missing);
}

#[test]
fn a_phone_before_ios_17_needs_ios_deploy_instead() {
    let mut mac = mac("empty", "list-xcode-15");
    let diagnosis = of(&mut mac, machine("macos"), Some("Old phone"));
    assert_eq!(step(&diagnosis, "ios-deploy").0, Found::Ok);
    assert_eq!(step(&diagnosis, "devicectl").0, Found::NotNeeded);
}

#[test]
fn a_profile_must_be_valid_list_the_phone_and_have_the_certificate() {
    let with = |profiles, identity: &str| {
        let mut mac = mac("empty", "list-xcode-15");
        if identity != IDENTITY {
            mac = Fake::new().once("security", Ran::said(identity)).chain(mac);
        }
        let machine = Machine { profiles, ..machine("macos") };
        let diagnosis = of(&mut mac, machine, Some("Blue phone"));
        let (found, detail, _) = step(&diagnosis, "profile");
        (found, detail.to_owned())
    };
    let (found, why) = with(vec![profile(PHONE, "2026-01-07T00:00:00Z")], IDENTITY);
    assert_eq!(found, Found::Missing);
    assert!(why.contains("expired 3 days ago"), "{why}");
    let (found, why) = with(vec![profile("other", "2026-02-07T00:00:00Z")], IDENTITY);
    assert_eq!(found, Found::Missing);
    assert!(why.contains("does not list the phone"), "{why}");
    let another = String::from_utf8(read("security/identities.txt")).unwrap();
    let (found, why) = with(vec![profile(PHONE, "2026-02-07T00:00:00Z")], &another);
    assert_eq!(found, Found::Missing);
    assert!(why.contains("certificate of no identity"), "{why}");
    let broken = ("x.mobileprovision".into(), b"nothing".to_vec());
    let good = profile(PHONE, "2026-02-07T00:00:00Z");
    assert_eq!(with(vec![broken, good], IDENTITY).0, Found::Ok);
}
