//! What is changed in `scenarios/sip`.

use super::Row;

pub(super) const ROWS: &[Row] = &[];
