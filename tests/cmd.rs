//! Every command with its real output: what `tests/cmd/*.trycmd` shows is what the program prints.
//!
//! `TRYCMD=overwrite cargo test --test cmd` writes down what it prints now; read the difference.
#![cfg(feature = "cli")]

use std::path::Path;
use std::process::Command;

#[test]
fn commands_print_what_is_written_down() {
    trycmd::TestCases::new()
        .case("tests/cmd/*.trycmd")
        .env("NO_COLOR", "1")
        .env("HOLDLINE_LOG", "off");
}

#[test]
fn every_command_is_among_them() {
    let help = Command::new(env!("CARGO_BIN_EXE_holdline")).arg("-h").output().unwrap();
    let help = String::from_utf8(help.stdout).unwrap();
    let commands = help.split("Commands:\n").nth(1).unwrap().split("\n\n").next().unwrap();
    let names = commands.lines().filter_map(|line| line.strip_prefix("  ")?.split(' ').next());
    let names: Vec<&str> = names.filter(|name| !name.is_empty()).collect();
    assert!(names.len() > 20, "{names:?}");
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cmd");
    let missing = names.iter().filter(|name| !root.join(format!("{name}.trycmd")).exists());
    let missing: Vec<_> = missing.collect();
    assert!(missing.is_empty(), "write tests/cmd/NAME.trycmd for {missing:?}");
}
