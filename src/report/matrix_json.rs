//! Ways to stay connected against versions of iOS, for machines.

use serde_json::{Value as Json, json};

use super::counted_json as counted;
use super::matrix::{said, versions};
use crate::platform::covering;
use crate::study::{Cell, Matrix, Stop};

/// The version of this format.
const VERSION: u32 = 1;

/// One JSON object: durations in microseconds, shares in millionths.
///
/// # Errors
/// Only when it cannot be written at all.
pub fn json(matrix: &Matrix, stop: Stop) -> serde_json::Result<String> {
    let plan = &matrix.plan;
    let mut cells = Vec::new();
    for (row, way) in plan.ways.iter().enumerate() {
        for (column, platform) in plan.platforms.iter().enumerate() {
            let mut cell = one(matrix.cell(row, column));
            cell["client"] = json!(way.client);
            cell["server_heartbeat_us"] = json!(way.heartbeat.map(|every| every.as_micros()));
            cell["platform"] = json!(platform);
            cell["versions"] = json!(versions(platform));
            cell["profile"] = json!(covering(platform).map(|(profile, _)| profile));
            cell["sdk"] = json!(plan.sdk.on(platform));
            cells.push(cell);
        }
    }
    let whole = json!({
        "version": VERSION,
        "holdline": env!("CARGO_PKG_VERSION"),
        "wifi": matrix.networks[0],
        "cellular": matrix.networks[1],
        "days": plan.days,
        "seed": plan.seed,
        "runs": matrix.runs(),
        "half_width_ppm": matrix.widest().map(|(half, ..)| half),
        "cells": cells,
        "said": said(matrix, stop),
    });
    Ok(serde_json::to_string_pretty(&whole)? + "\n")
}

fn one(cell: &Cell) -> Json {
    json!({
        "reachable_ppm": cell.reachable.mean(),
        "half_width_ppm": cell.reachable.half_width(),
        "pushes": counted::pushes(&cell.delays, cell.unread),
        "unreachable": counted::unreachable(&cell.blames),
        "kills": counted::kills(&cell.kills),
        "refused": counted::refused(&cell.refused),
        "wakes": cell.wakes,
        "battery_per_day_ppm": cell.battery.mean(),
    })
}
