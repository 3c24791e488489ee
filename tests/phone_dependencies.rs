//! What goes onto a phone is small: no TLS, no database, no terminal, no runtime; and what only iOS has is built
//! for nothing else.

use std::collections::BTreeSet;
use std::process::Command;

/// What must not be on a phone. The command line has all of it.
const NOT_ON_A_PHONE: [&str; 15] = [
    "axum",
    "clap",
    "crossterm",
    "hyper",
    "mio",
    "rayon",
    "rcgen",
    "redb",
    "ring",
    "rustls",
    "rustyline",
    "socket2",
    "tokio",
    "tracing",
    "tungstenite",
];

/// What only iOS has begins with one of these.
const OF_IOS: [&str; 3] = ["objc2", "block2", "dispatch2"];

const IOS: &str = "aarch64-apple-ios";

/// The names of the crates that a build for `target` has in it.
fn crates(target: &str, more: &[&str]) -> BTreeSet<String> {
    let output = Command::new(env!("CARGO"))
        .args(["tree", "--offline", "--locked", "--edges", "normal", "--prefix", "none"])
        .args(["--format", "{p}", "--target", target])
        .args(more)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo");
    let problem = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "cargo tree for {target}: {problem}");
    let tree = String::from_utf8(output.stdout).expect("UTF-8");
    let names = tree.lines().filter_map(|line| line.split_whitespace().next());
    names.map(str::to_owned).collect()
}

fn phone(target: &str) -> BTreeSet<String> {
    crates(target, &["--no-default-features"])
}

fn of_ios(names: &BTreeSet<String>) -> Vec<&String> {
    names.iter().filter(|name| OF_IOS.iter().any(|prefix| name.starts_with(prefix))).collect()
}

#[test]
fn no_tls_database_terminal_or_runtime_is_built_for_a_phone() {
    let whole = crates("x86_64-unknown-linux-gnu", &[]);
    for target in [IOS, "aarch64-apple-ios-sim", "x86_64-unknown-linux-gnu"] {
        let small = phone(target);
        assert!(small.contains("serde_json"), "{target}: {small:?}");
        for name in NOT_ON_A_PHONE {
            assert!(!small.contains(name), "{name} is built for {target}");
            assert!(whole.contains(name), "{name} is nowhere: take it off the list");
        }
    }
}

#[test]
fn what_only_ios_has_is_built_for_nothing_else() {
    for more in [&["--no-default-features"][..], &[]] {
        for target in ["x86_64-unknown-linux-gnu", "aarch64-apple-darwin"] {
            assert_eq!(of_ios(&crates(target, more)), Vec::<&String>::new(), "{target}");
        }
    }
    assert!(of_ios(&phone(IOS)).len() > OF_IOS.len());
}
