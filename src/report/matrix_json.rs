//! Ways to stay connected against versions of iOS, for machines.

use serde_json::{Value as Json, json};

use super::days::refused_words;
use super::days_json::pushes_json;
use super::matrix::said;
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
            cell["sdk"] = json!(plan.sdk.on(platform));
            cells.push(cell);
        }
    }
    let whole = json!({
        "version": VERSION,
        "holdline": env!("CARGO_PKG_VERSION"),
        "network": plan.network,
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
    let mut spent: Vec<_> = cell.blames.iter().collect();
    spent.sort_by_key(|(_, span)| std::cmp::Reverse(**span));
    let unreachable: Vec<_> = spent
        .into_iter()
        .map(|(blame, span)| json!({ "rule": blame.rule(), "us": span.as_micros() }))
        .collect();
    let kills: Vec<_> = cell
        .kills
        .iter()
        .map(
            |((rule, code), n)| json!({ "rule": rule.as_str(), "code": code.as_str(), "count": n }),
        )
        .collect();
    let refused: Vec<_> = cell
        .refused
        .iter()
        .map(|(refused, n)| json!({ "rule": refused_words(*refused), "count": n }))
        .collect();
    json!({
        "reachable_ppm": cell.reachable.mean(),
        "half_width_ppm": cell.reachable.half_width(),
        "pushes": pushes_json(&cell.delays, cell.unread),
        "unreachable": unreachable,
        "kills": kills,
        "refused": refused,
        "wakes": cell.wakes,
        "battery_per_day_ppm": cell.battery.mean(),
    })
}
