//! curl against the control API: every example of the document as it stands there, and what needs no token.

use std::path::Path;
use std::process::Command;

use crate::serving::{Serving, TOKEN};

crate::tools::tests![
    every_example_of_the_document_prints_what_it_says,
    health_and_metrics_need_no_token_and_everything_else_does,
    every_counter_that_is_documented_is_in_the_metrics,
    the_description_is_served_and_a_device_is_dropped,
];

/// A server with a store, and where its control API is.
fn serve(folder: &Path) -> (Serving, String) {
    let store = folder.join("pushes.redb");
    let store = store.to_str().expect("UTF-8");
    let mut server =
        Serving::start(&["--listen", "0", "--store", store, "--control", "127.0.0.1:0"]);
    server.address("tcp");
    let url = server.told("control ");
    (server, url)
}

/// What curl printed, and the status behind it.
fn curl(args: &[&str]) -> String {
    let output = Command::new("curl")
        .args(["-sS", "--max-time", "20", "-w", "\n%{http_code}"])
        .args(args)
        .output()
        .expect("it is installed");
    assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("text")
}

/// The commands of the document that begin with `curl`, each with what it prints there.
fn examples(document: &str) -> Vec<(String, String)> {
    let mut examples: Vec<(String, String)> = Vec::new();
    let mut shown = false;
    for line in document.replace("\\\n", " ").lines() {
        if let Some(language) = line.strip_prefix("```") {
            shown = language == "console";
        } else if let Some(command) = line.strip_prefix("$ ") {
            examples.push((command.to_owned(), String::new()));
        } else if let Some((_, prints)) = examples.last_mut().filter(|_| shown) {
            prints.push_str(line);
        }
    }
    examples.retain(|(command, _)| command.starts_with("curl "));
    examples
}

fn every_example_of_the_document_prints_what_it_says() {
    let folder = tempfile::tempdir().expect("a folder");
    let (_server, url) = serve(folder.path());
    let examples = examples(include_str!("../../docs/control-api.md"));
    assert!(examples.len() >= 5, "{examples:?}");
    for (command, prints) in examples {
        let command =
            command.replace("http://127.0.0.1:7401", &url).replacen("curl", "curl -sS", 1);
        let output = Command::new("sh").args(["-c", &command]).output().expect("a shell");
        let printed = String::from_utf8_lossy(&output.stdout);
        assert_eq!(printed, prints, "{command}: {}", String::from_utf8_lossy(&output.stderr));
    }
}

fn health_and_metrics_need_no_token_and_everything_else_does() {
    let folder = tempfile::tempdir().expect("a folder");
    let (_server, url) = serve(folder.path());
    assert_eq!(curl(&[&format!("{url}/healthz")]), "{\"status\":\"ok\"}\n200");
    let metrics = curl(&[&format!("{url}/metrics")]);
    assert!(metrics.contains("# TYPE holdline_connections gauge\nholdline_connections 0\n"));
    for header in ["Accept: */*", "Authorization: Bearer another", "Authorization: Basic c2VjcmV0"]
    {
        for (method, path) in
            [("GET", "/v1/devices"), ("POST", "/v1/push"), ("POST", "/v1/drain"), ("GET", "/v1/x")]
        {
            let answer = curl(&["-X", method, "-H", header, &format!("{url}{path}")]);
            assert!(answer.starts_with("{\"error\":\"token\",\"message\":"), "{answer}");
            assert!(answer.ends_with("\n401"), "{header} {method} {path}: {answer}");
        }
    }
}

fn every_counter_that_is_documented_is_in_the_metrics() {
    let folder = tempfile::tempdir().expect("a folder");
    let (_server, url) = serve(folder.path());
    let metrics = curl(&[&format!("{url}/metrics")]);
    let document = include_str!("../../docs/protocol.md");
    let names: Vec<&str> = document
        .split('`')
        .filter(|word| word.starts_with("holdline_") && !word.contains(' '))
        .map(|word| word.split('{').next().unwrap_or(word))
        .collect();
    assert!(names.len() > 10, "{names:?}");
    for name in names {
        assert!(metrics.contains(&format!("# TYPE {name} ")), "{name} is not in {metrics}");
    }
}

fn the_description_is_served_and_a_device_is_dropped() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = folder.path().join("pushes.redb");
    let store = store.to_str().expect("UTF-8");
    let mut server = Serving::start(&["--listen", "0", "--store", store, "--control", "0"]);
    let (address, url) = (server.address("tcp"), server.told("control "));
    let token = format!("Authorization: Bearer {TOKEN}");
    let ask = |path: &str, args: &[&str]| {
        let url = format!("{url}{path}");
        curl(&[args, &["-H", &token, &url]].concat())
    };
    let described = ask("/v1/openapi.json", &[]);
    let (described, status) = described.rsplit_once('\n').expect("a status");
    let described: serde_json::Value = serde_json::from_str(described).expect("JSON");
    assert_eq!((described["openapi"].as_str(), status), (Some("3.1.0"), "200"));
    let mut phone = crate::bytes::connect(address);
    crate::bytes::exchange(&mut phone, b"HELLO 1 phone\n", b"WELCOME 1\n");
    let info = ask("/v1/devices/phone", &[]);
    assert!(
        info.contains("\"connected\":true") && info.contains("\"transport\":\"tcp\""),
        "{info}"
    );
    assert_eq!(
        ask("/v1/push", &["--json", r#"{"payload": "all"}"#]),
        "{\"devices\":1,\"id\":\"1\"}\n202"
    );
    crate::bytes::exchange(&mut phone, b"", b"PUSH 1 all\n");
    let heartbeat = ask("/v1/devices/phone/heartbeat", &["-X", "POST"]);
    assert!(heartbeat.ends_with("\n200") || heartbeat.ends_with("\n202"), "{heartbeat}");
    crate::bytes::exchange(&mut phone, b"", b"PING 1\n");
    let dropped = ask("/v1/devices/phone/drop", &["--json", r#"{"how": "fin"}"#]);
    assert!(dropped.contains("1"), "{dropped}");
    crate::bytes::exchange(&mut phone, b"", b"BYE dropped ");
}
