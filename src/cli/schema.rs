//! `holdline schema`: the language as a JSON Schema, for editors and other tools.

use std::io::Write;

use super::exit::{CliError, Exit};
use crate::scenario::{Presets, schema};

/// Print the JSON Schema of scenarios, for completion and checks in editors
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = "\
Examples:
  holdline schema > scenario.schema.json
  holdline schema | jq '.properties | keys'

A scenario that begins with this line is completed by editors that know Taplo:
  #:schema ./scenario.schema.json

The schema is draft-07 and has the names of all bundled presets. It sees less
than `holdline validate`: not what names a step or a push, nor how times follow
each other. docs/editors.md says how to set up an editor.")]
pub(super) struct SchemaArgs {}

/// Prints the schema.
pub(super) fn run(_: &SchemaArgs, out: &mut dyn Write) -> Result<Exit, CliError> {
    let schema = schema(&Presets::built_in());
    let text = serde_json::to_string_pretty(&schema).map_err(std::io::Error::from)?;
    writeln!(out, "{text}")?;
    Ok(Exit::Passed)
}
