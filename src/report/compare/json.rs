//! A comparison for programs: one object. Durations are microseconds, shares millionths, energies nanojoules.

use serde_json::{Map, Value as Json, json};

use super::{Compared, Kind, Party};
use crate::metrics::Value;
use crate::study::compare::{Difference, Divergence, Fate, PushEnd, Terminated};
use crate::trace::{Datum, Record};

/// The comparison as one JSON value.
pub fn json(compared: &Compared) -> Json {
    let [a, b] = &compared.parties;
    let settings = compared
        .settings
        .iter()
        .map(|one| json!({ "key": one.key, "a": one.sides[0], "b": one.sides[1] }));
    let code = compared.code.iter().map(|code| {
        let side = |side: usize| {
            let calls = code.calls[side].iter();
            let calls: Vec<_> =
                calls.map(|call| json!({ "call": call.call, "note": call.note })).collect();
            json!({ "value": code.values[side], "calls": calls })
        };
        json!({ "key": code.key, "a": side(0), "b": side(1) })
    });
    let differences = compared.differences.iter().map(|one| difference(compared, one));
    json!({
        "a": party(a),
        "b": party(b),
        "within_us": compared.how.within.as_micros(),
        "knows": compared.how.knows.as_str(),
        "same": compared.differences.is_empty(),
        "settings": settings.collect::<Vec<_>>(),
        "code": code.collect::<Vec<_>>(),
        "differences": differences.collect::<Vec<_>>(),
    })
}

fn party(party: &Party) -> Json {
    let mut json = json!({
        "file": party.file,
        "seed": party.seed(),
        "events": party.side.records.len(),
        "lasted_us": party.lasted.as_micros(),
        "verdict": party.verdict().map(|verdict| verdict.as_str()),
    });
    match &party.what {
        Kind::Played(played) => {
            json["kind"] = "played".into();
            json["name"] = played.scenario.name.as_str().into();
            json["platform"] = played.scenario.platform.name.as_str().into();
            json["client"] = played.scenario.client.name.as_str().into();
            json["sentence"] = played.sentence.as_str().into();
        }
        Kind::Trace(header) => {
            json["kind"] = "trace".into();
            json["name"] = header.scenario.as_str().into();
            json["platform"] = header.platform.as_str().into();
            json["model"] = header.model.as_str().into();
            json["profile"] = format!("{:016x}", header.profile_hash).into();
        }
    }
    json
}

fn difference(compared: &Compared, difference: &Difference) -> Json {
    match difference {
        Difference::Verdict { sides: [a, b] } => json!({ "kind": "verdict", "a": a, "b": b }),
        Difference::Events(divergence) => events(compared, divergence),
        Difference::Metric(metric) => {
            let number = |side: usize| metric.sides[side].map(Value::number);
            json!({
                "kind": "metric",
                "metric": metric.metric.as_str(),
                "unit": crate::report::json::unit(metric.metric),
                "a": number(0),
                "b": number(1),
                "better": metric.better.map(|winner| winner.as_str()),
            })
        }
        Difference::Kills { device, sides } => {
            let side = |side: usize| sides[side].iter().map(kill).collect::<Vec<_>>();
            json!({ "kind": "kills", "device": device, "a": side(0), "b": side(1) })
        }
        Difference::Push { device, push, sides: [a, b] } => json!({
            "kind": "push",
            "device": device,
            "push": push,
            "a": a.as_ref().map(fate),
            "b": b.as_ref().map(fate),
        }),
    }
}

fn events(compared: &Compared, divergence: &Divergence) -> Json {
    let list = |side: usize, places: &[usize]| {
        let records = &compared.parties[side].side.records;
        places.iter().filter_map(|place| records.get(*place)).map(record).collect::<Vec<_>>()
    };
    json!({
        "kind": "events",
        "device": divergence.device,
        "at_us": divergence.at.as_micros(),
        "alike": divergence.common,
        "before": list(0, &divergence.before),
        "a": list(0, &divergence.next[0]),
        "b": list(1, &divergence.next[1]),
    })
}

/// A record as it stands in a trace.
pub(in crate::report) fn record(record: &Record) -> Json {
    let mut fields = Map::new();
    fields.insert("t".into(), record.at.as_micros().into());
    fields.insert("device".into(), record.device.into());
    fields.insert("lane".into(), record.lane.as_str().into());
    fields.insert("event".into(), record.event.as_ref().into());
    for (name, value) in &record.fields {
        let value = match value {
            Datum::Number(n) => Json::from(*n),
            Datum::Negative(n) => Json::from(*n),
            Datum::Flag(yes) => Json::from(*yes),
            Datum::Text(text) => Json::from(text.as_ref()),
            Datum::Endless => Json::Null,
        };
        fields.insert(name.to_string(), value);
    }
    Json::Object(fields)
}

fn kill(kill: &Terminated) -> Json {
    json!({ "at_us": kill.at.as_micros(), "code": kill.code, "rule": kill.rule })
}

fn fate(fate: &Fate) -> Json {
    let (end, latency, why) = match &fate.end {
        PushEnd::Read(latency) => ("read", latency.map(|span| span.as_micros()), None),
        PushEnd::Dropped(why) => ("dropped", None, Some(why)),
        PushEnd::Waiting => ("not-read", None, None),
    };
    json!({ "end": end, "latency_us": latency, "why": why, "notified": fate.notified })
}
