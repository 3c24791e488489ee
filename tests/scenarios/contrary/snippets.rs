//! What is changed in `scenarios/snippets`.

use super::Row;

pub(super) const ROWS: &[Row] = &[];
