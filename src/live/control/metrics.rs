//! The counters as Prometheus reads them: its text format, version 0.0.4.

use std::fmt::Write;

use crate::live::server::api::Stats;

/// What `GET /metrics` says it is.
pub(super) const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// The text. All samples of a name stand together, as the format wants it.
pub(super) fn text(stats: &Stats) -> String {
    let mut out = String::new();
    for (place, first) in stats.values.iter().enumerate() {
        if stats.values[..place].iter().any(|earlier| earlier.name == first.name) {
            continue;
        }
        let kind = if first.counter { "counter" } else { "gauge" };
        let help = first.help.replace('\\', "\\\\").replace('\n', "\\n");
        // Writing to a string does not fail.
        let _ = writeln!(out, "# HELP {} {help}\n# TYPE {} {kind}", first.name, first.name);
        for stat in stats.values[place..].iter().filter(|stat| stat.name == first.name) {
            let _ = match stat.label {
                Some((label, value)) => {
                    let value = value.replace('\\', "\\\\").replace('"', "\\\"");
                    let value = value.replace('\n', "\\n");
                    writeln!(out, "{}{{{label}=\"{value}\"}} {}", stat.name, stat.value)
                }
                None => writeln!(out, "{} {}", stat.name, stat.value),
            };
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::live::server::api::Stat;

    #[test]
    fn samples_of_one_name_share_its_help_and_type() {
        let stat = |name, label, value| Stat {
            name,
            help: "Says\nso.",
            counter: name == "b_total",
            label,
            value,
        };
        let values = vec![
            stat("b_total", Some(("reason", "x\"y")), 1),
            stat("a", None, u64::MAX),
            stat("b_total", Some(("reason", "z")), 2),
        ];
        assert_eq!(
            text(&Stats { values }),
            "# HELP b_total Says\\nso.\n# TYPE b_total counter\n\
             b_total{reason=\"x\\\"y\"} 1\nb_total{reason=\"z\"} 2\n\
             # HELP a Says\\nso.\n# TYPE a gauge\na 18446744073709551615\n"
        );
    }
}
