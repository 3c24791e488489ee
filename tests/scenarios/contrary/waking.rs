//! What is changed in `scenarios/waking`.

use super::Row;

pub(super) const ROWS: &[Row] = &[];
