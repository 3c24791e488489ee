//! For people or for programs: the two ways in which most commands write what they have to say.

use std::io::Write;

use super::exit::{CliError, Exit};

/// How a result is written.
#[derive(Copy, Clone, PartialEq, Eq, Debug, clap::ValueEnum)]
pub(super) enum Format {
    /// For people
    Text,
    /// One JSON object
    Json,
}

impl Format {
    /// Writes an answer: `text`, or `json` with the versions of the format and of the program.
    pub(super) fn write(
        self,
        out: &mut dyn Write,
        text: String,
        mut json: serde_json::Value,
    ) -> Result<Exit, CliError> {
        let written = match self {
            Format::Text => text,
            Format::Json => {
                json["version"] = 1.into();
                json["holdline"] = env!("CARGO_PKG_VERSION").into();
                serde_json::to_string_pretty(&json).map_err(std::io::Error::from)? + "\n"
            }
        };
        out.write_all(written.as_bytes())?;
        Ok(Exit::Passed)
    }
}
