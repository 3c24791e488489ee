//! The control API of a proxy: faults and connections over HTTP, in JSON.

use std::io;
use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Path, Request, State};
use axum::http::{StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Json, Response};
use axum::routing::{delete, get, post};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use super::effects::SetFault;
use super::fault::{Change, Ends, Fault, FaultId, FaultSpec, On};
use super::limit::Limited;
use super::{ConnectionInfo, LaneInfo, Proxy, openapi};
use crate::live::server::same;

/// A request longer than this is not read.
const MOST_BYTES: usize = 64 << 10;

/// Connections of the control API at once; more wait.
const MOST_CONNECTIONS: usize = 64;

struct Api {
    proxy: Arc<Proxy>,
    token: String,
}

/// Serves the control API of `proxy` at `listener` to whoever has `token`, until it is dropped.
///
/// # Errors
/// Those of the listener.
pub async fn serve(listener: TcpListener, proxy: Arc<Proxy>, token: String) -> io::Result<()> {
    axum::serve(Limited::new(listener, MOST_CONNECTIONS), router(proxy, token)).await
}

/// The routes.
pub(super) fn router(proxy: Arc<Proxy>, token: String) -> Router {
    let api = Arc::new(Api { proxy, token });
    Router::new()
        .route("/v1/faults", get(faults).post(set_faults).delete(clear_faults))
        .route("/v1/faults/{id}", delete(remove_fault))
        .route("/v1/connections", get(connections))
        .route("/v1/connections/{number}/reset", post(reset))
        .route("/v1/connections/{number}/close", post(close))
        .route_layer(middleware::from_fn_with_state(Arc::clone(&api), authorised))
        .route("/healthz", get(|| async { "ok\n" }))
        .route("/v1/openapi.json", get(|| async { Json(openapi::document()) }))
        .fallback(|| async { problem(StatusCode::NOT_FOUND, "there is no such resource") })
        .method_not_allowed_fallback(|| async {
            problem(StatusCode::METHOD_NOT_ALLOWED, "this resource has no such method")
        })
        .layer(DefaultBodyLimit::max(MOST_BYTES))
        .with_state(api)
}

fn problem(status: StatusCode, message: &str) -> Response {
    (status, Json(json!({ "error": message }))).into_response()
}

async fn authorised(State(api): State<Arc<Api>>, request: Request, next: Next) -> Response {
    let given = request.headers().get(header::AUTHORIZATION).map(|value| value.as_bytes());
    let given = given.and_then(|value| value.strip_prefix(b"Bearer "));
    if given.is_some_and(|given| same(api.token.as_bytes(), given)) {
        return next.run(request).await;
    }
    let message = "give the token of the proxy: `Authorization: Bearer TOKEN`";
    let mut response = problem(StatusCode::UNAUTHORIZED, message);
    let bearer = header::HeaderValue::from_static("Bearer");
    response.headers_mut().insert(header::WWW_AUTHENTICATE, bearer);
    response
}

async fn faults(State(api): State<Arc<Api>>) -> Response {
    let all: Vec<Value> = api.proxy.faults().iter().map(fault_json).collect();
    Json(json!({ "faults": all })).into_response()
}

async fn set_faults(State(api): State<Arc<Api>>, body: Bytes) -> Response {
    let changes = match changes_of(&body) {
        Ok(changes) => changes,
        Err(message) => return problem(StatusCode::BAD_REQUEST, &message),
    };
    match api.proxy.apply(changes) {
        Ok(ids) => {
            let ids: Vec<u64> = ids.iter().map(|id| id.0).collect();
            (StatusCode::CREATED, Json(json!({ "ids": ids }))).into_response()
        }
        Err(invalid) => {
            let json = json!({ "error": invalid.message, "change": invalid.change });
            (StatusCode::UNPROCESSABLE_ENTITY, Json(json)).into_response()
        }
    }
}

async fn clear_faults(State(api): State<Arc<Api>>) -> Response {
    match api.proxy.apply(vec![Change::Clear]) {
        Ok(_) => StatusCode::NO_CONTENT.into_response(),
        Err(invalid) => problem(StatusCode::UNPROCESSABLE_ENTITY, &invalid.message),
    }
}

async fn remove_fault(State(api): State<Arc<Api>>, Path(id): Path<u64>) -> Response {
    let id = FaultId(id);
    match api.proxy.apply(vec![Change::Remove(id)]) {
        Ok(_) => StatusCode::NO_CONTENT.into_response(),
        Err(invalid) => problem(StatusCode::NOT_FOUND, &invalid.message),
    }
}

async fn connections(State(api): State<Arc<Api>>) -> Response {
    let now = api.proxy.clock().now();
    let in_flight = api.proxy.in_flight();
    let all: Vec<Value> = api.proxy.connections().iter().map(connection_json).collect();
    let json = json!({
        "now_us": now.as_micros(),
        "in_flight": { "moving": in_flight.moving, "still": in_flight.still },
        "connections": all,
    });
    Json(json).into_response()
}

async fn reset(State(api): State<Arc<Api>>, Path(number): Path<u64>) -> Response {
    end(&api, number, Fault::Reset { to: Ends::Both })
}

async fn close(State(api): State<Arc<Api>>, Path(number): Path<u64>) -> Response {
    end(&api, number, Fault::Close { to: Ends::Both })
}

fn end(api: &Api, number: u64, fault: Fault) -> Response {
    let spec = FaultSpec { fault, on: On::Connection(number) };
    match api.proxy.apply(vec![Change::Add(spec)]) {
        Ok(_) => StatusCode::NO_CONTENT.into_response(),
        Err(invalid) => problem(StatusCode::NOT_FOUND, &invalid.message),
    }
}

fn fault_json(fault: &SetFault) -> Value {
    let parameters: serde_json::Map<String, Value> = fault
        .spec
        .fault
        .parameters()
        .into_iter()
        .map(|(key, value)| (key.to_owned(), Value::String(value)))
        .collect();
    json!({
        "id": fault.id.0,
        "fault": fault.spec.fault.name(),
        "parameters": parameters,
        "on": fault.spec.on.to_string(),
        "text": fault.spec.to_string(),
        "since_us": fault.since.as_micros(),
    })
}

fn connection_json(connection: &ConnectionInfo) -> Value {
    json!({
        "number": connection.number,
        "client": connection.client.to_string(),
        "local": connection.local.map(|local| local.to_string()),
        "opened_us": connection.opened.as_micros(),
        "to_server": lane_json(connection.to_server),
        "to_client": lane_json(connection.to_client),
        "cut": connection.cut,
    })
}

fn lane_json(lane: LaneInfo) -> Value {
    json!({
        "forwarded": lane.forwarded,
        "held": lane.held,
        "held_since_us": lane.held_since.map(crate::port::Time::as_micros),
        "still": lane.still,
    })
}

/// The changes of a request: a list of faults, each as text or as an object, and of `{"remove":
/// id}`.
fn changes_of(body: &[u8]) -> Result<Vec<Change>, String> {
    let value: Value = serde_json::from_slice(body).map_err(|error| format!("no JSON: {error}"))?;
    let Value::Array(items) = value else {
        return Err("expected a list of faults, for example [\"silence\"]".into());
    };
    let one = |(place, item): (usize, &Value)| {
        change_of(item).map_err(|why| format!("change {place}: {why}"))
    };
    items.iter().enumerate().map(one).collect()
}

fn change_of(item: &Value) -> Result<Change, String> {
    if let Some(text) = item.as_str() {
        return FaultSpec::parse(text).map(Change::Add);
    }
    let object = item.as_object().ok_or("expected a text or an object")?;
    if let Some(id) = object.get("remove") {
        let id = id.as_u64().filter(|_| object.len() == 1);
        return id
            .map(|id| Change::Remove(FaultId(id)))
            .ok_or_else(|| "`remove` stands alone and has the number of a fault".into());
    }
    let name =
        object.get("fault").and_then(Value::as_str).ok_or("`fault` has the name of a fault")?;
    let text = |(key, value): (&String, &Value)| {
        let text = if let Some(text) = value.as_str() {
            text.to_owned()
        } else if value.is_number() || value.is_boolean() {
            value.to_string()
        } else {
            return Err(format!("`{key}` is a text, a number, true or false"));
        };
        Ok((key.clone(), text))
    };
    let given = object.iter().filter(|(key, _)| *key != "fault").map(text);
    FaultSpec::of(name, &given.collect::<Result<Vec<_>, String>>()?).map(Change::Add)
}
