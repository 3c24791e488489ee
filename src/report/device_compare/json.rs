//! A log beside the model for programs: one object. Durations are microseconds.

use serde_json::{Value as Json, json};

use super::Told;
use super::text::why;
use crate::device::host::compare::{
    Agreement, Candidate, Episode, Explained, Group, Item, Kind, Proposal, Reason, block, said,
};
use crate::report::compare::json::record;
use crate::scenario::Scenario;

/// The comparison as one JSON value.
pub fn json(told: &Told<'_>) -> Json {
    let Told { file, scenario_file, log, warnings, scenario, compared } = told;
    let (found, asked) = (&compared.found, &compared.asked);
    let (agreement, reason) = match &compared.agreement {
        Agreement::Agrees => ("agrees", None),
        Agreement::Differs => ("differs", None),
        Agreement::CannotTell(why) => ("cannot-tell", Some(why)),
    };
    json!({
        "phone": {
            "file": file,
            "scenario": log.header.scenario,
            "platform": log.header.platform,
            "model": log.header.model,
            "seed": log.header.seed,
            "run": log.run,
            "about": log.about,
            "events": compared.records[0].len(),
        },
        "model": {
            "file": scenario_file,
            "scenario": scenario.name,
            "platform": scenario.platform.name,
            "client": scenario.client.name,
            "seed": asked.seed,
        },
        "within_us": asked.within.as_micros(),
        "knows": asked.knows.as_str(),
        "notes": warnings.iter().map(ToString::to_string).chain(compared.notes.iter().cloned())
            .collect::<Vec<_>>(),
        "agreement": agreement,
        "why": reason,
        "offset_us": found.offset,
        "compared": { "phone": found.events[0], "model": found.events[1] },
        "matched": found.matched,
        "apart_us": { "half": found.apart[0], "most": found.apart[1] },
        "behind_the_log": found.later,
        "differences": found.items.iter().map(item).collect::<Vec<_>>(),
        "unexplained": compared.unexplained.iter().map(|one| group(told, one)).collect::<Vec<_>>(),
        "explained": compared.explained.iter().map(explanation).collect::<Vec<_>>(),
        "proposal": compared.proposal.as_ref().map(|one| proposal(told, one)),
    })
}

/// One single difference.
fn item(item: &Item) -> Json {
    let mut json = json!({
        "device": item.device,
        "at_us": item.at,
        "event": item.what,
        "kind": match item.kind {
            Kind::OnlyPhone => "only-phone",
            Kind::OnlyModel => "only-model",
            Kind::Later(_) => "later",
            Kind::Longer(..) => "longer",
            Kind::Otherwise(..) => "otherwise",
        },
    });
    match &item.kind {
        Kind::OnlyPhone | Kind::OnlyModel => {}
        Kind::Later(by) => json["by_us"] = (*by).into(),
        Kind::Longer(field, by) => {
            json["field"] = field.as_str().into();
            json["by_us"] = (*by).into();
        }
        Kind::Otherwise(field, [phone, model]) => {
            json["field"] = field.as_str().into();
            json["phone"] = phone.as_str().into();
            json["model"] = model.as_str().into();
        }
    }
    json
}

fn group(told: &Told<'_>, group: &Group) -> Json {
    let records = &told.compared.records;
    let episode = |episode: &Episode| {
        let side = |side: usize| {
            episode.places[side].iter().map(|place| record(&records[side][*place])).collect()
        };
        let [phone, model]: [Vec<Json>; 2] = [side(0), side(1)];
        json!({
            "at_us": episode.first.at,
            "differences": episode.items,
            "only_phone": episode.alone[0],
            "only_model": episode.alone[1],
            "phone": phone,
            "model": model,
        })
    };
    json!({
        "text": said(group),
        "first": item(&group.first().first),
        "times": group.episodes.len(),
        "differences": group.items(),
        "episodes": group.episodes.iter().map(episode).collect::<Vec<_>>(),
    })
}

fn explanation(explained: &Explained) -> Json {
    let (reason, range) = match explained.reason {
        Reason::Luck(range) => ("chance", range),
        Reason::Retry => ("server-retry", None),
    };
    json!({
        "event": explained.what,
        "times": explained.times,
        "first": item(&explained.first),
        "reason": reason,
        "range_us": range,
        "text": why(explained),
    })
}

fn proposal(told: &Told<'_>, proposal: &Proposal) -> Json {
    let one = |one: &Candidate| candidate(told.scenario, one);
    let changes = proposal.changes.iter().map(|change| {
        json!({
            "set": one(&change.best),
            "alternatives": change.alternatives.iter().map(one).collect::<Vec<_>>(),
            "before": change.left[0],
            "left": change.left[1],
        })
    });
    json!({
        "changes": changes.collect::<Vec<_>>(),
        "toml": block(told.compared, told.scenario),
        "runs": proposal.runs,
        "keys": proposal.keys,
        "cut_short": proposal.cut_short,
    })
}

fn candidate(scenario: &Scenario, one: &Candidate) -> Json {
    let from = scenario.platform.provenance.get(one.key);
    json!({
        "key": format!("platform.{}", one.key),
        "from": one.from,
        "to": one.to,
        "as_well": one.as_well,
        "removes": one.removes,
        "source": from.map(|from| from.source.trim()),
        "confidence": from.map(|from| from.confidence.as_str()),
    })
}
