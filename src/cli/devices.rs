//! `holdline devices`: whom a running server knows.

use std::io::Write;

use serde_json::{Value, json};

use super::control::{Ask, ControlArgs, path_of};
use super::exit::{CliError, Exit, with_exit_codes_of_no_verdict};
use super::format::Format;

macro_rules! examples {
    () => {
        "\
Examples:
  holdline devices
  holdline devices alice
  holdline devices --format json"
    };
}

/// List the devices of a running server: who is connected, and for whom pushes wait
#[derive(Clone, Debug, clap::Args)]
#[command(
    after_help = examples!(),
    after_long_help = with_exit_codes_of_no_verdict!(examples!()),
)]
pub(super) struct DevicesArgs {
    /// Only this one
    #[arg(value_name = "DEVICE")]
    device: Option<String>,

    #[command(flatten)]
    server: ControlArgs,

    /// How to write the answer
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

/// Lists them.
pub(super) fn run(args: &DevicesArgs, out: &mut dyn Write) -> Result<Exit, CliError> {
    let devices = match &args.device {
        Some(device) => vec![args.server.ask(Ask::get(path_of(Some(device), "")?))?],
        None => all(&args.server)?,
    };
    args.format.write(out, table(&devices), json!({ "devices": devices }))
}

/// All pages. Who comes or goes meanwhile may be missing.
fn all(server: &ControlArgs) -> Result<Vec<Value>, CliError> {
    let mut devices = Vec::new();
    let mut path = String::from("/v1/devices?limit=1000");
    loop {
        let mut page = server.ask(Ask::get(&*path))?;
        if let Some(more) = page["devices"].as_array_mut() {
            devices.append(more);
        }
        let Some(next) = page["next"].as_str() else { return Ok(devices) };
        path = format!("/v1/devices?limit=1000&after={next}");
    }
}

fn table(devices: &[Value]) -> String {
    if devices.is_empty() {
        return "nobody is connected, and no pushes wait\n".to_owned();
    }
    let head = ["DEVICE", "OVER", "ADDRESS", "CONNECTED", "HEARD", "WAITING"].map(str::to_owned);
    let cell = |device: &Value, field: &str| match &device[field] {
        Value::String(text) => text.clone(),
        Value::Null => "-".to_owned(),
        other @ (Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_)) => {
            other.to_string()
        }
    };
    let fields = ["device", "transport", "address", "connected_for", "heard_ago", "waiting"];
    let rows = devices.iter().map(|device| fields.map(|field| cell(device, field)));
    let rows: Vec<[String; 6]> = std::iter::once(head).chain(rows).collect();
    let width = |column: usize| rows.iter().map(|row| row[column].len()).max().unwrap_or(0);
    let widths = [0, 1, 2, 3, 4, 5].map(width);
    let mut out = String::new();
    for row in &rows {
        let cells = row.iter().zip(widths).map(|(cell, width)| format!("{cell:<width$}"));
        out.push_str(cells.collect::<Vec<_>>().join("  ").trim_end());
        out.push('\n');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_device_that_is_not_connected_has_dashes() {
        let devices = [
            json!({ "device": "alice", "transport": "tcp", "address": "127.0.0.1:5",
                "connected_for": "1m 3s", "heard_ago": "12s", "waiting": 0 }),
            json!({ "device": "bob", "transport": null, "address": null,
                "connected_for": null, "heard_ago": null, "waiting": 2 }),
        ];
        assert_eq!(
            table(&devices),
            "DEVICE  OVER  ADDRESS      CONNECTED  HEARD  WAITING\n\
             alice   tcp   127.0.0.1:5  1m 3s      12s    0\n\
             bob     -     -            -          -      2\n"
        );
    }
}
