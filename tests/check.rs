//! `holdline check` over real Info.plist files.
#![cfg(feature = "cli")]

use std::path::{Path, PathBuf};

use clap::Parser;
use holdline::cli::check::{CheckArgs, run};
use holdline::cli::exit::{CliError, Exit};
use serde_json::Value;

#[derive(Parser)]
struct Cli {
    #[command(flatten)]
    args: CheckArgs,
}

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/plists").join(name)
}

fn check(path: &Path, options: &[&str]) -> Result<String, CliError> {
    let path = path.to_str().unwrap();
    let words = ["check", path].into_iter().chain(options.iter().copied());
    let mut out = Vec::new();
    let code = run(&Cli::try_parse_from(words).unwrap().args, &mut out)?;
    assert_eq!(code, Exit::Passed);
    Ok(String::from_utf8(out).unwrap())
}

fn json(name: &str, options: &[&str]) -> Value {
    let options = [options, &["--format", "json"]].concat();
    serde_json::from_str(&check(&fixture(name), &options).unwrap()).unwrap()
}

/// The verdict and the detail of one way on one platform.
fn verdict(answer: &Value, platform: &str, way: &str) -> (String, String) {
    let in_list = |list: &Value, key: &str, name: &str| {
        list.as_array().unwrap().iter().find(|item| item[key] == name).unwrap().clone()
    };
    let version = in_list(&answer["versions"], "platform", platform);
    let way = in_list(&version["ways"], "way", way);
    let text = |key: &str| way[key].as_str().unwrap_or_default().to_owned();
    (text("verdict"), text("detail"))
}

fn failure(name: &str) -> String {
    let error = check(&fixture(name), &[]).unwrap_err();
    assert_eq!(error.exit(), Exit::WrongInput);
    error.to_string()
}

#[test]
fn a_voip_app_of_2016_works_until_ios_10_and_then_nothing_proves_it() {
    let answer = json("voip-sdk-9.plist", &[]);
    for platform in ["ios-7", "ios-9", "ios-10"] {
        assert_eq!(verdict(&answer, platform, "voip-socket").0, "works", "{platform}");
    }
    for platform in ["ios-11", "ios-13", "ios-16"] {
        let (word, why) = verdict(&answer, platform, "voip-socket");
        assert_eq!(word, "unproven", "{platform}");
        assert!(!why.is_empty(), "{platform}");
    }
    assert_eq!(answer["app"]["sdk"], 9);
}

#[test]
fn a_binary_list_gives_the_answer_of_the_same_list_in_xml() {
    let mut xml = json("voip-sdk-9.plist", &[]);
    let mut binary = json("voip-sdk-9.binary.plist", &[]);
    xml["file"].take();
    binary["file"].take();
    assert_eq!(xml, binary);
}

#[test]
fn an_app_without_the_voip_mode_is_told_that_it_misses_it() {
    let answer = json("no-voip.plist", &["--platform", "ios-9"]);
    let (word, detail) = verdict(&answer, "ios-9", "voip-socket");
    assert_eq!((word.as_str(), detail.as_str()), ("missing", "`voip` in UIBackgroundModes"));
    assert!(answer["missing"].as_array().unwrap().iter().any(|m| m["way"] == "keep-alive-handler"));
}

#[test]
fn a_modern_sdk_is_refused_on_ios_13_and_trapped_on_ios_16() {
    let answer = json("voip-sdk-17.plist", &["--platform", "ios-13", "--platform", "ios-16"]);
    assert_eq!(verdict(&answer, "ios-13", "voip-socket").0, "refused");
    assert_eq!(verdict(&answer, "ios-16", "voip-socket").0, "kills");
    let ends = answer["ends"].as_array().unwrap();
    assert!(ends.iter().any(|end| end["code"] == "0xbaadca11"));
}

#[test]
fn the_sdk_given_on_the_command_line_counts() {
    let answer = json("voip-sdk-17.plist", &["--sdk", "9"]);
    assert_eq!(verdict(&answer, "ios-13", "voip-socket").0, "unproven");
    assert_eq!(answer["app"]["sdk-given"], true);
}

#[test]
fn an_app_folder_shows_its_entitlements() {
    let answer = json("Talk.app", &["--platform", "ios-16"]);
    assert_eq!(answer["entitlements"]["known"], true);
    assert_eq!(verdict(&answer, "ios-16", "pushkit").0, "works");
    let (word, detail) = verdict(&answer, "ios-16", "local-push-connectivity");
    assert_eq!(word, "missing");
    assert!(detail.contains("app-push-provider"));
    let alone = json("voip-sdk-17.plist", &["--platform", "ios-16"]);
    assert_eq!(verdict(&alone, "ios-16", "pushkit").0, "unknown");
}

#[test]
fn the_text_fits_80_columns_and_says_everything() {
    for name in
        ["voip-sdk-9.plist", "no-voip.plist", "source.plist", "voip-sdk-17.plist", "Talk.app"]
    {
        let text = check(&fixture(name), &[]).unwrap();
        for line in text.lines() {
            assert!(line.chars().count() <= 80, "{name}: {line}");
            assert!(line.trim_end() == line, "{name}: `{line}`");
        }
        for part in ["What is missing", "What would end it", "App Review", "ios-13: iOS 13 to 15"] {
            assert!(text.contains(part), "{name} lacks `{part}`");
        }
    }
}

#[test]
fn an_app_does_not_run_on_versions_before_its_minimum() {
    let text = check(&fixture("voip-sdk-17.plist"), &[]).unwrap();
    assert!(text.contains("too old for this app: ios-4, ios-5"), "{text}");
    assert!(!text.contains("\nios-9: ") && text.contains("\nios-13: "), "{text}");
    let asked = check(&fixture("voip-sdk-17.plist"), &["--platform", "ios-9"]).unwrap();
    let answer = "\nios-9: iOS 9\n  does not run on iOS 9 (minimum 15.0)\n";
    assert!(!asked.contains("What would end it"), "{asked}");
    assert!(asked.contains(answer) && !asked.contains("voip-socket"), "{asked}");
    let answer = json("voip-sdk-17.plist", &["--platform", "ios-9"]);
    assert_eq!(answer["versions"][0]["runs"], false);
}

#[test]
fn versions_with_the_same_answer_share_a_table() {
    let text = check(&fixture("voip-sdk-9.plist"), &[]).unwrap();
    assert!(text.contains("\nios-8, ios-9, ios-10: iOS 8, iOS 9, iOS 10\n"), "{text}");
}

#[test]
fn only_the_platforms_asked_for_are_shown() {
    let text = check(&fixture("voip-sdk-9.plist"), &["--platform", "ios-9"]).unwrap();
    assert!(text.contains("\nios-9: iOS 9\n") && !text.contains("\nios-8"));
    let error = check(&fixture("voip-sdk-9.plist"), &["--platform", "os-9"]).unwrap_err();
    assert_eq!(error.exit(), Exit::WrongInput);
    let message = "there is no platform `os-9`; did you mean `ios-9`? (one of ios-4, ";
    assert!(error.to_string().starts_with(message), "{error}");
}

#[test]
fn a_version_without_a_profile_of_its_own_is_answered_with_the_one_that_covers_it() {
    let asked = ["--platform", "ios-17", "--platform", "ios-18.2"];
    let text = check(&fixture("voip-sdk-9.plist"), &asked).unwrap();
    assert_eq!(text.matches("\nios-16: iOS 16 and later\n").count(), 1, "{text}");
    assert!(!text.contains("\nios-13"), "{text}");
}

#[test]
fn a_source_info_plist_leaves_open_what_the_sdk_decides_and_says_what_to_give() {
    let text = check(&fixture("source.plist"), &[]).unwrap();
    let flat = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(flat.contains("this is a source Info.plist"), "{text}");
    assert!(flat.contains("$(PRODUCT_BUNDLE_IDENTIFIER)"), "{text}");
    assert!(!flat.contains("taken as the oldest"), "{text}");
    let answer = json("source.plist", &[]);
    assert_eq!(verdict(&answer, "ios-9", "voip-socket").0, "works");
    for platform in ["ios-10", "ios-13", "ios-16"] {
        for way in ["voip-socket", "keep-alive-handler"] {
            let (word, detail) = verdict(&answer, platform, way);
            assert_eq!(word, "unknown", "{platform} {way}");
            assert!(detail.contains("give --sdk"), "{platform} {way}: {detail}");
        }
    }
    let (word, detail) = verdict(&answer, "ios-16", "continued-processing");
    assert_eq!((word.as_str(), detail.as_str()), ("unknown", "needs SDK 26; give --sdk"));
    let given = json("source.plist", &["--sdk", "17"]);
    assert_eq!(verdict(&given, "ios-10", "voip-socket").0, "refused");
}

#[test]
fn only_ways_to_be_reached_are_listed_as_missing() {
    let answer = json("no-voip.plist", &[]);
    let missing = answer["missing"].as_array().unwrap();
    let listed = |way: &str| missing.iter().any(|entry| entry["way"] == way);
    assert!(listed("voip-socket") && listed("pushkit"));
    for way in ["audio", "location", "background-processing", "continued-processing"] {
        assert!(!listed(way), "{way}");
    }
    let text = check(&fixture("no-voip.plist"), &["--platform", "ios-9"]).unwrap();
    let flat = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(flat.contains("only for apps that really play or navigate"), "{text}");
}

#[test]
fn an_sdk_that_never_was_is_refused() {
    assert!(Cli::try_parse_from(["check", "Info.plist", "--sdk", "0"]).is_err());
    assert!(Cli::try_parse_from(["check", "Info.plist", "--sdk", "9"]).is_ok());
}

#[test]
fn a_minimum_that_is_no_version_is_an_error_at_its_line() {
    let folder = tempfile::tempdir().unwrap();
    let list = folder.path().join("Info.plist");
    let text = std::fs::read_to_string(fixture("voip-sdk-9.plist")).unwrap();
    std::fs::write(&list, text.replace(">7.0<", ">abc<")).unwrap();
    let error = check(&list, &[]).unwrap_err().to_string();
    assert!(error.contains("line 4") && error.contains("but is `abc`"), "{error}");
}

#[test]
fn broken_xml_is_an_error_with_file_and_line() {
    let message = failure("broken.plist");
    assert!(message.contains("broken.plist: line 57"), "{message}");
    assert!(message.contains("plutil"), "{message}");
}

#[test]
fn a_truncated_binary_list_is_an_error_with_a_byte_offset() {
    let message = failure("truncated.binary.plist");
    assert!(message.contains("truncated.binary.plist: byte "), "{message}");
}

#[test]
fn background_modes_that_are_no_array_are_an_error_at_their_line() {
    let message = failure("modes-of-wrong-type.plist");
    assert!(message.contains(": line 51"), "{message}");
    assert!(message.contains("<array><string>voip</string></array>"), "{message}");
}

#[test]
fn a_folder_without_an_info_plist_is_an_error_that_says_what_to_give() {
    let folder = tempfile::tempdir().unwrap();
    let error = check(folder.path(), &[]).unwrap_err();
    assert_eq!(error.exit(), Exit::WrongInput);
    assert!(error.to_string().contains("there is no Info.plist in it"), "{error}");
    let error = check(&folder.path().join("Missing.plist"), &[]).unwrap_err();
    assert_eq!(error.exit(), Exit::WrongInput);
    assert!(error.to_string().contains("Missing.plist: cannot be read"), "{error}");
}

#[test]
fn a_misspelled_mode_is_pointed_out() {
    let folder = tempfile::tempdir().unwrap();
    let list = folder.path().join("Info.plist");
    let text = std::fs::read_to_string(fixture("voip-sdk-9.plist")).unwrap();
    std::fs::write(&list, text.replace(">voip<", ">VoIP<")).unwrap();
    let text = check(&list, &[]).unwrap();
    assert!(text.contains("no background mode `VoIP`; did you mean `voip`?"), "{text}");
}
