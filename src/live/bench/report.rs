//! What all runs measured: medians, how far they spread, and the ratios, as text and as JSON.

use serde::Serialize;

use super::machine::Machine;
use super::measure::Sample;
use super::orders::Kind;
use super::plan::{Plan, Shares};
use super::rows::{Row, Unit};

/// What all runs measured.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Report {
    /// On what.
    pub machine: Machine,
    /// How many connections.
    pub connections: u32,
    /// How many processes served them, of each kind.
    pub servers: u32,
    /// How many processes drove them.
    pub generators: u32,
    /// How many runs.
    pub runs: u32,
    /// How many deliveries a run counted at each kind of server, each once.
    pub deliveries: u64,
    /// The numbers.
    pub rows: Vec<Line>,
}

/// One row of numbers.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Line {
    /// What, for programs.
    pub key: &'static str,
    /// What, for people.
    #[serde(skip)]
    pub name: &'static str,
    /// `bytes`, `1/s`, `us` or `%`.
    pub unit: &'static str,
    /// The echo server's; absent where the system does not say.
    pub echo: Option<Spread>,
    /// The push server's.
    pub holdline: Option<Spread>,
    /// The push server's median over the echo server's.
    pub ratio: Option<f64>,
}

/// The numbers of all runs.
#[derive(Copy, Clone, PartialEq, Debug, Serialize)]
pub struct Spread {
    /// The smallest.
    pub min: f64,
    /// The one in the middle.
    pub median: f64,
    /// The largest.
    pub max: f64,
}

impl Spread {
    fn of(mut values: Vec<f64>) -> Option<Spread> {
        values.sort_by(f64::total_cmp);
        let (min, max) = (*values.first()?, *values.last()?);
        let (left, right) = (values[(values.len() - 1) / 2], values[values.len() / 2]);
        Some(Spread { min, median: (left + right) / 2.0, max })
    }
}

impl Report {
    pub(super) fn of(plan: &Plan, shares: Shares, samples: &[(Kind, Sample)]) -> Report {
        let spread = |kind: Kind, row: Row| {
            let of_kind = samples.iter().filter(|(of, _)| *of == kind);
            Spread::of(of_kind.filter_map(|(_, sample)| sample.get(&row).copied()).collect())
        };
        let line = |(row, key, name, unit): &(Row, &'static str, &'static str, Unit)| {
            let (echo, holdline) = (spread(Kind::Echo, *row), spread(Kind::Holdline, *row));
            let ratio = echo.zip(holdline).map(|(echo, holdline)| holdline.median / echo.median);
            let ratio = ratio.filter(|ratio| ratio.is_finite());
            Line { key, name, unit: unit.name(), echo, holdline, ratio }
        };
        Report {
            machine: Machine::this(),
            connections: plan.connections,
            servers: shares.servers,
            generators: shares.generators,
            runs: plan.runs,
            deliveries: u64::from(plan.connections) * (u64::from(plan.rounds) + 1)
                + u64::from(plan.messages),
            rows: Row::all().iter().map(line).collect(),
        }
    }

    /// For people.
    pub fn text(&self) -> String {
        let mut out = format!("{}\n", self.head());
        out.push_str(&format!("\n{:<38}{:>26}{:>26}{:>8}\n", "", "echo", "holdline", "ratio"));
        for line in &self.rows {
            let number = |spread: Option<Spread>| match spread {
                Some(spread) => number(spread, line.unit),
                None => "-".to_owned(),
            };
            let ratio = line.ratio.map_or("-".to_owned(), |ratio| format!("{ratio:.2}"));
            let (echo, holdline) = (number(line.echo), number(line.holdline));
            let name = format!("{} ({})", line.name, line.unit);
            out.push_str(&format!("{name:<38}{echo:>26}{holdline:>26}{ratio:>8}\n"));
        }
        out
    }

    fn head(&self) -> String {
        let Machine { cores, processor, kernel, memory } = &self.machine;
        let processor = processor.as_deref().unwrap_or("processor not disclosed");
        let memory = memory.map_or("unknown".into(), |bytes| {
            format!("{:.1} GiB", bytes as f64 / f64::from(1 << 30))
        });
        let (servers, generators) = (self.servers, self.generators);
        format!(
            "{cores} cores ({processor}), {memory} of memory, {kernel}\n\
             {} connections, servers: {servers}, generators: {generators}; \
             {} deliveries a run and server, each counted once\n\
             medians (and extremes) of {} runs that took turns; \
             memory is heap and stacks, CPU that of all threads",
            grouped(f64::from(self.connections)),
            grouped(self.deliveries as f64),
            self.runs
        )
    }
}

fn number(spread: Spread, unit: &str) -> String {
    let Spread { min, median, max } = spread;
    let text = |value: f64| {
        if unit == "us" && value < 100.0 { format!("{value:.1}") } else { grouped(value) }
    };
    format!("{} ({}–{})", text(median), text(min), text(max))
}

/// A whole number with commas.
fn grouped(value: f64) -> String {
    let digits = format!("{:.0}", value.abs());
    let mut out = if value <= -0.5 { "-".to_owned() } else { String::new() };
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_of_an_even_number_lies_between_the_middle_two() {
        let spread = |values: &[f64]| Spread::of(values.to_vec());
        assert_eq!(spread(&[4.0, 1.0, 2.0, 9.0]).map(|s| s.median), Some(3.0));
        assert_eq!(
            spread(&[3.0, 1.0, 2.0]).map(|s| (s.min, s.median, s.max)),
            Some((1.0, 2.0, 3.0))
        );
        assert_eq!(spread(&[]), None);
    }

    #[test]
    fn long_numbers_are_grouped() {
        let texts = [0.4, 999.0, 1_000.0, -1_234_567.0].map(grouped);
        assert_eq!(texts, ["0", "999", "1,000", "-1,234,567"]);
    }
}
