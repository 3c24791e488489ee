//! Agents that are broken, each a small program of its own.

use std::path::Path;

use crate::dinghy::{Said, TALK, root, run};

crate::tools::tests!(
    a_failing_agent_fails_the_run,
    an_agent_that_never_says_hello_with_the_nonce_fails_the_run,
    a_killed_agent_is_reported_as_killed,
    a_run_without_the_log_of_an_agent_proves_nothing,
);

/// What the agents share: the way to the host.
const BASE: &str = include_str!("broken_agent.rs");

/// Plays a scenario with an agent whose `main` does this.
fn with(main: &str, settings: &[(&str, &str)], options: &[&str]) -> Said {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, text: &str| {
        std::fs::write(folder.path().join(name), text).expect("it is written");
    };
    write(
        "Cargo.toml",
        "[package]\nname = \"broken\"\nversion = \"0.0.0\"\nedition = \"2024\"\n[workspace]\n\
         [[bin]]\nname = \"holdline-agent\"\npath = \"main.rs\"\n",
    );
    write("main.rs", &format!("{BASE}\nfn main() {{\n{main}\n}}\n"));
    write("dinghy.toml", &configuration());
    write("talk.toml", TALK);
    let talk = folder.path().join("talk.toml");
    let scenario = [("HOLDLINE_SCENARIO", talk.to_str().expect("UTF-8"))];
    let settings = [&scenario, settings].concat();
    run(folder.path(), &folder.path().join("target"), &settings, options)
}

/// Our own `dinghy.toml`, for a package elsewhere.
fn configuration() -> String {
    let text = std::fs::read_to_string(root().join("dinghy.toml")).expect("it can be read");
    let tools = format!("\"{}/tools/", root().display());
    let configuration = text.replace("\"tools/", &tools);
    assert!(configuration.contains(&tools), "the runner is in tools/");
    configuration
}

fn a_failing_agent_fails_the_run() {
    let said = with("std::process::exit(3)", &[], &[]);
    assert!(!said.passed, "{}", said.text);
    assert!(said.text.contains("exited with code 3"), "{}", said.text);
    assert!(!said.text.contains("proof:"), "{}", said.text);
}

fn an_agent_that_never_says_hello_with_the_nonce_fails_the_run() {
    let other = "let mut host = host(); hello(&mut host, \"of-another-run\"); wait(&mut host);
        loop { std::thread::park(); }";
    let silent = "let _host = host(); loop { std::thread::park(); }";
    for main in [other, silent] {
        let said = with(main, &[], &["--hello-within", "1s"]);
        assert!(!said.passed, "{}", said.text);
        assert!(said.text.contains("never said hello with this run's nonce"), "{}", said.text);
        assert!(!said.text.contains("proof:"), "{}", said.text);
    }
}

fn a_killed_agent_is_reported_as_killed() {
    let main = "let mut host = host();
        hello(&mut host, &env(\"HOLDLINE_RUN\"));
        assert!(wait(&mut host).contains(\"orders\"));
        kill_itself();
        loop { std::thread::park(); }";
    let said = with(main, &[], &[]);
    assert!(!said.passed, "{}", said.text);
    assert!(said.text.contains("killed by signal 9"), "{}", said.text);
    assert!(!said.text.contains("proof:"), "{}", said.text);
}

fn a_run_without_the_log_of_an_agent_proves_nothing() {
    // A holdline that is content with everything.
    let content = ["/bin/true", "/usr/bin/true"].into_iter().find(|path| Path::new(path).exists());
    let said = with("", &[("HOLDLINE_BIN", content.expect("a program"))], &[]);
    assert!(!said.passed, "{}", said.text);
    assert!(said.text.contains("no log of an agent says so"), "{}", said.text);
}
