//! The agent itself.

use std::path::{Path, PathBuf};

use crate::dinghy::{Said, TALK, root, run};

crate::tools::tests!(
    a_good_run_passes_and_proves_what_ran,
    an_expectation_that_is_not_met_fails_the_run,
);

fn play(scenario: &str) -> Said {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("talk.toml");
    std::fs::write(&path, scenario).expect("it is written");
    let path = path.to_str().expect("UTF-8");
    run(root(), &target(), &[("HOLDLINE_SCENARIO", path)], &["--speed", "10"])
}

/// Beside what is built for iOS.
fn target() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("ios").join("dinghy")
}

fn a_good_run_passes_and_proves_what_ran() {
    let said = play(TALK);
    assert!(said.passed, "{}", said.text);
    let proof = said.text.lines().find_map(|line| line.strip_prefix("proof: "));
    let proof: Vec<&str> = proof.expect("it is proven").split(' ').collect();
    assert_eq!(proof[..2], ["triple=x86_64-unknown-linux-gnu", "device=fake"]);
    let run = proof[2].strip_prefix("run=").expect("the nonce");
    assert!(run.len() >= 16, "a nonce that nobody guesses: {run}");
    let other = play(TALK);
    assert!(other.passed && !other.text.contains(run), "each run has its own nonce");
}

fn an_expectation_that_is_not_met_fails_the_run() {
    let never = "[[expect]]\nthat = \"event\"\nevent = \"push-received push=hello\"\ncount = 0\n";
    let said = play(&format!("{TALK}{never}"));
    assert!(!said.passed, "{}", said.text);
    assert!(said.text.contains("proof: "), "it ran all the same: {}", said.text);
    assert!(said.text.contains("FAIL"), "{}", said.text);
}
