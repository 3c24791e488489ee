//! The control API, over HTTP as anybody speaks it.

use std::sync::Arc;

use holdline::live::proxy::control;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::{Bench, hears_reset, soon};

/// The control API of a proxy.
struct Control {
    address: std::net::SocketAddr,
    proxy: Arc<holdline::live::proxy::Proxy>,
    server: TcpListener,
}

impl Control {
    async fn new() -> Control {
        let Bench { proxy, server } = Bench::new(&[]).await;
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let proxy = Arc::new(proxy);
        tokio::spawn(control::serve(listener, Arc::clone(&proxy), "secret".into()));
        Control { address, proxy, server }
    }

    /// The status and the body; nothing where there is none.
    async fn ask(&self, method: &str, path: &str, token: &str, body: &str) -> (u16, Value) {
        let mut stream = soon(TcpStream::connect(self.address)).await.unwrap();
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n\
             Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
            body.len()
        );
        soon(stream.write_all(request.as_bytes())).await.unwrap();
        let mut answer = String::new();
        soon(stream.read_to_string(&mut answer)).await.unwrap();
        let status = answer[9..12].parse().unwrap();
        let body = answer.split_once("\r\n\r\n").unwrap().1;
        (status, serde_json::from_str(body).unwrap_or(Value::Null))
    }

    async fn get(&self, path: &str) -> Value {
        let (status, body) = self.ask("GET", path, "secret", "").await;
        assert_eq!(status, 200, "{path}: {body}");
        body
    }

    async fn post(&self, path: &str, body: Value) -> (u16, Value) {
        self.ask("POST", path, "secret", &body.to_string()).await
    }
}

#[tokio::test]
async fn faults_are_set_listed_and_removed() {
    let control = Control::new().await;
    let list = json!([
        "delay latency=80ms",
        { "fault": "silence", "direction": "to-client", "on": "new" },
        { "fault": "bandwidth", "rate": 16000 },
    ]);
    assert_eq!(control.post("/v1/faults", list).await, (201, json!({ "ids": [1, 2, 3] })));
    let swap = json!([{ "remove": 1 }, "refuse"]);
    assert_eq!(control.post("/v1/faults", swap).await, (201, json!({ "ids": [4] })));
    let faults = control.get("/v1/faults").await;
    let texts: Vec<&str> =
        faults["faults"].as_array().unwrap().iter().map(|f| f["text"].as_str().unwrap()).collect();
    assert_eq!(
        texts,
        [
            "silence direction=to-client on=new",
            "bandwidth rate=16000 direction=both",
            "refuse how=close"
        ]
    );
    assert_eq!(faults["faults"][0]["parameters"], json!({ "direction": "to-client" }));
    assert_eq!(control.ask("DELETE", "/v1/faults/4", "secret", "").await.0, 204);
    assert_eq!(control.ask("DELETE", "/v1/faults/4", "secret", "").await.0, 404);
    assert_eq!(control.ask("DELETE", "/v1/faults", "secret", "").await.0, 204);
    assert_eq!(control.proxy.faults(), []);
}

#[tokio::test]
async fn a_list_with_one_mistake_changes_nothing_and_says_which_it_is() {
    let control = Control::new().await;
    for (body, status, message) in [
        (json!(["silence", "silense"]), 400, "change 1: there is no fault `silense`"),
        (json!(["silence", { "latency": "1s" }]), 400, "change 1: `fault` has the name"),
        (json!(["silence", { "fault": "silence", "on": null }]), 400, "is a text, a number"),
        (json!(["silence", { "remove": 1, "fault": "silence" }]), 400, "stands alone"),
        (json!("silence"), 400, "expected a list"),
        (json!(["silence", "reset on=7"]), 422, "there is no connection 7"),
    ] {
        let (found, answer) = control.post("/v1/faults", body.clone()).await;
        let text = answer["error"].as_str().unwrap();
        assert!(found == status && text.contains(message), "{body}: {found} {answer}");
        assert_eq!(control.proxy.faults(), [], "{body}");
    }
    assert_eq!(control.ask("POST", "/v1/faults", "secret", "[").await.0, 400);
    let long = format!("[\"{}\"]", " ".repeat(100_000));
    assert_eq!(control.ask("POST", "/v1/faults", "secret", &long).await.0, 413);
}

#[tokio::test]
async fn connections_are_listed_and_ended_by_number() {
    let control = Control::new().await;
    let mut client = soon(TcpStream::connect(control.proxy.local_addr())).await.unwrap();
    let (_server, from) = soon(control.server.accept()).await.unwrap();
    soon(async {
        while control.proxy.connections()[0].local.is_none() {
            tokio::task::yield_now().await;
        }
    })
    .await;
    let all = control.get("/v1/connections").await;
    let one = &all["connections"][0];
    assert_eq!(one["number"], 1);
    assert_eq!(one["client"], client.local_addr().unwrap().to_string());
    assert_eq!(one["local"], from.to_string());
    assert_eq!(one["to_server"]["forwarded"], 0);
    assert_eq!(control.post("/v1/connections/2/reset", Value::Null).await.0, 404);
    assert_eq!(control.post("/v1/connections/1/reset", Value::Null).await.0, 204);
    hears_reset(&mut client).await;
}

#[tokio::test]
async fn without_the_token_nothing_is_told_but_that_it_runs() {
    let control = Control::new().await;
    for path in ["/v1/faults", "/v1/connections"] {
        for token in ["", "secre", "secrets", "Secret"] {
            let (status, answer) = control.ask("GET", path, token, "").await;
            assert_eq!(status, 401, "{path}");
            assert!(answer["error"].as_str().unwrap().contains("Bearer"), "{answer}");
        }
    }
    assert_eq!(control.ask("POST", "/v1/faults", "wrong", "[\"silence\"]").await.0, 401);
    assert_eq!(control.proxy.faults(), []);
    assert_eq!(control.ask("GET", "/healthz", "", "").await.0, 200);
    let document = control.ask("GET", "/v1/openapi.json", "", "").await.1;
    assert_eq!(document["openapi"], "3.1.0");
    assert_eq!(control.ask("GET", "/v2", "secret", "").await.0, 404);
    assert_eq!(control.ask("PUT", "/v1/faults", "secret", "").await.0, 405);
}
