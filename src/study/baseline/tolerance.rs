//! How much worse a metric may be than what is stored: `tolerances.toml`.

use std::collections::BTreeMap;
use std::ops::Range;

use toml::de::{DeTable, DeValue};

use crate::metrics::{Metric, Value};
use crate::settings::{Setting, Share, nearest, scalar};

/// How much worse a metric may be.
#[derive(Copy, Clone, PartialEq, Debug)]
pub enum Allowance {
    /// By so much.
    By(Value),
    /// By this part of what is stored.
    Part(Share),
    /// It does not matter.
    Any,
}

/// What is tolerated: for all scenarios, and for some.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Tolerances {
    default: Table,
    scenarios: BTreeMap<String, Table>,
}

/// One table of the file.
#[derive(Clone, PartialEq, Debug, Default)]
struct Table {
    all: Option<Allowance>,
    metrics: BTreeMap<Metric, Allowance>,
}

/// What is tolerated in one scenario.
#[derive(Copy, Clone, Debug)]
pub struct Rules<'t> {
    own: Option<&'t Table>,
    default: &'t Table,
}

impl Tolerances {
    /// What is tolerated in the scenario of this name, which is its path below the stored results.
    pub fn rules(&self, scenario: &str) -> Rules<'_> {
        Rules { own: self.scenarios.get(scenario), default: &self.default }
    }

    /// The scenarios that have a table of their own.
    pub fn scenarios(&self) -> impl Iterator<Item = &str> {
        self.scenarios.keys().map(String::as_str)
    }
}

impl Rules<'_> {
    /// What is nearest counts: the metric in the scenario's table, all metrics there, then the same of the
    /// default. Without any, nothing may be worse: the same seed gives the same run.
    fn of(&self, metric: Metric) -> Allowance {
        let tables = self.own.into_iter().chain([self.default]);
        let mut found =
            tables.filter_map(|table| table.metrics.get(&metric).copied().or(table.all));
        found.next().unwrap_or(Allowance::By(Value::of(metric.unit(), 0)))
    }

    /// The worst value that is tolerated where `stored` is stored; `None` when every value is.
    pub fn limit(&self, metric: Metric, stored: Value) -> Option<Value> {
        use crate::metrics::Better;
        let by = match self.of(metric) {
            Allowance::By(value) => value.number(),
            Allowance::Part(share) => {
                let part = u128::from(stored.number()) * u128::from(share.ppm()) / 1_000_000;
                u64::try_from(part).unwrap_or(u64::MAX)
            }
            Allowance::Any => return None,
        };
        let number = match metric.better() {
            Better::Lower => stored.number().saturating_add(by),
            Better::Higher => stored.number().saturating_sub(by),
            Better::Neither => return None,
        };
        Some(Value::of(metric.unit(), number))
    }
}

/// Reads the file: `[default]` and `[scenario."folder/name"]`, in each `all` or metrics, as an amount in the
/// metric's unit, `{ relative = "10%" }` or `"any"`.
///
/// # Errors
/// A sentence with the line that is wrong.
pub fn read_tolerances(text: &str) -> Result<Tolerances, String> {
    let at = |span: Range<usize>, message: String| {
        let line = text.get(..span.start).unwrap_or(text).matches('\n').count() + 1;
        format!("line {line}: {message}")
    };
    let document = DeTable::parse(text)
        .map_err(|error| at(error.span().unwrap_or(0..0), error.message().to_owned()))?;
    let mut found = Tolerances::default();
    for (key, value) in document.get_ref() {
        let name = key.get_ref().as_ref();
        let wrong = |message: &str| at(key.span(), format!("`{name}` {message}"));
        let DeValue::Table(inside) = value.get_ref() else {
            return Err(wrong("is no table; write [default] or [scenario.\"folder/name\"]"));
        };
        match name {
            "default" => found.default = table(inside, &at)?,
            "scenario" => {
                for (scenario, value) in inside {
                    let DeValue::Table(inside) = value.get_ref() else {
                        let message = format!("`{}` is no table", scenario.get_ref());
                        return Err(at(scenario.span(), message));
                    };
                    found.scenarios.insert(scenario.get_ref().to_string(), table(inside, &at)?);
                }
            }
            _ => return Err(wrong("is neither `default` nor `scenario`")),
        }
    }
    Ok(found)
}

fn table(
    inside: &DeTable<'_>,
    at: &impl Fn(Range<usize>, String) -> String,
) -> Result<Table, String> {
    let mut table = Table::default();
    let mut entries = Vec::new();
    flatten("", inside, &mut entries);
    for (name, value, span) in entries {
        let wrong = |message: String| at(span.clone(), format!("`{name}`: {message}"));
        if name == "all" {
            table.all = Some(allowance(None, value).map_err(wrong)?);
            continue;
        }
        let Some(metric) = Metric::parse(&name) else {
            let near = nearest(&name, Metric::SPELLINGS.iter().copied());
            let hint = near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
            return Err(wrong(format!("there is no such metric{hint}")));
        };
        table.metrics.insert(metric, allowance(Some(metric), value).map_err(wrong)?);
    }
    Ok(table)
}

/// Keys with dots, which TOML takes for tables in tables, with their values. Of an inline table that is a value,
/// `relative` is the only key.
fn flatten<'a>(
    prefix: &str,
    table: &'a DeTable<'a>,
    entries: &mut Vec<(String, &'a DeValue<'a>, Range<usize>)>,
) {
    for (key, value) in table {
        let name = format!("{prefix}{}", key.get_ref());
        match value.get_ref() {
            DeValue::Table(inside) if inside.get("relative").is_none() => {
                flatten(&format!("{name}."), inside, entries);
            }
            DeValue::Table(_)
            | DeValue::String(_)
            | DeValue::Integer(_)
            | DeValue::Float(_)
            | DeValue::Boolean(_)
            | DeValue::Datetime(_)
            | DeValue::Array(_) => entries.push((name, value.get_ref(), key.span())),
        }
    }
}

fn allowance(metric: Option<Metric>, value: &DeValue<'_>) -> Result<Allowance, String> {
    let shape = "write an amount, { relative = \"10%\" } or \"any\"";
    if let DeValue::Table(table) = value {
        let value = table.get("relative").filter(|_| table.len() == 1);
        let value = value.map(|value| scalar(value.get_ref())).ok_or(shape)?;
        return Share::read(&value).map(Allowance::Part);
    }
    let value = scalar(value);
    if value.text() == Ok("any") {
        return Ok(Allowance::Any);
    }
    let Some(metric) = metric else {
        return Err("for all metrics write { relative = \"10%\" } or \"any\"".into());
    };
    Value::read(metric.unit(), &value).map(Allowance::By)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::port::Span;

    const FILE: &str = "[default]\nall = { relative = \"10%\" }\npush.latency.max = \"50ms\"\n\
        \"wakes\" = \"any\"\n[scenario.\"net/nat\"]\nwakes = 2\nreachable = \"1%\"\n";

    #[test]
    fn the_nearest_tolerance_counts() {
        let tolerances = read_tolerances(FILE).unwrap();
        let limit = |scenario: &str, metric, number| {
            let stored = Value::of(Metric::unit(metric), number);
            tolerances.rules(scenario).limit(metric, stored).map(Value::number)
        };
        assert_eq!(limit("net/nat", Metric::Wakes, 10), Some(12));
        assert_eq!(limit("other", Metric::Wakes, 10), None);
        assert_eq!(limit("net/nat", Metric::Connects, 10), Some(11));
        assert_eq!(limit("net/nat", Metric::Reachable, 900_000), Some(890_000));
        let late = Span::from_millis(150).as_micros();
        assert_eq!(limit("x", Metric::PushLatencyMax, 100_000), Some(late));
        assert_eq!(tolerances.scenarios().collect::<Vec<_>>(), ["net/nat"]);
    }

    #[test]
    fn without_a_file_nothing_may_be_worse() {
        let none = Tolerances::default();
        let limit = none.rules("x").limit(Metric::Kills, Value::Count(3));
        assert_eq!(limit, Some(Value::Count(3)));
        assert_eq!(none.rules("x").limit(Metric::PushAccepted, Value::Count(3)), None);
    }

    #[test]
    fn what_cannot_be_read_is_told_with_its_line() {
        let wrong = |text: &str| read_tolerances(text).unwrap_err();
        assert_eq!(
            wrong("[default]\nwake = 1\n"),
            "line 2: `wake`: there is no such metric; did you mean `wakes`?"
        );
        assert!(wrong("[default]\nall = 3\n").starts_with("line 2: `all`: for all metrics write"));
        assert!(wrong("[default]\nwakes = \"50ms\"\n").starts_with("line 2: `wakes`: "));
        assert!(
            wrong("[default]\nwakes = { relative = \"x\" }\n").starts_with("line 2: `wakes`: ")
        );
        assert_eq!(wrong("wakes = 1\n").find("line 1: `wakes` is no table"), Some(0));
        assert!(wrong("[else]\n").contains("neither `default` nor `scenario`"));
        assert!(wrong("[default\n").starts_with("line 1: "));
    }
}
