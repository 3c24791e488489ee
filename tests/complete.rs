//! The real binary, asked by a shell how a command line may go on.
#![cfg(feature = "cli")]

use std::process::Command;

/// What bash is answered for the last of `words`.
fn offered(words: &[&str]) -> Vec<String> {
    let output = Command::new(env!("CARGO_BIN_EXE_holdline"))
        .args(["--", "holdline"])
        .args(words)
        .env("COMPLETE", "bash")
        .env("_CLAP_IFS", "\n")
        .env("_CLAP_COMPLETE_INDEX", words.len().to_string())
        .env("_CLAP_COMPLETE_COMP_TYPE", "9")
        .env("_CLAP_COMPLETE_SPACE", "false")
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().map(str::to_owned).collect()
}

#[track_caller]
fn offers(words: &[&str], wanted: &str) {
    let offered = offered(words);
    assert!(offered.iter().any(|one| one == wanted), "{wanted} is not among {offered:?}");
}

#[test]
fn a_shell_is_offered_commands_keys_and_names() {
    offers(&["val"], "validate");
    offers(&["run", "--set", "network.nat.idle"], "network.nat.idle-timeout=");
    offers(&["run", "--set", "client.use=ping-in"], "client.use=ping-in-handler");
    offers(&["try", "--platform", "ios-1"], "ios-13");
    offers(&["explain", "wake-l"], "wake-limit");
    offers(&["run", "bundled:server/host"], "bundled:server/host-down.toml");
    offers(&["show", "strategy", "heartbeat"], "heartbeat-only");
    assert_eq!(offered(&["run", "--set", "no-such-key"]), Vec::<String>::new());
}

#[test]
fn a_shell_is_given_the_code_that_asks() {
    let output =
        Command::new(env!("CARGO_BIN_EXE_holdline")).env("COMPLETE", "bash").output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success() && text.contains("complete -o"), "{text}");
}
