//! `holdline device run --device fake`, end to end: the program, and the agent as a process of its own.

#![cfg(unix)]
// It waits for processes, in the machine's time.
#![allow(clippy::disallowed_types, clippy::disallowed_methods)]

mod bench;

use std::io::Write;
use std::net::TcpStream;
use std::time::Duration;

use bench::{Bench, Ended, SHORT, agent};

#[test]
fn a_scenario_with_steps_passes_on_an_agent_of_this_machine() {
    let bench = Bench::new();
    let (trace, log) = (bench.path("trace.jsonl"), bench.path("log.jsonl"));
    let ended = bench.run(SHORT, &["--trace", &trace, "--log", &log]);
    assert_eq!(ended.code, 0, "{ended:?}");
    let device = &ended.json()["device"];
    assert_eq!(device["backend"], "std");
    assert_eq!(device["triple"], env!("TARGET"));
    // As it says itself in its log, where it knew what it plays.
    assert_eq!((&device["os"], &device["background_modes"][0]), (&"ios-9".into(), &"voip".into()));
    assert_eq!(device["undone"], serde_json::json!([]));
    let who: Vec<&str> = bench::list(&device["steps"]).filter_map(|s| s["who"].as_str()).collect();
    assert_eq!(who, ["agent", "host", "host", "agent"]);
    // The proof that this agent ran in this run stands in its log.
    let log = std::fs::read_to_string(log).unwrap();
    let header: serde_json::Value = serde_json::from_str(log.lines().next().unwrap()).unwrap();
    assert_eq!(header["phone"]["run"], device["run"]);
    let trace = holdline::report::read_trace::read_trace(std::fs::read(trace).unwrap().as_slice());
    let trace = trace.unwrap();
    let has = |name: &str| trace.records.iter().any(|record| record.event == name);
    for event in ["step", "callback", "server.push-sent", "push-received", "path"] {
        assert!(has(event), "the trace has both sides: {event}");
    }
    assert!(trace.records.len() > log.lines().count());
}

#[test]
fn an_agent_that_never_says_hello_fails_the_run() {
    let bench = Bench::new().with_fault("no-hello");
    let ended = bench.run(SHORT, &["--hello-within", "1s"]);
    assert_eq!(ended.code, 1, "{ended:?}");
    let json = ended.json();
    assert_eq!(json["verdict"], "fail");
    let why = json["failed"].as_str().unwrap();
    assert_eq!(why, "the agent never said hello with this run's nonce within 1s");
}

#[test]
fn an_agent_of_another_run_fails_the_run() {
    let bench = Bench::new().with_fault("wrong-nonce");
    let ended = bench.run(SHORT, &["--hello-within", "1s"]);
    assert_eq!(ended.code, 1, "{ended:?}");
    let why = ended.json()["failed"].as_str().unwrap().to_owned();
    assert!(why.contains("never said hello") && why.contains("nonce of another run"), "{why}");
}

#[test]
fn a_program_that_is_no_agent_fails_the_run_at_once() {
    let bench = Bench::new().with_agent("exit 7\n");
    let ended = bench.run(SHORT, &["--hello-within", "60s"]);
    assert_eq!(ended.code, 1, "{ended:?}");
    let why = ended.json()["failed"].as_str().unwrap().to_owned();
    assert!(why.ends_with("its process exited with code 7"), "{why}");
}

#[test]
fn an_agent_that_ends_by_itself_fails_the_run() {
    let bench = Bench::new().with_fault("exit");
    let ended = bench.run(SHORT, &[]);
    assert_eq!(ended.code, 1, "{ended:?}");
    let why = ended.json()["device"]["failed"].as_str().unwrap().to_owned();
    assert!(why.starts_with("ended: ") && why.contains("code 1"), "{why}");
}

#[test]
fn an_agent_that_is_killed_is_reported_as_killed() {
    // `exec` keeps the process: it is the agent that is killed.
    let script = format!("(sleep 1; kill -9 $$) &\nexec '{}' \"$@\"\n", agent());
    let bench = Bench::new().with_agent(&script);
    let ended = bench.run(SHORT, &[]);
    assert_eq!(ended.code, 1, "{ended:?}");
    let why = ended.json()["device"]["failed"].as_str().unwrap().to_owned();
    assert!(why.starts_with("killed: ") && why.contains("signal 9"), "{why}");
}

#[test]
fn a_process_that_ends_upon_a_call_that_is_expected_to_trap_is_a_legacy_trap() {
    let bench = Bench::new().with_agent(
        "PID=$$ env > \"$ENVIRONMENT.new\"\nmv \"$ENVIRONMENT.new\" \"$ENVIRONMENT\"\nexec sleep 20\n",
    );
    let running = bench.start(SHORT, &["--expect-trap", "--speed", "1"]);
    let environment = bench.environment();
    // The test speaks for the agent.
    let mut agent = TcpStream::connect(&environment["HOLDLINE_CONTROL"]).unwrap();
    let mut say = |message: serde_json::Value| writeln!(agent, "{message}").unwrap();
    let clocks = serde_json::json!({ "continuous": 0, "uptime": 0, "wall": 0 });
    say(serde_json::json!({
        "say": "hello", "version": 1, "process": 1, "clocks": clocks,
        "run": environment["HOLDLINE_RUN"], "token": environment["HOLDLINE_TOKEN"],
        "about": {
            "triple": "aarch64-apple-ios", "backend": "ios", "model": "iPhone14,5", "os": "26.1",
            "sdk": [26, 1], "background_modes": ["voip"], "simulator": false, "pid": 7
        }
    }));
    let line = r#"{"t":1000,"device":1,"lane":"os","event":"legacy-call","call":"voip-stream","plan":"expect-trap","why":"modern-sdk-trap","uptime":1000,"wall":1000}"#;
    say(serde_json::json!({ "say": "event", "at": 0, "line": line }));
    // The host has to hear it before the process ends, and nothing tells when it has.
    std::thread::sleep(Duration::from_millis(500));
    let killed = std::process::Command::new("kill").args(["-TRAP", &environment["PID"]]).status();
    assert!(killed.unwrap().success());
    let ended = Ended::of(running);
    assert_eq!(ended.json()["device"]["legacy_trap"], true, "{ended:?}");
    // Without a log nothing else is known, and nothing passes.
    assert!([1, 4].contains(&ended.code), "{ended:?}");
}

#[test]
fn an_agent_that_hangs_passes_nothing() {
    let bench = Bench::new().with_fault("hang");
    let ended = bench.run(SHORT, &["--speed", "100"]);
    assert!([1, 4].contains(&ended.code), "{ended:?}");
}

#[test]
fn an_agent_of_another_version_says_what_to_do() {
    let bench = Bench::new().with_agent(
        "env > \"$ENVIRONMENT.new\"\nmv \"$ENVIRONMENT.new\" \"$ENVIRONMENT\"\nexec sleep 20\n",
    );
    let running = bench.start(SHORT, &[]);
    let environment = bench.environment();
    let mut stream = TcpStream::connect(&environment["HOLDLINE_CONTROL"]).unwrap();
    let (run, token) = (&environment["HOLDLINE_RUN"], &environment["HOLDLINE_TOKEN"]);
    let hello =
        format!("{{\"say\":\"hello\",\"version\":99,\"run\":\"{run}\",\"token\":\"{token}\"}}\n");
    stream.write_all(hello.as_bytes()).unwrap();
    let ended = Ended::of(running);
    assert_eq!(ended.code, 3, "{ended:?}");
    assert!(ended.stderr.contains("version 99") && ended.stderr.contains("Build the agent"));
}

#[test]
fn garbage_and_floods_on_the_control_port_change_nothing() {
    let script = format!(
        "env > \"$ENVIRONMENT.new\"\nmv \"$ENVIRONMENT.new\" \"$ENVIRONMENT\"\nexec '{}' \"$@\"\n",
        agent()
    );
    let bench = Bench::new().with_agent(&script);
    let running = bench.start(SHORT, &[]);
    let environment = bench.environment();
    let address = environment["HOLDLINE_CONTROL"].clone();
    let run = &environment["HOLDLINE_RUN"];
    let wrong =
        format!("{{\"say\":\"hello\",\"version\":1,\"run\":\"{run}\",\"token\":\"guessed\"}}\n");
    let garbage = [b"GET / HTTP/1.1\r\n\r\n".to_vec(), vec![0xff; 1 << 20], wrong.into_bytes()];
    let mut open = Vec::new();
    for text in garbage.iter().cycle().take(30) {
        let mut stream = TcpStream::connect(&address).unwrap();
        stream.set_write_timeout(Some(Duration::from_secs(5))).unwrap();
        // Who is cut off cannot say more.
        let _ = stream.write_all(text);
        open.push(stream);
    }
    let ended = Ended::of(running);
    assert_eq!(ended.code, 0, "{ended:?}");
    // The agent may have been turned away in the crowd, too, and come again.
    let refused = ended.json()["device"]["refused_connections"].as_u64().unwrap();
    assert!(refused >= 30, "{refused}");
}

#[test]
fn an_interrupt_ends_the_agent_and_the_run() {
    let script = format!(
        "env > \"$ENVIRONMENT.new\"\necho AGENT=$$ >> \"$ENVIRONMENT.new\"\nmv \"$ENVIRONMENT.new\" \"$ENVIRONMENT\"\nexec '{}' \"$@\"\n",
        agent()
    );
    let bench = Bench::new().with_agent(&script);
    let running = bench.start(SHORT, &["--speed", "1"]);
    let environment = bench.environment();
    bench::interrupt(running.id());
    let ended = Ended::of(running);
    assert_ne!(ended.code, 0, "what did not happen does not pass: {ended:?}");
    assert!(!bench::is_running(&environment["AGENT"]), "the agent ended with its host");
}

#[test]
fn steps_that_nobody_does_are_refused_unless_nobody_is_to_be_there() {
    let text = format!("{SHORT}[[step]]\nat = \"20s\"\ndo = \"network.dns\"\non = false\n");
    let bench = Bench::new();
    let ended = bench.run(&text, &[]);
    assert_eq!(ended.code, 2, "{ended:?}");
    assert!(ended.stderr.contains("step 5 (network.dns)"), "{ended:?}");
    assert!(ended.stderr.contains("--unattended"), "{ended:?}");
    let ended = bench.run(&text, &["--unattended"]);
    assert_ne!(ended.code, 0, "what was expected behind it is not known: {ended:?}");
    let undone = &ended.json()["device"]["undone"];
    assert_eq!(undone[0]["step"], 5, "{undone}");
}

#[test]
fn what_a_device_cannot_play_is_refused_before_anything_starts() {
    let bench = Bench::new().with_agent("touch \"$ENVIRONMENT\"\n");
    let ended = bench.run(&format!("devices = 2\n{SHORT}"), &[]);
    assert_eq!(ended.code, 2, "{ended:?}");
    assert!(ended.stderr.contains("2 devices"), "{ended:?}");
    let ended = bench.run(SHORT, &["--speed", "100000"]);
    assert_eq!(ended.code, 2, "{ended:?}");
    // Nobody agreed, and nobody can be asked.
    let ended = bench.run(SHORT, &["--bind", "192.0.2.1"]);
    assert!(ended.code == 2 && ended.stderr.contains("--yes"), "{ended:?}");
    assert!(!bench.was_started());
}

#[test]
fn a_plan_says_who_does_what_and_starts_nothing() {
    let bench = Bench::new().with_agent("touch \"$ENVIRONMENT\"\n");
    let text = format!("{SHORT}[[step]]\nat = \"20s\"\ndo = \"user.lock\"\n");
    let ended = bench.run(&text, &["--plan"]);
    assert_eq!(ended.code, 0, "{ended:?}");
    let json = ended.json();
    assert_eq!(json["steps"][4]["who"], "agent");
    let ended = bench.run_on("sim", &text, &["--plan"]);
    let json = ended.json();
    assert_eq!(
        (&json["steps"][0]["who"], &json["steps"][4]["who"]),
        (&"tool".into(), &"person".into())
    );
    assert!(json["steps"][4]["how"].as_str().unwrap().contains("Device > Lock"));
    assert!(!bench.was_started());
}

/// As short as a run in real time can be.
const IN_REAL_TIME: &str = r#"
name = "in a simulator"
duration = "5s"
[app]
background-modes = ["voip"]
[[step]]
at = "1s"
do = "user.background"
[[step]]
at = "2s"
do = "server.push"
push = "call"
[[expect]]
that = "push-received"
push = "call"
within = "2s"
"#;

#[test]
fn a_simulator_is_driven_by_its_tools() {
    let bench = Bench::new();
    let ended = bench.run_on("sim", IN_REAL_TIME, &["--bundle-id", "org.example.agent"]);
    assert_eq!(ended.code, 0, "{ended:?}");
    let json = ended.json();
    assert_eq!(
        (&json["device"]["kind"], &json["device"]["speed"]),
        (&"simulator".into(), &1.into())
    );
    let calls = std::fs::read_to_string(bench.path("calls")).unwrap();
    let places: Vec<Option<usize>> =
        ["org.example.agent", "com.apple.Preferences", "simctl terminate"]
            .map(|word| calls.lines().position(|call| call.contains(word)))
            .into();
    assert!(places.iter().all(Option::is_some) && places.is_sorted(), "{calls}");
}

/// A Mach-O file with nothing but LC_BUILD_VERSION: platform 2 is iOS, 7 its simulator; from 13.0 on, SDK 26.1.
fn binary(platform: u32) -> Vec<u8> {
    let header = [0xfeed_facf, 0x0100_000c, 0, 2, 1, 24, 0, 0];
    let command = [0x32, 24, platform, 13 << 16, 26 << 16 | 1 << 8, 0];
    header.iter().chain(&command).flat_map(|word: &u32| word.to_le_bytes()).collect()
}

#[test]
fn an_agent_for_a_simulator_is_packaged_signed_and_installed_before_it_is_launched() {
    let bench = Bench::new();
    std::fs::write(bench.path("program"), binary(7)).unwrap();
    let named = ["--agent", "program", "--bundle-id", "org.example.agent"];
    let ended = bench.run_on("sim", IN_REAL_TIME, &named);
    assert_eq!(ended.code, 0, "{ended:?}");
    let calls = std::fs::read_to_string(bench.path("calls")).unwrap();
    let places: Vec<Option<usize>> =
        ["codesign", "simctl install", "simctl launch", "simctl terminate"]
            .map(|word| calls.lines().position(|call| call.contains(word)))
            .into();
    assert!(places.iter().all(Option::is_some) && places.is_sorted(), "{calls}");
}

#[test]
fn an_agent_for_another_system_is_refused_before_anything_is_installed() {
    let bench = Bench::new();
    std::fs::write(bench.path("program"), binary(2)).unwrap();
    let ended = bench.run_on("sim", IN_REAL_TIME, &["--agent", "program"]);
    assert_eq!(ended.code, 2, "{ended:?}");
    let calls = std::fs::read_to_string(bench.path("calls")).unwrap();
    assert!(!calls.contains("install") && !calls.contains("launch"), "{calls}");
}

#[test]
fn what_a_person_does_needs_a_person() {
    let text = format!("{IN_REAL_TIME}[[step]]\nat = \"3s\"\ndo = \"user.lock\"\n");
    let bench = Bench::new();
    let arguments = ["--bundle-id", "org.example.agent"];
    let ended = bench.run_on("sim", &text, &arguments);
    assert_eq!(ended.code, 2, "{ended:?}");
    assert!(ended.stderr.contains("step 3 (user.lock): a person does it"), "{ended:?}");
    let calls = std::fs::read_to_string(bench.path("calls")).unwrap();
    assert!(!calls.contains("launch"), "nothing was started: {calls}");
    let ended = bench.run_on("sim", &text, &[&arguments[..], &["--unattended"]].concat());
    let undone = &ended.json()["device"]["undone"];
    assert_eq!(undone[0]["why"], "nobody was there to do it", "{undone}");
}
