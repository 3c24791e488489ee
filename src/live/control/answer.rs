//! Asks the hub, and says in JSON what it answers. Ids are strings: JavaScript has no whole numbers of 64 bits.

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Json, Response};
use serde_json::{Value, json};

use super::metrics;
use super::problem::Problem;
use super::request::Asked;
use crate::live::server::Handle;
use crate::live::server::api::{Command, DeviceInfo, Refused, Stats};

/// Does what is asked.
pub(super) async fn answer(hub: &Handle, asked: Asked) -> Result<Response, Problem> {
    let done = match asked {
        Asked::Health => {
            stats(hub).await?;
            json(StatusCode::OK, json!({ "status": "ok" }))
        }
        Asked::Metrics => {
            let text = metrics::text(&stats(hub).await?);
            ([(header::CONTENT_TYPE, metrics::CONTENT_TYPE)], text).into_response()
        }
        Asked::OpenApi => {
            ([(header::CONTENT_TYPE, "application/json")], super::OPENAPI).into_response()
        }
        Asked::Stats => json(StatusCode::OK, stats_json(&stats(hub).await?)),
        Asked::Devices { limit, after } => {
            let ask = |reply| Command::Devices { limit, after, reply };
            let devices = hub.ask(ask).await.map_err(refused)?;
            // A page that is full may be the last: the next one is empty then.
            let last = devices.last().filter(|_| devices.len() >= limit);
            let next = last.map(|last| last.device.clone());
            let devices: Vec<Value> = devices.iter().map(device_json).collect();
            json(StatusCode::OK, json!({ "devices": devices, "next": next }))
        }
        Asked::Device(device) => {
            let ask = |reply| Command::Device { device, reply };
            json(StatusCode::OK, device_json(&hub.ask(ask).await.map_err(refused)?))
        }
        Asked::Push { to, payload, ttl } => {
            let ask = |reply| Command::Push { to, payload: payload.into(), ttl, reply };
            let accepted = hub.ask(ask).await.map_err(refused)?;
            let id = accepted.id.to_string();
            json(StatusCode::ACCEPTED, json!({ "id": id, "devices": accepted.devices }))
        }
        Asked::Cancel { device, id } => {
            hub.ask(|reply| Command::Cancel { device, id, reply }).await.map_err(refused)?;
            StatusCode::NO_CONTENT.into_response()
        }
        Asked::Heartbeat(to) => {
            let asked = hub.ask(|reply| Command::Heartbeat { to, reply }).await;
            json(StatusCode::OK, json!({ "devices": asked.map_err(refused)? }))
        }
        Asked::Drop { to, how } => {
            let ended = hub.ask(|reply| Command::Drop { to, how, reply }).await;
            json(StatusCode::OK, json!({ "devices": ended.map_err(refused)? }))
        }
        Asked::Restart { how, down_for } => {
            let ask = |reply| Command::Restart { how, down_for, reply };
            hub.ask(ask).await.map_err(refused)?;
            let body = json!({ "how": how.as_str(), "down_for": down_for.to_string() });
            json(StatusCode::ACCEPTED, body)
        }
        Asked::Drain { grace } => {
            let connected = hub.ask(|reply| Command::Drain { grace, reply }).await;
            json(StatusCode::ACCEPTED, json!({ "devices": connected.map_err(refused)? }))
        }
    };
    Ok(done)
}

async fn stats(hub: &Handle) -> Result<Stats, Problem> {
    hub.ask(|reply| Command::Stats { reply }).await.map_err(refused)
}

fn refused(refused: Refused) -> Problem {
    Problem::refused(&refused)
}

fn json(status: StatusCode, body: Value) -> Response {
    (status, Json(body)).into_response()
}

fn device_json(info: &DeviceInfo) -> Value {
    json!({
        "device": info.device,
        "connected": info.address.is_some(),
        "address": info.address,
        "transport": info.transport,
        "connected_for": info.connected_for.map(|span| span.to_string()),
        "heard_ago": info.heard_ago.map(|span| span.to_string()),
        "waiting": info.waiting,
    })
}

fn stats_json(stats: &Stats) -> Value {
    let value = |stat: &crate::live::server::api::Stat| {
        let labels: serde_json::Map<String, Value> =
            stat.label.into_iter().map(|(name, value)| (name.into(), value.into())).collect();
        let kind = if stat.counter { "counter" } else { "gauge" };
        json!({
            "name": stat.name,
            "help": stat.help,
            "type": kind,
            "labels": labels,
            "value": stat.value,
        })
    };
    json!({ "values": stats.values.iter().map(value).collect::<Vec<_>>() })
}
