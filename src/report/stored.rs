//! What is stored of a scenario, as a JSON file that can be reviewed: one metric a line, in a stable order. Numbers
//! are things, microseconds, millionths or nanojoules.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::metrics::{Metric, Value};
use crate::study::baseline::{Measured, Stamp, Stored};

/// The version of this format.
const FORMAT: u32 = 1;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Whole {
    format: u32,
    holdline: String,
    scenario: String,
    world: String,
    model: String,
    platform: String,
    profile: String,
    steps: String,
    runs: Vec<Run>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Run {
    seed: u64,
    metrics: BTreeMap<String, Option<u64>>,
}

/// The file's text.
///
/// # Errors
/// What `serde_json` says; there is no such value here.
pub fn write_stored(stored: &Stored) -> serde_json::Result<String> {
    let Stamp { scenario, world, model, platform, profile, steps } = stored.stamp.clone();
    let hash = |hash: u64| format!("{hash:016x}");
    let metrics = |measured: &Measured| {
        let number = |(metric, value): (&Metric, &Option<Value>)| {
            (metric.as_str().to_owned(), value.map(Value::number))
        };
        measured.iter().map(number).collect()
    };
    let run = |(seed, measured): (&u64, &Measured)| Run { seed: *seed, metrics: metrics(measured) };
    let whole = Whole {
        format: FORMAT,
        holdline: env!("CARGO_PKG_VERSION").to_owned(),
        scenario,
        world,
        model,
        platform,
        profile: hash(profile),
        steps: hash(steps),
        runs: stored.runs.iter().map(run).collect(),
    };
    Ok(serde_json::to_string_pretty(&whole)? + "\n")
}

/// Reads the file's text. A metric that this version does not have is left out.
///
/// # Errors
/// A sentence that says what is wrong with it, and where.
pub fn read_stored(text: &[u8]) -> Result<Stored, String> {
    let whole: Whole = serde_json::from_slice(text).map_err(|error| error.to_string())?;
    if whole.format != FORMAT {
        return Err(format!("format {}; this holdline reads format {FORMAT}", whole.format));
    }
    let hash = |name: &str, text: &str| {
        u64::from_str_radix(text, 16)
            .map_err(|_| format!("`{name}` is `{text}`, and no hexadecimal number"))
    };
    let mut runs = BTreeMap::new();
    for run in whole.runs {
        let known = run.metrics.into_iter().filter_map(|(name, number)| {
            let metric = Metric::parse(&name)?;
            Some((metric, number.map(|number| Value::of(metric.unit(), number))))
        });
        if runs.insert(run.seed, known.collect()).is_some() {
            return Err(format!("seed {} stands twice", run.seed));
        }
    }
    let stamp = Stamp {
        scenario: whole.scenario,
        world: whole.world,
        model: whole.model,
        platform: whole.platform,
        profile: hash("profile", &whole.profile)?,
        steps: hash("steps", &whole.steps)?,
    };
    Ok(Stored { stamp, runs })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::{Options, play};
    use crate::scenario::{Presets, decode};

    fn stored() -> Stored {
        let text =
            "name = \"talk\"\nduration = \"1h\"\n[[step]]\nat = \"1m\"\ndo = \"user.lock\"\n";
        let scenario = decode(text, &Presets::built_in(), &[]).unwrap();
        let run = |seed| play(&scenario, Options { seed, ..Options::of(&scenario) });
        Stored::of(Stamp::of(&scenario, "sim"), &[run(1), run(2)])
    }

    #[test]
    fn what_is_stored_is_read_back() {
        let stored = stored();
        let text = write_stored(&stored).unwrap();
        assert_eq!(read_stored(text.as_bytes()).as_ref(), Ok(&stored));
        assert_eq!(write_stored(&stored).unwrap(), text);
        assert!(text.lines().any(|line| line == "        \"kills\": 0,"), "{text}");
    }

    #[test]
    fn what_is_no_stored_result_is_told() {
        let text = write_stored(&stored()).unwrap();
        let wrong = |text: String| read_stored(text.as_bytes()).unwrap_err();
        assert!(wrong(text[..90].to_owned()).contains("line"));
        assert!(wrong(text.replace("\"format\": 1", "\"format\": 7")).starts_with("format 7"));
        assert!(wrong(text.replace("\"seed\": 2", "\"seed\": 1")).contains("seed 1 stands twice"));
        assert!(wrong(text.replace("\"world\"", "\"word\"")).contains("unknown field `word`"));
        assert!(wrong(text.replace("\"kills\": 0", "\"kills\": -1")).contains("invalid value"));
    }
}
