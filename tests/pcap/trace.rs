//! The trace of the run that was captured.

use std::path::Path;

use serde_json::Value;

/// What happened, as the trace has it.
pub(crate) struct Trace(Vec<Value>);

impl Trace {
    pub(crate) fn read(path: &Path) -> Trace {
        let text = std::fs::read_to_string(path)
            .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        Trace(text.lines().skip(1).map(|line| serde_json::from_str(line).unwrap()).collect())
    }

    fn all(&self, event: &str) -> impl Iterator<Item = &Value> {
        self.0.iter().filter(move |value| value["event"] == event)
    }

    /// The frames of a connection that arrived from an end, in order.
    pub(crate) fn arrived(&self, device: u64, connection: u64, from: &str) -> Vec<&str> {
        self.all("arrived")
            .filter(|value| value["device"] == device && value["connection"] == connection)
            .filter(|value| value["from"] == from)
            .filter_map(|value| value["frame"].as_str())
            .collect()
    }

    /// When each end sent something again that left it: by time and end. A phone without the address of a connection
    /// sends nothing.
    pub(crate) fn retransmitted(&self) -> Vec<(u64, &str)> {
        let at = |value: &Value| value["t"].as_u64().unwrap();
        let kept = |again: &&Value| {
            self.all("lost").any(|lost| {
                let here = at(lost) == at(again) && lost["connection"] == again["connection"];
                let cause = lost["cause"].as_str().unwrap();
                here && lost["device"] == again["device"]
                    && lost["from"] == "phone"
                    && again["from"] == "phone"
                    && ["no-interface", "old-address"].contains(&cause)
            })
        };
        let again = self.all("retransmitted").filter(|again| !kept(again));
        again.map(|value| (at(value), value["from"].as_str().unwrap())).collect()
    }
}
